"""The page on calibration: what the tasks found, losses first, in both languages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from agents.honeycomb import KINDS
from experiments.calibration import figures
from experiments.calibration.backtest import FAIREST, MODEL, PRIMARY
from experiments.calibration.figures import Part, short
from experiments.calibration.targets import ASKED
from experiments.figures.chart import Chart
from experiments.figures.still import still, svg_of
from experiments.labels import Labels, items
from experiments.labels.numbers import chance, percent, plain, signed
from experiments.report.embed import Drawing, inline
from experiments.report.page import rendered
from experiments.report.registry import Block, Points, Text
from experiments.report.tables import Cell, Table, ends, texts

TASKS = ("calibrate", "backtest", "recovery", "patterns", "ablations")
PAGES = {"en": "report.html", "zh": "report_zh.html"}
CLEAR = 4  # a change of the misfit that would speak against a variant: two standard errors of one degree of freedom
WORST = 6
type Parts = dict[str, Part]


def write_page(folder: Path) -> list[Path]:
    """Write the page in each language from the JSON files of the tasks in a folder.

    Parameters
    ----------
    folder : Path
        With what there is of the tasks' results.
    """
    parts = read_parts(folder)
    written = []
    for language, name in PAGES.items():
        labels = Labels(language)
        content = [
            (section, list(blocks(parts, labels)))
            for section, (needed, blocks) in SECTIONS.items()
            if all(task in parts for task in needed)
        ]
        titles = labels("page.calibration"), labels("page.calibration_study")
        written.append(folder / name)
        written[-1].write_text(rendered(*titles, content, labels), "utf-8")
    return written


def write_record(record: list[Part]) -> dict[str, str]:
    """The page of the track record in each language, by file name.

    Parameters
    ----------
    record : list of dict
        Of each release, what `experiments.calibration.track_record.scored` gives.
    """
    pages = {}
    for language, name in PAGES.items():
        labels = Labels(language)
        blocks: list[Block] = []
        for part in record:
            blocks.append(Text(labels("track_record.release", digest=part["digest"][:16], **part["release"])))
            blocks += _backtest({"backtest": part}, labels, "track_record")
        titles = labels("page.track_record"), labels("page.track_record_study")
        pages[name] = rendered(*titles, [("track_record", blocks)], labels)
    return pages


def read_parts(folder: Path) -> Parts:
    """What the tasks have found so far."""
    files = {name: folder / f"{name}.json" for name in TASKS}
    return {name: json.loads(path.read_text("utf-8")) for name, path in files.items() if path.is_file()}


def verdicts(part: Part, labels: Labels, of: str = "calibration") -> list[str]:
    """What the backtest, or the track record, says against either rival, losses before draws before wins."""
    together = [(labels(f"{of}.together"), part["pooled"])]
    years = [
        (labels("calibration.fitted_until", year=o["year"], until=o["fitted_until"]), o["scores"])
        for o in part["origins"]
    ]
    said = []
    for title, tables in (*together, *years):
        for cells, rows in tables.items():
            by_name = {row["forecaster"]: row for row in rows}
            own = by_name[MODEL]
            for rival, word in ((PRIMARY, "primary"), (FAIREST, "fairest")):
                low, high = own[f"crps_less_{word}_interval"]
                order, verdict = (2, "beats") if high < 0 else (0, "loses") if low > 0 else (1, "ties")
                facts = {"title": title, "cells": labels.name("cells", cells)}
                facts |= {
                    "verdict": labels(f"calibration.{verdict}"),
                    "rival": labels.name("forecaster", rival),
                }
                facts |= {"crps": plain(own["crps"], 2), "other": plain(by_name[rival]["crps"], 2)}
                ends_ = {"low": signed(low, 2), "high": signed(high, 2)}
                apart = signed(own[f"crps_less_{word}"], 2)
                said.append((order, labels("calibration.verdict", apart=apart, **ends_, **facts)))
    return [text for _, text in sorted(said, key=lambda pair: pair[0])]


def losses(parts: Parts, labels: Labels) -> list[str]:
    """What the model does not do, of every task that has been done."""
    said = []
    if "backtest" in parts:
        said += verdicts(parts["backtest"], labels)[:4]
    if "patterns" in parts:
        part = parts["patterns"]
        failed = [labels(f"pattern.{row['pattern']}") for row in part["patterns"] if not row["passed"]]
        failed += [labels(f"case.{row['id']}") for row in part["cases"] if not row["passed"]]
        none = labels("calibration.failed_none")
        said.append(labels("calibration.failed", names=_list(failed, labels)) if failed else none)
    if "calibrate" in parts:
        part = parts["calibrate"]
        error = part["scores"]["error"]
        both = {kind: plain(error[kind][0]) for kind in ASKED}
        alone = {f"{kind}_alone": plain(error[kind][1]) for kind in ASKED}
        said.append(labels("calibration.score_errors", **both, **alone))
        rows = [row for row in part["shares"] if row["block"] in ("items", "spending", "staff")]
        rows = sorted(rows, key=lambda row: -abs(row["model"] - row["printed"]))[:WORST]
        named = [f"{_target(row['name'], labels)} {signed(row['model'] - row['printed'], 0)}" for row in rows]
        said.append(labels("calibration.worst", names=_list(named, labels)))
        moved = [row for row in part["shares"] if row["block"] == "changes"]
        mean = {w: plain(float(np.mean([row[w] for row in moved]))) for w in ("printed", "model")}
        said.append(labels("calibration.growth", **mean))
    return said


def _honesty(parts: Parts, labels: Labels) -> Iterator[Block]:
    yield Points(losses(parts, labels))
    if "backtest" in parts and "calibrate" in parts:
        figure = figures.honesty(parts["backtest"], parts["calibrate"], labels)
        yield _drawing("honesty_panel", labels("calibration.honesty_caption"), figure)
        learned = figures.learned(parts["calibrate"]["parameters"], labels)
        yield _drawing("learned", labels("calibration.figure_learned"), learned)


def _backtest(parts: Parts, labels: Labels, of: str = "calibration") -> Iterator[Block]:
    part = parts["backtest"]
    model = next(row for row in part["pooled"][figures.CELLS] if row["forecaster"] == MODEL)
    covered = {"wide": percent(model["coverage_90"]), "narrow": percent(model["coverage_50"])}
    bands = labels(f"{of}.bands", **covered)
    yield Points([*verdicts(part, labels, of), bands, *(_missed(o, labels) for o in part["origins"])])
    yield Text(labels(f"{of}.method"))
    for origin in part["origins"]:
        title = labels("calibration.fitted_until", year=origin["year"], until=origin["fitted_until"])
        for cells, rows in origin["scores"].items():
            yield _forecasters(rows, f"{title}: {labels.name('cells', cells)}", labels)
    for cells, rows in part["pooled"].items():
        yield _forecasters(rows, f"{labels(f'{of}.together')}: {labels.name('cells', cells)}", labels)


def _missed(origin: Part, labels: Labels) -> str:
    error = np.array(origin["forecast"], float) - np.array(origin["observed"], float)
    kinds = [
        f"{labels.name('kind', kind)} {signed(float(np.nanmean(row)), 1)}"
        for kind, row in zip(ASKED, error, strict=True)
        if np.isfinite(row).any()
    ]
    return labels("calibration.missed_kinds", year=origin["year"], kinds=_list(kinds, labels))


def _forecasters(rows: list[Part], caption: str, labels: Labels) -> Table:
    """Forecasters with their losses, the best first."""
    ordered = sorted(rows, key=lambda row: row["crps"])
    lines = [
        [
            Cell(labels.name("forecaster", row["forecaster"]), strong=row["forecaster"] == MODEL),
            Cell(plain(row["crps"], 2), interval=_pair(row["crps_interval"])),
            *(
                Cell(signed(row[f"crps_less_{word}"], 2), interval=_pair(row[f"crps_less_{word}_interval"]))
                for word in ("primary", "fairest")
            ),
            *texts(*(plain(row[key], 2) for key in ("mae", "rmse"))),
            *texts(*(percent(row[f"coverage_{level}"]) for level in (50, 90))),
        ]
        for row in ordered
    ]
    losses = ("forecaster", "=CRPS", "less_primary", "less_fairest", "=MAE", "=RMSE")
    head = _columns(labels, *losses, "narrow", "wide")
    return Table(head, lines, caption=caption, data=pd.DataFrame(ordered), wide=True)


def _fit(parts: Parts, labels: Labels) -> Iterator[Block]:
    part = parts["calibrate"]
    counts = {key: part[key] for key in ("observed", "members")} | {"parameters": len(part["parameters"])}
    made = {
        "runs": f"{part['runs']:,}",
        "version": part["ensemble"]["version"],
        "misfit": plain(part["misfit"], 0),
    }
    said = [labels("calibration.how", **counts, **made)]
    for word in ("well", "weakly", "no"):
        names = [short(row["parameter"], labels) for row in part["parameters"] if row["informed"] == word]
        said.append(labels(f"calibration.informed_{word}", names=_list(names, labels)))
    yield Points(said)
    yield _drawing("levels", labels("calibration.levels_caption"), figures.levels(part, labels))
    lines = [
        texts(
            labels(f"block.{row['block']}"),
            row["number"],
            plain(row["misfit_prior"]),
            plain(row["misfit"]),
            "–" if row["mean_error"] is None else plain(row["mean_error"]),
        )
        for row in part["blocks"]
    ]
    head = _columns(labels, "block", "number", "misfit_prior", "misfit", "mean_error")
    yield Table(head, lines, caption=labels("calibration.by_block"), data=pd.DataFrame(part["blocks"]))
    lines = []
    for row in part["shares"]:
        printed, model, low, high = (plain(row[key]) for key in ("printed", "model", "low90", "high90"))
        lines.append(texts(_target(row["name"], labels), printed, model, ends(low, high)))
    head = _columns(labels, "block", "printed", "model", "of_runs")
    yield Table(head, lines, data=pd.DataFrame(part["shares"]), folded=labels("calibration.by_share"))
    lines = [
        texts(
            short(row["parameter"], labels),
            ends(f"{row['low']:.4g}", f"{row['high']:.4g}"),
            f"{row['central']:.4g}",
            *(f"{value:.4g}" for value in row["quantiles"]),
            plain(row["contraction"], 2),
        )
        for row in part["parameters"]
    ]
    head = _columns(labels, "block", "prior", "shipped", "=5 %", "=50 %", "=95 %", "contraction")
    title, data = labels("calibration.by_parameter"), pd.DataFrame(part["parameters"])
    yield Table(head, lines, data=data, wide=True, folded=title)


def _recovery(parts: Parts, labels: Labels) -> Iterator[Block]:
    part = parts["recovery"]
    numbers: dict[str, str] = {}
    for word, key in (("narrow", "coverage_50"), ("wide", "coverage_90")):
        low, high = map(percent, part[f"{key}_interval"])
        numbers |= {word: percent(part[key]), f"{word}_low": low, f"{word}_high": high}
    verdict = labels("calibration.uniform" if part["uniform"] else "calibration.not_uniform")
    p = f"{part['smallest_p']:.4f}"
    yield Points([labels("calibration.recovered", truths=part["truths"], p=p, verdict=verdict, **numbers)])
    rows = part["parameters"]
    yield _drawing("places", labels("calibration.places_caption"), figures.places(part, labels))
    lines = []
    for row in rows:
        held = (percent(row[f"coverage_{level}"]) for level in (50, 90))
        lines.append(texts(short(row["parameter"], labels), f"{row['p_uniform']:.3f}", *held))
    data = pd.DataFrame(rows).drop(columns="places")
    head = _columns(labels, "block", "=p", "narrow", "wide")
    yield Table(head, lines, data=data, folded=labels("calibration.by_parameter"))


def _patterns(parts: Parts, labels: Labels) -> Iterator[Block]:
    rows, cases = parts["patterns"]["patterns"], parts["patterns"]["cases"]
    held = sum(row["passed"] for row in rows)
    alarm = f"{sum(row['false_alarm'] for row in rows):.2f}"
    counts = {"cases": len(cases), "told": sum(row["passed"] for row in cases)}
    yield Points([labels("calibration.patterns_passed", passed=held, all=len(rows), alarm=alarm, **counts)])
    answer = {True: labels("calibration.yes"), False: labels("calibration.no")}
    lines = [
        texts(
            labels(f"pattern.{row['pattern']}"),
            plain(row["statistic"], 2),
            ends(plain(row["low90"], 2), plain(row["high90"], 2)),
            ends(*(f"{end:g}" for end in row["rule"])),
            row["source"],
            row["false_alarm"],
            answer[row["passed"]],
        )
        for row in sorted(rows, key=lambda row: row["passed"])
    ]
    head = _columns(labels, "pattern", "statistic", "of_runs", "rule", "source", "false_alarm", "passes")
    yield Table(head, lines, caption=labels("calibration.by_pattern"), data=pd.DataFrame(rows), wide=True)
    lines = [
        texts(labels(f"case.{row['id']}"), row["id"], percent(row["model"]), answer[row["passed"]])
        for row in sorted(cases, key=lambda row: row["passed"])
    ]
    head, note = _columns(labels, "case", "source", "model", "passes"), labels("calibration.case_note")
    yield Table(head, lines, note, labels("calibration.by_case"), data=pd.DataFrame(cases))


def _ablations(parts: Parts, labels: Labels) -> Iterator[Block]:
    rows = parts["ablations"]["variants"]
    whole, *others = rows
    groups: dict[str, list[str]] = {"worse": [], "same": [], "better": []}
    for row in others:
        change = row["misfit"] - whole["misfit"]
        word = "worse" if change > CLEAR else "better" if change < -CLEAR else "same"
        groups[word].append(labels(f"variant.{row['variant']}"))
    named = {word: _list(names, labels) for word, names in groups.items()}
    yield Points([labels("calibration.ablated", whole=plain(whole["misfit"], 0), clear=CLEAR, **named)])
    figure = figures.misfits(rows, parts["ablations"]["observed"], labels)
    yield _drawing("misfits", labels("calibration.misfits"), figure)
    effects = whole.get("effects", {})
    head = _columns(labels, "variant", "misfit", "items_missed")
    for policy, effect in effects.items():
        name = labels.scenario(policy)
        head.append(labels("calibration.column.on_target", policy=name, aim=_aim(effect["aim"], labels)))
        head.append(labels("calibration.column.on_index", policy=name))
    lines = []
    for row in rows:
        cells = (_effect(row["effects"][policy], word) for policy in effects for word in ("target", "index"))
        lines.append(
            texts(labels(f"variant.{row['variant']}"), plain(row["misfit"]), plain(row["items"]), *cells)
        )
    yield Table(head, lines, wide=True)


def _effect(effect: Part, word: str) -> str:
    part = effect.get(word)
    return f"{signed(part['mean'], 2)} ({chance(part['gain'])})" if part else "–"


def _aim(outcome: str, labels: Labels) -> str:
    item, name = outcome.startswith("item:"), outcome.removeprefix("item:")
    return _item(name, labels) if item else labels.name("dimension", name)


# Section of the page -> the tasks it needs, and what it shows.
SECTIONS: dict[str, tuple[tuple[str, ...], Callable[[Parts, Labels], Iterator[Block]]]] = {
    "honesty": ((), _honesty), "backtest": (("backtest",), _backtest), "fit": (("calibrate",), _fit),
    "recovery": (("recovery",), _recovery), "patterns": (("patterns",), _patterns),
    "ablations": (("ablations",), _ablations),
}  # fmt: skip


def _drawing(name: str, caption: str, chart: Chart) -> Drawing:
    """A figure of the page, with the rows that it draws."""
    return Drawing(name, caption, chart.title, inline(svg_of(still(chart)), name, chart.title), chart.data)


def _target(name: str, labels: Labels) -> str:
    """What a target is, in words."""
    block, *rest = name.split(".")
    if block == "item":
        item, rung, kind = rest
        text = labels("target.item", item=_item(item, labels), rung=rung)
        return f"{text} ({labels.name('kind', kind)})" if kind in KINDS else text
    if block == "change":
        return labels("target.change", item=_item(rest[0], labels), rung=rest[1])
    return labels(f"target.{block}", **dict(zip(("bar", "year"), rest, strict=False)))


def _item(name: str, labels: Labels) -> str:
    return items()[name][labels.language]


def _columns(labels: Labels, *names: str) -> list[str]:
    """Titles of columns; one that starts with = stands as it is."""
    return [n[1:] if n.startswith("=") else labels(f"calibration.column.{n}") for n in names]


def _pair(pair: list[float]) -> str:
    return f"[{pair[0]:.2f}, {pair[1]:.2f}]"


def _list(names: list[str], labels: Labels) -> str:
    return labels("calibration.listed").join(names) or labels("calibration.none")
