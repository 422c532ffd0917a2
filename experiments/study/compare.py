"""The jobs of a sweep side by side: a row for everything that differs, with gap, cost and what the own bank becomes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from experiments.failure import StudyFailed, unwritable
from experiments.labels import LANGUAGES
from experiments.results.open import Results
from experiments.runs.folder import contents, whole
from experiments.runs.identity import SCHEMA, digest
from experiments.runs.manifest import MANIFEST, write_json
from experiments.study.compared import distinct, every_outcome, own_mark, rows_of, sector_mark

CLOCK: Final = 2.0  # seconds by which a file may seem older than it is


def compare(folders: Sequence[Path], target: Path | None = None) -> Path:
    """Lay several studies side by side.

    Parameters
    ----------
    folders : sequence of Path
        The folders of the jobs, in order.
    target : Path, optional
        Where the comparison goes; by default ``<name>-comparison-<hash>`` beside the first job.

    Returns
    -------
    Path
        A folder with ``comparison.html`` in the language of the first job and the same page in the other language,
        ``comparison.csv`` and, with an own bank, ``own_bank.csv``, ``comparison.parquet`` (every outcome in the last
        quarter) and a manifest of the jobs.
    """
    from experiments.study.comparison_page import cited, page, page_name, plain_tables

    if not folders:
        raise StudyFailed("there is nothing to compare")
    jobs = [Results(folder) for folder in folders]
    name = f"{jobs[0].manifest['name']}-comparison-{digest([job.manifest['study'] for job in jobs])[:8]}"
    target = target or Path(folders[0]).parent / name
    rows = list(rows_of(jobs))
    sector, own = distinct(rows, sector_mark), distinct(rows, own_mark)
    listed = [{"folder": job.folder.name, "study": job.manifest["study"]} for job in jobs]
    first = language_of(jobs[0])
    try:
        with whole(target) as folder:
            every_outcome(sector).to_parquet(folder / "comparison.parquet", compression="zstd", index=False)
            for language in (first, *(other for other in LANGUAGES if other != first)):
                place = folder / page_name(language, first)
                said = cited(folder, jobs, language)
                text = page(name, sector, own, [job["folder"] for job in listed], said, language, first)
                place.write_text(text, encoding="utf-8")
            for file, table in plain_tables(sector, own, first).items():
                (folder / file).write_bytes(table.to_csv(index=False).encode("utf-8-sig"))
            facts = {"schema": SCHEMA, "name": name, "study": digest(listed), "jobs": listed}
            write_json(folder / MANIFEST, {**facts, "files": contents(folder)})
    except OSError as error:
        raise unwritable(error, target, "The jobs are kept.") from error
    return target


def jobs_of(sweep: Path, since: float = 0.0) -> list[Path]:
    """Folders of the studies of a sweep in the order of their jobs.

    Parameters
    ----------
    sweep : Path
        The folder of the sweep, in which comparisons and jobs of an earlier sweep may stand as well.
    since : float
        When the sweep began, seconds since 1970; jobs that started before are left out.
    """
    marks = [
        path
        for path in sorted(sweep.glob("**/.hydra/overrides.yaml"))
        if path.stat().st_mtime >= since - CLOCK
    ]
    folders = [mark.parent.parent for mark in marks]
    found = [
        folder for folder in folders if (folder / MANIFEST).is_file() and (folder / "bands.parquet").is_file()
    ]
    return sorted(found, key=lambda folder: (len(folder.name), folder.name))


def language_of(job: Results) -> str:
    """Language of a job's report."""
    language = (job.manifest["config"].get("report") or {}).get("language")
    return language if language in LANGUAGES else LANGUAGES[0]


def summary(folder: Path) -> str:
    """The tables of a comparison as lines of text.

    Parameters
    ----------
    folder : Path
        What `compare` wrote.
    """
    from experiments.study.comparison_page import text_grid

    files = [folder / name for name in ("comparison.csv", "own_bank.csv")]
    tables = [pd.read_csv(file, dtype=str, keep_default_na=False) for file in files if file.is_file()]
    return "\n".join(map(text_grid, tables))
