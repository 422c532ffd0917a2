"""What the section that answers a question says of tables whose answers are known."""

import pandas as pd
import pytest

from experiments.report.page import opened
from experiments.report.registry import Page, Text
from experiments.report.sections import choice, sensitivity
from experiments.report.sections.answer import baseline, measured
from experiments.report.sections.distribution import winners
from experiments.report.sections.effects import summary
from tests.synthetic_study import settings, write_study


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Page:
    return opened(write_study(tmp_path_factory.mktemp("s"), replicates=8), "en", settings())


def frontier(**changed: object) -> pd.DataFrame:
    line = {"scenario": "both", "outcome": "rural_city_gap", "bank_kind": "all", "frontier_probability": 1.0}
    line |= {
        "effect": -1.0,
        "effect_low": -2.0,
        "effect_high": -0.1,
        "gap_probability": 0.96,
        "dominated_by": "",
    }
    line |= {"probability": 0.04, "gap_effect": -1.0, "gap_effect_low": -2.0, "gap_effect_high": -0.1}
    line |= {"cost": 100.0, "cost_low": 80.0, "cost_high": 120.0}
    line |= {"gap_price": 100.0, "gap_price_low": 50.0, "gap_price_high": float("inf")}
    line |= {"target": "technology", "target_kind": "rural", "target_effect": 2.0, "target_effect_low": 1.0}
    line |= {
        "target_effect_high": 3.0,
        "banks": 3800.0,
        "runs": 8.0,
        "gap_reason": "",
        "item_reason": "noise",
    }
    line |= {"target_price": 50.0, "target_price_low": 40.0, "target_price_high": 90.0, "target_reason": ""}
    return pd.DataFrame([{**line, **changed}])


def test_a_price_is_told_with_its_interval_and_no_claim_beyond_doubt(page):
    said, (table, prices) = choice.frontier(frontier(), page)
    text = " ".join(said)
    assert "100 [50, ∞] million yuan a point" in text
    assert "close it beyond noise" in text
    assert "doubt" not in text
    assert [cell.text for cell in table.rows[0]].count("−1.00") == 1  # an outcome stands in one column
    assert [cell.text for cell in prices.rows[0][-3:]] == ["50", "within noise", "100"]


def test_a_sample_that_is_priced_on_the_nation_is_not_said_to_have_no_price(tmp_path):
    folder = write_study(tmp_path / "s", replicates=4)
    sample = opened(folder, "en", {**settings(), "choices": {"population": "survey"}})
    told = {"no point has a price here": [True, False], "stand in the answer": [False, True]}
    for place in (0, 1):
        texts = [block.text for block in summary(sample) if isinstance(block, Text)]
        assert {part: any(part in text for text in texts) for part in told} == {
            part: there[place] for part, there in told.items()
        }
        frontier().to_parquet(folder / "frontier.parquet")


def test_what_is_better_by_less_has_the_chance_that_it_falls(page):
    _, (table, _) = choice.frontier(frontier(), page)
    assert table.rows[0][2].text == "0.96"
    _, tables = choice.frontier(frontier(outcome="index", probability=0.9), page)
    assert tables[0].rows[0][2].text == "0.90"


def test_a_bundle_that_widens_the_gap_is_not_said_to_close_it(page):
    wider = {"gap_effect": 0.2, "gap_price": float("nan"), "gap_probability": 0.2}
    said, _ = choice.frontier(frontier(**wider), page)
    assert said[0].startswith("For the nation, no bundle closes")


def test_challengers_that_hardly_ever_lead_share_a_sentence(page):
    line = {
        "leader": "both",
        "challenger": "data_sharing",
        "probability": 0.01,
        "parameter": "behaviour.imitation",
    }
    frame = pd.DataFrame([{**line, "side": "low", "probability_given": 0.02, "noise": 0.05, "clear": 0.0}])
    said, _ = choice.reversal(frame, page)
    assert len(said) == 1
    assert said[0].startswith("No other scenario beats")


