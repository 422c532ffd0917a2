"""One bank's year and the quarters of all banks, read off a running system, which nothing here changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from agents.honeycomb import DELIVERY, DIMENSIONS, OWN, ROUTES
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
class Move:
    """An item that changed its rung.

    Parameters
    ----------
    item : str
    quarter : str
    before, after, top : int
    way : str
        How the bank has it, of ``DELIVERY``; empty where nothing is had.
    """

    item: str
    quarter: str
    before: int
    after: int
    top: int
    way: str


@dataclass(frozen=True)
class Story:
    """A bank's year.

    Parameters
    ----------
    year : int
    kind, province : str
    assets : tuple of float
        Million yuan at the start and the end of the year.
    flows : dict of str to float
        Sums over the year, million yuan; rates (percent) at its end.
    planned : dict of str to float
        The division of technology spending, million yuan a year.
    shares, gaps : dict of str to float
        Share of project money by dimension; aspiration less score when the year was planned, points.
    started : tuple of tuple of str
        Projects begun in the year, with how they are had.
    moves : tuple of Move
    before, after : dict of str to float
        Scores at the start and the end of the year.
    people : tuple of float
        Technologists, data and composite people, percent of staff, at the end.
    partners : int
    route : str
        To language models.
    active : bool
        False where the bank has been merged into another one.
    """

    year: int
    kind: str
    province: str
    assets: tuple[float, float]
    flows: dict[str, float]
    planned: dict[str, float]
    shares: dict[str, float]
    gaps: dict[str, float]
    started: tuple[tuple[str, str], ...]
    moves: tuple[Move, ...]
    before: dict[str, float]
    after: dict[str, float]
    people: tuple[float, float, float]
    partners: int
    route: str
    active: bool


@dataclass(frozen=True)
class Quarter:
    """What all banks stand at after a quarter: by step, outcome and kind, from the record."""

    name: str
    values: dict[str, dict[str, tuple[float, ...]]]


def tell(
    world: World, scenario: Scenario, bank: int, year: int, run: int
) -> tuple[Story, tuple[Quarter, ...]]:
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
    """
    system = BankingSystem(world, [scenario], [run])
    while system.quarter + 1 < calendar.index(f"{year}Q1"):
        system.step()
    before, assets = _scores(system, bank), _of(system, "assets", bank)
    gaps = dict(zip(DIMENSIONS, (system.aspiration - system.dims)[:, bank, 0].tolist(), strict=True))
    flows, moves, started = dict.fromkeys(FLOWS, 0.0), list[Move](), list[tuple[str, str]]()
    planned: dict[str, float] = {}
    shares: dict[str, float] = {}
    quarters = []
    for _ in range(4):
        rung, left = system.rung[:, bank, 0].copy(), system.left[:, bank, 0].copy()
        system.step()
        quarters.append(_quarter(system))
        for name in FLOWS:
            flows[name] += _of(system, name, bank)
        moves += _moves(system, bank, rung)
        started += _started(system, bank, left)
        if not planned:
            planned = {name: _of(system, name, bank) for name in PLANNED}
            shares = dict(zip(DIMENSIONS, system.shares[:, bank, 0].tolist(), strict=True))
    flows |= {"margin": _of(system, "margin", bank), "capital": float(system.capital_ratio()[bank, 0])}
    population = system.banks
    return Story(
        year=year,
        kind=population.kinds[population.kind[bank]],
        province=population.provinces[population.province[bank]].code,
        assets=(assets, _of(system, "assets", bank)),
        flows=flows,
        planned=planned,
        shares=shares,
        gaps=gaps,
        started=tuple(started),
        moves=tuple(moves),
        before=before,
        after=_scores(system, bank),
        people=tuple(100.0 * system.staff[:, bank, 0]),
        partners=int((system.network.partners + (system.hub > 0))[bank, 0]),
        route=ROUTES[int(system.model_route[bank, 0])],
        active=bool(system.active[bank, 0]),
    ), tuple(quarters)


def _of(system: BankingSystem, name: str, bank: int) -> float:
    return float(getattr(system, name)[bank, 0])


def _scores(system: BankingSystem, bank: int) -> dict[str, float]:
    return dict(zip(DIMENSIONS, system.dims[:, bank, 0].tolist(), strict=True))


def _way(system: BankingSystem, bank: int, item: int) -> str:
    bought = system.items.bought
    inside = bought.start <= item < bought.stop
    return DELIVERY[int(system.way[item - bought.start, bank, 0])] if inside else ""


def _moves(system: BankingSystem, bank: int, before: np.ndarray) -> list[Move]:
    after = system.rung[:, bank, 0]
    return [
        Move(
            item=system.items.items[j].id,
            quarter=calendar.name(system.quarter),
            before=int(before[j]),
            after=int(after[j]),
            top=system.items.items[j].rungs,
            way=_way(system, bank, int(j)) if after[j] else "",
        )
        for j in np.flatnonzero(after != before)
    ]


def _started(system: BankingSystem, bank: int, left: np.ndarray) -> list[tuple[str, str]]:
    begun = np.flatnonzero((system.left[:, bank, 0] > 0) & (left == 0))
    first = system.items.bought.start
    return [
        (system.items.items[first + j].id, _way(system, bank, int(first + j)) or DELIVERY[OWN]) for j in begun
    ]


def _quarter(system: BankingSystem) -> Quarter:
    """What the record holds of the quarter just run."""
    record, place = system.recorder, system.quarter - system.recorder.first
    scores = record.true[0, 0, place].mean(-1)

    def values(name: str) -> tuple[float, ...]:
        if name == "index":
            return (*map(float, scores), float("nan"))
        return tuple(map(float, record.outcomes[name][0, 0, place]))

    told: dict[str, dict[str, tuple[float, ...]]] = {
        phase: {name: values(name) for name in names} for phase, names in PHASES.items()
    }
    assert all(len(row) == len(KINDS_AND_ALL) for rows in told.values() for row in rows.values())
    return Quarter(calendar.name(system.quarter), told)


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
