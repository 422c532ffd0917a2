"""Who gains, who loses and who pays: bands of change by kind, size and province; costs, and what a point costs."""

from collections.abc import Iterator
from functools import partial

import pandas as pd

from agents.honeycomb import PAYERS
from experiments.figures.source import province
from experiments.labels import Labels
from experiments.labels.numbers import percent, signed
from experiments.report.registry import Block, Page, finding, section
from experiments.report.tables import Cell, Line, Table, effect, share, spread

BANDS = ("lose_large", "lose", "same", "gain", "gain_large")
GROUPS = ("kind", "size_quintile")
SAME = 0.1  # points between the provinces at either end that are not worth telling
SHARED = 0.05  # weight of its own banks below which a province only repeats the mean of all


@finding("winners", place=30)
def winners(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """Who gains and who loses under the scenario in focus, in five bands, and how many do under each of the others."""
    labels, focus = page.labels, page.study.shown_first(frame["scenario"])
    mine = frame[frame["scenario"] == focus]
    rows = [
        [Cell(_group(line, labels)), effect(line), *(share(line[band]) for band in BANDS)]
        for line in mine[mine["grouping"].isin(GROUPS)].to_dict("records")
    ]
    yield from _by_province(mine, page)
    head = ("group", "change", *(f"winners.{band}" for band in BANDS))
    facts = {"scenario": labels.scenario(focus)}
    yield page.table("analysis.winners", head, rows, frame, facts=facts)
    if frame["scenario"].nunique() > 1:
        yield _gains_and_losses(frame, page)


def _gains_and_losses(frame: pd.DataFrame, page: Page) -> Table:
    """Share of banks that gain, and that lose, by scenario and kind."""
    labels = page.labels
    kinds = frame[frame["grouping"] == "kind"]
    names = list(dict.fromkeys(kinds["group"]))
    rows = []
    for scenario, mine in kinds.groupby("scenario", sort=False):
        lines = mine.set_index("group")
        gain, lose = lines["gain"] + lines["gain_large"], lines["lose"] + lines["lose_large"]
        sides = [Cell(f"{percent(gain[name])} / {percent(lose[name])}") for name in names]
        rows.append([Cell(labels.scenario(str(scenario))), *sides])
    head = ("column.scenario", *(f"={labels.banks(name)}" for name in names))
    return page.table("analysis.gain_lose", head, rows)


def _group(line: Line, labels: Labels) -> str:
    if line["grouping"] == "kind":
        return labels.banks(line["group"])
    return labels("analysis.quintile", number=line["group"])


def _by_province(mine: pd.DataFrame, page: Page) -> Iterator[str]:
    """The provinces at either end after partial pooling, where they differ by more than chance."""
    labels = page.labels
    local = mine[mine["grouping"] == "province"].sort_values("effect")
    if len(local) < 2:
        return
    scenario = labels.scenario(str(local["scenario"].iloc[0]))
    ends = {"low": local.iloc[0].to_dict(), "high": local.iloc[-1].to_dict()}
    apart = ends["high"]["effect_low"] > ends["low"]["effect_high"]
    if local["weight"].max() < SHARED or ends["high"]["effect"] - ends["low"]["effect"] < SAME:
        yield labels("analysis.provinces_alike", scenario=scenario)
        return
    place = partial(province, data=page.study.data, language=labels.language)
    names = {end: place(str(line["group"])) for end, line in ends.items()}
    facts = {f"{end}_effect": spread(effect(line)) for end, line in ends.items()}
    key = "analysis.provinces" if apart else "analysis.provinces_overlap"
    yield labels(key, scenario=scenario, **names, **facts)


ROWS = 10  # scenarios in a brief


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
        tail = [Cell(signed(line["median"])), Cell(labels.money(line["price"]))]
        rows.append([Cell(labels.scenario(name)), *_amounts(paid, (name,), page), *tail])
    years = study.costs["year"]
    facts = {"first": int(years.min()), "last": int(years.max()), "year": study.year, "banks": study.banks}
    note = labels("note.costs" if study.banks else "note.costs_of_some", **facts)
    if page.brief and len(rows) > ROWS:
        note = labels.sentences([note, labels("note.scoreboard_most", most=ROWS, count=len(rows))])
        rows = rows[:ROWS]
    head = page.heads("scenario", *_payers(), "effect", "price")
    return Table(head, rows, note, data=study.costs, wide=True)


def by_year(page: Page) -> Table:
    """What the scenario in focus costs each payer each year."""
    study = page.study
    mine = study.costs[study.costs["scenario"] == study.focus]
    paid = mine.groupby(["year", "payer"])["cost"].sum()
    years = [year for year in sorted(mine["year"].unique()) if paid[year].any()]
    rows = [[Cell(str(year)), *_amounts(paid, (year,), page)] for year in years]
    caption = page.labels.scenario(study.focus or "")
    return Table(page.heads("year", *_payers()), rows, caption=caption, data=mine)


def by_policy(page: Page) -> Table:
    """What each policy costs each payer in each scenario."""
    labels = page.labels
    paid = page.study.costs.groupby(["scenario", "policy", "payer"])["cost"].sum()
    rows = []
    for scenario, policy in dict.fromkeys(key[:2] for key in paid.index):
        amounts = _amounts(paid, (scenario, policy), page)
        rows.append([Cell(labels.scenario(scenario)), Cell(labels.policy(policy)), *amounts])
    return Table(page.heads("scenario", "policy", *_payers()), rows, wide=True)


def _amounts(paid: pd.Series, key: tuple[object, ...], page: Page) -> list[Cell]:
    """What each payer pays, and all of them together."""
    each = [float(paid.get((*key, payer), 0.0)) for payer in PAYERS]
    return [Cell(page.labels.money(amount)) for amount in (*each, sum(each))]


def _payers() -> list[str]:
    return [*(f"payer.{payer}" for payer in PAYERS), "total"]
