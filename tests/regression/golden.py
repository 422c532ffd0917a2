"""Golden results: what each scenario does at a small size, kept as ``golden.csv`` beside this file.

They are a regression, not a validation: a change of the model that moves them is told in the changelog, and
``python -m tests.regression.golden`` writes them anew.
"""

import csv
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from experiments.analysis.laboratory import Laboratory
from experiments.analysis.outcome import pick, whole
from experiments.config.catalogue import OUTCOMES
from experiments.config.load import compose_study
from experiments.results.statistics import probability

FILE: Final = Path(__file__).with_name("golden.csv")
REPLICATES: Final = 4
# A mean may move by a tenth of itself, or by this much, before it counts as changed: points, or shares and ratios.
RELATIVE, POINTS, SHARES = 0.1, 0.02, 0.002
COLUMNS: Final = (
    "scenario", "baseline", "outcome", "bank_kind", "declared", "mean", "probability", "tolerance",
)  # fmt: skip
Row = dict[str, Any]


def results(replicates: int = REPLICATES) -> list[Row]:
    """Run every scenario of the library at central parameters and take its targets, what it declares, and the index.

    Parameters
    ----------
    replicates : int
        Each draws its own strengths of the policies and its own chance.

    Returns
    -------
    list of dict
        ``mean``: paired effect, mean over the runs and over all quarters of each (rungs are whole, so that a median of
        few runs is often nothing); ``probability`` of a positive one.
    """
    overrides = ["experiment=library", f"replicates={replicates}", "uncertainty.parameters=central"]
    settings = compose_study([*overrides, "execution.workers=1"])
    laboratory = Laboratory(settings, None)
    laboratory.worlds[()] = replace(laboratory.world, ensemble=None)
    order = list(laboratory.scenarios)
    found = laboratory.run(laboratory.every, range(replicates), whole)["values"]
    rows = []
    for scenario in settings.scenarios:
        if scenario.label == scenario.baseline:
            continue
        for outcome, kind, sign in declared(scenario):
            values = pick(found, outcome, kind)
            effect = values[order.index(scenario.label)] - values[order.index(scenario.baseline)]
            mean = float(np.mean(effect))
            rows.append(
                {
                    "scenario": scenario.label,
                    "baseline": scenario.baseline,
                    "outcome": outcome,
                    "bank_kind": kind,
                    "declared": sign,
                    "mean": round(mean, 4),
                    "probability": round(probability(effect), 3),
                    "tolerance": round(tolerance(outcome, mean), 4),
                }
            )
    return rows


def declared(scenario: Any) -> list[tuple[str, str, str]]:
    """Outcome, kind and sign: aims of its policies and shocks, what a scenario declares, and the rural index."""
    parts = [*scenario.policies, *scenario.shocks]
    aims = [(t.outcome, t.bank_kind, getattr(t, "sign", "+")) for part in parts if (t := part.target)]
    lines = [*scenario.expected, *(parts[0].expected if len(parts) == 1 else ())]
    named = {(outcome, kind): sign for outcome, kind, sign in aims}
    named |= {(line.outcome, line.bank_kind): line.sign for line in lines}
    named.setdefault(("index", "rural"), "")
    return [(*place, sign) for place, sign in named.items()]


def tolerance(outcome: str, mean: float) -> float:
    """How far a mean may be from its golden value."""
    fine = OUTCOMES.get(outcome, ("points", ""))[0] in ("0-1", "ratio", "share of banks")
    return max(SHARES if fine else POINTS, RELATIVE * abs(mean))


def read() -> list[Row]:
    """Read the golden results."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [
            {**row, **{name: float(row[name]) for name in ("mean", "probability", "tolerance")}}
            for row in csv.DictReader(file)
        ]


def write(rows: Iterable[Row]) -> None:
    """Write the golden results."""
    with FILE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    write(results())
    print(FILE, file=sys.stderr)
