"""Field types that the settings share, what a message says of their range, and the faults of what does not fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Annotated, Any, ClassVar, Final, Self, TypeVar, get_args

from annotated_types import Ge, GroupedMetadata, Le
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)
from pydantic_core import CoreSchema, core_schema

from agents.honeycomb import DIMENSIONS, KINDS
from experiments.config import names
from experiments.config.catalogue import GRADES, Row, row
from experiments.config.data import read_items
from experiments.config.errors import (
    IS_MISSING,
    NOT_KNOWN,
    Faults,
    Refused,
    Sentence,
    Words,
    nearest,
    out_of_range,
    sentence,
    shown,
    unknown,
)
from experiments.config.numbers import number, row_in, shapes
from experiments.config.tree import MISSING, lookup
from experiments.config.units import converted, plain_letters
from model import calendar
from model.calendar import FIRST_YEAR, LAST_YEAR
from model.outcomes import OUTCOMES

FIRST_QUARTER: Final = f"{FIRST_YEAR}Q1"
LAST_QUARTER: Final = f"{LAST_YEAR}Q4"
QUARTERS: Final = calendar.span(FIRST_QUARTER, LAST_QUARTER)
ITEMS: Final = tuple(f"item:{row['id']}" for row in read_items())
MEASURED: Final = (*DIMENSIONS, "index", *OUTCOMES)
NAMED_OUTCOMES: Final = (*MEASURED, *ITEMS)


def _outcome_names() -> names.Names:
    """What outcomes are called: those of the model, the six dimensions and the items of the questionnaire."""
    measured = names.vocabulary("dimension") | names.vocabulary("outcome")
    taken = {title for said in measured.shown.values() for title in (said.en, said.zh)}
    titles = {f"item:{one['id']}": {"en": one["name_en"], "zh": one["name_zh"]} for one in read_items()}
    return measured | names.titled({i: said for i, said in titles.items() if taken.isdisjoint(said.values())})


OUTCOME_NAMES: Final = _outcome_names()


class Strict(BaseModel):
    """A frozen model that refuses unknown keys and never turns one type into another."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def unique(items: Iterable[object]) -> Any:
    """Refuse a list that says a thing twice."""
    items = tuple(items)
    twice = ", ".join(sorted({str(item) for item in items if items.count(item) > 1}))
    if twice:
        raise Refused(sentence("{} stands there twice", twice))
    return items


T = TypeVar("T")
Loose = Field(strict=False)
Listed = Annotated[tuple[T, ...], Loose]
"""A list of a file."""
Distinct = Annotated[tuple[T, ...], Loose, AfterValidator(unique)]
"""A list of a file in which nothing stands twice."""


A_QUARTER: Final = sentence("a quarter such as 2024Q1, {} to {}", FIRST_QUARTER, LAST_QUARTER)
NUMERALS: Final = str.maketrans("一二三四", "1234")
IN_CHINESE: Final = re.compile(r"([0-9]{4})年\s*第?([1-4一二三四])季度?", re.ASCII)


def plain_quarter(value: Any) -> Any:
    """A quarter as the reports write it in Chinese, ``2026年一季度``, in the lab's form; anything else as it stands."""
    written = IN_CHINESE.fullmatch(plain_letters(value)) if isinstance(value, str) else None
    return f"{written[1]}Q{written[2].translate(NUMERALS)}" if written else value


def check_quarter(value: Any, last: bool = False) -> str:
    """A quarter of 2020Q1 to 2040Q4; `last` tells which one of a year is likely meant."""
    value = plain_quarter(value)
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}Q[1-4]", value, re.ASCII):
        suggestion = _quarter_meant(value, last)
        raise Refused(sentence("{!r} is not a quarter", value), A_QUARTER, suggestion)
    if not FIRST_QUARTER <= value <= LAST_QUARTER:
        raise Refused(sentence("{} is out of range", value), A_QUARTER)
    return value


