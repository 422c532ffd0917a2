"""Put the report, or the brief, together: read, draw, tabulate, and fill the page."""

from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
import pandas as pd
from markupsafe import Markup

from experiments.labels import Labels
from experiments.location import DATA
from experiments.report import costs, effects
from experiments.report.assumptions import assumptions
from experiments.report.brief import short
from experiments.report.doubt import uncertainty
from experiments.report.drawings import Drawing, drawings
from experiments.report.expected import expected_and_found, scenario_list
from experiments.report.focus import focus_of
from experiments.report.laboratory import answer
from experiments.report.levels import first_year, levels, survey
from experiments.report.material import Material, scenario_nodes
from experiments.report.origin import dictionary, hashes, origin
from experiments.report.pains import pain_effects, pain_levels
from experiments.report.summary import summary
from experiments.report.table import Table
from experiments.report.webfont import faces

TEMPLATES = Path(__file__).parent / "templates"
OWN_BANK = "..own_bank.report"  # a room of its own, which stands on this one


def report(
    folder: Path, language: str, settings: Any, data: Path | None = None, calibration: str | None = None
) -> Path:
    """Write ``report.html`` and the figures of a study; see `experiments.report.write_report`."""
    material, labels = _open(folder, language, settings, data)
    focus = focus_of(material)
    surveyed = survey(material)
    found = levels(material, first_year(material, surveyed))
    shared = _shared(material, labels, focus, found, drawings(material, labels, focus, surveyed, found))
    told, paid = answer(material, labels), _costs(material, labels, focus)
    years = sorted(int(year) for year in surveyed["year"].unique())
    rows = assumptions(material.settings)
    grades = Counter(row.grade for row in rows)
    listed = labels.listing([f"{labels.name('grade', grade)} {count}" for grade, count in grades.items()])
    content = {
        **shared,
        "title": labels("page.title"),
        "answer": told,
        "own_bank": import_module(OWN_BANK, __package__).own_section(material, labels),
        "levels": effects.levels(material, labels, found),
        "pains": [
            pain_levels(material, labels, years),
            pain_effects(material, labels, focus) if focus else None,
        ],
        "costs": paid,
        "policies": [scenario_list(material, labels), expected_and_found(material, labels)],
        "assumptions": {
            group: [row for row in rows if row.group == group]
            for group in dict.fromkeys(r.group for r in rows)
        },
        "assumptions_note": labels("note.assumptions", count=len(rows), grades=listed),
        "calibration": quote(calibration, safe="/.#") if calibration else "",
        "origin": origin(material, labels),
        "hashes": hashes(material, labels),
        "dictionary": dictionary(material, labels),
    }
    if focus:
        content_of_brief = short(material, labels, {**shared, "found": found}, paid, told)
        _write(folder / "brief.html", "brief.html.j2", content_of_brief, labels)
    return _write(folder / "report.html", "report.html.j2", content, labels)


def brief(folder: Path, language: str, settings: Any = None, data: Path | None = None) -> Path:
    """Write ``brief.html``: summary, scoreboard, fans, costs and caveats; see `experiments.report.write_brief`."""
    material, labels = _open(folder, language, settings, data)
    focus = focus_of(material)
    surveyed = survey(material)
    found = levels(material, first_year(material, surveyed))
    shared = _shared(material, labels, focus, found, drawings(material, labels, focus, surveyed, None))
    paid, told = _costs(material, labels, focus), answer(material, labels)
    content = short(material, labels, {**shared, "found": found}, paid, told)
    return _write(folder / "brief.html", "brief.html.j2", content, labels)


def _open(folder: Path, language: str, settings: Any, data: Path | None) -> tuple[Material, Labels]:
    plain = settings.plain() if hasattr(settings, "plain") else dict(settings or {})
    material = Material(Path(folder), plain, data or DATA)
    if not plain:
        material = Material(
            material.folder, material.json("manifest.json").get("config") or {}, material.data
        )
    return material, Labels(language, titles(material.settings, language))


def titles(settings: Mapping[str, Any], language: str) -> dict[str, str]:
    """Titles that the settings give to scenarios, by label and name, and to policies and shocks by name."""
    found: dict[str, str] = {}
    for node in scenario_nodes(settings):
        for item in (*node.get("policies", ()), *node.get("shocks", ())):
            title = item.get("title") or {}
            found.setdefault(str(item["name"]), str(title.get(language) or ""))
    for node in scenario_nodes(settings):
        title = node.get("title") or {}
        if title.get(language) and str(node["label"]).partition("@")[0] == str(node.get("name")):
            found[str(node["name"])] = str(title[language])
    return {name: title for name, title in found.items() if title}


def _shared(
    material: Material, labels: Labels, focus: str | None, found: pd.DataFrame, figures: list[Drawing]
) -> dict[str, Any]:
    """What the report and the brief both show."""
    words = {
        "name": material.settings.get("name") or material.folder.name,
        "scenarios": len(material.scenarios),
        "replicates": material.runs,
        "start": material.settings.get("start") or min(map(str, material.distinct("scores", "quarter"))),
        "end": material.quarter,
        "seed": material.settings.get("seed", material.json("manifest.json").get("seed", "–")),
    }
    tables: list[Table] = []
    if focus:
        kinds, outputs = effects.by_kind(material, labels), effects.every_output(material, labels, focus)
        sides = effects.by_dimension(material, labels, focus), effects.headlines(material, labels)
        tables = [table for table in (kinds, outputs, *sides) if table.rows]
    return {
        "study": labels("page.study", **words),
        "summary": summary(material, labels, found),
        "uncertainty": uncertainty(material, labels),
        "effects": tables,
        "figures": figures,
        "labels": labels,
    }


def _costs(material: Material, labels: Labels, focus: str | None) -> list[Table]:
    if not focus or material.costs.empty:
        return []
    return [
        costs.by_payer(material, labels),
        costs.by_year(material, labels, focus),
        costs.by_policy(material, labels),
    ]


@cache
def _environment() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(TEMPLATES)
    return jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _write(path: Path, template: str, content: dict[str, Any], labels: Labels) -> Path:
    style = (TEMPLATES / "style.css").read_text("utf-8")
    page = _environment().get_template(template)
    body = page.render(**content, style="")
    path.write_text(page.render(**content, style=Markup(faces(body) + style)), "utf-8")
    return path
