"""Scenarios: policies, shocks, an environment and assumptions, each with what it says of itself."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    model_validator,
)

from experiments.config import catalogue, names
from experiments.config.catalogue import Row
from experiments.config.errors import NOT_KNOWN, Refused, one_of, out_of_range, sentence, shown
from experiments.config.fields import (
    Allowed,
    Expected,
    ExpectedLines,
    Flag,
    Grade,
    InBoth,
    Key,
    KindOrAll,
    Kinds,
    Listed,
    Loose,
    Outcome,
    Payer,
    Piecewise,
    Provinces,
    Share,
    Span,
    Strict,
    Text,
    Title,
    unique,
)
from experiments.config.numbers import is_real, number, numbers, outside, row_in, scalars
from experiments.config.tree import Tree, merged
from experiments.config.units import converted
from model.outcomes import MEASURED_OF
from model.policy import BANK_BASES, COST_BASES, LEVERS, USERS, Cost, Effect, Policy, Target, Trigger
from model.shock import SHOCKS, Shock

Per = Annotated[str, Allowed(options=COST_BASES)]
Range = Annotated[tuple[float, float], Loose]
STRONGEST: Final = 5.0
# Rows for what only a user's file has: without a range of its own, the value is the range.
ANY: Final = ("policies.*.costs.*.amount", "policies.*.effects.*")


# --- numbers of a file, which stand under a name; plain data of a study has them as a list and with their ranges


def _named(word: str, alone: str = "") -> BeforeValidator:
    """Read ``{name: item}`` as a list of items that know their names; `alone` is what an item without keys is."""

    def item(name: Any, value: Any) -> Any:
        if alone:
            return {word: name, alone: value}
        return {word: name, **value} if isinstance(value, Mapping) else value

    return BeforeValidator(
        lambda value: [item(*pair) for pair in value.items()] if isinstance(value, Mapping) else value
    )


def _row(info: ValidationInfo) -> Row | None:
    """What is known of the number of an item that stands in a file, by the key of the policy or shock around it."""
    context, item = info.context or {}, info.data
    if "key" not in context or not {"field", "name"} & set(item):
        return None
    name = "effects.{field}" if "field" in item else "costs.{name}.amount"
    return row_in(context, catalogue.row(f"{context['key']}.{name.format(**item)}"))


def _sound(value: object, info: ValidationInfo) -> object:
    """A number within its range; an effect that a scenario of one's own sets may lie beyond."""
    row = _row(info)
    if row is None:
        return value
    is_free = "field" in info.data and row.name in (info.context or {}).get("free", ())
    return float(number(value, replace(row, low=-math.inf, high=math.inf) if is_free else row))


def _ends(ends: object, info: ValidationInfo) -> object:
    """What a number of a file is drawn between."""
    row = _row(info)
    if row is None:
        return [0.0, 0.0] if "key" in (info.context or {}) else ends
    if ends is not None:
        raise Refused(NOT_KNOWN)
    value = info.data.get("value", info.data.get("amount", row.low))
    is_row = row.name in (info.context or {})["rows"] or catalogue.best(row.name).name not in ANY
    return [min(row.low, value), max(row.high, value)] if is_row else [value, value]


def _proven(strength: Any, info: ValidationInfo) -> object:
    """How strongly a policy is pulled: above 1 in a scenario of one's own alone."""
    context = info.context or {}
    is_free = "key" not in context or f"{context['key']}.intensity" in context["free"]
    if not is_free and is_real(strength) and strength > 1.0:
        raise Refused(
            out_of_range(strength), sentence("0 to 1; a scenario of your own (--config-dir) may go beyond")
        )
    return strength


