"""What an academic asks: identification, convergence, the placebo network, the sample's weights, the break of 2023."""

from collections.abc import Iterator

import pandas as pd

from experiments.figures.source import observed_scores
from experiments.labels import Labels
from experiments.labels.numbers import percent, plain
from experiments.report.registry import Page, finding
from experiments.report.tables import Cell, Line, Table, clear, effect, ends, level, spread, texts

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
        rest = texts(f"{line['chance_low']:.3f}", made[line["direction"]])
        rows.append([Cell(f"{line['direction']:.0f}"), variance, *rest])
    head = ("direction", "variance", "chance_low", "made_of")
    yield page.table("evidence.spectrum", head, rows, frame, wide=True)


def _made_of(mine: pd.DataFrame, labels: Labels) -> str:
    """Parameters of a combination with their weights."""
    parts = zip(mine["parameter"], mine["loading"], strict=True)
    loadings = (f"{labels.parameter(str(name))} {loading:+.2f}" for name, loading in parts)
    return labels.listing(one.replace("-", "−") for one in loadings)


@finding("convergence", place=51)
def convergence(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """Whether the strong gain more or all come back to the mean, and what that does to their spread."""
    labels, rows = page.labels, []
    for line in frame.to_dict("records"):
        group = labels(f"evidence.group_{line['group']}")
        beta, surveyed = effect(line, "beta"), effect(line, "beta_surveyed")
        sizes = {"start": plain(line["sigma_start"]), "end": plain(line["sigma_end"])}
        if line["scenario"] == page.study.baseline and line["group"] in ("all", "within"):
            way = {1: "up", -1: "down", 0: "open"}[clear(line, "beta")]
            facts = {"group": group, "beta": spread(beta), "surveyed": spread(surveyed), **sizes}
            apart = labels(f"evidence.sigma_{_apart(line)}")
            yield labels(f"evidence.beta_{way}", spread=apart, **facts)
        cells = [Cell(plain(line["banks"], 0)), beta, Cell(f"{line['probability']:.2f}"), surveyed]
        cells += [*map(Cell, sizes.values()), _ratio(line)]
        rows.append([Cell(labels.scenario(str(line["scenario"]))), Cell(group), *cells])
    keys = ("group", "banks", "beta", "probability", "surveyed", "start", "end", "ratio")
    yield page.table("evidence.convergence", ("column.scenario", *keys), rows, frame, wide=True)


def _apart(line: Line) -> str:
    """Whether the banks grow apart, draw together, or neither beyond noise."""
    return "up" if line["sigma_ratio_low"] > 1 else "down" if line["sigma_ratio_high"] < 1 else "open"


def _ratio(line: Line) -> Cell:
    middle, low, high = (f"{line[f'sigma_ratio{end}']:.2f}" for end in ("", "_low", "_high"))
    return Cell(middle, strong=_apart(line) != "open", interval=ends(low, high))


@finding("placebo", place=52)
def placebo(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """What the network does, beside what shuffled ones do."""
    labels, rows = page.labels, []
    parts = ("network", "shuffled", "difference")
    first = frame.iloc[0]
    for place, line in enumerate(frame.to_dict("records")):
        of, kind = str(line["outcome"]), str(line["bank_kind"])
        named, scenario = labels.outcome(of, kind), labels.scenario(str(line["scenario"]))
        cells = {key: effect(line, key, of) for key in parts}
        if (of, kind) == (first["outcome"], first["bank_kind"]):
            spreads = {key: spread(cell) for key, cell in cells.items()}
            key = "evidence.placebo_effect" if place else "evidence.placebo_level"
            yield labels(key, scenario=scenario, outcome=named, **spreads)
            key = "evidence.placebo_matters" if clear(line, "difference") else "evidence.placebo_same"
            yield labels(key, **spreads)
        rows.append([Cell(scenario), Cell(named), *cells.values(), Cell(percent(line["as_large"]))])
    head = ("column.scenario", "column.outcome", *parts, "as_large")
    facts = {"shuffles": plain(first["shuffles"], 0)}
    yield page.table("evidence.placebo", head, rows, frame, facts=facts, wide=True)


@finding("survey_weights", place=53)
def survey_weights(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """Raw against post-stratified."""
    labels, rows, same = page.labels, [], []
    for line in frame.to_dict("records"):
        scenario, group = labels.scenario(str(line["scenario"])), labels(f"evidence.group_{line['group']}")
        named = {"scenario": scenario, "group": labels.inside(group)}
        show = level if line["quantity"] == "level" else effect
        cells = {"raw": show(line, "raw"), "weighted": show(line, "weighted")}
        cells |= {"difference": effect(line, "difference")}
        if line["group"] in ("small", "gap") and clear(line, "difference"):
            facts = {key: spread(cell) for key, cell in cells.items()}
            yield labels(f"evidence.weights_{line['quantity']}_moves", **named, **facts)
        elif line["group"] in ("small", "gap"):
            same.append(labels("evidence.weights_one", **named))
        banks = f"{plain(line['banks'], 0)} ({plain(line['effective'], 0)})"
        rows.append([*texts(scenario, group, banks, percent(line["covered"])), *cells.values()])
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
            yield labels("evidence.break", kind=name, year=year, shift=spread(shift), **facts)
        rows.append([Cell(name), Cell(year), level(line, "without"), level(line, "with_item"), shift])
    head = ("column.kind", "year", "without", "with_item", "shift")
    yield page.table("evidence.break", head, rows, frame)
