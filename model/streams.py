"""Keyed randomness: one stream for each (seed, purpose, replicate), whatever the batch or the order."""

import hashlib
from collections.abc import Sequence

import numpy as np

PURPOSES = (
    "population",
    "capability at the start",
    "people and spending at the start",
    "chance in building",
    "chance in allocation",
    "language model review",
    "failed pilots",
    "vendors",
    "vendor contracts",
    "export contracts",
    "alliances",
    "survey sample",
    "survey answers",
    "instrument",
    "policy effect: <policy>",
    "policy take-up: <policy>",
    "policy cost: <policy>",
    "parameters",
)


def generator(seed: int, purpose: str, replicate: int) -> np.random.Generator:
    """Return the generator of one stream.

    Parameters
    ----------
    seed : int
        The study's seed, 0 or more.
    purpose : str
        What is drawn; one of ``PURPOSES``, with the policy's name filled in.
    replicate : int
        The replicate's own number, not its position in a batch.

    Returns
    -------
    numpy.random.Generator
    """
    digest = hashlib.blake2b(purpose.encode(), digest_size=16).digest()
    key = (int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little"), replicate)
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=key)))


class Draws:
    """Draws for the replicates of a batch, the same for all scenarios: common random numbers.

    Parameters
    ----------
    seed : int
        The study's seed.
    replicates : sequence of int
        Numbers of the replicates in the batch.
    """

    def __init__(self, seed: int, replicates: Sequence[int]) -> None:
        self.seed, self.replicates = seed, tuple(replicates)
        self._streams: dict[str, list[np.random.Generator]] = {}

    def _of(self, purpose: str) -> list[np.random.Generator]:
        if purpose not in self._streams:
            self._streams[purpose] = [
                generator(self.seed, purpose, replicate) for replicate in self.replicates
            ]
        return self._streams[purpose]

    def normal(self, purpose: str, *shape: int) -> np.ndarray:
        """Return single-precision normals, shape ``(replicates, *shape)``; each call goes on in the stream."""
        drawn = np.empty((len(self.replicates), *shape), np.float32)
        for row, stream in zip(drawn, self._of(purpose), strict=True):
            stream.standard_normal(out=row, dtype=np.float32)
        return drawn

    def uniform(self, purpose: str, *shape: int) -> np.ndarray:
        """Return uniforms on [0, 1), shape ``(replicates, *shape)``; each call goes on in the stream."""
        drawn = np.empty((len(self.replicates), *shape))
        for row, stream in zip(drawn, self._of(purpose), strict=True):
            stream.random(out=row)
        return drawn

    def uniform_once(self, purpose: str, *shape: int) -> np.ndarray:
        """Return the first uniforms of a stream of its own, however often it is asked for."""
        return np.stack(
            [generator(self.seed, purpose, replicate).random(shape) for replicate in self.replicates]
        )
