"""The figures of the page: each is drawn once and given new data, so that an answer moves it and nothing flickers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    LabelSet,
    Legend,
    LegendItem,
    LinearColorMapper,
    Range1d,
    Span,
)
from bokeh.plotting import figure
from bokeh.themes import Theme

from agents.honeycomb import DIMENSIONS
from experiments.app.answer import LEVEL, Answer, Path
from experiments.app.setting import BASE, PAGE
from experiments.figures.chart import GAIN, GAIN_PALE, KIND_COLOURS, LOSS, LOSS_PALE
from experiments.figures.network_map import positions
from experiments.figures.reference import tiles
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
            "LabelSet": {"text_font": value(FONT)},
            "Legend": {"label_text_font": FONT},
            "Text": {"text_font": value(FONT)},
        }
    }
)


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

    def legend(self, made: Any) -> None:
        """A legend above the figure; a click on an entry hides what it names."""
        made.legend.orientation = "horizontal"
        made.legend.click_policy = "hide"
        made.legend.background_fill_alpha = made.legend.border_line_alpha = 0
        made.legend.label_text_color = INK[self.theme]
        made.legend.padding = made.legend.margin = 0
        made.add_layout(made.legend[0], "above")


def years(quarters: Sequence[str]) -> np.ndarray:
    """Quarters as years, at their ends."""
    return np.array([int(q[:4]) + int(q[5]) / 4 for q in quarters])


SPAN: Final = (2020.25, 2031.0)  # what a figure spans before there is anything to draw


def _band(path: Path, places: np.ndarray) -> dict[str, Any]:
    return {
        "x": places,
        **{q: path[q] for q in ("q05", "q25", "q50", "q75", "q95")},
        "quarter": path["quarter"],
    }


class Paths:
    """Lines over time with their 50 and 90 % bands.

    Parameters
    ----------
    look : Look
    lines : mapping of str to str
        Names of the lines, in the order in which they are drawn, with what the legend calls them.
    zero : bool
        Draw a line at zero.
    """

    def __init__(self, look: Look, lines: Mapping[str, str], zero: bool) -> None:
        self.look = look
        self.plot = look.plot(280)
        colours = {BASE: SOFT, PAGE: BLUE, "kept": ORANGE}
        self.sources = {}
        for name, title in lines.items():
            start = [0.0, 0.0] if name != "kept" else []
            columns = dict.fromkeys(("q05", "q25", "q50", "q75", "q95"), start)
            source = ColumnDataSource(
                {"x": list(SPAN[: len(start)]), "quarter": [""] * len(start), **columns}
            )
            colour = colours[name][look.theme]
            self.plot.varea(
                "x", "q05", "q95", source=source, fill_color=colour, fill_alpha=0.14, legend_label=title
            )
            self.plot.varea(
                "x", "q25", "q75", source=source, fill_color=colour, fill_alpha=0.22, legend_label=title
            )
            dash = {BASE: "dashed", "kept": "dotted"}.get(name, "solid")
            drawn = self.plot.line(
                "x", "q50", source=source, color=colour, line_width=2.4, line_dash=dash, legend_label=title
            )
            tips = [
                (title, "@quarter"),
                (look.labels("app.median"), "@q50{0.00}"),
                ("90 %", "@q05{0.00} … @q95{0.00}"),
            ]
            self.plot.add_tools(HoverTool(renderers=[drawn], tooltips=tips, mode="vline"))
            self.sources[name] = source
        if zero:
            self.plot.add_layout(
                Span(location=0, dimension="width", line_color=INK[look.theme], line_width=1)
            )
        look.legend(self.plot)

    def show(self, paths: Mapping[str, Path | None], unit: str) -> None:
        """Draw the paths by their names; one that is missing is not drawn."""
        self.plot.yaxis[0].axis_label = unit
        for name, source in self.sources.items():
            path = paths.get(name)
            empty: dict[str, Any] = {column: [] for column in source.column_names}
            source.data = empty if path is None else _band(path, years(list(path["quarter"])))


class Plane:
    """Cost against effect: this setting, the kept one, where one has been before, and nothing done."""

    columns: Final = ("cost", "cost_low", "cost_high", "effect", "effect_low", "effect_high")

    def __init__(self, look: Look) -> None:
        self.look, labels = look, look.labels
        self.plot = look.plot(280)
        self.before = ColumnDataSource({name: [0.0] for name in self.columns})
        past = {"size": 6, "color": SOFT[look.theme], "alpha": 0.5, "legend_label": labels("app.before")}
        self.plot.scatter("cost", "effect", source=self.before, **past)
        self.sources = {}
        for name, colour in (("kept", ORANGE), (PAGE, BLUE)):
            source = ColumnDataSource({column: [] for column in self.columns})
            paint = {"source": source, "color": colour[look.theme]}
            self.plot.segment("cost", "effect_low", "cost", "effect_high", line_width=2, **paint)
            self.plot.segment("cost_low", "effect", "cost_high", "effect", line_width=2, **paint)
            title = labels("app.kept" if name == "kept" else "app.page")
            drawn = self.plot.scatter("cost", "effect", size=11, legend_label=title, **paint)
            tips = [
                (labels("app.cost"), "@cost{0,0.0} (@cost_low{0,0.0} … @cost_high{0,0.0})"),
                (labels("app.effect"), "@effect{0.00} (@effect_low{0.00} … @effect_high{0.00})"),
            ]
            self.plot.add_tools(HoverTool(renderers=[drawn], tooltips=tips))
            self.sources[name] = source
        self.plot.add_layout(Span(location=0, dimension="width", line_color=INK[look.theme], line_width=1))
        self.plot.xaxis[0].axis_label = labels("app.cost_axis")
        self.plot.xaxis[0].formatter.use_scientific = False
        look.legend(self.plot)

    def show(self, points: Mapping[str, Mapping[str, float] | None], settled: bool, unit: str) -> None:
        """Place the points; a settled one is remembered."""
        self.plot.yaxis[0].axis_label = unit
        for name, source in self.sources.items():
            point = points.get(name)
            source.data = self._row(point)
        here = points.get(PAGE)
        if settled and here:
            self.before.stream(self._row(here), rollover=40)

    def _row(self, point: Mapping[str, float] | None) -> dict[str, Any]:
        """A point; costs in the unit of the language, million yuan or 亿元."""
        size = 0.01 if self.look.labels.chinese else 1.0
        return {
            c: [point[c] * (size if c.startswith("cost") else 1.0)] if point else [] for c in self.columns
        }


class Honeycomb:
    """Six cells a kind of bank, with the score in each and what it changes by; the mean in the middle."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.plot = look.plot(250, match_aspect=True, x_range=Range1d(-3.2, 16.0), y_range=Range1d(-3.9, 2.9))
        self.mapper = LinearColorMapper(palette=DIVERGING, low=-1, high=1)
        self.source = ColumnDataSource(
            {
                "xs": [],
                "ys": [],
                "x": [],
                "y": [],
                "name": [],
                "level": [],
                "change": [],
                "text": [],
                "low": [],
                "high": [],
            }
        )
        cells = self.plot.patches(
            "xs",
            "ys",
            source=self.source,
            fill_color={"field": "change", "transform": self.mapper},
            line_color=SOFT[look.theme],
        )
        self.plot.text(
            "x",
            "y",
            text="text",
            source=self.source,
            text_align="center",
            text_baseline="middle",
            text_font_size="10px",
            text_color="#1d2126",
        )
        labels = look.labels
        self.names = ColumnDataSource({"x": [], "y": [], "text": []})
        self.plot.add_layout(
            LabelSet(
                x="x",
                y="y",
                text="text",
                source=self.names,
                text_align="center",
                text_color=INK[look.theme],
                text_font_size="12px",
            )
        )
        tips = [
            ("", "@name"),
            (labels("app.level"), "@level{0.0}"),
            (labels("app.effect"), "@change{0.00} (@low{0.00} … @high{0.00})"),
        ]
        self.plot.add_tools(HoverTool(renderers=[cells], tooltips=tips))
        _bare(self.plot)

    def show(self, found: Answer) -> None:
        """Fill the cells with the last quarter."""
        labels, columns = self.look.labels, {name: [] for name in self.source.column_names}  # type: ignore[var-annotated]
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
                for column, held in cell.items():
                    columns[column].append(held)
        reach = max(1.0, float(np.abs(columns["change"]).max()))
        self.mapper.low, self.mapper.high = -reach, reach
        self.source.data = columns
        self.names.data = {
            "x": [6.4 * p for p in range(len(SMALL))],
            "y": [-3.5] * 3,
            "text": [labels.name("kind", k) for k in SMALL],
        }


