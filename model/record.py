"""What is kept of a run; recording reads the system and never writes to it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from agents.column import Array
from agents.honeycomb import DIMENSIONS, PAYERS
from agents.kinds import KINDS
from model import calendar
from model.graph import partnership_graph
from model.outcomes import bank_outcomes, kind_outcomes
from model.own_record import OwnRecorder
from model.world import Recording

if TYPE_CHECKING:
    from model.system import BankingSystem


@dataclass(frozen=True)
class Record:
    """The results of a batch: S scenarios, R replicates, Q quarters, K kinds, D dimensions, N banks.

    Parameters
    ----------
    scenarios, replicates, quarters, survey_quarters, policies, years : tuple
        What the axes stand for.
    true : ndarray, shape (S, R, Q, K, D)
        Mean capability of the reported banks of a kind, all 18 indicators of the 2023 definition throughout, 0-100.
    small : ndarray, shape (S, R, Q, D)
        Mean capability of all small and medium banks, each weighing the same, 0-100.
    survey : ndarray, shape (S, R, Y, K, D)
        Score as the survey would report it, 0-100; NaN for kinds it does not ask.
    outcomes : dict of str to ndarray, shape (S, R, Q, K + 1)
        The last place is all small and medium banks; NaN where an outcome has no meaning.
    costs : ndarray, shape (S, R, years, policies, payers, K)
        Million yuan.
    bank_index : ndarray, shape (S, R, N)
        Mean of the six true scores of each bank in the last quarter.
    bank_kind, bank_province : ndarray of str, shape (N,)
    bank_reported : ndarray of bool, shape (N,)
        Counted in its kind's mean; False for surveyed banks of no stated kind.
    bank_assets : ndarray, shape (N,)
        Yuan at the start.
    banks : dict of str to ndarray, shape (S, R, Q, N), or None
    graphs : dict of (scenario, quarter) to networkx.Graph
        Network of the first replicate.
    own : dict of str to ndarray, shape (S, R, Q, variants), or None
        A user's own bank; NaN before it is followed. It is part of nothing above.
    """

    scenarios: tuple[str, ...]
    replicates: tuple[int, ...]
    quarters: tuple[str, ...]
    survey_quarters: tuple[str, ...]
    policies: tuple[str, ...]
    years: tuple[int, ...]
    true: Array
    small: Array
    survey: Array
    outcomes: dict[str, Array]
    costs: Array
    bank_index: Array
    bank_kind: NDArray[np.str_]
    bank_province: NDArray[np.str_]
    bank_reported: NDArray[np.bool_]
    bank_assets: Array
    banks: dict[str, Array] | None
    graphs: dict[tuple[str, str], nx.Graph]
    own: dict[str, Array] | None = None


class Recorder:
    """Reads a running system at the end of each quarter.

    Parameters
    ----------
    system : BankingSystem
    recording : Recording
    """

    def __init__(self, system: "BankingSystem", recording: Recording) -> None:
        self.system, self.recording = system, recording
        self.first, last = calendar.index(system.world.start), calendar.index(system.world.end)
        self.quarters = tuple(calendar.name(q) for q in range(self.first, last + 1))
        self.survey_quarters = tuple(q for q in self.quarters if q.endswith("Q4"))
        self.years = tuple(dict.fromkeys(int(q[:4]) for q in self.quarters))
        shape = (len(system.scenarios), len(system.replicates))
        self.true = np.empty((*shape, len(self.quarters), len(KINDS), len(DIMENSIONS)))
        self.small = np.empty((*shape, len(self.quarters), len(DIMENSIONS)))
        self.survey = np.full((*shape, len(self.survey_quarters), len(KINDS), len(DIMENSIONS)), np.nan)
        self.costs = np.zeros((*shape, len(self.years), len(system.policies.names), len(PAYERS), len(KINDS)))
        self.outcomes: dict[str, Array] = {}
        self.banks: dict[str, Array] = {}
        self.graphs: dict[tuple[str, str], nx.Graph] = {}
        self.own = OwnRecorder(system.own_bank, len(self.quarters)) if system.own_bank else None

    def record(self) -> None:
        """Keep the quarter; before the first reported quarter only the survey's chance is used up."""
        system = self.system
        position = system.quarter - self.first
        answers = None
        if calendar.last_of_year(system.quarter):
            year = int(calendar.name(system.quarter)[:4])
            answers = system.questionnaire.ask(system.columns["indicators"], year, len(system.scenarios))
        if position < 0:
            return
        shape = (len(system.scenarios), len(system.replicates))
        dimensions = system.columns["dimensions"]
        means = np.moveaxis(100.0 * system.population.kind_and_small_means(dimensions), 0, -1)
        means = means.reshape(*shape, len(KINDS) + 1, len(DIMENSIONS))
        self.true[:, :, position], self.small[:, :, position] = means[..., :-1, :], means[..., -1, :]
        if answers is not None:
            self.survey[:, :, self.survey_quarters.index(calendar.name(system.quarter))] = answers
        paid = system.policies.costs(
            system.quarter,
            system.columns["change"],
            system.columns["policy_cost"],
            system.population.kind_sums,
        )
        self.costs[:, :, self.years.index(int(calendar.name(system.quarter)[:4]))] += 1e-6 * paid
        if self.recording.outcomes:
            self._keep_outcomes(position, shape)
        if self.own is not None:
            self.own.keep(position)
        if system.quarter in self.recording.graphs:
            for s, scenario in enumerate(system.scenarios):
                graph = partnership_graph(system, s * len(system.replicates))
                self.graphs[scenario.name, calendar.name(system.quarter)] = graph

    def _keep_outcomes(self, position: int, shape: tuple[int, int]) -> None:
        year_end = calendar.last_of_year(self.system.quarter)
        for name, value in kind_outcomes(self.system, year_end).items():
            if name not in self.outcomes:
                # in memory quarter by quarter, replicates side by side, as they are written
                kept = np.full((len(self.quarters), len(KINDS) + 1, *shape), np.nan)
                self.outcomes[name] = kept.transpose(2, 3, 0, 1)
            self.outcomes[name][:, :, position] = value.reshape(*shape, len(KINDS) + 1)
        if self.recording.banks:
            dimensions = self.system.columns["dimensions"]
            scores = {d: 100.0 * dimensions[k] for k, d in enumerate(DIMENSIONS)}
            seen = {**scores, **bank_outcomes(self.system, year_end)}
            for name, value in seen.items():
                kept = self.banks.setdefault(name, np.empty((*shape, len(self.quarters), value.shape[-1])))
                kept[:, :, position] = value.reshape(*shape, -1)

    def finish(self) -> Record:
        """Return everything that was kept."""
        system = self.system
        population = system.population
        dimensions = system.columns["dimensions"]
        index = 100.0 * sum(dimensions[1:], start=dimensions[0]) / len(DIMENSIONS)
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
            bank_index=index.reshape(len(system.scenarios), len(system.replicates), -1),
            bank_kind=np.array(KINDS)[population.kind],
            bank_province=np.array([p.code for p in population.provinces])[population.province],
            bank_reported=population.reported,
            bank_assets=population.assets,
            banks=self.banks or None,
            graphs=self.graphs,
            own=self.own.values if self.own else None,
        )
