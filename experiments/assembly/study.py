"""A study's world and scenarios from its settings."""

import numpy as np

from agents.honeycomb import FOCUS, KINDS
from experiments.assembly.environment import environment
from experiments.assembly.numbers import mapping
from experiments.assembly.own_bank import own_bank
from experiments.assembly.population import population
from experiments.ensemble import read_ensemble
from experiments.faults import ConfigError, Fault
from experiments.location import existing
from experiments.settings.calibration import CENTRAL, POSTERIOR
from experiments.settings.policy import PolicySettings, ShockSettings
from experiments.settings.quantity import Quantity
from experiments.settings.scenario import ScenarioSettings
from experiments.settings.study import StudySettings
from model import calendar
from model.numbers import NetworkNumbers, SurveyNumbers
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
    behaviour = mapping(settings.behaviour)
    emphasis = behaviour.pop("focus_emphasis")
    bias = behaviour.pop("indicator_bias")
    launch = int(behaviour.pop("language_model_launch"))
    kinds = {kind: mapping(settings.banks[kind]) for kind in KINDS}
    for numbers in kinds.values():
        numbers.pop("focus")
    behaviour["route_ceiling"] = np.asarray(behaviour["route_ceiling"])
    return World(
        population=population(settings.population, settings.banks, settings.seed),
        common_numbers=behaviour,
        kind_numbers=kinds,
        network=NetworkNumbers(**mapping(settings.network)),
        questionnaire=SurveyNumbers(**mapping(settings.population["questionnaire"])),
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

    A number that the user changed, or no longer marks for calibration, keeps the user's value in every replicate.
    """
    parameters = settings.uncertainty.parameters
    if parameters == CENTRAL:
        return None
    members = read_ensemble(existing(POSTERIOR_FOLDER if parameters == POSTERIOR else parameters))
    return members.only(path for path in members.paths if _drawn(settings, path))


def _drawn(settings: StudySettings, path: str) -> bool:
    group, *names = path.split(".")
    node = getattr(settings, group)
    while names and not isinstance(node, Quantity):
        node = node[names.pop(0)]
    return bool(node.prior and not node.changed)


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
        policies=tuple(_policy(policy) for policy in settings.policies),
        shocks=tuple(_shock(shock) for shock in settings.shocks),
        environment=environment(settings.environment_name, settings.environment),
    )


def _policy(settings: PolicySettings) -> Policy:
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
        costs=tuple(Cost(c.payer, c.per, c.amount.value, *c.amount.range) for c in settings.costs),
    )


def _shock(settings: ShockSettings) -> Shock:
    effects = tuple((effect.field, effect.value) for effect in settings.effects)
    return Shock(settings.name, settings.start_index, settings.end_index, effects)
