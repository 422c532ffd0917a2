"""Figure 2: scores over time by dimension, as the survey reports them, with bands and the observed scores."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from agents.honeycomb import DIMENSIONS
from experiments.figures.style import BASELINE, INK, KIND_COLOURS, new_figure, safe, style
from experiments.report.labels import Labels, signed
from experiments.statistics import paired_summary, quantiles

LEVELS = (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95)
BANDS = (("q05", "q95", 0.18), ("q20", "q80", 0.25), ("q35", "q65", 0.4))


def fans(
    scores: pd.DataFrame,
    observed: pd.DataFrame,
    labels: Labels,
    kind: str,
    baseline: str,
    scenario: str | None = None,
) -> tuple[Figure, pd.DataFrame]:
    """Six panels of one kind of bank: the fan of a scenario, and the median of the baseline in grey dashes.

    Parameters
    ----------
    scores
        Columns ``scenario``, ``replicate``, ``year``, ``dimension``, ``score`` (0-100, as surveyed) of that kind.
    observed
        Columns ``year``, ``dimension``, ``score``, ``error`` (standard error, points) of that kind; may be empty.
    labels
        The language, and the names of scenarios.
    kind
        Of bank; large banks are marked as an assumption.
    baseline
        Name of the baseline.
    scenario
        Whose fan is drawn; the baseline's own by default.

    Returns
    -------
    tuple
        The figure; quantiles of the score (columns ``q05`` to ``q95``) by scenario, dimension and year, with ``observed`` and
        its ``error`` where a baseline row has them.
    """
    shown = scenario or baseline
    mine = scores[scores["scenario"].isin([shown, baseline])]
    table = quantiles(mine, ["scenario", "dimension", "year"], "score", LEVELS)
    dots = observed.rename(columns={"score": "observed"})[["dimension", "year", "observed", "error"]]
    table = table.merge(dots.assign(scenario=baseline), on=["scenario", "dimension", "year"], how="left")
    title = _moved(mine, labels, kind, baseline, scenario) if scenario else _covered(table, labels, kind)
    with style():
        figure = new_figure(3.75, title)
        panels = figure.subplots(2, 3, sharex=True, sharey=True).flat
        for axes, dimension in zip(panels, DIMENSIONS, strict=True):
            rows = table[table["dimension"] == dimension]
            _panel(axes, rows, shown, baseline, KIND_COLOURS.get(kind, BASELINE))
            axes.set_title(labels.name("dimension", dimension))
        figure.supylabel(labels("fans.axis"), fontsize=8)
        _legend(figure, labels, kind, scenario, not observed.empty)
    return figure, table


def _panel(axes: Axes, rows: pd.DataFrame, shown: str, baseline: str, colour: str) -> None:
    fan, base = rows[rows["scenario"] == shown], rows[rows["scenario"] == baseline]
    for low, high, alpha in BANDS:
        axes.fill_between(fan["year"], fan[low], fan[high], color=colour, alpha=alpha, linewidth=0)
    if shown != baseline:
        axes.plot(fan["year"], fan["q50"], color=colour, linewidth=1.4)
    axes.plot(base["year"], base["q50"], color=BASELINE, linewidth=1.1, linestyle=(0, (4, 2)))
    seen = base.dropna(subset=["observed"])
    if not seen.empty:
        errors = seen["error"].fillna(0)
        axes.errorbar(seen["year"], seen["observed"], errors, fmt="o", color=INK, markersize=2.8, elinewidth=0.8)
    first, last = int(rows["year"].min()), int(rows["year"].max())
    axes.set_xticks(np.unique(np.linspace(first, last, 5).round().astype(int))[:: 2 if last - first < 3 else 1])
    axes.grid(axis="y", color="#e6e6e6", linewidth=0.5)
    axes.set_axisbelow(True)


def _legend(figure: Figure, labels: Labels, kind: str, scenario: str | None, dotted: bool) -> None:
    colour = KIND_COLOURS.get(kind, BASELINE)
    handles: list[Patch | Line2D] = [Patch(color=colour, alpha=0.45, linewidth=0, label=labels("fans.bands"))]
    if scenario:
        name = labels("fans.scenario_median", scenario=safe(labels.scenario(scenario), 30))
        handles.append(Line2D([], [], color=colour, linewidth=1.4, label=name))
    handles.append(Line2D([], [], color=BASELINE, linestyle="--", linewidth=1.1, label=labels("fans.median")))
    if dotted:
        dot = Line2D([], [], color=INK, marker="o", markersize=3, linewidth=0.8, label=labels("fans.observed"))
        handles.append(dot)
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))


def _covered(table: pd.DataFrame, labels: Labels, kind: str) -> str:
    name = labels.name("kind", kind)
    if kind == "large":
        return labels("fans.assumption", kind=name)
    start, year = int(table["year"].min()), int(table["year"].max())
    ends = table.pivot_table(index="dimension", columns="year", values="q50")
    rise = int((ends[year] > ends[start]).sum())
    seen = table.dropna(subset=["observed"])
    if seen.empty:
        return labels("fans.unobserved", kind=name, rise=rise, start=start, year=year)
    inside = int(seen["observed"].between(seen["q05"], seen["q95"]).sum())
    return labels("fans.covered", kind=name, rise=rise, start=start, year=year, inside=inside, all=len(seen))


def _moved(mine: pd.DataFrame, labels: Labels, kind: str, baseline: str, scenario: str) -> str:
    last = mine[mine["year"] == mine["year"].max()]
    wide = last.pivot_table(index=["replicate", "dimension"], columns="scenario", values="score").reset_index()
    wide["effect"] = wide[scenario] - wide[baseline]
    summary = paired_summary(wide, ["dimension"])
    clear = summary[summary["clear"] != 0]
    words = {"kind": labels.name("kind", kind), "scenario": safe(labels.scenario(scenario)), "year": last["year"].max()}
    if clear.empty:
        return labels("fans.unmoved", **words)
    most = clear.loc[clear["median"].abs().idxmax()]
    dimension = labels.name("dimension", most["dimension"])
    if labels.language == "en":
        dimension = dimension.lower()
    return labels("fans.moved", **words, count=len(clear), dimension=dimension, effect=signed(most["median"]))
