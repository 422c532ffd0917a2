"""Sums over banks whose rounding does not depend on the batch."""

from typing import Final

import numpy as np

FEW: Final = 8


def over_banks(values: np.ndarray) -> np.ndarray:
    """Add up the last axis one bank after another, whatever the layout and the number of replicates.

    NumPy chooses the order of a sum by memory layout. With replicates side by side it adds bank after bank to all of
    them at once; a single replicate it would add in another order, so there the running sum is taken instead, which for
    a few replicates is also the faster way to the same digits.

    Parameters
    ----------
    values : ndarray, shape (..., R, N)

    Returns
    -------
    ndarray, shape (..., R)
    """
    banks = values.swapaxes(-1, -2)
    if values.shape[-2] < FEW and values.shape[-1]:
        return np.add.accumulate(banks, axis=-2, dtype=float)[..., -1, :]
    if not banks.strides[-2] >= banks.strides[-1] == banks.itemsize:
        banks = np.ascontiguousarray(banks)
    return np.add.reduce(banks, axis=-2, dtype=float)
