"""When one number of a configuration is sound: finite, inside its range, with unit, source and grade."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

GRADES: Final = ("outturn", "inferred", "from memory", "assumption", "own data")
COUNTED: Final = ("banks", "quarters", "persons", "links", "partners", "vendors", "provinces")
TOTAL_TOLERANCE: Final = 1e-9

Finding = tuple[str, str, str]


def number_faults(node: Mapping[Any, Any]) -> Iterator[Finding]:
    """Everything wrong with one number, seen by itself.

    Parameters
    ----------
    node : mapping
        ``{value, unit, range, source, grade}``, and perhaps ``total`` (what the numbers of a mapping add to).

    Yields
    ------
    key, what, allowed : str
        The key inside the node, what is wrong with it, and what would do.
    """
    for key in ("unit", "source"):
        if not isinstance(node.get(key), str) or not node[key].strip():
            yield key, "is missing", "a line of text"
    if node.get("grade") not in GRADES:
        yield "grade", f"is {node.get('grade')!r}", ", ".join(GRADES)
    if not isinstance(node.get("prior", False), bool):
        yield "prior", f"is {node['prior']!r}", "true or false"
    bounds = node.get("range")
    if not (isinstance(bounds, list | tuple) and len(bounds) == 2 and all(map(is_finite, bounds))):
        yield "range", f"is {bounds!r}", "two finite numbers"
    elif bounds[0] > bounds[1]:
        yield "range", f"runs from {bounds[0]} down to {bounds[1]}", "a range that rises"
    else:
        yield from _value_faults(node, bounds)


def _value_faults(node: Mapping[Any, Any], bounds: Any) -> Iterator[Finding]:
    low, high = bounds
    unit = node.get("unit", "")
    within = f"{low} to {high} {unit}".rstrip()
    sound = True
    for key, item in scalars(node["value"]):
        where = f"value.{key}" if key else "value"
        if not is_real(item):
            sound = False
            yield where, f"{shown(item)} is not a number", within
        elif not is_finite(item):
            sound = False
            yield where, f"{shown(item)} is not a finite number", within
        elif unit in COUNTED and item != int(item):
            yield where, f"{shown(item)} is not a whole number of {unit}", within
        elif not low <= item <= high:
            yield where, f"{shown(item)} is out of range", within
    if sound and "total" in node:
        yield from _total_faults(node)


def _total_faults(node: Mapping[Any, Any]) -> Iterator[Finding]:
    total, added = node["total"], math.fsum(item for _, item in scalars(node["value"]))
    if not is_finite(total):
        yield "total", f"{shown(total)} is not a finite number", "a number"
    elif abs(added - total) > TOTAL_TOLERANCE:
        yield "value", f"adds to {added:.12g}", f"numbers that add to {total:g}"


def scalars(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """The single numbers of a value with their dotted keys below it."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from scalars(item, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            yield from scalars(item, f"{key}.{place}" if key else str(place))
    else:
        yield key, value


def is_real(item: Any) -> bool:
    """Whether it is an int or a float, true and false excepted."""
    return isinstance(item, int | float) and not isinstance(item, bool)


def is_finite(item: Any) -> bool:
    """Whether it is a number that a float can hold."""
    try:
        return is_real(item) and math.isfinite(item)
    except OverflowError:
        return False


def shown(item: Any) -> str:
    """A value as a message quotes it."""
    try:
        return repr(item)
    except ValueError:
        return "a number of thousands of digits"
