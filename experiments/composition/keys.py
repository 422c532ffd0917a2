"""Keys of a command line against the composed trees: known ones, mistyped ones, and values of the wrong shape."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from experiments.composition.composer import Composition
from experiments.composition.overrides import Asked
from experiments.composition.suggestions import Nearest, nearest
from experiments.composition.trees import MISSING, dotted_keys, leaves, lookup
from experiments.faults import COMMAND_LINE, Faults
from experiments.settings.quantity import is_number

LISTED = "a key of the configuration (python simulate.py --cfg job lists them)"


def check_keys(
    asked: Asked, compositions: Sequence[Composition], options: dict[str, list[str]], faults: Faults
) -> None:
    """Note keys that no scenario has, and values that cannot stand where they were put.

    Parameters
    ----------
    asked : Asked
        The command line.
    compositions : sequence of Composition
        The scenarios of the study.
    options : dict
        Groups and their files.
    faults : Faults
        Grows by what is wrong.
    """
    found = [composition for composition in compositions if composition.tree]
    wrong = [key for key in asked.values if all(lookup(part.tree, key) is MISSING for part in found)]
    if wrong and found:
        keys = {key for part in found for key in dotted_keys(part.tree)}
        known = _nearest_of(frozenset(keys | {group for group in options if "/" not in group}))
        for key in wrong:
            faults.add(f"{COMMAND_LINE}:{key}", *_advice(key, keys, options, known))
    for key in asked.added:
        faults.add(f"{COMMAND_LINE}:{key}", "keys cannot be added", LISTED, f"{key}={asked.values[key]}")
    for key, value in asked.values.items():
        for part in found:
            _check_shape(key, value, lookup(part.shipped, key), faults)


@lru_cache(maxsize=4)
def _nearest_of(keys: frozenset[str]) -> Nearest:
    return Nearest(keys)


def _advice(key: str, keys: set[str], options: dict[str, list[str]], known: Nearest) -> tuple[str, str, str]:
    group, _, rest = key.partition(".")
    name = rest.partition(".")[0]
    if group in ("policy", "shock") and name in options.get(group, []) and f"{group}.{name}" not in keys:
        return f"no scenario of this study has {group} {name}", f"{group}={name}, or a scenario with it", ""
    if group == "bank" and name and not any(known_key.startswith("bank.") for known_key in keys):
        return "this study has no bank of your own", "bank=example, or a file of yours, beside it", ""
    best = known.best(key)
    if not best:
        tail = key.rpartition(".")[2]
        best = min((other for other in keys if other.rpartition(".")[2] == tail), default="")
    return "is not a known key", LISTED, best


def _check_shape(key: str, value: Any, shipped: Any, faults: Faults) -> None:
    where = f"{COMMAND_LINE}:{key}"
    if is_number(shipped) and not isinstance(value, dict):
        faults.add(where, "has value, unit and range", f"{key}.value=number", f"{key}.value={value}")
    elif value is None and key.startswith("bank."):
        return  # of a bank of one's own, null says that it is not known
    elif isinstance(shipped, dict) and not isinstance(value, dict):
        faults.add(where, "is a mapping", f"its keys: {', '.join(map(str, shipped))}")
    elif isinstance(shipped, dict):
        for below, _ in leaves(value):
            if below and lookup(shipped, below) is MISSING:
                best = nearest(below, dotted_keys(shipped))
                faults.add(f"{where}.{below}", "is not a known key", LISTED, f"{key}.{best}" if best else "")
