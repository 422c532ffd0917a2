"""One study: planned, computed chunk by chunk, merged, reported, and put in its folder when whole."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.config.coverage import Coverage, check_reach
from experiments.failure import StudyStopped, unwritable
from experiments.runs import engine, identity, manifest, progress
from experiments.runs.engine import Simulate
from experiments.runs.folder import make_way, whole
from experiments.runs.identity import Identity
from experiments.runs.job import Job
from experiments.runs.merged import Merged
from experiments.runs.plan import Chunk, cut
from experiments.runs.store import ChunkStore
from experiments.runs.workers import compute
from experiments.settings.execution import ExecutionSettings
from experiments.study.written import WriteReport, write_report_of, write_tables
from experiments.tasks import analysis_function


@dataclass(frozen=True)
class Study:
    """A study planned: what to compute, where the pieces are kept and where the whole goes."""

    settings: Any
    identity: Identity
    execution: ExecutionSettings
    chunks: tuple[Chunk, ...]
    store: ChunkStore
    folder: Path
    coverage: tuple[Coverage, ...] = ()

    @property
    def scenarios(self) -> int:
        """Number of scenarios, which every chunk holds side by side."""
        return len(self.settings.scenarios)


def run_study(
    settings: Any,
    folder: Path | None = None,
    *,
    simulate: Simulate = engine.simulate,
    banks: int | None = None,
    write_report: WriteReport = write_report_of,
    store: Path | None = None,
) -> Path:
    """Run a study, or what is missing of it, and write its folder.

    Parameters
    ----------
    settings : StudySettings
        The composed study.
    folder : Path, optional
        Where the study goes; by default ``<outputs.folder>/<name>-<first 8 digits of its hash>``.
    simulate : callable, optional
        Computes a chunk; the lab's model by default.
    banks : int, optional
        Banks of the population, for the size of chunks; asked of the population by default.
    write_report : callable, optional
        Writes the report into the folder; the lab's report by default. Not called if `outputs.report` is
        false.
    store : Path, optional
        Folder of finished chunks; by default that of the settings.

    Returns
    -------
    Path
        The study's folder, whole.

    Raises
    ------
    StudyFailed
        With one line that says why; finished chunks are kept. `StudyStopped` if it was interrupted.
    """
    study = plan_study(settings, folder, banks, store)
    started = time.monotonic()
    try:
        make_way(study.folder)  # what stands there is found before days of work, not after
        found = compute_missing(study, simulate)
        with whole(study.folder) as temporary:
            write_folder(study, temporary, write_report)
            manifest.write_run(
                temporary,
                seconds=round(time.monotonic() - started, 3),
                chunks=len(study.chunks),
                chunks_found=found,
                execution=study.execution.model_dump(mode="json"),
            )
    except OSError as error:
        raise unwritable(
            error, study.folder, "Finished chunks are kept; the same command goes on."
        ) from error
    except KeyboardInterrupt as error:
        study.store.sweep()
        raise StudyStopped(
            "stopped; finished chunks are kept, and the same command goes on where it stopped"
        ) from error
    return study.folder


def plan_study(settings: Any, folder: Path | None, banks: int | None, store: Path | None) -> Study:
    """Name the study and its chunks, find their places, and refuse what could not be done or would reach nobody."""
    check = analysis_function(getattr(settings, "task", "simulate"), "check")
    if check is not None:
        check(settings)
    config = identity.plain(settings)
    known = identity.identify(config)
    execution = getattr(settings, "execution", None) or ExecutionSettings()
    target = folder or default_folder(settings)
    reach = engine.coverage_of(settings) if banks is None else ()
    check_reach(reach)
    rows = len(settings.scenarios) * (engine.bank_count(settings) if banks is None else banks)
    return Study(
        settings=settings,
        identity=known,
        execution=execution,
        chunks=cut(settings.replicates, rows, execution.chunk_rows, known.chunks),
        store=ChunkStore(store or Path(settings.outputs.folder) / execution.store),
        folder=target,
        coverage=reach,
    )


def default_folder(settings: Any) -> Path:
    """Return where a study goes unless told otherwise: ``<outputs.folder>/<name>-<8 digits of its hash>``."""
    study = identity.identify(identity.plain(settings)).study
    return Path(settings.outputs.folder) / f"{settings.name}-{study[:8]}"


def compute_missing(study: Study, simulate: Simulate) -> int:
    """Compute every chunk that the store does not have whole; return how many it had."""
    study.store.sweep()
    missing = [chunk for chunk in study.chunks if study.store.digest(chunk) is None]
    found = len(study.chunks) - len(missing)
    if found:
        progress.say(f"{study.folder.name}: {found} of {len(study.chunks)} chunks were finished before")
    runs = study.scenarios * sum(len(chunk.replicates) for chunk in study.chunks)
    left = study.scenarios * sum(len(chunk.replicates) for chunk in missing)
    if missing:
        with progress.bar(runs, runs - left, study.folder.name) as advance:
            job = Job(simulate, study.settings, study.store)
            for chunk in compute(job, missing, study.execution):
                advance(study.scenarios * len(chunk.replicates))
    study.store.sweep()  # of what the workers of a killed process still wrote when this one began
    return found


def write_folder(study: Study, folder: Path, write_report: WriteReport) -> None:
    """Merge the chunks and write everything that a study's folder holds, the manifest last."""
    packed = [study.store.open(chunk) for chunk in study.chunks]
    baselines = {scenario.label: scenario.baseline for scenario in study.settings.scenarios}
    merged = Merged(packed, baselines)
    write_tables(merged, folder, getattr(study.settings.outputs, "detail", "full"), study.coverage)
    analyse = analysis_function(getattr(study.settings, "task", "simulate"))
    if analyse is not None:
        analyse(study.settings, folder, merged, study.store.root)
    facts = manifest.describe(
        study.identity, study.settings.overrides, study.chunks, [p.digest for p in packed]
    )
    manifest.write_manifest(folder, facts)
    if study.settings.outputs.report:
        write_report(folder, study.settings.report.language, study.identity.config)
        manifest.write_manifest(folder, facts)
