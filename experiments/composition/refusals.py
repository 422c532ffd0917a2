"""Faults from pydantic's refusals: each with the file and key it comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from experiments.composition.suggestions import nearest
from experiments.faults import Faults
from experiments.settings.fields import complaint


def validated[Model: BaseModel](
    model: type[Model], data: Any, key: str, faults: Faults, where: Callable[[str], str]
) -> Model | None:
    """A model from plain data, or None with every refusal noted.

    Parameters
    ----------
    model : type
        A settings model.
    data : any
        Plain data.
    key : str
        Dotted key of the data in the configuration.
    faults : Faults
        Grows by what is wrong.
    where : callable
        From a dotted key to ``file:key``.

    Returns
    -------
    model or None
        The settings when all is well.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for refusal in error.errors(include_url=False):
            path = [part for part in (key, *_names(data, refusal["loc"])) if part]
            context = refusal.get("ctx", {})
            allowed, suggestion = (
                str(context.get("allowed", "")),
                nearest(refusal["input"], context.get("options", ())),
            )
            if refusal["type"] == "extra_forbidden":
                allowed = ", ".join(model.model_fields) if len(refusal["loc"]) == 1 else ""
                suggestion = nearest(path[-1], model.model_fields) if allowed else ""
            faults.add(where(".".join(path)), complaint(refusal), allowed, suggestion)
        return None


def _names(data: Any, loc: tuple[int | str, ...]) -> list[str]:
    """The keys of a refusal as the file has them: a named list is a mapping there."""
    names = []
    for part in loc:
        if isinstance(part, int) and isinstance(data, Mapping):
            keys = list(data)
            part = keys[part] if part < len(keys) else part
        names.append(str(part))
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            data = None
    return names
