"""Elliptical slice sampling: many chains side by side, with nothing to tune."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

LogDensity = Callable[[np.ndarray, np.ndarray], np.ndarray]
KEPT = 40


def slice_chains(
    density: LogDensity, start: np.ndarray, steps: int, stream: np.random.Generator, kept: int = KEPT
) -> np.ndarray:
    """Elliptical slice sampling (Murray, Adams & MacKay 2010), many chains side by side, nothing to tune.

    Parameters
    ----------
    density : callable
        Log density relative to a standard normal of states, shape (rows, P), of the chains with these numbers.
    start : ndarray, shape (chains, P)
    steps : int
    stream : numpy.random.Generator
    kept : int

    Returns
    -------
    ndarray, shape (kept, chains, P)
        States of the second half of every chain, evenly spaced, the last one among them.
    """
    state, everyone = start.copy(), np.arange(len(start))
    level = density(state, everyone)
    wanted = set(np.linspace(steps - 1, steps // 2, kept).astype(int).tolist())
    found = []
    for step in range(steps):
        state, level = _step(density, state, level, everyone, stream)
        if step in wanted:
            found.append(state)
    return np.stack(found)


def _step(
    density: LogDensity,
    state: np.ndarray,
    level: np.ndarray,
    everyone: np.ndarray,
    stream: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """One move of every chain along its own ellipse, shrinking toward where it stands until it is accepted."""
    partner = stream.standard_normal(state.shape)
    bar = level + np.log(stream.random(len(state)))
    angle = stream.uniform(0.0, 2.0 * np.pi, len(state))
    low, high = angle - 2.0 * np.pi, angle.copy()
    after, reached, left = state.copy(), level.copy(), everyone
    while len(left):
        turn = angle[left, None]
        proposal = state[left] * np.cos(turn) + partner[left] * np.sin(turn)
        found = density(proposal, left)
        accepted = found > bar[left]
        after[left[accepted]], reached[left[accepted]] = proposal[accepted], found[accepted]
        left = left[~accepted]
        low[left] = np.where(angle[left] < 0.0, angle[left], low[left])
        high[left] = np.where(angle[left] >= 0.0, angle[left], high[left])
        angle[left] = stream.uniform(low[left], high[left])
    return after, reached


def memory(chains: np.ndarray) -> np.ndarray:
    """Correlation over chains of the first kept state with the last, by parameter: near 0 when chains have forgotten.

    Parameters
    ----------
    chains : ndarray, shape (kept, chains, P)

    Returns
    -------
    ndarray, shape (P,)
    """
    first, last = (end - end.mean(0) for end in (chains[0], chains[-1]))
    found: np.ndarray = (first * last).mean(0) / (first.std(0) * last.std(0))
    return found
