"""Winners and losers: how each bank's index changes against the baseline, in five bands."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from agents.honeycomb import KINDS, SMALL_KINDS
from experiments.results.parquet import TableWriter, along
from experiments.results.schema import TABLES
from experiments.results.statistics import mean_of_present
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
    levels = {
        "scenario": merged.scenarios,
        "baseline": merged.scenarios,
        "grouping": GROUPINGS,
        "group": names,
    }
    members = np.stack([np.isin(np.arange(len(merged.bank_kind)), banks) for _, _, banks in groups])
    with TableWriter(folder / "distribution.parquet", TABLES["distribution"], levels) as table:
        for s in merged.alternatives:
            for chunk in merged.chunks:
                change = chunk.read("bank_index", s) - chunk.read("bank_index", merged.base[s])
                replicates = merged.replicates_of(chunk)
                present = (np.isfinite(change).astype(float) @ members.T.astype(float)).astype(int)
                table.add(
                    present.shape,
                    keep=present > 0,
                    scenario=s,
                    baseline=merged.base[s],
                    replicate=along(replicates, 0, 2),
                    grouping=[GROUPINGS.index(grouping) for grouping, _, _ in groups],
                    group=[names.index(name) for _, name, _ in groups],
                    banks=present,
                    **summary(change, members),
                )


def groups_of(merged: Merged) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield (grouping, group, positions of its banks) for every group with at least one bank.

    A kind holds the banks that its mean counts, as in every other table; those of no stated kind stand in the quintiles
    and provinces, and with all small and medium banks.
    """
    for k, kind in enumerate(KINDS):
        yield from nonempty("kind", kind, (merged.bank_kind == k) & merged.bank_reported)
    yield from nonempty("kind", "all", np.isin(merged.bank_kind, [KINDS.index(kind) for kind in SMALL_KINDS]))
    fifth = size_quintile(merged.bank_assets)
    for q, name in enumerate(QUINTILES):
        yield from nonempty("size_quintile", name, fifth == q)
    for province in sorted(set(merged.bank_province)):
        yield from nonempty("province", str(province), merged.bank_province == province)


def nonempty(grouping: str, group: str, members: np.ndarray) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield one group unless no bank belongs to it."""
    if members.any():
        yield grouping, group, np.flatnonzero(members)


def size_quintile(assets: np.ndarray) -> np.ndarray:
    """Return the fifth of the banks by assets that each bank belongs to, 0 (smallest) to 4."""
    rank = np.empty(len(assets), np.int64)
    rank[np.argsort(assets, kind="stable")] = np.arange(len(assets))
    return rank * 5 // len(assets)


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
        `effect`, the mean change, and the share of banks (0-1) in each of the five bands; NaN where no bank is left.
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
    return {"effect": effect} | {band: counts[b] / number for b, band in enumerate(BANDS)}
