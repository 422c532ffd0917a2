"""Paired effects: what a scenario changes against the baseline in the same replicate."""

from pathlib import Path

from experiments.results.parquet import TableWriter, along
from experiments.results.scores import defined, shown_quarters
from experiments.runs.merged import KINDS_AND_ALL, MEASURES, Merged


def write_effects(merged: Merged, folder: Path, last_only: bool) -> None:
    """Write effects.parquet for every dimension, their mean and every outcome.

    Both runs of a pair draw the same random numbers, so that the difference holds only what the policy
    touched.
    """
    variables = merged.variables("true")
    levels = {
        "scenario": merged.scenarios,
        "baseline": merged.scenarios,
        "quarter": merged.quarters,
        "bank_kind": KINDS_AND_ALL,
        "outcome": variables,
        "measure": MEASURES,
    }
    with TableWriter(folder / "effects.parquet", "effects", levels) as table:
        for s in merged.alternatives:
            for m, measure in enumerate(MEASURES):
                quarters = shown_quarters(merged, measure, last_only)
                for o, variable in enumerate(merged.variables(measure)):
                    for replicates, block in merged.paired(s, measure, variable, last_only):
                        kinds, values, keep = defined(block)
                        table.add(
                            values.shape,
                            keep=keep,
                            scenario=s,
                            baseline=merged.base[s],
                            replicate=along(replicates, 0, 3),
                            quarter=along(quarters, 1, 3),
                            bank_kind=along(kinds, 2, 3),
                            outcome=o,
                            measure=m,
                            effect=values,
                        )
