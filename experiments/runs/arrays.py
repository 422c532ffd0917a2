"""The file that everything computed is kept in: named arrays and labels, checked, any part of which is read alone.

Layout: magic, length of the header (8 bytes), header (JSON: name, labels, arrays), slabs, checksum (SHA-256, 32 bytes)
of all that. An array lies in slabs of some rows of its first axis, each compressed by itself (bytes of equal weight
side by side, then LZ4), which takes a quarter of the space and less time than writing it as it is.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

import numpy as np
import pyarrow as pa

MAGIC: Final = b"honeycomb arrays 3\n"
CHECKSUM: Final = 32
SLAB: Final = 1 << 18  # bytes of an array that are compressed together
CODEC: Final = "lz4_raw"

Arrays = Mapping[str, np.ndarray]


class Damaged(OSError):
    """A file of arrays that is torn, altered or of another format."""


def packed(name: str, arrays: Arrays, labels: Mapping[str, object] | None = None) -> Iterator[bytes]:
    """Yield the bytes of a file of arrays piece by piece, the checksum last.

    Parameters
    ----------
    name : str
        What the content is named by; a file found under another name is not taken for it.
    arrays : mapping of str to ndarray
        Numbers of any shape, written as they lie.
    labels : mapping, optional
        Plain data that belongs to them.
    """
    entries, slabs = [], []
    for key, array in arrays.items():
        array = np.ascontiguousarray(array).reshape(array.shape or (1,))
        rows = max(1, SLAB // max(1, array[:1].nbytes))
        parts = [compressed(array[first : first + rows]) for first in range(0, len(array), rows)]
        kind = {"dtype": array.dtype.str, "shape": list(array.shape), "rows": rows}
        entries.append({"name": key, **kind, "slabs": [len(part) for part in parts]})
        slabs += parts
    content = {"name": name, "labels": labels or {}, "arrays": entries}
    header = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    total = hashlib.sha256()
    for piece in (MAGIC + len(header).to_bytes(8, "little") + header, *slabs):
        total.update(piece)
        yield piece
    yield total.digest()


def compressed(array: np.ndarray) -> bytes:
    """Compress an array: the first byte of every number, then the second of every number, and so on."""
    planes = np.ascontiguousarray(array).view(np.uint8).reshape(-1, array.dtype.itemsize).T.tobytes()
    content: bytes = pa.Codec(CODEC).compress(planes, asbytes=True)
    return content


def restored(content: bytes, dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
    """Undo `compressed`."""
    size = dtype.itemsize * math.prod(shape)
    planes = pa.Codec(CODEC).decompress(content, size, asbytes=True) if size else b""
    flat = np.frombuffer(planes, np.uint8).reshape(dtype.itemsize, -1).T.copy()
    return flat.view(dtype).reshape(shape)


class ArrayFile:
    """An opened file of arrays, which are read when they are used.

    No file is held open, so that a study may have more chunks than a process may have open files.

    Parameters
    ----------
    path : Path
    checked : bool
        Compare the checksum first; `Damaged` is raised if it differs.
    """

    def __init__(self, path: Path, checked: bool = True) -> None:
        self.path = path
        size = path.stat().st_size
        with path.open("rb") as stream:
            opening = stream.read(len(MAGIC) + 8)
            length = int.from_bytes(opening[len(MAGIC) :], "little")
            if opening[: len(MAGIC)] != MAGIC or size < len(opening) + length + CHECKSUM:
                raise Damaged(f"{path} is not a whole file of this version")
            header = stream.read(length)
            stream.seek(size - CHECKSUM)
            self.digest = stream.read(CHECKSUM).hex()
            if checked and checksum_of(stream, size - CHECKSUM) != self.digest:
                raise Damaged(f"{path} does not match its checksum")
        content = json.loads(header)
        self.name: str = content["name"]
        self.labels: dict[str, Any] = content["labels"]
        self.entries: dict[str, dict[str, Any]] = {entry["name"]: entry for entry in content["arrays"]}
        self._places: dict[str, int] = {}
        place = len(MAGIC) + 8 + length
        for key, entry in self.entries.items():
            self._places[key] = place
            place += sum(entry["slabs"])

    def __getitem__(self, name: str) -> np.ndarray:
        return self.rows(name, slice(None))

    def rows(self, name: str, rows: slice) -> np.ndarray:
        """Read some neighbouring rows of the first axis of an array.

        Parameters
        ----------
        name : str
        rows : slice
            Without steps.
        """
        entry = self.entries[name]
        length, *rest = entry["shape"]
        first, stop, _ = rows.indices(length)
        dtype, width, sizes = np.dtype(entry["dtype"]), entry["rows"], entry["slabs"]
        if stop <= first:
            return np.empty((0, *rest), dtype)
        begin, end = first // width, -(-stop // width)
        with self.path.open("rb") as stream:
            stream.seek(self._places[name] + sum(sizes[:begin]))
            contents = [stream.read(size) for size in sizes[begin:end]]
        if list(map(len, contents)) != sizes[begin:end]:
            raise Damaged(f"{self.path} was cut short")
        counts = [min(width, length - slab * width) for slab in range(begin, end)]
        slabs = [restored(c, dtype, (n, *rest)) for c, n in zip(contents, counts, strict=True)]
        whole = slabs[0] if len(slabs) == 1 else np.concatenate(slabs)
        return whole[first - begin * width : stop - begin * width]

    def names(self, prefix: str = "") -> Iterator[str]:
        """Yield what follows a prefix in the names of the arrays."""
        return (name.removeprefix(prefix) for name in self.entries if name.startswith(prefix))

    @classmethod
    def intact(cls, path: Path, name: str) -> Self | None:
        """Open the file of some content, or return None when it is missing, damaged or of other content."""
        try:
            file = cls(path)
        except (FileNotFoundError, NotADirectoryError, Damaged, ValueError, KeyError, TypeError):
            return None
        return file if file.name == name else None


def checksum_of(stream: BinaryIO, length: int) -> str:
    """Return the checksum of the first bytes of a file, in hexadecimal."""
    total, left = hashlib.sha256(), length
    stream.seek(0)
    while left and (piece := stream.read(min(left, 1 << 20))):
        total.update(piece)
        left -= len(piece)
    return total.hexdigest()
