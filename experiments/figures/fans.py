"""Figure 2: scores over time by dimension, as the survey reports them, with bands and the observed scores."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from agents.honeycomb import DIMENSIONS, KINDS
from experiments.figures.reference import observed_scores
from experiments.figures.registry import Plan, figure
from experiments.figures.source import StudyTables
from experiments.figures.style import BASELINE, INK, KIND_COLOURS, new_figure, safe, style
from experiments.labels import Labels
from experiments.labels.numbers import signed
from experiments.results.statistics import paired_summary

BRIEF = ("city", "rural")  # fans of a brief
BANDS = (("q05", "q95", 0.18), ("q20", "q80", 0.25), ("q25", "q75", 0.25), ("q35", "q65", 0.4))


def fans(
    scores: pd.DataFrame,
    observed: pd.DataFrame,
    labels: Labels,
    kind: str,
    baseline: str,
    scenario: str | None = None,
    change: pd.DataFrame | None = None,
) -> tuple[Figure, pd.DataFrame]:
    """Six panels of one kind of bank: the fan of a scenario, and the median of the baseline in grey dashes.

    Parameters
    ----------
    scores
        Columns ``scenario``, ``dimension``, ``year`` and quantiles of the score of that kind (0-100, as
        surveyed): ``q50`` and pairs such as ``q05`` and ``q95``.
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
    change
        `paired_summary` by ``outcome`` of the scenario's effects on that kind in the last year, for the title.

    Returns
    -------
    tuple
        The figure; the quantiles, with ``observed`` and its ``error`` where a baseline row has them.
    """
    shown = scenario or baseline
    table = scores[scores["scenario"].isin([shown, baseline])]
    dots = observed.rename(columns={"score": "observed"})[["dimension", "year", "observed", "error"]]
    table = table.merge(dots.assign(scenario=baseline), on=["scenario", "dimension", "year"], how="left")
    title = _covered(table, labels, kind)
    if scenario and change is not None and kind != "large":
        title = _moved(change, labels, kind, scenario, int(table["year"].max()))
    with style():
        figure = new_figure(3.75, title)
        panels = figure.subplots(2, 3, sharex=True, sharey=True).flat
        lines = _heights(table)
        for axes, dimension in zip(panels, DIMENSIONS, strict=True):
            rows = table[table["dimension"] == dimension]
            axes.hlines(
                lines, table["year"].min(), table["year"].max(), color="#e6e6e6", linewidth=0.5, zorder=0
            )
            _panel(axes, rows, shown, baseline, KIND_COLOURS.get(kind, BASELINE))
            axes.label_outer(remove_inner_ticks=True)
            axes.set_yticks(lines)
            axes.set_title(labels.name("dimension", dimension))
        figure.supylabel(labels("fans.true_axis" if kind == "large" else "fans.axis"), fontsize=8)
        _legend(figure, table, labels, kind, scenario)
    return figure, table


def bands_of(table: pd.DataFrame) -> list[tuple[str, str, float]]:
    """The bands that a table of quantiles holds, widest first, with the strength of their colour."""
    return [band for band in BANDS if {*band[:2]} <= set(table)]


def _heights(table: pd.DataFrame) -> np.ndarray:
    """Round scores for the grid and the labels, from below the lowest band to above the highest."""
    shown = table[["q05", "q95", "observed"]].to_numpy(float)
    low, high = float(np.nanmin(shown)), float(np.nanmax(shown))
    step = 10 if high - low < 45 else 20
    return np.arange(step * np.floor(low / step), min(step * np.ceil(high / step), 100) + 1, step)


def _panel(axes: Axes, rows: pd.DataFrame, shown: str, baseline: str, colour: str) -> None:
    fan, base = rows[rows["scenario"] == shown], rows[rows["scenario"] == baseline]
    for low, high, alpha in bands_of(rows):
        axes.fill_between(fan["year"], fan[low], fan[high], color=colour, alpha=alpha, linewidth=0)
    if shown != baseline:
        axes.plot(fan["year"], fan["q50"], color=colour, linewidth=1.4)
    axes.plot(base["year"], base["q50"], color=BASELINE, linewidth=1.1, linestyle=(0, (4, 2)))
    seen = base.dropna(subset=["observed"])
    if not seen.empty:
        errors = seen["error"].fillna(0)
        axes.errorbar(
            seen["year"], seen["observed"], errors, fmt="o", color=INK, markersize=2.8, elinewidth=0.8
        )
    first, last = int(rows["year"].min()), int(rows["year"].max())
    axes.set_xticks(np.arange(first, last + 1, max(1, (last - first + 3) // 4)))
    axes.margins(x=0.03)


def _legend(figure: Figure, table: pd.DataFrame, labels: Labels, kind: str, scenario: str | None) -> None:
    colour = KIND_COLOURS.get(kind, BASELINE)
    inside = ", ".join(str(int(high[1:]) - int(low[1:])) for low, high, _ in reversed(bands_of(table)))
    handles: list[Patch | Line2D] = [
        Patch(color=colour, alpha=0.45, linewidth=0, label=labels("fans.bands", bands=inside))
    ]
    if scenario:
        name = labels("fans.scenario_median", scenario=safe(labels.scenario(scenario), 30))
        handles.append(Line2D([], [], color=colour, linewidth=1.4, label=name))
    handles.append(Line2D([], [], color=BASELINE, linestyle="--", linewidth=1.1, label=labels("fans.median")))
    if table["observed"].notna().any():
        dot = Line2D(
            [], [], color=INK, marker="o", markersize=3, linewidth=0.8, label=labels("fans.observed")
        )
        handles.append(dot)
    figure.legend(handles=handles, loc="outside lower center", ncols=2 if scenario else len(handles))


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


def _moved(change: pd.DataFrame, labels: Labels, kind: str, scenario: str, year: int) -> str:
    clear = change[change["outcome"].isin(DIMENSIONS) & (change["clear"] != 0)]
    words = {"kind": labels.name("kind", kind), "scenario": safe(labels.scenario(scenario)), "year": year}
    if clear.empty:
        return labels("fans.unmoved", **words)
    most = clear.iloc[int(clear["median"].abs().argmax())]
    dimension = labels.inside(labels.name("dimension", most["outcome"]))
    return labels("fans.moved", **words, count=len(clear), dimension=dimension, effect=signed(most["median"]))


@figure("fans", place=20, tables=("scores",), brief=True)
def plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """A fan a kind of bank; a brief shows city banks and rural institutions."""
    kinds = set(study.surveyed["bank_kind"])
    return [_plan(study, labels, kind) for kind in (BRIEF if brief else KINDS) if kind in kinds]


def _plan(study: StudyTables, labels: Labels, kind: str) -> Plan:
    focus = study.focus
    scores = study.surveyed[study.surveyed["bank_kind"] == kind]
    seen = observed_scores(study.data, study.settings)
    seen = seen[seen["bank_kind"] == kind]
    base = study.pairs.get(focus or "", study.baseline)
    words = {"kind": labels.name("kind", kind), "scenario": labels.scenario(focus or base)}
    caption = labels("fans.scenario_name" if focus else "fans.name", **words)
    held = _held(scores[scores["scenario"] == base], seen, labels)
    note = labels("note.large") if kind == "large" else held
    effects = study.effects
    mine = effects[(effects["scenario"] == focus) & (effects["bank_kind"] == kind)]
    change = paired_summary(mine, ["outcome"]) if focus else None
    return Plan(f"fans_{kind}", caption, lambda: fans(scores, seen, labels, kind, base, focus, change), note)


def _held(scores: pd.DataFrame, seen: pd.DataFrame, labels: Labels) -> str:
    """How many observed scores the baseline's bands hold, and the break in the questionnaire."""
    both = scores.merge(seen, on=["dimension", "year"])
    inside = int(both["score"].between(both["q05"], both["q95"]).sum())
    held = labels("fans.held", inside=inside, all=len(both)) if len(both) else ""
    return labels.sentences([held, labels("fans.note")])
