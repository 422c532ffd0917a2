"""Numbers: their shipped shapes, what a file says of them, their schema, and the plain values that the model reads."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeGuard

import numpy as np
from pydantic_core import CoreSchema, core_schema

from agents.allocation import RULES
from agents.honeycomb import DIMENSIONS, KINDS, TALENTS
from experiments.config import catalogue
from experiments.config.catalogue import COUNTED, GRADES, Row, is_number, known
from experiments.config.errors import (
    IS_MISSING,
    NOT_KNOWN,
    Faults,
    Refused,
    Sentence,
    one_of,
    out_of_range,
    refuse,
    sentence,
    shown,
    unknown,
)
from experiments.config.reading import mapping
from experiments.config.tree import Tree, freeze, leaves
from experiments.config.units import converted, slip
from experiments.location import CONF


@cache
def content(place: str) -> Mapping[str, Any]:
    """What a shipped file holds beside its defaults list."""
    return {str(key): value for key, value in mapping(CONF / f"{place}.yaml").items() if key != "defaults"}


@cache
def shapes() -> Mapping[str, Any]:
    """Shipped trees of numbers by the dotted name of the group, ``environments.*`` standing for each of them."""
    return {
        "population": {**content("population/survey"), **content("population/shared/questionnaire")},
        "banks": {kind: content(f"banks/kind/{kind}") for kind in KINDS},
        "behaviour": content("behaviour/default"),
        "allocation": content("allocation/satisficing"),
        "network": content("network/partnerships"),
        "environments.*": {**content("environments/central"), **content("environments/shared/outturn")},
    }


# --- numbers that a file gives together with what is known of them: ``{value, unit, range, source, grade}``


def separated(tree: object, key: str, rows: dict[str, Row], faults: Faults) -> object:
    """A plain tree with nothing but values, each in the unit of the catalogue.

    Parameters
    ----------
    tree : any
        Plain data.
    key : str
        Dotted name of the tree.
    rows : dict
        Grows by what the tree says of numbers beside their values.
    faults : Faults
        Grows by what is wrong with that.
    """
    if not isinstance(tree, Mapping):
        return tree
    if is_number(tree) and catalogue.known(key):
        row = catalogue.row(key)
        rows[key] = _row(row, tree, key, faults)
        try:
            return converted(tree["value"], row.unit, _unit(tree))
        except Refused as error:
            # A unit is wrong for the value, or the value is no number in it: the place says which.
            faults.refused(f"{key}.unit" if "unit" in tree else f"{key}.value", error)
            return tree["value"] if "unit" not in tree else row.low
    return {
        name: separated(item, f"{key}.{name}" if key else name, rows, faults) for name, item in tree.items()
    }


def _row(row: Row, node: Mapping[str, Any], key: str, faults: Faults) -> Row:
    sound = dict(node)
    bounds = node.get("range", [row.low, row.high])
    try:
        bounds = converted(bounds, row.unit, _unit(node) if "range" in node else None)
    except Refused:
        bounds = node.get("range")
    pair = isinstance(bounds, list | tuple) and len(bounds) == 2 and all(map(is_finite, bounds))
    if not pair:
        faults.at(f"{key}.range", sentence("is {}", shown(bounds)))
        sound.pop("range")
    elif bounds[0] > bounds[1]:
        low, high = bounds
        faults.at(f"{key}.range", sentence("runs from {} down to {}", low, high))
        sound.pop("range")
    else:
        sound["range"] = list(bounds)
    if "grade" in node and node["grade"] not in GRADES:
        faults.unknown(f"{key}.grade", node["grade"], GRADES)
    if "source" in node and (not isinstance(node["source"], str) or not node["source"].strip()):
        faults.at(f"{key}.source", sentence("{} is not text", shown(node["source"])))
    if not isinstance(node.get("sampled", False), bool):
        faults.at(f"{key}.sampled", sentence("{} is not true or false", shown(node["sampled"])))
    return row.given(sound)


# --- the schema: shape from the shipped files, range and unit from the catalogue


# The words that stand among numbers, and what each may be; a user's own rules are known once they are registered.
WORDS: Final[Mapping[str, Iterable[str]]] = {
    "allocation.rule": RULES,
    "population.places": ("survey", "national"),
}
EXACT: Final = 1e-9  # how far parts may be from their total and count as equal to it
ROUNDED: Final = 2e-3  # how far they may be and count as rounded: they are scaled
Keys = tuple[str, ...]


def schema(name: str, shape: Mapping[str, object]) -> CoreSchema:
    """The pydantic schema of a tree of numbers.

    Parameters
    ----------
    name : str
        Dotted name of the tree, as ``behaviour`` or ``environments.severe``.
    shape : mapping
        The shipped tree, as plain data.

    Returns
    -------
    CoreSchema
        Every key is needed and no other allowed; the validated tree is a `Tree`. The validation context may hold
        ``rows``, what a user's files say of numbers beside their values, by name.
    """
    items = {key: core_schema.typed_dict_field(_item(f"{name}.{key}", part)) for key, part in shape.items()}
    branch = core_schema.typed_dict_schema(items, extra_behavior="forbid")
    return core_schema.no_info_after_validator_function(Tree, branch)


def _item(name: str, shape: object) -> CoreSchema:
    if catalogue.known(name):
        row = catalogue.row(name)
        return core_schema.with_info_plain_validator_function(
            lambda value, info: number(value, row_in(info.context, row), shape),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda value: value),
        )
    if isinstance(shape, Mapping):
        return schema(name, shape)
    if isinstance(shape, bool):
        return core_schema.bool_schema(strict=True)
    return core_schema.no_info_plain_validator_function(lambda value: one_of(value, tuple(WORDS[name])))


def row_in(context: Mapping[str, Mapping[str, Row]] | None, row: Row) -> Row:
    """The row of a number with what the user's files say of it."""
    return (context or {}).get("rows", {}).get(row.name, row)


