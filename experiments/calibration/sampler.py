"""Draws from a posterior: an ensemble smoother finds where it lies, elliptical slice sampling then makes them exact."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from experiments.calibration.likelihood import Likelihood

LogDensity = Callable[[np.ndarray, np.ndarray], np.ndarray]
KEPT = 40
SMOOTHER_MEMBERS, SMOOTHER_STEPS = 400, 4
ENOUGH = 4  # chains a parameter from which a covariance can be taken
WIDENING = 1.15  # the Gaussian that guides the chains is a little wider than what the smoother found


def posterior(
    likelihood: Likelihood,
    parameters: int,
    chains: int,
    steps: int,
    stream: np.random.Generator,
    kept: int = KEPT,
) -> np.ndarray:
    """Sample the posterior of one data set, or of several side by side.

    Parameters
    ----------
    likelihood : Likelihood
        Its `observed` has shape (outputs,), or (D, outputs) for D data sets.
    parameters : int
        Number of parameters P; their prior is standard normal.
    chains : int
        Chains of each data set, independent of each other.
    steps : int
        Steps of a chain; the first half is dropped.
    stream : numpy.random.Generator
    kept : int
        States kept of the second half of each chain, evenly spaced, the last one among them.

    Returns
    -------
    ndarray, shape (D, kept, chains, P)
        Normal scores of parameters.
    """
    observed = np.atleast_2d(likelihood.observed)
    guide = _guide(likelihood, observed, parameters, stream)
    sets = np.repeat(np.arange(len(observed)), chains)
    standard = stream.standard_normal((len(sets), parameters))
    if chains >= ENOUGH * parameters:
        # Enough chains to say better than the smoother where the posterior lies: guide the rest by them.
        standard = _run(likelihood, guide, sets, standard, steps // 2, stream, 1)[-1]
        states = guide.states(standard, sets).reshape(len(observed), chains, parameters)
        guide = _around(states)
        standard = guide.standard(states.reshape(-1, parameters), sets)
    states_kept = _run(likelihood, guide, sets, standard, steps, stream, kept)
    states = np.stack([guide.states(standard, sets) for standard in states_kept])
    return np.moveaxis(states.reshape(len(states_kept), len(observed), chains, parameters), 1, 0)


@dataclass(frozen=True)
class Guide:
    """A Gaussian for each data set: its centre, shape (D, P), and a root of its covariance, shape (D, P, P)."""

    centre: np.ndarray
    root: np.ndarray

    def states(self, standard: np.ndarray, sets: np.ndarray) -> np.ndarray:
        """States of chains from standard normals, given the data set of each chain, in ascending order."""
        states: np.ndarray = self.centre[sets]
        for place, rows in self._blocks(sets):
            states[rows] += standard[rows] @ self.root[place].T
        return states

    def standard(self, states: np.ndarray, sets: np.ndarray) -> np.ndarray:
        """The standard normals that give states, the reverse of `states`."""
        apart: np.ndarray = states - self.centre[sets]
        for place, rows in self._blocks(sets):
            apart[rows] = np.linalg.solve(self.root[place], apart[rows].T).T
        return apart

    def _blocks(self, sets: np.ndarray) -> Iterator[tuple[int, slice]]:
        """Each data set with the rows of its chains."""
        bounds = np.searchsorted(sets, np.arange(len(self.centre) + 1))
        for place, (start, stop) in enumerate(pairwise(bounds.tolist())):
            if stop > start:
                yield place, slice(start, stop)


def _run(
    likelihood: Likelihood,
    guide: Guide,
    sets: np.ndarray,
    start: np.ndarray,
    steps: int,
    stream: np.random.Generator,
    kept: int,
) -> np.ndarray:
    def density(standard: np.ndarray, rows: np.ndarray) -> np.ndarray:
        states = guide.states(standard, sets[rows])
        shape = 0.5 * (standard**2).sum(1) - 0.5 * (states**2).sum(1)
        values: np.ndarray = shape + likelihood(states, sets[rows])
        return values

    return slice_chains(density, start, steps, stream, kept)


def _guide(
    likelihood: Likelihood, observed: np.ndarray, parameters: int, stream: np.random.Generator
) -> Guide:
    seen = likelihood.seen
    covariance = likelihood.covariance[np.ix_(seen, seen)]
    ensembles = []
    for row in observed:
        members = smooth(
            lambda states: likelihood.emulator(states)[:, seen],
            stream.standard_normal((SMOOTHER_MEMBERS, parameters)),
            row[seen],
            covariance,
            SMOOTHER_STEPS,
            stream,
        )
        ensembles.append(members)
    return _around(np.stack(ensembles))


def _around(members: np.ndarray) -> Guide:
    """The Gaussian of members, shape (D, M, P), a little widened."""
    roots = [np.linalg.cholesky(np.cov(rows.T) + 1e-6 * np.eye(rows.shape[1])) for rows in members]
    return Guide(members.mean(1), WIDENING * np.stack(roots))


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
    states = []
    for step in range(steps):
        state, level = _step(density, state, level, everyone, stream)
        if step in wanted:
            states.append(state)
    return np.stack(states)


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
        reaches = density(proposal, left)
        accepted = reaches > bar[left]
        after[left[accepted]], reached[left[accepted]] = proposal[accepted], reaches[accepted]
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
    correlation: np.ndarray = (first * last).mean(0) / (first.std(0) * last.std(0))
    return correlation
