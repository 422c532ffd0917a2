"""What is kept of a run; recording reads the system and never writes to it."""

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from agents.honeycomb import DIMENSIONS, PAYERS
from model import calendar
from model.graph import partnership_graph
from model.outcomes import BY_BANK, Outcomes, kind_outcomes, measure
from model.peers import Census
from model.reduction import count_by, over_blocks

if TYPE_CHECKING:
    from model.system import BankingSystem


@dataclass(frozen=True)
class Record:
    """The results of a batch: S scenarios, R replicates, Q quarters, Y years, K kinds, D dimensions, N banks.

    Parameters
    ----------
    scenarios, replicates, quarters, survey_quarters, policies, years : tuple
        What the axes stand for.
    true : ndarray, shape (S, R, Q, K, D)
        Mean true score of the active reported banks of a kind, by the edition of the year, 0-100.
    small : ndarray, shape (S, R, Q, D)
        Mean true score of all active small and medium banks, each weighing the same, 0-100.
    survey : ndarray, shape (S, R, Y, K, D)
        Score as the survey would report it, 0-100; NaN for kinds it does not ask.
    outcomes : dict of str to ndarray, shape (S, R, Q, K + 1)
        The last place is all small and medium banks; NaN where an outcome has no meaning.
    costs : ndarray, shape (S, R, years, policies, payers, K)
        Million yuan.
    bank_index : ndarray, shape (S, R, N)
        Mean of the six true scores of each bank at the last year's end; NaN for a bank merged away.
    bank_kind, bank_province : ndarray of str, shape (N,)
    bank_reported : ndarray of bool, shape (N,)
        Counted in its kind's mean; False for surveyed banks of no stated kind.
    bank_assets : ndarray, shape (N,)
        Yuan at the start.
    banks : dict of str to ndarray, shape (S, R, Q, N), or None
    graphs : dict of (scenario, quarter) to networkx.Graph
        Network of the first replicate.
    own : dict of str to ndarray, shape (S, R, Y, rows), or None
        Users' own banks at each year's end; NaN before they are followed. They are part of nothing above.
    own_rows : tuple of (str, str)
        Bank and choice: the last axis of ``own``.
    levels : tuple of (str, int)
        Item and rung: the axis of ``items``.
    items : ndarray, shape (S, R, Y, K + 1, levels), or None
        Percent of active banks on each rung or above at the year's end; last all small and medium banks.
    provinces : tuple of str
        Codes of those with small and medium banks: the axis of ``province_index``.
    province_index : ndarray, shape (S, R, Y, provinces)
        Mean true index of their active small and medium banks at the year's end; NaN where none is left.
    """

    scenarios: tuple[str, ...]
    replicates: tuple[int, ...]
    quarters: tuple[str, ...]
    survey_quarters: tuple[str, ...]
    policies: tuple[str, ...]
    years: tuple[int, ...]
    true: np.ndarray
    small: np.ndarray
    survey: np.ndarray
    outcomes: dict[str, np.ndarray]
    costs: np.ndarray
    bank_index: np.ndarray
    bank_kind: np.ndarray
    bank_province: np.ndarray
    bank_reported: np.ndarray
    bank_assets: np.ndarray
    provinces: tuple[str, ...]
    province_index: np.ndarray
    banks: dict[str, np.ndarray] | None
    graphs: dict[tuple[str, str], nx.Graph]
    own: dict[str, np.ndarray] | None = None
    own_rows: tuple[tuple[str, str], ...] = ()
    levels: tuple[tuple[str, int], ...] = field(default=())
    items: np.ndarray | None = None

    def item(self, name: str, top: int) -> np.ndarray:
        """Mean level of an item on its ladder, 0-100, shape (S, R, Y, K + 1)."""
        assert self.items is not None, "the study did not record items"
        places = [k for k, (item, _) in enumerate(self.levels) if item == name]
        return self.items[..., places].sum(-1) / top


