"""Series from a user's own files: margins, balance-sheet quality, market shares, openness, survey scores.

Each file has the columns of the shipped table that it replaces (see ``data/README.md``), in English or Chinese, from
any spreadsheet. What is read becomes part of the study's settings as plain numbers, so that it enters the study's
identity and a replay needs no file. Kinds, provinces and cells that a file leaves out keep the shipped numbers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, ValidationError
from pydantic_core import InitErrorDetails

from experiments.config import catalogue, names
from experiments.config.errors import Faults, Refused, Sentence, sentence
from experiments.config.fields import Strict
from experiments.config.numbers import fault, refusal
from experiments.config.tables import Column, Misfits, Rows, quarter, whole_number
from experiments.location import existing

Source = str | os.PathLike[str] | Mapping[str, Any]


def _column(name: str, needed: bool = True) -> Column:
    """A column with the words for it of ``conf/words.csv``."""
    return Column(name, names.vocabulary("series").others[name], needed)


YEAR, QUARTER, KIND, VALUE, PROVINCE = map(_column, ("year", "quarter", "kind", "value", "province"))
UNIT, MEASURE = _column("unit", needed=False), _column("measure", needed=False)
FIRST_YEAR: Final = 2019
LAST_OUTTURN: Final = 2024
BAD_LOANS, COVERAGE, CAPITAL = "bad_loans", "coverage", "capital"
RANGES: Final = {BAD_LOANS: (0.0, 30.0), COVERAGE: (20.0, 1000.0), CAPITAL: (0.0, 40.0)}
PERCENT: Final = "percent of loans"

GROUP_NAMES: Final = names.vocabulary("group")
MEASURE_NAMES: Final = names.vocabulary("measure")
DIMENSION_NAMES: Final = names.vocabulary("dimension")


def _group(allowed: tuple[str, ...]) -> Callable[[str], str]:
    def read(cell: str) -> str:
        name = GROUP_NAMES.find(cell)
        if name not in allowed:
            chinese = "、".join(f"{g} {GROUP_NAMES.display(g, 'zh')}" for g in allowed)
            raise Refused(
                sentence("{!r} is no kind of banks here", cell),
                Sentence(", ".join(allowed), chinese),
                names.nearest(cell, allowed),
            )
        return name

    return read


def _year(first: int, last: int) -> Callable[[str], str]:
    return lambda cell: str(whole_number(cell, first, last))


MARGIN_GROUPS: Final = ("large", "joint_stock", "city", "rural", "private")


def margin(source: Source) -> dict[str, dict[str, float]]:
    """Net interest margins at year ends, percent, by group of banks and year.

    Parameters
    ----------
    source : path or mapping
        A table with year, kind and value; unit is read when it is there.

    Returns
    -------
    dict
        Every group that the file names, from 2019 to its last year, with no year left out.

    Raises
    ------
    Misfits
    """
    rows = Rows(source, (YEAR, KIND, VALUE, UNIT), ("kind", "year"))
    ends: dict[str, dict[str, float]] = {}
    for place, row in rows.rows:
        group = rows.cell(place, row, "kind", _group(MARGIN_GROUPS))
        year = rows.cell(place, row, "year", _year(2000, 2040))
        value = rows.number(place, row, "percent of assets", 0.3, 15.0)
        if group is None or year is None or value is None:
            continue
        if year in ends.setdefault(group, {}):
            rows.twice(place, f"{group} {year}")
        ends[group][year] = value
    for group, values in ends.items():
        last = max(*map(int, values), LAST_OUTTURN)
        missing = [str(year) for year in range(FIRST_YEAR, last + 1) if str(year) not in values]
        if missing and not rows.faults:
            rows.wrong(
                group,
                sentence("has no margin for {}", ", ".join(missing), "、".join(missing)),
                sentence(
                    "every year from {} to {} or later: the environment's changes follow",
                    FIRST_YEAR,
                    LAST_OUTTURN,
                ),
            )
    rows.stop(len(ends))
    return {group: dict(sorted(values.items())) for group, values in ends.items()}


QUALITY_GROUPS: Final = ("large", "joint_stock", "city", "rural", "private", "rural_with_village")
STARTS: Final = {COVERAGE: "coverage"}


def asset_quality(source: Source) -> dict[str, dict[str, dict[str, float]]]:
    """Bad-loan ratios, provision coverage and capital adequacy at year ends, percent.

    Parameters
    ----------
    source : path or mapping
        A table with year, kind and value; measure (bad_loans, coverage, capital) is bad_loans when it is not there.

    Returns
    -------
    dict
        Measure -> group -> year -> percent.

    Raises
    ------
    Misfits
    """
    rows = Rows(source, (YEAR, KIND, MEASURE, VALUE, UNIT), ("measure", "kind", "year"))
    values: dict[str, dict[str, dict[str, float]]] = {}
    for place, row in rows.rows:
        group = rows.cell(place, row, "kind", _group(QUALITY_GROUPS))
        year = rows.cell(place, row, "year", _year(2000, 2040))
        measure = rows.cell(place, row, "measure", MEASURE_NAMES.name) if row.get("measure") else BAD_LOANS
        if measure is None:
            continue
        value = rows.number(place, row, PERCENT, *RANGES[measure])
        if group is None or year is None or value is None:
            continue
        known = values.setdefault(measure, {}).setdefault(group, {})
        if year in known:
            rows.twice(place, f"{group} {measure} {year}")
        known[year] = value
    _sound_starts(values, rows)
    for measure, groups in values.items():
        for group, known in groups.items():
            if int(min(known)) > 2021 and not rows.faults:
                rows.wrong(
                    f"{group} {measure}",
                    sentence("begins in {}, after the start of the model", min(known)),
                    sentence("the end of 2019, 2020 or 2021, for the start in 2020"),
                )
    rows.stop(len(values))
    return values


def _sound_starts(values: Mapping[str, Any], rows: Rows) -> None:
    """Note starts that the model's numbers do not reach."""
    for kind, numbers in starts(values).items():
        for name, value in numbers.items():
            row = catalogue.row(f"banks.{kind}.{name}")
            if not row.low <= value <= row.high:
                what = sentence("starts with {:g}, which is out of range", value)
                rows.wrong(f"{kind} {name}", what, row.within)


