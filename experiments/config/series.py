"""Series from a user's own files: margins, balance-sheet quality, market shares, openness, survey scores.

Each file has the columns of the shipped table that it replaces (see ``data/README.md``), in English or Chinese, from
any spreadsheet. What is read becomes part of the study's settings as plain numbers, so that it enters the study's
identity and a replay needs no file. Kinds, provinces and cells that a file leaves out keep the shipped numbers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationInfo, field_validator

from agents.honeycomb import KINDS, SMALL_KINDS
from experiments.config import catalogue, names
from experiments.config.errors import (
    ConfigError,
    Faults,
    Refused,
    enumerated,
    nearest,
    out_of_range,
    refuse,
    sentence,
)
from experiments.config.fields import Strict
from experiments.config.tables import Column, PlacedRow, quarter, sound, table, whole_number
from experiments.config.tree import MISSING, assigned, leaves, lookup
from experiments.config.units import number, slip
from experiments.location import of_user

Source = str | os.PathLike[str] | Mapping[str, Any]
Reader = Callable[[str], str]
Ends = dict[str, dict[str, float]]
Cells = dict[str, dict[str, dict[str, float]]]

FIRST_YEAR: Final = 2019
LAST_OUTTURN: Final = 2024
ROUNDED: Final = 0.5  # percent by which rounded shares may be more than the market
BAD_LOANS, COVERAGE, CAPITAL = "bad_loans", "coverage", "capital"
RANGES: Final = {BAD_LOANS: (0.0, 30.0), COVERAGE: (20.0, 1000.0), CAPITAL: (0.0, 40.0)}
MARGIN_GROUPS: Final = ("large", "joint_stock", "city", "rural", "private")
GROUP_NAMES: Final = names.vocabulary("group")
MEASURE_NAMES: Final = names.vocabulary("measure")
DIMENSION_NAMES: Final = names.vocabulary("dimension")


@dataclass(frozen=True)
class Form:
    """What a table of a series looks like: a number for each of some keys, as kind and year.

    Parameters
    ----------
    keys : mapping of str to callable
        The columns that say what a number is of, outermost first, each with what reads its cells.
    unit : str
    within : tuple of float
        The range of the numbers.
    value : str
        The column of the numbers. A column ``unit`` is read beside ``value``.
    ranges : mapping of str to tuple
        Ranges by the outermost key, where they differ.
    shares : mapping of str to float
        By the outermost key, or "" for each: a series that is nowhere above it holds shares, and not what is asked for.
    check : callable, optional
        Notes what is wrong with the whole.
    """

    keys: Mapping[str, Reader]
    unit: str
    within: tuple[float, float]
    value: str = "value"
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    check: Callable[[Any, Faults], None] | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of a file."""
        words = names.vocabulary("series").others
        titles = (*self.keys, self.value, *(("unit",) if self.value == "value" else ()))
        return tuple(
            Column(name, words[name], name not in ("unit", "measure"), alone=name in (self.value, "unit"))
            for name in titles
        )

    def __call__(self, source: Source, key: str = "") -> dict[str, Any]:
        """Read a file, or the same numbers as a mapping of mappings.

        Parameters
        ----------
        source : path or mapping
        key : str
            What names the file, for what is wrong with the whole of it.

        Returns
        -------
        dict
            The numbers, by key below key.

        Raises
        ------
        ConfigError
            With every fault; those of a mapping stand at its dotted keys.
        """
        if isinstance(source, Mapping):
            faults, rows = Faults(), _leaves(source, tuple(self.keys), self.value)
        else:
            whole = f"{key}: {source}" if key else str(source)
            faults = Faults(lambda place: f"{source}:{place}" if place else whole)
            rows = table(of_user(str(source)), self.columns, faults)
        tree: dict[str, Any] = {}
        for place, cells in rows:
            keys: list[str] = []
            for column, reader in self.keys.items():
                with faults.noted(place(column)):
                    keys.append(reader(cells.get(column, "")))
            with faults.noted(place(self.value)):
                value = self._number(cells.get(self.value, ""), cells.get("unit"), *keys[:1])
                if len(keys) < len(self.keys):
                    continue
                if lookup(tree, ".".join(keys)) is not MISSING:
                    faults.at(place(""), sentence("{} stands twice", " ".join(keys)))
                tree = assigned(tree, ".".join(keys), value)
        if not len(faults):
            self._note_shares(tree, faults)
        if self.check is not None and not len(faults):
            self.check(tree, faults)
        if not tree and not len(faults):
            faults.at("", sentence("has no row of data"), sentence("at least one row"))
        faults.stop()
        return _in_order(tree)

    def _note_shares(self, tree: dict[str, Any], faults: Faults) -> None:
        """Note series that read as shares in place of percent or points."""
        largest: dict[str, float] = {}
        for name, value in leaves(tree):
            one = name.rpartition(".")[0]
            largest[one] = max(value, largest.get(one, 0.0))
        for one, value in largest.items():
            highest = self.shares.get(one.partition(".")[0], self.shares.get("", 0.0))
            if 0.0 < value <= highest:
                what = sentence("is nowhere above {:g}, as shares are", value, self.unit)
                faults.at(one.replace(".", " "), what)

    def _number(self, cell: str, unit: str | None, first: str = "") -> float:
        """The number of a cell in the unit of the series, within the range of its first key."""
        low, high = self.ranges.get(first, self.within)
        value = float(number(sound(cell), self.unit, unit or None))
        if not low <= value <= high:
            what = out_of_range(cell)
            allowed = sentence("{:g} to {:g} {}", low, high, self.unit)
            raise Refused(what, allowed, slip(value, self.unit, low, high))
        return value


