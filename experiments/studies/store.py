"""The chunk store: finished chunks on disk, each whole or absent."""

import os
import platform
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from experiments.studies.packed import Packed
from experiments.studies.plan import Chunk

DAY = 86_400.0


class ChunkStore:
    """A folder of chunk files named by their content.

    A chunk is written under a temporary name in the same folder, flushed to the disk and renamed, so that a
    reader sees all of it or nothing, whoever is killed when. Several processes may share one store.

    Parameters
    ----------
    root : Path
        Folder of the store; made on the first write.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, chunk: Chunk) -> Path:
        """Return where a chunk's file is, or will be; fanned out so that no folder grows long."""
        return self.root / chunk.name[:2] / f"{chunk.name}.chunk"

    def digest(self, chunk: Chunk) -> str | None:
        """Return the checksum of a finished, undamaged chunk; None for any other."""
        packed = Packed.intact(self.path(chunk))
        return packed.digest if packed is not None and fits(packed, chunk) else None

    def put(self, chunk: Chunk, pieces: Iterable[bytes]) -> str:
        """Write a chunk atomically and return its checksum."""
        target = self.path(chunk)
        target.parent.mkdir(parents=True, exist_ok=True)
        return replace_file(target, pieces)[-32:].hex()

    def open(self, chunk: Chunk) -> Packed:
        """Open a finished chunk without checking it again."""
        return Packed(self.path(chunk), checked=False)

    def sweep(self) -> None:
        """Remove temporary files whose writers are gone."""
        for path in self.root.glob("*/.*.tmp"):
            if abandoned(path):
                with suppress(OSError):
                    path.unlink()


def fits(packed: Packed, chunk: Chunk) -> bool:
    """Tell whether a chunk file holds the replicates it is named for."""
    return packed.labels.get("replicates") == list(chunk.replicates)


def replace_file(target: Path, pieces: Iterable[bytes]) -> bytes:
    """Write a file so that it is whole or absent; return the last piece written."""
    temporary = target.with_name(temporary_name(target.name))
    last = b""
    try:
        with temporary.open("xb") as stream:
            for last in pieces:
                stream.write(last)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, target)
        flush_folder(target.parent)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    return last


def flush_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def temporary_name(name: str) -> str:
    """Return a hidden name that says which process, on which machine, is writing."""
    return f".{name}.{machine_mark()}-{os.getpid()}-{secrets.token_hex(4)}.tmp"


def machine_mark() -> str:
    """Return a short mark of this machine that does not give away its name."""
    return sha256(platform.node().encode()).hexdigest()[:8]


def abandoned(path: Path) -> bool:
    """Tell whether a temporary file has no writer: a dead process here, or a day without change."""
    mark, _, rest = path.name.removesuffix(".tmp").rpartition(".")[2].partition("-")
    writer = rest.partition("-")[0]
    if mark == machine_mark() and writer.isdigit():
        return not alive(int(writer))
    with suppress(OSError):
        return time.time() - path.stat().st_mtime > DAY
    return False


def alive(process: int) -> bool:
    """Tell whether a process of this machine is running."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
