"""The rivals' errors that are known beforehand, and measures on forecasts whose scores can be worked out."""

import numpy as np
import pytest
from scipy.stats import norm

from experiments.calibration import backtest
from experiments.calibration.likelihood import read_observations

EXPECTED_2023 = {
    "persistence": (7.71, 6.98),
    "cell mean": (7.68, 6.08),
    "trend": (7.81, 6.96),
    "panel AR(1)": (7.72, 5.71),
    "full pooling": (7.33, 5.99),
    "partial pooling": (7.31, 5.97),
}
EXPECTED_2022 = {
    "persistence": 6.73,
    "cell mean": 4.73,
    "trend": 14.76,
    "full pooling": 5.52,
    "partial pooling": 4.95,
}


@pytest.mark.parametrize("name", EXPECTED_2023)
def test_a_rival_fitted_to_2020_to_2022_misses_2023_as_is_known(name: str) -> None:
    scores = read_observations().scores
    forecast = next(f for f in backtest.forecasts(scores[:3]) if f.name == name)
    error = np.abs(forecast.point - scores[3])
    assert (round(error.mean(), 2), round(error[:2].mean(), 2)) == EXPECTED_2023[name]


def test_rivals_fitted_to_2020_and_2021_miss_2022_as_is_known() -> None:
    scores = read_observations().scores
    found = {
        f.name: round(float(np.abs(f.point - scores[2]).mean()), 2) for f in backtest.forecasts(scores[:2])
    }
    assert found == EXPECTED_2022


def test_crps_of_a_normal_forecast_is_the_closed_form() -> None:
    forecast = backtest.Forecast.normal("", np.zeros((1, 1)), np.full((1, 1), 2.0))
    z = 1.5 / 2.0
    exact = 2.0 * (z * (2.0 * norm.cdf(z) - 1.0) + 2.0 * norm.pdf(z) - 1.0 / np.sqrt(np.pi))
    assert backtest.crps(forecast.draws, np.full((1, 1), 1.5))[0, 0] == pytest.approx(exact, rel=2e-3)


def test_crps_of_a_certain_forecast_is_its_error() -> None:
    assert backtest.crps(np.full((7, 1), 40.0), np.array([43.0]))[0] == pytest.approx(3.0)


def test_bands_cover_as_often_as_they_say() -> None:
    stream = np.random.default_rng(3)
    truth = stream.standard_normal(4000)
    draws = stream.standard_normal((400, 4000))
    assert backtest.covered(draws, truth, 0.5).mean() == pytest.approx(0.5, abs=0.03)
    assert backtest.covered(draws, truth, 0.9).mean() == pytest.approx(0.9, abs=0.02)


def test_the_interval_of_a_difference_between_equals_is_zero() -> None:
    cells = np.random.default_rng(4).random((2, 3, 6))
    assert backtest.interval("crps", cells, 200, np.random.default_rng(5), cells) == (0.0, 0.0)
