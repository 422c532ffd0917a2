"""The methods of analysis by name, what each writes and needs; and what a study's ``analysis`` asks for, done by them.

A method is a function of a `Case` that gives its rows, by table where it has several. It registers itself beside its
code::

    @method(frontier=FRONTIER)
    def cost_effectiveness(case): ...

so that a new one is its name in ``experiments.config.study.METHODS`` and a file, of its own or the one on its subject,
whose place `HOMES` then tells.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.analysis.laboratory import Case, Laboratory
from experiments.analysis.outcome import VARIABLES
from experiments.config.errors import failure
from experiments.config.study import StudySettings
from experiments.results.paths import tell_assumptions
from experiments.results.schema import OWN_UNIT, Column, Table, add_tables, number, text, with_ends
from experiments.runs.merged import Merged
from experiments.runs.store import Store
from model.outcomes import MEASURED_OF

Row = dict[str, Any]
Rows = Iterable[Row] | Mapping[str, Iterable[Row]]
Frames = dict[str, pd.DataFrame]
Compute = Callable[[Case], Frames]
Check = Callable[[StudySettings], object]

# Files of methods that are not called like their file.
HOMES: Final = {
    name: file
    for file, names in {
        ".choice": "cost_effectiveness ranking",
        ".distribution": "convergence dispersion winners",
        ".information": "identification",
        ".interactions": "channels grid surface",
        ".sensitivity": "assumptions screen variance",
        ".validity": "event_study facts measurement_break placebo survey_weights",
        "..own_bank.analysis": "own_bank own_reverse own_search",
    }.items()
    for name in names.split()
}

# Columns that many tables share.
OUTCOME: Final = text("outcome", "a dimension, index or an outcome")
KIND: Final = text("bank_kind", "large, city, rural, private or all (all small and medium banks)")
ASKED: Final = (OUTCOME, KIND)
PROBABILITY: Final = number("probability", "share of runs", "0-1")
PARAMETER: Final = text(
    "parameter", "name of the uncertain number; a policy's strength is its place in the declared range"
)


def estimated(
    name: str = "effect", meaning: str = "paired effect", unit: str = OWN_UNIT
) -> tuple[Column, ...]:
    """Declare what `statistics.estimate` gives: a number with its ends, and how often it is above zero."""
    return (*with_ends(name, meaning, unit), PROBABILITY)


@dataclass(frozen=True)
class Method:
    """A method of analysis.

    Parameters
    ----------
    name : str
        As ``analysis.methods`` names it.
    compute : callable
        Takes a `Case`, gives its tables.
    tables : mapping of str to Table
        What it writes.
    needs : str
        Package beyond those of every study, as it is imported; empty for none.
    extra : str
        The extra of this project that installs it.
    check : callable, optional
        Raises `StudyFailed` for settings that it cannot answer; called before the first run of a study.
    """

    name: str
    compute: Compute
    tables: Mapping[str, Table]
    needs: str = ""
    extra: str = ""
    check: Check | None = None


REGISTERED: Final[dict[str, Method]] = {}


def method(
    needs: str = "", extra: str = "", check: Check | None = None, **tables: Table
) -> Callable[[Callable[[Case], Rows]], Compute]:
    """Register a function that gives rows, of one table or by table, as the method of its name, which gives tables.

    Columns come in their declared order; a row that names no outcome or kind of bank tells of those asked for.

    Parameters
    ----------
    needs, extra, check
        As in `Method`.
    **tables : Table
        The tables it writes.
    """

    def register(rows_of: Callable[[Case], Rows]) -> Compute:
        @wraps(rows_of)
        def compute(case: Case) -> Frames:
            if check is not None:
                check(case.settings)
            rows = rows_of(case)
            parts = rows if isinstance(rows, Mapping) else dict(zip(tables, [rows], strict=True))
            return {name: frame(parts[name], tables[name], case) for name in parts}

        tables_of, name = MappingProxyType(tables), rows_of.__name__
        REGISTERED[name] = Method(name, compute, tables_of, needs, extra, check)
        return compute

    return register


def find(name: str) -> Method:
    """Return a method by its name; its file is read only now."""
    import_module(HOMES.get(name, f".{name}"), __package__)
    return REGISTERED[name]


def frame(rows: Iterable[Row], table: Table, case: Case) -> pd.DataFrame:
    """Rows as a table with its columns in order, empty or not."""
    of = {"outcome": case.outcome, "bank_kind": case.kind}
    return pd.DataFrame([of | row for row in rows], columns=table.names)


# --- what a study asks for


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
    for one in map(find, settings.analysis.methods):
        tables |= one.compute(case)
        declared |= one.tables
    if "channels" in tables:
        tables["shapley"] = with_channels(tables.get("shapley"), tables["channels"])
        declared["shapley"] = find("interactions").tables["shapley"]
    if "variance" in tables:
        shares = tables["variance"].set_index(["scenario", "outcome", "bank_kind"])["share_parameters"]
        tell_assumptions(folder / "paths.parquet", shares.to_dict())
    for name, table in tables.items():
        write_table(folder / f"{name}.parquet", table, declared[name])
    add_tables(folder / "schema.json", {name: declared[name] for name in tables})
    return list(tables)


def check(settings: StudySettings) -> None:
    """Refuse what no table could answer, and what is not installed, before the first run."""
    target, kind, methods = (
        settings.analysis.outcome,
        settings.analysis.bank_kind,
        settings.analysis.methods,
    )
    if target not in VARIABLES:
        raise failure("analysis.outcome={} is not measured for methods of the policy laboratory", target)
    measured = MEASURED_OF.get(target, (kind,))
    if kind not in measured and measured != ("all",):
        raise failure("analysis.outcome={} needs analysis.bank_kind={}", target, measured[0])
    if kind not in measured:
        raise failure(
            "analysis.outcome={} is one number for all banks; it needs analysis.bank_kind=all", target
        )
    check_needs(methods)
    for one in map(find, methods):
        if one.check is not None:
            one.check(settings)


def check_needs(names: Iterable[str]) -> None:
    """Refuse methods whose package is not installed, before anything runs."""
    for one in map(find, names):
        if one.needs and find_spec(one.needs) is None:
            raise failure(
                "the method {} needs {}: install it with pip install 'honeycomb-lab[{}]' "
                "(in the repository: make dev-env)",
                one.name,
                one.needs,
                one.extra,
            )


def with_channels(levers: pd.DataFrame | None, channels: pd.DataFrame) -> pd.DataFrame:
    """The decomposition that the waterfall shows: by levers where a bundle has some, by channels elsewhere."""
    if levers is None or levers.empty:
        return channels
    new = channels[~channels["scenario"].isin(levers["scenario"])]
    return pd.concat([levers, new], ignore_index=True) if len(new) else levers


def write_table(path: Path, frame: pd.DataFrame, table: Table) -> None:
    """Write one table; texts as strings and every number as a float, so that the bytes depend on the rows only."""
    columns = {
        column.name: pa.array(frame[column.name].astype(str).to_list(), pa.string())
        if column.dtype == "string"
        else pa.array(frame[column.name].to_numpy(np.float64), pa.float64())
        for column in table.columns
    }
    pq.write_table(pa.table(columns), path, compression="zstd")
