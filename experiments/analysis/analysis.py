"""Does what a study's ``analysis`` asks for, and leaves the tables in its folder."""

import json
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.analysis.assumptions import changed_settings
from experiments.analysis.case import Case
from experiments.analysis.columns import TABLES, described
from experiments.analysis.laboratory import Laboratory
from experiments.analysis.outcome import VARIABLES
from experiments.failure import StudyFailed
from experiments.runs.merged import Merged
from experiments.settings.analysis import EVIDENCE, METHODS
from model.outcomes import BY_SYSTEM

MODULES: Final = MappingProxyType(
    {method: f".{'evidence.' if method in EVIDENCE else ''}{method}" for method in METHODS}
)


def analyse(settings: Any, folder: Path, merged: Merged, store: Path | None) -> list[str]:
    """Run the methods of a study and write their tables.

    Parameters
    ----------
    settings : StudySettings
        ``analysis.methods`` names what is done.
    folder : Path
        Holds the study's own tables and schema.json.
    merged : Merged
        The study's chunks.
    store : Path or None
        Where finished batches of further runs are kept.

    Returns
    -------
    list of str
        Names of the tables written.
    """
    check(settings)
    if "assumptions" in settings.analysis.methods:
        changed_settings(settings)  # a fault in them is told before the first run
    case = Case(settings, Laboratory(settings, store), merged)
    tables: dict[str, pd.DataFrame] = {}
    for method in settings.analysis.methods:
        tables |= getattr(import_module(MODULES[method], __package__), method)(case)
    if "channels" in tables:
        tables["shapley"] = with_channels(tables.get("shapley"), tables["channels"])
    for name, table in tables.items():
        write(folder / f"{name}.parquet", table)
    describe(folder / "schema.json", tables)
    return list(tables)


def check(settings: Any) -> None:
    """Refuse what no table could answer, before the first run."""
    asked, kind = settings.analysis.outcome, settings.analysis.bank_kind
    if asked not in VARIABLES:
        raise StudyFailed(f"analysis.outcome={asked} is not measured for methods of the policy laboratory")
    if asked in BY_SYSTEM and asked not in ("inclusive_share", "union_dependence") and kind != "all":
        raise StudyFailed(
            f"analysis.outcome={asked} is one number for all banks; it needs analysis.bank_kind=all"
        )
    if asked == "union_dependence" and kind != "rural":
        raise StudyFailed("analysis.outcome=union_dependence needs analysis.bank_kind=rural")


def with_channels(levers: pd.DataFrame | None, channels: pd.DataFrame) -> pd.DataFrame:
    """The decomposition that the waterfall shows: by levers where a bundle has some, by channels elsewhere."""
    if levers is None or levers.empty:
        return channels
    new = channels[~channels["scenario"].isin(levers["scenario"])]
    return pd.concat([levers, new], ignore_index=True) if len(new) else levers


def write(path: Path, table: pd.DataFrame) -> None:
    """Write one table; texts as strings and every number as a float, so that the bytes depend on the rows only."""
    columns = {
        name: pa.array(table[name].astype(str).to_list(), pa.string())
        if column["dtype"] == "string"
        else pa.array(table[name].to_numpy(np.float64), pa.float64())
        for name, column in described(path.stem, list(table.columns)).items()
    }
    pq.write_table(pa.table(columns), path, compression="zstd")


def describe(path: Path, tables: dict[str, pd.DataFrame]) -> None:
    """Add the tables to the data dictionary of the study."""
    schema = json.loads(path.read_text("utf-8"))
    for name, table in tables.items():
        columns = list(described(name, list(table.columns)).values())
        schema["tables"][name] = {"meaning": TABLES[name], "columns": columns}
    path.write_text(json.dumps(schema, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
