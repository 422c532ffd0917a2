"""Who wins and who loses: groups of banks, with provinces of few drawn toward the mean, and by how unlike banks are."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Final

import numpy as np

from agents.honeycomb import KINDS
from experiments.analysis.case import Case
from experiments.analysis.registry import Row, estimated, method
from experiments.results.distribution import BANDS, EDGES, groups_of, members_of, provinces_of
from experiments.results.schema import SCENARIO, number, table, text
from experiments.results.statistics import equal_parts, estimate, mean_of_present
from experiments.runs.merged import Merged

TABLE: Final = table(
    "paired change of the index of one group of banks, pooled among provinces",
    SCENARIO,
    text("grouping", "kind, size_quintile or province"),
    text("group", "name of the group"),
    number("banks", "banks in the group", "banks"),
    estimated(),
    number("raw", "median without pooling", "points"),
    number("weight", "weight of the group's own banks", "0-1"),
    tuple(number(band, "share of banks", "0-1") for band in BANDS),
)


@method(winners=TABLE)
def winners(case: Case) -> Iterator[Row]:
    """Mean paired change of the index by kind, size quintile and province (small and medium banks).

    Yields
    ------
    dict
        ``winners``: ``effect`` is partially pooled among the provinces of a scenario: a province counts for as much
        as its own banks tell (``weight``, 0-1) and otherwise takes the mean of all; ``raw`` is not pooled. The other
        groups are whole and keep their own mean. The five bands are shares of banks, mean over the runs.
    """
    assert case.merged is not None
    return by_group(case.merged, case.pairs)


def by_group(merged: Merged, pairs: Mapping[str, str]) -> Iterator[Row]:
    """Work out the rows of `winners`.

    Parameters
    ----------
    merged : Merged
    pairs : mapping of str to str
        Scenario and its baseline.
    """
    for label, base in pairs.items():
        s, b = merged.scenarios.index(label), merged.scenarios.index(base)
        change = merged.in_every_run("bank_index", s) - merged.in_every_run("bank_index", b)
        for grouping, group, members in groups_of(merged):
            if grouping != "province":
                mean = mean_of_present(change[:, members])
                of = {"scenario": label, "grouping": grouping, "group": group, "banks": len(members)}
                own = {"weight": 1.0, "raw": float(np.median(mean))}
                yield {**of, **estimate(mean), **own, **band_shares(change[:, members])}
        places = members_of(merged)
        for line in provinces_of(merged, s, last_only=True):
            group = line["province"]
            of = {"scenario": label, "grouping": "province", "group": group}
            yield {**line, **of, **band_shares(change[:, places[group]])}


def band_shares(change: np.ndarray) -> dict[str, float]:
    """Share of banks in each of the five bands of change, mean over the runs."""
    change = change[np.isfinite(change)]  # without those that were merged away
    side = [(change < edge).mean() for edge in EDGES[:2]] + [(change <= edge).mean() for edge in EDGES[2:]]
    return dict(zip(BANDS, map(float, np.diff([0.0, *side, 1.0])), strict=True))


FEWEST = 2  # rural institutions that make a spread
BY_SPREAD: Final = table(
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
    estimated("difference", "first less second; for the slope, a point of dispersion", "points"),
)
SPREADS = ("alike", "middling", "unlike")


@method(dispersion=BY_SPREAD)
def dispersion(case: Case) -> Iterator[Row]:
    """Difference between two scenarios in the index of rural institutions, by the spread of a province's members.

    Yields
    ------
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
    level = {label: merged.in_every_run("bank_index", s) for s, label in enumerate(merged.scenarios)}
    for first, second in combinations(case.bundles, 2):
        base = level[case.pairs[first]]
        apart = level[first] - level[second]
        kept = [members for members in groups if _spreads(base[:, members]) and _spreads(apart[:, members])]
        spread = np.array([np.nanstd(base[:, members], 1, ddof=1).mean() for members in kept])
        means = [mean_of_present(apart[:, members]) for members in kept]
        for row in by_spread(spread, np.array(means).T):
            yield {"first": first, "second": second, **row}


def _spreads(values: np.ndarray) -> bool:
    """Whether enough banks of a province are left in every run, shape (runs, banks), to make a spread."""
    return bool(np.isfinite(values).sum(1).min() >= FEWEST)


def by_spread(spread: np.ndarray, apart: np.ndarray) -> list[dict[str, object]]:
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
    third = equal_parts(spread, len(SPREADS))
    parts = [(name, third == k) for k, name in enumerate(SPREADS)] + [("all", np.ones(len(spread), bool))]
    rows = [_spread_row(name, spread[part], apart[:, part].mean(1)) for name, part in parts if part.any()]
    centred = spread - spread.mean()
    if centred.any():
        rows.append(_spread_row("slope", spread, apart @ centred / (centred @ centred)))
    return rows


def _spread_row(group: str, spread: np.ndarray, values: np.ndarray) -> dict[str, object]:
    of = {"group": group, "provinces": len(spread), "dispersion": float(spread.mean())}
    return {**of, **estimate(values, "difference")}
