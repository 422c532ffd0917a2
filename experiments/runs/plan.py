"""A study cut into chunks: every scenario of a few replicates, named by what the numbers depend on."""

from dataclasses import dataclass

from experiments.runs.fingerprint import fingerprint


@dataclass(frozen=True, order=True)
class Chunk:
    """All scenarios of the replicates `first` to `stop` (exclusive)."""

    first: int
    stop: int
    name: str

    @property
    def replicates(self) -> range:
        """The replicates computed together."""
        return range(self.first, self.stop)


def cut(replicates: int, rows: int, target: int, key: str) -> tuple[Chunk, ...]:
    """Cut the replicates of a study into chunks of about `target` rows.

    Parameters
    ----------
    replicates : int
        How many replicates, ≥ 1.
    rows : int
        Rows of one replicate: scenarios x banks.
    target : int
        Rows that a chunk should not exceed; a chunk holds at least one replicate.
    key : str
        Hash of everything else the numbers depend on.
    """
    width = chunk_width(rows, target)
    bounds = [(first, min(first + width, replicates)) for first in range(0, replicates, width)]
    return tuple(Chunk(first, stop, chunk_name(key, first, stop)) for first, stop in bounds)


def chunk_width(rows: int, target: int) -> int:
    """Return the largest power of two of replicates within the target, at least one.

    Powers of two keep the boundaries aligned when a study grows, so that its first chunks are used again.
    """
    return 1 << max(0, (target // max(rows, 1)).bit_length() - 1)


def chunk_name(key: str, first: int, stop: int) -> str:
    """Name a chunk by its content: the shared key and its replicates."""
    return fingerprint(key, first, stop)[:40]
