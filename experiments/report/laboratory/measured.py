"""Questions that effects answer by themselves: what rises, what falls, what cannot be told from chance."""

from collections.abc import Sequence
from typing import Any

from experiments.labels import Labels, chance
from experiments.report.embed import data_link
from experiments.report.laboratory import words
from experiments.report.material import Material, texts
from experiments.report.table import Cell, Table, interval
from experiments.results.statistics import lookup, paired_summary
from model.outcomes import BY_SYSTEM

Asked = Sequence[tuple[str, str]]
COLUMNS = 6  # years of a path at most
WAYS = {1: "lab.rises", -1: "lab.falls", 0: "lab.still"}


def measured(asked: Asked, material: Material, labels: Labels, quarter: str = "") -> list[str]:
    """One sentence a scenario on the asked (outcome, kind of bank), at the end of the study or in a quarter."""
    effects = material.effects
    if quarter:
        columns = ["scenario", "replicate", "bank_kind", "outcome", "effect"]
        effects = texts(material.table("effects", columns, measure="true", quarter=quarter))
    if effects.empty:
        return []
    found: dict[Any, Any] = lookup(
        paired_summary(effects, ["scenario", "outcome", "bank_kind"]), ["scenario", "outcome", "bank_kind"]
    )
    said = []
    for scenario in material.policies:
        lines = [(name, kind, found.get((scenario, name, kind))) for name, kind in asked]
        parts = []
        for side, way in WAYS.items():
            told = [
                _told(line, name, kind, labels)
                for name, kind, line in lines
                if line and line["clear"] == side
            ]
            parts += [labels(way, listing=labels.listing(told))] if told else []
        if parts:
            listed = ("；" if labels.language == "zh" else "; ").join(parts)
            facts = {"scenario": labels.scenario(scenario), "year": quarter[:4] or str(material.year)}
            said.append(labels("lab.measured_all", **facts, listing=listed))
    return said


def _told(line: Any, name: str, kind: str, labels: Labels) -> str:
    shown = interval(line, words.digits(name), words.scale(name))
    facts = {"effect": shown.text, "interval": shown.interval, "chance": chance(line["probability"])}
    return labels("lab.measured", outcome=words.outcome(name, kind, labels), **facts)


def baseline(asked: Asked, material: Material, labels: Labels) -> list[str]:
    """Where the baseline takes what is one number for the whole system, from the first year to the last."""
    names = [name for name, _ in asked if name in BY_SYSTEM]
    if not names:
        return []
    columns = ["scenario", "outcome", "quarter", "q05", "q50", "q95"]
    chosen = {"outcome": names, "scenario": material.baseline, "bank_kind": "all", "quantity": "level"}
    table = texts(material.table("bands", columns, measure="true", **chosen))
    table = table[table["quarter"].str.endswith("Q4")] if len(table) else table
    said = []
    for name in names if len(table) else ():
        mine = table[table["outcome"] == name].sort_values("quarter")
        if len(mine):
            first, last = _level(mine.iloc[0], name), _level(mine.iloc[-1], name)
            years = {"first": mine["quarter"].iloc[0][:4], "year": mine["quarter"].iloc[-1][:4]}
            facts = {"start": first.text, "end": f"{last.text} {last.interval}"}
            told = _named(name, "all", labels)
            said.append(labels("lab.baseline_path", outcome=told, **years, **facts))
    return said


def paths(asked: Asked, material: Material, labels: Labels) -> list[Table]:
    """Levels of the asked outcomes over the years under every scenario: median and 90 % band over runs."""
    columns = ["scenario", "bank_kind", "outcome", "quarter", "q05", "q50", "q95"]
    names = sorted({name for name, _ in asked})
    table = texts(material.table("bands", columns, quantity="level", measure="true", outcome=names))
    table = table[table["quarter"].str.endswith("Q4")] if len(table) else table
    if table.empty:
        return []
    every = sorted(set(table["quarter"]))
    step = -(-len(every) // COLUMNS)
    quarters = every[::-1][::step][::-1]
    levels: dict[Any, Any] = lookup(table, ["scenario", "outcome", "bank_kind", "quarter"])
    rows = []
    for name, kind in asked:
        for scenario in material.scenarios:
            lines = [levels.get((scenario, name, kind, quarter)) for quarter in quarters]
            if any(line is not None for line in lines):
                told = Cell(labels.scenario(scenario))
                rows.append([Cell(_named(name, kind, labels)), told, *(_level(line, name) for line in lines)])
    head = [labels("column.outcome"), labels("column.scenario"), *(quarter[:4] for quarter in quarters)]
    kept = table[[pair in set(asked) for pair in zip(table["outcome"], table["bank_kind"], strict=True)]]
    return [
        Table(head, rows, labels("lab.paths_note"), labels("lab.paths_title"), csv=data_link(kept), wide=True)
    ]


def _named(name: str, kind: str, labels: Labels) -> str:
    """Name of an outcome whose level is told: a percentage where its effects are percentage points."""
    return words.outcome(name, kind, labels).replace(labels("lab.points"), labels("lab.percent"))


def _level(line: Any, name: str) -> Cell:
    if line is None:
        return Cell("–")
    number = 3 if name in words.FINE else 1
    middle, low, high = (f"{words.scale(name) * line[end]:,.{number}f}" for end in ("q50", "q05", "q95"))
    return Cell(middle, interval=f"[{low}, {high}]".replace("-", "−"))
