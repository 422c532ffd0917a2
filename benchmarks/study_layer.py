"""What the study layer adds to the bare engine (chunks, store, tables, manifest), and what a second worker gains."""

import os
import resource
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from experiments.config.load import compose_study
from experiments.config.study import StudySettings
from experiments.runs.engine import LAB, Engine
from experiments.study.run import run_study
from model.record import Record

OVERRIDES: Final = ("scenarios=[baseline]", "outputs.report=false", "outputs.network=[]", "population=survey")
LARGE: Final = 2048  # runs from which one repetition says enough, and a second worker has enough to do


class Watched(Engine):
    """The engine, with a watch on it: it runs inside the study whose other work it is compared with.

    A busy machine slows both alike, so that their ratio holds when neither time does.
    """

    def __init__(self) -> None:
        self.spent = 0.0

    def __call__(self, settings: StudySettings, replicates: Sequence[int]) -> Record:
        """Compute some replicates and add up the processor seconds."""
        before = processor()
        record = super().__call__(settings, replicates)
        self.spent += processor() - before
        return record


def overhead(runs: int, repetitions: int) -> dict[str, Any]:
    """Processor milliseconds a run of the survey population, by the engine and by the whole study around it.

    The report is left out.

    Parameters
    ----------
    runs : int
        Replicates of one scenario.
    repetitions : int
        The quickest counts; a large study is run once.

    Returns
    -------
    dict
        ``runs``, ``engine_ms``, ``study_ms``, ``overhead``; ``speed_up`` by a second worker, on the clock, of a large
        study where there are two cores, else None.
    """
    found = []
    for _ in range(1 if runs >= LARGE else repetitions):
        watched, before = Watched(), processor()
        seconds = spent_on(settings(runs, 1), watched)
        found.append((processor() - before, watched.spent, seconds))
    whole, bare, alone = min(found)
    free = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    two = spent_on(settings(runs, 2), LAB) if runs >= LARGE and free > 1 else None
    return {
        "runs": runs,
        "engine_ms": 1e3 * bare / runs,
        "study_ms": 1e3 * whole / runs,
        "overhead": whole / bare - 1.0,
        "speed_up": alone / two if two else None,
    }


def settings(runs: int, workers: int) -> StudySettings:
    """Compose the study, and build its world before anything is timed."""
    study = compose_study((*OVERRIDES, f"replicates={runs}", f"execution.workers={workers}"))
    LAB.banks(study)
    return study


def spent_on(study: StudySettings, engine: Engine) -> float:
    """Run a study that nothing is known of yet; return its seconds on the clock."""
    with TemporaryDirectory() as temporary:
        began = time.perf_counter()
        run_study(study, Path(temporary) / "study", engine=engine, store=Path(temporary) / "store")
        return time.perf_counter() - began


def processor() -> float:
    """Processor seconds of this process and of its children that have ended, such as git."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
