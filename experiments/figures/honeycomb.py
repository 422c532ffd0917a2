"""Figure 3: six hexes a kind of bank, their mean in the centre, and a dumbbell of how the mean moves."""

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import RegularPolygon

from agents.honeycomb import DIMENSIONS, KINDS
from experiments.figures.registry import Plan, figure
from experiments.figures.source import StudyTables
from experiments.figures.style import BASELINE, GAIN, SEQUENTIAL, bare, new_figure, safe, style, wrapped
from experiments.labels import Labels
from experiments.labels.numbers import plain

GAP = "rural_city_gap"
RADIUS = 0.56  # of a hex whose neighbours stand at distance 1: a thin gap between them


def honeycomb(scores: pd.DataFrame, labels: Labels, scenario: str) -> tuple[Figure, pd.DataFrame]:
    """Median scores of every kind at the end, and the mean of the six at the start and the end.

    Parameters
    ----------
    scores
        Columns ``bank_kind``, ``outcome`` (a dimension, ``index`` for their mean, ``rural_city_gap``), ``year`` (two
        of them), ``q50`` (median of the true score, 0-100) of one scenario.
    labels
        The language, and the names of scenarios.
    scenario
        Name, for the title.

    Returns
    -------
    tuple
        The figure; the rows it shows.
    """
    table = scores[scores["bank_kind"].isin(KINDS) & scores["outcome"].isin((*DIMENSIONS, "index"))]
    gap = scores[scores["outcome"] == GAP].set_index("year")["q50"]
    first, last = int(table["year"].min()), int(table["year"].max())
    level = table.set_index(["bank_kind", "year", "outcome"])["q50"].sort_index()
    kinds = [kind for kind in KINDS if kind in set(table["bank_kind"])]
    with style():
        figure = new_figure(2.45, _title(level, gap, labels, scenario))
        panels = figure.subplots(1, len(kinds) + 1, width_ratios=[1] * len(kinds) + [1.35])
        for axes, kind in zip(panels, kinds, strict=False):
            _hexes(axes, level[kind, last])
            mark = labels("honeycomb.mark") if kind == "large" else ""
            axes.set_title(labels.name("kind", kind) + mark, loc="center", fontsize=7.5)
        _dumbbell(panels[-1], level, kinds, first, last, labels)
        names = labels.listing([labels.name("dimension", dimension) for dimension in DIMENSIONS])
        notes = [wrapped(labels("honeycomb.order", dimensions=names, year=last), 128)]
        notes += [labels("honeycomb.assumption")] if "large" in kinds else []
        figure.supxlabel("\n".join(notes), x=0.008, ha="left", fontsize=7.5)
    return figure, table


def _hexes(axes: Axes, level: pd.Series) -> None:
    colours = colormaps[SEQUENTIAL]
    for step, dimension in enumerate(DIMENSIONS):
        angle = np.pi / 2 - step * np.pi / 3
        x, y = np.cos(angle), np.sin(angle)
        score = float(level[dimension])
        fill = colours(min(max(score / 100, 0.0), 1.0))
        axes.add_patch(RegularPolygon((x, y), 6, radius=RADIUS, orientation=np.pi / 6, facecolor=fill))
        ink = "white" if np.dot(fill[:3], (0.299, 0.587, 0.114)) < 0.5 else "black"
        axes.text(x, y, plain(score, 0), ha="center", va="center", color=ink, fontsize=8)
    axes.text(0, 0, plain(float(level["index"]), 0), ha="center", va="center", fontsize=11, fontweight="bold")
    axes.set_xlim(-1.55, 1.55)
    axes.set_ylim(-1.6, 1.6)
    axes.set_aspect("equal")
    bare(axes)


def _dumbbell(axes: Axes, level: pd.Series, kinds: list[str], first: int, last: int, labels: Labels) -> None:
    for row, kind in enumerate(kinds):
        start, end = float(level[kind, first, "index"]), float(level[kind, last, "index"])
        axes.plot([start, end], [row, row], color=BASELINE, linewidth=2, alpha=0.5, zorder=1)
        axes.scatter([start], [row], s=26, color=BASELINE, zorder=2)
        axes.scatter([end], [row], s=26, color=GAIN, zorder=3)
    axes.set_yticks(range(len(kinds)), [labels.name("kind", kind) for kind in kinds], fontsize=7)
    axes.set_ylim(len(kinds) - 0.5, -0.5)
    axes.margins(x=0.15)
    axes.tick_params(axis="y", length=0)
    axes.set_title(labels("honeycomb.dumbbell", first=first, year=last), fontsize=7.5, loc="right")


def _title(level: pd.Series, gap: pd.Series, labels: Labels, scenario: str) -> str:
    """The gap as the tables have it: the median of the gaps, which is not the gap of the medians."""
    years = level.index.get_level_values("year")
    first, last, name = int(years.min()), int(years.max()), safe(labels.scenario(scenario))
    if not {first, last} <= set(gap.index):
        return labels("honeycomb.plain", scenario=name, year=last)
    weakest = labels.inside(labels.name("dimension", str(level["rural", last].drop("index").idxmin())))
    words = {"scenario": name, "year": last, "first": first, "dimension": weakest}
    start, end = float(gap[first]), float(gap[last])
    if end < 0:
        return labels("honeycomb.lead", **words, end=plain(-end))
    return labels("honeycomb.gap", **words, start=plain(start), end=plain(end))


@figure("honeycomb", place=30, tables=("scores",))
def plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """The honeycomb of the baseline."""
    base = study.baseline
    levels = study.levels[study.levels["scenario"] == base]
    name = labels("honeycomb.name", scenario=labels.scenario(base))
    return [Plan("honeycomb", name, lambda: honeycomb(levels, labels, base))]
