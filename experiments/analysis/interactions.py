"""What levers do together: a bundle taken apart and at every strength, and an effect by the channels that carry it.

Each part's share is its Shapley value: its mean contribution over the orders in which the parts may join.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations, product
from math import factorial
from typing import Any, Final

import numpy as np

from experiments.analysis.laboratory import Case, bundles_of, check_focus
from experiments.analysis.outcome import complete_measures, pick
from experiments.analysis.registry import ASKED, Row, Rows, estimated, method
from experiments.config.errors import failure
from experiments.config.study import StudySettings
from experiments.config.tree import overlap
from experiments.results.schema import OWN_UNIT, SCENARIO, Table, better, number, table, text
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
    ASKED,
)
FACTORIAL: Final = table(
    "paired effect of one coalition of a bundle's levers",
    SCENARIO,
    text("levers", "policies of the coalition, joined by +"),
    estimated(),
    ASKED,
)
PAIR: Final = (text("first", "first of a pair"), text("second", "second of a pair"))
PAIRS: Final = table(
    "what two levers of a bundle do together beyond what they do alone",
    SCENARIO,
    PAIR,
    estimated("interaction", "together less alone"),
    text("verdict", "complements, substitutes or neither, at 90 %"),
    ASKED,
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
    sizes = {label: len(case.laboratory.scenarios[label].policies) for label in case.bundles}
    chosen = [label for label, size in sizes.items() if 2 <= size <= FULL]
    large = [label for label, size in sizes.items() if size > FULL]
    if large:
        chosen.append(max(large, key=sizes.__getitem__))
    tables: dict[str, list[dict[str, Any]]] = {"shapley": [], "factorial": [], "pairs": []}
    for label in chosen:
        _decompose(case, label, tables)
    return tables


def _decompose(case: Case, label: str, tables: dict[str, list[dict[str, Any]]]) -> None:
    players = [policy.name for policy in case.laboratory.scenarios[label].policies]
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
        none, one, other, both = (worth[coalition] for coalition in subsets((first, second)))
        together = np.round(both - one - other + none, 9) + 0.0  # what only rounding leaves has no sign
        row = {"first": first, "second": second, **estimate(together, "interaction")}
        tables["pairs"].append({**of, **row, "verdict": verdict(better(case.outcome) * together)})


def coalition_effects(
    case: Case, label: str, coalitions: Sequence[Coalition], replicates: int
) -> dict[Coalition, np.ndarray]:
    """Effect of each coalition of a bundle's levers against the bundle's baseline, by replicate.

    That of none is not nothing where the baseline has policies, or assumes something else.
    """
    base, whole = case.pair(label)
    scenarios = [replace(base, name="baseline"), *(_part(whole, coalition) for coalition in coalitions)]
    return dict(zip(coalitions, case.effects(scenarios, range(replicates)), strict=True))


def _part(whole: Scenario, coalition: Coalition) -> Scenario:
    kept = tuple(policy for policy in whole.policies if policy.name in coalition)
    return replace(whole, name="+".join(sorted(coalition)) or "none", policies=kept)


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


def check_channels(settings: StudySettings) -> None:
    """Refuse what `check_focus` refuses, and an effect between scenarios that hold a channel's number themselves."""
    check_focus(settings)
    asked = settings.analysis.scenario
    for one in settings.scenarios:
        if asked is None or one.label in (asked, settings.scenario(asked).baseline):
            for path in (path for paths in CHANNELS.values() for path in paths):
                if any(overlap(path, name) for name in one.assumptions):
                    raise failure("the method channels closes {}, which {} assumes itself", path, one.label)


@method(check=check_channels, channels=CLOSED)
def channels(case: Case) -> Iterator[Row]:
    """Close channels in every combination and see how much of the effect in focus is left.

    A closed channel is closed in the baseline too, so that each coalition is a paired effect of its own.

    Yields
    ------
    dict
        ``channels``: the Shapley value of each channel, and ``residual``: the effect that remains when all of them are
        closed. They add to the whole effect.
    """
    paths = {path: name for name, closed in CHANNELS.items() for path in closed}
    numbers = case.laboratory.world.common_numbers
    open_ = {path: float(np.mean(numbers[path.partition(".")[2]])) for path in paths}
    coalitions = subsets(list(CHANNELS))
    rows = [
        [open_[path] if name in coalition else 0.0 for path, name in paths.items()]
        for coalition in coalitions
    ]
    seeds = min(CHANNEL_SEEDS, case.settings.replicates)
    every = [seed for _ in coalitions for seed in range(seeds)]
    rows_of = {"names": tuple(paths), "rows": np.repeat(np.array(rows), seeds, axis=0)}
    (effects,) = case.effects(case.pair(case.focus), every, **rows_of)
    worth = dict(zip(coalitions, effects.reshape(len(coalitions), seeds), strict=True))
    for name, value in {**exact(list(CHANNELS), worth), "residual": worth[frozenset()]}.items():
        yield {"scenario": case.focus, "decomposition": "channels", "channel": name, **contribution(value)}


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


