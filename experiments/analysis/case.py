"""A finished study as the methods of the laboratory see it: its settings, its chunks, and more runs on demand."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from agents.honeycomb import SMALL_KINDS
from experiments.analysis import parameters
from experiments.analysis.laboratory import Laboratory
from experiments.analysis.outcome import HEADLINES, final_of_study, pick
from experiments.config.resolve import of_words
from experiments.config.scenarios import ScenarioSettings
from experiments.config.study import StudySettings
from experiments.failure import StudyFailed
from experiments.results.paths import Aim, aims_of
from experiments.results.schema import better
from experiments.runs.merged import Merged
from model.world import Scenario


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

    def asked(self, label: str) -> list[tuple[str, str]]:
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
        known = tuple(words)
        if known not in self._assuming:
            self._assuming[known] = self.laboratory.under(self.settings.under(of_words(known, self.settings)))
        return self._assuming[known]

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
    def drawn(self) -> tuple[tuple[str, ...], np.ndarray]:
        """Names of the uncertain parameters and what each replicate of `sample` drew, shape (R, names)."""
        world = self.laboratory.world
        assert world.ensemble is not None
        scenarios = self.laboratory.every
        names = tuple(p.name for p in parameters.strengths(scenarios))
        parts = [world.ensemble.drawn(world.seed, self.replicates)]
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
        asked, known = self.settings.analysis.scenario, self.bundles or self.pairs
        return asked or max(known, key=lambda label: abs(float(np.median(self.effect(label)))))


def check_focus(settings: StudySettings) -> None:
    """Refuse a study without an effect to look at, or without that of the scenario that is asked for."""
    asked, known = settings.analysis.scenario, pairs_of(settings)
    if not known:
        raise StudyFailed("a method that looks at one effect needs a scenario beside its baseline")
    if asked is not None and asked not in known:
        raise StudyFailed(f"analysis.scenario={asked} is none of {', '.join(known)}")


def pairs_of(settings: StudySettings) -> dict[str, str]:
    """Scenario -> its baseline, for every scenario that has one."""
    return {s.label: s.baseline for s in settings.scenarios if s.label != s.baseline}


def bundles_of(settings: StudySettings) -> list[ScenarioSettings]:
    """Scenarios that hold at least one policy and differ from their baseline by policies alone."""
    named = {one.label: one for one in settings.scenarios}
    return [
        one
        for one in settings.scenarios
        if one.policies
        and one.label != one.baseline
        and one.shocks == named[one.baseline].shocks
        and one.environment_name == named[one.baseline].environment_name
    ]