Intensity = Annotated[
    float,
    Field(ge=0, le=STRONGEST),
    Allowed("0 to 1; in a scenario of your own to 5, which is beyond the evidence"),
    BeforeValidator(_proven),
    BeforeValidator(lambda value: converted(value, "share")),
]
Number = Annotated[float, BeforeValidator(_sound)]
Ends = Annotated[Range, BeforeValidator(_ends), Field(validate_default=True)]
OF_ITS_ROW: Any = None  # what a range is that is not given


class EffectSettings(Strict):
    """What a policy adds to one lever: a value, and the range that it is drawn from."""

    field: Annotated[str, AfterValidator(lambda name: one_of(name, LEVERS, NOT_KNOWN))]
    value: Number
    range: Ends = OF_ITS_ROW


class BlowSettings(Strict):
    """What a shock adds to one part of the environment."""

    field: Annotated[str, AfterValidator(lambda name: one_of(name, SHOCKS, NOT_KNOWN))]
    value: Number


class CostSettings(Strict):
    """Who pays how much: yuan per bank and year, per covered province and year, per system and year, or a share."""

    name: Key
    payer: Payer
    per: Per
    amount: Number
    range: Ends = OF_ITS_ROW

    @model_validator(mode="after")
    def _possible(self) -> CostSettings:
        if self.payer == "bank" and self.per not in BANK_BASES:
            raise Refused(sentence("a bank cannot pay per {}, only per bank_year or change_budget", self.per))
        return self


def check_measured(outcome: str, kind: str) -> None:
    """Refuse an outcome of a kind of bank that it is not measured of: it would never be a number."""
    kinds = MEASURED_OF.get(outcome, (kind,))
    if kind not in kinds:
        together = sentence("{} is one number for all banks", outcome)
        apart = sentence("{} is not measured of {} banks", outcome, kind)
        raise Refused(together if kinds == ("all",) else apart, f"bank_kind: {', '.join(kinds)}")


class SignalSettings(Strict):
    """A signal that starts levers, in each run apart: an outcome of a kind of bank above, or below, a limit."""

    outcome: Outcome
    bank_kind: KindOrAll = "all"
    above: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def _one_limit(self) -> SignalSettings:
        if (self.above is None) == (self.below is None):
            raise Refused(sentence("needs one limit"))
        if self.outcome.startswith("item:"):
            raise Refused(sentence("is no signal"))
        check_measured(self.outcome, self.bank_kind)
        return self

    @property
    def limit(self) -> float:
        """The limit, in the unit of the outcome."""
        return float(self.below if self.above is None else self.above)  # type: ignore[arg-type]

    @property
    def text(self) -> str:
        """The signal as one line."""
        return f"{self.outcome} {self.bank_kind} {'<' if self.above is None else '>'} {self.limit:g}"

    @property
    def assembled(self) -> Trigger:
        """The signal as the model reads it."""
        return Trigger(self.outcome, self.bank_kind, self.limit, self.above is not None)


class TargetSettings(Strict):
    """What a policy names as its aim, and the effect on it by 2030, in points, that is held plausible."""

    outcome: Outcome
    bank_kind: KindOrAll
    range: Range


class Reach(Strict):
    """Whom a policy reaches: bank kinds, provinces, and first-tier cities (only: true, without: false, both: null)."""

    kinds: Kinds
    provinces: Provinces
    tier_1: Flag | None = None


class Dated(Span):
    """Something that begins and ends, under a name."""

    name: Key
    title: InBoth
    grade: Grade
    source: Text


