"""The track record: frozen once, told apart when it is touched, and scored against a made-up survey."""

import json
from pathlib import Path

import numpy as np
import pytest

from experiments.calibration import backtest
from experiments.config.data import read_ensemble, write_ensemble
from experiments.config.load import compose_study
from experiments.config.study import StudySettings
from experiments.failure import StudyFailed
from experiments.location import existing, version
from experiments.study.calibrate import track_record as task
from model.world import Ensemble


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small ensemble and the projections that were frozen with it."""
    folder = tmp_path_factory.mktemp("record")
    shipped = read_ensemble(existing("data/posterior"))
    write_ensemble(folder / "posterior", Ensemble(shipped.paths, shipped.members[:12]), {"seed": 1})
    task(settings(folder), folder / "study")
    return folder


def settings(folder: Path, *words: str) -> StudySettings:
    small = ("store=posterior", "record=record", "chance_runs=8", "rival_runs=100")
    given = [f"calibration.{word}".replace("=posterior", f"={folder}/posterior") for word in small]
    given = [word.replace("=record", f"={folder}/record") for word in given]
    return compose_study(["experiment=track_record", *given, *words])


def survey(folder: Path, cells: str) -> Path:
    path = folder / "my_scores.csv"
    path.write_text("bank_type,dimension,year,score\n" + cells, "utf-8")
    return path


def test_a_release_is_frozen_once_with_what_it_rests_on(place: Path) -> None:
    path = place / "record" / f"{version()}.csv"
    record = backtest.thawed(path)
    assert set(record.editions) == {2024, 2025, 2026}
    assert len(record.editions[2025]) == 6
    assert {"date", "posterior", "model", "data", "survey", "settings"} <= set(record.facts)
    model = record.editions[2024][0]
    assert model.draws.shape == (20, 3, 6)
    assert (np.diff(model.draws, axis=0) >= 0.0).all()
    with pytest.raises(StudyFailed, match="not written twice"):
        task(settings(place), place / "study")


def test_this_version_is_frozen_on_an_ensemble_that_is_named() -> None:
    record = backtest.thawed(existing("data/track_record") / f"{version()}.csv")
    assert record.facts["version"] == version()
    assert record.facts["posterior"].startswith("version ")
    assert set(record.editions) == {2024, 2025, 2026}


def test_what_was_touched_is_refused(place: Path, tmp_path: Path) -> None:
    path = tmp_path / "1.csv"
    path.write_text((place / "record" / f"{version()}.csv").read_text("utf-8").replace("city", "rural", 1))
    with pytest.raises(StudyFailed, match="digest differs"):
        backtest.thawed(path)


def test_a_survey_that_appears_scores_model_and_rivals(place: Path) -> None:
    record = backtest.thawed(place / "record" / f"{version()}.csv")
    model = record.editions[2024][0]
    cells = [("city", "strategy", 0, 0), ("city", "data", 0, 4), ("rural", "data", 1, 4)]
    told = "".join(f"{kind},{d},2024,{model.point[k, c]:.2f}\n" for kind, d, k, c in cells)
    scores = survey(place, told + "city,data,2023,55\n")
    folder = task(settings(place, f"calibration.scores={scores}"), place / "scored")
    (found,) = json.loads((folder / "track_record.json").read_text("utf-8"))
    assert [origin["year"] for origin in found["origins"]] == [2024]
    rows = {row["forecaster"]: row for row in found["pooled"]["18 cells"]}
    assert rows[backtest.MODEL]["mae"] == pytest.approx(0.0, abs=0.01)
    assert rows[backtest.MODEL]["coverage_50"] == 1.0
    assert rows[backtest.MODEL]["crps"] < rows["trend"]["crps"]
    assert {"persistence", "cell mean", backtest.PRIMARY, backtest.FAIREST} <= set(rows)
    assert found["digest"][:16] in (folder / "report.html").read_text("utf-8")
    assert "预测记录" in (folder / "report_zh.html").read_text("utf-8")


def test_a_year_without_an_edition_is_passed_over(place: Path) -> None:
    scores = survey(place, "city,data,2023,55\ncity,data,2025,60\n")
    folder = task(settings(place, f"calibration.scores={scores}"), place / "gap")
    (found,) = json.loads((folder / "track_record.json").read_text("utf-8"))
    assert [origin["year"] for origin in found["origins"]] == [2025]


def test_a_survey_that_nobody_projected_is_told(place: Path) -> None:
    scores = survey(place, "city,data,2031,55\n")
    with pytest.raises(StudyFailed, match="frozen are projections of 2024, 2025, 2026"):
        task(settings(place, f"calibration.scores={scores}"), place / "none")


def test_rivals_are_less_sure_of_later_years() -> None:
    past = np.random.default_rng(1).normal(60.0, 5.0, (4, 3, 6))
    for rival in (backtest.persistence, backtest.trend, backtest.with_growth):
        near, far = (rival(past, ahead).draws.std(0) for ahead in (1, 3))
        assert (far > near).all()
