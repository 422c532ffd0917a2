"""The section of the report on a bank that the user brings: what the board is told, with its tables."""

from collections.abc import Iterator

from experiments.own_bank.pages import Board
from experiments.report.registry import Block, Page, Points, Text, section


@section("own_bank", place=20, tables=("own_bank",), always=False)
def own_section(page: Page) -> Iterator[Block]:
    """The sheets of the board paper, one after the other."""
    if not page.study.settings.get("bank"):
        return
    board = page.once(Board)
    for sheet in board.sheets:
        yield Text("", sheet.title)
        yield Points(sheet.points)
        yield board.figure(sheet)
        yield from sheet.tables
    yield Text(page.labels("own.limits"))
