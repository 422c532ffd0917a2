"""Effects as paths: what each scenario does to its declared target, and where the gap goes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.figures.chart import (
    Axis,
    Chart,
    Key,
    Look,
    Mark,
    Panel,
    extent,
    quarter_place,
    rule,
    spans,
    steps,
    years,
)
from experiments.figures.palette import BASELINE, GAIN, GREY, LOSS, SERIES
from experiments.figures.registry import Plan, figure
from experiments.figures.source import StudyTables
from experiments.figures.style import safe
from experiments.labels import Labels
from experiments.labels.numbers import digits, plain, scale, signed
from experiments.results.schema import better
from experiments.results.statistics import side

GAP = "rural_city_gap"
BANDS = (("q05", "q95", 0.18), ("q25", "q75", 0.32))
COLUMNS = ["scenario", "outcome", "bank_kind", "quarter", "q05", "q25", "q50", "q75", "q95"]
MOST = 6  # targets drawn, and scenarios in a colour of their own; the tables have all of them
BANDED = 3  # scenarios with a band
OTHERS = "others"  # the scenarios that share a grey


def effect_fans(targets: pd.DataFrame, bands: pd.DataFrame, labels: Labels) -> Chart:
    """A panel a target: the path of the effect with its bands, and beside its end what was held plausible before.

    Parameters
    ----------
    targets
        Rows of ``paths``: scenario, outcome, bank_kind, prior_low, prior_high, end, end_low, end_high.
    bands
        Rows of ``bands`` of these effects: `COLUMNS`.
    labels
        The language, and the names of scenarios.
    """
    told = side(targets["end_low"], targets["end_high"]) != 0
    size = targets["end"].abs() * targets["outcome"].map(scale)
    chosen = targets if len(targets) <= MOST else targets.iloc[np.lexsort((-size, ~told))[:MOST]]
    panels = [_target(line, bands, labels) for line in chosen.to_dict("records")]
    clear = targets[told]
    title = labels("paths.title", count=len(clear), all=len(targets)) if len(clear) else labels("paths.none")
    keys = [Key(labels("paths.bands"), GAIN, "patch", "bands")]
    keys += [Key(labels("paths.median"), GAIN, "line", "median")]
    keys += [Key(labels("paths.prior"), GREY, "line", "prior")] if targets["prior_low"].notna().any() else []
    lines = -(-len(panels) // 3)
    return Chart(title, panels, targets, 0.9 + 1.55 * lines, columns=min(3, len(panels)), keys=keys)


def _target(line: dict[Any, Any], bands: pd.DataFrame, labels: Labels) -> Panel:
    name, outcome, kind = (str(line[key]) for key in ("scenario", "outcome", "bank_kind"))
    by = scale(outcome)
    mine = bands[(bands["scenario"] == name) & (bands["outcome"] == outcome) & (bands["bank_kind"] == kind)]
    mine = mine.assign(x=mine["quarter"].map(quarter_place), **{q: by * mine[q] for q in COLUMNS[4:]})
    mine = mine[mine["x"] >= _onset(mine) - 1.0]
    clear = int(side(line["end_low"], line["end_high"])) * better(outcome)
    colour = {1: GAIN, 0: GREY, -1: LOSS}[int(clear)]
    texts = [f"{signed(m, digits(outcome))} [{signed(a, digits(outcome))}, {signed(b, digits(outcome))}]"
            for m, a, b in mine[["q50", "q05", "q95"]].to_numpy()]  # fmt: skip
    shown = mine.assign(y=mine["q50"], said=texts)
    marks = [rule(0.0, upright=False)]
    marks += [Mark("band", shown.assign(low=shown[low], high=shown[high]), colour, "bands", alpha=alpha)
              for low, high, alpha in BANDS]  # fmt: skip
    hover = {labels("column.quarter"): "quarter", labels("scoreboard.effect"): "said"}
    marks.append(Mark("line", shown, colour, "median", hover))
    low, high = float(mine["x"].min()), float(mine["x"].max())
    prior = pd.DataFrame(
        {"x": high + 0.55, "low": line["prior_low"], "high": line["prior_high"]}, [0]
    ).dropna()
    prior = prior.assign(said=[f"{signed(a)} – {signed(b)}" for a, b in prior[["low", "high"]].to_numpy()])
    tip = {labels("paths.prior"): "said"}
    bar = spans(prior, "low", "high", "x", upright=True)
    marks.append(Mark("segments", bar, GREY, "prior", tip, width=3.0))
    y = labels.outcome(outcome, kind)
    title = safe(labels.scenario(name), 44)
    return Panel(marks, title, Axis(ticks=years(low, high, 4), low=low, high=high + 0.9), Axis(y), tall=220)


def _onset(path: pd.DataFrame) -> float:
    """When an effect begins; the end of a path that stays at zero."""
    moving = path.loc[path[["q05", "q95"]].abs().max(axis=1) > 0, "x"]
    return float(moving.min() if len(moving) else path["x"].max())


def gap_path(bands: pd.DataFrame, labels: Labels, baseline: str) -> Chart:
    """The gap between city banks and rural institutions: those scenarios coloured that move it most, with few bands.

    Parameters
    ----------
    bands
        The gap and the paired effects on it: ``quantity`` (level or effect) and `COLUMNS`.
    labels
        The language, and the names of scenarios.
    baseline
        Name of the baseline.
    """
    level, effect = (bands[bands["quantity"] == name] for name in ("level", "effect"))
    # A scenario's last row: where either kind of bank is gone before the end, there is no gap any more.
    ends, moved = (rows.groupby("scenario", sort=False)["q50"].last() for rows in (level, effect))
    moves = moved.reindex(ends.index).fillna(ends - ends[baseline]).drop(baseline).abs()
    colours = coloured(moves.sort_values(ascending=False, kind="stable").index)
    panels = [_gap_panel(level, colours, baseline, [baseline], labels, labels("paths.gap_axis"), plain)]
    if len(effect):
        banded = list(colours)[:BANDED]
        told = labels("paths.gap_change")
        panels.append(_gap_panel(effect, colours, baseline, banded, labels, told, signed))
    keys = [
        Key(labels.scenario(baseline), BASELINE, "dash", baseline),
        *_keys(colours, labels, "line", off=True),
    ]
    base = level[level["scenario"] == baseline].iloc[[0, -1]]
    start, end = (plain(value) for value in base["q50"])
    first, last = (labels.quarter(str(quarter)) for quarter in base["quarter"])
    title = labels("paths.gap_title", start=start, end=end, first=first, last=last)
    return Chart(title, panels, bands, 2.9, keys=keys)


def coloured(names: Iterable[str]) -> dict[str, str]:
    """Colours of scenarios by rank: a few of their own, then one grey for all."""
    return {name: SERIES[place] if place < MOST else GREY for place, name in enumerate(names)}


def _keys(colours: Mapping[str, str], labels: Labels, look: Look, off: bool = False) -> list[Key]:
    """A key for each scenario in a colour of its own, and one for the others."""
    own = [(name, colour) for name, colour in colours.items() if colour != GREY]
    keys = [Key(safe(labels.scenario(name), 44), colour, look, name) for name, colour in own]
    count = len(colours) - len(own)
    return [*keys, Key(labels("paths.others", count=count), GREY, look, OTHERS, off)] if count else keys


def _gap_panel(
    bands: pd.DataFrame,
    colours: Mapping[str, str],
    baseline: str,
    banded: list[str],
    labels: Labels,
    axis: str,
    write: Callable[[float], str],
) -> Panel:
    """A line a scenario, the first in rank on top, and 90 % bands of a few."""
    marks: list[Mark] = [] if baseline in banded else [rule(0.0, upright=False)]
    for name, colour in [*list(colours.items())[::-1], (baseline, BASELINE)]:
        mine = bands[bands["scenario"] == name]
        if mine.empty:
            continue
        said = [f"{write(m)} [{write(a)}, {write(b)}]" for m, a, b in mine[["q50", "q05", "q95"]].to_numpy()]
        shown = mine.assign(x=mine["quarter"].map(quarter_place), y=mine["q50"], said=said)
        shown = shown.assign(low=shown["q05"], high=shown["q95"], named=labels.scenario(name))
        switch, width = (OTHERS, 0.7) if colour == GREY else (name, 1.4)
        if name in banded:
            marks.append(Mark("band", shown, colour, switch, alpha=0.13))
        hover = {labels("column.scenario"): "named", labels("column.quarter"): "quarter", axis: "said"}
        marks.append(Mark("line", shown, colour, switch, hover, width=width, dash=name == baseline))
    places = bands["quarter"].map(quarter_place)
    x = Axis(ticks=years(places.min(), places.max(), 5), low=float(places.min()), high=float(places.max()))
    return Panel(marks, x=x, y=Axis(axis), tall=280)


def plane(board: pd.DataFrame, labels: Labels, year: int) -> Chart:
    """Cost against effect: how much each scenario costs over the years, and what it does to the index.

    Parameters
    ----------
    board
        `StudyTables.scoreboard`: scenario, cost (million yuan), median, low90, high90, clear, price.
    labels
        The language, and the names of scenarios.
    year
        Of the effect.
    """
    marks = [rule(0.0), rule(0.0, upright=False)]
    ranked = board.iloc[np.lexsort((-board["median"].abs(), board["clear"] == 0))]
    colours = coloured(ranked["scenario"])
    for line in ranked[::-1].to_dict("records"):
        name = str(line["scenario"])
        colour, switch = colours[name], OTHERS if colours[name] == GREY else name
        shown = pd.DataFrame([line]).assign(
            x=line["cost"], y=line["median"], named=labels.scenario(name), paid=labels.balance(float(line["cost"])),
            said=f"{signed(line['median'])} [{signed(line['low90'])}, {signed(line['high90'])}]",
            each=labels.money(line["price"]),
        )  # fmt: skip
        hover = {labels("column.scenario"): "named", labels("plane.cost"): "paid", labels("scoreboard.effect"): "said",
                 labels("column.price"): "each"}  # fmt: skip
        bar, fill = spans(shown, "low90", "high90", "x", upright=True), "" if line["clear"] else "#ffffff"
        marks.append(Mark("segments", bar, colour, switch, width=1.4))
        marks.append(Mark("points", shown, colour, switch, hover, size=6, fill=fill, width=1.4))
    low, high = extent([0.0, *board["cost"]], 0.08)
    ticks = steps(low, high, labels.money)
    clear = board[(board["clear"] > 0) & (board["cost"] > 0)]
    title = labels("plane.unpriced", count=len(clear), all=len(board)) if len(clear) else labels("plane.none")
    if len(priced := clear.dropna(subset=["price"])):
        best = priced.sort_values("price").iloc[0]
        named = safe(labels.scenario(str(best["scenario"])))
        title = labels("plane.title", scenario=named, price=labels.money(best["price"]))
    x, y = Axis(labels("plane.cost"), ticks, low, high), Axis(labels("plane.effect", year=year))
    return Chart(title, [Panel(marks, x=x, y=y, tall=340)], board, 3.1, keys=_keys(colours, labels, "dot"))


@figure("effect_fans", place=5, tables=("paths", "bands"), brief=True, group="moves")
def fans_of_targets(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """The path of every declared target."""
    targets = study.table("paths", role="target")
    if targets.empty:
        return []
    keys = set(zip(targets["scenario"], targets["outcome"], targets["bank_kind"], strict=True))
    chosen = {"outcome": sorted({key[1] for key in keys}), "bank_kind": sorted({key[2] for key in keys})}
    bands = study.table("bands", COLUMNS, quantity="effect", measure="true", **chosen)
    some = labels("paths.note_most", most=MOST, count=len(targets))
    note = labels("paths.note") if len(targets) <= MOST else some
    return [Plan("effect_fans", labels("paths.name"), lambda: effect_fans(targets, bands, labels), note)]


@figure("gap_path", place=8, tables=("bands",), group="moves")
def path_of_gap(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """The gap under every scenario."""
    columns = ["quantity", *COLUMNS]
    bands = study.table("bands", columns, measure="true", outcome=GAP, bank_kind="all").dropna(subset=["q50"])
    if bands["quarter"].nunique() < 2 or study.baseline not in set(bands["scenario"]):
        return []
    told = labels("paths.gap_note", banded=BANDED)
    note = labels.sentences([_ranked(bands["scenario"].nunique() - 1, labels), told])
    return [Plan("gap_path", labels("paths.gap_name"), lambda: gap_path(bands, labels, study.baseline), note)]


def _ranked(count: int, labels: Labels) -> str:
    """Which scenarios have colours of their own, where not all do."""
    return labels("paths.ranked", most=MOST, count=count) if count > MOST else ""


@figure("plane", place=12, tables=("effects", "costs"), group="moves")
def plane_of_costs(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """Cost against effect, where something is paid."""
    if not study.policies or not study.total_costs["cost"].any():
        return []
    draw = lambda: plane(study.scoreboard, labels, study.year)  # noqa: E731
    note = labels.sentences([labels("plane.note"), _ranked(len(study.policies), labels)])
    return [Plan("plane", labels("plane.name"), draw, note)]
