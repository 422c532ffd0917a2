"""Effects: what moves, for whom, how surely and at what price, in words, tables and figures, beside the levels."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pandas as pd

from agents.honeycomb import DIMENSIONS, KINDS, PAYERS, SMALL_KINDS
from experiments.analysis.outcome import HEADLINES
from experiments.figures.comparison import ROWS
from experiments.figures.source import PAINS
from experiments.labels import Labels, chance, digits, percent, plain, scale, signed, unsigned
from experiments.report.console import in_other_worlds, scenario_lines
from experiments.report.registry import Block, Page, Points, Text, section
from experiments.report.tables import DASH, Cell, Line, Row, Table, banded, clear, ends, interval, level
from experiments.results.statistics import first_share, lookup, paired_summary, price_interval, rows_of

SPOKEN, BRIEF = 6, 4  # scenarios with a paragraph of their own, in the report and in a brief


@section("summary", place=30, brief=20)
def summary(page: Page) -> Iterator[Block]:
    """The summary's paragraphs: the baseline, then each scenario, then the order between them."""
    study, labels = page.study, page.labels
    if text := _baseline(page):
        yield Text(text)
    if not study.policies:
        yield Text(labels("sentence.alone"))
        return
    spoken, table = BRIEF if page.brief else SPOKEN, study.scoreboard
    colon = "：" if labels.chinese else ":"
    for line in table.head(spoken).to_dict("records"):
        yield Text(_scenario(page, line), lead=labels.scenario(line["scenario"]) + colon)
    if not study.carries_prices and (table.head(spoken)["cost"] > 0).any():
        yield Text(labels("sentence.price_told" if study.has("frontier") else "sentence.no_price"))
    if len(table) > spoken:
        yield Text(labels("sentence.more", count=len(table) - spoken))
    if len(table) > 1:
        yield Text(_order(page))


def _baseline(page: Page) -> str:
    levels, labels = page.study.levels, page.labels
    mine = lookup(levels[levels["scenario"] == page.study.baseline], ["bank_kind", "outcome", "year"])
    first, last = int(levels["year"].min()), int(levels["year"].max())
    facts: dict[str, object] = {"first": first, "year": last}
    for kind in SMALL_KINDS:
        if (kind, "index", last) not in mine:
            return ""
        start, end = (mine[kind, "index", year] for year in (first, last))
        facts |= {f"{kind}_start": plain(start["q50"]), f"{kind}_end": plain(end["q50"])}
        facts |= {f"{kind}_low": plain(end["q05"]), f"{kind}_high": plain(end["q95"])}
    text = labels("sentence.baseline", **facts)
    if ("all", "rural_city_gap", last) not in mine:
        return text
    start, end = (mine["all", "rural_city_gap", year] for year in (first, last))
    points = {"start": start["q50"], "end": end["q50"], "low": end["q05"], "high": end["q95"]}
    texts = {name: plain(value) for name, value in points.items()}
    return labels.sentences([text, labels("sentence.gap", first=first, year=last, **texts)])


def _scenario(page: Page, line: dict[Any, Any]) -> str:
    labels = page.labels
    way = {1: "up", -1: "down", 0: "still"}[line["clear"]]
    facts = _facts(line) | {"probability": chance(line["probability"])}
    if way != "still":
        facts["effect"] = unsigned(line["median"])
    head = labels.stopped(labels(f"sentence.{way}", **facts, year=page.study.year))
    mine = page.study.effects[page.study.effects["scenario"] == line["scenario"]]
    parts = [head, kinds_moved(mine, labels), _what(mine, labels), _gap(mine, labels)]
    return labels.sentences([*parts, _cost(page, line)])


def _facts(line: Line) -> dict[str, str]:
    keys = {"effect": "median", "low": "low90", "high": "high90"}
    return {name: signed(line[key]) for name, key in keys.items()}


