"""What the console prints of a study: what moves, whom the policies reach, the scores, and the index as a footnote."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from agents.honeycomb import DIMENSIONS, KINDS
from experiments.labels import (
    Labels,
    begun,
    columns,
    percent,
    plain,
    reached,
    scale,
    signed,
    titled,
    unsigned,
)
from experiments.results.statistics import side

HEADS = (*KINDS, "all")
SPREAD = 1e-6  # of an effect, below which it is the same in every run and nothing is to be divided
WAYS = {1: "moves.up", -1: "moves.down", 0: "moves.still"}
COLUMNS = ["scenario", "quantity", "measure", "outcome", "quarter", "bank_kind", "runs", "q05", "q50", "q95"]


def summary(folder: Path) -> str:
    """Summarise a study in sentences and tables of text, in the language of its report.

    Parameters
    ----------
    folder : Path
        The folder of a study.
    """
    labels = labels_of(folder)
    tables = {
        name: pd.read_parquet(folder / f"{name}.parquet")
        for name in ("paths", "falls", "coverage", "facts")
        if (folder / f"{name}.parquet").exists()
    }
    bands = pd.read_parquet(folder / "bands.parquet", columns=COLUMNS)
    bands = bands[(bands["measure"] == "true") & bands["outcome"].isin([*DIMENSIONS, "index"])]
    levels, effects = bands[bands["quantity"] == "level"], bands[bands["quantity"] == "effect"]
    baseline = str(levels["scenario"].iloc[0])
    facts = {"scenario": _titled(baseline, labels), "runs": levels["runs"].max()}
    facts |= {"first": levels["quarter"].iloc[0], "last": levels["quarter"].iloc[-1]}
    falls = tables.get("falls")
    mine = levels[levels["scenario"] == baseline]
    if falls is not None:
        falls = falls[falls["scenario"] == baseline]
    rows = [_scores(mine, name, facts, labels, falls) for name in (*DIMENSIONS, "index")]
    title = labels("console.scores", **facts)
    if falls is not None:
        since = labels("console.falls", since=falls["since"].iloc[0])
        title = labels.clauses([title, since])
    parts = [_by_kind(title, labels("console.dimension"), rows, labels)]
    if scenarios := list(dict.fromkeys(effects["scenario"])):
        title = labels("console.effects", last=facts["last"])
        changes = [_effects(effects, name, facts["last"], labels) for name in scenarios]
        parts.append(_by_kind(title, labels("console.scenario"), changes, labels))
    if "coverage" in tables:
        parts.insert(0, reach(tables["coverage"], labels))
    if "paths" in tables:
        nodes = config_of(folder).get("scenarios") or ()
        parts.insert(0, moves(tables["paths"], tables.get("coverage"), str(facts["last"]), labels, nodes))
    if "facts" in tables:
        parts.append(facts_table(tables["facts"], labels))
    parts[:0] = answered(folder, labels)
    if facts["runs"] == 1:
        parts.append(labels("uncertainty.one") + "\n")
    return "\n".join(parts)


def answered(folder: Path, labels: Labels) -> list[str]:
    """What the tables of an analysis answer, in the first sentences of the report."""
    if not (config_of(folder).get("analysis") or {}).get("methods"):
        return []  # the rooms behind the tables take longer to import than all else that is said here
    from experiments.report import registry  # whose sections take their words from here
    from experiments.report.page import opened
    from experiments.report.sections.answer import SAID, answer_parts

    registry.load()
    if not any((folder / f"{name}.parquet").is_file() for name in registry.FINDINGS):
        return []
    page = opened(folder, labels.language)
    question, sentences, _ = answer_parts(page)
    lines = [f"  {sentence}" for sentence in sentences[:SAID]]
    return ["\n".join([question or labels("section.answer"), *lines, ""])] if lines else []


def moves(
    paths: pd.DataFrame, coverage: pd.DataFrame | None, last: str, labels: Labels, nodes: Sequence[Any] = ()
) -> str:
    """Say in a line for each scenario what it does to its target, and what follows from that."""
    colon = "：" if labels.chinese else ": "
    lines = [f"  {name}{colon}{text}" for name, text in scenario_lines(paths, coverage, last, labels, nodes)]
    return "\n".join([labels("console.moves", last=labels.quarter(last)), *lines, ""])


def scenario_lines(
    paths: pd.DataFrame, coverage: pd.DataFrame | None, last: str, labels: Labels, nodes: Sequence[Any] = ()
) -> Iterator[tuple[str, str]]:
    """Yield the name of each scenario, and in sentences what it does: on the console, in report and brief alike.

    `nodes` are the scenarios as the settings have them: of one that stands in another world than its baseline it is
    said what its effect is of.
    """
    worlds, merging = in_other_worlds(nodes, labels), _merging(nodes)
    for scenario, mine in paths.groupby("scenario", observed=True, sort=False):
        rows = mine.to_dict("records")
        aims = [row for row in rows if row["role"] == "target"]
        lines = [labels.clauses([aimed(row, labels), *_when(row, last, labels)]) for row in aims]
        rest = {(row["role"], row["bank_kind"]): row for row in rows}
        if not lines and ("index", "all") in rest:
            lines.append(aimed(rest["index", "all"], labels))
        lines.append(labels.clauses(_besides(rest, labels) + _reached(coverage, str(scenario), labels)))
        lines.append(worlds.get(str(scenario), ""))
        lines.append(labels("moves.merged") if scenario in merging else "")
        sentences = (labels.stopped(begun(part)) for part in lines if part)
        yield labels.scenario(str(scenario)), labels.sentences(sentences)


def in_other_worlds(nodes: Sequence[Any], labels: Labels) -> dict[str, str]:
    """What the effect is of, by scenario, where its baseline has another environment or other assumptions."""
    by_label = {node.get("label"): node for node in nodes if isinstance(node, Mapping)}
    sentences = {}
    for label, node in by_label.items():
        base = by_label.get(node.get("baseline"), node)
        if any(node.get(key) != base.get(key) for key in ("environment_name", "assumptions")):
            key = "moves.together" if node.get("policies") or node.get("shocks") else "moves.world"
            sentences[str(label)] = labels(key, baseline=labels.scenario(str(base["label"])))
    return sentences


def _merging(nodes: Sequence[Any]) -> set[str]:
    """Scenarios whose policies merge banks, so that a mean is of other banks than the baseline's."""
    return {
        str(node["label"])
        for node in nodes
        for policy in node.get("policies") or ()
        if any(effect["field"] == "hub_merges" and effect["value"] for effect in policy.get("effects", ()))
    }


