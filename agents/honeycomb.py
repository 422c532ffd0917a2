"""The honeycomb model's vocabulary: dimensions, indicators, bank kinds, routes and layers.

The order of every tuple is the order of the components in every array.
"""

from types import MappingProxyType
from typing import Final

import numpy as np

from agents import kinds
from agents.column import Array

KINDS: Final = kinds.KINDS

INDICATORS_BY_DIMENSION: Final = MappingProxyType(
    {
        "strategy": ("planning", "execution", "strategic_risk"),
        "organization": ("structure", "talent_supply", "incentives"),
        "technology": ("investment", "innovation"),
        "application": ("credit", "automation", "risk_management", "new_technology"),
        "data": ("governance", "use", "security"),
        "ecosystem": ("data_sharing", "platform_cooperation", "technical_collaboration"),
    }
)
DIMENSIONS: Final = tuple(INDICATORS_BY_DIMENSION)
INDICATORS: Final = tuple(name for names in INDICATORS_BY_DIMENSION.values() for name in names)

SIZES: Final = np.array([len(names) for names in INDICATORS_BY_DIMENSION.values()])
STARTS: Final = np.concatenate([[0], np.cumsum(SIZES)[:-1]])
SLICES: Final = tuple(slice(int(a), int(a + n)) for a, n in zip(STARTS, SIZES, strict=True))
FUNDED: Final = SIZES - np.array(["new_technology" in names for names in INDICATORS_BY_DIMENSION.values()])
DIMENSION_OF: Final = np.repeat(np.arange(len(DIMENSIONS)), SIZES)

STRATEGY, ORGANIZATION, TECHNOLOGY, APPLICATION, DATA, ECOSYSTEM = range(len(DIMENSIONS))
PLANNING, EXECUTION = INDICATORS.index("planning"), INDICATORS.index("execution")
CREDIT, AUTOMATION = INDICATORS.index("credit"), INDICATORS.index("automation")
RISK_MANAGEMENT = INDICATORS.index("risk_management")
NEW_TECHNOLOGY = INDICATORS.index("new_technology")
GOVERNANCE = INDICATORS.index("governance")

TALENTS: Final = ("technologists", "data", "composite")
ROUTES: Final = ("wait", "build", "buy", "union", "alliance")
WAIT, BUILD, BUY, UNION, ALLIANCE = range(len(ROUTES))
FOCUS: Final = (
    "retail",
    "inclusive",
    "corporate",
    "rural",
    "technology_finance",
    "wealth",
    "transaction",
    "new_citizens",
    "green",
)
LAYERS: Final = ("vendor", "alliance", "export", "platform", "union")
PAYERS: Final = ("central_government", "local_government", "association", "bank")


def dimension_means(indicators: Array, out: Array | None = None) -> Array:
    """Average the 18 indicators into the six dimensions, each indicator weighing the same in its dimension.

    Parameters
    ----------
    indicators : ndarray, shape (18, ...)
        Any quantity by indicator.
    out : ndarray, shape (6, ...), optional
        Where to write.

    Returns
    -------
    ndarray, shape (6, ...)
        The mean by dimension, in the unit of the input.
    """
    means = np.empty_like(indicators[: len(DIMENSIONS)]) if out is None else out
    for d, part in enumerate(SLICES):
        first, second, *rest = indicators[part]
        total = means[d]
        np.add(first, second, out=total)
        for row in rest:
            total += row
        total *= 1.0 / SIZES[d]
    return means
