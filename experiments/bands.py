"""Bands over the replicates: exact quantiles, gathered so that memory stays flat."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from experiments.merged import KINDS_AND_ALL, MEASURES, Merged
from experiments.parquet import TableWriter, along

QUANTITIES = ("level", "effect")
QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.50, "q75": 0.75, "q95": 0.95}
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
    with TableWriter(folder / "bands.parquet", "bands", levels) as table:
        for s in range(len(merged.scenarios)):
            for q in range(2 if s in merged.alternatives else 1):
                for m, measure in enumerate(MEASURES):
                    for o, variable in enumerate(merged.variables(measure)):
                        for quarters, values in blocks(merged, s, q == 1, measure, variable):
                            numbers = describe(values)
                            table.add(
                                values.shape[:2],
                                keep=numbers["runs"] > 0,
                                scenario=s,
                                quantity=q,
                                measure=m,
                                outcome=o,
                                quarter=along(quarters, 0, 2),
                                bank_kind=along(range(values.shape[1]), 1, 2),
                                **numbers,
                            )


def blocks(
    merged: Merged, scenario: int, paired: bool, measure: str, variable: str
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield (quarters, values of every replicate) for as many quarters at a time as memory allows.

    The values have shape (quarters, kinds, replicates), contiguous.
    """
    positions = np.array(
        [merged.quarters.index(quarter) for quarter in merged.quarters_of(measure)], np.int32
    )
    width = max(1, MEMORY // (8 * len(KINDS_AND_ALL) * len(merged.replicates)))
    read = merged.paired if paired else merged.parts
    for first in range(0, len(positions), width):
        part = slice(first, first + width)
        values, done = np.empty(0), 0
        for replicates, block in read(scenario, measure, variable, part):
            if not done:
                values = np.empty((len(positions[part]), block.shape[2], len(merged.replicates)))
            values[..., done : done + len(replicates)] = block.transpose(1, 2, 0)
            done += len(replicates)
        yield positions[part], values


def describe(values: np.ndarray) -> dict[str, np.ndarray]:
    """Describe the distribution along the last axis, leaving out what is not defined (NaN).

    Parameters
    ----------
    values : ndarray, shape (..., replicates)
        One number a replicate.

    Returns
    -------
    dict of ndarray, shape (...)
        `runs`, `mean`, `sd` (0 for one run), the quantiles by linear interpolation, and `above_zero`, a
        share.
    """
    ordered = np.sort(values, axis=-1)
    missing = np.isnan(ordered) if np.isnan(ordered[..., -1]).any() else None  # NaN is sorted last
    runs = np.full(values.shape[:-1], values.shape[-1])
    if missing is not None:
        runs -= np.count_nonzero(missing, axis=-1)
    count = np.maximum(runs, 1)
    mean = total(ordered, missing) / count
    apart = ordered - mean[..., None]
    apart *= apart
    found: dict[str, np.ndarray] = {
        "runs": runs,
        "mean": mean,
        "sd": np.sqrt(total(apart, missing) / np.maximum(runs - 1, 1)),
    }
    for name, share in QUANTILES.items():
        place = share * (count - 1)
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, count - 1)
        lower = np.take_along_axis(ordered, low[..., None], -1)[..., 0]
        upper = np.take_along_axis(ordered, high[..., None], -1)[..., 0]
        found[name] = lower + (upper - lower) * (place - low)
    found["above_zero"] = np.count_nonzero(ordered > 0.0, axis=-1) / count
    return found


def total(values: np.ndarray, missing: np.ndarray | None) -> np.ndarray:
    """Add up along the last axis, leaving out what is missing."""
    return (values if missing is None else np.where(missing, 0.0, values)).sum(axis=-1)
