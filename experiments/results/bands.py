"""Distributions over the replicates: exact quantiles, gathered so that memory stays flat."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from experiments.results.parquet import of_study
from experiments.results.schema import TABLES
from experiments.results.statistics import BAND, describe
from experiments.runs.merged import KINDS_AND_ALL, MEASURES, Merged, array_of

QUANTITIES = ("level", "effect")
NUMBERS: Final = ("runs", "mean", "sd", *BAND, "above_zero")


def write_bands(merged: Merged, folder: Path) -> None:
    """Write bands.parquet: the distribution over the replicates by scenario, variable, quarter and kind."""
    found = [described(merged, measure) for measure in MEASURES]
    with of_study(merged, folder, "bands", TABLES["bands"], quantity=QUANTITIES) as table:
        for s in range(len(merged.scenarios)):
            for q in range(2 if s in merged.alternatives else 1):
                for m, numbers in enumerate(found):
                    values = {name: numbers[name][s, q] for name in NUMBERS}
                    shape = values["runs"].shape
                    axes = dict(zip(("outcome", "quarter", "bank_kind"), map(range, shape), strict=True))
                    table.add(shape, values["runs"] > 0, axes, scenario=s, quantity=q, measure=m, **values)


def described(merged: Merged, measure: str) -> dict[str, np.ndarray]:
    """Describe every variable of a measure over the replicates.

    Returns
    -------
    dict of ndarray, shape (scenarios, 2, variables, quarters, kinds)
        What `describe` returns, for levels and for paired effects; no runs where nothing is defined.
    """
    variables = merged.variables(measure)
    quarters, kinds = len(merged.quarters), len(KINDS_AND_ALL)
    shape = (len(merged.scenarios), len(QUANTITIES), len(variables), quarters, kinds)
    found = {name: np.zeros(shape) for name in NUMBERS}
    for array, names in sources(merged, measure).items():
        when = np.array(merged.places(measure, names[0]))
        for part, gathered in merged.blocks.by_quarter(array):
            for variable in names:
                levels = [merged.pick(gathered[:, s], variable) for s in range(len(merged.scenarios))]
                where = defined_kinds(levels)
                place = (variables.index(variable), when[part], where)
                for s, base in enumerate(merged.base):
                    if s != base:
                        keep(found, (s, 1, *place), describe(levels[s][:, where] - levels[base][:, where]))
                for s, level in enumerate(levels):
                    keep(found, (s, 0, *place), describe(level[:, where].copy()))
    return found


def sources(merged: Merged, measure: str) -> dict[str, list[str]]:
    """Return the arrays that hold the variables of a measure, each with those read from it together."""
    found: dict[str, list[str]] = {}
    for variable in merged.variables(measure):
        found.setdefault(array_of(measure, variable), []).append(variable)
    return found


def keep(found: dict[str, np.ndarray], place: tuple[Any, ...], numbers: dict[str, np.ndarray]) -> None:
    """Put the numbers of one variable in their place."""
    for name, values in numbers.items():
        found[name][place] = values


def defined_kinds(levels: Sequence[np.ndarray]) -> slice:
    """Return the narrowest run of kinds outside which nothing is defined.

    Parameters
    ----------
    levels : sequence of ndarray, shape (quarters, kinds, replicates)
        One a scenario; NaN where not defined.
    """
    some = [any(is_defined(level[:, k]) for level in levels) for k in range(levels[0].shape[1])]
    return slice(some.index(True), len(some) - some[::-1].index(True)) if any(some) else slice(0, 0)


def is_defined(values: np.ndarray) -> bool:
    """Tell whether anything is defined; mostly the first replicate shows it."""
    return not np.isnan(values[:, 0]).all() or not np.isnan(values).all()
