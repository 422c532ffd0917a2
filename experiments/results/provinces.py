"""Provinces over time: the index of their small and medium banks, and what a scenario changes in it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from agents.honeycomb import KINDS, SMALL_KINDS
from experiments.results.parquet import TableWriter
from experiments.results.schema import QUARTER, SCENARIO, number, share, table, text, with_ends
from experiments.results.statistics import interval, mean_of_present, probability
from experiments.runs.merged import Merged

PROVINCES: Final = table(
    "one province at one year's end: the index of its small and medium banks, and what the scenario changes in it",
    SCENARIO,
    QUARTER,
    text("province", "two-letter code"),
    number("banks", "small and medium banks at the start", "banks"),
    number("index", "mean index of those still there, median over runs", "points"),
    with_ends(
        "effect",
        "paired change of that mean, drawn toward that of all small and medium banks; missing for a baseline",
        "points",
    ),
    share("probability", "runs in which it rises"),
    with_ends("raw", "the same without drawing", "points"),
    share("weight", "weight of the province's own banks, as they spread at the study's end"),
)


def write_provinces(merged: Merged, folder: Path) -> None:
    """Write provinces.parquet, where the study holds a year's end."""
    if not merged.survey_quarters:
        return
    levels = {"scenario": merged.scenarios, "quarter": merged.survey_quarters, "province": merged.provinces}
    with TableWriter(folder / "provinces.parquet", PROVINCES, levels) as written:
        for s in range(len(merged.scenarios)):
            for row in provinces_of(merged, s):
                places = {key: levels[key].index(row[key]) for key in levels}
                written.add((1,), **(row | places))


def provinces_of(merged: Merged, s: int, last_only: bool = False) -> Iterator[dict[str, Any]]:
    """Rows of a scenario against its baseline, by year's end and province.

    A province counts for as much as its own banks tell (``weight``) and otherwise takes the mean of all, which is that
    of the index of small and medium banks in every other table.
    """
    runs, base, ends = merged.chunks, merged.base[s], merged.places("survey")
    ours, theirs = (
        np.concatenate([chunk.read("province_index", one) for chunk in runs]) for one in (s, base)
    )
    members = members_of(merged)
    missing = dict.fromkeys(PROVINCES.names[PROVINCES.names.index("effect") :], np.nan)
    weights = np.ones(len(members))
    if s != base:
        change = np.concatenate(
            [chunk.read("bank_index", s) - chunk.read("bank_index", base) for chunk in runs]
        )
        weights = pooling([change[:, banks] for banks in members.values()])
        small = np.concatenate([block[:, ends, -1] for _, block in merged.paired(s, "true", "index")])
    years = range(len(ends))[-1:] if last_only else range(len(ends))
    for year in years:
        for place, (code, banks) in enumerate(members.items()):
            level, own = ours[:, year, place], ours[:, year, place] - theirs[:, year, place]
            left = np.isfinite(own)
            if not left.any():
                continue
            row = {"scenario": merged.scenarios[s], "quarter": merged.survey_quarters[year], "province": code,
                   "banks": len(banks), "index": float(np.nanmedian(level)), **missing}  # fmt: skip
            if s != base:
                whole, weight = small[left, year], float(weights[place])
                pooled = weight * own[left] + (1.0 - weight) * whole
                row |= interval(pooled) | interval(own[left], "raw")
                row |= {"probability": probability(pooled), "weight": weight}
            yield row


def members_of(merged: Merged) -> dict[str, np.ndarray]:
    """Positions of the small and medium banks of each province; large banks have their head offices in a few cities."""
    small = np.isin(merged.bank_kind, [KINDS.index(kind) for kind in SMALL_KINDS])
    return {code: np.flatnonzero(small & (merged.bank_province == code)) for code in merged.provinces}


def pooling(groups: list[np.ndarray]) -> np.ndarray:
    """How much each group counts for by itself, ``tau2 / (tau2 + s2/n)`` (random effects, method of moments).

    Parameters
    ----------
    groups : list of ndarray, shape (runs, banks of the group)
        Paired changes.

    Returns
    -------
    ndarray, shape (groups,)
        0 (takes the mean of all) to 1 (keeps its own).
    """
    by_bank = [mean_of_present(group.T) for group in groups]
    by_bank = [values[np.isfinite(values)] for values in by_bank]
    means = np.array([values.mean() if len(values) else np.nan for values in by_bank])
    sizes = np.array([len(values) for values in by_bank], float)
    within = [values.var(ddof=1) * (len(values) - 1) for values in by_bank if len(values) > 1]
    free = sum(size - 1 for size in sizes if size > 1)
    noise = sum(within) / free if free else 0.0
    some = sizes > 0
    if some.sum() < 3 or noise == 0:
        return np.ones(len(groups))
    between = max(float(means[some].var(ddof=1) - (noise / sizes[some]).mean()), 0.0)
    return np.divide(between * sizes, between * sizes + noise, out=np.zeros(len(groups)), where=some)
