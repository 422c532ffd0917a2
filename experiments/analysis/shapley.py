"""A bundle taken apart by levers, which help or hinder one another, and an effect by the channels that carry it.

Each part's share is its Shapley value: its mean contribution over the orders in which the parts may join.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import factorial
from typing import Any, Final

import numpy as np

from experiments.analysis.case import Case, check_focus
from experiments.analysis.outcome import pick
from experiments.analysis.registry import EFFECT, KIND, OUTCOME, PROBABILITY, Rows, method
from experiments.results.schema import OWN_UNIT, SCENARIO, Table, better, number, table, text, with_ends
from experiments.results.statistics import estimate, mean_interval, quantile, side
from model.world import Scenario

Coalition = frozenset[str]
FULL = 5  # levers up to which every coalition is run
ORDERS = 12  # beyond, orders sampled
RUNS = 64  # replicates at most for a full factorial, a quarter of it beyond
SHAPLEY: Final = table(
    "what one lever, or one channel, contributes to the effect of one scenario",
    SCENARIO,
    text("decomposition", "levers or channels"),
    text("channel", "name of the policy or channel; residual: what the others leave"),
    number("effect", "mean contribution; the parts add up to the whole effect", OWN_UNIT),
    number("low", "5 % quantile of the contribution", OWN_UNIT),
    number("high", "95 % quantile of the contribution", OWN_UNIT),
    OUTCOME,
    KIND,
)
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
    chosen = orders(players, ORDERS, case.settings.seed) if len(players) > FULL else []
    coalitions = joined(chosen) if chosen else subsets(players)
    pairs = [frozenset(pair) for pair in combinations(players, 2)]
    wanted = list(dict.fromkeys([*coalitions, *(frozenset({p}) for p in players), *pairs]))
    number = min(case.settings.replicates, RUNS // 4 if chosen else RUNS)
    worth = coalition_effects(case, label, wanted, number)
    parts = sampled(chosen, worth.__getitem__) if chosen else exact(players, worth)
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
    case: Case, label: str, coalitions: Sequence[Coalition], replicates: int
) -> dict[Coalition, np.ndarray]:
    """Effect of each coalition of a bundle's levers against the bundle's baseline, by replicate."""
    whole = case.scenario(label)
    base = replace(case.scenario(case.pairs[label]), name="none")
    scenarios = [base, *(_part(whole, c) for c in coalitions if c)]
    values = case.laboratory.run(scenarios, range(replicates))["values"]
    found = pick(values, case.outcome, case.kind)
    effects = dict(zip([c for c in coalitions if c], found[1:] - found[0], strict=True))
    return {frozenset(): np.zeros(replicates), **effects}


def _part(whole: Scenario, coalition: Coalition) -> Scenario:
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
    coalitions = subsets(names)
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
    parts = {**exact(names, worth), "residual": worth[frozenset()]}
    of = {"scenario": case.focus, "decomposition": "channels"}
    table = [{**of, "channel": name, **contribution(value)} for name, value in parts.items()]
    return {"channels": table}


# --- Shapley values


def subsets(players: Sequence[str]) -> list[Coalition]:
    """Every coalition, the empty one first."""
    return [frozenset(c) for size in range(len(players) + 1) for c in combinations(players, size)]


def exact(players: Sequence[str], worth: Mapping[Coalition, np.ndarray]) -> dict[str, np.ndarray]:
    """Shapley values from the worth of every coalition.

    Parameters
    ----------
    players : sequence of str
    worth : mapping
        Of every subset of the players; arrays over replicates.

    Returns
    -------
    dict of ndarray
        By player; they add to the worth of all less the worth of none, replicate by replicate.
    """
    number = len(players)
    weight = [factorial(s) * factorial(number - s - 1) / factorial(number) for s in range(number)]
    return {
        player: sum(
            (weight[len(c)] * (worth[c | {player}] - worth[c]) for c in worth if player not in c),
            start=np.zeros_like(worth[frozenset()]),
        )
        for player in players
    }


def orders(players: Sequence[str], number: int, seed: int) -> list[tuple[str, ...]]:
    """Random orders in pairs, each followed by its reverse, which halves the noise of pairwise interactions."""
    rng = np.random.default_rng(seed)
    half = [tuple(players[i] for i in rng.permutation(len(players))) for _ in range((number + 1) // 2)]
    return [order for one in half for order in (one, one[::-1])][:number]


def joined(chosen: Iterable[Sequence[str]]) -> list[Coalition]:
    """The coalitions that form along some orders, each once."""
    return list(dict.fromkeys(frozenset(o[:k]) for o in chosen for k in range(len(o) + 1)))


def sampled(
    chosen: Sequence[Sequence[str]], worth: Callable[[Coalition], np.ndarray]
) -> dict[str, np.ndarray]:
    """Shapley values as the mean contribution along some orders; they add up exactly as `exact` does."""
    total = {player: np.zeros_like(worth(frozenset())) for player in chosen[0]}
    for order in chosen:
        for k, player in enumerate(order):
            total[player] += worth(frozenset(order[: k + 1])) - worth(frozenset(order[:k]))
    return {player: value / len(chosen) for player, value in total.items()}


def contribution(value: np.ndarray) -> dict[str, float]:
    """Mean contribution over the runs, so that the parts add up, and its 90 % interval."""
    parts = mean_interval(value, "effect")
    return {"effect": parts["effect"], "low": parts["effect_low"], "high": parts["effect_high"]}
