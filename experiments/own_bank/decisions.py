"""What the own bank's choices do: the route to language models, and change itself within a year."""

import pandas as pd

from agents.honeycomb import DIMENSIONS
from agents.own_bank import OPEN_ROUTES
from experiments.own_bank.rows import LEVELS, RUN, texts, wide
from experiments.results.statistics import paired_summary, quantiles

HALF = 50.0  # maturity, 0-100
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
        those that adopt), maturity (0-100 at the end, likewise), half (years from adoption until half mature, median
        of those that get there, missing where fewer than half of the adopters do) and ``effect``, the index less the
        plan's (median).
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
                "half": _years_to_half(of_takers, taken),
                "effect": change.median(),
            }
        )
    return pd.DataFrame(rows)


def _years_to_half(mine: pd.DataFrame, taken: pd.DataFrame) -> float:
    """Median number of years from adoption until new technology is half mature."""
    grown = mine[(mine["outcome"] == "new_technology") & (mine["value"] >= HALF)]
    first, there = (rows.groupby("replicate")["quarter"].min() for rows in (taken, grown))
    years = (_place(there) - _place(first.reindex(there.index))).clip(lower=0.0)
    return float(years.median()) if 2 * len(years) >= len(first) > 0 else float("nan")


def _place(quarters: pd.Series) -> pd.Series:
    return quarters.str[:4].astype(int) + (quarters.str[5].astype(int) - 1) / 4


def early(table: pd.DataFrame) -> pd.DataFrame:
    """What should move within a year if the plan works: today, a year on, and the plan less no change by then.

    Returns
    -------
    DataFrame
        scenario, outcome and the summary of ``effect`` by `paired_summary`: the plan less no change, four quarters
        after the first; ``start`` (median in the first quarter) and ``q05``, ``q50``, ``q95`` of the plan by then.
    """
    table = texts(table)
    quarters = sorted(table["quarter"].unique())
    first, later = quarters[0], quarters[min(4, len(quarters) - 1)]
    rows = table[table["outcome"].isin(EARLY) & table["quarter"].isin((first, later))]
    wide = rows.pivot_table(
        index=[*RUN, "outcome", "quarter"], columns="variant", values="value", sort=False
    ).reset_index()
    ends = wide[wide["quarter"] == later]
    effect = paired_summary(ends.assign(effect=ends["plan"] - ends["no_change"]), ["scenario", "outcome"])
    start = quantiles(wide[wide["quarter"] == first], ["scenario", "outcome"], "plan", (0.5,))
    levels = quantiles(ends, ["scenario", "outcome"], "plan", LEVELS)
    both = levels.merge(start.rename(columns={"q50": "start"}), on=["scenario", "outcome"])
    return effect.merge(both, on=["scenario", "outcome"])
