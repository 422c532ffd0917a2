"""The tables of the section on the own bank."""

import pandas as pd

from agents.honeycomb import DIMENSIONS
from experiments import own_bank
from experiments.labels import Labels, percent, plain, signed
from experiments.report.embed import data_link
from experiments.report.laboratory import words
from experiments.report.material import Material
from experiments.report.table import Cell, Table, band, interval
from experiments.results.statistics import lookup, quantiles

MOST = 8  # conditions shown
AGREED = 0.5  # share of resampled boxes that must have a bound
UNITS = {
    **dict.fromkeys(("run_share", "free_budget", "talent"), "percent"),
    **dict.fromkeys(("data_asset", "benefit", "language_model"), "share"),
}
FINE = ("data_asset", "benefit", "free_budget", "language_model")


def scenarios(table: pd.DataFrame, material: Material, labels: Labels) -> Table:
    """Index, place and failure by scenario."""
    failed = lookup(own_bank.failures(table), ["scenario"])
    last = table[(table["variant"] == "plan") & (table["quarter"] == material.quarter)]
    bands = quantiles(
        last.astype({"scenario": str, "outcome": str}), ["scenario", "outcome"], "value", own_bank.LEVELS
    )
    cells = lookup(bands, ["scenario", "outcome"])
    rows = []
    for name in material.scenarios:
        shares = [Cell(percent(failed[name,][key])) for key in ("behind", "exhausted", "either")]
        levels = [band(cells[name, outcome]) for outcome in ("index", "percentile", "run_share")]
        rows.append([Cell(labels.scenario(name)), *levels, *shares])
    head = [labels("column.scenario"), labels("outcome.index"), labels("column.own_percentile")]
    head += [
        labels("outcome.run_share"),
        *(labels(f"column.own_{key}") for key in ("behind", "exhausted", "either")),
    ]
    return Table(
        head, rows, labels("own.scenarios_note"), labels("own.scenarios"), data_link(bands), wide=True
    )


def marginal(mine: pd.DataFrame, labels: Labels) -> Table:
    """Points of the index a million yuan by dimension."""
    gains = own_bank.bottleneck(mine)
    line = lookup(gains, ["dimension"])
    plan = mine[mine["variant"] == "plan"]
    first, last = (plan[plan["quarter"] == edge(plan["quarter"].astype(str))] for edge in (min, max))
    score = [part.groupby("outcome", observed=True)["value"].median() for part in (first, last)]
    rows = [
        [
            Cell(labels.name("dimension", name)),
            *(Cell(plain(part[name])) for part in score),
            interval(line.get((name,)), 2),
        ]
        for name in DIMENSIONS
    ]
    head = [labels(f"column.{key}") for key in ("dimension", "own_start", "own_end", "own_gain")]
    return Table(head, rows, labels("own.marginal_note"), labels("own.marginal"), data_link(gains))


def routes(mine: pd.DataFrame, labels: Labels) -> Table:
    """The four routes to language models."""
    found = own_bank.routes(mine)
    rows = []
    for line in found.to_dict("records"):
        name = labels.name("outcome", f"route_{line['route']}")
        if not line["adopted"]:
            rows.append([Cell(name), Cell(percent(0.0)), *[Cell("–")] * 4, Cell(signed(line["effect"]))])
            continue
        numbers = (
            f"{line['year']:.0f}",
            plain(line["paid"]),
            plain(line["half"]),
            plain(line["maturity"], 0),
            signed(line["effect"]),
        )
        rows.append([Cell(name), Cell(percent(line["adopted"])), *map(Cell, numbers)])
    keys = ("own_route", "own_adopted", "own_year", "own_paid", "own_half", "own_maturity", "effect")
    head = [labels(f"column.{key}") for key in keys]
    return Table(head, rows, labels("own.routes_note"), labels("own.routes"), data_link(found), wide=True)


def early(mine: pd.DataFrame, labels: Labels) -> Table:
    """Leading indicators: today, in a year, and against no change."""
    found = own_bank.early(mine)
    rows = []
    for (name,), line in lookup(found, ["outcome"]).items():
        title = labels.name("dimension" if name in DIMENSIONS else "outcome", name)
        digits = 3 if name in FINE else 1
        ahead = [plain(line[key], digits) for key in ("q05", "q95")]
        later = Cell(plain(line["q50"], digits), interval=f"[{ahead[0]}, {ahead[1]}]")
        start = Cell(plain(line["start"], digits))
        unit = Cell(labels(f"unit.own_{UNITS.get(name, 'points')}"))
        rows.append([Cell(title), unit, start, later, interval(line, digits)])
    head = [
        labels(f"column.{key}") for key in ("outcome", "unit", "own_today", "own_in_a_year", "own_against")
    ]
    return Table(head, rows, labels("own.early_note"), labels("own.early"), data_link(found), wide=True)


def breaks(material: Material, shown: str, labels: Labels) -> Table | None:
    """Parameters that decide about failure."""
    path = material.folder / "own_bank_breaks.parquet"
    if not path.exists():
        return None
    every = pd.read_parquet(path)
    mine = every[every["scenario"].astype(str) == shown]
    rows = []
    for line in mine.head(MOST).to_dict("records"):
        clear = abs(line["difference"]) > 2 * line["error"]
        bounds = "–"
        if line["stability"] >= AGREED:
            bounds = f"{line['low']:.3g} – {line['high']:.3g}"
        shares = [Cell(percent(line[key]), strong=clear) for key in ("fails_low", "fails_high")]
        rows.append([Cell(words.parameter(line["parameter"], labels)), *shares, Cell(bounds)])
    if not rows:
        return None
    first = mine.iloc[0]
    said = {"scenario": labels.scenario(shown), "failure": labels(f"own.failure_{first['failure']}")}
    note = labels("own.breaks_note", coverage=percent(first["coverage"]), count=len(mine), **said)
    head = [labels(f"column.{key}") for key in ("number", "own_low", "own_high", "own_bounds")]
    return Table(head, rows, note, labels("own.breaks"), data_link(every), wide=True)
