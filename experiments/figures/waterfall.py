"""Figure 4: what produces the effect, channel by channel or lever by lever."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.figures.lettering import safe, wrapped
from experiments.figures.style import GAIN, GREY, LOSS, new_figure, style
from experiments.report.labels import Labels, catalogue, signed

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
        figure = new_figure(2.7, _title(table, labels))
        axes = figure.subplots()
        _bars(axes, table)
        names = [wrapped(safe(_name(channel, labels), 40), 13) for channel in table["channel"]]
        axes.set_xticks(range(len(table)), names, fontsize=7 if len(table) > 8 else 7.5)
        axes.set_ylabel(
            wrapped(labels("waterfall.axis", outcome=labels.inside(outcome or labels("outcome.index"))), 34)
        )
    return figure, table


def _name(channel: str, labels: Labels) -> str:
    if channel in ("total", RESIDUAL):
        return labels(f"waterfall.{channel}")
    return labels.name("channel", channel) if f"channel.{channel}" in catalogue() else labels.policy(channel)


def _bars(axes: Axes, table: pd.DataFrame) -> None:
    colours = [GAIN if effect >= 0 else LOSS for effect in table["effect"][:-1]] + ["#444444"]
    steps = np.arange(len(table))
    axes.bar(steps, table["effect"], bottom=table["start"], color=colours, width=0.6)
    axes.hlines(table["end"][:-1], steps[:-1] + 0.3, steps[1:] - 0.3, color=GREY, linewidth=0.8)
    axes.axhline(0, color="#222222", linewidth=0.8)
    whiskers = table.dropna(subset=["low", "high"])
    low, high = whiskers["start"] + whiskers["low"], whiskers["start"] + whiskers["high"]
    axes.vlines(whiskers.index, low, high, color="#222222", linewidth=0.9)
    top = table[["start", "end"]].max(axis=1)
    top.loc[whiskers.index] = np.maximum(top.loc[whiskers.index], high)
    for step, (height, effect) in enumerate(zip(top, table["effect"], strict=True)):
        axes.annotate(signed(effect, 2 if abs(effect) < 1 else 1), (step, height), (0, 2), ha="center",
                      textcoords="offset points", fontsize=7.5)  # fmt: skip
    axes.margins(y=0.14)
    axes.tick_params(axis="x", length=0)


def _title(table: pd.DataFrame, labels: Labels) -> str:
    channels = table[~table["channel"].isin(["total", RESIDUAL])]
    clear = channels[(channels["low"] > 0) | (channels["high"] < 0)]
    if clear.empty:
        return labels("waterfall.none")
    most = clear.iloc[int(clear["effect"].abs().argmax())]
    words = {"channel": safe(_name(most["channel"], labels)), "effect": signed(most["effect"])}
    return labels("waterfall.title", **words, total=signed(table["effect"].iloc[-1]))
