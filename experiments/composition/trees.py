"""Plain trees of dicts: merge, look up and list them by dotted key. No tree is ever changed in place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

MISSING: Final = object()


def merged(base: Any, delta: Any) -> Any:
    """A tree with another laid over it: mappings merge, anything else is replaced.

    Parameters
    ----------
    base, delta : tree
        Plain data; branches of `base` that `delta` does not touch are shared with the result.

    Returns
    -------
    tree
        The merged tree.
    """
    if not (isinstance(base, dict) and isinstance(delta, dict)):
        return delta
    result = dict(base)
    for key, value in delta.items():
        result[key] = merged(base[key], value) if key in base else value
    return result


def nested(package: str, content: Any) -> Any:
    """A tree moved below a dotted package; an empty package leaves it where it is."""
    for key in reversed(package.split(".")) if package else ():
        content = {key: content}
    return content


def child(tree: Any, key: str) -> Any:
    """What stands under one key of a mapping, or `MISSING`; ``"2024"`` also finds the key 2024."""
    if not isinstance(tree, dict):
        return MISSING
    return tree.get(own_key(tree, key), MISSING)


def own_key(tree: dict[Any, Any], key: str) -> Any:
    """The key as the mapping itself writes it: a year may stand there as a number."""
    if key not in tree and key.isascii() and key.isdigit() and len(key) < 10 and int(key) in tree:
        return int(key)
    return key


def lookup(tree: Any, dotted: str) -> Any:
    """What stands under a dotted key, or `MISSING`."""
    for key in dotted.split("."):
        tree = child(tree, key)
        if tree is MISSING:
            return MISSING
    return tree


def assigned(tree: Any, dotted: str, value: Any) -> Any:
    """The same tree with a value at a dotted key that exists; a mapping is merged into a mapping."""
    first, _, rest = dotted.partition(".")
    key = own_key(tree, first)
    if rest:
        return {**tree, key: assigned(tree[key], rest, value)}
    return {**tree, key: merged(tree[key], value)}


def leaves(tree: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf with its dotted key; an empty mapping counts as a leaf."""
    if isinstance(tree, dict) and tree:
        for key, value in tree.items():
            yield from leaves(value, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, tree


def dotted_keys(tree: Any, prefix: str = "") -> Iterator[str]:
    """Every dotted key, branches and leaves."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            name = f"{prefix}.{key}" if prefix else str(key)
            yield name
            yield from dotted_keys(value, name)
