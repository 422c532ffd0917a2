"""A bank from a file that an office fills in: an Excel workbook, a CSV table or YAML, in either language.

A workbook has a sheet a subject (bank, staff, items, plans, floors), a CSV table one line a statement, and both may be
filled in as people do: percent, 亿 and 万, thousands separators, full-width digits, blanks. What is read is plain data
of the group ``bank`` with the place of every value, so that a fault names sheet and cell.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from experiments.config.bank import ROUTE_NAMES, BankSettings
from experiments.config.data import table
from experiments.config.errors import MISSING, Faults, Refused, Sentence, Where, Words, nearest, sentence
from experiments.config.fields import validated
from experiments.config.names import WORDS, Names, folded, vocabulary
from experiments.config.questionnaire import item_names
from experiments.config.reading import dangers, mapping
from experiments.config.tables import DATED, UNSAVED, Table, csv_table, quarter, workbook
from experiments.config.tree import assigned, leaves
from experiments.config.units import A_YEAR, number, plain_letters

SHEETS: Final = vocabulary("sheet")
COLUMNS: Final = vocabulary("column")
DELIVERY_NAMES: Final = vocabulary("delivery")
PLAN_FIELDS: Final = vocabulary("plan")
ROW, MEANING, VALUE, UNIT, EVIDENCE = "field", "meaning", "value", "unit", "evidence"
COUNT, PAY, SHARE = "persons", "pay", "share"
PLAN, WHEN, ROUTE = "plan", "year", "route"
ENDINGS: Final = (".xlsx", ".xlsm", ".csv", ".tsv", ".yaml", ".yml")
BLANKS: Final = ("", "-", "--", "/", "n/a", "na", "null", "不详", "未知", "待填", "unknown")
ANSWERS: Final = re.compile(r"(?:answer|respondent|回答|答复|受访者)\s*([0-9]*)")
# Percent below which a number without a sign of its own, in a column of percentages, is as likely a share of one.
SHARES: Final = {
    "bad_loans": 0.1, "coverage": 10, "capital": 1, "discount_rate": 1, "spend_ratio": 0.1, "floors.capital": 1,
    "floors.run_cost": 2, "floors.market": 2,
}  # fmt: skip
MANY: Final = sentence("a header and a row a bank: template=banks:members.xlsx")


@dataclass(frozen=True)
class Entry:
    """A field of a bank that a file may fill in.

    Parameters
    ----------
    key : str
        Dotted, as in the group ``bank``.
    title : Sentence
        What a reader calls it.
    units : Sentence
        Unit that the template suggests; empty for words and names.
    """

    key: str
    title: Sentence
    units: Sentence

    @property
    def sheet(self) -> str:
        """The sheet it stands on."""
        head = self.key.partition(".")[0]
        return head if head in ("staff", "floors") else "staff" if head == "pay" else "bank"


ENTRIES: Final = tuple(
    Entry(row["name"], Sentence(row["en"], row["zh"]), Sentence(row["unit_en"], row["unit_zh"]))
    for row in table(WORDS)
    if row["list"] == "bank"
)


@cache
def entry_names(sheet: str = "") -> Names:
    """Fields by what they are called; of one sheet, its own words alone, as a role on the sheet of people."""
    others = vocabulary("bank").others
    chosen = [e for e in ENTRIES if not sheet or (e.sheet == sheet and not e.key.startswith("pay."))]
    words = {e.key: [e.key.replace(".", " "), *others[e.key]] for e in chosen}
    for entry in chosen if sheet else ():
        words[entry.key].append(entry.key.partition(".")[2])
    return Names(words, {entry.key: entry.title for entry in chosen})


@dataclass
class Found:
    """What a file says of a bank, or of several.

    Attributes
    ----------
    faults : Faults
        Grows by everything that cannot be read, each with its place.
    data : dict
        Plain data of the group ``bank``.
    places : dict of str to str
        Where each dotted key stands.
    notes : list of Sentence
        What was left aside.
    unread : list of str
        Keys that are filled in with something that cannot be read.
    overruled : frozenset of str
        Keys that the configuration gives beside the file, with their group before them.
    """

    path: str
    faults: Faults
    data: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    notes: list[Sentence] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    overruled: frozenset[str] = frozenset()

    def fault(self, place: str, what: Sentence, allowed: Words = "", suggestion: str = "") -> None:
        """Note what is wrong in a place of the file, or in the file as a whole."""
        self.faults.add(f"{self.path}:{place}" if place else self.path, what, allowed, suggestion)

    def refused(self, place: str, refused: Refused) -> None:
        """Note what a reader refused in a place of the file, or of the file as a whole."""
        self.faults.refused(f"{self.path}:{place}" if place else self.path, refused)

    def put(self, key: str, value: Any, place: str) -> None:
        """Keep a value; one that is there already is a fault."""
        if key in self.places:
            first = sentence("once; first in {}", self.places[key])
            self.fault(place, sentence("{} stands twice", key), first)
            return
        self.data, self.places[key] = assigned(self.data, key, value), place

    def where(self, key: str) -> str:
        """The file and the place in it of a dotted key of the bank, or of what stands above it or in it."""
        key = above = key.removeprefix("bank.")
        while above and above not in self.places:
            above = above.rpartition(".")[0]
        below = (place for inside, place in self.places.items() if inside.startswith(f"{key}."))
        return f"{self.path}:{self.places[above] if above else next(below, key)}"

    def over(self, beside: Where) -> Where:
        """Where a key stands: in the configuration beside the file, which wins, or in the file."""
        return lambda key: beside(key) if key in self.overruled else self.where(key)


def is_file(word: str) -> bool:
    """Whether a word of the command line names a file rather than an option of the group ``bank``."""
    return Path(word).suffix.lower() in (*ENDINGS, ".xls", ".et", ".ods", ".numbers")


def read(path: str | Path, faults: Faults) -> Found:
    """Read one bank.

    Parameters
    ----------
    path : path
        A workbook, a CSV table or YAML.
    faults : Faults
        Grows by everything that cannot be read, each with its place.
    """
    found, before = Found(str(path), faults), len(faults)
    for name, rows in _sheets(path, found):
        reader = _READERS.get(name)
        if reader is not None:
            reader(rows, found)
        elif name == "banks":
            found.fault(rows.title, sentence("lists several banks"), sentence("banks_file=<this file>"))
    if len(faults) > before and not any(
        entry.key in found.places for entry in ENTRIES if entry.sheet == "bank"
    ):
        found.data = {}  # nothing was read of the bank itself: what is said elsewhere is not held against it
    elif not found.data:
        found.fault(
            "", sentence("says nothing of a bank"), sentence("a filled-in template: template=bank.xlsx")
        )
    return found


def read_many(path: str | Path, faults: Faults) -> list[Found]:
    """Read several banks: a table with a row a bank and a column a field, as ``Total assets (bn yuan)``.

    Parameters
    ----------
    path : path
        A workbook with a sheet of banks, or a CSV table.
    faults : Faults
        Grows by everything that cannot be read.
    """
    banks: list[Found] = []
    file, before = Found(str(path), faults), len(faults)
    for name, rows in _sheets(path, file, many=True):
        if name == "banks":
            banks += _members(rows, file)
    if not banks and len(faults) == before:
        file.fault("", sentence("lists no bank"), MANY)
    return banks


def checked(found: Found, data: Any, faults: Faults, context: Any = None) -> BankSettings | None:
    """The settings of a bank from a file; what cannot be read has been said, and is not said to be missing.

    Parameters
    ----------
    found : Found
        The file.
    data : mapping
        What it says, with what the configuration says over it.
    faults : Faults
        Grows by what is wrong; it knows where a dotted key stands.
    context : mapping, optional
        As in `validated`.
    """
    said = Faults(faults.where)
    bank: BankSettings | None = validated(BankSettings, data, "bank", said, context)
    unread = {found.where(key) for key in found.unread}
    faults.extend(fault for fault in said if fault.what != MISSING or fault.where not in unread)
    return bank


# --- sheets by what they are called


def _sheets(path: str | Path, found: Found, many: bool = False) -> Iterator[tuple[str, Table]]:
    """The sheets of a file that mean something, by name; YAML goes straight into what was found."""
    file = Path(path)
    ending = file.suffix.lower()
    try:
        if ending in (".yaml", ".yml"):
            _read_yaml(file, found)
        elif ending in (".csv", ".tsv"):
            yield ("banks" if many else "bank"), csv_table(file)
        elif ending in (".xlsx", ".xlsm"):
            yield from _named(workbook(file), found, many)
        else:
            what = sentence("{} is no form that can be read", ending or Sentence("no ending", "无扩展名"))
            raise Refused(what, sentence("save it as .xlsx, .csv or .yaml"))
    except Refused as refused:
        found.refused("", refused)


def _read_yaml(file: Path, found: Found) -> None:
    data = mapping(file)
    for key, refused in dangers(data):
        found.refused(key, refused)
    inside = data.get("bank", data)
    found.data = dict(inside) if isinstance(inside, Mapping) else {}
    found.places = {key: key for key, _ in leaves(found.data)}


def _named(tables: Sequence[Table], found: Found, many: bool) -> Iterator[tuple[str, Table]]:
    """Sheets by what they are called; where none is the bank's, the single one without a known name is."""
    filled = [sheet for sheet in tables if sheet.rows and SHEETS.find(sheet.title) != "guide"]
    named = {sheet.title: SHEETS.find(sheet.title) for sheet in filled}
    wanted = "banks" if many else "bank"
    unnamed = [sheet for sheet in filled if not named[sheet.title]]
    if wanted not in named.values() and len(unnamed) == 1 and (many or _has_field_column(unnamed[0])):
        named[unnamed[0].title] = wanted
    if wanted not in named.values():
        listed = ", ".join(sheet.title for sheet in tables)[:200]
        what = sentence("has no sheet {}, only {}", SHEETS.shown[wanted], listed)
        found.fault("", what, sentence("the sheets of the template: template=bank.xlsx"))
        return
    for sheet in filled:
        name = named[sheet.title]
        if name is not None:
            yield name, sheet
            continue
        near = nearest(folded(sheet.title), [folded(shown.en) for shown in SHEETS.shown.values()])
        if near:
            found.fault("", sentence("the sheet {} is not known", sheet.title), SHEETS.choice(), near)
        else:
            found.notes.append(sentence("{}: the sheet {} is not read", found.path, sheet.title))


