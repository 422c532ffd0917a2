"""A study's chunks seen as one record, read piece by piece so that memory stays flat."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from threading import Lock
from typing import Any

import numpy as np

from agents.honeycomb import DIMENSIONS, KINDS, SMALL_KINDS
from experiments.config.errors import failure
from experiments.runs.records import ITEM, Packed

KINDS_AND_ALL = (*KINDS, "all")
MEASURES = ("true", "survey")
RUNGS = "rungs"  # rungs that a bank stands on, over all items
KEPT = 192 << 20  # bytes that the arrays of a study may take together and still be kept
PART = 32 << 20  # bytes of one part of an array that is not kept
EVERY, LAST = slice(None), slice(-1, None)
SHARED = (
    "scenarios", "quarters", "survey_quarters", "policies", "years", "bank_kind", "bank_province",
    "provinces", "levels",
)  # fmt: skip


class Merged:
    """The chunks of one study in the order of their replicates.

    Parameters
    ----------
    chunks : iterable of Packed
        Opened chunk files, all scenarios each, in any order.
    baselines : mapping, optional
        For each scenario the label of the one its effects are measured against (a baseline names itself); the
        first scenario for all by default.
    items : iterable of str, optional
        Items that stand among the variables, as ``item:<id>``: those that scenarios aim at.
    """

    def __init__(
        self, chunks: Iterable[Packed], baselines: Mapping[str, str] | None = None, items: Iterable[str] = ()
    ) -> None:
        self.chunks: list[Packed] = []
        for chunk in chunks:
            first = self.chunks[0] if self.chunks else chunk
            if any(chunk.labels[key] != first.labels[key] for key in SHARED):
                raise failure("chunks of different studies cannot be merged")
            chunk.share(first)
            self.chunks.append(chunk)
        self.chunks.sort(key=lambda chunk: chunk.labels["replicates"][0])
        self.blocks = Blocks(self.chunks)
        first = self.chunks[0]
        self.scenarios = tuple(map(str, first.labels["scenarios"]))
        self.quarters = tuple(map(str, first.labels["quarters"]))
        self.survey_quarters = tuple(map(str, first.labels["survey_quarters"]))
        self.policies = tuple(map(str, first.labels["policies"]))
        self.years = np.array(first.labels["years"], np.int32)
        self.replicates = np.concatenate([self.replicates_of(chunk) for chunk in self.chunks])
        self.provinces = tuple(map(str, first.labels["provinces"]))
        self.outcomes = tuple(first.names("outcomes/"))
        self.levels = tuple((str(item), int(rung)) for item, rung in first.labels.get("levels", ()))
        item_names = dict.fromkeys(f"{ITEM}{item}" for item, _ in self.levels)
        self.items = tuple(item for item in dict.fromkeys(items) if item in item_names)
        self.bank_variables = tuple(first.names("banks/"))
        self.own_outcomes = tuple(first.names("own/"))
        self.own_rows = tuple((str(bank), str(choice)) for bank, choice in first.labels.get("own_rows", ()))
        self.base = tuple(
            self.scenarios.index((baselines or {}).get(s, self.scenarios[0])) for s in self.scenarios
        )

    @staticmethod
    def replicates_of(chunk: Packed) -> np.ndarray:
        """Return the replicate numbers of one chunk, int32."""
        return np.array(chunk.labels["replicates"], np.int32)

    @property
    def alternatives(self) -> tuple[int, ...]:
        """Positions of the scenarios that are compared with a baseline."""
        return tuple(s for s, base in enumerate(self.base) if s != base)

    @cached_property
    def bank_kind(self) -> np.ndarray:
        """Kind of each bank, as its position in `KINDS`."""
        return codes(self.chunks[0].labels["bank_kind"], KINDS)

    @property
    def bank_small(self) -> np.ndarray:
        """Whether each bank is a small or medium one."""
        return np.isin(self.bank_kind, [KINDS.index(kind) for kind in SMALL_KINDS])

    @cached_property
    def bank_province(self) -> np.ndarray:
        """Province code of each bank, as text."""
        return np.array([str(code) for code in self.chunks[0].labels["bank_province"]])

    @cached_property
    def bank_reported(self) -> np.ndarray:
        """Whether each bank counts in its kind's mean; those of no stated kind do not."""
        return np.array(self.chunks[0].labels["bank_reported"], bool)

    @property
    def stated_kind(self) -> np.ndarray:
        """Name of each bank's kind; ``other`` for those of no stated kind."""
        return np.where(self.bank_reported, np.array(KINDS)[self.bank_kind], "other")

    @property
    def bank_assets(self) -> np.ndarray:
        """Total assets of each bank."""
        return self.chunks[0]["bank_assets"]

    def quarters_of(self, measure: str, variable: str = "index") -> tuple[str, ...]:
        """Return the quarters at which a variable is taken: each, or those at a year's end."""
        yearly = measure == "survey" or array_of(measure, variable) == "items"
        return self.survey_quarters if yearly else self.quarters

    def places(self, measure: str, variable: str = "index") -> list[int]:
        """Return those quarters as positions among all."""
        return [self.quarters.index(quarter) for quarter in self.quarters_of(measure, variable)]

    def variables(self, measure: str) -> tuple[str, ...]:
        """Return what is known by kind and quarter: dimensions, their mean, outcomes, and levels of items."""
        if measure != "true":
            return (*DIMENSIONS, "index")
        return (*DIMENSIONS, "index", *self.outcomes, *((RUNGS, *self.items) if self.levels else ()))

    def pick(self, block: np.ndarray, variable: str) -> np.ndarray:
        """Pick a variable from the array that holds it.

        Parameters
        ----------
        block : ndarray, shape (quarters, kinds[, dimensions or levels], replicates)
        variable : str

        Returns
        -------
        ndarray, shape (quarters, kinds, replicates)
            In its own unit.
        """
        if variable in DIMENSIONS:
            return block[:, :, DIMENSIONS.index(variable)]
        if variable == "index":
            return index_of(block, axis=2)
        if array_of("true", variable) != "items":
            return block
        places = [k for k, (item, _) in enumerate(self.levels) if variable in (RUNGS, f"{ITEM}{item}")]
        rungs = added(block[:, :, k] for k in places)
        return 0.01 * rungs if variable == RUNGS else rungs / len(places)

    def in_every_run(self, name: str, scenario: int) -> np.ndarray:
        """Read an array of one scenario, with the runs of every chunk on its first axis."""
        return np.concatenate([chunk.read(name, scenario) for chunk in self.chunks])

    def parts(
        self, scenario: int, measure: str, variable: str, last_only: bool = False
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield (replicate numbers, values of shape (replicates, quarters, kinds)), some replicates at a time."""
        for places, block in self.blocks.by_replicate(array_of(measure, variable), last_only):
            yield self.replicates[places], by_replicate(self.pick(block[:, scenario], variable))

    def paired(
        self, scenario: int, measure: str, variable: str, last_only: bool = False
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield what `parts` does, as differences to its baseline in the same replicate."""
        for places, block in self.blocks.by_replicate(array_of(measure, variable), last_only):
            ours, base = (self.pick(block[:, s], variable) for s in (scenario, self.base[scenario]))
            yield self.replicates[places], by_replicate(ours - base)


class Blocks:
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
        self._arrays: dict[tuple[str, bool], np.ndarray] = {}
        self._lock = Lock()

    def by_replicate(self, name: str, last_only: bool = False) -> Iterator[tuple[slice, np.ndarray]]:
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
            yield place, chunk.rows(name, LAST if last_only else EVERY)

    def by_quarter(self, name: str) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield an array by quarters, with all replicates: at once when it is kept, otherwise a few at a time.

        Yields
        ------
        quarters : slice
        values : ndarray
            Not to be changed.
        """
        length = self.chunks[0].entries[name]["shape"][0]
        if self._bytes[False] <= KEPT:
            yield slice(0, length), self._whole(name, False)
            return
        size = self.chunks[0].rows(name, slice(1))[..., 0].nbytes * self.replicates
        width = max(1, PART // size)
        for first in range(0, length, width):
            part = slice(first, min(first + width, length))
            yield part, self._gather(name, part)

    def at(self, name: str, quarters: Sequence[int]) -> np.ndarray:
        """Read some quarters of an array, with all replicates.

        Parameters
        ----------
        name : str
            Name of the array.
        quarters : sequence of int
            Positions on its first axis.
        """
        if self._bytes[False] <= KEPT:
            return self._whole(name, False)[quarters]
        return self._gather(name, EVERY, quarters)

    def forget(self) -> None:
        """Give back the memory of what is kept."""
        with self._lock:
            self._arrays.clear()

    def _whole(self, name: str, last_only: bool) -> np.ndarray:
        if last_only and self._bytes[False] <= KEPT:
            return self._whole(name, False)[LAST]
        with self._lock:
            if (name, last_only) not in self._arrays:
                self._arrays[name, last_only] = self._gather(name, LAST if last_only else EVERY)
            return self._arrays[name, last_only]

    def _gather(self, name: str, quarters: slice, only: Any = EVERY) -> np.ndarray:
        parts = (chunk.rows(name, quarters)[only] for chunk in self.chunks)
        first = next(parts)
        values = np.empty((*first.shape[:-1], self.replicates), first.dtype)
        for place, part in zip(self.places, chain((first,), parts), strict=True):
            values[..., place] = part
        return values


def array_of(measure: str, variable: str) -> str:
    """Return the array of the chunks that a variable is read from."""
    if variable == RUNGS or variable.startswith(ITEM):
        return "items"
    return measure if variable in (*DIMENSIONS, "index") else f"outcomes/{variable}"


def by_array(measure: str, variables: Iterable[str]) -> dict[str, list[str]]:
    """Return the arrays that hold variables of a measure, each with those read from it together."""
    arrays: dict[str, list[str]] = {}
    for variable in variables:
        arrays.setdefault(array_of(measure, variable), []).append(variable)
    return arrays


def by_replicate(block: np.ndarray) -> np.ndarray:
    """Lay a block with its replicates on the first axis, as rows are written."""
    return np.ascontiguousarray(np.moveaxis(block, -1, 0))


def index_of(scores: np.ndarray, axis: int = -1) -> np.ndarray:
    """Average the six dimension scores."""
    values: np.ndarray = added(np.moveaxis(scores, axis, 0)) / scores.shape[axis]
    return values


def added(parts: Iterable[np.ndarray]) -> np.ndarray:
    """Add arrays up in one order, so that the sum rounds alike in any batch."""
    first, *others = parts
    total = first.astype(float)
    for part in others:
        total += part
    return total


def codes(labels: Sequence[object], names: Sequence[str]) -> np.ndarray:
    """Return labels as positions in `names`; numbers are taken to be positions already."""
    return np.array(
        [label if isinstance(label, int) else names.index(str(label)) for label in labels], np.int32
    )
