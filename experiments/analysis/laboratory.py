"""Paired runs beyond those of a study: any scenarios, any parameters, in batches that are kept and found again."""

import hashlib
import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from experiments.analysis import parameters
from experiments.analysis.outcome import READINGS
from experiments.files import replace_file
from experiments.runs import identity, progress
from experiments.runs.job import worker_count
from experiments.settings import StudySettings
from model.world import Ensemble, Recording, Scenario, World

MEMBERS = 1024
Arrays = dict[str, np.ndarray]


class Laboratory:
    """A study's world and scenarios, ready for more runs.

    Finished batches are kept in the study's store under a name that holds everything their numbers depend on, so that
    an interrupted analysis goes on where it stopped.

    Parameters
    ----------
    settings : StudySettings
    store : Path or None
        Folder for finished batches; None keeps nothing.
    """

    def __init__(self, settings: StudySettings, store: Path | None) -> None:
        from experiments import assembly

        self.settings, self.store = settings, store
        self.key = identity.identify(identity.plain(settings)).chunks
        world = replace(assembly.world(settings), recording=Recording())
        self.calibrated = world.ensemble is not None
        self.world = (
            world
            if self.calibrated
            else replace(world, ensemble=parameters.prior_ensemble(settings, MEMBERS))
        )
        self.scenarios = {s.label: assembly.scenario(s) for s in settings.scenarios}
        self.parameters = (
            parameters.of_ensemble(world.ensemble) if world.ensemble else parameters.behavioural(settings)
        )

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
            Key of `outcome.READINGS`: what is kept of a run.
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
        replicates = list(replicates)
        width = max(1, self.settings.execution.chunk_rows // (len(scenarios) * self.world.population.size))
        parts = [slice(first, first + width) for first in range(0, len(replicates), width)]
        batches = [
            (
                self.world,
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

    def _gather(self, batches: list[tuple[Any, ...]]) -> list[Arrays]:
        places = [self._place(batch) for batch in batches]
        found = [_read(place) for place in places]
        missing = [i for i, arrays in enumerate(found) if arrays is None]
        workers = worker_count(self.settings.execution.workers, len(missing))
        with progress.bar(len(batches), len(batches) - len(missing), "analysis") as advance:
            for i, arrays in zip(missing, _computed([batches[i] for i in missing], workers), strict=True):
                found[i] = arrays
                if places[i] is not None:
                    _write(places[i], arrays)
                advance(1)
        return [arrays for arrays in found if arrays is not None]

    def _place(self, batch: tuple[Any, ...]) -> Path | None:
        if self.store is None:
            return None
        world, scenarios, replicates, reading, names, rows = batch
        told = hashlib.sha256(self.key.encode())
        for scenario in scenarios:
            told.update(repr((scenario.policies, scenario.shocks)).encode())
            for part in vars(scenario.environment).values():
                told.update(part.tobytes() if isinstance(part, np.ndarray) else repr(part).encode())
        ensemble: Ensemble = world.ensemble
        told.update(repr((replicates, reading, names, ensemble.paths, world.allocation, world.end)).encode())
        told.update((ensemble.members if rows is None else rows).tobytes())
        name = told.hexdigest()[:40]
        return self.store / "policy" / name[:2] / f"{name}.npz"


def _computed(batches: list[tuple[Any, ...]], workers: int) -> Any:
    if workers == 1 or len(batches) < 2:
        return (compute(*batch) for batch in batches)
    from joblib import Parallel, delayed

    pool = Parallel(n_jobs=workers, return_as="generator", batch_size=1, pre_dispatch="2*n_jobs")
    return pool(delayed(compute)(*batch) for batch in batches)


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
        return READINGS[reading](simulate(world, scenarios, replicates))


def _read(place: Path | None) -> Arrays | None:
    try:
        if place is None:
            return None
        with np.load(place, allow_pickle=False) as kept:
            return {key: kept[key] for key in kept.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None


def _write(place: Path | None, arrays: Arrays) -> None:
    if place is None:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    raw = io.BytesIO()
    np.savez(raw, **arrays)  # type: ignore[arg-type]
    replace_file(place, [raw.getvalue()])