# --- rows of text as values


def _has_field_column(sheet: Table) -> bool:
    return any(COLUMNS.find(cell) == ROW for _, cells in sheet.rows[:15] for cell in cells)


def _header(sheet: Table, found: Found) -> tuple[dict[str, int], list[int], int]:
    """Where the columns stand: by name, those of further answers, and how many rows come before the values."""
    for at, (row, cells) in enumerate(sheet.rows[:15]):
        columns, answers, doubled = {}, [], []  # type: tuple[dict[str, int], list[int], list[int]]
        for place, cell in enumerate(cells):
            line = plain_letters(cell)
            name = COLUMNS.find(cell) if cell else None
            if line and ANSWERS.fullmatch(line):
                answers.append(place)
            elif name is not None and name not in columns:
                columns[name] = place
            elif name == VALUE and any(_cell(told, place) for _, told in sheet.rows[at + 1 :]):
                doubled.append(place)
        if ROW in columns and (answers or {VALUE, COUNT, SHARE, PAY} & set(columns)):
            for place in doubled:
                what = sentence("is a second column of values: one bank a workbook")
                found.fault(sheet.place(row, place), what, MANY)
            return columns, answers, at + 1
    if not sheet.title:  # a CSV without a header: field, value, unit, evidence
        return {ROW: 0, VALUE: 1, UNIT: 2, EVIDENCE: 3}, [], 0
    what = sentence("the sheet {} has no header", sheet.title)
    found.fault("", what, sentence("columns Field and Value"))
    return {}, [], len(sheet.rows)


