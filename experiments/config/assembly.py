"""From settings to the model's objects: a study's world and scenarios."""

import numpy as np

from agents.honeycomb import DIMENSIONS, FOCUS, KINDS, TALENTS
from experiments.config.bank import BankSettings
from experiments.config.ensemble import read_ensemble
from experiments.config.environment import environment
from experiments.config.errors import ConfigError, Fault
from experiments.config.plain import mapping
from experiments.config.policies import PolicySettings, ShockSettings
from experiments.config.population import population
from experiments.config.scenarios import ScenarioSettings
from experiments.config.sections import CENTRAL, POSTERIOR
from experiments.config.study import StudySettings
from experiments.location import existing
from model import calendar
from model.numbers import NetworkNumbers, SurveyNumbers
from model.own_bank import OwnAccount
from model.policy import Cost, Effect, Policy
from model.population import InvalidWorld
from model.shock import Shock
from model.world import Ensemble, Recording, Scenario, World

POSTERIOR_FOLDER = "data/posterior"


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
    behaviour = mapping(settings.behaviour, "behaviour")
    emphasis = behaviour.pop("focus_emphasis")
    bias = behaviour.pop("indicator_bias")
    launch = int(behaviour.pop("language_model_launch"))
    kinds = {kind: mapping(settings.banks[kind], f"banks.{kind}") for kind in KINDS}
    for numbers in kinds.values():
        numbers.pop("focus")
    behaviour["route_ceiling"] = np.asarray(behaviour["route_ceiling"])
    questionnaire = mapping(settings.population["questionnaire"], "population.questionnaire")
    return World(
        population=population(settings.population, settings.banks, settings.seed, settings.series.openness),
        common_numbers=behaviour,
        kind_numbers=kinds,
        network=NetworkNumbers(**mapping(settings.network, "network")),
        questionnaire=SurveyNumbers(**questionnaire),
        focus_emphasis=np.array([emphasis[focus] for focus in FOCUS], float),
        indicator_bias=bias,
        allocation=settings.allocation["rule"],
        start=settings.start,
        end=settings.end,
        language_model_launch=f"{launch}Q1",
        seed=settings.seed,
        ensemble=ensemble(settings),
        recording=Recording(banks=settings.outputs.banks, graphs=moments(settings)),
        own_bank=own_bank(settings.bank),
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
    first, last = settings.start_index, settings.end_index
    named = {"start": first, "middle": (first + last) // 2, "end": last}
    asked = {named[m] if m in named else calendar.index(m) for m in settings.outputs.network}
    return tuple(sorted(quarter for quarter in asked if first <= quarter <= last))


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
    )


def _shock(settings: ShockSettings) -> Shock:
    effects = tuple((effect.field, effect.value) for effect in settings.effects)
    return Shock(settings.name, settings.start_index, settings.end_index, effects)


def own_bank(settings: BankSettings | None) -> OwnAccount | None:
    """Build the account of a user's own bank; None when the study has none."""
    if settings is None:
        return None
    staff, scores, plan = settings.staff, settings.scores, settings.plan
    return OwnAccount(
        name=settings.name,
        kind=settings.kind,
        province=settings.province,
        since=settings.since,
        assets=settings.assets,
        spend_ratio=settings.spend_ratio,
        staff=np.array([getattr(staff, role) for role in TALENTS]) if staff else None,
        scores=np.array([getattr(scores, name) / 100.0 for name in DIMENSIONS]) if scores else None,
        plan=np.array([getattr(plan, name) for name in DIMENSIONS]) if plan else None,
    )
