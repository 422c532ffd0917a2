"""Draws from a posterior: an ensemble smoother finds where it lies, elliptical slice sampling then makes them exact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from experiments.calibration.chains import KEPT, slice_chains
from experiments.calibration.likelihood import Likelihood
from experiments.calibration.smoother import smooth

SMOOTHER_MEMBERS, SMOOTHER_STEPS = 400, 4
ENOUGH = 4  # chains a parameter from which a covariance can be taken
WIDENING = 1.15  # the Gaussian that guides the chains is a little wider than what the smoother found


@dataclass(frozen=True)
class Guide:
    """A Gaussian for each data set: its centre, shape (D, P), and a root of its covariance, shape (D, P, P)."""

    centre: np.ndarray
    root: np.ndarray

    def states(self, standard: np.ndarray, sets: np.ndarray) -> np.ndarray:
        """States of chains from standard normals, given the data set of each chain, in ascending order."""
        found = self.centre[sets]
        for place, rows in self._blocks(sets):
            found[rows] += standard[rows] @ self.root[place].T
        return found

    def standard(self, states: np.ndarray, sets: np.ndarray) -> np.ndarray:
        """The standard normals that give states, the reverse of `states`."""
        apart = states - self.centre[sets]
        for place, rows in self._blocks(sets):
            apart[rows] = np.linalg.solve(self.root[place], apart[rows].T).T
        return apart

    def _blocks(self, sets: np.ndarray) -> Iterator[tuple[int, slice]]:
        """Each data set with the rows of its chains."""
        bounds = np.searchsorted(sets, np.arange(len(self.centre) + 1))
        for place, (start, stop) in enumerate(pairwise(bounds.tolist())):
            if stop > start:
                yield place, slice(start, stop)


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
    found = _run(likelihood, guide, sets, standard, steps, stream, kept)
    states = np.stack([guide.states(standard, sets) for standard in found])
    return np.moveaxis(states.reshape(len(found), len(observed), chains, parameters), 1, 0)


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
        return shape + likelihood(states, sets[rows])

    return slice_chains(density, start, steps, stream, kept)


def _guide(
    likelihood: Likelihood, observed: np.ndarray, parameters: int, stream: np.random.Generator
) -> Guide:
    seen = likelihood.seen
    covariance = likelihood.covariance[np.ix_(seen, seen)]
    found = []
    for row in observed:
        members = smooth(
            lambda states: likelihood.emulator(states)[:, seen],
            stream.standard_normal((SMOOTHER_MEMBERS, parameters)),
            row[seen],
            covariance,
            SMOOTHER_STEPS,
            stream,
        )
        found.append(members)
    return _around(np.stack(found))


def _around(members: np.ndarray) -> Guide:
    """The Gaussian of members, shape (D, M, P), a little widened."""
    roots = [np.linalg.cholesky(np.cov(rows.T) + 1e-6 * np.eye(rows.shape[1])) for rows in members]
    return Guide(members.mean(1), WIDENING * np.stack(roots))
