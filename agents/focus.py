"""Strategic focus: what a bank says it wants to be, and what that makes of the six dimensions."""

import numpy as np

from agents.registry import Registry

# What a focus adds to the weight of strategy, organization, technology, application, data, ecosystem.
FOCUSES: Registry[tuple[float, ...]] = Registry("strategic focus")


def strategic_focus(name: str, *weights: float) -> None:
    """Register a focus by what it adds to the weight of each of the six dimensions, each 0-2."""
    if len(weights) != 6 or any(not 0.0 <= w <= 2.0 for w in weights):
        raise ValueError(f"focus {name}: six weights between 0 and 2 are asked")
    FOCUSES.register(name, weights)


# A focus needs what it sells by: retail and wealth applications and data, corporate and transaction banking technology,
# inclusive and rural finance scenes and data; judged from chapters 3.1.2-3.1.3 (O014-O026).
for _name, _weights in {
    "retail": (0.0, 0.1, 0.1, 0.5, 0.3, 0.2),
    "inclusive": (0.0, 0.1, 0.1, 0.3, 0.5, 0.4),
    "corporate": (0.2, 0.2, 0.4, 0.2, 0.2, 0.1),
    "rural": (0.1, 0.2, 0.0, 0.2, 0.2, 0.7),
    "technology_finance": (0.2, 0.2, 0.5, 0.2, 0.4, 0.1),
    "wealth": (0.1, 0.2, 0.2, 0.5, 0.3, 0.1),
    "transaction": (0.1, 0.1, 0.6, 0.3, 0.1, 0.1),
    "new_citizens": (0.0, 0.1, 0.0, 0.4, 0.3, 0.5),
    "green": (0.2, 0.1, 0.1, 0.3, 0.5, 0.3),
    "pension": (0.1, 0.2, 0.1, 0.5, 0.2, 0.3),
}.items():
    strategic_focus(_name, *_weights)


def emphasis(base: np.ndarray, has: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Weight of each dimension, mean 1.

    Parameters
    ----------
    base : ndarray, shape (6,)
        What every bank sees in each dimension (motives C010-C012).
    has : ndarray of bool, shape (foci, M)
        Which foci a bank has, in the order of ``FOCUSES``.
    own : ndarray, shape (6, M, R)
        The board's own lasting factor on each dimension.
    """
    table = np.array([FOCUSES.get(name) for name in FOCUSES])[: len(has)]
    weight = (base[:, None] + (table.T @ has.astype(float)) / 3.0)[..., None] * own
    mean = (weight[0] + weight[1] + weight[2] + weight[3] + weight[4] + weight[5]) / 6.0
    result: np.ndarray = weight / mean
    return result
