"""The methods of analysis by name: what each computes, which tables it writes with which columns, and what it needs.

A method is a function of a `Case` in a file of its own. It registers itself beside its code::

    @method(frontier=FRONTIER)
    def cost_effectiveness(case): ...

so that a new one is one file and its name in ``experiments.config.sections.METHODS``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from experiments.analysis.case import Case
from experiments.config.study import StudySettings
from experiments.failure import StudyFailed
from experiments.results.schema import OWN_UNIT, Table, number, text, with_ends

Row = dict[str, Any]
Rows = Mapping[str, Iterable[Row]]
Frames = dict[str, pd.DataFrame]
Compute = Callable[[Case], Frames]
Check = Callable[[StudySettings], object]

# Methods whose home is not a file of this room called like them.
HOMES: Final = MappingProxyType(
    {
        "channels": ".shapley",
        "dispersion": ".winners",
        "grid": ".surface",
        "interactions": ".shapley",
        "measurement_break": ".survey",
        "survey_weights": ".survey",
        "own_bank": "..own_bank.analysis",
        "own_reverse": "..own_bank.reverse",
        "own_search": "..own_bank.search",
    }
)

# Columns that many tables share.
OUTCOME: Final = text("outcome", "a dimension, index or an outcome")
KIND: Final = text("bank_kind", "large, city, rural, private or all (all small and medium banks)")
EFFECT: Final = with_ends("effect", "paired effect", OWN_UNIT)
PROBABILITY: Final = number("probability", "share of runs", "0-1")
PARAMETER: Final = text(
    "parameter", "name of the uncertain number; a policy's strength is its place in the declared range"
)


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
    """Register a function that gives rows by table as the method of its name, which gives the tables.

    Columns come in their declared order; a row that names no outcome or kind of bank tells of those asked for.

    Parameters
    ----------
    needs, extra, check
        As in `Method`.
    **tables : Table
        The tables it writes.
    """

    def register(found: Callable[[Case], Rows]) -> Compute:
        @wraps(found)
        def compute(case: Case) -> Frames:
            if check is not None:
                check(case.settings)
            return {name: frame(rows, tables[name], case) for name, rows in found(case).items()}

        tables_of = MappingProxyType(tables)
        REGISTERED[found.__name__] = Method(found.__name__, compute, tables_of, needs, extra, check)
        return compute

    return register


def find(name: str) -> Method:
    """Return a method by its name; its file is read only now."""
    import_module(HOMES.get(name, f".{name}"), __package__)
    return REGISTERED[name]


def check_needs(names: Iterable[str]) -> None:
    """Refuse methods whose package is not installed, before anything runs."""
    for one in map(find, names):
        if one.needs and find_spec(one.needs) is None:
            raise StudyFailed(
                f"the method {one.name} needs {one.needs}: install it with pip install 'honeycomb-lab[{one.extra}]'"
                " (in the repository: make dev-env)"
            )


def frame(rows: Iterable[Row], table: Table, case: Case) -> pd.DataFrame:
    """Rows as a table with its columns in order, empty or not."""
    of = {"outcome": case.outcome, "bank_kind": case.kind}
    return pd.DataFrame([of | row for row in rows], columns=table.names)
