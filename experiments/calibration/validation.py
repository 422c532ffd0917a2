"""Validation of the fit: patterns that were not fitted, surveys whose truth is known, and mechanisms taken away.

Patterns have rules fixed beforehand, and so have the banks that the report tells of. Of surveys made from known numbers
the intervals must hold the truth as they say. Of a model without one mechanism is told what that changes in the fit,
and in what policies do to their own targets.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Final

import numpy as np
from scipy.stats import kstest

from agents.honeycomb import BUILD, DIMENSIONS, KINDS
from experiments.calibration.fit import CHECK_RUN, CalibrationProblem, Errors, changed, misfit
from experiments.calibration.measures import (
    MEASURES,
    Run,
    habit_and_size,
    partners_ecosystem,
    people_organization,
)
from experiments.calibration.targets import ASKED, Forward
from experiments.config import assembly
from experiments.config.data import read
from experiments.results.schema import better
from experiments.results.statistics import CRITICAL, probability, quantile, standard_error
from model.record import Record
from model.run import simulate
from model.world import Recording, Scenario, World

MORE_SPENDING = 1.25
J_CURVE_YEARS = 8
RUNS, J_RUNS = 64, 32
YEAR: Final = 2023
# Banks that chapters 2 to 5 tell of: kind, and the item and rung that the story shows, or the number it gives.
STORIES: Final = {
    "K001": ("city", "training", 1), "K007": ("city", "route", BUILD), "K008": ("rural", "warning", 2),
    "K010": ("rural", "core_network", 2), "K011": ("city", "platform", 2), "K012": ("city", "government", 2),
    "K014": ("city", "scenes", 2), "K015": ("rural", "livelihood", 2), "K028": ("city", "green_lending", 1),
    "K049": ("rural", "green_lending", 1),
}  # fmt: skip
SPENDING: Final = {"T013": 2022, "T016": 2022, "T022": 2022}  # percent of revenue
GROWTH: Final = {"T014": 2022, "T017": 2022, "T018": 2021, "T019": 2021, "T020": 2021}  # percent a year
BAND = (0.05, 0.95)


def patterns(problem: CalibrationProblem, values: np.ndarray) -> dict[str, Any]:
    """Hold runs of the ensemble to every pattern of the configuration, and to the banks the report tells of.

    Parameters
    ----------
    problem : CalibrationProblem
    values : ndarray, shape (M, P)
        Members of the ensemble; the first ones are run.
    """
    forward, runs = problem.forward, range(CHECK_RUN, CHECK_RUN + len(values[:RUNS]))
    run = Run(forward.at(values[:RUNS], YEAR), forward.scenario, runs, f"{YEAR}Q4", changed=False, gone=True)
    rows = []
    for name, rule in problem.procedure.patterns.items():
        draws = _j_curve(forward, values[:J_RUNS]) if name == "j_curve" else STATISTICS[name](run)
        low, middle, high = quantile(draws)
        statistic = float(np.mean(draws) if name == "j_curve" else middle)
        numbers = {"statistic": statistic, "low90": float(low), "high90": float(high)}
        declared = {"unit": rule.unit, "source": rule.source, "false_alarm": rule.false_alarm}
        row = {"pattern": name, **{key: round(number, 3) for key, number in numbers.items()}}
        passed = bool(rule.within[0] <= statistic <= rule.within[1])
        rows.append({**row, "rule": list(rule.within), **declared, "passed": passed})
    return {"patterns": rows, "cases": cases(run)}


def cases(run: Run) -> list[dict[str, object]]:
    """Banks that the report tells of, against the banks of their kind in the runs.

    Of an item a story shows, some of the larger half of the kind must have it and some not yet: a story is told of
    those in front. A number must lie within the middle 90 % of the kind.
    """
    tables = ("case_and_green", "spend_and_talent")
    facts = {row["id"]: row for name in tables for row in read(f"source/{name}.csv")}
    rows = []
    for fact, (kind, item, rung) in STORIES.items():
        block = run.who(kind)
        size = run.system.banks.assets[block]
        large = block[size >= np.median(size)]
        if item == "route":
            share = float((run.at("model_route", YEAR)[large] == rung).mean())
        else:
            relevant = run.system.relevant[run.system.items.at[item]][large]
            share = float(run.item(item, rung, YEAR)[large][relevant].mean())
        rows.append(_case(facts[fact], kind, f"{item} {rung}", share, "share"))
    city = run.who("city")
    for fact, year in (SPENDING | GROWTH).items():
        growth = 100.0 * (run.at("spend", year) / run.at("spend", year - 1) - 1.0)
        numbers = run.ratio(year) if fact in SPENDING else growth
        place = float((numbers[city] <= float(facts[fact]["value"])).mean())
        rows.append(_case(facts[fact], "city", str(year), place, "place"))
    return rows


def _case(fact: dict[str, str], kind: str, printed: str, value: float, measure: str) -> dict[str, object]:
    text = f"{fact['population']}: {fact['item']} {fact['value']} {fact['unit']}"
    number = {"measure": measure, "model": round(value, 3), "passed": BAND[0] <= value <= BAND[1]}
    return {"id": fact["id"], "told": text, "bank_kind": kind, "shown": printed, **number}


def _dispersion(run: Run) -> np.ndarray:
    """Standard deviation within a kind of a bank's score as it would be printed: what it has, and how it answers."""
    style, dims = np.asarray(run.system.p.style_spread), run.at("dims", YEAR)
    spreads = [np.sqrt(dims[:, run.who(kind)].var(1, ddof=1) + style**2) for kind in ASKED]
    return np.asarray(np.mean(np.concatenate(spreads), axis=0))


