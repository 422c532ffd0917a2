"""Tables of a page: cells that the page escapes, and how numbers stand in them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

import pandas as pd

from experiments.labels import Labels, catalogue, chance, digits, percent, plain, scale, signed
from experiments.report.embed import data_link
from experiments.results.statistics import side

type Line = Mapping[Any, Any]
type Row = Sequence[object]
"""Cells, or plain words and numbers."""


class Cell(NamedTuple):
    """A cell: its text, whether it is beyond noise, how dark its ground is (0-1), and its interval on a second line.

    As text, in a sentence or on a slide, it stands on one line: ``+0.31 [+0.10, +0.52]``.
    """

    text: str
    strong: bool = False
    shade: float | None = None
    interval: str = ""

    def __str__(self) -> str:
        between = " " if self.interval.startswith("[") else " · "
        return f"{self.text}{between}{self.interval}" if self.interval else self.text

    @property
    def ground(self) -> str:
        """Style of the ground: the page's own to a dark orange, with ink that can be read on it by day and by night."""
        if self.shade is None:
            return ""
        mix = min(max(self.shade, 0.0), 1.0)
        return f"background:rgb(176 74 0/{mix:.2f})" + (";color:#fff" if mix > 0.88 else "")

    @property
    def words(self) -> bool | None:
        """Whether it holds words, or a number (False); None for a dash or nothing."""
        if not any(map(str.isalnum, self.text)):
            return None
        return not re.match(r"[\W_]*\d", self.text)


DASH = Cell("–")


@dataclass(frozen=True)
class Table:
    """A table with a header row and a header column, as a section shows it.

    Attributes
    ----------
    head
        Of every column; under ``groups``, texts over so many columns each.
    lines
        The rows; the first of each names it.
    note, caption
        What is to be said below and above it.
    data
        The frame behind it, offered as a CSV file.
    kind
        ``numbers``; ``text`` for words, set to the left; ``pairs`` where two columns name the row; ``hash`` for words
        without a place to break.
    folded
        What it is called where it is shown only when asked for.
    """

    head: list[str]
    lines: Sequence[Row]
    note: str = ""
    caption: str = ""
    data: pd.DataFrame | None = None
    kind: str = ""
    wide: bool = False
    groups: list[tuple[str, int]] = field(default_factory=list)
    folded: str = ""

    @cached_property
    def rows(self) -> list[list[Cell]]:
        """The lines, each word and number in a cell."""
        return [[cell if isinstance(cell, Cell) else Cell(str(cell)) for cell in line] for line in self.lines]

    @cached_property
    def words(self) -> list[bool]:
        """Which columns hold words alone, and so are set to the left."""
        kinds = [{cell.words for cell in column} - {None} for column in zip(*self.rows, strict=True)]
        return [kind == {True} for kind in kinds] or [False] * len(self.head)

    @cached_property
    def csv(self) -> str:
        """Address of the data, when it has any."""
        return "" if self.data is None else data_link(self.data)


type Write = Callable[[Any], Cell | str]


def heads(labels: Labels, names: Iterable[str], of: str = "column") -> list[str]:
    """Titles of columns in a group of the catalogue; with a point a whole key, after ``=`` as it stands."""

    def title(name: str) -> str:
        return name[1:] if name.startswith("=") else labels(name if "." in name else f"{of}.{name}")

    return [title(name) for name in names]


def catalogued(
    labels: Labels,
    name: str,
    head: Iterable[str],
    lines: Sequence[Row],
    data: pd.DataFrame | None = None,
    *,
    facts: Mapping[str, object] = MappingProxyType({}),
    **look: Any,
) -> Table:
    """A table that the catalogue names: ``<name>_title`` above it, and ``<name>_note`` below where it has one.

    Parameters
    ----------
    labels
        The language.
    name
        Such as ``analysis.frontier``; its group is that of the titles of columns.
    head, lines, data
        As of `Table`, the titles as `heads` takes them.
    facts
        What the title and the note tell.
    **look
        What else `Table` takes.
    """
    note = labels(f"{name}_note", **facts) if f"{name}_note" in catalogue() else ""
    titles = heads(labels, head, of=name.partition(".")[0])
    return Table(titles, lines, note, labels(f"{name}_title", **facts), data, **look)


def by_column(lines: Iterable[Any], columns: Mapping[str, Write]) -> list[Row]:
    """A row a line: what each column, by its title, writes of it."""
    return [[write(line) for write in columns.values()] for line in lines]


def ends(low: str, high: str) -> str:
    """Both ends of an interval."""
    return f"[{low}, {high}]"


def banded(values: Iterable[float], write: Callable[[float], str], strong: bool = False) -> Cell:
    """A number, then the ends of its interval, each as it is written; a dash where there is none."""
    middle, low, high = map(write, values)
    return DASH if middle == "–" else Cell(middle, strong, interval=ends(low, high))


def interval(line: Line | None, number: int | None = None, by: float = 1.0) -> Cell:
    """Median and 90 % interval of a paired summary; a dash where there is none."""
    if line is None:
        return DASH
    middle, low, high = (signed(by * line[name], number) for name in ("median", "low90", "high90"))
    printed = float(middle.replace("−", "-").replace(",", "")) if middle != "–" else 0.0
    return Cell(middle, strong=bool(line["clear"] and printed), interval=ends(low, high))


def effect(line: Line, name: str = "effect", of: str = "", number: int | None = None) -> Cell:
    """``name`` with its ends ``name_low`` and ``name_high``, an effect on an outcome; strong where zero is left out."""
    values = [scale(of) * float(line[key]) for key in (name, f"{name}_low", f"{name}_high")]
    size = digits(of) if number is None else number
    return banded(values, lambda value: signed(value, size), clear(line, name) != 0)


def clear(line: Line, name: str = "effect") -> int:
    """On which side of zero the interval of ``name`` lies; 0 where it holds zero."""
    return int(side(line[f"{name}_low"], line[f"{name}_high"]))


def level(line: Line, name: str | None = None, number: int = 1, by: float = 1.0) -> Cell:
    """A level with its interval, without a sign: ``name`` and its ends, or a row of quantiles."""
    keys = (name, f"{name}_low", f"{name}_high") if name else ("q50", "q05", "q95")
    return banded((by * line[key] for key in keys), lambda value: plain(value, number))


def money(line: Line, name: str, labels: Labels, signed: bool = False) -> Cell:
    """An amount with its interval, a difference with its sign; a dash where none can be named."""
    write = labels.balance if signed else labels.money
    return banded((line[key] for key in (name, f"{name}_low", f"{name}_high")), write)


def share(part: float, shaded: float) -> Cell:
    """A share of runs or banks as a percentage, the darker the more."""
    return Cell(percent(part), shade=shaded * part)


def odds(probability: float, shaded: float) -> Cell:
    """A probability from runs, the darker the more."""
    return Cell(chance(probability), shade=shaded * probability)
