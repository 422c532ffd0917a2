"""Figures of the calibration page: the honesty panel first."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.calibration.backtest import MODEL, NO_GROWTH, PRIMARY, PRIOR
from experiments.figures.chart import BASELINE, GAIN, GREY, KIND_COLOURS, LOSS
from experiments.figures.style import new_figure, style

OWN = (MODEL, NO_GROWTH, PRIOR)
CELLS = "18 cells"


def honesty(backtest: dict[str, Any], calibrate: dict[str, Any]) -> Figure:
    """CRPS against the rivals, coverage of the bands, and how much of the prior each parameter lost."""
    rows = sorted(backtest["pooled"][CELLS], key=lambda row: row["crps"])
    best, model = rows[0]["forecaster"], next(row for row in rows if row["forecaster"] == MODEL)
    rival = next(row for row in rows if row["forecaster"] == PRIMARY)
    informed = sum(row["informed"] != "no" for row in calibrate["parameters"])
    finding = (
        f"Forecast error {model['crps']:.2f} points (CRPS), {PRIMARY} {rival['crps']:.2f}; best: {best}. "
        f"90 % bands cover {100 * model['coverage_90']:.0f} %. "
        f"The survey informs {informed} of {len(calibrate['parameters'])} parameters."
    )
    with style():
        figure = new_figure(6.2, finding)
        halves: Any = figure.subfigures(1, 2, width_ratios=(1.15, 1.0))
        left, right = halves
        upper, lower = left.subplots(2, 1)
        _errors(upper, rows)
        _coverage(lower, rows)
        _contraction(right.subplots(), calibrate["parameters"])
    return figure


def _errors(axes: Axes, rows: list[dict[str, Any]]) -> None:
    axes.set_title("Forecast error of the next survey")
    for place, row in enumerate(rows):
        colour = GAIN if row["forecaster"] == MODEL else GREY
        low, high = row["crps_interval"]
        axes.hlines(place, low, high, colors=colour, linewidth=1.2)
        axes.scatter(row["crps"], place, s=26, c="white", edgecolors=colour, linewidths=1.2, zorder=3)
    axes.set_yticks(range(len(rows)), [row["forecaster"] for row in rows])
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("CRPS, points; lower is better; lines: 90 % bootstrap", loc="right")


def _coverage(axes: Axes, rows: list[dict[str, Any]]) -> None:
    axes.set_title("Observed scores inside the bands")
    for level, colour in ((50, KIND_COLOURS["city"]), (90, KIND_COLOURS["private"])):
        axes.axvline(level, color=colour, linestyle="--", linewidth=0.8)
        shares = [100.0 * row[f"coverage_{level}"] for row in rows]
        axes.scatter(shares, range(len(rows)), s=22, color=colour, label=f"{level} % band")
    axes.set_yticks(range(len(rows)), [row["forecaster"] for row in rows])
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.set_xlim(0, 104)
    axes.set_xlabel("share of cells, %; dashed: what it should be", loc="right")
    axes.legend(loc="upper left", ncols=2, bbox_to_anchor=(0.0, -0.22))


def _contraction(axes: Axes, parameters: list[dict[str, Any]]) -> None:
    axes.set_title("What the survey informs")
    rows = sorted(parameters, key=lambda row: row["contraction"])
    learned = np.array([row["contraction"] for row in rows])
    axes.barh(
        range(len(rows)), learned, color=[GAIN if value >= 0.1 else GREY for value in learned], height=0.7
    )
    axes.axvline(0.1, color=BASELINE, linestyle="--", linewidth=0.8)
    axes.set_yticks(range(len(rows)), [short(row["parameter"]) for row in rows], fontsize=5)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.set_xlim(min(0.0, float(learned.min())) - 0.02, 1.0)
    axes.set_xlabel("contraction: 0 prior, 1 certain", loc="right")


def levels(calibrate: dict[str, Any]) -> Figure:
    """The survey's scores against what the calibrated model expects and would report."""
    fit, targets = calibrate["fit"], calibrate["targets"]
    years, kinds, dimensions = targets["years"], targets["kinds"], targets["dimensions"]
    observed, expected = _array(targets["scores"]), _array(fit["expected"])
    low, high = _array(fit["survey_low"]), _array(fit["survey_high"])
    with style():
        share = 100 * fit["within_90"]
        figure = new_figure(
            4.6, f"{share:.0f} % of the observed scores lie in the 90 % bands of the calibrated survey"
        )
        grid = figure.subplots(len(kinds), len(dimensions), sharex=True, sharey=True)
        for k, kind in enumerate(kinds):
            for d, dimension in enumerate(dimensions):
                axes, colour = grid[k, d], KIND_COLOURS[kind]
                axes.fill_between(years, low[:, k, d], high[:, k, d], color=colour, alpha=0.2, linewidth=0)
                axes.plot(years, expected[:, k, d], color=colour, linewidth=1.2)
                axes.scatter(years, observed[:, k, d], s=10, color="#222222", zorder=3)
                axes.set_title(dimension if k == 0 else "")
                axes.set_xticks([years[0], years[-1]])
            grid[k, 0].set_ylabel(f"{kind}, score")
    return figure


