"""What the own bank's spending returns: points for one more yuan, and money over time."""

import numpy as np
import pandas as pd

from agents.honeycomb import DIMENSIONS
from agents.own_bank import MORE
from experiments.own_bank.rows import LEVELS, RUN, summed, texts, wide
from experiments.results.statistics import paired_summary


def bottleneck(table: pd.DataFrame) -> pd.DataFrame:
    """What a little more money for one dimension adds to the index by the last quarter, points a million yuan.

    The money comes from outside and keeps coming; what it builds has to be kept running out of the own budget, so
    that a gain may be negative.

    Returns
    -------
    DataFrame
        scenario, dimension, spent (million yuan on top, median), and the summary of ``gain`` by `paired_summary`.
    """
    table = texts(table)
    last = table["quarter"].max()
    index = wide(table[(table["outcome"] == "index") & (table["quarter"] == last)], "variant")
    spent = wide(summed(table[table["outcome"] == "added"], ["variant"]), "variant")
    parts = []
    for name, dimension in zip(MORE, DIMENSIONS, strict=True):
        gain = (index[name] - index["plan"]) / spent[name]
        parts.append(pd.DataFrame({"gain": gain, "dimension": dimension, "spent": spent[name]}))
    runs = pd.concat(parts).reset_index()
    middle = runs.groupby(["scenario", "dimension"], sort=False)["spent"].median().reset_index()
    return paired_summary(runs, ["scenario", "dimension"], "gain").merge(middle, on=["scenario", "dimension"])


def cumulated(table: pd.DataFrame) -> pd.DataFrame:
    """The J-curve: what change has brought in, less what it has cost, since the first quarter, by run.

    Both against the same bank with the same luck that changes nothing; not discounted.

    Returns
    -------
    DataFrame
        scenario, replicate, quarter, net (million yuan, cumulated).
    """
    table = texts(table)
    rows = table[table["outcome"].isin(("digital_income", "invested"))]
    wide = rows.pivot_table(
        index=[*RUN, "quarter"], columns=["outcome", "variant"], values="value", sort=False
    )
    income, spent = (wide[name]["plan"] - wide[name]["no_change"] for name in ("digital_income", "invested"))
    net = (income - spent).sort_index().groupby(level=RUN).cumsum()
    return net.rename("net").reset_index()


def paid_back_by(table: pd.DataFrame) -> pd.DataFrame:
    """The distribution of payback: share of runs whose balance is above zero from then on, by the end of each year.

    Returns
    -------
    DataFrame
        scenario, year, share (0-1).
    """
    rows = []
    for scenario, mine in cumulated(table).groupby("scenario", sort=False):
        wide = mine.pivot_table(index="replicate", columns="quarter", values="net").sort_index(axis=1)
        stays = wide.ge(0).iloc[:, ::-1].cummin(axis=1).iloc[:, ::-1]
        rows += [
            {"scenario": scenario, "year": int(quarter[:4]), "share": float(stays[quarter].mean())}
            for quarter in wide.columns
            if quarter.endswith("Q4")
        ]
    return pd.DataFrame(rows, columns=["scenario", "year", "share"])


def payback(table: pd.DataFrame) -> pd.DataFrame:
    """When spending on change has paid back: share of runs by the end, median quarter of those, deepest point.

    Returns
    -------
    DataFrame
        scenario, paid_back (share of runs), quarter (empty where most runs do not get there), trough and net at the end
        (million yuan; the latter with its 5 and 95 % quantiles).
    """
    net, found = cumulated(table), []
    for scenario, mine in net.groupby("scenario", sort=False):
        wide = mine.pivot_table(index="replicate", columns="quarter", values="net").sort_index(axis=1)
        under = wide.lt(0).to_numpy()
        done = ~under[:, -1]  # a run that is below zero at the end has not paid back
        below = under.shape[1] - under[:, ::-1].argmax(1)  # one past the last quarter below zero
        after = np.where(under.any(1), below, 0)[done]
        quarters = wide.columns[np.sort(after)]
        low, middle, high = wide.iloc[:, -1].quantile(list(LEVELS))
        found.append(
            {
                "scenario": scenario,
                "paid_back": float(done.mean()),
                "quarter": quarters[len(quarters) // 2] if done.mean() > 0.5 else "",
                "trough": float(wide.min(axis=1).median()),
                "net": middle,
                "net_low": low,
                "net_high": high,
            }
        )
    return pd.DataFrame(found)
