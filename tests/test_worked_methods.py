"""Methods whose runs are laid down by hand, so that every number they tell can be worked out on paper."""

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from experiments.analysis import information, interactions, sensitivity, validity
from experiments.analysis.information import identification
from experiments.analysis.interactions import grid
from experiments.analysis.outcome import PLACES, VARIABLES
from experiments.analysis.parameters import Parameter
from experiments.analysis.sensitivity import screen
from experiments.analysis.validity import measurement_break, placebo
from experiments.calibration.fit import Prior
from experiments.own_bank import analysis
from model.own_plan import OwnAccount, OwnPlan, OwnProject
from model.world import Scenario


def values_of(numbers, variable="index", kind="all"):
    """What `final` reads where one variable of one kind is known and nothing else, of shape (..., runs)."""
    numbers = np.asarray(numbers, float)
    values = np.full((*numbers.shape, len(VARIABLES), len(PLACES)), np.nan)
    values[..., VARIABLES.index(variable), PLACES.index(kind)] = numbers
    return values


def test_the_placebo_means_a_seed_s_runs_before_it_compares_and_takes_a_policy_less_its_baseline(monkeypatch):
    monkeypatch.setattr(validity, "SHUFFLES", 2)
    monkeypatch.setattr(validity, "EACH", 2)
    seen = {  # seed by seed: baseline and policy, two runs each
        "partnerships": [[[10, 12], [15, 17]], [[20, 20], [23, 25]]],
        "rewired": [[[9, 11], [13, 13]], [[21, 23], [26, 26]]],
        "none": [[[8, 8], [9, 11]], [[18, 18], [19, 19]]],
    }
    monkeypatch.setattr(validity, "_seeds", lambda _, name: values_of(np.reshape(seen[name], (4, 2))))
    laboratory = SimpleNamespace(scenarios={"baseline": None, "lever": None})
    case = SimpleNamespace(
        laboratory=laboratory, pairs={"lever": "baseline"}, measures=lambda _: [("index", "all")],
        outcome="index", kind="all",
    )  # fmt: skip
    rows = placebo(case)["placebo"].set_index("scenario")
    # Levels: true 11 - 8, 20 - 18; shuffled 10 - 8, 22 - 18. Effects: true 5 - 2, 4 - 1; shuffled 3 - 2, 4 - 1.
    told = {"network": [2.5, 3.0], "shuffled": [3.0, 2.0], "difference": [-0.5, 1.0], "as_large": [0.5, 0.5]}
    for name, expected in told.items():
        assert rows.loc[["baseline", "lever"], name].tolist() == expected
    assert rows.loc["baseline", ["difference_low", "difference_high"]].tolist() == pytest.approx(
        [-1.85, 0.85]
    )


def test_what_is_beyond_a_network_that_lowers_an_outcome_lowers_it_more():
    assert validity.against(np.array([-3.0, -1.0]), np.array([-2.5, -2.0]))["as_large"] == 1.0
    assert validity.against(np.array([-3.0, -1.0]), np.array([-1.5, 5.0]))["as_large"] == 0.0
    assert validity.against(np.array([1.0, 1.0, 7.0]), np.array([2.0, 2.0, 0.0]))[
        "as_large"
    ] == pytest.approx(2 / 3)


def test_the_break_is_the_year_s_edition_less_the_first_in_the_years_that_end_within_the_study():
    edition = np.full(
        (1, 3, 2, 4), np.nan
    )  # runs, years, kinds: private banks of the last year are gone in a run
    first = edition.copy()
    first[0, :, 0], edition[0, :, 0] = 50.0, 50.0
    first[0, :, 1], edition[0, :, 1] = (
        [[60.0] * 4, [62.0] * 4, [64.0] * 4],
        [[55.0] * 4, [56.0] * 4, [50.0] * 4],
    )
    first[0, 2, 1, 3] = np.nan
    laboratory = SimpleNamespace(run=lambda *_: {"without": first, "with_item": edition}, every=[None])
    settings = SimpleNamespace(start="2022Q4", end="2024Q3")
    case = SimpleNamespace(
        laboratory=laboratory, settings=settings, replicates=range(3), outcome="index", kind="all"
    )
    rows = measurement_break(case)["measurement_break"]
    assert len(rows) == 7
    assert set(rows["year"]) == {2022, 2023}
    assert (rows[rows["year"] == 2022]["shift"] == 0.0).all()
    (row,) = rows[(rows["year"] == 2023) & (rows["bank_kind"] == "city")].to_dict("records")
    assert [row[k] for k in ("without", "with_item", "shift")] == [62.0, 55.0, -6.0]
    assert [row[k] for k in ("shift_low", "shift_high")] == pytest.approx([-13.2, -5.1])


