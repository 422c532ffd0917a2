"""The methods of the policy laboratory on numbers whose answers are known."""

from collections import namedtuple
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from agents.honeycomb import KINDS
from experiments.analysis import interactions, registry
from experiments.analysis.choice import dominated, strongest_condition
from experiments.analysis.discovery import find_box, measured, plainest, resamples, stability, unseen
from experiments.analysis.distribution import band_shares, by_spread, dispersion
from experiments.analysis.information import shuffled, worth
from experiments.analysis.interactions import verdict
from experiments.analysis.parameters import Parameter
from experiments.analysis.registry import HOMES, REGISTERED, check_needs, find, with_channels
from experiments.analysis.sensitivity import FEWEST, base_samples, contrasts, elementary, needed, split
from experiments.analysis.thresholds import first_year, lasting
from experiments.config.study import METHODS
from experiments.failure import StudyFailed
from experiments.labels import percent
from experiments.results.distribution import pooling
from experiments.results.statistics import (
    explained,
    first_place_probabilities,
    first_share,
    mean_interval,
    mean_of_present,
    paired_summary,
    place_probabilities,
    price_interval,
    probability,
    quantile,
    quantiles,
    reached,
    side,
    standard_error,
    tail_mean,
)
from model.world import Scenario

RNG = np.random.default_rng(5)
Lever = namedtuple("Lever", "name")


def test_an_option_is_beaten_by_the_strongest_that_costs_no_more():
    gain, cost = np.array([1.0, 2.0, 1.5, -1.0]), np.array([10.0, 10.0, 20.0, 5.0])
    assert dominated(gain, cost).tolist() == [1, -1, 1, 4]


def test_a_price_is_named_only_for_a_clear_gain_that_somebody_pays_for():
    sure = price_interval(np.full(100, 50.0), np.full(100, 2.0), "price")
    assert sure == {"price": 25.0, "price_low": 25.0, "price_high": 25.0}
    unsure = price_interval(np.full(100, 50.0), np.where(np.arange(100) < 90, 1.0, -1.0), "price")
    assert np.isnan(list(unsure.values())).all()
    saves = price_interval(np.full(100, -50.0), np.full(100, 2.0), "price")
    assert np.isnan(list(saves.values())).all()


def test_a_price_has_no_upper_end_where_a_run_in_twenty_gains_nothing():
    cost = np.linspace(40, 60, 100)
    found = price_interval(cost, np.full(100, 2.0), "price")
    assert found["price_low"] < found["price"] < found["price_high"] < 30
    for nothing in (0.0, 1e-10):  # a sum over many banks that comes out as it was, or nearly so
        gain = np.where(np.arange(100) < 95, 2.0, nothing)
        assert np.isinf(price_interval(cost, gain, "price")["price_high"])


def test_a_quantile_is_linear_between_runs_and_infinite_once_it_reaches_one_that_is():
    values = np.random.default_rng(2).normal(size=(3, 41))
    np.testing.assert_allclose(
        quantile(values, (0.05, 0.3, 1.0)), np.quantile(values, (0.05, 0.3, 1.0), axis=-1)
    )
    assert quantile(np.array([1.0, 2.0, 3.0, np.inf]), (0.5, 2 / 3, 0.7)).tolist() == [2.5, 3.0, np.inf]


def test_a_quantile_is_not_defined_where_a_run_is_not():
    values = np.array([[1.0, np.nan, 2.0], [1.0, 3.0, 2.0]])
    np.testing.assert_array_equal(quantile(values, (0.0, 0.5)), np.quantile(values, (0.0, 0.5), axis=-1))
    assert np.isnan(quantile(values[0])).all()


def test_a_gain_an_error_and_a_tail_are_what_they_say():
    assert probability(np.array([1.0, 0.0, -1.0, 2.0])) == 0.625  # an exact zero counts half
    assert [int(side(*ends)) for ends in ((0.1, 0.2), (0.0, 0.2), (-0.1, 0.1), (-0.2, 0.0), (-0.2, -0.1))] == [
        1, 0, 0, 0, -1,
    ]  # fmt: skip
    runs = np.array([4.0, 1.0, 3.0, 2.0])
    assert standard_error(runs) == pytest.approx(np.sqrt(5 / 3) / 2)
    assert np.isnan(standard_error(runs[:1]))
    assert [tail_mean(runs, part) for part in (0.0, 0.25, 0.5, 1.0)] == [1.0, 1.0, 1.5, 2.5]
    found = mean_interval(np.array([0.0, 0.0, 8.0]), "cost")
    assert found == {"cost": pytest.approx(8 / 3), "cost_low": 0.0, "cost_high": pytest.approx(7.2)}


