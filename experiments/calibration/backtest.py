"""Backtest with a rolling origin: fit to the years before, forecast the next, score the model and its rivals alike.

Six rivals know no economics; losses to them are printed as plainly as wins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from experiments.calibration.likelihood import Likelihood
from experiments.calibration.problem import CalibrationProblem

MODEL, NO_GROWTH, PRIOR = "calibrated model", "calibrated model, any growth", "model before any score"
NOISY = 2  # city and rural come first; private is the kind of seven banks
LEVELS = (0.5, 0.9)


def backtest(problem: CalibrationProblem) -> dict[str, Any]:
    """Score the calibrated model and its rivals on every year that has two years before it.

    Parameters
    ----------
    problem : CalibrationProblem

    Returns
    -------
    dict
        ``origins``: forecasts and scores of each year; ``pooled``: over all of them; as plain data.
    """
    observations = problem.observations
    cells: dict[str, dict[str, list[np.ndarray]]] = {}
    origins = []
    for year in observations.years[2:]:
        place = observations.years.index(year)
        observed = observations.scores[place]
        if np.isnan(observations.scores[:place]).any():
            continue
        made = [*_own(problem, year), *forecasts(observations.scores[:place])]
        for forecast in made:
            for name, cell in measures(forecast, observed).items():
                cells.setdefault(forecast.name, {}).setdefault(name, []).append(cell)
        origins.append({"year": year, "fitted_until": year - 1, **_shown(made[0], observed)})
    pooled = {name: {m: np.stack(c) for m, c in by_measure.items()} for name, by_measure in cells.items()}
    whole = {name: losses for name, losses in pooled.items() if len(losses["crps"]) == len(origins)}
    for number, origin in enumerate(origins):
        here = {
            name: {m: c[_row(c, number, len(origins))] for m, c in losses.items()}
            for name, losses in pooled.items()
        }
        origin["scores"] = _table(problem, {n: f for n, f in here.items() if f["crps"].size})
    return {"origins": origins, "pooled": _table(problem, whole)}


def _row(cells: np.ndarray, number: int, origins: int) -> slice:
    """The rows of one origin; a rival that needs more years has no row for the first ones."""
    late = number - (origins - len(cells))
    return slice(late, late + 1) if late >= 0 else slice(0, 0)


def _own(problem: CalibrationProblem, year: int) -> list[Forecast]:
    """Forecasts of the model: refitted to the years before; without its view of growth; and before any score."""
    observations = problem.observations.until(year - 1)
    place = problem.observations.years.index(year)
    wanted = np.arange(18) + 18 * place
    forecasts_made = []
    for name, used in ((MODEL, problem), (NO_GROWTH, problem.without_growth())):
        members = used.posterior(observations, f"backtest {year} {name}")[-1]
        forecasts_made.append(_forecast(name, used.likelihood(observations), members, wanted, problem))
    blind = problem.likelihood(problem.observations.until(0))
    members = problem.posterior(problem.observations.until(0), f"prior {year}")[-1]
    return [*forecasts_made, _forecast(PRIOR, blind, members, wanted, problem)]


def _forecast(
    name: str, likelihood: Likelihood, members: np.ndarray, wanted: np.ndarray, problem: CalibrationProblem
) -> Forecast:
    many = np.repeat(members, 5, axis=0)
    draws = likelihood.forecast(many, wanted, problem.stream(f"forecast {name}")).reshape(-1, 3, 6)
    return Forecast(name, np.median(draws, axis=0), draws)


def _shown(forecast: Forecast, observed: np.ndarray) -> dict[str, Any]:
    low, high = np.quantile(forecast.draws, [0.05, 0.95], axis=0)
    parts = {"observed": observed, "forecast": forecast.point, "low90": low, "high90": high}
    return {name: np.round(part, 2).tolist() for name, part in parts.items()}


def _table(problem: CalibrationProblem, cells: dict[str, dict[str, np.ndarray]]) -> dict[str, Any]:
    """Each measure of each forecaster over all cells and over city and rural ones, with bootstrap intervals."""
    table: dict[str, Any] = {}
    runs = problem.procedure.rival_runs
    for group, kinds in (("18 cells", slice(None)), ("12 city and rural cells", slice(0, NOISY))):
        rows = []
        for name, losses in cells.items():
            row: dict[str, Any] = {"forecaster": name}
            for measure, cell in losses.items():
                mine = cell[:, kinds]
                row[measure] = round(total(measure, mine), 3)
                row[f"{measure}_interval"] = _rounded(
                    interval(measure, mine, runs, problem.stream(f"bootstrap {group} {name} {measure}"))
                )
            rival = cells[PRIMARY]["crps"][:, kinds]
            difference = interval(
                "crps", losses["crps"][:, kinds], runs, problem.stream(f"bootstrap {group} {name}"), rival
            )
            row["crps_less_primary"] = round(
                total("crps", losses["crps"][:, kinds]) - total("crps", rival), 3
            )
            row["crps_less_primary_interval"] = _rounded(difference)
            rows.append(row)
        table[group] = rows
    return table


def _rounded(pair: tuple[float, float]) -> list[float]:
    return [round(value, 3) for value in pair]


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
    losses = {"mae": np.abs(error), "rmse": error**2, "crps": crps(forecast.draws, observed)}
    for level in LEVELS:
        losses[f"coverage_{level:.0%}".removesuffix("%")] = covered(forecast.draws, observed, level).astype(
            float
        )
    return {name: np.where(missing, np.nan, cell) for name, cell in losses.items()}


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
    samples = [
        total(measure, cells[..., columns])
        - (total(measure, rival[..., columns]) if rival is not None else 0.0)
        for columns in picked
    ]
    low, high = np.quantile(samples, [0.05, 0.95])
    return float(low), float(high)


def forecasts(past: np.ndarray) -> list[Forecast]:
    """Forecast the year after some years of scores.

    Parameters
    ----------
    past : ndarray, shape (years, 3, 6)
        At least two years, city, rural and private, six dimensions.

    Returns
    -------
    list of Forecast
        Persistence, cell mean, trend, AR(1) where three years allow it, full pooling and partial pooling.
    """
    made = [rule(past) for rule in RIVALS.values()]
    return [forecast for forecast in made if forecast is not None]


def type_noise(past: np.ndarray) -> np.ndarray:
    """Variance of a score about its cell's mean, by kind, shape (3, 1)."""
    return past.var(axis=0, ddof=1).mean(-1, keepdims=True)


