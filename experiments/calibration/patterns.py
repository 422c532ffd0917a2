"""Patterns that were not fitted: whether the calibrated model shows them, by rules fixed beforehand."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from agents.honeycomb import APPLICATION, BUILD, DIMENSION_OF, DIMENSIONS, NEW_TECHNOLOGY, WAIT
from experiments.calibration.forward import ASKED, SPEND_EDGES, STAFF_EDGES, binned
from experiments.calibration.problem import CHECK_RUN, CalibrationProblem
from experiments.config.data import read
from model import calendar
from model.system import BankingSystem
from model.world import Ensemble, Recording, World

BANKS_ASKED = 80
MORE_SPENDING = 1.25
J_CURVE_YEARS = 8
RUNS, J_RUNS = 128, 48


def patterns(problem: CalibrationProblem, values: np.ndarray) -> list[dict[str, Any]]:
    """Hold runs of the ensemble to every pattern of the configuration.

    Parameters
    ----------
    problem : CalibrationProblem
    values : ndarray, shape (M, P)
        Members of the ensemble; the first ones are run.

    Returns
    -------
    list of dict
        Name, statistic with its 90 percent interval over runs, rule, whether it passes, false-alarm rate.
    """
    system = _run(problem.forward.world, problem, values[:RUNS], "2023Q4")
    rows = []
    for name, rule in problem.procedure.patterns.items():
        values_of_runs = _j_curve(problem, values[:J_RUNS]) if name == "j_curve" else STATISTICS[name](system)
        low, middle, high = np.quantile(values_of_runs, [0.05, 0.5, 0.95])
        statistic = float(np.mean(values_of_runs)) if name == "j_curve" else float(middle)
        rows.append(
            {
                "pattern": name,
                "statistic": round(statistic, 3),
                "low90": round(float(low), 3),
                "high90": round(float(high), 3),
                "rule": list(rule.within),
                "unit": rule.unit,
                "source": rule.source,
                "false_alarm": rule.false_alarm,
                "passed": bool(rule.within[0] <= statistic <= rule.within[1]),
            }
        )
    return rows


def _run(world: World, problem: CalibrationProblem, values: np.ndarray, end: str) -> BankingSystem:
    world = dataclasses.replace(
        world,
        start="2020Q1",
        end=end,
        ensemble=Ensemble(problem.prior.paths, values),
        parameter_rows=values,
        recording=Recording(outcomes=False),
    )
    system = BankingSystem(world, [problem.forward.scenario], range(CHECK_RUN, CHECK_RUN + len(values)))
    system.run_for(calendar.index(end) + 1)
    return system


def _asked(system: BankingSystem) -> np.ndarray:
    return np.flatnonzero(system.population.surveyed)


def _chi_square(shares: np.ndarray, ids: tuple[str, ...]) -> np.ndarray:
    """Distance of the ensemble's mean shares to printed ones, as a test on 80 banks; one number."""
    facts = {
        row["id"]: float(row["value"]) / 100.0
        for row in read("source/spend_and_talent.csv")
        if row["id"] in ids
    }
    printed = np.array([facts[name] for name in ids])
    mean = np.maximum(shares.mean(0), 1e-3)
    return np.array([BANKS_ASKED * ((printed - mean) ** 2 / mean).sum()])


def _spending(system: BankingSystem) -> np.ndarray:
    shares = binned(system.columns["spend_ratio"][:, _asked(system)], SPEND_EDGES)
    return _chi_square(shares, ("T001", "T002", "T003", "T004"))


def _staff(system: BankingSystem) -> np.ndarray:
    staff = system.columns["staff"][:, :, _asked(system)]
    shares = binned(staff[0] + staff[1] + staff[2], STAFF_EDGES)
    return _chi_square(shares, ("T006", "T007", "T008", "T009", "T010"))


def _building(system: BankingSystem) -> np.ndarray:
    values: np.ndarray = (system.columns["route"][:, _asked(system)] == BUILD).mean(-1)
    return values


def _adoption(system: BankingSystem) -> np.ndarray:
    values: np.ndarray = (system.columns["route"][:, _asked(system)] != WAIT).mean(-1)
    return values


