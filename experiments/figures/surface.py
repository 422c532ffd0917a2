"""Two levers at every strength: the surface of their joint effect as a table of colours."""

import numpy as np
import pandas as pd
from matplotlib.colors import to_hex

from experiments.figures.chart import Axis, Chart, Mark, Panel, Scale
from experiments.figures.province_map import DIVERGING, ENDS
from experiments.figures.registry import Plan, figure
from experiments.figures.source import StudyTables
from experiments.labels import Labels
from experiments.labels.numbers import chance, digits, percent, scale, signed


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
    fill = [to_hex(DIVERGING(0.5 + value / (2 * reach))) for value in shown["effect"]]
    light = [np.dot([int(one[k : k + 2], 16) for k in (1, 3, 5)], (0.299, 0.587, 0.114)) for one in fill]
    ends = shown[["effect_low", "effect_high"]].to_numpy()
    first, second = (labels.policy(str(line[key])) for key in ("first", "second"))
    cells = shown.assign(
        left=x - 0.5, right=x + 0.5, low=y - 0.5, high=y + 0.5, x=x, y=y, colour=fill,
        text=[signed(value, number) for value in shown["effect"]],
        ink=["#000000" if one >= 128 else "#ffffff" for one in light],
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
    facts = {
        "first": first,
        "second": labels.inside(second),
        "effect": signed(float(whole["effect"]), number),
    }
    title = labels(
        "surface.title", outcome=labels.inside(labels.outcome(outcome, str(line["bank_kind"]))), **facts
    )
    bar = Scale(
        labels.outcome(outcome, str(line["bank_kind"])), ENDS, signed(-reach, number), signed(reach, number)
    )
    return Chart(title, [Panel(marks, x=axes[0], y=axes[1], tall=340)], frame, 3.3, scale=bar)


@figure("surface", place=75, tables=("surface",))
def plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """The surface of the bundle that the analysis looked at."""
    frame = study.of_scenario("surface")
    if frame.empty:
        return []
    name = labels("surface.name", scenario=labels.scenario(str(frame["scenario"].iloc[0])))
    return [Plan("surface", name, lambda: surface(frame, labels))]
