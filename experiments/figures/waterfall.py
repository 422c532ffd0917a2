"""Figure 4: what produces the effect, channel by channel or lever by lever."""

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.figures.registry import Plan, figure
from experiments.figures.source import StudyTables
from experiments.figures.style import GAIN, GREY, INK, LOSS, TITLE_COLUMNS, new_figure, safe, style, wrapped
from experiments.labels import Labels, catalogue
from experiments.labels.numbers import signed

RESIDUAL = "residual"


def waterfall(shapley: pd.DataFrame, labels: Labels, outcome: str = "") -> tuple[Figure, pd.DataFrame]:
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
    tuple
        The figure; the rows as drawn, with ``start`` and ``end`` of each bar and the total.
    """
    rows = shapley[["channel", "effect", "low", "high"]].copy()
    last = rows["channel"] == RESIDUAL
    rows = pd.concat([rows[~last].sort_values("effect", ascending=False, kind="stable"), rows[last]])
    rows["end"] = rows["effect"].cumsum()
    rows["start"] = rows["end"] - rows["effect"]
    total = pd.DataFrame([{"channel": "total", "effect": rows["effect"].sum(), "start": 0.0}])
    table = pd.concat([rows, total.assign(end=total["effect"])], ignore_index=True)
    with style():
        figure = new_figure(0.85 + 0.22 * len(table), _title(table, labels))
        axes = figure.subplots()
        _bars(axes, table)
        axes.set_yticks(range(len(table)), [safe(_name(channel, labels), 44) for channel in table["channel"]])
        axes.set_ylim(len(table) - 0.4, -0.6)
        of = labels.inside(outcome or labels("outcome.index"))
        axes.set_xlabel(wrapped(labels("waterfall.axis", outcome=of), TITLE_COLUMNS), loc="right")
    return figure, table


def _name(channel: str, labels: Labels) -> str:
    if channel in ("total", RESIDUAL):
        return labels(f"waterfall.{channel}")
    return labels.name("channel", channel) if f"channel.{channel}" in catalogue() else labels.policy(channel)


def _bars(axes: Axes, table: pd.DataFrame) -> None:
    colours = [GAIN if effect >= 0 else LOSS for effect in table["effect"][:-1]] + ["#444444"]
    steps = np.arange(len(table))
    axes.barh(steps, table["effect"], left=table["start"], color=colours, height=0.62)
    axes.vlines(table["end"][:-1], steps[:-1] + 0.31, steps[1:] - 0.31, color=GREY, linewidth=0.8)
    axes.axvline(0, color=INK, linewidth=0.8)
    whiskers = table.dropna(subset=["low", "high"])
    low, high = whiskers["start"] + whiskers["low"], whiskers["start"] + whiskers["high"]
    axes.hlines(whiskers.index, low, high, color=INK, linewidth=0.9)
    right = table[["start", "end"]].max(axis=1)
    right.loc[whiskers.index] = np.maximum(right.loc[whiskers.index], high)
    for step, (end, effect) in enumerate(zip(right, table["effect"], strict=True)):
        axes.annotate(signed(effect, 2 if abs(effect) < 1 else 1), (end, step), (3, 0), va="center",
                      textcoords="offset points", fontsize=7.5)  # fmt: skip
    axes.margins(x=0.08)
    axes.tick_params(axis="y", length=0)


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