class Provinces:
    """The change of the index in each province; hatched where it may be nothing."""

    def __init__(self, look: Look) -> None:
        self.look, labels = look, look.labels
        known = tiles(DATA)
        columns, rows = known["tile_column"], known["tile_row"]
        across = Range1d(float(columns.min()), float(columns.max()) + 1)
        self.plot = look.plot(330, x_range=across, y_range=Range1d(float(rows.max()) + 1, float(rows.min())))
        self.mapper = LinearColorMapper(palette=DIVERGING, low=-1, high=1, nan_color="rgba(0,0,0,0)")
        self.source = ColumnDataSource(
            {name: [] for name in ("x", "y", "name", "effect", "low", "high", "banks", "hatch")}
        )
        cells = self.plot.rect(
            "x", "y", 0.94, 0.94, source=self.source, fill_color={"field": "effect", "transform": self.mapper},
            line_color=SOFT[look.theme], hatch_pattern="hatch", hatch_color=SOFT[look.theme], hatch_alpha=0.7,
            hatch_scale=7,
        )  # fmt: skip
        self.plot.text(
            "x",
            "y",
            text="name",
            source=self.source,
            text_align="center",
            text_baseline="middle",
            text_font_size="11px",
            text_color=INK[look.theme],
        )
        tips = [
            ("", "@name"),
            (labels("app.effect"), "@effect{0.00} (@low{0.00} … @high{0.00})"),
            (labels("app.banks"), "@banks"),
        ]
        self.plot.add_tools(HoverTool(renderers=[cells], tooltips=tips))
        bar = ColorBar(
            color_mapper=self.mapper, height=8, title=labels("app.points"), background_fill_alpha=0
        )
        bar.title_text_color = bar.major_label_text_color = INK[look.theme]
        self.plot.add_layout(bar, "below")
        _bare(self.plot)

    def show(self, found: Answer) -> None:
        """Colour the provinces."""
        rows = {str(row["group"]): row for row in found.groups if row["grouping"] == "province"}
        known = tiles(DATA)
        named = "name_zh" if self.look.labels.chinese else "name_en"
        nothing = {"effect": np.nan, "effect_low": np.nan, "effect_high": np.nan, "banks": 0}
        told = [rows.get(str(code), nothing) for code in known["code"]]
        effects = np.array([row["effect"] for row in told], float)
        reach = max(0.2, float(np.nanmax(np.abs(effects), initial=0.0)))
        self.mapper.low, self.mapper.high = -reach, reach
        noise = [side(row["effect_low"], row["effect_high"]) == 0 and row["banks"] > 0 for row in told]
        self.source.data = {
            "x": known["tile_column"] + 0.5, "y": known["tile_row"] + 0.5,
            "name": known[named] if self.look.labels.chinese else known["code"], "effect": effects,
            "low": [row["effect_low"] for row in told], "high": [row["effect_high"] for row in told],
            "banks": [row["banks"] for row in told], "hatch": ["/" if one else " " for one in noise],
        }  # fmt: skip


