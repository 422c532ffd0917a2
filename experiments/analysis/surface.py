"""Levers at every strength: the surface of two, and the grid of three that answers without another run."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Final

from experiments.analysis.case import Case, bundles_of, check_focus
from experiments.analysis.laboratory import Arrays
from experiments.analysis.outcome import known, pick
from experiments.analysis.registry import EFFECT, KIND, OUTCOME, PROBABILITY, Rows, method
from experiments.config.study import StudySettings
from experiments.failure import StudyFailed
from experiments.results.schema import SCENARIO, number, table, text
from experiments.results.statistics import estimate
from model.policy import Policy
from model.world import Scenario

STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
PLACES: Final = ("first", "second", "third")
OF_TWO, OF_THREE = 64, 32  # replicates at most
SURFACE: Final = table(
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
GRID: Final = table(
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


def _bundles(settings: StudySettings, number: int) -> list[str]:
    """The bundles of so many policies; a study without one, or without the effect that is asked for, is refused."""
    check_focus(settings)
    bundles = [one.label for one in bundles_of(settings) if len(one.policies) == number]
    if not bundles:
        raise StudyFailed(f"levers at every strength need a scenario of {number} policies")
    return bundles


@method(check=partial(_bundles, number=2), surface=SURFACE)
def surface(case: Case) -> Rows:
    """Scale the two policies of the bundle in focus from nothing to full strength, each by itself.

    Returns
    -------
    dict
        ``surface``: a row a pair of strengths (0-1, of effects and costs); the effect is paired with the baseline.
    """
    bundles = _bundles(case.settings, 2)
    label = case.focus if case.focus in bundles else bundles[0]
    outcomes, levers = at_every_strength(case, label, OF_TWO)
    values = pick(outcomes["values"], case.outcome, case.kind)
    return {"surface": [{**of, **estimate(values[k] - values[0])} for k, of in enumerate(levers, 1)]}


@method(check=partial(_bundles, number=3), grid=GRID)
def grid(case: Case) -> Rows:
    """Scale three policies from nothing to full strength, each by itself, and read all that is told of the bundle.

    Returns
    -------
    dict
        ``grid``: a row a triple of strengths (0-1, of effects and costs) and outcome, paired with the baseline.
    """
    bundles, asked = _bundles(case.settings, 3), str(case.settings.analysis.scenario)
    label = asked if asked in bundles else bundles[0]
    outcomes, levers = at_every_strength(case, label, OF_THREE)
    paid = outcomes["costs"].sum(axis=(2, 3))
    rows = []
    for outcome, kind in known(outcomes["values"], case.asked(label)):
        values = pick(outcomes["values"], outcome, kind)
        for k, of in enumerate(levers, 1):
            row = {"outcome": outcome, "bank_kind": kind, **estimate(values[k] - values[0])}
            rows.append({**of, **row, "cost": float((paid[k] - paid[0]).mean())})
    return {"grid": rows}


def at_every_strength(case: Case, label: str, most: int) -> tuple[Arrays, list[dict[str, str | float]]]:
    """What the baseline of a bundle reads and then the bundle at every strength of its policies, and these by place."""
    whole = case.scenario(label)
    points = list(product(STRENGTHS, repeat=len(whole.policies)))
    scenarios = [case.scenario(case.pairs[label]), *(at_strengths(whole, point) for point in points)]
    outcomes = case.laboratory.run(scenarios, range(min(case.settings.replicates, most)))
    names = {"scenario": label} | {place: p.name for place, p in zip(PLACES, whole.policies, strict=False)}
    strengths = (
        dict(zip((f"{place}_strength" for place in PLACES), point, strict=False)) for point in points
    )
    return outcomes, [names | one for one in strengths]


def at_strengths(whole: Scenario, strengths: Sequence[float]) -> Scenario:
    """Scale each policy of a scenario by a strength of its own; one of nothing is left out."""

    def scaled(policy: Policy, strength: float) -> Policy:
        return replace(policy, intensity=strength * policy.intensity)

    kept = tuple(scaled(p, s) for p, s in zip(whole.policies, strengths, strict=True) if s > 0)
    return replace(whole, name="/".join(map(str, strengths)), policies=kept)
