"""Numbers of the configuration as the model reads them: floats, arrays over components, plain mappings."""

from typing import Any

import numpy as np

from agents.honeycomb import DIMENSIONS
from experiments.settings.quantity import Quantity, Tree


def plain(quantity: Quantity) -> Any:
    """Return a number's value: a float, an array over components or dimensions, or a dict by name or year."""
    value = quantity.value
    if isinstance(value, Tree):
        if tuple(value) == DIMENSIONS:
            return np.array([float(value[d]) for d in DIMENSIONS])
        return {int(key) if key.isdigit() else key: value[key] for key in value}
    if isinstance(value, tuple):
        return np.array(value, float)
    return float(value)


def mapping(tree: Tree) -> dict[str, Any]:
    """Return a tree of numbers as a dict of plain values; a tree below becomes a dict."""
    found: dict[str, Any] = {}
    for name, item in tree.items():
        if isinstance(item, Quantity):
            found[name] = plain(item)
        else:
            found[name] = mapping(item) if isinstance(item, Tree) else item
    return found
