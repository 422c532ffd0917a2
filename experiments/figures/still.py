"""A chart on paper: the look of every figure, drawn off screen with matplotlib, the same bytes each time.

Nothing global is set, and a missing glyph is an error.
"""

import unicodedata
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedFormatter, FixedLocator

from experiments.figures.chart import INK, Axis, Chart, Key, Mark, Panel
from experiments.labels import columns
from experiments.location import DATA

FONTS = DATA / "fonts"
CHINESE = "Noto Sans SC Subset"
WIDTH = 7.2  # inches: the text width of an A4 page
TITLE_COLUMNS = 92  # Latin letters of the bold title that fit in WIDTH; a Chinese one counts for two


LOOK = {
    "font.family": ["DejaVu Sans", CHINESE],
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titley": 1.0,  # a fixed height spares every layout a search for one
    "axes.labelsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "axes.edgecolor": INK,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "hatch.linewidth": 0.6,
    "text.hinting": "none",  # unseen at 200 dpi, and slow
    "text.parse_math": False,  # a $ in a name is a dollar sign
    "svg.hashsalt": "honeycomb",
    "svg.fonttype": "path",  # glyphs are drawn, so they show on a machine without the fonts
}


@contextmanager
def style() -> Iterator[None]:
    """Matplotlib's defaults and this look, with layout and glyph warnings raised as errors; undone on leaving."""
    register_fonts()
    with matplotlib.style.context(LOOK, after_reset=True), warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph .* missing")
        warnings.filterwarnings("error", message="constrained_layout not applied")
        yield


def new_figure(height: float, title: str) -> Figure:
    """An empty figure of the text width (inches) with its finding as a bold left title."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    text = wrapped(title, TITLE_COLUMNS)
    figure.suptitle(text, x=0.008, ha="left", fontsize=9, fontweight="bold")
    return figure


def save(
    figure: Figure, folder: Path, name: str, formats: Sequence[str] = ("svg", "png")
) -> tuple[str, Callable[[], bytes]]:
    """Write a figure, the same bytes each time.

    Parameters
    ----------
    figure
        A figure of this package.
    folder
        Where the files go; must exist.
    name
        File name without ending.
    formats
        Files to write: ``svg``, ``png`` (200 dpi).

    Returns
    -------
    tuple
        The SVG, written or not, and a function that gives the PNG.
    """
    svg = svg_of(figure)
    if "svg" in formats:
        (folder / f"{name}.svg").write_text(svg, "utf-8")
    if "png" in formats:
        png = _png(figure)
        (folder / f"{name}.png").write_bytes(png)
        return svg, lambda: png
    return svg, lambda: _png(figure)


def svg_of(figure: Figure) -> str:
    """A figure as SVG; its layout, solved once, stands for what is drawn of it later."""
    with style():
        layout = figure.get_layout_engine()
        if layout is not None:
            layout.execute(figure)
            figure.set_layout_engine("none")  # solving it again for each format would double the time
        drawing = StringIO()
        figure.savefig(drawing, format="svg", dpi=200, metadata={"Date": None, "Creator": None})
    return drawing.getvalue()


def _png(figure: Figure) -> bytes:
    store = BytesIO()
    with style():
        figure.savefig(
            store, format="png", dpi=200, metadata={"Software": None}, pil_kwargs={"compress_level": 3}
        )
    return store.getvalue()


@cache
def register_fonts() -> None:
    """Make the fonts of the repository known to matplotlib, once."""
    for path in sorted(FONTS.glob("*.otf")):
        fontManager.addfont(path)


@cache
def _drawable() -> frozenset[int]:
    faces = [fontManager.findfont("DejaVu Sans"), *map(str, FONTS.glob("*.otf"))]
    return frozenset(code for face in faces for code in get_font(face).get_charmap())


def safe(text: str, width: int = 60) -> str:
    """A name from data made fit to draw: one line, no unknown glyph, cut to a width in Latin letters."""
    line = " ".join(str(text).split())
    register_fonts()
    line = "".join(letter if ord(letter) in _drawable() else "□" for letter in line)
    while columns(line) > width:
        line = line.removesuffix("…")[:-1] + "…"
    return line


def wrapped(text: str, width: int) -> str:
    """A text broken into lines of at most a width in Latin letters; Chinese breaks anywhere but before a stop."""
    words, lines = _breakable(text), [""]
    for word in words:
        if columns(lines[-1] + word.rstrip()) > width and lines[-1]:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += word
    return "\n".join(line.rstrip() for line in lines)


def _breakable(text: str) -> list[str]:
    pieces: list[str] = []
    for letter in text:
        wide = unicodedata.east_asian_width(letter) in "WF"
        starts = not pieces or pieces[-1].endswith(" ") or (wide and letter not in "，。：；、）”？！")
        starts = starts or (
            not wide and pieces[-1] != "" and unicodedata.east_asian_width(pieces[-1][-1]) in "WF"
        )
        if starts:
            pieces.append(letter)
        else:
            pieces[-1] += letter
    return pieces


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