def test_the_screen_tells_mean_moves_from_the_own_value_and_fails_what_moves_an_index_by_more_than_a_point(
    monkeypatch,
):
    weights = {
        "behaviour.small": [0.1, 0.5, 1.0],
        "behaviour.large": [2.0, 0.0, 0.0],
    }  # points a unit, by kind
    ends = (Parameter("behaviour.small", 1.0, 2.0, 3.0), Parameter("behaviour.large", 1.0, 2.0, 2.5))
    monkeypatch.setattr(sensitivity, "assumed", lambda _: ends)

    def run(scenarios, replicates, names, rows):
        assert scenarios == ["first"]
        luck, values = np.array([[-3.0, 5.0]]), values_of(np.zeros((1, 2)))
        for place, kind in enumerate(("city", "rural", "private")):
            moved = sum((rows[:, c] - 2.0) * weights[name][place] for c, name in enumerate(names))
            values[..., VARIABLES.index("like_for_like"), PLACES.index(kind)] = (
                40.0 + luck + moved * np.array([0.5, 1.5])
            )
        return {"values": values}

    laboratory = SimpleNamespace(run=run, every=["first", "second"])
    case = SimpleNamespace(
        laboratory=laboratory, replicates=range(2), settings=None, outcome="index", kind="all"
    )
    rows = screen(case)["screen"]
    assert rows.iloc[0][["parameter", "bank_kind", "at_low", "at_high", "passed"]].tolist() == [
        "behaviour.large", "city", -2.0, 1.0, "no",
    ]  # fmt: skip
    told = rows.set_index(["parameter", "bank_kind"])
    assert told.loc[("behaviour.small", "private"), ["at_low", "at_high"]].tolist() == [-1.0, 1.0]
    assert told.loc[("behaviour.small", "private"), "passed"] == "yes"
    assert told.loc[("behaviour.large", "city"), ["low", "high"]].tolist() == [1.0, 2.5]
    assert told["passed"].tolist().count("no") == 1

    def without_private(*arguments, **parameters):
        values = run(*arguments, **parameters)["values"]
        values[..., PLACES.index("private")] = np.nan
        return {"values": values}

    laboratory.run = without_private
    assert set(screen(case)["screen"]["bank_kind"]) == {"city", "rural"}


def test_the_spectrum_is_of_scores_of_the_prior_and_names_parameters_by_the_ensemble_s_order(monkeypatch):
    prior = Prior(("behaviour.a", "behaviour.b"), np.array([0.0, 1.0]), np.array([10.0, 100.0]), np.ones(2))
    rng = np.random.default_rng(2)
    scores = rng.standard_normal((400, 2))
    scores = (scores - scores.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(scores.T))).T
    scores *= [1.0, 0.2]  # b, in logs between its ends, is told: a variance of 0.04
    members = prior.values(scores)[:, ::-1]
    monkeypatch.setattr(Prior, "of", classmethod(lambda *_: prior))
    ensemble = SimpleNamespace(paths=prior.paths[::-1], members=members)
    laboratory = SimpleNamespace(world=SimpleNamespace(ensemble=ensemble))
    settings = SimpleNamespace(seed=1)
    case = SimpleNamespace(laboratory=laboratory, settings=settings)
    told = pd.DataFrame(identification.__wrapped__(case)).set_index(["direction", "rank"])
    assert told["parameter"].tolist() == ["behaviour.b", "behaviour.a", "behaviour.a", "behaviour.b"]
    assert told.loc[[(1, 1), (2, 1)], "variance"].tolist() == pytest.approx([0.04, 1.0])
    assert told.loc[[(1, 1), (2, 1)], "loading"].tolist() == pytest.approx([1.0, 1.0])
    assert told.loc[[(1, 1), (2, 1)], "informed"].tolist() == [1.0, 0.0]
    floor = told["chance_low"].to_numpy()
    assert 0.7 < floor[0] < floor[2] < 1.0  # about 1 - 1.645 sqrt(2 / 400), less for the smaller of two
    monkeypatch.setattr(information, "chance_floor", lambda *_: np.array([0.03, 2.0]))
    assert not any(row["informed"] for row in identification.__wrapped__(case))  # nothing after what is not


