"""Numbers with units: ``35 bn yuan``, ``350亿元``, ``3.5 %``, ``30 bp``, in the unit that a number of the lab has.

A row of the catalogue names its unit in words (``share of profit``, ``percentage points a year after the outturn``).
Its `Measure` says which other units mean the same thing and by which factor they are converted; a plain number is in
the row's own unit. Amounts are read as decimals, so that ``3.5 %`` is the float 0.035 and nothing beside it.

Units whose conversion needs an assumption stay apart: a rate a quarter is no rate a year (compounding), log points are
no percent, and a percent is no percentage point (it could be a relative change).

pint was looked at and left out: none of its 900 units is a basis point of a margin or a 亿元, it parses no Chinese and
no thousands separators, and the questions that matter here (share *of what*, percent or percentage point) are no
dimensions to it. Two megabytes and 0.3 seconds of import would leave this file as long as it is.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Final

from experiments.config.data import table
from experiments.config.errors import Refused, Sentence, sentence, shown
from experiments.location import CONF

SHARES: Final = ("share", "share a year", "share a quarter", "ratio")
DIFFERENCES: Final = ("percentage points", "percentage points a year")
HUNDREDTHS: Final = "percent"


@dataclass(frozen=True)
class Measure:
    """What a unit measures.

    Parameters
    ----------
    name : str
    factors : mapping of str to Decimal
        Every unit that is accepted and what one of it is in the row's own unit.
    shown : Sentence
        The accepted units as a message names them.
    scaled : bool
        Whether thousands, millions, 万 and 亿 may stand before the unit.
    per : str
        ``year`` or ``quarter``, which may follow the unit, or nothing.
    is_counted : bool
        Whether only whole numbers make sense.
    """

    name: str
    factors: Mapping[str, Decimal]
    shown: Sentence
    scaled: bool
    per: str
    is_counted: bool


@cache
def measures() -> Mapping[str, Measure]:
    """What a unit of the catalogue measures, by how its words begin: the rows of ``conf/units.csv``."""
    by_name: dict[str, Measure] = {}
    for row in table(CONF / "units.csv"):
        groups = [group.rpartition(" = ") for group in row["units"].split("; ") if group]
        factors = {unit.strip(): Decimal(factor) for units, _, factor in groups for unit in units.split("|")}
        words = Sentence(row["en"], row["zh"])
        one = Measure(row["measure"], factors, words, bool(row["scaled"]), row["per"], bool(row["counted"]))
        by_name |= dict.fromkeys(row["begins"].split(" | "), one)
    return dict(sorted(by_name.items(), key=lambda item: -len(item[0])))


@cache
def measure(unit: str) -> Measure:
    """What a unit of the catalogue measures.

    Parameters
    ----------
    unit : str
        As the catalogue writes it, for instance ``share of profit``.

    Raises
    ------
    KeyError
        For a unit that the table does not know.
    """
    for beginning, one in measures().items():  # the longest beginning counts
        rest = unit[len(beginning) :]
        if unit.startswith(beginning) and not (rest[:1].isalnum() or rest[:1] == "-"):
            return one
    raise KeyError(f"no measure begins like {unit!r}")


def parts(unit: str) -> tuple[str, ...]:
    """The units of a list's places: ``yuan (median); log points`` has two, most have one for all places."""
    heads = tuple(part.strip() for part in re.sub(r"\([^)]*\)", "", unit).split(";"))
    return heads if len(heads) > 1 else (unit,)


def accepted(unit: str) -> Sentence:
    """The units that a number of this unit may be written in, as a message names them."""
    one = measure(unit)
    plain = sentence("a plain number, in {}", unit)
    if not one.factors:
        return plain
    return sentence("{}; {}", one.shown, plain)


# --- numbers in a unit


LONGEST: Final = 200

SCALES: Final = {
    "": 0, "thousand": 3, "k": 3, "million": 6, "millions": 6, "mn": 6, "mio": 6, "m": 6, "billion": 9, "billions": 9,
    "bn": 9, "b": 9, "trillion": 12, "trillions": 12, "tn": 12, "trn": 12,
}  # fmt: skip
CHINESE_SCALES: Final = {"百": 2, "千": 3, "万": 4, "萬": 4, "亿": 8, "億": 8}
CURRENCIES: Final = (
    "usd", "us$", "$", "dollar", "eur", "euro", "€", "hkd", "美元", "港元", "港币", "欧元", "日元",
)  # fmt: skip

