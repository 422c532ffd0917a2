"""What calibration is held against: the survey's scores, and weakly the banks' spending. Headline scores never."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agents.honeycomb import DIMENSIONS
from experiments.assembly.tables import read
from experiments.calibration.forward import ASKED
from experiments.faults import ConfigError, Fault
from experiments.location import DATA

SCORES = DATA / "source" / "scores.csv"
COLUMNS = ("bank_type", "dimension", "year", "score")
BINS_OF_2023 = ("T001", "T002", "T003", "T004")
ABOVE_TWO_PERCENT = "P082"
BANKS_ASKED = {2021: 70, 2022: 73, 2023: 80}


@dataclass(frozen=True)
class Targets:
    """Observed values, NaN where there is none.

    Parameters
    ----------
    years : tuple of int
        Editions of the survey, ascending.
    scores : ndarray, shape (Y, 3, 6)
        0-100, by edition, kind (city, rural, private) and dimension.
    spend : ndarray, shape (Y, 3)
        Shares of banks that spend at least 2, 5 and 10 percent of revenue on technology, 0-1.
    """

    years: tuple[int, ...]
    scores: np.ndarray
    spend: np.ndarray

    def until(self, year: int) -> Targets:
        """The same with everything after a year unknown."""
        late = np.array(self.years) > year
        scores, spend = self.scores.copy(), self.spend.copy()
        scores[late] = spend[late] = np.nan
        return Targets(self.years, scores, spend)

    @property
    def vector(self) -> np.ndarray:
        """Scores, then spending, in one row."""
        return np.concatenate([self.scores.ravel(), self.spend.ravel()])


def read_targets(path: Path | None = None) -> Targets:
    """Read the targets.

    Parameters
    ----------
    path : Path, optional
        Table of scores with the columns bank_type, dimension, year, score; the shipped one by default. A cell that is
        missing from it is not used; years may be added.

    Returns
    -------
    Targets

    Raises
    ------
    ConfigError
        With every row that cannot be used.
    """
    path = path or SCORES
    rows, faults = _rows(path)
    years = tuple(
        range(min((y for _, _, y, _ in rows), default=2020), max((r[2] for r in rows), default=2020) + 1)
    )
    scores = np.full((len(years), len(ASKED), len(DIMENSIONS)), np.nan)
    for kind, dimension, year, score in rows:
        place = (years.index(year), ASKED.index(kind), DIMENSIONS.index(dimension))
        if not np.isnan(scores[place]):
            faults.append(Fault(f"{path}", f"{kind} {dimension} {year} stands twice", "one score a cell"))
        scores[place] = score
    if not rows:
        faults.append(Fault(f"{path}", "has no score", f"a table with {', '.join(COLUMNS)}"))
    if faults:
        raise ConfigError(faults)
    return Targets(years, scores, _spend(years))


def _rows(path: Path) -> tuple[list[tuple[str, str, int, float]], list[Fault]]:
    found: list[tuple[str, str, int, float]] = []
    faults: list[Fault] = []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            table = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        return found, [Fault(f"{path}", f"cannot be read: {error}", "a UTF-8 table")]
    for line, row in enumerate(table, 2):
        try:
            kind, dimension, year, score = (row[column] for column in COLUMNS)
            known = kind in ASKED and dimension in DIMENSIONS
            entry = (kind, dimension, int(year), float(score))
        except (KeyError, TypeError, ValueError):
            known, entry = False, ("", "", 0, -1.0)
        if not known or not 0.0 <= entry[3] <= 100.0 or not 2020 <= entry[2] <= 2040:
            allowed = f"{', '.join(COLUMNS)}: a kind of {ASKED}, a dimension, 2020-2040, 0-100"
            faults.append(Fault(f"{path}:{line}", "is no score", allowed))
        else:
            found.append(entry)
    return found, faults


def _spend(years: tuple[int, ...]) -> np.ndarray:
    """Shares of banks above 2, 5, 10 percent of revenue where the report prints them (T001-T004, P082)."""
    spend = np.full((len(years), 3), np.nan)
    facts = {
        row["id"]: row for name in ("spend_and_talent", "public_facts") for row in read(f"source/{name}.csv")
    }
    shares = dict(zip((2021, 2022, 2023), facts[ABOVE_TWO_PERCENT]["value"].split("/"), strict=True))
    for year, share in shares.items():
        if year in years:
            spend[years.index(year), 0] = 0.01 * float(share)
    if 2023 in years:
        bins = [0.01 * float(facts[name]["value"]) for name in BINS_OF_2023]
        spend[years.index(2023)] = np.cumsum(bins[::-1])[::-1][1:]
    return spend
