"""The laboratory: a finished study as its methods see it, and paired runs beyond it that are kept and found again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from typing import Any, NamedTuple

import numpy as np

from agents.honeycomb import SMALL_KINDS
from experiments.analysis import parameters
from experiments.analysis.outcome import HEADLINES, Reading, final, final_of_study, pick, side_by_side
from experiments.config import assembly
from experiments.config.errors import failure
from experiments.config.resolve import of_words
from experiments.config.scenarios import ScenarioSettings
from experiments.config.study import StudySettings
from experiments.config.tree import overlap
from experiments.results.paths import Aim, aims_of
from experiments.results.schema import better
from experiments.runs.engine import LAB, laid
from experiments.runs.fingerprint import fingerprint
from experiments.runs.identity import Code
from experiments.runs.merged import Merged
from experiments.runs.records import check_finite
from experiments.runs.store import Store
from experiments.runs.workers import bar, become_worker, check_code, spread, worker_count
from model.world import Ensemble, Recording, Scenario, World

MEMBERS = 1024
FEW = 3
Arrays = dict[str, np.ndarray]


class Batch(NamedTuple):
    """Replicates of some scenarios of one world, read alike; ``rows`` gives the parameters ``names`` run by run."""

    world: World
    scenarios: tuple[Scenario, ...]
    replicates: tuple[int, ...]
    reading: Reading
    names: tuple[str, ...]
    rows: np.ndarray | None


class Laboratory:
    """A study's world and scenarios, ready for more runs.

    Finished batches are kept in the study's store under a name that holds everything their numbers depend on, so that
    an interrupted analysis goes on where it stopped. The code is read once, before the first run.

    Parameters
    ----------
    settings : StudySettings
    store : Store or None
        Keeps finished batches; None keeps nothing.
    """

    def __init__(self, settings: StudySettings, store: Store | None) -> None:
        self.settings, self.store = settings, store
        self.scenarios = {s.label: assembly.scenario(s) for s in settings.scenarios}
        assumed = {self.scenarios[s.label].assumptions: s.assumptions for s in settings.scenarios}
        under = {key: settings.under(values) for key, values in {(): {}, **assumed}.items()}
        self.worlds = {key: replace(assembly.world(one), recording=Recording()) for key, one in under.items()}
        ensemble = self.world.ensemble
        self.calibrated = ensemble is not None
        self.parameters = parameters.of_ensemble(ensemble) if ensemble else parameters.behavioural(settings)
        if not self.calibrated:
            for key, one in under.items():
                prior = parameters.prior_ensemble(one, MEMBERS)
                self.worlds[key] = replace(self.worlds[key], ensemble=prior)

    @property
    def every(self) -> list[Scenario]:
        """The study's scenarios in order, baselines included."""
        return list(self.scenarios.values())

    @property
    def world(self) -> World:
        """The world of the scenarios that assume nothing of their own."""
        return self.worlds[()]

    @cached_property
    def code(self) -> Code:
        """The code that makes the numbers, read once for all runs."""
        return Code()

    def under(self, settings: StudySettings) -> "Laboratory":
        """A laboratory of the same code and store under other settings."""
        other = Laboratory(settings, self.store)
        other.code = self.code
        return other

    def run(
        self,
        scenarios: Sequence[Scenario],
        replicates: Sequence[int],
        reading: Reading = final,
        names: Sequence[str] = (),
        rows: np.ndarray | None = None,
    ) -> Arrays:
        """Run scenarios side by side.

        Parameters
        ----------
        scenarios : sequence of Scenario
        replicates : sequence of int
            Seeds by number; one may stand there more than once.
        reading : callable
            What is kept of a run: a function of `experiments.analysis.outcome`.
        names : sequence of str
            Parameters given run by run; the others stay at their central values. Without names each replicate draws its
            own member of the ensemble.
        rows : ndarray, shape (replicates, names)
            Their values.

        Returns
        -------
        dict of ndarray
            As the reading says, shape (scenarios, replicates, ...).
        """
        return self.runs([scenarios], replicates, reading, names, rows)[0]

    def runs(
        self,
        groups: Sequence[Sequence[Scenario]],
        replicates: Sequence[int],
        reading: Reading = final,
        names: Sequence[str] = (),
        rows: np.ndarray | None = None,
    ) -> list[Arrays]:
        """Run several groups of scenarios, each side by side, and share all their batches among the workers."""
        parts = [assembly.by_assumptions(group) for group in groups]
        batches = [
            self._batches([group[k] for k in places], replicates, reading, names, rows)
            for group, split in zip(groups, parts, strict=True)
            for places in split
        ]
        arrays = iter(self._gather(batches))
        return [
            laid([next(arrays) for _ in split], np.argsort([k for places in split for k in places]))
            for split in parts
        ]

    def _batches(
        self,
        scenarios: Sequence[Scenario],
        replicates: Sequence[int],
        reading: Reading,
        names: Sequence[str],
        rows: np.ndarray | None,
    ) -> list[Batch]:
        """Cut the runs of scenarios that assume the same, which have a world of their own."""
        assumed = scenarios[0].assumptions
        world, fixed = self.worlds[assumed], tuple(name for name, _ in assumed)
        kept = [k for k, name in enumerate(names) if not any(overlap(name, one) for one in fixed)]
        if rows is not None and len(kept) < len(names):
            names, rows = [names[k] for k in kept], rows[:, kept]
        width = batch_width(len(scenarios) * self.world.population.size, self.settings.execution.chunk_rows)
        whole = Batch(world, tuple(scenarios), tuple(replicates), reading, tuple(names), rows)
        parts = [slice(first, first + width) for first in range(0, len(replicates), width)]
        return [
            whole._replace(replicates=whole.replicates[part], rows=None if rows is None else rows[part])
            for part in parts
        ]

    def _gather(self, groups: list[list[Batch]]) -> list[Arrays]:
        """Find or compute the batches of all groups, and lay those of one side by side."""
        store = self.store
        batches = [batch for group in groups for batch in group]
        names = (
            [name for group in groups for name in batch_names(self.code, group)] if store is not None else []
        )
        kept: list[Arrays | None] = [store.arrays(name) for name in names] if store else [None] * len(batches)
        missing = {i: batches[i] for i, arrays in enumerate(kept) if arrays is None}
        if store is not None:
            store.use(names, needed=True)
        workers = worker_count(self.settings.execution.workers, len(missing))
        with bar(len(batches), len(batches) - len(missing), "analysis") as advance:
            there, language = partial(_in_worker, self.code.digest, store), self.settings.report.language
            for i, arrays in spread(missing, compute, there, workers, language):
                kept[i] = arrays
                if store is not None:
                    store.keep(names[i], arrays)
                advance(1)
        whole = iter(arrays for arrays in kept if arrays is not None)
        return [side_by_side([next(whole) for _ in group]) for group in groups]


