"""The tables of the own bank's budget, staff and futures: what share keeps it up, hire or train, what blows do."""

import numpy as np
import pandas as pd

from agents.honeycomb import DIMENSIONS
from experiments import own_bank
from experiments.labels import Labels, percent, plain
from experiments.report.embed import data_link
from experiments.report.laboratory import words
from experiments.report.material import Material, scenario_nodes
from experiments.report.table import Cell, Table, band, interval
from experiments.results.statistics import lookup

ENOUGH = 0.8  # share of runs that counts as keeping up
SHOWN = (*DIMENSIONS, "index", "percentile", "inclusive_share", "budget", "run")
UNITS = {"percentile": "percent", "inclusive_share": "percent", "budget": "money", "run": "money"}


def share(material: Material, labels: Labels) -> Table | None:
    """Chance of keeping up by share of revenue and future."""
    frame = read(material, "own_share")
    if frame.empty:
        return None
    cells = lookup(frame, ["scenario", "spend_ratio"])
    futures = list(frame["scenario"].unique())
    rows = []
    for ratio in sorted(frame["spend_ratio"].unique()):
        own = bool(cells[futures[0], ratio]["own"])
        line = [Cell(f"{100 * ratio:.1f}\N{NO-BREAK SPACE}%", strong=own)]
        for future in futures:
            found = cells[future, ratio]
            line.append(
                Cell(percent(found["keeps_up"]), own, 0.5 * found["keeps_up"], percent(found["exhausted"]))
            )
        rows.append(line)
    head = [labels("column.own_share"), *map(labels.scenario, futures)]
    return Table(head, rows, labels("own.share_note"), labels("own.share"), data_link(frame), wide=True)


def enough(frame: pd.DataFrame) -> float | None:
    """Least share of revenue with which the bank keeps up in `ENOUGH` of runs; None where no share tried does."""
    rows = frame.sort_values("spend_ratio")
    chances = np.maximum.accumulate(rows["keeps_up"].to_numpy())
    if not len(rows) or chances[-1] < ENOUGH:
        return None
    if chances[0] >= ENOUGH:
        return float(rows["spend_ratio"].iloc[0])
    after = int(np.argmax(chances >= ENOUGH))
    ratios, part = rows["spend_ratio"].to_numpy(), slice(after - 1, after + 1)
    return float(np.interp(ENOUGH, chances[part], ratios[part]))


def staff(material: Material, labels: Labels) -> Table | None:
    """Gain of the index by staff."""
    frame = read(material, "own_staff")
    if frame.empty:
        return None
    cells = lookup(frame, ["hired", "trained"])
    trained = sorted(frame["trained"].unique())
    rows = []
    for hired in sorted(frame["hired"].unique()):
        people = cells[hired, trained[0]]["people"]
        start = labels("own.people", more=f"{100 * hired:.0f}", people=plain(people))
        found = [cells.get((hired, part)) for part in trained]
        rows.append([Cell(start), *(words.cell(line, "effect") if line else Cell("–") for line in found)])
    head = [
        labels("column.own_people"),
        *(labels("own.trained", part=f"{100 * part:.0f}") for part in trained),
    ]
    return Table(head, rows, labels("own.staff_note"), labels("own.staff"), data_link(frame))


def maintenance(mine: pd.DataFrame, labels: Labels) -> Table:
    """Run cost in each year's budget."""
    found = own_bank.maintenance(mine)
    rows = [[Cell(labels("outcome.run_share")), *(band(line) for line in lookup(found, ["year"]).values())]]
    head = [labels("column.outcome"), *(str(year) for year in found["year"])]
    return Table(
        head, rows, labels("own.maintenance_note"), labels("own.maintenance"), data_link(found), wide=True
    )


def paid_back(table: pd.DataFrame, material: Material, labels: Labels) -> Table:
    """Share of runs that have paid back by the end of each year."""
    found = own_bank.paid_back_by(table)
    cells, years = lookup(found, ["scenario", "year"]), sorted(found["year"].unique())
    rows = []
    for name in material.scenarios:
        shares = [cells[name, year]["share"] for year in years]
        rows.append(
            [Cell(labels.scenario(name)), *(Cell(percent(part), shade=0.6 * part) for part in shares)]
        )
    head = [labels("column.scenario"), *map(str, years)]
    return Table(head, rows, labels("own.paid_note"), labels("own.paid"), data_link(found), wide=True)


def changes(table: pd.DataFrame, material: Material, labels: Labels) -> list[Table]:
    """What each scenario changes at the bank: blows in one table, policies and reforms in another."""
    found = own_bank.changes(table, material.baseline)
    known = set(found["scenario"])
    blows = [name for name in material.scenarios if name in known and not plays_policy(name, material)]
    reforms = [name for name in material.scenarios if name in known and plays_policy(name, material)]
    parts = (("blows", blows), ("reforms", reforms))
    return [
        _changes(found[found["scenario"].isin(names)], names, kind, labels) for kind, names in parts if names
    ]


def _changes(found: pd.DataFrame, names: list[str], kind: str, labels: Labels) -> Table:
    cells = lookup(found, ["scenario", "outcome"])
    rows = []
    for outcome in SHOWN:
        named = labels.name("dimension" if outcome in DIMENSIONS else "outcome", outcome)
        what = labels(f"column.own_{outcome}") if outcome in UNITS else named
        unit = labels(f"unit.own_{UNITS.get(outcome, 'points')}")
        rows.append([Cell(what), Cell(unit), *(interval(cells.get((name, outcome))) for name in names)])
    head = [labels("column.outcome"), labels("column.unit"), *map(labels.scenario, names)]
    note = labels(f"own.{kind}_note", scenarios=labels("own.changes_note"))
    return Table(head, rows, note, labels(f"own.{kind}"), data_link(found), wide=True)


def read(material: Material, name: str) -> pd.DataFrame:
    """A table of the study's folder; empty when it is not there."""
    path = material.folder / f"{name}.parquet"
    return pd.read_parquet(path) if path.exists() else pd.DataFrame()


def plays_policy(scenario: str, material: Material) -> bool:
    """Whether a scenario plays a policy; the others are futures."""
    nodes = scenario_nodes(material.settings)
    return any(str(node["label"]) == scenario and bool(node.get("policies")) for node in nodes)
