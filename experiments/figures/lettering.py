"""Letters of figures: the fonts that hold them, names from data made fit to draw, lines broken to a width."""

import unicodedata
from functools import cache

from matplotlib.font_manager import fontManager, get_font

from experiments.location import DATA

FONTS = DATA / "fonts"
CHINESE = "Noto Sans SC Subset"


@cache
def register_fonts() -> None:
    """Make the fonts of the repository known to matplotlib, once."""
    for path in sorted(FONTS.glob("*.otf")):
        fontManager.addfont(path)


@cache
def _drawable() -> frozenset[int]:
    faces = [fontManager.findfont("DejaVu Sans"), *map(str, FONTS.glob("*.otf"))]
    return frozenset(code for face in faces for code in get_font(face).get_charmap())


def columns(text: str) -> int:
    """Width of a text in Latin letters; a Chinese one counts for two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def safe(text: str, width: int = 60) -> str:
    """A name from data made fit to draw: one line, no unknown glyph, cut to a width in Latin letters."""
    line = " ".join(str(text).split())
    register_fonts()
    line = "".join(letter if ord(letter) in _drawable() else "□" for letter in line)
    while columns(line) > width:
        line = line.removesuffix("…")[:-1] + "…"
    return line


def wrapped(text: str, width: int) -> str:
    """A text broken into lines of at most a width in Latin letters; Chinese breaks anywhere but before a stop."""
    words, lines = _breakable(text), [""]
    for word in words:
        if columns(lines[-1] + word.rstrip()) > width and lines[-1]:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += word
    return "\n".join(line.rstrip() for line in lines)


def _breakable(text: str) -> list[str]:
    pieces: list[str] = []
    for letter in text:
        wide = unicodedata.east_asian_width(letter) in "WF"
        starts = not pieces or pieces[-1].endswith(" ") or (wide and letter not in "，。：；、）”？！")
        starts = starts or (
            not wide and pieces[-1] != "" and unicodedata.east_asian_width(pieces[-1][-1]) in "WF"
        )
        if starts:
            pieces.append(letter)
        else:
            pieces[-1] += letter
    return pieces
