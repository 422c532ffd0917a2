"""The system as a Mesa model is usually written: an object a bank, ``agents.do``, a ``DataCollector``.

It does the engine's six-dimension work with the engine's numbers, first day and formulas: the market, the network's
five layers, peers, and every rule of a bank, one replicate at a time, and it collects the engine's quarterly outcomes.
Rules are in plain Python, which for vectors of six is faster than NumPy. It leaves out policies and shocks, the
simulated survey, the ten pain points and the outcomes of the whole system, the other allocation rules and suppliers'
limited capacity; its chance is that of Python's generator.
"""

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import mesa
import numpy as np

from agents.honeycomb import APPLICATION, DIMENSIONS, ECOSYSTEM, KINDS
from benchmarks.plain_bank import PlainBank
from benchmarks.plain_network import PlainNetwork
from model import calendar
from model.system import BankingSystem
from model.world import Scenario, World

OUTCOMES: dict[str, str | Callable[[Any], object]] = {
    "dimensions": lambda bank: tuple(bank.dimensions),
    "spend_ratio": lambda bank: 100.0 * bank.budget / bank.revenue,
    "run_share": lambda bank: 100.0 * bank.run / bank.budget,
    "free_budget": lambda bank: 100.0 * bank.change / bank.revenue,
    "bad_loans": lambda bank: 100.0 * bank.bad_loans / bank.loans,
    "coverage": lambda bank: 100.0 * bank.provisions / bank.bad_loans,
    "capital": lambda bank: 100.0 * bank.capital / bank.assets / bank.numbers.risk_weight,
    "margin": lambda bank: bank.model.margin(bank),
    "profit": lambda bank: 400.0 * bank.profit / bank.assets,
    "route": "route",
    "talent": lambda bank: 100.0 * sum(bank.staff),
    "data_asset": "data_asset",
    "benefit": "benefit",
    "budget_exhausted": lambda bank: bank.run_unpaid > 0.0,
    "partners": lambda bank: len(bank.partners) + (bank.vendor is not None) + (bank.provider is not None),
}


class PlainMesa(mesa.Model):
    """One replicate of a scenario without policies or shocks.

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
        self.population, self.environment = world.population, scenario.environment
        self.numbers = {
            kind: SimpleNamespace(**{name: _plain(value) for name, value in vars(traits).items()})
            for kind, traits in {**engine.traits, "common": engine.common}.items()
        }
        self.common, self.indicator_bias = self.numbers["common"], world.bias().ravel().tolist()
        self.launch, self.quarter = calendar.index(world.language_model_launch), -1
        self.banks = self._created(engine)
        self.kinds = {kind: [bank for bank in self.banks if bank.kind == kind] for kind in KINDS}
        self.network = PlainNetwork(engine.network, self.banks, self.random)
        scores = {
            f"{kind} {name}": lambda model, kind=kind, d=d: model.mean(kind, d)
            for kind in KINDS
            for d, name in enumerate(DIMENSIONS)
        }
        self.collector = mesa.DataCollector(model_reporters=scores, agent_reporters=OUTCOMES)

    def _created(self, engine: BankingSystem) -> list[PlainBank]:
        """Every bank as an object, in the state of the engine's first day."""
        first_day = {name: column[..., 0, :] for name, column in engine.columns.items()}
        banks = []
        for row, kind in enumerate(self.population.kind):
            state = {name: values[..., row].tolist() for name, values in first_day.items()}
            state |= {"route": 0, "union": None, "vendor": None, "provider": None}
            banks.append(PlainBank(self, row, KINDS[kind], state))
        return banks

    def step(self) -> None:
        """One quarter: the world, the market, the network, then every bank in turn."""
        self.quarter += 1
        since = (self.quarter - self.launch) / 4.0
        self.language_model_available = since >= 0.0
        self.language_model_cost = float(self.environment.language_model_cost[self.quarter]) * (
            self.common.launch_cost * 0.5 ** (max(since, 0.0) / self.common.halving_years)
        )
        self.frontier_speed = float(self.environment.frontier_speed[self.quarter])
        self.crowd = {kind: 0.01 * self.mean(kind, ECOSYSTEM) for kind in KINDS}
        self.contest()
        self.network.find_middle()
        if calendar.first_of_year(self.quarter):
            self.observe_peers()
            self.network.contract()
        self.agents.do("meet")
        self.agents.do("step")
        self.network.invest()
        self.collector.collect(self)

    def mean(self, kind: str, d: int) -> float:
        """Mean score of a kind in a dimension, 0-100."""
        banks = self.kinds[kind]
        return 100.0 * sum(bank.dimensions[d] for bank in banks) / max(len(banks), 1)

    def margin(self, bank: PlainBank) -> float:
        """Net interest margin of the bank's group, percent."""
        return float(self.environment.margin[self.quarter, self.population.group[bank.row]])

    def openness(self, bank: PlainBank) -> float:
        """Openness of public data in the bank's province, 0-1."""
        base = float(self.population.provinces[self.population.province[bank.row]].openness)
        return min(base + float(self.environment.openness[self.quarter]), 0.95)

    def contest(self) -> None:
        """Divide the market for inclusive loans."""
        sensitivity = 0.25 * self.common.contest_sensitivity
        descent = float(self.environment.descent[self.quarter])
        weights = []
        for bank in self.banks:
            progress = sensitivity * (bank.dimensions[APPLICATION] - bank.application_initial)
            weights.append(
                bank.inclusive_share * math.exp(progress + (descent if bank.kind == "large" else 0.0))
            )
        total = sum(weights)
        for bank, weight in zip(self.banks, weights, strict=True):
            bank.share_lost = 4.0 * (1.0 - weight / total / bank.inclusive_share)
            bank.inclusive_share = weight / total

    def observe_peers(self) -> None:
        """Show each kind its mean performance, and how its best divide their money."""
        for banks in filter(None, self.kinds.values()):
            mean = sum(bank.performance for bank in banks) / len(banks)
            best = sorted(banks, key=lambda bank: -bank.performance)
            best = best[: max(1, round(self.common.top_share * len(banks)))]
            practice = [sum(bank.allocation[d] for bank in best) / len(best) for d in range(len(DIMENSIONS))]
            for bank in banks:
                bank.peer_performance, bank.best_practice = mean, practice


def _plain(value: Any) -> Any:
    """A float, or a list of floats, from a number of the engine."""
    return np.ravel(value).tolist() if isinstance(value, np.ndarray) else value
