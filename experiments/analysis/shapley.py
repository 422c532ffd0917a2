"""Shapley values: each player's mean contribution over the orders in which players may join."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from math import factorial
from typing import Final

import numpy as np

from experiments.analysis.registry import KIND, OUTCOME
from experiments.results.schema import OWN_UNIT, SCENARIO, number, table, text
from experiments.results.statistics import mean_interval

Coalition = frozenset[str]
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
