"""Pure measures of inequality and concentration over the last axis."""

import numpy as np


def gini(ordered: np.ndarray) -> np.ndarray:
    """Gini coefficient, ``sum_i (2i - n - 1) x_(i) / (n sum x)``, 0 (equal) to 1.

    Parameters
    ----------
    ordered : ndarray, shape (..., n)
        0 or more, ascending.
    """
    number = ordered.shape[-1]
    rank = 2.0 * np.arange(1, number + 1) - number - 1.0
    result: np.ndarray = np.add.reduce(ordered * rank, axis=-1) / (number * np.add.reduce(ordered, axis=-1))
    return result


def percentile_ratio(ordered: np.ndarray, upper: float = 0.9, lower: float = 0.1) -> np.ndarray:
    """Ratio of an upper to a lower quantile (nearest rank) of values in ascending order, shape (...)."""
    last = ordered.shape[-1] - 1
    result: np.ndarray = ordered[..., round(upper * last)] / np.maximum(
        ordered[..., round(lower * last)], 1e-12
    )
    return result


def herfindahl(counts: np.ndarray) -> np.ndarray:
    """Herfindahl-Hirschman index of shares over the last axis, 0-1; 0 where nothing is counted."""
    counts = np.ascontiguousarray(counts)  # one order of summation, whatever the batch
    total = np.add.reduce(counts, axis=-1)
    shares = counts / np.maximum(total, 1e-12)[..., None]
    result: np.ndarray = np.add.reduce(shares * shares, axis=-1)
    return result
