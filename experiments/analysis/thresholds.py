"""The year from which rural institutions can afford language models without a subsidy."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from experiments.analysis.laboratory import Case
from experiments.analysis.outcome import adoption
from experiments.analysis.registry import PROBABILITY, Row, method
from experiments.results.schema import SCENARIO, number, table, text
from experiments.results.statistics import ENDS, reached

HALF = 0.5
TABLE: Final = table(
    "probability that one threshold is passed in one year",
    SCENARIO,
    text("threshold", "affordable or adopted"),
    number("year", "calendar year"),
    PROBABILITY,
    number("by_then", "share of runs that have passed it by then", "0-1"),
    number("never", "share of runs that do not pass it within the study", "0-1"),
    number("median", "median", "year"),
    number("low", "5 % quantile", "year"),
    number("high", "95 % quantile", "year"),
)


@method(thresholds=TABLE)
def thresholds(case: Case) -> Iterator[Row]:
    """Distribution of threshold years over parameters and seeds, for every scenario.

    Yields
    ------
    dict
        ``thresholds``: two thresholds. ``affordable``: the first year-end from which no more than half of the rural
        institutions wait because no route costs less than a year's change budget, and it stays so; ``adopted``: the
        first at which half of them have a route. ``probability`` of each year, ``by_then`` cumulated, ``never``
        within the study; ``median``, ``low``, ``high``: years (NaN beyond the study).
    """
    outcomes = case.laboratory.run(case.laboratory.every, case.replicates, adoption)
    end, launch = case.settings.end, int(case.settings.behaviour["model_launch"])
    after = int(end[:4]) + end.endswith("Q4")  # the first year whose end the study does not hold
    years = np.arange(after - outcomes["adopted"].shape[-1], after)
    for s, label in enumerate(case.laboratory.scenarios):
        for threshold, there in (
            ("affordable", lasting((outcomes["shut_out"][s] <= HALF) & (years >= launch))),
            ("adopted", outcomes["adopted"][s] >= HALF),
        ):
            first = first_year(there, years)
            ends = [reached(first, share) for share in ENDS]
            of = {"scenario": label, "threshold": threshold, "never": float(np.isinf(first).mean())}
            for name, year in zip(("low", "median", "high"), ends, strict=True):
                of[name] = float(year) if np.isfinite(year) else np.nan
            for year in years[years >= launch]:
                shares = {
                    "probability": float((first == year).mean()),
                    "by_then": float((first <= year).mean()),
                }
                yield {**of, "year": int(year), **shares}


def lasting(holds: np.ndarray) -> np.ndarray:
    """Where something holds and holds from then on, along the last axis."""
    return np.logical_and.accumulate(holds[..., ::-1], axis=-1)[..., ::-1]


def first_year(there: np.ndarray, years: np.ndarray) -> np.ndarray:
    """First year in which something is reached, infinite where it never is; shape (R,)."""
    return np.where(there.any(-1), years[there.argmax(-1)], np.inf)
