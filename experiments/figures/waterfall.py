"""How levers work together: what produces an effect, part by part, and two levers at every strength."""

from functools import partial

import numpy as np
import pandas as pd

from experiments.figures.chart import Axis, Chart, Mark, Panel, Scale, bars, extent, rule, spans
from experiments.figures.chart import rows as named_rows
from experiments.figures.palette import GAIN, GREY, INK, LOSS
from experiments.figures.province_map import ENDS, shades
from experiments.figures.registry import Plan, figure
from experiments.figures.source import StudyTables
from experiments.figures.style import safe
from experiments.labels import Labels, catalogue
from experiments.labels.numbers import chance, digits, percent, scale, signed

RESIDUAL = "residual"


def waterfall(shapley: pd.DataFrame, labels: Labels, outcome: str = "") -> Chart:
    """Cumulated contributions from zero to the total effect.

    Parameters
    ----------
    shapley
        Columns ``channel`` (the name of a channel or policy, or ``residual``), ``effect``, ``low``, ``high``
        (points): Shapley values and their 90 % intervals; in the order to be shown, which sorts the largest
        first when it is not given.
    labels
        The language, and the names of policies.
    outcome
        What the effect is on, as the reader calls it; the index by default.

    Returns
    -------
    Chart
        Its table has the rows as drawn, with ``start`` and ``end`` of each bar and the total.
    """
    rows = shapley[["channel", "effect", "low", "high"]].copy()
    last = rows["channel"] == RESIDUAL
    rows = pd.concat([rows[~last].sort_values("effect", ascending=False, kind="stable"), rows[last]])
    rows["end"] = rows["effect"].cumsum()
    rows["start"] = rows["end"] - rows["effect"]
    total = pd.DataFrame([{"channel": "total", "effect": rows["effect"].sum(), "start": 0.0}])
    table = pd.concat([rows, total.assign(end=total["effect"])], ignore_index=True)
    of = labels.inside(outcome or labels("outcome.index"))
    names = [safe(_name(channel, labels), 44) for channel in table["channel"]]
    marks = _marks(table, labels, names)
    drawn = marks[0].data
    low, high = extent([*drawn["left"], *drawn["reach"], 0.0], 0.1)
    x = Axis(labels("waterfall.axis", outcome=of), low=low, high=high)
    panel = Panel(marks, x=x, y=named_rows(names), tall=90 + 26 * len(table))
    return Chart(_title(table, labels), [panel], table, 0.85 + 0.22 * len(table))


def _name(channel: str, labels: Labels) -> str:
    if channel in ("total", RESIDUAL):
        return labels(f"waterfall.{channel}")
    return labels.name("channel", channel) if f"channel.{channel}" in catalogue() else labels.policy(channel)


def _marks(table: pd.DataFrame, labels: Labels, names: list[str]) -> list[Mark]:
    colours = [GAIN if effect >= 0 else LOSS for effect in table["effect"][:-1]] + ["#444444"]
    said = [signed(effect, 2 if abs(effect) < 1 else 1) for effect in table["effect"]]
    ends = table.assign(low90=table["start"] + table["low"], high90=table["start"] + table["high"])
    reach = ends[["start", "end", "high90"]].max(axis=1)
    shown = bars(
        table.assign(y=range(len(table)), colour=colours, named=names, said=said, reach=reach), "start", "end"
    )
    links = pd.DataFrame({"x0": table["end"][:-1], "x1": table["end"][:-1],
                          "y0": np.arange(len(table) - 1) + 0.31, "y1": np.arange(1, len(table)) - 0.31})  # fmt: skip
    whiskers = ends.assign(y=range(len(table))).dropna(subset=["low", "high"])
    gap = 0.01 * float(reach.max() - min(table["start"].min(), table["end"].min(), 0.0))
    numbers = pd.DataFrame({"x": reach + gap, "y": range(len(table)), "text": said})
    hover = {labels("waterfall.part"): "named", labels("scoreboard.effect"): "said"}
    return [
        Mark("cells", shown, hover=hover),
        Mark("segments", links, GREY, width=0.8),
        rule(0.0),
        Mark("segments", spans(whiskers, "low90", "high90"), INK, width=0.9),
        Mark("texts", numbers, align="left"),
    ]