# --- levers at every strength

STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
PLACES: Final = ("first", "second", "third")
OF_TWO, OF_THREE = 64, 32  # replicates at most
SURFACE: Final = table(
    "paired effect of two policies at one pair of strengths",
    SCENARIO,
    PAIR,
    number("first_strength", "strength of the first policy", "0-1"),
    number("second_strength", "strength of the second policy", "0-1"),
    estimated(),
    ASKED,
)
GRID: Final = table(
    "paired effect of three policies, each at a strength of its own, on one outcome, and their cost",
    SCENARIO,
    *(text(name, f"{name} of three policies") for name in PLACES),
    *(number(f"{name}_strength", f"strength of the {name} policy", "0-1") for name in PLACES),
    ASKED,
    estimated(),
    number("cost", "cost beyond the baseline over all years and payers, mean over runs", "million yuan"),
)


def _bundles(settings: StudySettings, number: int) -> list[str]:
    """The bundles of so many policies; a study without one, or without the effect that is asked for, is refused."""
    check_focus(settings)
    bundles = [one.label for one in bundles_of(settings) if len(one.policies) == number]
    if not bundles:
        raise failure("levers at every strength need a scenario of {} policies", number)
    return bundles


@method(check=partial(_bundles, number=2), surface=SURFACE)
def surface(case: Case) -> Iterator[Row]:
    """Scale the two policies of the bundle in focus from nothing to full strength, each by itself.

    Yields
    ------
    dict
        ``surface``: a row a pair of strengths (0-1, of effects and costs); the effect is paired with the baseline.
    """
    bundles = _bundles(case.settings, 2)
    levers, scenarios = at_every_strength(case, case.focus if case.focus in bundles else bundles[0])
    effects = case.effects(scenarios, range(min(case.settings.replicates, OF_TWO)))
    return ({**of, **estimate(effect)} for of, effect in zip(levers, effects, strict=True))


@method(check=partial(_bundles, number=3), grid=GRID)
def grid(case: Case) -> Iterator[Row]:
    """Scale three policies from nothing to full strength, each by itself, and read all that is told of the bundle.

    Yields
    ------
    dict
        ``grid``: a row a triple of strengths (0-1, of effects and costs) and outcome, paired with the baseline.
    """
    bundles, focus = _bundles(case.settings, 3), str(case.settings.analysis.scenario)
    label = focus if focus in bundles else bundles[0]
    levers, scenarios = at_every_strength(case, label)
    outcomes = case.laboratory.run(scenarios, range(min(case.settings.replicates, OF_THREE)))
    paid = outcomes["costs"].sum(axis=(2, 3))
    for outcome, kind in complete_measures(outcomes["values"], case.measures(label)):
        values = pick(outcomes["values"], outcome, kind)
        for k, of in enumerate(levers, 1):
            row = {"outcome": outcome, "bank_kind": kind, **estimate(values[k] - values[0])}
            yield {**of, **row, "cost": float((paid[k] - paid[0]).mean())}


def at_every_strength(case: Case, label: str) -> tuple[list[dict[str, str | float]], list[Scenario]]:
    """A bundle at every strength of its policies: these by place, and the scenarios, its baseline before them."""
    base, whole = case.pair(label)
    points = list(product(STRENGTHS, repeat=len(whole.policies)))
    names = {"scenario": label} | {place: p.name for place, p in zip(PLACES, whole.policies, strict=False)}
    strengths = [dict(zip((f"{place}_strength" for place in PLACES), p, strict=False)) for p in points]
    return [names | one for one in strengths], [base, *(at_strengths(whole, point) for point in points)]


def at_strengths(whole: Scenario, strengths: Sequence[float]) -> Scenario:
    """Scale each policy of a scenario by a strength of its own; one of nothing is left out."""
    kept = tuple(
        replace(policy, intensity=strength * policy.intensity)
        for policy, strength in zip(whole.policies, strengths, strict=True)
        if strength > 0
    )
    return replace(whole, name="/".join(map(str, strengths)), policies=kept)
