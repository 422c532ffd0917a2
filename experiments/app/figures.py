"""The figures of the page: each is drawn once and given new data, so that an answer moves it and nothing flickers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import pandas as pd
from bokeh.core.properties import value
from bokeh.models import (
    ColorBar,
    ColumnDataSource,
    HoverTool,
    Legend,
    LegendItem,
    LinearColorMapper,
    NumeralTickFormatter,
    Range1d,
    Span,
)
from bokeh.plotting import figure
from bokeh.themes import Theme

from agents.honeycomb import DIMENSIONS
from experiments.app.answer import LEVEL, Answer, network_of
from experiments.app.setting import PAGE
from experiments.figures.network_map import positions
from experiments.figures.palette import GAIN, GAIN_PALE, KIND_COLOURS, LOSS, LOSS_PALE
from experiments.figures.province_map import ALIKE
from experiments.figures.source import tiles
from experiments.labels import Labels
from experiments.location import DATA
from experiments.results.distribution import BANDS
from experiments.results.statistics import side
from model.own_bank import BUDGET

INK: Final = {"light": "#1d2126", "dark": "#e8eaed"}
SOFT: Final = {"light": "#6b7280", "dark": "#aab1bb"}
LINES: Final = {"light": "#c9ced6", "dark": "#444c56"}
BLUE: Final = {"light": "#0072B2", "dark": "#5cb3e8"}
ORANGE: Final = {"light": "#D55E00", "dark": "#f2a05c"}
SHARE_COLOURS: Final = (LOSS, LOSS_PALE, "#b9bec6", GAIN_PALE, GAIN)
DIVERGING: Final = ("#D55E00", "#ea9a63", "#f3cdb0", "#e9eaec", "#b0d3ea", "#5fa8d3", "#0072B2")
EDGE: Final = 0.96
SMALL: Final = ("city", "rural", "private")
LINE_COLOURS: Final = ("#3b8fd4", "#e08a2e", "#2ca089", "#c678a8", "#8a8f98", "#d8a800", "#6fc0ea", "#b0572e")


FONT: Final = "system-ui, 'Noto Sans', 'Page SC', sans-serif"
THEME: Final = Theme(
    json={
        "attrs": {
            "Axis": {"axis_label_text_font": FONT, "major_label_text_font": FONT},
            "ColorBar": {"title_text_font": FONT, "major_label_text_font": FONT},
            "Legend": {"label_text_font": FONT},
            "Text": {"text_font": value(FONT)},
        }
    }
)


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

    def plot(self, height: int, **given: Any) -> Any:
        """An empty figure in the page's colours, as wide as its place."""
        made = figure(
            height=height, sizing_mode="stretch_width", toolbar_location=None, tools="", min_border=4, **given
        )
        made.background_fill_color = made.border_fill_color = None
        made.outline_line_color = None
        for axis in made.axis:
            axis.axis_label_text_color = axis.major_label_text_color = INK[self.theme]
            axis.axis_line_color = axis.major_tick_line_color = SOFT[self.theme]
            axis.minor_tick_line_color = None
            axis.axis_label_text_font_style = "normal"
        made.grid.grid_line_color = LINES[self.theme]
        made.grid.grid_line_alpha = 0.5
        return made

    def legend(self, made: Any, items: Sequence[LegendItem] = (), columns: int = 0) -> None:
        """A legend above the figure; a click on an entry hides what it names."""
        legend = Legend(items=list(items)) if items else made.legend[0]
        legend.update(click_policy="hide", background_fill_alpha=0, border_line_alpha=0, padding=0, margin=0)
        legend.update(orientation="horizontal", location="left", label_text_color=INK[self.theme])
        legend.update(label_text_font_size="12px", spacing=8, glyph_width=16, label_standoff=4)
        if columns:
            legend.ncols = columns
        made.add_layout(legend, "above")

    def words(self, made: Any, source: ColumnDataSource, text: str, size: int, colour: str) -> None:
        """Words in the middle of the places of a source."""
        made.text(
            "x", "y", text=text, source=source, text_align="center", text_baseline="middle",
            text_font_size=f"{size}px", text_color=colour,
        )  # fmt: skip


