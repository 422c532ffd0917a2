"""Runs of a calibration and what it learned from them, kept in the store that studies use."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.calibration.forward import Forward, RunOutputs, Runs
from experiments.calibration.prior import Prior
from experiments.runs import progress
from experiments.runs.engine import LAB
from experiments.runs.fingerprint import fingerprint
from experiments.runs.identity import code_digest, numbers_digest
from experiments.runs.store import Store

if TYPE_CHECKING:
    from experiments.config.study import StudySettings

DIGITS = 9
Arrays = dict[str, np.ndarray]


def opened(settings: StudySettings) -> Store:
    """The store of a study's settings, for all calibrations; what they keep is never removed to make room."""
    return Store(Path(settings.outputs.folder) / settings.execution.store, user="calibration")


def compute(
    forward: Forward, prior: Prior, scores: np.ndarray, store: Store, wave: str, first: int, batch: int
) -> Runs:
    """Run parameter vectors, batch by batch; finished batches are read back.

    Parameters
    ----------
    forward : Forward
    prior : Prior
    scores : ndarray, shape (runs, P)
    store : Store
        Of the finished batches; a batch is named by the forward model, its code, its parameters and its chance.
    wave : str
        Shown beside the progress.
    first : int
        Replicate number of the first run.
    batch : int
        Runs side by side.
    """
    basis = numbers_digest(code_digest(LAB), forward, prior.mapping)
    places = range(0, len(scores), batch)
    wanted = [scores[start : start + batch] for start in places]
    names = [
        fingerprint(basis, first + start, np.round(rows, DIGITS))[:40]
        for start, rows in zip(places, wanted, strict=True)
    ]
    store.use(names, needed=True)
    parts = []
    with progress.bar(len(scores), 0, f"calibration: {wave}") as advance:
        for start, rows, name in zip(places, wanted, names, strict=True):
            arrays = store.arrays(name)
            if arrays is None:
                replicates = range(first + start, first + start + len(rows))
                outputs = forward.run(prior.values(rows), replicates)
                arrays = {f.name: getattr(outputs, f.name) for f in dataclasses.fields(RunOutputs)}
                store.keep(name, arrays)
            parts.append(RunOutputs(**arrays))
            advance(len(rows))
    return Runs(scores, RunOutputs.joined(parts))


def kept(store: Store, name: str, make: Callable[[], Arrays]) -> Arrays:
    """Arrays of that name from the store, or made now and put there."""
    arrays = store.arrays(name)
    if arrays is None:
        arrays = make()
        store.keep(name, arrays)
    store.use([name], needed=True)
    return arrays
