"""A study cut into chunks, every scenario of a few replicates, and who computes them: here, workers, a cluster."""

import os
import random
import shutil
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Final

from threadpoolctl import threadpool_limits

from experiments.config.assembly import forget
from experiments.config.errors import ENGLISH, Sentence, failure, sentence
from experiments.config.study import ExecutionSettings, StudySettings
from experiments.failure import StudyFailed
from experiments.runs.engine import Engine
from experiments.runs.fingerprint import fingerprint
from experiments.runs.identity import code_digest
from experiments.runs.records import check_finite, pack
from experiments.runs.store import CHECKSUM, Store


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
    settings: StudySettings
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


def worker_count(workers: int | str, chunks: int) -> int:
    """Return how many worker processes to use; `auto` is one a core, and never more than there are chunks."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(available if workers == "auto" else int(workers), chunks))


# --- who does it


# Workers that die this many times in a row, with no chunk finished in between, will die again.
PATIENCE = 3


def compute(job: Job, chunks: Sequence[Chunk], execution: ExecutionSettings) -> Iterator[Chunk]:
    """Compute chunks where the settings say, and yield each one when it is in the store.

    Parameters
    ----------
    job : Job
        The study's job.
    chunks : sequence of Chunk
        What is missing from the store.
    execution : ExecutionSettings
        Engine, workers and address.
    """
    order = shuffled(chunks, os.getpid())
    if execution.engine == "dask":
        yield from on_cluster(job, order, execution)
        return
    workers = worker_count(execution.workers, len(order))
    things, language = {chunk.name: chunk for chunk in order}, job.settings.report.language
    for _, chunk in spread(things, job.here, job.in_worker, workers, language):
        yield chunk


def spread[Key, Thing, Done](
    things: Mapping[Key, Thing],
    here: Callable[[Thing], Done],
    there: Callable[[Thing], Done],
    workers: int,
    language: str = ENGLISH,
) -> Iterator[tuple[Key, Done]]:
    """Do things in worker processes, or one after the other here, and yield each as it is done.

    Parameters
    ----------
    things : mapping
        What is to be done, by a name of its own.
    here, there : callable
        Do one of them, in this process and in a worker; the latter raises `OtherCode` where it cannot.
    workers : int
        How many processes; 1 does it here.
    language : str
        Of what is told meanwhile.
    """
    waiting = dict(things)
    if workers > 1:
        try:
            for key, result in in_processes(things, there, workers):
                del waiting[key]
                yield key, result
        except OtherCode:
            alone = sentence(
                "worker processes would load the code from its files, which is not what is loaded here: computed in "
                "this process alone"
            )
            say(alone, language)
    for key, thing in waiting.items():
        yield key, here(thing)


def shuffled(chunks: Sequence[Chunk], seed: int) -> list[Chunk]:
    """Put chunks in an order of this process's own, so that two processes on one study share its chunks."""
    order = list(chunks)
    random.Random(seed).shuffle(order)
    return order


def in_processes[Key, Thing, Done](
    things: Mapping[Key, Thing], there: Callable[[Thing], Done], workers: int
) -> Iterator[tuple[Key, Done]]:
    """Do things in worker processes; one that dies is replaced and what it was at done again."""
    from joblib import Parallel, delayed, parallel_config
    from joblib.externals.loky.process_executor import BrokenProcessPool

    # A worker that grew is replaced between two chunks; nobody needs to hear of it.
    warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)
    waiting = dict(things)
    deaths = 0
    while waiting:
        try:
            with parallel_config("loky", inner_max_num_threads=1):
                pool = Parallel(
                    n_jobs=workers, return_as="generator_unordered", batch_size=1, pre_dispatch="2*n_jobs"
                )
                with interrupts_held():
                    results = pool(
                        delayed(_keyed)(key, there, thing) for key, thing in tuple(waiting.items())
                    )
                for key, result in closing(results):
                    del waiting[key]
                    deaths = 0
                    yield key, result
        except BrokenProcessPool as error:
            deaths += 1
            if deaths == PATIENCE:
                raise failure(
                    "worker processes died {} times in a row, perhaps for want of memory; finished chunks are "
                    "kept. Fewer execution.workers or a smaller execution.chunk_rows may help",
                    PATIENCE,
                ) from error


