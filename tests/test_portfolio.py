"""How a budget is spent, what reaches a goal, and what a reform did, on a small and short study."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.goal import Seek, Trial, goal
from experiments.analysis.laboratory import Case, Laboratory
from experiments.analysis.portfolio import LADDER, Search, portfolio
from experiments.analysis.registry import check
from experiments.analysis.validity import event_study
from experiments.config.load import compose_study
from experiments.config.study import EventSettings, GoalSettings, PortfolioSettings, SignalSettings
from experiments.failure import StudyFailed
from experiments.labels import Labels
from experiments.report.sections.choice import goal as goal_told
from model import calendar

ASKED = PortfolioSettings(
    budget=1.0e9,
    starts=("2023Q1", "2024Q1"),
    regions=("all", "east"),
    search_runs=4,
    order=("union_reform", "talent_policy"),
    ramps=(0,),
    signal=SignalSettings(outcome="rural_city_gap", above=0.0),
)


@pytest.fixture(scope="module")
def composed():
    return compose_study(
        [
            *("end=2025Q4", "replicates=4", "uncertainty.parameters=central", "execution.workers=1"),
            "scenarios=[baseline,severe_margin,union_reform,talent_policy]",
            *("task=policy", "analysis.outcome=index", "analysis.bank_kind=rural"),
            *("policies.union_reform.start=2022Q1", "policies.talent_policy.start=2022Q1"),
        ]
    )


def case_of(settings, **asked):
    settings = settings.model_copy(update={"analysis": settings.analysis.model_copy(update=asked)})
    return Case(settings, Laboratory(settings, None))


@pytest.fixture(scope="module")
def case(composed):
    return case_of(composed, portfolio=ASKED)


@pytest.fixture(scope="module")
def tables(case):
    return portfolio(case)


def test_the_futures_are_the_scenarios_without_a_policy_and_every_lever_is_an_option_once(case):
    search = Search(case)
    assert [future.name for future in search.futures] == ["baseline", "severe_margin"]
    assert [lever.name for lever in search.levers] == ["union_reform", "talent_policy"]
    assert [len(options) for options in search.options] == [8, 8]
    assert not set(search.search_replicates) & set(search.fresh)


def test_a_mix_is_the_best_that_the_budget_allows_with_one_option_a_lever(case):
    search = Search(case)
    worth = [(np.arange(1.0, 9.0)[:, None], np.arange(1.0, 9.0)), (np.full((8, 1), 3.0), np.full(8, 2.0))]
    mix = search.best(worth, 7.0)
    assert mix[0] is search.options[0][4]
    assert mix[1] in search.options[1]
    assert search.best(worth, 0.5) == (None, None)
    assert search.best([(-gain, cost) for gain, cost in worth], 100.0) == (None, None)


def test_a_search_for_the_worst_runs_takes_the_surer_lever(case):
    search, cost = Search(case), np.ones(8)
    sure, risky = np.full((8, 4), 1.0), np.tile([4.0, 4.0, 0.0, 0.0], (8, 1))
    mix = search.best([(sure, cost), (risky, cost)], 1.0)
    assert (mix[0] is None, mix[1] is None) == (True, False)
    search.design = search.design.model_copy(update={"tail": 0.5})
    mix = search.best([(sure, cost), (risky, cost)], 1.0)
    assert (mix[0] is None, mix[1] is None) == (False, True)


def test_a_mix_costs_no_more_than_its_budget_in_the_runs_it_was_found_in(case):
    search = Search(case)
    mix = search.affordable(search.alone(), 500.0)
    (gain,), (cost,) = search.evaluate([mix])
    assert gain.mean() > 0
    assert gain.shape == (2 * 2,)  # four runs over two futures
    assert cost <= 500.0


def test_levers_that_cost_more_together_than_alone_are_held_to_the_budget_together(case, monkeypatch):
    search = Search(case)
    two = [(np.full((8, 4), 3.0), np.full(8, 4.0)), (np.full((8, 4), 2.0), np.full(8, 3.0))]
    together = {(True, True): 9.0, (True, False): 4.0, (False, True): 3.0, (False, False): 0.0}

    def evaluate(mixes):
        return np.zeros((len(mixes), 4)), np.array([together[a is not None, b is not None] for a, b in mixes])

    monkeypatch.setattr(search, "evaluate", evaluate)
    taken = {
        budget: [o is not None for o in search.affordable(two, budget)] for budget in (9.0, 8.0, 3.0, 0.0)
    }
    assert taken == {9.0: [True, True], 8.0: [True, False], 3.0: [False, True], 0.0: [False, False]}


def test_the_frontier_rises_and_tells_how_sure_it_is(tables):
    frame = tables["portfolio"]
    assert list(frame["budget"]) == [1000.0 * part for part in LADDER]
    assert frame["effect"].iloc[LADDER.index(1.0)] > frame["effect"].iloc[0]
    assert (frame["effect"].diff().dropna() > -0.2).all()  # judged on other runs than it was found in
    assert frame["best"].between(0, 1).all()
    assert (frame["regret"] >= 0).all()
    assert (frame["regret"] <= frame["regret_high"] + 1e-9).all()


def test_the_variants_share_their_chance_with_the_mix(tables):
    frame = tables["portfolio_variants"].set_index("mix")
    assert frame.loc["as found", "difference"] == 0.0
    assert {"order", "ramp", "region", "signal"} <= set(frame["what"])
    assert frame.loc["union_reform first", "effect"] != frame.loc["talent_policy first", "effect"]


def test_a_signal_that_stands_from_the_start_starts_a_policy_at_its_start(case):
    lab = case.laboratory
    scenario = lab.scenarios["union_reform"]
    (policy,) = scenario.policies
    always = replace(policy, trigger=SignalSettings(outcome="index", above=0.0).assembled)
    never = replace(policy, trigger=SignalSettings(outcome="index", above=100.0).assembled)
    runs = [replace(scenario, policies=tuple(own)) for own in ([policy], [always], [never], [])]
    plain, same, nothing, base = lab.run(runs, range(2))["costs"]
    np.testing.assert_array_equal(plain, same)
    np.testing.assert_array_equal(nothing, base)


@pytest.mark.parametrize("vary", ["intensity", "start", "budget"])
def test_a_goal_that_is_met_already_needs_nothing_and_one_beyond_all_is_unreachable(composed, vary):
    short = ASKED.model_copy(update={"regions": ("all",), "intensities": (1.0,)})
    easy = goal(case_of(composed, portfolio=short, goal=GoalSettings(vary=vary, value=1.0, by="2024Q4")))
    found = easy["goal"].iloc[0]
    assert (found["verdict"], found["searched"], found["probability"]) == ("reached", 1.0, 1.0)
    assert found["value"] == (calendar.index("2024Q4") if vary == "start" else 0.0)
    hard = goal(case_of(composed, portfolio=short, goal=GoalSettings(vary=vary, value=99.0, by="2024Q4")))
    assert (hard["goal"].iloc[0]["verdict"], hard["goal"].iloc[0]["probability"]) == ("unreachable", 0.0)


def test_what_a_search_finds_holds_in_runs_it_did_not_see(composed, monkeypatch):
    settings = composed.model_copy(update={"replicates": 64})
    asked = case_of(settings, goal=GoalSettings(value=0.2, by="2024Q4", probability=0.8))
    luck = np.random.default_rng(0).normal(0.0, 0.3, (10, 128))  # added to the value, run by run
    found = []
    for own in luck:

        def run(_, values, of, own=own):
            return {value: Trial(value + own[list(of)], np.zeros(len(of)), "") for value in values}

        monkeypatch.setattr(Seek, "run", run)
        found.append(goal(asked)["goal"].iloc[0])
    assert np.mean([row["verdict"] == "reached" for row in found]) >= 0.9
    assert (
        np.mean([row["probability"] for row in found]) > 0.8
    )  # the margin makes up for the luck of the search
    assert all(row["probability_high"] >= 0.8 for row in found if row["verdict"] == "reached")


def test_few_runs_do_not_tell_what_many_do(composed, monkeypatch):
    case = case_of(composed, goal=GoalSettings(value=0.2, by="2024Q4", probability=0.8))  # of four runs
    lucky = {range(4): 1.0, range(4, 8): 0.0}
    reached = lambda value, of: Trial(np.full(4, value * lucky[of]), np.zeros(4), "")  # noqa: E731
    monkeypatch.setattr(Seek, "run", lambda _, values, of: {value: reached(value, of) for value in values})
    assert goal(case)["goal"].iloc[0]["verdict"] == "undecided"


def test_a_small_budget_is_not_rounded_to_none():
    seek = object.__new__(Seek)
    seek.vary = "budget"
    assert (seek.between(0.0, 0.4)[-1], seek.between(0.0, 10_000.0)[1]) == (0.4, 1250.0)


def test_the_least_strength_that_reaches_a_goal_is_between_nothing_and_all(composed):
    settings = composed.model_copy(update={"replicates": 1})
    curve = goal(case_of(settings, goal=GoalSettings(value=99.0, by="2025Q4")))["goal_curve"]["reached"]
    asked = GoalSettings(value=(curve.iloc[0] + curve.iloc[-1]) / 2, by="2025Q4", probability=1.0)
    assert 0 < goal(case_of(settings, goal=asked))["goal"].iloc[0]["value"] < 1


def test_a_goal_is_held_against_the_worst_of_the_futures_or_a_named_one(composed):
    def seek(future, value=0.0):
        asked = GoalSettings(value=value, by="2026Q4", future=future)
        return Seek(case_of(composed, outcome="margin", goal=asked))

    first, severe = (seek(future).run([0.0], range(1))[0.0] for future in ("first", "severe_margin"))
    assert (first.future, severe.future) == ("baseline", "severe_margin")
    between = float(first.reached[0] + severe.reached[0]) / 2
    assert seek("worst", between).run([0.0], range(1))[0.0].future == "severe_margin"
    with pytest.raises(StudyFailed, match="allowed: first, worst, baseline, severe_margin"):
        goal(case_of(composed, goal=GoalSettings(value=0.0, by="2026Q4", future="union_reform")))


def test_an_answer_names_the_levers_that_were_varied_together(composed):
    short = PortfolioSettings(starts=("2023Q1",))
    case = case_of(composed, portfolio=short, goal=GoalSettings(vary="start", value=99.0, by="2024Q4"))
    study = SimpleNamespace(nodes=composed.plain()["scenarios"], runs=4, analysis={})
    page = SimpleNamespace(study=study, labels=Labels("en"))
    sentences, _ = goal_told(pd.DataFrame(goal(case)["goal"]), page)
    assert sentences[1] == "Varied together: Reform of provincial unions, Local talent policy."


def test_a_goal_without_a_number_is_refused(composed):
    with pytest.raises(StudyFailed, match=r"analysis\.goal\.value"):
        goal(case_of(composed, goal=GoalSettings()))
    with pytest.raises(StudyFailed, match=r"before the first of analysis\.portfolio\.starts, 2023Q1"):
        goal(case_of(composed, portfolio=ASKED, goal=GoalSettings(vary="start", value=1.0, by="2022Q4")))


def test_a_reform_shows_nothing_before_it_and_something_after(composed):
    asked = EventSettings(province="ZJ", years_after=(3,), placebo_years=(1, 2), placebo_provinces=("SD",))
    frame = event_study(case_of(composed, event=asked))["event_study"].set_index(["event", "quarter"])
    assert (frame.loc["date", "effect"] == 0.0).all()
    assert frame.loc[("real", "2025Q4"), "effect"] > 0
    assert abs(frame.loc[("province", "2025Q4"), "effect"]) < abs(frame.loc[("real", "2025Q4"), "effect"])


def test_a_run_in_which_no_bank_of_the_province_is_left_tells_nothing_of_its_reform(composed, monkeypatch):
    asked = EventSettings(province="ZJ", years_after=(3, 5), placebo_years=(), placebo_provinces=())
    left = {"2025Q4": [1.0, 2.0, np.nan, 4.0], "2027Q4": [np.nan] * 4}

    def index(case, reforms, quarter, members):
        with_it = any(case.laboratory.world.reforms[k] in reforms for k in ours)
        return np.array(left[quarter]) * with_it

    case = case_of(composed, event=asked)
    places = [province.code for province in case.laboratory.world.population.provinces]
    ours = [k for k, r in enumerate(case.laboratory.world.reforms) if places[r.province] == "ZJ"]
    monkeypatch.setattr("experiments.analysis.validity._index", index)
    (row,) = event_study(case)["event_study"].to_dict("records")
    assert (row["quarter"], row["effect"], row["probability"]) == ("2025Q4", 2.0, 1.0)


def test_what_a_method_cannot_answer_is_refused_before_the_first_run():
    with pytest.raises(StudyFailed, match="no union was reformed there"):
        check(compose_study(["experiment=event_study", "analysis.event.province=SD"]))
    with pytest.raises(StudyFailed, match=r"analysis\.goal\.value is not given"):
        check(compose_study(["experiment=goal", "analysis.goal.value=null"]))
