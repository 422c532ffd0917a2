"""What the policy effect hangs on: one parameter at a time, and its share of the variance."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.figures.chart import Axis, Chart, Key, Mark, Panel, bars, quarter_place, rule, spans, years
from experiments.figures.chart import rows as named_rows
from experiments.figures.palette import BLUE, GAIN, GREY, LOSS, PURPLE
from experiments.figures.registry import Plan, figure
from experiments.figures.source import StudyTables
from experiments.figures.style import safe
from experiments.labels import Labels
from experiments.labels.numbers import percent, plain, signed

PANELS = 9  # parameters followed over time; the rest are in the data
SEED = "seed"
NAME = 42  # Latin letters of a parameter in one line of two
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
    marks, shown = [], rows.assign(centre=centre)
    for end, colour in (("low", LOSS), ("high", GAIN)):
        hover = {labels("column.number"): "named", labels(f"tornado.{end}"): "said"}
        ends = shown.assign(said=[signed(value) for value in rows[end]], reach=rows[end])
        marks.append(Mark("cells", bars(ends, "centre", "reach"), colour, hover=hover))
    return [*marks, rule(centre)]


def _shares(rows: pd.DataFrame, labels: Labels, floor: float) -> list[Mark]:
    marks = []
    for order, colour, shift in (("first", BLUE, -0.14), ("total", PURPLE, 0.14)):
        ends = zip(rows[order], rows[f"{order}_low"], rows[f"{order}_high"], strict=True)
        said = [f"{plain(m, 2)} [{plain(a, 2)}, {plain(b, 2)}]" for m, a, b in ends]
        shown = rows.assign(x=rows[order], y=rows["y"] + shift, said=said)
        hover = {labels("column.number"): "named", labels(f"tornado.{order}"): "said"}
        marks.append(Mark("segments", spans(shown, f"{order}_low", f"{order}_high"), colour))
        square = order == "total"
        marks.append(Mark("points", shown, colour, hover=hover, size=3.5, marker="s" if square else "o"))
    if floor == floor:
        marks.append(rule(floor, colour=GREY, width=1.2, dash=True))
    return marks


def _title(table: pd.DataFrame, labels: Labels, floor: float) -> str:
    name = safe(str(table["parameter"].iloc[0]), 90)
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
        told = mine["told"] > 0
        marks = [
            Mark("band", mine, PURPLE, alpha=0.2),
            Mark("line", mine.assign(y=mine["seed_noise"]), GREY, dash=True),
            Mark("line", mine, PURPLE, hover=hover),
            Mark("points", mine[told], PURPLE, size=2.6),
            Mark("points", mine[~told], PURPLE, size=2.6, fill="#ffffff", width=0.8),
        ]
        panels.append(Panel(marks, safe(labels.parameter(name), NAME), along, up, tall=190))
    end = frame[frame["quarter"] == frame["quarter"].max()].sort_values("total", ascending=False)
    title = labels(
        "tornado.path_title",
        parameter=safe(labels.parameter(str(end["parameter"].iloc[0])), 90),
        quarter=labels.quarter(str(end["quarter"].iloc[0])),
        told=int(end["told"].sum()),
        all=len(end),
    )
    keys = [Key(labels("tornado.total"), PURPLE), Key(seeds, GREY, "dash")]
    return Chart(title, panels, frame, 1.55 * -(-len(panels) // 3) + 0.6, 3, share=True,
                 keys=keys, note=labels("tornado.path_note"))  # fmt: skip


def _index_said(line: Mapping[Any, Any], labels: Labels) -> str:
    said = f"{plain(line['total'], 2)} [{plain(line['total_low'], 2)}, {plain(line['total_high'], 2)}]"
    return said if line["told"] else labels("tornado.untold", index=said)


@figure("sensitivity_path", place=81, tables=("sensitivity_path",))
def path_plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """On what the spread of the effect hangs, quarter by quarter."""
    frame = study.of_scenario("sensitivity_path")
    if frame.empty:
        return []
    name = labels("tornado.path_name", scenario=labels.scenario(str(frame["scenario"].iloc[0])))
    return [Plan("sensitivity_path", name, lambda: indices(frame, labels))]


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
