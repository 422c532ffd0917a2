"""What the page shows of a question, from the chunks computed so far: each number by the definition of the tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import networkx as nx
import numpy as np

from agents.honeycomb import DIMENSIONS, PAYERS
from experiments.analysis.winners import by_group
from experiments.app.setting import BASE, PAGE
from experiments.config.assembly import Coverage
from experiments.results.statistics import describe, mean_interval, probability
from experiments.runs.merged import KINDS_AND_ALL, Merged

GAP: Final = "rural_city_gap"
ALWAYS: Final = (*DIMENSIONS, "index", GAP)
LEVEL, EFFECT = "level", "effect"
Path = dict[str, np.ndarray]


@dataclass(frozen=True)
class Answer:
    """A question answered by so many runs.

    Parameters
    ----------
    runs : int
    quarters : tuple of str
    paths : dict
        By scenario, quantity (level or effect) and variable: what `statistics.describe` says, each (quarters, kinds);
        kinds are those of the tables, the last all small and medium banks.
    ends : dict
        By variable and kind: the paired effect in the last quarter in which it is measured.
    costs : dict
        By payer and ``total``: cost beyond the baseline, million yuan over all years, mean and 90 % interval.
    groups : list of dict
        Rows of `analysis.winners`.
    reach : Coverage or None
        Whom the levers reach together.
    networks : dict of str to bytes
        GraphML of the first run by scenario and quarter, with the first answer that has it.
    """

    runs: int
    quarters: tuple[str, ...]
    paths: dict[tuple[str, str, str], Path]
    ends: dict[tuple[str, str], dict[str, float]]
    costs: dict[str, dict[str, float]]
    groups: list[dict[str, Any]]
    reach: Coverage | None = None
    networks: dict[str, bytes] = field(default_factory=dict)

    def path(self, scenario: str, quantity: str, variable: str, kind: str) -> Path:
        """One line of a figure, at the quarters in which it is measured."""
        whole = self.paths[scenario, quantity, variable]
        place = KINDS_AND_ALL.index(kind)
        there = whole["runs"][:, place] > 0
        quarters = whole["quarter"][there]
        return {name: v[there, place] for name, v in whole.items() if name != "quarter"} | {
            "quarter": quarters
        }


def answer(
    merged: Merged,
    asked: Iterable[str] = (),
    reach: Coverage | None = None,
) -> Answer:
    """Work out what the page shows.

    Parameters
    ----------
    merged : Merged
        Chunks of a study of two scenarios, the second compared with the first.
    asked : iterable of str
        Variables to follow beside the scores: what is looked at, and what the levers aim at.
    reach : Coverage or None
    """
    known = merged.variables("true")
    shown = [v for v in dict.fromkeys((*ALWAYS, *asked)) if v in known]
    base, page = merged.scenarios.index(BASE), merged.scenarios.index(PAGE)
    paths: dict[tuple[str, str, str], Path] = {}
    ends: dict[tuple[str, str], dict[str, float]] = {}
    for variable in shown:
        levels = [_whole(merged, s, variable) for s in (base, page)]
        change = levels[1] - levels[0]
        quarters = np.array(merged.quarters_of("true", variable))
        numbers = described(np.stack([*levels, change], axis=1))
        for place, (name, quantity) in enumerate(((BASE, LEVEL), (PAGE, LEVEL), (PAGE, EFFECT))):
            path = {key: number[place] for key, number in numbers.items()}
            paths[name, quantity, variable] = {**path, "quarter": quarters}
        values = {name: number[2] for name, number in numbers.items()}
        for k, name in enumerate(KINDS_AND_ALL):
            measured = np.flatnonzero(values["runs"][:, k] == len(change))
            if measured.size:
                at = measured[-1], k
                ends[variable, name] = {
                    key: float(values[q][at]) + 0.0
                    for key, q in (("effect", "q50"), ("effect_low", "q05"), ("effect_high", "q95"))
                } | {"probability": probability(change[:, at[0], k])}
    paid = _costs(merged, page) - _costs(merged, base)
    named = {payer: paid[:, k] for k, payer in enumerate(PAYERS)} | {"total": paid.sum(1)}
    first = merged.chunks[0]
    return Answer(
        runs=len(merged.replicates),
        quarters=merged.quarters,
        paths=paths,
        ends=ends,
        costs={payer: mean_interval(cost, "cost") for payer, cost in named.items()},
        groups=by_group(merged, {PAGE: BASE}),
        reach=reach,
        networks={
            name: first[f"graphs/{name}"].tobytes()
            for name in (first.names("graphs/") if len(merged.chunks) == 1 else ())
        },
    )


def described(values: np.ndarray) -> Path:
    """Describe a variable over its runs, the first axis."""
    numbers = describe(np.ascontiguousarray(np.moveaxis(values, 0, -1)))
    return {name: np.broadcast_to(number, values.shape[1:]) for name, number in numbers.items()}


def _whole(merged: Merged, scenario: int, variable: str) -> np.ndarray:
    """A variable in every run, shape (replicates, quarters, kinds)."""
    return np.concatenate([block for _, block in merged.parts(scenario, "true", variable)])


def _costs(merged: Merged, scenario: int) -> np.ndarray:
    """What each payer pays over all years, million yuan, shape (replicates, payers)."""
    parts = [chunk.read("costs", scenario) for chunk in merged.chunks]
    return np.concatenate([part.sum(axis=(1, 2, 4)) for part in parts])


def network_of(content: bytes) -> nx.Graph:
    """A network as it was kept."""
    return nx.parse_graphml(content.decode())
