"""Targets of the fit: what the survey prints of scores, items, spending and staff, and what the model would print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from agents.honeycomb import DIMENSIONS, KINDS, SMALL_KINDS, SPENDING
from experiments.config import series
from experiments.config.data import items, read
from experiments.location import DATA
from model import calendar
from model.system import BankingSystem
from model.world import Ensemble, Recording

if TYPE_CHECKING:
    from model.record import Record
    from model.world import Scenario, World


SCORES: Final = DATA / "source" / "scores.csv"
ASKED: Final = SMALL_KINDS  # the kinds that the survey reports, in the order of every array
BLOCKS: Final = ("scores", "items", "changes", "spending", "staff", "money")
SAMPLING: Final = {"city": 2.9, "rural": 4.3, "private": 7.6}  # of a kind's mean score, points (Z002-Z004)
# An edition shakes a dimension by so many points, private banks less (Z009); a dimension's level is free.
SHAKE: Final = {"city": 5.0, "rural": 5.0, "private": 1.5}
OFFSET: Final = 20.0
ITEMS_YEAR: Final = 2023  # the edition that prints its items
MISS: Final = 4.0  # points by which the model may miss a printed share of banks beyond chance
CHANGE_MISS: Final = 7.0  # sampling error of a printed change, points (Y004-Y022)
# Who prints a dozen changes prints risers: a change is taken at 0.7 of its size, give or take 0.2, for all alike.
PRINTED, PRINTED_SPREAD = 0.7, 0.2
# Printed changes of 2022-23: item and rung. The departments for technology (83.6 to 98.8 %) are left out: no chance of
# a year makes such a jump, so that the question was probably read differently.
CHANGES: Final = {
    "Y004": "goals.1", "Y007": "cocreation.1", "Y009": "data_mart.1", "Y011": "marketing.1", "Y013": "compliance.2",
    "Y015": "use_business.1", "Y017": "use_control.1", "Y019": "grading.1", "Y021": "government.1", "Y022": "fintech.2",
}  # fmt: skip
# Levels printed by kind: item and rung, kind, percent of banks (O010-O011; O040-O043, less those that have none; D041
# of the 22 rural banks, X024).
BY_KIND: Final = {
    "evaluation.1.city": 67.0, "evaluation.1.rural": 59.0, "incentives.1.city": 40.8, "incentives.1.rural": 36.4,
    "background.1.city": 49.0, "background.1.rural": 40.9, "union.2.rural": 40.9,
}  # fmt: skip
TWO_PERCENT, BINS, STAFF = "P082", ("T003", "T004"), ("T007", "T008", "T009", "T010")
GROWTH, GROWTH_MISS = 12.0, 3.0  # of technology spending, percent a year (P079; T014-T020)
RUNNING, RUNNING_MISS = 65.0, 6.0  # running over technology spending, percent (P084)


class Target(NamedTuple):
    """A printed number: name, block, edition that prints it, value (NaN: unknown), own standard error."""

    name: str
    block: str
    year: int
    value: float
    error: float


@dataclass(frozen=True)
class Targets:
    """Printed numbers, in the order of every row of outputs, with the covariance of their errors."""

    rows: tuple[Target, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names: ``score.city.data.2023``, ``item.scoring.1.all``, ``change.goals.1``, ``spend.2.2023``, ..."""
        return tuple(row.name for row in self.rows)

    @cached_property
    def values(self) -> np.ndarray:
        """Printed values, NaN where there is none."""
        return np.array([row.value for row in self.rows])

    @cached_property
    def observed_places(self) -> np.ndarray:
        """Places of known values."""
        return np.flatnonzero(~np.isnan(self.values))

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Editions whose scores are asked for."""
        return tuple(sorted({row.year for row in self.rows if row.block == "scores"}))

    def of(self, block: str) -> np.ndarray:
        """Places of a block's targets."""
        return np.array([k for k, row in enumerate(self.rows) if row.block == block], int)

    def until(self, year: int) -> Targets:
        """The same with everything that a later edition prints unknown."""
        return Targets(tuple(r if r.year <= year else r._replace(value=np.nan) for r in self.rows))

    def scores(self, values: np.ndarray) -> np.ndarray:
        """The scores in a row of outputs, shape (..., years, 3, 6)."""
        shape = (*values.shape[:-1], len(self.years), len(ASKED), len(DIMENSIONS))
        return values[..., self.of("scores")].reshape(shape)

    @cached_property
    def offsets(self) -> np.ndarray:
        """Covariance that scores of one dimension share for good, since the report's level is not its items'."""
        return self._shared(dict.fromkeys(ASKED, OFFSET), lasting=True)

    @cached_property
    def covariance(self) -> np.ndarray:
        """Covariance of the printed values about what the model expects, the model's own chance aside."""
        covariance: np.ndarray = np.diag([row.error**2 for row in self.rows]) + self.offsets
        covariance += self._shared(SHAKE, lasting=False)
        changes = self.of("changes")
        size = np.nan_to_num(self.values[changes] / PRINTED)
        covariance[np.ix_(changes, changes)] += PRINTED_SPREAD**2 * np.outer(size, size)
        return covariance

    def _shared(self, load: Mapping[str, float], lasting: bool) -> np.ndarray:
        """What scores of a dimension share, of one edition or of all."""
        covariance: np.ndarray = np.zeros((len(self.rows), len(self.rows)))
        places = self.of("scores")
        words = [self.rows[k].name.split(".") for k in places]
        group = np.array([word[2] if lasting else ".".join(word[2:]) for word in words])
        loads = np.array([load[word[1]] for word in words])
        covariance[np.ix_(places, places)] = (group[:, None] == group) * np.outer(loads, loads)
        return covariance