@dataclass(frozen=True)
class Lever:
    name: str
    intensity: float


def test_a_grid_scales_each_policy_by_itself_and_pairs_effect_and_cost_with_the_baseline(monkeypatch):
    monkeypatch.setattr(interactions, "_bundles", lambda *_: ["other", "abc"])
    base = Scenario("base", (), (), None)
    whole = Scenario("abc", (Lever("a", 1.0), Lever("b", 1.0), Lever("c", 2.0)), (), None)
    points = {"a": 1.0, "b": 10.0, "c": 100.0}

    def run(scenarios, replicates):
        force = np.array([[sum(points[p.name] * p.intensity for p in one.policies)] for one in scenarios])
        costs = np.zeros((len(scenarios), len(replicates), 2, 2))
        costs[:, :, 1, 0], costs[:, :, 0, 1] = 2.0 * force, 7.0  # the baseline pays seven as well
        luck = np.arange(len(replicates))
        return {"values": values_of(20.0 + luck + force * (1 + luck)), "costs": costs}

    case = SimpleNamespace(
        pair=lambda label: [base, whole], measures=lambda _: [("index", "all")], outcome="index", kind="all",
        settings=SimpleNamespace(analysis=SimpleNamespace(scenario="abc"), replicates=3),
        laboratory=SimpleNamespace(run=run),
    )  # fmt: skip
    rows = grid.__wrapped__(case)
    told = {tuple(row[f"{p}_strength"] for p in interactions.PLACES): row for row in rows}
    assert len(told) == 125
    row = told[0.5, 0.0, 0.25]  # 0.5 of a and 0.5 of c: 50.5, and in the three runs 1, 2 and 3 times that
    assert (row["scenario"], row["first"], row["third"]) == ("abc", "a", "c")
    assert [row[k] for k in ("effect", "probability", "cost")] == [101.0, 1.0, 101.0]
    assert (row["effect_low"], row["effect_high"]) == pytest.approx((55.55, 146.45))
    assert [told[0.0, 0.0, 0.0][k] for k in ("effect", "probability", "cost")] == [0.0, 0.5, 0.0]


# --- a better plan for one's own bank

ACCOUNT = OwnAccount(
    "ours",
    "rural",
    "SD",
    "2024Q1",
    1e9,
    plans=(
        OwnPlan(
            "lead",
            dimensions={2024: (1.0, 2.0, 1.0, 0.0, 4.0, np.nan), 2026: (10.0, 0.0, 0.0, 0.0, 0.0, np.nan)},
            spending={2025: 50.0},
            projects=(OwnProject("platform", "2024Q1"), OwnProject("quality", "2040Q2")),
        ),
    ),
)


def test_a_vector_of_the_search_is_the_first_plan_with_other_parts_total_route_and_timing():
    vector = np.array([0.1, 0.2, 0.3, 0.2, 0.1, 0.1, 0.8, 2.9, 1.2])
    plan = analysis._plan(ACCOUNT, vector, "try")
    assert plan.dimensions[2024] == pytest.approx((0.64, 1.28, 1.92, 1.28, 0.64, 0.64))  # 0.8 of 8 by parts
    assert plan.dimensions[2026] == pytest.approx((0.8, 1.6, 2.4, 1.6, 0.8, 0.8))
    assert plan.shares == pytest.approx((0.1, 0.2, 0.3, 0.2, 0.1, 0.1))
    assert plan.spending == {2025: 40.0}
    assert plan.language_model == analysis.ROUTES_TRIED[2]
    assert [project.start for project in plan.projects] == ["2025Q1", "2040Q4"]
    assert analysis._plan(ACCOUNT, np.r_[vector[:7], 0.9, 0.9], "try").language_model is None
    assert np.isnan(analysis._shares_today(ACCOUNT)).all()  # the rest of the 50 goes to what is left out
    alone = replace(ACCOUNT, plans=(replace(ACCOUNT.lead, spending={}),))
    assert analysis._shares_today(alone).tolist() == [0.125, 0.25, 0.125, 0.0, 0.5, 0.0]


