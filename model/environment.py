"""The environment of a scenario, quarter by quarter: margins, descent, the frontier, public data."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Final

import numpy as np

from model.shock import Shock

READ_BY_BANKS: Final = ("frontier_speed", "bad_loan_inflow", "capital_target", "language_model_cost")


@dataclass(frozen=True)
class Environment:
    """Paths from 2020Q1, one value a quarter.

    Parameters
    ----------
    name : str
        Name of the path (mild, central, severe).
    margin : ndarray, shape (T, 5)
        Net interest margin by group, percent.
    descent : ndarray, shape (T,)
        Rise of the large banks' log-odds in the inclusive-loan market in the quarter.
    frontier_speed : ndarray, shape (T,)
        Factor on the yearly growth of the frontier.
    openness : ndarray, shape (T,)
        Rise of public-data openness since 2020Q1, on 0-1.
    language_model_cost : ndarray, shape (T,)
        Factor on the cost of language models.
    """

    name: str
    margin: np.ndarray
    descent: np.ndarray
    frontier_speed: np.ndarray
    openness: np.ndarray
    language_model_cost: np.ndarray


def between_year_ends(values: Mapping[int, float], quarters: int, first_year: int = 2020) -> np.ndarray:
    """Straight lines between year-end values, one value a quarter.

    Parameters
    ----------
    values : mapping of int to float
        Value at the end of each year; must hold the year before the first.
    quarters : int
        Quarters from the first of ``first_year``.

    Returns
    -------
    ndarray, shape (quarters,)
        The last value goes on after the last year.
    """
    years = sorted(values)
    ends = [4.0 * (year - first_year) + 3.0 for year in years]
    return np.interp(np.arange(quarters), ends, [values[year] for year in years])


def log_odds_steps(shares: np.ndarray) -> np.ndarray:
    """Quarterly rise of the log-odds of a share, shape of the input; 0 in the first quarter."""
    odds = np.log(shares / (1.0 - shares))
    return np.diff(odds, prepend=odds[0])


def conditions(
    paths: list[Environment], shocks: list[tuple[Shock, ...]], replicates: int, quarter: int
) -> SimpleNamespace:
    """Gather what every scenario's environment and shocks are in a quarter, one row per scenario and replicate.

    Parameters
    ----------
    paths, shocks : list
        Environment and shocks of each scenario.
    replicates : int
        Replicates of each scenario.
    quarter : int
        Index of the quarter.

    Returns
    -------
    SimpleNamespace
        ``margin`` (R, 5) in percent; every other field (R, 1), or for ``READ_BY_BANKS`` a number where all scenarios
        agree, which the banks' rules take at a better pace.
    """

    def hit(field: str) -> np.ndarray:
        return np.array([[sum(shock.strength(field, quarter) for shock in struck)] for struck in shocks])

    def path(field: str) -> np.ndarray:
        return np.array([np.atleast_1d(getattr(environment, field)[quarter]) for environment in paths])

    rows = {
        "margin": path("margin") + hit("margin"),
        "descent": path("descent") * (1.0 + hit("descent")),
        "frontier_speed": path("frontier_speed") * (1.0 + hit("frontier_growth")),
        "openness": path("openness"),
        "language_model_cost": path("language_model_cost") * (1.0 + hit("language_model_cost")),
        "bad_loan_inflow": 0.01 * hit("bad_loan_inflow"),
        "capital_target": hit("capital_target"),
        "vendor_outage": hit("vendor_outage"),
    }
    found: dict[str, np.ndarray | float] = {
        name: np.repeat(value, replicates, axis=0) for name, value in rows.items()
    }
    for name in READ_BY_BANKS:
        if (rows[name] == rows[name][0]).all():
            found[name] = float(rows[name][0, 0])
    return SimpleNamespace(**found)