class Winners:
    """Shares of banks that gain and lose, by kind and size."""

    def __init__(self, look: Look) -> None:
        self.look, labels = look, look.labels
        self.plot = look.plot(290, y_range=["-"], x_range=Range1d(0, 1))
        self.source = ColumnDataSource({name: [] for name in ("group", "banks", *BANDS)})
        titles = [labels(f"winners.{band}") for band in BANDS]
        stacks = self.plot.hbar_stack(
            list(BANDS),
            y="group",
            height=0.8,
            source=self.source,
            color=SHARE_COLOURS,
            legend_label=titles,
            line_color=None,
        )
        for band, title, stack in zip(BANDS, titles, stacks, strict=True):
            self.plot.add_tools(
                HoverTool(
                    renderers=[stack],
                    tooltips=[("@group", f"{title}: @{band}{{0 %}}"), (labels("app.banks"), "@banks")],
                )
            )
        self.plot.xaxis[0].formatter.use_scientific = False
        self.plot.xaxis[0].axis_label = labels("app.share_of_banks")
        look.legend(self.plot)
        self.plot.legend[0].ncols = 3

    def show(self, found: Answer) -> None:
        """Stack the shares."""
        labels = self.look.labels
        rows = [row for row in found.groups if row["grouping"] in ("kind", "size_quintile")][::-1]
        names = [
            labels.name("kind", "small" if row["group"] == "all" else str(row["group"]))
            if row["grouping"] == "kind"
            else labels("analysis.quintile", number=row["group"])
            for row in rows
        ]
        self.plot.y_range.factors = names
        self.source.data = {
            "group": names,
            "banks": [row["banks"] for row in rows],
            **{b: [row[b] for row in rows] for b in BANDS},
        }