def starts(values: Mapping[str, Mapping[str, Mapping[Any, float]]]) -> dict[str, dict[str, float]]:
    """The numbers of the bank kinds that a table of asset quality sets: each kind's earliest year is its start.

    Parameters
    ----------
    values : mapping
        What `asset_quality` gives.

    Returns
    -------
    dict
        Kind -> ``coverage`` (ratio); large banks are the mean of the state-owned and the joint-stock ones where the
        table has both. Bad loans and capital are paths of the environment.
    """
    numbers: dict[str, dict[str, float]] = {}
    for measure, groups in values.items():
        if measure not in STARTS:
            continue
        first = {group: known[min(known, key=int)] for group, known in groups.items()}
        if "rural" not in first and "rural_with_village" in first:
            first["rural"] = first["rural_with_village"]
        large = [first[group] for group in ("large", "joint_stock") if group in first]
        if large:
            first["large"] = sum(large) / len(large)
        for kind in names.KINDS:
            if kind in first:
                numbers.setdefault(kind, {})[STARTS[measure]] = round(first[kind] / 100.0, 9)
    return numbers


SHARE_GROUPS: Final = ("large", "rural", "city", "private", "other")


def market_shares(source: Source) -> dict[str, dict[str, float]]:
    """Shares of the market for inclusive small-firm loans at quarter ends, percent.

    Parameters
    ----------
    source : path or mapping
        A table with quarter, kind and value. The path of ``large`` (state-owned banks) is what small banks lose to;
        the other kinds' shares at the end of 2020 are where they start.

    Returns
    -------
    dict
        Group -> quarter -> percent.

    Raises
    ------
    Misfits
    """
    rows = Rows(source, (QUARTER, KIND, VALUE, UNIT), ("kind", "quarter"))
    shares: dict[str, dict[str, float]] = {}
    for place, row in rows.rows:
        group = rows.cell(place, row, "kind", _group(SHARE_GROUPS))
        moment = rows.cell(place, row, "quarter", quarter)
        value = rows.number(place, row, "percent of inclusive small-firm loans", 0.0, 95.0)
        if group is None or moment is None or value is None:
            continue
        if moment in shares.setdefault(group, {}):
            rows.twice(place, f"{group} {moment}")
        shares[group][moment] = value
    if shares and "2020Q4" not in shares.get("large", {}) and not rows.faults:
        rows.wrong(
            "",
            sentence("has no share of the large banks at the end of 2020"),
            sentence("a row 2020Q4, large"),
        )
    rows.stop(len(shares))
    return {group: dict(sorted(known.items())) for group, known in shares.items()}


def market_starts(
    shares: Mapping[str, Mapping[str, float]], joint_stock: float, small: Mapping[str, float]
) -> dict[str, float]:
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
    first = {group: known["2020Q4"] for group, known in shares.items() if "2020Q4" in known}
    found = {}
    if "large" in first:
        found["large"] = first["large"] + joint_stock
    if "other" in first:
        rest = max(first["other"] - joint_stock, 0.0) / (small["city"] + small["private"])
        found |= {kind: rest * small[kind] for kind in ("city", "private")}
    found |= {kind: first[kind] for kind in ("rural", "city", "private") if kind in first}
    return {kind: round(value / 100.0, 9) for kind, value in found.items()}


def openness(source: Source) -> dict[str, float]:
    """Openness of public data in 2020 by province, 0-1.

    Parameters
    ----------
    source : path or mapping
        A table with province (code or name) and value.

    Returns
    -------
    dict
        Code -> openness.

    Raises
    ------
    Misfits
    """
    rows = Rows(source, (PROVINCE, VALUE, UNIT), ("province",))
    values: dict[str, float] = {}
    for place, row in rows.rows:
        code = rows.cell(place, row, "province", names.province)
        value = rows.number(place, row, "0-1", 0.0, 1.0)
        if code is None or value is None:
            continue
        if code in values:
            rows.twice(place, code)
        values[code] = value
    rows.stop(len(values))
    return values


