"""The table of a user's own bank: one row a year of one run of one choice, a column for everything that is followed."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from agents.honeycomb import DIMENSIONS
from experiments.config.catalogue import OWN_OUTCOMES
from experiments.results.parquet import of_study
from experiments.results.schema import REPLICATE, SCENARIO, Column, Table
from experiments.runs.merged import KEPT, Merged
from model.own_plan import KIND

KEYS: Final = (
    SCENARIO,
    REPLICATE,
    Column("bank", "string", "name of the bank"),
    Column(
        "choice",
        "string",
        "a plan by its name; like_its_kind: by the rule of its kind; no_change: keeps running what it has; "
        "route_<route>: the first plan with one route to language models, or waiting; more_<dimension>: 5 % of project "
        "money on top; people_hire, people_train: more people, more composite people; spend_<percent>: that part of "
        "its spending",
    ),
    Column("year", "int32", "calendar year; flows are those of the quarters followed"),
)


# What is kept of each of many banks that are followed side by side.
OF_MEMBERS: Final = (
    *DIMENSIONS, "index", "percentile", "revenue", "net_profit", "technology_spending", "run", "fees",
    "budget_exhausted", "capital", "bad_loans", "inclusive_share", "quarters",
)  # fmt: skip


def table_of(outcomes: tuple[str, ...]) -> Table:
    """Declare the table for what a study follows."""
    known = {
        name: OWN_OUTCOMES.get(name, ("0-100", f"level of the item {name.removeprefix('item:')}"))
        for name in outcomes
    }
    columns = (Column(name, "float64", meaning, unit) for name, (unit, meaning) in known.items())
    return Table("one year of one run of one choice of the user's own bank", (*KEYS, *columns))


def write_own_bank(merged: Merged, folder: Path) -> None:
    """Write own_bank.parquet."""
    if not merged.own_outcomes:
        return
    banks, choices = zip(*merged.own_rows, strict=True)
    outcomes = (
        merged.own_outcomes if KIND in choices else tuple(n for n in merged.own_outcomes if n in OF_MEMBERS)
    )
    names = {"bank": tuple(dict.fromkeys(banks)), "choice": tuple(dict.fromkeys(choices))}
    years = [int(quarter[:4]) for quarter in merged.survey_quarters]
    rows = {"bank": [names["bank"].index(bank) for bank in banks]}
    rows |= {"choice": [names["choice"].index(choice) for choice in choices]}
    with of_study(merged, folder, "own_bank", table_of(outcomes), **names) as table:
        for scenarios in together(merged, outcomes):
            read = [
                {name: chunk.rows(f"own/{name}", scenarios).copy() for name in outcomes}
                for chunk in merged.chunks
            ]
            for place, s in enumerate(range(scenarios.start, scenarios.stop)):
                for chunk, arrays in zip(merged.chunks, read, strict=True):
                    values = {name: array[place] for name, array in arrays.items()}
                    followed = ~np.isnan(values["index"])  # (R, years, rows)
                    axes = {"replicate": merged.replicates_of(chunk), "year": years}
                    table.add(followed.shape, followed, axes, scenario=s, **rows, **values)


def together(merged: Merged, outcomes: tuple[str, ...]) -> Iterator[slice]:
    """Yield scenarios that are read together: whoever reads one of a chunk unpacks most of the others with it."""
    shapes = (chunk.entries[f"own/{outcomes[0]}"]["shape"] for chunk in merged.chunks)
    size = 8 * len(outcomes) * sum(math.prod(shape[1:]) for shape in shapes)
    width = max(1, KEPT // size)
    for first in range(0, len(merged.scenarios), width):
        yield slice(first, min(first + width, len(merged.scenarios)))
