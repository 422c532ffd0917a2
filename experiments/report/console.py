"""What the console prints of a study: scores by kind, what each scenario changes, whom the policies reach."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from agents.honeycomb import DIMENSIONS, KINDS
from experiments.labels import Labels
from experiments.labels.numbers import columns

HEADS = (*KINDS, "all")
COLUMNS = ["scenario", "quantity", "measure", "outcome", "quarter", "bank_kind", "runs", "q05", "q50", "q95"]


def summary(folder: Path) -> str:
    """Summarise a study in tables of text, in the language of its report.

    Parameters
    ----------
    folder : Path
        The folder of a study.
    """
    labels = Labels(language(folder))
    bands = pd.read_parquet(folder / "bands.parquet", columns=COLUMNS)
    bands = bands[(bands["measure"] == "true") & bands["outcome"].isin([*DIMENSIONS, "index"])]
    levels, effects = bands[bands["quantity"] == "level"], bands[bands["quantity"] == "effect"]
    facts = {
        "scenario": levels["scenario"].iloc[0],
        "first": levels["quarter"].iloc[0],
        "last": levels["quarter"].iloc[-1],
        "runs": levels["runs"].max(),
    }
    rows = [_scores(levels, name, facts, labels) for name in (*DIMENSIONS, "index")]
    parts = [_by_kind(labels("console.scores", **facts), labels("console.dimension"), rows, labels)]
    if scenarios := list(dict.fromkeys(effects["scenario"])):
        title = labels("console.effects", last=facts["last"])
        changes = [_effects(effects, name, facts["last"]) for name in scenarios]
        parts.append(_by_kind(title, labels("console.scenario"), changes, labels))
    path = folder / "coverage.parquet"
    parts += [reach(pd.read_parquet(path), labels)] if path.exists() else []
    return "\n".join(parts)


def language(folder: Path) -> str:
    """The language of a study's report, by its manifest; English without one."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return str(((manifest.get("config") or {}).get("report") or {}).get("language", "en"))


def reach(coverage: pd.DataFrame, labels: Labels | None = None) -> str:
    """Lay out whom each policy reaches: banks, provinces and their share of all assets."""
    labels = labels or Labels("en")
    rows = [[labels(f"console.{key}") for key in ("scenario", "policy", "banks", "provinces", "assets")]]
    several = coverage["scenario"].value_counts() > 2  # else the only policy is all of them
    for line in coverage.to_dict("records"):
        if line["policy"] != "all" or several[line["scenario"]]:
            numbers = f"{line['banks']:,}", str(line["provinces"]), f"{100 * line['asset_share']:.1f} %"
            rows.append([line["scenario"], line["policy"], *numbers])
    return _laid_out(labels("console.reach"), rows, 2)


def _scores(levels: pd.DataFrame, outcome: str, facts: dict[str, Any], labels: Labels) -> list[str]:
    """One line of the table of scores: first and last quarter by kind."""
    rows = levels[(levels["scenario"] == facts["scenario"]) & (levels["outcome"] == outcome)]
    medians = rows.set_index(["quarter", "bank_kind"])["q50"].to_dict()

    def at(quarter: str, kind: str) -> str:
        return f"{medians[quarter, kind]:.1f}" if (quarter, kind) in medians else "-"

    name = outcome if not labels.chinese else labels.outcome(outcome)
    return [name, *(f"{at(facts['first'], kind)} > {at(facts['last'], kind)}" for kind in HEADS)]


def _effects(effects: pd.DataFrame, scenario: str, last: str) -> list[str]:
    """One line of the table of effects: the change of the index by kind with its 90 % band."""
    mine = effects[(effects["scenario"] == scenario) & (effects["outcome"] == "index")]
    rows = mine[mine["quarter"] == last].set_index("bank_kind").to_dict("index")
    return [scenario, *(_banded(rows[kind]) if kind in rows else "-" for kind in HEADS)]


def _banded(row: dict[Any, Any]) -> str:
    """A median and its band; what rounds to nothing has no sign of its own."""
    q05, q50, q95 = (round(float(row[q]), 2) + 0.0 for q in ("q05", "q50", "q95"))
    return f"{q50:+.2f} [{q05:+.2f}, {q95:+.2f}]"


def _by_kind(title: str, corner: str, rows: Sequence[Sequence[str]], labels: Labels) -> str:
    """Rows under the kinds of banks, and all small and medium ones."""
    return _laid_out(title, [[corner, *(labels(f"console.kind_{kind}") for kind in HEADS)], *rows])


def _laid_out(title: str, rows: Sequence[Sequence[str]], names: int = 1) -> str:
    """Rows in columns of equal width under a title; the first row is the head, the first columns are names."""
    widths = [max(columns(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = []
        for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
            gap = " " * (width - columns(cell))
            cells.append(cell + gap if place < names else gap + cell)
        lines.append("  ".join(cells))
    return "\n".join([title, lines[0], "-" * columns(lines[0]), *lines[1:], ""])
