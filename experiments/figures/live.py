"""A chart on the screen: the same marks as Bokeh models, as plain data that a page carries and shows without a network.

Legend and slider are the page's own (``report/templates/live.js``), which puts the colours of the night in place, so
that a keyboard reaches them and no code travels inside the data.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from bokeh.core.properties import value
from bokeh.document import Document
from bokeh.models import (
    ColumnDataSource,
    FixedTicker,
    HoverTool,
    HSpan,
    Line,
    Patches,
    Quad,
    Range1d,
    Scatter,
    Segment,
    Text,
    VArea,
    VSpan,
)
from bokeh.plotting import figure

from experiments.figures.chart import FAINT, INK, Axis, Chart, Mark, Panel, extent

FACE = "Report SC, system-ui, Segoe UI, Arial, sans-serif"
GROWN = 1.35  # pixels for a point
NARROW = 24  # letters of a name of a row
MARKERS = {"o": "circle", "s": "square", "D": "diamond", "^": "triangle"}


def live(chart: Chart, name: str) -> dict[str, Any]:
    """The panels of a chart that a screen shows.

    Parameters
    ----------
    chart : Chart
    name : str
        Of the figure: prefix of the ids, so that figures of one page do not collide.

    Returns
    -------
    dict
        ``document`` (Bokeh's JSON), ``roots`` (id of each panel), ``frames`` (steps of the slider). Titles and names of
        axes are left to the page, whose lines break.
    """
    panels = [panel for panel in chart.panels if not panel.printed]
    document = Document()
    plots = [plotted(panel, chart) for panel in panels]
    if chart.share and plots:
        for plot in plots[1:]:
            plot.x_range, plot.y_range = plots[0].x_range, plots[0].y_range
    with document.models.freeze():  # what the panels hold is looked up once, not at every panel again
        for plot in plots:
            document.add_root(plot)
    text = json.dumps(document.to_json(deferred=False), ensure_ascii=False, separators=(",", ":"))
    ids = dict.fromkeys(re.findall(r'"id":"(p\d+)"', text))
    order = {label: f"{name}-{place}" for place, label in enumerate(ids)}
    text = re.sub(r'"(p\d+)"', lambda match: f'"{order.get(match[1], match[1])}"', text)
    roots = [order[str(plot.id)] for plot in plots]
    return {"document": json.loads(text), "roots": roots, "frames": list(chart.frames)}


def plotted(panel: Panel, chart: Chart, empty: bool = False) -> Any:
    """A panel as a Bokeh figure with a renderer a mark, in their order; one without rows only if asked for."""
    x_range, y_range = (Range1d(*ends_of(panel, which, chart)) for which in ("x", "y"))
    facts: dict[str, Any] = {"height": panel.tall, "tools": ""}
    if panel.aspect:
        wide, tall = (abs(axis.end - axis.start) for axis in (x_range, y_range))
        facts = {"aspect_ratio": wide / (tall * panel.aspect)}
    plot: Any = figure(
        x_range=x_range, y_range=y_range, sizing_mode="stretch_width", toolbar_location=None,
        output_backend="canvas", background_fill_color=None, border_fill_color=None, outline_line_color=None,
        min_border=2, min_width=120, **facts,
    )  # fmt: skip
    _axis(plot.xaxis[0], panel.x)
    _axis(plot.yaxis[0], panel.y)
    plot.grid.grid_line_color = None if panel.x.bare and panel.y.bare else FAINT
    if panel.y.ticks and not panel.y.bare and any(not text[:1].isdigit() for text in panel.y.ticks.values()):
        plot.ygrid.grid_line_color = None
    for mark in panel.marks:
        if empty or mark.count:
            _draw(plot, mark, chart)
    return plot


def columns_of(mark: Mark) -> dict[str, list[Any]]:
    """What a mark shows and says, by the names under which its renderer looks for it."""
    _, columns, _ = DRAW[mark.shape](mark)
    used = [*columns, *(["colour"] if "colour" in mark.data else []), *mark.hover.values()]
    data = mark.data
    if "area" in data:
        data = {name: data[name] for name in used if name != "size"} | {
            "size": GROWN * np.asarray(data["area"]) ** 0.5
        }
    return {name: _listed(data[name]) for name in dict.fromkeys(used)}


def _listed(column: Any) -> list[object]:
    values: list[Any] = column.tolist() if hasattr(column, "tolist") else list(column)
    return values


def _draw(plot: Any, mark: Mark, chart: Chart) -> None:
    glyph, _, facts = DRAW[mark.shape](mark)
    renderer = plot.add_glyph(ColumnDataSource(columns_of(mark)), glyph(**facts))
    renderer.name = mark.name or None
    renderer.tags = [mark.frame] if mark.frame else []
    renderer.visible = not mark.frame or mark.frame == chart.frames[-1]
    if mark.hover:
        tips = [(label, f"@{{{column}}}") for label, column in mark.hover.items()]
        where: Literal["mouse", "vline"] = "vline" if mark.shape == "line" else "mouse"
        plot.add_tools(HoverTool(renderers=[renderer], tooltips=tips, mode=where, point_policy="snap_to_data",
                                 line_policy="nearest"))  # fmt: skip


def ends_of(panel: Panel, which: str, chart: Chart) -> tuple[float, float]:
    """Where an axis begins and ends: as it says, else around what stands on it."""
    axis: Axis = getattr(panel, which)
    low, high = axis.low, axis.high
    if low is None or high is None:
        panels = chart.panels if chart.share else [panel]
        values = [place for one in panels for mark in one.marks for place in _places(mark, which)]
        ends = extent(values)
        low, high = ends[0] if low is None else low, ends[1] if high is None else high
    return low, high


def _places(mark: Mark, which: str) -> list[float]:
    if mark.shape == "texts":
        return []
    along = {"x": ("x", "x0", "x1", "left", "right"), "y": ("y", "y0", "y1", "low", "high")}[which]
    names = [name for name in DRAW[mark.shape](mark)[1] if name in along]
    if mark.shape == "rule" and mark.upright == (which == "x"):
        names = ["at"]
    return [place for name in names for place in np.asarray(mark.data[name], float).tolist()]


def _axis(line: Any, axis: Axis) -> None:
    line.visible = not axis.bare
    line.major_label_text_font, line.major_label_text_font_size = FACE, "12px"
    line.major_label_text_color = INK
    line.axis_line_color = line.major_tick_line_color = "#8a8a8a"
    line.minor_tick_line_color = None
    if axis.ticks is not None:
        line.ticker = FixedTicker(ticks=[float(place) for place in axis.ticks])
        line.major_label_overrides = overrides(axis.ticks)


def overrides(ticks: Mapping[float, str]) -> dict[Any, str]:
    """What stands at the places of ticks."""
    return {_number(place): _folded(text) for place, text in ticks.items()}


def _number(place: float) -> object:
    return int(place) if float(place).is_integer() else float(place)


def _folded(text: str) -> str:
    from experiments.figures.still import wrapped

    return wrapped(text, NARROW)


type Drawn = tuple[Any, list[str], dict[str, Any]]


def _colour(mark: Mark) -> object:
    return "colour" if "colour" in mark.data else mark.colour


def _line(mark: Mark) -> Drawn:
    look = {"line_color": mark.colour, "line_width": mark.width * GROWN, "line_alpha": mark.alpha}
    return Line, ["x", "y"], look | {"x": "x", "y": "y", "line_dash": "dashed" if mark.dash else "solid"}


def _band(mark: Mark) -> Drawn:
    look = {"fill_color": mark.colour, "fill_alpha": mark.alpha}
    return VArea, ["x", "low", "high"], {"x": "x", "y1": "low", "y2": "high"} | look


def _segments(mark: Mark) -> Drawn:
    places = ["x0", "y0", "x1", "y1"]
    look = {"line_color": _colour(mark), "line_width": mark.width * GROWN, "line_alpha": mark.alpha}
    return Segment, places, dict(zip(places, places, strict=True)) | look


def _points(mark: Mark) -> Drawn:
    sized = "area" in mark.data
    look = {
        "size": "size" if sized else mark.size * GROWN,
        "fill_color": mark.fill or _colour(mark),
        "line_color": mark.edge or _colour(mark),
        "line_width": mark.width if mark.fill else 0.5,
        "fill_alpha": mark.alpha,
        "line_alpha": mark.alpha,
    }
    columns = ["x", "y", "size"] if sized else ["x", "y"]
    return Scatter, columns, {"x": "x", "y": "y", "marker": MARKERS[mark.marker]} | look


def _cells(mark: Mark) -> Drawn:
    places = {"left": "left", "right": "right", "bottom": "low", "top": "high"}
    return Quad, ["left", "right", "low", "high"], places | _area(mark)


def _patches(mark: Mark) -> Drawn:
    return Patches, ["xs", "ys"], {"xs": "xs", "ys": "ys"} | _area(mark)


def _area(mark: Mark) -> dict[str, object]:
    look = {"fill_color": _colour(mark), "fill_alpha": mark.alpha, "line_color": mark.edge or None}
    hatch = {"hatch_pattern": "/", "hatch_color": "#b9b9b9", "hatch_scale": 8.0} if mark.hatch else {}
    return look | {"line_width": 0.5} | hatch


def _texts(mark: Mark) -> Drawn:
    look = {
        "text_color": _colour(mark),
        "text_align": mark.align,
        "text_baseline": "middle",
        "text_font": value(FACE),
        "text_font_size": f"{mark.letters * 1.5:.0f}px",
        "text_font_style": "bold" if mark.bold else "normal",
    }
    return Text, ["x", "y", "text"], {"x": "x", "y": "y", "text": "text"} | look


def _rule(mark: Mark) -> Drawn:
    dash = "dotted" if mark.dash else "solid"
    look = {"line_color": mark.colour, "line_width": mark.width, "line_dash": dash}
    return (VSpan, ["at"], {"x": "at"} | look) if mark.upright else (HSpan, ["at"], {"y": "at"} | look)


DRAW: dict[str, Callable[[Mark], Drawn]] = {
    "line": _line, "band": _band, "segments": _segments, "points": _points, "cells": _cells,
    "patches": _patches, "texts": _texts, "rule": _rule,
}  # fmt: skip
