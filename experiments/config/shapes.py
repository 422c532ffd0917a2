"""The shipped files of numbers, read once: the shape that every number of a study must have, and what is shipped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from experiments.config.yaml_data import mapping
from experiments.location import CONF

KINDS: Final = ("large", "city", "rural", "private")


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
