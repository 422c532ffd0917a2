"""The model as calibration sees it: parameters in, expected and surveyed scores and a few shares out."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agents.honeycomb import APPLICATION, BUILD, KINDS, SIZES
from model import calendar
from model.reduction import over_banks
from model.system import BankingSystem
from model.world import Ensemble, Recording

if TYPE_CHECKING:
    from model.record import Record
    from model.world import Scenario, World

ASKED = (
    "city",
    "rural",
    "private",
)  # the kinds that the survey reports, in the order of every calibration array
SPEND_EDGES = (0.02, 0.05, 0.10)
STAFF_EDGES = (0.01, 0.05, 0.10, 0.30)


@dataclass(frozen=True)
class RunOutputs:
    """What a batch of runs gave; R runs, Y years, three kinds, six dimensions.

    Parameters
    ----------
    expected : ndarray, shape (R, Y, 3, 6)
        Mean score of the banks under each edition's definition, 0-100: the survey without its noise.
    survey : ndarray, shape (R, Y, 3, 6)
        Score as the survey would report it, 0-100.
    spend : ndarray, shape (R, Y, 4)
        Shares of the surveyed banks by spending over revenue: below 2, 2-5, 5-10, 10 percent and more; 0-1.
    staff : ndarray, shape (R, Y, 5)
        Shares by fintech staff over staff: below 1, 1-5, 5-10, 10-30, 30 percent and more; 0-1.
    building, adopted, free : ndarray, shape (R, Y)
        Share of surveyed banks that build a language model; that have any route to one; mean change budget over
        revenue, percent.
    """

    expected: np.ndarray
    survey: np.ndarray
    spend: np.ndarray
    staff: np.ndarray
    building: np.ndarray
    adopted: np.ndarray
    free: np.ndarray

    @classmethod
    def joined(cls, parts: Sequence[RunOutputs]) -> RunOutputs:
        """Batches one after another."""
        fields = [field.name for field in dataclasses.fields(cls)]
        return cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in fields})


@dataclass(frozen=True)
class Runs:
    """Runs of one wave: parameters as normal scores, shape (runs, P), and what came out."""

    scores: np.ndarray
    outputs: RunOutputs

    def __len__(self) -> int:
        return len(self.scores)

    def rows(self, chosen: slice | np.ndarray) -> Runs:
        """Some of the runs."""
        fields = {f.name: getattr(self.outputs, f.name)[chosen] for f in dataclasses.fields(RunOutputs)}
        return Runs(self.scores[chosen], RunOutputs(**fields))

    def joined(self, other: Runs) -> Runs:
        """These runs, then others."""
        return Runs(
            np.concatenate([self.scores, other.scores]), RunOutputs.joined([self.outputs, other.outputs])
        )


@dataclass(frozen=True)
class Forward:
    """Runs of one scenario to the end of a year, one parameter vector a replicate.

    Parameters
    ----------
    world : World
        Its ensemble is set aside.
    scenario : Scenario
    paths : tuple of str
        Names of the parameters.
    years : tuple of int
        Years whose fourth quarter is kept.
    """

    world: World
    scenario: Scenario
    paths: tuple[str, ...]
    years: tuple[int, ...]

    def run(self, values: np.ndarray, replicates: Sequence[int]) -> RunOutputs:
        """Run each parameter vector once.

        Parameters
        ----------
        values : ndarray, shape (R, P)
        replicates : sequence of int
            Number of each run's streams of chance.

        Returns
        -------
        RunOutputs
        """
        world = dataclasses.replace(
            self.world,
            start="2020Q1",
            end=f"{self.years[-1]}Q4",
            ensemble=Ensemble(self.paths, values),
            parameter_rows=values,
            recording=Recording(outcomes=False),
        )
        system = BankingSystem(world, [self.scenario], replicates)
        shares = []
        for quarter in range(calendar.index(world.end) + 1):
            system.run_for(1)
            if calendar.last_of_year(quarter) and int(calendar.name(quarter)[:4]) in self.years:
                shares.append(_shares(system))
        spend, staff, building, adopted, free = (np.stack(part, axis=1) for part in zip(*shares, strict=True))
        record = system.recorder.finish()
        kinds = [KINDS.index(kind) for kind in ASKED]
        rows = [record.survey_quarters.index(f"{year}Q4") for year in self.years]
        survey = record.survey[0][:, rows][:, :, kinds]
        return RunOutputs(self._expected(record, kinds), survey, spend, staff, building, adopted, free)

    def _expected(self, record: Record, kinds: list[int]) -> np.ndarray:
        """True scores under each edition's definition: before the break, application has one indicator fewer.

        That indicator, new technology, is zero before language models exist: leaving it out changes the divisor.
        """
        numbers = self.world.questionnaire
        rows = [record.quarters.index(f"{year}Q4") for year in self.years]
        expected = record.true[0][:, rows][:, :, kinds].copy()
        before = np.array(self.years) < numbers.language_model_item_from
        expected[:, before, :, APPLICATION] *= SIZES[APPLICATION] / (SIZES[APPLICATION] - 1.0)
        values: np.ndarray = expected + 100.0 * numbers.optimism
        return values


def _shares(system: BankingSystem) -> tuple[np.ndarray, ...]:
    """Distributions over the surveyed banks at the end of a quarter."""
    asked = np.flatnonzero(system.population.surveyed)
    columns = system.columns
    spend = columns["spend_ratio"][:, asked]
    staff = sum(columns["staff"][1:, :, asked], start=columns["staff"][0][:, asked].copy())
    route = columns["route"][:, asked]
    free = 100.0 * columns["change"][:, asked] / columns["revenue"][:, asked]
    return (
        binned(spend, SPEND_EDGES),
        binned(staff, STAFF_EDGES),
        (route == BUILD).mean(-1),
        (route > 0).mean(-1),
        over_banks(free) / len(asked),
    )


def binned(values: np.ndarray, edges: Sequence[float]) -> np.ndarray:
    """Shares of banks in the bins below, between and above the edges; shape (R, edges + 1)."""
    above = np.stack([(values >= edge).mean(-1) for edge in edges], axis=-1)
    whole = np.concatenate([np.ones((len(values), 1)), above, np.zeros((len(values), 1))], axis=1)
    result: np.ndarray = whole[:, :-1] - whole[:, 1:]
    return result


def cells(array: np.ndarray) -> np.ndarray:
    """Flatten the last three axes (years, kinds, dimensions) into one of cells."""
    return array.reshape(*array.shape[:-3], -1)
