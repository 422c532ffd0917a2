"""Effects: what moves, for whom, how surely, in tables and figures; levels and pain points, and what changes them."""

from collections.abc import Iterable, Iterator

import pandas as pd

from agents.honeycomb import DIMENSIONS, KINDS
from experiments.analysis.outcome import HEADLINES
from experiments.figures.source import PAINS
from experiments.labels.numbers import chance, digits, percent, plain, scale, signed
from experiments.report.registry import Block, Page, section
from experiments.report.tables import DASH, Cell, Line, Table, ends, interval, level, texts
from experiments.results.statistics import first_share, lookup, paired_summary

ROWS = 10  # scenarios in a brief
SIDE_BY_SIDE = (
    "rural_city_gap", "gini", "p90_p10", "language_model", "free_budget", "bad_loans", "export_hhi",
)  # fmt: skip


@section("effects", place=50, brief=40, tables=("effects",))
def effects(page: Page) -> Iterator[Block]:
    """By kind of bank, and, in the report, every output and dimension of the scenario in focus and all side by side."""
    if page.study.focus is None:
        return
    yield by_kind(page)
    if not page.brief:
        tables = (every_output(page), by_dimension(page), side_by_side(page))
        yield from (table for table in tables if table.rows)


def by_kind(page: Page) -> Table:
    """Effect on the index by scenario and kind, with the chances of a gain and of the first place."""
    study, labels = page.study, page.labels
    index = study.effects[(study.effects["outcome"] == "index") & study.effects["bank_kind"].isin(KINDS)]
    summary = paired_summary(index, ["scenario", "bank_kind"])
    cells = lookup(summary, ["scenario", "bank_kind"])
    ranked, first = study.scoreboard, first_share(study.index)
    rows = []
    for line in ranked.to_dict("records"):
        name = line["scenario"]
        kinds = [interval(cells.get((name, kind))) for kind in KINDS]
        ends = [Cell(chance(line["probability"])), Cell(percent(first.get(name, 0.0)))]
        rows.append([Cell(labels.scenario(name)), interval(line), *kinds, *ends])
    kinds_named = [labels.name("kind", kind) for kind in ("small", *KINDS)]
    head = [labels("column.scenario"), *kinds_named, labels("column.probability"), labels("column.first")]
    whole = pd.concat([ranked.assign(bank_kind="small_and_medium"), summary])
    note = labels("note.effects", quarter=labels.quarter(study.quarter))
    if page.brief and len(rows) > ROWS:
        note = labels.sentences([note, labels("note.scoreboard_most", most=ROWS, count=len(rows))])
        rows = rows[:ROWS]
    return Table(head, rows, note, data=whole, wide=True)


def by_dimension(page: Page) -> Table:
    """Effect of the scenario in focus by dimension and kind."""
    study, labels, effects = page.study, page.labels, page.study.effects
    mine = effects[(effects["scenario"] == study.focus) & effects["outcome"].isin(DIMENSIONS)]
    summary = paired_summary(mine[mine["bank_kind"].isin(KINDS)], ["bank_kind", "outcome"])
    cells = lookup(summary, ["bank_kind", "outcome"])
    rows = [[Cell(labels.name("dimension", name)), *(interval(cells.get((kind, name))) for kind in KINDS)]
            for name in DIMENSIONS]  # fmt: skip
    head = [labels.scenario(study.focus or ""), *(labels.name("kind", kind) for kind in KINDS)]
    return Table(head, rows, labels("note.effects", quarter=labels.quarter(study.quarter)), data=summary)


def every_output(page: Page) -> Table:
    """Every output under the scenario in focus: median, 50 and 90 % bands, and the chance of a rise."""
    study, labels = page.study, page.labels
    pairs = zip(study.effects["outcome"], study.effects["bank_kind"], strict=True)
    keys = ["scenario", "outcome", "bank_kind"]
    summary = paired_summary(study.effects[[pair in HEADLINES for pair in pairs]], keys)
    cells = lookup(summary, keys)
    rows = []
    for name, kind in HEADLINES:
        line = cells.get((study.focus, name, kind))
        if line is not None:
            middle = interval(line, digits(name), scale(name))._replace(interval="")
            bands = [Cell(_band(line, mass, name)) for mass in (50, 90)]
            rows.append([Cell(labels.outcome(name, kind)), middle, *bands, Cell(chance(line["probability"]))])
    named = ("median", "half", "ninety", "rise")
    head = [labels.scenario(study.focus or ""), *(labels(f"column.{key}") for key in named)]
    note = labels("note.every_output", quarter=labels.quarter(study.quarter))
    return Table(head, rows, note, labels("column.every_output"), data=summary)


def _band(line: Line, mass: int, name: str) -> str:
    low, high = (signed(scale(name) * line[f"{end}{mass}"], digits(name)) for end in ("low", "high"))
    return ends(low, high).replace(" ", "\N{NO-BREAK SPACE}")