def number(value: object, row: Row, shape: object = 0.0) -> Any:
    """A number, converted into its unit and frozen, when nothing is wrong with it.

    Parameters
    ----------
    value : any
        A number, a list or a mapping of numbers, or text as ``3.5 %`` in their place.
    row : Row
        Its unit and range.
    shape : any
        Plain data of the same shape.

    Raises
    ------
    ValidationError
        With every fault, each with the key inside the number.
    """
    if isinstance(value, Mapping):
        value = {str(key): item for key, item in value.items()}
    faults = list(shape_faults(shape, value))
    try:
        value = converted(value, row.unit)
    except Refused as error:
        faults = faults or list(unit_faults(value, row.unit)) or [((), error)]
    faults = faults or list(value_faults(value, row))
    refuse(row.name, ((keys, error, value) for keys, error in faults))
    if row.total is not None and isinstance(value, Mapping):
        value = _scaled(value, row.total)
    return freeze(value)


def shape_faults(shape: object, value: object, keys: Keys = ()) -> Iterator[tuple[Keys, Refused]]:
    """Where a number has other parts than the shipped one."""
    if isinstance(shape, Mapping):
        names = tuple(map(str, shape))
        if not isinstance(value, Mapping):
            listed = ", ".join(names)
            yield keys, _another_shape(value, sentence("numbers for {}", listed))
            return
        for name in [name for name in value if name not in names]:
            yield (*keys, str(name)), unknown(str(name), names, NOT_KNOWN)
        for name, part in shape.items():
            if str(name) not in value:
                yield (*keys, str(name)), Refused(IS_MISSING)
            else:
                yield from shape_faults(part, value[str(name)], (*keys, str(name)))
    elif isinstance(shape, list | tuple):
        if not isinstance(value, list | tuple) or len(value) != len(shape):
            count = len(shape)
            yield keys, _another_shape(value, sentence("a list of {} numbers", count))
    elif isinstance(value, Mapping | list | tuple):
        yield keys, _another_shape(value, sentence("one number"))


def _another_shape(value: object, allowed: Sentence) -> Refused:
    return Refused(sentence("{} has another shape", shown(value)), allowed)


