"""Tables of effects: by kind of bank, by dimension, on the other outcomes; and the levels under every scenario."""

import pandas as pd

from agents.honeycomb import DIMENSIONS, KINDS
from experiments.figures.style import percent
from experiments.report.embed import data_link
from experiments.report.labels import Labels
from experiments.report.material import Material
from experiments.report.summary import scoreboard_table
from experiments.report.table import Cell, Table, band, interval
from experiments.statistics import first_share, lookup, paired_summary

HEADLINES = (
    "rural_city_gap", "gini", "p90_p10", "language_model", "free_budget", "budget_exhausted",
    "bad_loans", "vendor_hhi", "export_hhi", "union_dependence",
)  # fmt: skip
SHARES = ("language_model", "budget_exhausted", "union_dependence")  # told in percentage points
FINE = ("gini", "p90_p10", "vendor_hhi", "export_hhi")


def by_kind(material: Material, labels: Labels) -> Table:
    """Effect on the index by scenario and kind, with the chances of a gain and of the first place."""
    index = material.effects[material.effects["outcome"] == "index"]
    summary = paired_summary(index, ["scenario", "bank_kind"])
    cells = lookup(summary, ["scenario", "bank_kind"])
    ranked = scoreboard_table(material)
    first = first_share(material.small, "scenario")
    rows = []
    for (name,), line in lookup(ranked, ["scenario"]).items():
        row = [Cell(labels.scenario(name)), interval(line)]
        row += [interval(cells.get((name, kind))) for kind in KINDS]
        rows.append([*row, Cell(f"{line['probability']:.2f}"), Cell(percent(first.get(name, 0.0)))])
    kinds = [labels.name("kind", kind) for kind in KINDS]
    head = [
        labels("column.scenario"),
        labels("kind.small"),
        *kinds,
        labels("column.probability"),
        labels("column.first"),
    ]
    whole = pd.concat([ranked.assign(bank_kind="small_and_medium"), summary])
    return Table(
        head, rows, labels("note.effects", quarter=material.quarter), csv=data_link(whole), wide=True
    )


def by_dimension(material: Material, labels: Labels, focus: str) -> Table:
    """Effect of one scenario by dimension and kind."""
    mine = material.effects[
        (material.effects["scenario"] == focus) & material.effects["outcome"].isin(DIMENSIONS)
    ]
    summary = paired_summary(mine, ["bank_kind", "outcome"])
    cells = lookup(summary, ["bank_kind", "outcome"])
    rows = [
        [Cell(labels.name("dimension", name)), *(interval(cells.get((kind, name))) for kind in KINDS)]
        for name in DIMENSIONS
    ]
    head = [labels.scenario(focus), *(labels.name("kind", kind) for kind in KINDS)]
    return Table(head, rows, labels("note.effects", quarter=material.quarter), csv=data_link(summary))


def headlines(material: Material, labels: Labels) -> Table:
    """Effects on gaps, adoption, budgets, loans and concentration, over all banks."""
    effects = material.effects
    mine = effects[effects["outcome"].isin(HEADLINES)]
    whole = mine[mine["bank_kind"] == "all"]
    summary = paired_summary(whole, ["outcome", "scenario"])
    cells = lookup(summary, ["outcome", "scenario"])
    rows = []
    for name in HEADLINES:
        if name not in set(summary["outcome"]):
            continue
        scale = 100.0 if name in SHARES else 1.0
        digits = 3 if name in FINE else 1 if name in (*SHARES, "rural_city_gap") else 2
        row = [interval(cells.get((name, scenario)), digits, scale) for scenario in material.policies]
        unit = "%" if name in SHARES else ""
        rows.append([Cell(labels.name("outcome", name) + (f" ({unit})" if unit else "")), *row])
    head = [labels("column.outcome"), *(labels.scenario(name) for name in material.policies)]
    return Table(
        head, rows, labels("note.outcomes", quarter=material.quarter), csv=data_link(summary), wide=True
    )


def levels(material: Material, labels: Labels, found: pd.DataFrame) -> Table:
    """The mean of the six by scenario and kind, at the last observed year and at the end."""
    index = lookup(found[found["outcome"] == "index"], ["scenario", "bank_kind", "year"])
    rows = []
    for scenario in material.scenarios:
        for year in sorted(found["year"].unique()):
            keys = [(scenario, kind, year) for kind in KINDS]
            cells = [band(index[key]) if key in index else Cell("–") for key in keys]
            rows.append([Cell(f"{labels.scenario(scenario)}, {year}"), *cells])
    head = [labels("column.scenario"), *(labels.name("kind", kind) for kind in KINDS)]
    return Table(head, rows, labels("note.levels"), csv=data_link(found), wide=True)
