"""How a study runs: here or on a cluster, on how many workers, in how large pieces. Never what it computes."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from experiments.settings.fields import Allowed, Place, Strict


def _number_of_workers(number: object) -> object:
    if number != "auto" and not (type(number) is int and 1 <= number <= 1024):
        raise ValueError(f"{number!r} is no number of workers")
    return number


class ExecutionSettings(Strict):
    """Where and how the chunks of a study are computed; no number depends on it.

    `workers` is a number of processes or "auto" (one a core, and no more than there are chunks); `chunk_rows` is
    about how many rows (scenarios x replicates x banks) one chunk holds; `store` is the folder of finished chunks,
    relative to the folder of outputs; `store_limit` is how many megabytes it may keep beside the chunks of the study
    just made, those used longest ago going first, or null for no limit; `address` is that of a running Dask scheduler
    (tcp://host:port), or null to start one here.
    """

    engine: Annotated[str, Allowed(options=("local", "dask"))] = "local"
    workers: Annotated[
        int | str, BeforeValidator(_number_of_workers), Allowed("auto, or a whole number, 1 to 1024")
    ] = "auto"
    chunk_rows: Annotated[
        int, Field(ge=1, le=100_000_000), Allowed("a whole number of rows, 1 to 100000000")
    ] = 20_000
    store: Place = ".studies"
    store_limit: (
        Annotated[float, Field(ge=0, le=1e9), Allowed("null, or a number of megabytes, 0 or more")] | None
    ) = 64.0
    address: (
        Annotated[
            str, Field(pattern=r"^[a-z]+://[\w.:\[\]-]+$"), Allowed("null, or an address as tcp://host:port")
        ]
        | None
    ) = None
