"""The prior: every sampled number is uniform over its range, and a standard normal after a transform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from agents.honeycomb import KINDS
from experiments.config.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from experiments.config.study import StudySettings

EDGE = 1e-9


@dataclass(frozen=True)
class Prior:
    """Independent uniform priors.

    Parameters
    ----------
    paths : tuple of str
        Names of the P parameters, such as ``behaviour.spillover`` or ``banks.city.initial_capability.data``.
    low, high, central : ndarray, shape (P,)
        Range and shipped value, each in its own unit.
    """

    paths: tuple[str, ...]
    low: np.ndarray
    high: np.ndarray
    central: np.ndarray

    @classmethod
    def of(cls, settings: StudySettings) -> Prior:
        """Collect the numbers of a study that calibration samples."""
        rows = list(_sampled(settings, "behaviour", settings.behaviour))
        for kind in KINDS:
            rows += _sampled(settings, f"banks.{kind}", settings.banks[kind])
        paths, central, low, high = zip(*rows, strict=True)
        return cls(tuple(paths), np.array(low, float), np.array(high, float), np.array(central, float))

    @property
    def size(self) -> int:
        """Number of parameters."""
        return len(self.paths)

    @property
    def mapping(self) -> tuple[object, ...]:
        """What turns normal scores into parameters: the rule and its numbers, by which runs are named."""
        return Prior.values, self.paths, self.low, self.high

    def values(self, scores: np.ndarray) -> np.ndarray:
        """Parameters from their normal scores, shape (..., P): always within range."""
        values: np.ndarray = self.low + (self.high - self.low) * ndtr(scores)
        return values

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Normal scores of parameters, shape (..., P)."""
        share = (values - self.low) / (self.high - self.low)
        result: np.ndarray = ndtri(np.clip(share, EDGE, 1.0 - EDGE))
        return result

    def places(self, scores: np.ndarray) -> np.ndarray:
        """Places in the range on -1 to 1, shape (..., P): what an emulator takes in."""
        values: np.ndarray = 2.0 * ndtr(scores) - 1.0
        return values

    def draw(self, stream: np.random.Generator, number: int) -> np.ndarray:
        """Normal scores of draws from the prior, shape (number, P)."""
        return stream.standard_normal((number, self.size))


def _sampled(settings: StudySettings, place: str, tree: Tree) -> Iterator[tuple[str, float, float, float]]:
    """Path, value, low and high of each scalar below a tree that calibration samples."""
    for name, number in tree.items():
        row = settings.row(f"{place}.{name}")
        if row.sampled:
            parts = number.items() if isinstance(number, Tree) else [("", number)]
            for part, value in parts:
                path = f"{place}.{name}.{part}".rstrip(".")
                if settings.is_sampled(path):
                    yield path, float(value), row.low, row.high
