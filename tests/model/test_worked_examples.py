"""Rules between banks, policies and outcomes, worked out by hand: docs/odd.md III.4.8-10, outcomes.csv."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from agents import honeycomb as h
from model.environment import Outside, between_year_ends, by_year
from model.graph import partnership_graph
from model.inequality import gini, herfindahl, percentile_ratio
from model.market import contest, lead_of_side
from model.outcomes import OUTCOMES, kind_outcomes, measure, signal
from model.own_plan import OwnAccount
from model.planning import _values
from model.policy import LEVERS, Cost, Effect, Lever, Trigger, draw
from model.shock import Shock
from model.streams import uniform
from model.supervision import admit, clarity, represented
from model.system import BankingSystem
from tests.worlds import environment, lever, scenario, stepped, world

PAID = (
    Cost("bank", "bank_year", 2e6, 2e6, 2e6), Cost("local_government", "change_budget", 0.1, 0.1, 0.1),
    Cost("central_government", "system_year", 8e6, 8e6, 8e6),
    Cost("association", "province_year", 3e6, 3e6, 3e6),
)  # fmt: skip


@pytest.fixture(scope="module")
def late() -> BankingSystem:
    """The end of 2023: a bank of each small kind has left; partners, unions and language models are there."""
    system = stepped(BankingSystem(world("2024Q4"), [scenario()], range(3)), 8)
    for rows in system.reported_rows[1:]:
        system.withdraw(rows.start + 1)
    return stepped(system, 8)


# ------------------------------------------------------------ the market


def test_market_shares_move_by_descent_and_by_skill_ahead_of_the_own_side() -> None:
    share, skill = np.array([0.2, 0.3, 0.4, 0.1])[:, None], np.array([0.9, 0.5, 0.2, 0.7])[:, None]
    large, there = np.array([1, 1, 0, 0], bool), np.ones((4, 1), bool)
    lead = lead_of_side(skill, share, large, there)
    assert lead[:, 0] == pytest.approx([0.24, -0.16, -0.1, 0.4])  # means by share: 0.66 and 0.3
    weight = share[:, 0] * np.exp(0.25 * 0.5 * lead[:, 0] + np.array([0.02, 0.02, 0.0, 0.0]))
    moved = contest(share, large, np.array([0.02]), lead, 0.5, there)
    assert moved[:, 0] == pytest.approx(weight / weight.sum())
    even = contest(share, large, np.array([0.02]), np.zeros((4, 1)), 0.5, there)[:, 0]
    assert np.log(even[:2].sum() / even[2:].sum()) == pytest.approx(0.02)  # from even odds
    there[2] = False
    assert contest(share, large, np.zeros(1), np.zeros((4, 1)), 0.5, there)[:, 0][
        [0, 1, 3]
    ].sum() == pytest.approx(1)
    assert lead_of_side(skill, share, large, there)[3, 0] == pytest.approx(0.0)  # alone on its side


def test_measures_of_inequality_on_numbers_whose_answers_are_known() -> None:
    assert gini(np.array([[1.0, 1.0, 1.0], [0.0, 0.0, 6.0], [1.0, 2.0, 3.0]])) == pytest.approx(
        [0, 2 / 3, 2 / 9]
    )
    assert percentile_ratio(np.arange(1.0, 12.0)) == pytest.approx(10.0 / 2.0)
    assert herfindahl(np.array([[5.0, 5.0], [10.0, 0.0], [0.0, 0.0]])) == pytest.approx([0.5, 1.0, 0.0])


# ------------------------------------------------------------ outside


def test_paths_are_straight_between_year_ends_and_steps_by_year() -> None:
    ends = between_year_ends({2019: 1.0, 2020: 3.0, 2021: 2.0}, 9)
    assert ends.tolist() == pytest.approx([1.5, 2.0, 2.5, 3.0, 2.75, 2.5, 2.25, 2.0, 2.0])
    assert by_year({2021: 5.0, 2022: 7.0}, 13)[[0, 3, 4, 7, 8, 12]].tolist() == [5, 5, 5, 5, 7, 7]


def test_every_shock_adds_to_what_it_names_between_its_dates() -> None:
    central, strength = replace(environment(), model_price=0.5 * environment().model_price), 0.1
    fields = (
        "margin",
        "bad_loans",
        "capital_target",
        "language_model_cost",
        "descent",
        "claim",
        "frontier_growth",
    )
    shock = Shock("all", 5, 6, tuple((field, strength) for field in fields))
    calm, hit = Outside([central], [()], 1), Outside([central], [(shock,)], 1)
    for quarter, on in ((4, 0.0), (5, strength), (6, strength), (7, 0.0)):
        was, now = calm.at(quarter), hit.at(quarter)
        for name in ("margin", "bad_loans", "capital", "floor_rise"):
            np.testing.assert_allclose(getattr(now, name) - getattr(was, name), on, atol=1e-12)
        for name in ("model_price", "ageing", "descent"):
            np.testing.assert_allclose(getattr(now, name), getattr(was, name) * (1 + on))
        assert now.claim == pytest.approx(min(was.claim[0] + on, 0.9))
    assert calm.at(9).model_price == pytest.approx(central.model_price[9])
    odds = central.large_share / (1 - central.large_share)
    assert calm.at(9).descent == pytest.approx(np.log(odds[9] / odds[8]))
    kept = (1 - central.reference_share[9]) / (1 - central.reference_share[0])
    assert calm.at(9).small_kept == pytest.approx(kept)
    assert calm.at(9).large_kept == pytest.approx(central.reference_share[9] / central.reference_share[0])


def test_an_outage_strikes_the_vendors_with_most_clients_when_it_begins_and_lasts_to_its_end() -> None:
    shocks = [Shock("first", 5, 8, (("vendor_outage", 1),)), Shock("more", 7, 10, (("vendor_outage", 2),))]
    outside = Outside([environment()], [shocks], 1)
    network = BankingSystem(world(), [scenario()], (0,)).network
    clients = np.arange(network.number)
    for quarter, fails, down in (
        (4, 0, 0),
        (5, 1, 1),
        (6, 0, 1),
        (7, 2, 3),
        (8, 0, 3),
        (10, 0, 3),
        (11, 0, 0),
    ):
        network.standing["vendor"] = np.where(network.failed, 0, clients[:, None])
        now = outside.at(quarter)
        struck = network.strike(now.vendor_outage, now.vendors_struck)
        assert (0 if struck is None else struck.sum()) == fails
        assert network.failed[:, 0].tolist() == (clients >= network.number - down).tolist()


def test_an_outage_costs_those_a_rung_whose_first_vendor_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    s = stepped(BankingSystem(world(), [scenario()], (0,)), 4)
    bought, four = s.items.bought, np.flatnonzero(~s.exports_here)[:4]
    s.vendor[:, four, 0] = np.array([(0, 1, -1), (-1, 0, 1), (-1, 1, 0), (1, 0, -1)]).T
    s.rung[bought], s.way[:], s.word[:] = 1, h.VENDOR, 0
    monkeypatch.setattr(s.network, "strike", lambda *_: np.arange(s.network.number)[:, None] == 0)
    s._lose_vendors()
    assert s.vendor[:, four, 0].T.tolist() == [[-1, 1, -1], [-1, -1, 1], [-1, 1, -1], [1, -1, -1]]
    assert (s.rung[bought][:, four, 0] == np.array([0, 0, 1, 1])).all()


def test_what_a_union_delivers_is_had_from_it_and_paid_as_a_fee() -> None:
    s = stepped(BankingSystem(world(), [scenario()], (0,)), 3)
    bought, shared = s.items.bought, np.flatnonzero(s.is_shared.ravel())
    member = np.flatnonzero(s.unions.member & (s.banks.kind == h.RURAL))[0]
    s.rung[bought][:, member], s.way[:, member], s.left[:, member] = 0, h.OWN, 0
    s.word[bought][:, member], s.hub_threshold[member] = 65535, 65534
    for turn in s.turns:
        s._take_turns(turn)
    assert np.flatnonzero(s.rung[bought][:, member, 0]).tolist() == shared.tolist()
    assert np.flatnonzero(s.way[:, member, 0] == h.HUB).tolist() == shared.tolist()
    own, rented = _values(s, SimpleNamespace(today=2 * (np.ones((2, *s.assets.shape)),)))
    assert own[member, 0] == 0.0
    assert rented[member, 0] == pytest.approx(s.list_price[shared, 0, 0].sum())
    assert s.rented_by(h.HUB)[h.HUB][member, 0] == 1.0


# ------------------------------------------------------------ policies


def test_a_range_is_drawn_with_its_value_as_the_median() -> None:
    assert draw(1.0, 2.0, 6.0, np.array([0.0, 0.25, 0.5, 0.75, 1.0])).tolist() == [1.0, 1.5, 2.0, 4.0, 6.0]


def test_a_policy_ramps_up_after_its_start_and_stops_at_its_end() -> None:
    one = replace(lever("budget", 0.1), start=4, end=9, ramp=3, intensity=0.8)
    phases = [one.phase(quarter) for quarter in (3, 4, 5, 7, 9, 10)]
    assert phases == pytest.approx([0.0, 0.2, 0.4, 0.8, 0.8, 0.0])
    other = lever("budget", 0.05, kinds=("city",))
    system = BankingSystem(world(sample_effects=False), [scenario("p", [one, other]), scenario()], (0, 1))
    small, city = ~system.exports_here[:, None], (system.banks.kind == h.CITY)[:, None]
    pulled = (0.4 * 0.1 * small + 0.05 * city) * np.array([1.0, 1.0, 0.0, 0.0])  # those of a bank add up
    np.testing.assert_allclose(system.policies.in_force(5)["budget"], pulled)


def test_what_a_policy_costs_is_paid_by_whom_it_names_on_its_basis() -> None:
    places = tuple(province.code for province in world().population.provinces[:9])
    policy = lever("compliance_relief", 0.1, kinds=("city", "rural"))
    policy = replace(policy, costs=PAID, users="clients", provinces=places)
    here = world(sample_effects=False, own_banks=(OwnAccount("ours", "city", places[0], "2020Q1", 3e11),))
    system = stepped(BankingSystem(here, [scenario(), scenario("p", [policy])], (0, 1)), 5)
    population, reached = system.banks, np.isin(system.banks.kind, (h.CITY, h.RURAL))
    reached &= (system.banks.province < 9) & (np.arange(len(reached)) < population.size)
    users = system.users()
    paid = system.policies.costs(system.quarter, system.change, system.policy_cost, users, system.kind_rows)
    assert not paid[0].any()
    total = dict(zip(h.PAYERS, paid[1].sum((1, 3)).T, strict=True))
    takers, change = (users["clients"] & reached[:, None])[:, 2:], system.change[:, 2:]
    own = np.minimum(2.0 * takers, 0.5 * change)
    assert total["bank"] == pytest.approx(0.25 * own.sum(0))
    assert total["local_government"] == pytest.approx(0.25 * (0.1 * change * reached[:, None]).sum(0))
    assert total["central_government"] == pytest.approx([2.0, 2.0])
    assert total["association"] == pytest.approx([0.75 * len(np.unique(population.province[reached]))] * 2)
    assert not paid[..., [h.LARGE, h.PRIVATE]].any()


def test_a_reform_is_paid_for_in_provinces_with_a_union_alone() -> None:
    per_province = Cost("local_government", "province_year", 3e6, 3e6, 3e6)
    policy = replace(lever("hub_quality", 0.3, kinds=("city", "rural")), costs=(per_province,))
    system = stepped(BankingSystem(world(sample_effects=False), [scenario("p", [policy])], (0,)), 5)
    banks = system.banks
    unions = np.array([place.has_union for place in banks.provinces])[banks.province]
    reformed = np.unique(banks.province[(banks.kind == h.RURAL) & unions])
    assert len(reformed) < len(np.unique(banks.province[banks.kind != h.LARGE]))
    paid = system.policies.costs(
        system.quarter, system.change, system.policy_cost, system.users(), system.kind_rows
    )
    assert paid.sum() == pytest.approx(0.75 * len(reformed))


def test_nobody_pays_for_a_bank_that_has_been_merged_away() -> None:
    costs = (*PAID, Cost("local_government", "bank_year", 1e6, 1e6, 1e6))
    policy = replace(lever("compliance_relief", 0.1, kinds=("city", "rural")), costs=costs)
    system = stepped(BankingSystem(world(sample_effects=False), [scenario("p", [policy])], (0, 1)), 5)
    kind, change = system.banks.kind, system.change

    def paid() -> dict[str, np.ndarray]:
        book, users = system.policies, system.users()
        costs = book.costs(system.quarter, change, system.policy_cost, users, system.kind_rows)
        return dict(zip(h.PAYERS, costs[0].sum((1, 3)).T, strict=True))

    before, gone = paid(), int(np.flatnonzero(kind == h.RURAL)[0])
    system.active = system.active.copy()
    system.active[gone, 1] = False  # in the second run alone
    spared = {name: before[name] - now for name, now in paid().items()}
    assert spared["local_government"] == pytest.approx([0.0, 0.25 * (1.0 + 0.1 * change[gone, 1])])
    assert spared["bank"] == pytest.approx([0.0, 0.25 * system.policy_cost[gone, 1]])
    assert spared["central_government"] == pytest.approx([0.0, 0.0])


def test_policies_of_one_scenario_act_each_in_its_own_phase() -> None:
    """Announced, ramping and of members alone, in full, ended, and begun by a signal in the second run alone."""
    waits, allied = Trigger("index", "all", 50.0, above=True), {"start": 8, "ramp": 1, "users": "members"}
    dates = ({"start": 9}, allied, {"start": 4}, {"start": 2, "end": 7}, {"start": 4, "trigger": waits})
    policies = [
        replace(lever("budget", 0.1 * 2**k), costs=PAID, name=f"p{k}", **changed)
        for k, changed in enumerate(dates)
    ]
    system = BankingSystem(world(sample_effects=False), [scenario(), scenario("p", policies)], (0, 1))
    book = system.policies
    book.look(7, lambda outcome, kind: np.array([0.0, 0.0, 49.0, 51.0]))
    small = ~system.exports_here[:, None]
    np.testing.assert_allclose(book.in_force(8)["budget"], small * np.array([0.0, 0.0, 0.5, 2.1]))
    member = np.arange(len(small))[:, None] % 2 == np.zeros(4)
    change, users = np.full(member.shape, 100.0), {"takers": member | True, "members": member}
    asked = 2.0 * small * (np.array([0.0, 0.0, 1.0, 2.0]) + np.array([0.0, 0.0, 0.5, 0.5]) * member)
    np.testing.assert_allclose(book.bank_costs(8, change, users), asked)
    paid = book.costs(8, change, 0.5 * asked, users, system.kind_rows)
    assert not paid[0].any()
    state, own = (paid[1, ..., h.PAYERS.index(payer), :].sum(-1) for payer in ("central_government", "bank"))
    np.testing.assert_allclose(state, 2.0 * np.array([[0, 0.5, 1, 0, 0], [0, 0.5, 1, 0, 1]]))
    few, all_ = 0.125 * (small & member[:, :1]).sum(), 0.25 * small.sum()  # half of what is asked, a quarter
    np.testing.assert_allclose(own, [[0, few, all_, 0, 0], [0, few, all_, 0, all_]])


@pytest.mark.parametrize("sampled", [False, True])
def test_effects_and_prices_are_what_the_file_says_unless_they_are_drawn(sampled: bool) -> None:
    wide = replace(
        lever("budget", 0.1),
        effects=(Effect("budget", 0.1, 0.0, 0.4),),
        costs=(Cost("bank", "bank_year", 2e6, 1e6, 9e6),),
    )
    system = BankingSystem(world(sample_effects=sampled), [scenario("p", [wide])], range(8))
    ((_, effect),), ((_, _, price),) = (
        getattr(system.policies.terms[0][0], n) for n in ("effects", "prices")
    )
    assert effect.shape == price.shape == (8,)
    assert (len(set(effect)), len(set(price))) == ((8, 8) if sampled else (1, 1))
    assert sampled or (effect[0], price[0]) == (0.1, 2e6)
    assert ((effect >= 0.0) & (effect <= 0.4)).all()


@pytest.mark.parametrize("above", [True, False])
def test_a_signal_that_only_meets_its_limit_starts_nothing(above: bool) -> None:
    waiting = replace(lever("budget", 0.1), start=8, trigger=Trigger("index", "all", 50.0, above=above))
    system = BankingSystem(world(), [scenario("p", [waiting])], (0, 1))
    beyond = np.nextafter(50.0, 99.0 if above else 0.0)
    system.policies.look(7, lambda outcome, kind: np.array([50.0, beyond]))
    assert system.policies.terms[0][0].since == [None, 8]


@pytest.mark.parametrize(("looked_at", "starts"), [(6, None), (7, 8), (18, 19), (19, None)])
def test_a_signal_starts_a_policy_the_quarter_after_from_its_first_day_to_its_last(
    looked_at: int, starts: int | None
) -> None:
    waiting = replace(
        lever("budget", 0.1), start=8, end=19, trigger=Trigger("index", "all", 50.0, above=False)
    )
    system = BankingSystem(world(), [scenario("p", [waiting])], (0, 1))
    system.policies.look(looked_at, lambda outcome, kind: np.array([49.0, 51.0]))
    term = system.policies.terms[0][0]
    assert term.since == [starts, None]
    for quarter in range(24):
        on = starts is not None and starts <= quarter <= 19
        assert term.phases(quarter) == (float(on), 0.0)


# ------------------------------------------------------------ between banks


def test_rules_are_clearer_to_participants_and_to_those_who_watch_them(late: BankingSystem) -> None:
    small = ~late.exports_here
    taken = np.zeros(late.active.shape, bool)
    taken[20], taken[0] = True, True  # a large bank's place teaches nobody
    relief = np.where(taken, 0.4, 0.0)
    there = late.assets_start * (late.active & small[:, None])
    watched = there[20] / there.sum(0)
    numbers = SimpleNamespace(uncertainty=0.4, watching=2.0, rule_cost=0.2)
    system = SimpleNamespace(
        p=numbers, participant=taken, banks=late.banks, assets_start=late.assets_start,
        active=late.active, exports_here=late.exports_here, lever={"pilot_relief": relief}.__getitem__,
    )  # fmt: skip
    worth, price, paid = clarity(system)  # type: ignore[arg-type]
    np.testing.assert_allclose(worth[20], 0.9)
    np.testing.assert_allclose(worth[21], 1 - 0.4 * (1 - 2.0 * watched))
    np.testing.assert_allclose(price[[20, 21]], [[1.05] * 3, [1.2] * 3])
    np.testing.assert_allclose(paid[[20, 21]], [[0.6] * 3, [1.0] * 3])


def test_a_population_has_the_part_of_places_that_its_banks_have_of_the_nations_assets() -> None:
    system = BankingSystem(world(), [scenario()], (0, 1))
    small = system.banks.assets[~system.exports_here].sum()
    part = 1e-6 * small / system.p.national_assets
    assert represented(system) == pytest.approx([part, part])
    leaves = np.zeros(system.active.shape, bool)
    leaves[np.flatnonzero(system.mergers.exposed)[:3], 1] = True
    system.mergers._absorb(leaves, system.mergers.acquirer)  # who takes a bank over has its assets: once
    assert represented(system) == pytest.approx([part, part])


def test_places_go_to_banks_that_are_ready_in_the_order_of_the_queue() -> None:
    here = world(own_banks=(OwnAccount("ours", "city", "SD", "2020Q1", 5e12),))
    few, many = (
        scenario(name, [lever("places", places, "2020Q1"), lever("approval", 1.0, "2020Q1")])
        for name, places in (("few", 2.0), ("many", 250.0))
    )
    s = BankingSystem(here, [few, many], range(8))
    s.quarter = 4
    s._look_outside()
    models = s.model_rows + s.items.bought.start
    s.rung[s.items.at["core_bigdata"]], s.relevant[models], s.rung[models] = 1, True, 0
    gone, had, mature, needless, early = (slice(k, None, 9) for k in range(20, 25))
    s.active = s.active.copy()
    s.active[gone], s.participant[had], s.rung[models, mature] = False, True, 2
    s.relevant[models, needless], s.rung[s.items.at["core_bigdata"], early] = False, 0
    s.rung[models[0], 25::9] = 2  # one of its models is mature, the others are not
    s.rung[models, 26::9] = 1
    ready = np.repeat(~s.exports_here[:, None], 16, axis=1)
    for some in (gone, had, mature, needless, early):
        ready[some] = False
    turn = -np.log(uniform(s.draws.bank_words("queue/2021", 2)[0])) / s.assets_start
    luck = uniform(s.draws.words("places/2021", 1)[0])
    held = (s.assets_start * s.active * ~s.exports_here[:, None])[: s.banks.size].sum(0) / s.p.national_assets
    before = s.participant.copy()
    admit(s)
    for r in range(16):
        queue = [b for b in np.argsort(turn[:, r]) if ready[b, r]]
        ours = [b for b in queue if b < s.banks.size][: int((2.0 if r < 8 else 250.0) * held[r] + luck[r])]
        beside = [b for b in queue if b >= s.banks.size and ours and turn[b, r] <= turn[ours[-1], r]]
        assert sorted(np.flatnonzero(s.participant[:, r] & ~before[:, r])) == sorted(ours + beside)
    assert set(s.participant[: s.banks.size, :8].sum(0) - before[: s.banks.size, :8].sum(0)) == {0, 1}


def test_village_banks_are_no_members_of_a_union_and_its_reform_does_not_move_them() -> None:
    system = stepped(BankingSystem(world(place="national"), [scenario()], (0,)), 1)
    banks, at = system.banks, system.items.at
    village, unions = banks.village, np.array([place.has_union for place in banks.provinces])[banks.province]
    rural = np.arange(len(village)) < banks.size
    rural &= banks.kind == h.RURAL
    assert np.array_equal(system.unions.member, rural & ~village & unions)
    assert (system.hub[village] == 0).all()
    assert np.array_equal(system.rung[at["union"]][village], system.rung[at["fintech"]][village])
    policy = lever("hub_quality", 0.3, kinds=("rural",))
    assert np.array_equal(banks.moved(policy), system.unions.member)


def test_a_users_bank_is_neither_merged_nor_the_one_that_others_join() -> None:
    place = world().population.provinces
    account = OwnAccount("ours", "rural", place[world().reforms[-1].province].code, "2020Q1", 9e12)
    here = world(own_banks=(account,), place="national")
    mergers = BankingSystem(here, [scenario()], (0,)).mergers
    guests = slice(here.population.size, None)
    assert not (mergers.member | mergers.exposed)[guests].any()
    assert max(mergers.head.max(), mergers.acquirer.max()) < here.population.size
    assert mergers.member.any()
    assert not mergers.member[mergers.village].any()


def test_members_join_from_the_quarter_in_which_their_union_becomes_a_single_bank() -> None:
    here = world()
    base = here.reforms[0]
    reforms = tuple(
        replace(base, province=k, quarter=8, mode=m) for k, m in enumerate(("single_bank", "union_bank"))
    )
    mergers = BankingSystem(replace(here, reforms=reforms), [scenario()], (0,)).mergers
    first = here.population.province == 0
    assert not mergers._single(7).any()
    assert mergers._single(8)[:, 0].tolist() == mergers._single(12)[:, 0].tolist() == first.tolist()


def test_a_small_institution_exits_sooner_and_members_join_a_single_provincial_bank(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    merging = scenario("merging", [lever("hub_merges", 0.5, kinds=("rural",))])
    system = stepped(BankingSystem(world(), [scenario(), merging], range(3)), 4)
    system._look_outside()
    system.outside.exits = np.full(
        6, 4.0
    )  # so many, of banks so small and large, that sizes count at both ends
    system.assets_start[::2], system.assets_start[1::2] = 1e-2, 1e9
    system.active = system.active.copy()
    system.active[np.flatnonzero(system.mergers.member)[::3]] = False  # gone before
    moves: list[np.ndarray] = []
    monkeypatch.setattr(system.mergers, "_absorb", lambda leaves, into: moves.append(leaves))
    words = np.random.default_rng(1).integers(0, 65536, system.active.shape).astype(np.uint16)
    words[:, [1, 4]], words[:, [2, 5]] = 20, 65530  # all at the bottom, all at the top
    words[:, 3] = 52000  # low enough for a small one to leave, and high enough to join
    monkeypatch.setattr(system, "partner_word", words[None])
    system.mergers.advance(5)
    assert moves == []  # once a year
    system.mergers.advance(4)
    p, population, rows = system.p, system.banks, np.arange(len(system.banks.kind))
    village = population.village[:, None]
    size = np.clip((system.assets_start / p.exit_size) ** -p.exit_slope, 0.05, 2.0)
    hazard = system.outside.exits * np.where(village, 1.0, p.exit_other) * size
    rural = (population.kind == h.RURAL)[:, None] & system.active
    leaves = rural & (system.mergers.acquirer != rows)[:, None] & (uniform(words) < 1 - np.exp(-hazard))
    np.testing.assert_array_equal(moves[0], leaves)
    joins = rural & ~village & (system.mergers.head != rows)[:, None] & ~leaves
    joins &= (uniform(words) > 1 - p.join_rate) & (np.arange(6) >= 3)
    np.testing.assert_array_equal(moves[1], joins)
    assert joins[:, 5].any()
    assert not joins[:, 4].any()


def test_a_platform_moves_to_the_level_of_its_reform_and_members_ripen_by_the_gain() -> None:
    system = BankingSystem(
        world(), [scenario(), scenario("hub", [lever("hub_quality", 0.1, "2020Q1")])], (0, 1)
    )
    unions, p, home = system.unions, system.p, system.banks.province
    reform = system.world.reforms[0]
    before, base = unions.level.copy(), unions.base
    unions.advance(reform.quarter)
    has = np.array([place.has_union for place in system.banks.provinces])[:, None]
    aimed = np.minimum(base + p.hub_reform * has * (np.arange(len(base)) == reform.province)[:, None], 1.0)
    np.testing.assert_allclose(unions.level, before + 0.25 * p.hub_speed * (aimed - before))
    assert (unions.level[reform.province] > before[reform.province]).all()
    system._look_outside()
    unions.advance(reform.quarter + 1)
    hub = np.minimum(unions.level[home] + system.levers["hub_quality"], 1.0)
    np.testing.assert_allclose(system.hub, hub * unions.member[:, None])
    np.testing.assert_allclose(
        system.hub_gain, np.maximum(system.hub - base[home], 0) * unions.member[:, None]
    )


def test_who_has_failed_or_left_the_market_is_nobodys_partner() -> None:
    s = stepped(BankingSystem(world(), [scenario()], range(3)), 4)
    network, s.vendor[:] = s.network, -1  # free to take whom they are offered
    network.failed[0] = True
    network.renew()
    assert not (s.vendor == 0).any()
    assert (s.vendor > 0).any()
    network.failed[:], s.vendor[:] = True, -1
    network.renew()
    assert (s.vendor == -1).all()
    had = s.exporter == 0
    assert had.any()
    s.withdraw(int(network.exporters[0]))
    assert (s.exporter[had] == -1).all()
    bank = int(network.pairs[network.agreed.any(1)][0, 0])
    clients, partners = network.standing["vendor"].sum(0), s.allies[bank].copy()
    s.withdraw(bank)
    assert partners.any()
    assert not s.allies[bank].any()
    np.testing.assert_array_equal(
        clients - network.standing["vendor"].sum(0), (s.vendor[:, bank] >= 0).sum(0)
    )


def test_a_bank_has_different_vendors_and_chooses_among_the_others_by_appeal() -> None:
    four = {"vendors": 4, "quality_weight": 0.0, "popularity": 0.0}  # each has a quarter of the words
    s = stepped(BankingSystem(world(numbers=four), [scenario()], (0,)), 4)
    quarter, (a, b, c, d) = 2**14, np.flatnonzero(~s.exports_here)[:4]
    s.partner_word[:3] = 65535  # every free slot is filled, no contract ends
    for bank, vendors, words in (
        # 1 is kept; half of 1's part is 2 of 0, 2, 3; nine tenths of 2's part are 3 of 0, 3
        (a, (1, -1, -1), (0.0, 1.5, 2.9)),
        # a tenth of 0's part is 1 of 1, 2, 3, as the third contract with 0 is kept; 3 as drawn
        (b, (-1, -1, 0), (0.1, 3.2, 3.9)),
        # 2 as drawn; two fifths of 2's part are 1 of 0, 1, 3; seven tenths of 1's part are 3 of 0, 3
        (c, (-1, -1, -1), (2.2, 2.4, 1.7)),
        # all three are different as drawn
        (d, (-1, 2, -1), (0.3, 2.6, 3.1)),
    ):
        s.vendor[:, bank, 0] = vendors
        s.partner_word[3:6, bank, 0] = np.array(words) * quarter
    s.network.renew()
    assert s.vendor[:, [a, b, c, d], 0].T.tolist() == [[1, 2, 3], [1, 3, 0], [2, 1, 3], [0, 2, 3]]
    s.vendor[:, a, 0], s.network.failed[2:] = (0, 1, -1), True
    s.network.renew()
    assert s.vendor[:, a, 0].tolist() == [0, 1, -1], "it has all that stand"


@pytest.mark.parametrize("number", [2, 12])
def test_no_vendor_holds_two_contracts_of_a_bank_and_all_other_choices_stay(number: int) -> None:
    s = BankingSystem(world("2023Q4", numbers={"vendors": number}), [scenario()], range(4))
    words = s.draws.bank_words("partners/start", 4)[:3]
    offered = s.network._pick(words, np.exp(s.p.quality_weight * s.network.quality))
    moved = (s.vendor != offered) & (s.partner_luck[0] > np.array([-0.7, 0.4, 1.3])[:, None, None])
    again = [np.zeros(s.active.shape, bool), offered[1] == s.vendor[0], (offered[2] == s.vendor[:2]).any(0)]
    assert (moved <= again).all()
    assert moved.any()
    for _ in range(3):
        ordered = np.sort(s.vendor, axis=0)
        assert not ((ordered[1:] == ordered[:-1]) & (ordered[1:] >= 0)).any()
        stepped(s, 4)
    assert (s.vendor >= 0).sum(0).max() == min(number, 3)


def test_the_graph_holds_every_tie_of_the_banks_that_are_there(late: BankingSystem) -> None:
    s, row = late, int(late.active.sum(0).argmin())
    graph = partnership_graph(s, row)
    there = s.active[:, row]
    banks = {name for name, role in graph.nodes(data="role") if role == "bank"}
    assert banks == {f"bank:{b}" for b in np.flatnonzero(there)}
    assert not there.all()
    layers = [layer for *_, layer in graph.edges(data="layer")]
    assert {name: layers.count(name) for name in set(layers)} == {
        "vendor": (s.vendor[:, there, row] >= 0).sum(), "export": (s.exporter[there, row] >= 0).sum(),
        "alliance": s.allies[there, row].sum() / 2, "union": (s.hub[there, row] > 0).sum(),
        "platform": (s.openness[:, there, row].mean(0) >= 0.5).sum(),
    }  # fmt: skip
    bank = int(np.flatnonzero(there)[0])
    seen = graph.nodes[f"bank:{bank}"]
    assert seen["assets"] == pytest.approx(1e6 * s.assets[bank, row])
    assert seen["index"] == pytest.approx(s.dims[:, bank, row].mean())


# ------------------------------------------------------------ outcomes


def test_outcomes_of_a_bank_are_what_they_say(late: BankingSystem) -> None:
    s = late
    found = measure(s, year_end=True)
    income, cost = 4 * s.revenue, 4 * s.costs + s.spend  # a year
    told = {
        "spend_ratio": 100 * s.spend / income, "free_budget": 100 * s.change / income,
        "run_share": 100 * (s.run + s.fees) / s.spend, "claim_share": 100 * s.claim / s.change,
        "bad_loans": 100 * s.bad_loans / (s.assets * s.p.loan_share),
        "coverage": 100 * s.provisions / s.bad_loans, "profit": 100 * 4 * s.profit / s.mean_assets,
        "cost_income": 100 * cost / income, "talent": 100 * s.staff.sum(0),
        "capital": 100 * s.capital / (s.assets * s.p.risk_weight),
        "breach": 100 * s.capital / (s.assets * s.p.risk_weight) < s.floor,
        "benefit": (s.cost_skill + s.risk_skill + s.market_skill + s.revenue_skill) / 4,
        "partners": (s.vendor >= 0).sum(0) + (s.exporter >= 0) + s.allies + (s.hub > 0),
        "like_for_like": s.like.mean(0), "data_asset": s.rung[s.items.at["assets"]] / 2,
        "pain_2": 100 - np.minimum(s.dims[1], s.dims[2]),
        "pain_10": 100 * np.minimum(s.charge / s.revenue, 1),
        "pain_5": 100 * ((s.model_route == h.WAIT) & (s.model_price > s.change)),
        "pain_8": 100 - 50 * s.rung[s.items.at["assets"]],
        "pain_3": 100 - 50 * (s.rung[s.items.at["composite"]] + s.rung[s.items.at["data_people"]]),
    }  # fmt: skip
    spending = s.items.at["spend"]
    told["without_spending"] = s.index - s.rung[spending] * s.printed[2020][spending] / 6
    entered = np.empty((3, *s.assets.shape))
    for rows in s.kind_rows:
        scenes = [s.rung[s.items.at[name], rows] > 0 for name in ("livelihood", "third_party", "scenes")]
        entered[:, rows] = (scenes & s.active[rows]).sum(1, keepdims=True) / s.active[rows].sum(0)
    told["pain_9"] = 100 * (1 - 1 / (1 + s.p.congestion * entered)).mean(0)
    for name, value in told.items():
        np.testing.assert_allclose(found[name].astype(float), value, err_msg=name)


def test_the_largest_vendors_clients_are_counted_whichever_contract_it_is() -> None:
    s = stepped(BankingSystem(world(), [scenario()], (0,)), 2)
    small, s.vendor[:], s.fixed_outcomes = np.flatnonzero(~s.exports_here), -1, None
    s.vendor[:, small[:4], 0] = np.array([(0, 1, -1), (-1, 0, -1), (1, -1, -1), (2, -1, 0)]).T
    s.vendor[0, s.exports_here] = 1
    s.network.count_clients()
    exposed = signal(s, "outage_exposure", "all")
    np.testing.assert_allclose(exposed, 3 / len(small), err_msg="0 has three clients, 1 two and 2 one")
    struck = s.network.strike(np.ones(1), np.ones(1))
    assert struck is not None
    assert np.flatnonzero(struck).tolist() == [0]


def test_outcomes_of_the_system_are_what_they_say(late: BankingSystem) -> None:
    s = late
    tables = kind_outcomes(s, year_end=True)
    found = {name: table[k] for names, table in tables.items() for k, name in enumerate(names)}
    assert set(found) == set(OUTCOMES)
    small = ~s.exports_here[:, None] & s.active
    np.testing.assert_allclose(found["institutions"][-1], small.sum(0))
    np.testing.assert_allclose(found["inclusive_share"][-1], 100 * (s.market * small).sum(0))
    np.testing.assert_allclose(found["inclusive_share"][0], 100 * (s.market * s.exports_here[:, None]).sum(0))
    every = (s.vendor[..., None] == np.arange(s.network.number)) & small[..., None]
    np.testing.assert_allclose(found["outage_exposure"][-1], every.any(0).sum(0).max(-1) / small.sum(0))
    share = every.sum((0, 1)) / every.sum((0, 1)).sum(-1, keepdims=True)
    np.testing.assert_allclose(found["vendor_hhi"][-1], (share**2).sum(-1))
    index = s.dims.mean(0)
    city, rural = (
        (index[rows] * s.active[rows]).sum(0) / s.active[rows].sum(0)
        for rows in (s.reported_rows[1], s.reported_rows[2])
    )
    np.testing.assert_allclose(found["rural_city_gap"][-1], city - rural)
    np.testing.assert_allclose(signal(s, "index", "city"), city)
    np.testing.assert_allclose(signal(s, "index", "all"), (index * small).sum(0) / small.sum(0))
    np.testing.assert_allclose(signal(s, "rural_city_gap", "all"), city - rural)
    members = s.kind_rows[h.RURAL]
    hubs = (s.rented[h.HUB] * s.active)[members].sum(0) / s.active[members].sum(0)
    np.testing.assert_allclose(found["union_dependence"][h.RURAL], 100 * hubs)
    for r in range(3):
        index = np.sort(s.dims.mean(0)[small[:, r], r])
        apart = np.abs(index[:, None] - index).mean() / (2 * index.mean())
        assert found["gini"][-1, r] == pytest.approx(apart)
        last = len(index) - 1
        ends = index[round(0.9 * last)], index[round(0.1 * last)]
        assert found["p90_p10"][-1, r] == pytest.approx(ends[0] / ends[1])


def test_a_quarter_records_what_a_users_lever_or_an_agent_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    def lift(system: BankingSystem, strength: np.ndarray) -> None:
        system.rung[1] = np.where(strength > 0.0, system.items.top[1], 0)

    plain = BankingSystem(world("2021Q4"), [scenario()], (0,))
    monkeypatch.setattr(LEVERS, "_things", dict(LEVERS._things))  # forgotten after the test
    LEVERS.register("lift", Lever("one item, wholly", lift))
    lifted = BankingSystem(world("2021Q4"), [scenario("lift", [lever("lift", 1.0, "2021Q1")])], (0,))
    for s in (plain, lifted):
        stepped(s, 4)
        for bank in s.agents if s is plain else ():
            bank.rung = np.minimum(bank.rung + 1, s.items.top[:, 0, 0])
        s.step()
        rows = s.reported_rows[h.CITY]
        there, scores = s.active[rows], s.items.scores(s.rung[:, rows], s.year)
        np.testing.assert_allclose(
            s.recorder.true[0, :, 4, h.CITY], ((scores * there).sum(1) / there.sum(0)).T
        )
