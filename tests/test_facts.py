"""The stylised facts: each has its band, its source and its measure, and the shipped results are those of the list."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.validity import FACTS, MIDDLE
from experiments.calibration.measures import MEASURES, Run
from model.world import Scenario, World
from tests import model_tables

DATA = Path(__file__).resolve().parents[1] / "data"
ROWS = list(csv.DictReader((DATA / "facts.csv").read_text("utf-8").splitlines()))
SHIPPED = pd.read_csv(DATA / "facts_result.csv")
SOURCES = {
    row["id"]
    for path in (DATA / "source").glob("*.csv")
    for row in csv.DictReader(path.read_text("utf-8").splitlines())
    if "id" in row
}


def named(sources: str) -> Iterator[str]:
    """Every id of a list such as ``T001-T004;P082``, with both ends of each span."""
    for part in sources.split(";"):
        yield from part.split("-")


def test_at_least_thirty_facts_each_with_a_measure_of_its_own():
    names = [row["id"] for row in ROWS]
    assert len(names) == len(set(names)) >= 30
    assert set(names) == set(MEASURES)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["id"]))
def test_a_fact_has_a_band_a_source_and_two_languages(row):
    assert float(row["low"]) < float(row["high"])
    assert row["used_in_fit"] in {"yes", "partly", "input", "no"}
    assert row["band"] in {"sampling", "published", "sign", "judgement"}
    assert row["grade"] in {"outturn", "inferred", "from memory", "assumption"}
    assert set(named(row["source"])) <= SOURCES | {"assumption", "scores.csv"}
    assert row["statement_en"]
    assert row["statement_zh"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["id"]))
def test_what_is_printed_lies_in_the_band(row):
    if row["printed"]:
        assert float(row["low"]) <= float(row["printed"]) <= float(row["high"])


def test_the_shipped_results_are_of_these_facts_with_these_bands():
    shipped = SHIPPED[~SHIPPED["fact"].str.startswith("lever:")].set_index("fact")
    assert list(SHIPPED.columns) == FACTS.names
    assert list(shipped.index) == [row["id"] for row in ROWS]
    for row in ROWS:
        line = shipped.loc[row["id"]]
        assert (line["low"], line["high"]) == (float(row["low"]), float(row["high"])), row["id"]
        assert (line["passed"] == "yes") == (line["low"] <= line["value"] <= line["high"]), row["id"]
    assert len(SHIPPED) == len(ROWS) + 13


def test_the_page_on_the_model_tells_the_shipped_results():
    text = model_tables.DOCUMENT.read_text("utf-8")
    assert model_tables.rewritten(text) == text, "run: python -m tests.model_tables"
    assert {found[1] for found in model_tables.TABLE.finditer(text)} == set(model_tables.TABLES)


@pytest.fixture(scope="module")
def runs(lab: World, nation: World, baseline: Scenario) -> dict[str, Run]:
    """The facts' runs, with few replicates and a thinned nation."""
    return {
        "survey": Run(lab, baseline, range(2), "2030Q4"),
        "national": Run(nation, baseline, range(2), MIDDLE, changed=False),
    }


def test_every_fact_is_read_off_a_run(runs):
    for row in ROWS:
        values = np.atleast_1d(MEASURES[row["id"]](runs[row["population"]]))
        assert np.isfinite(values).all(), row["id"]
        assert values.size in (1, 2), row["id"]


def test_half_of_a_sudden_gain_is_left_after_three_years(runs):
    assert (runs["survey"].remembered > 0.5).all()


def test_more_bad_loans_never_help(runs):
    assert np.median(MEASURES["bad_loans_cost"](runs["survey"])) < 0.0
