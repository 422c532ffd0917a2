"""What a point costs, who pays it, and which bundles another beats at both price and effect."""

import numpy as np
import pandas as pd

from agents.honeycomb import PAYERS
from experiments.policy.case import Case, bands, chance, frame

SURE = 0.95
COLUMNS = (
    "scenario", "outcome", "bank_kind", "effect", "effect_low", "effect_high", "probability", "cost",
    "cost_low", "cost_high", *(f"cost_{payer}" for payer in PAYERS), "point_price", "gap_effect",
    "gap_effect_low", "gap_effect_high", "gap_price", "on_frontier", "frontier_probability", "dominated_by",
)  # fmt: skip
NOTHING = "baseline"


def cost_effectiveness(case: Case) -> dict[str, pd.DataFrame]:
    """Weigh the cost of every bundle against its effect.

    Returns
    -------
    dict
        ``frontier``: a row a bundle. ``point_price`` is million yuan a point of the outcome, ``gap_price`` million
        yuan a point by which the rural-city gap closes; both are missing unless the change is for the better in 95 %
        of runs. ``dominated_by`` names a bundle that costs no more and does at least as well (``baseline``: doing
        nothing).
    """
    labels = list(case.bundles)
    if not labels:
        return {"frontier": frame([], COLUMNS)}
    gain = np.stack([case.gain(label) for label in labels])
    cost = np.stack([case.cost(label).sum(-1) for label in labels])
    beaten = dominated(np.median(gain, axis=1), np.median(cost, axis=1))
    often = np.mean([dominated(g, c) < 0 for g, c in zip(gain.T, cost.T, strict=True)], axis=0)
    rows = []
    for place, label in enumerate(labels):
        closed = -case.effect(label, "rural_city_gap", "all")
        paid = np.median(case.cost(label), axis=0)
        by = beaten[place]
        rows.append(
            {
                "scenario": label,
                "outcome": case.outcome,
                "bank_kind": case.kind,
                **bands(case.effect(label)),
                "probability": chance(case.effect(label)),
                **bands(cost[place], "cost"),
                **{f"cost_{payer}": float(paid[k]) for k, payer in enumerate(PAYERS)},
                "point_price": price(cost[place], gain[place]),
                **bands(-closed, "gap_effect"),
                "gap_price": price(cost[place], closed),
                "on_frontier": float(by < 0),
                "frontier_probability": float(often[place]),
                "dominated_by": "" if by < 0 else NOTHING if by == len(labels) else labels[by],
            }
        )
    rows.sort(key=lambda row: row["cost"])
    return {"frontier": frame(rows, COLUMNS)}


def price(cost: np.ndarray, gain: np.ndarray) -> float:
    """Return the median cost over the median gain, NaN unless the gain is positive in 95 % of runs."""
    if chance(gain) < SURE or np.median(gain) <= 0:
        return float("nan")
    return float(np.median(cost) / np.median(gain))


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
