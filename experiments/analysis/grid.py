"""Three levers at every strength: a table that answers without another run, for a page to hand on."""

from itertools import product
from typing import Final

import numpy as np

from experiments.analysis.case import Case
from experiments.analysis.outcome import pick
from experiments.analysis.registry import EFFECT, KIND, OUTCOME, PROBABILITY, Rows, method
from experiments.analysis.surface import STRENGTHS, at_strengths
from experiments.failure import StudyFailed
from experiments.results.schema import SCENARIO, number, table, text
from experiments.results.statistics import interval, probability

RUNS = 32
PLACES: Final = ("first", "second", "third")
TABLE: Final = table(
    "paired effect of three policies, each at a strength of its own, on one outcome, and their cost",
    SCENARIO,
    *(text(name, f"{name} of three policies") for name in PLACES),
    *(number(f"{name}_strength", f"strength of the {name} policy", "0-1") for name in PLACES),
    OUTCOME,
    KIND,
    EFFECT,
    PROBABILITY,
    number("cost", "cost beyond the baseline over all years and payers, mean over runs", "million yuan"),
)


@method(grid=TABLE)
def grid(case: Case) -> Rows:
    """Scale three policies from nothing to full strength, each by itself, and read all that is told of the bundle.

    Returns
    -------
    dict
        ``grid``: a row a triple of strengths (0-1, of effects and costs) and outcome, paired with the baseline.
    """
    bundles = [label for label in case.bundles if len(case.scenario(label).policies) == len(PLACES)]
    if not bundles:
        raise StudyFailed("a grid needs a scenario of three policies")
    asked = str(case.settings.analysis.scenario or "")
    label = asked if asked in bundles else bundles[0]
    whole = case.scenario(label)
    triples = list(product(STRENGTHS, repeat=len(PLACES)))
    scenarios = [case.scenario(case.pairs[label]), *(at_strengths(whole, triple) for triple in triples)]
    found = case.laboratory.run(scenarios, range(min(case.settings.replicates, RUNS)))
    paid = found["costs"].sum(axis=(2, 3))
    named = {name: policy.name for name, policy in zip(PLACES, whole.policies, strict=True)}
    rows = []
    for outcome, kind in case.asked(label):
        values = np.asarray(pick(found["values"], outcome, kind))
        if not np.isfinite(values).all():  # nothing to tell of the whole system where a kind has none
            continue
        for place, triple in enumerate(triples, 1):
            effect = values[place] - values[0]
            strengths = {f"{name}_strength": one for name, one in zip(PLACES, triple, strict=True)}
            rows.append({
                "scenario": label, **named, **strengths, "outcome": outcome, "bank_kind": kind, **interval(effect),
                "probability": probability(effect), "cost": float((paid[place] - paid[0]).mean()),
            })  # fmt: skip
    return {"grid": rows}