A_YEAR: Final = re.compile(
    r"\s*(?:/\s*(?:year|yr|a|年)|(?:a|per) (?:year|annum)|p\.a\.?|annually|每年|一年)$"
)
A_QUARTER: Final = re.compile(r"\s*(?:/\s*(?:quarter|季度?)|(?:a|per) quarter)$")
PER: Final = {"year": A_YEAR, "quarter": A_QUARTER}
PER_YEAR: Final = re.compile(r"(?:每年|年均|年化)\s*")


def converted(value: object, unit: str, given_unit: str | None = None) -> object:
    """A value, or a list or mapping of values, in the unit of its row.

    Parameters
    ----------
    value : number, text, list or mapping
        Plain numbers come back as they are, ints as ints; text is read as a number with a unit.
    unit : str
        The row's unit.
    given_unit : str, optional
        The unit of the plain numbers in `value`, when it is not the row's.

    Returns
    -------
    any
        Of the same shape, with plain numbers in place of text; what is neither number nor text is handed back.

    Raises
    ------
    Refused
        With the accepted units, when a text is no number or its unit means something else.
    """
    if isinstance(value, Mapping):
        return {key: converted(item, unit, given_unit) for key, item in value.items()}
    if isinstance(value, list | tuple):
        places = zip(value, *_by_place(len(value), unit, given_unit), strict=True)
        return type(value)(converted(item, own, written) for item, own, written in places)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    if isinstance(value, str):
        return number(value, unit, given_unit)
    return value if given_unit in (None, unit) else number(repr(value), unit, given_unit)


def _by_place(length: int, unit: str, given_unit: str | None) -> tuple[Sequence[str], Sequence[str | None]]:
    """Of each place of a list, the row's unit and the given one."""
    units = parts(unit)
    if len(units) != length:
        return (unit,) * length, (given_unit,) * length
    if given_unit in (None, unit):
        return units, (None,) * length
    given_units = [part.strip() for part in str(given_unit).split(";")]
    if len(given_units) != length:
        raise Refused(sentence("{!r} is not in {}", given_unit, unit), suggestion=unit)
    return units, given_units


def number(text: str, unit: str, given_unit: str | None = None) -> int | float:
    """Read a number with a unit and convert it.

    Parameters
    ----------
    text : str
        For instance ``35 bn yuan``, ``3.5％`` or ``1,200``.
    unit : str
        The unit of the result, as the catalogue writes it.
    given_unit : str, optional
        The unit of `text` when it carries none; by default `unit`.

    Returns
    -------
    int or float
        An int where the text is a plain whole number, such as ``1,200``.

    Raises
    ------
    Refused
        When it is no number, not one number, or in a unit of something else.
    """
    line = plain_letters(text)
    amount, tail = _amount(line, text, unit)
    if not tail and given_unit is not None:
        tail = plain_letters(given_unit)
    if not tail or tail in (plain_letters(unit), plain_letters(unit.partition("(")[0])):
        return _result(amount, text, unit, whole=re.fullmatch(r"[+-]?[0-9,]+", line) is not None)
    factor = _factor(tail, unit)
    if factor is None:
        raise _foreign(text, tail, unit)
    return _result(amount * factor, text, unit)


