"""Summaries of replicates: quantile bands, and paired effects with their probability of a gain."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

CLEAR = 0.9
"""Mass of the interval that must leave zero out for an effect to count as beyond noise."""


def quantiles(frame: pd.DataFrame, by: Sequence[str], value: str, levels: Sequence[float]) -> pd.DataFrame:
    """Quantiles of a value over replicates.

    Parameters
    ----------
    frame
        Tidy rows, one a replicate within each group.
    by
        Columns that name a group.
    value
        Column to summarise, any unit.
    levels
        Probabilities in [0, 1].

    Returns
    -------
    pandas.DataFrame
        One row a group in order of appearance, one column ``q05``, ``q50``, ... a level, in the unit of ``value``.
    """
    keys = list(by)
    groups = frame.groupby(keys, sort=False, observed=True)[value]
    # unstacking sorts the groups; what is joined to them later stands in order of appearance
    table = groups.quantile(np.asarray(levels)).unstack().reindex(groups.size().index)
    table.columns = [f"q{round(100 * level):02d}" for level in levels]
    return table.reset_index()


def paired_summary(frame: pd.DataFrame, by: Sequence[str], value: str = "effect") -> pd.DataFrame:
    """Median, 50 and 90 % intervals and probability of a gain of paired differences.

    Parameters
    ----------
    frame
        Tidy rows, one a replicate within each group; missing values are left out.
    by
        Columns that name a group.
    value
        Paired difference, any unit.

    Returns
    -------
    pandas.DataFrame
        One row a group in order of appearance: ``replicates``, ``median``, ``low50``, ``high50``, ``low90``,
        ``high90`` (unit of ``value``), ``probability`` (of a positive effect, 0-1; an exact zero counts half)
        and ``clear`` (-1, 0, +1: on which side of zero the 90 % interval lies).
    """
    keys = list(by)
    kept = frame.dropna(subset=[value])
    if kept.empty:
        columns = ["replicates", "median", "low50", "high50", "low90", "high90", "probability", "clear"]
        return pd.DataFrame(columns=[*keys, *columns])
    table = quantiles(kept, keys, value, (0.05, 0.25, 0.5, 0.75, 0.95))
    table.columns = [*keys, "low90", "low50", "median", "high50", "high90"]
    sides = kept[keys].assign(side=np.sign(kept[value]) / 2 + 0.5)
    tail = sides.groupby(keys, sort=False, observed=True)["side"].agg(["size", "mean"]).reset_index()
    table["replicates"], table["probability"] = tail["size"], tail["mean"]
    table["clear"] = (table["low90"] > 0).astype(int) - (table["high90"] < 0).astype(int)
    return table[
        [*keys, "replicates", "median", "low50", "high50", "low90", "high90", "probability", "clear"]
    ]


def lookup(frame: pd.DataFrame, by: Sequence[str]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Rows by their key.

    Parameters
    ----------
    frame
        Any table.
    by
        Columns that together name a row.
    """
    return {tuple(line[key] for key in by): line for line in frame.to_dict("records")}  # type: ignore[misc]


def first_share(frame: pd.DataFrame, by: str, value: str = "effect") -> pd.Series:
    """Share of replicates in which each contender has the largest effect.

    Parameters
    ----------
    frame
        Columns ``replicate``, ``by`` and ``value``; ties share the first place.
    by
        Column that names the contenders.
    value
        What is compared, more is better.

    Returns
    -------
    pandas.Series
        Share of replicates (0-1) by contender; sums to one.
    """
    table = frame.pivot_table(index="replicate", columns=by, values=value, sort=False, observed=True)
    best = table.eq(table.max(axis=1), axis=0)
    return best.div(best.sum(axis=1), axis=0).mean()
