"""What the units of the catalogue measure, and the other units that mean the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Final

from experiments.config.sentences import NOTHING, Sentence

YUAN: Final = ("yuan", "rmb", "cny", "元", "元人民币", "人民币", "块")
PERCENT: Final = ("%", "percent", "per cent", "pct")
PERMILLE: Final = ("‰", "per mille", "permille")
BASIS_POINTS: Final = ("bp", "bps", "basis point", "basis points", "基点", "个基点", "bp点")
POINTS_OF_PERCENT: Final = (
    "percentage points", "percentage point", "percent points", "% points", "pp", "ppt", "pps", "个百分点", "百分点",
)  # fmt: skip
SHARE: Final = ("share", "fraction", "0-1", "1", "比例")
TIMES: Final = ("times", "x", "×", "倍")
YEARS: Final = ("years", "year", "yr", "yrs", "年")
QUARTERS: Final = ("quarters", "quarter", "季度", "个季度", "季")
MONTHS: Final = ("months", "month", "个月", "月")


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
    a_year : bool
        Whether the unit may be followed by *a year*.
    is_counted : bool
        Whether only whole numbers make sense.
    """

    name: str
    factors: Mapping[str, Decimal] = field(default_factory=dict)
    shown: Sentence = NOTHING
    scaled: bool = False
    a_year: bool = False
    is_counted: bool = False


def _factors(*groups: tuple[tuple[str, ...], str]) -> dict[str, Decimal]:
    return {name: Decimal(factor) for names, factor in groups for name in names}


OF_A_WHOLE: Final = Sentence("%, ‰, bp or a share from 0 to 1", "%、‰、基点或 0 到 1 的比例")
MONEY: Final = Measure(
    "money",
    _factors((YUAN, "1")),
    Sentence(
        "yuan, thousand, million (m), billion (bn) or trillion yuan, 万元, 亿元", "元、万元、亿元、万亿元"
    ),
    scaled=True,
)
MONEY_A_YEAR: Final = Measure(
    "money a year",
    MONEY.factors,
    Sentence("yuan a year, million or billion yuan a year, 万元/年, 亿元/年", "元/年、万元/年、亿元/年"),
    scaled=True,
    a_year=True,
)
MILLIONS: Final = Measure("million yuan", _factors((YUAN, "0.000001")), MONEY.shown, scaled=True)
PART: Final = Measure(
    "share",
    _factors((SHARE, "1"), (PERCENT, "0.01"), (PERMILLE, "0.001"), (BASIS_POINTS, "0.0001")),
    OF_A_WHOLE,
)
PART_A_YEAR: Final = Measure(
    "share a year",
    {**PART.factors, "": Decimal(1)},
    Sentence("1/year, % a year, ‰ a year or bp a year", "1/年、%/年、‰/年、基点/年"),
    a_year=True,
)
PART_A_QUARTER: Final = Measure(
    "share a quarter",
    {
        name + end: factor
        for name, factor in PART.factors.items()
        for end in (" a quarter", "/quarter", " per quarter", "/季度", "/季", "")
        if name != "1" or end
    },
    Sentence("% a quarter or a share from 0 to 1", "%/季度或 0 到 1 的比例"),
)
HUNDREDTHS: Final = Measure(
    "percent",
    _factors(
        (PERCENT, "1"), (PERMILLE, "0.1"), (BASIS_POINTS, "0.01"), (("share", "fraction", "比例"), "100")
    ),
    Sentence("%, ‰, bp or 'share' after a number from 0 to 1", "%、‰、基点，或在 0 到 1 的数后写“比例”"),
)
DIFFERENCE: Final = Measure(
    "percentage points",
    _factors((POINTS_OF_PERCENT, "1"), (BASIS_POINTS, "0.01")),
    Sentence(
        "percentage points (pp) or bp; not %, which may be a relative change",
        "百分点或基点；% 可能指相对变化，不用",
    ),
)
DIFFERENCE_A_YEAR: Final = Measure(
    "percentage points a year", DIFFERENCE.factors, DIFFERENCE.shown, a_year=True
)
RATIO: Final = Measure(
    "ratio",
    _factors(
        (("ratio", "比值"), "1"), (TIMES, "1"), (SHARE, "1"), (PERCENT, "0.01"), (BASIS_POINTS, "0.0001")
    ),
    Sentence("a ratio, times or %", "比值、倍或 %"),
)
DURATION: Final = Measure(
    "years", _factors((YEARS, "1"), (QUARTERS, "0.25")), Sentence("years or quarters", "年或季度")
)
QUARTERLY: Final = Measure(
    "quarters", _factors((QUARTERS, "1"), (YEARS, "4")), Sentence("quarters or years", "季度或年")
)
CALENDAR_YEAR: Final = Measure(
    "calendar year",
    _factors((("year", "年"), "1")),
    Sentence("a year such as 2024", "年份，如 2024 年"),
    is_counted=True,
)
SCORE: Final = Measure(
    "points",
    _factors((("points", "point", "pts", "分"), "1")),
    Sentence("points of 100", "分（满分 100）"),
)
LOG_POINTS: Final = Measure(
    "log points",
    _factors((("log points", "log point", "对数点"), "1")),
    Sentence("log points; not %, which is no logarithm", "对数点；% 不是对数，不用"),
)
OWN: Final = Measure("own unit")