def _cell(cells: Sequence[str], place: int | None) -> str:
    value = cells[place] if place is not None and place < len(cells) else ""
    return "" if plain_letters(value) in BLANKS else value


def _with_unit(value: Any, unit: str) -> Any:
    """A number with the unit that stands beside it, unless it has its own or is none."""
    if not isinstance(value, str):
        return value
    bare = re.fullmatch(r"[+-]?[0-9.,' e+/-]+", plain_letters(value))
    return f"{value} {unit}" if unit and bare else value


@dataclass(frozen=True)
class Told:
    """A row of a sheet in which something is said: its word, what is told of it by whom, and where it stands."""

    word: str
    told: list[str]
    unit: str
    evidence: str
    place: str
    word_place: str


def _told(table: Table, found: Found) -> Iterator[Told]:
    """The rows of a sheet with a word and an answer, without those left blank."""
    columns, answers, start = _header(table, found)
    for row, cells in table.rows[start:]:
        word = _cell(cells, columns.get(ROW))
        told = [_cell(cells, place) for place in (columns.get(VALUE), *answers)]
        if word and any(told):
            yield Told(
                word,
                told,
                _cell(cells, columns.get(UNIT)),
                _cell(cells, columns.get(EVIDENCE)),
                table.place(row, columns.get(VALUE, answers[0] if answers else 0)),
                table.place(row, columns[ROW]),
            )


