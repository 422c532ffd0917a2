"""A study's chunks seen as one record, read piece by piece so that memory stays flat."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np

from agents.honeycomb import DIMENSIONS, KINDS
from experiments.failure import StudyFailed
from experiments.runs.gathered import Gathered
from experiments.runs.packed import Packed

MEASURES = ("true", "survey")
KINDS_AND_ALL = (*KINDS, "all")
SHARED = ("scenarios", "quarters", "survey_quarters", "policies", "years", "bank_kind", "bank_province")


class Merged:
    """The chunks of one study in the order of their replicates.

    Parameters
    ----------
    chunks : iterable of Packed
        Opened chunk files, all scenarios each, in any order.
    baselines : mapping, optional
        For each scenario the label of the one its effects are measured against (a baseline names itself); the
        first scenario for all by default.
    """

    def __init__(self, chunks: Iterable[Packed], baselines: Mapping[str, str] | None = None) -> None:
        self.chunks: list[Packed] = []
        for chunk in chunks:
            first = self.chunks[0] if self.chunks else chunk
            if any(chunk.labels[key] != first.labels[key] for key in SHARED):
                raise StudyFailed("chunks of different studies cannot be merged")
            chunk.share(first)
            self.chunks.append(chunk)
        self.chunks.sort(key=lambda chunk: chunk.labels["replicates"][0])
        self.gathered = Gathered(self.chunks)
        first = self.chunks[0]
        self.scenarios = tuple(map(str, first.labels["scenarios"]))
        self.quarters = tuple(map(str, first.labels["quarters"]))
        self.survey_quarters = tuple(map(str, first.labels["survey_quarters"]))
        self.policies = tuple(map(str, first.labels["policies"]))
        self.years = np.array(first.labels["years"], np.int32)
        self.replicates = np.concatenate([self.replicates_of(chunk) for chunk in self.chunks])
        self.outcomes = tuple(first.names("outcomes/"))
        self.bank_variables = tuple(first.names("banks/"))
        self.own_outcomes = tuple(first.names("own/"))
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

    @cached_property
    def bank_province(self) -> np.ndarray:
        """Province code of each bank, as text."""
        return np.array([str(code) for code in self.chunks[0].labels["bank_province"]])

    @cached_property
    def bank_reported(self) -> np.ndarray:
        """Whether each bank counts in its kind's mean; those of no stated kind do not."""
        return np.array(self.chunks[0].labels["bank_reported"], bool)

    @property
    def bank_assets(self) -> np.ndarray:
        """Total assets of each bank."""
        return self.chunks[0]["bank_assets"]

    def quarters_of(self, measure: str) -> tuple[str, ...]:
        """Return the quarters at which a measure is taken."""
        return self.survey_quarters if measure == "survey" else self.quarters

    def variables(self, measure: str) -> tuple[str, ...]:
        """Return what is known by kind and quarter: dimensions, their mean and the outcomes."""
        return (*DIMENSIONS, "index") + (self.outcomes if measure == "true" else ())

    def parts(
        self, scenario: int, measure: str, variable: str, last_only: bool = False
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield (replicate numbers, values of shape (replicates, quarters, kinds)), some replicates at a time."""
        for places, block in self.gathered.blocks(array_of(measure, variable), last_only):
            yield self.replicates[places], by_replicate(pick(block[:, scenario], variable))

    def paired(
        self, scenario: int, measure: str, variable: str, last_only: bool = False
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield what `parts` does, as differences to its baseline in the same replicate."""
        for places, block in self.gathered.blocks(array_of(measure, variable), last_only):
            ours, base = (pick(block[:, s], variable) for s in (scenario, self.base[scenario]))
            yield self.replicates[places], by_replicate(ours - base)


def array_of(measure: str, variable: str) -> str:
    """Return the array of the chunks that a variable is read from."""
    return measure if variable in (*DIMENSIONS, "index") else f"outcomes/{variable}"


def pick(block: np.ndarray, variable: str) -> np.ndarray:
    """Pick a variable from the array that holds it.

    Parameters
    ----------
    block : ndarray, shape (quarters, kinds[, dimensions], replicates)
    variable : str

    Returns
    -------
    ndarray, shape (quarters, kinds, replicates)
        In its own unit.
    """
    if variable in DIMENSIONS:
        return block[:, :, DIMENSIONS.index(variable)]
    return index_of(block, axis=2) if variable == "index" else block


def by_replicate(block: np.ndarray) -> np.ndarray:
    """Lay a block with its replicates on the first axis, as rows are written."""
    return np.ascontiguousarray(np.moveaxis(block, -1, 0))


def index_of(scores: np.ndarray, axis: int = -1) -> np.ndarray:
    """Average the six dimension scores; in one order, so that the sum rounds alike in any batch."""
    scores = np.moveaxis(scores, axis, 0)
    total = scores[0].copy()
    for score in scores[1:]:
        total += score
    return total / len(scores)


def codes(labels: Sequence[object], names: Sequence[str]) -> np.ndarray:
    """Return labels as positions in `names`; numbers are taken to be positions already."""
    return np.array(
        [label if isinstance(label, int) else names.index(str(label)) for label in labels], np.int32
    )
