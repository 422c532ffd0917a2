"""The prior: what the catalogue says a number is sampled over, as standard normals after a transform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from agents.honeycomb import KINDS

if TYPE_CHECKING:
    from experiments.config.study import StudySettings

EDGE = 1e-9
FAR = 4.0  # ends so many times apart are taken in logs


@dataclass(frozen=True)
class Prior:
    """Independent priors: uniform between two ends, in logs where both are positive and far apart.

    Parameters
    ----------
    paths : tuple of str
        Names of the P parameters, such as ``behaviour.spillover`` or ``banks.private.relevant``.
    low, high, central : ndarray, shape (P,)
        Ends and shipped value, each in its own unit.
    """

    paths: tuple[str, ...]
    low: np.ndarray
    high: np.ndarray
    central: np.ndarray

    @classmethod
    def of(cls, settings: StudySettings) -> Prior:
        """Collect the numbers of a study that calibration samples."""
        trees = {"behaviour": settings.behaviour} | {f"banks.{k}": settings.banks[k] for k in KINDS}
        found = [
            (path, *ends, float(number))
            for place, tree in trees.items()
            for name, number in tree.items()
            if (ends := settings.row(path := f"{place}.{name}").sampled) and settings.is_sampled(path)
        ]
        paths, low, high, central = zip(*found, strict=True)
        return cls(tuple(paths), np.array(low), np.array(high), np.array(central))

    @property
    def size(self) -> int:
        """Number of parameters."""
        return len(self.paths)

    def values(self, scores: np.ndarray) -> np.ndarray:
        """Parameters from their normal scores, shape (..., P): always between the ends."""
        low, high = self._scaled(self.low), self._scaled(self.high)
        scaled = low + (high - low) * ndtr(scores)
        values: np.ndarray = np.where(self._logs, np.exp(np.where(self._logs, scaled, 0.0)), scaled)
        return np.asarray(np.clip(values, self.low, self.high))

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Normal scores of parameters, shape (..., P)."""
        low, high = self._scaled(self.low), self._scaled(self.high)
        share = (self._scaled(values) - low) / (high - low)
        scores: np.ndarray = ndtri(np.clip(share, EDGE, 1.0 - EDGE))
        return scores

    def draw(self, stream: np.random.Generator, number: int) -> np.ndarray:
        """Normal scores of draws from the prior, shape (number, P)."""
        return stream.standard_normal((number, self.size))

    @property
    def _logs(self) -> np.ndarray:
        logs: np.ndarray = (self.low > 0.0) & (self.high >= FAR * self.low)
        return logs

    def _scaled(self, values: np.ndarray) -> np.ndarray:
        safe = np.where(self._logs, np.maximum(values, EDGE), 1.0)
        return np.where(self._logs, np.log(safe), values)
