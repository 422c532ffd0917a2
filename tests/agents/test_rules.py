"""Rules of banks as array functions: bounds, directions, identities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents import budget, capital, credit, language_model, mandates, partners, people, projects
from agents.allocation import RULES, Outlook, allocation_rule, rule_of, shared, sound
from agents.focus import FOCUSES, strategic_focus
from agents.items import Item, ItemTable
from agents.kinds import BANK_KINDS, RuralBank
from experiments.config.data import read_items
from experiments.runs.fingerprint import fingerprint
from tests.worlds import items

part = st.floats(0.0, 1.0)
money = st.floats(1.0, 1e6)


def one(*values: float) -> np.ndarray:
    return np.array(values, float)[:, None]


def outlook(seed: int = 0, **changed: object) -> Outlook:
    rng = np.random.default_rng(seed)
    six = {
        n: rng.uniform(0.1, 1.0, (6, 4, 3))
        for n in ("focus", "need", "climbing", "yielding", "drawn", "experience")
    }
    fields: dict[str, object] = {
        **six,
        "shares": shared(rng.uniform(0.1, 1.0, (6, 4, 3))), "plan": np.full((6, 4, 3), 1 / 6),
        "score": rng.uniform(20, 80, (6, 4, 3)), "aspiration": rng.uniform(20, 90, (6, 4, 3)),
        "gained": rng.uniform(-2, 4, (6, 4, 3)), "squeeze": np.zeros((4, 3)), "change": np.full((4, 3), 10.0),
        "idle": np.zeros((6, 4, 3)), "blocked": np.zeros((6, 4, 3)),
        "search": 0.5, "tilt": 0.7, "memory": 0.8, "sensitivity": 0.5,
    }  # fmt: skip
    return Outlook(**{**fields, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", list(RULES))
@given(seed=st.integers(0, 50))
@settings(max_examples=15, deadline=None)
def test_every_rule_divides_into_positive_shares_that_sum_to_one(name: str, seed: int) -> None:
    shares = shared(RULES.get(name).divide(outlook(seed)))
    assert (shares >= 0).all()
    np.testing.assert_allclose(shares.sum(0), 1.0)


@pytest.mark.parametrize(
    "weights",
    [
        *(np.ones(6), None, 1.0, [1, 2, 3]),
        *(np.full((6, 4, 3), value) for value in (np.nan, np.inf, -1.0, 0.0)),
        np.where(np.arange(6)[:, None, None] == 2, -0.1, np.ones((6, 4, 3))),
    ],
)
def test_weights_that_divide_no_money_are_refused_and_who_gave_them_is_named(weights: object) -> None:
    with pytest.raises(ValueError, match="the allocation rule mine gives weights"):
        sound(weights, (6, 4, 3), "the allocation rule mine")  # type: ignore[arg-type]


def test_what_nothing_could_use_is_not_registered() -> None:
    with pytest.raises(ValueError, match="'village' is no kind of bank that a population has"):
        BANK_KINDS.register("village", RuralBank)
    with pytest.raises(TypeError, match="is no subclass of Bank"):
        BANK_KINDS.register("rural")(dict)
    assert BANK_KINDS.get("rural") is RuralBank


def test_a_squeezed_bank_moves_money_to_what_pays() -> None:
    calm, squeezed = (
        RULES.get("satisficing").divide(outlook(squeeze=np.full((4, 3), s))) for s in (0.0, -0.3)
    )
    assert (squeezed[3] > calm[3]).all()


def test_a_users_own_rule_and_focus_are_known_by_name_and_by_their_code() -> None:
    @allocation_rule("all on data")
    def all_on_data(bank: Outlook) -> np.ndarray:
        weights = np.full(bank.shares.shape, 1e-9)
        weights[4] = 1.0
        return weights

    assert rule_of("all on data").divide is all_on_data
    assert rule_of(all_on_data).divide is all_on_data
    assert fingerprint(all_on_data) != fingerprint(RULES.get("uniform").divide)
    with pytest.raises(KeyError, match="known are"):
        rule_of("no such rule")
    strategic_focus("sea trade", 0, 0, 0.5, 0.2, 0.3, 0.1)
    assert "sea trade" in FOCUSES
    with pytest.raises(ValueError, match="six weights"):
        strategic_focus("too few", 1.0)


@given(bad=st.floats(0.0, 1e4), provisions=st.floats(0.0, 3e4), ratio=st.floats(0.001, 0.2))
def test_loan_books_balance_and_more_bad_loans_always_cost_more(
    bad: float, provisions: float, ratio: float
) -> None:
    loans = one(1e5)
    book = credit.settle(loans, one(ratio), one(bad), one(provisions), 0.45, 0.35, 1.9, 0.15)
    np.testing.assert_allclose(book.bad_loans, bad + book.defaulted - book.disposed, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(
        book.provisions, provisions + book.charge - book.written_off, rtol=1e-9, atol=1e-6
    )
    worse = credit.settle(loans, one(ratio + 0.01), one(bad + 1000.0), one(provisions), 0.45, 0.35, 1.9, 0.15)
    assert worse.charge > book.charge
    assert book.charge >= book.written_off


@given(spend=money, need=money, fees=money)
def test_spending_is_run_fees_and_change(spend: float, need: float, fees: float) -> None:
    divided = budget.divide(one(spend), one(need), one(fees), 0.85)
    np.testing.assert_allclose(divided.run + divided.fees + divided.change, spend)
    assert divided.change >= 0.149 * spend
    assert 0 <= divided.unpaid < 1


def test_spending_falls_less_than_revenue_and_with_losses_and_thin_capital() -> None:
    habit, start = one(0.03), one(100.0)
    aimed = budget.target(habit, start, one(90.0), 0.5, 0.0, one(1.0))
    assert 0.9 * 3.0 < aimed < 3.0
    calm = budget.strain(one(0.1), one(0.1), 0.4, one(14.0), 10.5, 2.0, 0.25)
    assert budget.strain(one(0.3), one(0.1), 0.4, one(14.0), 10.5, 2.0, 0.25) < calm
    assert budget.strain(one(0.1), one(0.1), 0.4, one(10.5), 10.5, 2.0, 0.25) < calm


def test_an_issue_of_capital_is_limited_so_that_a_breach_stays_in_sight() -> None:
    closed = capital.close(one(-50.0), one(60.0), one(1000.0), 0.65, 0.15, 0.25, 12.5, 0.35, 0.08)
    np.testing.assert_allclose(closed.capital, 60.0 + closed.profit - closed.dividend + closed.issued)
    assert capital.ratio(closed.capital, one(1000.0), 0.65) < 10.5
    assert closed.dividend == 0.0


def test_capital_above_what_is_aimed_at_is_paid_out_as_far_as_profit_goes() -> None:
    few, much = (
        capital.close(one(10.0), one(held), one(1000.0), 0.65, 0.15, 0.25, 12.5, 0.35, 0.08)
        for held in (80.0, 300.0)
    )
    assert few.dividend == pytest.approx(0.25 * 8.5 + 0.25 * 0.35 * (80.0 + 0.75 * 8.5 - 81.25))
    assert much.dividend == pytest.approx(8.5)
    assert much.issued == 0.0


def test_what_falls_due_moves_spending_and_not_its_mean() -> None:
    drawn = np.random.default_rng(3).standard_normal(100_000)
    spend = budget.falls_due(np.full(100_000, 50.0), drawn, 0.2)
    assert spend.mean() == pytest.approx(50.0, rel=3e-3)
    assert np.log(spend).std() == pytest.approx(0.2, rel=0.02)
    need = budget.running_need(one(10.0), 0.1, 0.0, 0.0, 0.4, one(60.0), one(50.0))
    assert need == pytest.approx(1.0 + 20.0 + 10.0)


def test_a_bank_that_has_decided_for_language_models_stays_decided() -> None:
    resolve = np.linspace(0.001, 0.999, 999)
    decided = [language_model.decided(resolve, 0.5, years) for years in (0.0, 1.0, 2.0)]
    assert [float(d.mean()) for d in decided] == pytest.approx([0.0, 0.5, 0.75], abs=0.01)
    assert (decided[1] <= decided[2]).all()


@given(up=part, more=part, down=part)
@settings(max_examples=60)
def test_a_better_chance_never_leaves_a_bank_on_a_lower_rung(up: float, more: float, down: float) -> None:
    word = np.arange(0, 65536, 257, dtype=np.uint16)
    rung, top = np.ones(word.shape, np.int8), np.full(word.shape, 2, np.int8)
    low, high = sorted((up, more))
    thresholds = [~mandates.as_word(np.full(word.shape, 0.5 * x)) for x in (low, high)]
    lost = mandates.as_word(np.full(word.shape, 0.4 * down))
    worse, better = (mandates.moved(word, t, lost, rung, top, np.ones(word.shape, bool)) for t in thresholds)
    assert (better >= worse).all()


@given(st.integers(0, 200))
@settings(max_examples=40, deadline=None)
def test_projects_started_stay_within_money_and_people(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cost, work = rng.uniform(1, 10, (8, 5)), rng.uniform(0.1, 2, (8, 5))
    ratio = (rng.uniform(0, 1, (8, 5)) * (rng.random((8, 5)) < 0.7)).astype(np.float32)
    purse, hands = rng.uniform(0, 20, 5), rng.uniform(0, 4, 5)
    started, left, free = projects.choose(cost, ratio, work, purse, hands, 4, np.ones(5))
    assert not (started & (ratio == 0)).any()
    np.testing.assert_allclose(left, purse - (cost * started).sum(0))
    assert (left >= -1e-9).all()
    assert (free >= -1e-9).all()
    assert (started.sum(0) <= 4).all()


def test_people_leave_less_and_come_more_with_better_terms() -> None:
    staff, wanted = np.full((3, 1, 1), 0.01), np.full((3, 1, 1), 0.02)
    calm = people.turn_over(staff, wanted, one(0.5), one(0.2), one(0.02))
    kept = people.turn_over(staff, wanted, one(0.5), one(0.1), one(0.02))
    sought = people.turn_over(staff, wanted, one(0.8), one(0.2), one(0.02))
    assert (kept > calm).all()
    assert (sought > calm).all()
    assert partners.renew(np.array([-1], np.int8), np.array([4], np.int8), np.array([0.99]), 0.1, 0.1) == 4


def test_scores_are_the_reports_arithmetic() -> None:
    table = items()
    full = np.array([item.rungs for item in table.items], np.int8)[:, None, None]
    for year in (2020, 2023):
        np.testing.assert_allclose(table.scores(full, year), 100.0)
    audit = table.items[table.at["audit"]]
    value = 100.0 * sum(audit.shares) / audit.rungs
    assert value == pytest.approx(35.0)  # 41.25 / 47.5 / 11.25 % (A016-A018)
    assert table.weights(2022)[table.at["llm_service"]] == 0 < table.weights(2023)[table.at["llm_service"]]
    assert not any(
        table.weights(2030)[table.at[n]] for n in ("green_lending", "pension_services", "llm_research")
    )


def test_a_faulty_item_says_which_and_why() -> None:
    row = dict(read_items()[0])
    with pytest.raises(ValueError, match="goals"):
        Item.from_row({**row, "share_2": "0.99"})
    with pytest.raises(ValueError, match="unknown dimension"):
        Item.from_row({**row, "dimension": "luck"})
    with pytest.raises(ValueError, match="need of an unknown"):
        ItemTable([Item.from_row({**row, "needs": "nothing known"})])