def _keyed[Key, Thing, Result](key: Key, do: Callable[[Thing], Result], thing: Thing) -> tuple[Key, Result]:
    return key, do(thing)


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back for a moment, in which workers are born that will never hear it.

    A terminal sends Ctrl-C to parent and workers alike, and one that is still importing would answer with a traceback.
    What a parent holds back its children hold back too; the parent hears it when the moment is over.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from joblib.externals.loky.backend import resource_tracker

    resource_tracker.ensure_running()  # it would let Ctrl-C through again if it started in between
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def closing(results: Any) -> Iterator[Any]:
    """Yield results and stop their workers at once when nobody wants more."""
    try:
        yield from results
    finally:
        with suppress(Exception):
            results.close()


TIMEOUT = "20s"


def on_cluster(job: Job, chunks: Sequence[Chunk], execution: ExecutionSettings) -> Iterator[Chunk]:
    """Compute chunks on a cluster; the file of each travels back and is written here.

    A few chunks a worker are under way at a time, so that none waits in a worker's memory. The scheduler replaces a
    worker that dies and does its chunk again.
    """
    with connected(execution, len(chunks)) as client:
        from distributed import KilledWorker, as_completed

        by_name = {chunk.name: chunk for chunk in chunks}
        waiting = iter(chunks)

        def submit(count: int) -> list[Any]:
            return [client.submit(job.on_cluster, c, key=c.name) for c in islice(waiting, count)]

        ahead = 2 * max(1, sum(client.nthreads().values()))
        under_way = as_completed(submit(ahead), loop=client.loop)
        try:
            for future in under_way:
                chunk, content = by_name[future.key], future.result()
                future.release()
                under_way.update(submit(1))
                job.store.put(chunk.name, [content[:-CHECKSUM], content[-CHECKSUM:]])
                yield chunk
        except KilledWorker as error:
            raise failure("workers of the cluster died again and again; finished chunks are kept") from error
        except OtherCode as error:
            raise failure(
                "a worker of the cluster has other code than this study: update its repository and restart it; "
                "code changed in memory runs with execution=local only"
            ) from error
        except ImportError as error:
            raise failure(
                "the cluster's workers cannot load the lab ({}): start them in its repository with its packages, "
                "as in: PYTHONPATH=. .venv/bin/dask worker tcp://host:8786",
                error,
            ) from error


@contextmanager
def connected(execution: ExecutionSettings, chunks: int) -> Iterator[Any]:
    """Connect to the cluster of the settings, or start one here, and leave no process behind."""
    try:
        import distributed
    except ImportError as error:
        raise failure("execution=dask needs Dask, which `make dev-env` installs") from error
    if execution.address is not None:
        try:
            client = distributed.Client(execution.address, timeout=TIMEOUT, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            message = sentence("no Dask scheduler answers at {}: {}", execution.address, error)
            raise StudyFailed(message) from error
        with client:
            yield client
        return
    cluster: AbstractContextManager[Any] = distributed.LocalCluster(
        n_workers=worker_count(execution.workers, chunks),
        threads_per_worker=1,
        dashboard_address=":0",  # by default it takes port 8787, which another study may have
    )
    with cluster, distributed.Client(cluster, set_as_default=False) as client:
        yield client


# --- what is told meanwhile


def say(message: Sentence, language: str) -> None:
    """Tell the user something that is not a result, in the language of the report: one line on stderr."""
    print(message.spoken(language), file=sys.stderr, flush=True)


@contextmanager
def bar(total: int, finished: int, label: str) -> Iterator[Callable[[int], None]]:
    """Show progress while a study runs.

    Parameters
    ----------
    total, finished : int
        Runs (scenario x replicate) in the study, and those that were finished before.
    label : str
        Shown in front of the bar.

    Yields
    ------
    callable
        To be called with the number of runs just finished.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from tqdm import tqdm

    width = min(shutil.get_terminal_size().columns, 120)  # of a terminal that does not know its width, 80
    with tqdm(total=total, initial=finished, desc=label, unit="run", ncols=width, smoothing=0.1) as progress:
        yield lambda runs: progress.update(runs) and None
