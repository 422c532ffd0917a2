"""The assumptions in use: every number with its unit, range, source and grade; and what the bands hold of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agents.honeycomb import DIMENSIONS
from experiments.config import catalogue
from experiments.config.names import vocabulary
from experiments.labels import Labels, items
from experiments.labels import catalogue as words
from experiments.report.registry import Block, Page, Points, Text, section
from experiments.report.tables import Cell, Table, texts
from experiments.results.statistics import CRITICAL

# The parts of settings that hold numbers of the model.
GROUPS = ("population", "banks", "behaviour", "network", "bank", "scenarios")
FOCUS = vocabulary("focus")
COLUMNS = ("meaning", "value", "unit", "range", "grade", "source", "number")


@dataclass(frozen=True)
class Assumption:
    """One number (or list, or mapping of numbers) in use, each part ready to print."""

    place: str
    group: str
    meaning_en: str
    meaning_zh: str
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
    labels, rows = page.labels, listed(page.study.settings, page.labels)
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
                *texts((row.meaning_zh if labels.chinese else row.meaning_en) or row.place),
                Cell(f"{row.value}{' *' * row.changed}{' †' * row.beyond}", strong=row.changed or row.beyond),
                *texts(labels.translated(row.unit), row.range, labels.name("grade", row.grade)),
                *texts(row.source, row.place),
            ]
            for row in mine
        ]
        title = f"{labels.name('group', group)} ({len(mine)})"
        yield Table(head, cells, kind="text named", wide=True, folded=title)


def listed(settings: Mapping[str, Any], labels: Labels | None = None) -> list[Assumption]:
    """Every graded number of the settings, in their order; what several scenarios share stands once."""
    given, pinned = settings.get("rows", {}), settings.get("pinned", ())
    rows: dict[tuple[str, ...], Assumption] = {}
    for place, value, node in numbers(settings, ()):
        dots = ".".join(place)
        known = given[dots] if dots in given else _row(dots)
        facts = {**known, **node}
        span = node.get("range") or ((known["low"], known["high"]) if known else None)
        row = Assumption(
            place=dots,
            group=place[0],
            meaning_en=str(facts.get("meaning_en", "")),
            meaning_zh=str(facts.get("meaning_zh", "")),
            value=show(value, labels),
            unit=str(facts.get("unit", "")),
            range=" – ".join(show(int(end) if facts.get("unit") == "year" else end) for end in span or ()),
            grade=str(facts["grade"]),
            source=str(facts["source"]),
            changed=bool(facts.get("changed", dots in given or any(key.startswith(dots) for key in pinned))),
            beyond=outside(value, span),
        )
        rows.setdefault((dots, row.value, row.range), row)
    return list(rows.values())


def _row(name: str) -> dict[str, Any]:
    """What the catalogue says of a number; nothing of one that it does not have."""
    return vars(catalogue.row(name)) if catalogue.known(name) else {}


Place = tuple[str, ...]


def numbers(node: Any, place: Place) -> Iterator[tuple[Place, Any, Mapping[str, Any]]]:
    """Every number below, with the keys that lead to it and what stands beside its value.

    Folders of earlier versions hold unit, range, source and grade with each value; later ones leave these to the
    catalogue.
    """
    if isinstance(node, Mapping) and {"value", "source", "grade"} <= set(node):
        yield place, node["value"], node
    elif place and catalogue.known(".".join(place)):
        yield from _known(place, node)
    elif isinstance(node, Mapping):
        for key, below in node.items():
            if not place and key == "scenarios":
                for scenario in below if isinstance(below, list | tuple) else ():
                    yield from _of_scenario(scenario)
            elif place or key in GROUPS:
                yield from numbers(below, (*place, str(key)))
    elif isinstance(node, list | tuple):
        for step, below in enumerate(node):
            yield from numbers(below, (*place, _called(below, step)))


def _known(place: Place, node: object) -> Iterator[tuple[Place, object, Mapping[str, object]]]:
    """A number of the catalogue; an effect of a policy or shock comes with its own range."""
    if isinstance(node, Mapping) and "value" in node:
        yield place, node["value"], {"range": node["range"]} if "range" in node else {}
    elif node is not None:
        yield place, node, {}


def _of_scenario(scenario: Mapping[str, Any]) -> Iterator[tuple[Place, object, Mapping[str, object]]]:
    """A policy or an environment is the same in every scenario that names it, so the scenario's name is left out."""
    environment = str(scenario.get("environment_name", "central"))
    yield from numbers(scenario.get("environment", {}), ("environments", environment))
    for group in ("policies", "shocks"):
        yield from numbers(scenario.get(group, ()), (group,))
    for name, value in scenario.get("assumptions", {}).items():
        if catalogue.known(name):
            yield tuple(name.split(".")), value, {"changed": True}


def _called(node: object, step: int) -> str:
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


def show(value: object, labels: Labels | None = None) -> str:
    """A number, a list or a mapping of numbers as one line; the parts of a mapping by their names in Chinese."""
    if isinstance(value, Mapping):
        names = _parts(value, labels) if labels and labels.chinese else map(str, value)
        return "; ".join(
            f"{name} {show(item, labels)}" for name, item in zip(names, value.values(), strict=True)
        )
    if isinstance(value, list | tuple):
        return ", ".join(show(item) for item in value)
    if isinstance(value, float):
        return f"{value:,.6g}".replace("-", "−")
    return str(value)


def _parts(keys: Iterable[str], labels: Labels) -> list[str]:
    """What a mapping is divided by, as a reader calls it, where one vocabulary has every part: ``rural`` is in two."""
    keys = list(keys)
    parts = {key.removeprefix("part."): labels(key) for key in words() if key.startswith("part.")}
    dimensions = {key: labels.name("dimension", key) for key in DIMENSIONS}
    focus = {key: said.spoken(labels.language) for key, said in FOCUS.shown.items()}
    asked = {key: names[labels.language] for key, names in items().items()}
    vocabularies = (dimensions, parts, focus, asked)
    names = next((one for one in vocabularies if set(keys) <= set(one)), {})
    return [names.get(key, key) for key in keys]


FEW = 30  # runs below which digits say nothing


@section("uncertainty", place=40, brief=70)
def uncertainty(page: Page) -> Iterator[Block]:
    """The note on what the bands hold and what they cannot."""
    labels, runs = page.labels, max(page.study.runs, 1)
    error = f"{CRITICAL * (0.25 / runs) ** 0.5:.2f}"
    count = labels("uncertainty.runs", n=runs, error=error, tail=max(round(runs / 20), 1))
    few = labels("uncertainty.few") if runs < FEW else ""
    points = [labels(f"uncertainty.{name}") for name in ("priors", "large", "both")]
    points.append(labels.sentences([count, few]))
    yield Points([*points, *(labels(f"uncertainty.{name}") for name in ("survey", "model", "calibration"))])
