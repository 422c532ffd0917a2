"""Tables of effects: by kind of bank, by dimension, on the other outcomes; and the levels under every scenario."""

from typing import Any

import pandas as pd

from agents.honeycomb import DIMENSIONS, KINDS
from experiments.analysis.outcome import HEADLINES
from experiments.labels import Labels, chance, percent, signed
from experiments.report.embed import data_link
from experiments.report.focus import scoreboard_table
from experiments.report.laboratory import words
from experiments.report.material import Material
from experiments.report.table import Cell, Table, band, interval
from experiments.results.statistics import first_share, lookup, paired_summary

SIDE_BY_SIDE = (
    "rural_city_gap",
    "gini",
    "p90_p10",
    "language_model",
    "free_budget",
    "bad_loans",
    "export_hhi",
)


def by_kind(material: Material, labels: Labels) -> Table:
    """Effect on the index by scenario and kind, with the chances of a gain and of the first place."""
    index = material.effects[material.effects["outcome"] == "index"]
    index = index[index["bank_kind"] != "all"]  # the first column, from the scoreboard
    summary = paired_summary(index, ["scenario", "bank_kind"])
    cells = lookup(summary, ["scenario", "bank_kind"])
    ranked = scoreboard_table(material)
    first = first_share(material.small, "scenario")
    rows = []
    for (name,), line in lookup(ranked, ["scenario"]).items():
        row = [Cell(labels.scenario(name)), interval(line)]
        row += [interval(cells.get((name, kind))) for kind in KINDS]
        rows.append([*row, Cell(chance(line["probability"])), Cell(percent(first.get(name, 0.0)))])
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


def every_output(material: Material, labels: Labels, focus: str) -> Table:
    """Every output under one scenario: median, 50 and 90 % bands, and the chance of a rise."""
    effects = material.effects
    asked = {(name, kind) for name, kind in HEADLINES}
    pairs = zip(effects["outcome"], effects["bank_kind"], strict=True)
    summary = paired_summary(effects[[pair in asked for pair in pairs]], ["scenario", "outcome", "bank_kind"])
    cells: dict[Any, Any] = lookup(summary, ["scenario", "outcome", "bank_kind"])
    rows = []
    for name, kind in HEADLINES:
        line = cells.get((focus, name, kind))
        if line is None:
            continue
        number, scale = words.digits(name), words.scale(name)
        inner, outer = (Cell(_ends(line, mass, scale, number)) for mass in (50, 90))
        middle = interval(line, number, scale)._replace(interval="")
        rows.append(
            [Cell(words.outcome(name, kind, labels)), middle, inner, outer, Cell(chance(line["probability"]))]
        )
    keys = ("median", "half", "ninety", "rise")
    head = [labels.scenario(focus), *(labels(f"column.{key}") for key in keys)]
    note = labels("note.every_output", quarter=material.quarter)
    return Table(head, rows, note, labels("column.every_output"), csv=data_link(summary))


def _ends(line: Any, mass: int, scale: float, number: int) -> str:
    low, high = (signed(scale * line[f"{end}{mass}"], number) for end in ("low", "high"))
    return f"[{low},\N{NO-BREAK SPACE}{high}]"


def headlines(material: Material, labels: Labels) -> Table:
    """Effects of every scenario on gaps, adoption, budgets, loans and concentration, over all banks."""
    effects = material.effects
    whole = effects[effects["outcome"].isin(SIDE_BY_SIDE) & (effects["bank_kind"] == "all")]
    summary = paired_summary(whole, ["scenario", "outcome"])
    cells = lookup(summary, ["scenario", "outcome"])
    names = [name for name in SIDE_BY_SIDE if name in set(summary["outcome"])]
    rows = []
    for scenario in material.policies:
        row = [
            interval(cells.get((scenario, name)), min(words.digits(name), 3), words.scale(name))
            for name in names
        ]
        rows.append([Cell(labels.scenario(scenario)), *row])
    told = [labels.name("outcome", name) + words.unit(name, labels) for name in names]
    note = labels("note.outcomes", quarter=material.quarter)
    return Table([labels("column.scenario"), *told], rows, note, csv=data_link(summary), wide=True)


def levels(material: Material, labels: Labels, found: pd.DataFrame) -> Table:
    """The mean of the six by scenario and kind at the end, and for baselines at the last observed year as well."""
    index = lookup(found[found["outcome"] == "index"], ["scenario", "bank_kind", "year"])
    years, bases = sorted(found["year"].unique()), {material.baseline, *material.pairs.values()}
    rows = []
    for scenario in material.scenarios:
        for year in years if scenario in bases else years[-1:]:
            keys = [(scenario, kind, year) for kind in KINDS]
            cells = [band(index[key]) if key in index else Cell("–") for key in keys]
            rows.append([Cell(f"{labels.scenario(scenario)}, {year}"), *cells])
    head = [labels("column.scenario"), *(labels.name("kind", kind) for kind in KINDS)]
    return Table(head, rows, labels("note.levels"), csv=data_link(found), wide=True)
