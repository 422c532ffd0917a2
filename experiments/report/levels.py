"""Distributions over the runs of what is, not of what changes: scores as surveyed, true scores, pain points.

The lab writes them as ``bands.parquet``; a folder without it, or the 30 and 60 % bands that it lacks, are
computed from the runs.
"""

import pandas as pd

from agents.honeycomb import DIMENSIONS, KINDS
from experiments.figures.fans import LEVELS
from experiments.report.material import Material, texts
from experiments.results.statistics import quantiles

KEYS = ["scenario", "bank_kind", "outcome", "year"]
ENDS = ("q05", "q50", "q95")
PAINS = tuple(f"pain_{number}" for number in range(1, 11))


def survey(material: Material) -> pd.DataFrame:
    """Scores as surveyed at the end of each year: scenario, bank_kind, dimension, year and quantiles.

    Kinds of bank that the survey does not ask, the large ones, have their true scores here.
    """
    columns = ["scenario", "quarter", "bank_kind", "dimension", "score"]
    runs = material.table("scores", columns, measure="survey")
    asked = set(runs["bank_kind"].astype(str))
    others = [kind for kind in KINDS if kind not in asked]
    if others:  # nobody asks large banks: their true scores, at the same dates, stand in
        dates = runs["quarter"].astype(str).unique()
        rest = material.table("scores", columns, measure="true", bank_kind=others, quarter=tuple(dates))
        runs = pd.concat([texts(runs), texts(rest)])
    if runs["quarter"].nunique() > 1 or not _banded(material):
        table = quantiles(runs.dropna(), ["scenario", "bank_kind", "dimension", "quarter"], "score", LEVELS)
        return _by_year(table)
    ends = ("q05", "q25", "q50", "q75", "q95")
    found = _bands(material, ends, measure="survey", outcome=DIMENSIONS)
    quarters = [f"{year}Q4" for year in found["year"].unique()]
    chosen = {"outcome": DIMENSIONS, "bank_kind": others or KINDS[:1], "quarter": quarters}
    rest = _bands(material, ends, measure="true", **chosen) if others else found.head(0)
    return pd.concat([found, rest]).rename(columns={"outcome": "dimension"})


def first_year(material: Material, surveyed: pd.DataFrame) -> int:
    """The year that levels are compared with: the last observed one, 2023, where the study covers it."""
    years = sorted(surveyed["year"].unique())
    return 2023 if 2023 in years and material.year > 2023 else int(years[0])


def levels(material: Material, first: int) -> pd.DataFrame:
    """True scores by dimension, their mean (``index``) and the rural-city gap, at two dates.

    They are the end of a first year and the last quarter.

    Returns
    -------
    pandas.DataFrame
        Columns scenario, bank_kind (``all`` for the gap), outcome, year, q05, q50, q95.
    """
    quarters = (f"{first}Q4", material.quarter)
    if _banded(material):
        outcomes = (*DIMENSIONS, "index", "rural_city_gap")
        return _bands(material, ENDS, measure="true", outcome=outcomes, quarter=quarters)
    columns = ["scenario", "replicate", "quarter", "bank_kind", "dimension", "score"]
    runs = texts(material.table("scores", columns, measure="true", quarter=quarters))
    runs = runs.rename(columns={"dimension": "outcome"})
    index = (
        runs.groupby(["scenario", "bank_kind", "quarter", "replicate"], sort=False)["score"]
        .mean()
        .reset_index()
    )
    wide = index.pivot_table(index=["scenario", "quarter", "replicate"], columns="bank_kind", values="score")
    gap = (
        (wide["city"] - wide["rural"])
        .rename("score")
        .reset_index()
        .assign(bank_kind="all", outcome="rural_city_gap")
    )
    every = pd.concat([runs, index.assign(outcome="index"), gap])
    return _by_year(
        quantiles(every, ["scenario", "bank_kind", "outcome", "quarter"], "score", (0.05, 0.5, 0.95))
    )


def pains(material: Material, years: list[int]) -> pd.DataFrame:
    """Pain points of the baseline by kind at the ends of years (0-100); columns as in `levels`."""
    quarters = [f"{year}Q4" for year in years]
    chosen = {"scenario": material.baseline, "outcome": PAINS, "quarter": quarters, "bank_kind": KINDS}
    if _banded(material):
        return _bands(material, ENDS, measure="true", **chosen)
    runs = material.table("outcomes", ["scenario", "quarter", "bank_kind", "outcome", "value"], **chosen)
    keys = ["scenario", "bank_kind", "outcome", "quarter"]
    return (
        _by_year(quantiles(runs, keys, "value", (0.05, 0.5, 0.95)))
        if len(runs)
        else pd.DataFrame(columns=KEYS)
    )


def _banded(material: Material) -> bool:
    return (material.folder / "bands.parquet").exists()


def _bands(material: Material, ends: tuple[str, ...], **equal: object) -> pd.DataFrame:
    columns = ["scenario", "bank_kind", "outcome", "quarter", *ends]
    return _by_year(material.table("bands", columns, quantity="level", **equal))


def _by_year(frame: pd.DataFrame) -> pd.DataFrame:
    frame = texts(frame)
    return frame.assign(year=frame["quarter"].str[:4].astype(int)).drop(columns="quarter")
