"""One study: planned, computed chunk by chunk, merged, written, reported, and put in its folder when whole."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from experiments.config.assembly import Coverage, check_reach
from experiments.config.data import read_items
from experiments.config.errors import GOES_ON, failure, sentence, unwritable
from experiments.config.study import SCENARIOS, ExecutionSettings, StudySettings
from experiments.failure import StudyStopped
from experiments.own_bank.answers import table_of, write_own_bank
from experiments.results.distribution import PROVINCES, write_distribution, write_provinces
from experiments.results.open import Results
from experiments.results.paths import FALLS, PATHS, Aims, aims_of, items_asked, write_falls, write_paths
from experiments.results.schema import TABLES, schema_json
from experiments.results.statistics import probability, quantile
from experiments.results.tables import (
    COVERAGE,
    ITEMS,
    write_bands,
    write_banks,
    write_costs,
    write_coverage,
    write_effects,
    write_items,
    write_outcomes,
    write_scores,
)
from experiments.runs import manifest
from experiments.runs.engine import LAB, Engine
from experiments.runs.identity import Identity, identify
from experiments.runs.manifest import make_way, whole
from experiments.runs.merged import KINDS_AND_ALL, Merged
from experiments.runs.records import Packed
from experiments.runs.store import Store
from experiments.runs.workers import Chunk, Job, bar, compute, cut, say

WriteReport = Callable[[Path, str, Mapping[str, Any], int | str], object]

MOST_ROWS = 10_000_000  # of a table that `auto` still writes in full
LOG: Final = logging.getLogger("honeycomb")  # the job log that Hydra opens in the study's folder


def write_report_of(
    folder: Path, language: str, settings: Mapping[str, object], workers: int | str
) -> object:
    """Write the lab's report, drawn by so many processes; it draws figures, so it is imported only now."""
    from experiments.own_bank.paper import write_board
    from experiments.report.page import opened, write_pages

    page = opened(folder, language, settings, workers=workers)
    written = write_pages(page)
    write_board(page)
    return written


@dataclass(frozen=True)
class Study:
    """A study planned: what to compute, where the pieces are kept and where the whole goes."""

    settings: Any
    engine: Engine
    identity: Identity
    execution: ExecutionSettings
    chunks: tuple[Chunk, ...]
    store: Store
    folder: Path
    coverage: tuple[Coverage, ...] = ()

    @property
    def scenarios(self) -> int:
        """Number of scenarios, which every chunk holds side by side."""
        return len(self.settings.scenarios)

    @property
    def secrecy(self) -> dict[str, str]:
        """What is noted of a study that holds a bank of the user's."""
        return manifest.secrecy(self.identity.config)

    @property
    def names(self) -> list[str]:
        """Names of the chunks, in the order of their replicates."""
        return [chunk.name for chunk in self.chunks]


def run_study(
    settings: object,
    folder: Path | None = None,
    *,
    engine: Engine = LAB,
    write_report: WriteReport = write_report_of,
    store: Path | None = None,
    identity: Identity | None = None,
) -> Path:
    """Run a study, or what is missing of it, and write its folder.

    Parameters
    ----------
    settings : StudySettings
        The composed study.
    folder : Path, optional
        Where the study goes; by default ``<outputs.folder>/<name>-<first 8 digits of its hash>``.
    engine : Engine, optional
        Computes a chunk; the lab's model by default.
    write_report : callable, optional
        Writes the report into the folder; the lab's report by default. Not called if `outputs.report` is
        false.
    store : Path, optional
        Folder of finished chunks; by default that of the settings.
    identity : Identity, optional
        What the study was named a moment ago, by the code as it still is; by default it is named here.

    Returns
    -------
    Path
        The study's folder, whole.

    Raises
    ------
    StudyFailed
        With one line that says why; finished chunks are kept. `StudyStopped` if it was interrupted.
    """
    study = plan_study(settings, folder, engine, store, identity)
    started = time.monotonic()
    try:
        make_way(study.folder)  # what stands there is found before days of work, not after
        LOG.info(
            "study %s: %d scenarios, %d chunks", study.identity.study, study.scenarios, len(study.chunks)
        )
        kept = compute_missing(study)
        LOG.info("%d chunks computed, %d found", len(study.chunks) - kept, kept)
        with whole(study.folder) as temporary:
            write_folder(study, temporary, write_report)
            LOG.info("tables and report written, %.1f s", time.monotonic() - started)
            manifest.write_run(
                temporary,
                seconds=round(time.monotonic() - started, 3),
                chunks=len(study.chunks),
                chunks_found=kept,
                execution=study.execution.model_dump(mode="json"),
            )
        with suppress(
            OSError
        ):  # the study is whole: a list that cannot be written costs order in the store alone
            study.store.use(study.names, needed=False, **study.secrecy)
            study.store.make_room(study.execution.store_limit)
    except OSError as error:
        raise unwritable(error, study.folder, GOES_ON) from error
    except KeyboardInterrupt as error:
        study.store.sweep()
        raise StudyStopped(
            sentence("stopped; finished chunks are kept, and the same command goes on where it stopped")
        ) from error
    return study.folder


