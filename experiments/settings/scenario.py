"""A scenario: a named set of policies, shocks and an environment, with what it tests and what is expected of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from experiments.settings.fields import Grade, Key, Strict, Text
from experiments.settings.policy import PolicySettings, ShockSettings
from experiments.settings.quantity import Tree
from experiments.settings.wording import Expected, Sentence, Title


class ScenarioText(Strict):
    """What a scenario file says of itself."""

    name: Key
    title: Title
    tests: Sentence
    expected: Annotated[tuple[Expected, ...], Field(strict=False)]
    grade: Grade


class ScenarioSettings(Strict):
    """One scenario of a study, resolved.

    `label` names it in every table; `baseline` is the label that its effects are measured against (its own label
    for a baseline); `environment_name` is the chosen file and `environment` its numbers.
    """

    label: Text
    name: Key
    baseline: Text
    title: Title
    tests: Sentence
    expected: Annotated[tuple[Expected, ...], Field(strict=False)]
    grade: Grade
    environment_name: Key
    environment: Tree
    policies: Annotated[tuple[PolicySettings, ...], Field(strict=False)]
    shocks: Annotated[tuple[ShockSettings, ...], Field(strict=False)]
