"""Parquet files whose bytes depend on their rows only."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.dictionary import TABLES

ROWS = 1 << 18


class TableWriter:
    """Writes one table of the data dictionary in row groups of a fixed size.

    Rows come in blocks of any length; text columns come as positions in their levels. The file is the same
    however the rows were split into blocks.

    Parameters
    ----------
    path : Path
        The file to write.
    table : str
        Name of the table in the data dictionary.
    levels : mapping
        For each text column, every value it can take, in the order of the positions.
    extra : sequence of str
        Further float64 columns, after those of the dictionary.
    """

    def __init__(
        self, path: Path, table: str, levels: Mapping[str, Sequence[str]], extra: Sequence[str] = ()
    ) -> None:
        columns = TABLES[table].columns
        self.types = {column.name: column.dtype for column in columns} | dict.fromkeys(extra, "float64")
        self.levels = {name: pa.array(list(levels[name]), pa.string()) for name in self.text}
        self.schema = pa.schema([pa.field(name, self.arrow(name), nullable=False) for name in self.types])
        floats = [name for name, dtype in self.types.items() if dtype == "float64"]
        self.writer = pq.ParquetWriter(
            path,
            self.schema,
            compression="zstd",
            compression_level=3,
            use_dictionary=[name for name in self.types if name not in floats],
            use_byte_stream_split=floats,
        )
        self.blocks: list[dict[str, np.ndarray]] = []
        self.waiting = 0

    @property
    def text(self) -> tuple[str, ...]:
        """Names of the text columns."""
        return tuple(name for name, dtype in self.types.items() if dtype == "string")

    def arrow(self, name: str) -> pa.DataType:
        """Return the Arrow type of a column."""
        if self.types[name] == "string":
            return pa.dictionary(pa.int32(), pa.string())
        return pa.int32() if self.types[name] == "int32" else pa.float64()

    def add(self, shape: tuple[int, ...], keep: np.ndarray | None = None, **columns: Any) -> None:
        """Add the rows of a block in C order.

        Parameters
        ----------
        shape : tuple of int
            Shape of the block; every column is broadcast to it.
        keep : ndarray of bool, optional
            Rows to write, of that shape; all by default.
        **columns : array_like
            One value or position for each column of the table.
        """
        dtypes = {"float64": np.float64, "int32": np.int32, "string": np.int32}
        block = {}
        for name, dtype in self.types.items():
            values = np.broadcast_to(np.asarray(columns[name], dtypes[dtype]), shape)
            block[name] = values.ravel() if keep is None else values[keep]
        rows = len(next(iter(block.values())))
        if rows:
            self.blocks.append(block)
            self.waiting += rows
        if self.waiting >= ROWS:
            self.flush(self.waiting // ROWS * ROWS)

    def flush(self, rows: int) -> None:
        """Write the first waiting rows and keep the rest."""
        joined = {name: np.concatenate([block[name] for block in self.blocks]) for name in self.types}
        table = pa.table([self.column(name, joined[name][:rows]) for name in self.types], schema=self.schema)
        self.writer.write_table(table, row_group_size=ROWS)
        self.blocks = [{name: values[rows:] for name, values in joined.items()}]
        self.waiting -= rows

    def column(self, name: str, values: np.ndarray) -> pa.Array:
        """Return one column as Arrow data."""
        if name in self.levels:
            return pa.DictionaryArray.from_arrays(pa.array(values), self.levels[name])
        return pa.array(values)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if kind is None and self.waiting:
            self.flush(self.waiting)
        self.writer.close()


def along(values: Any, axis: int, dimensions: int) -> np.ndarray:
    """Lay a vector along one axis of a block, for broadcasting."""
    shape = [1] * dimensions
    shape[axis] = -1
    return np.asarray(values).reshape(shape)
