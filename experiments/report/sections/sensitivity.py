"""On what an effect hangs, how sure it is, where it fails, and what would be worth knowing."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from experiments.analysis.variance import FEWEST, SEEDS, vectors
from experiments.labels import Labels
from experiments.labels.numbers import percent, plain, scale
from experiments.report.registry import Page, finding
from experiments.report.tables import DASH, Cell, Line, Table, clear, effect, ends, share, spread, texts
from experiments.results.statistics import lookup

MANY = 100_000  # runs beyond which nobody counts
SHOWN = 12  # parameters; the rest are in the data
COLUMNS = 6  # years of a table; the quarters between are in the data
SOURCES = ("parameters", "seeds", "both")
GOALS = ("sign", "tenth")


@finding("information", place=40)
def information(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """What to find out first."""
    labels, first = page.labels, frame.iloc[0]
    of, kind = str(first["outcome"]), str(first["bank_kind"])
    worth = plain(scale(of) * first["value_of_everything"], 2)
    yield labels("analysis.everything", value=worth, outcome=labels.inside(labels.outcome(of, kind)))
    known = frame[frame["clear"] > 0].groupby("data", sort=False)["variance_share"].sum()
    known = known.sort_values(ascending=False)
    items = [f"{labels.name('data', str(name))} ({percent(part)})" for name, part in known.items()]
    yield labels("analysis.data" if items else "analysis.data_none", listing=labels.listing(items))
    rows = []
    for line in frame.head(SHOWN).to_dict("records"):
        names = labels.parameter(line["parameter"]), labels.name("data", line["data"])
        parts = [Cell(percent(line["variance_share"]), line["variance_share"] > line["variance_noise"])]
        parts += texts(percent(line["variance_noise"]))
        gain = Cell(plain(line["value"], 3), line["value"] > line["value_noise"])
        rows.append([*texts(*names), *parts, gain, *texts(plain(line["value_noise"], 3))])
    head = ("parameter", "told_by", "variance_share", "noise", "value", "noise")
    yield page.table("analysis.information", head, rows, frame)


@finding("sensitivity", place=41)
def sensitivity(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """What the effect in focus depends on."""
    labels, first = page.labels, frame.iloc[0]
    parameter = labels.parameter(first["parameter"])
    names = {"scenario": labels.scenario(first["scenario"]), "parameter": parameter}
    yield labels("analysis.screen", **names, count=len(frame))
    weighed = frame.dropna(subset=["total"]).sort_values("total", ascending=False)
    if len(weighed):
        most = weighed.iloc[0]
        shares = {"total": percent(most["total"]), "noise": percent(most["seed_noise"])}
        shares |= {"low": percent(most["total_low"]), "high": percent(most["total_high"])}
        key = "analysis.sobol" if most["total_low"] > 0 else "analysis.sobol_none"
        yield labels(key, parameter=labels.parameter(most["parameter"]), **shares)
    by = scale(str(first["outcome"]))
    rows = []
    for line in frame[(frame.index < SHOWN) | frame["total"].notna()].to_dict("records"):
        screened = (plain(by * line[key], 3) for key in ("mu_star", "sigma", "low", "high"))
        indices = _sobol(line, "first"), _sobol(line, "total")
        rows.append([*texts(labels.parameter(line["parameter"]), *screened), *indices])
    head = ("parameter", "mu_star", "sigma", "at_low", "at_high", "first", "total")
    design = {"base": int(first["base_samples"]), "noise": percent(first["seed_noise"])}
    yield page.table("analysis.sensitivity", head, rows, frame, facts=design)


@finding("sensitivity_path", place=42)
def sensitivity_path(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """What the effect in focus depends on, quarter by quarter; where an index holds zero it says so instead."""
    labels = page.labels
    quarters = sorted(frame["quarter"].unique())
    shown = [quarter for quarter in quarters if quarter.endswith("Q4")][-COLUMNS:] or quarters[-COLUMNS:]
    lines = lookup(frame, ["parameter", "quarter"])
    end = frame[frame["quarter"] == quarters[-1]].sort_values("total", ascending=False)
    rows = []
    for name in end["parameter"].head(SHOWN):
        totals = [lines.get((name, quarter)) for quarter in shown]
        cells = [
            Cell(labels("analysis.steady")) if line is None else _sobol(line, "total") if line["told"]
            else Cell(labels("analysis.untold"))
            for line in totals
        ]  # fmt: skip
        rows.append([Cell(labels.parameter(name)), *cells])
    yield _over_time(frame, labels)
    head = ("parameter", *(f"={labels.quarter(quarter)}" for quarter in shown))
    yield page.table("analysis.indices", head, rows, frame, wide=True)


def _over_time(frame: pd.DataFrame, labels: Labels) -> str:
    """Which parameter the effect hangs on most when one is first told, and in the end."""
    leaders = frame[(frame["told"] > 0) & (frame["parameter"] != "seed")]
    leaders = leaders.sort_values(["quarter", "total"], ascending=[True, False]).drop_duplicates("quarter")
    if leaders.empty or leaders["quarter"].iloc[-1] != frame["quarter"].max():
        return labels("analysis.indices_none")
    first, final = leaders.iloc[0], leaders.iloc[-1]
    names = {"first_parameter": labels.parameter(first["parameter"])}
    names |= {"last_parameter": labels.parameter(final["parameter"])}
    key = "moved" if first["parameter"] != final["parameter"] else "same"
    return labels(f"analysis.indices_{key}", **names, first_quarter=labels.quarter(first["quarter"]))


def _sobol(line: Line, key: str) -> Cell:
    """A Sobol index with its interval; a dash for what the screen left out."""
    if line[key] != line[key]:
        return DASH
    low, high = line[f"{key}_low"], line[f"{key}_high"]
    return Cell(f"{line[key]:.2f}", low > 0, interval=ends(f"{low:.2f}", f"{high:.2f}"))


@finding("variance", place=43)
def variance(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """Shares of parameters and seeds, and the runs that a precision asks for.

    The scenario in focus is shown on every output, the others on the one that is asked about.
    """
    frame = frame.dropna(subset=["share_parameters"])
    if frame.empty:
        return
    study, labels = page.study, page.labels
    asked = str(study.asked.get("outcome", "index")), str(study.asked.get("bank_kind", "all"))
    focus = study.shown_first(frame["scenario"])
    rows: list[list[Cell]] = []
    for line in frame.to_dict("records"):
        pair = line["outcome"], line["bank_kind"]
        if line["scenario"] != focus and pair != asked:
            continue
        names = [Cell(labels.scenario(line["scenario"])), Cell(labels.outcome(*pair))]
        shares = [share(line[f"share_{part}"]) for part in SOURCES]
        runs = [Cell(_runs(line[f"replicates_{goal}"])) for goal in GOALS]
        rows.append([*names, *shares, *runs])
        if pair == asked and line["scenario"] == focus:
            facts = dict(zip((*SOURCES, *GOALS), (cell.text for cell in (*shares, *runs)), strict=True))
            yield labels("analysis.variance", scenario=names[0].text, outcome=names[1].text, **facts)
    keys = ("share_parameters", "share_seeds", "share_both", "runs_sign", "runs_tenth")
    design: dict[str, Any] = {"draws": vectors(study.runs), "seeds": SEEDS, "fewest": FEWEST}
    design |= {"focus": labels.scenario(focus), "outcome": labels.inside(labels.outcome(*asked))}
    head = ("column.scenario", "column.outcome", *keys)
    yield page.table("analysis.variance", head, rows, frame, facts=design, kind="pairs")


def _runs(number: float) -> str:
    """How many runs, told no finer than matters."""
    return plain(number, 0) if number <= MANY else f"> {plain(MANY, 0)}"


@finding("discovery", place=44)
def discovery(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """The box of failures as a sentence."""
    labels, first = page.labels, frame.iloc[0].to_dict()
    of = labels.inside(labels.outcome(first["outcome"], first["bank_kind"]))
    names = {"scenario": labels.scenario(first["scenario"]), "outcome": of}
    shares = {"failures": percent(first["failures"])}
    if not first["parameter"]:
        yield labels(f"analysis.no_box_{first['failure']}", **names, **shares)
        return
    shares |= {key: percent(first[key]) for key in ("coverage", "density", "mass")}
    shares |= {"unseen": percent(first["density_unseen"]), "caught": percent(first["coverage_unseen"])}
    joint = "且" if labels.chinese else " and "
    bounds = joint.join(_bound(line, labels) for line in frame.to_dict("records"))
    yield labels(f"analysis.box_{first['failure']}", **names, **shares, bounds=bounds)


def _bound(line: Line, labels: Labels) -> str:
    lower, upper = line["low"] > line["range_low"], line["high"] < line["range_high"]
    key = "between" if lower and upper else "above" if lower else "below"
    places = {end: f"{line[end]:.3g}" for end in ("low", "high")}
    name = labels.inside(labels.parameter(line["parameter"]))
    return labels(f"analysis.bound_{key}", parameter=name, stable=percent(line["stability"]), **places)


@finding("assumptions", place=45)
def assumptions(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """The 2x2 of assumptions and policy."""
    labels = page.labels
    rows: list[list[Cell]] = []
    for (of, kind), mine in frame.groupby(["outcome", "bank_kind"], sort=False):
        name, lines = labels.outcome(str(of), str(kind)), mine.set_index("contrast").to_dict("index")
        cells = {contrast: effect(line, of=str(of)) for contrast, line in lines.items()}
        if not rows:
            facts = {key: spread(cells[key]) for key in ("policy_default", "policy_changed", "difference")}
            facts |= {"scenario": labels.scenario(str(mine["scenario"].iloc[0])), "outcome": name}
            key = "analysis.hangs" if clear(lines["difference"]) else "analysis.hangs_not"
            yield labels(key, changed=str(mine["changed"].iloc[0]), **facts)
        rows.append([Cell(name), *cells.values()])
    head = ("column.outcome", *dict.fromkeys(map(str, frame["contrast"])))
    yield page.table("analysis.assumptions", head, rows, frame, wide=True)