def _fields(sheet: str) -> Callable[[Table, Found], None]:
    """A reader of a sheet of fields, one a row."""

    def read_fields(table: Table, found: Found) -> None:
        for row in _told(table, found):
            head, _, rest = row.word.partition(".")
            if head == "items" and item_names().find(rest):
                _answer(rest, row.told, row.evidence, row.place, found)
                continue
            key = _field(row.word, sheet, row.word_place, found)
            if key is not None:
                _keep(key, row.told[0], row.unit, row.place, found)

    return read_fields


def _field(word: str, sheet: str, place: str, found: Found) -> str | None:
    own = entry_names(sheet).find(word) if sheet != "bank" else None
    key = own or entry_names().find(word)
    if key is None:
        best = entry_names().nearest(word) or item_names().nearest(word)
        allowed = sentence("a field of the template: template=bank.xlsx")
        found.fault(place, sentence("{!r} is no field of a bank", word), allowed, best)
    return key


def _keep(key: str, value: str, unit: str, place: str, found: Found) -> None:
    """Keep a cell with the unit beside it; a small number beside a percent sign may be a share."""
    told = _sound(value, key, place, found)
    if told is None:
        return
    full = _with_unit(told, unit)
    if unit in ("%", "％") and full != told and _is_small(told, key):
        found.unread.append(key)
        what = sentence("{} stands beside %: percent, or a share?", told)
        found.fault(place, what, sentence("the sign in the cell itself: {} %, or 100 times that", told))
        return
    found.put(key, full, place)


def _is_small(told: str, key: str) -> bool:
    try:
        return 0 < abs(number(told, "points")) < SHARES.get(key, 0)
    except Refused:  # it is no number, which is said where settings are checked
        return False


def _sound(value: str, key: str, place: str, found: Found) -> Any:
    """A cell's text as the settings take it; None with a fault noted."""
    before, told = len(found.faults), _readable(value, key, place, found)
    if len(found.faults) > before:
        found.unread.append(key)
    return told


