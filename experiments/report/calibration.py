"""The page on calibration: what the tasks found, losses first, in both languages, with its figures."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from agents.honeycomb import KINDS
from experiments.calibration.backtest import FAIREST, MODEL, PRIMARY
from experiments.calibration.targets import ASKED
from experiments.calibration.validation import LEVELS
from experiments.config.catalogue import row as catalogue_row
from experiments.figures.chart import (
    BASELINE,
    GAIN,
    GREY,
    INK,
    KIND_COLOURS,
    LOSS,
    Axis,
    Chart,
    Key,
    Mark,
    Panel,
    bars,
    rows,
    rule,
)
from experiments.labels import Labels, chance, items, percent, plain, signed
from experiments.report.embed import printed
from experiments.report.page import rendered
from experiments.report.registry import Block, Points, Text
from experiments.report.tables import Cell, Table, Write, by_column, ends, heads
from experiments.results.statistics import CRITICAL

TASKS = ("calibrate", "backtest", "recovery", "patterns", "ablations")
PAGES = {"en": "report.html", "zh": "report_zh.html"}
CLEAR = 4  # a change of the misfit that would speak against a variant: two standard errors of one degree of freedom
WORST = 6
CELLS = "18 cells"
LITTLE = 0.1
SHADES = (KIND_COLOURS["city"], KIND_COLOURS["private"])  # of the 50 and the 90 % interval
Part = dict[str, Any]
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
        Of each release, what `experiments.calibration.backtest.scored` gives.
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
    ranked = []
    for title, tables in (*together, *years):
        for cells, forecasters in tables.items():
            by_name = {row["forecaster"]: row for row in forecasters}
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
                ranked.append((order, labels("calibration.verdict", apart=apart, **ends_, **facts)))
    return [text for _, text in sorted(ranked, key=lambda pair: pair[0])]


def losses(parts: Parts, labels: Labels) -> list[str]:
    """What the model does not do, of every task that has been done."""
    sentences = []
    if "backtest" in parts:
        sentences += verdicts(parts["backtest"], labels)[:4]
    if "patterns" in parts:
        part = parts["patterns"]
        failed = [labels(f"pattern.{row['pattern']}") for row in part["patterns"] if not row["passed"]]
        failed += [labels(f"case.{row['id']}") for row in part["cases"] if not row["passed"]]
        none = labels("calibration.failed_none")
        sentences.append(labels("calibration.failed", names=_list(failed, labels)) if failed else none)
    if "calibrate" in parts:
        part = parts["calibrate"]
        error = part["scores"]["error"]
        both = {kind: plain(error[kind][0]) for kind in ASKED}
        alone = {f"{kind}_alone": plain(error[kind][1]) for kind in ASKED}
        sentences.append(labels("calibration.score_errors", **both, **alone))
        shares = [row for row in part["shares"] if row["block"] in ("items", "spending", "staff")]
        worst = sorted(shares, key=lambda row: -abs(row["model"] - row["printed"]))[:WORST]
        worst_scores = [
            f"{_target(row['name'], labels)} {signed(row['model'] - row['printed'], 0)}" for row in worst
        ]
        sentences.append(labels("calibration.worst", names=_list(worst_scores, labels)))
        moved = [row for row in part["shares"] if row["block"] == "changes"]
        mean = {w: plain(float(np.mean([row[w] for row in moved]))) for w in ("printed", "model")}
        sentences.append(labels("calibration.growth", **mean))
    return sentences


def _honesty(parts: Parts, labels: Labels) -> Iterator[Block]:
    yield Points(losses(parts, labels))
    if "backtest" in parts and "calibrate" in parts:
        figure = honesty(parts["backtest"], parts["calibrate"], labels)
        yield printed("honesty_panel", labels("calibration.honesty_caption"), figure)
        contraction = learned(parts["calibrate"]["parameters"], labels)
        yield printed("learned", labels("calibration.figure_learned"), contraction)


def _backtest(parts: Parts, labels: Labels, of: str = "calibration") -> Iterator[Block]:
    part = parts["backtest"]
    model = next(row for row in part["pooled"][CELLS] if row["forecaster"] == MODEL)
    covered = {"wide": percent(model["coverage_90"]), "narrow": percent(model["coverage_50"])}
    bands = labels(f"{of}.bands", **covered)
    yield Points([*verdicts(part, labels, of), bands, *(_missed(o, labels) for o in part["origins"])])
    yield Text(labels(f"{of}.method"))
    for origin in part["origins"]:
        title = labels("calibration.fitted_until", year=origin["year"], until=origin["fitted_until"])
        for cells, forecasters in origin["scores"].items():
            yield _forecasters(forecasters, f"{title}: {labels.name('cells', cells)}", labels)
    for cells, forecasters in part["pooled"].items():
        yield _forecasters(forecasters, f"{labels(f'{of}.together')}: {labels.name('cells', cells)}", labels)


def _missed(origin: Part, labels: Labels) -> str:
    error = np.array(origin["forecast"], float) - np.array(origin["observed"], float)
    kinds = [
        f"{labels.name('kind', kind)} {signed(float(np.nanmean(row)), 1)}"
        for kind, row in zip(ASKED, error, strict=True)
        if np.isfinite(row).any()
    ]
    return labels("calibration.missed_kinds", year=origin["year"], kinds=_list(kinds, labels))


def _forecasters(forecasters: list[Part], caption: str, labels: Labels) -> Table:
    """Forecasters with their losses, the best first."""

    def less(word: str) -> Write:
        key = f"crps_less_{word}"
        return lambda row: Cell(signed(row[key], 2), interval=_pair(row[f"{key}_interval"]))

    columns: dict[str, Write] = {
        "forecaster": lambda row: Cell(
            labels.name("forecaster", row["forecaster"]), strong=row["forecaster"] == MODEL
        ),
        "=CRPS": lambda row: Cell(plain(row["crps"], 2), interval=_pair(row["crps_interval"])),
        "less_primary": less("primary"),
        "less_fairest": less("fairest"),
        "=MAE": lambda row: plain(row["mae"], 2),
        "=RMSE": lambda row: plain(row["rmse"], 2),
        **_covered(),
    }
    ordered = sorted(forecasters, key=lambda row: row["crps"])
    return _table(ordered, columns, labels, caption=caption, wide=True)


def _covered() -> dict[str, Write]:
    """Columns of how often the bands of 50 and 90 % hold what came."""
    return {
        "narrow": lambda row: percent(row["coverage_50"]),
        "wide": lambda row: percent(row["coverage_90"]),
    }


def _fit(parts: Parts, labels: Labels) -> Iterator[Block]:
    part = parts["calibrate"]
    counts = {key: part[key] for key in ("observed", "members")} | {"parameters": len(part["parameters"])}
    made = {
        "runs": f"{part['runs']:,}",
        "version": part["ensemble"]["version"],
        "misfit": plain(part["misfit"], 0),
    }
    sentences = [labels("calibration.how", **counts, **made)]
    for word in ("well", "weakly", "no"):
        names = [short(row["parameter"], labels) for row in part["parameters"] if row["informed"] == word]
        sentences.append(labels(f"calibration.informed_{word}", names=_list(names, labels)))
    yield Points(sentences)
    yield printed("levels", labels("calibration.levels_caption"), levels(part, labels))
    years = labels.listing(sorted({row["year"] for row in part["scores"]["rows"]}))
    columns: dict[str, Write] = {
        "block": lambda row: labels(f"block.{row['block']}", years=years),
        "number": lambda row: str(row["number"]),
        "misfit_prior": lambda row: plain(row["misfit_prior"]),
        "misfit": lambda row: plain(row["misfit"]),
        "mean_error": lambda row: "–" if row["mean_error"] is None else plain(row["mean_error"]),
    }
    yield _table(part["blocks"], columns, labels, caption=labels("calibration.by_block"))
    columns = {
        "block": lambda row: _target(row["name"], labels),
        "printed": lambda row: plain(row["printed"]),
        "model": lambda row: plain(row["model"]),
        "of_runs": lambda row: ends(plain(row["low90"]), plain(row["high90"])),
    }
    yield _table(part["shares"], columns, labels, folded=labels("calibration.by_share"))
    columns = {
        "block": lambda row: short(row["parameter"], labels),
        "prior": lambda row: ends(f"{row['low']:.4g}", f"{row['high']:.4g}"),
        "shipped": lambda row: f"{row['central']:.4g}",
        "=5 %": lambda row: f"{row['quantiles'][0]:.4g}",
        "=50 %": lambda row: f"{row['quantiles'][1]:.4g}",
        "=95 %": lambda row: f"{row['quantiles'][2]:.4g}",
        "contraction": lambda row: plain(row["contraction"], 2),
    }
    title = labels("calibration.by_parameter")
    yield _table(part["parameters"], columns, labels, wide=True, folded=title)


def _recovery(parts: Parts, labels: Labels) -> Iterator[Block]:
    part = parts["recovery"]
    numbers: dict[str, str] = {}
    for word, key in (("narrow", "coverage_50"), ("wide", "coverage_90")):
        low, high = map(percent, part[f"{key}_interval"])
        numbers |= {word: percent(part[key]), f"{word}_low": low, f"{word}_high": high}
    verdict = labels("calibration.uniform" if part["uniform"] else "calibration.not_uniform")
    p = f"{part['smallest_p']:.4f}"
    yield Points([labels("calibration.recovered", truths=part["truths"], p=p, verdict=verdict, **numbers)])
    yield printed("places", labels("calibration.places_caption"), places(part, labels))
    columns: dict[str, Write] = {
        "block": lambda row: short(row["parameter"], labels),
        "=p": lambda row: f"{row['p_uniform']:.3f}",
        **_covered(),
    }
    tests = [{key: value for key, value in row.items() if key != "places"} for row in part["parameters"]]
    yield _table(tests, columns, labels, folded=labels("calibration.by_parameter"))


def _patterns(parts: Parts, labels: Labels) -> Iterator[Block]:
    patterns, cases = parts["patterns"]["patterns"], parts["patterns"]["cases"]
    passed = sum(row["passed"] for row in patterns)
    alarm = f"{sum(row['false_alarm'] for row in patterns):.2f}"
    counts = {"cases": len(cases), "told": sum(row["passed"] for row in cases)}
    yield Points(
        [labels("calibration.patterns_passed", passed=passed, all=len(patterns), alarm=alarm, **counts)]
    )
    answer = {True: labels("calibration.yes"), False: labels("calibration.no")}
    columns: dict[str, Write] = {
        "pattern": lambda row: labels(f"pattern.{row['pattern']}"),
        "statistic": lambda row: plain(row["statistic"], 2),
        "of_runs": lambda row: ends(plain(row["low90"], 2), plain(row["high90"], 2)),
        "rule": lambda row: ends(*(f"{end:g}" for end in row["rule"])),
        "source": lambda row: row["source"],
        "false_alarm": lambda row: str(row["false_alarm"]),
        "passes": lambda row: answer[row["passed"]],
    }
    caption = labels("calibration.by_pattern")
    yield _table(
        _failed_first(patterns), columns, labels, caption=caption, data=pd.DataFrame(patterns), wide=True
    )
    columns = {
        "case": lambda row: labels(f"case.{row['id']}"),
        "source": lambda row: row["id"],
        "model": lambda row: percent(row["model"]),
        "passes": lambda row: answer[row["passed"]],
    }
    note, caption = labels("calibration.case_note"), labels("calibration.by_case")
    yield _table(_failed_first(cases), columns, labels, note=note, caption=caption, data=pd.DataFrame(cases))


def _failed_first(tests: list[Part]) -> list[Part]:
    return sorted(tests, key=lambda row: row["passed"])


def _ablations(parts: Parts, labels: Labels) -> Iterator[Block]:
    whole, *others = variants = parts["ablations"]["variants"]
    groups: dict[str, list[str]] = {"worse": [], "same": [], "better": []}
    for row in others:
        change = row["misfit"] - whole["misfit"]
        word = "worse" if change > CLEAR else "better" if change < -CLEAR else "same"
        groups[word].append(labels(f"variant.{row['variant']}"))
    listings = {word: _list(names, labels) for word, names in groups.items()}
    yield Points([labels("calibration.ablated", whole=plain(whole["misfit"], 0), clear=CLEAR, **listings)])
    figure = misfits(variants, parts["ablations"]["observed"], labels)
    yield printed("misfits", labels("calibration.misfits"), figure)
    columns: dict[str, Write] = {
        "variant": lambda row: labels(f"variant.{row['variant']}"),
        "misfit": lambda row: plain(row["misfit"]),
        "items_missed": lambda row: plain(row["items"]),
    }

    def reads(policy: str, word: str) -> Write:
        return lambda row: _effect(row["effects"][policy], word)

    for policy, effect in whole.get("effects", {}).items():
        of = {"policy": labels.scenario(policy), "aim": _aim(effect["aim"], labels)}
        for word in ("target", "index"):
            title = labels(f"calibration.column.on_{word}", **of)
            columns[f"={title}"] = reads(policy, word)
    yield _table(variants, columns, labels, data=None, wide=True)


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


def _table(lines: list[Part], columns: Mapping[str, Write], labels: Labels, **look: Any) -> Table:
    """A table of what each column writes of a line, with the lines as its data unless others are given."""
    head = heads(labels, columns, "calibration.column")
    return Table(head, by_column(lines, columns), **{"data": pd.DataFrame(lines), **look})


def _pair(pair: list[float]) -> str:
    return f"[{pair[0]:.2f}, {pair[1]:.2f}]"


def _list(names: list[str], labels: Labels) -> str:
    return labels.listing(names) or labels("calibration.none")


# ---------------------------------------------------------------- figures


def honesty(backtest: Part, calibrate: Part, labels: Labels) -> Chart:
    """CRPS against the rivals, and coverage of the bands."""
    table = sorted(backtest["pooled"][CELLS], key=lambda row: row["crps"])
    model, rival = (next(row for row in table if row["forecaster"] == name) for name in (MODEL, PRIMARY))
    parameters = calibrate["parameters"]
    facts = {"crps": plain(model["crps"], 2), "other": plain(rival["crps"], 2)}
    facts |= {"wide": percent(model["coverage_90"]), "all": str(len(parameters))}
    title = labels(
        "calibration.honesty", informed=sum(row["informed"] != "no" for row in parameters), **facts
    )
    y = np.arange(len(table))
    low, high = np.array([row["crps_interval"] for row in table]).T
    colours = [GAIN if row["forecaster"] == MODEL else GREY for row in table]
    spans = {"x0": low, "x1": high, "y0": y, "y1": y, "colour": colours}
    crps = {"x": [row["crps"] for row in table], "y": y, "colour": colours}
    errors = [Mark("segments", spans), Mark("points", crps, fill="#ffffff")]
    names = rows(labels.name("forecaster", row["forecaster"]) for row in table)
    covered, keys = list[Mark](), []
    for level, colour in zip((50, 90), SHADES, strict=True):
        shares = {"x": [100.0 * row[f"coverage_{level}"] for row in table], "y": y}
        covered += [rule(level, colour=colour, dash=True), Mark("points", shares, colour)]
        keys.append(Key(labels("calibration.band", level=level), colour, "dot"))
    axes = [Axis(labels(f"calibration.axis_{name}")) for name in ("errors", "coverage")]
    panels = [
        Panel(errors, labels("calibration.figure_errors"), axes[0], names, wide=1.1),
        Panel(covered, labels("calibration.figure_coverage"), axes[1], replace(names, bare=True)),
    ]
    return Chart(title, panels, pd.DataFrame(backtest["pooled"][CELLS]), 2.9, keys=keys)


def learned(parameters: list[Part], labels: Labels) -> Chart:
    """How much of the prior each parameter lost."""
    table = sorted(parameters, key=lambda row: -row["contraction"])
    contraction = [row["contraction"] for row in table]
    colours = [GAIN if value >= LITTLE else GREY for value in contraction]
    marks = [_bars(contraction, colours), rule(LITTLE, colour=BASELINE, dash=True)]
    names = rows(short(row["parameter"], labels) for row in table)
    across = Axis(labels("calibration.axis_learned"), low=min(0.0, *contraction) - 0.02, high=1.0)
    title = labels("calibration.figure_learned")
    return Chart(title, [Panel(marks, x=across, y=names)], pd.DataFrame(parameters), 0.9 + 0.16 * len(table))


def _bars(values: Sequence[float], colours: Sequence[str]) -> Mark:
    """Lying bars from nothing, the first on top."""
    columns = {"y": np.arange(len(values)), "zero": 0.0, "value": values, "colour": colours}
    return Mark("cells", bars(pd.DataFrame(columns), "zero", "value", height=0.7))


def levels(calibrate: Part, labels: Labels) -> Chart:
    """Printed scores against what the calibrated model would print."""
    data = pd.DataFrame(calibrate["scores"]["rows"])
    scores = data.assign(x=data["year"].astype(int), y=data["expected"])
    reach = CRITICAL * scores["spread"]
    scores = scores.assign(low=scores["expected"] - reach, high=scores["expected"] + reach)
    years = Axis(ticks={float(year): str(year) for year in (scores["x"].min(), scores["x"].max())})
    panels = []
    for kind in ASKED:
        for dimension in calibrate["scores"]["offset"]:
            here = scores[(scores["bank_kind"] == kind) & (scores["dimension"] == dimension)]
            colour = KIND_COLOURS[kind]
            marks = [Mark("band", here, colour, alpha=0.2), Mark("line", here, colour)]
            marks.append(Mark("points", here.assign(y=here["printed"]), INK, size=3.2))
            panels.append(Panel(marks, labels.name("dimension", dimension), years))
    keys = [Key(labels.name("kind", kind), KIND_COLOURS[kind]) for kind in ASKED]
    title = labels("calibration.levels", share=percent(calibrate["scores"]["within_90"]))
    across = len(calibrate["scores"]["offset"])
    return Chart(title, panels, data, 5.0, columns=across, share=True, keys=keys)


def places(recovery: Part, labels: Labels) -> Chart:
    """Places of the truths among posterior members, over all parameters, and coverage by parameter."""
    parameters = recovery["parameters"]
    every = np.concatenate([row["places"] for row in parameters])
    shares = 100.0 * np.histogram(every, bins=10, range=(0.0, 1.0))[0] / len(every)
    left = [
        _columns(np.arange(-0.5, 10.0), shares, GREY),
        rule(10.0, upright=False, colour=BASELINE, dash=True),
    ]
    right, steps = list[Mark](), np.arange(0, 105, 5)
    for (key, level), colour in zip(LEVELS.items(), SHADES, strict=True):
        counts = np.histogram([100.0 * row[key] for row in parameters], bins=steps)[0]
        right += [_columns(steps, counts, colour), rule(100.0 * level, colour=colour, dash=True)]
    panels = [
        Panel(marks, x=Axis(labels(f"calibration.axis_{x}")), y=Axis(labels(f"calibration.axis_{y}")))
        for marks, x, y in ((left, "places", "truths"), (right, "held", "parameters"))
    ]
    facts = {"narrow": percent(recovery["coverage_50"]), "wide": percent(recovery["coverage_90"])}
    title = labels("calibration.places", truths=recovery["truths"], **facts)
    return Chart(title, panels, pd.DataFrame(parameters), 2.6)


def _columns(edges: np.ndarray, tall: np.ndarray, colour: str) -> Mark:
    """Upright bars between edges."""
    cells: Mapping[str, Any] = {"left": edges[:-1], "right": edges[1:], "low": 0.0 * tall, "high": tall}
    return Mark("cells", cells, colour, alpha=0.8, edge="#ffffff")


def misfits(variants: list[Part], data: int, labels: Labels) -> Chart:
    """Misfit of each variant after its own refit."""
    whole = variants[0]["misfit"]
    change = [row["misfit"] - whole for row in variants]
    marks = [_bars(change, [LOSS if value > 0 else GAIN for value in change]), rule(0.0)]
    across = Axis(labels("calibration.axis_misfits", whole=plain(whole, 0), data=data))
    names = rows(labels.name("variant", row["variant"]) for row in variants)
    return Chart(
        labels("calibration.misfits"), [Panel(marks, x=across, y=names)], pd.DataFrame(variants), 2.8
    )


def short(path: str, labels: Labels) -> str:
    """What a parameter is, with the kind of bank that it is one of."""
    kind = path.split(".")[1] if path.startswith("banks.") else ""
    meaning = catalogue_row(path).meaning(labels.language)
    return f"{labels.name('kind', kind)}: {meaning}" if kind else meaning
