"""A quantity at either end of its declared range runs to finite results, or is refused with a sentence."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from experiments.config import catalogue
from experiments.config.assembly import world as assembled
from experiments.config.environment import environment as environments
from experiments.config.errors import ConfigError
from experiments.config.load import compose_study
from experiments.config.plain import numbers, plain
from experiments.config.study import StudySettings
from experiments.config.tree import Tree
from model import calendar
from model.policy import Policy
from model.shock import Shock
from model.system import BankingSystem
from model.world import COMPONENTS, Ensemble, Recording, Scenario, World
from tests.conftest import FEW_NATIONAL_BANKS
from tests.worlds import SHOCK_FILES, until

# Read once for all replicates, so that they cannot stand side by side in one run.
CENTRAL = (
    "focus_emphasis",
    "indicator_bias",
    "language_model_launch",
    "top_share",
    "first_tier_pull",
    "focus",
)
# Each within its range, and together no world: what the sentence says.
REFUSED = {
    "behaviour.indicator_bias=0": "its money would go nowhere",
    "population.counts=0": "no small or medium bank",
    "population.village_banks=5000": "more than the 60 rural institutions",
    **{f"population.sizes.{kind}=1e+13": "spread" for kind in ("city", "rural", "village", "private")},
}


def at(value: Any, end: float, part: str = "") -> Any:
    """The same shape with every number, or one part alone, at one end of the range."""
    if isinstance(value, Mapping):
        return Tree({name: at(item, end) if part in ("", name) else item for name, item in value.items()})
    return tuple(at(item, end) for item in value) if isinstance(value, tuple) else end


def altered(tree: Tree, path: str, end: float, part: str = "") -> Tree:
    name, _, rest = path.partition(".")
    item = tree[name]
    new = altered(item, rest, end, part) if rest else at(item, end, part)
    return Tree({**{key: tree[key] for key in tree}, name: new})


def adds_up(name: str) -> bool:
    """Whether its parts have a total, so that settings refuse them all at one end."""
    return catalogue.row(name).total is not None


def ends(name: str) -> tuple[float, float]:
    row = catalogue.row(name)
    return row.low, row.high


def early(world: World, end: str) -> World:
    return until(world, end, language_model_launch="2020Q2", recording=Recording())


def unsound(world: World, scenarios: Sequence[Scenario], replicates: int = 1) -> dict[int, list[str]]:
    """Run; return rows of the replicate axis that hold what is no number where the first row holds one."""
    system = BankingSystem(world, scenarios, range(replicates))
    with np.errstate(all="ignore"):
        system.run_for(calendar.index(world.end) + 1)
    record, rows = system.recorder.finish(), len(scenarios) * replicates
    values = {name: np.moveaxis(column, -2, 0) for name, column in system.columns.items()}
    kept = {"true": record.true, "survey": record.survey, "costs": record.costs, **record.outcomes}
    values |= {f"record of {name}": value.reshape(rows, *value.shape[2:]) for name, value in kept.items()}
    faults: dict[int, list[str]] = {}
    for name, value in values.items():
        usual = np.isfinite(value[0]) if name.startswith("record") else np.ones(value[0].shape, bool)
        for row in np.flatnonzero((usual & ~np.isfinite(value)).reshape(rows, -1).any(-1)):
            faults.setdefault(int(row), []).append(name)
    return faults


@pytest.fixture(scope="module")
def small() -> StudySettings:
    return compose_study([*FEW_NATIONAL_BANKS, "scenarios=[baseline]", "uncertainty.parameters=central"])


@pytest.fixture(scope="module")
def few(small: StudySettings) -> World:
    return early(assembled(small), "2021Q4")


def test_behaviour_and_kinds_at_their_bounds(small: StudySettings, few: World, baseline: Scenario) -> None:
    """Side by side, a row a bound; of what has parts, all of them together and each alone."""
    paths, centre, labels = list[str](), list[float](), ["as they are"]
    cells: list[tuple[int, Iterable[int], float]] = []
    for group in ("behaviour", "banks"):
        for name, number in numbers(getattr(small, group), group):
            if name.split(".")[-1] in CENTRAL or adds_up(name):
                continue
            value = np.ravel(plain(number))
            parts = COMPONENTS[value.size] if value.size > 1 else ()
            columns = range(len(paths), len(paths) + value.size)
            for end in ends(name):
                alone = [(f"{name}.{part}", [columns[k]]) for k, part in enumerate(parts)]
                for label, chosen in [(name, columns), *alone]:
                    cells.append((len(labels), chosen, end))
                    labels.append(f"{label}={end:g}")
            paths += [f"{name}.{part}" for part in parts] or [name]
            centre += value.tolist()
    rows = np.tile(centre, (len(labels), 1))
    for row, chosen, end in cells:
        rows[row, list(chosen)] = end
    world = replace(few, ensemble=Ensemble(tuple(paths), rows), parameter_rows=rows)
    faults = unsound(world, [baseline], len(labels))
    assert len(labels) > 500
    assert {labels[row]: names for row, names in faults.items()} == {}


def worlds_at(settings: StudySettings) -> Iterator[tuple[str, str, str, float, str]]:
    """Label, group, path, end and part of every number that makes another world."""
    for group in ("behaviour", "banks", "network", "population"):
        for dotted, number in numbers(getattr(settings, group), group):
            name = dotted.removeprefix(f"{group}.")
            if group in ("network", "population") or name.split(".")[-1] in CENTRAL:
                parts = ["", *number] if name == "counts" else [""]
                for end in ends(dotted):
                    for part in parts:
                        if not (
                            part and end
                        ):  # a kind of thousands of banks says no more than a kind of sixty
                            yield f"{group}.{name}{part and f'.{part}'}={end:g}", group, name, end, part


def test_network_survey_and_population_at_their_bounds(small: StudySettings, baseline: Scenario) -> None:
    faults, refused = {}, {}
    for label, group, path, end, part in worlds_at(small):
        tree = altered(getattr(small, group), path, end, part)
        try:
            world = early(assembled(small.model_copy(update={group: tree})), "2021Q1")
        except ConfigError as error:
            refused[label] = str(error)
            continue
        if found := unsound(world, [baseline]):
            faults[label] = found[0]
    assert faults == {}
    assert refused.keys() == REFUSED.keys()
    assert [label for label, phrase in REFUSED.items() if phrase not in refused[label]] == []


def policies_at(policy: Policy) -> Iterator[Policy]:
    """The policy with one effect or one price at one end of its range."""
    for field in ("effects", "costs"):
        parts = getattr(policy, field)
        for k, part in enumerate(parts):
            for end in (part.low, part.high):
                moved = (*parts[:k], replace(part, value=end, low=end, high=end), *parts[k + 1 :])
                name = f"{policy.name} {field} {k}={end:g}"
                yield replace(policy, start=1, ramp=0, take_up=1.0, name=name, **{field: moved})


def test_policies_at_their_bounds(few: World, baseline: Scenario, pulled: Mapping[str, Scenario]) -> None:
    policies = [moved for scenario in pulled.values() for p in scenario.policies for moved in policies_at(p)]
    scenarios = [baseline, *(replace(baseline, name=p.name, policies=(p,)) for p in policies)]
    faults = unsound(few, scenarios)
    assert len(scenarios) > 80
    assert {scenarios[row].name: names for row, names in faults.items()} == {}


def test_environments_and_shocks_at_their_bounds(few: World, baseline: Scenario) -> None:
    study = compose_study([f"shock=[{','.join(SHOCK_FILES)}]"])
    scenarios, tree = [baseline], study.scenarios[0].environment
    for dotted, _ in numbers(tree, "environments.central"):
        name = dotted.removeprefix("environments.central.")
        for end in ends(dotted):
            path = environments(f"{name}={end:g}", altered(tree, name, end))
            scenarios.append(replace(baseline, name=path.name, environment=path))
    for shock in study.scenarios[-1].shocks:
        for effect in shock.effects:
            for end in ends(f"shocks.{shock.name}.effects.{effect.field}"):
                hit = Shock(f"{shock.name}.{effect.field}={end:g}", 1, 83, ((effect.field, end),))
                scenarios.append(replace(baseline, name=hit.name, shocks=(hit,)))
    faults = unsound(few, scenarios)
    assert {scenarios[row].name: names for row, names in faults.items()} == {}


def test_a_bank_outside_the_market_or_without_a_wish_for_any_route_runs(
    few: World, baseline: Scenario
) -> None:
    numbers = {**few.kind_numbers["city"], "inclusive_market": 0.0, "route_preference": np.zeros(4)}
    world = replace(few, kind_numbers={**few.kind_numbers, "city": numbers})
    system = BankingSystem(world, [baseline], (0,))
    system.run_for(8)
    city = world.population.rows("city")
    assert (system.columns["inclusive_share"][:, city] == 0.0).all()
    assert (system.columns["share_lost"][:, city] == 0.0).all()
    assert (system.columns["route"][:, city] == 0.0).all()


def test_a_market_that_nobody_serves_is_refused(few: World) -> None:
    nobody = {kind: {**numbers, "inclusive_market": 0.0} for kind, numbers in few.kind_numbers.items()}
    with pytest.raises(ValueError, match="inclusive_market"):
        replace(few, kind_numbers=nobody)
