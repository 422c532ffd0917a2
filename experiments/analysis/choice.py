"""The choice among bundles: what a point costs the nation, who pays, what another beats, how robust the order is."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np

from agents.honeycomb import PAYERS
from experiments.analysis.laboratory import Case
from experiments.analysis.outcome import pick
from experiments.analysis.registry import ASKED, PARAMETER, PROBABILITY, Row, Rows, estimated, method
from experiments.config.assembly import coverage
from experiments.config.data import read
from experiments.config.numbers import content
from experiments.config.tree import freeze
from experiments.results.schema import OWN_UNIT, SCENARIO, better, number, table, text, with_ends
from experiments.results.statistics import (
    REASONS,
    equal_parts,
    estimate,
    gained,
    interval,
    mean_interval,
    place_probabilities,
    price_or_reason,
    probability,
    quantile,
)
from experiments.results.tables import REACH
from experiments.runs.merged import RUNGS

# Runs of the national system where a study plays on a sample: its thousands of banks leave little to chance.
RUNS: Final = 8
# Share of the nation's small and medium banks that a population needs, to stand for the nation.
WHOLE: Final = 0.9
COUNTS: Final = ("city_banks", "rural_banks", "village_banks", "private_banks")


def _price(name: str, of: str) -> tuple[Any, ...]:
    """Columns of a price, and why there is none where there is none."""
    why = "; ".join(f"{key}: {meaning}" for key, meaning in REASONS.items())
    return (
        *with_ends(f"{name}_price", f"cost of {of}", "million yuan"),
        text(f"{name}_reason", f"why there is no price; {why}; empty where there is one"),
    )


FRONTIER: Final = table(
    "what one bundle does to the national system and costs, and whether another does at least as well for no more",
    SCENARIO,
    ASKED,
    estimated(),
    with_ends("cost", "cost beyond the baseline over all years and payers, mean over runs", "million yuan"),
    tuple(number(f"cost_{payer}", f"part of the cost paid by {payer}", "million yuan") for payer in PAYERS),
    _price("point", "one point of the outcome"),
    text("target", "first declared target of the bundle"),
    text("target_kind", "kind of bank that it is declared for"),
    with_ends("target_effect", "paired effect on the target", "that of the target"),
    _price("target", "one point of the target"),
    with_ends("rungs", "rungs of items that small and medium banks gain, all banks together", "rungs"),
    _price("item", "one rung of an item at one bank"),
    with_ends("gap_effect", "paired effect on the rural-city gap", "points"),
    number("gap_probability", "share of runs in which the rural-city gap closes", "0-1"),
    _price("gap", "one point by which the gap closes"),
    number(
        "discount", "rate at which later costs count less, from the first year that is paid for", "1/year"
    ),
    number("on_frontier", "1 where no bundle beats it"),
    number("frontier_probability", "share of runs in which no bundle beats it", "0-1"),
    number("runs", "runs of the national system"),
    *REACH,
    text("dominated_by", "the bundle that beats it, or its baseline; empty when none does"),
)


@method(frontier=FRONTIER)
def cost_effectiveness(case: Case) -> list[Row]:
    """Weigh the cost of every bundle against its effect on the nation.

    What a policy costs the whole system or a province does not shrink with a sample, and a place in a queue goes to one
    bank in forty rather than to all: a price holds for the nation alone. A study of a sample is therefore played again
    on the national population, with fewer runs.

    Returns
    -------
    list of dict
        ``frontier``: a row a bundle, all of it on the national system. Prices are million yuan; each is missing, with a
        reason, unless the change is clearly for the better and somebody pays (`statistics.price`). ``dominated_by``
        names a bundle that costs no more and does at least as well (its baseline: doing nothing more). Costs are means
        over the runs, so that payers add up to the whole.
    """
    labels = list(case.bundles)
    if not labels:
        return []
    nation = national(case)
    gain = np.stack([nation.gain(label) for label in labels])
    cost = np.stack([nation.cost(label).sum(-1) for label in labels])
    beaten = dominated(np.median(gain, axis=1), cost.mean(axis=1))
    often = np.mean([dominated(g, c) < 0 for g, c in zip(gain.T, cost.T, strict=True)], axis=0)
    rows: list[Row] = []
    for place, label in enumerate(labels):
        by, paid = beaten[place], nation.cost(label).mean(axis=0) + 0.0
        rows.append(
            {
                "scenario": label,
                **estimate(nation.effect(label)),
                **mean_interval(cost[place], "cost"),
                **{f"cost_{payer}": float(paid[k]) for k, payer in enumerate(PAYERS)},
                **_effects_and_prices(nation, label, cost[place]),
                "discount": case.settings.analysis.discount,
                "on_frontier": float(by < 0),
                "frontier_probability": float(often[place]),
                "runs": len(nation.replicates),
                **_reach(nation, label),
                "dominated_by": "" if by < 0 else case.pairs[label] if by == len(labels) else labels[by],
            }
        )
    return sorted(rows, key=lambda row: float(row["cost"]))


def _effects_and_prices(nation: Case, label: str, cost: np.ndarray) -> dict[str, object]:
    """Target, items and gap of a bundle, each with its price or the reason for none."""
    aims = [(aim.outcome, aim.kind) for aim in nation.aims[label]]
    target, kind = aims[0] if aims else (nation.outcome, nation.kind)
    aimed = nation.effect(label, target, kind)
    each, banks = (pick(nation.sample["values"], variable, "all") for variable in (RUNGS, "institutions"))
    rungs = nation.paired(each * banks, label)
    closed = -nation.effect(label, "rural_city_gap", "all")
    merged = bool(abs(np.median(nation.effect(label, "institutions", "all"))) >= 1.0)
    return {
        **price_or_reason(cost, nation.gain(label), "point", merged),
        "target": target,
        "target_kind": kind,
        **interval(aimed, "target_effect"),
        **price_or_reason(cost, better(target) * aimed, "target", merged),
        **interval(rungs, "rungs"),
        **price_or_reason(cost, rungs, "item", merged),
        **interval(-closed, "gap_effect"),
        "gap_probability": probability(closed),
        **price_or_reason(cost, closed, "gap", merged),
    }


def national(case: Case) -> Case:
    """The same case on the national population; itself where it already is."""
    if whole_nation(case):
        return case
    shipped = {**content("population/national"), **content("population/shared/questionnaire")}
    runs = min(RUNS, case.settings.replicates)
    changes = {"population": freeze(shipped), "replicates": runs}
    settings = case.settings.model_copy(update=changes)
    return replace(case, settings=settings, laboratory=case.laboratory.under(settings), merged=None)


def whole_nation(case: Case) -> bool:
    """Whether a study's population has nearly all small and medium banks of the nation."""
    nation = sum(float(row[column]) for row in read("provinces.csv") for column in COUNTS)
    return case.small_banks >= WHOLE * nation


