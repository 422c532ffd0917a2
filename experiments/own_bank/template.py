"""The workbook that a bank fills in: what is asked, in which unit, with the answers that can be chosen."""

from __future__ import annotations

from collections.abc import Sequence
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
from experiments.config.errors import Sentence
from experiments.config.names import KIND_NAMES, PROVINCE_NAMES, vocabulary
from experiments.config.plans import DELIVERY_NAMES, ROUTE_NAMES
from experiments.config.questionnaire import RUNGS, asked, title
from experiments.config.units import HUNDREDTHS, measure
from experiments.files import replace_file

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
GUIDE: Final = (
    Sentence(
        "Fill in what you know and leave the rest blank: what is blank is taken from banks of your kind and size, and "
        "the report marks it. Zero is a number, not a blank.",
        "填写已知内容，其余留空：空白项取自同类同规模银行，报告会标明。零是数值，不是空白。",
    ),
    Sentence(
        "Numbers may carry their own unit (180亿, 3.5 %, 1,200 million yuan); otherwise the unit beside them holds.",
        "数值可自带单位（180亿、3.5 %、1,200 万元），否则以旁边的单位为准。",
    ),
    Sentence(
        "Everything holds at the start of the first quarter: a balance sheet of the end of 2023 opens 2024Q1.",
        "所有数据为起始季度期初值：2023 年末的资产负债表对应 2024Q1。",
    ),
    Sentence(
        "Items: several people may answer, one a column. Say what is behind an answer: claimed, documented or audited. "
        "Weak or conflicting answers widen the range in which the bank starts.",
        "条目可由多人回答，每人一列；注明依据：自评、有佐证或经审计。依据薄弱或相互矛盾会扩大起点区间。",
    ),
    Sentence(
        "The supply of composite and data people and technology spending over revenue are read off staff and income; "
        "an answer to these items is compared with them.",
        "复合型人才、数据人才供给与科技投入占比由人员与收入数据得出；对这些条目的回答仅用于对照。",
    ),
    Sentence(
        "Plans: one line a sum or a project; plans are told apart by their name. Field is technology spending, a "
        "dimension, a role (Value is heads), pay (of a person), or an item, which begins at its quarter; Value is "
        "then its cost, and blank is the model's price.",
        "方案：每行一笔资金或一个项目，以方案名称区分。“项目”可填科技投入、维度、角色（值为人数）、人均成本，"
        "或条目（于所填季度启动，值为其成本，空白则取模型价格）。",
    ),
    Sentence(
        "Run it: python simulate.py bank=<this file> experiment=own_bank",
        "运行：python simulate.py bank=<本文件> experiment=own_bank report=zh",
    ),
    Sentence(
        "The folder of results, its manifest and the store beside it hold your numbers. redact=<folder> makes a copy "
        "without them, purge=<folder> removes them.",
        "结果文件夹、其清单及旁边的缓存含有贵行数据。redact=<文件夹> 生成不含这些数据的副本，purge=<文件夹> 将其删除。",
    ),
)


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
    guide = _sheet(book, "guide", language)
    for row, line in enumerate(GUIDE, 1):
        guide.cell(row, 1, line.spoken(language))
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
    if catalogue.known(f"bank.{entry.key}"):
        row = catalogue.row(f"bank.{entry.key}")
        return (
            row.meaning(language)
            if "yuan" in row.unit
            else f"{row.meaning(language)}{'；' if language == 'zh' else '; '}{_within(row, entry, language)}"
        )
    return HINTS[entry.key].spoken(language) if entry.key in HINTS else ""


def _within(row: Row, entry: Entry, language: str) -> str:
    """The range in the unit that the template suggests."""
    percent = entry.units.en == "%" and measure(row.unit).name != HUNDREDTHS
    low, high = (100.0 * row.low, 100.0 * row.high) if percent else (row.low, row.high)
    unit = entry.units.spoken(language)
    return f"{low:g} – {high:g} {unit}".rstrip()


