"""Mechanisms taken away one at a time: what each changes in the fit, and in what policies do to their own targets."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np

from agents.honeycomb import DIMENSIONS, KINDS, SMALL_KINDS
from experiments.calibration.fit import CHECK_RUN, CalibrationProblem, Errors, changed, misfit
from experiments.calibration.forward import Forward
from experiments.config import assembly
from model.record import Record
from model.run import simulate
from model.world import Recording, Scenario, World

LAYERS = ("partners", "platforms", "unions", "crowding")
RULES = ("return_maximising", "reinforcement", "uniform")
PEERS, CONTEST = ("peer",), ("contest", "creaming")


def ablations(problem: CalibrationProblem, values: np.ndarray) -> list[dict[str, Any]]:
    """Fit every variant of the model again, and compare in it the policies of the study.

    A mechanism is judged after its absence has been made up for as far as the other numbers can.

    Parameters
    ----------
    problem : CalibrationProblem
    values : ndarray, shape (M, P)
        Members of the ensemble of the whole model, with which policies are compared.
    """
    policies = [assembly.scenario(scenario) for scenario in problem.settings.scenarios]
    chance = problem.errors(problem.forward, problem.targets)
    rows = []
    for name, forward in variants(problem.forward):
        row: dict[str, Any] = {"variant": name, **_fit(problem, forward, chance)}
        if len(policies) > 1:
            row |= _effects(problem, forward, policies, values[: problem.procedure.effect_runs])
        rows.append(row)
    return rows


def variants(whole: Forward) -> list[tuple[str, Forward]]:
    """Name and runs of the whole model and of every variant."""
    switches = vars(whole.world.switches)

    def switched(**on: bool) -> Forward:
        return changed(whole, switches=SimpleNamespace(**{**switches, **on}))

    def without(names: tuple[str, ...]) -> Forward:
        numbers = {**whole.world.common_numbers, **dict.fromkeys(names, 0.0)}
        return dataclasses.replace(changed(whole, common_numbers=numbers), still=names)

    return [
        ("whole", whole),
        *((f"no_{layer}", switched(**{layer: False})) for layer in LAYERS),
        ("no_network", switched(**dict.fromkeys(LAYERS, False))),
        ("rewired", switched(rewired=True)),
        ("no_peers", without(PEERS)),
        ("no_contest", without(CONTEST)),
        *((rule, changed(whole, allocation=rule)) for rule in RULES),
    ]


def _fit(problem: CalibrationProblem, forward: Forward, errors: Errors) -> dict[str, Any]:
    """Fit a variant from the same prior and chance, and say how far it then lies from what is printed."""
    targets = problem.targets
    members = problem.posterior("ablation", targets, forward, problem.procedure.ablation_runs, errors)
    outputs = problem.run(forward, members, CHECK_RUN)
    items = np.intersect1d(targets.of("items"), targets.seen)
    missed = float(np.abs(targets.values - outputs.mean(0))[items].mean())
    return {"misfit": misfit(targets, errors, targets.seen, outputs), "items": round(missed, 2)}


def _effects(
    problem: CalibrationProblem, forward: Forward, scenarios: list[Scenario], values: np.ndarray
) -> dict[str, object]:
    """Effect of each policy on its declared target and on the index, at the end: mean and P(gain)."""
    ensemble = forward.moved(values)
    end, rows = problem.settings.end, ensemble.members
    world = dataclasses.replace(forward.world, start=f"{end[:4]}Q1", end=end, recording=Recording())
    world = dataclasses.replace(world, ensemble=ensemble, parameter_rows=rows)
    record = simulate(world, scenarios, range(CHECK_RUN, CHECK_RUN + len(values)))
    effects = {}
    for s, scenario in enumerate(scenarios[1:], 1):
        target = next((policy.target for policy in scenario.policies if policy.target), None)
        aims = {"index": record.outcomes["like_for_like"][..., -1, -1]}
        if target:
            aims["target"] = reached(record, world, target)
        row: dict[str, Any] = {"aim": target.outcome if target else ""}
        for word, level in aims.items():
            gain = level[s] - level[0]
            row[word] = {"mean": round(float(gain.mean()), 3), "gain": round(float((gain > 0).mean()), 3)}
        effects[scenario.name] = row
    return {"effects": effects}


def reached(record: Record, world: World, target: Any) -> np.ndarray:
    """The outcome that a policy aims at, at the end, shape (S, R)."""
    place = -1 if target.kind == "all" else KINDS.index(target.kind)
    if target.outcome in DIMENSIONS:
        scores = record.true[:, :, -1, :, DIMENSIONS.index(target.outcome)]
        number = [int((record.bank_kind == kind).sum()) * (kind in SMALL_KINDS) for kind in KINDS]
        levels = np.nansum(scores * number, -1, keepdims=True) / sum(number) if place < 0 else scores
    elif target.outcome.startswith("item:"):
        name = target.outcome.removeprefix("item:")
        levels = record.item(name, world.items.items[world.items.at[name]].rungs)[..., -1, :]
    else:
        levels = record.outcomes[target.outcome][..., -1, :]
    reached: np.ndarray = levels[..., place]
    return reached
