"""The page on calibration: what the tasks found, on the same page as a study's report; losses are said like wins."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from experiments.calibration import figures
from experiments.calibration.backtest import MODEL, NO_GROWTH, PRIMARY
from experiments.calibration.forward import ASKED
from experiments.figures.style import finding, style
from experiments.labels import Labels
from experiments.labels.numbers import chance, percent, plain, signed
from experiments.report.embed import Drawing, inline
from experiments.report.page import rendered
from experiments.report.registry import Block, Points, Text
from experiments.report.tables import Cell, Table, texts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TASKS = ("calibrate", "backtest", "recovery", "patterns", "ablations")
CLEAR = 4  # a change of the misfit that would speak against a variant: two standard errors of one degree of freedom
METHOD = (
    "Refitted to the years before each forecast. CRPS is the mean distance of a whole forecast from what came, "
    "in points; MAE that of its middle. Intervals: bootstrap over the six dimensions. One backtest has a "
    "standard error of about one point on a gain: intervals count, not who is first. The questionnaire changes "
    "every year, so that even exact knowledge of the banks would miss by 5 to 6 points. The fits share an "
    "emulator whose runs know no score; the size of the questionnaires' yearly shock (Z009) was measured on all "
    "four years."
)
LATE = "Rivals that need three years are left out where years are taken together."

Part = dict[str, Any]


def write_page(folder: Path) -> Path:
    """Write ``report.html`` from the JSON files of the tasks in a folder.

    Parameters
    ----------
    folder : Path
        With ``calibrate.json`` and what there is of the other tasks.

    Returns
    -------
    Path
    """
    parts: dict[str, Part] = {
        name: json.loads((folder / f"{name}.json").read_text("utf-8"))
        for name in TASKS
        if (folder / f"{name}.json").is_file()
    }
    labels, said = Labels("en"), sentences(parts)
    content = []
    for name, (task, blocks) in SECTIONS.items():
        if task in parts:
            points: list[Block] = [Points(said[task])] if name == task or name == "fit" else []
            content.append((SimpleNamespace(id=name), [*points, *blocks(parts)]))
    path = folder / "report.html"
    text = rendered(labels("page.calibration"), labels("page.calibration_study"), content, labels)
    path.write_text(text, "utf-8")
    return path


def _honesty(parts: dict[str, Part]) -> Iterator[Block]:
    if "backtest" in parts:
        figure = figures.honesty(parts["backtest"], parts["calibrate"])
        rows = parts["backtest"]["pooled"][figures.CELLS]
        yield _drawing(
            "honesty_panel", "Forecast errors, coverage, and what the survey informs", figure, rows
        )


def _backtest(parts: dict[str, Part]) -> Iterator[Block]:
    yield Text(METHOD)
    for origin in parts["backtest"]["origins"]:
        for cells, rows in origin["scores"].items():
            yield _scores(rows, f"{origin['year']}, fitted to {origin['fitted_until']}: {cells}")
    for cells, rows in parts["backtest"]["pooled"].items():
        yield _scores(rows, f"All years together: {cells}", LATE)


def _scores(rows: list[Part], caption: str, note: str = "") -> Table:
    """Forecasters with their losses, the best first."""
    ordered = sorted(rows, key=lambda row: row["crps"])
    lines = [
        [
            Cell(row["forecaster"], strong=row["forecaster"] == MODEL),
            Cell(plain(row["crps"], 2), interval=_pair(row["crps_interval"])),
            Cell(signed(row["crps_less_primary"], 2), interval=_pair(row["crps_less_primary_interval"])),
            Cell(plain(row["mae"], 2), interval=_pair(row["mae_interval"])),
            Cell(plain(row["rmse"], 2)),
            Cell(percent(row["coverage_50"])),
            Cell(percent(row["coverage_90"])),
        ]
        for row in ordered
    ]
    head = ["forecaster", "CRPS", f"less {PRIMARY}", "MAE", "RMSE", "50 % band covers", "90 % band covers"]
    return Table(head, lines, note, caption, data=pd.DataFrame(ordered))


def _fit(parts: dict[str, Part]) -> Iterator[Block]:
    part = parts["calibrate"]
    yield _drawing(
        "levels", "Scores of the survey and of the calibrated model", figures.levels(part), _levels(part)
    )
    rows = part["parameters"]
    lines = [
        texts(
            row["parameter"],
            f"{row['low']:.4g} to {row['high']:.4g}",
            f"{row['central']:.4g}",
            row["mean"],
            *(row["quantiles"][place] for place in (0, 2, 4)),
            plain(row["contraction"], 2),
            row["informed"],
        )
        for row in rows
    ]
    head = [
        "parameter",
        "prior range",
        "shipped",
        "posterior mean",
        "5 %",
        "50 %",
        "95 %",
        "contraction",
        "informed",
    ]
    yield Table(
        head, lines, caption="Prior and posterior of every parameter", data=pd.DataFrame(rows), wide=True
    )
    names = {
        "adopted": "banks with a route to language models, share",
        "building": "banks that build their own, share",
        "free_budget": "free budget, % of revenue",
    }
    lines = [texts(name, *part["plausible"][key]) for key, name in names.items()]
    head = ["outcome in the last year", "5 %", "50 %", "95 %"]
    yield Table(head, lines, caption="Plausible beside the scores")


def _levels(part: Part) -> list[Part]:
    fit, targets = part["fit"], part["targets"]
    places = np.ndindex(len(targets["years"]), len(targets["kinds"]), len(targets["dimensions"]))
    tables = {"observed": targets["scores"], **{k: fit[k] for k in ("expected", "survey_low", "survey_high")}}
    return [
        {
            "year": targets["years"][y],
            "bank_kind": targets["kinds"][k],
            "dimension": targets["dimensions"][d],
            **{name: table[y][k][d] for name, table in tables.items()},
        }
        for y, k, d in places
    ]


def _recovery(parts: dict[str, Part]) -> Iterator[Block]:
    rows = parts["recovery"]["parameters"]
    figure = figures.ranks(parts["recovery"])
    yield _drawing("ranks", "Ranks of the truth among posterior draws", figure, rows)
    keys = ("parameter", "p_uniform", "coverage_50", "coverage_90", "correlation")
    head = [
        "parameter",
        "p (uniform ranks)",
        "50 % covers",
        "90 % covers",
        "correlation of truth and posterior mean",
    ]
    lines = [texts(*(row[key] for key in keys)) for row in rows]
    yield Table(head, lines, data=pd.DataFrame(rows)[list(keys)], folded="By parameter")


def _patterns(parts: dict[str, Part]) -> Iterator[Block]:
    rows = parts["patterns"]["patterns"]
    lines = [
        texts(
            row["pattern"].replace("_", " "),
            row["statistic"],
            _pair([row["low90"], row["high90"]]),
            _pair(row["rule"]),
            row["unit"],
            row["source"],
            row["false_alarm"],
            "yes" if row["passed"] else "no",
        )
        for row in rows
    ]
    head = ["pattern", "statistic", "90 % of runs", "rule", "unit", "source", "false alarm", "passes"]
    yield Table(head, lines, data=pd.DataFrame(rows), wide=True)


def _ablations(parts: dict[str, Part]) -> Iterator[Block]:
    rows = parts["ablations"]["variants"]
    yield _drawing(
        "misfits", "Misfit of each variant after its own refit", figures.misfits(parts["ablations"]), rows
    )
    policies = rows[0].get("ranking", ())
    named = [f"{policy.replace('_', ' ')}: effect on the index (chance of a gain)" for policy in policies]
    lines = [
        [
            *texts(row["variant"], row["misfit"], row["rmse"], row["free_budget"], row["adopted"]),
            *(Cell(_effect(row["effects"][policy]["all"])) for policy in policies),
        ]
        for row in rows
    ]
    yield Table(
        ["variant", "misfit", "RMSE, points", "free budget, % of revenue", "adopted, share", *named], lines
    )


def _effect(effect: Part) -> str:
    return f"{signed(effect['mean'], 2)} ({chance(effect['gain'])})"


# Section of the page -> the task it tells of, and what it shows.
SECTIONS: dict[str, tuple[str, Callable[[dict[str, Part]], Iterator[Block]]]] = {
    "honesty": ("calibrate", _honesty),
    "backtest": ("backtest", _backtest),
    "fit": ("calibrate", _fit),
    "recovery": ("recovery", _recovery),
    "patterns": ("patterns", _patterns),
    "ablations": ("ablations", _ablations),
}


def _drawing(name: str, caption: str, figure: Figure, rows: list[Part]) -> Drawing:
    """A figure of the page, with the rows that it draws."""
    drawn = StringIO()
    with style():
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    text = finding(figure)
    return Drawing(name, caption, text, inline(drawn.getvalue(), name, text), pd.DataFrame(rows))


def _pair(ends: list[float]) -> str:
    return f"[{ends[0]:.2f}, {ends[1]:.2f}]"


def sentences(parts: dict[str, Any]) -> dict[str, list[str]]:
    """Sentences by part."""
    makers = {
        "calibrate": _said_of_fit,
        "backtest": _said_of_backtest,
        "recovery": _said_of_recovery,
        "patterns": _said_of_patterns,
        "ablations": _said_of_ablations,
    }
    return {name: make(parts[name]) for name, make in makers.items() if name in parts}


def _said_of_fit(part: dict[str, Any]) -> list[str]:
    fit, chains = part["fit"], part["chains"]
    groups: dict[str, list[str]] = {"well": [], "weakly": [], "no": []}
    for row in part["parameters"]:
        name = row["parameter"].removeprefix("behaviour.").removeprefix("banks.")
        groups[row["informed"]].append(name)
    return [
        f"{fit['observed']} data (scores, five shares of spending, one expectation of growth a kind), "
        f"{len(part['parameters'])} parameters, {chains['runs']} runs of the model, {chains['members']} members in the "
        f"ensemble (version {part['ensemble']['version']}).",
        f"The squared misfit is {fit['misfit']:.0f} for {fit['observed']} data; expected scores miss the observed "
        f"ones by {fit['rmse']:.1f} points (root mean square), and {100 * fit['within_90']:.0f} % of the scores lie "
        "in the 90 % bands of the simulated survey.",
        f"The emulator misses the mean of the model's own runs at the members by {fit['emulator_bias']:.2f} points "
        f"on average; the noise of a surveyed score is about {min(fit['noise_sd']):.0f} points.",
        f"Informed well (at least half of the prior variance gone): {_list(groups['well'])}.",
        f"Informed weakly: {_list(groups['weakly'])}.",
        f"Not informed: {_list(groups['no'])}. What the model says through these numbers is what was assumed.",
    ]


def _said_of_backtest(part: dict[str, Any]) -> list[str]:
    said = []
    for title, tables in [
        (f"{o['year']}, fitted to {o['fitted_until']}", o["scores"]) for o in part["origins"]
    ] + [("All years together", part["pooled"])]:
        for cells, rows in tables.items():
            by_name = {row["forecaster"]: row for row in rows}
            model, rival = by_name[MODEL], by_name[PRIMARY]
            low, high = model["crps_less_primary_interval"]
            verdict = "beats" if high < 0 else "loses to" if low > 0 else "cannot be told from"
            lead = "below" if model["crps_less_primary"] < 0 else "above"
            said.append(
                f"{title}, {cells}: the model {verdict} {PRIMARY}. CRPS {model['crps']:.2f}, "
                f"{abs(model['crps_less_primary']):.2f} {lead} the rival's {rival['crps']:.2f} (90 % interval of the "
                f"difference {low:+.2f} to {high:+.2f}); MAE {model['mae']:.2f} against {rival['mae']:.2f}; its 90 % "
                f"bands cover {100 * model['coverage_90']:.0f} %, its 50 % bands {100 * model['coverage_50']:.0f} %. "
                f"Without the expectation of slow growth its CRPS is {by_name[NO_GROWTH]['crps']:.2f}."
            )
    return [*said, *(_errors(origin) for origin in part["origins"])]


def _errors(origin: dict[str, Any]) -> str:
    """Where a forecast missed, by kind: above or below on average, and how far."""
    error = np.array(origin["forecast"], float) - np.array(origin["observed"], float)
    by_kind = [
        f"{kind} {row.mean():+.1f} (size {np.abs(row).mean():.1f})"
        for kind, row in zip(ASKED, error, strict=True)
    ]
    return f"{origin['year']}: mean error of the model's forecast by kind, points: {', '.join(by_kind)}."


def _said_of_recovery(part: dict[str, Any]) -> list[str]:
    verdict = "No parameter fails" if part["uniform"] else "At least one parameter fails"
    return [
        f"{part['truths']} synthetic surveys, {part['draws']} posterior draws each. {verdict} the test of uniform "
        f"ranks (smallest p {part['smallest_p']:.4f}, threshold {part['threshold']:.5f}, which a sound procedure "
        f"breaks once in a hundred times); all p together: {part['p_together']:.3f}.",
        f"50 % intervals hold {100 * part['coverage_50']:.1f} % of the truths, 90 % intervals "
        f"{100 * part['coverage_90']:.1f} %.",
    ]


def _said_of_patterns(part: dict[str, Any]) -> list[str]:
    rows = part["patterns"]
    failed = [row["pattern"] for row in rows if not row["passed"]]
    alarm = sum(row["false_alarm"] for row in rows)
    return [
        f"{len(rows) - len(failed)} of {len(rows)} patterns pass; failing: {_list(failed)}. A model in which all hold "
        f"would fail at least one by chance with a probability of at most {alarm:.2f}."
    ]


def _said_of_ablations(part: dict[str, Any]) -> list[str]:
    whole, *others = part["variants"]
    change = {row["variant"]: row["misfit"] - whole["misfit"] for row in others}
    worse = [name for name, value in change.items() if value > CLEAR]
    better = [name for name, value in change.items() if value < -CLEAR]
    same = [name for name, value in change.items() if abs(value) <= CLEAR]
    said = [
        f"Misfit of the whole model after the same refit: {whole['misfit']:.0f}. Worse by more than {CLEAR}: "
        f"{_list(worse)}. Within {CLEAR}, so that the scores cannot tell it from the whole model: {_list(same)}. "
        f"Better by more than {CLEAR}: {_list(better)}."
    ]
    if "ranking" in whole:
        order = " > ".join(name.replace("_", " ") for name in whole["ranking"])
        moved = [row["variant"] for row in others if row["ranking"] != whole["ranking"]]
        said.append(f"The order of the policies is {order}; it changes in: {_list(moved)}.")
    return said


def _list(names: list[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names) or "none"