def additive(past: np.ndarray) -> np.ndarray:
    """Kind plus dimension, shape (3, 6)."""
    mean = past.mean(0)
    return mean.mean(1, keepdims=True) + mean.mean(0, keepdims=True) - mean.mean()


def persistence(past: np.ndarray) -> Forecast:
    """The last score again."""
    change = (np.diff(past, axis=0) ** 2).mean((0, 2))[:, None]
    return Forecast.normal("persistence", past[-1], np.sqrt(change))


def cell_mean(past: np.ndarray) -> Forecast:
    """The mean of the cell's own past."""
    return Forecast.normal("cell mean", past.mean(0), np.sqrt(type_noise(past) * (1.0 + 1.0 / len(past))))


def trend(past: np.ndarray) -> Forecast:
    """A straight line through the cell's own past."""
    years = np.arange(len(past)) - (len(past) - 1) / 2.0
    ahead, square = (len(past) + 1) / 2.0, (years**2).sum()
    slope = (years[:, None, None] * past).sum(0) / square
    factor = 1.0 + 1.0 / len(past) + ahead**2 / square
    return Forecast.normal("trend", past.mean(0) + ahead * slope, np.sqrt(type_noise(past) * factor))


def autoregression(past: np.ndarray) -> Forecast | None:
    """AR(1) with a mean for each cell and one coefficient for all."""
    if len(past) < 3:
        return None
    mean = past.mean(0)
    before, after = past[:-1] - mean, past[1:] - mean
    slope = (before * after).sum() / (before**2).sum()
    noise = ((after - slope * before) ** 2).mean((0, 2))[:, None] * len(past) / (len(past) - 1.0)
    return Forecast.normal("panel AR(1)", mean + slope * before_last(past), np.sqrt(noise))


def before_last(past: np.ndarray) -> np.ndarray:
    """Where the last score stands about its cell's mean, shape (3, 6)."""
    values: np.ndarray = past[-1] - past.mean(0)
    return values


def pooling(past: np.ndarray) -> Forecast:
    """Kind plus dimension, nothing of the cell's own."""
    level = additive(past)
    noise = ((past - level) ** 2).mean((0, 2))[:, None]
    return Forecast.normal("full pooling", level, np.sqrt(noise))


def partial_pooling(past: np.ndarray) -> Forecast:
    """The cell's mean shrunk to kind plus dimension, the more the noisier its kind."""
    level, mean = additive(past), past.mean(0)
    noise = type_noise(past)
    freedom = (mean.shape[0] - 1) * (mean.shape[1] - 1)
    between = max(((mean - level) ** 2).sum() / freedom - (noise / len(past)).mean(), 0.0)
    weight = between / (between + noise / len(past))
    spread = np.sqrt(noise + (1.0 - weight) * between)
    return Forecast.normal("partial pooling", level + weight * (mean - level), spread)


RIVALS: dict[str, Callable[[np.ndarray], Forecast | None]] = {
    "persistence": persistence,
    "cell mean": cell_mean,
    "trend": trend,
    "panel AR(1)": autoregression,
    "full pooling": pooling,
    "partial pooling": partial_pooling,
}
PRIMARY = "partial pooling"