SCORE_COLUMNS: Final = (_column("bank_type"), _column("dimension"), YEAR, _column("score"))


def scores(source: Source) -> dict[str, dict[str, dict[str, float]]]:
    """Survey scores, points: kind (city, rural, private) -> dimension -> year -> score.

    Parameters
    ----------
    source : path or mapping
        A table with bank_type, dimension, year and score. A cell that is missing is not used; years may be added.

    Raises
    ------
    Misfits
    """
    rows = Rows(source, SCORE_COLUMNS, ("bank_type", "dimension", "year"), "score")
    values: dict[str, dict[str, dict[str, float]]] = {}
    for place, row in rows.rows:
        kind = rows.cell(place, row, "bank_type", _group(names.SMALL))
        dimension = rows.cell(place, row, "dimension", DIMENSION_NAMES.name)
        year = rows.cell(place, row, "year", _year(2020, 2040))
        score = rows.number(place, row, "points", 0.0, 100.0)
        if kind is None or dimension is None or year is None or score is None:
            continue
        known = values.setdefault(kind, {}).setdefault(dimension, {})
        if year in known:
            rows.twice(place, f"{kind} {dimension} {year}")
        known[year] = score
    rows.stop(len(values))
    return values


READERS: Final[Mapping[str, Callable[[Source], Mapping[str, Any]]]] = {
    "margin": margin,
    "asset_quality": asset_quality,
    "market_shares": market_shares,
    "openness": openness,
    "scores": scores,
}


A_TABLE: Final = sentence("the path of a table (CSV)")


def read_tables(given: Any, faults: Faults) -> Any:
    """The ``series`` section with the content of the files that it names.

    Parameters
    ----------
    given : any
        Plain data: name -> path, or the numbers themselves, or null.
    faults : Faults
        Grows by what is wrong in a file, with its line and column.
    """
    if not isinstance(given, Mapping):
        return given
    found = dict(given)
    for name, path in given.items():
        if isinstance(path, str) and name in READERS:
            try:
                found[name] = READERS[name](str(existing(path)))
            except Misfits as misfits:
                found[name] = None
                for place, refused in misfits.faults:
                    faults.refused(f"{path}:{place}" if place else f"series.{name}: {path}", refused)
    return found


def _checked(name: str) -> BeforeValidator:
    """Check a series that is given as numbers, such as that of a manifest."""

    def check(given: Any) -> Any:
        if given is None:
            return None
        if not isinstance(given, Mapping):
            raise fault(sentence("{!r} is no file", given), A_TABLE)
        try:
            return READERS[name](given)
        except Misfits as misfits:
            details = [
                InitErrorDetails(type=refusal(refused), loc=tuple(place.split(".")), input=refused.suggestion)
                for place, refused in misfits.faults
            ]
            raise ValidationError.from_exception_data(name, details) from misfits

    return BeforeValidator(check)


Ends = dict[str, dict[str, float]]
Cells = dict[str, dict[str, dict[str, float]]]


class SeriesSettings(Strict):
    """Series of the user's own in place of the shipped ones, as numbers; null keeps the shipped series.

    Each is given as the path of a table. `margin` is percent by kind and year end; `asset_quality` percent by measure,
    kind and year end; `market_shares` percent by kind and quarter; `openness` 0-1 by province; `scores` points by kind,
    dimension and year.
    """

    margin: Annotated[Ends | None, _checked("margin")] = None
    asset_quality: Annotated[Cells | None, _checked("asset_quality")] = None
    market_shares: Annotated[Ends | None, _checked("market_shares")] = None
    openness: Annotated[dict[str, float] | None, _checked("openness")] = None
    scores: Annotated[Cells | None, _checked("scores")] = None

    @property
    def of_environment(self) -> dict[str, Any]:
        """What the environments of scenarios read."""
        quality = self.asset_quality or {}
        found = {"margin": self.margin, "market_shares": self.market_shares}
        for measure in (BAD_LOANS, CAPITAL):
            groups = dict(quality.get(measure, {}))
            if "rural_with_village" in groups:
                groups.setdefault("rural", groups.pop("rural_with_village"))
            found[measure] = groups or None
        return {name: ends for name, ends in found.items() if ends is not None}

    def bank_numbers(self, banks: Mapping[str, Any], joint_stock: float) -> dict[str, float]:
        """The numbers of bank kinds that the series set, by dotted name.

        Parameters
        ----------
        banks : mapping
            The shipped numbers, for what the series leave open.
        joint_stock : float
            Joint-stock banks' share of the market for inclusive loans, percent.
        """
        found: dict[str, float] = {}
        for kind, numbers in starts(self.asset_quality or {}).items():
            found |= {f"banks.{kind}.{name}": value for name, value in numbers.items()}
        if self.market_shares is not None:
            small = {kind: float(banks[kind]["inclusive_market"]) for kind in ("city", "private")}
            shares = market_starts(self.market_shares, joint_stock, small)
            found |= {f"banks.{kind}.inclusive_market": value for kind, value in shares.items()}
        return found