def test_a_mean_is_of_the_banks_that_are_there():
    banks = np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, np.nan]])
    np.testing.assert_allclose(mean_of_present(banks), [2.0, np.nan])
    np.testing.assert_allclose(mean_of_present(banks, np.array([1.0, 5.0, 3.0])), [2.5, np.nan])


def test_the_variance_that_others_explain():
    x, error = np.array([-1.0, -1.0, 1.0, 1.0]), np.array([1.0, -1.0, 1.0, -1.0])
    value = 3.0 + 2.0 * x + error
    assert explained(value, [x]) == pytest.approx(0.8)
    assert explained(value, [x, error]) == pytest.approx(1.0)


def test_a_summary_of_paired_effects_by_hand():
    effects = {"a": [3.0, -2.0, 4.0, np.nan, 1.0, 2.0], "b": [3.0, 1.0, 2.0], "c": [0.0, -2.0]}
    rows = [
        {"scenario": s, "replicate": r, "effect": e}
        for s, each in effects.items()
        for r, e in enumerate(each)
    ]
    frame = pd.DataFrame(rows).sample(frac=1.0, random_state=1).sort_values("scenario", kind="stable")
    found = paired_summary(frame, ["scenario"]).set_index("scenario")
    assert found.loc["a"].tolist() == pytest.approx([5, 2.0, 1.0, 3.0, -1.4, 3.8, 0.8, 0])
    assert found.loc["b"].tolist() == pytest.approx([3, 2.0, 1.5, 2.5, 1.1, 2.9, 1.0, 1])
    assert found.loc["c"].tolist() == pytest.approx([2, -1.0, -1.5, -0.5, -1.9, -0.1, 0.25, -1])
    tails = quantiles(frame, ["scenario"], "effect", (0.05, 0.95))
    assert tails[["q05", "q95"]].to_numpy().ravel().tolist() == pytest.approx(
        [-1.4, 3.8, 1.1, 2.9, -1.9, -0.1]
    )
    assert first_share(frame[frame["replicate"] < 2]).to_dict() == {"a": 0.25, "b": 0.75, "c": 0.0}


def test_places_add_to_one_for_every_option_and_every_place_even_with_ties():
    gains = RNG.normal(size=(5, 200))
    gains[1, :50] = gains[0, :50]
    places = place_probabilities(gains)
    assert first_place_probabilities(gains).tolist() == places[:, 0].tolist()
    assert np.allclose(places.sum(0), 1)
    assert np.allclose(places.sum(1), 1)
    assert place_probabilities(np.array([[1.0], [3.0], [2.0]])).tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]


def test_the_condition_for_a_reversal_is_the_parameter_that_makes_it():
    rows = RNG.random((600, 4))
    ahead = (rows[:, 2] > 0.75).astype(float)
    column_, third, given, noise = strongest_condition(ahead, rows, seed=1)
    assert (column_, third) == (2, 2)
    assert given > 0.7 > noise
    assert strongest_condition(ahead[:9], rows[:9], seed=1) is None


def test_shapley_values_add_to_the_whole_and_give_a_pair_half_of_its_interaction():
    worth_ = {frozenset(): 0.0, frozenset("a"): 1.0, frozenset("b"): 2.0, frozenset("ab"): 5.0}
    worth_ = {coalition: np.array([value]) for coalition, value in worth_.items()}
    assert {k: v.tolist() for k, v in interactions.exact("ab", worth_).items()} == {"a": [2.0], "b": [3.0]}
    players = tuple("abcdef")
    power = {c: np.array([len(c) ** 2 + ("a" in c) * 3.0]) for c in interactions.subsets(players)}
    orders = interactions.orders(players, 8, seed=3)
    sampled = interactions.sampled(orders, power.__getitem__)
    assert sum(sampled.values()) == pytest.approx(power[frozenset(players)])
    assert set(interactions.joined(orders)) <= set(power)


