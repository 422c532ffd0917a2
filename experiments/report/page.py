"""Put the report and the brief together: open the study, ask its sections, and fill the page."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from markupsafe import Markup

from experiments.figures.source import StudyTables
from experiments.labels import Labels, titled
from experiments.location import DATA
from experiments.report.embed import filled, scripts
from experiments.report.grid import write_grid
from experiments.report.registry import Block, Page, written
from experiments.report.sections.provenance import cited


def write_pages(page: Page) -> Path:
    """Draw the figures of an opened study and write its report, and its brief where there are policies.

    The same tables give the same bytes, wherever the folder lies.

    Parameters
    ----------
    page
        See `opened`.

    Returns
    -------
    pathlib.Path
        ``folder/report.html``, beside ``brief.html``: at most four A4 pages, ready to print; figures stand in
        ``folder/figures`` as PNG (200 dpi) and SVG.
    """
    path = write_page(page, "report.html")
    if page.study.has("grid"):
        write_grid(page.study.folder, page.study.table("grid"), page.labels, _heading(page), cited(page))
    if page.study.focus:
        write_page(replace(page, brief=True), "brief.html")
    return path


def opened(
    folder: Path, language: str, settings: Any = None, data: Path | None = None, workers: int | str = 1
) -> Page:
    """A page of a study.

    Parameters
    ----------
    folder
        A finished study: ``scores.parquet`` and ``manifest.json``, and what it has of ``effects``,
        ``outcomes``, ``costs``, ``coverage``, ``distribution`` and the tables of an analysis (parquet),
        ``network/*.graphml`` and ``schema.json``.
    language
        ``en`` or ``zh``.
    settings
        The resolved settings, of which every number of the catalogue is listed as an assumption; by default the
        ``config`` of the manifest.
    data
        Folder with ``provinces.csv``, ``source/scores.csv`` and ``source/noise_and_limits.csv``; the
        repository's by default.
    workers
        Processes that draw its figures.
    """
    plain = settings.plain() if hasattr(settings, "plain") else dict(settings or {})
    study = StudyTables(Path(folder), plain, data or DATA)
    if not plain:
        study = StudyTables(study.folder, study.json("manifest.json").get("config") or {}, study.data)
    return Page(study, Labels(language, titled(study.nodes, language)), workers=workers)


def _heading(page: Page) -> str:
    """What was run: scenarios, runs, quarters and seed; nothing of where the folder lies."""
    study, manifest = page.study, page.study.json("manifest.json")
    start = study.settings.get("start") or min(map(str, study.distinct("scores", "quarter")))
    return page.labels(
        "page.study",
        name=study.settings.get("name") or manifest.get("name") or "–",
        scenarios=len(study.scenarios),
        replicates=study.runs,
        start=page.labels.quarter(str(start)),
        end=page.labels.quarter(study.quarter),
        seed=study.settings.get("seed", manifest.get("seed", "–")),
    )


def write_page(page: Page, name: str) -> Path:
    """Write the report, or the brief, of an opened study under a name in its folder."""
    title = page.labels("page.brief" if page.brief else "page.title")
    path = page.study.folder / name
    text = rendered(title, _heading(page), written(page), page.labels, page.brief, cited(page))
    path.write_text(text, "utf-8")
    return path


def rendered(
    title: str,
    study: str,
    sections: Sequence[tuple[str, list[Block]]],
    labels: Labels,
    brief: bool = False,
    cite: Sequence[str] = (),
) -> str:
    """A page as one self-contained text.

    Parameters
    ----------
    title, study : str
        The heading, and a line below it that says what was run.
    sections : sequence of pairs
        The id of each section with what it says; its title is ``section.<id>`` of the catalogue.
    labels : Labels
    brief : bool
        Whether it is to be printed on a few sheets.
    cite : sequence of str
        By which versions it was made, and how it is cited.
    """
    live = not brief and any(getattr(block, "chart", None) for _, blocks in sections for block in blocks)
    code, policy = scripts() if live else (Markup(), "")
    content = {"title": title, "study": study, "sections": sections, "cite": cite, "policy": policy}
    return filled("page.html.j2", **content, labels=labels, brief=brief, scripts=code)
