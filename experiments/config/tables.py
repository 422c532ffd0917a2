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
from typing import TYPE_CHECKING, Final

from experiments.config.errors import Faults, Refused, Sentence, enumerated, sentence
from experiments.config.names import folded
from experiments.config.reading import LARGEST, PLAIN_TEXT, text
from experiments.config.units import plain_letters

if TYPE_CHECKING:
    from openpyxl.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

MOST_COLUMNS: Final = 200
MOST_ROWS: Final = 11_000  # more than any reader takes, so that none reads a part for the whole


NumberedRow = tuple[int, tuple[str, ...]]


@dataclass(frozen=True)
class Table:
    """The rows of a sheet that hold something, as text, each with its number; and what of them the sheet hides."""

    title: str
    rows: tuple[NumberedRow, ...]
    hidden: tuple[Sentence, ...] = ()

    def in_sight(self) -> Table:
        """The same, when it hides nothing; what is hidden may be meant, or left aside, as a filter does."""
        if self.hidden:
            raise Refused(sentence("the sheet {} hides what is in {}", self.title, enumerated(self.hidden)))
        return self

    def under_header(self, faults: Faults) -> Iterator[NumberedRow]:
        """The rows under the first; one that goes on behind it is noted, as ``3,5`` where commas part the cells."""
        for row, cells in self.rows[1:]:
            if any(cells[len(self.rows[0][1]) :]):
                faults.at(self.place(row, 0), sentence("has more cells than the header"))
            else:
                yield row, cells

    def place(self, row: int, column: int, heading: str = "") -> str:
        """A cell as a spreadsheet names it; of a text file the line, and the column by its heading."""
        if not self.title:
            return f"line {row}, column {heading}" if heading else f"line {row}"
        from openpyxl.utils import get_column_letter

        return f"{self.title}!{get_column_letter(column + 1)}{row}"


@dataclass(frozen=True)
class Line:
    """A row of a table under its header: cells by the names of their columns.

    Parameters
    ----------
    table : Table
    row : int
        Its number.
    cells : tuple of str
    columns : mapping of str to int
        Where each named column stands.
    """

    table: Table
    row: int
    cells: tuple[str, ...]
    columns: Mapping[str, int]

    def __getitem__(self, name: str) -> str:
        at = self.columns.get(name, len(self.cells))
        return self.cells[at] if at < len(self.cells) else ""

    def place(self, name: str) -> str:
        """Where the cell of a column stands, or the line, whose column has no name."""
        return self.table.place(self.row, self.columns.get(name, 0), name)


BOOKS: Final = (".xlsx", ".xlsm")


def tables(path: str | os.PathLike[str]) -> list[Table]:
    """The sheets of a workbook, or the one table of a CSV file."""
    file = Path(path)
    return workbook(file) if file.suffix.lower() in BOOKS else [csv_table(file)]


def single_table(path: str | os.PathLike[str]) -> Table:
    """The one table that a file holds."""
    filled = [sheet for sheet in tables(path) if sheet.rows]
    if len(filled) > 1:
        raise Refused(
            sentence("has several sheets with something in them: {}", enumerated(s.title for s in filled))
        )
    return filled[0].in_sight() if filled else Table("", ())


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
        formulas = openpyxl.load_workbook(file) if _has_formulas(file) else book
    except FileNotFoundError:
        raise Refused(sentence("does not exist")) from None
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise Refused(sentence("is no workbook that can be read")) from error
    tables = []
    for sheet in book.worksheets:
        size = (1, min(sheet.max_row, MOST_ROWS), 1, min(sheet.max_column, MOST_COLUMNS))
        pairs = zip(sheet.iter_rows(*size), formulas[sheet.title].iter_rows(*size), strict=True)
        lines = enumerate((tuple(map(_text, cells, twins)) for cells, twins in pairs), 1)
        rows = [(row, line) for row, line in lines if any(line)]
        tables.append(Table(sheet.title, tuple(rows), tuple(_hidden(sheet, rows))))
    return tables


def _hidden(sheet: Worksheet, rows: Sequence[NumberedRow]) -> Iterator[Sentence]:
    """What a sheet hides of its rows that hold something."""
    if sheet.sheet_state != "visible" and rows:
        yield sentence("the whole sheet")
    for row, _ in rows:
        if sheet.row_dimensions[row].hidden:
            yield sentence("row {}", row)
    for letter, group in sheet.column_dimensions.items():
        if group.hidden and any(any(cells[(group.min or 1) - 1 : group.max]) for _, cells in rows):
            yield sentence("column {}", letter)


def _has_formulas(file: Path) -> bool:
    with zipfile.ZipFile(file) as parts:
        return any(b"<f" in parts.read(n) for n in parts.namelist() if n.startswith("xl/worksheets/sheet"))


UNSAVED: Final = "#formula"
DATED: Final = "#date "


def _text(cell: Cell | MergedCell, twin: Cell | MergedCell) -> str:
    """What a cell shows, as text that the readers of numbers understand; its twin holds the formula, if it has one."""
    value = cell.value
    if value is None:
        return UNSAVED if str(twin.value or "").startswith("=") else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime.datetime | datetime.date):
        return f"{DATED}{value:%Y-%m-%d}"
    if isinstance(value, int | float):
        if "%" in str(cell.number_format):
            return f"{round(100.0 * value, 10):.12g} %"
        return repr(value) if isinstance(value, int) else f"{value:.12g}"
    return " ".join(str(value).replace("\u3000", " ").split())


