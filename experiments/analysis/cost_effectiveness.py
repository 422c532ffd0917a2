"""What a point costs, who pays it, and which bundles another beats at both price and effect."""

import numpy as np
import pandas as pd

from agents.honeycomb import PAYERS
from experiments.analysis.case import Case, bands, chance, frame

SURE = 0.95
COLUMNS = (
    "scenario", "outcome", "bank_kind", "effect", "effect_low", "effect_high", "probability", "cost",
    "cost_low", "cost_high", *(f"cost_{payer}" for payer in PAYERS), "point_price",
    "point_price_low", "point_price_high", "gap_effect", "gap_effect_low", "gap_effect_high", "gap_probability",
    "gap_price", "gap_price_low", "gap_price_high", "on_frontier", "frontier_probability", "dominated_by",
)  # fmt: skip


def cost_effectiveness(case: Case) -> dict[str, pd.DataFrame]:
    """Weigh the cost of every bundle against its effect.

    Returns
    -------
    dict
        ``frontier``: a row a bundle. ``point_price`` is million yuan a point of the outcome, ``gap_price`` million
        yuan a point by which the rural-city gap closes; both are missing unless the change is for the better in 95 %
        of runs. ``dominated_by`` names a bundle that costs no more and does at least as well (its baseline: doing
        nothing more). Costs are means over the runs, so that payers add up to the whole.
    """
    labels = list(case.bundles)
    if not labels:
        return {"frontier": frame([], COLUMNS)}
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
                **bands(case.effect(label)),
                "probability": chance(case.effect(label)),
                **bands(cost[place], "cost"),
                "cost": float(cost[place].mean()),
                **{f"cost_{payer}": float(paid[k]) for k, payer in enumerate(PAYERS)},
                **price(cost[place], gain[place], "point_price"),
                **bands(-closed, "gap_effect"),
                "gap_probability": chance(closed),
                **price(cost[place], closed, "gap_price"),
                "on_frontier": float(by < 0),
                "frontier_probability": float(often[place]),
                "dominated_by": "" if by < 0 else case.pairs[label] if by == len(labels) else labels[by],
            }
        )
    rows.sort(key=lambda row: row["cost"])
    return {"frontier": frame(rows, COLUMNS)}


def price(cost: np.ndarray, gain: np.ndarray, name: str) -> dict[str, float]:
    """Price of a point: mean cost over median gain, and the 90 % interval of cost over gain run by run.

    Parameters
    ----------
    cost, gain : ndarray, shape (runs,)
        Million yuan; points, more is better.
    name : str
        Of the columns.

    Returns
    -------
    dict
        All three NaN unless the gain is positive in 95 % of runs. A run that gains nothing costs infinitely much a
        point, so that the upper end may be infinite.
    """
    if chance(gain) < SURE or np.median(gain) <= 0:
        return dict.fromkeys((name, f"{name}_low", f"{name}_high"), float("nan"))
    each = np.sort(np.divide(cost, gain, out=np.full(len(gain), np.inf), where=gain > 0))
    low, high = (float(each[round(share * (len(each) - 1))]) for share in (0.05, 0.95))
    return {name: float(cost.mean() / np.median(gain)), f"{name}_low": low, f"{name}_high": high}


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