def kinds_moved(mine: pd.DataFrame, labels: Labels) -> str:
    """Which kinds of small and medium banks change their index beyond noise, the most first, and which do not.

    Parameters
    ----------
    mine
        Effects of one scenario at the end: replicate, bank_kind, outcome, effect.
    labels
        The language.
    """
    index = mine[(mine["outcome"] == "index") & mine["bank_kind"].isin(SMALL_KINDS)]
    if index.empty:
        return ""
    table = paired_summary(index, ["bank_kind"])
    if not table["clear"].any():
        return labels("sentence.no_kind")
    moved, still = [], []
    for line in rows_of(table.sort_values("median", key=abs, ascending=False, kind="stable")):
        kind = labels.inside(labels.name("kind", line["bank_kind"]))
        if line["clear"]:
            moved.append(labels("sentence.moved_kind", kind=kind, effect=signed(line["median"])))
        else:
            still.append(kind)
    key = "sentence.some_kinds" if still else "sentence.every_kind"
    return labels(key, moved=labels.listing(moved), still=labels.listing(still))


def _what(mine: pd.DataFrame, labels: Labels) -> str:
    moved = mine[mine["outcome"].isin(DIMENSIONS) & (mine["bank_kind"] == "all")]
    if moved.empty:
        return ""
    table = paired_summary(moved, ["outcome"])
    clear = table[table["clear"] != 0]
    if clear.empty:
        return labels("sentence.no_dimension")
    most = clear.iloc[int(clear["median"].abs().argmax())]
    name = labels.inside(labels.name("dimension", most["outcome"]))
    return labels("sentence.dimension", dimension=name, effect=signed(most["median"]))


def _gap(mine: pd.DataFrame, labels: Labels) -> str:
    change = mine[(mine["outcome"] == "rural_city_gap") & (mine["bank_kind"] == "all")]
    if change.empty:
        return ""
    line = paired_summary(change, ["outcome"]).to_dict("records")[0]
    key = {-1: "sentence.narrows", 1: "sentence.widens", 0: "sentence.gap_still"}[line["clear"]]
    return labels(key, **_facts(line))


def _cost(page: Page, line: Line) -> str:
    """What a scenario costs or saves against its baseline, who pays, and the price of a point where it has one."""
    study, labels = page.study, page.labels
    costs = study.costs[study.costs["scenario"] == line["scenario"]]
    total = float(line["cost"])
    if costs.empty or not total:
        return labels("sentence.free")
    years = {"first": int(costs["year"].min()), "last": int(costs["year"].max())}
    if total < 0:
        return labels("sentence.saving", cost=labels.money(-total), **years)
    by_payer = costs.groupby("payer")["cost"].sum()
    payer, saver = (str(name) for name in (by_payer.idxmax(), by_payer.idxmin()))
    names = {who: labels.inside(labels.name("payer", who)) for who in (payer, saver)}
    facts = {"cost": labels.money(total), "payer": names[payer], **years}
    if by_payer[saver] < 0:  # a share of a sum that others lower is no share
        amounts = {"paid": labels.money(by_payer[payer]), "saved": labels.money(-by_payer[saver])}
        text = labels("sentence.cost_and_saving", saver=names[saver], **amounts, **facts)
    else:
        text = labels("sentence.cost", share=percent(by_payer[payer] / total), **facts)
    return labels.sentences([text, _price(page, str(line["scenario"]))])


def _price(page: Page, scenario: str) -> str:
    """What a point costs the nation, where the gain is clear; nothing where the study plays on a sample of it."""
    study, labels = page.study, page.labels
    if not study.carries_prices:
        return ""
    gain = study.index[study.index["scenario"] == scenario].set_index("replicate")["effect"]
    paid = study.run_costs[scenario].reindex(gain.index)
    prices = price_interval(paid.to_numpy(), gain.to_numpy(), "price")
    middle, low, high = (labels.money(prices[f"price{end}"]) for end in ("", "_low", "_high"))
    return "" if middle == "–" else labels("sentence.price", price=f"{middle} {ends(low, high)}")


