"""Scenarios compared: the effect, price and sign of each, jobs of a sweep side by side, and who wins and who loses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from agents.honeycomb import KINDS
from experiments.figures.chart import (
    BLUE,
    GAIN,
    GAIN_PALE,
    GREY,
    INK,
    KIND_COLOURS,
    LOSS,
    LOSS_PALE,
    SAME,
    Axis,
    Chart,
    Key,
    Mark,
    Panel,
    bars,
    extent,
    rows,
    rule,
    spans,
)
from experiments.figures.source import Plan, StudyTables, figure, ranking
from experiments.figures.still import safe
from experiments.labels import Labels, chance, digits, percent, plain, scale, signed
from experiments.results.schema import better
from experiments.results.statistics import ENDS, quantiles

ROWS = 10  # scenarios that a brief has room for


@dataclass(frozen=True)
class Measure:
    """What a scoreboard is of, where it is not the index.

    Parameters
    ----------
    name : str
        As the reader calls it.
    better : float
        +1 where more of it is better, -1 where less is.
    digits : int
        Decimals that an effect is told with.
    """

    name: str
    better: float = 1.0
    digits: int = 2


def scoreboard(
    effects: pd.DataFrame,
    costs: pd.DataFrame,
    labels: Labels,
    year: int,
    most: int | None = None,
    of: Measure | None = None,
    priced: bool = True,
) -> Chart:
    """Scenarios sorted by their effect on one outcome.

    Parameters
    ----------
    effects
        Columns ``scenario``, ``replicate``, ``effect`` (points): paired differences to the baseline in the last
        quarter.
    costs
        Columns ``scenario``, ``cost`` (million yuan): beyond the baseline, all payers and years, one row a scenario.
    labels
        The language, and the names of scenarios.
    year
        Of the effect.
    most
        Scenarios drawn at most, the best first; the title counts all of them.
    of
        The outcome, where it is not the index of small and medium banks.
    priced
        Whether a point has a price: in a sample of banks it has none, for what the system pays does not shrink with it.

    Returns
    -------
    Chart
        Its table has one row a scenario with the summary of `paired_summary`, ``cost`` (million yuan) and
        ``price`` (million yuan per point of the median effect; missing unless the gain is beyond noise).
    """
    better = of.better if of else 1.0
    table = ranking(effects, costs, better, priced)
    title = _title(table, labels, of)
    table = table.head(most) if most else table
    words = {"year": year, "n": int(table["replicates"].max())}
    heading = labels("scoreboard.of_axis", outcome=labels.inside(of.name), **words) if of else ""
    printed = _printed_rows(table, labels, better, of.digits if of else None)
    axis = rows(safe(labels.scenario(name), 64) for name in table["scenario"])
    low, high = extent([0.0, *printed["low90"], *printed["high90"]])
    along = Axis(heading or labels("scoreboard.axis", **words), low=low, high=high)
    left = Panel(_bars(printed, labels), x=along, y=axis, tall=90 + 34 * len(table))
    unit, bare = Axis(bare=True, low=0, high=1), replace(axis, bare=True)
    right = Panel(_numbers(printed, labels), x=unit, y=bare, wide=0.37, printed=True)
    return Chart(title, [left, right], table, 1.15 + 0.24 * len(table), columns=2)


def _title(table: pd.DataFrame, labels: Labels, of: Measure | None) -> str:
    side = table["clear"] * (of.better if of else 1)
    up, down = int((side > 0).sum()), int((side < 0).sum())
    key, words = ("scoreboard.of", {"outcome": labels.inside(of.name)}) if of else ("scoreboard.", {})
    key = f"{key}_" if of else key
    if not up + down:
        return labels(f"{key}none", **words)
    lower = labels(f"{key}down", count=down) if down else ""
    return labels(f"{key}some", up=up, all=len(table), down=lower, **words)


def _printed_rows(table: pd.DataFrame, labels: Labels, better: float, digits: int | None) -> pd.DataFrame:
    """The table with what is said of each row, its height and its colour."""
    lines = table.to_dict("records")
    still = (table["low90"] == table["high90"]) & (table["low90"] == 0)
    return table.assign(
        y=range(len(table)),
        colour=[{1: GAIN, 0: GREY, -1: LOSS}[int(better * side)] for side in table["clear"]],
        named=[labels.scenario(name) for name in table["scenario"]],
        effect=[signed(line["median"], digits) for line in lines],
        interval=[f"[{signed(line['low90'], digits)}, {signed(line['high90'], digits)}]" for line in lines],
        paid=[labels.money(price) for price in table["price"]],
        sure=["–" if rest else chance(part) for rest, part in zip(still, table["probability"], strict=True)],
    )


def _bars(rows: pd.DataFrame, labels: Labels) -> list[Mark]:
    columns = {"column.scenario": "named", "scoreboard.effect": "effect", "column.ninety": "interval"}
    columns |= {"scoreboard.probability": "sure", "scoreboard.price": "paid"}
    hover = {labels(key).replace("\n", " "): column for key, column in columns.items()}
    return [
        rule(0.0),
        Mark("segments", spans(rows, "low90", "high90"), width=1.2),
        Mark("segments", spans(rows, "low50", "high50"), width=4.5, hover=hover),
        Mark("points", rows.assign(x=rows["median"]), size=5, fill="#ffffff", width=1.2, hover=hover),
    ]


def _numbers(rows: pd.DataFrame, labels: Labels) -> list[Mark]:
    """The columns of numbers that paper shows beside the bars."""
    marks = []
    for key, column, x in (("effect", "effect", 0.15), ("price", "paid", 0.6), ("probability", "sure", 0.99)):
        head = pd.DataFrame({"x": [x], "y": [-0.95], "text": [labels(f"scoreboard.{key}")]})
        marks.append(Mark("texts", head, align="right"))
        texts = rows.assign(x=x, text=rows[column])[["x", "y", "text"]]
        marks.append(Mark("texts", texts, INK, align="right", letters=8))
    return marks


@figure("scoreboard", place=10, tables=("effects",), brief=True)
def scoreboard_plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """The scoreboard on the index, and on the outcome that the analysis is about; a brief shows the latter alone."""
    if not study.policies:
        return []
    most = ROWS if brief and len(study.policies) > ROWS else None
    plans = _outcome_scoreboard(study, labels, most)
    made = plans or [_index(study, labels, most)] if brief else [_index(study, labels), *plans]
    return [replace(plan, name="scoreboard_brief") if most else plan for plan in made]


def _index(study: StudyTables, labels: Labels, most: int | None = None) -> Plan:
    draw = partial(
        scoreboard, study.index, study.total_costs, labels, study.year, most, priced=study.carries_prices
    )
    notes = [labels("note.scoreboard")]
    notes += [labels("note.scoreboard_most", most=most, count=len(study.policies))] if most else []
    return Plan("scoreboard", labels("scoreboard.name"), draw, labels.sentences(notes))


def _outcome_scoreboard(study: StudyTables, labels: Labels, most: int | None) -> list[Plan]:
    """A scoreboard on the outcome that the analysis is about, where that is not the index of small and medium banks."""
    (name, kind), mine = study.measure_asked, study.effects_asked
    if (name, kind) == ("index", "all") or mine.empty:
        return []
    of = Measure(labels.outcome(name, kind), better(name), digits(name))
    scaled = mine.assign(effect=scale(name) * mine["effect"])
    draw = partial(scoreboard, scaled, study.total_costs, labels, study.year, most, of, study.carries_prices)
    caption = labels("scoreboard.of_name", outcome=labels.inside(of.name))
    return [Plan("scoreboard_asked", caption, draw)]


BANDS = {"lose_large": LOSS, "lose": LOSS_PALE, "same": SAME, "gain": GAIN_PALE, "gain_large": GAIN}


def winners(distribution: pd.DataFrame, labels: Labels, scenario: str, year: int) -> Chart:
    """Shares of banks in five bands of change, and densities of the mean change by asset quintile.

    Parameters
    ----------
    distribution
        Columns ``replicate``, ``grouping`` (kind | size_quintile), ``group``, ``banks``, ``effect`` (points)
        and the five bands (shares, 0-1), of one scenario.
    labels
        The language, and the names of scenarios.
    scenario
        Name, for the title.
    year
        Of the change.

    Returns
    -------
    Chart
        Its table has one row a group: banks, mean shares, and quantiles of the mean change over replicates.
    """
    table = _summary(distribution)
    kinds = table[table["grouping"] == "kind"].set_index("group")
    kinds = kinds.loc[[kind for kind in KINDS if kind in kinds.index]]
    quintiles = distribution[distribution["grouping"] == "size_quintile"]
    title = _gains_told(kinds, labels, safe(labels.scenario(scenario)), year)
    keys = [Key(labels(f"winners.{band}"), colour, "patch") for band, colour in BANDS.items()]
    return Chart(title, [_stack(kinds, labels), _ridges(quintiles, labels)], table, 2.6, keys=keys)


def _summary(distribution: pd.DataFrame) -> pd.DataFrame:
    keys = ["grouping", "group"]
    table = distribution.groupby(keys, sort=False, observed=True)[["banks", *BANDS]].mean().reset_index()
    spread = quantiles(distribution, keys, "effect", ENDS)[["q05", "q50", "q95"]]
    return table.assign(**{f"effect_{name}": spread[name] for name in spread})


def _stack(kinds: pd.DataFrame, labels: Labels) -> Panel:
    parts, start = [], np.zeros(len(kinds))
    for band, colour in BANDS.items():
        width = kinds[band].to_numpy()
        cells = pd.DataFrame({"y": range(len(kinds)), "start": start, "end": start + width, "width": width})
        texts = {"text": [*map(percent, width)], "band": labels(f"winners.{band}")}
        texts |= {"kind": [labels.name("kind", str(name)) for name in kinds.index]}
        ink = "#ffffff" if colour in (GAIN, LOSS) else "#000000"
        parts.append(cells.assign(colour=colour, ink=ink, **texts))
        start = start + width
    cells_drawn = bars(pd.concat(parts), "start", "end")
    wide = cells_drawn[cells_drawn["width"] >= 0.09]
    numbers = wide.assign(x=(wide["start"] + wide["end"]) / 2, colour=wide["ink"])
    hover = {labels("column.kind"): "kind", labels("winners.change"): "band"}
    hover |= {labels("winners.shares"): "text"}
    ticks = {part: percent(part) for part in (0.0, 0.25, 0.5, 0.75, 1.0)}
    marks = [Mark("cells", cells_drawn, hover=hover), Mark("texts", numbers, letters=7)]
    names = rows(labels.name("kind", str(kind)) for kind in kinds.index)
    return Panel(marks, labels("winners.shares"), Axis(ticks=ticks, low=0, high=1), names, wide=1.35)


def _ridges(quintiles: pd.DataFrame, labels: Labels) -> Panel:
    groups = sorted(quintiles["group"].unique(), key=str)
    spread = max(float(quintiles["effect"].std()), 0.05) if len(quintiles) > 1 else 0.05
    low = float(quintiles["effect"].min()) - 1.3 * spread
    high = float(quintiles["effect"].max()) + 1.3 * spread
    grid = np.linspace(min(low, -spread), max(high, spread), 200)
    marks = [rule(0.0)]
    for row, group in enumerate(groups):
        sample = quintiles.loc[quintiles["group"] == group, "effect"].to_numpy()
        density = _density(sample, grid, 0.15 * spread)
        top = row - 1.35 * density / density.max()
        ridge = pd.DataFrame({"x": grid, "low": float(row), "high": top, "y": top})
        marks += [Mark("band", ridge, BLUE, alpha=0.85), Mark("line", ridge, "#ffffff", width=0.9)]
    names = [labels("winners.quintile", number=row + 1) for row in range(len(groups))]
    if len(groups) == 5:
        names[0], names[-1] = labels("winners.smallest"), labels("winners.largest")
    y = Axis(ticks=dict(enumerate(names)), low=len(groups) - 0.7, high=-1.45)
    x = Axis(labels("winners.points"), low=float(grid[0]), high=float(grid[-1]))
    return Panel(marks, labels("winners.ridge"), x, y)


def _density(sample: np.ndarray, grid: np.ndarray, narrowest: float) -> np.ndarray:
    """Gaussian kernel density with Silverman's bandwidth, never narrower than a given width (points)."""
    width = max(1.06 * float(sample.std()) * len(sample) ** -0.2, narrowest)
    values: np.ndarray = np.exp(-0.5 * ((grid[:, None] - sample) / width) ** 2).sum(axis=1)
    return values


def _gains_told(kinds: pd.DataFrame, labels: Labels, scenario: str, year: int) -> str:
    gain, lose = kinds["gain"] + kinds["gain_large"], kinds["lose"] + kinds["lose_large"]
    weight = kinds["banks"] / kinds["banks"].sum()
    if (gain * weight).sum() + (lose * weight).sum() < 0.005:
        return labels("winners.none", scenario=scenario, year=year)
    gains = (gain * weight).sum() >= (lose * weight).sum()
    kind = labels.name("kind", str((gain if gains else lose).idxmax()))
    words = {"gain": percent((gain * weight).sum()), "lose": percent((lose * weight).sum())}
    key = "winners.title" if gains else "winners.losers"
    return labels(key, scenario=scenario, year=year, kind=labels.inside(kind), **words)


@figure("winners", place=40, tables=("distribution",))
def winner_plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """Winners and losers of the scenario in focus."""
    focus = study.focus
    mine = study.distribution[study.distribution["scenario"] == focus]
    if focus is None or mine.empty:
        return []
    name = labels("winners.name", scenario=labels.scenario(focus))
    return [Plan("winners", name, lambda: winners(mine, labels, focus, study.year))]


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