def _leaves(tree: object, levels: Sequence[str], value: str, at: str = "") -> Iterator[PlacedRow]:
    """The rows of a table given as a mapping of mappings, each with its dotted key."""
    if levels and isinstance(tree, Mapping):
        for key, below in tree.items():
            for place, row in _leaves(below, levels[1:], value, f"{at}.{key}".lstrip(".")):
                yield place, {levels[0]: str(key), **row}
    else:
        yield lambda column: at, {value: str(tree)}


def _in_order(branch: dict[str, Any]) -> dict[str, Any]:
    """The same with years and quarters in their order."""
    if all(isinstance(value, dict) for value in branch.values()):
        return {key: _in_order(value) for key, value in branch.items()}
    return dict(sorted(branch.items())) if all(key[:1].isdigit() for key in branch) else branch


def _group(*allowed: str) -> Reader:
    def read(cell: str) -> str:
        name = GROUP_NAMES.find(cell)
        if name not in allowed:
            what = sentence("{!r} is no kind of banks here", cell)
            raise Refused(what, GROUP_NAMES.choice(allowed), nearest(cell, allowed))
        return name

    return read


def _year(first: int) -> Reader:
    return lambda cell: str(whole_number(cell, first, 2040))


def _whole_margins(ends: Ends, faults: Faults) -> None:
    """Note years that are left out."""
    for group, values in ends.items():
        last = max(*map(int, values), LAST_OUTTURN)
        missing = [str(year) for year in range(FIRST_YEAR, last + 1) if str(year) not in values]
        if missing:
            what = sentence("has no margin for {}", enumerated(missing), FIRST_YEAR, LAST_OUTTURN)
            faults.at(group, what)


def _sound_quality(values: Cells, faults: Faults) -> None:
    """Note starts that the model's numbers do not reach, and series that begin after the start of the model."""
    for kind, value in starts(values).items():
        row = catalogue.row(f"banks.{kind}.{COVERAGE}")
        if not row.low <= value <= row.high:
            what = sentence("starts with {:g}, which is out of range", value)
            faults.at(f"{kind} {COVERAGE}", what, row.within)
    for measure, groups in values.items():
        for group, by_year in groups.items():
            if int(min(by_year)) > 2021:
                what = sentence("begins in {}, after the start of the model", min(by_year))
                faults.at(f"{group} {measure}", what)


def _sound_shares(shares: Ends, faults: Faults) -> None:
    """Note a path that has no start, and shares of one quarter that are more than the market."""
    if shares and "2020Q4" not in shares.get("large", {}):
        faults.at("", sentence("has no share of the large banks at the end of 2020"))
    for quarter_end in sorted({one for path in shares.values() for one in path}):
        parts = {group: path[quarter_end] for group, path in shares.items() if quarter_end in path}
        small = parts.pop("city", 0.0) + parts.pop("private", 0.0)  # both are among the others
        parts["other"] = max(small, parts.get("other", 0.0))
        if sum(parts.values()) > 100.0 + ROUNDED:
            faults.at("", sentence("adds to {:g} in {}", sum(parts.values()), quarter_end))


# Net interest margins at year ends, percent, from 2019 with no year left out.
margin: Final = Form(
    {"kind": _group(*MARGIN_GROUPS), "year": _year(2000)},
    "percent of assets",
    (0.3, 15.0),
    check=_whole_margins,
)
# Bad-loan ratios (where no measure is named), provision coverage and capital adequacy at year ends, percent.
asset_quality: Final = Form(
    {
        "measure": lambda cell: MEASURE_NAMES.name(cell) if cell else BAD_LOANS,
        "kind": _group(*MARGIN_GROUPS, "rural_with_village"),
        "year": _year(2000),
    },
    "percent of loans",
    (0.0, 1000.0),
    ranges=RANGES,
    shares={BAD_LOANS: 0.1, CAPITAL: 1.0},
    check=_sound_quality,
)
# Shares of the market for inclusive small-firm loans at quarter ends, percent. The path of ``large`` (state-owned
# banks) is what small banks lose to; the other kinds' shares at the end of 2020 are where they start.
market_shares: Final = Form(
    {"kind": _group("large", "rural", "city", "private", "other"), "quarter": quarter},
    "percent of inclusive small-firm loans",
    (0.0, 95.0),
    shares={"": 1.0},
    check=_sound_shares,
)
# Openness of public data in 2020.
openness: Final = Form({"province": names.PROVINCE_NAMES.name}, "0-1", (0.0, 1.0))
# Survey scores; a cell that is missing is not used, and years may be added.
scores: Final = Form(
    {"bank_type": _group(*SMALL_KINDS), "dimension": DIMENSION_NAMES.name, "year": _year(2020)},
    "points",
    (0.0, 100.0),
    "score",
    shares={"": 1.0},
)
READERS: Final[Mapping[str, Form]] = {
    "margin": margin, "asset_quality": asset_quality, "market_shares": market_shares, "openness": openness,
    "scores": scores,
}  # fmt: skip


