"""More of this, more of that: every lever moves what it names, every shock hurts where it should."""

import numpy as np
import pytest

from agents.honeycomb import DIMENSIONS, KINDS
from model.policy import LEVERS, Lever, Target
from model.record import Record
from model.run import simulate
from model.supervision import represented
from model.system import BankingSystem
from model.world import Recording
from tests.worlds import (
    LEVER_FILES,
    SHOCK_FILES,
    free,
    lever,
    policy,
    scenario,
    shock,
    shocked,
    stepped,
    world,
)

R = 10


@pytest.fixture(scope="module")
def policies() -> tuple[Record, dict[str, Target]]:
    """Every policy at no cost from 2021 to 2026."""
    pulled = [free(policy(name, start="2021Q1", ramp=0, take_up=1.0)) for name in LEVER_FILES]
    here = world("2026Q4", recording=Recording(), sample_effects=False)
    record = simulate(here, [scenario(), *(scenario(p.name, [p]) for p in pulled)], range(R))
    return record, {p.name: p.target for p in pulled if p.target}


@pytest.mark.parametrize("name", LEVER_FILES)
def test_a_policy_moves_its_target(name: str, policies: tuple[Record, dict[str, Target]]) -> None:
    record, targets = policies
    aim, place = targets[name], LEVER_FILES.index(name) + 1
    kind = -1 if aim.kind == "all" else KINDS.index(aim.kind)
    if aim.outcome.startswith("item:"):
        item = aim.outcome.partition(":")[2]
        values = record.item(item, 2)[..., -1, kind]
    else:
        values = record.true[:, :, -1, 1:3, DIMENSIONS.index(aim.outcome)].mean(-1)
    assert (values[place] - values[0]).mean() > 0.0


@pytest.fixture(scope="module")
def shocks() -> Record:
    struck = [
        scenario(name, (), [shock(name, start="2021Q1")])
        for name in SHOCK_FILES
        if name != "foreign_bank_failure"
    ]
    struck.append(scenario("foreign_bank_failure", (), [shock("foreign_bank_failure")]))
    return simulate(world("2026Q4", recording=Recording()), [scenario(), *struck], range(R))


@pytest.mark.parametrize(
    ("name", "outcome", "sign"),
    [
        ("margin", "margin", -1), ("margin", "like_for_like", -1), ("bad_loans", "bad_loans", 1),
        ("bad_loans", "like_for_like", -1), ("bad_loans", "capital", -1), ("frontier", "like_for_like", -1),
        ("vendor_failure", "like_for_like", -1), ("descent_speedup", "inclusive_share", -1),
        ("descent_speedup", "like_for_like", -1), ("large_bank_opens", "like_for_like", -1),
        ("foreign_bank_failure", "profit", -1),
    ],
)  # fmt: skip
def test_a_shock_hurts_where_it_strikes(name: str, outcome: str, sign: int, shocks: Record) -> None:
    place = shocks.scenarios.index(name)
    values = shocks.outcomes[outcome][:, :, 12 if name == "foreign_bank_failure" else -1, -1]
    assert sign * np.nanmean(values[place] - values[0]) > 0.0


def test_more_bad_loans_always_mean_a_lower_index() -> None:
    levels = [scenario(f"{x}", (), [shocked(bad_loans=x)] if x else []) for x in (0.0, 1.0, 3.0)]
    record = simulate(world("2027Q4", recording=Recording()), levels, range(R))
    index = record.outcomes["like_for_like"][:, :, -1, 1:3].mean((1, 2))
    assert index[0] > index[1] > index[2]


def test_a_squeeze_never_looks_like_progress_where_the_spending_item_is_left_out() -> None:
    squeezed = scenario("squeezed", (), [shocked(margin=-0.3)])
    record = simulate(world("2024Q4", recording=Recording()), [scenario(), squeezed], range(R))
    gap = np.diff(record.outcomes["without_spending"][:, :, 3::4, -1].mean(1), axis=0)[0]
    assert (gap < 0.02).all()
    assert gap[-1] < -0.1


def test_spending_answers_revenue_with_an_elasticity_inside_its_prior() -> None:
    squeezed = scenario("squeezed", (), [shocked(margin=-0.1)])
    system = stepped(BankingSystem(world("2026Q4"), [scenario(), squeezed], range(6)), 28)
    small = slice(18, system.banks.size)
    spend, revenue = (np.log(v[small, 6:].sum() / v[small, :6].sum()) for v in (system.spend, system.revenue))
    assert 0.3 <= spend / revenue <= 0.8


