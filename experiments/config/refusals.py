"""Faults from pydantic's refusals: each with the file and key it comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from experiments.config.errors import Faults
from experiments.config.fields import complaint
from experiments.config.names import nearest
from experiments.config.numbers import NOT_KNOWN
from experiments.config.shapes import shapes
from experiments.config.tree import lookup


@lru_cache(maxsize=256)
def _adapter(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)


def validated(
    model: Any,
    data: Any,
    key: str,
    faults: Faults,
    where: Callable[[str], str],
    context: Mapping[str, Any] | None = None,
) -> Any:
    """What pydantic makes of plain data, or None with every refusal noted.

    Parameters
    ----------
    model : type
        A settings model, or an annotated type.
    data : any
        Plain data.
    key : str
        Dotted key of the data in the configuration.
    faults : Faults
        Grows by what is wrong.
    where : callable
        From a dotted key to ``file:key``.
    context : mapping, optional
        What validators are to know.
    """
    try:
        return _adapter(model).validate_python(data, context=context)
    except ValidationError as error:
        for refusal in error.errors(include_url=False):
            path = [part for part in (key, *_names(data, refusal["loc"])) if part]
            details = refusal.get("ctx", {})
            allowed, options = details.get("allowed", ""), details.get("options", ())
            typed = path[-1] if path[-1:] and _is_key(refusal) else refusal["input"]
            suggestion = (
                options[0] if len(options) == 1 else nearest(typed, options)
            )  # one is what a reader suggests
            fields = getattr(model, "model_fields", {})
            if refusal["type"] == "extra_forbidden":
                siblings = tuple(fields) if fields and len(refusal["loc"]) == 1 else _beside(path)
                allowed, suggestion = ", ".join(siblings), nearest(path[-1], siblings)
            if suggestion and _is_key(refusal):
                suggestion = ".".join([*path[:-1], suggestion])
            faults.add(where(".".join(path)), complaint(refusal), allowed, suggestion)
        return None


def _is_key(refusal: Any) -> bool:
    """Whether it is the key that is wrong, not its value."""
    return bool(refusal["type"] == "extra_forbidden" or refusal.get("ctx", {}).get("what") == NOT_KNOWN)


def _beside(path: list[str]) -> tuple[str, ...]:
    """The shipped numbers that stand beside a key."""
    known = {**shapes(), "environments": {path[1]: shapes()["environments.*"]}} if path[1:] else {}
    tree = lookup(known, ".".join(path[:-1])) if known else {}
    return tuple(map(str, tree)) if isinstance(tree, Mapping) else ()


def _names(data: Any, loc: tuple[int | str, ...]) -> list[str]:
    """The keys of a refusal as the file has them: a named list is a mapping there, and what is below a value is cut."""
    names = []
    for part in loc:
        if isinstance(part, int) and isinstance(data, Mapping):
            keys = list(data)
            part = keys[part] if part < len(keys) else part
        elif not isinstance(data, Mapping | list | tuple | None):
            break
        names.append(str(part))
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            data = None
    return names
