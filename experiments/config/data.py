"""Reading the project's data tables."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from agents.items import Item
from experiments.config.errors import ConfigError, Fault
from experiments.location import CONF, DATA, ROOT


@cache
def table(path: Path) -> tuple[Mapping[str, str], ...]:
    """The rows of one of the project's own tables, read once."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return tuple(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        place = path.relative_to(ROOT).as_posix()
        raise ConfigError([Fault(place, f"cannot be read: {error}", "a UTF-8 table")]) from error


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
    return [dict(row) for row in table(DATA / name)]


def read_items() -> list[dict[str, str]]:
    """Read the items of the questionnaire, one dict a row; raises `ConfigError` as `read` does."""
    return [dict(row) for row in table(CONF / "questionnaire/items.csv")]


def items() -> list[Item]:
    """The items of the questionnaire as the model reads them."""
    return [Item.from_row(row) for row in read_items()]