def aimed(row: dict[Any, Any], labels: Labels) -> str:
    """What a scenario does to one outcome, told as up, down, or not told from zero."""
    outcome, size = str(row["outcome"]), scale(str(row["outcome"]))
    way = int(side(row["end_low"], row["end_high"]))
    end, low, high = (size * float(row[name]) for name in ("end", "end_low", "end_high"))
    ends = {"low": signed(low, 2), "high": signed(high, 2)}
    return labels(
        WAYS[way],
        outcome=labels.outcome(outcome),
        banks=labels.inside(labels.banks(str(row["bank_kind"]))),
        effect=signed(end, 2) if way == 0 else unsigned(end),
        unit=labels.unit(outcome),
        **ends,
    )


def _when(row: dict[Any, Any], last: str, labels: Labels) -> list[str]:
    """What was held plausible, how much sooner it comes, and when the effect was largest if not at the end."""
    parts = []
    if math.isfinite(row["prior_low"]):
        ends = {name: signed(float(row[f"prior_{name}"])) for name in ("low", "high")}
        parts.append(labels("moves.prior", **ends))
    if math.isfinite(row["assumption"]) and row["end_high"] - row["end_low"] > SPREAD:
        parts.append(labels("moves.spread", share=percent(row["assumption"])))
    if side(row["end_low"], row["end_high"]) and abs(row["gained"]) >= 0.5:
        key = "moves.sooner" if row["gained"] > 0 else "moves.later"
        parts.append(labels(key, quarters=plain(abs(row["gained"]))))
    if row["peak_quarter"] != last and abs(row["peak"]) > 1.25 * abs(row["end"]):
        when = labels.quarter(str(row["peak_quarter"]))
        parts.append(labels("moves.peak", quarter=when, effect=signed(row["peak"])))
    return parts


def _besides(rows: dict[tuple[Any, Any], dict[Any, Any]], labels: Labels) -> list[str]:
    """Items gained over all, and the gap, where they are told from zero."""
    parts = []
    for role, up, down, times in (
        ("rungs", "moves.rungs", "moves.rungs_lost", 100.0),
        ("gap", "moves.widens", "moves.closes", 1.0),
    ):
        row = rows.get((role, "all"))
        if row is not None and (way := side(row["end_low"], row["end_high"])):
            size = times * abs(row["end"])
            parts.append(labels(up if way > 0 else down, rungs=plain(size, 0), effect=unsigned(size)))
    return parts


def _reached(coverage: pd.DataFrame | None, scenario: str, labels: Labels) -> list[str]:
    """Whom the policies of a scenario reach together."""
    if coverage is None:
        return []
    mine = coverage[(coverage["scenario"] == scenario) & (coverage["policy"] == "all")]
    return [
        labels("moves.reach", banks=f"{row['banks']:,}", assets=reached(row["asset_share"]))
        for row in mine.to_dict("records")
    ]


def labels_of(folder: Path) -> Labels:
    """The words of a study's language, with the titles that its settings give."""
    config = config_of(folder)
    language = str((config.get("report") or {}).get("language", "en"))
    return Labels(language, titled(config.get("scenarios", ()), language))


