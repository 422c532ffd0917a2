"""The store: everything computed, on disk, named by what it depends on, each file whole or absent.

A study keeps its chunks here, an analysis its further runs.
Beside them lie lists of what each of these used, by which `clean` knows whose a file is and how long it has lain.
"""

import hashlib
import json
import math
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

import numpy as np
import pyarrow as pa

from experiments.files import abandoned, replace_file, writer

# --- its files: named arrays and labels, checked, any part of which is read alone
#
# Layout: magic, length of the header (8 bytes), header (JSON: name, labels, arrays), slabs, checksum (SHA-256, 32
# bytes) of all that. An array lies in slabs of some rows of its first axis, each compressed by itself (bytes of equal
# weight side by side, then LZ4), which takes a quarter of the space and less time than writing it as it is.

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
    content = pa.Codec(CODEC).decompress(content, size, asbytes=True) if size else b""
    planes = np.frombuffer(content, np.uint8).reshape(dtype.itemsize, -1)
    numbers = np.empty(planes.shape[::-1], np.uint8)
    for place, plane in enumerate(planes):  # two to four times as fast as copying the transpose
        numbers[:, place] = plane
    return numbers.view(dtype).reshape(shape)


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


# --- the store


SUFFIX: Final = ".chunk"
USES: Final = "uses"
NOBODY: Final = "-"
MEGABYTE: Final = 1_000_000


@dataclass(frozen=True)
class Entry:
    """One file of the store: its name, size in bytes, and when it was last used (seconds since 1970)."""

    name: str
    path: Path
    size: int
    used: float


class Store:
    """A folder of files named by their content.

    A file is written under a temporary name in the same folder, flushed to the disk and renamed, so that a
    reader sees all of it or nothing, whoever is killed when. Several processes may share one store.

    Parameters
    ----------
    root : Path
        Folder of the store; made on the first write.
    user : str
        Who uses it here: the name of a study's folder.
    """

    def __init__(self, root: Path, user: str = NOBODY) -> None:
        self.root, self.user = root, user

    def path(self, name: str) -> Path:
        """Return where the file of some content is, or will be; fanned out so that no folder grows long."""
        return self.root / name[:2] / f"{name}{SUFFIX}"

    def digest(self, name: str) -> str | None:
        """Return the checksum of a finished, undamaged file; None for any other."""
        file = ArrayFile.intact(self.path(name), name)
        return file.digest if file is not None else None

    def put(self, name: str, pieces: Iterable[bytes]) -> str:
        """Write a file atomically and return its checksum."""
        target = self.path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        return replace_file(target, pieces)[-32:].hex()

    def keep(self, name: str, arrays: Arrays) -> None:
        """Write arrays atomically."""
        self.put(name, packed(name, arrays))

    def arrays(self, name: str) -> dict[str, np.ndarray] | None:
        """Read arrays back; None when they are missing or damaged."""
        file = ArrayFile.intact(self.path(name), name)
        return None if file is None else {key: file[key] for key in file.entries}

    def sweep(self, leaving: int | None = None) -> None:
        """Remove temporary files whose writers are gone, or are the process that is leaving."""
        for path in self.root.glob("*/.*.tmp"):
            if abandoned(path) or (leaving is not None and writer(path) == leaving):
                with suppress(OSError):
                    path.unlink()

    def use(self, names: Iterable[str], **facts: object) -> None:
        """Note what the user of the store uses, and that it does so now.

        Parameters
        ----------
        names : iterable of str
            Added to those noted before.
        **facts
            Plain data to keep with the list. ``needed=True`` keeps its files from making way for others.
        """
        place = self.root / USES / f"{self.user}.json"
        before, names = read_use(place) or {"names": []}, list(names)
        every = sorted({*before["names"], *names})
        place.parent.mkdir(parents=True, exist_ok=True)
        content = json.dumps({**before, **facts, "names": every}, separators=(",", ":"))
        replace_file(place, [content.encode()])
        now = time.time()
        for name in names:
            with suppress(OSError):
                os.utime(self.path(name), (now, now))

    def forget(self, users: Iterable[str]) -> None:
        """Remove the lists of some users."""
        for user in users:
            (self.root / USES / f"{user}.json").unlink(missing_ok=True)

    def uses(self) -> dict[str, dict[str, Any]]:
        """Return the lists of what was used, by their user."""
        uses = {path.stem: read_use(path) for path in sorted((self.root / USES).glob("*.json"))}
        return {user: use for user, use in uses.items() if use is not None}

    def files(self) -> Iterator[Entry]:
        """Yield every finished file."""
        for path in sorted(self.root.glob(f"??/*{SUFFIX}")):
            with suppress(FileNotFoundError):
                facts = path.stat()
                yield Entry(path.name.removesuffix(SUFFIX), path, facts.st_size, facts.st_mtime)

    def remove(self, files: Iterable[Entry]) -> int:
        """Remove files, and from the lists of their users what is gone; return how many bytes that freed."""
        freed, gone = 0, set()
        for file in files:
            with suppress(FileNotFoundError):
                file.path.unlink()
                freed += file.size
            gone.add(file.name)
            with suppress(OSError):
                file.path.parent.rmdir()  # if it is empty by now
        for user, content in self.uses().items() if gone else ():
            left = [name for name in content["names"] if name not in gone]
            place = self.root / USES / f"{user}.json"
            if not left:
                place.unlink(missing_ok=True)
            elif len(left) < len(content["names"]):
                replace_file(place, [json.dumps({**content, "names": left}).encode()])
        return freed

    def make_room(self, limit: float | None) -> int:
        """Remove what was not used for longest until the store is within its limit; return the bytes freed.

        What the user of the store has just used stays however large it is, so that a study can be shown in another
        language, or grow, without being computed again. So does what is still needed: the chunks of a study that is
        not whole yet.

        Parameters
        ----------
        limit : float or None
            Megabytes; None is no limit.
        """
        if limit is None:
            return 0
        needed = [use for user, use in self.uses().items() if user == self.user or use.get("needed")]
        stays = {name for use in needed for name in use["names"]}
        files = sorted(self.files(), key=lambda file: (file.used, file.name))
        over = sum(file.size for file in files) - limit * MEGABYTE
        leaving = []
        for file in files:
            if over > 0 and file.name not in stays:
                leaving.append(file)
                over -= file.size
        return self.remove(leaving)


def read_use(path: Path) -> dict[str, Any] | None:
    """Read the list of one user; None when there is none or it cannot be read."""
    with suppress(OSError, ValueError):
        content = json.loads(path.read_text("utf-8"))
        if isinstance(content, dict) and isinstance(content.get("names"), list):
            return content
    return None


def by_user(uses: Mapping[str, Mapping[str, Any]], files: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Sort files by who uses them; a file that several use stands with each, one that nobody lists under `NOBODY`."""
    users: dict[str, list[str]] = {}
    for user, content in uses.items():
        for name in content["names"]:
            users.setdefault(name, []).append(user)
    sorted_files: dict[str, list[Entry]] = {}
    for file in files:
        for user in users.get(file.name, [NOBODY]):
            sorted_files.setdefault(user, []).append(file)
    return sorted_files
