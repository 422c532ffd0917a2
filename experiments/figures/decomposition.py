"""What an effect hangs on and what produces it: parameters one at a time and together, levers, and their strengths."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from experiments.figures.chart import (
    BLUE,
    GAIN,
    GREY,
    INK,
    LOSS,
    PURPLE,
    Axis,
    Chart,
    Key,
    Mark,
    Panel,
    Scale,
    bars,
    extent,
    quarter_place,
    rule,
    spans,
    years,
)
from experiments.figures.chart import rows as named_rows
from experiments.figures.maps import ENDS, shades
from experiments.figures.source import Plan, StudyTables, figure
from experiments.figures.still import safe
from experiments.labels import Labels, catalogue, chance, digits, percent, plain, scale, signed

PANELS = 9  # parameters followed over time; the rest are in the data
SEED = "seed"
NAME = 42  # Latin letters of a parameter in one line of two, or of three
SHOWN = 12  # parameters; the rest are in the data


def tornado(
    swings: pd.DataFrame,
    indices: pd.DataFrame,
    labels: Labels,
    centre: float,
    floor: float,
    outcome: str = "",
) -> Chart:
    """Swings of the effect over the range of each parameter, and Sobol indices with bootstrap intervals.

    Parameters
    ----------
    swings
        Columns ``parameter``, ``low``, ``high``: the effect (points) at either end of the parameter's range.
    indices
        Columns ``parameter``, ``first``, ``first_low``, ``first_high``, ``total``, ``total_low``,
        ``total_high`` (shares of variance); may be empty.
    labels
        The language.
    centre
        The effect at the default parameters, points.
    floor
        Share of the variance that the seeds make; missing (nan) when not known.
    outcome
        What the effect is on, as the reader calls it; the index by default.

    Returns
    -------
    Chart
        Its table has one row a parameter, the widest swing first, with its indices and ``seed_noise``.
    """
    table = swings.merge(indices, on="parameter", how="outer", sort=False) if len(indices) else swings.copy()
    table["swing"] = (table["high"] - table["low"]).abs()
    by = "swing" if table["swing"].notna().any() else "total"
    table = table.sort_values(by, ascending=False, kind="stable", ignore_index=True).assign(seed_noise=floor)
    rows = table[(table.index < SHOWN) | (table["total"].notna() if "total" in table else False)]
    rows = rows.assign(y=range(len(rows)), named=[safe(str(one), 2 * NAME) for one in rows["parameter"]])
    of = labels("tornado.effect", outcome=labels.inside(outcome or labels("outcome.index")))
    names = named_rows(rows["named"])
    tall, swung = 90 + 30 * len(rows), _swings(rows, labels, centre)
    panels = [Panel(swung, labels("tornado.one"), Axis(of), names, wide=1.5, tall=tall)]
    keys = [Key(labels("tornado.low"), LOSS, "patch"), Key(labels("tornado.high"), GAIN, "patch")]
    if len(indices):
        bare = Axis(ticks=dict.fromkeys(names.ticks or {}, ""), low=names.low, high=names.high)
        shares, x = _shares(rows, labels, floor), Axis(labels("tornado.interval"))
        panels.append(Panel(shares, labels("tornado.sobol"), x, bare, tall=tall))
        keys += [Key(labels("tornado.first"), BLUE, "dot"), Key(labels("tornado.total"), PURPLE, "dot")]
    return Chart(_title(table, labels, floor), panels, table, 1.5 + 0.29 * len(rows), keys=keys)


def _swings(rows: pd.DataFrame, labels: Labels, centre: float) -> list[Mark]:
    marks, centred = [], rows.assign(centre=centre)
    for end, colour in (("low", LOSS), ("high", GAIN)):
        hover = {labels("column.number"): "named", labels(f"tornado.{end}"): "said"}
        ends = centred.assign(said=[signed(value) for value in rows[end]], reach=rows[end])
        marks.append(Mark("cells", bars(ends, "centre", "reach"), colour, hover=hover))
    return [*marks, rule(centre)]


def _shares(rows: pd.DataFrame, labels: Labels, floor: float) -> list[Mark]:
    marks = []
    for order, colour, shift in (("first", BLUE, -0.14), ("total", PURPLE, 0.14)):
        ends = zip(rows[order], rows[f"{order}_low"], rows[f"{order}_high"], strict=True)
        texts = [f"{plain(m, 2)} [{plain(a, 2)}, {plain(b, 2)}]" for m, a, b in ends]
        placed = rows.assign(x=rows[order], y=rows["y"] + shift, said=texts)
        hover = {labels("column.number"): "named", labels(f"tornado.{order}"): "said"}
        marks.append(Mark("segments", spans(placed, f"{order}_low", f"{order}_high"), colour))
        square = order == "total"
        marks.append(Mark("points", placed, colour, hover=hover, size=3.5, marker="s" if square else "o"))
    if floor == floor:
        marks.append(rule(floor, colour=GREY, width=1.2, dash=True))
    return marks


def _title(table: pd.DataFrame, labels: Labels, floor: float) -> str:
    name = safe(str(table["parameter"].iloc[0]), 3 * NAME)
    if "total_low" not in table or floor != floor:
        return labels("tornado.plain", parameter=name)
    above = int((table["total_low"] > floor).sum())
    return labels("tornado.title", parameter=name, above=above, all=len(table))


def indices(frame: pd.DataFrame, labels: Labels) -> Chart:
    """Total indices over time, a panel a parameter, the largest first; hollow where not told from zero.

    Parameters
    ----------
    frame
        ``sensitivity_path`` of a study: parameter, quarter, total, total_low, total_high, told, seed_noise.
    labels
        The language.
    """
    largest = frame.groupby("parameter", sort=False)["total"].max().sort_values(ascending=False)
    names = list(largest.index[:PANELS])
    seeds = labels.parameter(SEED)
    table = frame.assign(
        x=frame["quarter"].map(quarter_place),
        y=frame["total"].clip(0, 1),
        low=frame["total_low"].clip(0, 1),
        high=frame["total_high"].clip(0, 1),
        when=frame["quarter"].map(labels.quarter),
        said=[_index_said(line, labels) for line in frame.to_dict("records")],
    )
    hover = {labels("column.quarter"): "when", labels("tornado.total"): "said"}
    along = Axis(ticks=years(table["x"].min(), table["x"].max(), 5))
    up = Axis(labels("tornado.sobol"), {part: percent(part) for part in (0.0, 0.5, 1.0)}, -0.05, 1.05)
    panels = []
    for name in names:
        mine = table[table["parameter"] == name]
        clear = mine["told"] > 0
        marks = [
            Mark("band", mine, PURPLE, alpha=0.2),
            Mark("line", mine.assign(y=mine["seed_noise"]), GREY, dash=True),
            Mark("line", mine, PURPLE, hover=hover),
            Mark("points", mine[clear], PURPLE, size=2.6),
            Mark("points", mine[~clear], PURPLE, size=2.6, fill="#ffffff", width=0.8),
        ]
        panels.append(Panel(marks, safe(labels.parameter(name), 3 * NAME), along, up, tall=190))
    end = frame[frame["quarter"] == frame["quarter"].max()].sort_values("total", ascending=False)
    title = labels(
        "tornado.path_title",
        parameter=safe(labels.parameter(str(end["parameter"].iloc[0])), 3 * NAME),
        quarter=labels.quarter(str(end["quarter"].iloc[0])),
        told=int(end["told"].sum()),
        all=len(end),
    )
    keys = [Key(labels("tornado.total"), PURPLE), Key(seeds, GREY, "dash")]
    return Chart(title, panels, frame, 1.55 * -(-len(panels) // 3) + 0.6, 3, share=True, keys=keys)


def _index_said(line: Mapping[Any, Any], labels: Labels) -> str:
    text = f"{plain(line['total'], 2)} [{plain(line['total_low'], 2)}, {plain(line['total_high'], 2)}]"
    return text if line["told"] else labels("tornado.untold", index=text)


@figure("sensitivity_path", place=81, tables=("sensitivity_path",))
def path_plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """On what the spread of the effect hangs, quarter by quarter."""
    frame = study.of_scenario("sensitivity_path")
    if frame.empty:
        return []
    name = labels("tornado.path_name", scenario=labels.scenario(str(frame["scenario"].iloc[0])))
    return [Plan("sensitivity_path", name, lambda: indices(frame, labels), labels("tornado.path_note"))]


@figure("tornado", place=80, tables=("sensitivity",))
def plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """What the effect of the scenario in focus hangs on."""
    frame = study.of_scenario("sensitivity")
    if frame.empty:
        return []
    first = frame.iloc[0]
    scenario, of = str(first["scenario"]), labels.outcome(str(first["outcome"]), str(first["bank_kind"]))
    frame = frame.assign(parameter=[labels.parameter(str(key)) for key in frame["parameter"]])
    indices = [f"{order}{end}" for order in ("first", "total") for end in ("", "_low", "_high")]
    shares = frame[["parameter", *indices]].dropna()
    swings = frame[["parameter", "low", "high"]]
    centre, floor = float(first["centre"]), float(first["seed_noise"])
    name = labels("tornado.name", scenario=labels.scenario(scenario))
    return [Plan("tornado", name, lambda: tornado(swings, shares, labels, centre, floor, of))]


RESIDUAL = "residual"


def waterfall(shapley: pd.DataFrame, labels: Labels, outcome: str = "") -> Chart:
    """Cumulated contributions from zero to the total effect.

    Parameters
    ----------
    shapley
        Columns ``channel`` (the name of a channel or policy, or ``residual``), ``effect``, ``low``, ``high``
        (points): Shapley values and their 90 % intervals; in the order to be shown, which sorts the largest
        first when it is not given.
    labels
        The language, and the names of policies.
    outcome
        What the effect is on, as the reader calls it; the index by default.

    Returns
    -------
    Chart
        Its table has the rows as drawn, with ``start`` and ``end`` of each bar and the total.
    """
    rows = shapley[["channel", "effect", "low", "high"]].copy()
    last = rows["channel"] == RESIDUAL
    rows = pd.concat([rows[~last].sort_values("effect", ascending=False, kind="stable"), rows[last]])
    rows["end"] = rows["effect"].cumsum()
    rows["start"] = rows["end"] - rows["effect"]
    total = pd.DataFrame([{"channel": "total", "effect": rows["effect"].sum(), "start": 0.0}])
    table = pd.concat([rows, total.assign(end=total["effect"])], ignore_index=True)
    of = labels.inside(outcome or labels("outcome.index"))
    names = [safe(_name(channel, labels), 44) for channel in table["channel"]]
    marks = _marks(table, labels, names)
    drawn = marks[0].data
    low, high = extent([*drawn["left"], *drawn["reach"], 0.0], 0.1)
    x = Axis(labels("waterfall.axis", outcome=of), low=low, high=high)
    panel = Panel(marks, x=x, y=named_rows(names), tall=90 + 26 * len(table))
    return Chart(_parts_title(table, labels), [panel], table, 0.85 + 0.22 * len(table))


def _name(channel: str, labels: Labels) -> str:
    if channel in ("total", RESIDUAL):
        return labels(f"waterfall.{channel}")
    return labels.name("channel", channel) if f"channel.{channel}" in catalogue() else labels.policy(channel)


def _marks(table: pd.DataFrame, labels: Labels, names: list[str]) -> list[Mark]:
    colours = [GAIN if effect >= 0 else LOSS for effect in table["effect"][:-1]] + ["#444444"]
    values = [signed(effect, 2 if abs(effect) < 1 else 1) for effect in table["effect"]]
    ends = table.assign(low90=table["start"] + table["low"], high90=table["start"] + table["high"])
    reach = ends[["start", "end", "high90"]].max(axis=1)
    cells = bars(
        table.assign(y=range(len(table)), colour=colours, named=names, said=values, reach=reach),
        "start",
        "end",
    )
    links = pd.DataFrame({"x0": table["end"][:-1], "x1": table["end"][:-1],
                          "y0": np.arange(len(table) - 1) + 0.31, "y1": np.arange(1, len(table)) - 0.31})  # fmt: skip
    whiskers = ends.assign(y=range(len(table))).dropna(subset=["low", "high"])
    gap = 0.01 * float(reach.max() - min(table["start"].min(), table["end"].min(), 0.0))
    numbers = pd.DataFrame({"x": reach + gap, "y": range(len(table)), "text": values})
    hover = {labels("waterfall.part"): "named", labels("scoreboard.effect"): "said"}
    return [
        Mark("cells", cells, hover=hover),
        Mark("segments", links, GREY, width=0.8),
        rule(0.0),
        Mark("segments", spans(whiskers, "low90", "high90"), INK, width=0.9),
        Mark("texts", numbers, align="left"),
    ]


def _parts_title(table: pd.DataFrame, labels: Labels) -> str:
    channels = table[~table["channel"].isin(["total", RESIDUAL])]
    clear = channels[(channels["low"] > 0) | (channels["high"] < 0)]
    if clear.empty:
        return labels("waterfall.none")
    most = clear.iloc[int(clear["effect"].abs().argmax())]
    words = {"channel": safe(_name(most["channel"], labels)), "effect": signed(most["effect"])}
    return labels("waterfall.title", **words, total=signed(table["effect"].iloc[-1]))


@figure("waterfall", place=70, tables=("shapley",))
def waterfall_plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """A waterfall a decomposition: levers, channels."""
    parts = study.of_scenario("shapley")
    if parts.empty:
        return []
    first = parts.iloc[0]
    of = labels.outcome(str(first["outcome"]), str(first["bank_kind"]))
    name = labels("waterfall.name", scenario=labels.scenario(str(first["scenario"])))
    return [
        Plan(f"waterfall_{number}" if number > 1 else "waterfall", name, partial(waterfall, mine, labels, of))
        for number, (_, mine) in enumerate(parts.groupby("decomposition", sort=False), 1)
    ]


def surface(frame: pd.DataFrame, labels: Labels) -> Chart:
    """One cell a pair of strengths, coloured by the median of the paired effect.

    Parameters
    ----------
    frame
        ``surface`` of a study: first, second (policies), first_strength, second_strength (0-1), effect, effect_low,
        effect_high, probability, outcome, bank_kind.
    labels
        The language, and the names of policies.
    """
    line = frame.iloc[0]
    outcome, by = str(line["outcome"]), scale(str(line["outcome"]))
    signed_effects = frame.assign(effect=by * frame["effect"])
    number = digits(outcome)
    places = {key: sorted(signed_effects[key].unique()) for key in ("first_strength", "second_strength")}
    at = {key: {value: float(place) for place, value in enumerate(values)} for key, values in places.items()}
    x, y = (signed_effects[key].map(at[key]) for key in places)
    reach = max(float(signed_effects["effect"].abs().max()), 1e-9)
    fill, ink = shades(signed_effects["effect"], reach)
    ends = signed_effects[["effect_low", "effect_high"]].to_numpy()
    first, second = (labels.policy(str(line[key])) for key in ("first", "second"))
    cells = signed_effects.assign(
        left=x - 0.5, right=x + 0.5, low=y - 0.5, high=y + 0.5, x=x, y=y, colour=fill,
        text=[signed(value, number) for value in signed_effects["effect"]],
        ink=ink,
        interval=[f"[{signed(by * a, number)}, {signed(by * b, number)}]" for a, b in ends],
        sure=[chance(value) for value in signed_effects["probability"]],
        one=[percent(value) for value in signed_effects["first_strength"]],
        other=[percent(value) for value in signed_effects["second_strength"]],
    )  # fmt: skip
    hover = {first: "one", second: "other", labels("scoreboard.effect"): "text", labels("column.ninety"): "interval",
             labels("scoreboard.probability").replace("\n", " "): "sure"}  # fmt: skip
    marks = [
        Mark("cells", cells, hover=hover, edge="#ffffff"),
        Mark("texts", cells.assign(colour=cells["ink"])),
    ]
    axes = [
        Axis(labels("surface.axis", policy=name), {place: percent(value) for value, place in at[key].items()},
             -0.5, len(places[key]) - 0.5)
        for key, name in zip(places, (first, second), strict=True)
    ]  # fmt: skip
    whole = signed_effects.sort_values(["first_strength", "second_strength"]).iloc[-1]
    of = labels.outcome(outcome, str(line["bank_kind"]))
    facts = {
        "first": first,
        "second": labels.inside(second),
        "effect": signed(float(whole["effect"]), number),
    }
    title = labels("surface.title", outcome=labels.inside(of), **facts)
    bar = Scale(of, ENDS, signed(-reach, number), signed(reach, number))
    return Chart(title, [Panel(marks, x=axes[0], y=axes[1], tall=340)], frame, 3.3, scale=bar)


@figure("surface", place=75, tables=("surface",))
def plan_of_surface(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """The surface of the bundle that the analysis looked at."""
    frame = study.of_scenario("surface")
    if frame.empty:
        return []
    name = labels("surface.name", scenario=labels.scenario(str(frame["scenario"].iloc[0])))
    return [Plan("surface", name, lambda: surface(frame, labels))]
