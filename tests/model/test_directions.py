"""More of this means more of that: every lever, every shock, every policy file, and the pressures of the domain."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from agents.honeycomb import (
    APPLICATION,
    DATA,
    DIMENSIONS,
    ECOSYSTEM,
    KINDS,
    NEW_TECHNOLOGY,
    ORGANIZATION,
    STRATEGY,
    TECHNOLOGY,
    WAIT,
)
from experiments.config.assembly import scenario
from experiments.config.load import compose_study
from model import calendar
from model.policy import LEVERS
from model.record import Record
from model.run import simulate
from model.shock import SHOCKS, Shock
from model.system import BankingSystem
from model.world import Recording, Scenario, World
from tests.worlds import (
    LEVER_FILES,
    SHOCK_FILES,
    by_scenario,
    free,
    lever,
    ran,
    until,
    with_behaviour,
    with_network,
    with_policies,
)

Measure = Callable[[BankingSystem], np.ndarray]
RURAL = "rural"


def mean_of(name: str, component: int | None = None, kind: str = "") -> Measure:
    """Mean of a column over banks and replicates, one number a scenario."""

    def measure(system: BankingSystem) -> np.ndarray:
        values = by_scenario(system, name)
        values = values if component is None else values[component]
        rows = system.population.rows(kind) if kind else slice(system.population.rows("large").stop, None)
        kept = values[..., rows].mean((-1, -2))
        return kept if kept.ndim == 1 else kept.sum(0)

    return measure


def adopters(system: BankingSystem) -> np.ndarray:
    return (by_scenario(system, "route") != WAIT).mean((-1, -2))


def suppliers(system: BankingSystem) -> np.ndarray:
    return sum((by_scenario(system, name) >= 0).mean((-1, -2)) for name in ("vendor", "provider"))


def ratio(top: str, bottom: str) -> Measure:
    return lambda system: mean_of(top)(system) / mean_of(bottom)(system)


def fee_a_client(system: BankingSystem) -> np.ndarray:
    """Fees a client, relative to the cost of effort."""
    fee = by_scenario(system, "vendor_fee") / by_scenario(system, "effort_cost")
    return fee.sum((-1, -2)) / (by_scenario(system, "vendor") >= 0).sum((-1, -2))


PULLS: dict[str, tuple[float, Measure, int]] = {
    "strategy_gain": (0.2, mean_of("dimensions", STRATEGY), 1),
    "compliance_relief": (0.1, ratio("compliance", "change"), -1),
    "uncertainty_relief": (0.3, adopters, 1),
    "failure_tail": (0.5, mean_of("indicators", NEW_TECHNOLOGY), -1),
    "integration_relief": (0.3, fee_a_client, -1),
    "supplier_trust": (0.2, suppliers, 1),
    "lock_in": (0.2, mean_of("indicators", NEW_TECHNOLOGY), -1),
    "attrition_cut": (0.1, mean_of("staff"), 1),
    "hiring_boost": (0.2, mean_of("staff"), 1),
    "openness": (0.25, mean_of("data_asset"), 1),
    "technology_cost_relief": (0.12, mean_of("dimensions", TECHNOLOGY), 1),
    "absorption_gain": (0.12, mean_of("dimensions"), 1),
    "alliance_links": (4.0, mean_of("links"), 1),
    "cost_sharing": (0.25, ratio("alliance_fee", "links"), -1),
    "hub_quality": (0.2, mean_of("hub_level", kind=RURAL), 1),
    "hub_cost_relief": (0.3, mean_of("union_fee", kind=RURAL), -1),
    "hub_fit_loss": (0.3, mean_of("dimensions", TECHNOLOGY, RURAL), -1),
    "coordination_gain": (0.12, mean_of("dimensions", APPLICATION), 1),
    "productivity_gain": (0.1, mean_of("dimensions", TECHNOLOGY), 1),
    "run_cost_relief": (0.05, ratio("run", "budget"), -1),
    "conversion_gain": (0.2, mean_of("data_asset"), 1),
    "entry_cost_relief": (0.35, mean_of("dimensions", ECOSYSTEM), 1),
    "congestion_relief": (0.15, mean_of("congestion"), 1),
}
BLOWS: dict[str, tuple[float, Measure, int]] = {
    "margin": (-0.3, mean_of("change"), -1),
    "frontier_growth": (0.5, mean_of("dimensions"), -1),
    "language_model_cost": (1.0, adopters, -1),
    "descent": (0.5, mean_of("inclusive_share"), -1),
    "bad_loan_inflow": (0.5, mean_of("bad_loans"), 1),
    "capital_target": (1.0, mean_of("spend_ratio"), -1),
    "vendor_outage": (1.0, mean_of("dimensions", TECHNOLOGY), -1),
}


@pytest.fixture(scope="module")
def levers(lab: World, baseline: Scenario) -> BankingSystem:
    """A baseline and every lever alone, for two years."""
    alone = [with_policies(baseline, field, lever(field, size)) for field, (size, _, _) in PULLS.items()]
    return ran(until(lab, "2024Q4"), [baseline, *alone], (0, 1))


@pytest.fixture(scope="module")
def blows(lab: World, baseline: Scenario) -> BankingSystem:
    """A baseline and every kind of shock alone, for two years."""
    start = calendar.index("2023Q1")
    hit = [
        replace(baseline, name=field, shocks=(Shock(field, start, start + 7, ((field, size),)),))
        for field, (size, _, _) in BLOWS.items()
    ]
    return ran(until(lab, "2024Q4"), [baseline, *hit], (0, 1))


def test_every_lever_and_shock_has_a_direction() -> None:
    assert PULLS.keys() == LEVERS.keys()
    assert BLOWS.keys() == SHOCKS.keys()


@pytest.mark.parametrize("field", PULLS)
def test_a_lever_moves_what_it_names(levers: BankingSystem, field: str) -> None:
    _, measure, sign = PULLS[field]
    values = measure(levers)
    moved = values[1 + list(PULLS).index(field)] - values[0]
    assert sign * moved > 1e-9


@pytest.mark.parametrize("field", BLOWS)
def test_a_shock_moves_what_it_names(blows: BankingSystem, field: str) -> None:
    _, measure, sign = BLOWS[field]
    values = measure(blows)
    assert sign * (values[1 + list(BLOWS).index(field)] - values[0]) > 1e-9


# ---- the thirteen files, as declared
@pytest.fixture(scope="module")
def declared(
    lab: World, baseline: Scenario, pulled: dict[str, Scenario]
) -> dict[tuple[str, str, str], np.ndarray]:
    """Effect over the years in force of each file before its costs, by (policy, outcome, kind)."""
    world = until(lab, "2028Q4", recording=Recording())
    record = simulate(world, [baseline, *map(free, pulled.values())], range(5))
    start = calendar.index("2024Q1")
    found = {}
    for row, name in enumerate(pulled, start=1):
        for outcome in (*DIMENSIONS, "index", *record.outcomes):
            values = series(record, outcome)
            effect = (values[row] - values[0])[:, start:].mean(1)
            found.update({(name, outcome, kind): effect[:, k] for k, kind in enumerate((*KINDS, "all"))})
    return found


def series(record: Record, outcome: str) -> np.ndarray:
    """An outcome by scenario, replicate, quarter and kind; the last kind is every small and medium bank."""
    if outcome in record.outcomes:
        return record.outcomes[outcome]
    scores = record.true.mean(-1) if outcome == "index" else record.true[..., DIMENSIONS.index(outcome)]
    return np.concatenate([scores, scores[..., 1:].mean(-1, keepdims=True)], axis=-1)


def test_no_lever_contradicts_what_its_file_declares(
    declared: dict[tuple[str, str, str], np.ndarray], declarations: list[tuple[str, str, str, str]]
) -> None:
    assert len({name for name, _, _, _ in declarations}) == 13
    sure = {line: confidence(line[3], declared[line[:3]]) for line in declarations}
    assert {line: value for line, value in sure.items() if value < -2.5} == {}


def test_every_lever_moves_something_that_its_file_declares(
    declared: dict[tuple[str, str, str], np.ndarray], declarations: list[tuple[str, str, str, str]]
) -> None:
    moved = {
        line[0] for line in declarations if line[3] != "0" and confidence(line[3], declared[line[:3]]) > 2.5
    }
    assert {line[0] for line in declarations} - moved == set()


def confidence(sign: str, effects: np.ndarray) -> float:
    """How many standard errors an effect over replicates lies on the declared side; none is declared within a point."""
    error = max(float(effects.std(ddof=1)) / np.sqrt(len(effects)), 1e-9)
    if sign == "0":
        return float((1.0 - abs(effects.mean())) / error)
    return float(effects.mean() * (1.0 if sign == "+" else -1.0) / error)


@pytest.fixture(scope="module")
def declarations() -> list[tuple[str, str, str, str]]:
    study = compose_study([f"scenarios=[baseline,{','.join(LEVER_FILES)}]"])
    return [
        (part.label, line.outcome, line.bank_kind, line.sign)
        for part in study.scenarios[1:]
        for policy in part.policies
        for line in policy.expected
    ]


# ---- the five shocks, as declared
def test_no_shock_contradicts_what_its_file_declares(lab: World) -> None:
    """Over its own time: what a shock does after its end is recovery."""
    study = compose_study([f"shock=[{','.join(SHOCK_FILES)}]"])
    calm, struck = (scenario(part) for part in (study.scenarios[0], study.scenarios[-1]))
    alone = [replace(calm, name=shock.name, shocks=(shock,)) for shock in struck.shocks]
    record = simulate(until(lab, "2027Q4", recording=Recording()), [calm, *alone], range(4))
    wrong = {}
    for row, settings in enumerate(study.scenarios[-1].shocks, start=1):
        time = slice(settings.start_index, settings.end_index + 1)
        for line in settings.expected:
            values = series(record, line.outcome)[..., (*KINDS, "all").index(line.bank_kind)]
            sure = confidence(line.sign, (values[row] - values[0])[:, time].mean(1))
            if sure < 1.0:
                wrong[settings.name, line.outcome, line.bank_kind] = sure
    assert wrong == {}


# ---- pressures of the domain
@pytest.fixture(scope="module")
def eleven_years(lab: World, baseline: Scenario) -> BankingSystem:
    return ran(lab, [baseline], range(4))


def test_margin_compression_lowers_every_kinds_budget(lab: World, baseline: Scenario) -> None:
    squeezed = replace(baseline, name="squeezed", environment=replace(
        baseline.environment, margin=baseline.environment.margin - np.linspace(0, 0.5, 84)[:, None]
    ))  # fmt: skip
    system = ran(until(lab, "2024Q4"), [baseline, squeezed], (0, 1))
    usual, lower = by_scenario(system, "budget")
    assert (lower < usual).all()
    usual, lower = by_scenario(system, "change")
    assert lower.mean() < usual.mean()
    usual, lower = by_scenario(system, "dimensions").mean((0, 2, 3))
    assert lower < usual


def test_a_poorer_bank_cuts_its_budget_more_when_the_elasticity_is_high(
    lab: World, baseline: Scenario
) -> None:
    """The margin falls by a fifth in the second year: spending follows revenue by the elasticity of H012."""
    path = baseline.environment.margin.copy()
    path[4:] *= 0.8
    poorer = replace(baseline, name="poorer", environment=replace(baseline.environment, margin=path))
    left = []
    for elasticity in (0.3, 0.9):
        system = ran(with_behaviour(until(lab, "2021Q1"), revenue_elasticity=elasticity), [baseline, poorer])
        budgets = by_scenario(system, "budget").mean((-1, -2))
        left.append(budgets[1] / budgets[0])
    assert 1.0 > left[0] > left[1]


def test_larger_banks_adopt_language_models_earlier(lab: World, baseline: Scenario) -> None:
    record = simulate(until(lab, "2025Q4", recording=Recording(banks=True)), [baseline], range(12))
    share = record.banks["language_model"][0].mean((0, 1))
    city = record.bank_kind == "city"
    size = record.bank_assets[city]
    upper, lower = share[city][size >= np.median(size)].mean(), share[city][size < np.median(size)].mean()
    assert upper > lower + 0.05
    by_kind = record.outcomes["language_model"][0].mean((0, 1))
    assert by_kind[KINDS.index("large")] > by_kind[KINDS.index("city")] > 0
    build = record.banks["route_build"][0].mean((0, 1))[city]
    assert build[size >= np.median(size)].mean() > build[size < np.median(size)].mean()


def test_nobody_has_a_language_model_before_they_are_launched(lab: World, baseline: Scenario) -> None:
    record = simulate(until(lab, "2023Q1", recording=Recording()), [baseline], (0, 1))
    assert record.outcomes["language_model"][:, :, :12].max() == 0.0
    assert record.outcomes["language_model"][:, :, 12, :].max() > 0.0


def test_rural_banks_are_worse_without_a_union(lab: World, baseline: Scenario) -> None:
    world = until(lab, "2024Q4")
    single = tuple(replace(place, union_mode="single_bank") for place in lab.population.provinces)
    without = replace(world, population=replace(world.population, provinces=single))
    having, lacking = (simulate(w, [baseline], range(3)).true[0].mean(0) for w in (world, without))
    rural = KINDS.index("rural")
    assert having[-1, rural, TECHNOLOGY] > lacking[-1, rural, TECHNOLOGY] + 0.5
    assert having[-1, rural].mean() > lacking[-1, rural].mean()


def test_partners_help(lab: World, baseline: Scenario) -> None:
    world = until(lab, "2024Q4")
    apart = with_network(world, active=False)
    with_them, alone = (simulate(w, [baseline], (0, 1)).true[0, :, -1].mean(0) for w in (world, apart))
    assert with_them[KINDS.index("rural"), TECHNOLOGY] > alone[KINDS.index("rural"), TECHNOLOGY]


def test_large_banks_lead_and_rural_banks_trail(eleven_years: BankingSystem) -> None:
    population, dimensions = eleven_years.population, eleven_years.columns["dimensions"]
    index = population.kind_means(dimensions.mean(0)).mean(0)
    assert index[KINDS.index("large")] > index[KINDS.index("city")] > index[KINDS.index("rural")]


def test_descent_takes_inclusive_loans_from_everyone_else(eleven_years: BankingSystem) -> None:
    columns, large = eleven_years.columns, eleven_years.population.kind == 0
    gained = columns["inclusive_share"] - columns["inclusive_initial"]
    assert gained[:, large].sum(-1).min() > 0
    assert gained[:, ~large].sum(-1).max() < 0


def test_losing_the_best_clients_worsens_bad_loans(lab: World, baseline: Scenario) -> None:
    shares = []
    for creaming in (0.0, 0.1):
        system = ran(with_behaviour(until(lab, "2024Q4"), creaming=creaming), [baseline])
        small = slice(system.population.rows("large").stop, None)
        shares.append((system.columns["bad_loans"] / system.columns["loans"])[:, small].mean())
    assert shares[1] > shares[0]


@pytest.mark.parametrize(
    ("number", "low", "high", "dimension", "sign"),
    [
        ("productivity", 1.0, 2.0, TECHNOLOGY, 1),
        ("complementarity", 0.1, 0.7, ECOSYSTEM, -1),
        ("absorption_half", 0.1, 0.6, TECHNOLOGY, -1),
        ("talent_cap", 0.1, 0.8, DATA, -1),
        ("run_rate", 0.8, 1.6, TECHNOLOGY, -1),
        ("depreciation", 0.1, 0.25, ORGANIZATION, -1),
        ("congestion", 0.1, 1.0, ECOSYSTEM, -1),
        ("effort_scale", 0.75, 1.0, TECHNOLOGY, 1),
    ],
)
def test_a_number_of_the_mechanisms_has_its_sign(
    lab: World, baseline: Scenario, number: str, low: float, high: float, dimension: int, sign: int
) -> None:
    world = until(lab, "2021Q4")
    scores = []
    for value in (low, high):
        system = ran(with_behaviour(world, **{number: value}), [baseline])
        large_city = mean_of("dimensions", dimension, "city")(system)
        scores.append(large_city[0])
    assert sign * (scores[1] - scores[0]) > 0


def test_benefit_comes_after_the_money_has_been_spent(lab: World, baseline: Scenario) -> None:
    """The J-curve: who spends more is poorer at first, and the revenue it builds arrives over years (H004, L012)."""
    world = until(lab, "2026Q4", recording=Recording(banks=True))
    eager = with_behaviour(world, spend_drift=0.2)
    usual, spending = (simulate(w, [baseline], range(2)) for w in (world, eager))
    small = usual.bank_kind != "large"
    benefit = (spending.banks["benefit"] - usual.banks["benefit"])[0][..., small].mean((0, 2))
    profit = (spending.banks["profit"] - usual.banks["profit"])[0][..., small].mean((0, 2))
    value = (spending.true - usual.true)[0, :, :, 1:].mean((0, 2, 3)) / 100
    assert profit[7] < 0
    assert 0 <= benefit[7] < value[7]
    assert benefit[27] > 4 * benefit[7] > 0
    assert (np.diff(benefit[8:]) > 0).all()
