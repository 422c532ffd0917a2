"""Policies and shocks as settings: when, how strongly, for whom, what they move and who pays."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import InitErrorDetails, ValidationError

from experiments.config import catalogue
from experiments.config.catalogue import Row, is_number
from experiments.config.fields import (
    Allowed,
    Flag,
    Grade,
    Key,
    KindOrAll,
    Kinds,
    Loose,
    Outcome,
    Payer,
    Provinces,
    Quarter,
    Share,
    Sign,
    Strict,
    Text,
    reader,
)
from experiments.config.numbers import NOT_KNOWN, fault, number, row_in
from experiments.config.sections import SignalSettings
from experiments.config.sentences import Sentence
from experiments.config.units import converted
from experiments.config.wording import ExpectedLines, Title
from model import calendar
from model.policy import COST_BASES, LEVERS, USERS
from model.shock import SHOCKS

Per = Annotated[str, Allowed(options=COST_BASES)]
Range = Annotated[tuple[float, float], Loose]
STRONGEST: Final = 5.0
Intensity = Annotated[
    float,
    Field(ge=0, le=STRONGEST),
    Allowed(
        "0 to 1; in a scenario of your own to 5, which is beyond the evidence",
        "0 至 1；自有情景中可至 5，即超出证据范围",
    ),
    reader(lambda value: converted(value, "share")),
]
ANY_COST: Final = "policies.*.costs.*.amount"


class EffectSettings(Strict):
    """What a policy adds to one lever: a value, and the range that it is drawn from."""

    field: Annotated[str, Allowed(options=tuple(LEVERS))]
    value: float
    range: Range


class BlowSettings(Strict):
    """What a shock adds to one part of the environment."""

    field: Annotated[str, Allowed(options=tuple(SHOCKS))]
    value: float


class CostSettings(Strict):
    """Who pays how much: yuan per bank and year, per covered province and year, per system and year, or a share."""

    name: Key
    payer: Payer
    per: Per
    amount: float
    range: Range

    @model_validator(mode="after")
    def _possible(self) -> CostSettings:
        if self.payer == "bank" and self.per not in COST_BASES[:2]:
            raise fault(
                Sentence(
                    f"a bank cannot pay per {self.per}, only per bank_year or change_budget",
                    f"银行不能按 {self.per} 付费，只能按 bank_year 或 change_budget",
                )
            )
        return self


def _effects(group: str, fields: Collection[str]) -> BeforeValidator:
    """Read ``{lever: number}`` as a list of effects with their ranges."""

    def listed(given: Any, info: ValidationInfo) -> Any:
        if not isinstance(given, Mapping):
            return given
        name = info.data.get("name", "*")
        found: list[Any] = []
        wrong: list[Any] = []
        for field, value in given.items():
            if field not in fields:
                allowed = tuple(fields)
                wrong.append(((field,), fault(NOT_KNOWN, ", ".join(allowed), allowed), value))
                continue
            row = row_in(info.context, catalogue.row(f"{group}.{name}.effects.{field}"))
            checked = _checked(value, row, (field,), wrong)
            effect = {"field": field, "value": checked}
            found.append({**effect, "range": [row.low, row.high]} if group == "policies" else effect)
        _refuse(wrong)
        return found

    return BeforeValidator(listed)


def _costs(given: Any, info: ValidationInfo) -> Any:
    """Read ``{name: {payer, per, amount}}`` as a list of costs with their ranges."""
    if not isinstance(given, Mapping):
        return given
    found: list[Any] = []
    wrong: list[Any] = []
    for cost, item in given.items():
        if not isinstance(item, Mapping) or "amount" not in item:
            found.append({"name": cost, "range": [0.0, 0.0], **item} if isinstance(item, Mapping) else item)
            continue
        name = f"policies.{info.data.get('name', '*')}.costs.{cost}.amount"
        row = row_in(info.context, catalogue.row(name))
        amount = _checked(item["amount"], row, (cost, "amount"), wrong)
        own = name in (info.context or {}).get("rows", {}) or catalogue.best(name).name != ANY_COST
        found.append(
            {"name": cost, **item, "amount": amount, "range": [row.low, row.high] if own else [amount] * 2}
        )
    _refuse(wrong)
    return found


def _checked(value: Any, row: Row, keys: tuple[str, ...], wrong: list[Any]) -> float:
    if is_number(value):  # a file's own range and source were read before
        value = value["value"]
    try:
        return float(number(value, row))
    except ValidationError as error:
        wrong += [
            ((*keys, *e["loc"]), fault(**e["ctx"]), e["input"]) for e in error.errors(include_url=False)
        ]
        return 0.0


def _refuse(wrong: list[Any]) -> None:
    if wrong:
        details = [InitErrorDetails(type=error, loc=keys, input=value) for keys, error, value in wrong]
        raise ValidationError.from_exception_data("numbers", details)


class TargetSettings(Strict):
    """What a policy names as its aim, and the effect on it by 2030, in points, that is held plausible."""

    outcome: Outcome
    bank_kind: KindOrAll
    range: Range


class AimSettings(Strict):
    """What a shock is known by: an outcome, of a kind of bank, and which way it goes."""

    outcome: Outcome
    bank_kind: KindOrAll
    sign: Sign


class Reach(Strict):
    """Whom a policy reaches: bank kinds, provinces, and first-tier cities (only: true, without: false, both: null)."""

    kinds: Kinds
    provinces: Provinces
    tier_1: Flag | None = None


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
        start = others.data.get("start", "")
        if end < start:
            raise fault(Sentence(f"{end} is before the start {start}", f"{end} 早于开始的 {start}"))
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
    """One of the thirteen levers, or a user's own, with its dates, reach, effects and costs."""

    does: Text
    intensity: Intensity
    coverage: Reach
    take_up: Share
    ramp: Annotated[
        int, Field(ge=0, le=40), Allowed("a whole number, 0 to 40 quarters", "整数，0 至 40 个季度")
    ]
    effects: Annotated[tuple[EffectSettings, ...], Loose, Field(min_length=1), _effects("policies", LEVERS)]
    costs: Annotated[tuple[CostSettings, ...], Loose, BeforeValidator(_costs)]
    users: Annotated[str, Allowed(options=USERS)] = "takers"
    target: TargetSettings | None = None
    when: SignalSettings | None = None
    expected: Annotated[ExpectedLines, Field(min_length=1)]


class ShockSettings(Dated):
    """A blow from outside, the same in every replicate."""

    does: Text
    effects: Annotated[tuple[BlowSettings, ...], Loose, Field(min_length=1), _effects("shocks", SHOCKS)]
    target: AimSettings | None = None
    expected: Annotated[ExpectedLines, Field(min_length=1)]
