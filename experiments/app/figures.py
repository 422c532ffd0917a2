"""The figures of the page: each is drawn once and given new data, so that an answer moves it and nothing flickers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from bokeh.models import ColorBar, FixedTicker, Legend, LegendItem, LinearColorMapper
from bokeh.themes import Theme
from matplotlib.colors import LinearSegmentedColormap, to_hex

from agents.honeycomb import DIMENSIONS, KINDS
from experiments.app.answer import LEVEL, Answer, network_of
from experiments.app.setting import PAGE
from experiments.figures import maps
from experiments.figures.chart import (
    BASELINE,
    GAIN,
    GREY,
    INK,
    KIND_COLOURS,
    LOSS,
    NIGHT,
    Axis,
    Chart,
    Key,
    Mark,
    Panel,
    rows,
    rule,
    steps,
)
from experiments.figures.comparison import BANDS
from experiments.figures.live import FACE, columns_of, ends_of, overrides, plotted
from experiments.figures.source import graphs, tiles
from experiments.labels import Labels, percent, plain, signed
from experiments.location import DATA
from experiments.results.statistics import side
from model.own_bank import BUDGET

SMALL: Final = ("city", "rural", "private")
LINE_COLOURS: Final = ("#3b8fd4", "#e08a2e", "#2ca089", "#c678a8", "#8a8f98", "#d8a800", "#6fc0ea", "#b0572e")
SPAN: Final = (2020.25, 2031.0)  # what a path spans before there is anything to draw
QUANTILES: Final = ("q05", "q25", "q50", "q75", "q95")
EDGE: Final = 0.96
NOTHING: Final = pd.DataFrame()
_LEGEND: Final = {
    "click_policy": "hide", "orientation": "horizontal", "location": "left", "padding": 0, "margin": 0, "spacing": 8,
    "background_fill_alpha": 0, "border_line_alpha": 0, "label_text_font_size": "12px", "label_text_font": FACE,
    "glyph_width": 16, "label_standoff": 4,
}  # fmt: skip
THEME: Final = Theme(json={"attrs": {
    "Axis": {"axis_label_text_font": FACE, "axis_label_text_font_style": "normal"},
    "BasicTickFormatter": {"use_scientific": False},
    "ColorBar": {"title_text_font": FACE, "major_label_text_font": FACE, "background_fill_alpha": 0, "height": 8},
    "Legend": _LEGEND,
}})  # fmt: skip

Changes = dict[str, dict[str, Any]]
"""What changes in a figure: by the id of a Bokeh model, its properties."""


@dataclass(frozen=True)
class Look:
    """Language and colours of a page.

    Parameters
    ----------
    labels : Labels
    theme : str
        ``light`` or ``dark``.
    """

    labels: Labels
    theme: str

    def shade(self, colour: str) -> str:
        """A colour as the page has it by day or by night."""
        return NIGHT.get(colour.lower(), colour) if self.theme == "dark" else colour

    def dyed(self, mark: Mark) -> Mark:
        """A mark in the colours of the page."""
        if self.theme != "dark":
            return mark
        data = mark.data
        if "colour" in data:
            data = dict(data) | {"colour": [*map(self.shade, data["colour"])]}
        colour, fill, edge = map(self.shade, (mark.colour, mark.fill, mark.edge))
        return replace(mark, data=data, colour=colour, fill=fill, edge=edge)


class LiveChart:
    """A chart of one panel on the page.

    Every chart that it is to show has the marks of the first, in their order, those of nothing without rows; the marks
    that a key names are hidden by a click on it.

    Parameters
    ----------
    look : Look
    chart : Chart
        With which it begins.
    columns : int
        Of the legend; all keys in a row by default.
    **facts
        Further properties of the Bokeh figure.
    """

    def __init__(self, look: Look, chart: Chart, columns: int = 0, **facts: object) -> None:
        self.look, panel = look, chart.panels[0]
        dyed = replace(panel, marks=[look.dyed(mark) for mark in panel.marks])
        self.plot = plot = plotted(dyed, replace(chart, panels=[dyed]), empty=True)
        plot.update(min_border=4, **facts)
        ink = look.shade(INK)
        for axis, scale in ((plot.xaxis[0], panel.x), (plot.yaxis[0], panel.y)):
            axis.update(axis_label=scale.label, axis_label_text_color=ink, major_label_text_color=ink)
        plot.grid.grid_line_color = None if panel.x.bare else look.shade("#dddddd")
        by_key = {key: [drawn for drawn in plot.renderers if drawn.name == key.name] for key in chart.keys}
        self.items = [
            LegendItem(label={"value": key.label}, renderers=drawn) for key, drawn in by_key.items()
        ]
        if self.items:
            legend = Legend(items=self.items, label_text_color=ink, ncols=columns or "auto")
            plot.add_layout(legend, "above")
        self.bar = None
        if chart.scale:
            colours = LinearSegmentedColormap.from_list("scale", list(chart.scale.colours))
            mapper = LinearColorMapper(palette=[to_hex(colours(k / 40)) for k in range(41)], low=0, high=1)
            ticker = FixedTicker(ticks=[0, 1])
            self.bar = ColorBar(color_mapper=mapper, ticker=ticker, title=chart.scale.label)
            self.bar.update(title_text_color=ink, major_label_text_color=ink)
            plot.add_layout(self.bar, "below")

    def show(self, chart: Chart) -> Changes:
        """Put the data of another chart in the place of what is seen."""
        panel, plot, changes = chart.panels[0], self.plot, Changes()
        for drawn, mark in zip(plot.renderers, panel.marks, strict=True):
            changes[drawn.data_source.id] = {"data": columns_of(self.look.dyed(mark))}
        for which, axis in (("x", panel.x), ("y", panel.y)):
            span, line = getattr(plot, f"{which}_range"), getattr(plot, f"{which}axis")[0]
            changes[span.id] = dict(zip(("start", "end"), ends_of(panel, which, chart), strict=True))
            changes[line.id] = {"axis_label": axis.label}
            if axis.ticks is not None:
                changes[line.id]["major_label_overrides"] = overrides(axis.ticks)
                changes[line.ticker.id] = {"ticks": list(axis.ticks)}
        there = {mark.name for mark in panel.marks if mark.count}
        for item, key in zip(self.items, chart.keys, strict=True):
            changes[item.id] = {"label": {"value": key.label}, "visible": key.name in there}
        if self.bar and chart.scale:
            ends = {0: chart.scale.low, 1: chart.scale.high}
            changes[self.bar.id] = {"major_label_overrides": ends}
        return changes


def _when(quarter: str) -> float:
    """A quarter as a year, at its end; a year as it is."""
    return int(quarter[:4]) + (int(quarter[5]) / 4 if "Q" in quarter else 0.0)


def paths(
    labels: Labels,
    lines: Sequence[tuple[str, Mapping[str, Any] | None]],
    styles: Sequence[tuple[str, bool]],
    unit: str = "",
    floor: float | None = None,
    zero: bool = False,
) -> Chart:
    """Lines over time with their 50 and 90 % bands.

    Parameters
    ----------
    labels : Labels
    lines : sequence of (str, mapping)
        Name and path of each, quantiles by quarter or year; one of None is not drawn.
    styles : sequence of (str, bool)
        Colour of each line that there can be, and whether it is dashed.
    unit : str
    floor : float, optional
        Where a line marks a least value.
    zero : bool
        Draw a line at zero.
    """
    marks = [rule(0.0, upright=False)] if zero else []
    least = {"at": [] if floor is None else [floor]}
    marks.append(Mark("rule", least, LOSS, width=1.5, dash=True, upright=False))
    hover = {"": "named", labels("column.quarter"): "quarter", labels("app.median"): "said", "90 %": "band"}
    keys, ends = [], list[float]()
    for place, (colour, dash) in enumerate(styles):
        name, path = lines[place] if place < len(lines) else ("", None)
        series = path or dict.fromkeys((*QUANTILES, "quarter"), ())
        x = [_when(str(quarter)) for quarter in series["quarter"]]
        data = {"x": x, "y": series["q50"], "quarter": series["quarter"], "named": [name] * len(x)}
        data |= {"said": [plain(number, 2) for number in series["q50"]]}
        data |= {"band": [_ends(*pair) for pair in zip(series["q05"], series["q95"], strict=True)]}
        line = f"line_{place}"
        marks += [
            Mark("band", {"x": x, "low": series[low], "high": series[high]}, colour, line, alpha=alpha)
            for low, high, alpha in (("q05", "q95", 0.14), ("q25", "q75", 0.22))
        ]
        marks.append(Mark("line", data, colour, line, hover, width=1.8, dash=dash))
        keys.append(Key(name, colour, "line", line))
        ends += [*x[:1], *x[-1:]]
    along = Axis(low=min(ends, default=SPAN[0]), high=max(ends, default=SPAN[1]))
    return Chart("", [Panel(marks, x=along, y=Axis(unit), tall=280)], NOTHING, keys=keys)


def _ends(low: float, high: float, write: Callable[[float, int], str] = plain) -> str:
    return f"{write(low, 2)} … {write(high, 2)}"


POINT: Final = ("cost", "cost_low", "cost_high", "effect", "effect_low", "effect_high")


def plane(
    labels: Labels,
    points: Mapping[str, Mapping[str, float] | None],
    past: Sequence[Mapping[str, float]],
    unit: str = "",
) -> Chart:
    """Cost against effect: this setting, the kept one, and where one has been before, first with nothing done."""
    size = 0.01 if labels.chinese else 1.0  # of million yuan in the unit of the language

    def point_columns(some: Sequence[Mapping[str, float]], **to: str) -> dict[str, list[Any]]:
        columns: dict[str, list[Any]] = {name: [one[name] for one in some] for name in POINT}
        columns |= {name: [size * cost for cost in columns[name]] for name in POINT[:3]}
        rows = list(zip(*columns.values(), strict=True))
        columns["paid"] = [f"{plain(m)} ({plain(a)} … {plain(b)})" for m, a, b, *_ in rows]
        columns["said"] = [f"{signed(m, 2)} ({_ends(a, b, signed)})" for *_, m, a, b in rows]
        return columns | {name: columns[column] for name, column in to.items()}

    hover = {labels("app.cost"): "paid", labels("app.effect"): "said"}
    marks = [
        rule(0.0, upright=False),
        Mark("points", point_columns(past, x="cost", y="effect"), GREY, "before", size=4.5, alpha=0.5),
    ]
    for name, colour in (("kept", LOSS), (PAGE, GAIN)):
        here = [point] if (point := points.get(name)) else []
        upright = point_columns(here, x0="cost", x1="cost", y0="effect_low", y1="effect_high")
        lying = point_columns(here, x0="cost_low", x1="cost_high", y0="effect", y1="effect")
        marks += [Mark("segments", spans, colour, name, width=1.5) for spans in (upright, lying)]
        marks.append(Mark("points", point_columns(here, x="cost", y="effect"), colour, name, hover, size=8))
    states = (("before", GREY), ("kept", LOSS), (PAGE, GAIN))
    keys = [Key(labels(f"app.{name}"), colour, "dot", name) for name, colour in states]
    panel = Panel(marks, x=Axis(labels("app.cost_axis")), y=Axis(unit), tall=280)
    return Chart("", [panel], NOTHING, keys=keys)


CELL: Final = ("xs", "ys", "x", "y", "named", "level", "change", "said", "text")


def honeycomb(labels: Labels, answer: Answer | None = None) -> Chart:
    """Six cells a kind of bank, with the score in each and what it changes by; the mean in the middle."""
    cells, corners = list[dict[str, Any]](), np.arange(6) * np.pi / 3
    for place, kind in enumerate(SMALL if answer else ()):
        for k, variable in enumerate((*DIMENSIONS, "index")):
            assert answer is not None
            end = answer.ends[variable, kind]
            level = float(answer.path(PAGE, LEVEL, variable, kind)["q50"][-1])
            angle, away = np.pi / 2 - k * np.pi / 3, 0.0 if variable == "index" else 1.75
            x, y = place * 6.4 + away * np.cos(angle), away * np.sin(angle)
            title = labels.outcome(variable)
            change, low, high = (signed(end[f"effect{which}"], 2) for which in ("", "_low", "_high"))
            cell = (
                list(x + EDGE * np.cos(corners)), list(y + EDGE * np.sin(corners)), x, y,
                f"{labels.name('kind', kind)}: {title}", plain(level), end["effect"], f"{change} ({low} … {high})",
                f"{_short(title)}\n{level:.0f} ({signed(end['effect'], 1)})",
            )  # fmt: skip
            cells.append(dict(zip(CELL, cell, strict=True)))
    columns = {name: [cell[name] for cell in cells] for name in CELL}
    columns["colour"], ink = maps.shades(columns["change"], max([1.0, *map(abs, columns["change"])]))
    names = [labels.name("kind", kind) for kind in SMALL]
    below = {"x": [6.4 * place for place in range(len(SMALL))], "y": [-3.3] * len(SMALL), "text": names}
    hover = {"": "named", labels("app.level"): "level", labels("app.effect"): "said"}
    marks = [
        Mark("patches", columns, hover=hover, edge="#8a8a8a"),
        Mark("texts", columns | {"colour": ink}),
        Mark("texts", below, letters=8),
    ]
    x, y = Axis(low=-3.2, high=16.0, bare=True), Axis(low=-3.9, high=2.9, bare=True)
    return Chart("", [Panel(marks, x=x, y=y, tall=300)], NOTHING)


def provinces(labels: Labels, answer: Answer | None = None) -> Chart:
    """The change of the index in each province, as on the map of a report."""
    name = "raw" if answer and alike(answer) else "effect"
    rows = {str(row["group"]): row for row in (provinces_of(answer) if answer else ())}
    places, ends = _places(), (name, f"{name}_low", f"{name}_high")
    nothing = dict.fromkeys((*ends, "weight"), np.nan) | {"banks": 0}
    cells = [rows.get(str(code), nothing) for code in places["code"]]
    middle, low, high = (np.array([row[end] for row in cells], float) for end in ends)
    reach = max(0.2, float(np.nanmax(np.abs(middle), initial=0.0)))
    columns = {
        "tile_column": places["tile_column"], "tile_row": places["tile_row"],
        "text": places["name_zh" if labels.chinese else "code"], "named": places[f"name_{labels.language}"],
        "number": [f"{row['banks']:,.0f}" for row in cells], "effect": [signed(value, 2) for value in middle],
        "own": [_part(row["weight"]) for row in cells],
        "interval": [_ends(*pair, signed) for pair in zip(low, high, strict=True)],
    }  # fmt: skip
    hover_columns = {"column.province": "named", "app.effect": "effect", "column.ninety": "interval"}
    hover_columns |= {"app.banks": "number", "app.weight": "own"}
    hover = {labels(key): column for key, column in hover_columns.items()}
    unclear = np.isfinite(middle) & (side(low, high) == 0)
    panel = maps.map_of(places, maps.coloured(columns, middle, reach, unclear, hover))
    scale = maps.scale_of(labels, reach)
    return Chart("", [replace(panel, aspect=None, tall=330)], NOTHING, scale=scale)


@cache
def _places() -> pd.DataFrame:
    return tiles(DATA)


def _part(weight: float) -> str:
    return percent(weight) if weight == weight else "–"


def provinces_of(answer: Answer) -> list[dict[str, Any]]:
    """What an answer tells of provinces."""
    return [row for row in answer.groups if row["grouping"] == "province"]


def alike(answer: Answer) -> bool:
    """Whether provinces differ by no more than chance, so that drawing them toward their mean leaves only this."""
    rows = provinces_of(answer)
    return bool(rows) and all(row["weight"] < maps.ALIKE for row in rows)


def shares(labels: Labels, answer: Answer | None = None) -> Chart:
    """Shares of banks that gain and lose, by kind and size."""
    data = {}
    for row in answer.groups if answer else ():
        if row["grouping"] == "kind":
            data[labels.banks(str(row["group"]))] = row
        elif row["grouping"] != "province":
            data[labels("analysis.quintile", number=row["group"])] = row
    titles = {band: labels(f"winners.{band}") for band in BANDS}
    ticks = {part: percent(part) for part in (0.0, 0.25, 0.5, 0.75, 1.0)}
    return _bars(data, titles, BANDS, percent, Axis(labels("app.share_of_banks"), ticks, 0.0, 1.0))


def own_budget(labels: Labels, years: Mapping[str, Mapping[str, float]]) -> Chart:
    """What the technology budget of a plan goes into, year by year, given in million yuan."""
    size = 0.01 if labels.chinese else 1.0
    parts = {year: {part: size * row[part] for part in BUDGET} for year, row in years.items()}
    titles = {part: labels(f"own.use_{part}") for part in BUDGET}
    most = 1.02 * max([1e-6, *(sum(row.values()) for row in parts.values())])
    across = Axis(labels("app.own_million"), steps(0.0, most, plain), 0.0, most)
    return _bars(parts, titles, dict(zip(BUDGET, LINE_COLOURS, strict=False)), plain, across)


def _bars(
    parts: Mapping[str, Mapping[str, float]],
    titles: Mapping[str, str],
    colours: Mapping[str, str],
    write: Callable[[float], str],
    across: Axis,
) -> Chart:
    """A lying bar a row, each a stack of parts, which the legend switches."""
    marks, y, start = [], np.arange(len(parts)), np.zeros(len(parts))
    for part, colour in colours.items():
        end = start + [row[part] for row in parts.values()]
        texts = [f"{titles[part]}: {write(row[part])}" for row in parts.values()]
        cells = {
            "left": start,
            "right": end,
            "low": y - 0.4,
            "high": y + 0.4,
            "named": list(parts),
            "said": texts,
        }
        marks.append(Mark("cells", cells, colour, part, {"": "named", " ": "said"}))
        start = end
    keys = [Key(titles[part], colour, "patch", part) for part, colour in colours.items()]
    return Chart("", [Panel(marks, x=across, y=rows(parts), tall=285)], NOTHING, keys=keys)


NODE: Final = ("index", "x", "y", "links", "area")
OTHERS: Final[Mapping[str, Literal["^", "D"]]] = {"vendor": "^", "platform": "^", "union": "D"}


def network(labels: Labels, nodes: pd.DataFrame | None = None, edges: pd.DataFrame | None = None) -> Chart:
    """Who works with whom in the first run in one quarter, each in the place that it keeps over time."""
    here = pd.DataFrame(columns=["node", "kind", *NODE], dtype=float) if nodes is None else nodes
    spots = here.set_index("node")[["x", "y"]]
    ends = [spots.reindex([] if edges is None else edges[end]) for end in ("source", "target")]
    ties = {f"{axis}{k}": end[axis] for k, end in enumerate(ends) for axis in ("x", "y")}
    marks, keys = [Mark("segments", ties, BASELINE, width=0.7, alpha=0.25)], []
    hover = {"": "named", labels("outcome.index"): "score", labels("app.links"): "links"}
    for kind in (*KINDS, *OTHERS):
        mine = here[here["kind"] == kind]
        columns = {"named": [labels.name("kind", kind)] * len(mine), "score": [*map(plain, mine["index"])]}
        data = {name: mine[name] for name in NODE[1:]} | columns
        colour = KIND_COLOURS.get(kind, GREY)
        marks.append(Mark("points", data, colour, kind, hover, marker=OTHERS.get(kind, "o"), edge=INK))
        keys.append(Key(labels.name("kind", kind), colour, "dot", kind))
    disc = Axis(low=-1.1, high=1.1, bare=True)
    return Chart("", [Panel(marks, x=disc, y=disc, tall=360)], NOTHING, keys=keys)


def network_tables(answer: Answer, scenario: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nodes, with their places and links, and edges of one scenario at every quarter that was kept."""
    contents = [(name.rpartition("/"), content) for name, content in answer.networks.items()]
    kept = [(quarter, network_of(content)) for (label, _, quarter), content in contents if label == scenario]
    nodes, edges = graphs(kept)
    share = nodes["assets"].fillna(0.0) / max(float(nodes["assets"].max()), 1.0)
    nodes = nodes.assign(area=(3.7 + 16.3 * np.sqrt(share)) ** 2)
    return maps.place_nodes(nodes, edges), edges


@cache
def _short(title: str) -> str:
    """A name that fits a cell."""
    return title.split(" (")[0].split("（")[0]
