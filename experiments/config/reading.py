"""Files that a user brings, in whatever form an office leaves them: texts, and tables from a spreadsheet.

A file is read right (a byte order mark, UTF-16, GBK, Windows line ends, any separator), or refused with one sentence
that says what to do, in a table with line and column.
"""

from __future__ import annotations

import codecs
import csv
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from experiments.config.errors import Refused, Sentence, sentence
from experiments.config.names import folded
from experiments.config.units import number, plain_letters, slip

LARGEST: Final = 50_000_000

WORKBOOK: Final = sentence(
    "open it in Excel and save it as 'CSV UTF-8' (a table), or copy its text into a "
    "plain-text file (a configuration)"
)
PLAIN_TEXT: Final = sentence("a text file in UTF-8")
SIGNATURES: Final = (
    (b"\xd0\xcf\x11\xe0", sentence("an old Excel or Word file"), WORKBOOK),
    (b"%PDF", sentence("a PDF"), PLAIN_TEXT),
    (b"\x89PNG", sentence("a picture"), PLAIN_TEXT),
    (b"\xff\xd8\xff", sentence("a picture"), PLAIN_TEXT),
    (b"PAR1", sentence("a Parquet file"), sentence("the table as CSV")),
    (b"\x1f\x8b", sentence("a compressed file"), sentence("the file unpacked")),
    (b"Rar!", sentence("a compressed file"), sentence("the file unpacked")),
    (b"7z\xbc\xaf", sentence("a compressed file"), sentence("the file unpacked")),
)
MARKS_OF_ORDER: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class Text:
    """The text of a file, with plain line ends and no byte order mark.

    Parameters
    ----------
    content : str
    encoding : str
        What it was stored in.
    marked : bool
        Whether it began with a byte order mark.
    """

    content: str
    encoding: str
    marked: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether a reader that knows UTF-8 alone sees the same."""
        return self.encoding == "utf-8" and not self.marked


def text(path: str | os.PathLike[str]) -> Text:
    """Read a file of text, whatever encoding it is in.

    Parameters
    ----------
    path : path

    Returns
    -------
    Text

    Raises
    ------
    Refused
        When it is missing, a folder, empty, too large, or no text.
    """
    data = _bytes(Path(path))
    for mark, encoding in MARKS_OF_ORDER:
        if data.startswith(mark):
            return Text(_lines(_decoded(data[len(mark) :], encoding)), encoding, marked=True)
    for signature, kind, allowed in (*SIGNATURES, *_zip(data)):
        if data.startswith(signature):
            raise Refused(sentence("is {}, whatever its name says", kind.en, kind.zh), allowed)
    for encoding in _likely(data):
        try:
            content = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_text(content, encoding):
            return Text(_lines(content), encoding)
    raise Refused(sentence("is no text that can be read"), PLAIN_TEXT)


def _bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise Refused(sentence("is a folder"), sentence("one file"))
        if path.stat().st_size > LARGEST:
            raise Refused(sentence("is larger than 50 MB"), sentence("a smaller file"))
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise Refused(sentence("does not exist"), sentence("a file that is there")) from error
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise Refused(sentence("cannot be read: {}", said)) from error
    if not data.strip(b"\x00\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise Refused(sentence("is empty"), sentence("a file with content"))
    return data


def _zip(data: bytes) -> Iterator[tuple[bytes, Sentence, Sentence]]:
    """What a ZIP archive is, by the names of the parts in it."""
    if b"xl/" in data:
        yield b"PK", sentence("an Excel workbook"), WORKBOOK
    elif b"word/" in data:
        yield b"PK", sentence("a Word document"), PLAIN_TEXT
    yield (b"PK\x03\x04", sentence("a compressed file"), sentence("the file unpacked"))


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        what = sentence("is not sound {} text", encoding.upper())
        raise Refused(what, PLAIN_TEXT) from error


def _likely(data: bytes) -> tuple[str, ...]:
    """Encodings to try, the likeliest first."""
    head = data[:4096]
    if head.count(0) > len(head) // 4:
        return (
            ("utf-16-le", "utf-16-be")
            if head[1::2].count(0) > head[::2].count(0)
            else ("utf-16-be", "utf-16-le")
        )
    return ("utf-8", "gb18030")


def _is_text(content: str, encoding: str) -> bool:
    """Whether decoding gave text: no control characters, and in GBK nothing but what Chinese is written with."""
    if any(c < " " and c not in "\t\r\n\f" for c in content):
        return False
    foreign = [c for c in content if c > "\x7f"]
    return encoding == "utf-8" or all(_is_chinese_mark(c) for c in foreign)


def _is_chinese_mark(character: str) -> bool:
    code = ord(character)
    return (
        0x4E00 <= code <= 0x9FFF
        or 0x3000 <= code <= 0x303F
        or 0xFF00 <= code <= 0xFFEF
        or character in "·—‘’“”…‰×÷±°→￥①②③④⑤⑥⑦⑧⑨⑩≤≥≈√∞％"
    )


def _lines(content: str) -> str:
    return content.replace("\r\n", "\n").replace("\r", "\n")


# --- tables


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

    Separators are found by themselves (comma, semicolon, tab, full-width comma); empty lines and columns that are
    not asked for are left out; full-width letters become plain ones.

    Parameters
    ----------
    path : path
    columns : sequence of Column

    Returns
    -------
    list of (int, dict)
        Line in the file, and the cells of the wanted columns by name, without spaces around them; an optional
        column that is missing is absent.

    Raises
    ------
    Misfits
    """
    try:
        content = text(path).content
    except Refused as refused:
        raise Misfits([("", refused)]) from refused
    first, _, rest = content.partition("\n")
    skipped = 0
    if re.fullmatch(r"sep=.\s*", first, re.IGNORECASE):  # Excel's own hint
        content, skipped = rest, 1
    separator = _separator(content)
    reader = csv.reader(content.split("\n"), delimiter=separator)
    try:
        lines = [
            (reader.line_num + skipped, cells) for cells in reader if any(cell.strip() for cell in cells)
        ]
    except csv.Error as error:
        what = sentence("line {}: {}", reader.line_num + skipped, error)
        raise Misfits([("", Refused(what, PLAIN_TEXT))]) from error
    if not lines:
        raise Misfits([("", Refused(sentence("has no row"), _headers(columns)))])
    places = _places(lines[0][1], columns)
    return [
        (number, {name: _cell(cells, place) for name, place in places.items()}) for number, cells in lines[1:]
    ]


def _separator(content: str) -> str:
    header = next((line for line in content.split("\n") if line.strip()), "")
    return max(",;\t，|", key=lambda mark: (header.count(mark), mark == ","))


def _places(header: Sequence[str], columns: Sequence[Column]) -> dict[str, int]:
    """Where each column stands in the header."""
    titles = [folded(title) for title in header]
    places, faults = {}, []
    for column in columns:
        known = [folded(word) for word in (column.name, *column.words)]
        present = [word for word in known if word in titles]
        if present and titles.count(present[0]) > 1:
            what = sentence("has the column {} twice", column.name)
            faults.append(("", Refused(what, sentence("each column once"))))
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


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip().strip("\u3000") if place < len(cells) else ""


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
        raise Refused(sentence("{!r} is no quarter", cell), sentence("2024Q4, or a year for its end"))
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
        refused = Refused(sentence("{} stands twice", what), sentence("one row each"))
        self.faults.append((place, refused))

    def wrong(self, place: str, what: Sentence, allowed: Sentence) -> None:
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
