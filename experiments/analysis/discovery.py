"""Where a bundle fails: the corner of the parameter space that holds most failures, as bounds one can read out."""

import numpy as np
import pandas as pd

from experiments.analysis import prim
from experiments.analysis.case import Case, frame

RESAMPLES = 25
RARE, WORST = 0.05, 0.25
AGREED = 0.5  # share of resamples that have to find a bound again for it to be told
MOST, WORTH = 4, 0.1  # bounds that a sentence can hold; share of the density that each has to be worth
STANDS_OUT = 1.25  # times as many failures in a box as anywhere, on runs it has not seen, for it to be told
COLUMNS = (
    "scenario", "outcome", "bank_kind", "failure", "threshold", "failures", "parameter", "low", "high",
    "range_low", "range_high", "coverage", "density", "mass", "density_unseen", "coverage_unseen", "stability",
)  # fmt: skip


def discovery(case: Case) -> dict[str, pd.DataFrame]:
    """Find the box of parameters in which the bundle in focus fails.

    A bundle fails where its effect is not for the better: the gap widens in spite of it. Where that hardly happens (in
    less than 5 % of runs) or nearly always does, the worst quarter of the runs are looked at instead.

    Returns
    -------
    dict
        ``discovery``: a row a parameter that the box bounds; one row without a parameter when no corner stands
        out. ``failures``: share of
        all runs that fail; ``coverage``, ``density``, ``mass``: as in `prim.Box`, on the runs the box was found on,
        which flatters it; ``density_unseen``, ``coverage_unseen``: on runs that it has not seen, mean over resamples;
        ``stability``: share of resampled sets of runs whose box bounds the same parameter from the same side. Bounds
        that less than half of them find again are dropped; a box that holds hardly more failures than the whole
        space, on runs it has not seen, is none.
    """
    gain = case.gain(case.focus)
    names, inputs = case.drawn
    failure, threshold = "wrong_way", 0.0
    if not RARE <= (gain <= 0).mean() <= 1 - RARE:
        failure, threshold = "worst_quarter", float(np.quantile(gain, WORST))
    fails = gain <= threshold
    whole = prim.find(inputs, fails)
    again = resamples(inputs, fails, case.settings.seed)
    stable = stability(whole, again)
    kept = tuple(column for column in whole.restricted if stable[column] >= AGREED)
    box = plainest(trimmed(whole, kept, inputs, fails), inputs, fails)
    kept = box.restricted
    density, coverage = unseen(again, kept, inputs, fails)
    found = kept if density >= STANDS_OUT * fails.mean() else ()
    rows = [
        {
            "scenario": case.focus,
            "outcome": case.outcome,
            "bank_kind": case.kind,
            "failure": failure,
            "threshold": threshold,
            "failures": float(fails.mean()),
            "parameter": names[column],
            "low": float(max(box.low[column], inputs[:, column].min())),
            "high": float(min(box.high[column], inputs[:, column].max())),
            "range_low": float(inputs[:, column].min()),
            "range_high": float(inputs[:, column].max()),
            "coverage": box.coverage,
            "density": box.density,
            "mass": box.mass,
            "density_unseen": density,
            "coverage_unseen": coverage,
            "stability": stable[column],
        }
        for column in found
    ]
    if not rows:
        told = {"outcome": case.outcome, "bank_kind": case.kind, "failure": failure, "threshold": threshold}
        rows = [{"scenario": case.focus, **told, "failures": float(fails.mean()), "parameter": ""}]
        return {"discovery": frame(rows, COLUMNS)}
    rows.sort(key=lambda row: -float(row["stability"]))  # type: ignore[arg-type]
    return {"discovery": frame(rows, COLUMNS)}


Found = list[tuple[prim.Box, np.ndarray]]


def resamples(inputs: np.ndarray, fails: np.ndarray, seed: int) -> Found:
    """Boxes of resampled runs, each with the numbers of the runs that its resample leaves out (about a third)."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(RESAMPLES):
        chosen = rng.integers(len(fails), size=len(fails))
        again = prim.find(inputs[chosen], fails[chosen])
        found.append((again, np.setdiff1d(np.arange(len(fails)), chosen)))
    return found


def stability(box: prim.Box, found: Found) -> dict[int, float]:
    """How often resampled runs give a box that bounds the same parameter from the same side, 0-1."""

    def same(again: prim.Box, column: int) -> bool:
        below = np.isfinite(box.high[column]) and np.isfinite(again.high[column])
        return bool(below or (np.isfinite(box.low[column]) and np.isfinite(again.low[column])))

    return {column: float(np.mean([same(again, column) for again, _ in found])) for column in box.restricted}


def trimmed(box: prim.Box, kept: tuple[int, ...], inputs: np.ndarray, fails: np.ndarray) -> prim.Box:
    """A box with no bounds but those on some parameters, measured on some runs."""
    low, high = np.full_like(box.low, -np.inf), np.full_like(box.high, np.inf)
    low[list(kept)], high[list(kept)] = box.low[list(kept)], box.high[list(kept)]
    return prim.measured(inputs, fails, low, high)


def plainest(box: prim.Box, inputs: np.ndarray, fails: np.ndarray) -> prim.Box:
    """Drop the bound that matters least until few are left, each worth a tenth of the density."""
    while box.restricted:
        fewer = [tuple(c for c in box.restricted if c != column) for column in box.restricted]
        best = max((trimmed(box, kept, inputs, fails) for kept in fewer), key=lambda trial: trial.density)
        if len(box.restricted) <= MOST and best.density < (1 - WORTH) * box.density:
            return box
        box = best
    return box


def unseen(found: Found, kept: tuple[int, ...], inputs: np.ndarray, fails: np.ndarray) -> tuple[float, float]:
    """Density and coverage of resampled boxes, with their bounds on some parameters, on the runs left out, 0-1."""
    boxes = [trimmed(again, kept, inputs[left], fails[left]) for again, left in found]
    return float(np.mean([box.density for box in boxes])), float(np.mean([box.coverage for box in boxes]))
