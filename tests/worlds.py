"""Small worlds for the science tests: the project's own settings, a shorter horizon, a single lever."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from agents.honeycomb import KINDS
from model import calendar
from model.policy import Effect, Policy
from model.record import Record
from model.system import BankingSystem
from model.world import Recording, Scenario, World

LEVER_FILES = (
    "differentiated_guidance",
    "inclusive_supervision",
    "export_standards",
    "talent_policy",
    "data_sharing",
    "new_infrastructure",
    "association_training",
    "alliances",
    "union_reform",
    "own_talent",
    "technology_focus",
    "data_governance",
    "join_not_build",
)
SHOCK_FILES = ("margin", "frontier", "vendor_failure", "foreign_bank_failure", "descent_speedup")


def until(world: World, end: str, **changes: Any) -> World:
    """The same world with a nearer horizon and central parameters; outcomes are kept only when `recording` says so."""
    return replace(world, end=end, **{"recording": Recording(outcomes=False), "ensemble": None, **changes})


def with_behaviour(world: World, **numbers: float) -> World:
    """The same world with other common numbers."""
    return replace(world, common_numbers={**world.common_numbers, **numbers})


def with_network(world: World, **numbers: Any) -> World:
    """The same world with other numbers of the network."""
    return replace(world, network=type(world.network)(**{**vars(world.network), **numbers}))


def lever(field: str, strength: float, start: str = "2023Q1", name: str = "") -> Policy:
    """One lever at one strength, for every bank, at no cost and without a ramp."""
    effect = Effect(field, strength, strength, strength)
    return Policy(name or field, calendar.index(start), 83, 0, 1.0, KINDS, (), None, 1.0, (effect,), ())


def with_policies(scenario: Scenario, name: str, *policies: Policy) -> Scenario:
    """The same scenario with these policies in force."""
    return replace(scenario, name=name, policies=policies)


def free(scenario: Scenario) -> Scenario:
    """The same scenario with policies that cost nothing."""
    return replace(scenario, policies=tuple(replace(policy, costs=()) for policy in scenario.policies))


def quarters(system: BankingSystem, number: int) -> Iterator[int]:
    """Step a system and yield the index of each quarter just run."""
    for _ in range(number):
        system.run_for(1)
        yield system.quarter


def ran(world: World, scenarios: Sequence[Scenario], replicates: Sequence[int] = (0,)) -> BankingSystem:
    """A system that has run to its world's horizon."""
    system = BankingSystem(world, scenarios, replicates)
    system.run_for(calendar.index(world.end) + 1)
    return system


def by_scenario(system: BankingSystem, name: str) -> np.ndarray:
    """A column with the scenarios apart, shape (..., S, R, N)."""
    values = system.columns[name]
    return values.reshape(*values.shape[:-2], len(system.scenarios), len(system.replicates), values.shape[-1])


def differing(
    first: Record, second: Record, take: Callable[[np.ndarray], np.ndarray], other: Callable[..., np.ndarray]
) -> list[str]:
    """Names of the results that are not the same bit for bit, after taking the same part of two records."""
    left, right = _results(first), _results(second)
    assert left.keys() == right.keys()
    return [n for n in left if not np.array_equal(take(left[n]), other(right[n]), equal_nan=True)]


def _results(record: Record) -> dict[str, np.ndarray]:
    parts = {"true": record.true, "survey": record.survey, "bank_index": record.bank_index}
    return {**parts, "costs": record.costs, **record.outcomes, **(record.banks or {})}