def read_targets(source: Path | Mapping[str, object] | None = None) -> Targets:
    """Read every target.

    Parameters
    ----------
    source : Path or mapping, optional
        Table of scores with the columns bank_type, dimension, year, score, or the scores themselves by kind, dimension
        and year; the shipped table by default. A cell that is missing is not used; years may be added.

    Raises
    ------
    ConfigError
        With every cell that cannot be used, by line and column.
    """
    source = SCORES if source is None else source
    given = series.scores(source)
    years = sorted({int(y) for dimensions in given.values() for cells in dimensions.values() for y in cells})
    scores = [
        Target(f"score.{kind}.{d}.{year}", "scores", year, value, SAMPLING[kind])
        for year in range(years[0], years[-1] + 1)
        for kind in ASKED
        for d in DIMENSIONS
        for value in [{int(y): v for y, v in given.get(kind, {}).get(d, {}).items()}.get(year, np.nan)]
    ]
    return Targets((*scores, *_of_2023()))


def _of_2023() -> Iterator[Target]:
    """What the edition of 2023 prints beside its scores, and the spending of two editions before."""
    tables = ("survey_shares", "item_changes", "spend_and_talent", "public_facts")
    facts = {row["id"]: row["value"] for name in tables for row in read(f"source/{name}.csv")}
    for item in items():
        if (
            item.family == SPENDING or item.focus
        ):  # spending is fitted by its bins; a focus is not asked of all
            continue
        for rung, (share, basis) in enumerate(zip(item.shares, item.basis, strict=True), 1):
            if basis == "p" and item.id != "union":
                yield Target(f"item.{item.id}.{rung}.all", "items", 2023, 100.0 * share, MISS)
    for name, value in BY_KIND.items():
        yield Target(f"item.{name}", "items", 2023, value, MISS)
    for fact, name in CHANGES.items():
        yield Target(f"change.{name}", "changes", 2023, PRINTED * float(facts[fact]), CHANGE_MISS)
    for year, text in zip((2021, 2022, 2023), facts[TWO_PERCENT].split("/"), strict=True):
        yield Target(f"spend.2.{year}", "spending", year, float(text), MISS)
    for bars, block, bins, word in (
        ((5, 10), "spending", BINS, ".2023"),
        ((1, 5, 10, 30), "staff", STAFF, ""),
    ):
        above = np.cumsum([float(facts[name]) for name in reversed(bins)])[::-1]
        for bar, share in zip(bars, above, strict=True):
            yield Target(f"{'spend' if word else 'staff'}.{bar}{word}", block, 2023, float(share), MISS)
    yield Target("growth", "money", 2023, GROWTH, GROWTH_MISS)
    yield Target("running", "money", 2020, RUNNING, RUNNING_MISS)


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
        outputs = self.observables(values, replicates)
        return np.stack([outputs[name] for name in self.targets.names], axis=1)

    def observables(self, values: np.ndarray, replicates: Sequence[int]) -> dict[str, np.ndarray]:
        """Everything that a target could read, by name, (R,)."""
        system = self.system(values, replicates, max(*self.targets.years, ITEMS_YEAR))
        surveyed, outputs, first = np.flatnonzero(system.banks.surveyed[: system.banks.size]), {}, np.zeros(0)
        for quarter in range(calendar.index(system.world.end) + 1):
            system.step()
            if not calendar.last_of_year(quarter):
                continue
            spend, revenue = system.spend[surveyed], 4.0 * system.revenue[surveyed]
            for bar in (2, 5, 10):
                outputs[f"spend.{bar}.{system.year}"] = 100.0 * (spend >= 0.01 * bar * revenue).mean(0)
            if system.year == calendar.FIRST_YEAR:
                first = spend.copy()
            if system.year == ITEMS_YEAR:
                staff, years = system.staff.sum(0)[surveyed], system.year - calendar.FIRST_YEAR
                for bar in (1, 5, 10, 30):
                    outputs[f"staff.{bar}"] = 100.0 * (staff >= 0.01 * bar).mean(0)
                outputs["growth"] = 100.0 * np.log(spend / first).mean(0) / years
                outputs["running"] = 100.0 * ((system.run + system.fees)[surveyed] / spend).mean(0)
        return outputs | _of_record(system.recorder.finish())

    def system(self, values: np.ndarray, replicates: Sequence[int], year: int) -> BankingSystem:
        """A system with one parameter vector a replicate, before its first quarter."""
        return BankingSystem(self.at(values, year), [self.scenario], replicates)

    def at(self, values: np.ndarray, year: int) -> World:
        """The world of one parameter vector a replicate, to the end of a year."""
        ensemble, kept = self.moved(values), Recording(outcomes=False)
        world = replace(self.world, start="2020Q1", end=f"{year}Q4", recording=kept)
        return replace(world, ensemble=ensemble, parameter_rows=ensemble.members)

    def moved(self, values: np.ndarray) -> Ensemble:
        """The parameters without those that stand still."""
        return Ensemble(self.paths, values).only(
            p for p in self.paths if p.rpartition(".")[2] not in self.still
        )


def _of_record(record: Record) -> dict[str, np.ndarray]:
    """True scores by edition, shares of banks on each rung when they are printed, and their change over that year."""
    assert record.items is not None
    outputs = {}
    for year in record.years:
        place = record.quarters.index(f"{year}Q4")
        for k, kind in enumerate(KINDS):
            for d, dimension in enumerate(DIMENSIONS):
                outputs[f"score.{kind}.{dimension}.{year}"] = record.true[0, :, place, k, d]
    place = record.years.index(ITEMS_YEAR)
    last, before = record.items[0, :, place], record.items[0, :, place - 1]
    for place, (item, rung) in enumerate(record.levels):
        outputs[f"item.{item}.{rung}.all"] = last[:, -1, place]
        outputs[f"change.{item}.{rung}"] = last[:, -1, place] - before[:, -1, place]
        for k, kind in enumerate(KINDS):
            outputs[f"item.{item}.{rung}.{kind}"] = last[:, k, place]
    return outputs