def starts(values: Cells) -> dict[str, float]:
    """Provision coverage of the bank kinds that a table of asset quality sets: each kind's earliest year is its start.

    Parameters
    ----------
    values : mapping
        What `asset_quality` gives.

    Returns
    -------
    dict
        Ratio by kind; large banks are the mean of the state-owned and the joint-stock ones where the
        table has both. Bad loans and capital are paths of the environment.
    """
    first = {group: by_year[min(by_year, key=int)] for group, by_year in values.get(COVERAGE, {}).items()}
    if "rural_with_village" in first:
        first.setdefault("rural", first["rural_with_village"])
    large = [first[group] for group in ("large", "joint_stock") if group in first]
    if large:
        first["large"] = sum(large) / len(large)
    return {kind: round(first[kind] / 100.0, 9) for kind in KINDS if kind in first}


def market_starts(shares: Ends, joint_stock: float, small: Mapping[str, float]) -> dict[str, float]:
    """The kinds' shares of the market at the start, 0-1, as far as a table of market shares says.

    Parameters
    ----------
    shares : mapping
        What `market_shares` gives.
    joint_stock : float
        Joint-stock banks' share, percent: they are large banks here and among the others in the statistics.
    small : mapping
        Shipped shares of city and private banks, 0-1, by which ``other`` is divided.
    """
    first = {group: by_quarter["2020Q4"] for group, by_quarter in shares.items() if "2020Q4" in by_quarter}
    starts = {}
    if "large" in first:
        starts["large"] = first["large"] + joint_stock
    if "other" in first:
        rest = max(first["other"] - joint_stock, 0.0) / (small["city"] + small["private"])
        starts |= {kind: rest * small[kind] for kind in ("city", "private")}
    starts |= {kind: first[kind] for kind in ("rural", "city", "private") if kind in first}
    return {kind: round(value / 100.0, 9) for kind, value in starts.items()}


class SeriesSettings(Strict):
    """Series of the user's own in place of the shipped ones, as numbers; null keeps the shipped series.

    Each is given as the path of a table. `margin` is percent by kind and year end; `asset_quality` percent by measure,
    kind and year end; `market_shares` percent by kind and quarter; `openness` 0-1 by province; `scores` points by kind,
    dimension and year.
    """

    margin: Ends | None = None
    asset_quality: Cells | None = None
    market_shares: Ends | None = None
    openness: dict[str, float] | None = None
    scores: Cells | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _read(cls, value: object, info: ValidationInfo) -> Any:
        """The numbers of a table, or numbers themselves, such as those of a manifest."""
        name = str(info.field_name)
        if value is None:
            return None
        if not isinstance(value, Mapping | str):
            raise Refused(sentence("{!r} is no file", value))
        try:
            return READERS[name](value, f"series.{name}")
        except ConfigError as error:
            if isinstance(value, str):
                refuse(name, (((), one.refused(one.where), value) for one in error.faults))
            refuse(name, ((tuple(one.where.split(".")), one.refused(), value) for one in error.faults))

    @property
    def of_environment(self) -> dict[str, Any]:
        """What the environments of scenarios read."""
        quality = self.asset_quality or {}
        series = {"margin": self.margin, "market_shares": self.market_shares}
        for measure in (BAD_LOANS, CAPITAL):
            groups = dict(quality.get(measure, {}))
            if "rural_with_village" in groups:
                groups.setdefault("rural", groups.pop("rural_with_village"))
            series[measure] = groups or None
        return {name: ends for name, ends in series.items() if ends is not None}

    def bank_numbers(self, banks: Mapping[str, Any], joint_stock: float) -> dict[str, float]:
        """The numbers of bank kinds that the series set, by dotted name.

        Parameters
        ----------
        banks : mapping
            The shipped numbers, for what the series leave open.
        joint_stock : float
            Joint-stock banks' share of the market for inclusive loans, percent.
        """
        covered = starts(self.asset_quality or {})
        changes = {f"banks.{kind}.{COVERAGE}": value for kind, value in covered.items()}
        if self.market_shares is not None:
            small = {kind: float(banks[kind]["inclusive_market"]) for kind in ("city", "private")}
            shares = market_starts(self.market_shares, joint_stock, small)
            changes |= {f"banks.{kind}.inclusive_market": value for kind, value in shares.items()}
        return changes
