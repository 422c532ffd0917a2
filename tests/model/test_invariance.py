"""What must not matter does not matter, bit for bit: batch, order, width, company, and policies that do nothing."""

import copy
import pickle
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.honeycomb import KINDS
from experiments.config.assembly import world as assembled
from experiments.config.load import compose_study
from model import calendar
from model.policy import Cost, Policy, drawn
from model.record import Record
from model.run import simulate
from model.streams import Draws
from model.system import BankingSystem
from model.world import Ensemble, Recording, Scenario, World
from tests.worlds import by_scenario, differing, lever, quarters, ran, until, with_behaviour, with_policies

DRAWN = ("shock", "experiment", "route_draw", "failure_draw")
FULL = Recording(banks=True)


@pytest.fixture(scope="module")
def short(lab: World) -> World:
    """Four years, so that language models, contracts and surveys have all begun."""
    return until(lab, "2023Q4", recording=FULL)


@pytest.fixture(scope="module", params=["survey", "national"])
def place(request: pytest.FixtureRequest, short: World, nation: World) -> World:
    return short if request.param == "survey" else nation


def test_a_replicate_does_not_depend_on_its_batch_or_its_order(
    place: World, baseline: Scenario, storm: Scenario
) -> None:
    early = replace(storm, policies=tuple(replace(p, start=3) for p in storm.policies))
    pair = [baseline, early]
    together = simulate(place, pair, (3, 5, 8))
    alone = simulate(place, pair, (5,))
    shuffled = simulate(place, pair, (8, 5, 3))
    assert differing(together, alone, lambda v: v[:, 1], lambda v: v[:, 0]) == []
    assert differing(together, shuffled, lambda v: v, lambda v: v[:, ::-1]) == []
    assert not np.array_equal(together.true[:, 0], together.true[:, 1])


def test_more_replicates_leave_earlier_ones_as_they_are(short: World, baseline: Scenario) -> None:
    few, more = simulate(short, [baseline], range(2)), simulate(short, [baseline], range(7))
    assert differing(few, more, lambda v: v, lambda v: v[:, :2]) == []


def test_the_order_and_company_of_scenarios_do_not_matter(
    short: World, baseline: Scenario, pulled: dict[str, Scenario]
) -> None:
    three = [
        baseline,
        *(with_policies(s, s.name, *early(s)) for s in (pulled["talent_policy"], pulled["alliances"])),
    ]
    forward, backward = simulate(short, three, (0, 4)), simulate(short, three[::-1], (0, 4))
    alone = simulate(short, three[1:2], (0, 4))
    costs = forward.costs[0]
    assert differing(without_costs(forward), without_costs(backward), lambda v: v, lambda v: v[::-1]) == []
    assert differing(without_costs(forward), without_costs(alone), lambda v: v[[1]], lambda v: v) == []
    assert costs.sum() == 0
    for name in ("talent_policy", "alliances"):
        there, here = forward.policies.index(name), backward.policies.index(name)
        assert np.array_equal(forward.costs[:, :, :, there], backward.costs[::-1, :, :, here])


def early(scenario: Scenario) -> tuple[Policy, ...]:
    return tuple(replace(policy, start=4) for policy in scenario.policies)


def without_costs(record: Record) -> Record:
    return replace(record, costs=np.zeros((len(record.scenarios), len(record.replicates))))


def test_no_policy_and_a_policy_of_no_strength_are_the_baseline(
    short: World, baseline: Scenario, storm: Scenario
) -> None:
    asleep = tuple(replace(policy, start=0, intensity=0.0) for policy in storm.policies)
    refused = tuple(replace(policy, start=0, take_up=0.0) for policy in storm.policies)
    scenarios = [
        baseline,
        with_policies(baseline, "empty"),
        with_policies(baseline, "asleep", *asleep),
        with_policies(baseline, "refused", *refused),
    ]
    record = simulate(short, scenarios, (0, 1))
    for other in (1, 2, 3):
        assert differing(record, record, lambda v: v[0], lambda v, o=other: v[o]) == []


def test_nothing_changes_before_a_policy_or_a_shock_starts(
    lab: World, baseline: Scenario, storm: Scenario
) -> None:
    start = calendar.index("2023Q2")
    policies = tuple(replace(p, start=start) for p in storm.policies)
    shocks = tuple(replace(s, start=start, end=start + 8) for s in storm.shocks)
    later = replace(storm, policies=policies, shocks=shocks)
    record = simulate(until(lab, "2023Q4", recording=FULL), [baseline, later], (0, 1))
    for name, values in {"true": record.true, **record.banks}.items():
        assert np.array_equal(values[0][:, :start], values[1][:, :start], equal_nan=True), name
    assert not np.array_equal(record.true[0][:, start], record.true[1][:, start])


