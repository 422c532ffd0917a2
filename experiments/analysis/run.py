"""Does what a study's ``analysis`` asks for, and leaves the tables in its folder."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.analysis.case import Case
from experiments.analysis.laboratory import Laboratory
from experiments.analysis.outcome import VARIABLES
from experiments.analysis.registry import check_needs, find
from experiments.config.study import StudySettings
from experiments.failure import StudyFailed
from experiments.results.paths import tell_assumptions
from experiments.results.schema import Table, add_tables
from experiments.runs.merged import Merged
from experiments.runs.store import Store
from model.outcomes import BY_SYSTEM

OF_SOME: dict[str, tuple[str, ...]] = {"inclusive_share": (), "union_dependence": ("rural",)}
"""Outcomes of the system that are known by kind as well, with the kinds they are only known for."""


def analyse(settings: StudySettings, folder: Path, merged: Merged, store: Store | None) -> list[str]:
    """Run the methods of a study and write their tables.

    Parameters
    ----------
    settings : StudySettings
        ``analysis.methods`` names what is done.
    folder : Path
        Holds the study's own tables and schema.json.
    merged : Merged
        The study's chunks.
    store : Store or None
        Where finished batches of further runs are kept.

    Returns
    -------
    list of str
        Names of the tables written.
    """
    check(settings)
    case = Case(settings, Laboratory(settings, store), merged)
    tables: dict[str, pd.DataFrame] = {}
    declared: dict[str, Table] = {}
    for method in map(find, settings.analysis.methods):
        tables |= method.compute(case)
        declared |= method.tables
    if "channels" in tables:
        tables["shapley"] = with_channels(tables.get("shapley"), tables["channels"])
        declared["shapley"] = find("interactions").tables["shapley"]
    if "variance" in tables:
        shares = tables["variance"].set_index(["scenario", "outcome", "bank_kind"])["share_parameters"]
        tell_assumptions(folder / "paths.parquet", shares.to_dict())
    for name, table in tables.items():
        write(folder / f"{name}.parquet", table, declared[name])
    add_tables(folder / "schema.json", {name: declared[name] for name in tables})
    return list(tables)


def check(settings: StudySettings) -> None:
    """Refuse what no table could answer, and what is not installed, before the first run."""
    asked, kind, methods = (settings.analysis.outcome, settings.analysis.bank_kind, settings.analysis.methods)
    if asked not in VARIABLES:
        raise StudyFailed(f"analysis.outcome={asked} is not measured for methods of the policy laboratory")
    if asked in BY_SYSTEM and asked not in OF_SOME and kind != "all":
        raise StudyFailed(
            f"analysis.outcome={asked} is one number for all banks; it needs analysis.bank_kind=all"
        )
    if OF_SOME.get(asked) and kind not in OF_SOME[asked]:
        raise StudyFailed(f"analysis.outcome={asked} needs analysis.bank_kind={OF_SOME[asked][0]}")
    check_needs(methods)
    for one in map(find, methods):
        if one.check is not None:
            one.check(settings)


def with_channels(levers: pd.DataFrame | None, channels: pd.DataFrame) -> pd.DataFrame:
    """The decomposition that the waterfall shows: by levers where a bundle has some, by channels elsewhere."""
    if levers is None or levers.empty:
        return channels
    new = channels[~channels["scenario"].isin(levers["scenario"])]
    return pd.concat([levers, new], ignore_index=True) if len(new) else levers


def write(path: Path, frame: pd.DataFrame, table: Table) -> None:
    """Write one table; texts as strings and every number as a float, so that the bytes depend on the rows only."""
    columns = {
        column.name: pa.array(frame[column.name].astype(str).to_list(), pa.string())
        if column.dtype == "string"
        else pa.array(frame[column.name].to_numpy(np.float64), pa.float64())
        for column in table.columns
    }
    pq.write_table(pa.table(columns), path, compression="zstd")
