"""The workbook that a bank fills in: what is asked, in which unit, with the answers that can be chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from agents.honeycomb import DIMENSIONS, SMALL_KINDS, TALENTS
from experiments.config import catalogue
from experiments.config.bank import EVIDENCE_NAMES, FOCUS_NAMES
from experiments.config.bank_file import (
    COLUMNS,
    COUNT,
    ENTRIES,
    EVIDENCE,
    MEANING,
    PAY,
    PLAN,
    ROUTE,
    ROW,
    SHEETS,
    UNIT,
    VALUE,
    WHEN,
    Entry,
)
from experiments.config.catalogue import Row
from experiments.config.names import KIND_NAMES, PROVINCE_NAMES, vocabulary
from experiments.config.plans import DELIVERY_NAMES, ROUTE_NAMES
from experiments.config.questionnaire import RUNGS, asked, title
from experiments.config.units import HUNDREDTHS, measure
from experiments.files import replace_file
from experiments.labels import Labels
from experiments.labels import catalogue as words

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

RESPONDENTS: Final = 3
REST: Final = "other_"  # the rest of a dimension, which the report asks and does not print
# Units that a cell beside a number may name, by the one that the template suggests.
UNITS: Final = {
    "million yuan": ("yuan", "thousand yuan", "million yuan", "bn yuan"),
    "bn yuan": ("yuan", "million yuan", "bn yuan"),
    "million yuan a year": ("yuan a year", "thousand yuan a year", "million yuan a year", "bn yuan a year"),
    "thousand yuan a year": ("yuan a year", "thousand yuan a year"),
    "万元": ("元", "万元", "亿元"),
    "亿元": ("元", "万元", "亿元"),
    "万元/年": ("元/年", "万元/年", "亿元/年"),
}
GUIDE: Final = 8  # lines of the sheet that says how to fill it in


def write_template(path: str | Path, language: str = "en", many: bool = False) -> Path:
    """Write the workbook.

    Parameters
    ----------
    path : str or Path
        Where it goes; a file that is there is refused.
    language : str
        ``en`` or ``zh``: both are read, whichever was filled in.
    many : bool
        A table with a row a bank, for a union, a supervisor or peers, instead of one bank's workbook.

    Raises
    ------
    FileExistsError
        Rather than overwrite what someone may have filled in.
    """
    from io import BytesIO

    from openpyxl import Workbook

    path = Path(path)
    if path.exists():
        raise FileExistsError(17, "a file is there already; it is not overwritten", str(path))
    book = Workbook()
    del book[book.sheetnames[0]]
    if many:
        _banks(_sheet(book, "banks", language), language)
    else:
        for name in _WRITERS:
            _WRITERS[name](_sheet(book, name, language), language)
    guide, labels = _sheet(book, "guide", language), Labels(language)
    for line in range(1, GUIDE + 1):
        guide.cell(line, 1, labels(f"template.guide_{line}"))
    _shape(guide, (120,))
    data = BytesIO()
    book.save(data)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, [data.getvalue()])
    return path


def _sheet(book: Any, name: str, language: str) -> Worksheet:
    sheet: Worksheet = book.create_sheet(SHEETS.display(name, language))
    return sheet


def _heads(sheet: Worksheet, columns: Sequence[str], language: str, more: Sequence[str] = ()) -> None:
    from openpyxl.styles import Font

    sheet.append([*(COLUMNS.display(name, language) for name in columns), *more])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "B2"


def _shape(sheet: Worksheet, widths: Sequence[float]) -> None:
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _choose(sheet: Worksheet, cell: str, options: Sequence[str]) -> None:
    """A drop-down of the options; other words are still let in, since the reader understands more than these."""
    from openpyxl.worksheet.datavalidation import DataValidation

    listed = ",".join(option.replace(",", " ") for option in options)
    if len(listed) > 250:  # Excel's limit for a list in a cell
        return
    chosen = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=False)
    chosen.add(cell)
    sheet.add_data_validation(chosen)


def _meaning(entry: Entry, language: str) -> str:
    """What a field asks for, by the catalogue of numbers with its range, else by a hint."""
    labels, hint = Labels(language), f"template.hint_{entry.key}"
    if not catalogue.known(f"bank.{entry.key}"):
        return labels(hint, names=FOCUS_NAMES.choice().spoken(language)) if hint in words() else ""
    row = catalogue.row(f"bank.{entry.key}")
    within = [] if "yuan" in row.unit else [_within(row, entry, language)]
    return labels.clauses([row.meaning(language), *within])


def _within(row: Row, entry: Entry, language: str) -> str:
    """The range in the unit that the template suggests."""
    percent = entry.units.en == "%" and measure(row.unit).name != HUNDREDTHS
    low, high = (100.0 * row.low, 100.0 * row.high) if percent else (row.low, row.high)
    unit = entry.units.spoken(language)
    return f"{low:g} – {high:g} {unit}".rstrip()


def _options(key: str, language: str) -> tuple[str, ...]:
    """What a drop-down offers for a field."""
    names = {
        "kind": [KIND_NAMES.display(name, language) for name in SMALL_KINDS],
        "province": [PROVINCE_NAMES.display(name, language) for name in PROVINCE_NAMES.names],
        "language_model": [ROUTE_NAMES.display(name, language) for name in ROUTE_NAMES.names],
    }
    if key in names:
        return tuple(names[key])
    if key in ("union", "partners.exporting_bank"):
        return Labels(language)("echo.yes"), Labels(language)("echo.no")
    return ()


def _fields(name: str, sheet: Worksheet, language: str) -> None:
    """A row a field of a sheet."""
    entries = [entry for entry in ENTRIES if entry.sheet == name]
    _heads(sheet, (ROW, MEANING, VALUE, UNIT), language)
    for row, entry in enumerate(entries, 2):
        unit = entry.units.spoken(language)
        sheet.append([entry.title.spoken(language), _meaning(entry, language), None, unit])
        _choose(sheet, f"C{row}", _options(entry.key, language))
        _choose(sheet, f"D{row}", UNITS.get(unit, ()))
    _shape(sheet, (34, 60, 22, 22))


def _staff(sheet: Worksheet, language: str) -> None:
    _heads(sheet, (ROW, COUNT, PAY, UNIT), language)
    roles = {entry.key: entry.title for entry in ENTRIES}
    for row, role in enumerate(TALENTS, 2):
        unit = "thousand yuan a year" if language == "en" else "万元/年"
        sheet.append([roles[f"staff.{role}"].spoken(language), None, None, unit])
        _choose(sheet, f"D{row}", UNITS[unit])
    _shape(sheet, (34, 16, 16, 24))


def _items(sheet: Worksheet, language: str) -> None:
    labels = Labels(language)
    more = [labels("template.answer", number=number) for number in range(1, RESPONDENTS + 1)]
    more = [labels("column.dimension"), *more, COLUMNS.display(EVIDENCE, language)]
    _heads(sheet, (ROW, MEANING), language, more)
    grades = [EVIDENCE_NAMES.display(name, language) for name in EVIDENCE_NAMES.names]
    printed = [item for item in asked().values() if not item.id.startswith(REST)]
    answered = sorted(printed, key=lambda item: item.dimension)
    for row, item in enumerate(answered, 2):
        dimension = vocabulary("dimension").shown[DIMENSIONS[item.dimension]]
        sheet.append([item.id, title(item).spoken(language), dimension.spoken(language)])
        rungs = [f"{place} {rung.spoken(language)}" for place, rung in enumerate(RUNGS[item.rungs])]
        for column in "DEF":
            _choose(sheet, f"{column}{row}", rungs)
        _choose(sheet, f"G{row}", grades)
    _shape(sheet, (22, 50, 16, 18, 18, 18, 16))


def _banks(sheet: Worksheet, language: str) -> None:
    """A header with a column a field, its unit in brackets; each row is a bank."""
    from openpyxl.styles import Font

    heads = []
    for entry in ENTRIES:
        unit = entry.units.spoken(language)
        if not entry.key.startswith(("trust.", "pay.")):
            heads.append(f"{entry.title.spoken(language)} ({unit})" if unit else entry.title.spoken(language))
    heads += [f"items.{name}" for name in asked() if not name.startswith(REST)]
    sheet.append(heads)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "B2"
    _shape(sheet, [max(12.0, len(head) * 1.2) for head in heads])


def _plans(sheet: Worksheet, language: str) -> None:
    """A line for every sum of a plan, and for every item that it begins."""
    _heads(sheet, (PLAN, ROW, WHEN, VALUE, UNIT, ROUTE), language)
    units = UNITS["million yuan a year" if language == "en" else "万元/年"]
    routes = [DELIVERY_NAMES.display(name, language) for name in DELIVERY_NAMES.names]
    for row in range(2, 40):
        sheet.cell(row, 5, units[2 if language == "en" else 1])
        _choose(sheet, f"E{row}", units)
        _choose(sheet, f"F{row}", routes)
    _shape(sheet, (14, 44, 14, 18, 24, 18))


_WRITERS: Final[dict[str, Callable[[Worksheet, str], None]]] = {
    "bank": partial(_fields, "bank"), "staff": _staff, "items": _items, "plans": _plans,
    "floors": partial(_fields, "floors"),
}  # fmt: skip