class Network:
    """Who works with whom in the first run, at the start, the middle and the end."""

    def __init__(self, look: Look) -> None:
        self.look, labels = look, look.labels
        self.plot = look.plot(360, match_aspect=True, x_range=Range1d(-1.1, 1.1), y_range=Range1d(-1.1, 1.1))
        self.edges = ColumnDataSource({name: [] for name in ("xs", "ys")})
        self.nodes = ColumnDataSource(
            {name: [] for name in ("x", "y", "size", "colour", "kind", "index", "links")}
        )
        self.plot.multi_line("xs", "ys", source=self.edges, color=SOFT[look.theme], alpha=0.25)
        dots = self.plot.scatter(
            "x",
            "y",
            size="size",
            color="colour",
            source=self.nodes,
            line_color=INK[look.theme],
            line_width=0.5,
        )
        tips = [("", "@kind"), (labels("outcome.index"), "@index{0.0}"), (labels("app.links"), "@links")]
        self.plot.add_tools(HoverTool(renderers=[dots], tooltips=tips))
        _bare(self.plot)

    def show(self, tables: tuple[pd.DataFrame, pd.DataFrame], quarter: str) -> None:
        """Draw one quarter; places stay where they are over time."""
        nodes, edges = tables
        place = positions(nodes, edges).set_index("node")
        here, ties = nodes[nodes["quarter"] == quarter], edges[edges["quarter"] == quarter]
        spot = place.loc[here["node"]]
        size = 5 + 22 * np.sqrt(here["assets"].to_numpy() / max(float(nodes["assets"].max()), 1.0))
        links = pd.concat([ties["source"], ties["target"]]).value_counts()
        self.nodes.data = {
            "x": spot["x"].to_numpy(), "y": spot["y"].to_numpy(), "size": size,
            "colour": [KIND_COLOURS.get(str(kind), "#9c9ca1") for kind in here["kind"]],
            "kind": [self.look.labels.name("kind", str(kind)) for kind in here["kind"]],
            "index": here["index"].to_numpy(), "links": links.reindex(here["node"]).fillna(0).to_numpy(),
        }  # fmt: skip
        a, b = place.loc[ties["source"]], place.loc[ties["target"]]
        self.edges.data = {
            "xs": list(np.column_stack([a["x"], b["x"]])),
            "ys": list(np.column_stack([a["y"], b["y"]])),
        }


