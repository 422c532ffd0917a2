"""Small worlds for the science tests: the shipped numbers, a shorter horizon, a single lever.

One composition serves them all: the default study with every policy and every shock.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from agents.items import Item, ItemTable
from experiments.config import assembly
from experiments.config.data import read_items
from experiments.config.load import compose_study
from experiments.config.reading import mapping
from experiments.config.study import StudySettings
from experiments.config.tree import freeze, merged
from experiments.location import CONF
from model import calendar
from model.environment import Environment
from model.policy import Effect, Policy
from model.record import Record
from model.shock import Shock
from model.system import BankingSystem
from model.world import Recording, Scenario, World

SMALL = ("city", "rural", "private")
LIGHT = Recording(outcomes=False, items=False)
LEVER_FILES = (
    "differentiated_guidance", "inclusive_supervision", "export_standards", "talent_policy", "data_sharing",
    "new_infrastructure", "association_training", "alliances", "union_reform", "own_talent",
    "technology_focus", "data_governance", "join_not_build",
)  # fmt: skip
SHOCK_FILES = (
    "margin", "bad_loans", "frontier", "vendor_failure", "foreign_bank_failure", "descent_speedup",
    "large_bank_opens",
)  # fmt: skip


@cache
def study() -> StudySettings:
    """The default study with central numbers: its last scenario holds every policy and every shock."""
    named = [f"{word}=[{','.join(f)}]" for word, f in (("policy", LEVER_FILES), ("shock", SHOCK_FILES))]
    return compose_study([*named, "uncertainty.parameters=central"])


@cache
def whole(place: str) -> World:
    """The study's world on one of the shipped populations, with seed 1 and nothing recorded."""
    settings = study().model_copy(update={"seed": 1})
    if place != "survey":
        own = mapping(CONF / "population" / f"{place}.yaml")
        own.pop("defaults")
        settings = settings.model_copy(update={"population": freeze(merged(settings.population, own))})
    return replace(assembly.world(settings), recording=LIGHT)


def world(
    end: str = "2023Q4",
    place: str = "survey",
    network: str = "partnerships",
    numbers: Mapping[str, Any] | None = None,
    **changed: Any,
) -> World:
    """A shipped world until a near horizon; nothing is recorded unless asked for.

    Parameters
    ----------
    network : str
        File of ``conf/network``.
    numbers : mapping, optional
        Other common numbers.
    changed
        Any other field of the world.
    """
    base = whole(place)
    switches = mapping(CONF / "network" / "partnerships.yaml") | mapping(CONF / "network" / f"{network}.yaml")
    switches.pop("defaults", None)
    common = {**base.common_numbers, **(numbers or {})}
    fields = {"end": end, "switches": SimpleNamespace(**switches), "common_numbers": common}
    return replace(base, **{**fields, **changed})


def until(base: World, end: str, **changes: Any) -> World:
    """The same world with a nearer horizon and central parameters; recorded only as `recording` says."""
    return replace(base, end=end, **{"recording": LIGHT, "ensemble": None, **changes})


def items(ease: Mapping[str, float] | None = None) -> ItemTable:
    """The questionnaire as the files have it, with the shipped ease or another."""
    return (
        whole("survey").items if ease is None else ItemTable([Item.from_row(r) for r in read_items()], ease)
    )


def environment() -> Environment:
    """The central environment."""
    return everything().environment


@cache
def everything() -> Scenario:
    """Every policy and every shock at once, as their files have them."""
    return assembly.scenario(study().scenarios[-1])


def scenario(
    name: str = "baseline", policies: Iterable[Policy] = (), shocks: Iterable[Shock] = ()
) -> Scenario:
    """A scenario in the central environment."""
    return replace(everything(), name=name, policies=tuple(policies), shocks=tuple(shocks))


def policy(name: str, start: str = "", **changed: Any) -> Policy:
    """A shipped policy; it may start in another quarter, and any of its fields may be changed."""
    found = next(one for one in everything().policies if one.name == name)
    return replace(found, **({"start": calendar.index(start)} if start else {}), **changed)


def shock(name: str, start: str = "", end: str = "", **changed: Any) -> Shock:
    """A shipped shock, at another time where one is given."""
    found = next(one for one in everything().shocks if one.name == name)
    dates = {key: calendar.index(when) for key, when in (("start", start), ("end", end)) if when}
    return replace(found, **dates, **changed)


def lever(field: str, strength: float, start: str = "2020Q3", kinds: tuple[str, ...] = SMALL) -> Policy:
    """One lever at one strength, for every small bank, at no cost and without a ramp."""
    effect = Effect(field, strength, strength, strength)
    return Policy(field, calendar.index(start), 83, 0, 1.0, kinds, (), None, 1.0, (effect,), ())


def shocked(**effects: float) -> Shock:
    """One shock from the second quarter on."""
    return Shock("shock", 1, 83, tuple(effects.items()))


def storm(start: str = "2020Q3") -> Scenario:
    """Every policy from a quarter on, and every shock in the year from 2021Q2."""
    shocks = [shock(name, "2021Q2", "2022Q1") for name in SHOCK_FILES]
    return scenario("storm", [policy(name, start, ramp=0) for name in LEVER_FILES], shocks)


def with_policies(base: Scenario, name: str, *policies: Policy) -> Scenario:
    """The same scenario with these policies in force."""
    return replace(base, name=name, policies=policies)


def free(one: Policy) -> Policy:
    """The same policy at no cost."""
    return replace(one, costs=())


def stepped(system: BankingSystem, quarters: int) -> BankingSystem:
    """The system after some quarters."""
    for _ in range(quarters):
        system.step()
    return system


def ran(here: World, scenarios: Sequence[Scenario], replicates: Sequence[int] = (0,)) -> BankingSystem:
    """A system that has run to its world's horizon."""
    return stepped(BankingSystem(here, scenarios, replicates), calendar.index(here.end) + 1)


def differing(first: Record, second: Record, left: Any, right: Any) -> list[str]:
    """Names of the results that are not the same bit for bit, after taking a part of each record."""

    def parts(record: Record) -> dict[str, np.ndarray]:
        found = {"true": record.true, "survey": record.survey, "index": record.bank_index}
        found |= {**record.outcomes, **(record.banks or {})}
        return found | ({"items": record.items} if record.items is not None else {})

    a, b = parts(first), parts(second)
    assert a.keys() == b.keys()
    for policy in set(first.policies) & set(second.policies):
        name = f"cost of {policy}"
        a[name], b[name] = (r.costs[:, :, :, r.policies.index(policy)] for r in (first, second))
    return [name for name in a if not np.array_equal(left(a[name]), right(b[name]), equal_nan=True)]
