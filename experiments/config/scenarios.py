"""A scenario: policies, shocks, an environment and assumptions, with what it tests and what is expected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, model_validator

from experiments.config import names
from experiments.config.fields import Grade, Key, Loose, Strict, Text, unique
from experiments.config.numbers import fault
from experiments.config.policies import PolicySettings, ShockSettings
from experiments.config.sentences import Sentence
from experiments.config.tree import Tree
from experiments.config.wording import ExpectedLines, InBoth, Title


def _chosen(given: Any) -> Any:
    """``a``, ``[a, b]``, or ``{a: null, b: {start: 2026Q1}}`` as names with what the scenario changes in each."""
    if isinstance(given, str):
        given = [given]
    if isinstance(given, list | tuple):
        return {name: {} for name in unique(given)}
    if isinstance(given, Mapping):
        return {name: {} if changes is None else changes for name, changes in given.items()}
    return given


Chosen = Annotated[dict[Text, dict[str, Any]], BeforeValidator(_chosen)]


def _short(given: Any) -> Any:
    """The short form (levers, dates, reach) as what a scenario changes in policies.

    ``levers`` are names, or names with an intensity; ``dates`` hold for all of them, as ``2026Q1 to 2028Q4``; ``reach``
    are kinds of banks, provinces and regions. Whatever else a policy is, it inherits.
    """
    if not isinstance(given, Mapping) or not SHORT & set(given):
        return given
    if "levers" not in given:
        raise fault(Sentence("has dates or reach but no levers", "有 dates 或 reach 而无 levers"), LEVERS)
    rest = {key: value for key, value in given.items() if key not in SHORT}
    shared = {**_dates(given.get("dates")), **_reach(given.get("reach"))}
    levers = given["levers"]
    levers = dict.fromkeys(names.listed(levers)) if not isinstance(levers, Mapping) else levers
    chosen = dict(_chosen(rest.get("policies") or {}))
    for name, strength in levers.items():
        own = (
            strength if isinstance(strength, Mapping) else {} if strength is None else {"intensity": strength}
        )
        chosen[str(name)] = {**shared, **own, **chosen.get(str(name), {})}
    return {**rest, "policies": chosen}


def _dates(given: Any) -> dict[str, Any]:
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return dict(given)
    ends = re.split(BETWEEN, given) if isinstance(given, str) else given
    if not isinstance(ends, list | tuple) or not 1 <= len(ends) <= 2:
        raise fault(Sentence(f"{given!r} is not dates", f"{given!r} 不是起止日期"), A_SPAN)
    return dict(zip(("start", "end"), ends, strict=False))


def _reach(given: Any) -> dict[str, Any]:
    """Kinds of banks and places, told apart by their names."""
    if given is None:
        return {}
    words = names.listed(given)
    kinds = [
        word for word in words if names.KIND_NAMES.find(word) is not None and word != names.ALL_PROVINCES
    ]
    places = [word for word in words if word not in kinds]
    found = {"kinds": list(kinds)} if kinds else {}
    return {"coverage": {**found, **({"provinces": places} if places else {})}}


BETWEEN: Final = re.compile(r"\s*(?:to|至|到|—|–|-|,|，|~)\s*")
A_SPAN: Final = Sentence("2026Q1 to 2028Q4", "2026Q1 至 2028Q4")
SHORT: Final = {"levers", "dates", "reach"}
LEVERS: Final = Sentence(
    "levers: {data_sharing: 1.0}, names of policies and how strongly",
    "levers: {data_sharing: 1.0}，政策名称及强度",
)


class ScenarioDefinition(Strict):
    """A scenario as the library has it.

    `policies` and `shocks` are names with what the scenario changes in them; `environment` is a name, or null for that
    of the study; `assumptions` are other values of what scenarios usually share, by dotted name, and the words
    ``allocation`` and ``network`` for files of these groups.
    """

    title: InBoth | None = None
    tests: InBoth | None = None
    policies: Chosen = Field(default_factory=dict)
    shocks: Chosen = Field(default_factory=dict)
    environment: Key | None = None
    assumptions: dict[str, Any] = Field(default_factory=dict)
    expected: ExpectedLines = ()
    grade: Grade = "assumption"

    @model_validator(mode="before")
    @classmethod
    def _long(cls, given: Any) -> Any:
        return _short(given)


class ScenarioSettings(Strict):
    """One scenario of a study, resolved.

    `label` names it in every table; `baseline` is the label that its effects are measured against (its own label
    for a baseline); `environment_name` is the chosen file and `environment` its numbers; `assumptions` are the values,
    by dotted name, in which its world differs from that of the study; `series` are the user's own margins and market
    shares, if any (`SeriesSettings.of_environment`); `beyond` are numbers of its policies
    that lie beyond the evidence.
    """

    label: Text
    name: Key
    baseline: Text
    title: Title
    tests: Title
    expected: ExpectedLines
    grade: Grade
    environment_name: Key
    environment: Tree
    policies: Annotated[tuple[PolicySettings, ...], Loose]
    shocks: Annotated[tuple[ShockSettings, ...], Loose]
    assumptions: dict[str, Any] = Field(default_factory=dict)
    series: dict[str, Any] = Field(default_factory=dict)
    beyond: Annotated[tuple[str, ...], Loose] = ()
