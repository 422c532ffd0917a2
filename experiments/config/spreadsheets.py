"""Tables that a user brings from a spreadsheet: any separator, either language, what is wrong with line and column."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.config.names import folded
from experiments.config.reading import PLAIN_TEXT, text
from experiments.config.sentences import Refused, Sentence
from experiments.config.units import number, plain_letters, slip


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
        what = Sentence(
            f"line {reader.line_num + skipped}: {error}", f"第 {reader.line_num + skipped} 行：{error}"
        )
        raise Misfits([("", Refused(what, PLAIN_TEXT))]) from error
    if not lines:
        raise Misfits([("", Refused(Sentence("has no row", "没有数据行"), _headers(columns)))])
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
            what = Sentence(f"has the column {column.name} twice", f"列 {column.name} 出现两次")
            faults.append(("", Refused(what, Sentence("each column once", "每列一次"))))
        elif present:
            places[column.name] = titles.index(present[0])
        elif column.needed:
            shown = ", ".join(title.strip() for title in header if title.strip())[:200]
            what = Sentence(
                f"has no column {column.name}, only {shown}", f"缺少列 {column.name}，现有：{shown}"
            )
            faults.append(("", Refused(what, _headers(columns))))
    if faults:
        raise Misfits(faults)
    return places


def _headers(columns: Sequence[Column]) -> Sentence:
    needed = [column for column in columns if column.needed]
    chinese = "、".join(f"{c.name}（{c.words[0]}）" if c.words else c.name for c in needed)
    return Sentence(f"the columns {', '.join(c.name for c in needed)}", f"列 {chinese}")


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip().strip("\u3000") if place < len(cells) else ""


def whole_number(cell: str, low: int, high: int) -> int:
    """A whole number of a cell, ``2024`` or ``2024年`` alike; Refused outside the range."""
    digits = re.fullmatch(r"([0-9]+)(?:\.0*)?\s*年?(?:末|底)?", plain_letters(cell))
    if digits is None or not low <= int(digits[1]) <= high:
        raise Refused(
            Sentence(
                f"{cell!r} is no whole number of {low} to {high}", f"{cell!r} 不是 {low} 到 {high} 的整数"
            ),
            Sentence(f"{low} to {high}", f"{low} 到 {high}"),
        )
    return int(digits[1])


def quarter(cell: str) -> str:
    """A quarter of a cell: ``2024Q4``, ``2024-Q4``, ``2024年第四季度``, or a year, whose end is meant."""
    line = plain_letters(cell)
    match = re.fullmatch(
        r"(20[0-4][0-9])\s*(?:年\s*)?[-/ .]?\s*(?:q\s*([1-4])|第?\s*([1-4一二三四])\s*季度?)?(?:末|底)?", line
    )
    if match is None:
        raise Refused(
            Sentence(f"{cell!r} is no quarter", f"{cell!r} 不是季度"),
            Sentence("2024Q4, or a year for its end", "2024Q4，或表示年末的年份"),
        )
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
                what = Sentence(f"{cell!r} is out of range", f"{cell!r} 超出范围")
                allowed = Sentence(f"{low:g} to {high:g} {unit}", f"{low:g} 到 {high:g}（{unit}）")
                raise Refused(what, allowed, slip(value, unit, low, high))
            return value

        found = self.cell(place, row, self.value, read)
        return None if found is None else float(found)

    def twice(self, place: str, what: str) -> None:
        """Note a row that says a thing again."""
        refused = Refused(
            Sentence(f"{what} stands twice", f"{what} 出现两次"), Sentence("one row each", "每项一行")
        )
        self.faults.append((place, refused))

    def wrong(self, place: str, english: str, chinese: str, allowed: Sentence) -> None:
        """Note something wrong with the whole."""
        self.faults.append((place, Refused(Sentence(english, chinese), allowed)))

    def stop(self, number: int) -> None:
        """Raise everything noted; a table without a usable row is refused as well."""
        if not number and not self.faults:
            self.wrong("", "has no row of data", "没有数据行", Sentence("at least one row", "至少一行"))
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
