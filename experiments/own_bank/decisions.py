"""What the own bank's choices do: the route to language models, and change itself within a year."""

import pandas as pd

from agents.honeycomb import DIMENSIONS
from agents.own_bank import OPEN_ROUTES
from experiments.own_bank.rows import RUN, texts, wide
from experiments.statistics import paired_summary

EARLY = (
    *DIMENSIONS,
    "index",
    "talent",
    "data_asset",
    "benefit",
    "free_budget",
    "run_share",
    "language_model",
)


def routes(table: pd.DataFrame) -> pd.DataFrame:
    """The four routes to language models, had the bank known only one: adoption, cost, maturity, effect on the index.

    Returns
    -------
    DataFrame
        scenario, route, adopted (share of runs by the end), year (median of adoption), paid (million yuan, median of
        those that adopt), maturity (0-100 at the end, likewise), and ``effect``, the index less the plan's (median).
    """
    table = texts(table)
    last, rows = table["quarter"].max(), []
    index = wide(table[(table["outcome"] == "index") & (table["quarter"] == last)], "variant")
    for (scenario, route), mine in table[table["variant"].isin(OPEN_ROUTES)].groupby(
        ["scenario", "variant"], sort=False
    ):
        taken = mine[(mine["outcome"] == "language_model") & (mine["value"] > 0)]
        first = taken.groupby("replicate")["quarter"].min().str[:4].astype(float)
        of_takers = mine[mine["replicate"].isin(first.index)]
        paid = (
            of_takers[of_takers["outcome"] == "language_model_spending"].groupby("replicate")["value"].sum()
        )
        grown = of_takers[(of_takers["outcome"] == "new_technology") & (of_takers["quarter"] == last)]
        change = (index[route] - index["plan"]).xs(scenario, level="scenario")
        rows.append(
            {
                "scenario": scenario,
                "route": route,
                "adopted": len(first) / mine["replicate"].nunique(),
                "year": first.median(),
                "paid": paid.median(),
                "maturity": grown["value"].median(),
                "effect": change.median(),
            }
        )
    return pd.DataFrame(rows)


def early(table: pd.DataFrame) -> pd.DataFrame:
    """What should move within a year if the plan works: the plan less no change, four quarters after the first.

    Returns
    -------
    DataFrame
        scenario, outcome and the summary of ``effect`` by `paired_summary`, the clearest first within a scenario.
    """
    table = texts(table)
    quarters = sorted(table["quarter"].unique())
    rows = table[(table["quarter"] == quarters[min(4, len(quarters) - 1)]) & table["outcome"].isin(EARLY)]
    wide = rows.pivot_table(index=[*RUN, "outcome"], columns="variant", values="value", sort=False)
    effect = (wide["plan"] - wide["no_change"]).rename("effect").reset_index()
    return paired_summary(effect, ["scenario", "outcome"])
