"""What must not matter does not matter, bit for bit: batch, order, company, and policies that do nothing."""

import gc
from dataclasses import replace

import numpy as np
import pytest

from model.outcomes import signal
from model.own_plan import OwnAccount
from model.policy import Trigger
from model.run import resumed, simulate
from model.streams import Draws
from model.system import BankingSystem
from model.world import Ensemble, Recording, World
from tests.worlds import LIGHT, differing, lever, policy, scenario, stepped, storm, world

FULL = Recording(banks=True)


@pytest.fixture(scope="module", params=["survey", "national"])
def place(request: pytest.FixtureRequest) -> World:
    end = "2022Q4" if request.param == "survey" else "2021Q2"
    return world(place=request.param, end=end, recording=FULL)


def test_a_replicate_does_not_depend_on_its_batch_or_its_order(place: World) -> None:
    pair = [scenario(), storm()]
    together, alone, shuffled = (simulate(place, pair, numbers) for numbers in ((3, 5, 8), (5,), (8, 5, 3)))
    assert differing(together, alone, lambda v: v[:, 1], lambda v: v[:, 0]) == []
    assert differing(together, shuffled, lambda v: v, lambda v: v[:, ::-1]) == []
    assert not np.array_equal(together.true[:, 0], together.true[:, 1])


def systems() -> int:
    return sum(isinstance(held, BankingSystem) for held in gc.get_objects())


def test_a_batch_leaves_nothing_behind_but_its_record() -> None:
    here, pair = world("2021Q4"), [scenario(), storm()]
    before = systems()
    gc.disable()  # a study of many batches would grow until Python happens to look
    try:
        record = simulate(here, pair, (0,))
        assert systems() == before
    finally:
        gc.enable()
    assert np.isfinite(record.true[..., 0, :]).all()


def test_a_wide_batch_gives_the_same_bits_as_a_narrow_one() -> None:
    few, many = (simulate(world("2021Q4", recording=FULL), [scenario()], range(n)) for n in (2, 12))
    assert differing(few, many, lambda v: v, lambda v: v[:, :2]) == []


def test_the_order_and_company_of_scenarios_do_not_matter() -> None:
    here = world("2022Q4", recording=FULL)
    three = [
        scenario(),
        storm(),
        scenario("talent", [policy("talent_policy", start="2020Q3")]),
    ]
    forward, backward = simulate(here, three, (0, 4)), simulate(here, three[::-1], (0, 4))
    alone = simulate(here, three[2:], (0, 4))
    assert differing(forward, backward, lambda v: v, lambda v: v[::-1]) == []
    assert differing(forward, alone, lambda v: v[[2]], lambda v: v) == []


def test_an_empty_or_sleeping_policy_is_the_baseline() -> None:
    loud = storm().policies
    asleep = tuple(replace(policy, intensity=0.0) for policy in loud)
    refused = tuple(replace(policy, take_up=0.0) for policy in loud)
    scenarios = [scenario(), scenario("asleep", asleep), scenario("refused", refused)]
    record = simulate(world("2022Q4", recording=FULL), scenarios, (0, 1))
    for other in (1, 2):
        assert differing(record, record, lambda v: v[0], lambda v, o=other: v[o]) == []


def test_nothing_changes_before_a_policy_starts() -> None:
    record = simulate(world("2022Q4", recording=FULL), [scenario(), storm("2021Q3")], (0, 1))
    assert np.array_equal(record.true[0][:, :5], record.true[1][:, :5])
    assert not np.array_equal(record.true[0], record.true[1])


def test_a_run_that_goes_on_from_a_years_end_looks_at_the_signal_of_that_day() -> None:
    here = world("2021Q4", recording=FULL)
    waiting = replace(
        lever("budget", 0.3), start=4, trigger=Trigger("rural_city_gap", "all", 0.0, above=True)
    )
    asked = scenario("waiting", [waiting])
    whole, plain = (simulate(here, [one], (0, 1)) for one in (asked, scenario()))
    gone_on = resumed(stepped(BankingSystem(here, [scenario()], (0, 1)), 4), asked)
    assert differing(whole, gone_on, lambda v: v, lambda v: v) == []
    assert differing(whole, plain, lambda v: v[:, :, 4:5], lambda v: v[:, :, 4:5]) != []


def test_a_signal_is_that_of_its_year_where_no_quarter_is_kept() -> None:
    kept, unkept = (BankingSystem(world("2021Q4", recording=r), [scenario()], (0,)) for r in (FULL, LIGHT))
    for _ in range(2):
        stepped(kept, 4), stepped(unkept, 4)
        for name in ("run_share", "vendor_hhi"):
            assert signal(kept, name, "all") == signal(unkept, name, "all")


@pytest.mark.parametrize("paths", [("behaviour.peer", "banks.rural.attrition"), ("behaviour.h_tie",)])
def test_a_sample_of_parameters_alone_is_the_same_as_in_a_batch(paths: tuple[str, ...]) -> None:
    rows = np.array([[0.7, 0.10], [0.9, 0.14], [0.5, 0.2]])[:, : len(paths)]
    base = world("2022Q4", recording=FULL)
    many = replace(base, ensemble=Ensemble(paths, rows), parameter_rows=rows)
    one = replace(base, ensemble=Ensemble(paths, rows[1:2]), parameter_rows=rows[1:2])
    together, alone = simulate(many, [scenario()], (0, 1, 2)), simulate(one, [scenario()], (1,))
    assert differing(together, alone, lambda v: v[:, 1], lambda v: v[:, 0]) == []


def test_a_lever_leaves_banks_it_does_not_reach_alone_where_no_peer_sees_it() -> None:
    reform = scenario("reform", [policy("union_reform", start="2020Q3", take_up=1.0)])
    system = stepped(BankingSystem(world("2022Q4"), [scenario(), reform], range(3)), 12)
    for kind in (
        "large",
        "private",
    ):  # they ally with rural banks, so the vendors and own kind are what they share
        rows = system.banks.rows(kind)
        base, moved = system.rung[:, rows, :3], system.rung[:, rows, 3:]
        assert (base == moved).mean() > 0.99


def test_an_own_bank_changes_nobody_else() -> None:
    here = world("2024Q4", recording=FULL)
    account = OwnAccount("ours", "city", "SC", "2022Q1", 3e11, spend_ratio=0.03, scores=(0.5,) * 6)
    without = simulate(here, [scenario(), storm()], (0, 1))
    beside = simulate(replace(here, own_banks=(account,)), [scenario(), storm()], (0, 1))
    assert differing(without, beside, lambda v: v, lambda v: v) == []
    assert beside.own is not None
    index = beside.own["index"][0]
    assert np.isnan(index[:, :2]).all()
    assert (index[:, -1, 0] > index[:, -1, 2]).all(), "a bank that changes nothing falls behind its plan"
    assert index[:, 2, 2] == pytest.approx(50.0, abs=8.0)


def test_streams_have_no_position() -> None:
    draws = Draws(1, (0, 7), 1, 5)
    first = draws.words("items/2020", 3, 5)
    draws.words("partners/2020", 9)
    assert np.array_equal(first, draws.words("items/2020", 3, 5))
    assert not np.array_equal(first, draws.words("items/2021", 3, 5))
