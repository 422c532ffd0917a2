"""What the academic's tables say: the placebo network, the sample's weights, the break of 2023; the rest by name."""

from collections.abc import Callable
from typing import Any

from experiments.labels import Labels, plain
from experiments.report.convergence import convergence
from experiments.report.embed import data_link
from experiments.report.identification import identification
from experiments.report.laboratory import words
from experiments.report.material import Material
from experiments.report.reference import observed_scores
from experiments.report.table import Cell, Table

Part = tuple[list[str], list[Table]]
BREAK = 2023  # the edition that brought the item


def placebo(frame: Any, material: Material, labels: Labels) -> Part:
    """What the network does, beside what shuffled ones do."""
    said, rows = [], []
    for place, line in enumerate(frame.to_dict("records")):
        of = str(line["outcome"])
        named = words.outcome(of, str(line["bank_kind"]), labels)
        scenario = labels.scenario(str(line["scenario"]))
        parts = [words.cell(line, key, of) for key in ("network", "shuffled", "difference")]
        if of == frame["outcome"].iloc[0] and line["bank_kind"] == frame["bank_kind"].iloc[0]:
            clear = line["difference_low"] > 0 or line["difference_high"] < 0
            told = {key: words.spread(line, key, of) for key in ("network", "shuffled", "difference")}
            kind = "level" if not place else "effect"
            text = labels(f"evidence.placebo_{kind}", scenario=scenario, outcome=named, **told)
            said += [text, labels("evidence.placebo_matters" if clear else "evidence.placebo_same", **told)]
        rows.append([Cell(scenario), Cell(named), *parts, Cell(words.percent(line["as_large"]))])
    keys = ("network", "shuffled", "difference", "as_large")
    head = [labels("column.scenario"), labels("column.outcome"), *(labels(f"evidence.{key}") for key in keys)]
    note = labels("evidence.placebo_note", shuffles=plain(frame["shuffles"].iloc[0], 0))
    title = labels("evidence.placebo_title")
    return said, [Table(head, rows, note, title, csv=data_link(frame), wide=True)]


def survey_weights(frame: Any, material: Material, labels: Labels) -> Part:
    """Raw against post-stratified."""
    said, rows, same = [], [], []
    for line in frame.to_dict("records"):
        scenario, group = labels.scenario(str(line["scenario"])), labels(f"evidence.group_{line['group']}")
        clear = line["difference_low"] > 0 or line["difference_high"] < 0
        named = {"scenario": scenario, "group": labels.inside(group)}
        if line["group"] in ("small", "gap") and clear:
            tell = _range if line["quantity"] == "level" else words.spread
            told = {key: tell(line, key) for key in ("raw", "weighted")}
            told["difference"] = words.spread(line, "difference")
            said.append(labels(f"evidence.weights_{line['quantity']}_moves", **named, **told))
        elif line["group"] in ("small", "gap"):
            same.append(labels("evidence.weights_one", **named))
        sizes = [f"{plain(line['banks'], 0)} ({plain(line['effective'], 0)})", words.percent(line["covered"])]
        cells = [words.cell(line, key) for key in ("raw", "weighted", "difference")]
        if line["quantity"] == "level":
            cells = [_level(line, "raw"), _level(line, "weighted"), cells[2]]
        rows.append([Cell(scenario), Cell(group), *map(Cell, sizes), *cells])
    keys = ("group", "effective", "covered", "raw", "weighted", "weights_difference")
    head = [labels("column.scenario"), *(labels(f"evidence.{key}") for key in keys)]
    said += [labels("evidence.weights_same", listing=labels.listing(same))] if same else []
    note, title = labels("evidence.weights_note"), labels("evidence.weights_title")
    return said, [Table(head, rows, note, title, csv=data_link(frame), wide=True)]


def measurement_break(frame: Any, material: Material, labels: Labels) -> Part:
    """The score of application with and without the item on language models."""
    printed = observed_scores(material.data)
    printed = printed[(printed["dimension"] == "application") & (printed["year"] == BREAK)]
    scores = dict(zip(printed["bank_kind"], printed["score"], strict=True))
    said, rows = [], []
    for line in frame[frame["year"] >= BREAK].to_dict("records"):
        kind = str(line["bank_kind"])
        year, name = f"{line['year']:.0f}", labels.name("kind", kind)
        if line["year"] == BREAK and kind in scores:
            told = {"shift": words.spread(line, "shift"), "printed": plain(scores[kind])}
            told["alike"] = plain(scores[kind] - line["shift"])
            said.append(labels("evidence.break", kind=name, year=year, **told))
        rows.append(
            [
                Cell(name),
                Cell(year),
                _level(line, "without"),
                _level(line, "with_item"),
                words.cell(line, "shift"),
            ]
        )
    head = [
        labels("column.kind"),
        *(labels(f"evidence.{key}") for key in ("year", "without", "with_item", "shift")),
    ]
    note, title = labels("evidence.break_note"), labels("evidence.break_title")
    return said, [Table(head, rows, note, title, csv=data_link(frame))]


def _level(line: dict[str, Any], name: str) -> Cell:
    """A level with its interval, without a sign."""
    middle, low, high = (plain(line[key]) for key in (name, f"{name}_low", f"{name}_high"))
    return Cell(middle, interval=f"[{low}, {high}]")


def _range(line: dict[str, Any], name: str) -> str:
    """The same in a sentence."""
    middle, low, high = (plain(line[key]) for key in (name, f"{name}_low", f"{name}_high"))
    return f"{middle} [{low}, {high}]"


PARTS: dict[str, Callable[[Any, Material, Labels], Part]] = {
    "identification": identification,
    "convergence": convergence,
    "placebo": placebo,
    "survey_weights": survey_weights,
    "measurement_break": measurement_break,
}
