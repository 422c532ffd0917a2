"""The first place where two files of a study differ."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

BATCH = 1 << 16


@dataclass(frozen=True)
class Difference:
    """One way in which a study is not what it should be.

    Attributes
    ----------
    file : str
        Path inside the study's folder.
    what : str
        What is wrong with it.
    row, column : int and str, optional
        The first place: row of a table (from 0) and its column, or line of a text (from 1).
    """

    file: str
    what: str
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        place = f", row {self.row}" if self.row is not None else ""
        place += f", column {self.column}" if self.column is not None else ""
        return f"{self.file}{place}: {self.what}"


def first_difference(name: str, found: Path, expected: Path) -> Difference:
    """Say where a file that should equal another differs from it first.

    Parameters
    ----------
    name : str
        What to call the file.
    found, expected : Path
        Two files known to differ in some byte.
    """
    try:
        if name.endswith(".parquet"):
            return in_table(name, found, expected)
        if not name.endswith(".png"):
            return in_text(name, found, expected)
    except (OSError, ValueError, pa.ArrowException) as error:
        return Difference(name, f"cannot be read: {str(error).splitlines()[0]}")
    return Difference(name, "is not what it should be")


def in_table(name: str, found: Path, expected: Path) -> Difference:
    """Compare two tables value by value; numbers by their bits."""
    ours, theirs = pq.ParquetFile(found), pq.ParquetFile(expected)
    if ours.schema_arrow.names != theirs.schema_arrow.names:
        return Difference(
            name, f"has columns {ours.schema_arrow.names}, expected {theirs.schema_arrow.names}"
        )
    start = 0
    for one, other in zip_longest(ours.iter_batches(BATCH), theirs.iter_batches(BATCH)):
        rows = min(one.num_rows if one else 0, other.num_rows if other else 0)
        place = first_unequal(one, other, rows) if one and other else None
        if place is not None:
            row, column = place
            values = one.column(column)[row].as_py(), other.column(column)[row].as_py()
            return Difference(name, f"is {values[0]!r}, expected {values[1]!r}", start + row, column)
        if one is None or other is None or one.num_rows != other.num_rows:
            counts = ours.metadata.num_rows, theirs.metadata.num_rows
            return Difference(name, f"has {counts[0]} rows, expected {counts[1]}", start + rows)
        start += rows
    return Difference(name, "holds the same values in other bytes")


def first_unequal(one: pa.RecordBatch, other: pa.RecordBatch, rows: int) -> tuple[int, str] | None:
    """Return the first row, and in it the first column, where two batches differ."""
    places = []
    for c, column in enumerate(one.schema.names):
        unequal = bits(one.column(c).slice(0, rows)) != bits(other.column(c).slice(0, rows))
        if unequal.any():
            places.append((int(np.argmax(unequal)), c, column))
    return (min(places)[0], min(places)[2]) if places else None


def bits(values: Any) -> np.ndarray:
    """Return a column as something that compares exactly, NaN included."""
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    array = values.to_numpy(zero_copy_only=False)
    result: np.ndarray = array.view(np.int64) if array.dtype == np.float64 else array
    return result


def in_text(name: str, found: Path, expected: Path) -> Difference:
    """Compare two texts line by line."""
    for number, (one, other) in enumerate(zip_longest(lines(found), lines(expected)), 1):
        if one != other:
            shown = ["nothing" if line is None else repr(line.strip()[:80]) for line in (one, other)]
            return Difference(name, f"is {shown[0]}, expected {shown[1]}", number)
    return Difference(name, "holds the same lines in other bytes")


def lines(path: Path) -> Iterator[str]:
    """Yield the lines of a text, whatever its bytes."""
    with path.open(encoding="utf-8", errors="backslashreplace", newline="") as stream:
        yield from stream
