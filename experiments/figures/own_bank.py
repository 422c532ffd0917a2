"""Two figures of a user's own bank: its place among its peers, and how its budget and its return go."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from agents.honeycomb import DIMENSIONS
from experiments.figures.lettering import safe
from experiments.figures.style import BASELINE, BLUE, GAIN, INK, ORANGE, new_figure, style
from experiments.labels import Labels, plain

ROWS = (*DIMENSIONS, "index")


def own_place(place: pd.DataFrame, labels: Labels, name: str) -> tuple[Figure, pd.DataFrame]:
    """Share of its peers that the bank leaves behind, by dimension, in the first and the last quarter.

    Parameters
    ----------
    place
        Of one scenario: ``dimension`` (or index), ``quarter``, ``q05``, ``q50``, ``q95`` (percent).
    labels
        The language.
    name
        Of the bank; data, not markup.

    Returns
    -------
    tuple
        The figure; the table it shows.
    """
    first, last = place["quarter"].min(), place["quarter"].max()
    middle = place.set_index(["dimension", "quarter"])["q50"]
    words = {"start": plain(middle["index", first], 0), "end": plain(middle["index", last], 0)}
    title = labels("own.place_title", name=safe(name, 40), first=first, last=last, **words)
    with style():
        figure = new_figure(2.6, title)
        axes = figure.subplots()
        for quarter, colour, shift in ((first, BASELINE, -0.14), (last, GAIN, 0.14)):
            rows = place[place["quarter"] == quarter].set_index("dimension").loc[list(ROWS)]
            heights = [k + shift for k in range(len(ROWS))]
            axes.hlines(heights, rows["q05"], rows["q95"], color=colour, linewidth=1.2)
            axes.plot(rows["q50"], heights, "o", color=colour, markersize=4, label=quarter)
        axes.axvline(50, color=INK, linewidth=0.6, linestyle=":")
        names = [labels.name("dimension", row) for row in DIMENSIONS] + [labels.name("outcome", "index")]
        axes.set_yticks(range(len(ROWS)), names)
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.set_xlabel(labels("own.place_axis"), loc="right")
        axes.legend(loc="upper right", bbox_to_anchor=(1.0, 1.12), ncols=2)
    return figure, place


def own_path(
    split: pd.DataFrame, net: pd.DataFrame, labels: Labels, words: dict[str, str]
) -> tuple[Figure, pd.DataFrame]:
    """The budget over time, to run and to change; and what change has brought in less what it cost (the J-curve).

    Parameters
    ----------
    split
        Of one scenario: ``outcome`` (spend_ratio, free_budget), ``quarter``, ``q05``, ``q50``, ``q95`` (% of revenue).
    net
        ``quarter``, ``q05``, ``q50``, ``q95`` (million yuan, cumulated).
    labels
        The language.
    words
        Fills the title.

    Returns
    -------
    tuple
        The figure; both tables as one.
    """
    with style():
        figure = new_figure(2.6, labels("own.path_title", **words))
        left, right = figure.subplots(1, 2)
        for outcome, colour in (("spend_ratio", ORANGE), ("free_budget", BLUE)):
            rows = split[split["outcome"] == outcome]
            _band(left, rows, colour, labels.name("outcome", outcome))
        left.set_ylim(0, 1.35 * split["q95"].max())  # room for the legend
        left.set_ylabel(labels("own.split_axis"))
        left.legend(loc="upper right")
        _band(right, net, GAIN, "")
        right.axhline(0, color=INK, linewidth=0.6)
        right.set_ylabel(labels("own.net_axis"))
    table = pd.concat([split, net.assign(outcome="net")])
    return figure, table[["outcome", "quarter", "q05", "q50", "q95"]]


def _band(axes: Axes, rows: pd.DataFrame, colour: str, name: str) -> None:
    years = [int(quarter[:4]) + (int(quarter[5]) - 1) / 4 for quarter in rows["quarter"]]
    axes.fill_between(years, rows["q05"], rows["q95"], color=colour, alpha=0.25, linewidth=0)
    axes.plot(years, rows["q50"], color=colour, label=name)