def years(quarters: Iterable[str]) -> np.ndarray:
    """Quarters as years, at their ends; years as they are."""
    return np.array([int(q[:4]) + (int(q[5]) / 4 if "Q" in q else 0.0) for q in quarters])


SPAN: Final = (2020.25, 2031.0)  # what a figure spans before there is anything to draw
QUANTILES: Final = ("q05", "q25", "q50", "q75", "q95")


def _empty(*names: str) -> ColumnDataSource:
    return ColumnDataSource({name: [] for name in names})


def _hover(plot: Any, drawn: Any, *tips: tuple[str, str], **given: Any) -> None:
    plot.add_tools(HoverTool(renderers=[drawn], tooltips=list(tips), **given))


def _bare(plot: Any) -> None:
    plot.axis.visible = False
    plot.grid.visible = False


class Paths:
    """Lines over time with their 50 and 90 % bands.

    Parameters
    ----------
    look : Look
    styles : sequence of (str, str)
        Colour and dash of each line, in the order in which they are drawn.
    zero : bool
        Draw a line at zero.
    """

    def __init__(self, look: Look, styles: Sequence[tuple[str, str]], zero: bool = False) -> None:
        self.look = look
        self.plot = plot = look.plot(280)
        self.floor = Span(dimension="width", line_color=ORANGE[look.theme], line_dash="dashed", visible=False)
        plot.add_layout(self.floor)
        self.lines: list[tuple[ColumnDataSource, LegendItem]] = []
        for place, (colour, dash) in enumerate(styles):
            span, text = (list(SPAN), ["", ""]) if place == 0 else ([], [])
            columns: dict[str, Any] = {"x": span, "quarter": text, "name": text}
            source = ColumnDataSource(columns | dict.fromkeys(QUANTILES, [0.0] * len(span)))
            paint = {"source": source, "fill_color": colour}
            bands = [
                plot.varea("x", low, high, fill_alpha=alpha, **paint)
                for low, high, alpha in (("q05", "q95", 0.14), ("q25", "q75", 0.22))
            ]
            line = plot.line("x", "q50", source=source, color=colour, line_width=2.4, line_dash=dash)
            median, band = "@q50{0.00}", "@q05{0.00} … @q95{0.00}"
            _hover(plot, line, ("@name", "@quarter"), (look.labels("app.median"), median), ("90 %", band))
            self.lines.append((source, LegendItem(label="", renderers=[line, *bands], visible=False)))
        if zero:
            plot.add_layout(Span(location=0, dimension="width", line_color=INK[look.theme], line_width=1))
        look.legend(plot, [item for _, item in self.lines], 1 if len(styles) > 3 else 0)

    def show(
        self, lines: Sequence[tuple[str, Mapping[str, Any] | None]], unit: str, floor: float | None = None
    ) -> Changes:
        """Draw each line by its name, and a floor; a line that is missing is not drawn."""
        changes: Changes = {
            self.plot.yaxis[0].id: {"axis_label": unit},
            self.floor.id: {"location": floor or 0.0, "visible": floor is not None},
        }
        given = [*lines, *[("", None)] * len(self.lines)]
        for (source, item), (name, path) in zip(self.lines, given, strict=False):
            drawn: Mapping[str, Any] = (
                path if path is not None else {key: [] for key in (*QUANTILES, "quarter")}
            )
            columns = {q: drawn[q] for q in QUANTILES}
            columns |= {"quarter": drawn["quarter"], "x": years(drawn["quarter"])}
            changes[source.id] = {"data": columns | {"name": [name] * len(columns["x"])}}
            changes[item.id] = {"label": {"value": name}, "visible": path is not None}
        return changes