def config_of(folder: Path) -> dict[str, Any]:
    """The settings of a study; empty where its folder has no manifest."""
    path = folder / "manifest.json"
    return (json.loads(path.read_text("utf-8")) if path.exists() else {}).get("config") or {}


def facts_table(facts: pd.DataFrame, labels: Labels) -> str:
    """Lay out every fact that the model is held to: whether it holds, its value and its band."""
    rows = [[labels(f"facts.column_{key}") for key in ("fact", "passed", "model", "band", "fitted")]]
    for line in facts.to_dict("records"):
        value, band = f"{line['value']:.2f}", f"[{line['low']:g}, {line['high']:g}]"
        words = labels(f"facts.{line['passed']}"), value, band, labels(f"facts.fit_{line['used_in_fit']}")
        rows.append([line["fact"], *words])
    passed, free = facts["passed"] == "yes", facts["used_in_fit"] == "no"
    counts = {"held": passed.sum(), "all": len(facts), "free": free.sum(), "free_held": (passed & free).sum()}
    return laid_out(labels("facts.held", **counts), rows, 2)


def reach(coverage: pd.DataFrame, labels: Labels | None = None) -> str:
    """Lay out whom each policy reaches: banks, provinces and their share of all assets."""
    labels = labels or Labels("en")
    rows = [[labels(f"console.{key}") for key in ("scenario", "policy", "banks", "provinces", "assets")]]
    for line in apart(coverage).to_dict("records"):
        numbers = f"{line['banks']:,}", str(line["provinces"]), reached(line["asset_share"])
        whole = labels.chinese and line["policy"] == "all"
        policy = labels("coverage.all") if whole else _titled(line["policy"], labels)
        rows.append([_titled(line["scenario"], labels), policy, *numbers])
    return laid_out(labels("console.reach"), rows, 2)


def _titled(name: str, labels: Labels) -> str:
    """A scenario or policy as a table names it: in English the word that a command takes, in Chinese its title."""
    return labels.scenario(name) if labels.chinese else name


def apart(coverage: pd.DataFrame) -> pd.DataFrame:
    """The reach of each policy, and that of a scenario as a whole where its policies reach differently."""
    sizes = coverage.drop_duplicates(["scenario", "banks", "provinces", "asset_share"])[
        "scenario"
    ].value_counts()
    return coverage[(coverage["policy"] != "all") | (coverage["scenario"].map(sizes).astype(int) > 1)]


def _scores(
    levels: pd.DataFrame, outcome: str, facts: dict[str, Any], labels: Labels, falls: pd.DataFrame | None
) -> list[str]:
    """One line of the table of scores: first and last quarter by kind, and how surely the score falls."""
    rows = levels[levels["outcome"] == outcome]
    medians = rows.set_index(["quarter", "bank_kind"])["q50"].to_dict()

    def at(quarter: str, kind: str) -> str:
        return f"{medians[quarter, kind]:.1f}" if (quarter, kind) in medians else "-"

    name = outcome if not labels.chinese else labels.outcome(outcome)
    fall = {}
    if falls is not None:
        mine = falls[falls["outcome"] == outcome]
        fall = {
            kind: f" ({percent(part)})" for kind, part in zip(mine["bank_kind"], mine["fall"], strict=True)
        }
    first, last = facts["first"], facts["last"]
    return [name, *(f"{at(first, kind)} > {at(last, kind)}{fall.get(kind, '')}" for kind in HEADS)]


def _effects(effects: pd.DataFrame, scenario: str, last: str, labels: Labels) -> list[str]:
    """One line of the table of effects: the change of the index by kind with its 90 % band."""
    mine = effects[(effects["scenario"] == scenario) & (effects["outcome"] == "index")]
    rows = mine[mine["quarter"] == last].set_index("bank_kind").to_dict("index")
    return [_titled(scenario, labels), *(_banded(rows[kind]) if kind in rows else "-" for kind in HEADS)]


def _banded(row: dict[Any, Any]) -> str:
    """A median and its band; what rounds to nothing has no sign of its own."""
    q05, q50, q95 = (round(float(row[q]), 2) + 0.0 for q in ("q05", "q50", "q95"))
    return f"{q50:+.2f} [{q05:+.2f}, {q95:+.2f}]"


def _by_kind(title: str, corner: str, rows: Sequence[Sequence[str]], labels: Labels) -> str:
    """Rows under the kinds of banks, and all small and medium ones."""
    return laid_out(title, [[corner, *(labels(f"console.kind_{kind}") for kind in HEADS)], *rows])


def laid_out(title: str, rows: Sequence[Sequence[str]], names: int = 1) -> str:
    """Rows in columns of equal width under a title; the first row is the head, the first columns are names."""
    widths = [max(columns(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = []
        for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
            gap = " " * (width - columns(cell))
            cells.append(cell + gap if place < names else gap + cell)
        lines.append("  ".join(cells).rstrip())
    return "\n".join([title, lines[0], "-" * columns(lines[0]), *lines[1:], ""])
