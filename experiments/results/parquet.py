"""Parquet files whose bytes depend on their rows only."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.results.schema import Table
from experiments.runs.merged import KINDS_AND_ALL, MEASURES, Merged

ROWS = 1 << 18
NUMPY: Final = {"float64": np.float64, "int32": np.int32, "string": np.int32}


class TableWriter:
    """Writes one table of the data dictionary in row groups of a fixed size.

    Rows come in blocks of any length; text columns come as positions in their levels. The file is the same
    however the rows were split into blocks.

    Parameters
    ----------
    path : Path
        The file to write.
    table : Table
        Its declaration.
    levels : mapping
        For each text column, every value it can take, in the order of the positions.
    extra : sequence of str
        Further float64 columns, after those of the dictionary.
    """

    def __init__(
        self, path: Path, table: Table, levels: Mapping[str, Sequence[str]], extra: Sequence[str] = ()
    ) -> None:
        self.texts = levels
        self.types = {column.name: column.dtype for column in table.columns} | dict.fromkeys(extra, "float64")
        text = [name for name, dtype in self.types.items() if dtype == "string"]
        floats = [name for name, dtype in self.types.items() if dtype == "float64"]
        self.levels = {name: pa.array(list(levels[name]), pa.string()) for name in text}
        self.schema = pa.schema([pa.field(name, self.arrow(name), nullable=False) for name in self.types])
        # No statistics: rows are in the order of their keys, and finding the extremes takes longer than all the rest.
        self.writer = pq.ParquetWriter(
            path,
            self.schema,
            compression="lz4",  # files a tenth to a fifth longer than zstd's, in two thirds of the time
            use_dictionary=text,
            use_byte_stream_split=floats,
            write_statistics=False,
        )
        self.buffers = {name: np.empty(ROWS, NUMPY[dtype]) for name, dtype in self.types.items()}
        self.filled = 0

    def arrow(self, name: str) -> pa.DataType:
        """Return the Arrow type of a column."""
        if self.types[name] == "string":
            return pa.dictionary(pa.int32(), pa.string())
        return pa.int32() if self.types[name] == "int32" else pa.float64()

    def add(
        self,
        shape: tuple[int, ...],
        keep: np.ndarray | None = None,
        axes: Mapping[str, Any] | None = None,
        **columns: Any,
    ) -> None:
        """Add the rows of a block in C order.

        Parameters
        ----------
        shape : tuple of int
            Shape of the block; every column is broadcast to it.
        keep : ndarray of bool, optional
            Rows to write, of that shape; all by default.
        axes : mapping, optional
            The columns that name the axes of the block, first to last: along each its values or positions.
        **columns : array_like
            One value or position for each column of the table.
        """
        for axis, (name, values) in enumerate((axes or {}).items()):
            columns[name] = np.reshape(values, [-1 if place == axis else 1 for place in range(len(shape))])
        rows = int(np.prod(shape)) if keep is None else int(np.count_nonzero(keep))
        self.make_room(rows)
        part = slice(self.filled, self.filled + rows)
        for name, buffer in self.buffers.items():
            values = np.asarray(columns[name])
            if values.ndim == 0:
                buffer[part] = values
            elif keep is None:
                buffer[part].reshape(shape)[...] = values
            else:
                buffer[part] = np.broadcast_to(values, shape)[keep]
        self.filled += rows
        whole = self.filled // ROWS * ROWS
        if whole:
            self.flush(whole)

    def add_row(self, row: Mapping[str, Any]) -> None:
        """Add one row, its texts as texts."""
        places = {name: self.texts[name].index(row[name]) for name in self.levels}
        self.add((1,), **{**row, **places})

    def make_room(self, rows: int) -> None:
        """Lengthen the buffers if the next rows would not fit."""
        needed = self.filled + rows
        if needed <= len(next(iter(self.buffers.values()))):
            return
        for name, buffer in self.buffers.items():
            longer = np.empty(needed, buffer.dtype)
            longer[: self.filled] = buffer[: self.filled]
            self.buffers[name] = longer

    def flush(self, rows: int) -> None:
        """Write the first rows that wait and keep the others."""
        columns = [self.column(name, buffer[:rows]) for name, buffer in self.buffers.items()]
        self.writer.write_table(pa.table(columns, schema=self.schema), row_group_size=ROWS)
        for buffer in self.buffers.values():
            buffer[: self.filled - rows] = buffer[rows : self.filled].copy()
        self.filled -= rows

    def column(self, name: str, values: np.ndarray) -> pa.Array:
        """Return one column as Arrow data."""
        if name in self.levels:
            return pa.DictionaryArray.from_arrays(pa.array(values), self.levels[name], safe=False)
        return pa.array(values)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if kind is None and self.filled:
            self.flush(self.filled)
        self.writer.close()


def of_study(
    merged: Merged, folder: Path, name: str, table: Table, extra: Sequence[str] = (), **levels: Sequence[str]
) -> TableWriter:
    """Open the file of a table in a study's folder; its texts have the study's own levels unless others are given."""
    levels_of: dict[str, Sequence[str]] = {
        "scenario": merged.scenarios,
        "baseline": merged.scenarios,
        "quarter": merged.quarters,
        "bank_kind": KINDS_AND_ALL,
        "measure": MEASURES,
        "outcome": merged.variables("true"),
    }
    return TableWriter(folder / f"{name}.parquet", table, {**levels_of, **levels}, extra)
