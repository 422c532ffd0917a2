"""Scores over time by dimension, as the survey reports them, with bands and the observed scores."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from agents.honeycomb import DIMENSIONS, KINDS
from experiments.figures.chart import Axis, Chart, Key, Mark, Panel, spans, years
from experiments.figures.palette import BASELINE, INK, KIND_COLOURS
from experiments.figures.registry import Plan, figure
from experiments.figures.source import StudyTables, observed_scores
from experiments.figures.style import safe
from experiments.labels import Labels
from experiments.labels.numbers import plain, signed
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
) -> Chart:
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
    Chart
        Its table has the quantiles, with ``observed`` and its ``error`` where a baseline row has them.
    """
    shown = scenario or baseline
    table = scores[scores["scenario"].isin([shown, baseline])]
    dots = observed.rename(columns={"score": "observed"})[["dimension", "year", "observed", "error"]]
    table = table.merge(dots.assign(scenario=baseline), on=["scenario", "dimension", "year"], how="left")
    title = _covered(table, labels, kind)
    if scenario and change is not None and kind != "large":
        title = _moved(change, labels, kind, scenario, int(table["year"].max()))
    lines, colour = heights(table), KIND_COLOURS.get(kind, BASELINE)
    ticks = {float(line): f"{line:.0f}" for line in lines}
    upright = Axis(labels("fans.true_axis" if kind == "large" else "fans.axis"), ticks, lines[0], lines[-1])
    first, last = int(table["year"].min()), int(table["year"].max())
    along = Axis(ticks=years(first, last, 5), low=first - 0.3, high=last + 0.3)
    panels = []
    for dimension in DIMENSIONS:
        marks = _marks(table[table["dimension"] == dimension], labels, shown, baseline, colour)
        panels.append(Panel(marks, labels.name("dimension", dimension), along, upright, tall=210))
    keys = _keys(table, labels, colour, scenario)
    return Chart(title, panels, table, 3.75, columns=3, share=True, keys=keys)


def bands_of(table: pd.DataFrame) -> list[tuple[str, str, float]]:
    """The bands that a table of quantiles holds, widest first, with the strength of their colour."""
    return [band for band in BANDS if {*band[:2]} <= set(table)]


def banded(rows: pd.DataFrame, colour: str, name: str = "", at: str = "year") -> list[Mark]:
    """The bands of a fan."""
    return [
        Mark("band", rows.assign(x=rows[at], low=rows[low], high=rows[high]), colour, name, alpha=alpha)
        for low, high, alpha in bands_of(rows)
    ]


def heights(table: pd.DataFrame) -> np.ndarray:
    """Round scores for the grid and the labels, from below the lowest band to above the highest."""
    shown = table[["q05", "q95", *({"observed"} & set(table))]].to_numpy(float)
    low, high = float(np.nanmin(shown)), float(np.nanmax(shown))
    step = 10 if high - low < 45 else 20
    return np.arange(step * np.floor(low / step), min(step * np.ceil(high / step), 100) + 1, step)


def _marks(rows: pd.DataFrame, labels: Labels, shown: str, baseline: str, colour: str) -> list[Mark]:
    fan, base = rows[rows["scenario"] == shown], rows[rows["scenario"] == baseline]
    marks = banded(fan, colour, "bands")
    if shown != baseline:
        marks.append(_median(fan, labels, colour, "scenario"))
    marks.append(_median(base, labels, BASELINE, "baseline", dash=True))
    seen = base.dropna(subset=["observed"])
    if len(seen):
        error = seen["error"].fillna(0)
        ends = seen.assign(low=seen["observed"] - error, high=seen["observed"] + error)
        said = {labels("column.year"): "year", labels("fans.observed"): "said"}
        texts = [f"{plain(a)} ± {plain(more)}" for a, more in zip(seen["observed"], error, strict=True)]
        dots = seen.assign(x=seen["year"], y=seen["observed"], said=texts)
        bars = spans(ends, "low", "high", "year", upright=True)
        marks.append(Mark("segments", bars, INK, "observed", width=0.8))
        marks.append(Mark("points", dots, INK, "observed", said, size=2.8))
    return marks


def _median(rows: pd.DataFrame, labels: Labels, colour: str, name: str, dash: bool = False) -> Mark:
    said = [f"{plain(m)} [{plain(a)}, {plain(b)}]" for m, a, b in rows[["q50", "q05", "q95"]].to_numpy()]
    scenario = [labels.scenario(str(one)) for one in rows["scenario"]]
    data = rows.assign(x=rows["year"], y=rows["q50"], said=said, scenario=scenario)
    hover = {labels("column.scenario"): "scenario", labels("column.year"): "year"}
    hover |= {labels("fans.said"): "said"}
    return Mark("line", data, colour, name, hover, width=1.1 if dash else 1.4, dash=dash)


def _keys(table: pd.DataFrame, labels: Labels, colour: str, scenario: str | None) -> Sequence[Key]:
    inside = ", ".join(str(int(high[1:]) - int(low[1:])) for low, high, _ in reversed(bands_of(table)))
    keys = [Key(labels("fans.bands", bands=inside), colour, "patch", "bands")]
    if scenario:
        name = labels("fans.scenario_median", scenario=safe(labels.scenario(scenario), 30))
        keys.append(Key(name, colour, "line", "scenario"))
    keys.append(Key(labels("fans.median"), BASELINE, "dash", "baseline"))
    if table["observed"].notna().any():
        keys.append(Key(labels("fans.observed"), INK, "dot", "observed"))
    return keys


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
