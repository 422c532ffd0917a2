"""Mechanisms taken away one at a time: what each changes in fit, and in the ranking of policies."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from agents.honeycomb import KINDS
from experiments.calibration.forward import Forward, cells
from experiments.calibration.likelihood import expected_row, observed_row
from experiments.calibration.problem import CHECK_RUN, CalibrationProblem
from experiments.calibration.sampler import smooth
from experiments.config import assembly
from model.run import simulate
from model.world import Ensemble, Recording, Scenario, World

RULES = ("reinforcement", "return_maximising", "fixed_plan")
STEPS = 3
POLICY_RUNS = 32
OUTCOME_KINDS = ("city", "rural", "private")


def ablations(problem: CalibrationProblem, values: np.ndarray) -> list[dict[str, Any]]:
    """Refit and compare every variant of the model.

    Each variant is refitted by the ensemble smoother on runs of the model itself, from the same prior and chance as
    the whole model, so that a mechanism is judged after its absence has been made up for as far as the other numbers
    can. The policies of the study are then compared on the posterior ensemble of the whole model.

    Parameters
    ----------
    problem : CalibrationProblem
    values : ndarray, shape (M, P)
        Members of the ensemble.
    """
    policies = [assembly.scenario(scenario) for scenario in problem.settings.scenarios]
    rows = []
    for name, world, change in variants(problem.forward.world):
        forward = dataclasses.replace(
            problem.forward, world=world, scenario=_changed(problem.forward.scenario, change)
        )
        row = {"variant": name, **_fit(problem, forward)}
        if len(policies) > 1:
            changed = [_changed(policy, change) for policy in policies]
            effects = _effects(problem, world, changed, values[:POLICY_RUNS])
            means = {policy: effect["all"]["mean"] for policy, effect in effects.items()}
            row |= {"effects": effects, "ranking": sorted(means, key=lambda policy: -means[policy])}
        rows.append(row)
    return rows


def variants(world: World) -> list[tuple[str, World, bool]]:
    """Name, world, and whether large banks stop advancing into the small banks' market."""

    def network(**numbers: Any) -> World:
        return dataclasses.replace(world, network=dataclasses.replace(world.network, **numbers))

    questions = dataclasses.replace(world.questionnaire, language_model_item_from=2041)
    alone = {**world.common_numbers, "contest_sensitivity": 0.0}
    return [
        ("whole model", world, False),
        ("no network", network(active=False), False),
        ("rewired network", network(rewired=True), False),
        ("no language-model item", dataclasses.replace(world, questionnaire=questions), False),
        *((f"allocation: {rule}", dataclasses.replace(world, allocation=rule), False) for rule in RULES),
        ("no competition", dataclasses.replace(world, common_numbers=alone), True),
    ]


def _changed(scenario: Scenario, no_descent: bool) -> Scenario:
    """The scenario with large banks standing still in the inclusive-loan market, if asked for."""
    if not no_descent:
        return scenario
    environment = scenario.environment
    still = dataclasses.replace(environment, descent=np.zeros_like(environment.descent))
    return dataclasses.replace(scenario, environment=still)


def _fit(problem: CalibrationProblem, forward: Forward) -> dict[str, Any]:
    """Refit by the smoother and say how far the expected scores then lie from the survey."""
    observed = observed_row(problem.observations, problem.procedure.growth)
    seen = np.flatnonzero(~np.isnan(observed))
    noise = problem.surrogate.covariance[np.ix_(seen, seen)]
    members = problem.prior.draw(problem.stream("ablation"), problem.procedure.ablation_members)
    replicates = range(CHECK_RUN, CHECK_RUN + len(members))

    def run(scores: np.ndarray) -> np.ndarray:
        return expected_row(forward.run(problem.prior.values(scores), replicates))[:, seen]

    fitted = smooth(run, members, observed[seen], noise, STEPS, problem.stream("ablation smoother"))
    outputs = forward.run(problem.prior.values(fitted), replicates)
    mean = expected_row(outputs)[:, seen].mean(0)
    error = observed[seen] - mean
    scores = problem.observations.scores.ravel()
    distance = np.nanmean((cells(outputs.expected).mean(0) - scores) ** 2) ** 0.5
    return {
        "misfit": round(float(error @ np.linalg.solve(noise, error)), 1),
        "rmse": round(float(distance), 2),
        "free_budget": round(float(outputs.free[:, -1].mean()), 2),
        "adopted": round(float(outputs.adopted[:, -1].mean()), 3),
    }


def _effects(
    problem: CalibrationProblem, world: World, scenarios: list[Scenario], values: np.ndarray
) -> dict[str, Any]:
    """Effect of each policy on the mean of six scores at the end, points: mean and P(gain), by kind and overall."""
    end = problem.settings.end
    world = dataclasses.replace(
        world,
        start=end[:4] + "Q1",
        end=end,
        ensemble=Ensemble(problem.prior.paths, values),
        parameter_rows=values,
        recording=Recording(outcomes=False),
    )
    record = simulate(world, scenarios, range(CHECK_RUN, CHECK_RUN + len(values)))
    index = record.true[:, :, -1].mean(-1)
    effects: dict[str, Any] = {}
    for s, scenario in enumerate(scenarios[1:], 1):
        effect = index[s] - index[0]
        by_kind = {kind: effect[:, KINDS.index(kind)] for kind in OUTCOME_KINDS}
        by_kind["all"] = np.mean(list(by_kind.values()), axis=0)
        effects[scenario.name] = {
            kind: {"mean": round(float(value.mean()), 3), "gain": round(float((value > 0).mean()), 3)}
            for kind, value in by_kind.items()
        }
    return effects
