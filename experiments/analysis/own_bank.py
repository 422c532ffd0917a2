"""Where the plan of a user's own bank breaks: how often, and in which corner of what is not known."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.analysis import parameters, prim
from experiments.analysis.case import Case, frame
from experiments.analysis.discovery import RARE, WORST, resamples, stability
from experiments.analysis.outcome import own_ends
from experiments.failure import StudyFailed

COLUMNS = (
    "scenario", "failure", "behind", "exhausted", "failures", "threshold", "parameter", "fails_low", "fails_high",
    "difference", "error", "low", "high", "range_low", "range_high", "coverage", "density", "mass", "stability",
)  # fmt: skip


def own_bank(case: Case) -> dict[str, pd.DataFrame]:
    """Find out how often the plan fails, and under which conditions.

    A run fails where the index ends below the median of its kind (``behind``) or the budget does not cover what must be
    kept running in any quarter of the last year (``exhausted``). Where that hardly happens, or nearly always does, the
    conditions are those of the worst quarter of the runs by distance to the median instead.

    Returns
    -------
    dict
        ``own_bank_breaks``: a row for each scenario and parameter, the most telling first. ``fails_low`` and
        ``fails_high``: share of runs that fail in its lowest and highest third; ``error``: standard error of their
        difference; ``low`` and ``high``: its bounds in the box that holds most failures, missing where it is free.
    """
    if case.settings.bank is None:
        raise StudyFailed("the method own_bank needs a bank of your own, for instance bank=example")
    names, inputs, ends = _runs(case)
    rows: list[dict[str, Any]] = []
    for s, label in enumerate(case.laboratory.scenarios):
        end = {key: value[s] for key, value in ends.items()}
        found = conditions(names, inputs, end, case.settings.seed)
        rows += [{"scenario": label, **row} for row in found]
    return {"own_bank_breaks": frame(rows, COLUMNS)}


def conditions(
    names: tuple[str, ...], inputs: np.ndarray, end: Mapping[str, np.ndarray], seed: int
) -> list[dict[str, Any]]:
    """Rank parameters by how much they decide about failure, and box the failures in; see `own_bank`.

    Parameters
    ----------
    names : tuple of str
    inputs : ndarray, shape (R, names)
        What each run drew.
    end : mapping of str to ndarray, shape (R,)
        ``lead`` over the median of the kind, points, and whether the budget was ``exhausted``.
    seed : int
    """
    behind, exhausted = end["lead"] < 0.0, end["exhausted"] > 0.0
    fails, failure, threshold = behind | exhausted, "behind_or_exhausted", 0.0
    if not RARE <= fails.mean() <= 1 - RARE:
        failure, threshold = "worst_quarter", float(np.quantile(end["lead"], WORST))
    shares = {"behind": behind.mean(), "exhausted": exhausted.mean(), "failures": fails.mean()}
    fails = fails if failure != "worst_quarter" else end["lead"] <= threshold
    box = prim.find(inputs, fails)
    stable = stability(box, resamples(inputs, fails, seed))
    rows = []
    for column, name in enumerate(names):
        values = inputs[:, column]
        low, high = np.quantile(values, (1 / 3, 2 / 3))
        thirds = [fails[values <= low], fails[values >= high]]
        below, above = (float(third.mean()) for third in thirds)
        error = sum(
            share * (1 - share) / len(third) for share, third in zip((below, above), thirds, strict=True)
        )
        bounded = column in box.restricted
        rows.append(
            {
                "failure": failure,
                "threshold": threshold,
                **{key: float(share) for key, share in shares.items()},
                "parameter": name,
                "fails_low": below,
                "fails_high": above,
                "difference": above - below,
                "error": float(error**0.5),
                "low": max(box.low[column], values.min()) if bounded else np.nan,
                "high": min(box.high[column], values.max()) if bounded else np.nan,
                "range_low": values.min(),
                "range_high": values.max(),
                "coverage": box.coverage,
                "density": box.density,
                "mass": box.mass,
                "stability": stable.get(column, np.nan),
            }
        )
    return sorted(rows, key=lambda row: -abs(row["difference"]))


def _runs(case: Case) -> tuple[tuple[str, ...], np.ndarray, dict[str, np.ndarray]]:
    """What differs between the runs, and how the plan ends in each; arrays (S, R).

    The study's own runs will do when each draws its own parameters. Else the plan is run again over the ranges that
    calibration starts from.
    """
    laboratory, kind = case.laboratory, case.settings.bank.kind
    ensemble = laboratory.world.ensemble
    varied = ensemble is not None and laboratory.calibrated and len(np.unique(ensemble.members, axis=0)) > 1
    if varied and case.merged is not None:
        names, inputs = case.drawn
        parts = [
            own_ends({name: chunk[f"own/{name}"] for name in ("index", "kind_median", "budget_exhausted")})
            for chunk in case.merged.chunks
        ]
        ends = {key: np.concatenate([part[key] for part in parts], axis=1) for key in parts[0]}
    else:
        prior = parameters.prior_ensemble(case.settings, 1024)
        names, inputs = prior.paths, prior.drawn(case.settings.seed, case.replicates)
        every = list(laboratory.scenarios.values())
        ends = laboratory.run(every, case.replicates, "own_bank", names, inputs)
    other = tuple(f"banks.{k}." for k in ("large", "city", "rural", "private") if k != kind)
    kept = [c for c, name in enumerate(names) if not name.startswith(other) and np.ptp(inputs[:, c]) > 0]
    return tuple(names[c] for c in kept), inputs[:, kept], ends
