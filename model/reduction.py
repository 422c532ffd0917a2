"""Sums over banks whose rounding does not depend on the batch."""

from typing import Final

import numpy as np

from agents.column import Array, Mask

FEW: Final = 8
LANES: Final = 32


def over_banks(values: Array | Mask) -> Array:
    """Add up the last axis in an order that depends on the number of banks alone, not on layout or replicates.

    Many banks are added in ``LANES`` lanes, the first to the lane after the last, and then lane after lane; few are
    added one after another. NumPy chooses the order of a sum by memory layout: over rows of several numbers it adds row
    after row, which the lanes give it even in a single replicate. Where a row is a single number it would add in
    another order, so for a few replicates the running sum is taken, which is also the faster way to the same digits.

    Parameters
    ----------
    values : ndarray, shape (..., R, N)

    Returns
    -------
    ndarray, shape (..., R)
    """
    banks: Array = values.swapaxes(-1, -2).astype(float, copy=False)
    if banks.shape[-2] >= 2 * LANES:
        banks = _in_lanes(banks)
    if values.shape[-2] < FEW and values.shape[-1]:
        running: Array = np.add.accumulate(banks, axis=-2, dtype=float)
        return running[..., -1, :]
    total: Array = np.add.reduce(_side_by_side(banks), axis=-2, dtype=float)
    return total


def _in_lanes(banks: Array) -> Array:
    """Sums of every ``LANES``-th bank, shape (..., LANES, R), from (..., N, R)."""
    banks = _side_by_side(banks)
    *leading, number, replicates = banks.shape
    full = number // LANES * LANES
    rows = banks[..., :full, :].reshape(*leading, number // LANES, LANES * replicates)
    lanes: Array = np.add.reduce(rows, axis=-2, dtype=float).reshape(*leading, LANES, replicates)
    lanes[..., : number - full, :] += banks[..., full:, :]
    return lanes


def _side_by_side(banks: Array) -> Array:
    """The same with replicates side by side in memory, copied only where they are not."""
    if banks.strides[-2] >= banks.strides[-1] == banks.itemsize:
        return banks
    return np.ascontiguousarray(banks)
