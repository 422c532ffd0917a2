"""Ensemble smoother with multiple data assimilation: prior members moved to the data in a few damped steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def smooth(
    forward: Callable[[np.ndarray], np.ndarray],
    members: np.ndarray,
    observed: np.ndarray,
    covariance: np.ndarray,
    steps: int,
    stream: np.random.Generator,
) -> np.ndarray:
    """Update an ensemble to observations (ES-MDA, Emerick & Reynolds 2013).

    Parameters
    ----------
    forward : callable
        Expected observations of members, shape (M, P) to (M, outputs).
    members : ndarray, shape (M, P)
        Draws from a normal prior.
    observed : ndarray, shape (outputs,)
    covariance : ndarray, shape (outputs, outputs)
        Of the observation errors; each step inflates it by the number of steps, so that together they use it once.
    steps : int
    stream : numpy.random.Generator

    Returns
    -------
    ndarray, shape (M, P)
        Members of a Gaussian approximation to the posterior.
    """
    root = np.linalg.cholesky(covariance)
    for _ in range(steps):
        predicted = forward(members)
        moved = members - members.mean(0)
        answered = predicted - predicted.mean(0)
        shared = answered.T @ answered / (len(members) - 1) + steps * covariance
        chance = np.sqrt(steps) * stream.standard_normal(predicted.shape) @ root.T
        gap = np.linalg.solve(shared, (observed + chance - predicted).T)
        members = members + (moved.T @ answered / (len(members) - 1) @ gap).T
    return members
