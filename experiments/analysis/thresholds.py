"""The year from which rural institutions can afford language models without a subsidy."""

import numpy as np
import pandas as pd

from experiments.analysis.case import Case, frame

HALF = 0.5
COLUMNS = (
    "scenario", "threshold", "year", "probability", "by_then", "never", "median", "low", "high",
)  # fmt: skip


def thresholds(case: Case) -> dict[str, pd.DataFrame]:
    """Distribution of threshold years over parameters and seeds, for every scenario.

    Returns
    -------
    dict
        ``thresholds``: two thresholds. ``affordable``: the first year-end from which no more than half of the rural
        institutions wait because no route costs less than a year's change budget, and it stays so; ``adopted``: the
        first at which half of them have a route. ``probability`` of each year, ``by_then`` cumulated, ``never``
        within the study; ``median``, ``low``, ``high``: years (NaN beyond the study).
    """
    laboratory = case.laboratory
    found = laboratory.run(list(laboratory.scenarios.values()), case.replicates, reading="adoption")
    start, end = int(case.settings.start[:4]), int(case.settings.end[:4])
    years = np.arange(end - found["adopted"].shape[-1] + 1, end + 1)
    launch = max(start, int(laboratory.world.language_model_launch[:4]))
    rows = []
    for s, label in enumerate(laboratory.scenarios):
        for threshold, reached in (
            ("affordable", lasting((found["shut_out"][s] <= HALF) & (years >= launch))),
            ("adopted", found["adopted"][s] >= HALF),
        ):
            first = first_year(reached, years)
            middle = [float(q) if np.isfinite(q) else np.nan for q in quantile_years(first)]
            rows += [
                {
                    "scenario": label,
                    "threshold": threshold,
                    "year": int(year),
                    "probability": float((first == year).mean()),
                    "by_then": float((first <= year).mean()),
                    "never": float(np.isinf(first).mean()),
                    **dict(zip(("low", "median", "high"), middle, strict=True)),
                }
                for year in years[years >= launch]
            ]
    return {"thresholds": frame(rows, COLUMNS)}


def lasting(holds: np.ndarray) -> np.ndarray:
    """Where something holds and holds from then on, along the last axis."""
    return np.logical_and.accumulate(holds[..., ::-1], axis=-1)[..., ::-1]


def first_year(reached: np.ndarray, years: np.ndarray) -> np.ndarray:
    """First year in which something is reached, infinite where it never is; shape (R,)."""
    return np.where(reached.any(-1), years[reached.argmax(-1)], np.inf)


def quantile_years(first: np.ndarray) -> np.ndarray:
    """The 5, 50 and 95 % quantiles of years that may be infinite: the smallest year by which so many are there."""
    ordered = np.sort(first)
    places = np.ceil(np.array([0.05, 0.5, 0.95]) * len(ordered)).astype(int) - 1
    return np.asarray(ordered[np.maximum(places, 0)], float)
