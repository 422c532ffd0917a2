"""Shapley values: each player's mean contribution over the orders in which players may join."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from math import factorial

import numpy as np

Coalition = frozenset[str]


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
