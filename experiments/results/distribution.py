"""Winners and losers: how each bank's index changes against the baseline, in five bands."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from agents.honeycomb import KINDS
from experiments.results.parquet import of_study
from experiments.results.schema import QUARTER, SCENARIO, TABLES, number, share, table, text, with_ends
from experiments.results.statistics import (
    ENDS,
    equal_parts,
    gained,
    intervals,
    mean_of_present,
    quantile,
)
from experiments.runs.merged import Merged

# Changes of the index in points: below -5, -5 to -1, -1 to 1, 1 to 5, above 5.
EDGES = (-5.0, -1.0, 1.0, 5.0)
BANDS = ("lose_large", "lose", "same", "gain", "gain_large")
GROUPINGS = ("kind", "size_quintile", "province")
QUINTILES = ("1", "2", "3", "4", "5")


def write_distribution(merged: Merged, folder: Path) -> None:
    """Write distribution.parquet: the mean change and the share of banks in each band, by group of banks."""
    groups = list(groups_of(merged))
    names = tuple(dict.fromkeys(name for _, name, _ in groups))
    levels = {"grouping": GROUPINGS, "group": names}
    place = {"grouping": [GROUPINGS.index(grouping) for grouping, _, _ in groups]}
    place |= {"group": [names.index(name) for _, name, _ in groups]}
    members = np.stack([np.isin(np.arange(len(merged.bank_kind)), banks) for _, _, banks in groups])
    with of_study(merged, folder, "distribution", TABLES["distribution"], **levels) as table:
        for s in merged.alternatives:
            for chunk in merged.chunks:
                change = chunk.read("bank_index", s) - chunk.read("bank_index", merged.base[s])
                bands = summary(change, members)
                there = bands["banks"] > 0
                pair = {"scenario": s, "baseline": merged.base[s]}
                axes = {"replicate": merged.replicates_of(chunk)}
                table.add(there.shape, there, axes, **pair, **place, **bands)


def groups_of(merged: Merged) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield (grouping, group, positions of its banks) for every group with at least one bank.

    A kind holds the banks that its mean counts, as in every other table; those of no stated kind stand in the quintiles
    and provinces, and with all small and medium banks.
    """
    kind, fifth, places = merged.bank_kind, equal_parts(merged.bank_assets, 5), merged.bank_province
    groups = [
        *(("kind", name, (kind == k) & merged.bank_reported) for k, name in enumerate(KINDS)),
        ("kind", "all", merged.bank_small),
        *(("size_quintile", name, fifth == q) for q, name in enumerate(QUINTILES)),
        *(("province", str(province), places == province) for province in sorted(set(places))),
    ]
    for grouping, group, members in groups:
        if members.any():
            yield grouping, group, np.flatnonzero(members)


def summary(change: np.ndarray, members: np.ndarray) -> dict[str, np.ndarray]:
    """Summarise the changes of each group's banks in each replicate.

    Parameters
    ----------
    change : ndarray, shape (replicates, banks)
        Change of the index by bank, points; NaN for a bank that has been merged away in either run.
    members : ndarray of bool, shape (groups, banks)
        Which banks belong to a group, at least one each.

    Returns
    -------
    dict of ndarray, shape (replicates, groups)
        `banks`, how many there are in both runs, `effect`, the mean change, and the share of banks (0-1) in each of the
        five bands; NaN where no bank is left.
    """
    # Counts are whole numbers, which a product of matrices adds up without rounding.
    indicator = members.T.astype(float)
    banks = np.isfinite(change) @ indicator
    below = [(change < EDGES[0]) @ indicator, (change < EDGES[1]) @ indicator]
    below += [(change <= EDGES[2]) @ indicator, (change <= EDGES[3]) @ indicator]
    counts = np.diff([*below, banks], axis=0, prepend=0)
    # Each run's banks lie side by side, so that their sum rounds alike whichever runs are computed together.
    effect = np.stack([mean_of_present(np.ascontiguousarray(change[:, group])) for group in members], axis=1)
    number = np.where(banks > 0, banks, np.nan)
    shares = {band: counts[b] / number for b, band in enumerate(BANDS)}
    return {"banks": banks.astype(int), "effect": effect, **shares}


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
    levels = {"quarter": merged.survey_quarters, "province": merged.provinces}
    with of_study(merged, folder, "provinces", PROVINCES, **levels) as written:
        for s in range(len(merged.scenarios)):
            columns = provinces_of(merged, s)
            there = np.isfinite(columns["index"])
            axes = {name: range(len(texts)) for name, texts in levels.items()}
            written.add(there.shape, there, axes, scenario=s, **columns)


def provinces_of(merged: Merged, s: int, last_only: bool = False) -> dict[str, np.ndarray]:
    """Columns of a scenario against its baseline, each of shape (year's ends, provinces).

    A province counts for as much as its own banks tell (``weight``) and otherwise takes the mean of all, which is that
    of the index of small and medium banks in every other table. NaN where none of its banks is left in any run.
    """
    base, members = merged.base[s], members_of(merged)
    ends = merged.places("survey")[-1 if last_only else 0 :]
    ours = _in_provinces(merged, s, len(ends))
    shape = ours.shape[:-1]
    columns = dict.fromkeys(PROVINCES.names[PROVINCES.names.index("effect") :], np.full(shape, np.nan))
    columns["banks"] = np.broadcast_to([len(banks) for banks in members.values()], shape)
    columns["index"] = quantile(ours, ENDS[1:2], leave_out=True)[0]
    if s == base:
        return columns
    own = ours - _in_provinces(merged, base, len(ends))
    change = merged.in_every_run("bank_index", s) - merged.in_every_run("bank_index", base)
    weights = pooling([change[:, banks] for banks in members.values()])
    scores = merged.blocks.at("true", ends)
    whole = np.subtract(*(merged.pick(scores[:, one, -1:], "index") for one in (s, base)))
    pooled = weights[:, None] * own + (1.0 - weights[:, None]) * whole
    columns |= intervals(pooled, leave_out=True) | intervals(own, "raw", leave_out=True)
    columns["probability"] = mean_of_present(gained(pooled))
    return columns | {"weight": np.broadcast_to(weights, shape)}


def _in_provinces(merged: Merged, scenario: int, years: int) -> np.ndarray:
    """Index of the provinces at the last year's ends, (years, provinces, runs)."""
    return np.moveaxis(merged.in_every_run("province_index", scenario)[:, -years:], 0, -1)


def members_of(merged: Merged) -> dict[str, np.ndarray]:
    """Positions of the small and medium banks of each province; large banks have their head offices in a few cities."""
    return {
        code: np.flatnonzero(merged.bank_small & (merged.bank_province == code)) for code in merged.provinces
    }


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
