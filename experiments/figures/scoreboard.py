"""Figure 1: the paired effect of each scenario, what a point costs, and how sure its sign is."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.figures.lettering import safe, wrapped
from experiments.figures.style import GAIN, GREY, LOSS, new_figure, style
from experiments.report.labels import Labels, chance, plain, signed
from experiments.statistics import paired_summary


def scoreboard(
    effects: pd.DataFrame, costs: pd.DataFrame, labels: Labels, year: int, most: int | None = None
) -> tuple[Figure, pd.DataFrame]:
    """Scenarios sorted by their effect on one outcome.

    Parameters
    ----------
    effects
        Columns ``scenario``, ``replicate``, ``effect`` (points): paired differences to the baseline in the last
        quarter.
    costs
        Columns ``scenario``, ``cost`` (million yuan): beyond the baseline, all payers and years, one row a scenario.
    labels
        The language, and the names of scenarios.
    year
        Of the effect.
    most
        Scenarios drawn at most, the best first; the title counts all of them.

    Returns
    -------
    tuple
        The figure; one row a scenario with the summary of `paired_summary`, ``cost`` (million yuan) and
        ``price`` (million yuan per point of the median effect; missing unless the gain is beyond noise).
    """
    table = ranking(effects, costs)
    up, down = int((table["clear"] > 0).sum()), int((table["clear"] < 0).sum())
    lower = labels("scoreboard.down", count=down) if down else ""
    title = (
        labels("scoreboard.some", up=up, all=len(table), down=lower)
        if up + down
        else labels("scoreboard.none")
    )
    table = table.head(most) if most else table
    with style():
        figure = new_figure(1.15 + 0.24 * len(table), title)
        axes, columns = figure.subplots(1, 2, width_ratios=(1, 0.37), sharey=True)
        _bars(axes, table)
        axes.set_yticks(
            range(len(table)), [wrapped(safe(labels.scenario(name), 64), 34) for name in table["scenario"]]
        )
        axes.set_ylim(len(table) - 0.4, -0.6)
        axes.set_xlabel(labels("scoreboard.axis", year=year, n=int(table["replicates"].max())), loc="right")
        _numbers(columns, table, labels)
    return figure, table


def ranking(effects: pd.DataFrame, costs: pd.DataFrame) -> pd.DataFrame:
    """The table behind the scoreboard: effects, costs and price of a point, best first."""
    table = paired_summary(effects, ["scenario"])
    table = table.merge(costs[["scenario", "cost"]], on="scenario", how="left")
    table["price"] = np.where(
        table["clear"] > 0, table["cost"] / table["median"].where(table["median"] > 0), np.nan
    )
    return table.sort_values("median", ascending=False, kind="stable", ignore_index=True)


def _bars(axes: Axes, table: pd.DataFrame) -> None:
    colours = [{1: GAIN, 0: GREY, -1: LOSS}[side] for side in table["clear"]]
    rows = np.arange(len(table))
    axes.axvline(0, color="#222222", linewidth=0.8, zorder=1)
    axes.hlines(rows, table["low90"], table["high90"], colors=colours, linewidth=1.2)
    axes.hlines(rows, table["low50"], table["high50"], colors=colours, linewidth=4.5)
    axes.scatter(table["median"], rows, s=26, c="white", edgecolors=colours, linewidths=1.2, zorder=3)
    axes.tick_params(axis="y", length=0)
    axes.margins(x=0.04)


def _numbers(axes: Axes, table: pd.DataFrame, labels: Labels) -> None:
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    heads = (("scoreboard.effect", 0.15), ("scoreboard.price", 0.6), ("scoreboard.probability", 0.99))
    for key, x in heads:
        axes.annotate(labels(key), (x, 1.01), xycoords="axes fraction", ha="right", va="bottom", fontsize=7.5)
    for row, line in enumerate(table.to_dict("records")):
        price = plain(line["price"], 0 if line["price"] >= 10 else 2)
        still = line["low90"] == line["high90"] == 0
        sure = "–" if still else chance(line["probability"])
        for text, x in zip((signed(line["median"]), price, sure), (0.15, 0.6, 0.99), strict=True):
            axes.text(x, row, text, ha="right", va="center")
