"""Figures of the calibration page: the honesty panel first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from experiments.calibration.backtest import MODEL, PRIMARY
from experiments.calibration.recovery import LEVELS
from experiments.calibration.targets import ASKED
from experiments.config.catalogue import row as catalogue_row
from experiments.figures.chart import Axis, Chart, Key, Mark, Panel, bars, rows, rule
from experiments.figures.palette import BASELINE, GAIN, GREY, INK, KIND_COLOURS, LOSS
from experiments.labels import Labels
from experiments.labels.numbers import percent, plain
from experiments.results.statistics import CRITICAL

CELLS = "18 cells"
LITTLE = 0.1
SHADES = (KIND_COLOURS["city"], KIND_COLOURS["private"])  # of the 50 and the 90 % interval
Part = dict[str, Any]


def honesty(backtest: Part, calibrate: Part, labels: Labels) -> Chart:
    """CRPS against the rivals, and coverage of the bands."""
    table = sorted(backtest["pooled"][CELLS], key=lambda row: row["crps"])
    model, rival = (next(row for row in table if row["forecaster"] == name) for name in (MODEL, PRIMARY))
    parameters = calibrate["parameters"]
    facts = {"crps": plain(model["crps"], 2), "other": plain(rival["crps"], 2)}
    facts |= {"wide": percent(model["coverage_90"]), "all": str(len(parameters))}
    title = labels(
        "calibration.honesty", informed=sum(row["informed"] != "no" for row in parameters), **facts
    )
    y = np.arange(len(table))
    low, high = np.array([row["crps_interval"] for row in table]).T
    colours = [GAIN if row["forecaster"] == MODEL else GREY for row in table]
    spans = {"x0": low, "x1": high, "y0": y, "y1": y, "colour": colours}
    crps = {"x": [row["crps"] for row in table], "y": y, "colour": colours}
    errors = [Mark("segments", spans), Mark("points", crps, fill="#ffffff")]
    names = rows(labels.name("forecaster", row["forecaster"]) for row in table)
    covered, keys = list[Mark](), []
    for level, colour in zip((50, 90), SHADES, strict=True):
        shares = {"x": [100.0 * row[f"coverage_{level}"] for row in table], "y": y}
        covered += [rule(level, colour=colour, dash=True), Mark("points", shares, colour)]
        keys.append(Key(labels("calibration.band", level=level), colour, "dot"))
    axes = [Axis(labels(f"calibration.axis_{name}")) for name in ("errors", "coverage")]
    panels = [
        Panel(errors, labels("calibration.figure_errors"), axes[0], names, wide=1.1),
        Panel(covered, labels("calibration.figure_coverage"), axes[1], replace(names, bare=True)),
    ]
    return Chart(title, panels, pd.DataFrame(backtest["pooled"][CELLS]), 2.9, keys=keys)


def learned(parameters: list[Part], labels: Labels) -> Chart:
    """How much of the prior each parameter lost."""
    table = sorted(parameters, key=lambda row: -row["contraction"])
    contraction = [row["contraction"] for row in table]
    colours = [GAIN if value >= LITTLE else GREY for value in contraction]
    marks = [_bars(contraction, colours), rule(LITTLE, colour=BASELINE, dash=True)]
    names = rows(short(row["parameter"], labels) for row in table)
    across = Axis(labels("calibration.axis_learned"), low=min(0.0, *contraction) - 0.02, high=1.0)
    title = labels("calibration.figure_learned")
    return Chart(title, [Panel(marks, x=across, y=names)], pd.DataFrame(parameters), 0.9 + 0.16 * len(table))


def _bars(values: Sequence[float], colours: Sequence[str]) -> Mark:
    """Lying bars from nothing, the first on top."""
    columns = {"y": np.arange(len(values)), "zero": 0.0, "value": values, "colour": colours}
    return Mark("cells", bars(pd.DataFrame(columns), "zero", "value", height=0.7))


def levels(calibrate: Part, labels: Labels) -> Chart:
    """Printed scores against what the calibrated model would print."""
    data = pd.DataFrame(calibrate["scores"]["rows"])
    scores = data.assign(x=data["year"].astype(int), y=data["expected"])
    reach = CRITICAL * scores["spread"]
    scores = scores.assign(low=scores["expected"] - reach, high=scores["expected"] + reach)
    years = Axis(ticks={float(year): str(year) for year in (scores["x"].min(), scores["x"].max())})
    panels = []
    for kind in ASKED:
        for dimension in calibrate["scores"]["offset"]:
            here = scores[(scores["bank_kind"] == kind) & (scores["dimension"] == dimension)]
            colour = KIND_COLOURS[kind]
            marks = [Mark("band", here, colour, alpha=0.2), Mark("line", here, colour)]
            marks.append(Mark("points", here.assign(y=here["printed"]), INK, size=3.2))
            panels.append(Panel(marks, labels.name("dimension", dimension), years))
    keys = [Key(labels.name("kind", kind), KIND_COLOURS[kind]) for kind in ASKED]
    title = labels("calibration.levels", share=percent(calibrate["scores"]["within_90"]))
    across = len(calibrate["scores"]["offset"])
    return Chart(title, panels, data, 5.0, columns=across, share=True, keys=keys)


def places(recovery: Part, labels: Labels) -> Chart:
    """Places of the truths among posterior members, over all parameters, and coverage by parameter."""
    parameters = recovery["parameters"]
    every = np.concatenate([row["places"] for row in parameters])
    shares = 100.0 * np.histogram(every, bins=10, range=(0.0, 1.0))[0] / len(every)
    left = [
        _columns(np.arange(-0.5, 10.0), shares, GREY),
        rule(10.0, upright=False, colour=BASELINE, dash=True),
    ]
    right, steps = list[Mark](), np.arange(0, 105, 5)
    for (key, level), colour in zip(LEVELS.items(), SHADES, strict=True):
        held = np.histogram([100.0 * row[key] for row in parameters], bins=steps)[0]
        right += [_columns(steps, held, colour), rule(100.0 * level, colour=colour, dash=True)]
    panels = [
        Panel(marks, x=Axis(labels(f"calibration.axis_{x}")), y=Axis(labels(f"calibration.axis_{y}")))
        for marks, x, y in ((left, "places", "truths"), (right, "held", "parameters"))
    ]
    facts = {"narrow": percent(recovery["coverage_50"]), "wide": percent(recovery["coverage_90"])}
    title = labels("calibration.places", truths=recovery["truths"], **facts)
    return Chart(title, panels, pd.DataFrame(parameters), 2.6)


def _columns(edges: np.ndarray, tall: np.ndarray, colour: str) -> Mark:
    """Upright bars between edges."""
    cells: Mapping[str, Any] = {"left": edges[:-1], "right": edges[1:], "low": 0.0 * tall, "high": tall}
    return Mark("cells", cells, colour, alpha=0.8, edge="#ffffff")


def misfits(variants: list[Part], data: int, labels: Labels) -> Chart:
    """Misfit of each variant after its own refit."""
    whole = variants[0]["misfit"]
    change = [row["misfit"] - whole for row in variants]
    marks = [_bars(change, [LOSS if value > 0 else GAIN for value in change]), rule(0.0)]
    across = Axis(labels("calibration.axis_misfits", whole=plain(whole, 0), data=data))
    names = rows(labels.name("variant", row["variant"]) for row in variants)
    return Chart(
        labels("calibration.misfits"), [Panel(marks, x=across, y=names)], pd.DataFrame(variants), 2.8
    )


def short(path: str, labels: Labels) -> str:
    """What a parameter is, with the kind of bank that it is one of."""
    kind = path.split(".")[1] if path.startswith("banks.") else ""
    meaning = catalogue_row(path).meaning(labels.language)
    return f"{labels.name('kind', kind)}: {meaning}" if kind else meaning
