"""Quarters: names such as ``2024Q3`` and their index counted from the first quarter of 2020."""

import re

FIRST_YEAR = 2020
LAST_YEAR = 2040
_PATTERN = re.compile(r"(\d{4})Q([1-4])")


def index(quarter: str) -> int:
    """Return the index of a quarter, 0 for 2020Q1.

    Raises
    ------
    ValueError
        If the name is not a year and a quarter between 2020Q1 and 2040Q4.
    """
    match = _PATTERN.fullmatch(quarter)
    if match is None or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        raise ValueError(f"{quarter!r} is not a quarter between {FIRST_YEAR}Q1 and {LAST_YEAR}Q4")
    return 4 * (int(match[1]) - FIRST_YEAR) + int(match[2]) - 1


def name(position: int) -> str:
    """Return the name of the quarter at an index."""
    return f"{FIRST_YEAR + position // 4}Q{position % 4 + 1}"


def span(start: str, end: str) -> tuple[str, ...]:
    """Return the names of all quarters from start to end, both included."""
    return tuple(name(position) for position in range(index(start), index(end) + 1))


def first_of_year(position: int) -> bool:
    """Tell whether the quarter opens a year, when banks plan."""
    return position % 4 == 0


def last_of_year(position: int) -> bool:
    """Tell whether the quarter closes a year, when the survey asks."""
    return position % 4 == 3
