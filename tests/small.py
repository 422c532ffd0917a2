"""Small worlds of the new core for the science tests: the shipped numbers, a shorter horizon, a single lever."""

from dataclasses import replace
from typing import Any

import numpy as np

from experiments import core
from model import calendar
from model.policy import Effect, Policy
from model.record import Record
from model.shock import Shock
from model.system import BankingSystem
from model.world import Recording, Scenario, World

SMALL = ("city", "rural", "private")
LIGHT = Recording(outcomes=False)
POLICIES = (
    "alliances", "association_training", "data_governance", "data_sharing", "differentiated_guidance",
    "export_standards",
    "inclusive_supervision", "join_not_build", "new_infrastructure", "own_talent", "talent_policy", "technology_focus",
    "union_reform",
)  # fmt: skip
SHOCKS = (
    "margin", "bad_loans", "frontier", "vendor_failure", "foreign_bank_failure", "descent_speedup", "large_bank_opens",
)  # fmt: skip


def world(end: str = "2023Q4", **changed: Any) -> World:
    """The survey's population until a near horizon, nothing recorded unless asked for."""
    return core.world(**{"end": end, "recording": LIGHT, **changed})


def lever(field: str, strength: float, start: str = "2020Q3", kinds: tuple[str, ...] = SMALL) -> Policy:
    """One lever at one strength, for every small bank, at no cost and without a ramp."""
    effect = Effect(field, strength, strength, strength)
    return Policy(field, calendar.index(start), 83, 0, 1.0, kinds, (), None, 1.0, (effect,), ())


def shocked(**effects: float) -> Shock:
    """One shock from the second quarter on."""
    return Shock("shock", 1, 83, tuple(effects.items()))


def storm(start: str = "2020Q3") -> Scenario:
    """Every policy and every shock at once."""
    shocks = [core.shock(name, start="2021Q2", end="2022Q1") for name in SHOCKS]
    return core.scenario("storm", [core.policy(name, start=start, ramp=0) for name in POLICIES], shocks)


def ran(system: BankingSystem, quarters: int) -> BankingSystem:
    """The system after some quarters."""
    for _ in range(quarters):
        system.step()
    return system


def differing(first: Record, second: Record, left: Any, right: Any) -> list[str]:
    """Names of the results that are not the same bit for bit, after taking a part of each record."""

    def parts(record: Record) -> dict[str, np.ndarray]:
        found = {"true": record.true, "survey": record.survey, "index": record.bank_index, **record.outcomes}
        return found | ({"items": record.items} if record.items is not None else {}) | (record.banks or {})

    a, b = parts(first), parts(second)
    assert a.keys() == b.keys()
    return [name for name in a if not np.array_equal(left(a[name]), right(b[name]), equal_nan=True)]


def free(policy: Policy) -> Policy:
    """The same policy at no cost."""
    return replace(policy, costs=())
