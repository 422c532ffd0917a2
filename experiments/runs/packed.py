"""The chunk file: a record's arrays and labels in one checked file, any part of which can be read alone.

Layout: magic, length of the header (8 bytes), header (JSON), arrays (each aligned to 64 bytes), a
checksum (SHA-256, 32 bytes) of all that. Arrays by quarter lie with the quarters first and the replicates last,
which is how tables read them: a few quarters of many chunks side by side.
"""

import hashlib
import json
import math
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self

import networkx as nx
import numpy as np

from experiments.runs.identity import canonical

if TYPE_CHECKING:
    from model.record import Record

MAGIC = b"honeycomb chunk 2\n"
ALIGNMENT = 64
CHECKSUM = 32
BY_QUARTER = ("true", "survey", "outcomes/")
LABELS = ("scenarios", "replicates", "quarters", "survey_quarters", "policies", "years")


class Damaged(OSError):
    """A chunk file that is torn, altered or of another format."""


def pack(record: "Record", with_graphs: bool = True) -> Iterator[bytes]:
    """Yield the bytes of a chunk file, piece by piece, checksum last."""
    arrays = {
        name: np.ascontiguousarray(laid_by_quarter(array) if by_quarter(name) else array)
        for name, array in arrays_of(record, with_graphs).items()
    }
    entries, offset = [], 0
    for name, array in arrays.items():
        entries.append({"name": name, "dtype": array.dtype.str, "shape": list(array.shape), "offset": offset})
        offset += -(-array.nbytes // ALIGNMENT) * ALIGNMENT
    labels = {key: [plain(value) for value in getattr(record, key)] for key in LABELS}
    labels["bank_kind"] = [plain(value) for value in record.bank_kind]
    labels["bank_reported"] = [plain(value) for value in record.bank_reported]
    labels["bank_province"] = [plain(value) for value in record.bank_province]
    header = canonical({"labels": labels, "arrays": entries})
    opening = MAGIC + len(header).to_bytes(8, "little") + header
    opening += bytes(-len(opening) % ALIGNMENT)
    total = hashlib.sha256()
    for raw in chain([opening], (array.tobytes() for array in arrays.values())):
        padded = raw + bytes(-len(raw) % ALIGNMENT) if len(raw) % ALIGNMENT else raw
        total.update(padded)
        yield padded
    yield total.digest()


def by_quarter(name: str) -> bool:
    """Tell whether an array lies with its quarters first and its replicates last."""
    return name.startswith(BY_QUARTER)


def laid_by_quarter(array: np.ndarray) -> np.ndarray:
    """Turn (scenarios, replicates, quarters, ...) into (quarters, scenarios, ..., replicates)."""
    return np.moveaxis(array, (2, 1), (0, -1))


def arrays_of(record: "Record", with_graphs: bool) -> dict[str, np.ndarray]:
    """Name every array of a record; graphs become the bytes of their GraphML."""
    arrays = {name: getattr(record, name) for name in ("survey", "costs", "bank_index", "bank_assets")}
    # all small and medium banks come last among the kinds, as they do among outcomes
    arrays = {"true": np.concatenate([record.true, record.small[..., None, :]], axis=3)} | arrays
    arrays |= {f"outcomes/{name}": array for name, array in record.outcomes.items()}
    arrays |= {f"banks/{name}": array for name, array in (record.banks or {}).items()}
    arrays |= {f"own/{name}": array for name, array in (getattr(record, "own", None) or {}).items()}
    for (scenario, quarter), graph in record.graphs.items() if with_graphs else ():
        arrays[f"graphs/{scenario}/{quarter}"] = np.frombuffer(graphml(graph), np.uint8)
    return arrays


def graphml(graph: nx.Graph) -> bytes:
    """Write a graph as GraphML, by the writer that every installation has."""
    return ("\n".join(nx.generate_graphml(graph)) + "\n").encode()


def plain(value: Any) -> Any:
    """Return a NumPy scalar as a Python one."""
    return value.item() if isinstance(value, np.generic) else value


class Packed:
    """An opened chunk file, whose arrays are read when they are used.

    No file is held open, so that a study may have more chunks than a process may have open files.

    Parameters
    ----------
    path : Path
        The chunk file.
    checked : bool
        Compare the checksum first; `Damaged` is raised if it differs.
    """

    def __init__(self, path: Path, checked: bool = True) -> None:
        self.path = path
        size = path.stat().st_size
        with path.open("rb") as stream:
            opening = stream.read(len(MAGIC) + 8)
            start = len(opening)
            length = int.from_bytes(opening[len(MAGIC) :], "little")
            if opening[: len(MAGIC)] != MAGIC or size < start + length + CHECKSUM:
                raise Damaged(f"{path} is not a whole chunk file of this version")
            header = stream.read(length)
            stream.seek(size - CHECKSUM)
            self.digest = stream.read(CHECKSUM).hex()
            if checked and checksum_of(stream, size - CHECKSUM) != self.digest:
                raise Damaged(f"{path} does not match its checksum")
        content = json.loads(header)
        self.labels: dict[str, list[Any]] = content["labels"]
        self.entries: dict[str, dict[str, Any]] = {entry["name"]: entry for entry in content["arrays"]}
        self.start = start + length + -(start + length) % ALIGNMENT

    def __getitem__(self, name: str) -> np.ndarray:
        return self.read(name)

    def read(self, name: str, *leading: int) -> np.ndarray:
        """Read an array as its record has it, or only the part of it at some leading positions.

        Parameters
        ----------
        name : str
            Name of the array.
        *leading : int
            Positions on its first axes.
        """
        shape = self.entries[name]["shape"]
        if by_quarter(name):
            return np.moveaxis(self._flat(name, 0, shape), (0, -1), (2, 1))[leading]
        rest, place = shape[len(leading) :], 0
        for position, length in zip(leading, shape, strict=False):
            place = place * length + position
        return self._flat(name, place * math.prod(rest), rest)

    def quarters(self, name: str, quarters: slice) -> np.ndarray:
        """Read some neighbouring quarters of an array by quarter.

        Returns
        -------
        ndarray, shape (quarters, scenarios, kinds[, dimensions], replicates)
        """
        length, *rest = self.entries[name]["shape"]
        first, stop, _ = quarters.indices(length)
        return self._flat(name, first * math.prod(rest), [max(stop - first, 0), *rest])

    def quarter_count(self, name: str) -> int:
        """Return how many quarters an array by quarter has."""
        return int(self.entries[name]["shape"][0])

    def bytes_by_quarter(self, last_only: bool) -> int:
        """Return how many bytes all arrays by quarter take, or the last quarter of each."""
        shapes = [entry["shape"] for name, entry in self.entries.items() if by_quarter(name)]
        return 8 * sum(math.prod(shape[1:] if last_only else shape) for shape in shapes)

    def _flat(self, name: str, place: int, shape: list[int]) -> np.ndarray:
        """Read numbers that lie side by side in an array, from the given place on."""
        entry = self.entries[name]
        dtype, count = np.dtype(entry["dtype"]), math.prod(shape)
        offset = self.start + entry["offset"] + place * dtype.itemsize
        flat = np.fromfile(self.path, dtype, count, offset=offset)
        if flat.size != count:
            raise Damaged(f"{self.path} was cut short")
        return flat.reshape(shape)

    def names(self, prefix: str) -> Iterator[str]:
        """Yield what follows the prefix in the names of the arrays."""
        return (name.removeprefix(prefix) for name in self.entries if name.startswith(prefix))

    def share(self, first: "Packed") -> None:
        """Drop the labels and entries that equal those of another chunk, and refer to those."""
        own, names = self.labels["replicates"], first.labels
        if all(self.labels[key] == names[key] for key in names if key != "replicates"):
            self.labels = {**names, "replicates": own}
        if self.entries == first.entries:
            self.entries = first.entries

    @classmethod
    def intact(cls, path: Path) -> Self | None:
        """Open a chunk file, or return None when it is missing or damaged."""
        try:
            return cls(path)
        except (FileNotFoundError, Damaged, ValueError):
            return None


def checksum_of(stream: BinaryIO, length: int) -> str:
    """Return the checksum of the first bytes of a file, in hexadecimal."""
    total, left = hashlib.sha256(), length
    stream.seek(0)
    while left and (piece := stream.read(min(left, 1 << 20))):
        total.update(piece)
        left -= len(piece)
    return total.hexdigest()
