"""Policies and scenarios: the sign that was declared for each, and the sign that was found."""

from collections.abc import Mapping
from typing import Any

from agents.honeycomb import DIMENSIONS
from experiments.labels import Labels, signed
from experiments.report.material import Material, scenario_nodes
from experiments.report.table import Cell, Table
from experiments.results.statistics import lookup, paired_summary

SIGNS = {"+": 1, "-": -1, "−": -1, "0": 0}
WHOLE = "–"  # a sign that the scenario declares, not one of its policies
WORDS = {1: "sign.up", -1: "sign.down", 0: "sign.noise"}


def expected_and_found(material: Material, labels: Labels) -> Table | None:
    """One row for each declared sign of each scenario and policy; None when the settings declare none."""
    declared = [row for node in scenario_nodes(material.settings) for row in _declared(node, labels)]
    by_policy = {(scenario, *rest) for scenario, policy, *rest in declared if policy != WHOLE}
    declared = [row for row in declared if row[1] != WHOLE or (row[0], *row[2:]) not in by_policy]
    if not declared:
        return None
    outcomes = {outcome for _, _, outcome, _, _ in declared}
    effects = material.effects[material.effects["outcome"].isin(outcomes)]
    keys = ["scenario", "bank_kind", "outcome"]
    found = lookup(paired_summary(effects, keys), keys)
    rows = []
    for scenario, policy, outcome, kind, sign in declared:
        line = found.get((scenario, kind, outcome))
        names = [labels.scenario(scenario), policy, _outcome(outcome, labels), labels.name("kind", kind)]
        rows.append([Cell(name) for name in names] + _verdict(SIGNS.get(sign, 0), line, labels))
    columns = ("scenario", "policy", "outcome", "kind", "expected", "found", "agrees")
    head = [labels(f"column.{key}") for key in columns]
    return Table(head, rows, labels("note.policies", quarter=material.quarter), wide=True)


def scenario_list(material: Material, labels: Labels) -> Table | None:
    """Scenarios with their policies and what each tests."""
    rows = []
    for node in scenario_nodes(material.settings):
        levers = [
            labels.policy(str(item["name"])) for key in ("policies", "shocks") for item in node.get(key, ())
        ]
        grade = labels.name("grade", str(node.get("grade", "")))
        texts = (
            labels.scenario(str(node["label"])),
            labels.listing(levers) or "–",
            _said(node.get("tests", ""), labels),
            grade,
        )
        rows.append([Cell(text) for text in texts])
    head = [labels(f"column.{key}") for key in ("scenario", "policy", "tests", "grade")]
    return Table(head, rows) if rows else None


def _said(text: Any, labels: Labels) -> str:
    """A sentence in the report's language; studies of the first schema hold one in English alone."""
    return str(text[labels.language] if isinstance(text, Mapping) else text)


def _declared(node: Mapping[str, Any], labels: Labels) -> list[tuple[str, str, str, str, str]]:
    scenario = str(node["label"])
    parts = [(WHOLE, node.get("expected", ()))]
    parts += [
        (labels.policy(str(policy["name"])), policy.get("expected", ()))
        for policy in node.get("policies", ())
    ]
    parts += [
        (labels.policy(str(shock["name"])), shock.get("expected", ())) for shock in node.get("shocks", ())
    ]
    rows = []
    for name, signs in parts:
        listed = [signs] if isinstance(signs, Mapping) else signs
        for item in listed:
            kind = str(item.get("bank_kind", item.get("kind", "all")))
            rows.append((scenario, name, str(item["outcome"]), kind, str(item["sign"])))
    return rows


def _verdict(sign: int, line: Mapping[str, Any] | None, labels: Labels) -> list[Cell]:
    expected = Cell(labels("sign.none") if sign == 0 else labels(WORDS[sign]))
    if line is None:
        return [expected, Cell(labels("sign.unknown")), Cell("–")]
    side = int(line["clear"])
    digits = 1 if abs(line["median"]) >= 1 else 3
    found = Cell(f"{labels(WORDS[side])}, {signed(line['median'], digits)}", strong=bool(side))
    agrees = "yes" if side == sign else "open" if side == 0 else "no"
    return [expected, found, Cell(labels(f"agrees.{agrees}"), strong=agrees == "no")]


def _outcome(name: str, labels: Labels) -> str:
    """Name of a dimension, a pain point or another outcome."""
    if name in DIMENSIONS:
        return labels.name("dimension", name)
    if name.startswith("pain_"):
        return labels.name("pain", name.removeprefix("pain_"))
    return labels.name("outcome", name)
