"""Do network effects survive a placebo: the same number of ties, shuffled; and no partners at all."""

import dataclasses
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from experiments.analysis.case import Case
from experiments.analysis.outcome import known, pick
from experiments.analysis.registry import KIND, OUTCOME, Rows, method
from experiments.results.schema import OWN_UNIT, SCENARIO, number, table, with_ends
from experiments.results.statistics import interval

SHUFFLES = 24  # networks, each shuffled in its own way
RUNS = 4  # replicates of each
NETWORKS: dict[str, dict[str, bool]] = {
    "partnerships": {"partners": True, "rewired": False},
    "rewired": {"partners": True, "rewired": True},
    "none": {"partners": False},
}
TABLE: Final = table(
    "what the network does to one outcome, beside what shuffled networks do",
    SCENARIO,
    OUTCOME,
    KIND,
    number("shuffles", "seeds, each with its own network and shuffling"),
    with_ends("network", "with partners less without any, mean over runs", OWN_UNIT),
    with_ends("shuffled", "with shuffled partners less without any, mean over runs", OWN_UNIT),
    with_ends("difference", "network less shuffled, seed by seed", OWN_UNIT),
    number("as_large", "share of shuffled networks that do at least as much as the median true one", "0-1"),
)


@method(placebo=TABLE)
def placebo(case: Case) -> Rows:
    """Compare what the network does with what shuffled networks do, over many drawings of both.

    A network and its shuffling belong to a seed, so each of the `SHUFFLES` seeds draws new ones and meets them with the
    same luck. Only ties among banks (alliances) are shuffled; vendors and large banks' exports stay. Without partners
    there are none of the three; unions, platforms and crowding are as they are throughout.

    Returns
    -------
    dict
        ``placebo``: a row for each scenario and outcome; for a scenario with a baseline, of its effect. ``network``:
        with partners less without any, mean over runs, its median and 90 % interval over seeds; ``shuffled``: the
        same for the shuffled one; ``difference``: network less shuffled, seed by seed; ``as_large``: share of shuffled
        networks whose effect is at least as large as the median of the true ones.
    """
    means = {name: _seeds(case, name) for name in NETWORKS}
    order = list(case.laboratory.scenarios)
    rows: list[dict[str, Any]] = []
    asked = dict.fromkeys(pair for label in order for pair in case.asked(label))
    for outcome, kind in known(np.concatenate(list(means.values())), list(asked)):
        values = {
            name: pick(of, outcome, kind).reshape(SHUFFLES, -1, RUNS).mean(-1) for name, of in means.items()
        }
        for s, label in enumerate(order):
            base = case.pairs.get(label)
            seen = {n: v[:, s] - (v[:, order.index(base)] if base else 0.0) for n, v in values.items()}
            row = against(seen["partnerships"] - seen["none"], seen["rewired"] - seen["none"])
            rows.append(
                {"scenario": label, "outcome": outcome, "bank_kind": kind, "shuffles": SHUFFLES, **row}
            )
    return {"placebo": rows}


def against(network: np.ndarray, shuffled: np.ndarray) -> dict[str, float]:
    """Summarise effects of true and shuffled networks, both of shape (seeds,)."""
    middle = float(np.median(network))
    beyond = shuffled >= middle if middle >= 0 else shuffled <= middle
    return {
        **interval(network, "network"),
        **interval(shuffled, "shuffled"),
        **interval(network - shuffled, "difference"),
        "as_large": float(beyond.mean()),
    }


def _seeds(case: Case, name: str) -> np.ndarray:
    """Final values under one kind of network, shape (seeds * S, R, variables, kinds)."""
    parts = []
    for shuffle in range(SHUFFLES):
        settings = case.settings.model_copy(update={"seed": case.settings.seed + shuffle})
        other = case.laboratory.under(settings)
        switches = SimpleNamespace(**{**vars(other.world.switches), **NETWORKS[name]})
        other.world = dataclasses.replace(other.world, switches=switches)
        parts.append(other.run(case.laboratory.every, range(RUNS))["values"])
    return np.concatenate(parts)