@pytest.mark.parametrize("baseline", ["", "a"])
def test_levers_do_the_same_together_beside_a_baseline_that_has_one_of_them(baseline):
    levels = {"": 0.0, "a": 1.0, "b": 2.0, "ab": 3.5}
    base, whole = (Scenario(n, tuple(map(Lever, n)), (), None) for n in (baseline, "ab"))

    def effects(scenarios, replicates):
        level = [levels["".join(policy.name for policy in one.policies)] for one in scenarios]
        return np.tile(level[1:], (len(replicates), 1)).T - level[0]

    settings = SimpleNamespace(seed=1, replicates=4)
    laboratory = SimpleNamespace(scenarios={"ab": whole})
    case = SimpleNamespace(
        settings=settings,
        laboratory=laboratory,
        outcome="index",
        pair=lambda _: [base, whole],
        effects=effects,
    )
    tables = {"shapley": [], "factorial": [], "pairs": []}
    interactions._decompose(case, "ab", tables)
    parts = {row["channel"]: row["effect"] for row in tables["shapley"]}
    assert parts == {"a": 1.25, "b": 2.25, "residual": -levels[baseline]}
    assert [row["effect"] for row in tables["factorial"]] == [n - levels[baseline] for n in (1.0, 2.0, 3.5)]
    assert [row["interaction"] for row in tables["pairs"]] == [0.5]


def test_an_interaction_is_named_only_beyond_noise():
    noise = RNG.normal(size=500)
    assert [verdict(noise + shift) for shift in (3.0, 0.0, -3.0)] == ["complements", "neither", "substitutes"]


def test_variance_is_split_between_parameters_and_seeds():
    effect = 2.0 * RNG.normal(size=(400, 1)) + RNG.normal(size=(1, 300)) + 0.5 * RNG.normal(size=(400, 300))
    shares = split(effect + 3.0)
    assert shares["share_parameters"] == pytest.approx(4 / 5.25, abs=0.05)
    assert shares["share_seeds"] == pytest.approx(1 / 5.25, abs=0.05)
    assert shares["share_parameters"] + shares["share_seeds"] + shares["share_both"] == pytest.approx(1)


def test_the_runs_that_a_precision_asks_for_come_from_mean_and_spread():
    found = needed(3 + 2 * RNG.normal(size=4000))
    assert found["replicates_tenth"] == pytest.approx(100 * (1.645 * 2 / 3) ** 2, rel=0.1)
    assert found["replicates_sign"] == FEWEST
    assert np.isnan(needed(np.zeros(10))["replicates_sign"])
    assert needed(np.array([-1.0, 1.0]))["replicates_sign"] == np.inf
    single = needed(np.array([2.0]))
    assert single.pop("mean") == 2.0
    assert np.isnan(list(single.values())).all()


def test_a_planted_box_is_found_and_found_again():
    inputs = RNG.random((2000, 6))
    fails = (inputs[:, 1] > 0.7) & (inputs[:, 4] < 0.3)
    box = find_box(inputs, fails)
    assert box.restricted == (1, 4)
    assert box.low[1] == pytest.approx(0.7, abs=0.05)
    assert box.high[4] == pytest.approx(0.3, abs=0.05)
    assert box.density > 0.9
    assert box.coverage >= 0.5


def test_a_box_found_in_noise_holds_no_more_failures_where_it_has_not_looked():
    rng = np.random.default_rng(11)
    inputs, fails = rng.random((400, 20)), rng.random(400) < 0.3
    box = find_box(inputs, fails)
    assert box.density > 0.4  # what it was found on flatters it
    density, _ = unseen(resamples(inputs, fails, seed=1), box.restricted, inputs, fails)
    assert density == pytest.approx(0.3, abs=0.06)
    planted = (inputs[:, 1] > 0.6) & (rng.random(400) < 0.9)
    box, again = find_box(inputs, planted), resamples(inputs, planted, seed=1)
    assert stability(box, again)[1] == 1
    density, coverage = unseen(again, (1,), inputs, planted)
    assert density > 0.7
    assert coverage > 0.4


