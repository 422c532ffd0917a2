"""The steps of calibration on problems whose answers are known, and the whole of it on a very small budget."""

from pathlib import Path

import numpy as np
import pytest

from agents.honeycomb import APPLICATION
from experiments.calibration.emulator import train
from experiments.calibration.likelihood import Likelihood, growth, read_observations
from experiments.calibration.prior import Prior
from experiments.calibration.problem import CalibrationProblem
from experiments.calibration.sampler import memory, posterior, smooth
from experiments.config.errors import ConfigError
from experiments.config.load import compose_study

STREAM = 20201


def _linear() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A linear model with normal prior and noise, and its exact posterior mean and covariance."""
    stream = np.random.default_rng(STREAM)
    matrix, noise = stream.standard_normal((5, 3)), np.diag(np.linspace(0.5, 1.5, 5))
    observed = matrix @ np.array([0.5, -1.0, 0.3]) + 0.1
    covariance = np.linalg.inv(np.eye(3) + matrix.T @ np.linalg.inv(noise) @ matrix)
    return matrix, noise, observed, covariance @ matrix.T @ np.linalg.inv(noise) @ observed, covariance


def test_chains_find_the_exact_posterior_of_a_linear_model() -> None:
    matrix, noise, observed, mean, covariance = _linear()
    likelihood = Likelihood(lambda states: states @ matrix.T, noise, observed)
    chains = posterior(likelihood, 3, 1500, 60, np.random.default_rng(1))[0]
    np.testing.assert_allclose(chains[-1].mean(0), mean, atol=0.06)
    np.testing.assert_allclose(np.cov(chains[-1].T), covariance, atol=0.06)
    assert np.abs(memory(chains)).max() < 0.15


def test_several_data_sets_are_sampled_side_by_side() -> None:
    matrix, noise, observed, mean, _ = _linear()
    likelihood = Likelihood(lambda states: states @ matrix.T, noise, np.stack([observed, -observed]))
    found = posterior(likelihood, 3, 600, 40, np.random.default_rng(2), kept=1)[:, -1].mean(1)
    np.testing.assert_allclose(found, np.stack([mean, -mean]), atol=0.12)


def test_without_data_the_posterior_is_the_prior() -> None:
    likelihood = Likelihood(lambda states: states[:, :1] * 0.0, np.eye(1), np.zeros(1))
    chains = posterior(likelihood, 2, 1000, 20, np.random.default_rng(3))[0]
    assert chains[-1].std() == pytest.approx(1.0, abs=0.05)


def test_the_smoother_is_exact_for_a_linear_model() -> None:
    matrix, noise, observed, mean, covariance = _linear()
    stream = np.random.default_rng(4)
    members = smooth(lambda m: m @ matrix.T, stream.standard_normal((6000, 3)), observed, noise, 3, stream)
    np.testing.assert_allclose(members.mean(0), mean, atol=0.05)
    np.testing.assert_allclose(np.cov(members.T), covariance, atol=0.05)


def test_an_unseen_cell_is_forecast_with_the_errors_it_shares_with_a_seen_one() -> None:
    covariance = np.array([[1.0, 0.9], [0.9, 1.0]])
    likelihood = Likelihood(lambda states: np.zeros((len(states), 2)), covariance, np.array([2.0, np.nan]))
    draws = likelihood.forecast(np.zeros((4000, 1)), np.array([1]), np.random.default_rng(5))
    assert draws.mean() == pytest.approx(1.8, abs=0.05)
    assert draws.std() == pytest.approx(np.sqrt(1.0 - 0.81), abs=0.03)


def test_the_emulator_learns_a_curved_function() -> None:
    prior = Prior(("a", "b"), np.zeros(2), np.ones(2), np.full(2, 0.5))
    stream = np.random.default_rng(6)
    scores = prior.draw(stream, 3000)

    def truth(z: np.ndarray) -> np.ndarray:
        x = prior.values(z)
        return np.stack([x[:, 0] * x[:, 1], np.exp(x[:, 0])], axis=1)

    emulator = train(prior, scores, truth(scores), 32, 60, stream)
    fresh = prior.draw(stream, 500)
    assert np.sqrt(((emulator(fresh) - truth(fresh)) ** 2).mean(0)).max() < 0.02


def test_prior_scores_and_values_are_each_others_reverse_and_stay_in_range() -> None:
    prior = Prior.of(compose_study(["scenarios=[baseline]"]))
    scores = prior.draw(np.random.default_rng(7), 100)
    values = prior.values(scores)
    assert ((values >= prior.low) & (values <= prior.high)).all()
    np.testing.assert_allclose(prior.scores(values), scores, atol=1e-4)
    assert len(set(prior.paths)) == prior.size


def test_growth_leaves_out_the_dimension_whose_definition_changes() -> None:
    level = np.zeros((1, 4, 3, 6))
    level[:, -1, :, APPLICATION] = -50.0
    level[:, -1, 0, 0] = 15.0
    np.testing.assert_allclose(growth(level), [[1.0, 0.0, 0.0]])


def test_targets_are_the_72_printed_scores_and_weak_spending() -> None:
    observed = read_observations()
    assert observed.scores.shape == (4, 3, 6)
    assert not np.isnan(observed.scores).any()
    assert observed.scores[3, 0, 0] == 71.68
    np.testing.assert_allclose(observed.spend[3], [0.775, 0.2125, 0.0625])
    assert np.isnan(observed.until(2021).scores[2:]).all()
    assert np.isnan(observed.until(2021).spend[2:]).all()


def test_a_table_with_a_new_year_is_read_and_a_wrong_row_is_named(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("bank_type,dimension,year,score\ncity,data,2023,55.5\ncity,data,2024,57.0\n")
    assert read_observations(path).years == (2023, 2024)
    path.write_text("bank_type,dimension,year,score\ncity,data,2023,155\n")
    with pytest.raises(ConfigError, match=r"scores.csv:line 2, column score"):
        read_observations(path)


SMALL = (
    ("runs", 96),
    ("refined", 0),
    ("held_out", 32),
    ("batch", 48),
    ("width", 8),
    ("epochs", 3),
    ("steps", 8),
)


@pytest.fixture(scope="module")
def problem(tmp_path_factory: pytest.TempPathFactory) -> CalibrationProblem:
    numbers = [f"calibration.{name}={value}" for name, value in SMALL]
    folder = tmp_path_factory.mktemp("calibration")
    return CalibrationProblem(compose_study(["experiment=calibrate", f"outputs.folder={folder}", *numbers]))


def test_application_is_measured_without_language_models_before_2023(problem: CalibrationProblem) -> None:
    runs = problem.first_wave
    gap = (runs.outputs.survey - runs.outputs.expected).mean(0)
    assert np.abs(gap).max() < 3.0, "the survey is unbiased about what is expected under its own definition"
    change = np.diff(runs.outputs.expected[..., APPLICATION], axis=1)[:, -1].mean()
    assert change < -4.0, "the item of 2023 alone lowers the score"


def test_finished_runs_are_found_again(problem: CalibrationProblem) -> None:
    first = problem.first_wave.outputs.survey
    files = {file.path: file.path.stat().st_ino for file in problem.store.kept()}
    assert files
    np.testing.assert_array_equal(CalibrationProblem(problem.settings).first_wave.outputs.survey, first)
    assert files == {file.path: file.path.stat().st_ino for file in problem.store.kept()}
    assert problem.store.uses()["calibration"]["needed"], "no other study makes them go"


def test_a_small_calibration_gives_members_within_the_priors(problem: CalibrationProblem) -> None:
    chains = problem.posterior(problem.observations, "test", members=40)
    values = problem.prior.values(chains[-1])
    assert values.shape == (40, problem.prior.size)
    assert ((values >= problem.prior.low) & (values <= problem.prior.high)).all()
