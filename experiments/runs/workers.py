"""Who computes the chunks: this process, worker processes here, or a Dask cluster."""

import os
import random
import signal
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import islice
from typing import Any

from experiments.failure import StudyFailed
from experiments.runs import progress
from experiments.runs.arrays import CHECKSUM
from experiments.runs.job import Chunk, Job, OtherCode, worker_count

# Workers that die this many times in a row, with no chunk finished in between, will die again.
PATIENCE = 3


def compute(job: Job, chunks: Sequence[Chunk], execution: Any) -> Iterator[Chunk]:
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
    for _, chunk in spread({chunk.name: chunk for chunk in order}, job.here, job.in_worker, workers):
        yield chunk


def spread[Key, Thing, Done](
    things: Mapping[Key, Thing], here: Callable[[Thing], Done], there: Callable[[Thing], Done], workers: int
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
    """
    waiting = dict(things)
    if workers > 1:
        try:
            for key, done in in_processes(things, there, workers):
                del waiting[key]
                yield key, done
        except OtherCode:
            progress.say(
                "worker processes would load the code from its files, which is not what is loaded here: computed in "
                "this process alone"
            )
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
                        delayed(_named)(key, there, thing) for key, thing in tuple(waiting.items())
                    )
                for key, done in closing(results):
                    del waiting[key]
                    deaths = 0
                    yield key, done
        except BrokenProcessPool as error:
            deaths += 1
            if deaths == PATIENCE:
                raise StudyFailed(
                    f"worker processes died {PATIENCE} times in a row, perhaps for want of memory; finished "
                    "chunks are kept. Fewer execution.workers or a smaller execution.chunk_rows may help"
                ) from error


def _named[Key, Thing, Done](key: Key, do: Callable[[Thing], Done], thing: Thing) -> tuple[Key, Done]:
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


def on_cluster(job: Job, chunks: Sequence[Chunk], execution: object) -> Iterator[Chunk]:
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
            raise StudyFailed(
                "workers of the cluster died again and again; finished chunks are kept"
            ) from error
        except OtherCode as error:
            raise StudyFailed(
                "a worker of the cluster has other code than this study: update its repository and restart it; code "
                "changed in memory runs with execution=local only"
            ) from error
        except ImportError as error:
            raise StudyFailed(
                f"the cluster's workers cannot load the lab ({error}): start them in its repository with its "
                "packages, as in: PYTHONPATH=. .venv/bin/dask worker tcp://host:8786"
            ) from error


@contextmanager
def connected(execution: Any, chunks: int) -> Iterator[Any]:
    """Connect to the cluster of the settings, or start one here, and leave no process behind."""
    try:
        import distributed
    except ImportError as error:
        raise StudyFailed("execution=dask needs Dask, which `make dev-env` installs") from error
    if execution.address is not None:
        try:
            client = distributed.Client(execution.address, timeout=TIMEOUT, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise StudyFailed(f"no Dask scheduler answers at {execution.address}: {error}") from error
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
