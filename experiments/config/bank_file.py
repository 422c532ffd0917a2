"""A bank from a file that an office fills in: an Excel workbook, a CSV table or YAML, in either language.

A workbook has a sheet a subject (bank, staff, items, plans, floors), a CSV table one line a statement, and both may be
filled in as people do: percent, 亿 and 万, thousands separators, full-width digits, blanks. What is read is plain data
of the group ``bank`` with the place of every value, so that a fault names sheet and cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from experiments.config.bank import BankSettings
from experiments.config.data import table
from experiments.config.errors import IS_MISSING, Faults, Refused, Sentence, Where, nearest, sentence
from experiments.config.fields import validated
from experiments.config.names import WORDS, Names, folded, vocabulary
from experiments.config.questionnaire import item_names
from experiments.config.reading import mapping, note_dangers
from experiments.config.tables import BOOKS, DATED, Line, Table, quarter, sound, tables
from experiments.config.tree import assigned, leaves, lookup, upwards
from experiments.config.units import A_YEAR, number, plain_letters

SHEETS: Final = vocabulary("sheet")
COLUMNS: Final = vocabulary("column")
FIELDS: Final = vocabulary("bank")
PLAN_FIELDS: Final = vocabulary("plan")
# The unit that the template writes beside a field, by field; empty for words and names.
UNIT_BESIDE: Final = {
    row["name"]: Sentence(row["unit_en"], row["unit_zh"]) for row in table(WORDS) if row["list"] == "bank"
}
CSVS: Final = (".csv", ".tsv")
YAMLS: Final = (".yaml", ".yml")
BLANKS: Final = ("", "-", "--", "/", "n/a", "na", "null", "不详", "未知", "待填", "unknown")
ANSWERS: Final = re.compile(r"(?:answer|respondent|回答|答复|受访者)\s*([0-9]*)")
FILLED: Final = ("value", "persons", "share", "pay", "answer")  # how columns begin that are filled in
HEADED: Final = 15  # rows among which a header is looked for
# Percent below which a number without a sign of its own, in a column of percentages, is as likely a share of one.
SHARES: Final = {
    "bad_loans": 0.1, "coverage": 10, "capital": 1, "discount_rate": 1, "spend_ratio": 0.1, "floors.capital": 1,
    "floors.run_cost": 2, "floors.market": 2,
}  # fmt: skip


def sheet_of(key: str) -> str:
    """The sheet on which a field stands."""
    head = key.partition(".")[0]
    return {"staff": "staff", "pay": "staff", "floors": "floors"}.get(head, "bank")


@cache
def _on_sheet(sheet: str) -> Names:
    """The fields of a sheet by its own words alone, as a role on the sheet of people."""
    keys = [key for key in FIELDS.names if sheet_of(key) == sheet and not key.startswith("pay.")]
    words = {key: (*FIELDS.others[key], key.partition(".")[2]) for key in keys}
    return Names(words, {key: FIELDS.shown[key] for key in keys})


@dataclass
class BankFile:
    """What a file says of a bank, or of several.

    Attributes
    ----------
    path : str
        The file.
    faults : Faults
        Grows by everything that cannot be read; it knows where a place of the file stands, and the file as a whole.
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
    plan : str
        The plan that a line without a name belongs to: that of the line above.
    """

    path: str
    faults: Faults
    data: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    notes: list[Sentence] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    overruled: frozenset[str] = frozenset()
    plan: str = "plan"

    def __post_init__(self) -> None:
        self.faults = self.faults.placed(lambda place: f"{self.path}:{place}" if place else self.path)

    def put(self, key: str, value: object, place: str) -> None:
        """Keep a value; Refused when there is one already."""
        if key in self.places:
            raise Refused(sentence("{} stands twice", key), sentence("once; first in {}", self.places[key]))
        self.data, self.places[key] = assigned(self.data, key, value), place

    def where(self, key: str) -> str:
        """The file and the place in it of a dotted key of the bank, or of what stands above it or in it."""
        key = key.removeprefix("bank.")
        above = next((one for one in upwards(key) if one in self.places), "")
        below = (place for inside, place in self.places.items() if inside.startswith(f"{key}."))
        row = self.places.get("", "")  # of a bank among others
        unsaid = f"{row}, column {key}" if row and key != "bank" else row or key
        return f"{self.path}:{self.places[above] if above else next(below, unsaid)}"

    def over(self, beside: Where) -> Where:
        """Where a key stands: in the configuration beside the file, which wins, or in the file."""
        return lambda key: beside(key) if key in self.overruled else self.where(key)


def is_file(word: str) -> bool:
    """Whether a word of the command line names a file rather than an option of the group ``bank``."""
    return Path(word).suffix.lower() in (*BOOKS, *CSVS, *YAMLS, ".xls", ".et", ".ods", ".numbers")


def read(path: str | Path, faults: Faults) -> BankFile:
    """Read one bank.

    Parameters
    ----------
    path : path
        A workbook, a CSV table or YAML.
    faults : Faults
        Grows by everything that cannot be read, each with its place.
    """
    file, before = BankFile(str(path), faults), len(faults)
    for name, sheet in _sheets(file, "bank"):
        if name == "banks":
            file.faults.at(sheet.title, sentence("lists several banks"))
        for line in _lines(sheet, file) if name in _READERS else ():
            _READERS[name](line, name, file)
    if len(faults) > before and not any(
        sheet_of(key) == "bank" for key in FIELDS.names if key in file.places
    ):
        file.data = {}  # nothing was read of the bank itself: what is said elsewhere is not held against it
    elif not file.data:
        file.faults.at("", sentence("says nothing of a bank"))
    return file


def read_many(path: str | Path, faults: Faults) -> list[BankFile]:
    """Read several banks: a table with a row a bank and a column a field, as ``Total assets (bn yuan)``.

    Parameters
    ----------
    path : path
        A workbook with a sheet of banks, or a CSV table.
    faults : Faults
        Grows by everything that cannot be read.
    """
    file, before = BankFile(str(path), faults), len(faults)
    sheets = [sheet for name, sheet in _sheets(file, "banks") if name == "banks"]
    banks = [bank for sheet in sheets for bank in _members(sheet, file)]
    if not banks and len(faults) == before:
        file.faults.at("", sentence("lists no bank"))
    return banks


def checked(file: BankFile, data: Any, faults: Faults, context: Any = None) -> BankSettings | None:
    """The settings of a bank from a file; what cannot be read has been said, and is not said to be missing.

    Parameters
    ----------
    file : BankFile
        The file.
    data : mapping
        What it says, with what the configuration says over it.
    faults : Faults
        Grows by what is wrong; it knows where a dotted key stands.
    context : mapping, optional
        As in `validated`.
    """
    found_faults = Faults(faults.where)
    bank: BankSettings | None = validated(BankSettings, data, "bank", found_faults, context)
    unread = {file.where(key) for key in file.unread}
    faults.extend(fault for fault in found_faults if fault.what != IS_MISSING or fault.where not in unread)
    return bank


# --- sheets by what they are called


def _sheets(file: BankFile, wanted: str) -> list[tuple[str, Table]]:
    """The sheets of a file that mean something, by name; YAML goes straight into what was found."""
    ending = Path(file.path).suffix.lower()
    with file.faults.noted(""):
        if ending in YAMLS:
            _read_yaml(file)
        elif ending in CSVS:
            return [(wanted, sheet) for sheet in tables(file.path)]
        elif ending in BOOKS:
            return list(_named(tables(file.path), file, wanted))
        else:
            if Path(file.path).is_dir():
                raise Refused(sentence("is a folder"))
            ending_shown = ending or Sentence("no ending", "无扩展名")
            raise Refused(sentence("{} is no form that can be read", ending_shown))
    return []


def _read_yaml(file: BankFile) -> None:
    data = mapping(file.path)
    note_dangers(data, file.faults)
    inside = data.get("bank", data)
    file.data = dict(inside) if isinstance(inside, Mapping) else {}
    file.places = {key: key for key, _ in leaves(file.data)}


def _named(sheets: Sequence[Table], file: BankFile, wanted: str) -> Iterator[tuple[str, Table]]:
    """Sheets by what they are called; where none is the wanted one, the single one without a known name is."""
    names = {sheet.title: SHEETS.find(sheet.title) for sheet in sheets if sheet.rows}
    unnamed = [sheet for sheet in sheets if sheet.rows and not names[sheet.title]]
    if wanted not in names.values() and len(unnamed) == 1 and (wanted == "banks" or _has_fields(unnamed[0])):
        names[unnamed[0].title] = wanted
    if wanted not in names.values():
        listed = ", ".join(sheet.title for sheet in sheets)[:200]
        raise Refused(sentence("has no sheet {}, only {}", SHEETS.shown[wanted], listed))
    for sheet in sheets:
        name = names.get(sheet.title)
        if name:
            with file.faults.noted(""):
                yield name, sheet.in_sight()
        elif sheet.rows:
            near = nearest(folded(sheet.title), [folded(title.en) for title in SHEETS.shown.values()])
            if near:
                what = sentence("the sheet {} is not known", sheet.title)
                file.faults.at("", what, SHEETS.choice(), near)
            else:
                file.notes.append(sentence("{}: the sheet {} is not read", file.path, sheet.title))


def _has_fields(sheet: Table) -> bool:
    return any(COLUMNS.find(cell) == "field" for _, cells in sheet.rows[:HEADED] for cell in cells)


# --- lines of a sheet


def _lines(sheet: Table, file: BankFile) -> Iterator[Line]:
    """The lines below the header that say of what they are; what is left blank is empty."""
    columns, start = _header(sheet, file)
    for row, cells in sheet.rows[start:]:
        line = Line(sheet, row, tuple(map(_filled, cells)), columns)
        if line["field"]:
            yield line
        elif filled := [name for name in columns if name.startswith(FILLED) and line[name]]:
            file.faults.at(line.place(filled[0]), sentence("a value stands beside no field"))


def _filled(cell: str) -> str:
    return "" if plain_letters(cell) in BLANKS else cell


def _header(sheet: Table, file: BankFile) -> tuple[dict[str, int], int]:
    """Where the columns stand, those of further answers included, and how many rows come before the values."""
    for at, (row, cells) in enumerate(sheet.rows[:HEADED], 1):
        names = [
            f"answer {n}" if ANSWERS.fullmatch(plain_letters(cell)) else COLUMNS.find(cell)
            for n, cell in enumerate(cells)
        ]
        columns = {name: names.index(name) for name in names if name}
        if "field" in columns and any(name.startswith(FILLED) for name in columns):
            for place, name in enumerate(names):
                below = (cell for _, told in sheet.rows[at:] for cell in told[place : place + 1])
                if name == "value" and place != columns["value"] and any(map(_filled, below)):
                    what = sentence("is a second column of values: one bank a workbook")
                    file.faults.at(sheet.place(row, place), what)
            return columns, at
    if not sheet.title:  # a CSV without a header: field, value, unit, evidence
        return {"field": 0, "value": 1, "unit": 2, "evidence": 3}, 0
    file.faults.at("", sentence("the sheet {} has no header", sheet.title))
    return {}, len(sheet.rows)


def _read_field(line: Line, sheet: str, file: BankFile) -> None:
    """A line of fields or of the questionnaire: what it is of, each answer, its unit, and what is behind it."""
    columns = ("value", *(name for name in line.columns if name.startswith("answer")))
    filled = [name for name in columns if line[name]]
    if filled:
        with file.faults.noted(line.place("field")):
            key = _key(line["field"], sheet)
            place = line.place("value" if "value" in line.columns else filled[0])
            _keep(key, [line[name] for name in filled], place, file, line["unit"], line["evidence"])


def _read_staff(line: Line, sheet: str, file: BankFile) -> None:
    """A line of people: a role with persons or share, and pay."""
    columns = [name for name in ("value", "persons", "share", "pay") if line[name]]
    if columns:
        with file.faults.noted(line.place("field")):
            key = _key(line["field"], sheet)
            role = key.partition(".")[2]
            for name in columns:
                of = f"{name}.{role}" if name == "pay" or (name == "persons" and role) else key
                _keep(of, [line[name]], line.place(name), file, line["unit"] if name == "pay" else "")


def _key(word: str, sheet: str = "bank") -> str:
    """The field or the item that a word means; Refused when there is none."""
    item = item_names().find(word.removeprefix("items."))
    if sheet == "items":
        key, what = None, sentence("{!r} is no item of the questionnaire", word)
    else:
        own = _on_sheet(sheet).find(word) if sheet != "bank" else None
        key, what = own or FIELDS.find(word), sentence("{!r} is no field of a bank", word)
    if key is None and item is None:
        near = FIELDS.nearest(word) if sheet != "items" else ""
        raise Refused(what, "", near or item_names().nearest(word))
    return key or f"items.{item}"


def _keep(key: str, value: list[str], place: str, file: BankFile, unit: str = "", evidence: str = "") -> None:
    """Keep what is told of a field or an item, with the unit beside it; what cannot be read is noted."""
    try:
        if key.startswith("items."):
            behind = {"evidence": evidence} if evidence else {}
            file.put(key, {"answers": list(map(sound, value)), **behind}, place)
        else:
            dated = key == "since" and value[0].startswith(DATED)
            file.put(key, value[0] if dated else _with_unit(sound(value[0]), unit, key), place)
    except Refused as refused:
        file.unread.append(key)
        file.faults.refused(place, refused)


def _with_unit(value: str, unit: str, key: str = "") -> str:
    """A number with the unit beside it, unless it has its own; a small number beside a percent sign may be a share."""
    if not unit or not re.fullmatch(r"[+-]?[0-9.,' e+/-]+", plain_letters(value)):
        return value
    if unit in ("%", "％") and _is_small(value, key):
        raise Refused(sentence("{} stands beside %: percent, or a share?", value))
    return f"{value} {unit}"


def _is_small(line: str, key: str) -> bool:
    try:
        return 0 < abs(number(line, "points")) < SHARES.get(key, 0)
    except Refused:  # it is no number, which is said where settings are checked
        return False


def _read_plan(line: Line, sheet: str, file: BankFile) -> None:
    """A line of a plan: a sum or a project, with the year or quarter in which it begins."""
    title = file.plan = line["plan"] or file.plan
    plan = f"plans.{'_'.join(title.split())}"
    if " " in title:
        file.data = assigned(file.data, f"{plan}.title", title)
    with file.faults.noted(line.place("field")):
        head, _, part = (PLAN_FIELDS.find(line["field"]) or "").partition(".")
        route, of_model = line["route"], head == "language_model"
        value, unit = sound(line["value"] or of_model * route), A_YEAR.sub("", plain_letters(line["unit"]))
        # Neither of these is a sum, though a unit of money is printed beside it.
        bare = head in ("spend_ratio", "language_model")
        # Every sum of a plan is a year's.
        text = A_YEAR.sub("", _with_unit(value, unit if not bare or unit == "%" else "", head))
        if not head:
            _begin(line, text, plan, file)
        elif text:
            entry: Any = float(number(value, "persons")) if head == "headcount" else text
            when = () if bare else (quarter(line["year"])[:4], part)
            beside = {"year": bare and line["year"], "route": not of_model and route}
            for name in (column for column, word in beside.items() if word):
                file.notes.append(
                    sentence("{} is not read: {} has none", f"{file.path}:{line.place(name)}", line["field"])
                )
            file.put(".".join(filter(None, (plan, head, *when))), entry, line.place("field"))
        else:
            file.notes.append(
                sentence("{} has no value and is not read", f"{file.path}:{line.place('field')}")
            )


def _begin(line: Line, cost: str, plan: str, file: BankFile) -> None:
    """Keep a project that a plan begins."""
    project = {"item": item_names().name(line["field"]), "start": quarter(line["year"], of_year=1)}
    project |= {"cost": cost} if cost else {}
    project |= {"route": line["route"]} if line["route"] else {}
    projects = lookup(file.data, f"{plan}.projects")
    listed = projects if isinstance(projects, list) else []
    file.places[f"{plan}.projects.{len(listed)}"] = line.place("field")
    file.data = assigned(file.data, f"{plan}.projects", [*listed, project])


_READERS: Final[Mapping[str, Callable[[Line, str, BankFile], None]]] = {
    "bank": _read_field, "floors": _read_field, "items": _read_field, "staff": _read_staff, "plans": _read_plan,
}  # fmt: skip


# --- a row a bank


def _members(sheet: Table, file: BankFile) -> Iterator[BankFile]:
    """Several banks from a table with a row each; the head of a column may name a unit: ``Total assets (bn yuan)``."""
    (top, heads), *_ = sheet.rows or ((0, ()),)
    columns = []
    for at, head in enumerate(heads):
        label, _, unit = re.sub("[)）]", "", head).replace("（", "(").partition("(")
        with file.faults.noted(sheet.place(top, at)):
            columns += [(at, head, _key(label.strip()), unit.strip())] if label.strip() else []
    for row, cells in sheet.under_header(file.faults):
        bank = BankFile(file.path, file.faults)
        for at, head, key, unit in columns:
            name = _filled(cells[at]) if at < len(cells) else ""
            if name:
                _keep(key, [name], sheet.place(row, at, head), bank, unit)
        if bank.data:
            bank.places.setdefault("", sheet.place(row, 0))
            yield bank
