"""The table of a user's own bank: what happens to it, by variant, beside the banks of the system."""

from pathlib import Path
from typing import Final

import numpy as np

from agents.honeycomb import DIMENSIONS
from experiments.results.parquet import TableWriter, along
from experiments.results.schema import OWN_UNIT, QUARTER, REPLICATE, SCENARIO, Column, Table
from experiments.runs.merged import Merged
from model.own_bank import MORE, OPEN_ROUTES, OWN_OUTCOMES, VARIANTS

COMPARED: Final = (
    *DIMENSIONS, "index", "percentile", "invested", "digital_income", "spend_ratio", "run_share", "free_budget",
    "budget_exhausted", "bad_loans", "talent", "data_asset", "benefit", "language_model",
)  # fmt: skip
ON_A_ROUTE: Final = (
    "index", "invested", "language_model_spending", "new_technology", "language_model", "digital_income",
)  # fmt: skip
TABLE: Final = Table(
    "one outcome of the user's own bank in one quarter of one run",
    (
        SCENARIO,
        REPLICATE,
        Column(
            "variant",
            "string",
            "plan: as the user wrote; like_its_kind: by the rule of its kind; no_change: only keeps what runs; "
            "build, buy, union, alliance: with one route to language models; more_<dimension>: with 5 % of project "
            "money on top for one dimension",
        ),
        QUARTER,
        Column("outcome", "string", "one of the outcomes listed below"),
        Column("value", "float64", "value of the outcome", OWN_UNIT),
    ),
    OWN_OUTCOMES,
)
SHOWN: Final = {
    **dict.fromkeys(("like_its_kind", "no_change"), COMPARED),
    **dict.fromkeys(OPEN_ROUTES, ON_A_ROUTE),
    **dict.fromkeys(MORE, ("index", "added")),
}


def write_own_bank(merged: Merged, folder: Path) -> None:
    """Write own_bank.parquet: the plan with every outcome, the other variants with what they are compared on."""
    if not merged.own_outcomes:
        return
    levels = {
        "scenario": merged.scenarios,
        "variant": VARIANTS,
        "quarter": merged.quarters,
        "outcome": merged.own_outcomes,
    }
    quarters = range(len(merged.quarters))
    with TableWriter(folder / "own_bank.parquet", TABLE, levels) as table:
        for s in range(len(merged.scenarios)):
            for o, outcome in enumerate(merged.own_outcomes):
                for chunk in merged.chunks:
                    values = chunk.read(f"own/{outcome}", s)
                    shown = [outcome in SHOWN.get(variant, merged.own_outcomes) for variant in VARIANTS]
                    table.add(
                        values.shape,
                        keep=~np.isnan(values) & np.array(shown),
                        scenario=s,
                        replicate=along(merged.replicates_of(chunk), 0, 3),
                        variant=along(range(len(VARIANTS)), 2, 3),
                        quarter=along(quarters, 1, 3),
                        outcome=o,
                        value=values,
                    )