def _quarter_meant(value: object, last: bool) -> str:
    """The quarter that another way to write one means: ``2026``, ``2026-03``, ``2026q2``, ``2026年二季度``."""
    text = plain_letters(str(value)).translate(NUMERALS)
    year, rest = text[:4], text[4:].strip(" 年-/.")
    if not re.fullmatch(r"20[0-9]{2}", year) or isinstance(value, bool | list | dict):
        return ""
    if not rest:
        return f"{year}Q{4 if last else 1}"
    if match := re.fullmatch(r"(?:第|q)?\s*([1-4])\s*(?:q|季度?)?", rest):
        return f"{year}Q{match[1]}" if len(rest) > 1 else ""
    match = re.fullmatch(r"(0[1-9]|1[0-2]|[1-9](?=月))(?:[月\-/.].*)?", rest)
    return f"{year}Q{(int(match[1]) + 2) // 3}" if match else ""


def is_quarter(item: object) -> bool:
    """Whether something is a quarter that a study may have."""
    return isinstance(item, str) and item in QUARTERS


def printable(text: str) -> str:
    """The same text, when it is one line without control characters."""
    if not text.strip() or not text.isprintable():
        raise Refused(sentence("must be a line of printable text"))
    return text


def _name(text: str) -> str:
    sound = (
        all(c.isalnum() or c in "-_." for c in text) and text[:1] not in ("", ".", "-") and text.isprintable()
    )
    if not sound:
        raise Refused(sentence("{!r} cannot name a folder", text))
    return text


class Allowed:
    """Says in a message what a field accepts, beside what is wrong with the value it was given.

    Parameters
    ----------
    text : str or Sentence
        What is accepted, with range and unit: a message of ``conf/messages.csv``.
    *values
        What stands in its places.
    options : sequence of str
        The words to choose from, when there are only so many; without a text, their list is what is accepted. Of a
        list the words that it may hold.
    """

    def __init__(self, text: str | Sentence = "", *values: object, options: Sequence[str] = ()) -> None:
        allowed = sentence(text, *values) if isinstance(text, str) and text else text
        self.allowed: Words = allowed or ", ".join(options)
        self.options = tuple(options)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(self._check, handler(source))

    def _check(self, value: object, handler: ValidatorFunctionWrapHandler) -> object:
        try:
            checked = handler(value)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            refused = complaint(first)
            if first["loc"] or refused.allowed:
                raise
            suggestion = nearest(value, self.options)
            if suggestion and first["type"] == "tuple_type":
                suggestion = f"[{suggestion}]"
            raise Refused(refused.what, self.allowed, suggestion) from None
        if self.options and not isinstance(checked, tuple) and checked not in self.options:
            refused = unknown(value, self.options)
            raise Refused(refused.what, self.allowed, refused.suggestion)
        return checked


