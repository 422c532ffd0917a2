"""Tables of an office as rows of text: the sheets of a workbook, or a CSV file, cell by cell as they are shown."""

from __future__ import annotations

import csv
import datetime
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from experiments.config.errors import Refused, sentence
from experiments.config.reading import LARGEST, text

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


def csv_table(file: Path) -> Table:
    """The rows of a CSV file, whatever its separator and encoding."""
    content = text(file).content
    first, _, rest = content.partition("\n")
    skipped = 0
    if re.fullmatch(r"sep=.\s*", first, re.IGNORECASE):  # Excel's own hint
        content, skipped = rest, 1
    header = next((line for line in content.split("\n") if line.strip()), "")
    mark = max(",;\t，|", key=lambda one: (header.count(one), one == ","))
    lines = csv.reader(content.split("\n"), delimiter=mark)
    rows = [
        (lines.line_num + skipped, tuple(cell.strip().strip("\u3000") for cell in cells)) for cells in lines
    ]
    return Table("", tuple((row, cells) for row, cells in rows if any(cells))[:MOST_ROWS])


def workbook(file: Path) -> list[Table]:
    """The sheets of a workbook as text: percent cells as percent, dates as dates, formulas as what they came to."""
    import openpyxl  # half a second that only a workbook costs

    if file.is_file() and file.stat().st_size > LARGEST:
        raise Refused(sentence("is larger than 50 MB"), sentence("a smaller file"))
    try:
        book = openpyxl.load_workbook(file, data_only=True)
        formulas = openpyxl.load_workbook(file) if _has_formulas(file) else None
    except FileNotFoundError:
        raise Refused(sentence("does not exist"), sentence("a file that is there")) from None
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        what = sentence("is no workbook that can be read")
        allowed = sentence("a .xlsx file that Excel opens, without a password")
        raise Refused(what, allowed) from error
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
