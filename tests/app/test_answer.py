import numpy as np
import pandas as pd
import pytest
import yaml

from experiments.app.setting import BASE, FIRST_RUNS, PAGE, Setting, Use
from experiments.app.work import View, Work
from experiments.config import assembly
from experiments.results.tables import write_bands
from experiments.runs.engine import LAB
from experiments.runs.identity import identify
from experiments.runs.merged import Merged
from experiments.runs.records import Packed, pack
from model.run import resumed, simulate, snapshot
from model.system import BankingSystem
from tests.app.tables import QUESTION, same_paths


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return Work(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def composed(work):
    """The study that the downloaded file composes to."""
    return work.frames.composed(yaml.safe_load(QUESTION.file()))


@pytest.fixture(scope="module")
def shown(work):
    return work.first(QUESTION, View("index", "rural"))


def test_the_page_asks_the_same_study_as_its_file(work, composed):
    study = work.frames.study(QUESTION)
    assert study.digest == composed.digest
    assert identify(study).chunks == identify(composed).chunks


def test_what_the_page_shows_the_command_computes_digit_for_digit(shown, composed, tmp_path):
    record = LAB(composed, range(FIRST_RUNS))
    file = tmp_path / "chunk"
    file.write_bytes(b"".join(pack(file.name, record)))
    write_bands(Merged([Packed(file)], {BASE: BASE, PAGE: BASE}), tmp_path)
    bands = pd.read_parquet(tmp_path / "bands.parquet")
    same_paths(shown, bands, ["rural"], passed_over="item:")  # the file of this test keeps no items


def test_the_target_of_a_lever_is_followed_and_its_reach_told(work, shown):
    aim = work.frames.of(Setting()).policies["data_sharing"].target.outcome
    assert (aim, "rural") in shown.ends
    assert shown.reach.banks > 0
    assert shown.costs["total"]["cost"] > 0


def test_a_run_goes_on_from_where_the_frame_stands_with_the_numbers_of_a_whole_one(work):
    frame = work.frames.of(Setting())
    scenario = assembly.scenario(frame.with_levers(QUESTION.setting.uses, PAGE))
    gone_on = frame.run(QUESTION.setting.uses, FIRST_RUNS)
    whole = simulate(frame.world, [scenario], range(FIRST_RUNS))
    for name, values in whole.outcomes.items():
        assert np.array_equal(values, gone_on.outcomes[name], equal_nan=True), name
    assert np.array_equal(whole.true, gone_on.true, equal_nan=True)
    assert np.array_equal(whole.costs, gone_on.costs)
    assert np.array_equal(whole.items, gone_on.items, equal_nan=True)


def test_a_run_does_not_go_on_from_after_a_policy_started(work):
    frame = work.frames.of(Setting())
    scenario = assembly.scenario(frame.with_levers((Use("alliances", start="2020Q2"),), PAGE))
    system = BankingSystem(frame.world, [frame.bare], range(1))
    system.step()
    system.step()
    with pytest.raises(ValueError, match="starts before"):
        resumed(system, scenario)
    assert snapshot(system).quarter == system.quarter


def test_a_bank_s_first_year_is_told_though_some_is_measured_at_its_end_only(work):
    story = work.year(Setting(), 0, 2020, 0, "en")
    assert len(story.points) == 6
    gaps = [table.rows[-1][-1].text for table in story.quarters]
    assert gaps[:3] == ["–"] * 3
    assert float(gaps[3].replace("−", "-"))