class Whole(GroupedMetadata):
    """A whole number between two others, which a message names."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def __iter__(self) -> Iterator[object]:
        yield from (Ge(self.low), Le(self.high), Allowed("a whole number, {} to {}", self.low, self.high))


class Catalogued:
    """A number of the catalogue: its range and unit, and text such as ``3.5 %`` in its place.

    Parameters
    ----------
    name : str
        As the catalogue has it.
    """

    def __init__(self, name: str) -> None:
        self.row = row(name)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_before_validator_function(
            lambda value, info: number(value, row_in(info.context, self.row)), handler(source)
        )


KINDS_OF_VALUE: Final = {
    "int_type": sentence("a whole number"),
    "float_type": sentence("a number"),
    "string_type": sentence("text"),
    "bool_type": sentence("true or false"),
    "tuple_type": sentence("a list"),
    "mapping_type": sentence("a mapping"),
    "model_type": sentence("a mapping"),
    "model_attributes_type": sentence("a mapping"),
    "dict_type": sentence("a mapping"),
}


OF_THE_KEY: Final = {"missing": IS_MISSING, "extra_forbidden": NOT_KNOWN, "too_short": sentence("is empty")}


def complaint(error: Any) -> Refused:
    """What one pydantic error says, in plain words and with the value that was given."""
    kind, value = error["type"], shown(error.get("input"))
    refused = error.get("ctx", {}).get("error")
    if isinstance(refused, Refused):
        return refused
    if kind in KINDS_OF_VALUE:
        return Refused(sentence("{} is not {}", value, KINDS_OF_VALUE[kind]))
    if kind in OF_THE_KEY:
        return Refused(OF_THE_KEY[kind])
    if kind == "string_pattern_mismatch":
        return Refused(sentence("{} cannot be a name here", value))
    if kind in ("finite_number", "int_parsing_size"):
        return Refused(sentence("{} is not a finite number", value))
    return Refused(out_of_range(error.get("input")))


Quarter = Annotated[str, BeforeValidator(lambda given: check_quarter(given))]
LastQuarter = Annotated[str, BeforeValidator(lambda given: check_quarter(given, last=True))]
Text = Annotated[
    str,
    Field(max_length=2000),
    AfterValidator(printable),
    Allowed("a line of printable text, 1 to 2000 letters"),
]
Place = Annotated[
    str,
    Field(max_length=1000),
    AfterValidator(printable),
    Allowed("a path, 1 to 1000 letters that can be printed"),
]
Name = Annotated[
    str,
    Field(max_length=64),
    AfterValidator(_name),
    Allowed("1 to 64 letters, digits, - _ . that begin with a letter or digit"),
]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$"), Allowed("small letters, digits and _")]
Flag = Annotated[bool, Allowed("true or false")]
Kinds = Annotated[
    Listed[str],
    Field(min_length=1),
    Allowed("a list of bank kinds: {}", ", ".join(KINDS)),
    BeforeValidator(names.kinds),
]
Province = Annotated[str, BeforeValidator(names.PROVINCE_NAMES.name)]
Provinces = Annotated[
    Listed[str],
    Field(min_length=1),
    Allowed("all, regions (west, central, east, northeast), or a list of provinces"),
    BeforeValidator(names.provinces),
]
KindOrAll = Annotated[str, BeforeValidator(partial(names.kind, among=(*KINDS, "all")))]
Payer = Annotated[str, BeforeValidator(names.vocabulary("payer").name)]
Grade = Annotated[str, Allowed(options=GRADES)]
Sign = Annotated[str, Allowed(options=("+", "-", "0"))]
Outcome = Annotated[
    str,
    Allowed("item:ID of the questionnaire, or {}", ", ".join(MEASURED), options=NAMED_OUTCOMES),
    BeforeValidator(lambda word: OUTCOME_NAMES.find(word) or word),
]
Share = Annotated[
    float, Field(ge=0, le=1), Allowed("0 to 1"), BeforeValidator(lambda value: converted(value, "share"))
]


class Span(Strict):
    """A first and a last quarter, both counted in; `apart` says that they cannot be the same."""

    apart: ClassVar[bool] = False
    start: Quarter
    end: LastQuarter

    @field_validator("end")
    @classmethod
    def _in_order(cls, end: str, others: ValidationInfo) -> str:
        start = others.data.get("start") or ""
        if cls.apart and end <= start:
            raise Refused(sentence("{} does not come after the start {}", end, start))
        if end < start:
            raise Refused(sentence("{} is before the start {}", end, start))
        return end

    @property
    def start_index(self) -> int:
        """First quarter, counted from 2020Q1."""
        return calendar.index(self.start)

    @property
    def end_index(self) -> int:
        """Last quarter, counted from 2020Q1."""
        return calendar.index(self.end)

    def note_outside(self, quarter: str, key: str, faults: Faults, allowed: Words = "") -> None:
        """Note a quarter that lies outside the study, and the key that gives it."""
        if not self.start <= quarter <= self.end:
            allowed = allowed or sentence("{} to {}, the quarters of the study", self.start, self.end)
            faults.at(key, sentence("{} lies outside the study", quarter), allowed)


# --- what configuration files say of themselves


class Title(Strict):
    """A title in both languages of the report."""

    en: Text
    zh: Text


InBoth = Annotated[
    Title, BeforeValidator(lambda given: {"en": given, "zh": given} if isinstance(given, str) else given)
]
"""What a file says in both languages, or in one sentence that serves for both."""


class Expected(Strict):
    """The direction in which an outcome of one bank kind (or of all) should move; in a file ``index rural +``."""

    outcome: Outcome
    bank_kind: KindOrAll
    sign: Sign


def _in_words(value: object) -> object:
    if not isinstance(value, str):
        return value
    words = value.split()
    if len(words) != 3:
        raise Refused(sentence("{!r} is no outcome, kind and sign", value))
    return dict(zip(("outcome", "bank_kind", "sign"), words, strict=True))


ExpectedLines = Listed[Annotated[Expected, BeforeValidator(_in_words)]]


# --- faults from pydantic's refusals


@lru_cache(maxsize=256)
def _adapter(model: Any) -> TypeAdapter[object]:
    return TypeAdapter(model)


def validated(
    model: object, data: object, key: str, faults: Faults, context: Mapping[str, object] | None = None
) -> Any:
    """What pydantic makes of plain data, or None with every refusal noted.

    Parameters
    ----------
    model : type
        A settings model, or an annotated type.
    data : any
        Plain data.
    key : str
        Dotted key of the data in the configuration.
    faults : Faults
        Grows by what is wrong.
    context : mapping, optional
        What validators are to know.
    """
    try:
        return _adapter(model).validate_python(data, context=context)
    except ValidationError as error:
        note_refusals(error, model, data, key, faults)
        return None


def note_refusals(error: ValidationError, model: object, data: object, key: str, faults: Faults) -> None:
    """Note everything that pydantic refused in plain data; see `validated`."""
    for refusal in error.errors(include_url=False):
        if refusal["type"] == "too_short" and refusal["input"]:
            continue  # what stands there is at fault, and named
        path = [part for part in (key, *_names(data, refusal["loc"])) if part]
        refused = complaint(refusal)
        allowed, suggestion = refused.allowed, refused.suggestion
        if refusal["type"] == "extra_forbidden":
            siblings = tuple(_fields(model, refusal["loc"][:-1])) or _beside(path)
            allowed, suggestion = ", ".join(siblings), nearest(path[-1], siblings)
        if suggestion and refused.what == NOT_KNOWN:  # it is the key that is wrong, not its value
            suggestion = ".".join([*path[:-1], suggestion])
        faults.add(refused.where or faults.where(".".join(path)), refused.what, allowed, suggestion)


class Piecewise(Strict):
    """Keys of a file that are each read by itself: one at fault is noted, and has its usual value, or None."""

    @classmethod
    def read(cls, data: Any, key: str, faults: Faults, rows: Mapping[str, Row] | None = None) -> Self:
        """The keys that are sound among plain data of a dotted key; see `validated`."""
        context = {"at": key, "faults": faults, "rows": rows or {}}
        try:
            return cls.model_validate(data, context=context)
        except ValidationError as error:  # no mapping, keys that are missing or not known
            note_refusals(error, cls, data, key, faults)
        values = data if isinstance(data, Mapping) else {}
        needed = [name for name, field in cls.model_fields.items() if name in values or field.is_required()]
        return cls.model_validate({name: values.get(name, MISSING) for name in needed}, context=context)

    @field_validator("*", mode="wrap")
    @classmethod
    def _or_usual(cls, value: Any, read: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        name, context = str(info.field_name), info.context or {}
        field = cls.model_fields[name]
        try:
            return None if value is MISSING else read(value)
        except ValidationError as error:
            key = f"{context['at']}.{name}".lstrip(".")
            note_refusals(error, field.annotation, value, key, context["faults"])
            return None if field.is_required() else field.get_default(call_default_factory=True)


def _fields(model: object, loc: Sequence[int | str] = ()) -> Mapping[str, object]:
    """The fields of the model at a place below an annotation, whatever that is wrapped in."""
    fields: Mapping[str, Any] = getattr(model, "model_fields", {})
    for inner in () if fields else get_args(model):
        fields = fields or _fields(inner)
    for part in loc:
        fields = _fields(fields[str(part)].annotation) if part in fields else fields
    return fields


def _beside(path: list[str]) -> tuple[str, ...]:
    """The shipped numbers that stand beside a key."""
    keys = {**shapes(), "environments": {path[1]: shapes()["environments.*"]}} if path[1:] else {}
    tree = lookup(keys, ".".join(path[:-1])) if keys else {}
    return tuple(map(str, tree)) if isinstance(tree, Mapping) else ()


def _names(data: Any, loc: tuple[int | str, ...]) -> list[str]:
    """The keys of a refusal as the file has them: a named list is a mapping there, and what is below a value is cut."""
    names = []
    for part in loc:
        if isinstance(part, int) and isinstance(data, Mapping):
            keys = list(data)
            part = keys[part] if part < len(keys) else part
        elif not isinstance(data, Mapping | None) and not (
            isinstance(part, int) and isinstance(data, list | tuple)
        ):
            break
        names.append(str(part))
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            data = None
    return names