def sound(cell: str) -> str:
    """The same cell, when it is neither an error, nor a formula without a result, nor a date that Excel made up."""
    if cell == UNSAVED:
        raise Refused(sentence("holds a formula whose result was not saved"))
    if cell.startswith(DATED):
        raise Refused(sentence("is the date {}: Excel makes one of 1/3", cell.removeprefix(DATED)))
    if cell.startswith("#"):
        raise Refused(sentence("holds the error {}", cell))
    return cell


# --- tables with a header


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
    alone : bool
        Whether the table is refused where several of the words stand in it, since their cells may differ.
    """

    name: str
    words: tuple[str, ...] = ()
    needed: bool = True
    alone: bool = False


PlacedRow = tuple[Callable[[str], str], dict[str, str]]


def table(path: str | os.PathLike[str], columns: Sequence[Column], faults: Faults) -> Iterator[PlacedRow]:
    """Read a table with a header, such as Excel's *CSV UTF-8* or a workbook's only sheet.

    Parameters
    ----------
    path : path
    columns : sequence of Column
        Others are left out, and so are empty lines.
    faults : Faults
        Grows by what is wrong; it knows where a place of the file stands, and the whole file, whose place is empty.

    Yields
    ------
    place : callable
        Where the cell of a column stands.
    cells : dict of str to str
        Of the wanted columns by name; an optional column that is missing is absent.
    """
    sheet, places = Table("", ()), dict[str, int]()
    with faults.noted(""):
        sheet = single_table(path)
        if not sheet.rows:
            raise Refused(sentence("has no row"), _headers(columns))
        places = _places(sheet.rows[0][1], columns, faults)
    if not len(faults):
        for row, cells in sheet.under_header(faults):
            line = Line(sheet, row, cells, places)
            yield line.place, {name: line[name] for name in places}


def _places(header: Sequence[str], columns: Sequence[Column], faults: Faults) -> dict[str, int]:
    """Where each column stands in the header."""
    titles = [folded(title) for title in header]
    places = {}
    for column in columns:
        titles_known = [folded(word) for word in (column.name, *column.words)]
        present = [word for word in titles_known if word in titles]
        if (present and titles.count(present[0]) > 1) or (column.alone and len(present) > 1):
            faults.at("", sentence("has the column {} twice", column.name))
        elif present:
            places[column.name] = titles.index(present[0])
        elif column.needed:
            header_shown = ", ".join(title.strip() for title in header if title.strip())[:200]
            faults.at("", sentence("has no column {}, only {}", column.name, header_shown), _headers(columns))
    return places


def _headers(columns: Sequence[Column]) -> Sentence:
    needed = [column for column in columns if column.needed]
    names = (Sentence(c.name, f"{c.name}（{c.words[0]}）") if c.words else c.name for c in needed)
    return sentence("the columns {}", enumerated(names))


def whole_number(cell: str, low: int, high: int) -> int:
    """A whole number of a cell, ``2024`` or ``2024年`` alike; Refused outside the range."""
    digits = re.fullmatch(r"([0-9]+)(?:\.0*)?\s*年?(?:末|底)?", plain_letters(cell))
    if digits is None or not low <= int(digits[1]) <= high:
        raise Refused(
            sentence("{!r} is no whole number of {} to {}", cell, low, high), sentence("{} to {}", low, high)
        )
    return int(digits[1])


def quarter(cell: str, of_year: int = 4) -> str:
    """A quarter of a cell: ``2024Q4``, ``2024-Q4``, ``2024年第四季度``, a day, or a year, of which one is meant."""
    day = _day(cell)
    if day is not None:
        return f"{day.year}Q{(day.month + 2) // 3}"
    line = plain_letters(cell)
    match = re.fullmatch(
        r"(20[0-4][0-9])(?:\.0)?\s*(?:年\s*)?[-/ .]?\s*(?:q\s*([1-4])|第?\s*([1-4一二三四])\s*季度?)?(末|底)?",
        line,
    )
    if match is None:
        raise Refused(sentence("{!r} is no quarter", cell.removeprefix(DATED)))
    number = match[2] or match[3] or ("4" if match[4] else str(of_year))
    return f"{match[1]}Q{dict(zip('一二三四', '1234', strict=True)).get(number, number)}"


def opening(cell: str) -> str:
    """The quarter at whose start a balance sheet holds: ``2024Q1``, ``2023年末``, 31 December 2023."""
    day = _day(cell)
    if day is not None:
        return quarter(str(day + datetime.timedelta(days=1)))
    read = quarter(cell)
    if re.search(r"q|季", plain_letters(cell)) and not re.search(r"末|底", cell):
        return read
    year, number = int(read[:4]), int(read[-1])  # a year, or the end of a quarter, opens the next one
    return f"{year + number // 4}Q{number % 4 + 1}"


def _day(cell: str) -> datetime.date | None:
    """The day that a cell names, if it does."""
    full = re.fullmatch(
        r"(20[0-4]\d)[-/.年](\d{1,2})[-/.月](\d{1,2})日?", plain_letters(cell.removeprefix(DATED))
    )
    try:
        return datetime.date(*map(int, full.groups())) if full else None
    except ValueError:
        raise Refused(sentence("{!r} is no date", cell)) from None
