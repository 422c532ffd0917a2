"""The tables of the section on the own bank: scenarios, money, routes, shares, staff, blows and reforms, conditions."""

import numpy as np
import pandas as pd

from agents.honeycomb import DIMENSIONS
from experiments.figures.source import StudyTables
from experiments.labels import Labels
from experiments.labels.numbers import percent, plain, signed
from experiments.own_bank import answers
from experiments.report.tables import Cell, Table, effect, interval, level
from experiments.results.statistics import ENDS, lookup, quantiles

MOST = 8  # conditions shown
AGREED = 0.5  # share of resampled boxes that must have a bound
UNIT_EARLY = {
    **dict.fromkeys(("run_share", "free_budget", "talent"), "percent"),
    **dict.fromkeys(("data_asset", "benefit", "language_model"), "share"),
}
FINE = ("data_asset", "benefit", "free_budget", "language_model")
ENOUGH = 0.8  # share of runs that counts as keeping up
SHOWN = (*DIMENSIONS, "index", "percentile", "inclusive_share", "budget", "run")
UNIT_CHANGED = {"percentile": "percent", "inclusive_share": "percent", "budget": "money", "run": "money"}


def scenarios(table: pd.DataFrame, study: StudyTables, labels: Labels) -> Table:
    """Index, place and failure by scenario."""
    failed = lookup(answers.failures(table), ["scenario"])
    last = table[(table["variant"] == "plan") & (table["quarter"] == study.quarter)]
    bands = quantiles(last.astype({"scenario": str, "outcome": str}), ["scenario", "outcome"], "value", ENDS)
    cells = lookup(bands, ["scenario", "outcome"])
    rows = []
    for name in study.scenarios:
        shares = [Cell(percent(failed[name,][key])) for key in ("behind", "exhausted", "either")]
        levels = [level(cells[name, outcome]) for outcome in ("index", "percentile", "run_share")]
        rows.append([Cell(labels.scenario(name)), *levels, *shares])
    head = [labels("column.scenario"), labels("outcome.index"), labels("column.own_percentile")]
    head += [
        labels("outcome.run_share"),
        *(labels(f"column.own_{key}") for key in ("behind", "exhausted", "either")),
    ]
    return Table(head, rows, labels("own.scenarios_note"), labels("own.scenarios"), bands, wide=True)


def marginal(mine: pd.DataFrame, labels: Labels) -> Table:
    """Points of the index a million yuan by dimension."""
    gains = answers.bottleneck(mine)
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
    return Table(head, rows, labels("own.marginal_note"), labels("own.marginal"), gains)


def routes(mine: pd.DataFrame, labels: Labels) -> Table:
    """The four routes to language models."""
    found = answers.routes(mine)
    rows = []
    for line in found.to_dict("records"):
        name = labels.name("outcome", f"route_{line['route']}")
        if not line["adopted"]:
            rows.append([Cell(name), Cell(percent(0.0)), *[Cell("–")] * 4, Cell(signed(line["effect"]))])
            continue
        numbers = (
            f"{line['year']:.0f}",
            labels.money(line["paid"]),
            plain(line["half"]),
            plain(line["maturity"], 0),
            signed(line["effect"]),
        )
        rows.append([Cell(name), Cell(percent(line["adopted"])), *map(Cell, numbers)])
    keys = ("own_route", "own_adopted", "own_year", "own_paid", "own_half", "own_maturity", "effect")
    head = [labels(f"column.{key}") for key in keys]
    return Table(head, rows, labels("own.routes_note"), labels("own.routes"), found, wide=True)


def early(mine: pd.DataFrame, labels: Labels) -> Table:
    """Leading indicators: today, in a year, and against no change."""
    found = answers.early(mine)
    rows = []
    for (name,), line in lookup(found, ["outcome"]).items():
        title = labels.name("dimension" if name in DIMENSIONS else "outcome", name)
        digits = 3 if name in FINE else 1
        ahead = [plain(line[key], digits) for key in ("q05", "q95")]
        later = Cell(plain(line["q50"], digits), interval=f"[{ahead[0]}, {ahead[1]}]")
        start = Cell(plain(line["start"], digits))
        unit = Cell(labels(f"unit.own_{UNIT_EARLY.get(name, 'points')}"))
        rows.append([Cell(title), unit, start, later, interval(line, digits)])
    head = [
        labels(f"column.{key}") for key in ("outcome", "unit", "own_today", "own_in_a_year", "own_against")
    ]
    return Table(head, rows, labels("own.early_note"), labels("own.early"), found, wide=True)


