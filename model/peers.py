"""What a bank sees of its kind: mean performance, and how the best divide their money."""

from collections.abc import Iterable

import numpy as np

from agents.bank import Bank
from agents.column import Array, Number
from model.reduction import over_banks


def best_practice(performance: Array, allocation: Array, top: Number) -> Array:
    """Mean allocation of the top share of a kind by performance (literature L017).

    Parameters
    ----------
    performance : ndarray, shape (R, n)
    allocation : ndarray, shape (6, R, n)
    top : float
        Share of the kind that is copied, 0-1.

    Returns
    -------
    ndarray, shape (6, R, 1)
        Shares that sum to one.
    """
    number = performance.shape[-1]
    keep = max(1, round(top * number))
    bar = np.partition(np.ascontiguousarray(performance), number - keep, axis=-1)[:, [number - keep]]
    best = performance >= bar
    counted = np.where(best, allocation, 0.0)
    return over_banks(counted)[..., None] / over_banks(best)[:, None]


def observe_peers(cohorts: Iterable[Bank], top: Number) -> None:
    """Write what each kind sees of itself, from last quarter's state.

    Parameters
    ----------
    cohorts : iterable of Bank
    top : float
        See ``best_practice``.
    """
    for cohort in cohorts:
        performance = cohort.performance
        mean = over_banks(performance)[:, None] / performance.shape[-1]
        cohort.peer_performance = mean
        cohort.best_practice = best_practice(performance, cohort.allocation, top)