def test_what_nothing_left_out_can_tell_of_a_box_is_not_counted_as_none():
    inputs, fails = np.array([[0.1], [0.3], [0.6], [0.9]]), np.array([False, False, False, True])
    box = measured(inputs, fails, np.array([0.5]), np.array([np.inf]))
    left = [
        np.array(runs, int) for runs in ([2, 3], [0, 1], [])
    ]  # the second leaves out neither box nor failure
    assert unseen([(box, runs) for runs in left], (0,), inputs, fails) == (0.5, 1.0)
    assert np.isnan(unseen([(box, left[2])], (0,), inputs, fails)).all()


def test_a_box_keeps_only_the_bounds_that_matter():
    inputs = np.random.default_rng(13).random((2000, 6))
    fails = (inputs[:, 1] > 0.7) & (inputs[:, 4] < 0.3)
    low, high = np.full(6, -np.inf), np.full(6, np.inf)
    low[[0, 1, 2, 3]], high[[4, 5]] = (0.02, 0.7, 0.01, 0.03), (0.3, 0.98)
    assert plainest(measured(inputs, fails, low, high), inputs, fails).restricted == (1, 4)


def test_no_failure_gives_the_whole_space():
    inputs = RNG.random((100, 3))
    assert find_box(inputs, np.zeros(100, bool)).restricted == ()


def test_knowing_what_decides_is_worth_something_and_knowing_noise_is_not():
    known, noise = RNG.random(2000), RNG.random(2000)
    gains = np.stack([known, 1 - known])
    value, share = worth(gains, gains[0], known)
    assert value == pytest.approx(0.25, abs=0.02)
    assert share > 0.99
    assert worth(gains, gains[0], noise)[0] < 0.03


def test_what_a_parameter_is_worth_is_unknown_of_runs_too_few_for_the_regression():
    gains = RNG.normal(size=(2, 6))
    assert np.isnan(worth(gains[:, :5], gains[0, :5], RNG.random(5))).all()
    assert np.isfinite(worth(gains, gains[0], RNG.random(6))).all()
    assert worth(gains, gains[0], np.ones(6)) == (0.0, 0.0)  # what does not vary is known
    assert percent(worth(gains[:, :5], gains[0, :5], RNG.random(5))[1]) == "–"


def test_the_best_of_many_useless_parameters_is_not_called_informative():
    rng = np.random.default_rng(12)
    rows, gains = rng.random((300, 40)), rng.normal(size=(2, 300))
    found = np.array([worth(gains, gains[0], column) for column in rows.T])
    value, share = shuffled(gains, gains[0], rows, seed=2)
    single = np.quantile([worth(gains, gains[0], rng.permutation(rows[:, 0]))[1] for _ in range(50)], 0.95)
    assert share > single
    assert (found[:, 1] > share).sum() <= 1
    assert (found[:, 0] > value).sum() <= 1


def test_a_province_of_one_bank_takes_more_of_the_mean_than_one_of_many():
    groups = [RNG.normal(k % 3, 1.0, (4, size)) for k, size in enumerate((1, 3, 40, 40, 40))]
    weights = pooling(groups)
    assert weights[0] < weights[1] < weights[2] <= 1
    assert pooling([np.zeros((2, 5))] * 4).tolist() == [1.0] * 4
    assert sum(band_shares(RNG.normal(0, 4, (10, 30))).values()) == pytest.approx(1)


def test_bands_are_shares_of_the_banks_of_a_run_whose_mean_is_taken():
    change = np.array([[0.0, 3.0], [np.nan, 0.0], [np.nan, np.nan]])  # a bank is merged away, then both
    assert band_shares(change) == {"lose_large": 0, "lose": 0, "same": 0.75, "gain": 0.25, "gain_large": 0}


def test_a_threshold_must_last_and_may_never_come():
    holds = np.array([[True, False, True, True], [False, False, False, False]])
    years = np.array([2023, 2024, 2025, 2026])
    assert first_year(lasting(holds), years).tolist() == [2025, np.inf]
    assert [reached(np.array([2024.0, 2025, 2026, np.inf]), p) for p in (0.05, 0.5, 0.95)] == [
        2024,
        2025,
        np.inf,
    ]