def slip(value: object, unit: str, low: float, high: float) -> str:
    """What was likely meant by a plain number out of its range: ``3.5`` for a share is ``3.5 %``.

    Parameters
    ----------
    value : object
    unit : str
    low, high : float
        The range.

    Returns
    -------
    str
        The number as it should be written; empty when nothing fits.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    one = measure(unit)
    for sign, factor in (("%", "0.01"), ("bn yuan", "1e9"), ("share", "100")):
        fits = {"%": one.name in SHARES, "share": one.name == HUNDREDTHS}
        if fits.get(sign, one.scaled and "yuan" in one.factors) and low <= value * float(factor) <= high:
            return f"{value:g} {sign}"
    return ""


LOOKALIKES: Final = str.maketrans({
    "−": "-", "–": "-", "—": "-", "﹣": "-", "，": ",", "．": ".", "。": ".", "、": ",", "％": "%", "￥": "¥",
    "\N{THIN SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ", "\N{NO-BREAK SPACE}": " ",
})  # fmt: skip


def plain_letters(text: str) -> str:
    """Full-width letters, digits and signs as plain ones, in small letters, with single spaces."""
    narrow = unicodedata.normalize("NFKC", text.translate(LOOKALIKES)).translate(LOOKALIKES)
    return " ".join(narrow.casefold().split())


NUMBER: Final = re.compile(
    r"(?P<before>(?:¥|rmb|cny|人民币)\s*)?(?P<sign>[+-]?)\s*(?P<money>¥\s*)?"
    r"(?P<digits>[0-9](?:[0-9,']| (?=[0-9]{3}(?![0-9])))*(?:\.[0-9]*)?|\.[0-9]+)"
    r"(?:/(?P<below>[0-9]+)(?![0-9]*/))?(?P<power>e[+-]?[0-9]{1,3})?(?![0-9.])\s*(?P<tail>.*)"
)
THOUSANDS: Final = re.compile(r"[1-9][0-9]{0,2}(?:([,' ])[0-9]{3})(?:\1[0-9]{3})*(?:\.[0-9]+)?")


def _amount(line: str, text: str, unit: str) -> tuple[Decimal, str]:
    """The number at the beginning of a line, and the unit behind it."""
    match = NUMBER.fullmatch(PER_YEAR.sub("", line, 1) if measure(unit).per == "year" else line)
    if match is None or len(text) > LONGEST:
        raise _no_number(text, unit)
    digits = match["digits"]
    if re.search("[,' ]", digits):
        if THOUSANDS.fullmatch(digits) is None:
            raise Refused(sentence("{!r} can be read in two ways or not at all", text))
        digits = re.sub("[,' ]", "", digits)
    tail = match["tail"].strip()
    if re.match(r"(?:-|~|to\b|至|到|±|/ ?[0-9])\s*[0-9]?", tail) and not re.match(r"-\s*[a-z]", tail):
        raise Refused(sentence("{!r} is not one number", text), accepted(unit))
    try:
        amount = Decimal(f"{match['sign']}{digits}{match['power'] or ''}")
        if match["below"]:
            amount /= Decimal(match["below"])
    except (InvalidOperation, ZeroDivisionError) as error:
        raise _no_number(text, unit) from error
    if match["before"] or match["money"]:
        has_unit = tail.endswith(tuple(measure("yuan").factors)) or A_YEAR.search(tail)
        tail = tail if has_unit else f"{tail} yuan".strip()
    return amount, tail


def _factor(tail: str, unit: str) -> Decimal | None:
    """What one of the unit `tail` is in `unit`; None when it is something else."""
    one = measure(unit)
    candidates = [tail]
    if one.per:
        candidates.append(PER[one.per].sub("", tail).strip() if tail != "1/year" else "1")
    for candidate in candidates:
        if candidate in one.factors:
            return one.factors[candidate]
        if one.scaled:
            for power, name in _scales(candidate):
                if name in one.factors or not name:
                    return one.factors.get(name, Decimal(1)).scaleb(power)
    return None


def _scales(tail: str) -> Iterator[tuple[int, str]]:
    """The ways to take a scale off the front of a unit: power of ten, and the unit that is left."""
    power, rest = 0, tail
    while rest[:1] in CHINESE_SCALES and rest:
        power, rest = power + CHINESE_SCALES[rest[0]], rest[1:].lstrip()
        yield power, rest
    word = re.match(r"[a-z]+", tail)
    if word and word[0] in SCALES:
        rest = tail[word.end() :].strip()
        yield SCALES[word[0]], rest.removeprefix("of ").strip()


def _result(amount: Decimal, text: str, unit: str, whole: bool = False) -> int | float:
    """A float, or an int of what is counted and of a plain whole number."""
    try:
        result = float(amount)
    except OverflowError:
        result = math.inf
    if math.isinf(result):
        raise Refused(sentence("{} is not a finite number", shown(text)), accepted(unit))
    counted = measure(unit).is_counted and result.is_integer()
    return int(amount) if whole or counted else result


def _no_number(text: str, unit: str) -> Refused:
    line = text if len(text) <= LONGEST else f"{text[:40]}…"
    return Refused(sentence("{} is not a number", shown(line)), accepted(unit))


def _foreign(text: str, tail: str, unit: str) -> Refused:
    what = sentence("{!r} is not in {}", text, unit)
    if "yuan" in measure(unit).factors and any(word in tail for word in CURRENCIES):
        what = sentence("{!r} is in another currency; amounts are in yuan", text)
    suggestion = ""
    if measure(unit).name in DIFFERENCES and measure("percent").factors.get(tail) == 1:
        suggestion = f"{text.strip().rstrip('%％').strip()} pp"
    return Refused(what, accepted(unit), suggestion)
