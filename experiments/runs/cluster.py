"""Chunks computed by a Dask cluster: an existing one by its address, or one of local processes."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from typing import Any

from experiments.failure import StudyFailed
from experiments.runs.arrays import CHECKSUM
from experiments.runs.job import Job, OtherCode, worker_count
from experiments.runs.plan import Chunk

TIMEOUT = "20s"


def on_cluster(job: Job, chunks: Sequence[Chunk], execution: Any) -> Iterator[Chunk]:
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
        n_workers=worker_count(execution.workers, chunks), threads_per_worker=1, dashboard_address=None
    )
    with cluster, distributed.Client(cluster, set_as_default=False) as client:
        yield client
