"""The calibration page: one self-contained HTML file of whatever parts have been worked out so far."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup, escape

from experiments.calibration.words import sentences

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PARTS = ("calibrate", "backtest", "recovery", "patterns", "ablations")
TEMPLATES = Path(__file__).parent / "templates"
STYLE = Path(__file__).parents[1] / "report" / "templates" / "style.css"


def write_page(folder: Path) -> Path:
    """Write ``report.html`` from the JSON files of the tasks in a folder.

    Parameters
    ----------
    folder : Path
        With ``calibrate.json`` and what there is of the other tasks.

    Returns
    -------
    Path
    """
    parts: dict[str, Any] = {
        name: json.loads((folder / f"{name}.json").read_text("utf-8"))
        for name in PARTS
        if (folder / f"{name}.json").is_file()
    }
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    page = environment.get_template("page.html.j2").render(
        **{name: parts.get(name) for name in PARTS},
        figures={name: Markup(drawing) for name, drawing in _drawings(parts).items()},
        said=sentences(parts),
        style=Markup(STYLE.read_text("utf-8")),
    )
    path = folder / "report.html"
    path.write_text(page, "utf-8")
    return path


def _drawings(parts: dict[str, Any]) -> dict[str, str]:
    """Figures of the parts at hand, as SVG."""
    from experiments.calibration import figures

    made: dict[str, Figure] = {}
    if "calibrate" in parts:
        made["levels"] = figures.levels(parts["calibrate"])
    if "calibrate" in parts and "backtest" in parts:
        made["honesty"] = figures.honesty(parts["backtest"], parts["calibrate"])
    if "recovery" in parts:
        made["ranks"] = figures.ranks(parts["recovery"])
    if "ablations" in parts:
        made["misfits"] = figures.misfits(parts["ablations"])
    return {name: _svg(figure, name) for name, figure in made.items()}


def _svg(figure: Figure, name: str) -> str:
    from experiments.figures.style import finding, style

    drawn = StringIO()
    with style():
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    text = drawn.getvalue()
    inside = text[text.index("<svg") :]
    # Ids are made the figure's own, so that several drawings can stand in one page.
    for mark in ('id="', "url(#", 'href="#'):
        inside = inside.replace(mark, f"{mark}{name}-")
    return inside.replace("<svg", f'<svg role="img" aria-label="{escape(finding(figure))}"', 1)
