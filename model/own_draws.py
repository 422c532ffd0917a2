"""The chance that a user's own bank meets: streams of its own, so that nobody else's luck depends on it."""

import numpy as np

from model.streams import Draws

SHARED = (
    "policy effect: ",
    "policy cost: ",
)  # a policy is as strong, and as dear, for the own bank as for all


class OwnDraws(Draws):
    """The streams of ``Draws`` under names of their own: ``<purpose>: own bank``."""

    def words(self, kind: type[np.unsignedinteger], purpose: str, *shape: int) -> np.ndarray:
        """Return random words as ``Draws`` does, from the own bank's stream."""
        return super().words(kind, f"{purpose}: own bank", *shape)

    def uniform_once(self, purpose: str, *shape: int) -> np.ndarray:
        """Return the first uniforms of a stream: everyone's for a policy's strength and price, else the own bank's."""
        return super().uniform_once(purpose if purpose.startswith(SHARED) else f"{purpose}: own bank", *shape)