def _order(page: Page) -> str:
    index = page.study.index
    shares = first_share(index)
    best = str(shares.idxmax())
    key = "sentence.rank" if shares[best] >= 0.9 else "sentence.no_winner"
    runs = index["replicate"].nunique()
    return page.labels(key, n=runs, scenario=page.labels.scenario(best), share=percent(shares[best]))


ROLES = ("target", "rungs", "gap", "index")


@section("moves", place=12, brief=15, tables=("paths",), always=False)
def moves(page: Page) -> Iterator[Block]:
    """One sentence a scenario, the table of targets with what was held plausible before, and the figures."""
    study, labels = page.study, page.labels
    paths, coverage = study.table("paths"), study.table("coverage")
    sentences = scenario_lines(paths, coverage if len(coverage) else None, study.quarter, labels, study.nodes)
    yield Points([f"{name}{'：' if labels.chinese else ': '}{text}" for name, text in sentences])
    rows = paths[paths["role"].isin(ROLES) & ((paths["role"] == "target") | (paths["bank_kind"] == "all"))]
    if not page.brief:
        yield _table(rows, paths, page)
    yield from page.figures("moves")


def _table(rows: pd.DataFrame, paths: pd.DataFrame, page: Page) -> Table:
    """A row a scenario and outcome: what was held plausible, the effect at the end, area, peak and quarters gained."""
    labels = page.labels
    keys = ("scenario", "outcome", "prior", "end", "probability", "plausible", "area", "peak", "gained")
    head = [labels(f"moves.column_{key}") for key in keys]
    order = {name: place for place, name in enumerate(page.study.scenarios)}
    rows = rows.sort_values("scenario", key=lambda names: names.map(order), kind="stable")
    cells = [_row(line, page) for line in rows.to_dict("records")]
    note = _with_worlds(labels("moves.note", quarter=labels.quarter(page.study.quarter)), page)
    return Table(head, cells, note, labels("moves.table"), data=paths, kind="pairs", wide=True)


def _row(line: dict[Any, Any], page: Page) -> Row:
    labels, outcome = page.labels, str(line["outcome"])
    number, by = digits(outcome), scale(outcome)

    def cell(name: str, size: int | None = None, by: float = by, strong: bool = False) -> Cell:
        values = (by * float(line[f"{name}{end}"]) for end in ("", "_low", "_high"))
        return banded(values, lambda value: signed(value, size), strong)

    prior = [signed(float(line[f"prior_{end}"])) for end in ("low", "high")]
    within = float(line["plausible"])
    peak = cell("peak", number)
    return [
        labels.scenario(str(line["scenario"])),
        Cell(labels.outcome(outcome, str(line["bank_kind"])), strong=line["role"] == "target"),
        Cell("", interval=ends(*prior)) if line["prior_low"] == line["prior_low"] else DASH,
        cell("end", number, strong=clear(line, "end") != 0),
        chance(float(line["probability"])),
        percent(within) if within == within else DASH,
        cell("area"),
        Cell(peak.text, interval=labels.quarter(str(line["peak_quarter"]))),
        cell("gained", 1, by=1.0),  # quarters, which the unit of the outcome does not scale
    ]


SIDE_BY_SIDE = (
    "rural_city_gap", "gini", "p90_p10", "language_model", "free_budget", "bad_loans", "export_hhi",
)  # fmt: skip


@section("effects", place=50, brief=40, tables=("effects",))
def effects(page: Page) -> Iterator[Block]:
    """By kind of bank, and, in the report, every output and dimension of the scenario in focus and all side by side."""
    if page.study.focus is None:
        return
    yield by_kind(page)
    if not page.brief:
        tables = (every_output(page), by_dimension(page), side_by_side(page))
        yield from (table for table in tables if table.rows)


