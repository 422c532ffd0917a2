"""What was not fitted: patterns by rules fixed beforehand, and the banks that the report tells of."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from agents.honeycomb import BUILD
from experiments.calibration.fit import CHECK_RUN, CalibrationProblem
from experiments.calibration.forward import Forward
from experiments.calibration.measures import (
    MEASURES,
    Run,
    habit_and_size,
    partners_ecosystem,
    people_organization,
)
from experiments.calibration.targets import ASKED
from experiments.config.data import read
from experiments.results.statistics import quantile

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


def _case(fact: dict[str, str], kind: str, shown: str, value: float, measure: str) -> dict[str, object]:
    text = f"{fact['population']}: {fact['item']} {fact['value']} {fact['unit']}"
    number = {"measure": measure, "model": round(value, 3), "passed": BAND[0] <= value <= BAND[1]}
    return {"id": fact["id"], "told": text, "bank_kind": kind, "shown": shown, **number}


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
    asked, by_quarter = np.flatnonzero(system.banks.surveyed[: system.banks.size]), []
    for _ in range(4 * J_CURVE_YEARS):
        system.step()
        by_quarter.append((system.profit[asked] / system.assets[asked]).mean(0))
    return np.stack(by_quarter).reshape(J_CURVE_YEARS, 4, -1).sum(1).T
