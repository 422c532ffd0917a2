"""A bundle taken apart by levers, which help or hinder one another, and an effect by the channels that carry it."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, Final

import numpy as np

from experiments.analysis import shapley
from experiments.analysis.case import Case, check_focus
from experiments.analysis.outcome import pick
from experiments.analysis.registry import EFFECT, KIND, OUTCOME, PROBABILITY, Rows, method
from experiments.analysis.shapley import SHAPLEY, contribution
from experiments.results.schema import OWN_UNIT, SCENARIO, Table, better, table, text, with_ends
from experiments.results.statistics import estimate, quantile, side
from model.world import Scenario

FULL = 5  # levers up to which every coalition is run
ORDERS = 12  # beyond, orders sampled
RUNS = 64  # replicates at most for a full factorial, a quarter of it beyond
FACTORIAL: Final = table(
    "paired effect of one coalition of a bundle's levers",
    SCENARIO,
    text("levers", "policies of the coalition, joined by +"),
    EFFECT,
    PROBABILITY,
    OUTCOME,
    KIND,
)
PAIRS: Final = table(
    "what two levers of a bundle do together beyond what they do alone",
    SCENARIO,
    text("first", "first of a pair"),
    text("second", "second of a pair"),
    with_ends("interaction", "together less alone", OWN_UNIT),
    PROBABILITY,
    text("verdict", "complements, substitutes or neither, at 90 %"),
    OUTCOME,
    KIND,
)


@method(shapley=SHAPLEY, factorial=FACTORIAL, pairs=PAIRS)
def interactions(case: Case) -> Rows:
    """Decompose every bundle of two levers or more; of several large ones only that with the largest effect.

    Returns
    -------
    dict
        ``shapley``: a row a lever, and ``residual``: the effect of the bundle less the sum of its parts.
        ``factorial``: the effect of each coalition that was run. ``pairs``: what two levers do together beyond what
        they do alone, and whether they are complements, substitutes or neither (90 %).
    """
    sizes = {label: len(case.scenario(label).policies) for label in case.bundles}
    chosen = [label for label, size in sizes.items() if 2 <= size <= FULL]
    large = [label for label, size in sizes.items() if size > FULL]
    if large:
        chosen.append(max(large, key=sizes.__getitem__))
    tables: dict[str, list[dict[str, Any]]] = {"shapley": [], "factorial": [], "pairs": []}
    for label in chosen:
        _decompose(case, label, tables)
    return tables


def _decompose(case: Case, label: str, tables: dict[str, list[dict[str, Any]]]) -> None:
    players = [policy.name for policy in case.scenario(label).policies]
    orders = shapley.orders(players, ORDERS, case.settings.seed) if len(players) > FULL else []
    coalitions = shapley.joined(orders) if orders else shapley.subsets(players)
    pairs = [frozenset(pair) for pair in combinations(players, 2)]
    wanted = list(dict.fromkeys([*coalitions, *(frozenset({p}) for p in players), *pairs]))
    number = min(case.settings.replicates, RUNS // 4 if orders else RUNS)
    worth = coalition_effects(case, label, wanted, number)
    parts = shapley.sampled(orders, worth.__getitem__) if orders else shapley.exact(players, worth)
    of = {"scenario": label}
    whole = worth[frozenset(players)]
    for name, value in {**parts, "residual": whole - sum(parts.values())}.items():
        tables["shapley"].append({**of, "decomposition": "levers", "channel": name, **contribution(value)})
    for coalition in wanted[1:]:
        levers = "+".join(p for p in players if p in coalition)
        tables["factorial"].append({**of, "levers": levers, **estimate(worth[coalition])})
    for first, second in combinations(players, 2):
        together = worth[frozenset({first, second})] - worth[frozenset({first})] - worth[frozenset({second})]
        together = np.round(together, 9) + 0.0  # what only rounding leaves has no sign
        row = {"first": first, "second": second, **estimate(together, "interaction")}
        tables["pairs"].append({**of, **row, "verdict": verdict(better(case.outcome) * together)})


def coalition_effects(
    case: Case, label: str, coalitions: Sequence[shapley.Coalition], replicates: int
) -> dict[shapley.Coalition, np.ndarray]:
    """Effect of each coalition of a bundle's levers against the bundle's baseline, by replicate."""
    whole = case.scenario(label)
    base = replace(case.scenario(case.pairs[label]), name="none")
    scenarios = [base, *(_part(whole, c) for c in coalitions if c)]
    values = case.laboratory.run(scenarios, range(replicates))["values"]
    found = pick(values, case.outcome, case.kind)
    effects = dict(zip([c for c in coalitions if c], found[1:] - found[0], strict=True))
    return {frozenset(): np.zeros(replicates), **effects}


def _part(whole: Scenario, coalition: shapley.Coalition) -> Scenario:
    kept = tuple(policy for policy in whole.policies if policy.name in coalition)
    return replace(whole, name="+".join(sorted(coalition)), policies=kept)


def verdict(gain: np.ndarray) -> str:
    """Name what an interaction is, where more gain is better."""
    low, _, high = quantile(gain)
    return {1: "complements", -1: "substitutes", 0: "neither"}[int(side(low, high))]


# Numbers that close a channel when they are nothing.
CHANNELS: Final = {
    "rivals": ("behaviour.peer",),
    "allies": ("behaviour.spillover",),
    "watching": ("behaviour.watching",),
    "ambition": ("behaviour.attention_slope",),
    "returns": ("behaviour.risk_effect", "behaviour.cost_effect", "behaviour.revenue_effect"),
    "crowding": ("behaviour.congestion",),
}
CHANNEL_SEEDS = 8
CLOSED: Final = Table("what one channel of the model contributes to the effect in focus", SHAPLEY.columns)


@method(check=check_focus, channels=CLOSED)
def channels(case: Case) -> Rows:
    """Close channels in every combination and see how much of the effect in focus is left.

    A closed channel is closed in the baseline too, so that each coalition is a paired effect of its own.

    Returns
    -------
    dict
        ``channels``: the Shapley value of each channel, and ``residual``: the effect that remains when all of them are
        closed. They add to the whole effect.
    """
    names = list(CHANNELS)
    coalitions = shapley.subsets(names)
    paths = [path for name in names for path in CHANNELS[name]]
    open_ = {
        path: float(np.mean(case.laboratory.world.common_numbers[path.partition(".")[2]])) for path in paths
    }
    rows = [
        [open_[path] if name in coalition else 0.0 for name in names for path in CHANNELS[name]]
        for coalition in coalitions
    ]
    pair = [case.scenario(case.pairs[case.focus]), case.scenario(case.focus)]
    seeds = min(CHANNEL_SEEDS, case.settings.replicates)
    values = case.laboratory.run(
        pair,
        [seed for _ in coalitions for seed in range(seeds)],
        names=tuple(paths),
        rows=np.repeat(np.array(rows), seeds, axis=0),
    )["values"]
    found = pick(values, case.outcome, case.kind)
    effects = (found[1] - found[0]).reshape(len(coalitions), seeds)
    worth = dict(zip(coalitions, effects, strict=True))
    parts = {**shapley.exact(names, worth), "residual": worth[frozenset()]}
    of = {"scenario": case.focus, "decomposition": "channels"}
    table = [{**of, "channel": name, **contribution(value)} for name, value in parts.items()]
    return {"channels": table}
