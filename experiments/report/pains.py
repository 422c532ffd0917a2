"""The ten pain points as diagnostics: how bad they are by kind and year, and what a scenario changes."""

from agents.honeycomb import KINDS
from experiments.labels import Labels, plain
from experiments.report.embed import data_link
from experiments.report.levels import pains
from experiments.report.material import Material
from experiments.report.table import Cell, Table, interval
from experiments.results.statistics import lookup, paired_summary

NUMBERS = range(1, 11)


def pain_levels(material: Material, labels: Labels, every: list[int]) -> Table | None:
    """Pain points of the baseline by kind, at the start, the last observed year and the end; None without data.

    ``every`` are the years of the study.
    """
    years = sorted({every[0], 2023 if 2023 in every else every[len(every) // 2], every[-1]})
    table = pains(material, every)
    if table.empty:
        return None
    middle = lookup(table, ["outcome", "bank_kind", "year"])
    kinds = [kind for kind in KINDS if kind in set(table["bank_kind"])]
    rows = []
    for number in NUMBERS:
        lines = [middle.get((f"pain_{number}", kind, year)) for kind in kinds for year in years]
        cells = [
            Cell(plain(line["q50"], 0), shade=line["q50"] / 100) if line else Cell("–") for line in lines
        ]
        rows.append([Cell(f"{number}. {labels(f'pain.{number}')}"), *cells])
    head = [labels("column.pain"), *(f"’{year % 100:02d}" for _ in kinds for year in years)]
    groups = [("", 1), *((labels.name("kind", kind), len(years)) for kind in kinds)]
    note = labels("note.pains", scenario=labels.scenario(material.baseline))
    return Table(head, rows, note, csv=data_link(table), groups=groups, wide=True)


def pain_effects(material: Material, labels: Labels, focus: str) -> Table | None:
    """What the scenario in focus changes in each pain point, by kind; None without data."""
    mine = material.effects[material.effects["scenario"] == focus]
    mine = mine[mine["outcome"].str.startswith("pain_") & mine["bank_kind"].isin(KINDS)]
    if mine.empty:
        return None
    summary = paired_summary(mine, ["outcome", "bank_kind"])
    cells = lookup(summary, ["outcome", "bank_kind"])
    rows = []
    for number in NUMBERS:
        keys = [(f"pain_{number}", kind) for kind in KINDS]
        rows.append(
            [Cell(f"{number}. {labels(f'pain.{number}')}"), *(interval(cells.get(key)) for key in keys)]
        )
    head = [labels("column.pain"), *(labels.name("kind", kind) for kind in KINDS)]
    note = labels("note.pain_effects", scenario=labels.scenario(focus), quarter=material.quarter)
    return Table(head, rows, note, csv=data_link(summary))
