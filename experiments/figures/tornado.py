"""Figure 8: what the policy effect hangs on: one parameter at a time, and its share of the variance."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.figures.registry import Plan, figure
from experiments.figures.source import StudyTables
from experiments.figures.style import BLUE, GAIN, GREY, LOSS, PURPLE, new_figure, safe, style, wrapped
from experiments.labels import Labels

NAME = 42  # Latin letters of a parameter in one line of two
SHOWN = 12  # parameters; the rest are in the data


def tornado(
    swings: pd.DataFrame,
    indices: pd.DataFrame,
    labels: Labels,
    centre: float,
    floor: float,
    outcome: str = "",
) -> tuple[Figure, pd.DataFrame]:
    """Swings of the effect over the range of each parameter, and Sobol indices with bootstrap intervals.

    Parameters
    ----------
    swings
        Columns ``parameter``, ``low``, ``high``: the effect (points) at either end of the parameter's range.
    indices
        Columns ``parameter``, ``first``, ``first_low``, ``first_high``, ``total``, ``total_low``,
        ``total_high`` (shares of variance); may be empty.
    labels
        The language.
    centre
        The effect at the default parameters, points.
    floor
        Share of the variance that the seeds make; missing (nan) when not known.
    outcome
        What the effect is on, as the reader calls it; the index by default.

    Returns
    -------
    tuple
        The figure; one row a parameter, the widest swing first, with its indices and ``seed_noise``.
    """
    table = swings.merge(indices, on="parameter", how="outer", sort=False) if len(indices) else swings.copy()
    table["swing"] = (table["high"] - table["low"]).abs()
    by = "swing" if table["swing"].notna().any() else "total"
    table = table.sort_values(by, ascending=False, kind="stable", ignore_index=True).assign(seed_noise=floor)
    rows = table.head(SHOWN)
    columns = 2 if len(indices) else 1
    with style():
        figure = new_figure(1.5 + 0.29 * len(rows), _title(table, labels, floor))
        panels = list(figure.subplots(1, columns, width_ratios=(1.5, 1)[:columns], squeeze=False).flat)
        _swings(panels[0], rows, labels, centre)
        named = labels.inside(outcome or labels("outcome.index"))
        panels[0].set_xlabel(wrapped(labels("tornado.effect", outcome=named), 58))
        names = [wrapped(safe(labels.parameter(name), 2 * NAME), NAME) for name in rows["parameter"]]
        panels[0].set_yticks(range(len(rows)), names, fontsize=7, linespacing=1.0)
        panels[0].set_ylim(len(rows) - 0.4, -0.6)
        if len(indices):
            _shares(panels[1], rows, labels, floor)
        figure.legend(loc="outside lower center", ncols=5, columnspacing=1.2, handlelength=1.4)
    return figure, table


def _swings(axes: Axes, rows: pd.DataFrame, labels: Labels, centre: float) -> None:
    steps = np.arange(len(rows))
    axes.barh(steps, rows["low"] - centre, left=centre, color=LOSS, height=0.62, label=labels("tornado.low"))
    axes.barh(
        steps, rows["high"] - centre, left=centre, color=GAIN, height=0.62, label=labels("tornado.high")
    )
    axes.axvline(centre, color="#222222", linewidth=0.8)
    axes.tick_params(axis="y", length=0)
    axes.set_title(labels("tornado.one"))


def _shares(axes: Axes, rows: pd.DataFrame, labels: Labels, floor: float) -> None:
    steps = np.arange(len(rows))
    for order, colour, marker, shift in (("first", BLUE, "o", -0.14), ("total", PURPLE, "s", 0.14)):
        axes.hlines(steps + shift, rows[f"{order}_low"], rows[f"{order}_high"], color=colour, linewidth=1.2)
        axes.plot(
            rows[order], steps + shift, marker, color=colour, markersize=3.5, label=labels(f"tornado.{order}")
        )
    if floor == floor:
        axes.axvline(floor, color=GREY, linestyle=":", linewidth=1.2, label=labels("tornado.floor"))
    axes.set_yticks(steps, [""] * len(rows))
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel(labels("tornado.interval"))
    axes.set_title(labels("tornado.sobol"))


def _title(table: pd.DataFrame, labels: Labels, floor: float) -> str:
    name = safe(labels.parameter(table["parameter"].iloc[0]), 90)
    if "total_low" not in table or floor != floor:
        return labels("tornado.plain", parameter=name)
    above = int((table["total_low"] > floor).sum())
    return labels("tornado.title", parameter=name, above=above, all=len(table))


@figure("tornado", place=80, tables=("sensitivity",))
def plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """What the effect of the scenario in focus hangs on."""
    frame = study.of_scenario("sensitivity")
    if frame.empty:
        return []
    first = frame.iloc[0]
    scenario, of = str(first["scenario"]), labels.outcome(str(first["outcome"]), str(first["bank_kind"]))
    frame = frame.assign(parameter=[labels.parameter(str(key)) for key in frame["parameter"]])
    indices = [f"{order}{end}" for order in ("first", "total") for end in ("", "_low", "_high")]
    shares = frame[["parameter", *indices]].dropna()
    swings, centre, floor = (
        frame[["parameter", "low", "high"]],
        float(first["centre"]),
        float(first["seed_noise"]),
    )
    name = labels("tornado.name", scenario=labels.scenario(scenario))
    return [Plan("tornado", name, lambda: tornado(swings, shares, labels, centre, floor, of))]
