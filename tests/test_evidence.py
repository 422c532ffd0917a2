"""The academic's methods: each finds what an invented case holds, at a small size."""

from types import SimpleNamespace

import numpy as np
import pytest

from experiments.analysis.distribution import centred, convergence, slopes
from experiments.analysis.information import chance_floor, spectrum, worth
from experiments.analysis.sensitivity import split
from experiments.analysis.thresholds import thresholds
from experiments.analysis.validity import _both, against, post_strata, survey_weights
from experiments.runs.merged import Merged


def test_beta_and_sigma_of_an_invented_case_are_found():
    rng = np.random.default_rng(3)
    before = rng.normal(50.0, 10.0, (200, 60))
    after = 20.0 + 0.6 * before + rng.normal(0.0, 1.0, before.shape)
    found = slopes(before, after, 0.0)
    assert found["beta"] == pytest.approx(-0.4, abs=0.01)
    assert found["sigma_ratio"] == pytest.approx(0.61, abs=0.02)
    assert found["probability"] == 0.0


def test_a_style_that_stays_hides_part_of_the_slope_as_the_formula_says():
    rng = np.random.default_rng(4)
    before = rng.normal(50.0, 10.0, (400, 80))
    after = 20.0 + 0.6 * before + rng.normal(0.0, 1.0, before.shape)
    style = rng.normal(0.0, 4.0, before.shape)
    seen = slopes(before + style, after + style, 0.0)["beta"]
    told = slopes(before, after, 4.0)
    assert told["beta_surveyed"] == pytest.approx(seen, abs=0.01)
    assert told["beta"] < told["beta_surveyed"] < 0.0


def test_of_two_banks_a_style_as_wide_as_their_start_hides_half_of_the_slope():
    # They start 2 apart, a square of 4; two styles of that deviation, sqrt 2, add a square of 4 on average.
    found = slopes(np.array([[40.0, 42.0]]), np.array([[45.0, 46.0]]), np.sqrt(2.0))
    assert found["beta"] == pytest.approx(-0.5)
    assert found["beta_surveyed"] == pytest.approx(-0.25)
    assert found["sigma_start"] == pytest.approx(np.sqrt(2.0))
    assert found["sigma_ratio"] == pytest.approx(0.5)


def test_a_bank_that_is_merged_away_counts_neither_before_nor_after():
    rng = np.random.default_rng(5)
    before = rng.normal(50.0, 10.0, (3, 20))
    after = 0.5 * before
    gone = after.copy()
    gone[:, :5] = np.nan
    kept, less = slopes(before[:, 5:], after[:, 5:], 6.0), slopes(before, gone, 6.0)
    assert less == pytest.approx(kept)


def test_banks_are_taken_against_their_kind():
    values = np.array([[1.0, 3.0, 10.0, 20.0]])
    assert centred(values, np.array(["city", "city", "rural", "rural"])).tolist() == [[-1.0, 1.0, -5.0, 5.0]]


def test_a_bank_that_is_merged_away_is_not_in_the_mean_of_its_kind():
    kind = np.repeat(["city", "rural"], (6, 10))
    before = np.random.default_rng(7).normal(50.0, 10.0, (3, 16))
    after = 0.5 * before

    def found(before, after, kind):
        runs = [
            SimpleNamespace(run=lambda *_, at=at: {"index": at[None]}, every=[]) for at in (before, after)
        ]
        runs[1].under, runs[1].scenarios = (lambda _: runs[0]), {"baseline": None}
        settings = SimpleNamespace(
            model_copy=lambda update: None, start="2020Q1", behaviour={"style_spread": 4.0}
        )
        case = SimpleNamespace(
            merged=SimpleNamespace(stated_kind=kind),
            laboratory=runs[1],
            settings=settings,
            replicates=range(3),
            outcome="index",
            kind="all",
        )
        rows = convergence(case)["convergence"].set_index("group").loc["within"]
        return rows.drop(["scenario", "banks"]).astype(float).to_dict()

    gone = after.copy()
    gone[:, 6:10] = np.nan
    kept = np.r_[:6, 10:16]
    assert found(before, gone, kind) == pytest.approx(found(before[:, kept], after[:, kept], kind[kept]))


def test_a_bank_of_no_stated_kind_counts_with_all_small_and_medium_ones_alone():
    banks = SimpleNamespace(
        bank_kind=np.array([0, 1, 1, 2, 3]), bank_reported=np.array([1, 1, 0, 1, 1], bool)
    )
    merged = SimpleNamespace(
        stated_kind=Merged.stated_kind.fget(banks),
        bank_province=np.array(["GD"] * 5),
        scenarios=("baseline",),
        in_every_run=lambda *_: np.array([[90.0, 60.0, 30.0, 40.0, 50.0]]),
    )
    case = SimpleNamespace(merged=merged, pairs={}, outcome="index", kind="all")
    table = survey_weights(case)["survey_weights"].set_index("group")
    raw = {"small": 45.0, "city": 60.0, "rural": 40.0, "private": 50.0, "gap": 20.0}
    assert table["raw"].to_dict() == table["raw_low"].to_dict() == raw
    assert table["banks"].to_dict() == {"small": 4, "city": 1, "rural": 1, "private": 1, "gap": 2}
    assert table.loc["city", "weighted"] == 60.0


