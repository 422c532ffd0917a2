"""The calibration problem that all tasks share: observations, prior, runs, emulator and noise, made once and kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.calibration import store
from experiments.calibration.emulator import Emulator, Network, train
from experiments.calibration.forward import Forward, Runs
from experiments.calibration.likelihood import (
    SCORES,
    Likelihood,
    Observations,
    expected_row,
    noise,
    observed_row,
    read_observations,
)
from experiments.calibration.prior import Prior
from experiments.calibration.sampler import posterior
from experiments.config import assembly
from experiments.config.sections import CENTRAL, UncertaintySettings
from experiments.runs.engine import LAB
from experiments.runs.fingerprint import fingerprint
from experiments.runs.identity import code_digest, numbers_digest
from experiments.runs.store import Store
from model.streams import generator

if TYPE_CHECKING:
    from experiments.config.sections import CalibrationSettings
    from experiments.config.study import StudySettings

# What of the procedure shapes the emulator and the noise.
SHAPING = ("runs", "refined", "held_out", "batch", "width", "epochs", "steps", "growth", "spend_discrepancy")
# Replicate numbers are apart for every use, so that no run shares its chance with one that judges it.
FIRST_RUN, REFINED_RUN, TRUTH_RUN, CHECK_RUN = 1_000_000, 2_000_000, 3_000_000, 4_000_000
NO_EXPECTATION = 1000.0  # a standard deviation of growth, points a year, that says nothing


@dataclass(frozen=True)
class Surrogate:
    """What stands in for the model: an emulator of expected scores, and the covariance of a survey around it.

    Parameters
    ----------
    emulator : Emulator
    covariance : ndarray, shape (outputs, outputs)
    """

    emulator: Emulator
    covariance: np.ndarray


@dataclass(frozen=True)
class CalibrationProblem:
    """What the calibration tasks of one study share.

    Parameters
    ----------
    settings : StudySettings
        Its first scenario is the one calibrated.
    given : Surrogate, optional
        To be used in place of the one that the study would make.
    """

    settings: StudySettings
    given: Surrogate | None = None

    @property
    def procedure(self) -> CalibrationSettings:
        """The numbers of the procedure."""
        return self.settings.calibration

    @property
    def scores_file(self) -> Path:
        """The table of observed scores, when it is a file."""
        return Path(self.procedure.scores) if self.procedure.scores else SCORES

    @cached_property
    def observations(self) -> Observations:
        """The observed scores and spending."""
        own = self.settings.series.scores
        return read_observations(own if own is not None and not self.procedure.scores else self.scores_file)

    @cached_property
    def prior(self) -> Prior:
        """The numbers that are sampled."""
        return Prior.of(self.settings)

    @cached_property
    def forward(self) -> Forward:
        """The model up to the last survey."""
        central = self.settings.model_copy(update={"uncertainty": UncertaintySettings(parameters=CENTRAL)})
        scenario = assembly.scenario(self.settings.scenarios[0])
        return Forward(assembly.world(central), scenario, self.prior.paths, self.observations.years)

    @cached_property
    def store(self) -> Store:
        """Where finished runs are kept."""
        return store.opened(self.settings)

    def stream(self, purpose: str) -> np.random.Generator:
        """Chance of one step of the procedure."""
        return generator(self.settings.seed, f"calibration: {purpose}", 0)

    def computed(self, scores: np.ndarray, wave: str, first: int) -> Runs:
        """Run parameters given as normal scores, or read finished runs back."""
        return store.compute(self.forward, self.prior, scores, self.store, wave, first, self.procedure.batch)

    @cached_property
    def first_wave(self) -> Runs:
        """Runs all over the prior."""
        scores = self.prior.draw(self.stream("first wave"), self.procedure.runs)
        return self.computed(scores, "prior", FIRST_RUN)

    @cached_property
    def second_wave(self) -> Runs:
        """Runs where the posteriors of all fits lie, so that the emulator is good where it matters."""
        return self.computed(self._kept("places", self._places)["scores"], "posterior", REFINED_RUN)

    def _places(self) -> dict[str, np.ndarray]:
        first = self._trained(self.first_wave, "first emulator")
        last = self.observations.years[-1]
        fits = [year for year in (last - 2, last - 1, last) if year in self.observations.years]
        each = -(-self.procedure.refined // len(fits))
        drawn = [
            self._late_states(first, self.observations.until(year), each, f"second wave {year}")
            for year in fits
        ]
        order = self.stream("order").permutation(each * len(fits))
        return {"scores": np.concatenate(drawn)[order][: self.procedure.refined]}

    @cached_property
    def surrogate(self) -> Surrogate:
        """The emulator of both waves and the covariance of a survey around it."""
        if self.given is not None:
            return self.given
        arrays = self._kept("emulator", self._learned)
        weights = tuple(arrays[f"weights{k}"] for k in range(7))
        network = Network(weights, arrays["mean"], arrays["spread"])
        return Surrogate(Emulator(self.prior, network), arrays["covariance"])

    def _learned(self) -> dict[str, np.ndarray]:
        runs = self.first_wave
        if self.procedure.refined:
            runs = runs.joined(self.second_wave)
            runs = runs.rows(self.stream("shuffle").permutation(len(runs)))
        surrogate = self._trained(runs, "emulator")
        network = surrogate.emulator.network
        weights = {f"weights{k}": weight for k, weight in enumerate(network.weights)}
        return {**weights, "mean": network.mean, "spread": network.spread, "covariance": surrogate.covariance}

    def likelihood(self, observations: Observations) -> Likelihood:
        """The likelihood of some observations."""
        return self._likelihood(self.surrogate, observations)

    def posterior(self, observations: Observations, purpose: str, members: int | None = None) -> np.ndarray:
        """Chains of the posterior given some observations, shape (steps, chains, P), as normal scores."""
        values: np.ndarray = posterior(
            self.likelihood(observations),
            self.prior.size,
            members or self.procedure.members,
            self.procedure.steps,
            self.stream(purpose),
        )[0]
        return values

    def without_growth(self) -> CalibrationProblem:
        """The same problem with no expectation of growth: its spread is so wide that it says nothing."""
        procedure = self.procedure.model_copy(update={"growth": (self.procedure.growth[0], NO_EXPECTATION)})
        wide = self.surrogate.covariance.copy()
        wide[-3:, -3:] = NO_EXPECTATION**2 * np.eye(3)
        return CalibrationProblem(
            self.settings.model_copy(update={"calibration": procedure}),
            dataclasses.replace(self.surrogate, covariance=wide),
        )

    def _likelihood(self, surrogate: Surrogate, observations: Observations) -> Likelihood:
        observed = observed_row(observations, self.procedure.growth)
        return Likelihood(surrogate.emulator, surrogate.covariance, observed)

    def _kept(self, name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """Arrays that are made once for a procedure and found again."""
        return store.kept(self.store, fingerprint(self._identity, name)[:40], make)

    @cached_property
    def _identity(self) -> str:
        numbers = self.procedure.model_dump(mode="json", include=set(SHAPING))
        data = numbers, self.observations.vector, self.observations.years, self.settings.seed
        kind = type(self)
        learning = kind._places, kind._learned, kind._trained, kind._late_states, kind._likelihood
        return numbers_digest(code_digest(LAB), learning, Emulator, self.forward, self.prior.mapping, *data)

    def _trained(self, runs: Runs, purpose: str) -> Surrogate:
        """An emulator of some of the runs, and the noise seen on the others."""
        procedure, held = self.procedure, min(self.procedure.held_out, len(runs) // 4)
        seen, unseen = runs.rows(slice(0, len(runs) - held)), runs.rows(slice(len(runs) - held, len(runs)))
        emulator = train(
            self.prior,
            seen.scores,
            expected_row(seen.outputs),
            procedure.width,
            procedure.epochs,
            self.stream(purpose),
        )
        covariance = noise(
            emulator,
            unseen.scores,
            unseen.outputs,
            self.observations.years,
            procedure.spend_discrepancy,
            procedure.growth[1],
        )
        return Surrogate(emulator, covariance)

    def _late_states(
        self, surrogate: Surrogate, observations: Observations, number: int, purpose: str
    ) -> np.ndarray:
        """Members of a posterior, a quarter as many chains as members, each read four times."""
        likelihood = self._likelihood(surrogate, observations)
        steps, chains = self.procedure.steps // 2, -(-number // 4)
        states = posterior(likelihood, self.prior.size, chains, steps, self.stream(purpose))[0]
        late = states[np.linspace(len(states) // 4, len(states) - 1, 4).astype(int)]
        values: np.ndarray = late.reshape(-1, self.prior.size)[:number]
        return values