def test_places_reach_a_population_by_its_part_of_the_nations_assets_and_larger_banks_first() -> None:
    pulled = [free(policy("inclusive_supervision", start="2021Q1", ramp=0, take_up=1.0))]
    system = stepped(
        BankingSystem(world("2022Q4", sample_effects=False), [scenario("s", pulled)], range(R)), 8
    )
    part = represented(system)
    assert ((part > 0.1) & (part < 0.4)).all()
    effect = {e.field: e.value for e in pulled[0].effects}
    granted = effect["places"] * effect["approval"] * part.mean()
    assert system.participant.sum(0).mean() == pytest.approx(granted, rel=0.3)
    small = np.flatnonzero(~system.exports_here[: system.banks.size])
    taken, size = system.participant[small], np.log(system.assets_start[small])
    assert size[taken].mean() > size[~taken].mean()


def test_half_of_an_impulse_is_left_after_three_years() -> None:
    base, hit = (BankingSystem(world("2026Q4"), [scenario()], range(6)) for _ in range(2))
    rows, part = slice(18, base.banks.size), slice(0, base.items.bought.stop)
    for system in (base, hit):
        stepped(system, 12)
    draw = hit.draws.bank_words("impulse", len(hit.items))[part]
    hit.rung[part] += ((draw < 20000) & (hit.rung[part] < hit.items.top[part]) & hit.relevant[part]).view(
        np.int8
    )
    jump = (hit.items.scores(hit.rung, 2020).mean(0) - base.index)[rows].mean()
    for system in (base, hit):
        stepped(system, 12)
    assert (hit.index - base.index)[rows].mean() > 0.5 * jump


def test_partners_go_with_ecosystem_and_people_with_organisation() -> None:
    system = stepped(BankingSystem(world("2030Q4"), [scenario()], range(8)), 44)
    rows = slice(18, system.banks.size)

    def together(a: np.ndarray, b: np.ndarray) -> float:
        there = system.active[rows]
        return float(
            np.mean([np.corrcoef(a[rows, r][there[:, r]], b[rows, r][there[:, r]])[0, 1] for r in range(8)])
        )

    assert together(system.network.partners.astype(float), system.dims[5]) > 0.3
    assert together(np.log(system.staff.sum(0)), system.dims[1]) > 0.3


def test_large_banks_are_first_on_language_models_and_small_ones_near_what_was_printed() -> None:
    record = simulate(world("2023Q4", recording=Recording()), [scenario()], range(R))
    service = record.item("llm_service", 2)[0, :, 3]
    begun = dict(zip(record.levels, np.moveaxis(record.items[0, :, 3], -1, 0), strict=True))[
        ("llm_service", 1)
    ]
    assert begun[:, 0].mean() > 60 > begun[:, -1].mean()
    assert begun[:, -1].mean() == pytest.approx(38.75, abs=10)
    assert (service[:, 0] > service[:, 2]).all()


def test_a_users_own_lever_acts_on_whom_it_reaches(monkeypatch: pytest.MonkeyPatch) -> None:
    def gift(system: BankingSystem, strength: np.ndarray) -> None:
        system.purse[3] += strength

    monkeypatch.setattr(LEVERS, "_things", dict(LEVERS._things))  # forgotten after the test
    LEVERS.register("gift", Lever("million yuan a quarter for application", gift))
    record = simulate(
        world("2023Q4", recording=Recording()),
        [scenario(), scenario("gift", [lever("gift", 5.0)])],
        range(4),
    )
    gap = record.true[1, :, -1] - record.true[0, :, -1]
    assert gap[:, 2, 3].mean() > 0.5
    assert gap[:, 0, 3].mean() == pytest.approx(0.0, abs=0.5)


def test_each_layer_of_the_network_can_be_switched_off_alone() -> None:
    worlds = ("partnerships", "no_partners", "no_platforms", "no_unions", "no_crowding")
    index = [
        simulate(world("2027Q4", network=name), [scenario()], range(6)).true[0, :, -1, 1:3, 5].mean()
        for name in worlds
    ]
    assert index[0] > index[1]
    assert index[0] > index[2]
    assert index[0] < index[4]
    assert index[3] != index[0]


@pytest.mark.parametrize("name", LEVER_FILES)
def test_a_policy_without_a_price_crowds_out_little(
    name: str, policies: tuple[Record, dict[str, Target]]
) -> None:
    """What it does not name loses only the people and the money that it draws away, not its own fee."""
    record, place = policies[0], LEVER_FILES.index(name) + 1
    gap = (record.small[place, :, -1] - record.small[0, :, -1]).mean(0)
    assert gap.min() > -0.3
    assert gap.sum() > 0.0