def network_tables(found: Answer, scenario: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nodes and edges of one scenario at every quarter that was kept."""
    from experiments.app.answer import network_of

    nodes, edges = [], []
    for name, content in found.networks.items():
        label, _, quarter = name.rpartition("/")
        if label == scenario:
            graph = network_of(content)
            nodes += [{"quarter": quarter, "node": node, **given} for node, given in graph.nodes(data=True)]
            edges += [{"quarter": quarter, "source": a, "target": b} for a, b in graph.edges()]
    return pd.DataFrame(nodes), pd.DataFrame(edges, columns=["quarter", "source", "target"])


def _bare(plot: Any) -> None:
    plot.axis.visible = False
    plot.grid.visible = False


@cache
def _short(title: str) -> str:
    """A name that fits a cell."""
    return title.split(" (")[0].split("（")[0][:9]


class OwnPath:
    """Lines over the years with their 90 % bands: the own bank's plan in several futures, and a floor."""

    most: Final = 8

    def __init__(self, look: Look) -> None:
        self.look = look
        self.plot = look.plot(280)
        self.floor = Span(dimension="width", line_color=ORANGE[look.theme], line_dash="dashed", visible=False)
        self.plot.add_layout(self.floor)
        self.lines = []
        for place in range(self.most):
            start = [0.0, 1.0] if place == 0 else []
            columns = dict.fromkeys(("q05", "q50", "q95"), start)
            source = ColumnDataSource({"year": [int(year) for year in SPAN[: len(start)]], **columns})
            band = self.plot.varea(
                "year", "q05", "q95", source=source, fill_color=LINE_COLOURS[place], fill_alpha=0.12
            )
            line = self.plot.line("year", "q50", source=source, color=LINE_COLOURS[place], line_width=2.2)
            item = LegendItem(label="", renderers=[line, band], visible=False)
            tips = [
                ("", "@year"),
                (look.labels("app.median"), "@q50{0.0}"),
                ("90 %", "@q05{0.0} … @q95{0.0}"),
            ]
            self.plot.add_tools(HoverTool(renderers=[line], tooltips=tips))
            self.lines.append((source, item))
        legend = Legend(items=[item for _, item in self.lines], orientation="vertical", click_policy="hide")
        legend.update(
            background_fill_alpha=0, border_line_alpha=0, label_text_color=INK[look.theme], padding=0
        )
        self.plot.add_layout(legend, "above")

    def show(self, lines: Mapping[str, Sequence[Mapping[str, Any]]], unit: str, floor: float | None) -> None:
        """Draw each line by what it is called."""
        self.plot.yaxis[0].axis_label = unit
        self.floor.update(location=floor or 0.0, visible=floor is not None)
        named = list(lines.items())[: self.most]
        for place, (source, item) in enumerate(self.lines):
            title, rows = named[place] if place < len(named) else ("", [])
            item.update(label={"value": title}, visible=bool(rows))
            source.data = {name: [row[name] for row in rows] for name in ("year", "q05", "q50", "q95")}


class OwnBudget:
    """What the technology budget of a plan goes into, year by year."""

    def __init__(self, look: Look) -> None:
        self.look, labels = look, look.labels
        self.plot = look.plot(280)
        columns = {name: [0.0, 1.0] for name in ("technology_spending", *BUDGET)}
        self.source = ColumnDataSource({"year": [2024, 2030], **columns})
        titles = [labels(f"own.use_{name}") for name in BUDGET]
        stacks = self.plot.vbar_stack(
            list(BUDGET), x="year", width=0.8, source=self.source, color=LINE_COLOURS[: len(BUDGET)],
            legend_label=titles, line_color=None,
        )  # fmt: skip
        for name, title, stack in zip(BUDGET, titles, stacks, strict=True):
            self.plot.add_tools(
                HoverTool(renderers=[stack], tooltips=[("@year", f"{title}: @{name}{{0,0.0}}")])
            )
        self.plot.yaxis[0].formatter.use_scientific = False
        self.plot.yaxis[0].axis_label = labels("app.own_million")
        look.legend(self.plot)
        self.plot.legend[0].ncols = 2

    def show(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Stack the parts, million yuan, or 亿元 in Chinese."""
        size = 0.01 if self.look.labels.chinese else 1.0
        parts = {name: [size * row[name] for row in rows] for name in ("technology_spending", *BUDGET)}
        self.source.data = {"year": [row["year"] for row in rows], **parts}
