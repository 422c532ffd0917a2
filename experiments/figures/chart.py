"""What a figure shows, said once for paper and for the screen: panels of marks over plain tables, in few colours.

A figure is a function that gives a `Chart`; `still` draws it with matplotlib, `live` with Bokeh. Neither computes a
number: what they draw, and what a reader sees when pointing at a mark, stands in the tables of the marks.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

INK, FAINT, BASELINE, GREY, SAME = "#222222", "#efefef", "#6b6b6b", "#9c9ca1", "#d9d9d9"
GAIN, LOSS = "#0072B2", "#D55E00"  # kept apart by every kind of colour vision, unlike green and red
GAIN_PALE, LOSS_PALE = "#9ecae8", "#f2b48c"
BLUE, ORANGE, RED, PURPLE, VIOLET = "#5790fc", "#f89c20", "#e42536", "#964a8b", "#7a21dd"  # petroff6
KIND_COLOURS = {"large": RED, "city": BLUE, "rural": ORANGE, "private": PURPLE, "all": INK}
NIGHT = {  # what stands for them on a dark ground
    "#222222": "#e4e4e4", "#efefef": "#333333", "#6b6b6b": "#a6a6a6", "#0072b2": "#4fa9de", "#d55e00": "#f0853c",
    "#444444": "#bdbdbd", "#964a8b": "#c07bb5", "#7a21dd": "#a86cf0", "#dddddd": "#3a4149",
}  # fmt: skip
SERIES = (BLUE, ORANGE, PURPLE, RED, VIOLET, GAIN, LOSS, GREY)


type Shape = Literal["line", "band", "segments", "points", "cells", "patches", "texts", "rule"]
type Columns = pd.DataFrame | Mapping[str, Any]
type Look = Literal["line", "dash", "dot", "patch", "diamond", "triangle"]


@dataclass(frozen=True)
class Mark:
    """One layer of a panel.

    Attributes
    ----------
    shape
        ``line`` (columns x, y), ``band`` (x, low, high), ``segments`` (x0, y0, x1, y1), ``points`` (x, y, and ``area``
        in square points where they differ), ``cells`` (left, right, low, high), ``patches`` (xs, ys: lists), ``texts``
        (x, y, text) or ``rule`` (``at``: a line across the panel, ``upright`` or lying).
    data
        One row a mark, as a frame or as columns by name; a column ``colour`` comes before ``colour``.
    name
        Of the key of the legend that switches it on and off.
    hover
        Label -> column with the text that pointing at it shows.
    frame
        Step of the chart's slider at which it is seen; empty: always.
    """

    shape: Shape
    data: Columns
    colour: str = INK
    name: str = ""
    hover: Mapping[str, str] = field(default_factory=dict)
    frame: str = ""
    alpha: float = 1.0
    width: float = 1.2
    dash: bool = False
    size: float = 5.0
    marker: Literal["o", "s", "D", "^"] = "o"
    fill: str = ""
    edge: str = ""
    align: Literal["left", "center", "right"] = "center"
    bold: bool = False
    letters: float = 7.5
    hatch: bool = False
    upright: bool = True

    @property
    def count(self) -> int:
        """How many rows it has."""
        return len(self.data) if isinstance(self.data, pd.DataFrame) else len(next(iter(self.data.values())))


@dataclass(frozen=True)
class Axis:
    """An axis: what it is, where it is labelled, and its ends; ``bare`` leaves ticks and line away."""

    label: str = ""
    ticks: Mapping[float, str] | None = None
    low: float | None = None
    high: float | None = None
    bare: bool = False


@dataclass(frozen=True)
class Panel:
    """Marks over a pair of axes.

    Attributes
    ----------
    aspect
        Height of a unit of y over the width of a unit of x, where it is fixed.
    wide
        Relative width on paper.
    printed
        Whether it stands on paper alone: what it says is in the tips on the screen.
    tall
        Height on the screen, pixels.
    """

    marks: Sequence[Mark]
    title: str = ""
    x: Axis = Axis()
    y: Axis = Axis()
    aspect: float | None = None
    wide: float = 1.0
    printed: bool = False
    tall: int = 260


@dataclass(frozen=True)
class Key:
    """An entry of the legend; one with a ``name`` switches the marks of that name, which on a screen may start off."""

    label: str
    colour: str
    look: Look = "line"
    name: str = ""
    off: bool = False


@dataclass(frozen=True)
class Scale:
    """A bar of colours: what it measures and the texts at its ends."""

    label: str
    colours: Sequence[str]
    low: str
    high: str


@dataclass(frozen=True)
class Chart:
    """A figure about to be drawn.

    Attributes
    ----------
    title
        What it finds, as one sentence.
    data
        The table behind it.
    height
        On paper, inches.
    columns
        Panels side by side on paper.
    share
        Whether all panels have the same axes.
    note
        What is to be said below it.
    frames, printed
        Steps of the slider, and those of them that paper shows side by side; the last by default.
    """

    title: str
    panels: Sequence[Panel]
    data: pd.DataFrame
    height: float = 3.0
    columns: int = 0
    share: bool = False
    keys: Sequence[Key] = ()
    scale: Scale | None = None
    note: str = ""
    frames: Sequence[str] = ()
    printed: Sequence[str] = ()

    def on_paper(self) -> "Chart":
        """The same without a slider: a panel for each step that paper shows."""
        if not self.frames:
            return self
        panels = [
            replace(
                panel,
                marks=[mark for mark in panel.marks if mark.frame in ("", frame)],
                title=frame if len(self.printed) > 1 else panel.title,
            )
            for frame in self.printed or self.frames[-1:]
            for panel in self.panels
        ]
        return replace(self, panels=panels, columns=len(panels))


def spans(frame: pd.DataFrame, low: str, high: str, at: str = "y", upright: bool = False) -> pd.DataFrame:
    """Intervals as segments: lying at the height ``at``, or upright at the place ``at``."""
    ends, place = (frame[low], frame[high]), frame[at]
    if upright:
        return frame.assign(x0=place, x1=place, y0=ends[0], y1=ends[1])
    return frame.assign(x0=ends[0], x1=ends[1], y0=place, y1=place)


def bars(frame: pd.DataFrame, left: str, right: str, at: str = "y", height: float = 0.62) -> pd.DataFrame:
    """Lying bars as cells."""
    return frame.assign(
        left=frame[[left, right]].min(axis=1),
        right=frame[[left, right]].max(axis=1),
        low=frame[at] - height / 2,
        high=frame[at] + height / 2,
    )


def rule(at: float, upright: bool = True, colour: str = INK, width: float = 0.8, dash: bool = False) -> Mark:
    """A line across a panel."""
    return Mark("rule", {"at": [at]}, colour, width=width, dash=dash, upright=upright)


def rows(names: Iterable[str]) -> Axis:
    """An axis with a name a row, the first on top."""
    ticks = {float(place): name for place, name in enumerate(names)}
    return Axis(ticks=ticks, low=len(ticks) - 0.4, high=-0.6)


def years(first: float, last: float, most: int = 6) -> dict[float, str]:
    """Ticks at whole years, a few of them."""
    start, end = int(np.ceil(first)), int(np.floor(last))
    step = max(1, -(-(end - start) // most))
    return {float(year): str(year) for year in range(end, start - 1, -step)[::-1]}


def steps(low: float, high: float, write: Callable[[float], str]) -> dict[float, str]:
    """Ticks at round numbers between two ends, each written as the language writes it."""
    size = max(high - low, 1e-9)
    unit = 10.0 ** np.floor(np.log10(size / 4))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if size / (unit * factor) <= 5.0001)
    places = np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1) * step
    return {float(place): write(float(place)) for place in places}


def extent(values: Iterable[float], margin: float = 0.06, least: float = 0.0) -> tuple[float, float]:
    """Ends of an axis around values, with a margin of their spread, that is at least so much."""
    finite = np.fromiter(values, float)
    finite = finite[np.isfinite(finite)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    more = max(margin * (high - low), (least - (high - low)) / 2, 1e-6)
    return low - more, high + more


def quarter_place(quarter: str) -> float:
    """A quarter on an axis of years: 2030Q1 stands at 2030, 2030Q4 at 2030.75."""
    return int(quarter[:4]) + (int(quarter[5]) - 1) / 4