def side_by_side(page: Page) -> Table:
    """Effects of every scenario on gaps, adoption, budgets, loans and concentration, over all banks."""
    study, labels, effects = page.study, page.labels, page.study.effects
    whole = effects[effects["outcome"].isin(SIDE_BY_SIDE) & (effects["bank_kind"] == "all")]
    summary = paired_summary(whole, ["scenario", "outcome"])
    cells = lookup(summary, ["scenario", "outcome"])
    names = [name for name in SIDE_BY_SIDE if name in set(summary["outcome"])]
    rows = []
    for scenario in study.policies:
        lines = [(name, cells.get((scenario, name))) for name in names]
        numbers = [interval(line, min(digits(name), 3), scale(name)) for name, line in lines]
        rows.append([Cell(labels.scenario(scenario)), *numbers])
    heads = [labels.name("outcome", name) + labels.unit_of_effect(name) for name in names]
    note = labels("note.outcomes", quarter=labels.quarter(study.quarter))
    return Table([labels("column.scenario"), *heads], rows, note, data=summary, wide=True)


@section("levels", place=70)
def levels(page: Page) -> Iterator[Block]:
    """The mean of the six by scenario and kind at the end, and for baselines at the last observed year as well."""
    study, labels, frame = page.study, page.labels, page.study.levels
    index = lookup(frame[frame["outcome"] == "index"], ["scenario", "bank_kind", "year"])
    years, bases = sorted(frame["year"].unique()), {study.baseline, *study.pairs.values()}
    rows, comma = [], "，" if labels.chinese else ", "
    for scenario in study.scenarios:
        for year in years if scenario in bases else years[-1:]:
            lines = [index.get((scenario, kind, year)) for kind in KINDS]
            cells = [level(line) if line else DASH for line in lines]
            rows.append([Cell(f"{labels.scenario(scenario)}{comma}{year}"), *cells])
    head = [labels("column.scenario"), *(labels.name("kind", kind) for kind in KINDS)]
    yield Table(head, rows, labels("note.levels"), data=frame, wide=True)


@section("figures", place=60, brief=30)
def figures(page: Page) -> Iterable[Block]:
    """Every registered figure that the study has tables for; a brief shows those it has room for."""
    return page.figures("figures")


@section("diagnostics", place=80)
def diagnostics(page: Page) -> Iterator[Block]:
    """Pain points of the baseline by kind over the years, and the change under the scenario in focus."""
    yield from (table for table in (pains(page), pain_changes(page)) if table)


def pains(page: Page) -> Table | None:
    """Pain points of the baseline by kind, at the start, the last observed year and the end; None without data."""
    study, labels = page.study, page.labels
    every = sorted(int(year) for year in study.surveyed["year"].unique())
    years = sorted({every[0], 2023 if 2023 in every else every[len(every) // 2], every[-1]})
    table = study.diagnostics(every)
    if table.empty:
        return None
    middle = lookup(table, ["outcome", "bank_kind", "year"])
    kinds = [kind for kind in KINDS if kind in set(table["bank_kind"])]
    rows = []
    for pain in PAINS:
        lines = [middle.get((pain, kind, year)) for kind in kinds for year in years]
        cells = [Cell(plain(line["q50"], 0), shade=line["q50"] / 100) if line else DASH for line in lines]
        rows.append([*_named(pain, page), *cells])
    head = [labels("column.pain"), *(f"’{year % 100:02d}" for _ in kinds for year in years)]
    groups = [("", 1), *((labels.name("kind", kind), len(years)) for kind in kinds)]
    note = labels("note.pains", scenario=labels.under(study.baseline))
    return Table(head, rows, note, data=table, groups=groups, wide=True)


def pain_changes(page: Page) -> Table | None:
    """What the scenario in focus changes in each pain point, by kind; None without data."""
    study, labels, effects = page.study, page.labels, page.study.effects
    mine = effects[(effects["scenario"] == study.focus) & effects["outcome"].isin(PAINS)]
    mine = mine[mine["bank_kind"].isin(KINDS)]
    if study.focus is None or mine.empty:
        return None
    summary = paired_summary(mine, ["outcome", "bank_kind"])
    cells = lookup(summary, ["outcome", "bank_kind"])
    rows = [[*_named(pain, page), *(interval(cells.get((pain, kind))) for kind in KINDS)] for pain in PAINS]
    head = page.heads("pain", *(f"kind.{kind}" for kind in KINDS))
    facts = {"scenario": labels.scenario(study.focus), "quarter": labels.quarter(study.quarter)}
    return Table(head, rows, labels("note.pain_effects", **facts), data=summary)


def _named(pain: str, page: Page) -> list[Cell]:
    return texts(f"{pain.removeprefix('pain_')}. {page.labels.outcome(pain)}")