class Plane:
    """Cost against effect: this setting, the kept one, where one has been before, and nothing done."""

    columns: Final = ("cost", "cost_low", "cost_high", "effect", "effect_low", "effect_high")

    def __init__(self, look: Look) -> None:
        self.look, labels = look, look.labels
        self.plot = look.plot(280)
        self.past: list[Mapping[str, float]] = [dict.fromkeys(self.columns, 0.0)]
        self.before = ColumnDataSource({name: [0.0] for name in self.columns})
        past = {"size": 6, "color": SOFT[look.theme], "alpha": 0.5, "legend_label": labels("app.before")}
        self.plot.scatter("cost", "effect", source=self.before, **past)
        self.sources = {}
        for name, colour in (("kept", ORANGE), (PAGE, BLUE)):
            source = self.sources[name] = _empty(*self.columns)
            paint = {"source": source, "color": colour[look.theme]}
            self.plot.segment("cost", "effect_low", "cost", "effect_high", line_width=2, **paint)
            self.plot.segment("cost_low", "effect", "cost_high", "effect", line_width=2, **paint)
            drawn = self.plot.scatter("cost", "effect", size=11, legend_label=labels(f"app.{name}"), **paint)
            cost = (labels("app.cost"), "@cost{0,0.0} (@cost_low{0,0.0} … @cost_high{0,0.0})")
            effect = (labels("app.effect"), "@effect{0.00} (@effect_low{0.00} … @effect_high{0.00})")
            _hover(self.plot, drawn, cost, effect)
        self.plot.add_layout(Span(location=0, dimension="width", line_color=INK[look.theme], line_width=1))
        self.plot.xaxis[0].axis_label = labels("app.cost_axis")
        self.plot.xaxis[0].formatter.use_scientific = False
        look.legend(self.plot)
        self.named = self.plot.legend[0].items[1]  # of the kept setting

    def show(self, points: Mapping[str, Mapping[str, float] | None], settled: bool, unit: str) -> Changes:
        """Place the points; a settled one is remembered."""
        here = points.get(PAGE)
        if settled and here and here not in self.past:
            self.past = [*self.past[-40:], here]
        changes: Changes = {
            source.id: {"data": self._columns([point] if (point := points.get(name)) else [])}
            for name, source in self.sources.items()
        }
        changes[self.before.id] = {"data": self._columns(self.past)}
        changes[self.named.id] = {"visible": points.get("kept") is not None}
        return {self.plot.yaxis[0].id: {"axis_label": unit}, **changes}

    def _columns(self, points: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
        """Points; costs in the unit of the language, million yuan or 亿元."""
        size = 0.01 if self.look.labels.chinese else 1.0
        return {
            c: [point[c] * (size if c.startswith("cost") else 1.0) for point in points] for c in self.columns
        }


class Honeycomb:
    """Six cells a kind of bank, with the score in each and what it changes by; the mean in the middle."""

    def __init__(self, look: Look) -> None:
        self.look, labels = look, look.labels
        self.plot = look.plot(
            300, min_width=640, match_aspect=True, x_range=Range1d(-3.2, 16.0), y_range=Range1d(-3.9, 2.9)
        )
        self.mapper = LinearColorMapper(palette=DIVERGING, low=-1, high=1)
        self.source = _empty("xs", "ys", "x", "y", "name", "level", "change", "text", "low", "high", "ink")
        fill = {"field": "change", "transform": self.mapper}
        cells = self.plot.patches(
            "xs", "ys", source=self.source, fill_color=fill, line_color=SOFT[look.theme]
        )
        look.words(self.plot, self.source, "text", 11, "ink")
        places = {"x": [6.4 * place for place in range(len(SMALL))], "y": [-3.3] * len(SMALL)}
        kinds = [labels.name("kind", kind) for kind in SMALL]
        look.words(self.plot, ColumnDataSource(places | {"text": kinds}), "text", 12, INK[look.theme])
        effect = (labels("app.effect"), "@change{0.00} (@low{0.00} … @high{0.00})")
        _hover(self.plot, cells, ("", "@name"), (labels("app.level"), "@level{0.0}"), effect)
        _bare(self.plot)

    def show(self, found: Answer) -> Changes:
        """Fill the cells with the last quarter."""
        labels, cells = self.look.labels, list[dict[str, Any]]()
        for place, kind in enumerate(SMALL):
            for k, variable in enumerate((*DIMENSIONS, "index")):
                end = found.ends[variable, kind]
                level = float(found.path(PAGE, LEVEL, variable, kind)["q50"][-1])
                angle = np.pi / 2 - k * np.pi / 3
                away = 0.0 if variable == "index" else 1.75
                x, y = place * 6.4 + away * np.cos(angle), away * np.sin(angle)
                corners = np.arange(6) * np.pi / 3
                title = labels.outcome(variable)
                cell = {
                    "xs": x + EDGE * np.cos(corners), "ys": y + EDGE * np.sin(corners), "x": x, "y": y, "level": level,
                    "name": f"{labels.name('kind', kind)}: {title}", "change": end["effect"], "low": end["effect_low"],
                    "high": end["effect_high"], "text": f"{_short(title)}\n{level:.0f} ({end['effect']:+.1f})",
                }  # fmt: skip
                cells.append(cell)
        reach = max(1.0, *(abs(cell["change"]) for cell in cells))
        columns = {name: [cell.get(name) for cell in cells] for name in self.source.column_names}
        columns["ink"] = [_ink(cell["change"], reach) for cell in cells]
        return {self.mapper.id: {"low": -reach, "high": reach}, self.source.id: {"data": columns}}


class Provinces:
    """The change of the index in each province; hatched where it may be nothing.

    As on the map of a report, a province of few banks is drawn toward the mean of all, unless that leaves nothing of
    any province but this mean: then each is drawn by its own banks alone.
    """

    def __init__(self, look: Look) -> None:
        self.look, labels = look, look.labels
        self.known = known = tiles(DATA)
        columns, rows = known["tile_column"], known["tile_row"]
        across = Range1d(float(columns.min()), float(columns.max()) + 1)
        self.plot = look.plot(330, x_range=across, y_range=Range1d(float(rows.max()) + 1, float(rows.min())))
        self.mapper = LinearColorMapper(palette=DIVERGING, low=-1, high=1, nan_color="rgba(0,0,0,0)")
        self.source = _empty("x", "y", "name", "effect", "low", "high", "banks", "weight", "hatch", "ink")
        cells = self.plot.rect(
            "x", "y", 0.94, 0.94, source=self.source, fill_color={"field": "effect", "transform": self.mapper},
            line_color=SOFT[look.theme], hatch_pattern="hatch", hatch_color=SOFT[look.theme], hatch_alpha=0.7,
            hatch_scale=7,
        )  # fmt: skip
        look.words(self.plot, self.source, "name", 11, "ink")
        effect = (labels("app.effect"), "@effect{0.00} (@low{0.00} … @high{0.00})")
        banks, weight = (labels("app.banks"), "@banks"), (labels("app.weight"), "@weight{0 %}")
        _hover(self.plot, cells, ("", "@name"), effect, banks, weight)
        bar = ColorBar(
            color_mapper=self.mapper, height=8, title=labels("app.points"), background_fill_alpha=0
        )
        bar.title_text_color = bar.major_label_text_color = INK[look.theme]
        self.plot.add_layout(bar, "below")
        _bare(self.plot)

    def show(self, found: Answer) -> Changes:
        """Colour the provinces."""
        rows = {str(row["group"]): row for row in provinces_of(found)}
        name = "raw" if alike(found) else "effect"
        keys = {
            "effect": name,
            "low": f"{name}_low",
            "high": f"{name}_high",
            "weight": "weight",
            "banks": "banks",
        }
        known, nothing = self.known, dict.fromkeys(keys.values(), np.nan) | {"banks": 0}
        told = [rows.get(str(code), nothing) for code in known["code"]]
        columns: dict[str, Any] = {
            column: np.array([row[key] for row in told], float) for column, key in keys.items()
        }
        reach = max(0.2, float(np.nanmax(np.abs(columns["effect"]), initial=0.0)))
        there = columns["banks"] > 0
        noise = there & (side(columns["low"], columns["high"]) == 0)
        columns |= {
            "x": known["tile_column"] + 0.5, "y": known["tile_row"] + 0.5,
            "name": known["name_zh" if self.look.labels.chinese else "code"], "hatch": np.where(noise, "/", " "),
            "ink": [_ink(one, reach) if one == one else INK[self.look.theme] for one in columns["effect"]],
        }  # fmt: skip
        return {self.mapper.id: {"low": -reach, "high": reach}, self.source.id: {"data": columns}}


def provinces_of(found: Answer) -> list[dict[str, Any]]:
    """What an answer tells of provinces."""
    return [row for row in found.groups if row["grouping"] == "province"]


def alike(found: Answer) -> bool:
    """Whether provinces differ by no more than chance, so that drawing them toward their mean leaves only this."""
    rows = provinces_of(found)
    return bool(rows) and all(row["weight"] < ALIKE for row in rows)


class Shares:
    """Bars, each a stack of parts.

    Parameters
    ----------
    look : Look
    across : str
        What there is a bar of: ``group``, drawn from left to right, or ``year``, drawn upward.
    parts : mapping of str to str
        Titles of the parts, in their order.
    colours : sequence of str
    text : str
        How a part is written.
    unit : str
    """

    def __init__(
        self, look: Look, across: str, parts: Mapping[str, str], colours: Sequence[str], text: str, unit: str
    ) -> None:
        self.look, self.across, self.parts = look, across, tuple(parts)
        upward = across == "year"
        span: dict[str, Any] = {} if upward else {"y_range": ["-"], "x_range": Range1d(0, 1)}
        self.plot = look.plot(285, **span)
        first = [2024, 2030] if upward else []
        self.source = ColumnDataSource({across: first} | {part: [0.0] * len(first) for part in parts})
        stack = self.plot.vbar_stack if upward else self.plot.hbar_stack
        stacks = stack(
            list(parts), **{"x" if upward else "y": across, "width" if upward else "height": 0.8}, line_color=None,
            source=self.source, color=list(colours), legend_label=list(parts.values()),
        )  # fmt: skip
        for (part, title), drawn in zip(parts.items(), stacks, strict=True):
            _hover(self.plot, drawn, (f"@{across}", f"{title}: @{part}{{{text}}}"))
        axis = (self.plot.yaxis if upward else self.plot.xaxis)[0]
        axis.formatter = NumeralTickFormatter(format=text)
        axis.axis_label = unit
        look.legend(self.plot, columns=2)

    def show(self, rows: Mapping[Any, Mapping[str, float]], size: float = 1.0) -> Changes:
        """Stack the parts of each bar, by its name."""
        columns = {self.across: list(rows)} | {
            p: [size * row[p] for row in rows.values()] for p in self.parts
        }
        changes: Changes = {self.source.id: {"data": columns}}
        return (
            changes if self.across == "year" else {self.plot.y_range.id: {"factors": list(rows)}, **changes}
        )


def winners(look: Look) -> Shares:
    """Shares of banks that gain and lose."""
    labels = look.labels
    titles = {band: labels(f"winners.{band}") for band in BANDS}
    return Shares(look, "group", titles, SHARE_COLOURS, "0 %", labels("app.share_of_banks"))


def bands_of(labels: Labels, found: Answer) -> dict[str, Mapping[str, float]]:
    """Those shares by kind and size, from the last to the first."""
    rows = [row for row in found.groups if row["grouping"] in ("kind", "size_quintile")][::-1]
    return {
        labels.banks(str(row["group"]))
        if row["grouping"] == "kind"
        else labels("analysis.quintile", number=row["group"]): row
        for row in rows
    }


def own_budget(look: Look) -> Shares:
    """What the technology budget of a plan goes into, year by year."""
    labels = look.labels
    titles = {name: labels(f"own.use_{name}") for name in BUDGET}
    return Shares(look, "year", titles, LINE_COLOURS[: len(BUDGET)], "0,0.0", labels("app.own_million"))


class Network:
    """Who works with whom in the first run, at the start, the middle and the end."""

    def __init__(self, look: Look) -> None:
        self.look, labels = look, look.labels
        self.tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame] | None = None
        self.plot = look.plot(360, match_aspect=True, x_range=Range1d(-1.1, 1.1), y_range=Range1d(-1.1, 1.1))
        self.edges, self.nodes = (
            _empty("xs", "ys"),
            _empty("x", "y", "size", "colour", "kind", "index", "links"),
        )
        self.plot.multi_line("xs", "ys", source=self.edges, color=SOFT[look.theme], alpha=0.25)
        dots = self.plot.scatter(
            "x", "y", size="size", color="colour", source=self.nodes, line_color=INK[look.theme], line_width=0.5,
            legend_field="kind",
        )  # fmt: skip
        index = (labels("outcome.index"), "@index{0.0}")
        _hover(self.plot, dots, ("", "@kind"), index, (labels("app.links"), "@links"))
        look.legend(self.plot, columns=3)
        _bare(self.plot)

    def keep(self, nodes: pd.DataFrame, edges: pd.DataFrame) -> None:
        """Take the tables of all quarters; places stay where they are over time."""
        self.tables = nodes, edges, positions(nodes, edges).set_index("node")

    def show(self, quarter: str) -> Changes:
        """Draw one quarter, where there is something to draw."""
        if self.tables is None:
            return {}
        nodes, edges, place = self.tables
        here, ties = nodes[nodes["quarter"] == quarter], edges[edges["quarter"] == quarter]
        spot = place.loc[here["node"]]
        size = 5 + 22 * np.sqrt(here["assets"].to_numpy() / max(float(nodes["assets"].max()), 1.0))
        links = pd.concat([ties["source"], ties["target"]]).value_counts()
        dots = {
            "x": spot["x"].to_numpy(), "y": spot["y"].to_numpy(), "size": size,
            "colour": [KIND_COLOURS.get(str(kind), "#9c9ca1") for kind in here["kind"]],
            "kind": [self.look.labels.name("kind", str(kind)) for kind in here["kind"]],
            "index": here["index"].to_numpy(), "links": links.reindex(here["node"]).fillna(0).to_numpy(),
        }  # fmt: skip
        a, b = place.loc[ties["source"]], place.loc[ties["target"]]
        ends = {axis: np.column_stack([a[axis], b[axis]]) for axis in ("x", "y")}
        return {self.nodes.id: {"data": dots}, self.edges.id: {"data": {"xs": ends["x"], "ys": ends["y"]}}}


def network_tables(found: Answer, scenario: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nodes and edges of one scenario at every quarter that was kept."""
    nodes, edges = [], []
    for name, content in found.networks.items():
        label, _, quarter = name.rpartition("/")
        if label == scenario:
            graph = network_of(content)
            nodes += [{"quarter": quarter, "node": node, **given} for node, given in graph.nodes(data=True)]
            edges += [{"quarter": quarter, "source": a, "target": b} for a, b in graph.edges()]
    return pd.DataFrame(nodes), pd.DataFrame(edges, columns=["quarter", "source", "target"])


def _ink(change: float, reach: float) -> str:
    """A colour that can be read on the ground of a change: white on the two darkest."""
    return "#ffffff" if abs(change) > 0.7 * reach else INK["light"]


@cache
def _short(title: str) -> str:
    """A name that fits a cell."""
    return title.split(" (")[0].split("（")[0]