def batch_width(rows: int, target: int) -> int:
    """How many replicates of so many rows a batch holds: to `target` rows, or `FEW` where these are not many more.

    A batch of many scenarios and one replicate spends its time between the rows.
    """
    return max(1, target // rows, min(FEW, FEW * target // rows))


def batch_names(code: Code, batches: Sequence[Batch]) -> list[str]:
    """Name the batches of one call by everything their numbers depend on.

    Parameters
    ----------
    code : Code
        Of the model.
    batches : sequence
        Of the same world and scenarios, read alike.
    """
    world, scenarios, _, reading, names, _ = batches[0]
    shared = code.with_inputs(reading, parameters.at_strengths, world, scenarios, names)
    return [fingerprint(shared, batch.replicates, batch.rows)[:40] for batch in batches]


def _in_worker(code: str, store: Store | None, batch: Batch) -> Arrays:
    become_worker(store)
    _check(code)
    return compute(batch)


@cache
def _check(code: str) -> None:
    """Read the code of a worker process once: nothing but batches runs there."""
    check_code(LAB, code)


def compute(batch: Batch) -> Arrays:
    """Compute one batch on one thread."""
    from threadpoolctl import threadpool_limits

    from model.run import simulate

    world, scenarios, replicates, reading, names, rows = batch
    if rows is not None:
        own = [place for place, name in enumerate(names) if not name.startswith("policy.")]
        drawn = np.ascontiguousarray(rows[:, own])
        paths = tuple(names[place] for place in own)
        world = replace(
            world, ensemble=Ensemble(paths, drawn) if own else None, parameter_rows=drawn if own else None
        )
        scenarios = tuple(parameters.at_strengths(scenario, names, rows) for scenario in scenarios)
    with threadpool_limits(1):
        record = simulate(world, scenarios, replicates)
    check_finite(record)
    return reading(record)


@dataclass(frozen=True)
class Case:
    """What a method works on.

    Parameters
    ----------
    settings : StudySettings
    laboratory : Laboratory
    merged : Merged or None
        The study's chunks, where a method needs the banks.
    """

    settings: StudySettings
    laboratory: Laboratory
    merged: Merged | None = None

    @property
    def outcome(self) -> str:
        """Outcome asked for."""
        return str(self.settings.analysis.outcome)

    @property
    def kind(self) -> str:
        """Kind of bank asked for; what is only defined for the whole system is asked of the whole system."""
        return str(self.settings.analysis.bank_kind)

    @property
    def pairs(self) -> dict[str, str]:
        """Scenario -> its baseline, for every scenario that has one."""
        return pairs_of(self.settings)

    @property
    def bundles(self) -> dict[str, str]:
        """Those of `pairs` that hold at least one policy and differ from their baseline by policies alone."""
        return {one.label: one.baseline for one in bundles_of(self.settings)}

    @cached_property
    def aims(self) -> dict[str, tuple[Aim, ...]]:
        """What each scenario declares as its aim."""
        return aims_of(self.settings)

    def measures(self, label: str) -> list[tuple[str, str]]:
        """Outcomes and kinds that tables tell of a scenario: its aims first, what is asked for, the headlines."""
        aims = [(aim.outcome, aim.kind) for aim in self.aims[label]]
        return list(dict.fromkeys([*aims, (self.outcome, self.kind), *HEADLINES]))

    def pair(self, label: str) -> list[Scenario]:
        """The baseline of a scenario and the scenario, ready to run."""
        return [self.laboratory.scenarios[name] for name in (self.pairs[label], label)]

    def effects(self, scenarios: Sequence[Scenario], replicates: Sequence[int], **of: Any) -> np.ndarray:
        """What is asked for in each of some scenarios less that in the first; they are run as `Laboratory.run` does."""
        picked = pick(self.laboratory.run(scenarios, replicates, **of)["values"], self.outcome, self.kind)
        return np.asarray(picked[1:] - picked[0])

    @cached_property
    def _assuming(self) -> dict[tuple[str, ...], Laboratory]:
        return {}

    def assuming(self, words: Sequence[str]) -> Laboratory:
        """A laboratory of the same study under other assumptions, such as ``allocation=reinforcement``; built once."""
        key = tuple(words)
        if key not in self._assuming:
            self._assuming[key] = self.laboratory.under(self.settings.under(of_words(key, self.settings)))
        return self._assuming[key]

    @cached_property
    def replicates(self) -> range:
        """The replicates of the study."""
        return range(self.settings.replicates)

    @cached_property
    def sample(self) -> dict[str, np.ndarray]:
        """Every scenario over parameters and seeds at once: each replicate draws its own of both; see `final`.

        The runs of the study are that already when they draw from an ensemble.
        """
        if self.laboratory.calibrated and self.merged is not None:
            return final_of_study(self.merged)
        return self.laboratory.run(self.laboratory.every, self.replicates)

    @cached_property
    def draws(self) -> tuple[tuple[str, ...], np.ndarray]:
        """Names of the uncertain parameters and what each replicate of `sample` drew, shape (R, names)."""
        world = self.laboratory.world
        assert world.ensemble is not None
        scenarios = self.laboratory.every
        names = tuple(p.name for p in parameters.strengths(scenarios))
        parts = [world.ensemble.draw(world.seed, self.replicates)]
        if names:
            parts.append(parameters.drawn_strengths(names, scenarios, world.seed, self.replicates))
        return (*world.ensemble.paths, *names), np.concatenate(parts, axis=1)

    def effect(self, label: str, outcome: str | None = None, kind: str | None = None) -> np.ndarray:
        """Paired effect of a scenario in every replicate of `sample`, in the unit of the outcome."""
        values = pick(self.sample["values"], outcome or self.outcome, kind or self.kind)
        return self.paired(values, label)

    def paired(self, values: np.ndarray, label: str) -> np.ndarray:
        """What is read of a scenario less what is read of its baseline, the study's scenarios on the first axis."""
        order = list(self.laboratory.scenarios)
        return np.asarray(values[order.index(label)] - values[order.index(self.pairs[label])])

    def gain(self, label: str) -> np.ndarray:
        """The same on the asked outcome, turned so that more is better."""
        return better(self.outcome) * self.effect(label)

    def cost(self, label: str) -> np.ndarray:
        """Cost beyond the baseline by payer in every replicate, million yuan, shape (R, payers).

        Later years count less by ``analysis.discount``, from the first in which any scenario pays.
        """
        costs = self.sample["costs"]
        paying = costs.any(axis=(0, 1, 3))
        ahead = np.maximum(np.arange(len(paying)) - paying.argmax(), 0)
        weights = (1.0 + self.settings.analysis.discount) ** -ahead.astype(float)
        return np.asarray((self.paired(costs, label) * weights[:, None]).sum(1))

    @cached_property
    def small_banks(self) -> int:
        """Small and medium banks of the study's population, at the start."""
        population = self.laboratory.world.population
        kinds = np.array(population.kinds)[population.kind[: population.size]]
        return int(np.isin(kinds, SMALL_KINDS).sum())

    @cached_property
    def focus(self) -> str:
        """The scenario that methods on one effect look at."""
        scenario, labels = self.settings.analysis.scenario, self.bundles or self.pairs
        return scenario or max(labels, key=lambda label: abs(float(np.median(self.effect(label)))))


def check_focus(settings: StudySettings) -> None:
    """Refuse a study without an effect to look at, or without that of the scenario that is asked for."""
    scenario, labels = settings.analysis.scenario, pairs_of(settings)
    if not labels:
        raise failure("a method that looks at one effect needs a scenario beside its baseline")
    if scenario is not None and scenario not in labels:
        raise failure("analysis.scenario={} is none of {}", scenario, ", ".join(labels))


def pairs_of(settings: StudySettings) -> dict[str, str]:
    """Scenario -> its baseline, for every scenario that has one."""
    return {s.label: s.baseline for s in settings.scenarios if s.label != s.baseline}


def bundles_of(settings: StudySettings) -> list[ScenarioSettings]:
    """Scenarios that hold at least one policy and differ from their baseline by policies alone."""
    by_label = {one.label: one for one in settings.scenarios}
    return [
        one
        for one in settings.scenarios
        if one.policies
        and one.label != one.baseline
        and one.shocks == by_label[one.baseline].shocks
        and one.environment_name == by_label[one.baseline].environment_name
    ]
