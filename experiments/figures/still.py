"""A chart on paper: drawn with matplotlib, off screen, the same bytes each time."""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedFormatter, FixedLocator

from experiments.figures.chart import Axis, Chart, Key, Mark, Panel
from experiments.figures.style import WIDTH, bare, new_figure, style, wrapped
from experiments.labels.numbers import columns

CROWD = 3000  # marks of a panel beyond which an SVG holds them as an image
NOTE_COLUMNS = 128
KEYS = 112  # letters of the legend side by side, six of them for what stands before a key
LETTER = 0.072  # inches: a Latin letter of a title or an axis
DASHES = (0, (4, 2))


def still(chart: Chart) -> Figure:
    """Draw a chart at the width of a page."""
    chart = chart.on_paper()
    count = len(chart.panels)
    across = chart.columns or count
    with style():
        figure = new_figure(chart.height, chart.title)
        wide = [panel.wide for panel in chart.panels[:across]]
        letters = [int((WIDTH * panel.wide / sum(wide) - 0.45) / LETTER) for panel in chart.panels]
        grid = figure.subplots(-(-count // across), across, squeeze=False, width_ratios=wide,
                               sharex=chart.share, sharey=chart.share)  # fmt: skip
        panels = list(grid.flat)
        tall = int((chart.height / -(-count // across) - 0.45) / LETTER)
        for axes, panel, most in zip(panels, chart.panels, letters, strict=False):
            _panel(axes, panel, chart.share, most, tall)
        for axes in panels[count:]:
            axes.set_axis_off()
        if chart.share:
            _labels_outside(figure, panels, chart)
        if chart.scale:
            _bar(figure, panels, chart)
        if chart.keys:
            handles = [_handle(key) for key in chart.keys]
            longest = max(columns(key.label) for key in chart.keys)
            number = min(len(handles), 5, max(KEYS // (longest + 6), 1))
            figure.legend(handles=handles, loc="outside lower center", ncols=number, columnspacing=1.2)
        if chart.note:
            note = wrapped(chart.note, NOTE_COLUMNS)
            figure.supxlabel(note, x=0.008, ha="left", fontsize=7.5)
    return figure


def _panel(axes: Axes, panel: Panel, shared: bool, letters: int, tall: int) -> None:
    """Draw a panel; its title and the names of its axes break after so many letters."""
    many = sum(mark.count for mark in panel.marks) > CROWD
    for order, mark in enumerate(panel.marks):
        DRAW[mark.shape](axes, mark, order + 1, many)
    axes.set_title(wrapped(panel.title, letters), loc="center" if panel.aspect else "left")
    axes.margins(x=0.04)
    _axis(axes, panel.x, "x", shared, 84)
    _axis(axes, panel.y, "y", shared, min(tall, 40))
    if panel.aspect:
        axes.set_aspect(panel.aspect)
    if panel.x.bare and panel.y.bare:
        bare(axes)


def _axis(axes: Axes, axis: Axis, which: str, shared: bool, letters: int) -> None:
    line = axes.xaxis if which == "x" else axes.yaxis
    if axis.low is not None or axis.high is not None:
        (axes.set_xlim if which == "x" else axes.set_ylim)(axis.low, axis.high)
    if axis.ticks is not None:
        line.set_major_locator(FixedLocator(list(axis.ticks)))
        line.set_major_formatter(FixedFormatter([wrapped(text, 34) for text in axis.ticks.values()]))
        if which == "y" and any(not _number(text) for text in axis.ticks.values()):
            axes.tick_params(axis="y", length=0)
    if axis.bare:
        line.set_visible(False)
        axes.spines["bottom" if which == "x" else "left"].set_visible(False)
    if axis.label and not shared:
        line.set_label_text(wrapped(axis.label, letters))


def _number(text: str) -> bool:
    return text[:1].isdigit() or text[:1] in "+−-"


def _labels_outside(figure: Figure, panels: list[Axes], chart: Chart) -> None:
    """One label for all panels, and ticks at the outer ones alone."""
    for axes in panels:
        axes.label_outer(remove_inner_ticks=True)
    if chart.panels[0].y.label:
        figure.supylabel(chart.panels[0].y.label, fontsize=8)
    if chart.panels[0].x.label and not chart.note:
        figure.supxlabel(chart.panels[0].x.label, fontsize=8)


def _bar(figure: Figure, panels: list[Axes], chart: Chart) -> None:
    assert chart.scale is not None
    colours = LinearSegmentedColormap.from_list("scale", list(chart.scale.colours))
    mappable = ScalarMappable(Normalize(0, 1), colours)
    bar = figure.colorbar(mappable, ax=panels, shrink=0.7, aspect=20, label=chart.scale.label)
    bar.set_ticks([0, 1], labels=[chart.scale.low, chart.scale.high])


def _handle(key: Key) -> Patch | Line2D:
    if key.look == "patch":
        return Patch(color=key.colour, alpha=0.6, linewidth=0, label=key.label)
    if key.look in ("line", "dash"):
        line = Line2D([], [], color=key.colour, linewidth=1.4, label=key.label)
        line.set_linestyle(DASHES if key.look == "dash" else "-")
        return line
    marker = {"dot": "o", "diamond": "D", "triangle": "^"}[key.look]
    return Line2D([], [], color=key.colour, marker=marker, linestyle="", markersize=4, label=key.label)


def _colours(mark: Mark) -> Any:
    return list(mark.data["colour"]) if "colour" in mark.data else mark.colour


def _line(axes: Axes, mark: Mark, order: int, many: bool) -> None:
    dashes = DASHES if mark.dash else "-"
    x, y = mark.data["x"], mark.data["y"]
    axes.plot(x, y, color=mark.colour, alpha=mark.alpha, linewidth=mark.width, linestyle=dashes, zorder=order)


def _band(axes: Axes, mark: Mark, order: int, many: bool) -> None:
    x, low, high = (mark.data[name] for name in ("x", "low", "high"))
    axes.fill_between(x, low, high, color=mark.colour, alpha=mark.alpha, linewidth=0, zorder=order)


def _segments(axes: Axes, mark: Mark, order: int, many: bool) -> None:
    ends = np.column_stack([mark.data[name] for name in ("x0", "y0", "x1", "y1")]).reshape(-1, 2, 2)
    colours, style_ = _colours(mark), DASHES if mark.dash else "-"
    axes.add_collection(
        LineCollection(list(ends), colors=colours, linewidths=mark.width, alpha=mark.alpha, linestyles=style_,
                       zorder=order, rasterized=many), autolim=True
    )  # fmt: skip
    axes.autoscale_view()


def _points(axes: Axes, mark: Mark, order: int, many: bool) -> None:
    area = mark.data["area"] if "area" in mark.data else mark.size**2
    edge = mark.edge or _colours(mark)
    face = mark.fill or _colours(mark)
    axes.scatter(mark.data["x"], mark.data["y"], s=area, c=face, edgecolors=edge, alpha=mark.alpha,
                 marker=mark.marker, linewidths=mark.width if mark.fill else 0.3, zorder=order,
                 rasterized=many)  # fmt: skip


def _cells(axes: Axes, mark: Mark, order: int, many: bool) -> None:
    left, right, low, high = (np.asarray(mark.data[name], float) for name in ("left", "right", "low", "high"))
    corners = np.stack([[left, low], [left, high], [right, high], [right, low]], axis=0).transpose(2, 0, 1)
    _polygons(axes, mark, order, list(corners), many)


def _patches(axes: Axes, mark: Mark, order: int, many: bool) -> None:
    corners = [np.column_stack([xs, ys]) for xs, ys in zip(mark.data["xs"], mark.data["ys"], strict=True)]
    _polygons(axes, mark, order, corners, many)


def _polygons(axes: Axes, mark: Mark, order: int, corners: list[np.ndarray], many: bool) -> None:
    drawn = PolyCollection(corners, facecolors=_colours(mark), edgecolors=mark.edge or "none",
                           linewidths=0.4 if mark.edge else 0, alpha=mark.alpha, zorder=order,
                           rasterized=many)  # fmt: skip
    if mark.hatch:
        drawn.set_hatch("////")
        drawn.set_edgecolor("#b9b9b9")
    axes.add_collection(drawn, autolim=True)
    axes.autoscale_view()


def _texts(axes: Axes, mark: Mark, order: int, many: bool) -> None:
    colours = mark.data["colour"] if "colour" in mark.data else [mark.colour] * mark.count
    weight = "bold" if mark.bold else "normal"
    for x, y, text, colour in zip(mark.data["x"], mark.data["y"], mark.data["text"], colours, strict=True):
        axes.text(x, y, text, color=colour, ha=mark.align, va="center", fontsize=mark.letters,
                  fontweight=weight, linespacing=1.2, zorder=order + 20)  # fmt: skip


def _rule(axes: Axes, mark: Mark, order: int, many: bool) -> None:
    draw = axes.axvline if mark.upright else axes.axhline
    dashes = ":" if mark.dash else "-"
    for at in mark.data["at"]:
        draw(at, color=mark.colour, linewidth=mark.width, linestyle=dashes, zorder=order)


DRAW: dict[str, Callable[[Axes, Mark, int, bool], None]] = {
    "line": _line, "band": _band, "segments": _segments, "points": _points, "cells": _cells,
    "patches": _patches, "texts": _texts, "rule": _rule,
}  # fmt: skip