def test_a_policy_changes_no_draw(short: World, baseline: Scenario, storm: Scenario) -> None:
    forced = with_policies(baseline, "forced", *(replace(p, start=2) for p in storm.policies))
    system = BankingSystem(short, [baseline, forced], (0, 1))
    for _ in quarters(system, 16):
        for name in DRAWN:
            without, having = np.moveaxis(by_scenario(system, name), -3, 0)
            assert np.array_equal(without, having), name
    assert not np.array_equal(*by_scenario(system, "projects"))
    alone = ran(short, [baseline], (0, 1))
    for purpose in alone.draws._streams:
        following = (run.draws.uniform(purpose, 3) for run in (alone, system))
        assert np.array_equal(*following), f"{purpose} has been drawn from more often"


def test_a_policy_touches_only_those_it_covers(short: World, baseline: Scenario) -> None:
    narrow = replace(lever("hiring_boost", 0.5, "2020Q1"), kinds=("private",))
    network_off = until(short, "2020Q4", network=replace_namespace(short, active=False))
    system = ran(network_off, [baseline, with_policies(baseline, "narrow", narrow)])
    staff = by_scenario(system, "staff")[:, :, 0]
    private = system.population.kind == KINDS.index("private")
    changed = (staff[:, 0] != staff[:, 1]).any(0)
    assert changed[private].any()
    assert not changed[~private].any()


def replace_namespace(world: World, **numbers: object) -> object:
    return type(world.network)(**{**vars(world.network), **numbers})


def test_parameters_side_by_side_are_separate_runs(lab: World, baseline: Scenario) -> None:
    paths = ("behaviour.spillover", "behaviour.dimension_productivity.data", "banks.rural.attrition")
    rows = np.array([[0.02, 0.8, 0.2], [0.08, 1.35, 0.26], [0.14, 2.0, 0.38]])
    world = until(lab, "2022Q4", recording=FULL, ensemble=Ensemble(paths, rows))
    together = simulate(replace(world, parameter_rows=rows), [baseline], (0, 1, 2))
    for k in range(3):
        apart = simulate(replace(world, parameter_rows=rows[[k]]), [baseline], (k,))
        assert differing(together, apart, lambda v, k=k: v[:, [k]], lambda v: v) == []


def test_replicates_of_the_calibrated_ensemble_do_not_depend_on_their_batch(baseline: Scenario) -> None:
    calibrated = assembled(compose_study(["scenarios=[baseline]", "uncertainty.parameters=posterior"]))
    assert calibrated.ensemble is not None
    world = until(calibrated, "2020Q4", recording=FULL, ensemble=calibrated.ensemble)
    together, alone = (simulate(world, [baseline], batch) for batch in ((0, 6, 2), (6,)))
    assert differing(together, alone, lambda v: v[:, [1]], lambda v: v) == []
    central = simulate(replace(world, ensemble=None), [baseline], (6,))
    assert not np.array_equal(central.true, alone.true)


def test_a_sampled_constant_is_the_constant(lab: World, baseline: Scenario) -> None:
    world = until(lab, "2021Q4")
    row = np.array([[0.13]])
    sampled = replace(world, ensemble=Ensemble(("behaviour.spillover",), row), parameter_rows=row)
    fixed = with_behaviour(world, spillover=0.13)
    same = differing(
        simulate(sampled, [baseline], (2,)), simulate(fixed, [baseline], (2,)), lambda v: v, lambda v: v
    )
    assert same == []


def test_a_replicate_draws_its_own_member_of_the_ensemble(lab: World) -> None:
    ensemble = Ensemble(("behaviour.spillover",), np.linspace(0.02, 0.15, 50)[:, None])
    drawn = ensemble.drawn(lab.seed, range(40))
    assert np.array_equal(ensemble.drawn(lab.seed, (7, 31)), drawn[[7, 31]])
    assert len(np.unique(drawn)) > 20


def test_a_parameter_that_no_number_carries_is_refused(lab: World) -> None:
    world = replace(lab, ensemble=Ensemble(("behaviour.spilover",), np.ones((1, 1))))
    with pytest.raises(ValueError, match="spilover"):
        world.traits((0,), 1)


