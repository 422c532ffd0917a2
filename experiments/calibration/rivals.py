"""Six forecasters that know no economics: what a model of banks has to be compared with."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from experiments.calibration.scoring import Forecast


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
    return past[-1] - past.mean(0)


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