def _threshold(system: BankingSystem) -> np.ndarray:
    """Share of banks that build among the largest third less that among the smallest third."""
    asked = _asked(system)
    order = asked[np.argsort(system.population.assets[asked], kind="stable")]
    building = system.columns["route"] == BUILD
    third = len(order) // 3
    values: np.ndarray = building[:, order[-third:]].mean(-1) - building[:, order[:third]].mean(-1)
    return values


def _union(system: BankingSystem) -> np.ndarray:
    """Share of rural banks that pay their union more than all other partners together."""
    rows, columns = system.population.rows("rural"), system.columns
    others = sum(columns[f"{layer}_fee"][:, rows] for layer in ("vendor", "export", "alliance"))
    return (columns["union_fee"][:, rows] > others).mean(-1)


def _dispersion(system: BankingSystem) -> np.ndarray:
    """Standard deviation of a bank's surveyed score within its kind: capability, style, and the ladder's own chance."""
    numbers = system.world.questionnaire
    seen = np.clip(system.columns["indicators"], 0.0, 1.0)
    ladder = 0.25 * ((2.0 * seen - seen**2) + 3.0 * seen**2) - seen**2
    spreads = []
    for kind in ASKED:
        rows = system.population.reported_rows(kind)
        for d in range(len(DIMENSIONS)):
            parts = [
                k for k in np.flatnonzero(d == DIMENSION_OF) if not (d == APPLICATION and k == NEW_TECHNOLOGY)
            ]
            level = seen[parts][..., rows].mean(0)
            chance = ladder[parts][..., rows].mean(0).mean(-1) / (numbers.items * len(parts))
            spreads.append(np.sqrt(level.var(-1, ddof=1) + chance + numbers.style_spread**2))
    mean: np.ndarray = 100.0 * np.mean(spreads, axis=0)
    return mean


def _free_budget(system: BankingSystem) -> np.ndarray:
    asked = _asked(system)
    return (system.columns["change"][:, asked] / system.columns["budget"][:, asked]).mean(-1)


def _j_curve(problem: CalibrationProblem, values: np.ndarray) -> np.ndarray:
    """In which runs profit falls at first, and later recovers, when small and medium banks spend a quarter more.

    Both worlds have the same chance; the difference is taken of profit over assets, year by year.
    """
    world = problem.forward.world
    kinds = {kind: dict(numbers) for kind, numbers in world.kind_numbers.items()}
    for kind in ASKED:
        kinds[kind]["spend_ratio"] = kinds[kind]["spend_ratio"] * MORE_SPENDING
    worlds = (world, dataclasses.replace(world, kind_numbers=kinds))
    base, more = (_profits(one, problem, values) for one in worlds)
    gain = more - base
    lowest = gain.argmin(1)
    last = gain[:, -1] > gain.min(1)
    result: np.ndarray = ((gain[:, 0] < 0.0) & (lowest <= 3) & last).astype(float)
    return result


def _profits(world: World, problem: CalibrationProblem, values: np.ndarray) -> np.ndarray:
    """Mean profit over assets of small and medium banks by year, shape (R, years)."""
    end = f"{2020 + J_CURVE_YEARS - 1}Q4"
    world = dataclasses.replace(
        world,
        end=end,
        ensemble=Ensemble(problem.prior.paths, values),
        parameter_rows=values,
        recording=Recording(outcomes=False),
    )
    system = BankingSystem(world, [problem.forward.scenario], range(CHECK_RUN, CHECK_RUN + len(values)))
    asked, by_year = _asked(system), []
    for _ in range(J_CURVE_YEARS):
        year = np.zeros(len(values))
        for _ in range(4):
            system.run_for(1)
            year = year + (system.columns["profit"][:, asked] / system.columns["assets"][:, asked]).mean(-1)
        by_year.append(year)
    return np.stack(by_year, axis=1)


STATISTICS: dict[str, Callable[[BankingSystem], np.ndarray]] = {
    "spending": _spending,
    "staff": _staff,
    "building": _building,
    "adoption": _adoption,
    "threshold": _threshold,
    "union": _union,
    "dispersion": _dispersion,
    "free_budget": _free_budget,
}
