"""Where a bundle fails: the corner of the parameter space that holds most failures, as bounds one can read out."""

import numpy as np
import pandas as pd

from experiments.policy import prim
from experiments.policy.case import Case, frame

RESAMPLES = 25
RARE, WORST = 0.05, 0.25
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
        ``stability``: share of resampled sets of runs whose box bounds the same parameter from the same side. A box
        that holds no more failures than the whole space, on runs it has not seen, is none.
    """
    gain = case.gain(case.focus)
    names, inputs = case.drawn
    failure, threshold = "wrong_way", 0.0
    if not RARE <= (gain <= 0).mean() <= 1 - RARE:
        failure, threshold = "worst_quarter", float(np.quantile(gain, WORST))
    fails = gain <= threshold
    box = prim.find(inputs, fails)
    stable, unseen = resampled(inputs, fails, box, case.settings.seed)
    found = box.restricted if unseen[0] > fails.mean() else ()
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
            "density_unseen": unseen[0],
            "coverage_unseen": unseen[1],
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


def resampled(
    inputs: np.ndarray, fails: np.ndarray, box: prim.Box, seed: int
) -> tuple[dict[int, float], tuple[float, float]]:
    """How often resampled runs give the same bounds, and how well their boxes do on the runs left out.

    Returns
    -------
    tuple
        Share of resamples that bound each parameter of ``box`` from the same side; mean density and coverage of their
        boxes on the runs that a resample leaves out (about a third), 0-1.
    """
    rng = np.random.default_rng(seed)
    count = dict.fromkeys(box.restricted, 0)
    inside = caught = failed = 0
    for _ in range(RESAMPLES):
        chosen = rng.integers(len(fails), size=len(fails))
        again = prim.find(inputs[chosen], fails[chosen])
        left = np.setdiff1d(np.arange(len(fails)), chosen)
        held = again.holds(inputs[left])
        inside += int(held.sum())
        caught += int(fails[left][held].sum())
        failed += int(fails[left].sum())
        for column in box.restricted:
            below = np.isfinite(box.high[column]) and np.isfinite(again.high[column])
            above = np.isfinite(box.low[column]) and np.isfinite(again.low[column])
            count[column] += bool(below or above)
    stable = {column: number / RESAMPLES for column, number in count.items()}
    return stable, (caught / max(inside, 1), caught / max(failed, 1))
