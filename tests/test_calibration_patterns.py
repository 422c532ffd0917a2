"""The calibrated model against patterns that were not fitted; rules and false-alarm rates stand in conf/calibration."""

from typing import Any

import numpy as np
import pytest

from experiments.calibration.patterns import STATISTICS, patterns
from experiments.calibration.problem import CalibrationProblem
from experiments.config.ensemble import read_ensemble
from experiments.config.load import compose_study
from experiments.location import existing

NAMES = (*STATISTICS, "j_curve")


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, Any]]:
    problem = CalibrationProblem(compose_study(["experiment=patterns"]))
    members = read_ensemble(existing("data/posterior")).only(problem.prior.paths).members
    return {row["pattern"]: row for row in patterns(problem, members)}


@pytest.mark.parametrize("name", NAMES)
def test_the_calibrated_model_shows_the_pattern(name: str, found: dict[str, dict[str, Any]]) -> None:
    row = found[name]
    assert row["passed"], f"{row['statistic']} {row['unit']} is outside {row['rule']} ({row['source']})"


def test_every_rule_states_how_often_chance_alone_breaks_it(found: dict[str, dict[str, Any]]) -> None:
    assert set(found) == set(NAMES)
    assert all(0.0 < row["false_alarm"] <= 0.05 for row in found.values())


def test_a_model_without_language_models_would_fail(found: dict[str, dict[str, Any]]) -> None:
    problem = CalibrationProblem(compose_study(["experiment=patterns", "behaviour.route_review=0.05"]))
    members = read_ensemble(existing("data/posterior")).only(problem.prior.paths).members
    rows = {row["pattern"]: row for row in patterns(problem, members[:32])}
    assert not rows["adoption"]["passed"]
    assert np.isfinite(rows["dispersion"]["statistic"])
