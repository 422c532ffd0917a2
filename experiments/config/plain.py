"""Numbers of the configuration as the model reads them: floats, arrays over components, plain mappings."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from agents.honeycomb import DIMENSIONS, TALENTS
from experiments.config.catalogue import known
from experiments.config.tree import Tree


def plain(value: Any) -> Any:
    """A number's value: a float, an array over dimensions or roles of people, or a dict by name or year."""
    if isinstance(value, Tree):
        if tuple(value) in (DIMENSIONS, TALENTS):
            return np.array([float(part) for part in value.values()])
        return {int(key) if key.isdigit() else key: value[key] for key in value}
    if isinstance(value, tuple):
        return np.array(value, float)
    return float(value)


def mapping(tree: Tree, name: str) -> dict[str, Any]:
    """A tree of numbers as a dict of plain values; a tree below becomes a dict.

    Parameters
    ----------
    tree : Tree
    name : str
        Dotted name of the tree, by which the catalogue tells a number of several parts from a group of numbers.
    """
    values: dict[str, Any] = {}
    for key, item in tree.items():
        below = f"{name}.{key}"
        if known(below):
            values[key] = plain(item)
        else:
            values[key] = mapping(item, below) if isinstance(item, Tree) else item
    return values


def numbers(tree: Tree, name: str) -> Iterator[tuple[str, Any]]:
    """Every number below a tree with its dotted name, in the order of the files.

    Parameters
    ----------
    tree : Tree
    name : str
        Dotted name of the tree.
    """
    for key, item in tree.items():
        below = f"{name}.{key}"
        if known(below):
            yield below, item
        elif isinstance(item, Tree):
            yield from numbers(item, below)
