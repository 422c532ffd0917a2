"""The books balance every quarter for every bank, whatever happens to it."""

import numpy as np
import pytest

from model.outcomes import measure
from model.run import simulate
from model.system import BankingSystem
from model.world import Recording
from tests import books
from tests.worlds import scenario, shock, stepped, storm, world


@pytest.mark.parametrize("rule", ["satisficing", "return_maximising"])
def test_identities_hold_every_quarter(rule: str) -> None:
    system = BankingSystem(world("2030Q4", allocation=rule), [scenario(), storm()], (0, 5))
    for _ in range(24):
        before = books.before(system)
        system.step()
        for identity, error in books.imbalances(before, system).items():
            assert error < 1e-9, (system.quarter, identity)


def test_a_merger_moves_assets_and_loses_none() -> None:
    system = BankingSystem(world(place="national", end="2026Q4"), [scenario()], (0,))
    stepped(system, 16)
    before, there = system.assets.copy(), system.active.copy()
    system.quarter += 1
    system._look_outside()
    system.partner_word, system.alliance_word = system.draws.partner_words(2024, 9, len(system.network.pairs))
    system.mergers.advance(16)
    assert there.sum() > system.active.sum()
    np.testing.assert_allclose((before * there).sum(), (system.assets * system.active).sum(), rtol=1e-12)


def test_who_joins_a_bank_that_is_merged_away_joins_the_bank_that_took_it_over() -> None:
    """The head of a single provincial bank may itself go to a larger city bank; its members follow it."""
    system = stepped(BankingSystem(world(), [scenario()], range(2)), 4)
    mergers = system.mergers
    member = int(np.flatnonzero(mergers.member & mergers.exposed & (mergers.head != mergers.acquirer))[0])
    head, acquirer = int(mergers.head[member]), int(mergers.acquirer[member])
    owned = ("assets", "capital", "bad_loans", "provisions", "market", "market_start")
    grown = ("assets_start", "revenue_start", "spend_start", "spend", "steady", "revenue", "revenue_before")
    before = {name: getattr(system, name).copy() for name in (*owned, *grown)}
    for row, into in ((head, mergers.acquirer), (member, mergers.head)):
        leaves = np.zeros(system.active.shape, bool)
        leaves[row, 1] = True  # in the second run alone
        mergers._absorb(leaves, into)
    times = system.assets[acquirer] / before["assets"][acquirer]
    for name in grown:
        now, was = (values[..., acquirer, :] for values in (getattr(system, name), before.pop(name)))
        np.testing.assert_allclose(now, was * times, err_msg=name)
    for name, held in before.items():
        taken = getattr(system, name)[acquirer] - held[acquirer]
        assert taken == pytest.approx([0.0, held[head, 1] + held[member, 1]]), name
        np.testing.assert_allclose((getattr(system, name) * system.active).sum(0), held.sum(0))


def test_nobody_joins_a_bank_that_was_taken_out_of_the_market() -> None:
    system = stepped(BankingSystem(world(), [scenario()], range(2)), 4)
    mergers = system.mergers
    member = int(np.flatnonzero(mergers.exposed)[0])
    system.active = system.active.copy()
    system.active[mergers.acquirer[member], 0] = False
    assets = (system.assets * system.active).sum(0)
    leaves = np.zeros(system.active.shape, bool)
    leaves[member] = True
    mergers._absorb(leaves, mergers.acquirer)
    assert system.active[member].tolist() == [True, False]
    np.testing.assert_allclose((system.assets * system.active).sum(0), assets)


def test_nothing_turns_non_finite_and_rungs_stay_on_their_ladders() -> None:
    system = stepped(BankingSystem(world("2030Q4"), [storm()], range(3)), 44)
    assert (system.rung >= 0).all()
    assert (system.rung <= system.items.top).all()
    for name in ("assets", "capital", "spend", "purse", "staff", "shares", "market", "aspiration", "dims"):
        assert np.isfinite(getattr(system, name)).all(), name


def test_counts_of_institutions_follow_the_register() -> None:
    record = simulate(world(place="national", end="2025Q4", recording=Recording()), [scenario()], range(2))
    rural = record.outcomes["institutions"][0].mean(0)[3::4, 2]
    for year, known in {2021: 3902, 2022: 3875, 2023: 3811, 2024: 3619}.items():  # W091
        assert rural[year - 2020] == pytest.approx(known, rel=0.02)
    assert rural[5] < 3397 < rural[4]


def test_bad_loans_are_the_share_of_the_loans_at_the_close_that_the_path_says() -> None:
    s = BankingSystem(world(), [scenario()], range(2))
    s.p.risk_effect = s.p.creaming = 0.0
    stepped(s, 4)
    path, ratio = s.outside.bad_loans[s.banks.group] * s.bad_own, measure(s, year_end=False)["bad_loans"]
    free = s.defaulted > 0.0  # who has more bad loans than it disposes of keeps them
    assert free.mean() > 0.9
    np.testing.assert_allclose(ratio[free], path[free])


def test_a_quarters_profit_is_told_over_the_mean_of_its_assets() -> None:
    s = stepped(BankingSystem(world(), [scenario()], range(2)), 3)
    opening = s.assets
    stepped(s, 1)
    told = 4 * 100 * s.profit / ((opening + s.assets) / 2)
    np.testing.assert_allclose(measure(s, year_end=False)["profit"], told)


def test_capital_is_aimed_at_on_the_assets_at_the_close() -> None:
    s = BankingSystem(world(), [scenario()], range(2))
    s.p.issue_speed = s.p.issue_most = 4.0  # the whole gap is closed in a quarter, as far as profit goes
    stepped(s, 4)
    able = (s.dividend < s.profit) | (s.issued > 0.0)
    assert able.mean() > 0.9
    aims = s.outside.capital[s.banks.group] + s.capital_own
    np.testing.assert_allclose(s.capital_ratio()[able], aims[able])


def test_a_breach_of_capital_is_seen_and_not_healed() -> None:
    shocked = scenario("losses", (), [shock("bad_loans", effects=(("bad_loans", 6.0),), start="2021Q1")])
    record = simulate(world("2025Q4", recording=Recording()), [scenario(), shocked], range(2))
    breach = np.nanmean(record.outcomes["breach"], axis=1)[:, -1, -1]
    assert breach[1] > breach[0] + 0.1