def plan_study(
    settings: Any,
    folder: Path | None = None,
    engine: Engine = LAB,
    store: Path | None = None,
    identity: Identity | None = None,
) -> Study:
    """Name the study and its chunks, find their places, and refuse what could not be done or would reach nobody."""
    check(settings)
    identity = identity or identify(settings, engine)
    reach = engine.coverage(settings)
    check_reach(reach)
    execution: ExecutionSettings = settings.execution
    rows = len(settings.scenarios) * engine.banks(settings)
    name = folder_name(settings, identity)
    return Study(
        settings=settings,
        engine=engine,
        identity=identity,
        execution=execution,
        chunks=cut(settings.replicates, rows, execution.chunk_rows, identity.chunks),
        store=Store(store or Path(settings.outputs.folder) / execution.store, user=name),
        folder=folder or Path(settings.outputs.folder) / name,
        coverage=reach,
    )


def check(settings: StudySettings) -> None:
    """Refuse what no run of a study could answer, before any of it runs: its methods' wants, years without an end."""
    if settings.task not in SCENARIOS:
        return
    if settings.task == "policy":
        from experiments.analysis.registry import check as check_methods

        if not settings.analysis.methods:
            raise failure("task=policy needs a method at least, as in analysis.methods=[cost_effectiveness]")
        check_methods(settings)
    first, last = settings.quarters[0], settings.quarters[-1]
    if not any(quarter.endswith("Q4") for quarter in settings.quarters):
        raise failure(
            "{} to {} has no year's end, when the survey is taken: start earlier, or end later", first, last
        )


def folder_name(settings: Any, identity: Identity) -> str:
    """Return what the folder of a study is called: its name and the first 8 digits of its hash."""
    return f"{settings.name}-{identity.study[:8]}"


def default_folder(settings: Any, engine: Engine = LAB, identity: Identity | None = None) -> Path:
    """Return where a study goes unless told otherwise."""
    return Path(settings.outputs.folder) / folder_name(settings, identity or identify(settings, engine))


def compute_missing(study: Study) -> int:
    """Compute every chunk that the store does not have whole; return how many it had."""
    study.store.sweep()
    missing = [chunk for chunk in study.chunks if study.store.digest(chunk.name) is None]
    kept = len(study.chunks) - len(missing)
    if kept:
        message = sentence(
            "{}: {} of {} chunks were finished before", study.folder.name, kept, len(study.chunks)
        )
        say(message, study.settings.report.language)
    runs = study.scenarios * sum(len(chunk.replicates) for chunk in study.chunks)
    left = study.scenarios * sum(len(chunk.replicates) for chunk in missing)
    if missing:
        study.store.use(study.names, needed=True, **study.secrecy)
        with bar(runs, runs - left, study.folder.name) as advance:
            job = Job(study.engine, study.settings, study.store, study.identity.code, study.identity.chunks)
            for chunk in compute(job, missing, study.execution):
                advance(study.scenarios * len(chunk.replicates))
    study.store.sweep()  # of what the workers of a killed process still wrote when this one began
    return kept


def write_folder(study: Study, folder: Path, write_report: WriteReport) -> None:
    """Merge the chunks and write everything that a study's folder holds, the manifest last."""
    chunks = [Packed(study.store.path(name), checked=False) for name in study.names]
    baselines = {scenario.label: scenario.baseline for scenario in study.settings.scenarios}
    aims = aims_of(study.settings)
    merged = Merged(chunks, baselines, items_asked(study.settings, aims))
    write_tables(merged, folder, study.settings.outputs.detail, study.coverage, aims)
    if study.settings.task == "policy":
        from experiments.analysis.registry import analyse

        analyse(study.settings, folder, merged, study.store)
    if study.secrecy:
        (folder / manifest.NOTICE).write_text(f"{manifest.CONFIDENTIAL}\n", encoding="utf-8")
    facts = manifest.describe(
        study.identity,
        study.settings.overrides,
        study.chunks,
        [chunk.digest for chunk in chunks],
        study.engine.members(study.settings),
    )
    manifest.write_manifest(folder, facts)
    if study.settings.outputs.report:
        language = study.settings.report.language
        write_report(folder, language, study.identity.config, study.execution.workers)
        manifest.write_manifest(folder, facts)


# --- what stands in a study's folder beside its manifest


