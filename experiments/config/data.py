"""Reading the project's data tables."""

import csv
from functools import cache
from pathlib import Path

from agents.items import Item
from experiments.config.errors import ConfigError, Fault
from experiments.location import CONF, DATA


@cache
def _rows(path: Path) -> tuple[tuple[tuple[str, str], ...], ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(tuple(row.items()) for row in csv.DictReader(file))


def read(name: str) -> list[dict[str, str]]:
    """Read a table of the data folder, one dict a row.

    Parameters
    ----------
    name : str
        File below ``data/``.

    Returns
    -------
    list of dict

    Raises
    ------
    ConfigError
        If the file is missing or is no UTF-8 table.
    """
    try:
        return [dict(row) for row in _rows(DATA / name)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError([Fault(f"data/{name}", f"cannot be read: {error}", "a UTF-8 table")]) from error


def read_items() -> list[dict[str, str]]:
    """Read the items of the questionnaire, one dict a row; raises `ConfigError` as `read` does."""
    try:
        return [dict(row) for row in _rows(CONF / "questionnaire/items.csv")]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        what = f"cannot be read: {error}"
        raise ConfigError([Fault("conf/questionnaire/items.csv", what, "a UTF-8 table")]) from error


def items() -> list[Item]:
    """The items of the questionnaire as the model reads them."""
    return [Item.from_row(row) for row in read_items()]
