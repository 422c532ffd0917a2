"""Sums over banks whose rounding does not depend on the batch."""

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import numpy as np

FEW: Final = 8
LANES: Final = 32
CACHED: Final = 2**15


def slabs(number: int, width: int) -> Iterator[slice]:
    """So many of a number of arrays at a time that what is worked out for them stays in the processor's cache.

    Parameters
    ----------
    number, width : int
        Arrays, and the numbers that each holds.
    """
    step = max(CACHED // width, 1)
    return (slice(first, first + step) for first in range(0, number, step))


def added(total: np.ndarray | float, terms: np.ndarray) -> np.ndarray:
    """Add terms (n, ...), one after another, to what earlier slabs of them came to; the terms are written over."""
    terms[0] += total
    result: np.ndarray = np.add.reduce(terms, 0)
    return result


def over_banks(values: np.ndarray) -> np.ndarray:
    """Add up the banks, the last axis but one, in an order that depends on their number alone.

    Many banks are added in ``LANES`` lanes, then lane after lane; few are added one after another. NumPy adds row after
    row where rows hold several numbers, which the lanes give it even in a single replicate; where they hold few it may
    pair them up, so a running sum is taken there.

    Parameters
    ----------
    values : ndarray, shape (..., M, R)

    Returns
    -------
    ndarray, shape (..., R)
    """
    if values.shape[-2] >= 2 * LANES:
        values = _in_lanes(values, float)
    if values.shape[-1] < FEW and values.shape[-2]:
        return np.add.accumulate(values, axis=-2, dtype=float)[..., -1, :]
    result: np.ndarray = np.add.reduce(np.ascontiguousarray(values), axis=-2, dtype=float)
    return result


def over_blocks(values: np.ndarray, blocks: tuple[slice, ...]) -> np.ndarray:
    """What ``over_banks`` gives for each block of banks, shape (..., blocks, R); in one call where rows hold few.

    Blocks follow each other without a gap, but for empty ones.
    """
    *leading, _, replicates = values.shape
    if replicates >= FEW:
        return np.stack([over_banks(values[..., block, :]) for block in blocks], axis=-2)
    number = math.prod(leading)
    places, last, lanes = _places(blocks, number, replicates)
    summed = np.bincount(places, values[..., :last, :].ravel(), number * len(blocks) * lanes * replicates)
    summed = summed.reshape(*leading, len(blocks), lanes, replicates)
    return np.add.accumulate(summed, axis=-2)[..., -1, :]


@lru_cache(maxsize=32)
def _places(blocks: tuple[slice, ...], number: int, replicates: int) -> tuple[np.ndarray, int, int]:
    """Where each value of some arrays is added: by array, block, lane and replicate; the last bank, and the lanes."""
    sizes = [block.stop - block.start for block in blocks]
    lanes = LANES if max(sizes) >= 2 * LANES else 1
    bank = [k * lanes + np.arange(size) % LANES * (size >= 2 * LANES) for k, size in enumerate(sizes)]
    row = np.concatenate(bank)[:, None] * replicates + np.arange(replicates)
    array = np.arange(number)[:, None, None] * (len(blocks) * lanes * replicates)
    return (array + row).ravel(), len(row), lanes


def count_banks(values: np.ndarray) -> np.ndarray:
    """Add up whole numbers (or count) over the banks, int32 (..., R); no order of summation can matter."""
    if values.dtype == bool:
        values = values.view(np.int8)
    if values.shape[-2] >= 2 * LANES:
        values = _in_lanes(values, np.int32)
    result: np.ndarray = np.add.reduce(values, axis=-2, dtype=np.int32)
    return result


def count_by(values: np.ndarray, blocks: tuple[slice, ...]) -> np.ndarray:
    """Add up whole numbers (or count) over the banks of each block, int32 (..., blocks, R).

    Blocks follow each other without a gap, but for empty ones.
    """
    some, first, last = _edges(blocks)
    if values.shape[-1] <= FEW and len(some) == len(blocks):
        return np.add.reduceat(values[..., :last, :].view(np.int8), first, axis=-2, dtype=np.int32)
    counts = np.zeros((*values.shape[:-2], len(blocks), values.shape[-1]), np.int32)
    if values.shape[-1] > FEW:
        for k in some:
            counts[..., k, :] = count_banks(values[..., blocks[k], :])
    elif some:
        counts[..., some, :] = count_by(values, tuple(blocks[k] for k in some))
    return counts


@lru_cache(maxsize=32)
def _edges(blocks: tuple[slice, ...]) -> tuple[list[int], list[int], int]:
    """Blocks that are not empty, where each of them begins, and where the last ends."""
    some = [k for k, block in enumerate(blocks) if block.stop > block.start]
    return some, [blocks[k].start for k in some], blocks[some[-1]].stop if some else 0


def _in_lanes(banks: np.ndarray, kind: type) -> np.ndarray:
    """Sums of every ``LANES``-th bank, shape (..., LANES, R), from (..., M, R)."""
    banks = np.ascontiguousarray(banks)
    *leading, number, replicates = banks.shape
    full = number // LANES * LANES
    rows = banks[..., :full, :].reshape(*leading, number // LANES, LANES * replicates)
    lanes = np.add.reduce(rows, axis=-2, dtype=kind).reshape(*leading, LANES, replicates)
    lanes[..., : number - full, :] += banks[..., full:, :]
    result: np.ndarray = lanes
    return result