def test_the_slope_of_a_difference_on_the_spread_is_found():
    spread = np.linspace(1, 4, 9)
    rows = {row["group"]: row for row in by_spread(spread, np.tile(2 * spread - 5, (6, 1)))}
    assert rows["slope"]["difference"] == pytest.approx(2)
    assert rows["alike"]["difference"] < 0 < rows["unlike"]["difference"]
    assert [rows[g]["provinces"] for g in ("alike", "middling", "unlike", "all")] == [3, 3, 3, 9]


def test_modes_of_a_union_are_compared_where_there_is_one():
    place = np.repeat(["AH", "BJ", "HA"], 2)
    levels = [np.array([[10.0, 12, 0, 90, 20, 26]]) + np.array(gain) for gain in (0, [2.0, 2, 0, 0, 4, 4], 0)]
    merged = SimpleNamespace(
        bank_kind=np.full(6, KINDS.index("rural")), bank_province=place, scenarios=("base", "first", "second"),
        in_every_run=lambda _, s: levels[s],
    )  # fmt: skip
    places = [SimpleNamespace(code=code, has_union=code != "BJ") for code in ("HA", "BJ", "AH")]
    world = SimpleNamespace(population=SimpleNamespace(provinces=places))
    case = SimpleNamespace(
        laboratory=SimpleNamespace(world=world), merged=merged, outcome="index", kind="rural",
        bundles={"first": "base", "second": "base"}, pairs={"first": "base", "second": "base"},
    )  # fmt: skip
    rows = dispersion(case)["dispersion"].set_index("group")
    whole = rows.loc["all", ["provinces", "difference", "dispersion"]].tolist()
    assert whole == pytest.approx([2, 3, (2 + 6) / 2 / np.sqrt(2)])
    assert rows.loc["slope", "difference"] == pytest.approx((4 - 2) / ((6 - 2) / np.sqrt(2)))


def test_the_difference_of_a_two_by_two_is_the_same_either_way():
    default, changed = RNG.normal(size=(2, 2, 50))
    found = contrasts(default, changed)
    assert np.allclose(found["difference"], found["assumption_on"] - found["assumption_off"])


def test_an_elementary_effect_of_a_choice_is_the_difference_that_another_option_makes():
    morris = pytest.importorskip("SALib.sample.morris")
    every = (Parameter("behaviour.peer", 0.0, 0.5, 1.0), Parameter("environment", 0.0, 0.5, 1.0))
    problem = {"num_vars": 2, "names": ["peer", "environment"], "bounds": [[0.0, 1.0]] * 2}
    unit = morris.sample(problem, 6, num_levels=4, seed=1)
    severe = (
        np.minimum(unit[:, 1] * 3, 2).astype(int) == 2
    )  # each step of three options leads to or from the last
    measures = elementary(every, unit, 3.0 * unit[:, 0] - 5.0 * severe, 1)
    assert measures["mu_star"].tolist() == pytest.approx([3, 5])
    assert measures["sigma"].tolist() == pytest.approx([0, 0], abs=1e-12)


def test_sobol_stays_within_its_budget():
    assert base_samples(1000, 6000, 9) == 256
    assert base_samples(64, 6000, 9) == 32
    assert base_samples(1000, 0, 9) == 8


def test_every_method_is_registered_under_the_name_that_settings_know():
    assert [find(name).name for name in METHODS] == list(METHODS)
    assert set(REGISTERED) == set(METHODS) > set(HOMES)
    declared = [table for name in METHODS for table in find(name).tables.values()]
    for table in declared:
        assert table.meaning
        assert len(set(table.names)) == len(table.names)
        assert all(column.meaning for column in table.columns)
    assert find("cost_effectiveness").tables["frontier"].columns[4].unit == "that of the outcome"


def test_a_method_whose_package_is_missing_is_refused_before_anything_runs(monkeypatch):
    monkeypatch.setattr(registry, "find_spec", lambda name: None)
    with pytest.raises(StudyFailed, match="sensitivity needs SALib"):
        check_needs(["ranking", "sensitivity"])
    check_needs(["ranking", "thresholds"])


def test_the_waterfall_prefers_levers():
    levers = pd.DataFrame({"scenario": ["a"], "channel": ["x"]})
    channels = pd.DataFrame({"scenario": ["a", "b"], "channel": ["y", "z"]})
    assert with_channels(levers, channels)["channel"].tolist() == ["x", "z"]
