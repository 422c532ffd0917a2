"""What moves: for each scenario its target first, then items, the gap and the index, in words, tables and paths."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from experiments.labels.numbers import chance, digits, percent, scale, signed
from experiments.report.console import told
from experiments.report.registry import Block, Page, Points, section
from experiments.report.tables import DASH, Cell, Table, ends
from experiments.results.statistics import side

ROLES = ("target", "rungs", "gap", "index")


@section("moves", place=12, brief=15, tables=("paths",), always=False)
def moves(page: Page) -> Iterator[Block]:
    """One sentence a scenario, the table of targets with what was held plausible before, and the figures."""
    study, labels = page.study, page.labels
    paths, coverage = study.table("paths"), study.table("coverage")
    said = told(paths, coverage if len(coverage) else None, study.quarter, labels, study.nodes)
    yield Points([f"{name}{'：' if labels.chinese else ': '}{text}" for name, text in said])
    rows = paths[paths["role"].isin(ROLES) & ((paths["role"] == "target") | (paths["bank_kind"] == "all"))]
    if not page.brief:
        yield _table(rows, paths, page)
    yield from page.figures("moves")


def _table(rows: pd.DataFrame, paths: pd.DataFrame, page: Page) -> Table:
    """A row a scenario and outcome: what was held plausible, the effect at the end, area, peak and quarters gained."""
    labels = page.labels
    keys = ("scenario", "outcome", "prior", "end", "probability", "plausible", "area", "peak", "gained")
    head = [labels(f"moves.column_{key}") for key in keys]
    order = {name: place for place, name in enumerate(page.study.scenarios)}
    rows = rows.sort_values("scenario", key=lambda names: names.map(order), kind="stable")
    cells = [_row(line, page) for line in rows.to_dict("records")]
    note = labels("moves.note", quarter=labels.quarter(page.study.quarter))
    return Table(head, cells, note, labels("moves.table"), data=paths, kind="pairs", wide=True)


def _row(line: dict[Any, Any], page: Page) -> list[Cell]:
    labels, outcome = page.labels, str(line["outcome"])
    number, by = digits(outcome), scale(outcome)

    def spread(name: str, size: int | None = None, strong: bool = False) -> Cell:
        middle, low, high = (signed(by * float(line[f"{name}{end}"]), size) for end in ("", "_low", "_high"))
        return DASH if middle == "–" else Cell(middle, strong, interval=ends(low, high))

    clear = side(line["end_low"], line["end_high"]) != 0
    prior = [signed(float(line[f"prior_{end}"])) for end in ("low", "high")]
    within = float(line["plausible"])
    peak = spread("peak", number)
    return [
        Cell(labels.scenario(str(line["scenario"]))),
        Cell(labels.outcome(outcome, str(line["bank_kind"])), strong=line["role"] == "target"),
        Cell("", interval=ends(*prior)) if line["prior_low"] == line["prior_low"] else DASH,
        spread("end", number, bool(clear)),
        Cell(chance(float(line["probability"]))),
        Cell(percent(within)) if within == within else DASH,
        spread("area"),
        Cell(peak.text, interval=labels.quarter(str(line["peak_quarter"]))),
        _gained(line),
    ]


def _gained(line: dict[Any, Any]) -> Cell:
    """Quarters gained, which the unit of the outcome does not scale."""
    middle, low, high = (signed(float(line[f"gained{end}"]), 1) for end in ("", "_low", "_high"))
    return DASH if middle == "–" else Cell(middle, interval=ends(low, high))
