"""Keyed randomness: one stream for each (seed, purpose, year, replicate), so that no stream has a position."""

import hashlib
import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import DTypeLike
from scipy.special import ndtri

PURPOSES: Final = (
    "population",
    "bank",
    "focus",
    "taste",
    "relevant",
    "level",
    "partners at the start",
    "partners/start",
    "vendors",
    "union",
    "items/<year>",
    "partners/<year>",
    "shares/<year>",
    "queue/<year>",
    "language models",
    "budget/<year>",
    "places/<year>",
    "survey sample/<year>",
    "style",
    "editions",
    "policy effect: <policy>",
    "policy take-up: <policy>",
    "policy cost: <policy>",
    "parameters",
    "<purpose>: own bank <name>",
    "answers: own bank <name>",
    "own banks: what is judged",
)
QUANTILES: Final = ndtri((np.arange(2**16) + 0.5) / 2**16)  # a normal from 16 random bits; none beyond 4.3
FEW: Final = 16  # replicates so few that each is laid into its column
TOGETHER: Final = 64  # replicates whose words are laid side by side at a time: few enough for the cache


class _Key(ISeedSequence):
    """What a stream is seeded with: a hash of its name, so that streams are independent and cheap to open."""

    def __init__(self, seed: int, purpose: str, replicate: int) -> None:
        self.name = f"{seed}/{purpose}/{replicate}".encode()

    def generate_state(self, n_words: int, dtype: DTypeLike = np.uint32) -> np.ndarray:
        size = n_words * np.dtype(dtype).itemsize
        return np.frombuffer(hashlib.blake2b(self.name, digest_size=size).digest(), dtype)


_key: Any = _Key  # NumPy takes any ISeedSequence; its stubs know only its own


def generator(seed: int, purpose: str, replicate: int) -> np.random.Generator:
    """Return the generator of one stream.

    Parameters
    ----------
    seed : int
        The study's seed, 0 or more.
    purpose : str
        What is drawn, of ``PURPOSES``, with the year or the policy's name filled in.
    replicate : int
        The replicate's own number, not its place in a batch.
    """
    return np.random.Generator(np.random.SFC64(_key(seed, purpose, replicate)))


def uniform(words: np.ndarray) -> np.ndarray:
    """Uniforms on (0, 1) from 16-bit words, in steps of 2^-16."""
    return (words + 0.5) * 2.0**-16


class Draws:
    """Draws for the replicates of a batch, the same for all its scenarios: common random numbers.

    Every call gives the whole of a named stream again; nothing depends on what was drawn before.

    Parameters
    ----------
    seed : int
    replicates : sequence of int
        Numbers of the replicates.
    scenarios : int
        Scenarios that share them; the last axis is scenarios times replicates.
    banks : int
        Banks of the population.
    guests : tuple of str
        Name of the user's own bank of every row behind them, which draws from streams of its own.
    """

    def __init__(
        self, seed: int, replicates: Sequence[int], scenarios: int, banks: int, guests: tuple[str, ...] = ()
    ) -> None:
        self.seed, self.replicates, self.scenarios = seed, tuple(replicates), scenarios
        self.banks, self.guests = banks, guests

    def words(self, purpose: str, *shape: int) -> np.ndarray:
        """Random 16-bit words, shape (*shape, scenarios x replicates)."""
        number = math.prod(shape)
        drawn = np.empty((number, len(self.replicates)), np.uint16)
        for first in range(0, len(self.replicates), TOGETHER):
            names = self.replicates[first : first + TOGETHER]
            raw = [np.random.SFC64(_key(self.seed, purpose, r)).random_raw(-(-number // 4)) for r in names]
            if len(raw) <= FEW:
                for column, one in enumerate(raw, first):
                    drawn[:, column] = one.view(np.uint16)[:number]
            else:
                drawn[:, first : first + TOGETHER] = np.stack(raw).view(np.uint16)[:, :number].T
        if self.scenarios > 1:
            drawn = np.tile(drawn, (1, self.scenarios))
        return drawn.reshape(*shape, len(self.replicates) * self.scenarios)

    def bank_words(self, purpose: str, *shape: int) -> np.ndarray:
        """Words for every bank, shape (*shape, M, R); a user's own bank has the same luck in all its variants."""
        words = self.words(purpose, *shape, self.banks)
        if not self.guests:
            return words
        return np.concatenate([words, self._of_guests(purpose, *shape)], axis=-2)

    def _of_guests(self, purpose: str, *shape: int) -> np.ndarray:
        """Words of every row of users' own banks, shape (*shape, rows, R)."""
        names = {name: self.guests.count(name) for name in self.guests}
        own = [
            np.repeat(self.words(f"{purpose}: own bank {name}", *shape, 1), number, axis=-2)
            for name, number in names.items()
        ]
        return np.concatenate(own, axis=-2)

    def partner_words(self, year: int, banks: int, pairs: int) -> tuple[np.ndarray, np.ndarray]:
        """Words of a year for every bank, (banks, M, R), and for every possible alliance, (pairs, R): one stream."""
        purpose, number = f"partners/{year}", banks * self.banks
        words = self.words(purpose, number + pairs)
        ours = words[:number].reshape(banks, self.banks, -1)
        if self.guests:
            ours = np.concatenate([ours, self._of_guests(purpose, banks)], axis=-2)
        return ours, words[number:]

    def normals(self, purpose: str, *shape: int) -> np.ndarray:
        """Standard normals for every bank, shape (*shape, M, R)."""
        result: np.ndarray = QUANTILES[self.bank_words(purpose, *shape)]
        return result

    def uniforms(self, purpose: str, *shape: int) -> np.ndarray:
        """Uniforms on (0, 1) for every bank, in steps of 2^-16."""
        return uniform(self.bank_words(purpose, *shape))