class Recorder:
    """Reads a running system at the end of each quarter.

    Parameters
    ----------
    system : BankingSystem
    """

    def __init__(self, system: "BankingSystem") -> None:
        self.system, self.recording = system, system.world.recording
        self.first, last = calendar.index(system.world.start), calendar.index(system.world.end)
        self.quarters = tuple(calendar.name(q) for q in range(self.first, last + 1))
        self.survey_quarters = tuple(q for q in self.quarters if q.endswith("Q4"))
        self.years = tuple(dict.fromkeys(int(q[:4]) for q in self.quarters))
        self.shape = (len(system.scenarios), len(system.replicates))
        kinds, dimensions = len(system.kind_rows), len(DIMENSIONS)
        self.true = np.empty((*self.shape, len(self.quarters), kinds, dimensions))
        self.small = np.empty((*self.shape, len(self.quarters), dimensions))
        self.survey = np.full((*self.shape, len(self.survey_quarters), kinds, dimensions), np.nan)
        self.costs = np.zeros((*self.shape, len(self.years), len(system.policies.names), len(PAYERS), kinds))
        levels = system.items.levels
        self.places = tuple(np.array([(j, r - 1) for j, r in levels]).T)
        self.items = np.full((*self.shape, len(self.survey_quarters), kinds + 1, len(levels)), np.nan)
        self.census: Census | None = None
        self.totals = np.zeros((len(system.items), 2 * kinds, system.rows), np.int32)
        small = np.flatnonzero(~system.exports_here[: system.banks.size])
        self.at_home = small[np.argsort(system.banks.province[small], kind="stable")]
        places, first = np.unique(system.banks.province[self.at_home], return_index=True)
        self.provinces = tuple(system.banks.provinces[place].code for place in places)
        self.homes = tuple(slice(*edges) for edges in itertools.pairwise([*first.tolist(), len(small)]))
        self.province_index = np.full((*self.shape, len(self.survey_quarters), len(self.homes)), np.nan)
        self.tables: Outcomes = {}  # (names, S, R, Q, K + 1)
        self.banks: dict[str, np.ndarray] = {}
        self.graphs: dict[tuple[str, str], nx.Graph] = {}

    def record(self) -> None:
        """Keep the quarter, if it is one of those asked for."""
        system, position = self.system, self.system.quarter - self.first
        if system.own is not None:
            past = sum(calendar.index(q) < system.quarter for q in self.survey_quarters)
            year = past if position >= 0 else -1
            system.own.keep(year, len(self.survey_quarters), calendar.last_of_year(system.quarter))
        if position < 0:
            return
        true = self._true().reshape(*self.shape, -1, len(DIMENSIONS))
        self.true[:, :, position], self.small[:, :, position] = true[..., :-1, :], true[..., -1, :]
        name, year_end = calendar.name(system.quarter), calendar.last_of_year(system.quarter)
        if year_end:
            year = self.survey_quarters.index(name)
            asked: list[tuple[np.ndarray, np.ndarray]] = [
                (self.survey, system.questionnaire.ask(system.year))
            ]
            if self.recording.items:
                asked += [(self.items, self._levels()), (self.province_index, self._provinces())]
            for kept, by_row in asked:
                kept[:, :, year] = by_row.reshape(kept[:, :, year].shape)
        if system.policies.names:
            paid = system.policies.costs(
                system.quarter, system.change, system.policy_cost, system.users(), system.kind_rows
            )
            self.costs[:, :, self.years.index(system.year)] += paid
        if self.recording.outcomes:
            self._keep_outcomes(position, year_end)
        if system.quarter in self.recording.graphs:
            for s, scenario in enumerate(system.scenarios):
                self.graphs[scenario.name, name] = partnership_graph(system, s * len(system.replicates))

    def _true(self) -> np.ndarray:
        """True scores by kind and of all small and medium banks, (R, K + 1, 6): rungs are added before points are."""
        system = self.system
        census, items = system.census, system.items
        moved = [slice(None)]
        written = bool(system.policies.acts) or system.enrolled  # by a user's lever, or on an agent
        if self.census is census and not calendar.last_of_year(system.quarter) and not written:
            # a quarter moves its turn of the items, and systems
            moved = [slice(system.quarter % 4, items.climbed.stop, 4), items.bought]
        self.census = census
        for part in moved:
            self.totals[part] = count_by(census.only(system.rung[part]), system.cohorts)
        reported, rest = self.totals[:, ::2], self.totals[:, 1::2]
        small = (reported + rest)[:, system.small_kinds].sum(1, keepdims=True)
        scores = items.scores(np.concatenate([reported, small], axis=1), system.year)
        means: np.ndarray = scores / census.measured
        return means.T

    def _levels(self) -> np.ndarray:
        """Percent of active banks on each rung or above, (R, K + 1, levels)."""
        system = self.system
        chosen = system.counts[:, *self.places]  # (K, levels, R)
        small = system.small_kinds
        chosen = np.concatenate([chosen, chosen[small].sum(0)[None]])
        banks = np.concatenate([system.counted, system.counted[small].sum(0)[None]])
        shares: np.ndarray = 100.0 * chosen / np.where(banks, banks, np.nan)[:, None]
        return shares.transpose(2, 0, 1)

    def _provinces(self) -> np.ndarray:
        """Mean index of the active small and medium banks of each province, (R, provinces)."""
        active = self.system.active[self.at_home]
        there = count_by(active, self.homes)
        total = over_blocks(np.where(active, self.system.dims.mean(0)[self.at_home], 0.0), self.homes)
        means: np.ndarray = total / np.where(there, there, np.nan)
        return means.T

    def _keep_outcomes(self, position: int, year_end: bool) -> None:
        system = self.system
        for names, table in kind_outcomes(system, year_end).items():
            number, kinds, _ = table.shape
            if names not in self.tables:
                self.tables[names] = np.full((number, *self.shape, len(self.quarters), kinds), np.nan)
            by_row = table.reshape(number, kinds, *self.shape).transpose(0, 2, 3, 1)
            self.tables[names][..., position, :] = by_row
        if self.recording.banks:
            counted = slice(0, system.banks.size)
            scores = dict(zip(DIMENSIONS, system.dims, strict=True)) if year_end else {}
            measured = {
                **dict.fromkeys((*DIMENSIONS, *BY_BANK), np.nan),
                **scores,
                **measure(system, year_end),
            }
            for name, value in measured.items():
                full = np.broadcast_to(value, system.assets.shape)[counted]
                full = np.where(system.active[counted], full, np.nan)
                kept = self.banks.setdefault(name, np.empty((*self.shape, len(self.quarters), len(full))))
                kept[:, :, position] = full.T.reshape(*self.shape, -1)

    @property
    def outcomes(self) -> dict[str, np.ndarray]:
        """What was kept of each outcome so far, (S, R, Q, K + 1)."""
        return {
            name: kept
            for names, table in self.tables.items()
            for name, kept in zip(names, table, strict=True)
        }

    def finish(self) -> Record:
        """Return everything that was kept."""
        system, counted = self.system, slice(0, self.system.banks.size)
        population = system.banks
        index = np.where(system.active, system.dims.mean(0), np.nan)[counted]
        return Record(
            scenarios=tuple(s.name for s in system.scenarios),
            replicates=system.replicates,
            quarters=self.quarters,
            survey_quarters=self.survey_quarters,
            policies=system.policies.names,
            years=self.years,
            true=self.true,
            small=self.small,
            survey=self.survey,
            outcomes=self.outcomes,
            costs=self.costs,
            bank_index=np.ascontiguousarray(index.T).reshape(*self.shape, -1),
            bank_kind=np.array(population.kinds)[population.kind[counted]],
            bank_province=np.array([p.code for p in population.provinces])[population.province[counted]],
            bank_reported=population.reported[counted],
            bank_assets=population.assets[counted],
            provinces=self.provinces,
            province_index=self.province_index,
            banks=self.banks or None,
            graphs=self.graphs,
            own=system.own.values if system.own else None,
            own_rows=tuple((a.name, c.name) for a, c in system.own.choices) if system.own else (),
            levels=tuple((system.items.items[j].id, r) for j, r in system.items.levels),
            items=self.items if self.recording.items else None,
        )