def test_a_placebo_tells_a_network_that_matters_from_one_that_does_not():
    rng = np.random.default_rng(6)
    network = rng.normal(1.0, 0.1, 50)
    same = against(network, network + rng.normal(0.0, 0.02, 50))
    assert same["difference_low"] < 0 < same["difference_high"]
    assert 0.3 < same["as_large"] < 0.7
    assert against(network, np.zeros(50))["as_large"] == 0.0


def test_weights_bring_a_sample_to_the_nation_and_tell_what_they_do_not_reach():
    kind = np.array(["large", "city", "city", "rural", "rural"])
    region = np.array(["east", "east", "west", "east", "east"])
    nation = [
        {"region": "east", "city_banks": "6", "rural_institutions": "30", "private_banks": "1"},
        {"region": "west", "city_banks": "2", "rural_institutions": "10", "private_banks": "0"},
    ]
    weight, covered = post_strata(kind, region, nation)
    assert weight.tolist() == [0.0, 6.0, 2.0, 15.0, 15.0]
    assert covered["city"] == 1.0
    assert covered["rural"] == 0.75
    raw, weighted = _both(np.array([[0.0, 4.0, 8.0, 0.0, 0.0]]), weight, kind == "city")
    assert (raw[0], weighted[0]) == (6.0, 5.0)


def test_the_spectrum_finds_the_combination_that_data_tell():
    rng = np.random.default_rng(7)
    scores = rng.standard_normal((400, 6))
    known = np.array([1.0, 1.0, 0.0, 0.0, 0.0, 0.0]) / np.sqrt(2.0)
    scores -= np.outer(scores @ known, 0.9 * known)  # the sum of the first two is known, each of them is not
    variances, weights = spectrum(scores)
    assert variances[0] == pytest.approx(0.01, abs=0.003)
    assert abs(weights[:, 0] @ known) > 0.99
    floor = chance_floor(400, 6, 1)
    assert np.logical_and.accumulate(variances < floor).sum() == 1
    alone, (weight,) = spectrum(scores[:, :1])  # of one parameter, which is its own combination
    assert (alone[0], abs(weight[0])) == (pytest.approx(scores[:, 0].var(ddof=1)), 1.0)
    assert chance_floor(400, 1, 1)[0] == pytest.approx(0.9, abs=0.1)


def test_a_placebo_that_does_just_as_much_counts_as_as_large():
    assert against(np.zeros(4), np.zeros(4))["as_large"] == 1.0


@pytest.mark.parametrize("end", ["2026Q4", "2027Q2"])
def test_thresholds_are_passed_at_a_half_and_cumulate(end):
    shut_out = np.array(
        [[[0.9, 0.5, 0.4, 0.3], [0.2, 0.6, 0.6, 0.5], [0.9, 0.9, 0.9, 0.9], [0.9, 0.9, 0.2, 0.1]]]
    )
    adopted = np.array(
        [[[0.1, 0.5, 0.4, 0.6], [0.0, 0.0, 0.5, 0.6], [0.0, 0.0, 0.0, 0.4], [0.9, 0.9, 0.9, 0.9]]]
    )
    seen = {"shut_out": shut_out, "adopted": adopted}
    laboratory = SimpleNamespace(run=lambda *_: seen, every=[], scenarios={"baseline": None})
    settings = SimpleNamespace(start="2023Q1", end=end, behaviour={"model_launch": 2023.0})
    case = SimpleNamespace(
        laboratory=laboratory, settings=settings, replicates=range(4), outcome="index", kind="all"
    )
    table = thresholds(case)["thresholds"].set_index(["threshold", "year"])
    for name, years in {
        "affordable": [2024, 2026, np.inf, 2025],
        "adopted": [2024, 2025, np.inf, 2023],
    }.items():
        for year in range(2023, 2027):
            row = table.loc[(name, year)]
            assert row["probability"] == np.mean(np.array(years) == year)
            assert row["by_then"] == np.mean(np.array(years) <= year)
            assert row["never"] == 0.25
            assert row["median"] == sorted(years)[1]


def test_luck_and_ignorance_are_told_apart_as_they_were_put_together():
    rng = np.random.default_rng(8)
    parameters, seeds = np.array([-3.0, -1.0, 1.0, 3.0]), rng.normal(0.0, 1.0, 4000)  # variances 20 / 3 and 1
    shares = split(parameters[:, None] + seeds + rng.normal(0.0, 3.0, (4, 4000)))
    assert shares["share_parameters"] == pytest.approx(0.4, abs=0.02)
    assert shares["share_seeds"] == pytest.approx(0.06, abs=0.01)
    assert shares["share_both"] == pytest.approx(0.54, abs=0.02)


def test_the_share_that_a_parameter_explains_is_adjusted_for_the_terms_of_the_regression():
    rng = np.random.default_rng(9)
    column = rng.random(20)
    leader = column + rng.normal(0.0, 0.3, 20)
    left = np.var(leader - np.polyval(np.polyfit(column, leader, 3), column)) / np.var(leader)
    assert worth(leader[None], leader, column)[1] == pytest.approx(1 - left * 19 / 16)