def by_kind(page: Page) -> Table:
    """Effect on the index by scenario and kind, with the chances of a gain and of the first place."""
    study, labels = page.study, page.labels
    index = study.effects[(study.effects["outcome"] == "index") & study.effects["bank_kind"].isin(KINDS)]
    summary = paired_summary(index, ["scenario", "bank_kind"])
    cells = lookup(summary, ["scenario", "bank_kind"])
    ranked, first = study.scoreboard, first_share(study.index)
    rows = []
    for line in ranked.to_dict("records"):
        name = line["scenario"]
        kinds = [interval(cells.get((name, kind))) for kind in KINDS]
        chances = [chance(line["probability"]), percent(first.get(name, 0.0))]
        rows.append([labels.scenario(name), interval(line), *kinds, *chances])
    kinds_named = [labels.name("kind", kind) for kind in ("small", *KINDS)]
    head = [labels("column.scenario"), *kinds_named, labels("column.probability"), labels("column.first")]
    whole = pd.concat([ranked.assign(bank_kind="small_and_medium"), summary])
    note = _with_worlds(labels("note.effects", quarter=labels.quarter(study.quarter)), page)
    return Table(head, *_with_room(rows, note, page), data=whole, wide=True)


def _with_worlds(note: str, page: Page) -> str:
    """The note on a table of effects, with what those are of whose baseline stands in another world."""
    labels, colon = page.labels, "：" if page.labels.chinese else ": "
    worlds = in_other_worlds(page.study.nodes, labels)
    return labels.sentences(
        [note, *(labels.stopped(f"{labels.scenario(name)}{colon}{text}") for name, text in worlds.items())]
    )


def _with_room(rows: Sequence[Row], note: str, page: Page) -> tuple[Sequence[Row], str]:
    """Rows, a scenario each, and the note on them; a brief has room for the first, and says so."""
    if not page.brief or len(rows) <= ROWS:
        return rows, note
    more = page.labels("note.scoreboard_most", most=ROWS, count=len(rows))
    return rows[:ROWS], page.labels.sentences([note, more])


def by_dimension(page: Page) -> Table:
    """Effect of the scenario in focus by dimension and kind."""
    study, labels, effects = page.study, page.labels, page.study.effects
    mine = effects[(effects["scenario"] == study.focus) & effects["outcome"].isin(DIMENSIONS)]
    summary = paired_summary(mine[mine["bank_kind"].isin(KINDS)], ["bank_kind", "outcome"])
    cells = lookup(summary, ["bank_kind", "outcome"])
    rows = [[labels.name("dimension", name), *(interval(cells.get((kind, name))) for kind in KINDS)]
            for name in DIMENSIONS]  # fmt: skip
    head = [labels.scenario(study.focus or ""), *(labels.name("kind", kind) for kind in KINDS)]
    return Table(head, rows, labels("note.effects", quarter=labels.quarter(study.quarter)), data=summary)


def every_output(page: Page) -> Table:
    """Every output under the scenario in focus: median, 50 and 90 % bands, and the chance of a rise."""
    study, labels = page.study, page.labels
    pairs = zip(study.effects["outcome"], study.effects["bank_kind"], strict=True)
    keys = ["scenario", "outcome", "bank_kind"]
    summary = paired_summary(study.effects[[pair in HEADLINES for pair in pairs]], keys)
    cells = lookup(summary, keys)
    rows = []
    for name, kind in HEADLINES:
        line = cells.get((study.focus, name, kind))
        if line is not None:
            middle = interval(line, digits(name), scale(name))._replace(interval="")
            bands = [_band(line, mass, name) for mass in (50, 90)]
            rows.append([labels.outcome(name, kind), middle, *bands, chance(line["probability"])])
    columns = ("median", "half", "ninety", "rise")
    head = [labels.scenario(study.focus or ""), *(labels(f"column.{key}") for key in columns)]
    note = labels("note.every_output", quarter=labels.quarter(study.quarter))
    return Table(head, rows, note, labels("column.every_output"), data=summary)