@pytest.mark.parametrize(
    ("rule", "number"),
    [("satisficing", 7), ("reinforcement", 5), ("return_maximising", 1), ("fixed_plan", 1)],
)
def test_bank_by_bank_is_cohort_by_cohort(lab: World, storm: Scenario, rule: str, number: int) -> None:
    world = replace(lab, allocation=rule, language_model_launch="2021Q1")
    forced = replace(storm, policies=tuple(replace(p, start=1) for p in storm.policies))
    cohorts, agents = (BankingSystem(world, [forced], (0, 1)) for _ in range(2))
    cohorts.run_for(number)

    def every(phase: str) -> None:
        agents.agents.do(phase)

    agents.every = every
    agents.run_for(number)
    for name, column in cohorts.columns.items():
        assert np.array_equal(column, agents.columns[name]), name


def test_every_bank_is_an_agent_of_its_kind(lab: World, baseline: Scenario) -> None:
    system = BankingSystem(lab, [baseline], (0,))
    assert len(system.agents) == lab.population.size
    assert {cls.kind: len(found) for cls, found in system.agents_by_type.items()} == {
        kind: int((lab.population.kind == k).sum()) for k, kind in enumerate(KINDS)
    }


def test_a_study_that_starts_later_reports_the_same_quarters(short: World, baseline: Scenario) -> None:
    whole = simulate(short, [baseline], (1,))
    late = simulate(replace(short, start="2022Q1"), [baseline], (1,))
    assert late.quarters == whole.quarters[8:]
    assert np.array_equal(late.true, whole.true[:, :, 8:])
    assert np.array_equal(late.survey, whole.survey[:, :, 2:], equal_nan=True)


def test_streams_are_keyed_by_seed_purpose_and_replicate() -> None:
    draws = Draws(5, (0, 1, 9))
    first = draws.uniform("failed pilots", 4)
    assert np.array_equal(Draws(5, (9,)).uniform("failed pilots", 4)[0], first[2])
    assert not np.array_equal(Draws(6, (9,)).uniform("failed pilots", 4)[0], first[2])
    assert not np.array_equal(Draws(5, (9,)).uniform("alliances", 4)[0], first[2])
    assert not np.array_equal(draws.uniform("failed pilots", 4), first)
    assert np.array_equal(draws.uniform_once("vendors", 3), draws.uniform_once("vendors", 3))


def test_draws_have_the_shape_that_their_name_says() -> None:
    draws = Draws(11, (0, 1))
    normal, uniform = draws.normal("chance in building", 20_000), draws.uniform("failed pilots", 20_000)
    assert normal.shape == uniform.shape == (2, 20_000)
    assert normal.mean() == pytest.approx(0.0, abs=0.02)
    assert normal.std() == pytest.approx(1.0, abs=0.02)
    assert 0.0 < uniform.min() < uniform.max() < 1.0
    assert uniform.mean() == pytest.approx(0.5, abs=0.01)
    assert abs(np.corrcoef(normal[0], normal[1])[0, 1]) < 0.03


def test_a_bank_cannot_pay_per_system() -> None:
    with pytest.raises(ValueError, match="system_year"):
        Cost("bank", "system_year", 1.0, 0.0, 2.0)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_half_of_the_draws_from_a_range_lie_below_its_value(value: float, high: float) -> None:
    low, high = 0.0, value + high
    even = (np.arange(1000) + 0.5) / 1000
    found = drawn(low, value, high, even)
    assert (found[:500] <= value + 1e-12).all()
    assert (found[500:] >= value - 1e-12).all()
    assert low <= found.min() <= found.max() <= high + 1e-12


def test_a_province_pays_once_for_what_it_opens(lab: World, baseline: Scenario) -> None:
    cost = Cost("local_government", "province_year", 4e6, 4e6, 4e6)
    opening = replace(lever("openness", 0.1, "2020Q1"), kinds=("rural",), costs=(cost,))
    record = simulate(until(lab, "2020Q4"), [with_policies(baseline, "open", opening)], (0,))
    rural = lab.population.province[lab.population.rows("rural")]
    assert record.costs.sum() == pytest.approx(4.0 * len(np.unique(rural)))


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda system: pickle.loads(pickle.dumps(system))])  # noqa: S301
def test_a_copy_goes_on_as_the_system_does(
    short: World, baseline: Scenario, copied: Callable[[BankingSystem], BankingSystem]
) -> None:
    system = BankingSystem(short, [baseline], (0, 1))
    system.run_for(5)
    other = copied(system)
    for each in (system, other):
        each.run_for(4)
    for name, column in system.columns.items():
        assert np.array_equal(column, other.columns[name]), name


def test_mesas_batch_runner_gives_the_system_a_seed(short: World, baseline: Scenario) -> None:
    world = until(short, "2020Q2")
    systems = [BankingSystem(world, [baseline], (0,), rng=seed) for seed in (1, 2, 1)]
    for system in systems:
        system.run_for(2)
    first, second, again = (system.columns["indicators"] for system in systems)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, second)
