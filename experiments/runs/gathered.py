"""The arrays of all chunks laid side by side: kept while a study is small, read again piece by piece when it is not."""

from collections.abc import Iterator, Sequence
from threading import Lock

import numpy as np

from experiments.runs.packed import Packed

KEPT = 128 << 20  # bytes that the arrays of a study may take together and still be kept
PART = 32 << 20  # bytes of one part of an array that is not kept
EVERY, LAST = slice(None), slice(-1, None)


class Gathered:
    """Arrays by quarter with the replicates of every chunk on their last axis.

    All are of shape (quarters, scenarios, kinds[, dimensions], replicates). Tables are written by two threads,
    which share what is kept.

    Parameters
    ----------
    chunks : sequence of Packed
        In the order of their replicates.
    """

    def __init__(self, chunks: Sequence[Packed]) -> None:
        self.chunks = chunks
        stops = np.cumsum([len(chunk.labels["replicates"]) for chunk in chunks])
        self.places = [
            slice(int(stop) - len(chunk.labels["replicates"]), int(stop))
            for chunk, stop in zip(chunks, stops, strict=True)
        ]
        self.replicates = int(stops[-1])
        self._bytes = {last: sum(chunk.bytes_by_quarter(last) for chunk in chunks) for last in (False, True)}
        self._kept: dict[tuple[str, bool], np.ndarray] = {}
        self._lock = Lock()

    def blocks(self, name: str, last_only: bool = False) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield an array by replicates: at once when it is kept, otherwise chunk by chunk.

        Parameters
        ----------
        name : str
            Name of the array.
        last_only : bool
            The last quarter instead of all.

        Yields
        ------
        replicates : slice
            Positions of the replicates among all.
        values : ndarray
            Not to be changed.
        """
        if self._bytes[last_only] <= KEPT:
            yield slice(0, self.replicates), self._whole(name, last_only)
            return
        for place, chunk in zip(self.places, self.chunks, strict=True):
            yield place, chunk.quarters(name, LAST if last_only else EVERY)

    def parts(self, name: str) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield an array by quarters, with all replicates: at once when it is kept, otherwise a few at a time.

        Yields
        ------
        quarters : slice
        values : ndarray
            Not to be changed.
        """
        length = self.chunks[0].quarter_count(name)
        if self._bytes[False] <= KEPT:
            yield slice(0, length), self._whole(name, False)
            return
        size = self.chunks[0].quarters(name, slice(1))[..., 0].nbytes * self.replicates
        width = max(1, PART // size)
        for first in range(0, length, width):
            part = slice(first, min(first + width, length))
            yield part, self._gather(name, part)

    def forget(self) -> None:
        """Give back the memory of what is kept."""
        with self._lock:
            self._kept.clear()

    def _whole(self, name: str, last_only: bool) -> np.ndarray:
        if last_only and self._bytes[False] <= KEPT:
            return self._whole(name, False)[LAST]
        with self._lock:
            if (name, last_only) not in self._kept:
                self._kept[name, last_only] = self._gather(name, LAST if last_only else EVERY)
            return self._kept[name, last_only]

    def _gather(self, name: str, quarters: slice) -> np.ndarray:
        shape = self.chunks[0].quarters(name, quarters).shape[:-1]
        values = np.empty((*shape, self.replicates))
        for place, chunk in zip(self.places, self.chunks, strict=True):
            values[..., place] = chunk.quarters(name, quarters)
        return values
