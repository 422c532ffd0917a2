"""Budgets, loan books, income and fees: array rules that know no model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from agents import budget, credit, income

SHAPE = (2, 3)
SHARE = st.floats(0.0, 1.0)
YUAN = st.floats(1e6, 1e13)


def of(elements: st.SearchStrategy[float]) -> st.SearchStrategy[np.ndarray]:
    return arrays(float, SHAPE, elements=elements)


# ---- budgets
@given(
    of(st.floats(0.001, 0.3)),
    of(YUAN),
    of(SHARE),
    of(st.floats(1e6, 1e10)),
    st.floats(0.6, 2.0),
    st.floats(0.5, 0.95),
)
def test_a_budget_divides_into_running_first_and_change(
    ratio: np.ndarray, revenue: np.ndarray, kept: np.ndarray, effort: np.ndarray, rate: float, cap: float
) -> None:
    part = budget.divide(ratio, revenue, kept, effort, rate, cap)
    np.testing.assert_allclose(part.run + part.change, part.budget, rtol=1e-12)
    np.testing.assert_allclose(part.run + part.run_unpaid, 0.25 * rate * kept * effort, rtol=1e-12, atol=1e-6)
    assert (part.run <= cap * part.budget * (1 + 1e-12)).all()
    assert (part.change >= (1 - cap) * part.budget * (1 - 1e-9)).all()
    assert min(values.min() for values in part) >= 0.0


def ratio_of(**changes: float) -> np.ndarray:
    usual = {
        "base": 0.03, "revenue_rate": 0.02, "reference_rate": 0.02, "elasticity": 0.6, "loss_burden": 0.1,
        "loss_reference": 0.1, "pass_through": 0.4, "room": 1.0, "room_weight": 0.4, "ambition": 1.0,
    }  # fmt: skip
    return budget.planned_ratio(**{name: np.array(value) for name, value in {**usual, **changes}.items()})


def test_a_bank_without_pressure_spends_by_habit() -> None:
    assert ratio_of() == pytest.approx(0.03)


@given(st.floats(0.3, 1.0), st.floats(0.2, 0.99))
def test_spending_falls_with_revenue_by_its_elasticity(fall: float, elasticity: float) -> None:
    """Spending is ratio times revenue, so it scales by the fall to the power of the elasticity (H012)."""
    ratio = ratio_of(revenue_rate=0.02 * fall, elasticity=elasticity)
    assert ratio * fall == pytest.approx(0.03 * fall**elasticity)


@given(st.floats(0.0, 0.9), st.floats(0.0, 0.9), st.floats(0.0, 1.0))
def test_losses_and_thin_capital_only_ever_cut(burden: float, more: float, room: float) -> None:
    assert ratio_of(loss_burden=max(burden, more)) <= ratio_of(loss_burden=min(burden, more)) <= 0.03 + 1e-12
    assert ratio_of(room=room) <= ratio_of() + 1e-12
    assert ratio_of(room=0.0) == pytest.approx(0.03 * 0.6)
    assert ratio_of(ambition=1e6) == 0.5


def test_effort_is_cheaper_for_its_size_in_a_large_bank() -> None:
    cost = budget.effort_cost(np.array([2e11, 2e12]), 1.3e8, 2e11, 0.9)
    assert cost[0] == pytest.approx(1.3e8)
    assert cost[1] / cost[0] == pytest.approx(10**0.9)


# ---- the loan book
@given(
    of(st.floats(1e8, 1e13)),
    of(st.floats(0.0, 0.1)),
    of(st.floats(0.0, 3.0)),
    of(st.floats(0.0, 0.2)),
    of(st.floats(0.0, 0.1)),
    of(st.floats(0.0, 1.5)),
    SHARE,
    st.floats(1.0, 3.0),
    SHARE,
)
def test_a_loan_book_closes(
    loans: np.ndarray, bad_share: np.ndarray, covered: np.ndarray, growth: np.ndarray, inflow: np.ndarray,
    disposal: np.ndarray, recovery: float, target: float, speed: float,
) -> None:  # fmt: skip
    bad = loans * bad_share
    provisions = bad * covered
    book = credit.settle(loans, bad, provisions, growth, inflow, disposal, recovery, target, speed)
    near = {"rtol": 1e-12, "atol": 1e-3}
    np.testing.assert_allclose(book.loans, loans + book.lent - book.disposed, **near)
    np.testing.assert_allclose(book.loans, loans * (1 + growth / 4), **near)
    np.testing.assert_allclose(book.bad_loans, bad + book.defaulted - book.disposed, **near)
    np.testing.assert_allclose(book.provisions, provisions + book.loss_charge - book.written_off, **near)
    np.testing.assert_allclose(book.written_off, (1 - recovery) * book.disposed, **near)
    assert min(values.min() for values in book) >= -1e-3
    assert (book.written_off <= book.disposed + 1e-6).all()


def test_provisions_come_to_their_target() -> None:
    loans, bad, provisions = np.array([1e9]), np.array([2e7]), np.array([1e7])
    for _ in range(200):
        book = credit.settle(loans, bad, provisions, 0.0, 0.01, 0.5, 0.35, 1.5, 0.2)
        loans, bad, provisions = book.loans, book.bad_loans, book.provisions
    assert bad / loans == pytest.approx(0.02, rel=1e-6)
    assert provisions / bad == pytest.approx(1.5, rel=0.01)


@given(st.floats(0.0, 0.05), SHARE, st.floats(-0.3, 0.3))
def test_risk_management_lowers_defaults_and_creaming_raises_them(
    base: float, skill: float, lost: float
) -> None:
    rate = credit.default_rate(base, np.array(skill), 0.4, np.array(lost), 0.02)
    assert rate >= 0
    assert credit.default_rate(base, np.array(1.0), 0.4, np.array(lost), 0.02) <= rate + 1e-15
    assert credit.default_rate(base, np.array(skill), 0.4, np.array(0.3), 0.02) >= rate - 1e-15
    assert credit.default_rate(base, np.array(0.5), 0.4, np.array(0.0), 0.02) == pytest.approx(base)


def test_room_opens_between_the_floor_and_its_buffer() -> None:
    room = credit.capital_room(np.array([9.0, 10.5, 11.5, 12.5, 20.0]), 10.5, 2.0)
    np.testing.assert_allclose(room, [0.0, 0.0, 0.5, 1.0, 1.0])


# ---- income
def test_interest_is_margin_on_earning_assets() -> None:
    assert income.interest_income(np.array(1e11), np.array(2.0), 0.9) == pytest.approx(1e11 * 0.02 * 0.9 / 4)


@given(st.floats(0.01, 1.0), st.floats(0.01, 1.0), SHARE, SHARE)
def test_a_bank_that_keeps_its_share_keeps_its_income(
    share: float, start: float, weight: float, passed: float
) -> None:
    assert income.inclusive_volume(np.array(share), np.array(share), weight, passed) == pytest.approx(1.0)
    assert income.inclusive_volume(np.array(0.0), np.array(start), weight, passed) == pytest.approx(
        1 - weight * passed
    )


SIX = arrays(float, (6, 1, 4), elements=st.floats(0.02, 1.0))


@given(SIX, SIX, st.floats(-4.0, -0.05))
def test_value_is_a_mean_of_the_six_that_leans_to_the_weakest(
    k: np.ndarray, w: np.ndarray, rho: float
) -> None:
    weights = w / w.sum(0)
    value = income.digital_value(k, weights, rho)
    assert (value >= k.min(0) - 1e-9).all()
    assert (value <= (weights * k).sum(0) + 1e-9).all()
    assert (income.digital_value(k, weights, rho - 1.0) <= value + 1e-9).all()
    even = np.full_like(k, 0.4)
    np.testing.assert_allclose(income.digital_value(even, weights, rho), 0.4)


@given(SHARE, SHARE, st.floats(0.0, 4.0))
def test_benefit_follows_value_and_never_passes_it(benefit: float, value: float, speed: float) -> None:
    after = income.delayed(np.array(benefit), np.array(value), speed)
    assert min(benefit, value) - 1e-12 <= after <= max(benefit, value) + 1e-12


def test_the_j_curve() -> None:
    """A project costs at once and pays with a delay: the sum first sinks, then rises above nothing (H004, L012)."""
    benefit, total, path = np.array(0.3), 0.0, []
    for quarter in range(40):
        benefit = income.delayed(benefit, np.array(0.5), 0.5)
        cost = 0.05 if quarter < 4 else 0.0
        total += float(benefit - 0.3) * 0.1 - cost
        path.append(total)
    lowest = int(np.argmin(path))
    assert 2 <= lowest <= 8
    assert path[0] < 0
    assert path[lowest] < path[0]
    assert path[-1] > 0