def _band(line: Line, mass: int, name: str) -> str:
    low, high = (signed(scale(name) * line[f"{end}{mass}"], digits(name)) for end in ("low", "high"))
    return ends(low, high).replace(" ", "\N{NO-BREAK SPACE}")


def side_by_side(page: Page) -> Table:
    """Effects of every scenario on gaps, adoption, budgets, loans and concentration, over all banks."""
    study, labels, effects = page.study, page.labels, page.study.effects
    whole = effects[effects["outcome"].isin(SIDE_BY_SIDE) & (effects["bank_kind"] == "all")]
    summary = paired_summary(whole, ["scenario", "outcome"])
    cells = lookup(summary, ["scenario", "outcome"])
    names = [name for name in SIDE_BY_SIDE if name in set(summary["outcome"])]
    rows = []
    for scenario in study.policies:
        lines = [(name, cells.get((scenario, name))) for name in names]
        numbers = [interval(line, min(digits(name), 3), scale(name)) for name, line in lines]
        rows.append([labels.scenario(scenario), *numbers])
    heads = [labels.name("outcome", name) + labels.unit_of_effect(name) for name in names]
    note = labels("note.outcomes", quarter=labels.quarter(study.quarter))
    return Table([labels("column.scenario"), *heads], rows, note, data=summary, wide=True)


@section("levels", place=70)
def levels(page: Page) -> Iterator[Block]:
    """The mean of the six by scenario and kind at the end, and for baselines at the last observed year as well."""
    study, labels, frame = page.study, page.labels, page.study.levels
    index = lookup(frame[frame["outcome"] == "index"], ["scenario", "bank_kind", "year"])
    years, bases = sorted(frame["year"].unique()), {study.baseline, *study.pairs.values()}
    rows, comma = [], "，" if labels.chinese else ", "
    for scenario in study.scenarios:
        for year in years if scenario in bases else years[-1:]:
            lines = [index.get((scenario, kind, year)) for kind in KINDS]
            cells = [level(line) if line else DASH for line in lines]
            rows.append([f"{labels.scenario(scenario)}{comma}{year}", *cells])
    head = [labels("column.scenario"), *(labels.name("kind", kind) for kind in KINDS)]
    yield Table(head, rows, labels("note.levels"), data=frame, wide=True)


@section("figures", place=60, brief=30)
def figures(page: Page) -> Iterable[Block]:
    """Every registered figure that the study has tables for; a brief shows those it has room for."""
    return page.figures("figures")


@section("diagnostics", place=80)
def diagnostics(page: Page) -> Iterator[Block]:
    """Pain points of the baseline by kind over the years, and the change under the scenario in focus."""
    yield from (table for table in (pains(page), pain_changes(page)) if table)


