"""A scenario: policies, shocks, an environment and assumptions, with what it tests and what is expected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from experiments.config.fields import Grade, Key, Loose, Strict, Text, unique
from experiments.config.policies import PolicySettings, ShockSettings
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


Chosen = Annotated[dict[Key, dict[str, Any]], BeforeValidator(_chosen)]


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


class ScenarioSettings(Strict):
    """One scenario of a study, resolved.

    `label` names it in every table; `baseline` is the label that its effects are measured against (its own label
    for a baseline); `environment_name` is the chosen file and `environment` its numbers; `assumptions` are the values,
    by dotted name, in which its world differs from that of the study; `series` are the user's own margins and market
    shares, if any (`SeriesSettings.of_environment`).
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
