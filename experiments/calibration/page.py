"""The calibration page: one self-contained HTML file of whatever parts have been worked out so far.

Losses are said as plainly as wins.
"""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
import numpy as np
from markupsafe import Markup, escape

from experiments.calibration.backtest import MODEL, NO_GROWTH, PRIMARY
from experiments.calibration.forward import ASKED

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PARTS = ("calibrate", "backtest", "recovery", "patterns", "ablations")
TEMPLATES = Path(__file__).parent / "templates"
STYLE = Path(__file__).parents[1] / "report" / "templates" / "style.css"
CLEAR = 4  # a change of the misfit that would speak against a variant: two standard errors of one degree of freedom


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


def sentences(parts: dict[str, Any]) -> dict[str, list[str]]:
    """Sentences by part."""
    makers = {
        "calibrate": _fit,
        "backtest": _backtest,
        "recovery": _recovery,
        "patterns": _patterns,
        "ablations": _ablations,
    }
    return {name: make(parts[name]) for name, make in makers.items() if name in parts}


def _fit(part: dict[str, Any]) -> list[str]:
    fit, chains = part["fit"], part["chains"]
    groups: dict[str, list[str]] = {"well": [], "weakly": [], "no": []}
    for row in part["parameters"]:
        name = row["parameter"].removeprefix("behaviour.").removeprefix("banks.")
        groups[row["informed"]].append(name)
    return [
        f"{fit['observed']} data (scores, five shares of spending, one expectation of growth a kind), "
        f"{len(part['parameters'])} parameters, {chains['runs']} runs of the model, {chains['members']} members in the "
        f"ensemble (version {part['ensemble']['version']}).",
        f"The squared misfit is {fit['misfit']:.0f} for {fit['observed']} data; expected scores miss the observed "
        f"ones by {fit['rmse']:.1f} points (root mean square), and {100 * fit['within_90']:.0f} % of the scores lie "
        "in the 90 % bands of the simulated survey.",
        f"The emulator misses the mean of the model's own runs at the members by {fit['emulator_bias']:.2f} points "
        f"on average; the noise of a surveyed score is about {min(fit['noise_sd']):.0f} points.",
        f"Informed well (at least half of the prior variance gone): {_list(groups['well'])}.",
        f"Informed weakly: {_list(groups['weakly'])}.",
        f"Not informed: {_list(groups['no'])}. What the model says through these numbers is what was assumed.",
    ]


def _backtest(part: dict[str, Any]) -> list[str]:
    said = []
    for title, tables in [
        (f"{o['year']}, fitted to {o['fitted_until']}", o["scores"]) for o in part["origins"]
    ] + [("All years together", part["pooled"])]:
        for cells, rows in tables.items():
            by_name = {row["forecaster"]: row for row in rows}
            model, rival = by_name[MODEL], by_name[PRIMARY]
            low, high = model["crps_less_primary_interval"]
            verdict = "beats" if high < 0 else "loses to" if low > 0 else "cannot be told from"
            lead = "below" if model["crps_less_primary"] < 0 else "above"
            said.append(
                f"{title}, {cells}: the model {verdict} {PRIMARY}. CRPS {model['crps']:.2f}, "
                f"{abs(model['crps_less_primary']):.2f} {lead} the rival's {rival['crps']:.2f} (90 % interval of the "
                f"difference {low:+.2f} to {high:+.2f}); MAE {model['mae']:.2f} against {rival['mae']:.2f}; its 90 % "
                f"bands cover {100 * model['coverage_90']:.0f} %, its 50 % bands {100 * model['coverage_50']:.0f} %. "
                f"Without the expectation of slow growth its CRPS is {by_name[NO_GROWTH]['crps']:.2f}."
            )
    return [*said, *(_errors(origin) for origin in part["origins"])]


def _errors(origin: dict[str, Any]) -> str:
    """Where a forecast missed, by kind: above or below on average, and how far."""
    error = np.array(origin["forecast"], float) - np.array(origin["observed"], float)
    by_kind = [
        f"{kind} {row.mean():+.1f} (size {np.abs(row).mean():.1f})"
        for kind, row in zip(ASKED, error, strict=True)
    ]
    return f"{origin['year']}: mean error of the model's forecast by kind, points: {', '.join(by_kind)}."


def _recovery(part: dict[str, Any]) -> list[str]:
    verdict = "No parameter fails" if part["uniform"] else "At least one parameter fails"
    return [
        f"{part['truths']} synthetic surveys, {part['draws']} posterior draws each. {verdict} the test of uniform "
        f"ranks (smallest p {part['smallest_p']:.4f}, threshold {part['threshold']:.5f}, which a sound procedure "
        f"breaks once in a hundred times); all p together: {part['p_together']:.3f}.",
        f"50 % intervals hold {100 * part['coverage_50']:.1f} % of the truths, 90 % intervals "
        f"{100 * part['coverage_90']:.1f} %.",
    ]


def _patterns(part: dict[str, Any]) -> list[str]:
    rows = part["patterns"]
    failed = [row["pattern"] for row in rows if not row["passed"]]
    alarm = sum(row["false_alarm"] for row in rows)
    return [
        f"{len(rows) - len(failed)} of {len(rows)} patterns pass; failing: {_list(failed)}. A model in which all hold "
        f"would fail at least one by chance with a probability of at most {alarm:.2f}."
    ]


def _ablations(part: dict[str, Any]) -> list[str]:
    whole, *others = part["variants"]
    change = {row["variant"]: row["misfit"] - whole["misfit"] for row in others}
    worse = [name for name, value in change.items() if value > CLEAR]
    better = [name for name, value in change.items() if value < -CLEAR]
    same = [name for name, value in change.items() if abs(value) <= CLEAR]
    said = [
        f"Misfit of the whole model after the same refit: {whole['misfit']:.0f}. Worse by more than {CLEAR}: "
        f"{_list(worse)}. Within {CLEAR}, so that the scores cannot tell it from the whole model: {_list(same)}. "
        f"Better by more than {CLEAR}: {_list(better)}."
    ]
    if "ranking" in whole:
        order = " > ".join(name.replace("_", " ") for name in whole["ranking"])
        moved = [row["variant"] for row in others if row["ranking"] != whole["ranking"]]
        said.append(f"The order of the policies is {order}; it changes in: {_list(moved)}.")
    return said


def _list(names: list[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names) or "none"