_YES_NO: Final = Sentence("yes or no", "是或否")
HINTS: Final = {
    "name": Sentence("stays on your machine", "仅保存在本机"),
    "kind": Sentence("city, rural or private bank", "城商行、农村金融机构或民营银行"),
    "province": Sentence("where it is at home", "注册地所在省份"),
    "since": Sentence("2024Q1, or the date of the balance sheet", "2024Q1，或资产负债表日"),
    "branches": Sentence("SD 30, HE 2", "山东 30、河北 2"),
    "focus": Sentence(f"several of {FOCUS_NAMES.choice().en}", f"可多选：{FOCUS_NAMES.choice().zh}"),
    "partners.exporting_bank": _YES_NO,
    "union": _YES_NO,
    "language_model": Sentence("wait, build, buy, union or alliance", "观望、自建、采购、省联社或联盟"),
}  # fmt: skip


def _options(key: str, language: str) -> tuple[str, ...]:
    """What a drop-down offers for a field."""
    names = {
        "kind": [KIND_NAMES.display(name, language) for name in SMALL_KINDS],
        "province": [PROVINCE_NAMES.display(name, language) for name in PROVINCE_NAMES.names],
        "language_model": [ROUTE_NAMES.display(name, language) for name in ROUTE_NAMES.names],
    }
    if key in names:
        return tuple(names[key])
    yes_no = ("yes", "no") if language == "en" else ("是", "否")
    return yes_no if key in ("union", "partners.exporting_bank") else ()


def _fields(sheet: Worksheet, entries: Sequence[Entry], language: str) -> None:
    _heads(sheet, (ROW, MEANING, VALUE, UNIT), language)
    for row, entry in enumerate(entries, 2):
        unit = entry.units.spoken(language)
        sheet.append([entry.title.spoken(language), _meaning(entry, language), None, unit])
        _choose(sheet, f"C{row}", _options(entry.key, language))
        _choose(sheet, f"D{row}", UNITS.get(unit, ()))
    _shape(sheet, (34, 60, 22, 22))


def _bank(sheet: Worksheet, language: str) -> None:
    _fields(sheet, [entry for entry in ENTRIES if entry.sheet == "bank"], language)


def _floors(sheet: Worksheet, language: str) -> None:
    _fields(sheet, [entry for entry in ENTRIES if entry.sheet == "floors"], language)


def _staff(sheet: Worksheet, language: str) -> None:
    _heads(sheet, (ROW, COUNT, PAY, UNIT), language)
    roles = {entry.key: entry.title for entry in ENTRIES}
    for row, role in enumerate(TALENTS, 2):
        unit = "thousand yuan a year" if language == "en" else "万元/年"
        sheet.append([roles[f"staff.{role}"].spoken(language), None, None, unit])
        _choose(sheet, f"D{row}", UNITS[unit])
    _shape(sheet, (34, 16, 16, 24))


def _items(sheet: Worksheet, language: str) -> None:
    word = "Answer" if language == "en" else "回答"
    dimension = "Dimension" if language == "en" else "维度"
    more = [f"{word} {number}" for number in range(1, RESPONDENTS + 1)]
    _heads(sheet, (ROW, MEANING), language, [dimension, *more, COLUMNS.display(EVIDENCE, language)])
    grades = [EVIDENCE_NAMES.display(name, language) for name in EVIDENCE_NAMES.names]
    printed = [item for item in asked().values() if not item.id.startswith(REST)]
    answered = sorted(printed, key=lambda item: item.dimension)
    for row, item in enumerate(answered, 2):
        sheet.append(
            [
                item.id,
                title(item).spoken(language),
                vocabulary("dimension").shown[DIMENSIONS[item.dimension]].spoken(language),
            ]
        )
        rungs = [f"{place} {words.spoken(language)}" for place, words in enumerate(RUNGS[item.rungs])]
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


_WRITERS: Final = {"bank": _bank, "staff": _staff, "items": _items, "plans": _plans, "floors": _floors}
