"""Put the report and the brief together: open the study, ask its sections, and fill the page."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from markupsafe import Markup

from experiments.figures.source import StudyTables
from experiments.labels import Labels
from experiments.location import DATA
from experiments.report.embed import filled, scripts
from experiments.report.grid import write_grid
from experiments.report.registry import Block, Page, written
from experiments.report.sections.provenance import cited


class Titled(Protocol):
    """A section as the template sees it."""

    @property
    def id(self) -> str:
        """Its place in the page; its title is ``section.<id>`` of the catalogue."""


def write_report(folder: Path, language: str, settings: object, *, data: Path | None = None) -> Path:
    """Draw the figures of a study and write its report, and its brief where there are policies.

    The same tables give the same bytes, wherever the folder lies.

    Parameters
    ----------
    folder
        A finished study: ``scores.parquet`` and ``manifest.json``, and what it has of ``effects``,
        ``outcomes``, ``costs``, ``coverage``, ``distribution`` and the tables of an analysis (parquet),
        ``network/*.graphml`` and ``schema.json``.
    language
        ``en`` or ``zh``.
    settings
        The resolved settings; every number of the catalogue among them is listed as an assumption.
    data
        Folder with ``provinces.csv``, ``source/scores.csv`` and ``source/noise_and_limits.csv``; the
        repository's by default.

    Returns
    -------
    pathlib.Path
        ``folder/report.html``; figures stand in ``folder/figures`` as PNG (200 dpi) and SVG.
    """
    return write_pages(opened(folder, language, settings, data))


def write_pages(page: Page) -> Path:
    """Write the report of an opened study, and its brief where there are policies; see `write_report`."""
    path = _write(page, "report.html")
    if page.study.has("grid"):
        write_grid(page.study.folder, page.study.table("grid"), page.labels, _heading(page), cited(page))
    if page.study.focus:
        _write(replace(page, brief=True), "brief.html")
    return path


def write_brief(folder: Path, language: str, settings: object = None, *, data: Path | None = None) -> Path:
    """Write the policy brief of a study, ``brief.html``: at most four A4 pages, ready to print.

    Parameters
    ----------
    folder, language, data
        As in `write_report`.
    settings
        The resolved settings, for the titles of policies; by default the ``config`` of the manifest.
    """
    page = opened(folder, language, settings, data)
    return _write(replace(page, brief=True), "brief.html")


def opened(
    folder: Path, language: str, settings: Any = None, data: Path | None = None, workers: int | str = 1
) -> Page:
    """A page of a study, by the given settings or those of its manifest; so many processes draw its figures."""
    plain = settings.plain() if hasattr(settings, "plain") else dict(settings or {})
    study = StudyTables(Path(folder), plain, data or DATA)
    if not plain:
        study = StudyTables(study.folder, study.json("manifest.json").get("config") or {}, study.data)
    return Page(study, Labels(language, titles(study, language)), workers=workers)


def titles(study: StudyTables, language: str) -> dict[str, str]:
    """Titles that the settings give to scenarios, by label and name, and to policies and shocks by name."""
    given: dict[str, str] = {}
    for node in study.nodes:
        for item in (*node.get("policies", ()), *node.get("shocks", ())):
            given.setdefault(str(item["name"]), str((item.get("title") or {}).get(language) or ""))
    for node in study.nodes:
        title = (node.get("title") or {}).get(language)
        if title and str(node["label"]).partition("@")[0] == str(node.get("name")):
            given[str(node["name"])] = str(title)
    return {name: title for name, title in given.items() if title}


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


def _write(page: Page, name: str) -> Path:
    title = page.labels("page.brief" if page.brief else "page.title")
    path = page.study.folder / name
    text = rendered(title, _heading(page), written(page), page.labels, page.brief, cited(page))
    path.write_text(text, "utf-8")
    return path


def rendered(
    title: str,
    study: str,
    sections: Sequence[tuple[Titled, list[Block]]],
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
        Each section with what it says; its title is ``section.<id>`` of the catalogue.
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
