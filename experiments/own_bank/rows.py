"""The table of the own bank cut and turned for the questions asked of it."""

import pandas as pd

LEVELS = (0.05, 0.5, 0.95)
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