def _counted(*names: str) -> Measure:
    return Measure(
        names[0], _factors((names, "1")), Sentence(names[0], names[-1]), scaled=True, is_counted=True
    )


# What a unit of the catalogue measures, by how its words begin; the longest beginning counts.
BEGINNINGS: Final[Mapping[str, Measure]] = {
    "yuan": MONEY,
    "yuan a year": MONEY_A_YEAR,
    "million yuan": MILLIONS,
    "1": PART,
    "0-1": PART,
    "0-1 a square-root year": OWN,
    "share": PART,
    "share a year": PART_A_YEAR,
    "share of the distance a quarter": PART_A_QUARTER,
    "share of the price a quarter": PART_A_QUARTER,
    "share of capability a year": PART_A_YEAR,
    "share of the habit given up a year": PART_A_YEAR,
    "share of vacancies a year": PART_A_YEAR,
    "probability a year": PART_A_YEAR,
    "probability a quarter": PART_A_QUARTER,
    "probability": PART,
    "building in the largest less the smallest third": PART,
    "change over whole technology budget": PART,
    "revenue over assets a year": PART_A_YEAR,
    "risk-weighted over total assets": RATIO,
    "clients": RATIO,
    "1/year": PART_A_YEAR,
    "rise of public-data openness on 0-1 a year": PART_A_YEAR,
    "1/unit": OWN,
    "added": PART,
    "over own build": RATIO,
    "over the table price": RATIO,
    "percent": HUNDREDTHS,
    "%": HUNDREDTHS,
    "percentage points": DIFFERENCE,
    "percentage points a year": DIFFERENCE_A_YEAR,
    "percentage points of the market that state-owned banks gain a year": DIFFERENCE_A_YEAR,
    "ratio": RATIO,
    "factor": RATIO,
    "relative": RATIO,
    "relative share a year": OWN,
    "relative a": OWN,
    "relative fall": OWN,
    "relative rise": OWN,
    "relative productivity a": OWN,
    "relative weight": OWN,
    "years": DURATION,
    "quarters": QUARTERLY,
    "year": CALENDAR_YEAR,
    "points": SCORE,
    "log points": LOG_POINTS,
    "log points a": OWN,
    "log points of": OWN,
    "banks": _counted("banks", "bank", "家银行", "家"),
    "village banks": _counted("banks", "village banks", "bank", "家村镇银行", "家银行", "家"),
    "vendors": _counted("vendors", "vendor", "家供应商", "家"),
    "links": _counted("links", "link", "条联系", "条"),
    "members": _counted("members", "member", "名成员", "名"),
    "partners": _counted("partners", "partner", "家伙伴", "家"),
    "persons": _counted("persons", "people", "人"),
    "provinces": _counted("provinces", "province", "个省"),
    "platforms": _counted("platforms", "platform", "个平台", "个"),
    "items": _counted("items", "item", "项"),
    "ties": _counted("ties", "tie", "条联系", "条"),
    "in the whole system": _counted("places", "place", "个名额", "个"),
    "number of the largest fintech vendors": _counted("vendors", "vendor", "家供应商", "家"),
    # Weighed in something that only the model has: nothing else converts to it.
    "0 or 1": OWN,
    "2 % of staff": OWN,
    "million yuan a year an item": OWN,
    "person-years": OWN,
    "probit units": OWN,
    "rungs a year": OWN,
    "standard deviations": OWN,
    "chi-square": OWN,
    "cost shared": OWN,
    "elasticity": OWN,
    "level of": OWN,
    "openness from which": PART,
    "units of": OWN,
    "weight": OWN,
}  # fmt: skip


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
        For a unit that `BEGINNINGS` does not know.
    """
    for beginning in sorted(BEGINNINGS, key=len, reverse=True):
        rest = unit[len(beginning) :]
        if unit.startswith(beginning) and not (rest[:1].isalnum() or rest[:1] == "-"):
            return BEGINNINGS[beginning]
    raise KeyError(f"no measure begins like {unit!r}")


def parts(unit: str) -> tuple[str, ...]:
    """The units of a list's places: ``yuan (median); log points`` has two, most have one for all places."""
    heads = tuple(part.strip() for part in re.sub(r"\([^)]*\)", "", unit).split(";"))
    return heads if len(heads) > 1 and all(_is_known(head) for head in heads) else (unit,)


def _is_known(unit: str) -> bool:
    try:
        measure(unit)
    except KeyError:
        return False
    return True


def accepted(unit: str) -> Sentence:
    """The units that a number of this unit may be written in, as a message names them."""
    known = measure(unit)
    plain = Sentence(f"a plain number, in {unit}", f"不带单位的数（{unit}）")
    if not known.factors:
        return plain
    return Sentence(f"{known.shown.en}; {plain.en}", f"{known.shown.zh}；或{plain.zh}")