def test_of_what_is_not_beaten_the_best_index_is_taken_that_is_worth_no_less():
    aims = np.array(
        [[-54.0, -9.0], [-52.0, -10.0], [-53.0, -12.0], [-50.0, -20.0]]
    )  # index 54 is worth too little
    result = SimpleNamespace(X=np.arange(4.0)[:, None], F=aims)
    assert analysis._chosen(result, 51.0, 10.0).tolist() == [2.0]
    assert analysis._chosen(result, 53.0, 10.0) is None
    assert analysis._chosen(SimpleNamespace(X=None, F=None), 0.0, 0.0) is None


def test_a_better_plan_is_told_by_what_it_brings_run_by_run(monkeypatch):
    settings = SimpleNamespace(bank=SimpleNamespace(discount_rate=0.21, floors=None))
    case = SimpleNamespace(settings=settings, replicates=range(2))
    plain = np.ones((1, 2, 2, 2))  # futures, runs, years, first and proposed plan
    outcomes = {
        "capital": 12.0 * plain, "quarters": 4.0 * plain, "run": plain, "fees": plain, "inclusive_share": 100.0 * plain,
        "budget_exhausted": 0.0 * plain, "technology_spending": 5.0 * plain, "net_profit": 11.0 * plain,
        "index": 50.0 * plain,
    }  # fmt: skip
    outcomes["index"][0, :, 1, 1] = [51.0, 53.0]  # the end counts alone
    outcomes["index"][0, :, 0, 1] = 90.0
    outcomes["technology_spending"][0, :, 0, 1] = 4.0
    outcomes["net_profit"][0, 1, 1, 1] = 11.0 + 1.1**3  # a year and a half away
    outcomes["capital"][0, 0, 0, 0] = 10.0  # below what is required, in a year of a run of the first plan

    def run(of, choices, *scenarios, replicates):
        assert of is case
        assert [choice.name for choice in choices] == ["first", "proposed"]
        assert list(replicates) == [analysis.FRESH, analysis.FRESH + 1]
        return outcomes

    monkeypatch.setattr(analysis, "run_choices", run)
    best = np.array([0.1, 0.2, 0.3, 0.2, 0.1, 0.1, 0.8, 2.9, 1.2])
    shares = np.array([0.125, 0.25, 0.125, 0.0, 0.5, np.nan])
    rows = pd.DataFrame(analysis._proposal_rows(case, ACCOUNT, best, shares, ["first"])).set_index("what")
    assert rows.loc["data", ["plan", "proposed"]].tolist() == pytest.approx([50.0, 10.0])
    assert rows.loc["language_model", "word"] == analysis.ROUTES_TRIED[2]
    assert rows.loc["delay", "proposed"] == 1.0
    columns = ["plan", "proposed", "effect", "mean", "error"]
    assert rows.loc["spending", columns].tolist() == [10.0, 9.0, -1.0, -1.0, 0.0]
    assert rows.loc["index", columns].tolist() == [50.0, 52.0, 2.0, 2.0, 1.0]
    assert rows.loc["npv", columns[2:]].tolist() == pytest.approx([0.5, 0.5, 0.5])
    assert rows.loc["npv", "plan"] == pytest.approx(11.0 / 1.1 + 11.0 / 1.1**3)
    assert rows.loc["fails", columns].tolist() == [0.5, 0.0, -0.5, -0.5, 0.5]
    stays = pd.DataFrame(analysis._proposal_rows(case, ACCOUNT, None, shares, ["first"])).set_index("what")
    assert stays.loc["data", ["plan", "proposed"]].tolist() == [50.0, 50.0]
    assert (stays.loc["language_model", "word"], stays.loc["delay", "proposed"]) == ("", 0.0)
