"""Figure 1: the paired effect of each scenario, what a point costs, and how sure its sign is."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.figures.registry import Plan, figure
from experiments.figures.source import StudyTables, ranking
from experiments.figures.style import GAIN, GREY, LOSS, new_figure, safe, style, wrapped
from experiments.labels import Labels
from experiments.labels.numbers import chance, digits, scale, signed
from experiments.results.schema import better

ROWS = 10  # scenarios that a brief has room for


@dataclass(frozen=True)
class Measure:
    """What a scoreboard is of, where it is not the index.

    Parameters
    ----------
    name : str
        As the reader calls it.
    better : float
        +1 where more of it is better, -1 where less is.
    digits : int
        Decimals that an effect is told with.
    """

    name: str
    better: float = 1.0
    digits: int = 2


def scoreboard(
    effects: pd.DataFrame,
    costs: pd.DataFrame,
    labels: Labels,
    year: int,
    most: int | None = None,
    of: Measure | None = None,
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
    of
        The outcome, where it is not the index of small and medium banks.

    Returns
    -------
    tuple
        The figure; one row a scenario with the summary of `paired_summary`, ``cost`` (million yuan) and
        ``price`` (million yuan per point of the median effect; missing unless the gain is beyond noise).
    """
    better = of.better if of else 1.0
    table = ranking(effects, costs, better)
    title = _title(table, labels, of)
    table = table.head(most) if most else table
    with style():
        figure = new_figure(1.15 + 0.24 * len(table), title)
        axes, columns = figure.subplots(1, 2, width_ratios=(1, 0.37), sharey=True)
        _bars(axes, table, better)
        axes.set_yticks(
            range(len(table)), [wrapped(safe(labels.scenario(name), 64), 34) for name in table["scenario"]]
        )
        axes.set_ylim(len(table) - 0.4, -0.6)
        words = {"year": year, "n": int(table["replicates"].max())}
        named = labels("scoreboard.of_axis", outcome=labels.inside(of.name), **words) if of else ""
        axes.set_xlabel(wrapped(named or labels("scoreboard.axis", **words), 84), loc="right")
        _numbers(columns, table, labels, of.digits if of else None)
    return figure, table


def _title(table: pd.DataFrame, labels: Labels, of: Measure | None) -> str:
    side = table["clear"] * (of.better if of else 1)
    up, down = int((side > 0).sum()), int((side < 0).sum())
    key, words = ("scoreboard.of", {"outcome": labels.inside(of.name)}) if of else ("scoreboard.", {})
    key = f"{key}_" if of else key
    if not up + down:
        return labels(f"{key}none", **words)
    lower = labels(f"{key}down", count=down) if down else ""
    return labels(f"{key}some", up=up, all=len(table), down=lower, **words)


def _bars(axes: Axes, table: pd.DataFrame, better: float) -> None:
    colours = [{1: GAIN, 0: GREY, -1: LOSS}[int(better * side)] for side in table["clear"]]
    rows = np.arange(len(table))
    axes.axvline(0, color="#222222", linewidth=0.8, zorder=1)
    axes.hlines(rows, table["low90"], table["high90"], colors=colours, linewidth=1.2)
    axes.hlines(rows, table["low50"], table["high50"], colors=colours, linewidth=4.5)
    axes.scatter(table["median"], rows, s=26, c="white", edgecolors=colours, linewidths=1.2, zorder=3)
    axes.tick_params(axis="y", length=0)
    axes.margins(x=0.04)


def _numbers(axes: Axes, table: pd.DataFrame, labels: Labels, digits: int | None) -> None:
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    heads = (("scoreboard.effect", 0.15), ("scoreboard.price", 0.6), ("scoreboard.probability", 0.99))
    for key, x in heads:
        axes.annotate(labels(key), (x, 1.01), xycoords="axes fraction", ha="right", va="bottom", fontsize=7.5)
    for row, line in enumerate(table.to_dict("records")):
        price = labels.money(line["price"])
        still = line["low90"] == line["high90"] == 0
        sure = "–" if still else chance(line["probability"])
        for text, x in zip((signed(line["median"], digits), price, sure), (0.15, 0.6, 0.99), strict=True):
            axes.text(x, row, text, ha="right", va="center")


@figure("scoreboard", place=10, tables=("effects",), brief=True)
def plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """The scoreboard on the index, and on the outcome that the analysis is about; a brief shows the latter alone."""
    if not study.policies:
        return []
    most = ROWS if brief and len(study.policies) > ROWS else None
    asked = _asked(study, labels, most)
    made = asked or [_index(study, labels, most)] if brief else [_index(study, labels), *asked]
    return [replace(plan, name="scoreboard_brief") if most else plan for plan in made]


def _index(study: StudyTables, labels: Labels, most: int | None = None) -> Plan:
    draw = lambda: scoreboard(study.index, study.total_costs, labels, study.year, most)  # noqa: E731
    notes = [labels("note.scoreboard")]
    notes += [labels("note.scoreboard_most", most=most, count=len(study.policies))] if most else []
    return Plan("scoreboard", labels("scoreboard.name"), draw, labels.sentences(notes))


def _asked(study: StudyTables, labels: Labels, most: int | None) -> list[Plan]:
    """A scoreboard on the outcome that the analysis is about, where that is not the index of small and medium banks."""
    name, kind = str(study.asked.get("outcome") or "index"), str(study.asked.get("bank_kind") or "all")
    mine = study.effects
    mine = mine[(mine["outcome"] == name) & (mine["bank_kind"] == kind)]
    if (name, kind) == ("index", "all") or mine.empty:
        return []
    of = Measure(labels.outcome(name, kind), better(name), digits(name))
    scaled = mine.assign(effect=scale(name) * mine["effect"])
    draw = lambda: scoreboard(scaled, study.total_costs, labels, study.year, most, of)  # noqa: E731
    caption = labels("scoreboard.of_name", outcome=labels.inside(of.name))
    return [Plan("scoreboard_asked", caption, draw)]
