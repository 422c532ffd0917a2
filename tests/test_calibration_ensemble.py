from pathlib import Path

import numpy as np
import pytest

from experiments.config import assembly
from experiments.config.ensemble import read_ensemble, write_ensemble
from experiments.config.errors import ConfigError
from experiments.config.load import compose_study
from experiments.location import existing
from model.run import simulate
from model.world import Ensemble


def test_the_shipped_ensemble_covers_every_number_marked_for_calibration() -> None:
    from experiments.calibration.prior import Prior

    study = compose_study(["scenarios=[baseline]"])
    prior, shipped = Prior.of(study), read_ensemble(existing("data/posterior"))
    assert set(shipped.paths) == set(prior.paths)
    members = shipped.only(prior.paths).members
    assert len(members) >= 200
    assert (members >= prior.low * (1 - 1e-5)).all()
    assert (members <= prior.high * (1 + 1e-5)).all()


def test_an_ensemble_comes_back_as_it_went_and_counts_its_versions(tmp_path: Path) -> None:
    members = np.random.default_rng(0).random((5, 2))
    ensemble = Ensemble(("behaviour.spillover", "behaviour.productivity"), members)
    assert write_ensemble(tmp_path, ensemble, {"seed": 1})["version"] == 1
    assert write_ensemble(tmp_path, ensemble, {"seed": 1})["version"] == 1
    assert write_ensemble(tmp_path, Ensemble(ensemble.paths, members + 1.0), {})["version"] == 2
    np.testing.assert_allclose(read_ensemble(tmp_path).members, members + 1.0, rtol=1e-5)


def test_a_changed_digit_of_an_ensemble_is_refused(tmp_path: Path) -> None:
    write_ensemble(tmp_path, Ensemble(("behaviour.spillover",), np.array([[0.08], [0.09]])), {})
    path = tmp_path / "members.csv"
    path.write_text(path.read_text().replace("0.08", "0.07"))
    with pytest.raises(ConfigError, match="manifest"):
        read_ensemble(tmp_path)


def test_replicates_draw_their_own_members_unless_the_centre_is_asked_for() -> None:
    posterior = assembly.world(compose_study(["scenarios=[baseline]"]))
    assert posterior.ensemble is not None
    drawn = posterior.ensemble.drawn(posterior.seed, range(8))
    assert len(np.unique(drawn, axis=0)) > 4
    study = compose_study(["scenarios=[baseline]", "uncertainty.parameters=central"])
    assert assembly.world(study).ensemble is None


def test_a_number_given_by_the_user_is_not_overruled_by_the_ensemble() -> None:
    study = compose_study(["scenarios=[baseline]", "behaviour.spillover=0.03"])
    ensemble = assembly.world(study).ensemble
    assert ensemble is not None
    assert "behaviour.spillover" not in ensemble.paths
    assert "behaviour.productivity" in ensemble.paths


def test_parameters_widen_the_bands_beyond_chance_alone() -> None:
    spread = {}
    for parameters in ("posterior", "central"):
        study = compose_study(["scenarios=[baseline]", f"uncertainty.parameters={parameters}", "end=2023Q4"])
        record = simulate(assembly.world(study), [assembly.scenario(study.scenarios[0])], range(48))
        spread[parameters] = float(record.true[0, :, -1, 1].std(0).mean())
    assert spread["posterior"] > 1.3 * spread["central"]
