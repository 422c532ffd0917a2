"""The chunk store: finished chunks on disk, each whole or absent."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from experiments.files import abandoned, replace_file, writer
from experiments.runs.packed import Packed
from experiments.runs.plan import Chunk


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

    def sweep(self, leaving: int | None = None) -> None:
        """Remove temporary files whose writers are gone, or are the process that is leaving."""
        for path in self.root.glob("*/.*.tmp"):
            if abandoned(path) or (leaving is not None and writer(path) == leaving):
                with suppress(OSError):
                    path.unlink()


def fits(packed: Packed, chunk: Chunk) -> bool:
    """Tell whether a chunk file holds the replicates it is named for."""
    return packed.labels.get("replicates") == list(chunk.replicates)
