"""Costs: who pays, when, and what a point costs."""

from collections.abc import Iterator

import pandas as pd

from agents.honeycomb import PAYERS
from experiments.labels.numbers import signed
from experiments.report.registry import Block, Page, section
from experiments.report.tables import Cell, Table

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
