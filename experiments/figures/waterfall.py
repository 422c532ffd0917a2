"""What produces the effect, channel by channel or lever by lever."""

from functools import partial

import numpy as np
import pandas as pd

from experiments.figures.chart import (
    GAIN,
    GREY,
    INK,
    LOSS,
    Axis,
    Chart,
    Mark,
    Panel,
    bars,
    extent,
    rule,
    spans,
)
from experiments.figures.chart import rows as named_rows
from experiments.figures.registry import Plan, figure
from experiments.figures.source import StudyTables
from experiments.figures.style import safe
from experiments.labels import Labels, catalogue
from experiments.labels.numbers import signed

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
    low, high = extent(
        [value for mark in marks[:1] for value in (*mark.data["left"], *mark.data["reach"], 0.0)], 0.1
    )
    x = Axis(labels("waterfall.axis", outcome=of), low=low, high=high)
    panel = Panel(marks, x=x, y=named_rows(names), tall=90 + 26 * len(table))
    return Chart(_title(table, labels), [panel], table, 0.85 + 0.22 * len(table))


def _name(channel: str, labels: Labels) -> str:
    if channel in ("total", RESIDUAL):
        return labels(f"waterfall.{channel}")
    return labels.name("channel", channel) if f"channel.{channel}" in catalogue() else labels.policy(channel)


def _marks(table: pd.DataFrame, labels: Labels, names: list[str]) -> list[Mark]:
    colours = [GAIN if effect >= 0 else LOSS for effect in table["effect"][:-1]] + ["#444444"]
    told = [signed(effect, 2 if abs(effect) < 1 else 1) for effect in table["effect"]]
    ends = table.assign(low90=table["start"] + table["low"], high90=table["start"] + table["high"])
    reach = ends[["start", "end", "high90"]].max(axis=1)
    shown = bars(
        table.assign(y=range(len(table)), colour=colours, named=names, said=told, reach=reach), "start", "end"
    )
    links = pd.DataFrame({"x0": table["end"][:-1], "x1": table["end"][:-1],
                          "y0": np.arange(len(table) - 1) + 0.31, "y1": np.arange(1, len(table)) - 0.31})  # fmt: skip
    whiskers = ends.assign(y=range(len(table))).dropna(subset=["low", "high"])
    gap = 0.01 * float(reach.max() - min(table["start"].min(), table["end"].min(), 0.0))
    numbers = pd.DataFrame({"x": reach + gap, "y": range(len(table)), "text": told})
    hover = {labels("waterfall.part"): "named", labels("scoreboard.effect"): "said"}
    return [
        Mark("cells", shown, hover=hover),
        Mark("segments", links, GREY, width=0.8),
        rule(0.0),
        Mark("segments", spans(whiskers, "low90", "high90"), INK, width=0.9),
        Mark("texts", numbers, align="left"),
    ]


def _title(table: pd.DataFrame, labels: Labels) -> str:
    channels = table[~table["channel"].isin(["total", RESIDUAL])]
    clear = channels[(channels["low"] > 0) | (channels["high"] < 0)]
    if clear.empty:
        return labels("waterfall.none")
    most = clear.iloc[int(clear["effect"].abs().argmax())]
    words = {"channel": safe(_name(most["channel"], labels)), "effect": signed(most["effect"])}
    return labels("waterfall.title", **words, total=signed(table["effect"].iloc[-1]))


@figure("waterfall", place=70, tables=("shapley",))
def plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
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
