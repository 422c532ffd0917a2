"""Figure of a sweep: a row for everything that differs, with the medians and 90 % intervals of a few measures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from experiments.figures.chart import Axis, Chart, Key, Mark, Panel, rows, rule, spans
from experiments.figures.palette import BLUE, KIND_COLOURS
from experiments.figures.still import safe
from experiments.labels import Labels
from experiments.labels.numbers import plain

MOST = 60


@dataclass(frozen=True)
class Measured:
    """What one panel shows.

    Parameters
    ----------
    title : str
    values : mapping
        Name of a mark (a kind of bank, or nothing) -> one (low, median, high) a row, None where there is none.
    zero : bool
        Whether the panel is about changes, so that zero is drawn.
    """

    title: str
    values: Mapping[str, Sequence[tuple[float, float, float] | None]]
    zero: bool = False


def comparison(title: str, names: Sequence[str], panels: Sequence[Measured], labels: Labels) -> Chart:
    """Rows side by side.

    Parameters
    ----------
    title : str
        Of the figure.
    names : sequence of str
        What tells each row from the others; the first `MOST` are drawn.
    panels : sequence of Measured
    labels : Labels

    Returns
    -------
    Chart
    """
    names = [safe(name, 90) for name in names[:MOST]]
    marks = dict.fromkeys(mark for panel in panels for mark in panel.values if mark)
    keys = [Key(labels.name("kind", mark), KIND_COLOURS.get(mark, BLUE), "dot", mark) for mark in marks]
    drawn, tables = [], []
    for place, panel in enumerate(panels):
        layers, table = _layers(panel, names, labels)
        axis = rows(names if not place else [""] * len(names))
        drawn.append(Panel(layers, panel.title, Axis(), axis, tall=90 + 34 * len(names)))
        tables.append(table.assign(measure=panel.title))
    return Chart(title, drawn, pd.concat(tables, ignore_index=True), 1.3 + 0.3 * len(names), keys=keys)


def _layers(panel: Measured, names: Sequence[str], labels: Labels) -> tuple[list[Mark], pd.DataFrame]:
    layers = [rule(0.0)] if panel.zero else []
    step = 0.22 if len(panel.values) > 1 else 0.0
    every = []
    for number, (mark, values) in enumerate(panel.values.items()):
        shift = (number - (len(panel.values) - 1) / 2.0) * step
        there = [(row, value) for row, value in enumerate(values[:MOST]) if value is not None]
        frame = pd.DataFrame(
            [{"row": names[row], "kind": mark, "y": row + shift, "low": low, "x": middle, "high": high,
              "said": f"{plain(middle, 2)} [{plain(low, 2)}, {plain(high, 2)}]"}
             for row, (low, middle, high) in there],
            columns=["row", "kind", "y", "low", "x", "high", "said"],
        )  # fmt: skip
        hover = {labels("column.scenario"): "row", panel.title: "said"}
        colour = KIND_COLOURS.get(mark, BLUE)
        layers.append(Mark("segments", spans(frame, "low", "high"), colour, mark, width=1.0))
        layers.append(Mark("points", frame, colour, mark, hover, size=3.2))
        every.append(frame)
    return layers, pd.concat(every, ignore_index=True)