def unit_faults(value: object, unit: str, keys: Keys = ()) -> Iterator[tuple[Keys, Refused]]:
    """Which parts of a number that has some are no number, or in a unit of something else."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from unit_faults(item, unit, (*keys, str(name)))
        return
    try:
        converted(value, unit)
    except Refused as error:
        yield keys, error


def value_faults(value: object, row: Row) -> Iterator[tuple[Keys, Refused]]:
    """What is wrong with the parts of a number: no number, not finite, not whole, out of range, a wrong total."""
    sound = True
    for keys, item in scalars(value):
        if what := _wrong(item, row):
            sound = False
            suggestion = slip(item, row.unit, row.low, row.high) if is_finite(item) else ""
            yield keys, Refused(what, row.within, suggestion)
    if sound and row.total is not None:
        added = math.fsum(item for _, item in scalars(value))
        if abs(added - row.total) > ROUNDED:
            what = sentence("adds to {:.12g}", added)
            yield (), Refused(what, sentence("numbers that add to {:g}", row.total))


def _wrong(item: object, row: Row) -> Sentence | None:
    if not is_real(item):
        return sentence("{} is not a number", shown(item))
    if not is_finite(item):
        return sentence("{} is not a finite number", shown(item))
    if row.unit in COUNTED and item != int(item):
        return sentence("{} is not a whole number of {}", shown(item), row.unit)
    return None if row.low <= item <= row.high else out_of_range(item)


def _scaled(value: Mapping[str, float], total: float) -> Mapping[str, float]:
    """Rounded parts brought to their total; parts that add to it, but for the last digits, are left as they are."""
    added = math.fsum(item for _, item in scalars(value))
    if abs(added - total) <= EXACT:
        return value
    return {key: item * total / added for key, item in value.items()}


def scalars(value: object, keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """The single numbers of a value with the keys that lead to them."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from scalars(item, (*keys, str(name)))
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            yield from scalars(item, (*keys, str(place)))
    else:
        yield keys, value


def outside(value: object, ends: Sequence[float]) -> bool:
    """Whether any part of a number lies outside a range, low and high; nothing does where no range is known."""
    return bool(ends) and any(is_real(item) and not ends[0] <= item <= ends[1] for _, item in scalars(value))


def is_real(item: object) -> TypeGuard[float]:
    """Whether it is an int or a float, true and false excepted."""
    return isinstance(item, int | float) and not isinstance(item, bool)


def is_finite(item: object) -> TypeGuard[float]:
    """Whether it is a number that a float can hold."""
    try:
        return is_real(item) and math.isfinite(item)
    except OverflowError:
        return False


# --- as the model reads them


def plain(value: Any) -> Any:
    """A number's value: a float, an array over dimensions or roles of people, or a dict by name or year."""
    if isinstance(value, Tree):
        if tuple(value) in (DIMENSIONS, TALENTS):
            return np.array([float(part) for part in value.values()])
        return {int(key) if key.isdigit() else key: value[key] for key in value}
    if isinstance(value, tuple):
        return np.array(value, float)
    return float(value)


def plain_tree(tree: Tree, name: str) -> dict[str, Any]:
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
            values[key] = plain_tree(item, below) if isinstance(item, Tree) else item
    return values


def parts(tree: Mapping[str, Any], name: str = "") -> Iterator[tuple[str, Any]]:
    """Every number and word below a tree with its dotted name, in the order of the files.

    Parameters
    ----------
    tree : mapping
        A mapping in it is a branch, unless it is a number of several parts.
    name : str
        Dotted name of the tree.
    """
    return (part for part in leaves(tree, name, known) if part[1] != {} or known(part[0]))


def numbers(tree: Tree, name: str) -> Iterator[tuple[str, Any]]:
    """Every number below a tree with its dotted name; see `parts`."""
    return (part for part in parts(tree, name) if known(part[0]))


def _unit(node: Mapping[str, object]) -> str | None:
    """The unit that a user's file gives a number, as text whatever YAML made of it."""
    unit = node.get("unit")
    return None if unit is None else str(unit)