def pains(page: Page) -> Table | None:
    """Pain points of the baseline by kind, at the start, the last observed year and the end; None without data."""
    study, labels = page.study, page.labels
    every = sorted(int(year) for year in study.surveyed["year"].unique())
    years = sorted({every[0], 2023 if 2023 in every else every[len(every) // 2], every[-1]})
    table = study.diagnostics(every)
    if table.empty:
        return None
    middle = lookup(table, ["outcome", "bank_kind", "year"])
    kinds = [kind for kind in KINDS if kind in set(table["bank_kind"])]
    rows = []
    for pain in PAINS:
        lines = [middle.get((pain, kind, year)) for kind in kinds for year in years]
        cells = [Cell(plain(line["q50"], 0), shade=line["q50"] / 100) if line else DASH for line in lines]
        rows.append([_pain(pain, page), *cells])
    head = [labels("column.pain"), *(f"’{year % 100:02d}" for _ in kinds for year in years)]
    groups = [("", 1), *((labels.name("kind", kind), len(years)) for kind in kinds)]
    note = labels("note.pains", scenario=labels.under(study.baseline))
    return Table(head, rows, note, data=table, groups=groups, wide=True)


def pain_changes(page: Page) -> Table | None:
    """What the scenario in focus changes in each pain point, by kind; None without data."""
    study, labels, effects = page.study, page.labels, page.study.effects
    mine = effects[(effects["scenario"] == study.focus) & effects["outcome"].isin(PAINS)]
    mine = mine[mine["bank_kind"].isin(KINDS)]
    if study.focus is None or mine.empty:
        return None
    summary = paired_summary(mine, ["outcome", "bank_kind"])
    cells = lookup(summary, ["outcome", "bank_kind"])
    rows = [[_pain(pain, page), *(interval(cells.get((pain, kind))) for kind in KINDS)] for pain in PAINS]
    head = page.heads("pain", *(f"kind.{kind}" for kind in KINDS))
    facts = {"scenario": labels.scenario(study.focus), "quarter": labels.quarter(study.quarter)}
    return Table(head, rows, labels("note.pain_effects", **facts), data=summary)


def _pain(pain: str, page: Page) -> str:
    return f"{pain.removeprefix('pain_')}. {page.labels.outcome(pain)}"


@section("costs", place=90, brief=60, tables=("costs",))
def costs(page: Page) -> Iterator[Block]:
    """By payer and scenario with the price of a point; in the report by year and by policy as well."""
    if page.study.focus is None or page.study.costs.empty:
        return
    yield by_payer(page)
    if not page.brief:
        yield by_year(page)
        yield by_policy(page)


def by_payer(page: Page) -> Table:
    """What each scenario costs each payer, and what a point of the index costs."""
    study, labels = page.study, page.labels
    paid = study.costs.groupby(["scenario", "payer"])["cost"].sum()
    rows = []
    for line in study.scoreboard.to_dict("records"):
        name = line["scenario"]
        tail = [signed(line["median"]), labels.money(line["price"])]
        rows.append([labels.scenario(name), *_amounts(paid, (name,), page), *tail])
    years = study.costs["year"]
    facts = {"first": int(years.min()), "last": int(years.max()), "year": study.year, "banks": study.banks}
    note = labels("note.costs" if study.banks else "note.costs_of_some", **facts)
    head = page.heads("scenario", *_payers(), "effect", "price")
    return Table(head, *_with_room(rows, note, page), data=study.costs, wide=True)


def by_year(page: Page) -> Table:
    """What the scenario in focus costs each payer each year."""
    study = page.study
    mine = study.costs[study.costs["scenario"] == study.focus]
    paid = mine.groupby(["year", "payer"])["cost"].sum()
    years = [year for year in sorted(mine["year"].unique()) if paid[year].any()]
    rows = [[str(year), *_amounts(paid, (year,), page)] for year in years]
    caption = page.labels.scenario(study.focus or "")
    return Table(page.heads("year", *_payers()), rows, caption=caption, data=mine)


def by_policy(page: Page) -> Table:
    """What each policy costs each payer in each scenario."""
    labels = page.labels
    paid = page.study.costs.groupby(["scenario", "policy", "payer"])["cost"].sum()
    rows = []
    for scenario, policy in dict.fromkeys(key[:2] for key in paid.index):
        amounts = _amounts(paid, (scenario, policy), page)
        rows.append([labels.scenario(scenario), labels.policy(policy), *amounts])
    return Table(page.heads("scenario", "policy", *_payers()), rows, kind="pairs", wide=True)


def _amounts(paid: pd.Series, key: tuple[object, ...], page: Page) -> list[str]:
    """What each payer pays, and all of them together."""
    each = [float(paid.get((*key, payer), 0.0)) for payer in PAYERS]
    return [page.labels.money(amount) for amount in (*each, sum(each))]


def _payers() -> list[str]:
    return [*(f"payer.{payer}" for payer in PAYERS), "total"]
