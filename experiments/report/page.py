"""The pages of a study: the report and the brief, put together by asking its sections, and the grid of answers."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from experiments.analysis.interactions import PLACES
from experiments.figures.source import StudyTables
from experiments.labels import Labels, chance, percent, titled
from experiments.location import DATA
from experiments.report.embed import TEMPLATES, filled, scripts
from experiments.report.registry import Block, Page, contents
from experiments.report.sections.provenance import cited
from experiments.report.tables import effect


def write_pages(page: Page) -> Path:
    """Draw the figures of an opened study and write its report, and its brief where there are policies.

    A study with a bank of the user's has no brief: its board paper is that. The same tables give the same bytes,
    wherever the folder lies.

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
    if page.study.focus and not page.study.settings.get("bank"):
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


def title_of(page: Page) -> str:
    """Title of a report: of the bank where the study has one of the user's, else of what policies do."""
    bank = page.study.settings.get("bank") or {}
    key = "page.brief" if page.brief else "page.own_bank" if bank else "page.title"
    return page.labels(key, name=bank.get("name", ""))


def write_page(page: Page, name: str) -> Path:
    """Write the report, or the brief, of an opened study under a name in its folder."""
    path = page.study.folder / name
    text = rendered(title_of(page), _heading(page), contents(page), page.labels, page.brief, cited(page))
    path.write_text(text, "utf-8")
    return path


def rendered(
    title: str,
    study: str,
    sections: Sequence[tuple[str, list[Block]]],
    labels: Labels,
    brief: bool = False,
    cite: Sequence[str] = (),
    beside: str = "",
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
    beside : str
        The file of the same page in the other language.
    """
    live = not brief and any(getattr(block, "chart", None) for _, blocks in sections for block in blocks)
    code, policy = scripts() if live else (Markup(), "")
    content = {
        "title": title,
        "study": study,
        "sections": sections,
        "cite": cite,
        "policy": policy,
        "beside": beside,
    }
    return filled("page.html.j2", **content, labels=labels, brief=brief, scripts=code)


def cells(frame: pd.DataFrame, labels: Labels) -> dict[str, Any]:
    """What the page says at each triple of strengths, written as the tables write it.

    Parameters
    ----------
    frame : DataFrame
        ``grid`` of a study.
    labels : Labels

    Returns
    -------
    dict
        ``outcomes``: their names; ``cells``: by the places of the strengths (``0,2,4``) the cost and a row of effect,
        interval, probability and whether it is beyond noise for each outcome.
    """
    strengths = sorted(frame["first_strength"].unique())
    keys = [f"{name}_strength" for name in PLACES]
    outcomes = list(dict.fromkeys(zip(frame["outcome"], frame["bank_kind"], strict=True)))
    columns: dict[str, Any] = {}
    for triple, mine in frame.groupby(keys, sort=False):
        rows = []
        for line in mine.to_dict("records"):
            cell = effect(line, of=str(line["outcome"]))
            rows.append([cell.text, cell.interval, chance(line["probability"]), int(cell.strong)])
        place = ",".join(str(strengths.index(one)) for one in triple)
        columns[place] = {"cost": labels.money(float(mine["cost"].iloc[0])), "rows": rows}
    outcome_names = [labels.outcome(str(outcome), str(kind)) for outcome, kind in outcomes]
    return {"outcomes": outcome_names, "strengths": [percent(one) for one in strengths], "cells": columns}


def write_grid(folder: Path, frame: pd.DataFrame, labels: Labels, study: str, cite: list[str]) -> Path:
    """Write ``grid.html`` from the table of the grid."""
    line, data = frame.iloc[0], cells(frame, labels)
    code = (TEMPLATES / "grid.js").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    last = ",".join([str(len(data["strengths"]) - 1)] * len(PLACES))
    content = {
        "labels": labels,
        "study": study,
        "cite": cite,
        "title": labels("grid.title", scenario=labels.scenario(str(line["scenario"]))),
        "policies": [labels.policy(str(line[name])) for name in PLACES],
        "outcomes": data["outcomes"],
        "strengths": data["strengths"],
        "first": data["cells"][last],
        "data": Markup(text.replace("<", "\\u003c").replace("&", "\\u0026")),
        "code": Markup(code),
        "policy": f"'sha256-{digest}'",
    }
    path = folder / "grid.html"
    path.write_text(filled("grid.html.j2", **content), "utf-8")
    return path
