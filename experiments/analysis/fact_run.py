"""The baseline of a world, and what it does under a change, with the states that facts are read off by year."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from agents.honeycomb import SMALL_KINDS
from experiments.results.statistics import explained
from model import calendar
from model.policy import Effect, Policy
from model.shock import Shock
from model.system import BankingSystem
from model.world import Recording, Scenario, World

type Values = Any
"""An array over runs, (R,), or one number for all of them."""
FROM: Final = calendar.index("2025Q1")  # when what is changed for a fact begins
LAST: Final = calendar.index("2040Q4")
KEPT: Final = (
    "rung", "spend", "run", "fees", "revenue", "assets", "profit", "staff", "index", "dims", "active", "market",
    "model_route", "vendor", "exporter", "allies",
)  # fmt: skip


class Run:
    """The baseline of a world, and what it does when margins, bad loans or budgets change; states by year's end.

    Parameters
    ----------
    world : World
        Population, numbers and seed.
    scenario : Scenario
        Its environment is the baseline's.
    replicates : sequence of int
    end : str
        Last quarter; what is kept under its year where the year is not over.
    changed : bool
        Whether to run the changes beside the baseline.
    """

    CHANGES: Final = ("baseline", "margin", "bad_loans", "budget")

    def __init__(
        self, world: World, scenario: Scenario, replicates: Sequence[int], end: str, changed: bool = True
    ) -> None:
        kept = Recording(outcomes=False, items=False)
        self.world = replace(world, start="2020Q1", end=end, recording=kept, own_banks=())
        self.replicates, self.rows = replicates, len(replicates)
        self.baseline = replace(scenario, policies=(), shocks=())
        scenarios = [replace(self.baseline, **change) for change in (self._changes() if changed else [{}])]
        self.system = BankingSystem(self.world, scenarios, replicates)
        self.years: dict[int, SimpleNamespace] = {}
        last = calendar.index(end)
        for quarter in range(last + 1):
            self.system.step()
            if calendar.last_of_year(quarter) or quarter == last:
                self.keep(calendar.FIRST_YEAR + quarter // 4)

    def _changes(self) -> list[dict[str, Any]]:
        more = Effect("budget", 0.10, 0.10, 0.10)
        budget = Policy("facts: budget", FROM, LAST, 0, 1.0, SMALL_KINDS, (), None, 1.0, (more,), ())
        margin = Shock("facts: margin", FROM, LAST, (("margin", -0.10),))
        bad_loans = Shock("facts: bad loans", FROM, LAST, (("bad_loans", 1.0),))
        return [{}, {"shocks": (margin,)}, {"shocks": (bad_loans,)}, {"policies": (budget,)}]

    def keep(self, year: int) -> None:
        """Keep the states of a year's end, without a user's own bank."""
        size = self.system.banks.size
        kept = {name: np.array(getattr(self.system, name)[..., :size, :]) for name in KEPT}
        kept["capital"] = self.system.capital_ratio()[:size]
        kept["short"] = kept["capital"] < self.system.p.capital_floor + self.system.outside.floor_rise
        self.years[year] = SimpleNamespace(**kept)

    def at(self, name: str, year: int, change: str = "baseline") -> Values:
        """A state at a year's end under a change, shape (..., M, R); money of a quarter is a year's."""
        value = getattr(self.years[year], name)
        place = self.CHANGES.index(change) * self.rows
        part = value[..., place : place + self.rows]
        return part * 4.0 if name in ("revenue", "profit") else part

    def who(self, *kinds: str) -> Values:
        """Rows of the banks of some kinds; without a name of all small and medium ones."""
        population = self.system.banks
        names = np.array(population.kinds)[population.kind[: population.size]]
        return np.flatnonzero(
            np.isin(names, kinds) if kinds else ~self.system.exports_here[: population.size]
        )

    def mean(self, value: np.ndarray, year: int, *kinds: str, change: str = "baseline") -> Values:
        """Mean over the active banks of some kinds, (R,)."""
        rows = self.who(*kinds)
        there = self.at("active", year, change)[rows]
        return np.asarray((value[..., rows, :] * there).sum(-2) / there.sum(0))

    def level(self, name: str, year: int, *kinds: str, change: str = "baseline") -> Values:
        """Mean of a state over the active banks of some kinds, (R,)."""
        return self.mean(self.at(name, year, change), year, *kinds, change=change)

    def total(self, name: str, year: int, *kinds: str, change: str = "baseline") -> Values:
        """Sum of a state over the banks of some kinds, (R,)."""
        return self.at(name, year, change)[self.who(*kinds)].sum(0)

    def share(self, name: str, value: int | Sequence[int], year: int, *kinds: str) -> Values:
        """Percent of active banks whose state is (one of) the given."""
        return 100.0 * self.mean(np.isin(self.at(name, year), value), year, *kinds)

    def ratio(self, year: int) -> Values:
        """Technology spending over revenue, percent (M, R)."""
        return 100.0 * self.at("spend", year) / self.at("revenue", year)

    def staff(self, year: int) -> Values:
        """Technology people, percent of staff (M, R)."""
        return 100.0 * self.at("staff", year).sum(0)

    def item(self, name: str, rung: int, year: int) -> Values:
        """Whether a bank stands on a rung or above, (M, R)."""
        return self.at("rung", year)[self.system.items.at[name]] >= rung

    def ladder(self, year: int, *names: str) -> Values:
        """Mean level of items on their ladders, 0-100 (R,)."""
        items = self.system.items
        rows = [items.at[name] for name in names]
        level = sum(100.0 * self.at("rung", year)[j] / items.items[j].rungs for j in rows) / len(rows)
        return self.mean(np.asarray(level), year)

    def indicators(self, year: int) -> Values:
        """The eighteen indicators of every bank, 0-100 (18, M, R)."""
        table = self.system.items.indicator_weights(year)
        return np.einsum("ij,jmr->imr", table, self.at("rung", year))

    @cached_property
    def survey(self) -> Values:
        """Scores as the survey reports them, (R, years from 2020, kinds, dimensions)."""
        return self.system.recorder.survey[0]

    def surveyed(self, year: int, *kinds: str) -> Values:
        """Surveyed scores of a year, mean over kinds, (R, 6)."""
        places = [self.system.banks.kinds.index(kind) for kind in kinds]
        return self.survey[:, year - 2020][:, places].mean(1)

    def correlated(self, one: np.ndarray, other: np.ndarray, year: int, *kinds: str) -> Values:
        """Correlation over the active banks in each replicate, (R,)."""
        return np.array([float(np.corrcoef(a, b)[0, 1]) for a, b in self._pairs(year, kinds, one, other)])

    def explained(self, value: np.ndarray, by: Sequence[np.ndarray], year: int) -> Values:
        """Part of the variance over active small banks that a regression on others explains, 0-1 (R,)."""
        return np.array([explained(y, xs) for y, *xs in self._pairs(year, (), value, *by)])

    def _pairs(self, year: int, kinds: Sequence[str], *values: np.ndarray) -> list[list[np.ndarray]]:
        rows, there = self.who(*kinds), self.at("active", year)
        whole = [np.broadcast_to(v, there.shape)[rows] for v in values]
        return [[v[there[rows, r], r] for v in whole] for r in range(self.rows)]

    @cached_property
    def remembered(self) -> Values:
        """Part of a sudden gain at the end of 2024 that is left three years later, 0-1 (R,)."""
        hit = BankingSystem(replace(self.world, end="2027Q4"), [self.baseline], self.replicates)
        rows, items = self.who(), hit.items
        for quarter in range(calendar.index("2027Q4") + 1):
            hit.step()
            if quarter == FROM - 1:
                part = items.bought.stop
                lucky = hit.draws.bank_words("facts: impulse", len(items))[:part] < 65536 * 0.3
                hit.rung[:part] += (lucky & (hit.rung[:part] < items.top[:part]) & hit.relevant[:part]).view(
                    np.int8
                )
                hit.like = items.scores(hit.rung, 2020)
                hit.index = hit.like.mean(0)
                gained = (hit.index[rows] - self.at("index", 2024)[rows]).mean(0)
        return (hit.index[rows] - self.at("index", 2027)[rows]).mean(0) / gained
