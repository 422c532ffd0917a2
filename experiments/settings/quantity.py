"""A number with its unit, range, source and grade, and the frozen trees such numbers come in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from experiments.settings.soundness import number_faults


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and what must be known to believe it.

    Parameters
    ----------
    value : float, tuple or Tree
        A number, a list of numbers, or numbers by name (bank kind, dimension, year); in `unit`.
    unit : str
        For instance ``1/year`` or ``yuan``.
    low, high : float
        Every number of `value` lies in ``[low, high]``.
    source : str
        Id of a row of the data files, or the word ``assumption``.
    grade : str
        ``outturn``, ``inferred``, ``from memory``, ``assumption``, or ``own data`` of a user's own bank.
    prior : bool
        Whether calibration samples it uniformly over the range.
    notes : Tree
        Anything else the file says of it (title, total, sign).
    changed : bool
        Whether the value differs from the shipped one, so that `source` no longer vouches for it.
    """

    value: Any
    unit: str
    low: float
    high: float
    source: str
    grade: str
    prior: bool = False
    notes: Any = None
    changed: bool = False

    def plain(self) -> dict[str, Any]:
        """The same as plain data, as it would stand in a file."""
        data: dict[str, Any] = {
            "value": unfreeze(self.value),
            "unit": self.unit,
            "range": [self.low, self.high],
            "source": self.source,
            "grade": self.grade,
        }
        if self.prior:
            data["prior"] = True
        if self.changed:
            data["changed"] = True
        return {**data, **unfreeze(self.notes or {})}


class Tree(Mapping[str, Any]):
    """A frozen tree: read with ``tree["name"]`` or ``tree.name``; leaves are `Quantity`, text, bool or None.

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

    def __setattr__(self, key: str, value: Any) -> None:
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
        """The same as plain data, as it would stand in a file."""
        return {key: unfreeze(value) for key, value in self._items.items()}

    def quantities(self, prefix: str = "") -> Iterator[tuple[str, Quantity]]:
        """Every number below here with its dotted key, in file order."""
        for key, value in self._items.items():
            name = f"{prefix}.{key}" if prefix else key
            if isinstance(value, Quantity):
                yield name, value
            elif isinstance(value, Tree):
                yield from value.quantities(name)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _as_tree,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda tree: tree.plain()),
        )


def unfreeze(value: Any) -> Any:
    """Plain dicts and lists from frozen trees, tuples and quantities."""
    if isinstance(value, Tree | Quantity):
        return value.plain()
    if isinstance(value, Mapping):
        return {str(key): unfreeze(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [unfreeze(item) for item in value]
    return value


def freeze(value: Any) -> Any:
    """Frozen trees, tuples and quantities from plain data; the reverse of `unfreeze`."""
    if isinstance(value, Mapping):
        if is_number(value):
            return quantity(value)
        return Tree({key: freeze(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(freeze(item) for item in value)
    return value


def is_number(node: Any) -> bool:
    """Whether plain data describes one number: a mapping with a ``value``."""
    return isinstance(node, Mapping) and "value" in node


def quantity(node: Mapping[str, Any], changed: bool = False) -> Quantity:
    """A `Quantity` from a mapping in which `number_faults` finds nothing wrong.

    Parameters
    ----------
    node : mapping
        ``{value, unit, range, source, grade}`` and notes.
    changed : bool
        Whether its value differs from the shipped one.

    Returns
    -------
    Quantity
        The same, frozen.
    """
    own = ("value", "unit", "range", "source", "grade", "prior", "changed")
    notes = {key: item for key, item in node.items() if key not in own}
    low, high = node["range"]
    return Quantity(
        value=freeze(node["value"]),
        unit=node["unit"],
        low=low,
        high=high,
        source=str(node["source"]),
        grade=node["grade"],
        prior=bool(node.get("prior", False)),
        notes=freeze(notes) if notes else None,
        changed=changed or bool(node.get("changed", False)),
    )


def _as_tree(value: Any) -> Tree:
    if isinstance(value, Tree):
        return value
    if not isinstance(value, Mapping):
        raise ValueError("must be a mapping")
    _refuse_unsound(value)
    frozen = freeze(value)
    if not isinstance(frozen, Tree):
        raise ValueError("must be a tree of numbers, not one number")
    return frozen


def _refuse_unsound(node: Mapping[str, Any], prefix: str = "") -> None:
    for key, item in node.items():
        name = f"{prefix}{key}"
        if is_number(item):
            for below, what, allowed in number_faults(item):
                raise ValueError(f"{name}.{below} {what}; allowed {allowed}")
        elif isinstance(item, Mapping):
            _refuse_unsound(item, f"{name}.")
