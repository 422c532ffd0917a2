"""A user's own bank: what was entered is used, what is planned is done, and everything moves the right way."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agents.honeycomb import DIMENSIONS
from model.own_bank import BRIDGE, BUDGET
from model.own_plan import KIND, QUESTIONS, STILL, Choice, OwnAccount, OwnPlan, OwnProject, OwnShock
from model.record import Record
from model.run import simulate
from model.shock import Shock
from model.system import BankingSystem
from model.world import Ensemble, Scenario, World
from tests.worlds import LIGHT, lever, scenario, shocked, stepped, world

R = 6
MONEY = OwnPlan("money", dimensions={2023: (4e6, 6e6, 20e6, 30e6, 30e6, 8e6)})
RATIO = OwnPlan("ratio", spend_ratio=0.04)
ITEMS = OwnPlan(
    "items",
    spending={2023: 200e6},
    projects=(
        OwnProject("platform", "2023Q1", "own"),
        OwnProject("incentives", "2023Q1"),
        OwnProject("audit", "2024Q1"),
    ),
)
OURS = OwnAccount(
    "ours", "city", "SD", "2023Q1", 180e9, loans=95e9, revenue=4.4e9, margin=1.9, fees=0.5e9, operating_costs=1.4e9,
    bad_loans=1.4, coverage=2.1, capital=12.6, technology_spending=154e6, employees=3000, staff=(0.03, 0.01, 0.008),
    partners={"vendors": 2, "exporting_bank": True, "alliances": 1},
    items={"platform": 0, "incentives": 0, "audit": 0, "core_bigdata": 1, "scoring": (0.0, 0.3, 0.7)},
    scores=(0.55, 0.5, 0.45, 0.5, 0.45, 0.4), plans=(MONEY, RATIO, ITEMS),
)  # fmt: skip


def played(here: World, *accounts: OwnAccount, on: tuple[Scenario, ...] = ()) -> Record:
    return simulate(replace(here, own_banks=accounts), on or (scenario(),), range(R))


@pytest.fixture(scope="module")
def here() -> World:
    return world("2025Q4", recording=LIGHT, start="2023Q1")


@pytest.fixture(scope="module")
def record(here: World) -> Record:
    struck = scenario("struck", shocks=[shocked(margin=-0.5)])
    return played(here, OURS, on=(scenario(), struck))


def of(record: Record, name: str, choice: str, bank: str = "ours", future: int = 0) -> np.ndarray:
    assert record.own is not None
    return record.own[name][future, :, :, record.own_rows.index((bank, choice))]


def test_the_plans_stand_beside_what_peers_do_and_as_today(record: Record) -> None:
    assert [choice for _, choice in record.own_rows] == ["money", "ratio", "items", KIND, STILL]


def test_what_was_entered_is_used_on_the_first_day(here: World) -> None:
    system = BankingSystem(replace(here, own_banks=(OURS,)), [scenario()], range(3))
    stepped(system, 13)
    rows = system.own.rows
    assert np.allclose(4.0 * system.revenue[rows], 4400.0)
    assert np.allclose(system.margin[rows], 1.9)
    assert np.allclose(system.bad_loans[rows] / (system.p.loan_share[rows] * system.assets[rows]), 0.014)
    assert np.allclose(system.spend[rows][1], 0.04 * 4400.0)
    assert np.allclose(4.0 * system.costs[rows][:3], 1400.0 - 154.0)
    assert np.allclose(system.staff[:, rows][0, 1], 0.03, rtol=0.05)
    assert (system.vendor[:, rows] >= 0).sum(0).max() <= 3


@pytest.mark.parametrize("number", [2, 12])
def test_a_bank_enters_with_the_most_popular_vendors_that_it_has_not_yet(number: int) -> None:
    ours = replace(OURS, since="2023Q3", partners={"vendors": 3})
    here = world("2023Q3", numbers={"vendors": number}, own_banks=(ours,))
    system = BankingSystem(here, [scenario()], range(3))
    before = stepped(system, 14).vendor[:, system.own.rows].copy()
    most = np.argsort(-system.network.standing["vendor"], axis=0, kind="stable")
    has = stepped(system, 1).vendor[:, system.own.rows]
    for row, (fell, vendors) in enumerate(zip(before[:, 0].T, has[:, 0].T, strict=True)):
        left = [int(v) for v in most[:, row] if v not in fell]
        expected = [int(v) if v >= 0 else left.pop(0) if left else -1 for v in fell]
        assert vendors.tolist() == expected
    assert ((has >= 0).sum(0) == min(number, 3)).all()


def test_a_bank_that_arrives_within_a_year_has_its_own_years_money_divided_as_it_fell(here: World) -> None:
    late = replace(OURS, since="2023Q3")
    system = stepped(BankingSystem(replace(here, own_banks=(late,)), [scenario()], range(3)), 14)
    parts, rows = ("run", "fees", "claim", "compliance", "change"), system.own.rows

    def divided() -> list[np.ndarray]:
        money = [getattr(system, name)[rows] for name in parts] + [system.paid[:, rows].sum(0)]
        return [one / system.spend[rows] for one in money]

    before = divided()
    system.step()
    assert np.allclose(system.spend[rows], 154.0)
    assert np.allclose(divided(), before)


def test_the_entered_ratio_is_the_used_one_in_every_year(here: World, record: Record) -> None:
    quiet = replace(OURS, plans=(RATIO,), technology_spending=None, spend_ratio=0.035)
    system = BankingSystem(replace(here, own_banks=(quiet,)), [scenario()], range(3))
    stepped(system, 13)
    lead, like_its_kind, _ = range(system.own.rows.start, system.own.rows.stop)
    assert np.allclose(system.own.spend_first, 0.035 * 4400.0, rtol=1e-12)
    assert np.allclose(system.spend[lead], 0.04 * 4400.0, rtol=1e-12)
    for _ in range(2):
        stepped(system, 4)  # the ratio is of what the bank earns as the year begins
        assert np.allclose(system.spend[lead], 0.04 * 4.0 * system.revenue[lead], rtol=1e-12)
        assert np.array_equal(system.spend[like_its_kind], system.steady[like_its_kind])
    year = of(record, "technology_spending", "ratio") / of(record, "revenue", "ratio")
    assert np.allclose(year, 0.04, rtol=0.03), "revenue moves within the year"


def test_a_capital_requirement_comes_on_top_of_the_capital_entered(here: World) -> None:
    raised = scenario("raised", shocks=[shocked(capital_target=1.0)])
    system = BankingSystem(replace(here, own_banks=(OURS,)), [scenario(), raised], range(3))
    stepped(system, 13)
    rows = system.own.rows
    aims = system.outside.capital[system.banks.group[rows]] + system.capital_own[rows]
    assert np.allclose(aims[:, :3], 12.6, rtol=1e-12)
    assert np.allclose(aims[:, 3:], 13.6, rtol=1e-12)


def test_yuan_of_a_plan_are_spent_and_every_budget_adds_up(record: Record) -> None:
    assert record.own is not None
    free = of(record, "projects", "money") + of(record, "kept", "money")
    assert np.allclose(free, 98.0)
    assert np.allclose(of(record, "technology_spending", "items"), 200.0)
    parts = sum(record.own[name] for name in BUDGET)
    assert np.allclose(parts, record.own["technology_spending"] + record.own["added"], rtol=1e-12)


def test_of_a_total_a_named_dimension_gets_its_yuan_and_the_others_share_the_rest(here: World) -> None:
    nan = np.nan
    some = OwnPlan("some", spending={2023: 200e6}, dimensions={2023: (nan, nan, nan, nan, 20e6, 0.0)})
    none = OwnPlan("none", spending={2023: 200e6})
    nothing = OwnPlan("nothing", spending={2023: 200e6}, dimensions={2023: (nan, nan, nan, nan, 0.0, nan)})
    plans = (some, none, nothing)
    system = BankingSystem(replace(here, own_banks=(replace(OURS, plans=plans),)), [scenario()], range(3))
    stepped(system, 13)
    named, usual = system.own.rows.start, system.own.rows.start + 1
    free = (system.change - system.claim - system.compliance - system.policy_cost)[named]
    money = system.shares[:, named] * free
    assert np.allclose(money.sum(0), free)
    assert np.allclose(money[4], 20.0)
    assert np.allclose(money[5], 0.0, atol=1e-6)
    others = system.shares[:4, usual] / system.shares[:4, usual].sum(0)
    assert np.allclose(money[:4] / money[:4].sum(0), others)
    assert np.allclose(system.shares[4, named + 2], 0.0, atol=1e-6)


def test_scores_are_scores_and_spending_is_spending(record: Record) -> None:
    for name in (*DIMENSIONS, "index"):
        assert (of(record, name, "items") <= 100.0).all(), name
    assert np.allclose(of(record, "index", KIND), sum(of(record, name, KIND) for name in DIMENSIONS) / 6)


def test_revenue_and_profit_are_bridged_exactly(record: Record) -> None:
    own = record.own
    assert own is not None
    assert np.allclose(own["bridge_before"] + sum(own[name] for name in BRIDGE), own["revenue"], rtol=1e-12)
    earned = (
        own["revenue"]
        + own["fee_income"]
        - own["costs"]
        - own["charge"]
        - own["technology_spending"]
        - own["tax"]
    )
    assert np.allclose(earned, own["net_profit"], rtol=1e-9)


def test_the_bridge_starts_from_nothing_and_takes_assets_as_a_quarter_opens(here: World) -> None:
    system = stepped(BankingSystem(replace(here, own_banks=(OURS,)), [scenario()], range(3)), 13)
    own, opening = system.own, system.assets[system.own.rows]
    for name in BRIDGE:
        assert np.allclose(own.flows[name], 0.0, atol=1e-6), name
    system.step()
    revenue = system.revenue[own.rows]
    mean = (revenue - 1100.0) / np.log(revenue / 1100.0)  # logarithmic, of 4.4 bn yuan a year
    assert np.allclose(own.flows["bridge_assets"], mean * np.log(opening / 180e3))


@pytest.mark.parametrize("route", ["buy", "build"])
def test_language_models_cost_their_price_or_what_the_plan_says(here: World, route: str) -> None:
    service = OwnProject("llm_service", "2023Q1", cost=7e6)
    plan = OwnPlan("model", spending={2023: 200e6}, projects=(service,), language_model=route)
    account = replace(OURS, plans=(plan,), items={"core_bigdata": 2, "llm_service": 0})
    system = stepped(BankingSystem(replace(here, own_banks=(account,)), [scenario()], range(R)), 13)
    own, models = system.own, system.model_rows
    price = system.list_price[models] * system.model_price / system.list_price[models].min()
    price[models + system.items.bought.start == system.items.at["llm_service"], own.rows.start] = 7.0
    paid = (price * system.started[models]).sum(0)[own.rows]
    assert np.allclose(4.0 * own.flows["language_model_spending"], paid)
    assert (paid[0] >= 7.0).any()
    assert (paid[1] > 0.0).any()


def test_planned_projects_are_begun_by_the_route_named(record: Record) -> None:
    assert (of(record, "item:platform", "items")[:, -1] > 0).mean() >= 0.5
    assert (of(record, "item:platform", STILL) == 0).all()
    assert (of(record, "item:incentives", "items")[:, -1] > 0).mean() > (
        of(record, "item:incentives", STILL)[:, -1] > 0
    ).mean()


def test_a_policy_makes_what_a_plan_names_cheaper_as_what_a_bank_chooses(here: World) -> None:
    named = (("core_network", "own"), ("operations", "vendor"), ("backup", "export"), ("backup", None))
    projects = tuple(OwnProject(item, "2023Q1", route) for item, route in named)
    plan = OwnPlan(
        "cheaper", spending={2023: 300e6}, projects=(*projects, OwnProject("incentives", "2023Q1"))
    )
    cuts = {"technology_cost_relief": 0.2, "productivity_gain": 0.1, "integration_relief": 0.25}
    eased = scenario("eased", [lever(name, cut, "2023Q1") for name, cut in cuts.items()])
    account = replace(OURS, plans=(plan,))
    system = BankingSystem(replace(here, own_banks=(account,)), [scenario(), eased], range(R))
    stepped(system, 13)
    due = system.own.due[0]
    assert all((one.cost > 0.0).all() for one in due)
    told = [one.cost[R:] / one.cost[:R] for one in due]
    for found, factor in zip(told, (0.8 * 0.9, 0.9 * 0.75, 0.75, 0.75, 1.0), strict=True):
        np.testing.assert_allclose(found, factor)


def test_of_two_projects_of_an_item_in_a_year_the_second_waits_and_is_not_paid(here: World) -> None:
    once, twice = (
        OwnPlan(str(n), spending={2023: 300e6}, projects=(OwnProject("platform", "2023Q1", "own", 10e6),) * n)
        for n in (1, 2)
    )
    account = replace(OURS, plans=(once, twice))
    system = stepped(BankingSystem(replace(here, own_banks=(account,)), [scenario()], range(R)), 13)
    own = system.own
    assert own.done[0].all()
    assert own.done[1].tolist() == [[True] * R, [False] * R]
    row, other = own.first, own.first + 1
    np.testing.assert_array_equal(system.paid[:, row], system.paid[:, other])
    stepped(system, 8)
    assert own.done[1][1].any()


def test_what_is_paid_for_keeps_running(record: Record) -> None:
    assert (np.diff(of(record, "item:scoring", STILL), axis=-1) == 0).all()
    assert (of(record, "budget_exhausted", STILL) == 0).all()
    assert np.allclose(of(record, "projects", STILL), 0.0)


def test_each_of_many_banks_is_as_it_is_alone(here: World, record: Record) -> None:
    other = OwnAccount("theirs", "rural", "SC", "2024Q1", 22e9, spend_ratio=0.03)
    together = played(here, other, OURS)
    assert together.own is not None
    for name in record.own or {}:
        assert np.array_equal(of(together, name, "items"), of(record, name, "items"), equal_nan=True), name
    assert np.isnan(of(together, "index", "plan", "theirs")[:, 0]).all()


def ends(here: World, account: OwnAccount, name: str = "technology_spending", choice: str = "plan") -> float:
    return float(of(played(here, account), name, choice)[:, -1].mean())


QUIET = replace(OURS, plans=(), technology_spending=None, spend_ratio=None, items=None, scores=None)


def test_bad_loans_take_room_and_a_margin_gives_it(here: World) -> None:
    room = {
        name: ends(here, replace(QUIET, revenue=None, operating_costs=None, **changed), choice=KIND)
        for name, changed in {
            "as is": {}, "bad": {"bad_loans": 4.0}, "thin": {"margin": 1.5}, "rich": {"margin": 2.3},
        }.items()
    }  # fmt: skip
    assert room["bad"] < room["as is"]
    assert room["thin"] < room["as is"] < room["rich"]
    profit = [ends(here, replace(QUIET, bad_loans=b), "net_profit") for b in (1.4, 4.0)]
    assert profit[1] < profit[0]


def test_higher_scores_never_lose_market_and_a_start_matters(here: World) -> None:
    low, high = (replace(OURS, plans=(), items=None, scores=(s,) * 6) for s in (0.2, 0.7))
    share = [of(played(here, one), "inclusive_share", "plan")[:, -1] for one in (low, high)]
    assert (share[1] >= share[0]).all()
    starts = [dict.fromkeys(("platform", "use_risk", "quality", "posts"), rung) for rung in (0, 2)]
    none, done = (ends(here, replace(QUIET, items=start), "data") for start in starts)
    assert done > none


def test_a_faster_frontier_never_needs_less(here: World) -> None:
    fast = scenario("fast", shocks=[shocked(frontier_growth=0.5)])
    found = played(here, OURS, on=(scenario(), fast))
    need = [of(found, "run", STILL, future=k) + of(found, "fees", STILL, future=k) for k in (0, 1)]
    assert (need[1] >= need[0] - 1e-9).all()
    assert need[1].sum() > need[0].sum()
    assert of(found, "index", KIND, future=1)[:, -1].mean() <= of(found, "index", KIND)[:, -1].mean()


def test_stress_never_pays_back_sooner(record: Record) -> None:
    gains = [
        of(record, "net_profit", "money", future=k) - of(record, "net_profit", STILL, future=k)
        for k in (0, 1)
    ]
    paid = [(np.cumsum(gain, axis=-1) >= 0).mean() for gain in gains]
    assert paid[1] <= paid[0]


def test_province_people_and_outages_matter(here: World) -> None:
    rural = OwnAccount("ours", "rural", "SC", "2023Q1", 22e9, spend_ratio=0.03)
    places = [ends(here, replace(rural, province=place), "index") for place in ("SC", "XZ")]
    assert places[0] != places[1]
    short, many = (
        replace(OURS, plans=(MONEY,), staff=s) for s in ((0.002, 0.0005, 0.0005), (0.05, 0.04, 0.04))
    )
    assert ends(here, many, "organization", "money") > ends(here, short, "organization", "money")
    out = scenario("out", shocks=[Shock("out", 20, 83, (("vendor_outage", 12),))])
    systems = ("marketing", "operations", "warning", "audit")
    bought = replace(MONEY, projects=tuple(OwnProject(name, "2023Q1", "vendor") for name in systems))
    leaning = replace(OURS, plans=(bought,), items=dict.fromkeys(systems, 0), partners={"vendors": 3})
    hit = played(here, leaning, on=(scenario(), out))
    stands = [
        sum(of(hit, f"item:{name}", "money", future=k)[:, -1].sum() for name in systems) for k in (0, 1)
    ]
    assert stands[1] < stands[0]


def test_own_shocks_strike_this_bank_alone_by_their_size(here: World) -> None:
    lost = Choice("lost", MONEY, shock=OwnShock(loss=500.0, cost=10.0))
    thin = Choice("thin", MONEY, shock=OwnShock(margin=-0.3, bad_loans=1.0))
    found = played(here, replace(OURS, plans=(MONEY,), choices=(lost, thin)))
    assert np.allclose(of(found, "own_shock", "lost"), [[510.0, 10.0, 10.0]] * R)
    assert (of(found, "net_profit", "lost") < of(found, "net_profit", "money")).all()
    assert (of(found, "revenue", "thin") < of(found, "revenue", "money")).all()
    assert (of(found, "bad_loans", "thin")[:, -1] > of(found, "bad_loans", "money")[:, -1]).all()
    by_scenario = scenario("taken", shocks=[shocked(own_takeover=0.2, own_loss_rate=0.1)])
    early = replace(OURS, since="2020Q1", plans=(MONEY,))
    pair = played(world("2020Q4", recording=LIGHT), early, on=(scenario(), by_scenario))
    assert of(pair, "assets", "money", future=1).mean() > 1.15 * of(pair, "assets", "money").mean()


def test_a_second_blow_strikes_while_the_first_goes_on(here: World) -> None:
    blows = [
        Shock(f"blow {quarter}", quarter, 83, (("own_loss", loss), ("own_takeover", part)))
        for quarter, loss, part in ((13, 100.0, 0.1), (15, 40.0, 0.2))
    ]
    found = played(here, replace(OURS, plans=(MONEY,)), on=(scenario(), scenario("blows", shocks=blows)))
    assert np.allclose(of(found, "own_shock", "money", future=1), [[140.0, 0.0, 0.0]] * R)
    grown = of(found, "assets", "money", future=1)[:, 0] / of(found, "assets", "money")[:, 0]
    assert np.allclose(grown, 1.1 * 1.2, rtol=0.03), "thinner capital lets it grow a little less"


def test_what_a_bank_takes_over_grows_its_books_and_its_spending_alike(here: World) -> None:
    system = stepped(BankingSystem(replace(here, own_banks=(OURS,)), [scenario()], range(2)), 13)
    own, rows = system.own, system.own.rows
    alike = (
        "assets",
        "assets_start",
        "revenue_start",
        "spend_start",
        "steady",
        "provisions",
        "market",
        "market_start",
    )
    expected = dict.fromkeys(alike, 1.2) | {
        "bad_loans": 1.6,
        "capital": 1.1,
    }  # three times as bad, half the capital
    before = {name: getattr(system, name)[rows].copy() for name in expected}
    base = {name: own.base[name].copy() for name in ("bad", "market")}
    own._take_over(np.full(2, 0.2))
    for name, times in expected.items():
        assert np.allclose(getattr(system, name)[rows], times * before[name]), name
    assert np.allclose(own.base["bad"], 1.6 / 1.2 * base["bad"])
    assert np.allclose(own.base["market"], 1.2 * base["market"])


def test_choices_ask_the_questions_of_a_strategy_team(here: World) -> None:
    found = played(
        world("2023Q4", recording=LIGHT, start="2023Q1"), replace(OURS, plans=(MONEY,), questions=QUESTIONS)
    )
    spent = {choice: of(found, "technology_spending", choice).mean() for _, choice in found.own_rows}
    assert spent["spend_50"] == pytest.approx(0.5 * spent["money"])
    assert (of(found, "item:llm_service", "route_wait") <= of(found, "item:llm_service", "money")).all()
    assert of(found, "people_cost", "people_hire").mean() > 0.0
    assert of(found, "added", "more_data").mean() > 0.0
    assert of(found, "heads", "people_hire").mean() > of(found, "heads", "money").mean()


def test_a_language_model_is_one_of_the_projects_and_comes_by_no_route_that_is_not_there(here: World) -> None:
    model = OwnProject("llm_service", "2023Q1", "build", 9e6)
    building = OwnPlan("building", spending={2023: 200e6}, projects=(model,), language_model="build")
    account = replace(
        OURS, plans=(building,), language_model="wait", items={"core_bigdata": 2, "llm_service": 0}
    )
    by_union = Choice("by_union", building, route="union")  # a city bank has none
    later = Choice("later", building, wait=8)
    found = played(here, replace(account, choices=(by_union, later)))
    assert not of(found, "item:llm_service", "later")[:, :2].any()
    paid = of(found, "language_model_spending", "building")
    assert of(found, "item:llm_service", "building").any()
    assert (paid.sum(-1) >= 9.0 - 1e-9).any()
    assert (paid <= of(found, "projects", "building") + 1e-9).all()
    assert not of(found, "language_model_spending", "by_union").any()
    assert not of(found, "item:llm_service", "by_union").any()


def test_branches_bring_the_provinces_they_stand_in(here: World) -> None:
    at_home, abroad, half = (
        replace(OURS, name=name, province="XZ", plans=(MONEY,), branches=branches)
        for name, branches in (("home", {"XZ": 9}), ("abroad", {"BJ": 8}), ("half", {"XZ": 3, "BJ": 3}))
    )
    local = replace(lever("data_tax", 0.2), provinces=("BJ",))
    system = BankingSystem(
        replace(here, own_banks=(at_home, abroad, half)), [scenario(policies=(local,))], range(2)
    )
    stepped(system, 14)
    home, away, both = (
        system.own.population.guests.index(n) + system.own.first for n in ("home", "abroad", "half")
    )
    for number in (system.openness[1], system.leaving(0.0)):
        assert (number[home] != number[away]).all()
        assert np.allclose(number[both], 0.5 * (number[home] + number[away]))
    assert np.allclose(system.lever("data_tax")[[home, both, away], 0], (0.0, 0.1, 0.2))


def test_a_bank_may_ally_with_those_of_its_size_where_it_stands_and_loses_one_tie_a_year(here: World) -> None:
    system = BankingSystem(replace(here, own_banks=(OURS,)), [scenario()], range(2))
    population, network = here.population, system.network
    ((_, rows, near),) = network.guest_pairs
    home = [province.code for province in population.provinces].index("SD")
    apart = np.abs(np.log(population.assets / 180e9)) + 1e3 * (population.province != home)
    nearest = [bank for bank in np.argsort(apart, kind="stable") if system.imports_here[bank]]
    assert near.tolist() == nearest[: len(near)]
    joins = np.zeros(system.assets.shape)
    joins[rows] = joins[near[0]] = 1.0  # this one agrees for sure, the others never
    for had, has in ((3, 2), (1, 1), (0, 1)):
        system.allies[rows] = had
        network._count(joins)
        assert (system.allies[rows] == has).all()


def test_branches_at_home_change_nothing(here: World, record: Record) -> None:
    same = played(here, replace(OURS, branches={"SD": 61}))
    assert same.own is not None
    for name in record.own or {}:
        assert np.array_equal(of(same, name, "items"), of(record, name, "items"), equal_nan=True), name


def test_judgements_are_drawn_where_numbers_are_and_move_the_right_way(here: World) -> None:
    def heads(response: float, **changed: Any) -> np.ndarray:
        judged = {**here.own_judged, "pay_response": (0.3, response, 2.0)}
        paying = replace(MONEY, pay={2023: 400e3})
        account = replace(OURS, plans=(paying,), pay=(200e3,) * 3)
        return of(played(replace(here, own_judged=judged, **changed), account), "heads", "money")[:, -1]

    assert (heads(2.0) > heads(0.3)).all(), "the more pay holds people, the more stay"
    spread = Ensemble(("behaviour.peer",), np.full((4, 1), here.common_numbers["peer"]))
    assert len(np.unique(heads(1.0, ensemble=spread))) == R
    assert {"pay", "pay_response", "decided", "ties"} <= set(here.own_judged)
