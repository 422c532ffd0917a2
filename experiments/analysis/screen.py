"""The screen for assumptions: what rests on judgement, is not sampled, and moves an index all the same."""

from typing import Any, Final

import numpy as np

from agents.honeycomb import SMALL_KINDS
from experiments.analysis.case import Case
from experiments.analysis.outcome import pick
from experiments.analysis.parameters import Parameter
from experiments.analysis.registry import KIND, PARAMETER, Rows, method
from experiments.config.study import StudySettings
from experiments.results.schema import number, table, text

LIMIT: Final = 1.0  # points of an index at the end: what moves it by more has to be sampled
TABLE: Final = table(
    "what an assumption that is not sampled does to an index, at either end of its range",
    PARAMETER,
    KIND,
    number("low", "lower end of the number's range", "own unit"),
    number("high", "upper end of the number's range", "own unit"),
    number("at_low", "like-for-like index at the lower end less that at the number's own value", "points"),
    number("at_high", "the same at the upper end", "points"),
    text("passed", "no where either moves the index by more than a point"),
)


@method(screen=TABLE)
def screen(case: Case) -> Rows:
    """Move every assumption that is not sampled to both ends of its range, one at a time, with the same chance.

    Everything else stays at its central value. A number of a kind of bank is moved for that kind alone.

    Returns
    -------
    dict
        ``screen``: a row a number and kind of bank, the largest movers first.
    """
    base = case.laboratory.every[0]

    def index(names: tuple[str, ...] = (), end: float = 0.0) -> dict[str, float]:
        rows = np.full((len(case.replicates), len(names)), end)
        values = case.laboratory.run([base], case.replicates, names=names, rows=rows)["values"]
        return {kind: float(pick(values, "like_for_like", kind)[0].mean()) for kind in SMALL_KINDS}

    start = index()
    table: list[dict[str, Any]] = []
    for one in assumed(case.settings):
        low, high = (index((one.name,), end) for end in (one.low, one.high))
        for kind in SMALL_KINDS:
            moved = low[kind] - start[kind], high[kind] - start[kind]
            passed = "yes" if max(map(abs, moved)) <= LIMIT else "no"
            ends = {"low": one.low, "high": one.high, "at_low": moved[0], "at_high": moved[1]}
            table.append({"parameter": one.name, "bank_kind": kind, **ends, "passed": passed})
    largest = np.array([np.fmax(abs(row["at_low"]), abs(row["at_high"])) for row in table])
    return {"screen": [table[k] for k in np.argsort(-largest, kind="stable")]}


def assumed(settings: StudySettings) -> tuple[Parameter, ...]:
    """The numbers of behaviour and of kinds of banks that are judged, with the range of the catalogue, and not sampled.

    Divisions and weights by dimension are left out: their parts hold each other.
    """
    return tuple(
        Parameter(path, row.low, float(value), row.high)
        for path, value in settings.numbers.items()
        if isinstance(value, float | int)
        for row in [settings.row(path)]
        if row.grade == "assumption" and row.sampled is None
    )
