"""What was not fitted: patterns by rules fixed beforehand, and the banks that the report tells of."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from agents.honeycomb import BUILD, ECOSYSTEM, KINDS, ORGANIZATION
from experiments.calibration.fit import CHECK_RUN, CalibrationProblem
from experiments.calibration.forward import Forward
from experiments.calibration.targets import ASKED
from experiments.config.data import read
from experiments.results.statistics import explained, quantile
from model.system import BankingSystem

MORE_SPENDING = 1.25
J_CURVE_YEARS = 8
RUNS, J_RUNS = 64, 32
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
    system, spent = _run(problem.forward, values[:RUNS], 2023)
    rows = []
    for name, rule in problem.procedure.patterns.items():
        draws = _j_curve(problem.forward, values[:J_RUNS]) if name == "j_curve" else STATISTICS[name](system)
        low, middle, high = quantile(draws)
        statistic = float(np.mean(draws) if name == "j_curve" else middle)
        numbers = {"statistic": statistic, "low90": float(low), "high90": float(high)}
        declared = {"unit": rule.unit, "source": rule.source, "false_alarm": rule.false_alarm}
        row = {"pattern": name, **{key: round(number, 3) for key, number in numbers.items()}}
        passed = bool(rule.within[0] <= statistic <= rule.within[1])
        rows.append({**row, "rule": list(rule.within), **declared, "passed": passed})
    return {"patterns": rows, "cases": cases(system, spent)}


def cases(system: BankingSystem, spent: dict[int, tuple[np.ndarray, np.ndarray]]) -> list[dict[str, object]]:
    """Banks that the report tells of, against the banks of their kind in the runs.

    Of an item a story shows, some of the larger half of the kind must have it and some not yet: a story is told of
    those in front. A number must lie within the middle 90 % of the kind.
    """
    tables = ("case_and_green", "spend_and_talent")
    facts = {row["id"]: row for name in tables for row in read(f"source/{name}.csv")}
    rows = []
    for fact, (kind, item, rung) in STORIES.items():
        block = system.banks.rows(kind)
        size = system.banks.assets[block]
        large = np.flatnonzero(size >= np.median(size)) + block.start
        if item == "route":
            share = float((system.model_route[large] == rung).mean())
        else:
            row = system.items.at[item]
            share = float((system.rung[row][large] >= rung)[system.relevant[row][large]].mean())
        rows.append(_case(facts[fact], kind, f"{item} {rung}", share, "share"))
    city = system.banks.rows("city")
    for table, what in ((SPENDING, 0), (GROWTH, 1)):
        for fact, year in table.items():
            place = float((spent[year][what][city] <= float(facts[fact]["value"])).mean())
            rows.append(_case(facts[fact], "city", str(year), place, "place"))
    return rows


def _case(fact: dict[str, str], kind: str, shown: str, value: float, measure: str) -> dict[str, object]:
    text = f"{fact['population']}: {fact['item']} {fact['value']} {fact['unit']}"
    number = {"measure": measure, "model": round(value, 3), "passed": BAND[0] <= value <= BAND[1]}
    return {"id": fact["id"], "told": text, "bank_kind": kind, "shown": shown, **number}


def _run(
    forward: Forward, values: np.ndarray, year: int
) -> tuple[BankingSystem, dict[int, tuple[np.ndarray, np.ndarray]]]:
    """A system at a year's end, and by year the spending over revenue and its growth, percent, of every bank."""
    system = forward.system(values, range(CHECK_RUN, CHECK_RUN + len(values)), year)
    spent, before = {}, system.spend_start
    while system.year < year or system.quarter % 4 < 3:
        system.step()
        if system.quarter % 4 == 3:
            ratio = 25.0 * system.spend / system.revenue
            spent[system.year] = ratio, 100.0 * (system.spend / before - 1.0)
            before = system.spend.copy()
    return system, spent


def _asked(system: BankingSystem) -> np.ndarray:
    return np.flatnonzero(system.banks.surveyed[: system.banks.size])


def _building(system: BankingSystem) -> np.ndarray:
    values: np.ndarray = (system.model_route[_asked(system)] == BUILD).mean(0)
    return values


def _threshold(system: BankingSystem) -> np.ndarray:
    """Share of banks that build among the largest third less that among the smallest third."""
    asked = _asked(system)
    order = asked[np.argsort(system.banks.assets[asked], kind="stable")]
    building, third = system.model_route == BUILD, len(order) // 3
    values: np.ndarray = building[order[-third:]].mean(0) - building[order[:third]].mean(0)
    return values


def _dispersion(system: BankingSystem) -> np.ndarray:
    """Standard deviation within a kind of a bank's score as it would be printed: what it has, and how it answers."""
    style = np.asarray(system.p.style_spread)
    kinds = [system.kind_rows[KINDS.index(kind)] for kind in ASKED]
    spreads = [np.sqrt(system.dims[:, rows].var(1, ddof=1) + style**2) for rows in kinds]
    values: np.ndarray = np.mean(np.concatenate(spreads), axis=0)
    return values


def _correlation(system: BankingSystem, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Over surveyed banks, in each run."""
    asked = _asked(system)
    return np.array([np.corrcoef(first[asked, r], second[asked, r])[0, 1] for r in range(system.rows)])


def _partners(system: BankingSystem) -> np.ndarray:
    number = (system.vendor >= 0).sum(0) + (system.exporter >= 0) + np.minimum(system.allies, 3)
    return _correlation(system, number, system.dims[ECOSYSTEM])


def _people(system: BankingSystem) -> np.ndarray:
    return _correlation(system, np.log(system.staff.sum(0)), system.dims[ORGANIZATION])


def _habit(system: BankingSystem) -> np.ndarray:
    """Part of the variance of the index that the spending habit and size explain, in each run."""
    index, size, habit = (a[_asked(system)] for a in (system.index, system.assets_start, system.habit))
    return np.array(
        [explained(index[:, r], [np.log(size[:, r]), np.log(habit[:, r])]) for r in range(system.rows)]
    )


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
    asked, by_quarter = _asked(system), []
    for _ in range(4 * J_CURVE_YEARS):
        system.step()
        by_quarter.append((system.profit[asked] / system.assets[asked]).mean(0))
    return np.stack(by_quarter).reshape(J_CURVE_YEARS, 4, -1).sum(1).T


STATISTICS: dict[str, Callable[[BankingSystem], np.ndarray]] = {
    "dispersion": _dispersion, "building": _building, "threshold": _threshold, "partners": _partners,
    "people": _people, "habit": _habit,
}  # fmt: skip
