"""The environment of a scenario: outturn from the data tables, then the path that the settings choose."""

import numpy as np

from agents.kinds import GROUPS
from experiments.config.data import read
from experiments.config.plain import mapping
from experiments.config.tree import Tree
from model import calendar
from model.environment import Environment, between_year_ends, log_odds_steps

QUARTERS = calendar.index("2040Q4") + 1
SERIES_KIND = {"state": "large"}


def environment(name: str, settings: Tree) -> Environment:
    """Build the paths of an environment.

    Parameters
    ----------
    name : str
    settings : Tree
        Its numbers.

    Returns
    -------
    Environment
        Paths from 2020Q1 to 2040Q4; the last yearly change is the last change, after which paths are flat.
    """
    numbers = mapping(settings, "environments.*")
    margin = np.stack(
        [_margin(group, numbers["margin_change"], numbers["margin_factor"][group]) for group in GROUPS],
        axis=1,
    )
    share = _large_share(numbers["descent_rise"]) + numbers["joint_stock_share"]
    years = np.arange(QUARTERS) / 4.0
    return Environment(
        name=name,
        margin=margin,
        descent=log_odds_steps(np.minimum(0.01 * share, 0.95)),
        frontier_speed=np.full(QUARTERS, numbers["frontier_speed"]),
        openness=numbers["openness_growth"] * years,
        language_model_cost=np.full(QUARTERS, numbers["language_model_cost"]),
    )


def _margin(group: str, change: dict[int, float], factor: float) -> np.ndarray:
    """Net interest margin of a group, percent: outturn to its last year, then yearly changes."""
    kind = SERIES_KIND.get(group, group)
    ends = {int(row["year"]): float(row["value"]) for row in read("series/margin.csv") if row["kind"] == kind}
    for year in sorted(change):
        if year > max(ends):
            ends[year] = max(ends[year - 1] + factor * change[year], 0.3)
    return between_year_ends(ends, QUARTERS)


def _large_share(rise: dict[int, float]) -> np.ndarray:
    """State-owned banks' share of inclusive loans, percent: outturn to its last quarter, then yearly rises."""
    dates = [
        (calendar.index(row["quarter"]), float(row["value"]))
        for row in read("series/inclusive_share.csv")
        if row["kind"] == "large"
    ]
    for year in sorted(rise):
        end = calendar.index(f"{year}Q4")
        if end > dates[-1][0]:
            years = (end - dates[-1][0]) / 4.0
            dates.append((end, min(dates[-1][1] + years * rise[year], 75.0)))
    places, values = zip(*dates, strict=True)
    result: np.ndarray = np.interp(np.arange(QUARTERS), places, values)
    return result
