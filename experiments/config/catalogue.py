"""What each number means: one table for those that go into the model, one for those that it measures.

``conf/catalogue.csv`` has meaning, unit, range, source and grade; ``conf/outcomes.csv`` meaning and unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from typing import Any, Final

from experiments.config.data import table
from experiments.config.errors import Sentence
from experiments.config.names import vocabulary
from experiments.config.tree import upwards
from experiments.location import CONF
from model.own_bank import OF_BANKS
from model.own_opening import COMPARED

FILE: Final = CONF / "catalogue.csv"
UNIT_NAMES: Final = vocabulary("unit")
BARE: Final = ("", "1", "0-1")  # units of what is a number and nothing else, which its range need not repeat
GRADES: Final = ("outturn", "inferred", "from memory", "assumption", "own data")
COUNTED: Final = ("banks", "quarters", "persons", "links", "partners", "vendors", "provinces", "members")
GIVEN: Final = ("value", "unit", "range", "source", "grade", "sampled", "note")


@dataclass(frozen=True)
class Row:
    """What is known of a number beside its value.

    Parameters
    ----------
    name : str
        Dotted name; ``*`` stands for any kind of bank, policy, environment or the like.
    meaning_en, meaning_zh : str
        What it is, in the languages of the report.
    unit : str
        For instance ``1/year`` or ``yuan``.
    low, high : float
        Every part of the number lies in ``[low, high]``.
    source : str
        Ids of rows of the data files, or the word ``assumption``.
    grade : str
        One of `GRADES`.
    sampled : tuple of float or None
        Ends of what calibration samples it over: uniformly, in logs where they are far apart. None where it does not.
    total : float or None
        What its parts add to.
    value : float or None
        What is taken where a user's bank says nothing; other numbers have theirs in a file of their own.
    """

    name: str
    meaning_en: str
    meaning_zh: str
    unit: str
    low: float
    high: float
    source: str
    grade: str
    sampled: tuple[float, float] | None = None
    total: float | None = None
    value: float | None = None

    @property
    def ends(self) -> tuple[float, float]:
        """The range."""
        return self.low, self.high

    @property
    def within(self) -> Sentence:
        """The range with its unit, as a message says it."""
        low, high, unit = number(self.low), number(self.high), self.unit
        if unit in BARE:
            return Sentence(f"{low} to {high}", f"{low} 至 {high}")
        return Sentence(f"{low} to {high} {unit}", f"{low} 至 {high}（{UNIT_NAMES.display(unit, 'zh')}）")

    def meaning(self, language: str) -> str:
        """What the number is, in a language of the report."""
        return self.meaning_zh if language == "zh" else self.meaning_en

    def given(self, node: Mapping[str, Any]) -> Row:
        """The same with what a user's file says beside the value (range, source, grade), which pins it."""
        changes = {key: node[key] for key in ("source", "grade") if key in node}
        if "range" in node:
            changes |= {"low": float(node["range"][0]), "high": float(node["range"][1])}
        return replace(self, **changes, sampled=None)


def number(value: float) -> str:
    """A number as a person writes it."""
    return f"{value:.12g}"


def is_number(node: object) -> bool:
    """Whether plain data gives a number with what is known of it: ``{value, unit, range, source, grade}``."""
    return isinstance(node, Mapping) and "value" in node and set(node) <= set(GIVEN)


@cache
def rows() -> Mapping[str, Row]:
    """Every row by its name, in the order of the file; what a row leaves blank it takes from the one with ``*``."""
    by_name: dict[str, Row] = {}
    for cells in table(FILE):
        like = vars(_best(by_name, cells["name"])) if not cells["unit"] else {}
        by_name[cells["name"]] = Row(
            **{field.name: _cell(field.name, cells[field.name], like) for field in fields(Row)}
        )
    return by_name


def _cell(name: str, text: str, like: Mapping[str, object]) -> Any:
    if not text and name in like:
        return like[name]
    if name in ("low", "high"):
        return float(text)
    if name in ("total", "value"):
        return float(text) if text else None
    if name == "sampled":
        low, _, high = text.partition(" to ")
        return (float(low), float(high)) if high else None
    return text


def _best(catalogue: Mapping[str, Row], name: str) -> Row:
    """The row with the fewest ``*`` that fits a name; raises KeyError if none does."""
    parts = name.split(".")
    fitting = [
        row
        for row in catalogue.values()
        if len(row.name.split(".")) == len(parts)
        and all(a in ("*", b) for a, b in zip(row.name.split("."), parts, strict=True))
    ]
    if not fitting:
        raise KeyError(name)
    return min(fitting, key=lambda row: row.name.count("*"))


@lru_cache(maxsize=4096)
def row(name: str) -> Row:
    """The row of a number.

    Parameters
    ----------
    name : str
        Dotted name, as ``behaviour.loss_system``, ``banks.rural.staff`` or ``policies.alliances.costs.fees.amount``.

    Raises
    ------
    KeyError
        If no row fits.
    """
    return replace(best(name), name=name)


@lru_cache(maxsize=4096)
def best(name: str) -> Row:
    """The row of the table that speaks of a number, under its own name in the table; raises KeyError if none does."""
    return rows().get(name) or _best(rows(), name)


def value(name: str) -> float:
    """What is taken of a number where a user's bank says nothing."""
    usual = row(name).value
    if usual is None:
        raise KeyError(f"{name} has no value in {FILE.name}")
    return usual


@lru_cache(maxsize=4096)
def known(name: str) -> bool:
    """Whether a dotted name is that of a number."""
    try:
        row(name)
    except KeyError:
        return False
    return True


def number_of(key: str) -> str:
    """The number that a dotted key is, or is a part of; empty where it is none."""
    return next(filter(known, upwards(key)), "")


def sampled(prefix: str) -> Iterator[Row]:
    """Rows without ``*`` left below a prefix that calibration samples."""
    return (one for name, one in rows().items() if name.startswith(prefix) and one.sampled)


# --- what the model measures


Described = dict[str, tuple[str, str]]  # name -> unit, meaning


def _of(*groups: str) -> Described:
    rows = table(CONF / "outcomes.csv")
    return {row["name"]: (row["unit"], row["meaning"]) for row in rows if row["of"] in groups}


OUTCOMES: Final = _of("bank", "system")
FIRST_DAY: Final = _of("first day")
OWN_OUTCOMES: Final = (
    _of("own")
    | {name: OUTCOMES[name] for name in OF_BANKS}
    | {f"opening.{name}": (unit, f"first day: {meaning}") for name, (unit, meaning) in FIRST_DAY.items()}
    | {
        f"ahead.{n}": ("percent", f"first day, percent of peers with less: {FIRST_DAY[n][1]}")
        for n in COMPARED
    }
    | {f"peers.{n}": (FIRST_DAY[n][0], f"first day, median of peers: {FIRST_DAY[n][1]}") for n in COMPARED}
)
