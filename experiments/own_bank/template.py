"""The workbook that a bank fills in: what is asked, in which unit, with the answers that can be chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from agents.honeycomb import DIMENSIONS, SMALL_KINDS, TALENTS
from experiments.config import catalogue
from experiments.config.bank import DELIVERY_NAMES, FOCUS_NAMES, ROUTE_NAMES
from experiments.config.bank_file import COLUMNS, FIELDS, SHEETS, UNIT_BESIDE, sheet_of
from experiments.config.catalogue import Row
from experiments.config.errors import Sentence
from experiments.config.names import KIND_NAMES, PROVINCE_NAMES, vocabulary
from experiments.config.questionnaire import EVIDENCE_NAMES, RUNGS, asked, title
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
PLAN_LINES: Final = 38
PRINTED: Final = tuple(item for item in asked().values() if not item.id.startswith(REST))


class Choice(NamedTuple):
    """A cell with a drop-down beside what stands in it."""

    text: str | None
    options: Sequence[str]


class Sheet(NamedTuple):
    """What a sheet of the workbook holds, and how wide its columns are."""

    head: Sequence[str]
    rows: Sequence[Sequence[str | Choice | None]]
    widths: Sequence[float]


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
    from openpyxl import Workbook

    path = Path(path)
    if path.exists():
        raise FileExistsError(17, "a file is there already; it is not overwritten", str(path))
    labels, book = Labels(language), Workbook()
    del book[book.sheetnames[0]]
    for name, sheet in (("banks", _banks),) if many else SUBJECTS.items():
        _write(book.create_sheet(SHEETS.display(name, language)), sheet(language))
    lines = [[labels(f"template.guide_{line}")] for line in range(1, GUIDE + 1)]
    _write(book.create_sheet(SHEETS.display("guide", language)), Sheet((), lines, (120,)))
    data = BytesIO()
    book.save(data)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, [data.getvalue()])
    return path


def _write(page: Worksheet, sheet: Sheet) -> None:
    """Fill a sheet; its head is bold and stays in sight."""
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    for row in (*([sheet.head] if sheet.head else []), *sheet.rows):
        page.append([cell.text if isinstance(cell, Choice) else cell for cell in row])
        for cell, at in zip(row, page[page.max_row], strict=True):
            at.alignment = Alignment(wrap_text=True, vertical="top")
            if isinstance(cell, Choice):
                _choose(page, at.coordinate, cell.options)
    for place, width in enumerate(sheet.widths, 1):
        page.column_dimensions[get_column_letter(place)].width = width
    if sheet.head:
        page.freeze_panes = "B2"
        for at in page[1]:
            at.font = Font(bold=True)


def _choose(page: Worksheet, cell: str, options: Sequence[str]) -> None:
    """A drop-down of the options; other words are still let in, since the reader understands more than these."""
    from openpyxl.worksheet.datavalidation import DataValidation

    listed = ",".join(option.replace(",", " ") for option in options)
    if len(listed) > 250:  # Excel's limit for a list in a cell
        return
    chosen = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=False)
    chosen.add(cell)
    page.add_data_validation(chosen)


def _meaning(field: str, language: str) -> str:
    """What a field asks for, by the catalogue of numbers with its range, else by a hint."""
    labels, hint = Labels(language), f"template.hint_{field}"
    if not catalogue.known(f"bank.{field}"):
        return labels(hint, names=FOCUS_NAMES.choice().spoken(language)) if hint in words() else ""
    row = catalogue.row(f"bank.{field}")
    within = [] if "yuan" in row.unit else [_within(row, UNIT_BESIDE[field], language)]
    return labels.clauses([row.meaning(language), *within])


def _within(row: Row, unit: Sentence, language: str) -> str:
    """The range in the unit that the template suggests."""
    percent = unit.en == "%" and measure(row.unit).name != HUNDREDTHS
    low, high = (100.0 * row.low, 100.0 * row.high) if percent else (row.low, row.high)
    return f"{low:g} – {high:g} {unit.spoken(language)}".rstrip()


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


def _heads(language: str, *columns: str) -> list[str]:
    return [COLUMNS.display(name, language) for name in columns]


def _fields(name: str, language: str) -> Sheet:
    """A row a field of a sheet."""
    rows = []
    for field in FIELDS.names:
        if sheet_of(field) == name:
            unit, value = UNIT_BESIDE[field].spoken(language), Choice(None, _options(field, language))
            what = (FIELDS.display(field, language), _meaning(field, language))
            rows.append((*what, value, Choice(unit, UNITS.get(unit, ()))))
    return Sheet(_heads(language, "field", "meaning", "value", "unit"), rows, (34, 60, 22, 22))


def _staff(language: str) -> Sheet:
    unit = "thousand yuan a year" if language == "en" else "万元/年"
    roles = (FIELDS.display(f"staff.{role}", language) for role in TALENTS)
    rows = [(role, None, None, Choice(unit, UNITS[unit])) for role in roles]
    return Sheet(_heads(language, "field", "persons", "pay", "unit"), rows, (34, 16, 16, 24))


def _items(language: str) -> Sheet:
    labels = Labels(language)
    answers = [labels("template.answer", number=number) for number in range(1, RESPONDENTS + 1)]
    dimension = labels("column.dimension")
    head = [*_heads(language, "field", "meaning"), dimension, *answers, *_heads(language, "evidence")]
    grades = [EVIDENCE_NAMES.display(name, language) for name in EVIDENCE_NAMES.names]
    rows = []
    for item in sorted(PRINTED, key=lambda item: item.dimension):
        dimension = vocabulary("dimension").display(DIMENSIONS[item.dimension], language)
        rungs = [f"{place} {rung.spoken(language)}" for place, rung in enumerate(RUNGS[item.rungs])]
        filled = (*RESPONDENTS * (Choice(None, rungs),), Choice(None, grades))
        rows.append((item.id, title(item).spoken(language), dimension, *filled))
    return Sheet(head, rows, (22, 50, 16, 18, 18, 18, 16))


def _banks(language: str) -> Sheet:
    """A header with a column a field, its unit in brackets; each row is a bank."""
    head = []
    for field in FIELDS.names:
        unit = UNIT_BESIDE[field].spoken(language)
        if not field.startswith(("trust.", "pay.")):
            head.append(FIELDS.display(field, language) + (f" ({unit})" if unit else ""))
    head += [f"items.{item.id}" for item in PRINTED]
    return Sheet(head, (), [max(12.0, len(words) * 1.2) for words in head])


def _plans(language: str) -> Sheet:
    """A line for every sum of a plan, and for every item that it begins."""
    unit = "million yuan a year" if language == "en" else "万元/年"
    routes = [DELIVERY_NAMES.display(name, language) for name in DELIVERY_NAMES.names]
    line = (None, None, None, None, Choice(unit, UNITS[unit]), Choice(None, routes))
    head = _heads(language, "plan", "field", "year", "value", "unit", "route")
    return Sheet(head, PLAN_LINES * [line], (14, 44, 14, 18, 24, 18))


SUBJECTS: Final[dict[str, Callable[[str], Sheet]]] = {
    "bank": partial(_fields, "bank"), "staff": _staff, "items": _items, "plans": _plans,
    "floors": partial(_fields, "floors"),
}  # fmt: skip