def _title(table: pd.DataFrame, labels: Labels) -> str:
    channels = table[~table["channel"].isin(["total", RESIDUAL])]
    clear = channels[(channels["low"] > 0) | (channels["high"] < 0)]
    if clear.empty:
        return labels("waterfall.none")
    most = clear.iloc[int(clear["effect"].abs().argmax())]
    words = {"channel": safe(_name(most["channel"], labels)), "effect": signed(most["effect"])}
    return labels("waterfall.title", **words, total=signed(table["effect"].iloc[-1]))


@figure("waterfall", place=70, tables=("shapley",))
def plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """A waterfall a decomposition: levers, channels."""
    parts = study.of_scenario("shapley")
    if parts.empty:
        return []
    first = parts.iloc[0]
    of = labels.outcome(str(first["outcome"]), str(first["bank_kind"]))
    name = labels("waterfall.name", scenario=labels.scenario(str(first["scenario"])))
    return [
        Plan(f"waterfall_{number}" if number > 1 else "waterfall", name, partial(waterfall, mine, labels, of))
        for number, (_, mine) in enumerate(parts.groupby("decomposition", sort=False), 1)
    ]


def surface(frame: pd.DataFrame, labels: Labels) -> Chart:
    """One cell a pair of strengths, coloured by the median of the paired effect.

    Parameters
    ----------
    frame
        ``surface`` of a study: first, second (policies), first_strength, second_strength (0-1), effect, effect_low,
        effect_high, probability, outcome, bank_kind.
    labels
        The language, and the names of policies.
    """
    line = frame.iloc[0]
    outcome, by = str(line["outcome"]), scale(str(line["outcome"]))
    shown = frame.assign(effect=by * frame["effect"])
    number = digits(outcome)
    places = {key: sorted(shown[key].unique()) for key in ("first_strength", "second_strength")}
    at = {key: {value: float(place) for place, value in enumerate(values)} for key, values in places.items()}
    x, y = (shown[key].map(at[key]) for key in places)
    reach = max(float(shown["effect"].abs().max()), 1e-9)
    fill, ink = shades(shown["effect"], reach)
    ends = shown[["effect_low", "effect_high"]].to_numpy()
    first, second = (labels.policy(str(line[key])) for key in ("first", "second"))
    cells = shown.assign(
        left=x - 0.5, right=x + 0.5, low=y - 0.5, high=y + 0.5, x=x, y=y, colour=fill,
        text=[signed(value, number) for value in shown["effect"]],
        ink=ink,
        interval=[f"[{signed(by * a, number)}, {signed(by * b, number)}]" for a, b in ends],
        sure=[chance(value) for value in shown["probability"]],
        one=[percent(value) for value in shown["first_strength"]],
        other=[percent(value) for value in shown["second_strength"]],
    )  # fmt: skip
    hover = {first: "one", second: "other", labels("scoreboard.effect"): "text", labels("column.ninety"): "interval",
             labels("scoreboard.probability").replace("\n", " "): "sure"}  # fmt: skip
    marks = [
        Mark("cells", cells, hover=hover, edge="#ffffff"),
        Mark("texts", cells.assign(colour=cells["ink"])),
    ]
    axes = [
        Axis(labels("surface.axis", policy=name), {place: percent(value) for value, place in at[key].items()},
             -0.5, len(places[key]) - 0.5)
        for key, name in zip(places, (first, second), strict=True)
    ]  # fmt: skip
    whole = shown.sort_values(["first_strength", "second_strength"]).iloc[-1]
    of = labels.outcome(outcome, str(line["bank_kind"]))
    facts = {
        "first": first,
        "second": labels.inside(second),
        "effect": signed(float(whole["effect"]), number),
    }
    title = labels("surface.title", outcome=labels.inside(of), **facts)
    bar = Scale(of, ENDS, signed(-reach, number), signed(reach, number))
    return Chart(title, [Panel(marks, x=axes[0], y=axes[1], tall=340)], frame, 3.3, scale=bar)


@figure("surface", place=75, tables=("surface",))
def plan_of_surface(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """The surface of the bundle that the analysis looked at."""
    frame = study.of_scenario("surface")
    if frame.empty:
        return []
    name = labels("surface.name", scenario=labels.scenario(str(frame["scenario"].iloc[0])))
    return [Plan("surface", name, lambda: surface(frame, labels))]