def breaks(study: StudyTables, shown: str, labels: Labels) -> Table | None:
    """Parameters that decide about failure."""
    path = study.folder / "own_bank_breaks.parquet"
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
        rows.append([Cell(labels.parameter(line["parameter"])), *shares, Cell(bounds)])
    if not rows:
        return None
    first = mine.iloc[0]
    said = {"scenario": labels.scenario(shown), "failure": labels(f"own.failure_{first['failure']}")}
    note = labels("own.breaks_note", coverage=percent(first["coverage"]), count=len(mine), **said)
    head = [labels(f"column.{key}") for key in ("number", "own_low", "own_high", "own_bounds")]
    return Table(head, rows, note, labels("own.breaks"), every, wide=True)


def share(study: StudyTables, labels: Labels) -> Table | None:
    """Chance of keeping up by share of revenue and future."""
    frame = read(study, "own_share")
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
    return Table(head, rows, labels("own.share_note"), labels("own.share"), frame, wide=True)


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


def staff(study: StudyTables, labels: Labels) -> Table | None:
    """Gain of the index by staff."""
    frame = read(study, "own_staff")
    if frame.empty:
        return None
    cells = lookup(frame, ["hired", "trained"])
    trained = sorted(frame["trained"].unique())
    rows = []
    for hired in sorted(frame["hired"].unique()):
        people = cells[hired, trained[0]]["people"]
        start = labels("own.people", more=f"{100 * hired:.0f}", people=plain(people))
        found = [cells.get((hired, part)) for part in trained]
        rows.append([Cell(start), *(effect(line, "effect") if line else Cell("–") for line in found)])
    head = [
        labels("column.own_people"),
        *(labels("own.trained", part=f"{100 * part:.0f}") for part in trained),
    ]
    return Table(head, rows, labels("own.staff_note"), labels("own.staff"), frame)


def maintenance(mine: pd.DataFrame, labels: Labels) -> Table:
    """Run cost in each year's budget."""
    found = answers.maintenance(mine)
    rows = [[Cell(labels("outcome.run_share")), *(level(line) for line in lookup(found, ["year"]).values())]]
    head = [labels("column.outcome"), *(str(year) for year in found["year"])]
    return Table(head, rows, labels("own.maintenance_note"), labels("own.maintenance"), found, wide=True)


def paid_back(table: pd.DataFrame, study: StudyTables, labels: Labels) -> Table:
    """Share of runs that have paid back by the end of each year."""
    found = answers.paid_back_by(table)
    cells, years = lookup(found, ["scenario", "year"]), sorted(found["year"].unique())
    rows = []
    for name in study.scenarios:
        shares = [cells[name, year]["share"] for year in years]
        rows.append(
            [Cell(labels.scenario(name)), *(Cell(percent(part), shade=0.6 * part) for part in shares)]
        )
    head = [labels("column.scenario"), *map(str, years)]
    return Table(head, rows, labels("own.paid_note"), labels("own.paid"), found, wide=True)


def changes(table: pd.DataFrame, study: StudyTables, labels: Labels) -> list[Table]:
    """What each scenario changes at the bank: blows in one table, policies and reforms in another."""
    found = answers.changes(table, study.baseline)
    listed = set(found["scenario"])
    blows = [name for name in study.scenarios if name in listed and not plays_policy(name, study)]
    reforms = [name for name in study.scenarios if name in listed and plays_policy(name, study)]
    parts = (("blows", blows), ("reforms", reforms))
    return [
        _changes(found[found["scenario"].isin(names)], names, kind, labels) for kind, names in parts if names
    ]


def _changes(found: pd.DataFrame, names: list[str], kind: str, labels: Labels) -> Table:
    cells = lookup(found, ["scenario", "outcome"])
    rows = []
    for outcome in SHOWN:
        named = labels.name("dimension" if outcome in DIMENSIONS else "outcome", outcome)
        what = labels(f"column.own_{outcome}") if outcome in UNIT_CHANGED else named
        kind_of_unit = UNIT_CHANGED.get(outcome, "points")
        by = 100.0 if kind_of_unit == "money" and labels.chinese else 1.0  # 万元 where English has millions
        lines = [cells.get((name, outcome)) for name in names]
        unit = Cell(labels(f"unit.own_{kind_of_unit}"))
        rows.append([Cell(what), unit, *(interval(line, by=by) for line in lines)])
    head = [labels("column.outcome"), labels("column.unit"), *map(labels.scenario, names)]
    note = labels(f"own.{kind}_note", scenarios=labels("own.changes_note"))
    return Table(head, rows, note, labels(f"own.{kind}"), found, wide=True)


def read(study: StudyTables, name: str) -> pd.DataFrame:
    """A table of the study's folder; empty when it is not there."""
    path = study.folder / f"{name}.parquet"
    return pd.read_parquet(path) if path.exists() else pd.DataFrame()


def plays_policy(scenario: str, study: StudyTables) -> bool:
    """Whether a scenario plays a policy; the others are futures."""
    nodes = study.nodes
    return any(str(node["label"]) == scenario and bool(node.get("policies")) for node in nodes)
