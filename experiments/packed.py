"""The chunk file: a record's arrays and labels in one checked, memory-mappable file.

Layout: magic, length of the header (8 bytes), header (JSON), arrays (each aligned to 64 bytes), SHA-256 of
all that.
"""

import hashlib
import json
import mmap
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import networkx as nx
import numpy as np

from experiments.identity import canonical

if TYPE_CHECKING:
    from model.record import Record

MAGIC = b"honeycomb chunk 1\n"
ALIGNMENT = 64
LABELS = ("scenarios", "replicates", "quarters", "survey_quarters", "policies", "years")


class Damaged(Exception):
    """A chunk file that is torn, altered or of another format."""


def pack(record: "Record", with_graphs: bool = True) -> Iterator[bytes]:
    """Yield the bytes of a chunk file, piece by piece, checksum last."""
    arrays = {name: np.ascontiguousarray(array) for name, array in arrays_of(record, with_graphs).items()}
    entries, offset = [], 0
    for name, array in arrays.items():
        entries.append({"name": name, "dtype": array.dtype.str, "shape": list(array.shape), "offset": offset})
        offset += -(-array.nbytes // ALIGNMENT) * ALIGNMENT
    labels = {key: [plain(value) for value in getattr(record, key)] for key in LABELS}
    labels["bank_kind"] = [plain(value) for value in record.bank_kind]
    labels["bank_province"] = [plain(value) for value in record.bank_province]
    header = canonical({"labels": labels, "arrays": entries})
    opening = MAGIC + len(header).to_bytes(8, "little") + header
    opening += bytes(-len(opening) % ALIGNMENT)
    total = hashlib.sha256()
    for raw in chain([opening], (array.tobytes() for array in arrays.values())):
        padded = raw + bytes(-len(raw) % ALIGNMENT)
        total.update(padded)
        yield padded
    yield total.digest()


def arrays_of(record: "Record", with_graphs: bool) -> dict[str, np.ndarray]:
    """Name every array of a record; graphs become the bytes of their GraphML."""
    arrays = {
        name: getattr(record, name) for name in ("true", "survey", "costs", "bank_index", "bank_assets")
    }
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
    """An opened chunk file whose arrays are read when they are used.

    Parameters
    ----------
    path : Path
        The chunk file.
    checked : bool
        Compare the checksum first; `Damaged` is raised if it differs.
    """

    def __init__(self, path: Path, checked: bool = True) -> None:
        with path.open("rb") as stream:
            try:
                self.raw = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError as error:
                raise Damaged(f"{path} is empty") from error
        if self.raw[: len(MAGIC)] != MAGIC or len(self.raw) < len(MAGIC) + 8 + 32:
            raise Damaged(f"{path} is not a chunk file of this version")
        self.digest = self.raw[-32:].hex()
        if checked and hashlib.sha256(memoryview(self.raw)[:-32]).hexdigest() != self.digest:
            raise Damaged(f"{path} does not match its checksum")
        start = len(MAGIC) + 8
        stop = start + int.from_bytes(self.raw[len(MAGIC) : start], "little")
        header = json.loads(self.raw[start:stop])
        self.labels: dict[str, list[Any]] = header["labels"]
        self.entries: dict[str, dict[str, Any]] = {entry["name"]: entry for entry in header["arrays"]}
        self.start = stop + -stop % ALIGNMENT

    def __getitem__(self, name: str) -> np.ndarray:
        entry = self.entries[name]
        shape = tuple(entry["shape"])
        count = int(np.prod(shape, dtype=np.int64))
        flat = np.frombuffer(self.raw, entry["dtype"], count, self.start + entry["offset"])
        return flat.reshape(shape)

    def names(self, prefix: str) -> Iterator[str]:
        """Yield what follows the prefix in the names of the arrays."""
        return (name.removeprefix(prefix) for name in self.entries if name.startswith(prefix))

    @classmethod
    def intact(cls, path: Path) -> Self | None:
        """Open a chunk file, or return None when it is missing or damaged."""
        try:
            return cls(path)
        except (FileNotFoundError, Damaged):
            return None
