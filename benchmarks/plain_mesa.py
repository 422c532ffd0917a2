"""The system as a Mesa model is usually written: an object a bank, one replicate, a ``DataCollector``.

It follows the engine's rules and draws the engine's words, so that the two can be compared bank by bank; it is the peer
that the engine's speed is measured against.
"""

from types import SimpleNamespace
from typing import Any

import mesa
import numpy as np

from agents import honeycomb as h
from agents.allocation import rule_of
from agents.state import STATES
from benchmarks.plain_bank import SKILLS, PlainBank
from benchmarks.plain_between import PlainBetween
from model import calendar
from model.environment import Outside
from model.network import WORDS
from model.system import WAY_OF_ROUTE, BankingSystem
from model.world import Scenario, World


class PlainMesa(mesa.Model):
    """One replicate of one scenario.

    Parameters
    ----------
    world : World
    scenario : Scenario
    replicate : int
        Its first day is the engine's.
    """

    def __init__(self, world: World, scenario: Scenario, replicate: int = 0) -> None:
        super().__init__(rng=replicate)
        engine = BankingSystem(world, [scenario], [replicate])
        self.world, self.population, self.switches = world, engine.banks, world.switches
        self.items, self.draws, self.kinds = engine.items, engine.draws, engine.kinds
        self.rule, self.way_of_route = rule_of(world.allocation), WAY_OF_ROUTE
        self.list_price = engine.list_price[:, 0, 0].tolist()
        self.climbing_items, self.points = engine.climbing_items.tolist(), engine.points.tolist()
        self.printed, self.policies = engine.printed, engine.policies
        self.paths = Outside([scenario.environment], [scenario.shocks], 1)
        self.quarter, self.any_member = -1, bool(engine.unions.member.any())
        self.banks = [self._first_day(engine, row) for row in range(engine.banks.size)]
        self.kind_skill = {
            name: [self._kind_mean(f"{name}_skill", k) for k in range(len(self.kinds))]
            for name in ("risk", "revenue")
        }
        self.between = PlainBetween(self, engine)
        self.between.count()
        self._stand()
        reporters = {
            f"{kind} {name}": lambda model, k=k, d=d: model.mean(k, d)
            for k, kind in enumerate(engine.banks.kinds)
            for d, name in enumerate(h.DIMENSIONS)
        }
        self.collector = mesa.DataCollector(model_reporters=reporters)

    def _first_day(self, engine: BankingSystem, row: int) -> PlainBank:
        """A bank in the state of the engine's first day."""
        state = {name: getattr(engine, name)[..., row, 0].tolist() for name in STATES}
        state |= {"index": float(engine.index[row, 0]), "loss_usual": float(engine.loss_usual[row, 0])}
        state |= {
            "cost_skill_start": float(engine.cost_skill_start[row, 0]),
            "hub_gain": float(engine.hub_gain[row, 0]),
        }
        state |= {"plan_shares": engine.plan_shares[:, row, 0].tolist()}
        state |= {"built": {name: float(engine.built[f"{name}_skill"][row, 0]) for name in SKILLS}}
        numbers = SimpleNamespace(**{name: _plain(value, row) for name, value in vars(engine.p).items()})
        return PlainBank(self, row, state, numbers)

    # ------------------------------------------------------------ chance

    def word_table(self, purpose: str, number: int) -> list[list[int]]:
        """Words of every bank."""
        table: list[list[int]] = self.draws.bank_words(purpose, number)[..., 0].tolist()
        return table

    def uniform_table(self, purpose: str, number: int) -> list[list[float]]:
        """Uniforms of every bank."""
        table: list[list[float]] = self.draws.uniforms(purpose, number)[..., 0].tolist()
        return table

    # ------------------------------------------------------------ readings

    @property
    def years(self) -> int:
        """Years since 2020."""
        return self.quarter // 4

    @property
    def year(self) -> int:
        """Calendar year."""
        return calendar.FIRST_YEAR + self.quarter // 4

    def lever(self, name: str, row: int) -> float:
        """Strength of a lever for a bank."""
        value = self.levers[name]
        return float(value[row, 0]) if isinstance(value, np.ndarray) else float(value)

    def asked(self, bank: PlainBank) -> float:
        """What policies ask of a bank, million yuan a year."""
        uses = {
            "takers": bank.active,
            "participants": bank.participant and bank.active,
            "data_users": bank.on("government") > 0 and bank.active,
            "clients": (bank.exporter >= 0 or bank.vendors() > 0) and bank.active,
            "allies": bank.allies > 0 and bank.active,
            "members": bank.hub > 0 and bank.active,
        }
        total = 0.0
        for term in self.policies.terms[0]:
            phase = term.policy.phase(self.quarter)
            reach = float(term.reach[bank.row, 0]) * uses[term.policy.users]
            for payer, per, price in term.prices:
                if payer == "bank":
                    amount = float(np.ravel(price)[0])
                    total += phase * reach * (1e-6 * amount if per == "bank_year" else amount * bank.change)
        return total

    def participants_share(self) -> float:
        """Part of small banks, by assets, that have had a place under inclusive supervision."""
        small = [b for b in self.banks if not b.exports and b.active]
        taken = sum(b.assets_start for b in small if b.participant)
        return float(taken / max(sum(b.assets_start for b in small), 1e-9))

    def share_above(self, kind: int, j: int, rung: int) -> float:
        """Share of a kind above a rung of an item, as counted at the last year's end."""
        return self.above[kind][j][rung] if rung < 3 else 0.0

    def _stand(self) -> None:
        self.above = []
        for k in range(len(self.kinds)):
            own = [b for b in self.banks if b.kind == k and b.active]
            self.above.append(
                [
                    [sum(b.rung[j] > r for b in own) / max(len(own), 1) for r in range(3)]
                    for j in range(len(self.items))
                ]
            )

    def _kind_mean(self, name: str, kind: int) -> float:
        own = [getattr(b, name) for b in self.banks if b.kind == kind and b.active]
        return float(sum(own) / max(len(own), 1))

    def mean(self, kind: int, d: int) -> float:
        """Mean score of a kind."""
        own = [b.dims[d] for b in self.banks if b.kind == kind and b.active]
        return float(sum(own) / max(len(own), 1))

    # ------------------------------------------------------------ the quarter

    def step(self) -> None:
        """One quarter, in the engine's order."""
        self.quarter += 1
        self._look_outside()
        self._meet()
        for bank in self.banks:
            bank.open_books()
        if self.quarter % 4 == 0:
            self._plan()
        for bank in self.banks:
            bank.build(self.quarter % 4)
        for bank in self.banks:
            bank.close_books()
        if self.quarter % 4 == 3:
            self._measure()
        self.collector.collect(self)

    def _look_outside(self) -> None:
        out = self.paths.at(self.quarter)
        self.outside = SimpleNamespace(**{name: _one(value) for name, value in vars(out).items()})
        self.levers = self.policies.in_force(self.quarter)
        on = 1.0 if self.switches.platforms else 0.0
        for bank in self.banks:
            base = self.population.provinces[bank.province].openness + self.outside.openness
            bank.openness = [
                on * min(max(base + bank.lever(f"data_{name}"), 0.0), 0.95) for name in h.DATA_SETS
            ]

    def _meet(self) -> None:
        between = self.between
        if self.quarter % 4 == 0:
            words = self.word_table(f"items/{self.year}", len(self.items))
            for bank in self.banks:
                bank.word = [word[bank.row] for word in words]
            ours, pairs = self.draws.partner_words(self.year, WORDS, len(between.pairs))
            self.partner_words, self.alliance_words = ours[..., 0].tolist(), pairs[:, 0].tolist()
        between.merge()
        between.run_unions()
        between.strike()
        if self.quarter % 4 == 0:
            between.admit()
            between.renew()
            self.ahead = between.look_ahead()
        between.contest()

    def _plan(self) -> None:
        drawn = self.uniform_table(f"shares/{self.year}", 6) if self.world.allocation == "random" else None
        due = self.draws.normals(f"budget/{self.year}")[:, 0].tolist()
        for bank in self.banks:
            bank.due = due[bank.row]
            bank.drawn = [row[bank.row] for row in drawn] if drawn else [0.5] * 6
            bank.plan()
        start = self.items.bought.start
        for bank in self.banks:
            rented = [k for k, way in enumerate(bank.way) if way != h.OWN and bank.rung[start + k] > 0]
            bank.exported = sum(bank.way[k] == h.EXPORT for k in rented) / max(len(rented), 1)
        self.between.export_income()

    def _measure(self) -> None:
        for bank in self.banks:
            bank.measure()
        for k in range(len(self.kinds)):
            own = [b for b in self.banks if b.kind == k and b.active]
            rivals = [sum(b.like[d] for b in own) / max(len(own), 1) for d in range(6)]
            for bank in self.banks:
                if bank.kind == k:
                    bank.aspire(rivals)
        for name in ("risk", "revenue"):
            self.kind_skill[name] = [self._kind_mean(f"{name}_skill", k) for k in range(len(self.kinds))]
        self._stand()


def _plain(value: object, row: int) -> Any:
    """A float, or a list, from a number of the engine: common, by kind, or by component."""
    array = np.asarray(value)
    if array.ndim == 0:
        return float(array)
    if array.ndim == 1:
        return float(array[0]) if len(array) == 1 else array.tolist()
    return array[..., row, 0].tolist()


def _one(value: object) -> Any:
    """A float, or a list by group."""
    array = np.asarray(value)
    return float(array[0]) if array.ndim == 1 else array[:, 0].tolist()
