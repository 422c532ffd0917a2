"""What a point costs, who pays it, and which bundles another beats at both price and effect."""

from typing import Final

import numpy as np

from agents.honeycomb import PAYERS
from experiments.analysis.case import Case
from experiments.analysis.registry import EFFECT, KIND, OUTCOME, PROBABILITY, Frames, frame, method
from experiments.config.coverage import coverage
from experiments.results.coverage import REACH
from experiments.results.schema import SCENARIO, number, table, text, with_ends
from experiments.results.statistics import interval, mean_interval, price_interval, probability

TABLE: Final = table(
    "what one bundle does and costs, and whether another does at least as well for no more",
    SCENARIO,
    OUTCOME,
    KIND,
    EFFECT,
    PROBABILITY,
    with_ends("cost", "cost beyond the baseline over all years and payers, mean over runs", "million yuan"),
    tuple(number(f"cost_{payer}", f"part of the cost paid by {payer}", "million yuan") for payer in PAYERS),
    with_ends(
        "point_price", "cost of one point of the outcome; missing unless the gain is clear", "million yuan"
    ),
    with_ends("gap_effect", "paired effect on the rural-city gap", "points"),
    number("gap_probability", "share of runs in which the rural-city gap closes", "0-1"),
    with_ends(
        "gap_price",
        "cost of one point by which the gap closes; missing unless it clearly does",
        "million yuan",
    ),
    number("on_frontier", "1 where no bundle beats it"),
    number("frontier_probability", "share of runs in which no bundle beats it", "0-1"),
    *REACH,
    text("dominated_by", "the bundle that beats it, or its baseline; empty when none does"),
)


@method(frontier=TABLE)
def cost_effectiveness(case: Case) -> Frames:
    """Weigh the cost of every bundle against its effect.

    Returns
    -------
    dict
        ``frontier``: a row a bundle. ``point_price`` is million yuan a point of the outcome, ``gap_price`` million
        yuan a point by which the rural-city gap closes; both are missing unless the change is clearly for the better
        (`statistics.price`). ``dominated_by`` names a bundle that costs no more and does at least as well (its
        baseline: doing
        nothing more). Costs are means over the runs, so that payers add up to the whole.
    """
    labels = list(case.bundles)
    if not labels:
        return {"frontier": frame([], TABLE)}
    gain = np.stack([case.gain(label) for label in labels])
    cost = np.stack([case.cost(label).sum(-1) for label in labels])
    beaten = dominated(np.median(gain, axis=1), cost.mean(axis=1))
    often = np.mean([dominated(g, c) < 0 for g, c in zip(gain.T, cost.T, strict=True)], axis=0)
    rows = []
    for place, label in enumerate(labels):
        closed = -case.effect(label, "rural_city_gap", "all")
        paid = case.cost(label).mean(axis=0)
        by = beaten[place]
        rows.append(
            {
                "scenario": label,
                "outcome": case.outcome,
                "bank_kind": case.kind,
                **interval(case.effect(label)),
                "probability": probability(case.effect(label)),
                **mean_interval(cost[place], "cost"),
                **{f"cost_{payer}": float(paid[k]) for k, payer in enumerate(PAYERS)},
                **price_interval(cost[place], gain[place], "point_price"),
                **interval(-closed, "gap_effect"),
                "gap_probability": probability(closed),
                **price_interval(cost[place], closed, "gap_price"),
                "on_frontier": float(by < 0),
                "frontier_probability": float(often[place]),
                **_reach(case, label),
                "dominated_by": "" if by < 0 else case.pairs[label] if by == len(labels) else labels[by],
            }
        )
    rows.sort(key=lambda row: row["cost"])
    return {"frontier": frame(rows, TABLE)}


def _reach(case: Case, label: str) -> dict[str, float]:
    """Whom a bundle reaches, as the columns of `REACH`."""
    *_, every = coverage(case.laboratory.world.population, [case.scenario(label)])
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
