"""Shares that are positive and sum to one."""

import numpy as np


def to_simplex(weights: np.ndarray, floor: float) -> np.ndarray:
    """Scale weights to shares that sum to one, none below a floor.

    Parameters
    ----------
    weights : ndarray, shape (6, R, n)
        Positive weights.
    floor : float
        Smallest share, 0 to 1/6: no dimension is ever abandoned.

    Returns
    -------
    ndarray, shape (6, R, n)
    """
    total = sum(weights[1:], start=weights[0])
    shares = weights * ((1.0 - floor * len(weights)) / total)
    shares += floor
    return shares
