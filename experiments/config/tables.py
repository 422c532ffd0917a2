"""Tables of an office: the sheets of a workbook or a CSV file as rows of text, and their cells as what is asked for.

What cannot be used is said in one sentence, with line and column.
"""

from __future__ import annotations

import csv
import datetime
import os
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from experiments.config.errors import Faults, Refused, Sentence, sentence
from experiments.config.names import folded
from experiments.config.reading import LARGEST, PLAIN_TEXT, text
from experiments.config.units import number, plain_letters, slip

MOST_ROWS: Final = 5000


@dataclass(frozen=True)
class Table:
    """The rows of a sheet that hold something, as text, each with its number."""

    title: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    def place(self, row: int, column: int) -> str:
        """A cell as a spreadsheet names it."""
        letters, number = "", column + 1
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(65 + rest) + letters
        return f"{self.title}!{letters}{row}" if self.title else f"line {row}"


def csv_table(file: str | os.PathLike[str]) -> Table:
    """The rows of a CSV file, whatever its separator (comma, semicolon, tab, full-width comma) and encoding."""
    content, skipped = text(file).content, 0
    if re.match(r"sep=.\s*\n", content, re.IGNORECASE):  # Excel's own hint
        content, skipped = content.partition("\n")[2], 1
    header = next((line for line in content.split("\n") if line.strip()), "")
    mark = max(",;\t，|", key=lambda one: (header.count(one), one == ","))
    lines = csv.reader(content.split("\n"), delimiter=mark)
    try:
        rows = [(lines.line_num + skipped, tuple(cell.strip() for cell in cells)) for cells in lines]
    except csv.Error as error:
        raise Refused(sentence("line {}: {}", lines.line_num + skipped, error), PLAIN_TEXT) from error
    return Table("", tuple((row, cells) for row, cells in rows if any(cells)))


def workbook(file: Path) -> list[Table]:
    """The sheets of a workbook as text: percent cells as percent, dates as dates, formulas as what they came to."""
    import openpyxl  # half a second that only a workbook costs

    if file.is_file() and file.stat().st_size > LARGEST:
        raise Refused(sentence("is larger than 50 MB"))
    try:
        book = openpyxl.load_workbook(file, data_only=True)
        formulas = openpyxl.load_workbook(file) if _has_formulas(file) else None
    except FileNotFoundError:
        raise Refused(sentence("does not exist")) from None
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise Refused(sentence("is no workbook that can be read")) from error
    tables = []
    for sheet in book.worksheets:
        rows = []
        for row, cells in enumerate(sheet.iter_rows(max_row=min(sheet.max_row, MOST_ROWS), max_col=200), 1):
            twins = [None] * len(cells) if formulas is None else list(formulas[sheet.title][row])
            line = tuple(_text(cell, twin) for cell, twin in zip(cells, twins, strict=False))
            if any(line):
                rows.append((row, line))
        tables.append(Table(sheet.title, tuple(rows)))
    return tables


def _has_formulas(file: Path) -> bool:
    with zipfile.ZipFile(file) as parts:
        return any(b"<f" in parts.read(n) for n in parts.namelist() if n.startswith("xl/worksheets/sheet"))


UNSAVED: Final = "#formula"
DATED: Final = "#date "


def _text(cell: Any, twin: Any) -> str:
    """What a cell shows, as text that the readers of numbers understand."""
    value = cell.value
    if value is None:
        return UNSAVED if twin is not None and str(twin.value or "").startswith("=") else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime.datetime | datetime.date):
        return f"{DATED}{value:%Y-%m-%d}"
    if isinstance(value, int | float):
        if "%" in str(cell.number_format):
            return f"{round(100.0 * value, 10):.12g} %"
        return repr(value) if isinstance(value, int) else f"{value:.12g}"
    return " ".join(str(value).replace("\u3000", " ").split())


# --- tables with a header


