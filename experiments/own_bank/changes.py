"""What each scenario changes at the own bank: before and after a reform, with and without a blow."""

import pandas as pd

from agents.honeycomb import DIMENSIONS
from experiments.own_bank.rows import RUN, plan_of
from experiments.results.statistics import paired_summary, quantiles

CHANGED = (*DIMENSIONS, "index", "percentile", "inclusive_share", "budget", "run", "free_budget", "benefit")
MONEY = ("budget", "run")  # million yuan a quarter, told by the year
STRESSED = ("inclusive_share", "change_budget")


def changes(table: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """Plan under each scenario less the same plan, with the same luck, under the baseline, in the last quarter.

    Parameters
    ----------
    table : DataFrame
        ``own_bank`` of a study.
    baseline : str
        Label of the scenario compared with.

    Returns
    -------
    DataFrame
        scenario, outcome and the summary of ``effect`` by `paired_summary`; money in million yuan a quarter.
    """
    rows = plan_of(table)
    rows = rows[rows["outcome"].isin(CHANGED) & (rows["quarter"] == rows["quarter"].max())]
    wide = rows.pivot_table(index=["replicate", "outcome"], columns="scenario", values="value", sort=False)
    others = [name for name in rows["scenario"].unique() if name != baseline]
    parts = [
        (wide[name] - wide[baseline]).rename("effect").reset_index().assign(scenario=name) for name in others
    ]
    every = pd.concat(parts) if parts else pd.DataFrame(columns=["scenario", "outcome", "effect"])
    return paired_summary(every, ["scenario", "outcome"])


def stress(table: pd.DataFrame) -> pd.DataFrame:
    """The path of the bank's market share and of the money it has for change, by scenario.

    Returns
    -------
    DataFrame
        scenario, outcome, quarter, q05, q50, q95. ``inclusive_share``: percent of its first quarter's share of the
        inclusive-loan market; ``change_budget``: technology spending less what keeps systems running, million yuan a
        quarter.
    """
    rows = plan_of(table)
    wide = rows.pivot_table(index=[*RUN, "quarter"], columns="outcome", values="value", sort=False)
    wide["change_budget"] = wide["budget"] - wide["run"]
    long = wide[list(STRESSED)].melt(ignore_index=False, var_name="outcome").reset_index()
    return quantiles(long, ["scenario", "outcome", "quarter"], "value", (0.05, 0.5, 0.95))


def maintenance(table: pd.DataFrame) -> pd.DataFrame:
    """Share of each year's budget that keeps systems running: run/change split by scenario and year.

    Returns
    -------
    DataFrame
        scenario, year, q05, q50, q95 (percent of the year's budget).
    """
    rows = plan_of(table)
    rows = rows[rows["outcome"].isin(("budget", "run"))].assign(year=rows["quarter"].str[:4].astype(int))
    paid = rows.pivot_table(
        index=[*RUN, "year"], columns="outcome", values="value", aggfunc="sum", sort=False
    )
    share = (100.0 * paid["run"] / paid["budget"]).rename("share").reset_index()
    return quantiles(share, ["scenario", "year"], "share", (0.05, 0.5, 0.95))
