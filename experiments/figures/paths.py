"""What stands when: scores and adoption over the years, and effects as paths from quarter to quarter."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from agents.honeycomb import DIMENSIONS, KINDS, SMALL_KINDS
from experiments.figures.chart import (
    BASELINE,
    GAIN,
    GREY,
    INK,
    KIND_COLOURS,
    LOSS,
    SERIES,
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
from experiments.figures.source import Plan, StudyTables, figure, observed_scores
from experiments.figures.still import safe
from experiments.labels import Labels, digits, plain, scale, signed
from experiments.results.schema import better
from experiments.results.statistics import paired_summary, side

BRIEF = ("city", "rural")  # fans of a brief
FANS = (("q05", "q95", 0.18), ("q20", "q80", 0.25), ("q25", "q75", 0.25), ("q35", "q65", 0.4))


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
    focus = scenario or baseline
    table = scores[scores["scenario"].isin([focus, baseline])]
    dots = observed.rename(columns={"score": "observed"})[["dimension", "year", "observed", "error"]]
    table = table.merge(dots.assign(scenario=baseline), on=["scenario", "dimension", "year"], how="left")
    title = _covered(table, labels, kind)
    if scenario and change is not None and kind in SMALL_KINDS:
        title = _moved(change, labels, kind, scenario, int(table["year"].max()))
    lines, colour = heights(table), KIND_COLOURS.get(kind, BASELINE)
    ticks = {float(line): f"{line:.0f}" for line in lines}
    upright = Axis(
        labels("fans.axis" if kind in SMALL_KINDS else "fans.true_axis"), ticks, lines[0], lines[-1]
    )
    first, last = int(table["year"].min()), int(table["year"].max())
    along = Axis(ticks=years(first, last, 5), low=first - 0.3, high=last + 0.3)
    panels = []
    for dimension in DIMENSIONS:
        marks = _marks(table[table["dimension"] == dimension], labels, focus, baseline, colour)
        panels.append(Panel(marks, labels.name("dimension", dimension), along, upright, tall=210))
    keys = _fan_keys(table, labels, colour, scenario)
    return Chart(title, panels, table, 3.75, columns=3, share=True, keys=keys)


def bands_of(table: pd.DataFrame) -> list[tuple[str, str, float]]:
    """The bands that a table of quantiles holds, widest first, with the strength of their colour."""
    return [band for band in FANS if {*band[:2]} <= set(table)]


def banded(rows: pd.DataFrame, colour: str, name: str = "", at: str = "year") -> list[Mark]:
    """The bands of a fan."""
    return [
        Mark("band", rows.assign(x=rows[at], low=rows[low], high=rows[high]), colour, name, alpha=alpha)
        for low, high, alpha in bands_of(rows)
    ]


def heights(table: pd.DataFrame) -> np.ndarray:
    """Round scores for the grid and the labels, from below the lowest band to above the highest."""
    drawn = table[["q05", "q95", *({"observed"} & set(table))]].to_numpy(float)
    low, high = float(np.nanmin(drawn)), float(np.nanmax(drawn))
    step = 10 if high - low < 45 else 20
    return np.arange(step * np.floor(low / step), min(step * np.ceil(high / step), 100) + 1, step)


def _marks(rows: pd.DataFrame, labels: Labels, focus: str, baseline: str, colour: str) -> list[Mark]:
    fan, base = rows[rows["scenario"] == focus], rows[rows["scenario"] == baseline]
    marks = banded(fan, colour, "bands")
    if focus != baseline:
        marks.append(_median(fan, labels, colour, "scenario"))
    marks.append(_median(base, labels, BASELINE, "baseline", dash=True))
    observed = base.dropna(subset=["observed"])
    if len(observed):
        error = observed["error"].fillna(0)
        ends = observed.assign(low=observed["observed"] - error, high=observed["observed"] + error)
        columns = {labels("column.year"): "year", labels("fans.observed"): "said"}
        texts = [f"{plain(a)} ± {plain(more)}" for a, more in zip(observed["observed"], error, strict=True)]
        dots = observed.assign(x=observed["year"], y=observed["observed"], said=texts)
        bars = spans(ends, "low", "high", "year", upright=True)
        marks.append(Mark("segments", bars, INK, "observed", width=0.8))
        marks.append(Mark("points", dots, INK, "observed", columns, size=2.8))
    return marks


def _median(rows: pd.DataFrame, labels: Labels, colour: str, name: str, dash: bool = False) -> Mark:
    texts = [f"{plain(m)} [{plain(a)}, {plain(b)}]" for m, a, b in rows[["q50", "q05", "q95"]].to_numpy()]
    scenario = [labels.scenario(str(one)) for one in rows["scenario"]]
    data = rows.assign(x=rows["year"], y=rows["q50"], said=texts, scenario=scenario)
    hover = {labels("column.scenario"): "scenario", labels("column.year"): "year"}
    hover |= {labels("fans.said"): "said"}
    return Mark("line", data, colour, name, hover, width=1.1 if dash else 1.4, dash=dash)


def _fan_keys(table: pd.DataFrame, labels: Labels, colour: str, scenario: str | None) -> Sequence[Key]:
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
    if kind not in SMALL_KINDS:
        return labels("fans.assumption", kind=name)
    start, year = int(table["year"].min()), int(table["year"].max())
    ends = table.pivot_table(index="dimension", columns="year", values="q50")
    rise = int((ends[year] > ends[start]).sum())
    survey = table.dropna(subset=["observed"])
    if survey.empty:
        return labels("fans.unobserved", kind=name, rise=rise, start=start, year=year)
    inside = int(survey["observed"].between(survey["q05"], survey["q95"]).sum())
    return labels(
        "fans.covered", kind=name, rise=rise, start=start, year=year, inside=inside, all=len(survey)
    )


def _moved(change: pd.DataFrame, labels: Labels, kind: str, scenario: str, year: int) -> str:
    clear = change[change["outcome"].isin(DIMENSIONS) & (change["clear"] != 0)]
    words = {"kind": labels.name("kind", kind), "scenario": safe(labels.scenario(scenario)), "year": year}
    if clear.empty:
        return labels("fans.unmoved", **words)
    most = clear.iloc[int(clear["median"].abs().argmax())]
    dimension = labels.inside(labels.name("dimension", most["outcome"]))
    return labels("fans.moved", **words, count=len(clear), dimension=dimension, effect=signed(most["median"]))


@figure("fans", place=20, tables=("scores",), brief=True)
def fan_plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """A fan a kind of bank; a brief shows city banks and rural institutions."""
    kinds = set(study.surveyed["bank_kind"])
    return [_plan(study, labels, kind) for kind in (BRIEF if brief else KINDS) if kind in kinds]


def _plan(study: StudyTables, labels: Labels, kind: str) -> Plan:
    focus = study.focus
    scores = study.surveyed[study.surveyed["bank_kind"] == kind]
    survey = observed_scores(study.data, study.settings)
    survey = survey[survey["bank_kind"] == kind]
    base = study.pairs.get(focus or "", study.baseline)
    words = {"kind": labels.name("kind", kind), "scenario": labels.scenario(focus or base)}
    caption = labels("fans.scenario_name" if focus else "fans.name", **words)
    coverage = _coverage_note(scores[scores["scenario"] == base], survey, labels)
    note = coverage if kind in SMALL_KINDS else labels("note.large")
    effects = study.effects
    mine = effects[(effects["scenario"] == focus) & (effects["bank_kind"] == kind)]
    change = paired_summary(mine, ["outcome"]) if focus else None
    return Plan(
        f"fans_{kind}", caption, lambda: fans(scores, survey, labels, kind, base, focus, change), note
    )


def _coverage_note(scores: pd.DataFrame, survey: pd.DataFrame, labels: Labels) -> str:
    """How many observed scores the baseline's bands hold, and the break in the questionnaire."""
    both = scores.merge(survey, on=["dimension", "year"])
    inside = int(both["score"].between(both["q05"], both["q95"]).sum())
    coverage = labels("fans.held", inside=inside, all=len(both)) if len(both) else ""
    return labels.sentences([coverage, labels("fans.note")])