def ranks(recovery: dict[str, Any]) -> Figure:
    """Ranks of the truths among posterior draws, all parameters, with the band of a uniform distribution."""
    bins, places = 16, recovery["draws"] + 1
    counts = np.array(
        [np.bincount(np.array(r["ranks"]) * bins // places, minlength=bins) for r in recovery["parameters"]]
    )
    truths = recovery["truths"]
    with style():
        word = "uniform" if recovery["uniform"] else "not uniform for every parameter"
        figure = new_figure(
            2.6,
            f"Truths lie anywhere among {recovery['draws']} posterior draws: ranks are {word} over {truths} truths",
        )
        left, right = figure.subplots(1, 2)
        left.bar(np.arange(bins), counts.mean(0), color=GREY, width=0.9)
        left.axhline(truths / bins, color=BASELINE, linestyle="--", linewidth=0.8)
        left.set_xlabel("rank of the truth, in sixteenths", loc="right")
        left.set_ylabel("truths, mean over parameters")
        for level, colour in ((50, KIND_COLOURS["city"]), (90, KIND_COLOURS["private"])):
            right.hist(
                [100 * r[f"coverage_{level}"] for r in recovery["parameters"]], color=colour, alpha=0.8
            )
            right.axvline(level, color=colour, linestyle="--", linewidth=0.8)
        right.set_xlabel("truths inside the 50 and 90 % intervals, %", loc="right")
        right.set_ylabel("parameters")
    return figure


def misfits(ablations: dict[str, Any]) -> Figure:
    """Misfit of each variant after its own refit."""
    rows = ablations["variants"]
    whole = rows[0]["misfit"]
    with style():
        figure = new_figure(
            2.5, "What the fit loses without a mechanism, after the other numbers have been fitted again"
        )
        axes = figure.subplots()
        change = [row["misfit"] - whole for row in rows]
        axes.barh(range(len(rows)), change, color=[LOSS if c > 0 else GAIN for c in change], height=0.6)
        axes.set_yticks(range(len(rows)), [row["variant"] for row in rows])
        axes.invert_yaxis()
        axes.axvline(0, color="#222222", linewidth=0.8)
        axes.set_xlabel(
            f"change of the misfit (whole model: {whole:.0f} on 75 data); right is worse", loc="right"
        )
    return figure


def short(path: str) -> str:
    """A parameter's name without the words that all of its group share."""
    name = path.removeprefix("behaviour.").removeprefix("banks.")
    return (
        name.replace("initial_capability.", "start ")
        .replace("dimension_productivity.", "productivity ")
        .replace("_", " ")
        .replace(".", " ")
    )


def _array(nested: Any) -> np.ndarray:
    return np.array(nested, dtype=float)