def _whole(value: Any) -> Any:
    """``2 years`` are 8 quarters; half a quarter is none."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class PolicySettings(Dated):
    """One of the thirteen levers, or a user's own, with its dates, reach, effects and costs."""

    does: InBoth
    intensity: Intensity
    coverage: Reach
    take_up: Share
    ramp: Annotated[
        int,
        Field(ge=0, le=40),
        Allowed("a whole number, 0 to 40 quarters"),
        BeforeValidator(lambda value: _whole(converted(value, "quarters"))),
    ]
    effects: Annotated[Listed[EffectSettings], Field(min_length=1), _named("field", "value")]
    costs: Annotated[Listed[CostSettings], _named("name")]
    users: Annotated[str, Allowed(options=USERS)] = "takers"
    target: TargetSettings | None = None
    when: SignalSettings | None = None
    expected: Annotated[ExpectedLines, Field(min_length=1)]

    @property
    def assembled(self) -> Policy:
        """The policy as the model reads it."""
        aim = self.target
        return Policy(
            name=self.name,
            start=self.start_index,
            end=self.end_index,
            ramp=self.ramp,
            intensity=self.intensity,
            kinds=self.coverage.kinds,
            provinces=self.coverage.provinces,
            first_tier=self.coverage.tier_1,
            take_up=self.take_up,
            effects=tuple(Effect(e.field, e.value, *e.range) for e in self.effects),
            costs=tuple(Cost(c.payer, c.per, c.amount, *c.range) for c in self.costs),
            users=self.users,
            trigger=self.when.assembled if self.when else None,
            target=Target(aim.outcome, aim.bank_kind, *aim.range) if aim else None,
        )


class ShockSettings(Dated):
    """A blow from outside, the same in every replicate; it is known by its target, and which way that goes."""

    does: InBoth
    effects: Annotated[Listed[BlowSettings], Field(min_length=1), _named("field", "value")]
    target: Expected | None = None
    expected: Annotated[ExpectedLines, Field(min_length=1)]

    @property
    def assembled(self) -> Shock:
        """The shock as the model reads it."""
        effects = tuple((effect.field, effect.value) for effect in self.effects)
        return Shock(self.name, self.start_index, self.end_index, effects)


# --- scenarios


def _chosen(value: object) -> Any:
    """``a``, ``[a, b]``, or ``{a: null, b: {start: 2026Q1}}`` as names with what the scenario changes in each."""
    if isinstance(value, str | list | tuple):
        listed = names.listed(value)
        for name in listed:
            if not isinstance(name, str):
                raise Refused(sentence("{} is not {}", shown(name), sentence("text")))
        return {name: {} for name in unique(listed)}
    if isinstance(value, Mapping):
        return {name: {} if changes is None else changes for name, changes in value.items()}
    return value


def _strong(value: object) -> object:
    """The same, or names with how strongly they are pulled."""
    chosen = _chosen(value)
    if not isinstance(chosen, Mapping):
        return chosen
    return {name: own if isinstance(own, Mapping) else {"intensity": own} for name, own in chosen.items()}


def _dates(value: object) -> object:
    """``2026Q1 to 2028Q4`` as a start and an end."""
    if value is None or isinstance(value, Mapping):
        return value or {}
    ends = re.split(BETWEEN, value) if isinstance(value, str) else value
    if not isinstance(ends, list | tuple) or not 1 <= len(ends) <= 2:
        raise Refused(sentence("{!r} is not dates", value), A_SPAN)
    return dict(zip(("start", "end"), ends, strict=False))


def _reach(value: object) -> object:
    """Kinds of banks and places, told apart by their names."""
    kinds, places = names.kinds_and_places(() if value is None else value)
    return {key: words for key, words in (("kinds", kinds), ("provinces", places)) if words}


BETWEEN: Final = re.compile(r"\s*(?:to|至|到|—|–|-|,|，|~)\s*")
A_SPAN: Final = sentence("2026Q1 to 2028Q4")
Chosen = Annotated[dict[Text, dict[str, Any]], BeforeValidator(_chosen)]
Changes = dict[str, Any]


