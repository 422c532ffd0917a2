"""What the table of a user's own bank says: place, bottleneck, routes, when spending pays back, how often it fails."""

import pandas as pd

from agents.honeycomb import DIMENSIONS
from agents.own_bank import MORE, OPEN_ROUTES
from experiments.statistics import paired_summary, quantiles

LEVELS = (0.05, 0.5, 0.95)
RUN = ["scenario", "replicate"]
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
    rows = _ends(_plan(table))
    rows = rows[rows["outcome"].str.startswith("percentile") & (rows["outcome"] != "percentile_kind")]
    names = rows["outcome"].str.removeprefix("percentile_").replace("percentile", "index")
    return quantiles(rows.assign(dimension=names), ["scenario", "dimension", "quarter"], "value", LEVELS)


def failures(table: pd.DataFrame) -> pd.DataFrame:
    """How often the plan fails: share of runs that end behind, run out of budget, or either, by scenario.

    Behind: the index ends below the median of its kind. Exhausted: the budget does not cover what must be kept running
    in any quarter of the last year.
    """
    rows = _plan(table)
    last = _wide(rows[rows["quarter"] == rows["quarter"].max()], "outcome")
    year = rows[(rows["outcome"] == "budget_exhausted") & (rows["quarter"] >= _year_before(rows))]
    exhausted = year.groupby(RUN, sort=False)["value"].max() > 0
    found = pd.DataFrame({"behind": last["index"] < last["kind_median"], "exhausted": exhausted})
    found["either"] = found["behind"] | found["exhausted"]
    return found.groupby("scenario", sort=False).mean().reset_index()


def bottleneck(table: pd.DataFrame) -> pd.DataFrame:
    """What a little more money for one dimension adds to the index by the last quarter, points a million yuan.

    The money comes from outside and keeps coming; what it builds has to be kept running out of the own budget, so
    that a gain may be negative.

    Returns
    -------
    DataFrame
        scenario, dimension, spent (million yuan on top, median), and the summary of ``gain`` by `paired_summary`.
    """
    table = _texts(table)
    last = table["quarter"].max()
    index = _wide(table[(table["outcome"] == "index") & (table["quarter"] == last)], "variant")
    spent = _wide(_summed(table[table["outcome"] == "added"], ["variant"]), "variant")
    parts = []
    for name, dimension in zip(MORE, DIMENSIONS, strict=True):
        gain = (index[name] - index["plan"]) / spent[name]
        parts.append(pd.DataFrame({"gain": gain, "dimension": dimension, "spent": spent[name]}))
    runs = pd.concat(parts).reset_index()
    middle = runs.groupby(["scenario", "dimension"], sort=False)["spent"].median().reset_index()
    return paired_summary(runs, ["scenario", "dimension"], "gain").merge(middle, on=["scenario", "dimension"])


def routes(table: pd.DataFrame) -> pd.DataFrame:
    """The four routes to language models, had the bank known only one: adoption, cost, maturity, effect on the index.

    Returns
    -------
    DataFrame
        scenario, route, adopted (share of runs by the end), year (median of adoption), paid (million yuan, median of
        those that adopt), maturity (0-100 at the end, likewise), and ``effect``, the index less the plan's (median).
    """
    table = _texts(table)
    last, rows = table["quarter"].max(), []
    index = _wide(table[(table["outcome"] == "index") & (table["quarter"] == last)], "variant")
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


def cumulated(table: pd.DataFrame) -> pd.DataFrame:
    """The J-curve: what change has brought in, less what it has cost, since the first quarter, by run.

    Both against the same bank with the same luck that changes nothing; not discounted.

    Returns
    -------
    DataFrame
        scenario, replicate, quarter, net (million yuan, cumulated).
    """
    table = _texts(table)
    rows = table[table["outcome"].isin(("digital_income", "invested"))]
    wide = rows.pivot_table(
        index=[*RUN, "quarter"], columns=["outcome", "variant"], values="value", sort=False
    )
    income, spent = (wide[name]["plan"] - wide[name]["no_change"] for name in ("digital_income", "invested"))
    net = (income - spent).sort_index().groupby(level=RUN).cumsum()
    return net.rename("net").reset_index()


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
        under = wide.lt(0)
        # The quarter after the last one below zero; a run that is below zero at the end has not paid back.
        after = under.iloc[:, ::-1].idxmax(axis=1).where(under.any(axis=1), wide.columns[0])
        done = ~under.iloc[:, -1]
        quarters = sorted(after[done])
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


def early(table: pd.DataFrame) -> pd.DataFrame:
    """What should move within a year if the plan works: the plan less no change, four quarters after the first.

    Returns
    -------
    DataFrame
        scenario, outcome and the summary of ``effect`` by `paired_summary`, the clearest first within a scenario.
    """
    table = _texts(table)
    quarters = sorted(table["quarter"].unique())
    rows = table[(table["quarter"] == quarters[min(4, len(quarters) - 1)]) & table["outcome"].isin(EARLY)]
    wide = rows.pivot_table(index=[*RUN, "outcome"], columns="variant", values="value", sort=False)
    effect = (wide["plan"] - wide["no_change"]).rename("effect").reset_index()
    return paired_summary(effect, ["scenario", "outcome"])


def against_its_kind(table: pd.DataFrame) -> pd.DataFrame:
    """The written plan less the rule of its kind, index in the last quarter; see `paired_summary`."""
    table = _texts(table)
    index = _wide(
        table[(table["outcome"] == "index") & (table["quarter"] == table["quarter"].max())], "variant"
    )
    return paired_summary(
        (index["plan"] - index["like_its_kind"]).rename("effect").reset_index(), ["scenario"]
    )


def _texts(table: pd.DataFrame) -> pd.DataFrame:
    return table.astype(dict.fromkeys(table.select_dtypes("category"), str))


def _plan(table: pd.DataFrame) -> pd.DataFrame:
    return _texts(table[table["variant"] == "plan"])


def _ends(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["quarter"].isin((rows["quarter"].min(), rows["quarter"].max()))]


def _year_before(rows: pd.DataFrame) -> str:
    return str(sorted(rows["quarter"].unique())[-4:][0])


def _summed(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    return rows.groupby([*RUN, *by], sort=False)["value"].sum().reset_index()


def _wide(rows: pd.DataFrame, columns: str) -> pd.DataFrame:
    return rows.pivot_table(index=RUN, columns=columns, values="value", sort=False)
