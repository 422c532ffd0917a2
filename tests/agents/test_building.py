"""Capabilities, people, allocation, aspiration and the route to language models: array rules that know no model."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from agents import aspiration, capability, income, language_model, partnership, talent
from agents.allocation import RULES, to_simplex
from agents.honeycomb import (
    BUILD,
    DIMENSION_OF,
    DIMENSIONS,
    INDICATORS,
    INDICATORS_BY_DIMENSION,
    ROUTES,
    SLICES,
    WAIT,
    dimension_means,
)

SHARE = st.floats(0.0, 1.0)


def six(elements: st.SearchStrategy[float], banks: int = 3) -> st.SearchStrategy[np.ndarray]:
    return arrays(float, (6, 2, banks), elements=elements)


def eighteen(elements: st.SearchStrategy[float]) -> st.SearchStrategy[np.ndarray]:
    return arrays(float, (18, 2, 3), elements=elements)


# ---- the honeycomb
def test_eighteen_indicators_in_six_dimensions() -> None:
    assert len(INDICATORS) == len(set(INDICATORS)) == 18
    assert [INDICATORS[part] for part in SLICES] == list(INDICATORS_BY_DIMENSION.values())
    assert [DIMENSIONS[d] for d in DIMENSION_OF[[0, 3, 6, 8, 12, 15]]] == list(DIMENSIONS)


@given(eighteen(SHARE))
def test_a_dimension_is_the_mean_of_its_indicators(indicators: np.ndarray) -> None:
    means = dimension_means(indicators)
    for d, part in enumerate(SLICES):
        np.testing.assert_allclose(means[d], indicators[part].mean(0))


# ---- building
@given(
    eighteen(SHARE), six(st.floats(0.0, 20.0)), eighteen(st.floats(0.0, 4.0)), six(st.floats(0.0, 8.0)),
    six(st.floats(-1.0, 1.0)),
)  # fmt: skip
def test_capability_stays_between_nothing_and_the_frontier(
    indicators: np.ndarray, gain: np.ndarray, emphasis: np.ndarray, loss: np.ndarray, drift: np.ndarray
) -> None:
    after = capability.advance(indicators, gain, emphasis, loss, drift)
    assert after.min() >= 0.0
    assert after.max() <= 1.0
    by_hand = (
        indicators + (emphasis * gain[DIMENSION_OF] * (1 - indicators) - loss[DIMENSION_OF] * indicators) / 4
    )
    np.testing.assert_allclose(after, np.clip(by_hand + drift[DIMENSION_OF], 0, 1), atol=1e-9)


@given(eighteen(st.floats(0.0, 1.0)), six(st.floats(0.0, 2.0)), six(st.floats(0.0, 0.5)))
def test_more_gain_builds_more_and_more_loss_less(k: np.ndarray, gain: np.ndarray, loss: np.ndarray) -> None:
    ones, none = np.ones_like(k), np.zeros_like(gain)
    usual = capability.advance(k, gain, ones, loss, none)
    assert (capability.advance(k, gain + 0.1, ones, loss, none) >= usual - 1e-12).all()
    assert (capability.advance(k, gain, ones, loss + 0.1, none) <= usual + 1e-12).all()


@given(six(st.floats(0.01, 50.0)), st.floats(0.3, 0.7), six(st.floats(0.01, 2.0)))
def test_returns_diminish(effort: np.ndarray, exponent: float, effectiveness: np.ndarray) -> None:
    once, twice = (capability.returns(x, exponent, effectiveness) for x in (effort, 2 * effort))
    np.testing.assert_allclose(twice / once, 2**exponent)
    np.testing.assert_allclose(once, effectiveness * effort**exponent)


@given(six(SHARE), SHARE, st.floats(0.0, 0.9))
def test_each_dimension_waits_for_the_one_before(k: np.ndarray, strength: float, relief: float) -> None:
    factor = capability.complementarity(k, strength, relief)
    assert (factor[0] == 1.0).all()
    assert factor.min() >= 0.0
    assert factor.max() <= 1.0
    np.testing.assert_allclose(factor[1:], 1 - strength * (1 - relief) * (1 - k[:-1]), atol=1e-12)


@given(st.floats(0.01, 1.0), st.floats(0.05, 1.0))
def test_half_is_absorbed_at_the_half_point(organization: float, half: float) -> None:
    assert capability.absorptive_capacity(np.array(half), half) == pytest.approx(0.5)
    assert 0 < capability.absorptive_capacity(np.array(organization), half) < 1


@given(eighteen(SHARE))
def test_the_weaker_indicator_gets_more_of_its_dimensions_money(indicators: np.ndarray) -> None:
    shares = capability.indicator_split(indicators, np.ones((18, 1, 1)), 0.05)
    for part in SLICES:
        np.testing.assert_allclose(shares[part].sum(0), 1.0)
        weakest, strongest = indicators[part].argmin(0), indicators[part].argmax(0)
        less = np.take_along_axis(shares[part], strongest[None], 0)
        assert (np.take_along_axis(shares[part], weakest[None], 0) >= less - 1e-12).all()


# ---- people
PEOPLE = arrays(float, (3, 2, 3), elements=st.floats(0.001, 0.3))


@given(PEOPLE, PEOPLE, st.floats(0.2, 2.0), SHARE, st.floats(0.0, 0.15))
def test_training_moves_people_and_makes_none(
    stock: np.ndarray, wanted: np.ndarray, hiring: float, attrition: float, training: float
) -> None:
    leaving = np.full(stock.shape[1:], attrition)
    trained, untrained = (talent.after_a_quarter(stock, wanted, hiring, leaving, t) for t in (training, 0.0))
    np.testing.assert_allclose(trained.sum(0), untrained.sum(0))
    assert trained.min() >= 0
    assert (trained[2] >= untrained[2]).all()


def test_staff_settles_where_hiring_meets_attrition() -> None:
    stock, wanted = np.full((3, 1, 1), 0.02), np.full((3, 1, 1), 0.06)
    for _ in range(400):
        stock = talent.after_a_quarter(stock, wanted, 0.8, np.array([[0.2]]), 0.0)
    np.testing.assert_allclose(stock, 0.06 * 0.8 / (0.8 + 0.2))


@given(st.floats(0.1, 0.4), st.floats(0.5, 1.2), st.floats(0.0, 0.5))
def test_attrition_is_cut_to_a_floor(base: float, region: float, cut: float) -> None:
    rate = talent.attrition_rate(base, np.array(region), cut)
    assert 0.02 <= rate <= max(base * region, 0.02)
    assert talent.adequacy(np.array(0.02), 0.02) == pytest.approx(0.5)


# ---- dividing the change budget
@given(six(st.floats(1e-6, 1e6)), st.floats(0.0, 0.16))
def test_shares_sum_to_one_and_none_is_below_the_floor(weights: np.ndarray, floor: float) -> None:
    shares = to_simplex(weights, floor)
    np.testing.assert_allclose(shares.sum(0), 1.0, rtol=1e-12)
    assert shares.min() >= floor - 1e-12
    order = np.argsort(weights[:, 0, 0])
    assert (np.diff(shares[order, 0, 0]) >= -1e-12).all()


def a_bank(**changes: object) -> SimpleNamespace:
    rng = np.random.default_rng(3)
    even = np.full((6, 1, 4), 1 / 6)
    traits = SimpleNamespace(
        search=0.3, experimentation=0.0, smallest_share=0.03, memory=0.9, foregone=0.5, sensitivity=1.0,
        returns_exponent=0.5, substitution=-0.5,
    )  # fmt: skip
    bank = SimpleNamespace(
        traits=traits, allocation=even, habitual=even, written_plan=to_simplex(rng.random((6, 1, 4)), 0.0),
        weights=even, dimensions=rng.uniform(0.2, 0.9, (6, 1, 4)), aspiration=np.full((1, 4), 0.5),
        performance=np.array([[0.4, 0.6, 0.5, 0.1]]), best_practice=to_simplex(rng.random((6, 1, 1)), 0.0),
        experiment=np.zeros((6, 1, 4)), attraction=np.zeros((6, 1, 4)), experience=np.ones((1, 4)),
        imitation=lambda: 1.0, need=lambda: even, effectiveness=lambda: np.ones((6, 1, 4)),
        priced=lambda effort: effort * np.linspace(1.0, 2.0, 6)[:, None, None],
        payoff=lambda: np.linspace(-1, 1, 6)[:, None, None] * np.ones((6, 1, 4)),
    )  # fmt: skip
    return SimpleNamespace(**{**vars(bank), **changes})


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_divides_the_whole_budget(rule: str) -> None:
    shares = RULES[rule](a_bank())
    np.testing.assert_allclose(shares.sum(0), 1.0, rtol=1e-12)
    assert shares.min() > 0


def test_a_satisfied_bank_keeps_its_habit_and_a_disappointed_one_copies() -> None:
    bank = a_bank()
    shares = RULES["satisficing"](bank)
    habit = to_simplex(bank.allocation, 0.03)
    np.testing.assert_allclose(shares[:, :, 1:3], habit[:, :, 1:3])
    nearer = np.abs(shares - bank.best_practice).sum(0) < np.abs(habit - bank.best_practice).sum(0)
    assert nearer[0, [0, 3]].all()


def test_reinforcement_does_more_of_what_paid_off() -> None:
    bank = a_bank()
    shares = RULES["reinforcement"](bank)
    assert (np.diff(shares, axis=0) > 0).all()
    assert (bank.experience > 1.0).all()


def test_the_optimum_beats_every_other_division() -> None:
    traits = SimpleNamespace(returns_exponent=0.5, smallest_share=0.0, substitution=-0.5)
    bank = a_bank(traits=traits)
    best = RULES["return_maximising"](bank)
    rng = np.random.default_rng(8)

    def value(shares: np.ndarray) -> np.ndarray:
        built = 1e-6 * (1 - bank.dimensions) * bank.priced(shares) ** 0.5
        before, after = (
            income.digital_value(d, bank.weights, -0.5) for d in (bank.dimensions, bank.dimensions + built)
        )
        return 1e6 * (after - before)

    for _ in range(200):
        assert (value(to_simplex(rng.random((6, 1, 4)), 0.0)) <= value(best) + 1e-6).all()


def test_a_plan_is_followed() -> None:
    bank = a_bank()
    plan = RULES["fixed_plan"](bank)
    assert np.array_equal(plan, bank.written_plan)
    assert plan is not bank.written_plan


@given(SHARE, SHARE, SHARE, st.floats(0.2, 0.5), st.floats(0.1, 0.3))
def test_aspiration_lies_between_what_was_is_and_others_are(
    a: float, y: float, p: float, own: float, peer: float
) -> None:
    after = aspiration.adapted(np.array(a), np.array(y), np.array(p), own, peer)
    assert min(a, y, p) - 1e-12 <= after <= max(a, y, p) + 1e-12


# ---- language models
def test_the_cost_of_a_model_halves() -> None:
    assert language_model.fixed_cost(100.0, 0.0, 1.25) == 100.0
    assert language_model.fixed_cost(100.0, 1.25, 1.25) == pytest.approx(50.0)
    assert language_model.fixed_cost(100.0, 2.5, 1.25) == pytest.approx(25.0)


def test_a_route_is_even_odds_at_its_cost_and_closed_when_infinite() -> None:
    budget = np.full((1, 1), 1e8)
    costs = np.array([1e8, 1e6, 1e10, np.inf]).reshape(4, 1, 1)
    even, cheap, dear, closed = language_model.affordability(budget, costs, 0.6)[:, 0, 0]
    assert even == pytest.approx(0.5)
    assert cheap > 0.99
    assert dear < 0.01
    assert closed < 1e-20


def test_routes_are_chosen_as_often_as_they_should_be() -> None:
    reach = np.array([0.8, 0.5, 0.2, 0.4]).reshape(4, 1, 1)
    preference = np.array([1.0, 2.0, 0.5, 0.0]).reshape(4, 1, 1)
    number = 20_000
    uniform = ((np.arange(number) + 0.5) / number)[None]
    route = language_model.choose(
        np.zeros((1, number)), np.repeat(reach, number, -1), preference, 0.25, uniform
    )
    share = np.bincount(route[0].astype(int), minlength=5) / number
    weights = (preference * reach)[:, 0, 0]
    expected = 0.25 * 0.8 * weights / weights.sum()
    np.testing.assert_allclose(share[1:], expected, atol=2 / number)
    assert share[WAIT] == pytest.approx(0.8, abs=2 / number)


@given(st.integers(1, 4), SHARE, SHARE)
def test_a_route_once_taken_is_kept(route: int, draw: float, review: float) -> None:
    taken = np.full((1, 1), float(route))
    again = language_model.choose(
        taken, np.full((4, 1, 1), 0.5), np.ones((4, 1, 1)), review, np.full((1, 1), draw)
    )
    assert again == taken


def test_a_closed_route_is_never_taken() -> None:
    costs = np.array([np.inf, 1e6, np.inf, np.inf]).reshape(4, 1, 1)
    reach = np.repeat(language_model.affordability(np.full((1, 1), 1e9), costs, 0.6), 999, -1)
    draws = np.linspace(1e-9, 0.999, 999)[None]
    routes = language_model.choose(np.zeros((1, 999)), reach, np.ones((4, 1, 1)), 1.0, draws)
    assert set(np.unique(routes)) <= {float(WAIT), float(ROUTES.index("buy"))}
    assert BUILD not in routes


@given(st.floats(0, 1e9), st.floats(0, 1e9), SHARE, SHARE)
def test_an_instalment_never_exceeds_what_is_due_or_may_be_spent(
    due: float, money: float, speed: float, limit: float
) -> None:
    price = np.array(2.0 * due)
    paid = language_model.instalment(np.array(due), price, np.array(money), speed, limit)
    assert 0 <= paid <= min(due, money) + 1e-9


def test_a_pilot_gives_a_part_and_a_paid_route_all() -> None:
    due, price = np.array([8e6, 4e6, 0.0]), np.array([8e6, 8e6, 8e6])
    np.testing.assert_allclose(language_model.in_place(due, price, 0.5), [0.5, 0.75, 1.0])


@given(SHARE, SHARE)
def test_more_people_are_wanted_as_spending_grows_but_not_in_proportion(
    share: float, elasticity: float
) -> None:
    people = np.full((3, 1, 1), 0.5 * share)
    after = talent.wanted(people, np.array([[1.5]]), elasticity)
    assert (people <= after + 1e-12).all()
    assert (after <= 1.5 * people + 1e-12).all()


@given(SHARE, SHARE, st.floats(0.0, 10.0))
def test_use_matures_toward_its_ceiling_and_not_beyond(now: float, ceiling: float, speed: float) -> None:
    after = language_model.mature(np.array(now), np.array(ceiling), np.array(speed))
    assert now <= after <= max(now, ceiling) + 1e-12


# ---- partners
@given(SHARE, st.floats(-1, 1), st.floats(0, 1), st.floats(1, 10))
def test_trust_and_need_raise_a_wish_and_cost_lowers_it(
    need: float, trust: float, cost: float, slope: float
) -> None:
    base = partnership.wish(np.array(need), trust, cost, slope)
    assert 0 < base < 1
    assert partnership.wish(np.array(need + 0.1), trust, cost, slope) > base
    assert partnership.wish(np.array(need), trust + 0.1, cost, slope) > base
    assert partnership.wish(np.array(need), trust, cost + 0.1, slope) < base


def test_a_contract_is_renewed_dropped_or_replaced_with_the_right_odds() -> None:
    draws = ((np.arange(10_000) + 0.5) / 10_000)[None]
    current, sought = np.full_like(draws, 2.0), np.full_like(draws, 5.0)
    proposal = partnership.keep_or_seek(current, sought, 0.7, np.full_like(draws, 0.4), draws)
    odds = [float((proposal == partner).mean()) for partner in (2.0, 5.0, -1.0)]
    assert odds == pytest.approx([0.7, 0.3 * 0.4, 0.3 * 0.6], abs=1e-3)
    alone = partnership.keep_or_seek(-np.ones_like(draws), sought, 0.7, np.full_like(draws, 0.4), draws)
    assert (alone == 5.0).mean() == pytest.approx(0.4, abs=1e-3)
