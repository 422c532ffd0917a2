"""The fit done again: on surveys whose truth is known, and on a model without one mechanism at a time.

The intervals of the first must hold the truth as they say. Of the second is told what the mechanism changes in the fit,
and in what policies do to their own targets.
"""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy.stats import kstest

from agents.honeycomb import DIMENSIONS, KINDS, SMALL_KINDS
from experiments.calibration.fit import CHECK_RUN, CalibrationProblem, Errors, changed, misfit
from experiments.calibration.forward import Forward
from experiments.config import assembly
from experiments.results.statistics import CRITICAL, standard_error
from model.record import Record
from model.run import simulate
from model.world import Recording, Scenario, World

FALSE_ALARM = 0.01
LEVELS = {"coverage_50": 0.5, "coverage_90": 0.9}
LAYERS = ("partners", "platforms", "unions", "crowding")
RULES = ("return_maximising", "reinforcement", "uniform")
PEERS, CONTEST = ("peer",), ("contest", "creaming")


def recovery(problem: CalibrationProblem) -> dict[str, object]:
    """Fit synthetic surveys and count how often the intervals hold the truth.

    Truths come from the prior; each is run through the model and printed with the survey's errors.

    Returns
    -------
    dict
        Ranks, tests and coverage by parameter, as plain data.
    """
    procedure, targets, forward = problem.procedure, problem.targets, problem.forward
    stream, errors = problem.stream("recovery"), problem.errors(forward, targets)
    truths = problem.prior.draw(stream, procedure.truths)
    printed = problem.run(forward, truths, CHECK_RUN)
    printed = printed + stream.standard_normal(printed.shape) @ np.linalg.cholesky(targets.covariance).T
    places = []
    for number, (truth, observed) in enumerate(zip(truths, printed, strict=True)):
        name, runs = f"truth {number}", procedure.truth_runs
        members = problem.posterior(name, targets, forward, runs, errors, observed)
        places.append((members < truth).mean(0))
    return judged(problem.prior.paths, np.array(places), procedure.truth_runs)


def judged(paths: tuple[str, ...], places: np.ndarray, members: int) -> dict[str, Any]:
    """Coverage and uniformity of the places of truths among posterior members, shape (truths, P), 0-1."""
    apart = np.abs(places - 0.5)
    rows = [
        {
            "parameter": path,
            "p_uniform": round(float(kstest(places[:, k], "uniform").pvalue), 4),
            **{key: round(float((apart[:, k] <= 0.5 * level).mean()), 3) for key, level in LEVELS.items()},
            "places": np.round(places[:, k], 3).tolist(),
        }
        for k, path in enumerate(paths)
    ]
    smallest = min(row["p_uniform"] for row in rows)
    facts: dict[str, Any] = {
        "truths": len(places),
        "members": members,
        "parameters": rows,
        "smallest_p": smallest,
        "threshold": round(FALSE_ALARM / len(rows), 5),
        "uniform": bool(smallest >= FALSE_ALARM / len(rows)),
    }
    for key, level in LEVELS.items():  # parameters of a survey share its errors: surveys are what is counted
        held = (apart <= 0.5 * level).mean(1)
        error = CRITICAL * standard_error(held)
        facts[key] = round(float(held.mean()), 3)
        facts[f"{key}_interval"] = np.round([held.mean() - error, held.mean() + error], 3).tolist()
    return facts


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
