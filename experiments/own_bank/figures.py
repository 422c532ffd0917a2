"""The figures on a user's bank: one description each for the report, the board paper and its slides."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, to_hex

from experiments.figures import chart as drawing
from experiments.figures.chart import BASELINE, INK, LOSS, SERIES, Axis, Key, Mark, Panel, rule
from experiments.figures.still import safe, wrapped
from experiments.labels import plain

SHADES: Final = LinearSegmentedColormap.from_list("breaches", ["#ffffff", LOSS])
MOST_TICKS: Final = 4  # of a line, the last always
LETTERS: Final = 26  # of a category or a series


@dataclass(frozen=True)
class Chart:
    """Numbers by category and series: drawn on a page, and natively by slides.

    Parameters
    ----------
    title, unit : str
    kind : str
        ``line`` over the categories, ``bar`` beside each other, or ``heat``: shares in percent, by series and category.
    categories : list of str
    series : dict of str to list of float
    floor : float or None
        What must not be fallen below.
    """

    title: str
    unit: str
    kind: str
    categories: list[str]
    series: dict[str, list[float]]
    floor: float | None = None


def figure_of(title: str, charts: Sequence[Chart]) -> drawing.Chart:
    """The charts of a sheet side by side, in the look of every other figure.

    Parameters
    ----------
    title : str
        Of the figure; of a single chart the panel needs no title of its own.
    charts : sequence of Chart
        Series of the same name have the same colour.
    """
    series = [name for chart in charts if chart.kind != "heat" for name in chart.series]
    colours = {name: SERIES[place % len(SERIES)] for place, name in enumerate(dict.fromkeys(series))}
    panels = [_heat(chart) if chart.kind == "heat" else _panel(chart, colours) for chart in charts]
    if len(panels) == 1:
        panels = [replace(panels[0], title="")]
    looks = {name: "line" if chart.kind == "line" else "patch" for chart in charts for name in chart.series}
    keys = [Key(safe(name, LETTERS), colour, looks[name], name) for name, colour in colours.items()]  # type: ignore[arg-type]
    rows = [
        {"chart": chart.title, "unit": chart.unit, "category": category, "series": name, "value": value}
        for chart in charts
        for name, values in chart.series.items()
        for category, value in zip(chart.categories, values, strict=True)
    ]
    return drawing.Chart(safe(title, 180), panels, pd.DataFrame(rows), 2.9, keys=keys)


def _panel(chart: Chart, colours: dict[str, str]) -> Panel:
    places, marks = np.arange(len(chart.categories), dtype=float), []
    width = 0.8 / len(chart.series)
    for step, (name, values) in enumerate(chart.series.items()):
        data = pd.DataFrame({"x": places, "y": values, "category": chart.categories, "named": name})
        data["said"] = [f"{value:,.4g}" for value in values]
        hover = {chart.title: "named", "": "category", chart.unit: "said"}
        if chart.kind == "line":
            marks.append(Mark("line", data, colours[name], name, hover, width=1.6))
            continue
        left = places - 0.4 + step * width
        bars = data.assign(
            left=left, right=left + width, low=np.minimum(values, 0.0), high=np.maximum(values, 0.0)
        )
        marks.append(Mark("cells", bars, colours[name], name, hover))
    if chart.floor is not None:
        marks.append(rule(chart.floor, upright=False, colour=BASELINE, dash=True))
    finite = [
        *(v for values in chart.series.values() for v in values),
        *([] if chart.floor is None else [chart.floor]),
    ]
    low, high = drawing.extent(finite, 0.08)
    every = 1 if chart.kind == "bar" else -(-len(places) // MOST_TICKS)
    ticks = [(float(place), word) for place, word in zip(places, chart.categories, strict=True)][::-every]
    x = Axis(ticks={place: safe(word, LETTERS) for place, word in ticks})
    y = Axis(chart.unit, low=min(low, 0.0) if chart.kind == "bar" else low, high=high)
    return Panel(marks, safe(chart.title, 90), x, y)


def _heat(chart: Chart) -> Panel:
    """A row a category, a column a series, each cell with its share."""
    cells = pd.DataFrame(
        {"left": s - 0.5, "right": s + 0.5, "low": c - 0.5, "high": c + 0.5, "x": float(s), "y": float(c),
         "colour": to_hex(SHADES(0.01 * value)), "text": plain(value, 0), "named": name, "category": category}
        for s, (name, values) in enumerate(chart.series.items())
        for c, (category, value) in enumerate(zip(chart.categories, values, strict=True))
    )  # fmt: skip
    marks = [
        Mark(
            "cells", cells, hover={chart.title: "named", "": "category", chart.unit: "text"}, edge="#ffffff"
        ),
        Mark("texts", cells.drop(columns="colour"), INK),
    ]
    x = Axis(ticks={float(place): wrapped(safe(name, 20), 9) for place, name in enumerate(chart.series)})
    y = drawing.rows(safe(name, 34) for name in chart.categories)
    return Panel(marks, safe(f"{chart.title} ({chart.unit})", 90), x, y, wide=1.0 + 0.12 * len(chart.series))
