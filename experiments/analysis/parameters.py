"""What is uncertain: the numbers that calibration may move, and the strength of every policy."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from experiments.config.study import StudySettings
from experiments.results.statistics import quantile
from model.policy import Effect, Policy, draw
from model.streams import Draws
from model.world import Ensemble, Scenario


@dataclass(frozen=True)
class Parameter:
    """An uncertain number, uniform between two ends.

    Parameters
    ----------
    name : str
        ``behaviour.spillover``, ``banks.private.relevant``, or ``policy.alliances.cost_sharing``. The strength of a
        policy is told as its place in the range that the policy declares, 0-1, its stated value in the middle.
    low, centre, high : float
        In the unit of the number.
    """

    name: str
    low: float
    centre: float
    high: float


def behavioural(settings: StudySettings) -> tuple[Parameter, ...]:
    """Return the numbers that calibration samples and the user did not give.

    Parameters
    ----------
    settings : StudySettings

    Returns
    -------
    tuple of Parameter
        Uniform between the ends that the catalogue samples them over.
    """
    return tuple(
        Parameter(name, min(ends[0], value), value, max(ends[1], value))
        for name, value in settings.numbers.items()
        if isinstance(value, float | int) and settings.is_sampled(name)
        for ends in [settings.row(name).sampled]
        if ends
    )


def of_ensemble(ensemble: Ensemble) -> tuple[Parameter, ...]:
    """Return the numbers of an ensemble: from the 5 to the 95 % quantile of its members, around their median."""
    low, centre, high = quantile(ensemble.members.T)
    return tuple(
        Parameter(name, float(low[k]), float(centre[k]), float(high[k]))
        for k, name in enumerate(ensemble.paths)
    )


def strengths(scenarios: Sequence[Scenario]) -> tuple[Parameter, ...]:
    """Return the strength of every effect of every policy of some scenarios, as places in their ranges."""
    names = {
        f"policy.{policy.name}.{effect.field}": None
        for scenario in scenarios
        for policy in scenario.policies
        for effect in policy.effects
        if effect.high > effect.low
    }
    return tuple(Parameter(name, 0.0, 0.5, 1.0) for name in names)


def at_strengths[S: Scenario](scenario: S, names: Sequence[str], rows: np.ndarray) -> S:
    """Give a scenario's policies the strength of each replicate instead of a drawn one.

    Parameters
    ----------
    scenario : Scenario
    names : sequence of str
        Names of the columns of ``rows``; those that are no strength of this scenario are passed over.
    rows : ndarray, shape (R, names)
        One parameter vector a replicate.
    """

    def fixed(policy: Policy, effect: Effect) -> Effect:
        name = f"policy.{policy.name}.{effect.field}"
        if name not in names:
            return effect
        value = cast(Any, draw(effect.low, effect.value, effect.high, rows[:, names.index(name)]))
        return Effect(effect.field, value, value, value)

    policies = tuple(replace(p, effects=tuple(fixed(p, e) for e in p.effects)) for p in scenario.policies)
    return replace(scenario, policies=policies)


def drawn_strengths(
    names: Sequence[str], scenarios: Sequence[Scenario], seed: int, replicates: Sequence[int]
) -> np.ndarray:
    """Return the strengths that the replicates drew by themselves, shape (R, names), 0-1."""
    policies = {policy.name: policy for scenario in scenarios for policy in scenario.policies}
    draws = Draws(seed, replicates, 1, 0)
    places = {
        f"policy.{p.name}.{effect.field}": (draws.words(f"policy effect: {p.name}", len(p.effects))[k] + 0.5)
        / 65536
        for p in policies.values()
        for k, effect in enumerate(p.effects)
    }
    return np.stack([places[name] for name in names], axis=1)


def sample(parameters: Sequence[Parameter], number: int, seed: int) -> np.ndarray:
    """Draw parameter vectors by Latin hypercube, shape (number, parameters)."""
    from scipy.stats import qmc  # takes as long to load as the model: workers, which draw nothing, do without

    unit = qmc.LatinHypercube(len(parameters), rng=np.random.default_rng(seed)).random(number)
    return scaled(parameters, unit)


def scaled(parameters: Sequence[Parameter], unit: np.ndarray) -> np.ndarray:
    """Bring places on 0-1 to the ranges of the parameters."""
    low, high = (np.array([getattr(p, end) for p in parameters]) for end in ("low", "high"))
    return np.asarray(low + (high - low) * unit)


def prior_ensemble(settings: StudySettings, number: int) -> Ensemble:
    """Return an ensemble over the prior ranges, for as long as no posterior narrows them."""
    parameters = behavioural(settings)
    return Ensemble(tuple(p.name for p in parameters), sample(parameters, number, settings.seed))
