"""Scenarios: policies, shocks, an environment and assumptions, each with what it says of itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from experiments.config import catalogue, names
from experiments.config.catalogue import Row, is_number
from experiments.config.errors import NOT_KNOWN, fault, refuse, sentence
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
    Loose,
    Outcome,
    Payer,
    Provinces,
    Share,
    Span,
    Strict,
    Text,
    Title,
    reader,
    unique,
)
from experiments.config.numbers import number, row_in
from experiments.config.sections import SignalSettings
from experiments.config.tree import Tree
from experiments.config.units import converted
from model.policy import COST_BASES, LEVERS, USERS, Cost, Effect, Policy, Target
from model.shock import SHOCKS, Shock

Per = Annotated[str, Allowed(options=COST_BASES)]
Range = Annotated[tuple[float, float], Loose]
STRONGEST: Final = 5.0
Intensity = Annotated[
    float,
    Field(ge=0, le=STRONGEST),
    Allowed("0 to 1; in a scenario of your own to 5, which is beyond the evidence"),
    reader(lambda value: converted(value, "share")),
]
# Rows for what only a user's file has: without a range of its own, the value is the range.
ANY: Final = ("policies.*.costs.*.amount", "policies.*.effects.*")


class EffectSettings(Strict):
    """What a policy adds to one lever: a value, and the range that it is drawn from."""

    field: Annotated[str, AfterValidator(lambda name: _lever(name))]
    value: float
    range: Range


def _lever(name: str) -> str:
    """A lever that is registered, the user's own among them."""
    if name not in LEVERS:
        raise fault(NOT_KNOWN, options=tuple(LEVERS))
    return name


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
            raise fault(sentence("a bank cannot pay per {}, only per bank_year or change_budget", self.per))
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
                wrong.append(((field,), fault(NOT_KNOWN, options=tuple(fields)), value))
                continue
            full, effect = f"{group}.{name}.effects.{field}", {"field": field}
            effect["value"], ends = _ranged(value, full, info, (field,), wrong)
            found.append({**effect, "range": ends} if group == "policies" else effect)
        refuse("numbers", wrong)
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
        amount, ends = _ranged(item["amount"], name, info, (cost, "amount"), wrong)
        found.append({"name": cost, **item, "amount": amount, "range": ends})
    refuse("numbers", wrong)
    return found


def _ranged(
    value: Any, name: str, info: ValidationInfo, keys: tuple[str, ...], wrong: list[Any]
) -> tuple[float, list[float]]:
    """A number of a policy, and the ends that it is drawn between."""
    row = row_in(info.context, catalogue.row(name))
    checked = _checked(value, row, keys, wrong)
    known = name in (info.context or {}).get("rows", {}) or catalogue.best(name).name not in ANY
    return checked, [row.low, row.high] if known else [checked] * 2


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


class PolicySettings(Dated):
    """One of the thirteen levers, or a user's own, with its dates, reach, effects and costs."""

    does: InBoth
    intensity: Intensity
    coverage: Reach
    take_up: Share
    ramp: Annotated[int, Field(ge=0, le=40), Allowed("a whole number, 0 to 40 quarters")]
    effects: Annotated[tuple[EffectSettings, ...], Loose, Field(min_length=1), _effects("policies", LEVERS)]
    costs: Annotated[tuple[CostSettings, ...], Loose, BeforeValidator(_costs)]
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
    effects: Annotated[tuple[BlowSettings, ...], Loose, Field(min_length=1), _effects("shocks", SHOCKS)]
    target: Expected | None = None
    expected: Annotated[ExpectedLines, Field(min_length=1)]

    @property
    def assembled(self) -> Shock:
        """The shock as the model reads it."""
        effects = tuple((effect.field, effect.value) for effect in self.effects)
        return Shock(self.name, self.start_index, self.end_index, effects)


# --- scenarios


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
        raise fault(sentence("has dates or reach but no levers"), SOME_LEVERS)
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
        raise fault(sentence("{!r} is not dates", given), A_SPAN)
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
A_SPAN: Final = sentence("2026Q1 to 2028Q4")
SHORT: Final = {"levers", "dates", "reach"}
SOME_LEVERS: Final = sentence("levers: {{data_sharing: 1.0}}, names of policies and how strongly")


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
