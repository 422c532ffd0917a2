"""The environment of a scenario: outturn from the data tables, then the path that the settings choose."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from agents.kinds import GROUPS
from experiments.config.data import read
from experiments.config.plain import mapping
from experiments.config.tree import Tree
from model import calendar
from model.environment import Environment, between_year_ends, log_odds_steps

QUARTERS = calendar.index("2040Q4") + 1
SERIES_KIND = {"state": "large"}


def environment(name: str, settings: Tree, series: Mapping[str, Any] | None = None) -> Environment:
    """Build the paths of an environment.

    Parameters
    ----------
    name : str
    settings : Tree
        Its numbers.
    series : mapping, optional
        The user's own ``margin`` (percent by kind and year end) and ``market_shares`` (percent by kind and quarter) in
        place of the shipped; a kind that they leave out keeps the shipped outturn.

    Returns
    -------
    Environment
        Paths from 2020Q1 to 2040Q4; the last yearly change is the last change, after which paths are flat.
    """
    numbers = mapping(settings, "environments.*")
    own = series or {}
    margin = np.stack(
        [
            _margin(_margin_ends(group, own), numbers["margin_change"], numbers["margin_factor"][group])
            for group in GROUPS
        ],
        axis=1,
    )
    share = _large_share(_share_dates(own), numbers["descent_rise"]) + numbers["joint_stock_share"]
    years = np.arange(QUARTERS) / 4.0
    return Environment(
        name=name,
        margin=margin,
        descent=log_odds_steps(np.minimum(0.01 * share, 0.95)),
        frontier_speed=np.full(QUARTERS, numbers["frontier_speed"]),
        openness=numbers["openness_growth"] * years,
        language_model_cost=np.full(QUARTERS, numbers["language_model_cost"]),
    )


def _margin_ends(group: str, own: Mapping[str, Any]) -> dict[int, float]:
    """Outturn of a group's net interest margin at year ends, percent."""
    kind = SERIES_KIND.get(group, group)
    if kind in own.get("margin", {}):
        return {int(year): float(value) for year, value in own["margin"][kind].items()}
    return {int(row["year"]): float(row["value"]) for row in read("series/margin.csv") if row["kind"] == kind}


def _margin(ends: dict[int, float], change: dict[int, float], factor: float) -> np.ndarray:
    """Net interest margin of a group, percent: outturn to its last year, then yearly changes."""
    for year in sorted(change):
        if year > max(ends):
            ends[year] = max(ends[year - 1] + factor * change[year], 0.3)
    return between_year_ends(ends, QUARTERS)


def _share_dates(own: Mapping[str, Any]) -> list[tuple[int, float]]:
    """Outturn of the state-owned banks' share of inclusive loans, percent, by quarter as index."""
    if "large" in own.get("market_shares", {}):
        return [(calendar.index(quarter), float(v)) for quarter, v in own["market_shares"]["large"].items()]
    return [
        (calendar.index(row["quarter"]), float(row["value"]))
        for row in read("series/inclusive_share.csv")
        if row["kind"] == "large"
    ]


def _large_share(dates: list[tuple[int, float]], rise: dict[int, float]) -> np.ndarray:
    """State-owned banks' share of inclusive loans, percent: outturn to its last quarter, then yearly rises."""
    for year in sorted(rise):
        end = calendar.index(f"{year}Q4")
        if end > dates[-1][0]:
            years = (end - dates[-1][0]) / 4.0
            dates.append((end, min(dates[-1][1] + years * rise[year], 75.0)))
    places, values = zip(*dates, strict=True)
    result: np.ndarray = np.interp(np.arange(QUARTERS), places, values)
    return result
