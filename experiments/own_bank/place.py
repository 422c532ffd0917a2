"""Where the own bank stands among its peers, how often its plan fails, and whether it beats the rule of its kind."""

import pandas as pd

from experiments.own_bank.rows import LEVELS, RUN, ends, last_year, plan_of, texts, wide
from experiments.results.statistics import paired_summary, quantiles


def place(table: pd.DataFrame) -> pd.DataFrame:
    """Share of the banks of its kind and size that it leaves behind, in its first and its last quarter, percent.

    Parameters
    ----------
    table : DataFrame
        ``own_bank`` of a study.

    Returns
    -------
    DataFrame
        scenario, dimension (or index), quarter, q05, q50, q95.
    """
    rows = ends(plan_of(table))
    rows = rows[rows["outcome"].str.startswith("percentile") & (rows["outcome"] != "percentile_kind")]
    names = rows["outcome"].str.removeprefix("percentile_").replace("percentile", "index")
    return quantiles(rows.assign(dimension=names), ["scenario", "dimension", "quarter"], "value", LEVELS)


def failures(table: pd.DataFrame) -> pd.DataFrame:
    """How often the plan fails: share of runs that end behind, run out of budget, or either, by scenario.

    Behind: the index ends below the median of its kind. Exhausted: the budget does not cover what must be kept running
    in any quarter of the last year.
    """
    rows = plan_of(table)
    last = wide(rows[rows["quarter"] == rows["quarter"].max()], "outcome")
    year = rows[(rows["outcome"] == "budget_exhausted") & (rows["quarter"] >= last_year(rows))]
    exhausted = year.groupby(RUN, sort=False)["value"].max() > 0
    found = pd.DataFrame({"behind": last["index"] < last["kind_median"], "exhausted": exhausted})
    found["either"] = found["behind"] | found["exhausted"]
    return found.groupby("scenario", sort=False).mean().reset_index()


def against_its_kind(table: pd.DataFrame) -> pd.DataFrame:
    """The written plan less the rule of its kind, index in the last quarter; see `paired_summary`."""
    table = texts(table)
    index = wide(
        table[(table["outcome"] == "index") & (table["quarter"] == table["quarter"].max())], "variant"
    )
    return paired_summary(
        (index["plan"] - index["like_its_kind"]).rename("effect").reset_index(), ["scenario"]
    )
