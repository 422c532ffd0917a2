"""The environment of a scenario: outturn from the data tables, then the path that the settings choose."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from experiments.config.data import read
from experiments.config.numbers import plain_tree
from experiments.config.tree import Tree
from model import calendar
from model.environment import GROUPS, Environment, between_year_ends, by_year

QUARTERS: Final = calendar.index("2040Q4") + 1
SERIES_KIND: Final = {"state": "large"}
LEAST: Final = {"margin": 0.3, "bad_loans": 0.1, "capital": 5.0}
"""Percent below which a path does not fall."""


def environment(name: str, settings: Tree, series: Mapping[str, Any] | None = None) -> Environment:
    """Build the paths of an environment.

    Parameters
    ----------
    name : str
    settings : Tree
        Its numbers.
    series : mapping, optional
        The user's own ``margin``, ``bad_loans`` and ``capital`` (percent by group and year end) and ``market_shares``
        (percent by kind and quarter) in place of the shipped; a group that they leave out keeps the shipped outturn.

    Returns
    -------
    Environment
        Paths from 2020Q1 to 2040Q4; the last yearly change is the last change, after which paths are flat.
    """
    numbers = plain_tree(settings, "environments.*")
    own = series or {}
    pace = by_year(numbers["growth"], QUARTERS)
    opened = calendar.index(f"{numbers['open_weights_year']:.0f}Q1")
    joint_stock = numbers["joint_stock_share"]
    quarters = np.arange(QUARTERS)
    lasting = dict.fromkeys(range(2026, 2031), 1.0)
    return Environment(
        name=name,
        margin=_paths("margin", own, numbers["margin_change"], numbers["margin_factor"]),
        bad_loans=_paths("bad_loans", own, lasting, numbers["bad_loan_change"]),
        capital=_paths("capital", own, {}, dict.fromkeys(GROUPS, 0.0)),
        growth=np.stack([pace * numbers["growth_factor"][group] for group in GROUPS], axis=1),
        large_share=_large_share(own, joint_stock, numbers["descent_rise"]),
        reference_share=_large_share(own, joint_stock, {}),
        openness=numbers["openness_growth"] * quarters / 4.0,
        model_price=np.full(QUARTERS, numbers["language_model_cost"]),
        open_weights=np.where(quarters >= opened, numbers["open_weights_build"], 1.0),
        claim=by_year(numbers["localisation_claim"], QUARTERS),
        exits=by_year(numbers["exits"], QUARTERS),
        ageing=np.full(QUARTERS, numbers["ageing"]),
    )


def _paths(
    series: str, own: Mapping[str, Any], change: Mapping[int, float], factor: Mapping[str, float]
) -> np.ndarray:
    """A series of every group, percent: outturn to its last year, then yearly changes times the group's factor."""
    return np.stack([_path(series, own, group, change, factor[group]) for group in GROUPS], axis=1)


def _path(
    series: str, own: Mapping[str, Any], group: str, change: Mapping[int, float], factor: float
) -> np.ndarray:
    kind = SERIES_KIND.get(group, group)
    rows = read(f"series/{series}.csv")
    shipped = {int(row["year"]): float(row["value"]) for row in rows if row["kind"] == kind}
    ends = {int(year): float(value) for year, value in own.get(series, {}).get(kind, shipped).items()}
    for year in sorted(shipped):  # the user's own end sooner: from there on they move as the outturn did
        if year > max(ends):
            ends[year] = ends[year - 1] + shipped[year] - shipped[year - 1]
    for year in sorted(change):
        if year > max(ends):
            ends[year] = max(ends[year - 1] + factor * change[year], LEAST[series])
    return between_year_ends(ends, QUARTERS)


def _large_share(own: Mapping[str, Any], joint_stock: float, rise: Mapping[int, float]) -> np.ndarray:
    """Large banks' share of inclusive loans, 0-1: outturn to its last quarter, then yearly rises in points."""
    if "large" in own.get("market_shares", {}):
        dates = [(calendar.index(quarter), float(v)) for quarter, v in own["market_shares"]["large"].items()]
    else:
        rows = read("series/inclusive_share.csv")
        dates = [
            (calendar.index(row["quarter"]), float(row["value"])) for row in rows if row["kind"] == "large"
        ]
    for year in sorted(rise):
        end = calendar.index(f"{year}Q4")
        if end > dates[-1][0]:
            years = (end - dates[-1][0]) / 4.0
            dates.append((end, min(dates[-1][1] + years * rise[year], 75.0)))
    places, values = zip(*dates, strict=True)
    share: np.ndarray = np.minimum(
        0.01 * (np.interp(np.arange(QUARTERS), places, values) + joint_stock), 0.95
    )
    return share
