"""Policies and scenarios: what each tests, and the sign that was declared for each beside the sign that was found."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from experiments.labels import Labels
from experiments.labels.numbers import signed
from experiments.report.registry import Block, Page, section
from experiments.report.tables import DASH, Cell, Line, Table, texts
from experiments.results.statistics import lookup, paired_summary

SIGNS = {"+": 1, "-": -1, "−": -1, "0": 0}
WORDS = {1: "sign.up", -1: "sign.down", 0: "sign.noise"}


class Declared(NamedTuple):
    """A sign that a scenario, or one of its policies and shocks, declares for an outcome of a kind of bank."""

    scenario: str
    lever: str
    outcome: str
    kind: str
    sign: str


@section("policies", place=100)
def policies(page: Page) -> Iterator[Block]:
    """The scenarios, then the signs."""
    yield from (table for table in (scenarios(page), signs(page)) if table.rows)


def scenarios(page: Page) -> Table:
    """Scenarios with their policies and what each tests."""
    labels = page.labels
    rows = [
        texts(
            labels.scenario(str(node["label"])),
            labels.listing(labels.policy(str(item["name"])) for item in levers(node)) or "–",
            told(node.get("tests", ""), labels),
            labels.name("grade", str(node.get("grade", ""))),
        )
        for node in page.study.nodes
    ]
    head = [labels(f"column.{key}") for key in ("scenario", "policy", "tests", "grade")]
    return Table(head, rows, kind="text")


def levers(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Policies and shocks of a scenario."""
    return [*node.get("policies", ()), *node.get("shocks", ())]


def told(text: Any, labels: Labels) -> str:
    """A sentence in the report's language; one that stands in English alone as it is."""
    return str(text[labels.language] if isinstance(text, Mapping) else text)


def signs(page: Page) -> Table:
    """One row for each declared sign of each scenario and lever."""
    study, labels = page.study, page.labels
    rows = [row for node in study.nodes for row in declared(node, labels)]
    levered = {(row.scenario, *row[2:]) for row in rows if row.lever}
    rows = [row for row in rows if row.lever or (row.scenario, *row[2:]) not in levered]
    effects = study.effects[study.effects["outcome"].isin({row.outcome for row in rows})]
    keys = ["scenario", "bank_kind", "outcome"]
    lines = lookup(paired_summary(effects, keys), keys)
    cells = []
    for row in rows:
        names = labels.scenario(row.scenario), row.lever or "–", labels.outcome(row.outcome)
        line = lines.get((row.scenario, row.kind, row.outcome))
        verdict = _verdict(SIGNS.get(row.sign, 0), line, labels)
        cells.append([*texts(*names, labels.name("kind", row.kind)), *verdict])
    columns = ("scenario", "policy", "outcome", "kind", "expected", "found", "agrees")
    head = [labels(f"column.{key}") for key in columns]
    note = labels("note.policies", quarter=labels.quarter(study.quarter))
    return Table(head, cells, note, kind="text", wide=True)


def declared(node: Mapping[str, Any], labels: Labels) -> Iterator[Declared]:
    """Signs that a scenario declares, its own (without a lever) and those of its levers."""
    whole = [("", node.get("expected", ()))]
    for lever, signs_ in whole + [
        (labels.policy(str(one["name"])), one.get("expected", ())) for one in levers(node)
    ]:
        for item in [signs_] if isinstance(signs_, Mapping) else signs_:
            kind = str(item.get("bank_kind", item.get("kind", "all")))
            yield Declared(str(node["label"]), lever, str(item["outcome"]), kind, str(item["sign"]))


def _verdict(sign: int, line: Line | None, labels: Labels) -> list[Cell]:
    expected = Cell(labels("sign.none") if sign == 0 else labels(WORDS[sign]))
    if line is None:
        return [expected, Cell(labels("sign.unknown")), DASH]
    side = int(line["clear"])
    digits = 1 if abs(line["median"]) >= 1 else 3
    found = Cell(
        f"{labels(WORDS[side])}{'，' if labels.chinese else ', '}{signed(line['median'], digits)}", bool(side)
    )
    agrees = "yes" if side == sign else "open" if side == 0 else "no"
    return [expected, found, Cell(labels(f"agrees.{agrees}"), strong=agrees == "no")]
