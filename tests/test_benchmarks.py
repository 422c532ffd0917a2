"""The benchmark measures what it says: the plain model does the engine's work, and every number has its place."""

import json

import pytest

from benchmarks import study_layer
from benchmarks.cases import Case
from benchmarks.floor import counts
from benchmarks.measure import measure
from benchmarks.table import table

SURVEY = Case("80×1", "survey", 1)


def test_the_floor_counts_what_a_run_draws():
    counted = counts(SURVEY)
    assert counted["16-bit words"] > 10
    assert counted["normals"] > 0
    assert counted["exp"] > 0


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
    assert found["cases"][0]["plain_ratio"] > 1