def test_five_bands_are_shown_of_the_scenario_in_focus_and_two_sides_of_the_others(page):
    shares = {"lose_large": 0.1, "lose": 0.2, "same": 0.3, "gain": 0.3, "gain_large": 0.1}
    line = {
        "effect": 1.0,
        "effect_low": 0.5,
        "effect_high": 1.5,
        "grouping": "kind",
        "group": "city",
        **shares,
    }
    frame = pd.DataFrame([{**line, "scenario": name, "weight": 1.0} for name in ("data_sharing", "both")])
    _, (focus, others) = winners(frame, page)
    assert [cell.text.rstrip("\N{NO-BREAK SPACE}%") for cell in focus.rows[0][2:]] == [
        "10",
        "20",
        "30",
        "30",
        "10",
    ]
    assert len(others.rows) == 2


def test_an_outcome_is_said_to_rise_to_fall_or_to_stay(page):
    said = measured([("index", "city"), ("data", "rural")], page)
    assert len(said) == 3
    assert "rising: " in said[-1]


@pytest.mark.parametrize("failure", ["wrong_way", "worst_quarter"])
def test_a_search_that_finds_no_box_says_so(page, failure):
    line = {"scenario": "both", "outcome": "rural_city_gap", "bank_kind": "all", "failure": failure}
    (said,), _ = sensitivity.discovery(pd.DataFrame([{**line, "failures": 0.3, "parameter": ""}]), page)
    assert "no corner" in said


def test_an_index_by_quarter_is_given_only_where_it_is_told_from_zero(page):
    ends = {"total_low": [0.1, -0.1, 0.2], "total": [0.3, 0.1, 0.5], "total_high": [0.5, 0.3, 0.8]}
    where = {"quarter": ["2029Q4", "2030Q4", "2030Q4"], "parameter": ["network", "network", "allocation"]}
    frame = pd.DataFrame({**where, **ends, "told": [1.0, 0.0, 1.0], "seed_noise": 0.1})
    (said,), (table,) = sensitivity.sensitivity_path(frame, page)
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["Allocation", "no spread", "0.50"],
        ["Network", "0.30", "not told from zero"],
    ]
    assert "network first (2029q4), allocation in the end" in said.lower()


def test_shares_of_variance_are_told_on_every_output_for_the_scenario_in_focus_alone(page):
    shares = {"share_parameters": 0.5, "share_seeds": 0.3, "share_both": 0.2}
    shares |= {"replicates_sign": 5.0, "replicates_tenth": 90.0, "bank_kind": "all"}
    names = [(scenario, of) for scenario in ("data_sharing", "both") for of in ("index", "gini")]
    frame = pd.DataFrame([{"scenario": scenario, "outcome": of, **shares} for scenario, of in names])
    said, (table,) = sensitivity.variance(frame, page)
    assert len(said) == 1
    assert [row[0].text for row in table.rows].count(page.labels.scenario("both")) == 2
    assert len(table.rows) == 3


def test_a_study_without_a_question_has_no_path_of_the_baseline(page):
    bands = {"scenario": ["baseline"], "outcome": ["gini"], "quarter": ["2030Q4"]}
    bands |= {"q05": [0.1], "q50": [0.2], "q95": [0.3]}
    frame = pd.DataFrame(bands).assign(bank_kind="all", quantity="level", measure="true")
    path = page.study.folder / "bands.parquet"
    whole = path.read_bytes()
    frame.to_parquet(path)
    try:
        assert baseline((), page) == []
        (said,) = baseline([("gini", "all"), ("index", "city")], page)
    finally:
        path.write_bytes(whole)
    assert "0.200 [0.100, 0.300] in 2030" in said


def test_the_level_of_a_share_is_a_percentage(page):
    bands = {"scenario": ["baseline"], "outcome": ["outage_exposure"], "quarter": ["2030Q4"]}
    bands |= {"q05": [0.1], "q50": [0.2], "q95": [0.3]}
    frame = pd.DataFrame(bands).assign(bank_kind="all", quantity="level", measure="true")
    path = page.study.folder / "bands.parquet"
    whole = path.read_bytes()
    frame.to_parquet(path)
    try:
        (said,) = baseline([("outage_exposure", "all")], page)
    finally:
        path.write_bytes(whole)
    assert "(%)" in said
    assert "20.0 [10.0, 30.0] in 2030" in said
