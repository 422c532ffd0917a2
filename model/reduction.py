"""Sums over banks whose rounding does not depend on the batch."""

import numpy as np


def over_banks(values: np.ndarray) -> np.ndarray:
    """Add up the last axis in one fixed order, whatever the layout and the number of replicates.

    NumPy chooses the order of a sum by memory layout, which differs between one replicate and many; a copy with banks
    side by side fixes it.

    Parameters
    ----------
    values : ndarray, shape (..., N)

    Returns
    -------
    ndarray, shape (...)
    """
    return np.add.reduce(np.ascontiguousarray(values, dtype=float), axis=-1)
