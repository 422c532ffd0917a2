"""What was observed, the noise of a survey, and how likely the observed scores are given the parameters.

The survey's scores are fitted, and weakly the banks' spending; headline scores never. The likelihood is synthetic: a
Gaussian around the emulator, in the survey's own noise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from agents.honeycomb import APPLICATION, DIMENSIONS
from experiments.calibration.forward import ASKED, RunOutputs, cells
from experiments.config import series
from experiments.config.data import read
from experiments.config.errors import ConfigError, Fault
from experiments.config.reading import Misfits
from experiments.location import DATA

SCORES = DATA / "source" / "scores.csv"
BINS_OF_2023 = ("T001", "T002", "T003", "T004")
ABOVE_TWO_PERCENT = "P082"
BANKS_ASKED = {2021: 70, 2022: 73, 2023: 80}
Emulated = Callable[[np.ndarray], np.ndarray]
KINDS_ASKED, BINS = 3, 3


@dataclass(frozen=True)
class Observations:
    """Observed values, NaN where there is none.

    Parameters
    ----------
    years : tuple of int
        Editions of the survey, ascending.
    scores : ndarray, shape (Y, 3, 6)
        0-100, by edition, kind (city, rural, private) and dimension.
    spend : ndarray, shape (Y, 3)
        Shares of banks that spend at least 2, 5 and 10 percent of revenue on technology, 0-1.
    """

    years: tuple[int, ...]
    scores: np.ndarray
    spend: np.ndarray

    def until(self, year: int) -> Observations:
        """The same with everything after a year unknown."""
        late = np.array(self.years) > year
        scores, spend = self.scores.copy(), self.spend.copy()
        scores[late] = spend[late] = np.nan
        return Observations(self.years, scores, spend)

    @property
    def vector(self) -> np.ndarray:
        """Scores, then spending, in one row."""
        return np.concatenate([self.scores.ravel(), self.spend.ravel()])


def read_observations(source: Path | Mapping[str, Any] | None = None) -> Observations:
    """Read the observations.

    Parameters
    ----------
    source : Path or mapping, optional
        Table of scores with the columns bank_type, dimension, year, score, or the scores themselves by kind, dimension
        and year; the shipped table by default. A cell that is missing from it is not used; years may be added.

    Returns
    -------
    Observations

    Raises
    ------
    ConfigError
        With every cell that cannot be used, by line and column.
    """
    source = SCORES if source is None else source
    try:
        given = series.scores(source)
    except Misfits as misfits:
        raise ConfigError(
            Fault(f"{source}:{place}".rstrip(":"), refused.what, refused.allowed, refused.suggestion)
            for place, refused in misfits.faults
        ) from misfits
    seen = {int(year) for dimensions in given.values() for years in dimensions.values() for year in years}
    years = tuple(range(min(seen), max(seen) + 1))
    scores = np.full((len(years), len(ASKED), len(DIMENSIONS)), np.nan)
    for kind, dimensions in given.items():
        for dimension, cells_of in dimensions.items():
            for year, score in cells_of.items():
                scores[years.index(int(year)), ASKED.index(kind), DIMENSIONS.index(dimension)] = score
    return Observations(years, scores, _spend(years))


def _spend(years: tuple[int, ...]) -> np.ndarray:
    """Shares of banks above 2, 5, 10 percent of revenue where the report prints them (T001-T004, P082)."""
    spend = np.full((len(years), 3), np.nan)
    facts = {
        row["id"]: row for name in ("spend_and_talent", "public_facts") for row in read(f"source/{name}.csv")
    }
    shares = dict(zip((2021, 2022, 2023), facts[ABOVE_TWO_PERCENT]["value"].split("/"), strict=True))
    for year, share in shares.items():
        if year in years:
            spend[years.index(year), 0] = 0.01 * float(share)
    if 2023 in years:
        bins = [0.01 * float(facts[name]["value"]) for name in BINS_OF_2023]
        spend[years.index(2023)] = np.cumsum(bins[::-1])[::-1][1:]
    return spend


def expected_row(outputs: RunOutputs) -> np.ndarray:
    """What the emulator learns, shape (R, outputs): scores; shares of banks above 2, 5, 10 percent; growth."""
    return np.concatenate([cells(outputs.expected), _above(outputs), growth(outputs.expected)], axis=1)


def surveyed_row(outputs: RunOutputs) -> np.ndarray:
    """The same as a survey would report it; spending and growth carry their errors in the covariance."""
    return np.concatenate([cells(outputs.survey), _above(outputs), growth(outputs.expected)], axis=1)


def observed_row(observations: Observations, growth: tuple[float, ...]) -> np.ndarray:
    """Observed outputs, NaN where there is none; growth stands at its prior mean."""
    return np.concatenate([observations.vector, np.full(KINDS_ASKED, growth[0])])


def growth(expected: np.ndarray) -> np.ndarray:
    """Mean change of a kind's score, points a year, shape (R, 3); without application, whose definition changes."""
    lasting = [d for d in range(expected.shape[-1]) if d != APPLICATION]
    level = expected[..., lasting].mean(-1)
    values: np.ndarray = (level[:, -1] - level[:, 0]) / max(expected.shape[1] - 1, 1)
    return values


def _above(outputs: RunOutputs) -> np.ndarray:
    above = np.cumsum(outputs.spend[..., ::-1], axis=-1)[..., ::-1][..., 1:]
    return above.reshape(len(above), -1)


def noise(
    emulator: Emulated,
    scores: np.ndarray,
    outputs: RunOutputs,
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
    outputs : RunOutputs
    years : tuple of int
    discrepancy : float
        Standard deviation by which the model's shares of spending may miss, 0-1.
    growth_spread : float
        Points a year.

    Returns
    -------
    ndarray, shape (outputs, outputs)
    """
    surveyed = surveyed_row(outputs)
    error = surveyed - emulator(scores)
    covariance = _shrunk(error.T @ error / len(error), len(error))
    first, last = cells(outputs.survey).shape[1], covariance.shape[0] - KINDS_ASKED
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
        values: np.ndarray = solve_triangular(lower, np.eye(len(lower)), lower=True).T
        return values

    def __call__(self, scores: np.ndarray, sets: np.ndarray | None = None) -> np.ndarray:
        """Log likelihood up to a constant, shape (rows,); `sets` is the data set of each row."""
        seen = self.seen
        observed = self.observed if self.observed.ndim == 1 or sets is None else self.observed[sets]
        error = (observed - self.emulator(scores))[:, seen]
        log_density: np.ndarray = -0.5 * ((error @ self._whitener) ** 2).sum(1)
        return log_density

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
        values: np.ndarray = mean[:, wanted] + shift.T + chance
        return values
