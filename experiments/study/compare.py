"""The jobs of a sweep side by side: a page in either language, and its tables, with gap, cost and the own bank."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pandas as pd
from markupsafe import Markup

from experiments.failure import StudyFailed, unwritable
from experiments.labels import LANGUAGES, Labels
from experiments.labels.numbers import columns, plain, signed
from experiments.results.open import Results
from experiments.results.statistics import side
from experiments.runs.folder import MANIFEST, contents, whole
from experiments.runs.identity import SCHEMA, digest
from experiments.runs.manifest import write_json
from experiments.study.comparison import (
    GAP,
    Ends,
    Row,
    distinct,
    every_outcome,
    own_mark,
    rows_of,
    sector_mark,
)

SHOWN_KINDS: Final = ("city", "rural", "private", "large")
OWN_BANDS: Final = ("index", "place", "share")
CLOCK: Final = 2.0  # seconds by which a file may seem older than it is


def compare(folders: Sequence[Path | str], target: Path | str | None = None) -> Path:
    """Lay several studies side by side.

    Parameters
    ----------
    folders : sequence of Path or str
        The folders of the jobs, in order.
    target : Path or str, optional
        Where the comparison goes; by default ``<name>-comparison-<hash>`` beside the first job.

    Returns
    -------
    Path
        A folder with ``comparison.html`` in the language of the first job and the same page in the other language,
        ``comparison.csv`` and, with an own bank, ``own_bank.csv``, ``comparison.parquet`` (every outcome in the last
        quarter, or at the last year's end) and a manifest of the jobs.
    """
    if not folders:
        raise StudyFailed("there is nothing to compare")
    jobs = [Results(folder) for folder in folders]
    name = f"{jobs[0].manifest['name']}-comparison-{digest([job.manifest['study'] for job in jobs])[:8]}"
    target = Path(target or Path(folders[0]).parent / name)
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
    marks = [path for path in sweep.glob("**/.hydra/overrides.yaml") if path.stat().st_mtime >= since - CLOCK]
    folders = [mark.parent.parent for mark in marks]
    jobs = [f for f in folders if (f / MANIFEST).is_file() and (f / "bands.parquet").is_file()]
    return sorted(jobs, key=lambda folder: (len(folder.name), folder.name))


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
    files = [folder / name for name in ("comparison.csv", "own_bank.csv")]
    tables = [pd.read_csv(file, dtype=str, keep_default_na=False) for file in files if file.is_file()]
    return "\n".join(map(text_grid, tables))


# --- the page


def page_name(language: str, first: str) -> str:
    """File of the page in a language, when `first` is the language of the jobs."""
    return "comparison.html" if language == first else f"comparison-{language}.html"


def cited(folder: Path, jobs: Sequence[Results], language: str) -> list[str]:
    """How the tables of a comparison are cited, and which models, data and posteriors its jobs rest on."""
    from experiments.report.sections.provenance import citation, result_of

    labels, result = Labels(language), result_of(folder)
    said = [citation(result, job.manifest.content, job.manifest["config"], labels) for job in jobs]
    return list(dict.fromkeys(line for job in zip(*said, strict=True) for line in job))


def page(
    name: str,
    sector: Sequence[Row],
    own: Sequence[Row],
    jobs: Sequence[str],
    cite: Sequence[str],
    language: str,
    first: str,
) -> str:
    """The page in one language.

    Parameters
    ----------
    name : str
        Of the comparison.
    sector, own : sequence of Row
        Rows of the banking system and of the own bank.
    jobs : sequence of str
        Folders of the jobs.
    cite : sequence of str
        By which versions it was made, and how it is cited.
    language : str
        Of the page.
    first : str
        Language of the jobs.
    """
    from experiments.report.embed import (  # templates and fonts, which other verbs do without
        environment,
        faces,
    )

    labels = Labels(language)
    parts = [_sector(sector, labels), *([_own(own, labels)] if own else [])]
    other = next(word for word in LANGUAGES if word != language)
    template = environment().get_template("comparison.html.j2")

    def rendered(fonts: str) -> str:
        return template.render(
            faces=Markup(fonts),
            language=language,
            title=labels("compare.title", name=name, count=len(sector), jobs=len(jobs)),
            lead=labels("compare.lead", quarter=_quarter(sector)),
            parts=parts,
            other=labels("compare.other"),
            link=page_name(other, first),
            jobs_heading=labels("compare.jobs"),
            jobs=jobs,
            cite=cite,
        )

    return rendered(faces(rendered("")))


def _quarter(rows: Sequence[Row]) -> str:
    return str(rows[0].bands["quarter"].max())


def _taken(heading: str, rows: Sequence[Row], labels: Labels) -> str:
    """A heading of the gap, which is taken at a year's end, and when that was where a job ends in another quarter."""
    if all(row.bands["quarter"].max().endswith("Q4") for row in rows):
        return labels(f"compare.{heading}")
    taken = sorted({when for row in rows for when in row.bands.loc[row.bands["outcome"] == GAP, "quarter"]})
    return f"{labels(f'compare.{heading}')} {', '.join(taken)}"


def _cell(text: str, strong: bool = False, interval: str = "") -> dict[str, Any]:
    return {"text": text, "strong": strong, "interval": interval}


def _level(band: Ends | None, digits: int = 1) -> dict[str, Any]:
    if band is None:
        return _cell("–")
    low, middle, high = (plain(value, digits) for value in band)
    return _cell(middle, interval=f"[{low}, {high}]")


def _change(band: Ends | None) -> dict[str, Any]:
    if band is None:
        return _cell("–")
    low, middle, high = (signed(value, 2) for value in band)
    clear = bool(side(band[0], band[2])) and bool(middle.strip("+−0."))  # no bold nought
    return _cell(middle, clear, f"[{low}, {high}]")


def _sector(rows: Sequence[Row], labels: Labels) -> dict[str, Any]:
    kinds = [kind for kind in SHOWN_KINDS if any(row.band("effect", "index", kind) for row in rows)]
    gap = _taken("gap", rows, labels)
    head = [labels("compare.short_row"), gap, _taken("gap_change", rows, labels)]
    head += [labels("compare.index", kind=labels.name("kind", kind)) for kind in kinds]
    cells = [
        [
            _level(row.band("level", GAP, "all")),
            _change(row.band("effect", GAP, "all")),
            *(_change(row.band("effect", "index", kind)) for kind in kinds),
            _cell(labels.money(row.cost) if labels.chinese else plain(row.cost, 0)),
        ]
        for row in rows
    ]
    moved = {kind: [row.band("effect", "index", kind) for row in rows] for kind in kinds if kind != "large"}
    panels = [
        (gap, {"": [row.band("level", GAP, "all") for row in rows]}, False),
        *([(labels("compare.index_short"), moved, True)] if moved else []),
    ]
    title = labels("compare.figure", quarter=_quarter(rows))
    head.append(labels("compare.cost"))
    return _part(labels("compare.rows"), "", head, cells, title, panels, rows, labels)


def _own(rows: Sequence[Row], labels: Labels) -> dict[str, Any]:
    names = ("short_row", "own_index", "own_place", "own_share", "own_fails", "own_paid")
    cells = [
        [
            *(_level(_own_ends(row, name), 1 if name == "index" else 0) for name in OWN_BANDS),
            *(_cell(plain(row.own[name], 0)) for name in ("fails", "paid_back")),
        ]
        for row in rows
    ]
    panels = [
        (labels(f"compare.own_{name}"), {"": [_own_ends(row, name) for row in rows]}, False)
        for name in OWN_BANDS[:2]
    ]
    head, title = (
        [labels(f"compare.{name}") for name in names],
        labels("compare.own_figure", quarter=_quarter(rows)),
    )
    return _part(labels("compare.own"), labels("compare.own_lead"), head, cells, title, panels, rows, labels)


def _own_ends(row: Row, name: str) -> Ends:
    return row.own[f"{name}_low"], row.own[name], row.own[f"{name}_high"]


def _part(
    heading: str,
    lead: str,
    head: Sequence[str],
    cells: Sequence[Sequence[dict[str, object]]],
    title: str,
    panels: Sequence[object],
    rows: Sequence[Row],
    labels: Labels,
) -> dict[str, Any]:
    """A part of the page: its table, with the name of each row before its cells, and its figure."""
    named = [[_cell(row.names[labels.language]), *line] for row, line in zip(rows, cells, strict=True)]
    figure = _drawn(title, rows, panels, labels)
    return {
        "heading": heading,
        "lead": lead,
        "head": head,
        "rows": named,
        "figure_title": title,
        "figure": figure,
    }


def _drawn(title: str, rows: Sequence[Row], panels: Sequence[Any], labels: Labels) -> Markup:
    """The figure as SVG that stands in the page."""
    from experiments.figures.comparison import Measured, comparison
    from experiments.figures.still import save, still

    names = [row.names[labels.language] for row in rows]
    figure = still(comparison(title, names, [Measured(*panel) for panel in panels], labels))
    with TemporaryDirectory() as folder:
        svg, _ = save(figure, Path(folder), "comparison", ())
    return Markup(svg[svg.index("<svg") :])


def plain_tables(sector: Sequence[Row], own: Sequence[Row], language: str) -> dict[str, pd.DataFrame]:
    """The tables of the page with a column for each number, by file; medians over the runs."""
    labels = Labels(language)

    def named(row: Row) -> dict[str, Any]:
        return {labels("compare.short_row"): row.names[language], labels("compare.short_job"): row.job}

    kinds = {labels("compare.short_index", kind=kind_of(kind, labels)): kind for kind in SHOWN_KINDS}
    lines = [
        {
            **named(row),
            _taken("short_gap", sector, labels): _median(row.band("level", GAP, "all")),
            _taken("short_gap_change", sector, labels): _median(row.band("effect", GAP, "all")),
            **{word: _median(row.band("effect", "index", kind)) for word, kind in kinds.items()},
            labels("compare.short_cost"): row.cost / (100 if labels.chinese else 1),  # 亿, or million yuan
        }
        for row in sector
    ]
    ends = {**{f"own_{name}": name for name in OWN_BANDS}, "own_fails": "fails", "own_paid": "paid_back"}
    of_bank = [
        {**named(row), **{labels(f"compare.{word}"): row.own[name] for word, name in ends.items()}}
        for row in own
    ]
    tables = {"comparison.csv": lines, **({"own_bank.csv": of_bank} if own else {})}
    return {name: _rounded(table) for name, table in tables.items()}


def kind_of(kind: str, labels: Labels) -> str:
    """A kind of bank in a narrow column."""
    return labels.name("kind", kind) if labels.language == "zh" else kind


def _rounded(lines: list[dict[str, object]]) -> pd.DataFrame:
    """A table with three decimals and no minus before a zero."""
    table = pd.DataFrame(lines)
    numbers = table.select_dtypes("float")
    return table.assign(**{str(name): numbers[name].round(3) + 0.0 for name in numbers})


def _median(band: Ends | None) -> float:
    return float("nan") if band is None else band[1]


def text_grid(table: pd.DataFrame) -> str:
    """A table of text in columns of equal width; Chinese letters take two places."""
    lines = [list(table.columns), *table.astype(str).to_numpy().tolist()]
    widths = [max(columns(line[place]) for line in lines) for place in range(len(lines[0]))]
    shown = []
    for line in lines:
        gaps = [" " * (width - columns(cell)) for cell, width in zip(line, widths, strict=True)]
        first, *rest = zip(line, gaps, strict=True)
        shown.append("  ".join(["".join(first), *(gap + cell for cell, gap in rest)]).rstrip())
    return "\n".join([shown[0], "-" * sum(widths, 2 * len(widths) - 2), *shown[1:], ""])
