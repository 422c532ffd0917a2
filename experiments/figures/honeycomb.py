"""Six hexes a kind of bank, their mean in the centre, and a dumbbell of how the mean moves."""

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import to_hex

from agents.honeycomb import DIMENSIONS, KINDS
from experiments.figures.chart import Axis, Chart, Mark, Panel, extent, rows
from experiments.figures.palette import BASELINE, GAIN
from experiments.figures.registry import Plan, figure
from experiments.figures.source import StudyTables
from experiments.figures.style import safe
from experiments.labels import Labels
from experiments.labels.numbers import plain

GAP = "rural_city_gap"
RADIUS = 0.56  # of a hex whose neighbours stand at distance 1: a thin gap between them
SEQUENTIAL = [to_hex(colormaps["cividis"](step / 10)) for step in range(11)]
CORNERS = np.pi / 3 * np.arange(6)


def honeycomb(scores: pd.DataFrame, labels: Labels, scenario: str) -> Chart:
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
    Chart
        Its table has the rows it shows.
    """
    table = scores[scores["bank_kind"].isin(KINDS) & scores["outcome"].isin((*DIMENSIONS, "index"))]
    gap = scores[scores["outcome"] == GAP].set_index("year")["q50"]
    first, last = int(table["year"].min()), int(table["year"].max())
    level = table.set_index(["bank_kind", "year", "outcome"])["q50"].sort_index()
    kinds = [kind for kind in KINDS if kind in set(table["bank_kind"])]
    span, flat = Axis(low=-1.6, high=1.6, bare=True), Axis(low=-1.62, high=1.62, bare=True)
    panels = []
    for kind in kinds:
        named = labels.name("kind", kind) + (labels("honeycomb.mark") if kind == "large" else "")
        panels.append(Panel(_hexes(level[kind, last], labels), named, span, flat, aspect=1.0))
    panels.append(_dumbbell(level, kinds, first, last, labels))
    names = labels.listing([labels.name("dimension", dimension) for dimension in DIMENSIONS])
    notes = [labels("honeycomb.order", dimensions=names, year=last)]
    notes += [labels("honeycomb.assumption")] if "large" in kinds else []
    title = _title(level, gap, labels, scenario)
    return Chart(title, panels, table, 2.45, note=labels.sentences(notes))


def shaded(score: float) -> tuple[str, str]:
    """Colour of a score from 0 to 100, and of letters that can be read on it."""
    fill = colormaps["cividis"](min(max(score / 100, 0.0), 1.0))
    return to_hex(fill), "#ffffff" if np.dot(fill[:3], (0.299, 0.587, 0.114)) < 0.5 else "#000000"


def _hexes(level: pd.Series, labels: Labels) -> list[Mark]:
    cells = []
    for step, dimension in enumerate(DIMENSIONS):
        angle = np.pi / 2 - step * np.pi / 3
        x, y, score = np.cos(angle), np.sin(angle), float(level[dimension])
        fill, ink = shaded(score)
        xs, ys = x + RADIUS * np.cos(CORNERS), y + RADIUS * np.sin(CORNERS)
        name = labels.name("dimension", dimension)
        cells.append({"x": x, "y": y, "xs": list(xs), "ys": list(ys), "colour": fill, "ink": ink, "name": name,
                      "text": plain(score, 0), "said": plain(score)})  # fmt: skip
    frame = pd.DataFrame(cells)
    middle = pd.DataFrame({"x": [0.0], "y": [0.0], "text": [plain(float(level["index"]), 0)]})
    hover = {labels("column.dimension"): "name", labels("fans.said"): "said"}
    return [
        Mark("patches", frame, hover=hover),
        Mark("texts", frame.assign(colour=frame["ink"]), letters=8),
        Mark("texts", middle, letters=11, bold=True),
    ]


def _dumbbell(level: pd.Series, kinds: list[str], first: int, last: int, labels: Labels) -> Panel:
    ends = pd.DataFrame({
        "y": range(len(kinds)),
        "x0": [float(level[kind, first, "index"]) for kind in kinds],
        "x1": [float(level[kind, last, "index"]) for kind in kinds],
        "kind": [labels.name("kind", kind) for kind in kinds],
    })  # fmt: skip
    said = [f"{plain(a)} → {plain(b)}" for a, b in ends[["x0", "x1"]].to_numpy(float)]
    hover = {labels("column.kind"): "kind", labels("outcome.index"): "said"}
    marks = [
        Mark("segments", ends.assign(y0=ends["y"], y1=ends["y"]), BASELINE, alpha=0.5, width=2),
        Mark("points", ends.assign(x=ends["x0"], said=said), BASELINE, hover=hover),
        Mark("points", ends.assign(x=ends["x1"], said=said), GAIN, hover=hover),
    ]
    low, high = extent([*ends["x0"], *ends["x1"]], 0.15)
    title = labels("honeycomb.dumbbell", first=first, year=last)
    return Panel(marks, title, Axis(low=low, high=high), rows(ends["kind"]), wide=1.35, tall=190)


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
