"""Questions asked of the table of the user's own bank: its place, its bottleneck, its routes, when spending pays back.

Each takes ``own_bank`` of a study and gives one table; statistics are those of `experiments.results.statistics`.
"""

import numpy as np
import pandas as pd

from agents.honeycomb import DIMENSIONS
from experiments.results.statistics import ENDS, interval, paired_summary, quantiles, reached
from model.own_bank import MORE, OPEN_ROUTES

RUN = ["scenario", "replicate"]


def texts(table: pd.DataFrame) -> pd.DataFrame:
    """The same with categories as plain texts."""
    return table.astype(dict.fromkeys(table.select_dtypes("category"), str))


def plan_of(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the plan."""
    return texts(table[table["variant"] == "plan"])


def ends(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the first and the last quarter."""
    return rows[rows["quarter"].isin((rows["quarter"].min(), rows["quarter"].max()))]


def last_year(rows: pd.DataFrame) -> str:
    """First of the last four quarters."""
    return str(sorted(rows["quarter"].unique())[-4:][0])


def summed(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Values added over the quarters, by run and the columns named."""
    return rows.groupby([*RUN, *by], sort=False)["value"].sum().reset_index()


def wide(rows: pd.DataFrame, columns: str) -> pd.DataFrame:
    """One row a run, one column for each word of a column."""
    return rows.pivot_table(index=RUN, columns=columns, values="value", sort=False)


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
    return quantiles(rows.assign(dimension=names), ["scenario", "dimension", "quarter"], "value", ENDS)


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
    net: pd.Series = (income - spent).sort_index().groupby(level=RUN).cumsum()
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
        quarter = wide.columns[int(reached(after, 0.5))] if done.mean() > 0.5 else ""
        found.append(
            {
                "scenario": scenario,
                "paid_back": float(done.mean()),
                "quarter": quarter,
                "trough": float(wide.min(axis=1).median()),
                **interval(wide.iloc[:, -1].to_numpy(), "net"),
            }
        )
    return pd.DataFrame(found)


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
    levels = quantiles(ends, ["scenario", "outcome"], "plan", ENDS)
    both = levels.merge(start.rename(columns={"q50": "start"}), on=["scenario", "outcome"])
    return effect.merge(both, on=["scenario", "outcome"])


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
    return quantiles(long, ["scenario", "outcome", "quarter"], "value", ENDS)


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
    return quantiles(share, ["scenario", "year"], "share", ENDS)


def every(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Every answer by its name; the first scenario is the baseline that the others are set against."""
    asked = (
        place,
        failures,
        bottleneck,
        routes,
        payback,
        paid_back_by,
        maintenance,
        stress,
        early,
        against_its_kind,
    )
    baseline = str(table["scenario"].cat.categories[0])
    answers = {ask.__name__: ask(table) for ask in asked}
    return answers | {"changes": changes(table, baseline)}