SHOWN = 6  # items; the table of items has all of them
ITEM_COLUMNS = [
    "scenario", "quarter", "bank_kind", "item", "rung", "share", "share_low", "share_high", "effect",
    "effect_low", "effect_high",
]  # fmt: skip


def adoption(items: pd.DataFrame, labels: Labels, baseline: str, scenario: str | None) -> Chart:
    """A panel an item: its mean level on the whole ladder, by kind of bank, under a scenario and the baseline.

    Parameters
    ----------
    items
        Rows of ``items`` of rung 0, the level: `ITEM_COLUMNS`; of the items to show, in their order.
    labels
        The language, and the names of scenarios.
    baseline, scenario
        Names; without a scenario the baseline is drawn alone.
    """
    focus = scenario or baseline
    kinds = [kind for kind in KIND_COLOURS if kind in set(items["bank_kind"]) and kind != "all"]
    table = items[items["scenario"].isin([focus, baseline]) & items["bank_kind"].isin(kinds)]
    table = table.assign(x=table["quarter"].str[:4].astype(float), y=table["share"])
    low, high = float(table["x"].min()), float(table["x"].max())
    x = Axis(ticks=years(low, high, 4), low=low - 0.2, high=high + 0.2)
    y = Axis(labels("adoption.axis"), low=0, high=100)
    names = list(dict.fromkeys(items["item"]))
    panels = []
    for item in names:
        lines = _lines(table[table["item"] == item], kinds, labels, focus, baseline)
        panels.append(Panel(lines, safe(labels.outcome(f"item:{item}")), x, y, tall=200))
    keys = [Key(labels.name("kind", kind), KIND_COLOURS[kind], "line", kind) for kind in kinds]
    title = _title(items, labels, focus, scenario)
    height = 0.9 + 1.45 * -(-len(panels) // 3)
    return Chart(title, panels, items, height, min(3, len(panels)), share=True, keys=keys)


def _lines(rows: pd.DataFrame, kinds: list[str], labels: Labels, focus: str, baseline: str) -> list[Mark]:
    marks = []
    for kind in kinds:
        for name in dict.fromkeys((baseline, focus)):
            mine = rows[(rows["bank_kind"] == kind) & (rows["scenario"] == name)]
            ends = mine[["share", "share_low", "share_high"]].to_numpy()
            texts = [f"{plain(m, 0)} [{plain(a, 0)}, {plain(b, 0)}]" for m, a, b in ends]
            data = mine.assign(said=texts, kind=labels.name("kind", kind), named=labels.scenario(name))
            keys = ("column.kind", "column.scenario", "column.year", "adoption.axis")
            hover = dict(zip(map(labels, keys), ("kind", "named", "quarter", "said"), strict=True))
            dash = name == baseline != focus
            width = 0.9 if dash else 1.5
            marks.append(Mark("line", data, KIND_COLOURS[kind], kind, hover, width=width, dash=dash))
    return marks


def _title(items: pd.DataFrame, labels: Labels, focus: str, scenario: str | None) -> str:
    last = items["quarter"].max()
    ends = items[(items["scenario"] == focus) & (items["quarter"] == last) & (items["bank_kind"] == "all")]
    if scenario and len(ends) and ends["effect"].abs().max() > 0:
        most = ends.iloc[int(ends["effect"].abs().argmax())]
        name = labels.inside(labels.outcome(f"item:{most['item']}"))
        facts = {"scenario": safe(labels.scenario(scenario)), "effect": signed(float(most["effect"]))}
        return labels("adoption.title", year=last[:4], item=name, **facts)
    return labels("adoption.plain", scenario=labels.scenario(focus))


@figure("adoption", place=14, tables=("items",), group="moves")
def adoption_plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """The items that the scenario in focus moves most, its targets first; where it moves none, those that grow most."""
    rows = study.table("items", ITEM_COLUMNS, rung=0)
    aims = study.table("paths", ["outcome"], role="target", scenario=study.focus or "")
    targets = [name.removeprefix("item:") for name in aims["outcome"] if name.startswith("item:")]
    chosen = items_to_show(rows, targets, study.baseline, study.focus)
    order = {item: place for place, item in enumerate(chosen)}
    mine = rows[rows["item"].isin(chosen)]
    mine = mine.sort_values("item", key=lambda names: names.map(order), kind="stable")
    name = labels("adoption.name", scenario=labels.scenario(study.focus or study.baseline))
    draw = lambda: adoption(mine, labels, study.baseline, study.focus)  # noqa: E731
    return [Plan("adoption", name, draw, labels("adoption.note"))]


def items_to_show(
    rows: pd.DataFrame, targets: Sequence[str], baseline: str, scenario: str | None
) -> list[str]:
    """Items that a scenario aims at, then those that it moves at the end, the most first; without any, those that grow.

    Parameters
    ----------
    rows
        As of `adoption`, of every item.
    targets
        Items that the scenario aims at.
    baseline, scenario
        Names.
    """
    small = rows[rows["bank_kind"] == "all"]
    end = small[(small["scenario"] == scenario) & (small["quarter"] == small["quarter"].max())]
    size = end.set_index("item")["effect"].abs().sort_values(ascending=False, kind="stable")
    items = list(dict.fromkeys([*targets, *size.index[size > 0]]))
    if not items:
        base = small[small["scenario"] == baseline]
        base = base.pivot_table(index="item", columns="quarter", values="share", observed=True)
        grown = (base.iloc[:, -1] - base.iloc[:, 0]).sort_values(ascending=False, kind="stable")
        items = list(map(str, grown.index))
    return items[:SHOWN]


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
    significant = side(targets["end_low"], targets["end_high"]) != 0
    size = targets["end"].abs() * targets["outcome"].map(scale)
    chosen = targets if len(targets) <= MOST else targets.iloc[np.lexsort((-size, ~significant))[:MOST]]
    panels = [_target(line, bands, labels) for line in chosen.to_dict("records")]
    clear = targets[significant]
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
    placed = mine.assign(y=mine["q50"], said=texts)
    marks = [rule(0.0, upright=False)]
    marks += [Mark("band", placed.assign(low=placed[low], high=placed[high]), colour, "bands", alpha=alpha)
              for low, high, alpha in BANDS]  # fmt: skip
    hover = {labels("column.quarter"): "quarter", labels("scoreboard.effect"): "said"}
    marks.append(Mark("line", placed, colour, "median", hover))
    low, high = float(mine["x"].min()), float(mine["x"].max())
    prior = pd.DataFrame(
        {"x": high + 0.55, "low": line["prior_low"], "high": line["prior_high"]}, [0]
    ).dropna()
    prior = prior.assign(said=[f"{signed(a)} – {signed(b)}" for a, b in prior[["low", "high"]].to_numpy()])
    tip = {labels("paths.prior"): "said"}
    bar = spans(prior, "low", "high", "x", upright=True)
    marks.append(Mark("segments", bar, GREY, "prior", tip, width=3.0))
    y = labels.outcome(outcome, kind)
    title = safe(labels.scenario(name))
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
        heading = labels("paths.gap_change")
        panels.append(_gap_panel(effect, colours, baseline, banded, labels, heading, signed))
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
        texts = [f"{write(m)} [{write(a)}, {write(b)}]" for m, a, b in mine[["q50", "q05", "q95"]].to_numpy()]
        placed = mine.assign(x=mine["quarter"].map(quarter_place), y=mine["q50"], said=texts)
        placed = placed.assign(low=placed["q05"], high=placed["q95"], named=labels.scenario(name))
        switch, width = (OTHERS, 0.7) if colour == GREY else (name, 1.4)
        if name in banded:
            marks.append(Mark("band", placed, colour, switch, alpha=0.13))
        hover = {labels("column.scenario"): "named", labels("column.quarter"): "quarter", axis: "said"}
        marks.append(Mark("line", placed, colour, switch, hover, width=width, dash=name == baseline))
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
        placed = pd.DataFrame([line]).assign(
            x=line["cost"], y=line["median"], named=labels.scenario(name), paid=labels.balance(float(line["cost"])),
            said=f"{signed(line['median'])} [{signed(line['low90'])}, {signed(line['high90'])}]",
            each=labels.money(line["price"]),
        )  # fmt: skip
        hover = {labels("column.scenario"): "named", labels("plane.cost"): "paid", labels("scoreboard.effect"): "said",
                 labels("column.price"): "each"}  # fmt: skip
        bar, fill = spans(placed, "low90", "high90", "x", upright=True), "" if line["clear"] else "#ffffff"
        marks.append(Mark("segments", bar, colour, switch, width=1.4))
        marks.append(Mark("points", placed, colour, switch, hover, size=6, fill=fill, width=1.4))
    low, high = extent([0.0, *board["cost"]], 0.08)
    ticks = steps(low, high, labels.money)
    clear = board[(board["clear"] > 0) & (board["cost"] > 0)]
    title = labels("plane.unpriced", count=len(clear), all=len(board)) if len(clear) else labels("plane.none")
    if len(priced := clear.dropna(subset=["price"])):
        best = priced.sort_values("price").iloc[0]
        scenario = safe(labels.scenario(str(best["scenario"])))
        title = labels("plane.title", scenario=scenario, price=labels.money(best["price"]))
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
    sentence = labels("paths.gap_note", banded=BANDED)
    note = labels.sentences([_ranked(bands["scenario"].nunique() - 1, labels), sentence])
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
