"""The tables and the numbers of docs/odd.md, from code and configuration: ``python -m tests.odd_tables`` rewrites them.

A number in a sentence is followed by a comment that names it, as in ``67<!--items-->``.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from agents import aspiration, budget, mandates
from agents import honeycomb as h
from agents.allocation import RULES, SHORT
from agents.items import ItemTable
from agents.state import STATES
from experiments.config.catalogue import row as known
from experiments.config.data import read
from model import planning
from model.network import SLOTS
from model.outcomes import OUTCOMES
from model.policy import COST_BASES, LEVERS, USERS
from model.shock import SHOCKS
from model.start import REFERENCE_ASSETS
from model.streams import PURPOSES
from tests.worlds import items, policy, study, world

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "odd.md"
MARKS = re.compile(r"<!-- table: (\w+) -->\n(.*?)<!-- end -->", re.DOTALL)
NUMBERS = re.compile(r"([\d.,]+)<!--(\w+)-->")
FAMILIES = {
    h.MANDATE: "attention of the board, money, rivals on a higher rung, guidance",
    h.TIE: "the same, and partners, open data, governance",
    h.CLAIM: "the part of the change budget that the duty claims",
    h.SYSTEM: "a project for the first rung; upper rungs ripen in use",
    h.MODEL: "the same, by the route to language models",
    h.PEOPLE: "read off the staff",
    h.SPENDING: "read off three years' spending over revenue",
}


def table(head: str, rows: Iterator[tuple[str, ...]]) -> str:
    names = head.split(" | ")
    lines = [f"| {head} |", "|" + "---|" * len(names), *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"


def states() -> str:
    words = {0: "1", "items": "item", "bought": "system"}
    rows = (
        (f"`{n}`", words.get(s.components, str(s.components)), s.unit, s.meaning) for n, s in STATES.items()
    )
    return table("state | components | unit | meaning", rows)


def families() -> str:
    every = items().items
    rows = (
        (f"`{name}`", str(sum(item.family == name for item in every)), moves)
        for name, moves in FAMILIES.items()
    )
    return table("family | items | what moves it", rows)


def questionnaire() -> str:
    def needs(item: Any) -> str:
        return f"`{item.needs}`" + (" as high" if item.strict else "") if item.needs else ""

    rows = (
        (f"`{i.id}`", i.name_en, f"`{i.indicator}`", f"`{i.family}`", str(i.rungs), needs(i), i.evidence)
        for i in items().items
    )
    return table("item | meaning | indicator | family | rungs | needs | evidence", rows)


def levers() -> str:
    return table("lever | what it moves", ((f"`{name}`", LEVERS.get(name).meaning) for name in LEVERS))


def policies() -> str:
    from tests.worlds import LEVER_FILES

    def row(name: str) -> tuple[str, ...]:
        one = policy(name)
        aim = one.target
        assert aim is not None
        moved = ", ".join(f"`{effect.field}`" for effect in one.effects)
        return (
            f"`{name}`",
            moved,
            f"`{aim.outcome}`",
            aim.kind,
            f"{aim.low:g} to {aim.high:g}",
            f"`{one.users}`",
        )

    return table(
        "policy | levers | target | banks | plausible, points | who pays what banks pay",
        map(row, LEVER_FILES),
    )


def costs() -> str:
    meanings = (
        "yuan a year for each bank that takes up and uses it",
        "share of those banks' change budget",
        "yuan a year in all",
        "yuan a year for each province where a bank stands that it can move",
    )
    return table("basis | what is paid", ((f"`{b}`", m) for b, m in zip(COST_BASES, meanings, strict=True)))


def shocks() -> str:
    return table("shock | what it moves", ((f"`{name}`", meaning) for name, meaning in SHOCKS.items()))


def streams() -> str:
    return table("stream", ((f"`{purpose}`",) for purpose in PURPOSES))


def behaviour() -> str:
    rows = (
        (f"`{name}`", (row := known(f"behaviour.{name}")).meaning_en, row.unit, row.source, row.grade)
        for name in study().behaviour
    )
    return table("number | meaning | unit | source | grade", rows)


def banks() -> str:
    rows = []
    for name in study().banks["city"]:
        row = known(f"banks.city.{name}")
        rows.append((f"`{name}`", row.meaning_en, row.unit, row.source))
    return table("number | meaning | unit | source", iter(rows))


TABLES = {
    f.__name__: f
    for f in (states, families, questionnaire, levers, policies, costs, shocks, streams, behaviour, banks)
}


@cache
def _national() -> Any:
    return world(place="national").population


def _counted(kind: str, village: bool | None = None) -> int:
    population = _national()
    mine = np.array(population.kinds)[population.kind] == kind
    return int((mine & (population.village == village)).sum() if village is not None else mine.sum())


def _per(*families: str) -> int:
    return sum(item.family in families for item in items().items)


def _table() -> ItemTable:
    return items()


def _strain(burden: float, capital: float) -> float:
    return float(budget.strain(np.array(burden), np.zeros(()), 1.0, np.array(capital), 10.0, 2.0, 0.3))


def _organised(coordination: int, evaluation: int) -> float:
    return float(mandates.organised(np.array(coordination), np.array(evaluation)))


def _most_attention() -> float:
    """Attention far behind the aspiration, where each point of the gap counts one."""
    zero, one = np.zeros(()), np.ones(())
    return float(aspiration.attention(np.array(100.0), zero, one, one, 0.0, 1.0))


CLAIMS: dict[str, Callable[[], float]] = {
    "items": lambda: len(_table()),
    "scored": lambda: sum(item.scored for item in _table().items),
    "asked_2020": lambda: int((_table().weights(2020) > 0).sum()),
    "systems": lambda: _per(h.SYSTEM, h.MODEL),
    "climbed": lambda: _per(h.MANDATE, h.TIE),
    "shared": lambda: sum(item.shared for item in _table().items),
    "indicators": lambda: len(h.INDICATORS),
    "surveyed": lambda: int(world().population.surveyed.sum()),
    "large": lambda: _counted("large"),
    "city": lambda: _counted("city"),
    "rural": lambda: _counted("rural", village=False),
    "village": lambda: _counted("rural", village=True),
    "private": lambda: _counted("private"),
    "provinces": lambda: len(world().population.provinces),
    "rules": lambda: len([r for r in RULES if RULES.get(r).divide.__module__ == "agents.allocation"]),
    "levers": lambda: len(tuple(LEVERS)),
    "policies": lambda: len(study().scenarios[-1].policies),
    "shocks": lambda: len(study().scenarios[-1].shocks),
    "users": lambda: len(USERS),
    "outcomes": lambda: len(OUTCOMES),
    "picks": lambda: planning.PICKS,
    "one_purse": lambda: planning.ONE_PURSE_PICKS,
    "strain_least": lambda: _strain(10.0, 0.0),
    "strain_most": lambda: _strain(-10.0, 20.0),
    "short": lambda: SHORT,
    "gap_most": _most_attention,
    "organised": lambda: _organised(0, 0),
    "coordinated": lambda: _organised(1, 0) - _organised(0, 0),
    "evaluated": lambda: _organised(0, 1) - _organised(0, 0),
    "slots": lambda: SLOTS,
    "reference": lambda: REFERENCE_ASSETS / 1e3,
    "reforms": lambda: len(read("union_reforms.csv")),
    "foci": lambda: len(h.FOCUS),
    "sample_2021": lambda: sum(years[2021] for years in world().sample.values()),
    "sample_2023": lambda: sum(years[2023] for years in world().sample.values()),
    "new_edition": lambda: max(item.first_edition for item in _table().items),
}


def told(name: str) -> str:
    """A number as the document writes it."""
    value = CLAIMS[name]()
    return f"{value:,.0f}" if value >= 10000 or (value >= 1000 and "edition" not in name) else f"{value:g}"


def rewritten(text: str) -> str:
    """The document with its tables and numbers as code and configuration have them now."""
    text = MARKS.sub(lambda found: f"<!-- table: {found[1]} -->\n{TABLES[found[1]]()}<!-- end -->", text)
    return NUMBERS.sub(lambda found: f"{told(found[2])}<!--{found[2]}-->", text)


if __name__ == "__main__":
    DOCUMENT.write_text(rewritten(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
