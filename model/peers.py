"""What a bank sees of its own kind: how many stand above it, on what, and how they score."""

from typing import TYPE_CHECKING

import numpy as np

from model.reduction import count_by, over_blocks, slabs

if TYPE_CHECKING:
    from model.system import BankingSystem

HIGHEST = 3


class Census:
    """How many banks have not been merged away: whole numbers by kind, (K, R).

    Parameters
    ----------
    active : ndarray of bool, shape (M, R)
    cohorts : tuple of slice
        Of each kind the banks that count in its mean, then the rest.
    small : list of int
        Small and medium kinds.

    Attributes
    ----------
    kinds : ndarray, shape (K, R)
    measured : ndarray, shape (K + 1, R)
        Banks behind a mean of each kind, and of all small and medium ones; NaN for none.
    """

    def __init__(self, active: np.ndarray, cohorts: tuple[slice, ...], small: list[int]) -> None:
        self.active, self.everyone = active, bool(active.all())
        self.weight, self.mask = active.astype(float), -active.view(np.int8)
        number = count_by(active, cohorts)
        self.kinds = number[::2] + number[1::2]
        measured = np.concatenate([number[::2], self.kinds[small].sum(0, keepdims=True)])
        self.measured = np.where(measured, measured, np.nan)

    def only(self, values: np.ndarray, rows: slice = slice(None)) -> np.ndarray:
        """Values (..., M, R), of some rows or all, with 0 for banks that are no more."""
        part = values[..., rows, :]
        if self.everyone:
            return part
        return part & self.mask[rows] if part.dtype == np.int8 else part * self.weight[rows]


def standings(rung: np.ndarray, census: Census, rows: tuple[slice, ...], tall: list[int]) -> np.ndarray:
    """Active banks of each kind on every rung or above, whole numbers (K, I, 3, R).

    Parameters
    ----------
    rung : ndarray of int8, shape (I, M, R)
    census : Census
    rows : tuple of slice
        Banks of each kind.
    tall : list of int
        Items that have a third rung.
    """
    counts = np.zeros((len(rows), len(rung), HIGHEST, rung.shape[-1]), np.int32)
    there = census.only(rung)
    for r in range(2):
        counts[:, :, r] = count_by(there > r, rows).swapaxes(0, 1)
    counts[:, tall, 2] = count_by(there[tall] > 2, rows).swapaxes(0, 1)
    return counts


def standing_above(counts: np.ndarray, banks: np.ndarray, real: type) -> np.ndarray:
    """Share of each kind that stands on a rung above each, of type ``real`` (I, K, rungs, R), from ``standings``."""
    share = (counts / np.maximum(banks, 1)[:, None, None]).astype(real).swapaxes(0, 1)
    above = np.empty((*share.shape[:2], HIGHEST + 1, share.shape[-1]), real)
    above[:, :, 0] = share[:, :, 0]
    for r in range(1, HIGHEST):
        above[:, :, r] = above[:, :, r - 1] + (share[:, :, r] - share[:, :, r - 1])
    above[:, :, HIGHEST] = above[:, :, HIGHEST - 1]
    return above


def by_rung(table: np.ndarray, rung: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """What a table (I, K, rungs, R) holds for every bank's kind on its rung, (I, M, R)."""
    rungs, rows = table.shape[2:]
    together = list(slabs(len(rung), rung[0].size))
    item = np.arange(min(together[0].stop, len(rung)))[:, None, None] * table[0].size
    place = item + (kind[:, None] * (rungs * rows) + np.arange(rows))
    values = np.empty(rung.shape, table.dtype)
    for some in together:
        where = rung[some].astype(np.intp)
        where *= rows
        where += place[: len(where)]
        np.take(table[some], where, out=values[some], mode="clip")
    return values


def means(system: "BankingSystem", values: np.ndarray) -> np.ndarray:
    """Mean of each bank's own kind over its active banks, spread over banks: (..., M, R)."""
    total = over_blocks(system.census.only(values), system.kind_rows)
    mean: np.ndarray = (total / np.maximum(system.census.kinds, 1))[..., system.banks.kind, :]
    return mean


def kind_means(system: "BankingSystem", values: np.ndarray) -> np.ndarray:
    """Mean over the active reported banks of each kind, and over all active small and medium ones, (..., K + 1, R)."""
    total = over_blocks(system.census.only(values), system.cohorts)
    reported, rest = total[..., ::2, :], total[..., 1::2, :]
    small = np.add.accumulate((reported + rest)[..., system.small_kinds, :], axis=-2)[..., -1:, :]
    result: np.ndarray = np.concatenate([reported, small], axis=-2) / system.census.measured
    return result
