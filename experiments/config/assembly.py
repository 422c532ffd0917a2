"""From settings to the model's objects: a study's world and scenarios."""

from dataclasses import fields, replace
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from agents.honeycomb import DIMENSIONS, KINDS, TALENTS
from agents.items import ItemTable
from experiments.config import catalogue
from experiments.config.bank import BankSettings
from experiments.config.data import items, read
from experiments.config.ensemble import read_ensemble
from experiments.config.environment import environment
from experiments.config.errors import ConfigError, Fault
from experiments.config.numbers import plain_tree
from experiments.config.plans import own_plan
from experiments.config.population import population
from experiments.config.scenarios import PolicySettings, ScenarioSettings, ShockSettings
from experiments.config.sections import CENTRAL, POSTERIOR
from experiments.config.study import StudySettings, network_quarters
from experiments.location import existing
from model import calendar
from model.own_plan import QUESTIONS, OwnAccount
from model.policy import Cost, Effect, Policy, Target
from model.population import InvalidWorld
from model.shock import Shock
from model.world import Ensemble, Recording, Reform, Scenario, World

JUDGED: Final = "bank.judged."
POSTERIOR_FOLDER: Final = "data/posterior"
SWITCHES: Final = ("partners", "platforms", "unions", "crowding", "rewired")


def world(settings: StudySettings) -> World:
    """Build what the scenarios of a study share.

    Parameters
    ----------
    settings : StudySettings

    Returns
    -------
    World

    Raises
    ------
    ConfigError
        If numbers that are each within their range make no world together.
    """
    try:
        return _world(settings)
    except InvalidWorld as error:
        raise ConfigError([Fault(error.number, error.why)]) from error


def _world(settings: StudySettings) -> World:
    behaviour = plain_tree(settings.behaviour, "behaviour")
    kinds = {kind: plain_tree(settings.banks[kind], f"banks.{kind}") for kind in KINDS}
    for numbers in kinds.values():
        numbers.pop("focus")
    return World(
        population=(banks := population(settings)),
        items=ItemTable(items(), behaviour.pop("ease")),
        common_numbers=behaviour,
        kind_numbers=kinds,
        switches=SimpleNamespace(**{name: settings.network[name] for name in SWITCHES}),
        reforms=reforms([province.code for province in banks.provinces]),
        sample=plain_tree(settings.population, "population")["sample"],
        allocation=settings.allocation["rule"],
        start=settings.start,
        end=settings.end,
        seed=settings.seed,
        ensemble=ensemble(settings),
        recording=Recording(banks=settings.outputs.banks, graphs=moments(settings)),
        own_banks=own_banks(settings),
        own_judged=own_judged(),
    )


def reforms(codes: list[str]) -> tuple[Reform, ...]:
    """Reforms of provincial unions as they were, by province, date and mode (W096-W098)."""
    return tuple(
        Reform(codes.index(row["province"]), calendar.index(row["quarter"]), row["mode"])
        for row in read("union_reforms.csv")
    )


def ensemble(settings: StudySettings) -> Ensemble | None:
    """The parameter members that replicates draw from; None when all take the central values.

    A number that the user gave keeps that value in every replicate, and so does one that is no longer sampled.
    """
    parameters = settings.uncertainty.parameters
    if parameters == CENTRAL:
        return None
    members = read_ensemble(existing(POSTERIOR_FOLDER if parameters == POSTERIOR else parameters))
    return members.only(path for path in members.paths if settings.is_sampled(path))


def moments(settings: StudySettings) -> tuple[int, ...]:
    """Quarters, as indices, at which the network is kept."""
    return tuple(
        calendar.index(quarter)
        for quarter in network_quarters(settings)
        if settings.start <= quarter <= settings.end
    )


def scenario(settings: ScenarioSettings) -> Scenario:
    """Build one scenario.

    Parameters
    ----------
    settings : ScenarioSettings

    Returns
    -------
    Scenario
    """
    return Scenario(
        name=settings.label,
        policies=tuple(policy(one) for one in settings.policies),
        shocks=tuple(_shock(shock) for shock in settings.shocks),
        environment=environment(settings.environment_name, settings.environment, settings.series),
        assumptions=tuple((name, repr(value)) for name, value in settings.assumptions.items()),
    )


def policy(settings: PolicySettings) -> Policy:
    """Build one policy."""
    target = settings.target
    return Policy(
        name=settings.name,
        start=settings.start_index,
        end=settings.end_index,
        ramp=settings.ramp,
        intensity=settings.intensity,
        kinds=settings.coverage.kinds,
        provinces=settings.coverage.provinces,
        first_tier=settings.coverage.tier_1,
        take_up=settings.take_up,
        effects=tuple(Effect(e.field, e.value, *e.range) for e in settings.effects),
        costs=tuple(Cost(c.payer, c.per, c.amount, *c.range) for c in settings.costs),
        users=settings.users,
        trigger=settings.when.assembled if settings.when else None,
        target=Target(target.outcome, target.bank_kind, *target.range) if target else None,
    )


def _shock(settings: ShockSettings) -> Shock:
    effects = tuple((effect.field, effect.value) for effect in settings.effects)
    return Shock(settings.name, settings.start_index, settings.end_index, effects)


def own_banks(settings: StudySettings) -> tuple[OwnAccount, ...]:
    """The accounts of the user's own bank, or of the many that a file lists, each followed by its plans alone."""
    many = (replace(own_bank(member), asked=(), alone=True) for member in settings.members)
    return ((own_bank(settings.bank),) if settings.bank else ()) + tuple(many)


def own_judged() -> dict[str, tuple[float, float, float]]:
    """What is judged of users' banks, from the catalogue: the ends of a draw, and the usual value between."""
    found = {}
    for row in catalogue.rows().values():
        if row.name.startswith(JUDGED) and row.value is not None:
            low, high = row.sampled or (row.value, row.value)
            found[row.name.removeprefix(JUDGED)] = (low, row.value, high)
    return found


def own_bank(settings: BankSettings) -> OwnAccount:
    """Build the account of a user's own bank."""
    given = known(settings)
    return OwnAccount(
        **{field.name: given[field.name] for field in fields(OwnAccount) if field.name in given}
    )


def known(settings: BankSettings) -> dict[str, Any]:
    """What is said of the own bank as the model takes it: names are those of the settings, None is not said.

    Mappings by role and dimension become arrays in the model's order, with NaN where nothing is said; answers become
    chances of each rung.
    """
    given: dict[str, Any] = {name: getattr(settings, name) for name in BankSettings.model_fields}
    for name, order in (("staff", TALENTS), ("pay", TALENTS), ("scores", DIMENSIONS), ("plan", DIMENSIONS)):
        part, scale = given[name], 0.01 if name == "scores" else 1.0
        if part is not None:
            values = [getattr(part, key) for key in order]
            given[name] = np.array([np.nan if value is None else scale * value for value in values])
    for name in ("partners", "floors"):
        given[name] = given[name].known if given[name] is not None else None
    plans = tuple(own_plan(name, plan) for name, plan in (settings.plans or {}).items())
    answers = {"spend_ratio": settings.ratio, "items": settings.chances or None}
    return {**given, **answers, "plans": plans, "asked": QUESTIONS}