def _readable(value: str, key: str, place: str, found: Found) -> Any:
    if value == UNSAVED:
        what = sentence("holds a formula whose result was not saved")
        found.fault(place, what, sentence("open it in Excel, save it again"))
        return None
    if value.startswith("#") and not value.startswith(DATED):
        found.fault(place, sentence("holds the error {}", value), sentence("a value"))
        return None
    if key == "since":
        try:
            return opening(value)
        except Refused as refused:
            found.refused(place, refused)
            return None
    if value.startswith(DATED):
        day = value.removeprefix(DATED)
        what = sentence("is the date {}: Excel makes one of 1/3", day)
        found.fault(place, what, sentence("a percentage or a decimal number"))
        return None
    if key == "branches":
        return _places(value)
    return value


def opening(value: str) -> str:
    """The quarter at whose start a balance sheet holds: ``2024Q1``, ``2023年末``, 31 December 2023."""
    if value.startswith(DATED):
        day = datetime.date.fromisoformat(value.removeprefix(DATED)) + datetime.timedelta(days=1)
        return f"{day.year}Q{(day.month - 1) // 3 + 1}"
    line = plain_letters(value)
    full = re.fullmatch(r"(20[0-4]\d)[-/.年](\d{1,2})[-/.月](\d{1,2})日?", line)
    if full:
        try:
            return opening(f"{DATED}{int(full[1]):04}-{int(full[2]):02}-{int(full[3]):02}")
        except ValueError:
            raise Refused(sentence("{!r} is no date", value)) from None
    read = quarter(value)
    if re.search(r"q|季", line) and not re.search(r"末|底", line):
        return read
    year, number = int(read[:4]), int(read[-1])  # a year, or the end of a quarter, opens the next one
    return f"{year + number // 4}Q{number % 4 + 1}"


def _places(value: str) -> dict[str, Any]:
    """Branches of a cell: ``SD 30, HE 5``, ``山东30、河北5``, or provinces alone."""
    found: dict[str, Any] = {}
    for part in re.split(r"[,，、;；\n]", value):
        match = re.fullmatch(r"\s*(.*?)[\s:：×x]*([0-9]*)\s*(?:家|个)?\s*", part)
        if match and match[1]:
            found[match[1]] = int(match[2] or 1)
    return found


def _read_staff(table: Table, found: Found) -> None:
    """The sheet of people: a role a row, with persons or share, and pay."""
    columns, _, start = _header(table, found)
    for row, cells in table.rows[start:]:
        word = _cell(cells, columns.get(ROW))
        columns_told = {name: _cell(cells, columns.get(name)) for name in (VALUE, COUNT, SHARE, PAY)}
        if not word or not any(columns_told.values()):
            continue
        key = _field(word, "staff", table.place(row, columns[ROW]), found)
        for name, value in columns_told.items() if key else ():
            place = table.place(row, columns.get(name, 0))
            told = _sound(value, str(key), place, found) if value else None
            if told is None:
                continue
            role = str(key).partition(".")[2]
            unit = _cell(cells, columns.get(UNIT))
            if name == COUNT and key != "employees":
                found.put(f"persons.{role}", told, place)
            elif name == PAY:
                found.put(f"pay.{role}", _with_unit(told, unit), place)
            else:
                found.put(str(key), told, place)


def _read_items(table: Table, found: Found) -> None:
    """The questionnaire: an item a row, with the answer of each respondent and what is behind it."""
    for row in _told(table, found):
        name = item_names().find(row.word)
        if name is None:
            what = sentence("{!r} is no item of the questionnaire", row.word)
            found.fault(row.word_place, what, "", item_names().nearest(row.word))
            continue
        _answer(name, row.told, row.evidence, row.place, found)


def _answer(name: str, told: Iterable[str], evidence: str, place: str, found: Found) -> None:
    item = item_names().find(name)
    said: dict[str, Any] = {"answers": [one for one in told if one]}
    if evidence:
        said["evidence"] = evidence
    found.put(f"items.{item}", said, place)


