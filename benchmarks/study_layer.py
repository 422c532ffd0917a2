"""What the study layer adds to the bare engine: chunks, store, tables and manifest, a run."""

import resource
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from experiments.composition.compose import compose_study
from experiments.settings import StudySettings
from experiments.studies import engine
from experiments.studies.plan import Chunk
from experiments.studies.study import plan_study, run_study

OVERRIDES = ("scenarios=[baseline]", "outputs.report=false", "execution.workers=1", "outputs.network=[]")


def overhead(replicates: int, repetitions: int) -> dict[str, float]:
    """Processor milliseconds a run of the survey population, by the engine and by a whole study of as many runs.

    The same chunks are computed both times; the report is left out.
    """
    settings = compose_study((*OVERRIDES, "population=survey", f"replicates={replicates}"))
    bare, whole = [], []
    for _ in range(repetitions):
        with TemporaryDirectory() as temporary:
            folder, store = Path(temporary) / "study", Path(temporary) / "store"
            chunks = plan_study(settings, folder, None, store).chunks
            bare.append(_spent(partial(_compute, settings, chunks)))
            whole.append(_spent(partial(run_study, settings, folder, store=store)))
    engine_ms, study_ms = (1e3 * min(spent) / replicates for spent in (bare, whole))
    return {
        "runs": replicates,
        "engine_ms": engine_ms,
        "study_ms": study_ms,
        "overhead": study_ms / engine_ms - 1.0,
    }


def _compute(settings: StudySettings, chunks: Sequence[Chunk]) -> None:
    for chunk in chunks:
        engine.simulate(settings, chunk.replicates)


def _spent(call: Callable[[], object]) -> float:
    """Processor seconds of a call, its worker processes included."""
    before = _processor()
    call()
    return _processor() - before


def _processor() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
