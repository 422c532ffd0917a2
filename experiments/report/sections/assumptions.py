"""The assumptions in use: every number of the settings that carries a unit, a range, a source and a grade."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from experiments.report.registry import Block, Page, Points, Text, section
from experiments.report.tables import Cell, Table, texts

COLUMNS = ("number", "value", "unit", "range", "grade", "source")


@dataclass(frozen=True)
class Assumption:
    """One number (or list, or mapping of numbers) in use, each part ready to print."""

    place: str
    group: str
    value: str
    unit: str
    range: str
    grade: str
    source: str
    changed: bool
    beyond: bool


@section("assumptions", place=110)
def assumptions(page: Page) -> Iterator[Block]:
    """How many numbers of which grade, and a folded table a group of them."""
    labels, rows = page.labels, listed(page.study.settings)
    grades = Counter(row.grade for row in rows)
    named = labels.listing(f"{labels.name('grade', grade)} {count}" for grade, count in grades.items())
    if rows:
        yield Text(labels("note.assumptions", count=len(rows), grades=named))
    if beyond := [f"{row.place} = {row.value} ({row.range})" for row in rows if row.beyond]:
        yield Points([labels("note.beyond", listing=labels.clauses(beyond))])
    head = [labels(f"column.{key}") for key in COLUMNS]
    for group in dict.fromkeys(row.group for row in rows):
        mine = [row for row in rows if row.group == group]
        cells = [
            [
                *texts(row.place),
                Cell(f"{row.value}{' *' * row.changed}{' †' * row.beyond}", strong=row.changed or row.beyond),
                *texts(labels.translated(row.unit), row.range, labels.name("grade", row.grade), row.source),
            ]
            for row in mine
        ]
        yield Table(
            head, cells, kind="text names", wide=True, folded=f"{labels.name('group', group)} ({len(mine)})"
        )


def listed(settings: Mapping[str, Any]) -> list[Assumption]:
    """Every graded number of the settings, in their order; what several scenarios share stands once."""
    rows: dict[tuple[str, ...], Assumption] = {}
    for place, node in numbers(settings, ()):
        value, span = show(node["value"]), node.get("range")
        dots = ".".join(place)
        row = Assumption(
            place=dots,
            group=place[0],
            value=value,
            unit=str(node.get("unit", "")),
            range=f"{show(span[0])} – {show(span[1])}"
            if isinstance(span, list | tuple) and len(span) == 2
            else "",
            grade=str(node["grade"]),
            source=str(node["source"]),
            changed=bool(node.get("changed", False)),
            beyond=outside(node["value"], span),
        )
        rows.setdefault((dots, value, row.range), row)
    return list(rows.values())


def numbers(node: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Every mapping below that has a value, a source and a grade, with the keys that lead to it."""
    if isinstance(node, Mapping):
        if {"value", "source", "grade"} <= set(node):
            yield place, node
            return
        for key, below in node.items():
            if not place and key == "scenarios":
                for scenario in below if isinstance(below, list | tuple) else ():
                    yield from _of_scenario(scenario)
            else:
                yield from numbers(below, (*place, str(key)))
    elif isinstance(node, list | tuple):
        for step, below in enumerate(node):
            yield from numbers(below, (*place, _called(below, step)))


def _of_scenario(scenario: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """A policy or an environment is the same in every scenario that names it, so the scenario's name is left out."""
    environment = str(scenario.get("environment_name", "central"))
    yield from numbers(scenario.get("environment", {}), ("environment", environment))
    for group in ("policies", "shocks"):
        yield from numbers(scenario.get(group, ()), (group,))


def _called(node: Any, step: int) -> str:
    if isinstance(node, Mapping):
        for key in ("name", "field", "label"):
            if key in node:
                return str(node[key])
    return str(step + 1)


def outside(value: Any, span: Any) -> bool:
    """Whether any part of a number lies outside the range that its evidence covers."""
    if not isinstance(span, list | tuple) or len(span) != 2:
        return False
    if isinstance(value, Mapping):
        return any(outside(part, span) for part in value.values())
    if isinstance(value, list | tuple):
        return any(outside(part, span) for part in value)
    return isinstance(value, int | float) and not span[0] <= value <= span[1]


def show(value: Any) -> str:
    """A number, a list or a mapping of numbers as one line."""
    if isinstance(value, Mapping):
        return "; ".join(f"{key} {show(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(show(item) for item in value)
    if isinstance(value, float):
        return f"{value:,.6g}".replace("-", "−")
    return str(value)