def write_tables(
    merged: Merged,
    folder: Path,
    detail: str,
    coverage: Sequence[Coverage] = (),
    aims: Aims = MappingProxyType({}),
) -> None:
    """Write every table, the data dictionary and the networks.

    Parameters
    ----------
    merged : Merged
        The study's chunks.
    folder : Path
        An existing folder.
    detail : str
        `full`: scores, outcomes and effects hold every quarter of every run. `reduced`: they hold the last
        quarter of every run, and the quarters before are in bands.parquet only, as a distribution over the
        runs. `auto`: full as long as no table exceeds `MOST_ROWS`.
    coverage : sequence of Coverage
        Whom the policies reach.
    aims : mapping
        What each scenario declares as its aim (`experiments.results.paths.aims_of`).
    """
    last_only = detail == "reduced" or (detail == "auto" and rows(merged) > MOST_ROWS)

    def write_bands_and_paths() -> None:  # peaks of paths are read off the bands
        write_bands(merged, folder)
        write_paths(merged, folder, aims)

    writers = (
        write_bands_and_paths,
        partial(write_effects, merged, folder, last_only),
        partial(write_outcomes, merged, folder, last_only),
        partial(write_scores, merged, folder, last_only),
        partial(write_distribution, merged, folder),
        partial(write_provinces, merged, folder),
        partial(write_costs, merged, folder),
        partial(write_banks, merged, folder),
        partial(write_own_bank, merged, folder),
        partial(write_coverage, coverage, folder),
        partial(write_items, merged, folder),
        partial(write_falls, merged, folder, last_edition()),
    )
    # Compressing leaves Python's lock free, so that two tables are written in the time of one.
    with ThreadPoolExecutor(max_workers=2) as pool:
        for written in [pool.submit(writer) for writer in writers]:
            written.result()
    merged.blocks.forget()
    declared = {**TABLES, "own_bank": table_of(merged.own_outcomes), "coverage": COVERAGE, "items": ITEMS}
    declared |= {"falls": FALLS, "paths": PATHS, "provinces": PROVINCES}
    tables = {name: table for name, table in declared.items() if any(folder.glob(f"{name}*"))}
    text = schema_json(
        tables, merged.variables("true")[len(merged.variables("survey")) :], merged.bank_variables
    )
    (folder / "schema.json").write_text(text, encoding="utf-8")
    write_networks(merged, folder)


def last_edition() -> str:
    """Return the year's end from which every edition of the questionnaire asks the same items."""
    return f"{max(int(item['first_edition']) for item in read_items())}Q4"


def rows(merged: Merged) -> int:
    """Return how many rows the longest table of a study would have with every quarter of every run."""
    cells = len(KINDS_AND_ALL) * (len(merged.variables("true")) + len(merged.variables("survey")))
    return len(merged.scenarios) * len(merged.replicates) * len(merged.quarters) * cells


def write_networks(merged: Merged, folder: Path) -> None:
    """Write network/<scenario>-<quarter>.graphml: the partnerships of the first replicate."""
    first = merged.chunks[0]
    for name in first.names("graphs/"):
        scenario, _, quarter = name.rpartition("/")
        path = folder / "network" / f"{scenario.replace('/', '_')}-{quarter}.graphml"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(first[f"graphs/{name}"].tobytes())


# --- the number that a job returns, for a sweeper to make as large, or as small, as it can


BILLION = 1000.0  # million yuan
STATISTICS: Final[Mapping[str, Callable[[np.ndarray], float]]] = {
    "mean": np.mean,
    "q05": lambda values: quantile(values)[0],
    "median": lambda values: quantile(values)[1],
    "q95": lambda values: quantile(values)[-1],
    "probability": probability,
}


def objective(settings: Any, folder: Path) -> float:
    """The statistic that ``objective`` asks for, of the paired effect of the last scenario in the last quarter.

    An outcome that is taken once a year has its effect at the last year's end.

    Parameters
    ----------
    settings : StudySettings
        With an objective.
    folder : Path
        The finished study.

    Returns
    -------
    float
        In the unit of the outcome, less `cost` units for each billion yuan that the policies cost a year.

    Raises
    ------
    StudyFailed
        If no run has the outcome.
    """
    target, results = settings.objective, Results(folder)
    effects, costs = (
        frame[frame["scenario"] == settings.labels[-1]] for frame in map(results.frame, ("effects", "costs"))
    )
    effects = effects[(effects["outcome"] == target.outcome) & (effects["bank_kind"] == target.bank_kind)]
    last = effects["quarter"].astype(str).max()
    values = effects.loc[effects["quarter"] == last, "effect"].to_numpy(float)
    values = values[np.isfinite(values)]
    if not len(values):
        raise failure(
            "{}: the objective, {} of {}, has no effect here", folder, target.outcome, target.bank_kind
        )
    years = len(settings.quarters) / 4
    billions = float(costs["cost"].sum()) / settings.replicates / years / BILLION
    return float(STATISTICS[target.statistic](values) - target.cost * billions)
