"""What a bank sees of its own kind: how many stand above it, on what, and how they score."""

import itertools
from typing import Any

import numpy as np

from model.reduction import count_banks, over_banks

HIGHEST = 3


def standings(rung: np.ndarray, active: np.ndarray, rows: list[slice]) -> tuple[np.ndarray, np.ndarray]:
    """Active banks of each kind on every rung or above, and active banks in all; whole numbers.

    Parameters
    ----------
    rung : ndarray of int8, shape (I, M, R)
    active : ndarray of bool, shape (M, R)
    rows : list of slice
        Banks of each kind.

    Returns
    -------
    tuple of ndarray
        Counts (K, I, 3, R) and banks (K, R).
    """
    counts = np.zeros((len(rows), len(rung), HIGHEST, rung.shape[-1]), np.int32)
    everyone = active.all()
    tall = [j for j in range(len(rung)) if (rung[j] > 2).any()]
    for k, block in enumerate(rows):
        part = rung[:, block] if everyone else rung[:, block] * active[block]
        for r in range(2):
            counts[k, :, r] = count_banks(part > r)
        counts[k, tall, 2] = count_banks(part[tall] > 2)
    banks = np.stack([count_banks(active[block]) for block in rows])
    return counts, banks


def standing_above(
    rung: np.ndarray, kind: np.ndarray, counts: np.ndarray, banks: np.ndarray, rows: list[slice], real: type
) -> np.ndarray:
    """Share of the bank's own kind that stands on a higher rung, of type ``real`` (I, M, R)."""
    above: np.ndarray = np.empty(rung.shape, real)
    last = max((r.stop for r in rows), default=0)
    edges = [last, *(last + 1 + np.flatnonzero(np.diff(kind[last:]))).tolist(), len(kind)]
    guests = [
        slice(a, b) for a, b in itertools.pairwise(edges)
    ]  # users' own banks, a run of one kind at a time
    for block in (*rows, *guests):
        if block.stop == block.start:
            continue
        k = kind[block.start]
        share = (counts[k] / np.maximum(banks[k], 1)).astype(real)
        part = rung[:, block]
        seen = above[:, block]
        np.multiply(part > 0, share[:, 1:2] - share[:, 0:1], out=seen)  # much faster than a choice
        seen += share[:, 0:1]
        seen += (part > 1) * (share[:, 2:3] - share[:, 1:2])
    return above


def means(system: Any, values: np.ndarray) -> np.ndarray:
    """Mean of each bank's own kind over its active banks, spread over banks: (..., M, R)."""
    mean = np.empty(values.shape)
    table = []
    for rows in system.kind_rows:
        number = np.maximum(count_banks(system.active[rows]), 1)
        table.append(over_banks(values[..., rows, :] * system.active[rows]) / number)
    for k, rows in enumerate(system.kind_rows):
        mean[..., rows, :] = table[k][..., None, :]
    for row in range(system.banks.size, values.shape[-2]):
        mean[..., row, :] = table[system.banks.kind[row]]
    return mean


def kind_means(system: Any, values: np.ndarray) -> np.ndarray:
    """Mean of the active reported banks of each kind, (R, K)."""
    means = np.full((system.rows, len(system.kind_rows)), np.nan)
    for k, rows in enumerate(system.reported_rows):
        if rows.stop > rows.start:
            there = count_banks(system.active[rows])
            means[:, k] = over_banks(values[rows] * system.active[rows]) / np.where(there, there, np.nan)
    return means
