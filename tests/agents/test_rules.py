"""Rules of banks as array functions: bounds, directions, identities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents import (
    aspiration,
    budget,
    capital,
    credit,
    delivery,
    income,
    language_model,
    mandates,
    partners,
    people,
    projects,
)
from agents.allocation import RULES, Outlook, allocation_rule, rule_of, shared, sound
from agents.focus import FOCUSES, emphasis, strategic_focus
from agents.honeycomb import (
    ALLIANCE,
    BUILD,
    BUY,
    DIMENSIONS,
    EXPORT,
    HUB,
    OWN,
    POOL,
    UNION,
    VENDOR,
)  # fmt: skip
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
        np.where(np.arange(4)[:, None] == 2, np.inf, np.ones((6, 4, 3))),
        np.where(np.arange(3) == 2, 0.0, np.ones((6, 4, 3))),
    ],
)
def test_weights_that_divide_no_money_are_refused_and_who_gave_them_is_named(weights: object) -> None:
    with pytest.raises(ValueError, match="the allocation rule mine gives weights"):
        sound(weights, (6, 4, 3), "the allocation rule mine")  # type: ignore[arg-type]


def test_all_money_to_one_dimension_is_a_division() -> None:
    alone = np.zeros((6, 4, 3))
    alone[4] = 1e-3
    assert sound(alone, (6, 4, 3), "mine") is alone
    assert shared(alone)[4].tolist() == np.ones((4, 3)).tolist()


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
    strategic_focus("everything", *[2.0] * 6)  # each of them 0-2, whatever they add up to
    for wrong in ((1.0,), (0.0,) * 5 + (2.1,), (-0.1,) + (0.5,) * 5):
        with pytest.raises(ValueError, match="six weights"):
            strategic_focus("wrong", *wrong)
    assert "wrong" not in FOCUSES


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


# ------------------------------------------------------------ worked out by hand, as docs/odd.md has the rules (III.4)


def flat(value: float, **others: float) -> np.ndarray:
    """Six dimensions of one bank at a value, some at another: (6, 1, 1)."""
    found = np.full((6, 1, 1), value)
    for name, other in others.items():
        found[DIMENSIONS.index(name)] = other
    return found


def alike(**changed: object) -> Outlook:
    """A bank whose six dimensions are alike: a sixth of the money to each, nothing short."""
    fields: dict[str, object] = {
        **dict.fromkeys(("shares", "plan"), flat(1 / 6)), **dict.fromkeys(("score", "aspiration"), flat(50.0)),
        **dict.fromkeys(("gained", "idle", "blocked"), flat(0.0)), "squeeze": np.zeros((1, 1)),
        **dict.fromkeys(("focus", "need", "climbing", "yielding"), flat(1.0)), "change": np.full((1, 1), 10.0),
        "experience": flat(1.0), "drawn": flat(0.5),
    }  # fmt: skip
    return outlook(**{**fields, **changed})


@pytest.mark.parametrize(("short", "moves"), [(13.0, 0.5), (11.0, 0.15)])
def test_a_bank_gives_up_habit_fully_only_where_it_is_short_by_more_than_twelve_points(
    short: float, moves: float
) -> None:
    shares = RULES.get("satisficing").divide(alike(aspiration=flat(50.0, application=50.0 + short)))
    wished = (short + 8.0) / (short + 48.0)
    assert shares[3, 0, 0] == pytest.approx(1 / 6 + moves * (wished - 1 / 6))
    assert shares.sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("changed", "wish"),
    [
        ({"idle": flat(0.0, data=0.5)}, 0.6),
        ({"blocked": flat(0.0, data=0.5)}, 1.25),
        ({"focus": flat(1.0, data=4.0)}, 2.0),
        ({"gained": flat(0.0, data=2.0)}, 2**0.5),
        ({"gained": flat(0.0, data=40.0)}, 3**0.5),
        ({"gained": flat(0.0, data=-40.0)}, 0.3**0.5),
    ],
)
def test_a_bank_wishes_for_what_paid_and_not_for_what_stood_idle(
    changed: dict[str, object], wish: float
) -> None:
    moved = RULES.get("satisficing").divide(alike(**changed, search=1.0)) - 1 / 6
    assert moved[4, 0, 0] == pytest.approx(0.3 * (wish / (wish + 5.0) - 1 / 6))


def test_a_squeeze_tilts_the_wish_from_vision_and_scenes_to_what_pays() -> None:
    shares = RULES.get("satisficing").divide(alike(squeeze=np.full((1, 1), -0.4), search=1.0, tilt=0.5))
    wish = np.exp(-0.2 * np.array([0.5, 0.0, 0.0, -1.0, 0.0, 0.5]))
    np.testing.assert_allclose(shares[:, 0, 0], 1 / 6 + 0.3 * (wish / wish.sum() - 1 / 6))


def test_attraction_keeps_its_memory_and_follows_what_paid() -> None:
    bank = alike(
        gained=flat(0.0, data=2.0, strategy=40.0), memory=0.75, sensitivity=0.5, focus=flat(1.0, data=1.5)
    )
    weights = RULES.get("reinforcement").divide(bank)
    assert bank.experience[4, 0, 0] == pytest.approx(0.75 + 0.25 * 1.5 * 2.0)
    assert weights[4, 0, 0] == pytest.approx(np.exp(0.5 * 0.5) / 6 + 0.01)
    assert weights[1, 0, 0] == pytest.approx(1 / 6 + 0.01)
    assert bank.experience[0, 0, 0] == pytest.approx(0.75 + 0.25 * 3.0)  # at most three times


def test_money_for_mandates_goes_to_where_its_gain_meets_that_of_projects() -> None:
    weights = RULES.get("return_maximising").divide(alike(yielding=flat(0.5)))
    assert weights[0, 0, 0] == pytest.approx(1.0 + 0.01)  # where 2 g n / (m + n)^2 is the yield
    dear = RULES.get("return_maximising").divide(alike(yielding=flat(0.5), need=flat(0.25), focus=flat(4.0)))
    assert dear[0, 0, 0] == pytest.approx(0.5 + 0.01)  # at most twice the need
    some = RULES.get("return_maximising").divide(alike(yielding=flat(0.5), need=flat(0.25), focus=flat(0.5)))
    assert some[0, 0, 0] == pytest.approx(0.5**0.5 - 0.25 + 0.01)
    assert weights[2:5, 0, 0] == pytest.approx(1.01 + (10.0 - 6.06) / 3)
    assert RULES.get("return_maximising").divide(alike(yielding=flat(1e-3)))[0] == pytest.approx(2.0 + 0.01)
    assert RULES.get("return_maximising").divide(alike(yielding=flat(9.0)))[0] == pytest.approx(0.01)


def test_what_a_bank_expects_of_itself_and_heeds() -> None:
    assert aspiration.adapt(one(60.0), one(50.0), one(55.0), 0.5, 0.2, 5.0) == pytest.approx(57.0)
    gaps = np.array([-10.0, 0.0, 10.0, 20.0, 30.0])
    heeded = aspiration.attention(50.0 + gaps, np.full(5, 50.0), np.full(5, 1.2), np.full(5, 0.5), 0.5, 0.05)
    assert heeded.tolist() == pytest.approx([0.3, 0.3, 0.6, 0.9, 0.9])


@pytest.mark.parametrize(
    ("burden", "ratio", "strained"),
    [(0.3, 20.0, 0.92), (0.3, 11.5, 0.92 * 0.875), (0.1, 9.0, 0.75), (9.0, 20.0, 0.4), (-2.0, 20.0, 1.3)],
)
def test_strain_is_losses_beyond_the_usual_and_capital_without_room(
    burden: float, ratio: float, strained: float
) -> None:
    assert budget.strain(one(burden), one(0.1), 0.4, one(ratio), 10.5, 2.0, 0.25) == pytest.approx(strained)


def test_spending_follows_habit_revenue_and_an_ambition_that_fades() -> None:
    aimed = budget.target(one(0.03), one(100.0), one(121.0), 0.5, 0.1, one(0.9))
    assert aimed == pytest.approx(3.0 * np.exp(0.1) * 1.1 * 0.9)
    assert budget.trend(0.08, 0.2, 1e-6) == pytest.approx(0.08e-6)
    assert budget.trend(0.08, 0.2, 3.0) == pytest.approx(0.4 * (1 - np.exp(-0.6)))
    assert budget.trend(0.08, 0.2, 1e3) == pytest.approx(0.4)
    assert budget.adjust(one(10.0), one(40.0), 0.5) == pytest.approx(20.0)
    need = budget.running_need(one(10.0), 0.1, 0.05, 2.0, 0.4, one(60.0), one(50.0))
    assert need == pytest.approx(np.exp(-0.1) + 20.0 + 10.0)


def test_running_and_fees_are_paid_alike_as_far_as_they_may_take() -> None:
    enough, short = (budget.divide(one(100.0), one(n), one(f), 0.85) for n, f in ((60, 20), (90, 30)))
    assert np.ravel(enough).tolist() == pytest.approx([60.0, 20.0, 20.0, 0.0])
    assert np.ravel(short).tolist() == pytest.approx([63.75, 21.25, 15.0, 1 - 85 / 120])


def test_capital_lets_a_bank_grow_and_is_issued_at_its_speed_up_to_a_limit() -> None:
    paces = capital.growth(0.1, np.array([9.0, 10.5, 11.5, 12.5, 20.0]), 10.5, 2.0, 0.2)
    assert paces.tolist() == pytest.approx([0.02, 0.02, 0.05, 0.1, 0.1])
    assert capital.ratio(one(65.0), one(1000.0), 0.65) == pytest.approx(10.0)
    fields = (one(1000.0), 0.65, 0.15, 0.25, 12.5, 0.35, 0.08)  # aims at 81.25
    slow, limited = capital.close(one(0.0), one(80.0), *fields), capital.close(one(-50.0), one(60.0), *fields)
    assert np.ravel(slow).tolist() == pytest.approx([0, 0, 0.25 * 0.35 * 1.25, 80 + 0.25 * 0.35 * 1.25])
    assert np.ravel(limited).tolist() == pytest.approx([-50.0, 0.0, 0.25 * 0.08 * 10.0, 10.2])


def test_loans_go_bad_along_the_path_with_skill_and_what_clients_lost_leave_behind() -> None:
    ratio = credit.bad_loan_ratio(one(1.5), one(1.2), 0.5, one(0.2), 2.0, one(0.1))
    assert ratio == pytest.approx(0.01 * (1.8 * np.exp(-0.1) + 0.2))
    assert credit.bad_loan_ratio(one(0.0), one(1.0), 0.5, one(0.0), 2.0, one(0.0)) == pytest.approx(5e-4)
    calm, worse = (
        credit.settle(one(1000.0), one(r), one(30.0), one(40.0), 0.4, 0.3, 2.0, 0.1) for r in (0.02, 0.05)
    )
    assert np.ravel(calm).tolist() == pytest.approx([27.0, 41.4, 0.0, 3.0, 2.1, 3.5])
    assert np.ravel(worse).tolist() == pytest.approx([50.0, 46.0, 23.0, 3.0, 2.1, 8.1])


def test_a_system_is_had_the_cheapest_way_and_ripens_by_it() -> None:
    prices = {
        "vendor_price": 0.8, "vendor_step": 0.1, "export_price": 0.7, "union_saving": 0.6, "alliance_price": 0.9
    }  # fmt: skip
    vendors, allies = np.array([0, 2, 2, 0, 0, 0], np.int8), np.array([0, 0, 0, 0, 1, 0], np.int8)
    exporter, hub = np.array([0, 0, 1, 1, 1, 0], bool), np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.5])
    best, way = delivery.cheapest(delivery.offers(vendors, exporter, hub, allies, prices, 0.1, 0.2, 0.5))
    assert best.tolist() == pytest.approx([1.0, 0.54, 0.54, 0.63, 0.45, 0.7 * 0.8])
    assert way.tolist() == [OWN, VENDOR, VENDOR, EXPORT, POOL, HUB]
    limits = {"vendor_ceiling": 0.8, "export_ceiling": 0.7, "union_ceiling": 0.6, "alliance_ceiling": 0.9}
    ceilings = delivery.ceiling(np.array([OWN, VENDOR, EXPORT, HUB, POOL]), limits, 0.1, 0.5)
    assert ceilings.tolist() == pytest.approx([1.0, 0.72, 0.63, 0.3, 0.9])


def test_strategy_weighs_dimensions_by_a_third_of_what_a_focus_adds() -> None:
    has = np.zeros((10, 2), bool)
    has[0, 1] = True  # retail
    weights = emphasis(np.full(6, 2.0), has, np.ones((6, 2, 1)))[..., 0]
    assert weights[:, 0].tolist() == [1.0] * 6
    added = 2.0 + np.array([0.0, 0.1, 0.1, 0.5, 0.3, 0.2]) / 3
    np.testing.assert_allclose(weights[:, 1], added / added.mean())


def test_income_costs_and_skill() -> None:
    place = income.market_place(np.array([0.18, 0.3]), np.array([0.25, 0.0]), np.array([0.8, 0.8]))
    assert place.tolist() == pytest.approx([0.9, 1.0])
    factor = income.market_factor(place, 0.3)
    assert factor.tolist() == pytest.approx([0.97, 1.0])
    earned = income.revenue(np.full(2, 1000.0), np.full(2, 2.0), 0.9, 0.3, factor, 0.1)
    assert earned[0] == pytest.approx(1000 * 0.021 / 4 * 0.97 * 1.1)
    assert income.operating_cost(one(100.0), 0.3, 0.1, one(0.5)) == pytest.approx(28.5)
    skill = one(0.2)
    for _ in range(8):
        skill = income.realised(skill, one(0.6), 0.35)
    assert (skill - 0.2) / 0.4 == pytest.approx(0.5, abs=0.02)  # half after two years
    assert income.realised(one(0.2), one(0.6), 0.35) == pytest.approx(0.235)


def test_the_route_to_language_models_is_the_one_that_looks_cheapest() -> None:
    price = [language_model.price_factor(2.0, 1.5, 0.1, years) for years in (0.0, 1.5, 3.0, 30.0)]
    assert price == pytest.approx([2.0, 1.0, 0.5, 0.2])
    costs = {
        "buy_cost": 0.6, "union_cost": 0.4, "hub_threshold": 0.5, "alliance_sharing": 0.5
    }  # fmt: skip
    hub, allies = np.array([[0.5], [0.6], [0.6], [0.0]]), np.array([[0], [0], [4], [0]], np.int8)
    taste = np.array([[1.0], [1.0], [1.0], [0.1]])
    paid, route = language_model.cheapest(
        np.full((4, 1), 0.5), np.full((4, 1), 0.5), hub, allies, taste, costs, 0.5
    )
    assert route[:, 0].tolist() == [BUY, UNION, UNION, BUILD]
    assert paid[:, 0].tolist() == pytest.approx([0.3, 0.1, 0.1, 0.5])  # taste is seen and not paid
    closed = np.zeros((5, 4, 1), bool)
    closed[UNION] = closed[BUILD] = True
    paid, route = language_model.cheapest(
        np.full((4, 1), 0.5), np.full((4, 1), 0.5), hub, allies, taste, costs, 0.5, closed
    )
    assert route[:, 0].tolist() == [BUY, BUY, ALLIANCE, BUY]
    assert paid[:, 0].tolist() == pytest.approx([0.3, 0.3, 0.5 / 3.0, 0.3])


def test_mandates_climb_by_attention_money_and_rivals_and_a_first_rung_is_held_on_to() -> None:
    assert [mandates.organised(*map(np.array, pair)) for pair in ((0, 0), (3, 2))] == pytest.approx(
        [0.55, 1.75]
    )
    speed = mandates.funded(np.array([10.0, 30.0, 0.0, 0.0]), np.array([10.0, 10.0, 10.0, 0.0]))
    assert speed.tolist() == pytest.approx([1.0, 1.5, 0.0, 1.0])
    rates = mandates.climb_rates(
        np.full(2, 1.2), np.full(2, 0.5), np.full(2, 1.5), np.array([0, 1], np.int8), 0.4
    )
    assert rates.tolist() == pytest.approx([0.9, 0.36])
    assert mandates.as_word(np.array([0.0, 0.5, 1.0, 2.0])).tolist() == [0, 32767, 65535, 65535]
    #        climbs, not yet, at the top, closed, loses, no more, loses a first one, and keeps it, has none
    word = np.array([901, 900, 901, 901, 799, 800, 99, 100, 1], np.uint16)
    rung = np.array([1, 1, 2, 1, 2, 2, 1, 1, 0], np.int8)
    open_to = np.array([1, 1, 1, 0, 1, 1, 1, 1, 1], bool)
    up, down, top = np.full(9, 900, np.uint16), np.full(9, 800, np.uint16), np.full(9, 2, np.int8)
    assert mandates.moved(word, up, down, rung, top, open_to).tolist() == [1, 0, 0, 0, -1, 0, -1, 0, 0]


def test_partners_are_found_by_drive_and_coordination_and_end_by_chance() -> None:
    assert partners.able(0.2, one(1.5), one(2), 0.5) == pytest.approx(0.2 * 1.5 * 1.3 * 1.5)
    assert partners.able(0.8, one(2.0), one(3), 0.0) == 0.9
    current, draws = np.array([-1, -1, 3, 3], np.int8), np.array([0.81, 0.79, 0.09, 0.11])
    assert partners.renew(current, np.full(4, 5, np.int8), draws, 0.2, 0.1).tolist() == [5, -1, -1, 3]


def test_people_follow_real_spending_and_composite_ones_count_twice() -> None:
    staff = np.array([0.02, 0.01, 0.005])[:, None]
    assert people.teams(staff, np.array([1000.0]), 50.0, 0.4) == pytest.approx(0.04 * 20 * 0.4)
    wished = people.wanted(one(0.02), one(121.0), one(100.0), 0.05, 0.5, 2.0)
    assert wished == pytest.approx(0.02 * 1.1 * np.exp(-0.05))
    after = people.turn_over(np.full(3, 0.01), np.array([0.02, 0.02, 0.005]), 0.4, 0.2, 0.1)
    assert after.tolist() == pytest.approx([0.0105 * 0.975, 0.0105, 0.0095 + 0.0105 * 0.025])
    stock, index = np.array([0.01, 0.0099, 0.006, 0.0059]), np.array([60.0, 60.0, 0.0, 0.0])
    assert people.supplied(stock, index, 0.5).tolist() == [True, False, True, False]


def test_a_project_starts_once_on_what_it_needs_and_the_best_goes_first() -> None:
    rung, left = np.array([0, 1, 0, 0, 0, 0], np.int8), np.array([0, 0, 1, 0, 0, 0], np.int8)
    relevant, base = np.array([1, 1, 1, 0, 1, 1], bool), np.array([1, 1, 1, 1, 0, 0], np.int8)
    free = np.array([0, 0, 0, 0, 0, 1], bool)
    assert projects.can_start(rung, left, relevant, base, free).tolist() == [1, 0, 0, 0, 0, 1]
    gain, needs = np.array([1.0, 2.0, 4.0, 8.0]), np.array([0, 0, 1, -3])
    assert projects.unlocked(gain, np.zeros(4), needs, 0, 0.5).tolist() == [2.0, 4.0, 4.0, 8.0]
    assert projects.unlocked(gain, np.array([1, 0, 1, 0]), needs, 0, 0.5).tolist() == [1.0, 2.0, 4.0, 8.0]
    cost, ratio, work = (np.array(v)[:, None] for v in ([6.0, 5.0, 4.0], [3.0, 2.0, 1.0], [1.0, 1.0, 2.0]))
    for purse, people_, picks, stretch, begun, left_over in (
        (10.0, 9.0, 2, 1.0, [1, 0, 1], (0.0, 6.0)),  # after the best 4 are left, which is enough for the last
        (10.0, 9.0, 2, 1.5, [1, 1, 0], (-1.0, 7.0)),  # and with half as much again for the second
        (10.0, 9.0, 1, 1.5, [1, 0, 0], (4.0, 8.0)),
        (10.0, 2.0, 2, 1.0, [1, 0, 0], (4.0, 1.0)),  # one pair of hands is not enough for the last
    ):
        started, money_, free_ = projects.choose(
            cost, ratio, work, np.array([purse]), np.array([people_]), picks, np.array([stretch])
        )
        assert started[:, 0].tolist() == begun
        assert (money_[0], free_[0]) == pytest.approx(left_over)
