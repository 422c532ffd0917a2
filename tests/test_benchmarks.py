"""The benchmark measures what it says: the plain model does the engine's work, and every number has its place."""

import json

import pytest

from agents.honeycomb import DIMENSIONS, KINDS
from benchmarks import study_layer
from benchmarks.cases import BankByBank, Case, objects, quarters
from benchmarks.floor import counts
from benchmarks.measure import measure
from benchmarks.plain_mesa import PlainMesa
from benchmarks.table import table
from model.run import simulate
from model.system import BankingSystem

SURVEY = Case("80×1", "survey", 1)


@pytest.mark.slow
def test_the_plain_model_reaches_the_scores_of_the_engine():
    world, scenarios = objects("survey")
    scores = simulate(world, scenarios, range(8)).true[0, :, -1].mean(0)
    plain = PlainMesa(world, scenarios[0])
    plain.run_for(quarters("survey"))
    for k, kind in enumerate(KINDS):
        for d in range(len(DIMENSIONS)):
            assert plain.mean(kind, d) == pytest.approx(scores[k, d], abs=8.0)


def test_bank_by_bank_runs_the_same_rules():
    systems = [system(*objects("survey"), range(2)) for system in (BankingSystem, BankByBank)]
    for system in systems:
        system.run_for(2)
    for name, column in systems[0].columns.items():
        assert (column == systems[1].columns[name]).all(), name


def test_the_floor_counts_what_a_run_draws():
    counted = counts(SURVEY)
    assert counted["normals"] > len(DIMENSIONS)
    assert counted["exp"] > 0
    assert counted["log"] > 0


def test_the_study_layer_is_timed_beside_the_engine_inside_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(study_layer, "OVERRIDES", (*study_layer.OVERRIDES, "end=2020Q4"))
    found = study_layer.overhead(2, 1)
    assert 0 < found["engine_ms"] < found["study_ms"]
    assert found["overhead"] > 0
    assert found["speed_up"] is None


@pytest.mark.slow
def test_the_table_holds_every_case_and_the_numbers_are_json():
    found = measure((SURVEY,), repetitions=1, study_runs=0)
    assert "80×1" in table(found)
    assert json.loads(json.dumps(found))["cases"][0]["floor"] > 0
