"""How numbers are written: signs, decimals, percentages and chances."""

import math
import re
import unicodedata

BREAK = "\N{NO-BREAK SPACE}"
INTERVAL = re.compile(r"\[([^][ ]+), ([^][ ]+)\]")
FINE = ("gini", "p90_p10", "vendor_hhi", "export_hhi")
PERCENT = (
    "language_model",
    "budget_exhausted",
    "outage_exposure",
    "route_build",
    "route_buy",
    "route_union",
    "route_alliance",
)


def unbroken(text: str) -> str:
    """The same text with every interval in it on one line: ``[+1.32, +4.77]``."""
    return INTERVAL.sub(rf"[\1,{BREAK}\2]", text)


def signed(value: float, digits: int | None = None) -> str:
    """A difference with its sign, ``+2.1`` or ``−0.42``; what rounds to zero carries none.

    One digit after the point, two where it is less than one, or as many as asked for.
    """
    if math.isnan(value):
        return "–"
    if digits is None:
        digits = 2 if abs(value) < 0.995 else 1
    text = f"{value:+,.{digits}f}"
    return text[1:] if float(text.replace(",", "")) == 0 else text.replace("-", "−")


def unsigned(value: float) -> str:
    """The size of a difference, told by a verb that has the sign."""
    return signed(abs(value)).removeprefix("+")


def plain(value: float, digits: int = 1) -> str:
    """A level with thousands apart and a true minus sign."""
    return "–" if math.isnan(value) else f"{value:,.{digits}f}".replace("-", "−")


def percent(share: float) -> str:
    """A share as a whole percentage."""
    return f"{100 * share:.0f}{BREAK}%"


def chance(share: float) -> str:
    """A probability from runs: their number is finite, so none is told as 0 or 1."""
    if math.isnan(share):
        return "–"
    if share >= 0.995:
        return f">{BREAK}0.99"
    return f"<{BREAK}0.01" if share < 0.005 else f"{share:.2f}"


def digits(outcome: str) -> int:
    """Decimals that an effect on an outcome is told with."""
    return 4 if outcome in FINE else 2


def scale(outcome: str) -> float:
    """100 for shares, which are told in percentage points."""
    return 100.0 if outcome in PERCENT else 1.0


def money(million: float, language: str) -> str:
    """An amount given in million yuan, as the language counts: millions in English, 万 and 亿 in Chinese.

    What no run bounds is infinite. The word for yuan is the sentence's or the column's own.
    """
    if math.isnan(million):
        return "–"
    if math.isinf(million):
        return "∞" if million > 0 else "−∞"
    size = abs(million)
    if size < 5e-5:
        return "0"
    if language == "en":
        return plain(million, 0 if size >= 10 else 2)
    if size >= 100:
        return f"{plain(million / 100, 1 if size >= 1000 else 2)}{BREAK}亿"
    return f"{plain(100 * million, 0 if size >= 0.1 else 2)}{BREAK}万"


def columns(text: str) -> int:
    """Width of a text in Latin letters; a Chinese one counts for two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