class ScenarioDefinition(Piecewise):
    """A scenario as a user writes it.

    `policies` and `shocks` are names with what the scenario changes in them; `environment` is a name, or null for that
    of the study; `assumptions` are other values of what scenarios usually share, by dotted name, and the words
    ``allocation`` and ``network`` for files of these groups. In short, `levers` are policies, or policies with an
    intensity; `dates` hold for all of them, as ``2026Q1 to 2028Q4``; `reach` are kinds of banks, provinces and regions.
    """

    title: InBoth | None = None
    tests: InBoth | None = None
    policies: Chosen = Field(default_factory=dict)
    shocks: Chosen = Field(default_factory=dict)
    environment: Text | None = None
    assumptions: dict[str, Any] = Field(default_factory=dict)
    expected: ExpectedLines = ()
    grade: Grade = "assumption"
    levers: Annotated[dict[Text, Changes], BeforeValidator(_strong)] = Field(default_factory=dict)
    dates: Annotated[Changes, BeforeValidator(_dates)] = Field(default_factory=dict)
    reach: Annotated[Changes, BeforeValidator(_reach)] = Field(default_factory=dict)

    @property
    def done(self) -> dict[str, Changes]:
        """Policies with what it changes in each, those in short among them."""
        shared = {**self.dates, **({"coverage": self.reach} if self.reach else {})}
        return {**self.policies, **{name: merged(shared, own) for name, own in self.levers.items()}}


class ScenarioSettings(Strict):
    """One scenario of a study, resolved.

    `label` names it in every table; `baseline` is the label that its effects are measured against (its own label
    for a baseline); `environment_name` is the chosen file and `environment` its numbers; `assumptions` are the values,
    by dotted name, in which its world differs from that of the study; `series` are the user's own margins and market
    shares, if any (`SeriesSettings.of_environment`); `beyond` are its numbers that lie beyond the evidence.
    """

    label: Text
    name: Text
    baseline: Text
    title: Title
    tests: Title
    expected: ExpectedLines
    grade: Grade
    environment_name: Key
    environment: Tree
    policies: Listed[PolicySettings]
    shocks: Listed[ShockSettings]
    assumptions: dict[str, Any] = Field(default_factory=dict)
    series: dict[str, Any] = Field(default_factory=dict)
    beyond: Listed[str] = ()


def beyond_evidence(scenario: ScenarioSettings, rows: Mapping[str, Row]) -> Iterator[str]:
    """The numbers of a scenario outside the shipped range or the user's own, and what is drawn from outside it.

    Parameters
    ----------
    scenario : ScenarioSettings
    rows : mapping
        What the user's files say of numbers beside their values, by name: a wider range lets a value in, and is no
        evidence for it.
    """
    for name, value, drawn in _numbers_of(scenario):
        shipped = catalogue.row(catalogue.number_of(name))
        own = rows.get(shipped.name, shipped)
        parts = [(".".join((name, *keys)), item) for keys, item in scalars(value)]
        apart = [(one, item) for one, item in parts if outside(item, shipped.ends) or outside(item, own.ends)]
        yield from (f"{one} {item:g}" for one, item in apart)
        if not apart and outside(drawn, shipped.ends):
            yield f"{name} {value:g} [{', '.join(f'{end:g}' for end in drawn)}]"


def _numbers_of(scenario: ScenarioSettings) -> Iterator[tuple[str, Any, tuple[float, ...]]]:
    """Every number of a scenario: its name, its value, and the ends between which runs draw it, if they do."""
    for policy in scenario.policies:
        key = f"policies.{policy.name}"
        yield f"{key}.intensity", policy.intensity, ()
        yield from ((f"{key}.effects.{one.field}", one.value, one.range) for one in policy.effects)
        yield from ((f"{key}.costs.{one.name}.amount", one.amount, one.range) for one in policy.costs)
    for shock in scenario.shocks:
        yield from ((f"shocks.{shock.name}.effects.{one.field}", one.value, ()) for one in shock.effects)
    assumed = ((name, value) for name, value in scenario.assumptions.items() if catalogue.number_of(name))
    environment = numbers(scenario.environment, f"environments.{scenario.environment_name}")
    yield from ((name, value, ()) for name, value in (*environment, *assumed))
