"""The tables of docs/odd.md, written from code and configuration: ``python -m tests.odd_tables`` rewrites them."""

import re
from collections.abc import Iterator
from pathlib import Path

from agents.bank import Bank
from agents.column import columns_of

from agents.honeycomb import KINDS
from experiments.config.catalogue import row as known
from experiments.config.load import compose_study
from model.policy import COST_BASES, LEVERS
from model.shock import SHOCKS
from model.streams import PURPOSES

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "odd.md"
MARKS = re.compile(r"<!-- table: (\w+) -->\n(.*?)<!-- end -->", re.DOTALL)
SHAPES = {(): "1", (3,): "3", (6,): "6", (18,): "18"}


def table(head: str, rows: Iterator[tuple[str, ...]]) -> str:
    names = head.split(" | ")
    lines = [f"| {head} |", "|" + "---|" * len(names), *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"


def states() -> str:
    rows = (
        (f"`{name}`", SHAPES[column.components], column.unit, column.meaning)
        for name, column in columns_of(Bank).items()
    )
    return table("state | components | unit | meaning", rows)


def levers() -> str:
    return table("lever | what it moves", ((f"`{name}`", meaning) for name, meaning in LEVERS.items()))


def costs() -> str:
    meanings = (
        "yuan a year for each bank that takes up",
        "share of those banks' change budget",
        "yuan a year in all",
        "yuan a year for each province where a covered bank stands",
    )
    return table("basis | what is paid", ((f"`{b}`", m) for b, m in zip(COST_BASES, meanings, strict=True)))


def shocks() -> str:
    return table("shock | what it moves", ((f"`{name}`", meaning) for name, meaning in SHOCKS.items()))


def streams() -> str:
    return table("stream", ((f"`{purpose}`",) for purpose in PURPOSES))


def behaviour() -> str:
    names = compose_study(["scenarios=[baseline]"]).behaviour
    rows = ((f"`{name}`", (row := known(f"behaviour.{name}")).unit, row.source, row.grade) for name in names)
    return table("number | unit | source | grade", rows)


def banks() -> str:
    groups = compose_study(["scenarios=[baseline]"]).banks
    names = dict.fromkeys(name for kind in KINDS for name in groups[kind])
    rows = []
    for name in names:
        having = [kind for kind in KINDS if name in groups[kind]]
        found = [known(f"banks.{kind}.{name}") for kind in having]
        sources = dict.fromkeys(row.source for row in found)
        kinds = "all" if len(having) == len(KINDS) else ", ".join(having)
        rows.append((f"`{name}`", kinds, found[0].unit, "; ".join(sources)))
    return table("number | kinds | unit | source", iter(rows))


TABLES = {f.__name__: f for f in (states, levers, costs, shocks, streams, behaviour, banks)}


def rewritten(text: str) -> str:
    """The document with its tables as code and configuration have them now."""
    return MARKS.sub(lambda found: f"<!-- table: {found[1]} -->\n{TABLES[found[1]]()}<!-- end -->", text)


if __name__ == "__main__":
    DOCUMENT.write_text(rewritten(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
