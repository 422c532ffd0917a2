"""Two modes of one reform compared, by how unlike the members of a province are."""

from itertools import combinations
from typing import Any, Final

import numpy as np

from agents.honeycomb import KINDS
from experiments.analysis.case import Case
from experiments.analysis.registry import PROBABILITY, Frames, frame, method
from experiments.results.schema import number, table, text, with_ends
from experiments.results.statistics import interval, mean_of_present, probability

FEWEST = 2  # rural institutions that make a spread
TABLE: Final = table(
    "difference between two scenarios among rural institutions, by spread within provinces",
    text("first", "first of a pair"),
    text("second", "second of a pair"),
    text("group", "name of the group"),
    number("provinces", "provinces in the group", "provinces"),
    number(
        "dispersion",
        "mean standard deviation of the index among a province's rural institutions, baseline",
        "points",
    ),
    with_ends("difference", "first less second; for the slope, a point of dispersion", "points"),
    PROBABILITY,
)
GROUPS = ("alike", "middling", "unlike")


@method(dispersion=TABLE)
def dispersion(case: Case) -> Frames:
    """Difference between two scenarios in the index of rural institutions, by the spread of a province's members.

    Returns
    -------
    dict
        ``dispersion``: for each pair of scenarios, first less second. ``group``: ``alike``, ``middling`` and
        ``unlike`` are thirds of the provinces by the standard deviation of the index among their rural institutions
        in the baseline (``dispersion``, points); ``all`` takes all; ``slope`` is the change of the difference for one
        point more of it.
    """
    merged = case.merged
    assert merged is not None
    rural = merged.bank_kind == KINDS.index("rural")
    groups = [
        np.flatnonzero(rural & (merged.bank_province == code)) for code in sorted(set(merged.bank_province))
    ]
    groups = [members for members in groups if len(members) >= FEWEST]
    level = {
        label: np.concatenate([chunk["bank_index"][merged.scenarios.index(label)] for chunk in merged.chunks])
        for label in merged.scenarios
    }
    rows: list[dict[str, Any]] = []
    for first, second in combinations(case.bundles, 2):
        base = level[case.pairs[first]]
        apart = level[first] - level[second]
        kept = [members for members in groups if _spreads(base[:, members]) and _spreads(apart[:, members])]
        spread = np.array([np.nanstd(base[:, members], 1, ddof=1).mean() for members in kept])
        means = [mean_of_present(apart[:, members]) for members in kept]
        rows += [{"first": first, "second": second, **row} for row in by_spread(spread, np.array(means).T)]
    return {"dispersion": frame(rows, TABLE)}


def _spreads(values: np.ndarray) -> bool:
    """Whether enough banks of a province are left in every run, shape (runs, banks), to make a spread."""
    return bool(np.isfinite(values).sum(1).min() >= FEWEST)


def by_spread(spread: np.ndarray, apart: np.ndarray) -> list[dict[str, Any]]:
    """Summarise differences by thirds of the spread, over all, and as a slope.

    Parameters
    ----------
    spread : ndarray, shape (provinces,)
        Points.
    apart : ndarray, shape (runs, provinces)
        Difference between the two scenarios, points.
    """
    if not len(spread):
        return []
    third = np.argsort(np.argsort(spread, kind="stable"), kind="stable") * len(GROUPS) // len(spread)
    parts = [(name, third == k) for k, name in enumerate(GROUPS)] + [("all", np.ones(len(spread), bool))]
    rows = [_row(name, spread[part], apart[:, part].mean(1)) for name, part in parts if part.any()]
    centred = spread - spread.mean()
    if centred.any():
        rows.append(_row("slope", spread, apart @ centred / (centred @ centred)))
    return rows


def _row(group: str, spread: np.ndarray, values: np.ndarray) -> dict[str, Any]:
    found = {**interval(values, "difference"), "probability": probability(values)}
    return {"group": group, "provinces": len(spread), "dispersion": float(spread.mean()), **found}
