"""On what an effect hangs and how sure it is: parameters and assumptions, placebos, and the sample of the survey."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pandas as pd

from experiments.analysis.sensitivity import CROSSED, FEWEST, vectors
from experiments.figures.source import observed_scores, province
from experiments.labels import Labels, percent, plain, scale
from experiments.report.registry import Page, finding
from experiments.report.tables import Cell, Line, Row, Table, banded, clear, effect, level, share
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
    shares = frame[frame["clear"] > 0].groupby("data", sort=False)["variance_share"].sum()
    shares = shares.sort_values(ascending=False)
    items = [f"{labels.name('data', str(name))} ({percent(part)})" for name, part in shares.items()]
    yield labels("analysis.data" if items else "analysis.data_none", listing=labels.listing(items))
    rows = []
    for line in frame.head(SHOWN).to_dict("records"):
        names = labels.parameter(line["parameter"]), labels.name("data", line["data"])
        part = Cell(percent(line["variance_share"]), line["variance_share"] > line["variance_noise"])
        gain = Cell(plain(line["value"], 3), line["value"] > line["value_noise"])
        noise = percent(line["variance_noise"]), plain(line["value_noise"], 3)
        rows.append([*names, part, noise[0], gain, noise[1]])
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
        rows.append([labels.parameter(line["parameter"]), *screened, *indices])
    head = ("parameter", "mu_star", "sigma", "at_low", "at_high", "first", "total")
    design = {"base": int(first["base_samples"]), "noise": percent(first["seed_noise"])}
    yield page.table("analysis.sensitivity", head, rows, frame, facts=design)


@finding("sensitivity_path", place=42)
def sensitivity_path(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """What the effect in focus depends on, quarter by quarter; where an index holds zero it says so instead."""
    labels = page.labels
    quarters = sorted(frame["quarter"].unique())
    columns = [quarter for quarter in quarters if quarter.endswith("Q4")][-COLUMNS:] or quarters[-COLUMNS:]
    lines = lookup(frame, ["parameter", "quarter"])
    end = frame[frame["quarter"] == quarters[-1]].sort_values("total", ascending=False)
    rows = []
    for name in end["parameter"].head(SHOWN):
        totals = [lines.get((name, quarter)) for quarter in columns]
        cells = [
            labels("analysis.steady") if line is None else _sobol(line, "total") if line["told"]
            else labels("analysis.untold")
            for line in totals
        ]  # fmt: skip
        rows.append([labels.parameter(name), *cells])
    yield _over_time(frame, labels)
    head = ("parameter", *(f"={labels.quarter(quarter)}" for quarter in columns))
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
    values = (line[name] for name in (key, f"{key}_low", f"{key}_high"))
    return banded(values, lambda value: plain(value, 2), line[f"{key}_low"] > 0)


@finding("variance", place=43)
def variance(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """Shares of parameters and seeds, and the runs that a precision asks for.

    The scenario in focus is shown on every output, the others on the one that is asked about.
    """
    frame = frame.dropna(subset=["share_parameters"])
    if frame.empty:
        return
    study, labels = page.study, page.labels
    measure, focus = study.measure_asked, study.shown_first(frame["scenario"])
    rows: list[Row] = []
    for line in frame.to_dict("records"):
        pair = line["outcome"], line["bank_kind"]
        if line["scenario"] != focus and pair != measure:
            continue
        runs = {goal: _runs(line[f"replicates_{goal}"]) for goal in GOALS}
        facts = {"scenario": labels.scenario(line["scenario"]), "outcome": labels.outcome(*pair)}
        facts |= {part: percent(line[f"share_{part}"]) for part in SOURCES} | runs
        rows.append([*facts.values()])
        if pair == measure and line["scenario"] == focus and "–" not in runs.values():
            yield labels("analysis.variance", **facts)
    keys = ("share_parameters", "share_seeds", "share_both", "runs_sign", "runs_tenth")
    design: dict[str, Any] = {"draws": vectors(study.runs), "seeds": CROSSED, "fewest": FEWEST}
    design |= {"focus": labels.scenario(focus), "outcome": labels.inside(labels.outcome(*measure))}
    head = ("column.scenario", "column.outcome", *keys)
    yield page.table("analysis.variance", head, rows, frame, facts=design, kind="pairs")


def _runs(number: float) -> str:
    """How many runs, told no finer than matters; a dash where that is not known."""
    return f"> {plain(MANY, 0)}" if number > MANY else plain(number, 0)


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
    rows: list[Row] = []
    for (of, kind), mine in frame.groupby(["outcome", "bank_kind"], sort=False):
        name, lines = labels.outcome(str(of), str(kind)), mine.set_index("contrast").to_dict("index")
        cells = {contrast: effect(line, of=str(of)) for contrast, line in lines.items()}
        if not rows:
            facts: dict[str, object] = {
                key: cells[key] for key in ("policy_default", "policy_changed", "difference")
            }
            facts |= {"scenario": labels.scenario(str(mine["scenario"].iloc[0])), "outcome": name}
            key = "analysis.hangs" if clear(lines["difference"]) else "analysis.hangs_not"
            yield labels(key, changed=str(mine["changed"].iloc[0]), **facts)
        rows.append([name, *cells.values()])
    head = ("column.outcome", *dict.fromkeys(map(str, frame["contrast"])))
    yield page.table("analysis.assumptions", head, rows, frame, wide=True)


@finding("thresholds", place=22)
def thresholds(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """The distribution of the threshold years."""
    labels, rows = page.labels, []
    years = sorted(int(year) for year in frame["year"].unique())
    for (scenario, threshold), mine in frame.groupby(["scenario", "threshold"], sort=False):
        line, name = mine.iloc[0], labels.scenario(str(scenario))
        facts = {key: _year(line[key], page) for key in ("median", "low", "high")}
        facts |= {"scenario": name, "reached": percent(1 - line["never"]), "end": str(page.study.year)}
        yield labels(f"analysis.year_{threshold}", **facts)
        by = mine.set_index("year")["by_then"]
        title = f"{name}: {labels(f'analysis.threshold_{threshold}')}"
        rows.append([title, *(share(by[year], 0.6) for year in years)])
    head = ("by_year", *(f"={year}" for year in years))
    yield page.table("analysis.thresholds", head, rows, frame, wide=True)


def _year(value: float, page: Page) -> str:
    return f"{value:.0f}" if value == value else page.labels("analysis.after", year=page.study.year)


BREAK = 2023  # the edition that brought the item
ENDS = 2  # combinations told of at either end
HALF = 0.5


@finding("identification", place=50)
def identification(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """Say how many combinations of parameters are informed, and name the stiffest and the sloppiest."""
    labels, firsts = page.labels, frame[frame["rank"] == 1]
    counts = {"count": len(firsts), "informed": int(firsts["informed"].sum())}
    yield labels("evidence.informed", half=int((firsts["variance"] < HALF).sum()), **counts)
    made = {place: _made_of(mine, labels) for place, mine in frame.groupby("direction", sort=True)}
    order = list(made)
    for key, places in (("stiffest", order[:ENDS]), ("sloppiest", order[-ENDS:])):
        yield labels(f"evidence.{key}", listing=" / ".join(made[place] for place in places))
    rows = []
    for line in firsts.to_dict("records"):
        variance = Cell(f"{line['variance']:.3f}", bool(line["informed"]))
        rest = [f"{line['chance_low']:.3f}", made[line["direction"]]]
        rows.append([f"{line['direction']:.0f}", variance, *rest])
    head = ("direction", "variance", "chance_low", "made_of")
    yield page.table("evidence.spectrum", head, rows, frame, wide=True)


def _made_of(mine: pd.DataFrame, labels: Labels) -> str:
    """Parameters of a combination with their weights."""
    parts = zip(mine["parameter"], mine["loading"], strict=True)
    loadings = (f"{labels.parameter(str(name))} {loading:+.2f}" for name, loading in parts)
    return labels.listing(one.replace("-", "−") for one in loadings)


@finding("placebo", place=52)
def placebo(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """What the network does, beside what shuffled ones do."""
    labels, rows = page.labels, []
    parts = ("network", "shuffled", "difference")
    first = frame.iloc[0]
    for line in frame.to_dict("records"):
        of, kind = str(line["outcome"]), str(line["bank_kind"])
        outcome, scenario = labels.outcome(of, kind), labels.scenario(str(line["scenario"]))
        cells = {key: effect(line, key, of) for key in parts}
        if (of, kind) == (first["outcome"], first["bank_kind"]):
            against = line["scenario"] in page.study.pairs
            key = "evidence.placebo_effect" if against else "evidence.placebo_level"
            yield labels(key, scenario=scenario, outcome=outcome, **cells)
            key = "evidence.placebo_matters" if clear(line, "difference") else "evidence.placebo_same"
            yield labels(key, **cells)
        rows.append([scenario, outcome, *cells.values(), percent(line["as_large"])])
    head = ("column.scenario", "column.outcome", *parts, "as_large")
    facts = {"shuffles": plain(first["shuffles"], 0)}
    yield page.table("evidence.placebo", head, rows, frame, facts=facts, wide=True)


@finding("survey_weights", place=53)
def survey_weights(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """Raw against post-stratified."""
    labels, rows, same = page.labels, [], []
    for line in frame.to_dict("records"):
        scenario, group = labels.scenario(str(line["scenario"])), labels(f"evidence.group_{line['group']}")
        names = {"scenario": scenario, "group": labels.inside(group)}
        show = level if line["quantity"] == "level" else effect
        cells = {"raw": show(line, "raw"), "weighted": show(line, "weighted")}
        cells |= {"difference": effect(line, "difference")}
        if line["group"] in ("small", "gap") and clear(line, "difference"):
            yield labels(f"evidence.weights_{line['quantity']}_moves", **names, **cells)
        elif line["group"] in ("small", "gap"):
            same.append(labels("evidence.weights_one", **names))
        banks = f"{plain(line['banks'], 0)} ({plain(line['effective'], 0)})"
        rows.append([scenario, group, banks, percent(line["covered"]), *cells.values()])
    if same:
        yield labels("evidence.weights_same", listing=labels.listing(same))
    keys = ("group", "effective", "covered", "raw", "weighted", "weights_difference")
    yield page.table("evidence.weights", ("column.scenario", *keys), rows, frame, wide=True)


@finding("measurement_break", place=54)
def measurement_break(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """The score of application with and without the item on language models."""
    labels = page.labels
    printed = observed_scores(page.study.data, page.study.settings)
    printed = printed[(printed["dimension"] == "application") & (printed["year"] == BREAK)]
    scores = dict(zip(printed["bank_kind"], printed["score"], strict=True))
    rows = []
    for line in frame[frame["year"] >= BREAK].to_dict("records"):
        kind, year = str(line["bank_kind"]), f"{line['year']:.0f}"
        name, shift = labels.name("kind", kind), effect(line, "shift")
        if line["year"] == BREAK and kind in scores:
            facts = {"printed": plain(scores[kind]), "alike": plain(scores[kind] - line["shift"])}
            yield labels("evidence.break", kind=name, year=year, shift=shift, **facts)
        rows.append([name, year, level(line, "without"), level(line, "with_item"), shift])
    head = ("column.kind", "year", "without", "with_item", "shift")
    yield page.table("evidence.break", head, rows, frame)


@finding("event_study", place=35)
def event_study(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """What the reform did where it happened, before it and elsewhere."""
    labels = page.labels
    place = partial(province, data=page.study.data, language=labels.language)
    rows = [
        [
            labels(f"event.{line['event']}"),
            place(line["province"]),
            effect(line),
            labels.quarter(line["start"]),
            labels.quarter(line["quarter"]),
            f"{line['banks']:.0f}",
        ]
        for line in frame.to_dict("records")
    ]
    real = frame[frame["event"] == "real"].iloc[-1].to_dict()
    facts = {"province": place(real["province"]), "quarter": labels.quarter(real["quarter"])}
    yield labels("event.said", effect=effect(real), **facts)
    placebos = frame[frame["event"].isin(("date", "province"))]
    if len(placebos):
        most = placebos.iloc[int(placebos["effect"].abs().argmax())].to_dict()
        yield labels("event.placebos", count=len(placebos), effect=effect(most))
    keys = ("event", "province", "effect", "start", "quarter", "banks")
    yield page.table("event.study", [f"event.column.{key}" for key in keys], rows, frame, kind="pairs")
