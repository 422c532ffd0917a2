"""The ten pain points as diagnostics: how bad they are by kind and year, and what a scenario changes."""

from collections.abc import Iterator

from agents.honeycomb import KINDS
from experiments.figures.source import PAINS
from experiments.labels.numbers import plain
from experiments.report.registry import Block, Page, section
from experiments.report.tables import DASH, Cell, Table, interval, texts
from experiments.results.statistics import lookup, paired_summary


@section("diagnostics", place=80)
def diagnostics(page: Page) -> Iterator[Block]:
    """Pain points of the baseline by kind over the years, and the change under the scenario in focus."""
    yield from (table for table in (levels(page), changes(page)) if table)


def levels(page: Page) -> Table | None:
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


def changes(page: Page) -> Table | None:
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
