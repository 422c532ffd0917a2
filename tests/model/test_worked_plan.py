"""Rules of the year's plan, and pains that are read off it, worked out by hand: docs/odd.md III.4.1-5."""

from types import SimpleNamespace

import numpy as np
import pytest

from agents import honeycomb as h
from model.outcomes import measure
from model.own_plan import OwnAccount
from model.planning import _divide_spending, _perceive, _prices, _roll_out
from model.system import BankingSystem
from tests.worlds import lever, scenario, stepped, world


def test_of_one_purse_each_dimensions_roll_out_costs_less_by_its_own_cut() -> None:
    s = stepped(BankingSystem(world(), [scenario()], range(3)), 4)
    bought, cuts = s.items.bought, {h.TECHNOLOGY: 0.5, h.APPLICATION: 0.8, h.DATA: 1.0}
    menu = SimpleNamespace(
        rung=s.rung[bought], base=s.rung[s.items.base], size=np.ones(s.assets.shape), cheaper=cuts
    )
    s.purse[:], s.purse[h.TECHNOLOGY] = 0.0, 7.0
    _roll_out(s, menu, {h.TECHNOLOGY: slice(0, len(s.left))})
    value = menu.open_to * s.price_list
    need = s.p.roll_out * sum(cut * value[s.items.blocks[d]].sum(0) for d, cut in cuts.items())
    paid = np.minimum(7.0, 2.0 * need)
    assert (paid < 7.0).any()
    np.testing.assert_allclose(s.purse[h.TECHNOLOGY], 7.0 - paid)
    np.testing.assert_allclose(
        menu.rolled[h.TECHNOLOGY], 2.0 * paid / np.maximum(paid + need, 1e-6), rtol=1e-6
    )


def test_language_models_that_stand_run_at_their_own_price_of_the_year() -> None:
    here = world("2026Q4", own_banks=(OwnAccount("ours", "city", "SD", "2025Q1", 5e12),))
    s = stepped(BankingSystem(here, [scenario()], range(2)), 21)  # the plan of 2025 is made
    p, k, own = s.p, s.items.at["llm_service"] - s.items.bought.start, s.own.rows
    s.build_taste[:], s.allies[:], s.hub[:] = 99.0, 0, 0.0  # who has none by now buys
    s.rung[s.items.bought] = 0
    s.rung[s.items.bought][k] = 2
    s.way[k], s.way[k, ::2] = h.VENDOR, h.OWN
    menu = _prices(s)
    _divide_spending(s, menu)
    scale, rented = s.assets_start / 2e5, (s.assets_start / 2e5) ** p.price_scale
    built = p.build_cost * s.outside.open_weights * scale**p.build_scale
    price = p.price * p.model_price * 2 ** (-2 / p.model_halving)  # two years after the launch
    value = price * (1 + p.rule_cost) * s.list_price[k, 0, 0] * np.array([1, p.mature_value])  # by rung
    need = value.sum() * built * p.run_rate * np.exp(-5 * p.run_cheaper) + p.core_run * s.steady
    assert not s.participant.any()
    some, paid = np.arange(s.banks.size), 1 - s.unpaid
    np.testing.assert_allclose(s.run[some[::2]], (paid * (need + s.spend - s.steady))[some[::2]])
    np.testing.assert_allclose(s.fees[some[1::2]], (paid * p.fee_rate * value.sum() * rented)[some[1::2]])
    mine, theirs = s.own._renewals(menu)  # of the upper rungs that age
    aged = p.loss_system * s.outside.ageing * value[1]
    np.testing.assert_allclose(mine, aged * (built * (s.way[k] == h.OWN))[own])
    np.testing.assert_allclose(theirs, aged * (rented * (s.way[k] != h.OWN))[own])


def test_a_language_model_is_out_of_reach_where_a_years_change_pays_for_none_that_is_sold() -> None:
    cheaper = scenario("cheaper", [lever("productivity_gain", 0.1, "2020Q1")])
    s = stepped(BankingSystem(world(), [scenario(), cheaper], (0,)), 12)
    s.change[:] = 0.0
    assert not measure(s, year_end=True)["pain_5"].any()  # none is sold in 2022
    stepped(s, 1)
    s.build_taste[:], s.allies[:], s.hub[:] = 99.0, 0, 0.0  # who has none buys
    _perceive(s, _prices(s))
    price = s.p.price * s.p.model_price * (1 + s.p.rule_cost) * (s.assets_start / 2e5) ** s.p.price_scale
    least = min(s.items.items[j].price / s.items.ease[j] for j in s.items.bought.start + s.model_rows)
    price = price * least * np.where(s.exports_here[:, None], 1.0, [1.0, 0.9])
    s.model_route[:], s.model_route[::3] = h.WAIT, h.BUY
    s.change = price * np.where(np.arange(len(price)) % 2, 0.99, 1.01)[:, None]
    short = np.array([0, 100, 0, 0, 0, 100])[np.arange(len(price)) % 6]  # of those that wait, every second
    assert (measure(s, year_end=True)["pain_5"] == short[:, None]).all()


@pytest.mark.parametrize(("network", "told"), [("partnerships", (50 / 3, 100 / 11)), ("no_crowding", (0, 0))])
def test_ecosystems_are_as_alike_as_what_rivals_there_take_of_the_chance_to_enter(
    network: str, told: tuple[float, float]
) -> None:
    relieved = scenario("relieved", [lever("congestion_relief", 0.5, "2020Q1")])
    here = world(network=network, numbers={"congestion": 0.4})
    s = stepped(BankingSystem(here, [scenario(), relieved], (0,)), 4)
    s.counts[:] = s.counted[:, None, None] // 2
    s.counted = 2 * s.counts[:, 0, 0]  # half of every kind is there
    city = measure(s, year_end=True)["pain_9"][s.kind_rows[h.CITY]]
    np.testing.assert_allclose(city, np.broadcast_to(told, city.shape))
