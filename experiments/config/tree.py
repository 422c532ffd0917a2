"""Frozen trees of plain values: how groups of numbers stand in settings; and reading plain trees by dotted key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

MISSING: Final = object()


class Tree(Mapping[str, Any]):
    """A frozen tree: read with ``tree["name"]`` or ``tree.name``; leaves are numbers, tuples of numbers, text or bool.

    Parameters
    ----------
    items : mapping
        What it holds; keys become text.
    """

    __slots__ = ("_items",)
    _items: dict[str, Any]

    def __init__(self, items: Mapping[Any, Any]) -> None:
        object.__setattr__(self, "_items", {str(key): value for key, value in items.items()})

    def __getitem__(self, key: str) -> Any:
        return self._items[str(key)]

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__") or key == "_items":
            raise AttributeError(key)
        try:
            return self._items[key]
        except KeyError:
            raise AttributeError(f"no {key!r} here, only {', '.join(self._items)}") from None

    def __setattr__(self, key: str, value: object) -> None:
        raise AttributeError("settings are frozen")

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"Tree({self._items!r})"

    def __reduce__(self) -> tuple[type[Tree], tuple[dict[str, Any]]]:
        return Tree, (self._items,)

    def plain(self) -> dict[str, Any]:
        """The same as plain dicts and lists."""
        return {key: plain_data(value) for key, value in self._items.items()}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _as_tree, serialization=core_schema.plain_serializer_function_ser_schema(plain_data)
        )


def _as_tree(value: object) -> Tree:
    if not isinstance(value, Mapping):
        raise ValueError("must be a mapping")
    return value if isinstance(value, Tree) else Tree({key: freeze(item) for key, item in value.items()})


def freeze(value: object) -> Any:
    """Frozen trees and tuples from plain data; the reverse of `plain_data`."""
    if isinstance(value, Mapping):
        return Tree({key: freeze(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(freeze(item) for item in value)
    return value


def plain_data(value: object) -> Any:
    """Plain dicts and lists with text for every key; a year that a file writes as a number counts, not its text."""
    if isinstance(value, Mapping):
        texts_first = sorted(value.items(), key=lambda item: not isinstance(item[0], str))
        return {str(key): plain_data(item) for key, item in texts_first}
    return [plain_data(item) for item in value] if isinstance(value, tuple | list) else value


def lookup(tree: object, dotted: str) -> Any:
    """What stands under a dotted key, or `MISSING`."""
    for key in dotted.split("."):
        if not isinstance(tree, Mapping) or key not in tree:
            return MISSING
        tree = tree[key]
    return tree


def upwards(key: str) -> Iterator[str]:
    """A dotted key and all that it lies in: ``a.b.c``, ``a.b``, ``a``."""
    while key:
        yield key
        key = key.rpartition(".")[0]


def overlap(one: str, other: str) -> bool:
    """Whether two dotted keys are the same, or one lies in the other."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def assigned(tree: object, dotted: str, value: object) -> Any:
    """The same plain tree with a value at a dotted key; the tree itself is left as it is."""
    key, _, rest = dotted.partition(".")
    below = tree.get(key, {}) if isinstance(tree, Mapping) else {}
    kept = dict(tree) if isinstance(tree, Mapping) else {}
    return {**kept, key: assigned(below, rest, value) if rest else value}


def merged(base: Any, delta: Any) -> Any:
    """A plain tree with another laid over it: mappings merge, anything else is replaced."""
    if not (isinstance(base, Mapping) and isinstance(delta, Mapping)):
        return delta
    result = dict(base)
    for key, value in delta.items():
        result[key] = merged(base[key], value) if key in base else value
    return result


def pruned(tree: object) -> Any:
    """A plain tree without what is null, and without branches that hold nothing else."""
    if isinstance(tree, Mapping):
        kept = {key: pruned(value) for key, value in tree.items()}
        return {key: value for key, value in kept.items() if value is not None and value != {}}
    return tree


def leaves(
    tree: object, prefix: str = "", is_whole: Callable[[str], bool] = lambda key: False
) -> Iterator[tuple[str, Any]]:
    """Dotted key and value of everything in a tree that is no mapping, or a mapping that is whole by its key."""
    if isinstance(tree, Mapping) and (tree or not prefix) and not is_whole(prefix):
        for key, value in tree.items():
            yield from leaves(value, f"{prefix}.{key}" if prefix else str(key), is_whole)
    else:
        yield prefix, tree


def dotted_keys(tree: object, prefix: str = "") -> Iterator[str]:
    """Every dotted key of a tree, branches included."""
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            name = f"{prefix}.{key}" if prefix else str(key)
            yield name
            yield from dotted_keys(value, name)
