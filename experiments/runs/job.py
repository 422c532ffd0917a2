"""A study cut into chunks (every scenario of a few replicates), and what a worker needs to compute any of them."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from threadpoolctl import threadpool_limits

from experiments.config.assembly import forget
from experiments.runs.engine import Engine
from experiments.runs.fingerprint import fingerprint
from experiments.runs.identity import code_digest
from experiments.runs.records import check_finite, pack
from experiments.runs.store import Store


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
    return tuple(Chunk(first, stop, fingerprint(key, first, stop)[:40]) for first, stop in bounds)


def chunk_width(rows: int, target: int) -> int:
    """Return the largest power of two of replicates within the target, at least one.

    Powers of two keep the boundaries aligned when a study grows, so that its first chunks are used again.
    """
    return 1 << max(0, (target // max(rows, 1)).bit_length() - 1)


class OtherCode(Exception):
    """A worker whose code is not that of the study: it was changed in memory there, or on disk since."""


@dataclass(frozen=True)
class Job:
    """What a worker needs to compute any chunk of one study.

    Attributes
    ----------
    code : str
        Hash of the code that the study was planned with, as `code_digest` gives it; workers elsewhere are held to it.
    inputs : str
        What the study's chunks are named by; workers that had others before build their worlds anew.
    """

    engine: Engine
    settings: Any
    store: Store
    code: str = ""
    inputs: str = ""

    def pieces(self, chunk: Chunk) -> Iterator[bytes]:
        """Compute a chunk on one thread and yield its file."""
        with threadpool_limits(1):
            record = self.engine(self.settings, chunk.replicates)
        check_finite(record)
        # The networks shown are those of the study's first replicate.
        yield from pack(chunk.name, record, with_graphs=chunk.first == 0)

    def here(self, chunk: Chunk) -> Chunk:
        """Compute a chunk and write it, unless another process has done so in the meantime."""
        if self.store.digest(chunk.name) is None:
            self.store.put(chunk.name, self.pieces(chunk))
        return chunk

    def in_worker(self, chunk: Chunk) -> Chunk:
        """Do the same in a worker process."""
        become_worker(self.store)
        check_code(self.engine, self.code)
        take_up(self.inputs)
        return self.here(chunk)

    def on_cluster(self, chunk: Chunk) -> bytes:
        """Compute a chunk on a worker of a cluster and return its file."""
        check_code(self.engine, self.code)
        take_up(self.inputs)
        return b"".join(self.pieces(chunk))


def check_code(engine: Engine, code: str) -> None:
    """Refuse to compute with an engine whose code is not the one named."""
    if code_digest(engine) != code:
        raise OtherCode


@lru_cache(maxsize=1)
def take_up(inputs: str) -> None:
    """Forget what was built for other inputs: a table or an ensemble may have changed under the same settings."""
    forget()


def become_worker(store: Store | None) -> None:
    """Leave Ctrl-C to the parent of a worker process, and end with it."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if store is not None:
        WRITTEN.add(store.root)
    end_with_parent()


WRITTEN: Final[set[Path]] = set()  # folders of the stores that this worker process has written to


@cache
def end_with_parent() -> None:
    """Watch from a thread of a worker process whether its parent was killed; then end, and leave nothing half-written.

    A worker outlives a killed parent otherwise, idle for minutes. Nothing is lost: chunks are atomic.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        for root in tuple(WRITTEN):
            Store(root).sweep(leaving=os.getpid())
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def worker_count(asked: int | str, chunks: int) -> int:
    """Return how many worker processes to use; `auto` is one a core, and never more than there are chunks."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(available if asked == "auto" else int(asked), chunks))
