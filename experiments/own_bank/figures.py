"""Figures of the own bank: its place, its budget and return, the share of revenue that keeps it up, and stress."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from agents.honeycomb import DIMENSIONS
from experiments.figures.style import (
    BASELINE,
    BLUE,
    GAIN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    RED,
    VIOLET,
    money_axis,
    new_figure,
    safe,
    style,
)
from experiments.labels import Labels
from experiments.labels.numbers import plain

ROWS = (*DIMENSIONS, "index")
COLOURS = (INK, BLUE, ORANGE, RED, PURPLE, VIOLET, GREY)


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
            _level(left, rows, colour, labels.name("outcome", outcome))
        left.set_ylim(0, 1.35 * split["q95"].max())  # room for the legend
        left.set_ylabel(labels("own.split_axis"))
        left.legend(loc="upper right")
        _level(right, net, GAIN, "")
        right.axhline(0, color=INK, linewidth=0.6)
        right.set_ylabel(labels("own.net_axis"))
        money_axis(right, labels)
    table = pd.concat([split, net.assign(outcome="net")])
    return figure, table[["outcome", "quarter", "q05", "q50", "q95"]]


def _level(axes: Axes, rows: pd.DataFrame, colour: str, name: str) -> None:
    years = [int(quarter[:4]) + (int(quarter[5]) - 1) / 4 for quarter in rows["quarter"]]
    axes.fill_between(years, rows["q05"], rows["q95"], color=colour, alpha=0.25, linewidth=0)
    axes.plot(years, rows["q50"], color=colour, label=name)


def own_share(frame: pd.DataFrame, labels: Labels, title: str) -> tuple[Figure, pd.DataFrame]:
    """Chance that the bank keeps up with its kind, by its technology spending over revenue and future.

    Parameters
    ----------
    frame
        ``own_share`` of a study: scenario, spend_ratio (0-1), own, keeps_up (0-1).
    labels
        The language.
    title
        What it finds.

    Returns
    -------
    tuple
        The figure; the table it shows.
    """
    with style():
        figure = new_figure(2.6, title)
        axes = figure.subplots()
        for colour, (name, mine) in zip(COLOURS, frame.groupby("scenario", sort=False), strict=False):
            ratio, chance = 100 * mine["spend_ratio"], 100 * mine["keeps_up"]
            axes.plot(
                ratio, chance, "o-", color=colour, markersize=3, label=safe(labels.scenario(str(name)), 40)
            )
        own = 100 * float(frame.loc[frame["own"] > 0, "spend_ratio"].iloc[0])
        axes.axvline(own, color=INK, linewidth=0.6, linestyle=":")
        axes.set_ylim(-3, 103)
        axes.set_xlabel(labels("own.share_axis"), loc="right")
        axes.set_ylabel(labels("own.keeps_axis"))
        axes.legend(loc="lower right")
    return figure, frame


def own_stress(
    frame: pd.DataFrame, labels: Labels, title: str, shown: list[str]
) -> tuple[Figure, pd.DataFrame]:
    """Market share and money for change over time, by scenario, the 90 % band of the first.

    Parameters
    ----------
    frame
        As `experiments.own_bank.answers.stress` gives it.
    labels
        The language.
    title
        What it finds.
    shown
        Scenarios, the baseline first.

    Returns
    -------
    tuple
        The figure; the table it shows.
    """
    with style():
        figure = new_figure(2.8, title)
        panels = figure.subplots(1, 2)
        for axes, outcome in zip(panels, ("inclusive_share", "change_budget"), strict=True):
            for place, (colour, name) in enumerate(zip(COLOURS, shown, strict=False)):
                rows = frame[(frame["scenario"] == name) & (frame["outcome"] == outcome)]
                years = [int(quarter[:4]) + (int(quarter[5]) - 1) / 4 for quarter in rows["quarter"]]
                if not place:
                    axes.fill_between(years, rows["q05"], rows["q95"], color=colour, alpha=0.12, linewidth=0)
                dashes = "--" if not place else "-"
                title_of = safe(labels.scenario(name), 34)
                axes.plot(years, rows["q50"], color=colour, linestyle=dashes, linewidth=1.2, label=title_of)
            axes.set_ylim(bottom=0)
            axes.set_ylabel(labels(f"own.stress_{outcome}"))
            if outcome == "change_budget":
                money_axis(axes, labels)
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure, frame
