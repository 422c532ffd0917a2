"""Policies and scenarios: what each tests, declared and found signs, whom they reach, and documents by clause."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from experiments.labels import Labels, percent, plain, reached, signed
from experiments.location import CONF
from experiments.report.console import apart
from experiments.report.registry import Block, Page, Points, section
from experiments.report.tables import DASH, Cell, Line, Row, Table
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
        [
            labels.scenario(str(node["label"])),
            labels.listing(labels.policy(str(item["name"])) for item in levers(node)) or "–",
            in_language(node.get("tests", ""), labels),
            labels.name("grade", str(node.get("grade", ""))),
        ]
        for node in page.study.nodes
    ]
    head = [labels(f"column.{key}") for key in ("scenario", "policy", "tests", "grade")]
    return Table(head, rows, kind="text")


def levers(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Policies and shocks of a scenario."""
    return [*node.get("policies", ()), *node.get("shocks", ())]


def in_language(text: object, labels: Labels) -> str:
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
        cells.append([*names, labels.name("kind", row.kind), *verdict])
    columns = ("scenario", "policy", "outcome", "kind", "expected", "found", "agrees")
    head = [labels(f"column.{key}") for key in columns]
    note = labels("note.policies", quarter=labels.quarter(study.quarter))
    return Table(head, cells, note, kind="text", wide=True)


def declared(node: Mapping[str, Any], labels: Labels) -> Iterator[Declared]:
    """Signs that a scenario declares, its own (without a lever) and those of its levers."""
    groups = [("", node.get("expected", ()))]
    groups += [(labels.policy(str(one["name"])), one.get("expected", ())) for one in levers(node)]
    for lever, signs_ in groups:
        for item in [signs_] if isinstance(signs_, Mapping) else signs_:
            kind = str(item.get("bank_kind", item.get("kind", "all")))
            yield Declared(str(node["label"]), lever, str(item["outcome"]), kind, str(item["sign"]))


def _verdict(sign: int, line: Line | None, labels: Labels) -> Row:
    expected = labels("sign.none") if sign == 0 else labels(WORDS[sign])
    if line is None:
        return [expected, labels("sign.unknown"), DASH]
    side = int(line["clear"])
    digits = 1 if abs(line["median"]) >= 1 else 3
    comma = "，" if labels.chinese else ", "
    cell = Cell(f"{labels(WORDS[side])}{comma}{signed(line['median'], digits)}", bool(side))
    agrees = "yes" if side == sign else "open" if side == 0 else "no"
    return [expected, cell, Cell(labels(f"agrees.{agrees}"), strong=agrees == "no")]


FEW_ASSETS, FEW_BANKS = 0.05, 5
ROWS = 10  # in a brief


@section("coverage", place=51, brief=45, tables=("coverage",), always=False)
def coverage(page: Page) -> Iterator[Block]:
    """Banks, provinces and share of assets that each policy of each scenario reaches; who reaches few is named."""
    labels, frame = page.labels, apart(page.study.table("coverage"))
    rows, few = [], []
    for line in frame.to_dict("records"):
        whole = line["policy"] == "all"
        policy = labels("coverage.all") if whole else labels.policy(line["policy"])
        names = labels.scenario(line["scenario"]), policy
        sizes = plain(line["banks"], 0), plain(line["provinces"], 0), reached(line["asset_share"])
        scarce = line["asset_share"] < FEW_ASSETS or line["banks"] < FEW_BANKS
        rows.append([*names, *(Cell(size, strong=scarce) for size in sizes)])
        if scarce and not whole:
            facts = dict(zip(("banks", "provinces", "assets"), sizes, strict=True))
            few.append(labels("coverage.few", scenario=names[0], policy=names[1], **facts))
    if few:
        yield Points(few)
    head = [labels("column.scenario"), labels("column.policy")]
    head += [labels(f"column.{key}") for key in ("banks", "provinces", "asset_share")]
    most = ROWS if page.brief else len(rows)
    note = labels("note.coverage")
    if len(rows) > most:
        note = labels.sentences([note, labels("note.rows_most", most=most, count=len(rows))])
    if rows:
        yield Table(head, rows[:most], note, data=frame, kind="pairs")


STATES = ("modelled", "approximated", "not_modelled")


def documents() -> pd.DataFrame:
    """The clauses of every document that a scenario of the library stands for; issuer and date on each."""
    frame = pd.read_csv(CONF / "library" / "documents.csv", dtype=str)
    whole = ["issuer_en", "issuer_zh", "date"]
    frame[whole] = frame.groupby("scenario", sort=False)[whole].ffill()
    return frame.fillna("")


@section("documents", place=15, brief=15, always=False)
def clauses(page: Page) -> Iterator[Block]:
    """Which share of each document's clauses is not modelled, then the clauses."""
    labels, frame = page.labels, documents()
    mine = frame[frame["scenario"].isin(page.study.scenarios)]
    if mine.empty:
        return
    sentences = []
    for scenario, part in mine.groupby("scenario", sort=False):
        issuer = part["issuer_zh" if labels.chinese else "issuer_en"].iloc[0]
        left = float((part["state"] == "not_modelled").mean())
        facts = {"scenario": labels.scenario(str(scenario)), "issuer": issuer, "date": part["date"].iloc[0]}
        sentences.append(labels("documents.said", share=percent(left), clauses=len(part), **facts))
    yield Points(sentences)
    if page.brief:
        return
    rows = [
        [
            labels.scenario(line["scenario"]),
            line["clause_zh" if labels.chinese else "clause_en"],
            labels(f"documents.{line['state']}"),
            labels.policy(line["lever"]) if line["lever"] else "–",
        ]
        for line in mine.to_dict("records")
    ]
    head = [labels("column.scenario"), *(labels(f"documents.{key}") for key in ("clause", "state", "lever"))]
    yield Table(head, rows, labels("documents.note"), kind="text")