class Misfits(Exception):
    """Everything in a table that cannot be used.

    Parameters
    ----------
    faults : sequence of (str, Refused)
        Place in the file (``line 4, column score``; empty for the whole file) and what is wrong there.
    """

    def __init__(self, faults: Sequence[tuple[str, Refused]]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "\n".join(f"{place}: {refused}" if place else str(refused) for place, refused in faults)
        )

    def note(self, faults: Faults, path: str, key: str) -> None:
        """Note each with its place in a file, or with the key that names the file."""
        for place, refused in self.faults:
            faults.refused(f"{path}:{place}" if place else f"{key}: {path}", refused)

    def __reduce__(self) -> tuple[type[Misfits], tuple[tuple[tuple[str, Refused], ...]]]:
        return Misfits, (self.faults,)


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    name : str
        What the shipped table calls it.
    words : tuple of str
        What else a user may call it, Chinese included; the first that is there counts.
    needed : bool
        Whether the table is refused without it.
    """

    name: str
    words: tuple[str, ...] = ()
    needed: bool = True


def table(path: str | os.PathLike[str], columns: Sequence[Column]) -> list[tuple[int, dict[str, str]]]:
    """Read a table with a header, such as Excel's *CSV UTF-8*.

    Parameters
    ----------
    path : path
    columns : sequence of Column
        Others are left out, and so are empty lines.

    Returns
    -------
    list of (int, dict)
        Line in the file, and the cells of the wanted columns by name; an optional column that is missing is absent.

    Raises
    ------
    Misfits
    """
    try:
        rows = csv_table(path).rows
    except Refused as refused:
        raise Misfits([("", refused)]) from refused
    if not rows:
        raise Misfits([("", Refused(sentence("has no row"), _headers(columns)))])
    places = _places(rows[0][1], columns)
    return [
        (line, {name: cells[at] if at < len(cells) else "" for name, at in places.items()})
        for line, cells in rows[1:]
    ]


def _places(header: Sequence[str], columns: Sequence[Column]) -> dict[str, int]:
    """Where each column stands in the header."""
    titles = [folded(title) for title in header]
    places, faults = {}, []
    for column in columns:
        known = [folded(word) for word in (column.name, *column.words)]
        present = [word for word in known if word in titles]
        if present and titles.count(present[0]) > 1:
            faults.append(("", Refused(sentence("has the column {} twice", column.name))))
        elif present:
            places[column.name] = titles.index(present[0])
        elif column.needed:
            shown = ", ".join(title.strip() for title in header if title.strip())[:200]
            what = sentence("has no column {}, only {}", column.name, shown)
            faults.append(("", Refused(what, _headers(columns))))
    if faults:
        raise Misfits(faults)
    return places


def _headers(columns: Sequence[Column]) -> Sentence:
    needed = [column for column in columns if column.needed]
    chinese = "、".join(f"{c.name}（{c.words[0]}）" if c.words else c.name for c in needed)
    return sentence("the columns {}", ", ".join(c.name for c in needed), chinese)


def whole_number(cell: str, low: int, high: int) -> int:
    """A whole number of a cell, ``2024`` or ``2024年`` alike; Refused outside the range."""
    digits = re.fullmatch(r"([0-9]+)(?:\.0*)?\s*年?(?:末|底)?", plain_letters(cell))
    if digits is None or not low <= int(digits[1]) <= high:
        raise Refused(
            sentence("{!r} is no whole number of {} to {}", cell, low, high), sentence("{} to {}", low, high)
        )
    return int(digits[1])


def quarter(cell: str) -> str:
    """A quarter of a cell: ``2024Q4``, ``2024-Q4``, ``2024年第四季度``, or a year, whose end is meant."""
    line = plain_letters(cell)
    match = re.fullmatch(
        r"(20[0-4][0-9])\s*(?:年\s*)?[-/ .]?\s*(?:q\s*([1-4])|第?\s*([1-4一二三四])\s*季度?)?(?:末|底)?", line
    )
    if match is None:
        raise Refused(sentence("{!r} is no quarter", cell))
    number = match[2] or match[3] or "4"
    return f"{match[1]}Q{dict(zip('一二三四', '1234', strict=True)).get(number, number)}"


class Rows:
    """The rows of a table, read cell by cell; what is wrong is gathered with its place.

    Parameters
    ----------
    source : path or mapping
        A file, or the same numbers as a mapping of mappings.
    columns : tuple of Column
        Of the file.
    levels : tuple of str
        The columns that the keys of a mapping stand for, outermost first.
    value : str
        The column of the numbers.
    """

    def __init__(
        self,
        source: str | os.PathLike[str] | Mapping[str, Any],
        columns: tuple[Column, ...],
        levels: tuple[str, ...],
        value: str = "value",
    ) -> None:
        self.faults: list[tuple[str, Refused]] = []
        self.value, self.is_file = value, not isinstance(source, Mapping)
        if isinstance(source, Mapping):
            self.rows = list(_leaves(source, levels, value))
        else:
            self.rows = [(f"line {line}", row) for line, row in table(source, columns)]

    def cell(self, place: str, row: Mapping[str, str], column: str, read: Callable[[str], Any]) -> Any:
        """A cell as `read` gives it; None, and a fault noted, when it refuses."""
        try:
            return read(row.get(column, ""))
        except Refused as refused:
            self.faults.append((f"{place}, column {column}" if self.is_file else place, refused))
            return None

    def number(self, place: str, row: Mapping[str, str], unit: str, low: float, high: float) -> float | None:
        """The value of a row, in a unit, within a range."""

        def read(cell: str) -> float:
            given = row.get("unit") or None
            value = float(number(cell, unit, given))
            if not low <= value <= high:
                what = sentence("{!r} is out of range", cell)
                allowed = sentence("{:g} to {:g} {}", low, high, unit)
                raise Refused(what, allowed, slip(value, unit, low, high))
            return value

        found = self.cell(place, row, self.value, read)
        return None if found is None else float(found)

    def twice(self, place: str, what: str) -> None:
        """Note a row that says a thing again."""
        refused = Refused(sentence("{} stands twice", what))
        self.faults.append((place, refused))

    def wrong(self, place: str, what: Sentence, allowed: Sentence | None = None) -> None:
        """Note something wrong with the whole."""
        self.faults.append((place, Refused(what, allowed)))

    def stop(self, number: int) -> None:
        """Raise everything noted; a table without a usable row is refused as well."""
        if not number and not self.faults:
            self.wrong("", sentence("has no row of data"), sentence("at least one row"))
        if self.faults:
            raise Misfits(self.faults)


def _leaves(tree: Any, levels: Sequence[str], value: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a table given as a mapping of mappings, each with its dotted key."""
    if not levels:
        yield "", {value: str(tree)}
    elif isinstance(tree, Mapping):
        for key, below in tree.items():
            for place, row in _leaves(below, levels[1:], value):
                yield f"{key}.{place}".rstrip("."), {levels[0]: str(key), **row}
    else:
        yield "", {value: str(tree)}