def _reach(case: Case, label: str) -> dict[str, float]:
    """Whom a bundle reaches, as the columns of `REACH`."""
    *_, every = coverage(case.laboratory.world.population, [case.laboratory.scenarios[label]])
    return {column.name: float(getattr(every, column.name)) for column in REACH}


def dominated(gain: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Say which option beats each: costs no more, gains no less, and is better at one of them.

    Parameters
    ----------
    gain, cost : ndarray, shape (options,)
        More gain is better, less cost is.

    Returns
    -------
    ndarray of int, shape (options,)
        The strongest of those that beat it (its own number counts from 0, doing nothing is the last + 1); -1 for none.
    """
    gain, cost = np.append(gain, 0.0), np.append(cost, 0.0)
    no_worse = (gain[:, None] >= gain) & (cost[:, None] <= cost)
    beats = no_worse & ((gain[:, None] > gain) | (cost[:, None] < cost))
    strongest = np.where(beats, gain[:, None], -np.inf).argmax(axis=0)
    return np.where(beats.any(axis=0), strongest, -1)[:-1]


CHALLENGERS = 4
SHUFFLES = 100
FEW = 12  # runs in a third below which nothing is said
RANKING: Final = table(
    "probability that one scenario takes one place",
    SCENARIO,
    number("place", "place, 1 the best"),
    PROBABILITY,
    with_ends("gain", "effect turned so that more is better", OWN_UNIT),
    ASKED,
)
REVERSAL: Final = table(
    "condition under which a challenger most often beats the leader",
    text("leader", "the scenario with the largest median gain"),
    text("challenger", "one of the next best"),
    PROBABILITY,
    PARAMETER,
    text("side", "low, middle or high third of the parameter's draws"),
    number("low", "lower end of the third", "that of the parameter"),
    number("high", "upper end of the third", "that of the parameter"),
    number("probability_given", "share of runs in which the challenger leads under the condition", "0-1"),
    number("noise", "what shuffled parameters show in 95 % of cases", "0-1"),
    number("clear", "1 where beyond noise"),
)
SIDES = ("low", "middle", "high")


@method(ranking=RANKING, reversal=REVERSAL)
def ranking(case: Case) -> Rows:
    """Rank every bundle in every run, over parameters and seeds.

    Returns
    -------
    dict
        ``ranking``: the probability (0-1) that a scenario takes each place, 1 the best; equal gains share the places.
        ``reversal``: for each of the next best, the third of one parameter's range under which it most often beats the
        leader, and how often; ``clear`` is 1 where that is more than shuffled parameters show in 95 % of cases.
    """
    labels = list(case.bundles)
    gains = np.stack([case.gain(label) for label in labels]) if labels else np.empty((0, 0))
    places = place_probabilities(gains)
    rows = (
        {"scenario": label, "place": place, "probability": float(share), **interval(gains[k], "gain")}
        for k, label in enumerate(labels)
        for place, share in enumerate(places[k], 1)
    )
    return {"ranking": rows, "reversal": _reversals(case, labels, gains)}


def _reversals(case: Case, labels: list[str], gains: np.ndarray) -> Iterator[Row]:
    if len(labels) < 2:
        return
    order = np.argsort(-np.median(gains, axis=1), kind="stable")
    names, rows = case.draws
    for challenger in order[1 : 1 + CHALLENGERS]:
        ahead = gained(gains[challenger] - gains[order[0]])
        best = strongest_condition(ahead, rows, case.settings.seed)
        if best is None:
            continue
        column, side, conditional, noise = best
        edges = quantile(rows[:, column], (0, 1 / 3, 2 / 3, 1))
        yield {
            "leader": labels[order[0]],
            "challenger": labels[challenger],
            "probability": float(ahead.mean()),
            "parameter": names[column],
            "side": SIDES[side],
            "low": float(edges[side]),
            "high": float(edges[side + 1]),
            "probability_given": conditional,
            "noise": noise,
            "clear": float(conditional > noise),
        }


def strongest_condition(
    ahead: np.ndarray, rows: np.ndarray, seed: int
) -> tuple[int, int, float, float] | None:
    """Find the third of a parameter's draws in which a challenger is most often ahead.

    Parameters
    ----------
    ahead : ndarray, shape (runs,)
        1 where the challenger is ahead, 0 where not.
    rows : ndarray, shape (runs, parameters)
    seed : int
        Of the shuffles.

    Returns
    -------
    tuple or None
        Column, third (0-2), share ahead in it, and the 95 % quantile of the largest share over all parameters and
        thirds when the runs are shuffled; None with too few runs.
    """
    runs = len(ahead)
    if runs < 3 * FEW or not rows.shape[1]:
        return None
    parts = equal_parts(rows, 3)
    member = np.stack([parts == third for third in range(3)]).astype(float)  # thirds, runs, parameters
    share = np.einsum("r,trp->tp", ahead, member) / member.sum(1)
    third, column = np.unravel_index(int(share.argmax()), share.shape)
    rng = np.random.default_rng(seed)
    shuffled = [
        (np.einsum("r,trp->tp", rng.permutation(ahead), member) / member.sum(1)).max()
        for _ in range(SHUFFLES)
    ]
    noise = float(quantile(np.array(shuffled), (0.95,))[0])
    return int(column), int(third), float(share[third, column]), noise
