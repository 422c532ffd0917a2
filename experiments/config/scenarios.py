"""Scenarios: policies, shocks, an environment and assumptions, each with what it says of itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails

from experiments.config import catalogue, names
from experiments.config.catalogue import Row, is_number
from experiments.config.errors import Faults, Words, sentence, shown
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
from experiments.config.folders import groups
from experiments.config.names import nearest
from experiments.config.numbers import NOT_KNOWN, WORDS, content, fault, number, row_in, unknown
from experiments.config.sections import SignalSettings
from experiments.config.tree import MISSING, Tree, dotted_keys, lookup, unfreeze
from experiments.config.units import converted
from model.policy import COST_BASES, LEVERS, USERS
from model.shock import SHOCKS

if TYPE_CHECKING:
    from experiments.config.study import StudySettings

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
        allowed = tuple(LEVERS)
        raise fault(NOT_KNOWN, ", ".join(allowed), allowed)
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
                allowed = tuple(fields)
                wrong.append(((field,), fault(NOT_KNOWN, ", ".join(allowed), allowed), value))
                continue
            full, effect = f"{group}.{name}.effects.{field}", {"field": field}
            effect["value"], ends = _ranged(value, full, info, (field,), wrong)
            found.append({**effect, "range": ends} if group == "policies" else effect)
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
        amount, ends = _ranged(item["amount"], name, info, (cost, "amount"), wrong)
        found.append({"name": cost, **item, "amount": amount, "range": ends})
    _refuse(wrong)
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


def _refuse(wrong: list[Any]) -> None:
    if wrong:
        details = [InitErrorDetails(type=error, loc=keys, input=value) for keys, error, value in wrong]
        raise ValidationError.from_exception_data("numbers", details)


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
    """Something with a first and a last quarter, both counted in."""

    name: Key
    title: Title
    grade: Grade
    source: Text

    @field_validator("end")
    @classmethod
    def _not_before_start(cls, end: str, others: ValidationInfo) -> str:
        start = others.data.get("start", "")
        if end < start:
            raise fault(sentence("{} is before the start {}", end, start))
        return end


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


class ShockSettings(Dated):
    """A blow from outside, the same in every replicate; it is known by its target, and which way that goes."""

    does: InBoth
    effects: Annotated[tuple[BlowSettings, ...], Loose, Field(min_length=1), _effects("shocks", SHOCKS)]
    target: Expected | None = None
    expected: Annotated[ExpectedLines, Field(min_length=1)]


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


# --- what a scenario assumes otherwise: an allocation rule, a network, any number that scenarios usually share


ROOTS: Final = ("behaviour", "banks", "network", "allocation", "population")
CHOSEN: Final = ("allocation", "network")
SHARED: Final = ("behaviour", "banks", "network", "allocation", "population.questionnaire")
# Numbers that make the banks themselves, which the scenarios of a study share.
OF_THE_POPULATION: Final = ("asset_growth", "focus")
Where = Callable[[str], str]


def expanded(
    given: Mapping[str, Any], tree: Mapping[str, Any], key: str, faults: Faults, where: Where
) -> dict[str, Any]:
    """The assumptions of a scenario as values by dotted name, those alone that differ from the study's.

    Parameters
    ----------
    given : mapping
        ``{allocation: reinforcement, network: none, behaviour.depreciation: 0.2, banks: {city: {...}}}``.
    tree : mapping
        The composed configuration.
    key : str
        Where the assumptions stand in it.
    faults : Faults
        Grows by what is wrong.
    where : callable
        From a dotted key to ``file:key``.
    """
    found: dict[str, Any] = {}
    for name, value in _flat(given):
        place = where(f"{key}.{name}")
        if name in CHOSEN and isinstance(value, str):
            found |= _file(name, value, place, faults)
        elif _may_differ(name, tree, place, faults):
            checked = _sound_value(name, value, tree, place, faults)
            if checked is not MISSING:
                found[name] = checked
    return {name: value for name, value in found.items() if lookup(tree, name) != value}


def _flat(given: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted names with their values: a mapping is a branch unless it is a number of several parts."""
    for key, value in given.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and not catalogue.known(name):
            yield from _flat(value, f"{name}.")
        else:
            yield name, value


def _file(group: str, name: str, place: str, faults: Faults) -> dict[str, Any]:
    """What a file of the group sets, over the layers of the network that is usual."""
    options = groups()[group]
    if name not in options:
        faults.add(place, unknown(name), ", ".join(options), nearest(name, options))
        return {}
    usual = content("network/partnerships") if group == "network" else {}
    return {f"{group}.{key}": value for key, value in {**usual, **content(f"{group}/{name}")}.items()}


def _may_differ(name: str, tree: Mapping[str, Any], place: str, faults: Faults) -> bool:
    allowed: Words = ", ".join(f"{prefix}.*" for prefix in SHARED)
    if lookup(tree, name) is MISSING:
        faults.add(place, NOT_KNOWN, allowed, nearest(name, dotted_keys({k: tree.get(k) for k in ROOTS})))
        return False
    in_population = name.startswith("banks.") and name.split(".")[2:3] in [[n] for n in OF_THE_POPULATION]
    if in_population or not name.startswith(tuple(f"{prefix}." for prefix in SHARED)):
        what = sentence("is shared by all scenarios of a study: ask for two studies instead")
        faults.add(place, what, allowed, f"-m {name.partition('.')[0]}=...")
        return False
    return True


def _sound_value(name: str, value: Any, tree: Mapping[str, Any], place: str, faults: Faults) -> Any:
    """A value that is sound for its name, as plain data; `MISSING` with a fault noted otherwise."""
    whole = name
    while whole and not catalogue.known(whole):
        whole = whole.rpartition(".")[0]
    if not whole:
        return _word(name, value, lookup(tree, name), place, faults)
    if catalogue.is_number(value):
        value = value["value"]
    try:
        return unfreeze(number(value, catalogue.row(whole), lookup(tree, name)))
    except ValidationError as error:
        for refusal in error.errors(include_url=False):
            below = "".join(f".{part}" for part in refusal["loc"])
            details = refusal["ctx"]
            faults.add(f"{place}{below}", details["what"], details["allowed"])
        return MISSING


def _word(name: str, value: Any, shipped: Any, place: str, faults: Faults) -> Any:
    options = tuple[Any, ...](WORDS.get(name, (True, False)))
    if isinstance(shipped, bool) != isinstance(value, bool) or value not in options:
        faults.add(
            place, unknown(value), ", ".join(map(str, options)), nearest(shown(value), map(str, options))
        )
        return MISSING
    return value


def of_words(words: Sequence[str], settings: StudySettings) -> dict[str, Any]:
    """The assumptions that overrides such as ``allocation=reinforcement`` make, by dotted name.

    Raises
    ------
    ConfigError
        If one is no assumption, or its value is not allowed.
    """
    from experiments.config.folders import parsed

    given = {override.key_or_group: override.value() for override in parsed(words)}
    tree = {group: unfreeze(getattr(settings, group)) for group in ROOTS}
    faults = Faults()
    found = expanded(given, tree, "analysis.changed", faults, lambda key: key)
    faults.stop(settings.report.language)
    return found
