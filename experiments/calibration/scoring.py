"""How good a probabilistic forecast was: CRPS, coverage, and intervals that respect shared questionnaires."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

LEVELS = (0.5, 0.9)


@dataclass(frozen=True)
class Forecast:
    """A predictive distribution of each cell as draws.

    Parameters
    ----------
    name : str
    point : ndarray, shape (3, 6)
        What the forecaster would say if asked for one number.
    draws : ndarray, shape (draws, 3, 6)
    """

    name: str
    point: np.ndarray
    draws: np.ndarray

    @classmethod
    def normal(cls, name: str, mean: np.ndarray, spread: np.ndarray, number: int = 999) -> Forecast:
        """A normal forecast, its draws at even quantiles so that no chance enters."""
        steps = ndtri((np.arange(number) + 0.5) / number)
        return cls(name, mean, mean + spread * steps[:, None, None])


def crps(draws: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Continuous ranked probability score, in the unit of the forecast; 0 is perfect and lower is better.

    Parameters
    ----------
    draws : ndarray, shape (draws, ...)
    observed : ndarray, shape (...)

    Returns
    -------
    ndarray, shape (...)
        ``E|X - y| - E|X - X'| / 2``.
    """
    number = len(draws)
    ordered = np.sort(draws, axis=0)
    weights = (2.0 * np.arange(1, number + 1) - number - 1.0).reshape(-1, *[1] * observed.ndim)
    apart = 2.0 * (weights * ordered).sum(0) / number**2
    score: np.ndarray = np.abs(draws - observed).mean(0) - 0.5 * apart
    return score


def covered(draws: np.ndarray, observed: np.ndarray, level: float) -> np.ndarray:
    """Whether the central interval of a level holds what was observed, shape of `observed`."""
    low, high = np.quantile(draws, [0.5 - level / 2.0, 0.5 + level / 2.0], axis=0)
    inside: np.ndarray = (observed >= low) & (observed <= high)
    return inside


def measures(forecast: Forecast, observed: np.ndarray) -> dict[str, np.ndarray]:
    """Loss of each cell by measure, shape (3, 6); coverage as 0 and 1; NaN where nothing was observed."""
    missing = np.isnan(observed)
    error = forecast.point - observed
    found = {"mae": np.abs(error), "rmse": error**2, "crps": crps(forecast.draws, observed)}
    for level in LEVELS:
        found[f"coverage_{level:.0%}".removesuffix("%")] = covered(forecast.draws, observed, level).astype(
            float
        )
    return {name: np.where(missing, np.nan, cell) for name, cell in found.items()}


def total(measure: str, cells: np.ndarray) -> float:
    """The cells of a measure as one number."""
    mean = float(np.nanmean(cells))
    return mean**0.5 if measure == "rmse" else mean


def interval(
    measure: str, cells: np.ndarray, runs: int, stream: np.random.Generator, rival: np.ndarray | None = None
) -> tuple[float, float]:
    """A 90 percent bootstrap interval of a measure, or of its difference to a rival's on the same cells.

    Dimensions are drawn with all their kinds, because city and rural cells of a dimension share an instrument.

    Parameters
    ----------
    measure : str
    cells : ndarray, shape (kinds, dimensions) or (origins, kinds, dimensions)
    runs : int
    stream : numpy.random.Generator
    rival : ndarray, optional
        Same shape.
    """
    picked = stream.integers(cells.shape[-1], size=(runs, cells.shape[-1]))
    found = [
        total(measure, cells[..., columns])
        - (total(measure, rival[..., columns]) if rival is not None else 0.0)
        for columns in picked
    ]
    low, high = np.quantile(found, [0.05, 0.95])
    return float(low), float(high)
