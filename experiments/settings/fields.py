"""Field types that the settings share: names, texts, quarters, shares, and what a message says of their range."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidationError,
    ValidatorFunctionWrapHandler,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from agents.honeycomb import DIMENSIONS, KINDS, PAYERS
from experiments.settings.soundness import GRADES, shown
from model.calendar import FIRST_YEAR, LAST_YEAR
from model.outcomes import OUTCOMES

FIRST_QUARTER: Final = f"{FIRST_YEAR}Q1"
LAST_QUARTER: Final = f"{LAST_YEAR}Q4"
PROVINCES: Final = (
    "BJ", "TJ", "HE", "SX", "NM", "LN", "JL", "HL", "SH", "JS", "ZJ",
    "AH", "FJ", "JX", "SD", "HA", "HB", "HN", "GD", "GX", "HI", "CQ",
    "SC", "GZ", "YN", "XZ", "SN", "GS", "QH", "NX", "XJ",
)  # fmt: skip
NAMED_OUTCOMES: Final = (*DIMENSIONS, "index", *OUTCOMES)


class Strict(BaseModel):
    """A frozen model that refuses unknown keys, never turns one type into another, and writes the keys it reads."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, serialize_by_alias=True
    )


def check_quarter(text: str) -> str:
    """The same text, when it is a quarter of 2020Q1 to 2040Q4."""
    if not re.fullmatch(r"[0-9]{4}Q[1-4]", text, re.ASCII):
        raise ValueError(f"{text!r} is not a quarter")
    if not FIRST_QUARTER <= text <= LAST_QUARTER:
        raise ValueError(f"{text} is out of range")
    return text


def printable(text: str) -> str:
    """The same text, when it is one line without control characters."""
    if not text.strip() or not text.isprintable():
        raise ValueError("must be a line of printable text")
    return text


def _name(text: str) -> str:
    sound = (
        all(c.isalnum() or c in "-_." for c in text) and text[:1] not in ("", ".", "-") and text.isprintable()
    )
    if not sound:
        raise ValueError(f"{text!r} cannot name a folder")
    return text


def unique(items: Iterable[Any]) -> Any:
    """Refuse a list that says a thing twice."""
    items = tuple(items)
    twice = sorted({str(item) for item in items if items.count(item) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} stands there twice")
    return items


class Allowed:
    """Says in a message what a field accepts, beside what is wrong with the value it was given.

    Parameters
    ----------
    text : str
        What is accepted, with range and unit.
    options : sequence of str
        The words to choose from, when there are only so many; `text` is then their list.
    """

    def __init__(self, text: str = "", options: Sequence[str] = ()) -> None:
        self.text = text or ", ".join(options)
        self.options = tuple(options)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(self._check, handler(source))

    def _check(self, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            checked = handler(value)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            if first["loc"] or "allowed" in first.get("ctx", {}):
                raise
            raise self._fault(complaint(first)) from None
        if self.options and checked not in self.options:
            raise self._fault(f"{shown(value)} is not known")
        return checked

    def _fault(self, what: str) -> PydanticCustomError:
        context = {"what": what, "allowed": self.text, "options": self.options}
        return PydanticCustomError("fault", "{what}", context)


KINDS_OF_VALUE: Final = {
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
}


def complaint(error: Any) -> str:
    """What one pydantic error says, in plain words and with the value that was given."""
    kind, given = error["type"], shown(error.get("input"))
    if kind in KINDS_OF_VALUE:
        return f"{given} is not {KINDS_OF_VALUE[kind]}"
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return "is not a known key"
    if kind in ("value_error", "fault"):
        return str(error["msg"]).removeprefix("Value error, ")
    if kind == "too_short":
        return "is empty"
    if kind in ("finite_number", "int_parsing_size"):
        return f"{given} is not a finite number"
    return f"{given} is out of range"


Quarter = Annotated[
    str,
    AfterValidator(check_quarter),
    Allowed(f"a quarter such as 2024Q1, {FIRST_QUARTER} to {LAST_QUARTER}"),
]
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
Share = Annotated[float, Field(ge=0, le=1), Allowed("0 to 1")]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$"), Allowed("small letters, digits and _")]
Flag = Annotated[bool, Allowed("true or false")]
Kind = Annotated[str, Allowed(options=KINDS)]
KindOrAll = Annotated[str, Allowed(options=(*KINDS, "all"))]
Payer = Annotated[str, Allowed(options=PAYERS)]
Province = Annotated[str, Allowed(options=PROVINCES)]
Grade = Annotated[str, Allowed(options=GRADES)]
Sign = Annotated[str, Allowed(options=("+", "-", "0"))]
Outcome = Annotated[str, Allowed(options=NAMED_OUTCOMES)]
