"""The synthetic likelihood: how far observed scores lie from expected ones, in the survey's own noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from agents.honeycomb import APPLICATION
from experiments.calibration.forward import Outturn, cells
from experiments.calibration.targets import BANKS_ASKED, Targets

Emulated = Callable[[np.ndarray], np.ndarray]
KINDS_ASKED, BINS = 3, 3


def expected_row(outturn: Outturn) -> np.ndarray:
    """What the emulator learns, shape (R, outputs): scores; shares of banks above 2, 5, 10 percent; growth."""
    return np.concatenate([cells(outturn.expected), _above(outturn), growth(outturn.expected)], axis=1)


def surveyed_row(outturn: Outturn) -> np.ndarray:
    """The same as a survey would report it; spending and growth carry their errors in the covariance."""
    return np.concatenate([cells(outturn.survey), _above(outturn), growth(outturn.expected)], axis=1)


def observed_row(targets: Targets, growth: tuple[float, ...]) -> np.ndarray:
    """Observed outputs, NaN where there is none; growth stands at its prior mean."""
    return np.concatenate([targets.vector, np.full(KINDS_ASKED, growth[0])])


def growth(expected: np.ndarray) -> np.ndarray:
    """Mean change of a kind's score, points a year, shape (R, 3); without application, whose definition changes."""
    kept = [d for d in range(expected.shape[-1]) if d != APPLICATION]
    level = expected[..., kept].mean(-1)
    return (level[:, -1] - level[:, 0]) / max(expected.shape[1] - 1, 1)


def _above(outturn: Outturn) -> np.ndarray:
    above = np.cumsum(outturn.spend[..., ::-1], axis=-1)[..., ::-1][..., 1:]
    return above.reshape(len(above), -1)


def noise(
    emulator: Emulated,
    scores: np.ndarray,
    outturn: Outturn,
    years: tuple[int, ...],
    discrepancy: float,
    growth_spread: float,
) -> np.ndarray:
    """Covariance of a survey around the emulator, from runs that the emulator has not seen.

    It holds everything that separates one survey from its expectation: who was sampled, how they answer, the ladder of
    0, 50 and 100, the edition's instrument (common to city and rural banks, weaker for private ones), which banks the
    seed created, and the emulator's own error. Instruments are thereby marginalised. Spending is compared weakly: on
    top come the sampling of the banks asked and a discrepancy. Growth has the spread of its prior.

    Parameters
    ----------
    emulator : callable
    scores : ndarray, shape (runs, P)
    outturn : Outturn
    years : tuple of int
    discrepancy : float
        Standard deviation by which the model's shares of spending may miss, 0-1.
    growth_spread : float
        Points a year.

    Returns
    -------
    ndarray, shape (outputs, outputs)
    """
    surveyed = surveyed_row(outturn)
    error = surveyed - emulator(scores)
    covariance = _shrunk(error.T @ error / len(error), len(error))
    first, last = cells(outturn.survey).shape[1], covariance.shape[0] - KINDS_ASKED
    covariance[:first, first:] = covariance[first:, :first] = 0.0
    covariance[:, last:] = covariance[last:] = 0.0
    covariance[first:last, first:last] += np.diag(spend_variance(surveyed[:, first:last], years, discrepancy))
    covariance[last:, last:] = growth_spread**2 * np.eye(KINDS_ASKED)
    return covariance


def _shrunk(covariance: np.ndarray, runs: int) -> np.ndarray:
    """A covariance moved toward its diagonal, the more the fewer runs it was taken from; it can always be inverted."""
    share = min(0.25 * len(covariance) / runs, 0.5)
    return (1.0 - share) * covariance + share * np.diag(np.diag(covariance))


def spend_variance(shares: np.ndarray, years: tuple[int, ...], discrepancy: float) -> np.ndarray:
    """Variance of a printed share of banks about the model's, beyond a run's own chance, shape (Y * 3,)."""
    asked = np.repeat([BANKS_ASKED.get(year, 80) for year in years], BINS)
    share = np.clip(shares.mean(0), 0.05, 0.95)
    variance: np.ndarray = share * (1.0 - share) / asked + discrepancy**2
    return variance


@dataclass(frozen=True)
class Likelihood:
    """A Gaussian around the emulator for the outputs that are observed.

    Parameters
    ----------
    emulator : callable
        Expected outputs for normal scores of parameters, shape (rows, P) to (rows, outputs).
    covariance : ndarray, shape (outputs, outputs)
        From `noise`.
    observed : ndarray, shape (outputs,)
        NaN where nothing is observed; or (D, outputs) for D data sets with the same outputs observed.
    """

    emulator: Emulated
    covariance: np.ndarray
    observed: np.ndarray

    @cached_property
    def seen(self) -> np.ndarray:
        """Outputs that are observed."""
        return np.flatnonzero(~np.isnan(np.atleast_2d(self.observed)[0]))

    @cached_property
    def _whitener(self) -> np.ndarray:
        """Turns errors into independent ones of unit variance."""
        lower = np.linalg.cholesky(self.covariance[np.ix_(self.seen, self.seen)])
        return solve_triangular(lower, np.eye(len(lower)), lower=True).T

    def __call__(self, scores: np.ndarray, sets: np.ndarray | None = None) -> np.ndarray:
        """Log likelihood up to a constant, shape (rows,); `sets` is the data set of each row."""
        seen = self.seen
        observed = self.observed if self.observed.ndim == 1 or sets is None else self.observed[sets]
        error = (observed - self.emulator(scores))[:, seen]
        found: np.ndarray = -0.5 * ((error @ self._whitener) ** 2).sum(1)
        return found

    def forecast(self, scores: np.ndarray, wanted: np.ndarray, stream: np.random.Generator) -> np.ndarray:
        """Draw unseen outputs, given what is seen: errors of a cell persist as far as the same banks are asked again.

        Parameters
        ----------
        scores : ndarray, shape (rows, P)
            Posterior members.
        wanted : ndarray of int
            Outputs to forecast.
        stream : numpy.random.Generator

        Returns
        -------
        ndarray, shape (rows, wanted)
        """
        seen, mean = self.seen, self.emulator(scores)
        cross = self.covariance[np.ix_(wanted, seen)]
        within = cho_factor(self.covariance[np.ix_(seen, seen)])
        shift = cross @ cho_solve(within, (self.observed - mean)[:, seen].T)
        spread = self.covariance[np.ix_(wanted, wanted)] - cross @ cho_solve(within, cross.T)
        chance = stream.standard_normal((len(scores), len(wanted))) @ np.linalg.cholesky(spread).T
        return mean[:, wanted] + shift.T + chance
