"""Paired runs beyond those of a study: any scenarios, any parameters, in batches that are kept and found again."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from experiments.analysis import parameters
from experiments.analysis.outcome import reading_of
from experiments.config.study import StudySettings
from experiments.runs import progress
from experiments.runs.engine import LAB
from experiments.runs.fingerprint import fingerprint
from experiments.runs.finite import check_finite
from experiments.runs.identity import code_digest, numbers_digest
from experiments.runs.job import become_worker, check_code, worker_count
from experiments.runs.store import Store
from experiments.runs.workers import spread
from model.world import Ensemble, Recording, Scenario, World

MEMBERS = 1024
Arrays = dict[str, np.ndarray]
Batch = tuple[World, tuple[Scenario, ...], tuple[int, ...], str, tuple[str, ...], np.ndarray | None]


class Laboratory:
    """A study's world and scenarios, ready for more runs.

    Finished batches are kept in the study's store under a name that holds everything their numbers depend on, so that
    an interrupted analysis goes on where it stopped.

    Parameters
    ----------
    settings : StudySettings
    store : Store or None
        Keeps finished batches; None keeps nothing.
    """

    def __init__(self, settings: StudySettings, store: Store | None) -> None:
        from experiments.config import assembly

        self.settings, self.store = settings, store
        world = replace(assembly.world(settings), recording=Recording())
        self.calibrated = world.ensemble is not None
        self.scenarios = {s.label: assembly.scenario(s) for s in settings.scenarios}
        self.worlds: dict[tuple[tuple[str, str], ...], World] = {(): self._sampled(settings, world)}
        for scenario in settings.scenarios:
            if scenario.assumptions:
                under = settings.under(scenario.assumptions)
                other = replace(assembly.world(under), recording=Recording())
                self.worlds[self.scenarios[scenario.label].assumptions] = self._sampled(under, other)
        self.parameters = (
            parameters.of_ensemble(world.ensemble) if world.ensemble else parameters.behavioural(settings)
        )

    @property
    def world(self) -> World:
        """The world of the scenarios that assume nothing of their own."""
        return self.worlds[()]

    @world.setter
    def world(self, world: World) -> None:
        self.worlds[()] = world

    def _sampled(self, settings: StudySettings, world: World) -> World:
        if self.calibrated:
            return world
        return replace(world, ensemble=parameters.prior_ensemble(settings, MEMBERS))

    def run(
        self,
        scenarios: Sequence[Scenario],
        replicates: Sequence[int],
        reading: str = "final",
        names: Sequence[str] = (),
        rows: np.ndarray | None = None,
    ) -> Arrays:
        """Run scenarios side by side.

        Parameters
        ----------
        scenarios : sequence of Scenario
        replicates : sequence of int
            Seeds by number; one may stand there more than once.
        reading : str
            What is kept of a run: a key of `outcome.READINGS`, with its words.
        names : sequence of str
            Parameters given run by run; the others stay at their central values. Without names each replicate draws its
            own member of the ensemble.
        rows : ndarray, shape (replicates, names)
            Their values.

        Returns
        -------
        dict of ndarray
            As the reading says, shape (scenarios, replicates, ...).
        """
        assumed = list(dict.fromkeys(scenario.assumptions for scenario in scenarios))
        if len(assumed) > 1:
            return self._side_by_side(scenarios, assumed, replicates, reading, names, rows)
        world = self.worlds[assumed[0]]
        fixed = tuple(name for name, _ in assumed[0])
        if rows is not None and any(name.startswith(fixed) for name in names if fixed):
            kept = [k for k, name in enumerate(names) if not name.startswith(fixed)]
            names, rows = [names[k] for k in kept], rows[:, kept]
        replicates = list(replicates)
        width = max(1, self.settings.execution.chunk_rows // (len(scenarios) * self.world.population.size))
        parts = [slice(first, first + width) for first in range(0, len(replicates), width)]
        batches = [
            (
                world,
                tuple(scenarios),
                tuple(replicates[part]),
                reading,
                tuple(names),
                None if rows is None else rows[part],
            )
            for part in parts
        ]
        found = self._gather(batches)
        return {key: np.concatenate([part[key] for part in found], axis=1) for key in found[0]}

    def _side_by_side(
        self, scenarios: Sequence[Scenario], assumed: Sequence[tuple[tuple[str, str], ...]], *rest: Any
    ) -> Arrays:
        """Run scenarios that assume different things, each in its own world, and lay them in their order."""
        places = [[k for k, one in enumerate(scenarios) if one.assumptions == key] for key in assumed]
        parts = [self.run([scenarios[k] for k in group], *rest) for group in places]
        order = np.argsort([k for group in places for k in group])
        return {key: np.concatenate([part[key] for part in parts])[order] for key in parts[0]}

    def _gather(self, batches: list[Batch]) -> list[Arrays]:
        store, code = self.store, code_digest(LAB)
        names = batch_names(code, batches) if store is not None else []
        kept: list[Arrays | None] = [store.arrays(name) for name in names] if store else [None] * len(batches)
        missing = [i for i, arrays in enumerate(kept) if arrays is None]
        if store is not None:
            store.use(names, needed=True)
        workers = worker_count(self.settings.execution.workers, len(missing))
        things = {i: batches[i] for i in missing}
        with progress.bar(len(batches), len(batches) - len(missing), "analysis") as advance:
            for i, arrays in spread(things, _compute, partial(_in_worker, code, store), workers):
                kept[i] = arrays
                if store is not None:
                    store.keep(names[i], arrays)
                advance(1)
        return [arrays for arrays in kept if arrays is not None]


def batch_names(code: str, batches: Sequence[Batch]) -> list[str]:
    """Name the batches of one call by everything their numbers depend on.

    Parameters
    ----------
    code : str
        Hash of the code of the model.
    batches : sequence
        Of the same world and scenarios, read alike.
    """
    world, scenarios, _, reading, names, _ = batches[0]
    shared = numbers_digest(code, reading_of(reading), parameters.at_strengths, world, scenarios, names)
    return [fingerprint(shared, replicates, rows)[:40] for _, _, replicates, _, _, rows in batches]


def _compute(batch: Batch) -> Arrays:
    return compute(*batch)


def _in_worker(code: str, store: Store | None, batch: Batch) -> Arrays:
    become_worker(store)
    check_code(LAB, code)
    return compute(*batch)


def compute(
    world: World,
    scenarios: tuple[Scenario, ...],
    replicates: tuple[int, ...],
    reading: str,
    names: tuple[str, ...],
    rows: np.ndarray | None,
) -> Arrays:
    """Compute one batch on one thread."""
    from threadpoolctl import threadpool_limits

    from model.run import simulate

    if rows is not None:
        own = [place for place, name in enumerate(names) if not name.startswith("policy.")]
        given = np.ascontiguousarray(rows[:, own])
        paths = tuple(names[place] for place in own)
        world = replace(
            world, ensemble=Ensemble(paths, given) if own else None, parameter_rows=given if own else None
        )
        scenarios = tuple(parameters.at_strengths(scenario, names, rows) for scenario in scenarios)
    with threadpool_limits(1):
        record = simulate(world, scenarios, replicates)
    check_finite(record)
    read, words = reading_of(reading)
    return read(record, *words)
