"""Figures of the calibration page: the honesty panel first."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.calibration.backtest import MODEL, PRIMARY
from experiments.calibration.recovery import LEVELS
from experiments.calibration.targets import ASKED
from experiments.config.catalogue import row as catalogue_row
from experiments.figures.palette import BASELINE, GAIN, GREY, INK, KIND_COLOURS, LOSS
from experiments.figures.style import new_figure, style
from experiments.labels import Labels
from experiments.labels.numbers import percent, plain

CELLS = "18 cells"
LITTLE = 0.1
Part = dict[str, Any]


def honesty(backtest: Part, calibrate: Part, labels: Labels) -> Figure:
    """CRPS against the rivals, coverage of the bands, and how much of the prior each parameter lost."""
    rows = sorted(backtest["pooled"][CELLS], key=lambda row: row["crps"])
    model, rival = (next(row for row in rows if row["forecaster"] == name) for name in (MODEL, PRIMARY))
    text = labels(
        "calibration.honesty",
        crps=plain(model["crps"], 2),
        other=plain(rival["crps"], 2),
        wide=percent(model["coverage_90"]),
        informed=sum(row["informed"] != "no" for row in calibrate["parameters"]),
        all=len(calibrate["parameters"]),
    )
    with style():
        figure = new_figure(7.6, text)
        halves: Any = figure.subfigures(1, 2, width_ratios=(1.0, 1.1))
        upper, lower = halves[0].subplots(2, 1)
        _errors(upper, rows, labels)
        _coverage(lower, rows, labels)
        _contraction(halves[1].subplots(), calibrate["parameters"], labels)
    return figure


def _forecasters(axes: Axes, rows: list[Part], labels: Labels) -> None:
    names = [labels.name("forecaster", row["forecaster"]) for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=6)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)


def _errors(axes: Axes, rows: list[Part], labels: Labels) -> None:
    axes.set_title(labels("calibration.figure_errors"))
    for place, row in enumerate(rows):
        colour = GAIN if row["forecaster"] == MODEL else GREY
        low, high = row["crps_interval"]
        axes.hlines(place, low, high, colors=colour, linewidth=1.2)
        axes.scatter(row["crps"], place, s=26, c="white", edgecolors=colour, linewidths=1.2, zorder=3)
    _forecasters(axes, rows, labels)
    axes.set_xlabel(labels("calibration.axis_errors"), loc="right", fontsize=6)


def _coverage(axes: Axes, rows: list[Part], labels: Labels) -> None:
    axes.set_title(labels("calibration.figure_coverage"))
    for level, colour in ((50, KIND_COLOURS["city"]), (90, KIND_COLOURS["private"])):
        axes.axvline(level, color=colour, linestyle="--", linewidth=0.8)
        shares = [100.0 * row[f"coverage_{level}"] for row in rows]
        word = labels("calibration.band", level=level)
        axes.scatter(shares, range(len(rows)), s=22, color=colour, label=word)
    _forecasters(axes, rows, labels)
    axes.set_xlim(0, 104)
    axes.set_xlabel(labels("calibration.axis_coverage"), loc="right", fontsize=6)
    axes.legend(loc="lower left", fontsize=6)


def _contraction(axes: Axes, parameters: list[Part], labels: Labels) -> None:
    axes.set_title(labels("calibration.figure_learned"))
    rows = sorted(parameters, key=lambda row: row["contraction"])
    learned = np.array([row["contraction"] for row in rows])
    colours = [GAIN if value >= LITTLE else GREY for value in learned]
    axes.barh(range(len(rows)), learned, color=colours, height=0.7)
    axes.axvline(LITTLE, color=BASELINE, linestyle="--", linewidth=0.8)
    axes.set_yticks(range(len(rows)), [short(row["parameter"], labels) for row in rows], fontsize=4.5)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.set_xlim(min(0.0, float(learned.min())) - 0.02, 1.0)
    axes.set_xlabel(labels("calibration.axis_learned"), loc="right", fontsize=6)


def levels(calibrate: Part, labels: Labels) -> Figure:
    """Printed scores against what the calibrated model would print."""
    scores = calibrate["scores"]
    dimensions = list(scores["offset"])
    with style():
        text = labels("calibration.levels", share=percent(scores["within_90"]))
        figure = new_figure(4.6, text)
        grid = figure.subplots(len(ASKED), len(dimensions), sharex=True, sharey=True)
        for k, kind in enumerate(ASKED):
            for d, dimension in enumerate(dimensions):
                axes, colour = grid[k, d], KIND_COLOURS[kind]
                here = [r for r in scores["rows"] if (r["bank_kind"], r["dimension"]) == (kind, dimension)]
                years = [int(row["year"]) for row in here]
                expected, spread = (np.array([row[name] for row in here]) for name in ("expected", "spread"))
                low, high = expected - 1.645 * spread, expected + 1.645 * spread
                axes.fill_between(years, low, high, color=colour, alpha=0.2, linewidth=0)
                axes.plot(years, expected, color=colour, linewidth=1.2)
                axes.scatter(years, [row["printed"] for row in here], s=10, color=INK, zorder=3)
                axes.set_title(labels.name("dimension", dimension) if k == 0 else "")
                if years:
                    axes.set_xticks([years[0], years[-1]])
            grid[k, 0].set_ylabel(labels.name("kind", kind))
    return figure


def places(recovery: Part, labels: Labels) -> Figure:
    """Places of the truths among posterior members, over all parameters, and coverage by parameter."""
    every = np.concatenate([row["places"] for row in recovery["parameters"]])
    shares = np.histogram(every, bins=10, range=(0.0, 1.0))[0] / len(every)
    with style():
        narrow, wide = (percent(recovery[f"coverage_{level}"]) for level in (50, 90))
        text = labels("calibration.places", narrow=narrow, wide=wide, truths=recovery["truths"])
        figure = new_figure(2.6, text)
        left, right = figure.subplots(1, 2)
        left.bar(np.arange(10), 100.0 * shares, color=GREY, width=0.9)
        left.axhline(10.0, color=BASELINE, linestyle="--", linewidth=0.8)
        left.set_xlabel(labels("calibration.axis_places"), loc="right")
        left.set_ylabel(labels("calibration.axis_truths"))
        for (key, level), kind in zip(LEVELS.items(), ("city", "private"), strict=True):
            held, colour = [100.0 * row[key] for row in recovery["parameters"]], KIND_COLOURS[kind]
            right.hist(held, bins=np.arange(0, 105, 5), color=colour, alpha=0.8)
            right.axvline(100.0 * level, color=colour, linestyle="--", linewidth=0.8)
        right.set_xlabel(labels("calibration.axis_held"), loc="right")
        right.set_ylabel(labels("calibration.axis_parameters"))
    return figure


def misfits(variants: list[Part], data: int, labels: Labels) -> Figure:
    """Misfit of each variant after its own refit."""
    whole = variants[0]["misfit"]
    with style():
        figure = new_figure(2.8, labels("calibration.misfits"))
        axes = figure.subplots()
        change = [row["misfit"] - whole for row in variants]
        axes.barh(range(len(variants)), change, color=[LOSS if c > 0 else GAIN for c in change], height=0.6)
        axes.set_yticks(range(len(variants)), [labels.name("variant", row["variant"]) for row in variants])
        axes.invert_yaxis()
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_xlabel(labels("calibration.axis_misfits", whole=plain(whole, 0), data=data), loc="right")
    return figure


def short(path: str, labels: Labels) -> str:
    """What a parameter is, with the kind of bank that it is one of."""
    kind = path.split(".")[1] if path.startswith("banks.") else ""
    meaning = catalogue_row(path).meaning(labels.language)
    return f"{labels.name('kind', kind)}: {meaning}" if kind else meaning
