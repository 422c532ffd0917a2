"""The model as calibration sees it: one parameter vector a replicate in, what the survey would print out."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agents.honeycomb import DIMENSIONS, KINDS
from experiments.calibration.targets import ITEMS_YEAR, Targets
from model import calendar
from model.system import BankingSystem
from model.world import Ensemble, Recording

if TYPE_CHECKING:
    from model.record import Record
    from model.world import Scenario, World


@dataclass(frozen=True)
class Forward:
    """Runs of one scenario to the last edition.

    Parameters
    ----------
    world : World
        Its ensemble is set aside.
    scenario : Scenario
    paths : tuple of str
        Names of the parameters.
    targets : Targets
        What is measured.
    still : tuple of str
        Numbers of behaviour that keep the world's value whatever the parameters say.
    """

    world: World
    scenario: Scenario
    paths: tuple[str, ...]
    targets: Targets
    still: tuple[str, ...] = ()

    def __call__(self, values: np.ndarray, replicates: Sequence[int]) -> np.ndarray:
        """Run each parameter vector once; what every target would read without the survey's error, (R, targets)."""
        seen = self.seen(values, replicates)
        return np.stack([seen[name] for name in self.targets.names], axis=1)

    def seen(self, values: np.ndarray, replicates: Sequence[int]) -> dict[str, np.ndarray]:
        """Everything that a target could read, by name, (R,)."""
        system = self.system(values, replicates, max(*self.targets.years, ITEMS_YEAR))
        asked, seen, first = np.flatnonzero(system.banks.surveyed[: system.banks.size]), {}, np.zeros(0)
        for quarter in range(calendar.index(system.world.end) + 1):
            system.step()
            if not calendar.last_of_year(quarter):
                continue
            spend, revenue = system.spend[asked], 4.0 * system.revenue[asked]
            for bar in (2, 5, 10):
                seen[f"spend.{bar}.{system.year}"] = 100.0 * (spend >= 0.01 * bar * revenue).mean(0)
            if system.year == calendar.FIRST_YEAR:
                first = spend.copy()
            if system.year == ITEMS_YEAR:
                staff, years = system.staff.sum(0)[asked], system.year - calendar.FIRST_YEAR
                for bar in (1, 5, 10, 30):
                    seen[f"staff.{bar}"] = 100.0 * (staff >= 0.01 * bar).mean(0)
                seen["growth"] = 100.0 * np.log(spend / first).mean(0) / years
                seen["running"] = 100.0 * ((system.run + system.fees)[asked] / spend).mean(0)
        return seen | _of_record(system.recorder.finish())

    def system(self, values: np.ndarray, replicates: Sequence[int], year: int) -> BankingSystem:
        """A system with one parameter vector a replicate, before its first quarter."""
        return BankingSystem(self.at(values, year), [self.scenario], replicates)

    def at(self, values: np.ndarray, year: int) -> World:
        """The world of one parameter vector a replicate, to the end of a year."""
        ensemble, kept = self.moved(values), Recording(outcomes=False)
        world = dataclasses.replace(self.world, start="2020Q1", end=f"{year}Q4", recording=kept)
        return dataclasses.replace(world, ensemble=ensemble, parameter_rows=ensemble.members)

    def moved(self, values: np.ndarray) -> Ensemble:
        """The parameters without those that stand still."""
        return Ensemble(self.paths, values).only(
            p for p in self.paths if p.rpartition(".")[2] not in self.still
        )


def _of_record(record: Record) -> dict[str, np.ndarray]:
    """True scores by edition, shares of banks on each rung when they are printed, and their change over that year."""
    assert record.items is not None
    seen = {}
    for year in record.years:
        place = record.quarters.index(f"{year}Q4")
        for k, kind in enumerate(KINDS):
            for d, dimension in enumerate(DIMENSIONS):
                seen[f"score.{kind}.{dimension}.{year}"] = record.true[0, :, place, k, d]
    place = record.years.index(ITEMS_YEAR)
    last, before = record.items[0, :, place], record.items[0, :, place - 1]
    for place, (item, rung) in enumerate(record.levels):
        seen[f"item.{item}.{rung}.all"] = last[:, -1, place]
        seen[f"change.{item}.{rung}"] = last[:, -1, place] - before[:, -1, place]
        for k, kind in enumerate(KINDS):
            seen[f"item.{item}.{rung}.{kind}"] = last[:, k, place]
    return seen
