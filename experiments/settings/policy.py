"""Policies and shocks as settings: when, how strongly, for whom, what they move and who pays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from agents.honeycomb import KINDS
from experiments.settings.fields import (
    PROVINCES,
    Allowed,
    Flag,
    Grade,
    Key,
    Kind,
    Payer,
    Province,
    Quarter,
    Share,
    Sign,
    Strict,
    Text,
    unique,
)
from experiments.settings.wording import Expected, Title
from model import calendar
from model.policy import COST_BASES, LEVERS
from model.shock import SHOCKS


def named(key: str) -> BeforeValidator:
    """Read ``{name: {...}}`` as a list of items that carry their name under `key`."""

    def listed(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return [{key: name, **item} if isinstance(item, Mapping) else item for name, item in value.items()]

    return BeforeValidator(listed)


Loose = Field(strict=False)
Kinds = Annotated[
    tuple[Kind, ...],
    Loose,
    AfterValidator(unique),
    Field(min_length=1),
    Allowed(f"a list of bank kinds: {', '.join(KINDS)}"),
]
Provinces = Annotated[
    tuple[Province, ...],
    Loose,
    AfterValidator(unique),
    Field(min_length=1),
    BeforeValidator(lambda codes: PROVINCES if codes == "all" else codes),
    Allowed("all, or a list of two-letter province codes"),
]
Per = Annotated[str, Allowed(options=COST_BASES)]


class Measured(Strict):
    """A number with range, unit, source and grade."""

    value: float
    unit: Text
    range: Annotated[tuple[float, float], Loose]
    source: Text
    grade: Grade
    note: Text | None = None

    @model_validator(mode="after")
    def _inside(self) -> Measured:
        low, high = self.range
        if not low <= self.value <= high:
            raise ValueError(f"value {self.value:g} is outside its range [{low:g}, {high:g}]")
        return self


class EffectSettings(Measured):
    """What a policy adds to one lever; `value` is the middle of `range` unless a study says otherwise."""

    field: Annotated[str, Allowed(options=tuple(LEVERS))]
    sign: Sign


class BlowSettings(Measured):
    """What a shock adds to one part of the environment."""

    field: Annotated[str, Allowed(options=tuple(SHOCKS))]


class CostSettings(Strict):
    """Who pays how much: yuan per bank and year, per covered province and year, per system and year, or a share."""

    name: Key
    payer: Payer
    per: Per
    amount: Measured

    @model_validator(mode="after")
    def _possible(self) -> CostSettings:
        if self.payer == "bank" and self.per not in COST_BASES[:2]:
            raise ValueError(f"a bank cannot pay per {self.per}, only per bank_year or change_budget")
        return self


class Coverage(Strict):
    """Whom a policy reaches: bank kinds, provinces, and first-tier cities (only: true, without: false, both: null)."""

    kinds: Kinds
    provinces: Provinces
    tier_1: Flag | None


class Dated(Strict):
    """Something with a first and a last quarter, both counted in."""

    name: Key
    title: Title
    start: Quarter
    end: Quarter
    grade: Grade
    source: Text

    @field_validator("end")
    @classmethod
    def _not_before_start(cls, end: str, others: ValidationInfo) -> str:
        if end < others.data.get("start", ""):
            raise ValueError(f"{end} is before the start {others.data['start']}")
        return end

    @property
    def start_index(self) -> int:
        """First quarter, counted from 2020Q1."""
        return calendar.index(self.start)

    @property
    def end_index(self) -> int:
        """Last quarter, counted from 2020Q1."""
        return calendar.index(self.end)


class PolicySettings(Dated):
    """One of the thirteen levers, with its dates, reach, effects and costs."""

    does: Text
    intensity: Share
    coverage: Coverage
    take_up: Share
    ramp: Annotated[int, Field(ge=0, le=40), Allowed("a whole number, 0 to 40 quarters")]
    effects: Annotated[tuple[EffectSettings, ...], Loose, named("field"), Field(min_length=1)]
    costs: Annotated[tuple[CostSettings, ...], Loose, named("name")]
    expected: Annotated[tuple[Expected, ...], Loose, Field(min_length=1)]


class ShockSettings(Dated):
    """A blow from outside, the same in every replicate."""

    does: Text
    effects: Annotated[tuple[BlowSettings, ...], Loose, named("field"), Field(min_length=1)]
    expected: Annotated[tuple[Expected, ...], Loose, Field(min_length=1)]