def _read_plans(table: Table, found: Found) -> None:
    """Plans: a line a sum or a project, with the year or quarter in which it begins."""
    columns, _, start = _header(table, found)
    projects: dict[str, list[dict[str, Any]]] = {}
    for row, cells in table.rows[start:]:
        word, when, value, route = (_cell(cells, columns.get(name)) for name in (ROW, WHEN, VALUE, ROUTE))
        if not word:
            continue
        words = (_cell(cells, columns.get(PLAN)) or "plan").split()
        name, place = "_".join(words), table.place(row, columns[ROW])
        if len(words) > 1:
            found.data = assigned(found.data, f"plans.{name}.title", " ".join(words))
        # Every sum of a plan is a year's.
        unit = A_YEAR.sub("", plain_letters(_cell(cells, columns.get(UNIT))))
        told = A_YEAR.sub("", _with_unit(value, unit)) if value else None
        try:
            key = PLAN_FIELDS.find(word)
            if key is not None:
                _planned(key, name, when, told, value, place, found)
                continue
            item = item_names().name(word)
            asked_for = {"item": item, "start": _quarter_of(when), "cost": told}
            asked_for |= {"route": DELIVERY_NAMES.name(route)} if route else {}
            projects.setdefault(name, []).append({k: v for k, v in asked_for.items() if v is not None})
            found.places.setdefault(f"plans.{name}.projects", place)
        except Refused as refused:
            found.refused(place, refused)
    for name, listed in projects.items():
        found.data = assigned(found.data, f"plans.{name}.projects", listed)


def _planned(key: str, name: str, when: str, told: Any, value: str, place: str, found: Found) -> None:
    """Keep one sum of a plan."""
    if not value:
        return
    head, _, part = key.partition(".")
    if head in ("spend_ratio", "language_model"):
        said = ROUTE_NAMES.name(value) if head == "language_model" else value
        found.put(f"plans.{name}.{head}", said, place)
        return
    year = _quarter_of(when)[:4]
    if head == "headcount":
        told = float(number(value, "persons"))
    found.put(".".join(one for one in ("plans", name, head, year, part) if one), told, place)


def _quarter_of(when: str) -> str:
    """The quarter of a cell: ``2026Q1``, ``2026年一季度``, or a year, of which the first is meant."""
    line = plain_letters(when)
    year = re.fullmatch(r"(20[0-4]\d)(?:\.0)?\s*年?", line)
    return f"{year[1]}Q1" if year else quarter(when)


_READERS: Final[Mapping[str, Callable[[Table, Found], None]]] = {
    "bank": _fields("bank"),
    "floors": _fields("floors"),
    "staff": _read_staff,
    "items": _read_items,
    "plans": _read_plans,
}


def _members(table: Table, file: Found) -> list[Found]:
    """Several banks from a table with a row each."""
    if not table.rows:
        return []
    top, header = table.rows[0]
    keys = [_column(title, table.place(top, place), file) for place, title in enumerate(header)]
    banks = []
    for row, cells in table.rows[1:]:
        bank = Found(file.path, file.faults)
        for place, known in enumerate(keys):
            value = _cell(cells, place)
            if known is None or not value:
                continue
            key, unit = known
            cell = table.place(row, place)
            if key.startswith("items."):
                told = _sound(value, key, cell, bank)
                if told is not None:
                    _answer(key.partition(".")[2], [told], "", cell, bank)
            else:
                _keep(key, value, unit, cell, bank)
        if bank.data:
            bank.places.setdefault("", table.place(row, 0))
            banks.append(bank)
    return banks


def _column(title: str, place: str, file: Found) -> tuple[str, str] | None:
    """The field and the unit that the head of a column names, as ``Total assets (bn yuan)``; None for a blank one."""
    label, _, unit = title.replace("（", "(").replace("）", "").replace(")", "").partition("(")
    label = label.strip()
    if not label:
        return None
    item = item_names().find(label.removeprefix("items."))
    key = entry_names().find(label) or (f"items.{item}" if item else _field(label, "bank", place, file))
    return None if key is None else (key, unit.strip())