STATISTICS: Final[dict[str, Callable[[Run], np.ndarray]]] = {
    "dispersion": _dispersion,
    "building": lambda run: 0.01 * MEASURES["models_built"](run),
    "threshold": lambda run: 0.01 * MEASURES["large_build_first"](run),
    "partners": lambda run: partners_ecosystem(run, YEAR),
    "people": lambda run: people_organization(run, YEAR),
    "habit": lambda run: 0.01 * habit_and_size(run, YEAR),
}


def _j_curve(forward: Forward, values: np.ndarray) -> np.ndarray:
    """In which runs profit falls at first, and later recovers, when small and medium banks spend a quarter more.

    Both worlds have the same chance; the difference is taken of profit over assets, year by year.
    """
    kinds = {kind: dict(numbers) for kind, numbers in forward.world.kind_numbers.items()}
    for kind in ASKED:
        kinds[kind]["spend_ratio"] = kinds[kind]["spend_ratio"] * MORE_SPENDING
    world = dataclasses.replace(forward.world, kind_numbers=kinds)
    base, more = (_profits(runs, values) for runs in (forward, dataclasses.replace(forward, world=world)))
    gain = more - base
    result: np.ndarray = (gain[:, 0] < 0.0) & (gain.argmin(1) <= 3) & (gain[:, -1] > gain.min(1))
    return result.astype(float)


def _profits(forward: Forward, values: np.ndarray) -> np.ndarray:
    """Mean profit over assets of small and medium banks by year, shape (R, years)."""
    system = forward.system(values, range(CHECK_RUN, CHECK_RUN + len(values)), 2020 + J_CURVE_YEARS - 1)
    surveyed, by_quarter = np.flatnonzero(system.banks.surveyed[: system.banks.size]), []
    for _ in range(4 * J_CURVE_YEARS):
        system.step()
        by_quarter.append((system.profit[surveyed] / system.mean_assets[surveyed]).mean(0))
    return np.stack(by_quarter).reshape(J_CURVE_YEARS, 4, -1).sum(1).T


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
        share = (apart <= 0.5 * level).mean(1)
        error = CRITICAL * standard_error(share)
        facts[key] = round(float(share.mean()), 3)
        facts[f"{key}_interval"] = np.round([share.mean() - error, share.mean() + error], 3).tolist()
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
    items = np.intersect1d(targets.of("items"), targets.observed_places)
    missed = float(np.abs(targets.values - outputs.mean(0))[items].mean())
    return {"misfit": misfit(targets, errors, targets.observed_places, outputs), "items": round(missed, 2)}


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
        aims = {"index": ("index", record.outcomes["like_for_like"][..., -1, -1])}
        if target:
            aims["target"] = (target.outcome, reached(record, world, target))
        row: dict[str, Any] = {"aim": target.outcome if target else ""}
        row |= {word: gained(outcome, level[s] - level[0]) for word, (outcome, level) in aims.items()}
        effects[scenario.name] = row
    return {"effects": effects}


def gained(outcome: str, effect: np.ndarray) -> dict[str, float]:
    """Mean effect on an outcome, shape (runs,), and how often it is for the better, a run without any counting half."""
    return {"mean": round(float(effect.mean()), 3), "gain": round(probability(better(outcome) * effect), 3)}


def reached(record: Record, world: World, target: Any) -> np.ndarray:
    """The outcome that a policy aims at, at the end, shape (S, R)."""
    place = -1 if target.kind == "all" else KINDS.index(target.kind)
    if target.outcome in DIMENSIONS:
        scores = record.small if place < 0 else record.true[:, :, :, place]
        return np.asarray(scores[:, :, -1, DIMENSIONS.index(target.outcome)])
    if target.outcome.startswith("item:"):
        name = target.outcome.removeprefix("item:")
        levels = record.item(name, world.items.items[world.items.at[name]].rungs)[..., -1, :]
    else:
        levels = record.outcomes[target.outcome][..., -1, :]
    reached: np.ndarray = levels[..., place]
    return reached
