"""A design table: a file whose rows are the jobs of a sweep and whose columns are keys of the configuration."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from experiments.config.errors import COMMAND_LINE, Fault, Faults, Refused, sentence
from experiments.config.folders import OwnFiles
from experiments.config.tables import csv_table
from experiments.config.words import hydra_words


class Row:
    """A row of a design table: the words of a job, and where they stand.

    Parameters
    ----------
    table : str
        The file.
    line : int
        In the file, from 1.
    cells : dict of str to str
        Key -> what the row gives it; keys that a row leaves empty are not in it.
    """

    def __init__(self, table: str, line: int, cells: dict[str, str]) -> None:
        self.line, self.place, self.cells = line, f"{table}:line {line}", cells

    def words(self, own: OwnFiles, faults: Faults) -> list[str]:
        """The row as words of a command line, in Hydra's grammar."""
        wrong = Faults()
        words = hydra_words([f"{key}={cell}" for key, cell in self.cells.items()], own, wrong)
        faults.extend(map(self.placed, wrong))
        return words

    def placed(self, fault: Fault) -> Fault:
        """A fault of the job, with the row and, where a cell is at fault, the column."""
        key = fault.where.removeprefix(f"{COMMAND_LINE}:")
        named = [name for name in self.cells if re.match(rf"{re.escape(name)}(\W|$)", key)]
        of_cell = key != fault.where and named
        where = f"{self.place}, column {max(named, key=len)}" if of_cell else f"{self.place}: {fault.where}"
        return Fault(where, fault.what, fault.allowed, fault.suggestion)


def rows(table: str, given: Sequence[str], faults: Faults) -> list[Row]:
    """The rows of a design table, in any form in which a spreadsheet leaves it.

    Parameters
    ----------
    table : str
        The file.
    given : sequence of str
        Keys that the command line gives to every job.
    faults : Faults
        Grows by what is wrong with the table as a whole, with columns, and with rows that say the same.
    """
    columns = sentence("keys such as policy or policies.data_sharing.start as header, and a row a job")
    try:
        lines = csv_table(table).rows
    except Refused as refused:
        faults.refused(table, refused)
        return []
    if len(lines) < 2:
        faults.add(table, sentence("has no row of data"), columns)
        return []
    keys, found = lines[0][1], dict[tuple[tuple[str, str], ...], Row]()
    for key in filter(None, dict.fromkeys(keys)):
        if keys.count(key) > 1:
            faults.add(f"{table}:column {key}", sentence("stands twice"), sentence("each column once"))
        elif key in given:
            faults.add(
                f"{table}:column {key}",
                sentence("is given on the command line, too"),
                sentence("one of them"),
            )
    for line, cells in lines[1:]:
        told = {key: cell for key, cell in zip(keys, cells, strict=False) if key and cell}
        row = Row(table, line, told)
        if any(cell and not key for key, cell in zip_longest(keys, cells, fillvalue="")):
            faults.add(row.place, sentence("has a cell under no key"), columns)
        first = found.setdefault(tuple(told.items()), row)
        if first is not row:
            faults.add(
                row.place, sentence("is the job of line {} again", first.line), sentence("each job once")
            )
    return list(found.values())
