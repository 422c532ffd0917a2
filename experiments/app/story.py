"""One bank's year and the quarters of all banks, told off a running system, which nothing here changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from agents.honeycomb import DELIVERY, DIMENSIONS, OWN, ROUTES
from experiments.config.names import PROVINCE_NAMES
from experiments.labels import Labels, items
from experiments.labels.numbers import plain, signed
from experiments.report.tables import Cell, Table, texts
from experiments.runs.merged import KINDS_AND_ALL
from model import calendar
from model.system import BankingSystem
from model.world import Scenario, World

FLOWS: Final = ("revenue", "costs", "charge", "profit", "dividend", "issued")
PLANNED: Final = ("spend", "run", "fees", "change", "claim", "compliance", "policy_cost")
PHASES: Final = {
    "outside": ("margin", "bad_loans"),
    "between": ("institutions", "partners", "inclusive_share"),
    "books": ("cost_income", "coverage"),
    "plan": ("spend_ratio", "run_share", "free_budget"),
    "building": ("talent", "language_model", "data_asset"),
    "closing": ("profit", "capital"),
    "measurement": ("index", "rural_city_gap"),
}
"""The steps of a quarter, in order, each with outcomes that it moves."""


@dataclass(frozen=True)
class Story:
    """A bank's year in the language asked for.

    Parameters
    ----------
    title : str
    points : list of str
        What it earned, decided and why, built, whom it employs and where it stands; nothing where it has been merged
        into another one.
    quarters : list of Table
        What all banks stand at after each quarter, by step, outcome and kind, from the record.
    """

    title: str
    points: list[str]
    quarters: list[Table]


def tell(world: World, scenario: Scenario, bank: int, year: int, run: int, labels: Labels) -> Story:
    """Run one replicate until the end of a year, and tell what one bank did in it.

    Parameters
    ----------
    world : World
    scenario : Scenario
    bank : int
        Its row.
    year : int
    run : int
        Number of the replicate.
    labels : Labels
    """
    system = BankingSystem(world, [scenario], [run])
    while system.quarter + 1 < calendar.index(f"{year}Q1"):
        system.step()
    scores, assets = [system.dims[:, bank, 0].copy()], [_of(system, "assets", bank)]
    gaps = (system.aspiration - system.dims)[:, bank, 0].copy()
    flows, quarters, begun = dict.fromkeys(FLOWS, 0.0), list[Table](), list[str]()
    moved: dict[bool, list[str]] = {True: [], False: []}
    for quarter in range(4):
        rung, left = system.rung[:, bank, 0].copy(), system.left[:, bank, 0].copy()
        system.step()
        quarters.append(_quarter(system, labels))
        for name in FLOWS:
            flows[name] += _of(system, name, bank)
        for item in np.flatnonzero(system.rung[:, bank, 0] != rung):
            before, after = int(rung[item]), int(system.rung[item, bank, 0])
            moved[after > before].append(_move(system, int(item), before, after, labels))
        begun += _begun(system, bank, left, labels)
        if quarter == 0:  # when the year is planned
            planned = {name: labels.money(_of(system, name, bank)) for name in PLANNED}
            parts = dict(zip(DIMENSIONS, system.shares[:, bank, 0].tolist(), strict=True))
    scores.append(system.dims[:, bank, 0])
    assets.append(_of(system, "assets", bank))
    title = labels("app.year_of", year=year, bank=_named(system, bank, assets[0], labels))
    points = []
    if system.active[bank, 0]:
        points = [
            _earned(system, bank, flows, assets, labels),
            _decided(planned, parts, labels),
            _why(dict(zip(DIMENSIONS, gaps.tolist(), strict=True)), labels),
            _built(begun, moved, labels),
            _people(system, bank, labels),
            _stands(scores, labels),
        ]
    return Story(title, points, quarters)


def _of(system: BankingSystem, name: str, bank: int) -> float:
    return float(getattr(system, name)[bank, 0])


def _named(system: BankingSystem, bank: int, assets: float, labels: Labels) -> str:
    population = system.banks
    kind = labels.inside(labels.name("kind", population.kinds[population.kind[bank]]))
    province = PROVINCE_NAMES.display(population.provinces[population.province[bank]].code, labels.language)
    return labels("app.a_bank", kind=kind, province=province, assets=labels.money(assets))


def _earned(
    system: BankingSystem, bank: int, flows: dict[str, float], assets: list[float], labels: Labels
) -> str:
    """Sums over the year; rates at its end."""
    money = {name: labels.money(value) for name, value in flows.items()}
    margin, ratio = plain(_of(system, "margin", bank), 2), plain(float(system.capital_ratio()[bank, 0]), 1)
    before, after = map(labels.money, assets)
    earned = labels("app.earned", margin=margin, **money)
    return labels.sentences([earned, labels("app.capital", ratio=ratio, before=before, after=after)])


def _decided(planned: dict[str, str], parts: dict[str, float], labels: Labels) -> str:
    order = sorted(parts, key=lambda name: -parts[name])
    shares = labels.listing(f"{labels.outcome(name)} {100 * parts[name]:.0f} %" for name in order)
    return labels.sentences([labels("app.decided", **planned), labels("app.divided", shares=shares)])


def _why(gaps: dict[str, float], labels: Labels) -> str:
    """Aspiration less score when the year was planned, where it is largest and smallest."""
    most, least = max(gaps, key=lambda name: gaps[name]), min(gaps, key=lambda name: gaps[name])
    names = {"most": labels.outcome(most), "least": labels.outcome(least)}
    return labels("app.because", **names, gap=signed(gaps[most]), other=signed(gaps[least]))


def _built(begun: list[str], moved: dict[bool, list[str]], labels: Labels) -> str:
    key = "app.begun" if begun else "app.begun_none"
    sentences = [labels(key, count=len(begun), items=labels.listing(begun))]
    for key, moves in (("app.climbed", moved[True]), ("app.lost", moved[False])):
        if moves:
            sentences.append(labels(key, count=len(moves), items=labels.clauses(moves)))
    return labels.sentences(sentences)


def _move(system: BankingSystem, item: int, before: int, after: int, labels: Labels) -> str:
    """An item that changed its rung."""
    one, quarter = system.items.items[item], calendar.name(system.quarter)[4:]
    name = items()[one.id][labels.language]
    return labels("app.move", item=name, before=before, after=after, top=one.rungs, quarter=quarter)


def _begun(system: BankingSystem, bank: int, left: np.ndarray, labels: Labels) -> list[str]:
    """Projects begun in the quarter, with how they are had."""
    bought, begun = system.items.bought, []
    for project in np.flatnonzero((system.left[:, bank, 0] > 0) & (left == 0)):
        item = bought.start + project
        way = DELIVERY[int(system.way[project, bank, 0])] if item < bought.stop else ""
        name = items()[system.items.items[item].id][labels.language]
        begun.append(f"{name} ({labels.name('delivery', way or DELIVERY[OWN])})")
    return begun


def _people(system: BankingSystem, bank: int, labels: Labels) -> str:
    """Percent of staff, partners and the route to language models, at the end."""
    technologists, data, composite = (plain(value, 1) for value in 100.0 * system.staff[:, bank, 0])
    people = labels("app.people", technologists=technologists, data=data, composite=composite)
    count = int((system.network.partners + (system.hub > 0))[bank, 0])
    route = labels.inside(labels.name("route", ROUTES[int(system.model_route[bank, 0])]))
    return labels.sentences([people, labels("app.partners", count=count, route=route)])


def _stands(scores: list[np.ndarray], labels: Labels) -> str:
    before, after = scores
    lines = zip(map(labels.outcome, DIMENSIONS), map(plain, before), map(plain, after), strict=True)
    return labels("app.stands", scores=labels.listing(f"{name} {a} → {b}" for name, a, b in lines))


def _quarter(system: BankingSystem, labels: Labels) -> Table:
    """What the record holds of the quarter just run, under each of its steps."""
    record, place = system.recorder, system.quarter - system.recorder.first
    measured, unknown = record.outcomes, np.full(len(KINDS_AND_ALL), np.nan)
    index = np.append(record.true[0, 0, place].mean(-1), np.nan)
    rows = []
    for number, (phase, outcomes) in enumerate(PHASES.items(), 1):
        rows.append([Cell(f"{number}. {labels(f'app.step_{phase}')}", strong=True)])
        for name in outcomes:
            # What is measured once a year has no column before the first year's end.
            values = (
                measured[name][0, 0, place] if name in measured else index if name == "index" else unknown
            )
            numbers = (plain(one, 2 if abs(one) < 10 else 1) for one in values.tolist())
            rows.append(texts(labels.outcome(name), *numbers))
    named = labels.quarter(calendar.name(system.quarter))
    head = ["", *map(labels.banks, KINDS_AND_ALL)]
    assert all(len(row) in (1, len(head)) for row in rows)
    return Table(head, rows, caption=labels("app.quarter_of", quarter=named), folded=named)


def banks_of(world: World) -> list[dict[str, object]]:
    """Every bank of a world: row, kind, province and assets (million yuan) at the start."""
    population = world.population
    return [
        {
            "bank": bank,
            "kind": population.kinds[population.kind[bank]],
            "province": population.provinces[population.province[bank]].code,
            "assets": 1e-6 * float(population.assets[bank]),
        }
        for bank in range(len(population.kind))
    ]
