"""Bands over the replicates: exact quantiles, gathered so that memory stays flat."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from agents.honeycomb import DIMENSIONS
from experiments.studies.merged import KINDS_AND_ALL, MEASURES, Merged, index_of
from experiments.studies.packed import Packed
from experiments.tables.parquet import TableWriter, along

QUANTITIES = ("level", "effect")
QUANTILES: Final = {"q05": 0.05, "q25": 0.25, "q50": 0.50, "q75": 0.75, "q95": 0.95}
NUMBERS: Final = ("runs", "mean", "sd", *QUANTILES, "above_zero")
SCORES: Final = (*DIMENSIONS, "index")
MEMORY = 32 << 20  # bytes of one gathered block


def write_bands(merged: Merged, folder: Path) -> None:
    """Write bands.parquet: the distribution over the replicates by scenario, variable, quarter and kind."""
    names = merged.variables("true")
    levels = {
        "scenario": merged.scenarios,
        "quantity": QUANTITIES,
        "measure": MEASURES,
        "outcome": names,
        "quarter": merged.quarters,
        "bank_kind": KINDS_AND_ALL,
    }
    found = [described(merged, measure) for measure in MEASURES]
    with TableWriter(folder / "bands.parquet", "bands", levels) as table:
        for s in range(len(merged.scenarios)):
            for q in range(2 if s in merged.alternatives else 1):
                for m, numbers in enumerate(found):
                    values = {name: numbers[name][s, q] for name in NUMBERS}
                    table.add(
                        values["runs"].shape,
                        keep=values["runs"] > 0,
                        scenario=s,
                        quantity=q,
                        measure=m,
                        outcome=along(range(len(values["runs"])), 0, 3),
                        quarter=along(positions(merged, MEASURES[m]), 1, 3),
                        bank_kind=along(range(len(KINDS_AND_ALL)), 2, 3),
                        **values,
                    )


def positions(merged: Merged, measure: str) -> list[int]:
    """Return the quarters at which a measure is taken, as positions among all quarters."""
    return [merged.quarters.index(quarter) for quarter in merged.quarters_of(measure)]


def described(merged: Merged, measure: str) -> dict[str, np.ndarray]:
    """Describe every variable of a measure over the replicates.

    Returns
    -------
    dict of ndarray, shape (scenarios, 2, variables, quarters, kinds)
        What `describe` returns, for levels and for paired effects; no runs where nothing is defined.
    """
    variables = merged.variables(measure)
    quarters, kinds = len(merged.quarters_of(measure)), len(KINDS_AND_ALL)
    shape = (len(merged.scenarios), len(QUANTITIES), len(variables), quarters, kinds)
    found = {name: np.zeros(shape) for name in NUMBERS}
    for source in sources(merged, measure):
        for part, gathered in blocks(merged, source, quarters):
            for v, variable in enumerate(source.variables):
                where = defined_kinds(gathered[:, :, v])
                place = (variables.index(variable), part, where)
                for s, base in enumerate(merged.base):
                    values = gathered[s][:, v, where]
                    if s != base:
                        keep(found, (s, 1, *place), describe(values - gathered[base][:, v, where]))
                    keep(found, (s, 0, *place), describe(values.copy()))
    return found


def keep(found: dict[str, np.ndarray], place: tuple[Any, ...], numbers: dict[str, np.ndarray]) -> None:
    """Put the numbers of one variable in their place."""
    for name, values in numbers.items():
        found[name][place] = values


@dataclass(frozen=True)
class Source:
    """One array of the chunks and the variables that are read from it together."""

    array: str
    variables: tuple[str, ...]

    def values(self, chunk: Packed, quarters: slice) -> np.ndarray:
        """Return the variables in one chunk, shape (scenarios, replicates, quarters, variables, kinds)."""
        block = chunk[self.array][:, :, quarters]
        if len(self.variables) == 1:
            return block[:, :, :, None, :]
        return np.concatenate([block, index_of(block)[..., None]], axis=-1).swapaxes(-1, -2)


def sources(merged: Merged, measure: str) -> Iterator[Source]:
    """Yield the arrays that hold the variables of a measure."""
    yield Source(measure, SCORES)
    if measure == "true":
        for outcome in merged.outcomes:
            yield Source(f"outcomes/{outcome}", (outcome,))


def blocks(merged: Merged, source: Source, quarters: int) -> Iterator[tuple[slice, np.ndarray]]:
    """Gather as many quarters of all replicates at a time as memory allows.

    Yields
    ------
    quarters : slice
    values : ndarray, shape (scenarios, quarters, variables, kinds, replicates)
    """
    replicates, kinds = len(merged.replicates), source.values(merged.chunks[0], slice(1)).shape[-1]
    shape = (len(merged.scenarios), quarters, len(source.variables), kinds, replicates)
    width = max(1, MEMORY * quarters // (8 * int(np.prod(shape))))
    for first in range(0, quarters, width):
        part = slice(first, min(first + width, quarters))
        values = np.empty((shape[0], part.stop - part.start, *shape[2:]))
        done = 0
        for chunk in merged.chunks:
            block = source.values(chunk, part)
            values[..., done : done + block.shape[1]] = np.moveaxis(block, 1, -1)
            done += block.shape[1]
        yield part, values


def defined_kinds(values: np.ndarray) -> slice:
    """Return the narrowest run of kinds outside which nothing is defined.

    Parameters
    ----------
    values : ndarray, shape (..., kinds, replicates)
        NaN where not defined.
    """
    kinds = values.shape[-2]
    some = [
        not np.isnan(values[..., k, 0]).all() or not np.isnan(values[..., k, :]).all() for k in range(kinds)
    ]
    return slice(some.index(True), kinds - some[::-1].index(True)) if any(some) else slice(0, 0)


def describe(values: np.ndarray) -> dict[str, np.ndarray]:
    """Describe the distribution along the last axis, leaving out what is not defined (NaN).

    Parameters
    ----------
    values : ndarray, shape (..., replicates)
        One number a replicate; sorted in place.

    Returns
    -------
    dict of ndarray, shape (...)
        `runs`, `mean`, `sd` (0 for one run), the quantiles by linear interpolation, and `above_zero`, a
        share.
    """
    values.sort(axis=-1)
    missing = np.isnan(values) if np.isnan(values[..., -1]).any() else None  # NaN is sorted last
    runs = np.full(values.shape[:-1], values.shape[-1])
    if missing is not None:
        runs -= np.count_nonzero(missing, axis=-1)
    count = np.maximum(runs, 1)
    found: dict[str, Any] = {"runs": runs, "above_zero": np.count_nonzero(values > 0.0, axis=-1) / count}
    for name, share in QUANTILES.items():
        place = share * (count - 1)
        low = np.floor(place).astype(np.int64)
        lower, upper = at(values, low), at(values, np.minimum(low + 1, count - 1))
        found[name] = lower + (upper - lower) * (place - low)
    found["mean"] = total(values, missing) / count
    values -= found["mean"][..., None]
    values *= values
    found["sd"] = np.sqrt(total(values, missing) / np.maximum(runs - 1, 1))
    return found


def at(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Pick one value along the last axis for each of the others."""
    return np.take_along_axis(values, places[..., None], -1)[..., 0]


def total(values: np.ndarray, missing: np.ndarray | None) -> np.ndarray:
    """Add up along the last axis, leaving out what is missing."""
    return (values if missing is None else np.where(missing, 0.0, values)).sum(axis=-1)
