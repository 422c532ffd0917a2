"""A quantity at either end of its declared range runs to finite results, or is refused with a sentence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from experiments.config import assembly, catalogue
from experiments.config.assembly import environment as environments
from experiments.config.errors import ConfigError
from experiments.config.numbers import numbers
from experiments.config.tree import Tree
from model import calendar
from model.policy import Policy
from model.population import InvalidWorld
from model.shock import Shock
from model.system import BankingSystem
from model.world import Ensemble, Recording, Scenario, World
from tests.worlds import everything, scenario, study, world

FULL = Recording()
# Each within its range, and together no world: what the sentence says.
REFUSED = {
    "population.counts=0": "no small or medium bank",
    **{f"population.sizes.{kind}=1e+13": "a spread of" for kind in ("city", "rural", "private")},
}


def at(value: Any, end: float) -> Any:
    """The same shape with every number at one end of the range."""
    if isinstance(value, Mapping):
        return Tree({name: at(item, end) for name, item in value.items()})
    return tuple(at(item, end) for item in value) if isinstance(value, tuple) else end


def altered(tree: Tree, path: str, end: float) -> Tree:
    name, _, rest = path.partition(".")
    new = altered(tree[name], rest, end) if rest else at(tree[name], end)
    return Tree({**{key: tree[key] for key in tree}, name: new})


def ends(name: str) -> tuple[float, float]:
    row = catalogue.row(name)
    return row.low, row.high


def unsound(here: World, scenarios: Sequence[Scenario], replicates: int = 1) -> dict[int, list[str]]:
    """Run; rows of the replicate axis that hold what is no number where the first row holds one."""
    system = BankingSystem(here, scenarios, range(replicates))
    with np.errstate(all="ignore"):
        for _ in range(calendar.index(here.end) + 1):
            system.step()
    record, rows = system.recorder.finish(), len(scenarios) * replicates
    faults: dict[int, list[str]] = {}
    for name, value in {"true": record.true, "survey": record.survey, **record.outcomes}.items():
        flat = value.reshape(rows, -1)
        for row in np.flatnonzero((np.isfinite(flat[0]) & ~np.isfinite(flat)).any(1)):
            faults.setdefault(int(row), []).append(name)
    return faults


def scalars(group: str) -> Iterator[str]:
    for name, value in numbers(getattr(study(), group), group):
        if isinstance(value, int | float):
            yield name


def test_numbers_of_all_banks_and_of_each_kind_at_their_bounds() -> None:
    """Side by side, a row a bound."""
    here = world("2021Q4", recording=FULL)
    paths = [name for group in ("behaviour", "banks") for name in scalars(group)]
    centre = [
        float(
            here.common_numbers[name]
            if place == "behaviour"
            else here.kind_numbers[place.partition(".")[2]][name]
        )
        for place, _, name in (path.rpartition(".") for path in paths)
    ]
    labels = ["as they are", *(f"{path}={end:g}" for path in paths for end in ends(path))]
    rows = np.tile(centre, (len(labels), 1))
    for column, path in enumerate(paths):
        rows[1 + 2 * column : 3 + 2 * column, column] = ends(path)
    faults = unsound(
        replace(here, ensemble=Ensemble(tuple(paths), rows), parameter_rows=rows), [scenario()], len(labels)
    )
    assert len(labels) > 200
    assert {labels[row]: names for row, names in faults.items()} == {}


def others() -> Iterator[tuple[str, str, float]]:
    """Group, name and end of every number with parts, and of every number of the population.

    What adds up to a total is refused by the settings where all parts stand at one end.
    """
    for group in ("behaviour", "banks", "population"):
        for dotted, value in numbers(getattr(study(), group), group):
            listed = not isinstance(value, int | float)
            if (group == "population" or listed) and catalogue.row(dotted).total is None:
                for end in ends(dotted):
                    yield group, dotted.removeprefix(f"{group}."), end


def test_lists_and_the_population_at_their_bounds() -> None:
    faults, refused = {}, {}
    for group, name, end in others():
        label, tree = f"{group}.{name}={end:g}", altered(getattr(study(), group), name, end)
        if name in ("counts", "village_banks") and end:
            continue  # thousands of banks of every kind say no more than the national population
        try:
            here = assembly.world(study().model_copy(update={group: tree}))
            found = unsound(replace(here, end="2020Q4", recording=FULL), [scenario()])
        except (ConfigError, InvalidWorld) as error:
            refused[label] = str(error)
            continue
        faults |= {label: found[0]} if found else {}
    assert faults == {}
    assert {label: why for label, why in refused.items() if label not in REFUSED} == {}
    assert all(REFUSED[label] in why for label, why in refused.items())


def policies_at(policy: Policy) -> Iterator[Policy]:
    """The policy with one effect or one price at one end of its range."""
    for field in ("effects", "costs"):
        parts = getattr(policy, field)
        for k, part in enumerate(parts):
            for end in (part.low, part.high):
                moved = (*parts[:k], replace(part, value=end, low=end, high=end), *parts[k + 1 :])
                name = f"{policy.name} {field} {k}={end:g}"
                yield replace(policy, start=1, ramp=0, take_up=1.0, name=name, **{field: moved})


def test_policies_at_their_bounds() -> None:
    policies = [moved for policy in everything().policies for moved in policies_at(policy)]
    scenarios = [scenario(), *(scenario(p.name, [p]) for p in policies)]
    faults = unsound(world("2021Q4", recording=FULL), scenarios)
    assert len(scenarios) > 80
    assert {scenarios[row].name: names for row, names in faults.items()} == {}


def test_environments_and_shocks_at_their_bounds() -> None:
    tree, scenarios = study().scenarios[0].environment, [scenario()]
    for dotted, _ in numbers(tree, "environments.central"):
        name = dotted.removeprefix("environments.central.")
        for end in ends(dotted):
            path = environments(f"{name}={end:g}", altered(tree, name, end))
            scenarios.append(replace(scenario(path.name), environment=path))
    for shock in everything().shocks:
        for effect, _ in shock.effects:
            for end in ends(f"shocks.{shock.name}.effects.{effect}"):
                hit = Shock(f"{shock.name}.{effect}={end:g}", 1, 83, ((effect, end),))
                scenarios.append(scenario(hit.name, (), [hit]))
    faults = unsound(world("2021Q4", recording=FULL), scenarios)
    assert len(scenarios) > 30
    assert {scenarios[row].name: names for row, names in faults.items()} == {}


def test_a_market_that_nobody_serves_is_refused() -> None:
    here = world("2020Q1")
    nobody = {kind: {**known, "inclusive_market": 0.0} for kind, known in here.kind_numbers.items()}
    with pytest.raises(InvalidWorld, match="inclusive_market"):
        BankingSystem(replace(here, kind_numbers=nobody), [scenario()], (0,))
