"""Two levers at every strength: the surface of their joint effect."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from experiments.analysis.case import Case
from experiments.analysis.outcome import pick
from experiments.analysis.registry import EFFECT, KIND, OUTCOME, PROBABILITY, Rows, method
from experiments.failure import StudyFailed
from experiments.results.schema import SCENARIO, number, table, text
from experiments.results.statistics import interval, probability
from model.policy import Policy
from model.world import Scenario

STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
RUNS = 64
TABLE: Final = table(
    "paired effect of two policies at one pair of strengths",
    SCENARIO,
    text("first", "first of a pair"),
    text("second", "second of a pair"),
    number("first_strength", "strength of the first policy", "0-1"),
    number("second_strength", "strength of the second policy", "0-1"),
    EFFECT,
    PROBABILITY,
    OUTCOME,
    KIND,
)


@method(surface=TABLE)
def surface(case: Case) -> Rows:
    """Scale the two policies of the bundle in focus from nothing to full strength, each by itself.

    Returns
    -------
    dict
        ``surface``: a row a pair of strengths (0-1, of effects and costs); the effect is paired with the baseline.
    """
    pairs = [label for label in case.bundles if len(case.scenario(label).policies) == 2]
    if not pairs:
        raise StudyFailed("a surface needs a scenario of two policies")
    label = case.focus if case.focus in pairs else pairs[0]
    whole = case.scenario(label)
    grid = [(one, other) for one in STRENGTHS for other in STRENGTHS]
    scenarios = [case.scenario(case.pairs[label]), *(at_strengths(whole, strengths) for strengths in grid)]
    runs = range(min(case.settings.replicates, RUNS))
    found = pick(case.laboratory.run(scenarios, runs)["values"], case.outcome, case.kind)
    first, second = (policy.name for policy in whole.policies)
    of = {"scenario": label, "first": first, "second": second}
    rows = [
        {
            **of,
            "first_strength": one,
            "second_strength": other,
            **interval(effect),
            "probability": probability(effect),
        }
        for (one, other), effect in zip(grid, np.asarray(found[1:] - found[0]), strict=True)
    ]
    return {"surface": rows}


def at_strengths(whole: Scenario, strengths: Sequence[float]) -> Scenario:
    """Scale each policy of a scenario by a strength of its own; one of nothing is left out."""

    def scaled(policy: Policy, strength: float) -> Policy:
        return replace(policy, intensity=strength * policy.intensity)

    kept = tuple(scaled(p, s) for p, s in zip(whole.policies, strengths, strict=True) if s > 0)
    return replace(whole, name="/".join(map(str, strengths)), policies=kept)
