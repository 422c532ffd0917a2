"""Two figures of a user's own bank in several futures: the share that keeps it up, and what stress does to it."""

import pandas as pd
from matplotlib.figure import Figure

from experiments.figures.lettering import safe
from experiments.figures.style import BLUE, GREY, INK, ORANGE, PURPLE, RED, VIOLET, new_figure, style
from experiments.labels import Labels

COLOURS = (INK, BLUE, ORANGE, RED, PURPLE, VIOLET, GREY)


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
        As `experiments.own_bank.stress` gives it.
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
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure, frame
