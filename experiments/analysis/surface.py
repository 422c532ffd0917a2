"""Two levers at every strength: the surface of their joint effect."""

from dataclasses import replace

import numpy as np
import pandas as pd

from experiments.analysis.case import Case, bands, chance, frame
from experiments.analysis.outcome import pick
from experiments.failure import StudyFailed
from model.policy import Policy
from model.world import Scenario

STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
RUNS = 64
COLUMNS = (
    "scenario", "first", "second", "first_strength", "second_strength", "effect", "effect_low", "effect_high",
    "probability", "outcome", "bank_kind",
)  # fmt: skip


def surface(case: Case) -> dict[str, pd.DataFrame]:
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
    scenarios = [case.scenario(case.pairs[label]), *(_at(whole, strengths) for strengths in grid)]
    runs = range(min(case.settings.replicates, RUNS))
    found = pick(case.laboratory.run(scenarios, runs)["values"], case.outcome, case.kind)
    first, second = (policy.name for policy in whole.policies)
    of = {
        "scenario": label,
        "first": first,
        "second": second,
        "outcome": case.outcome,
        "bank_kind": case.kind,
    }
    rows = [
        {
            **of,
            "first_strength": one,
            "second_strength": other,
            **bands(effect),
            "probability": chance(effect),
        }
        for (one, other), effect in zip(grid, np.asarray(found[1:] - found[0]), strict=True)
    ]
    return {"surface": frame(rows, COLUMNS)}


def _at(whole: Scenario, strengths: tuple[float, float]) -> Scenario:
    def scaled(policy: Policy, strength: float) -> Policy:
        return replace(policy, intensity=strength * policy.intensity)

    kept = tuple(scaled(p, s) for p, s in zip(whole.policies, strengths, strict=True) if s > 0)
    return replace(whole, name=f"{strengths[0]}/{strengths[1]}", policies=kept)
