"""The work bench of every calibration task: targets, prior, runs, emulator and noise, made once and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments import assembly
from experiments.calibration import store
from experiments.calibration.emulator import Emulator, Network, train
from experiments.calibration.forward import Forward
from experiments.calibration.likelihood import Likelihood, expected_row, noise, observed_row
from experiments.calibration.prior import Prior
from experiments.calibration.sampler import posterior
from experiments.calibration.store import Runs, compute
from experiments.calibration.targets import SCORES, Targets, read_targets
from experiments.runs import identity
from experiments.settings.calibration import CENTRAL, UncertaintySettings
from model.streams import generator

if TYPE_CHECKING:
    from experiments.settings import StudySettings
    from experiments.settings.calibration import CalibrationSettings

# What of the procedure shapes the emulator and the noise.
SHAPING = ("runs", "refined", "held_out", "batch", "width", "epochs", "steps", "growth", "spend_discrepancy")
# Replicate numbers are apart for every use, so that no run shares its chance with one that judges it.
FIRST_RUN, REFINED_RUN, TRUTH_RUN, CHECK_RUN = 1_000_000, 2_000_000, 3_000_000, 4_000_000


@dataclass(frozen=True)
class Bench:
    """What the calibration tasks of one study share.

    Parameters
    ----------
    settings : StudySettings
        Its first scenario is the one calibrated.
    """

    settings: StudySettings

    @property
    def numbers(self) -> CalibrationSettings:
        """The procedure."""
        return self.settings.calibration

    @property
    def scores_file(self) -> Path:
        """The table of observed scores."""
        return Path(self.numbers.scores) if self.numbers.scores else SCORES

    @cached_property
    def targets(self) -> Targets:
        """The observed scores and spending."""
        return read_targets(self.scores_file)

    @cached_property
    def prior(self) -> Prior:
        """The numbers that are sampled."""
        return Prior.of(self.settings)

    @cached_property
    def forward(self) -> Forward:
        """The model up to the last survey."""
        central = self.settings.model_copy(update={"uncertainty": UncertaintySettings(parameters=CENTRAL)})
        scenario = assembly.scenario(self.settings.scenarios[0])
        return Forward(assembly.world(central), scenario, self.prior.paths, self.targets.years)

    @cached_property
    def folder(self) -> Path:
        """Where finished runs are kept."""
        root = Path(self.settings.outputs.folder) / self.settings.execution.store
        return root / f"calibration-{store.key(self.settings, self.targets.years)[:12]}"

    def stream(self, purpose: str) -> np.random.Generator:
        """Chance of one step of the procedure."""
        return generator(self.settings.seed, f"calibration: {purpose}", 0)

    @cached_property
    def first_wave(self) -> Runs:
        """Runs all over the prior."""
        scores = self.prior.draw(self.stream("first wave"), self.numbers.runs)
        return self.computed(scores, "prior", FIRST_RUN)

    @cached_property
    def second_wave(self) -> Runs:
        """Runs where the posteriors of all fits lie, so that the emulator is good where it matters."""
        return self.computed(self._kept("places", self._places)["scores"], "posterior", REFINED_RUN)

    def _places(self) -> dict[str, np.ndarray]:
        numbers = self.numbers
        emulator, covariance = self._fitted(self.first_wave, "first emulator")
        last = self.targets.years[-1]
        fits = [year for year in (last - 2, last - 1, last) if year in self.targets.years]
        each = -(-numbers.refined // len(fits))
        drawn = [
            self._chains(emulator, covariance, self.targets.until(year), each, f"second wave {year}")
            for year in fits
        ]
        scores = np.concatenate(drawn)[self.stream("order").permutation(each * len(fits))][: numbers.refined]
        return {"scores": scores}

    @cached_property
    def fitted(self) -> tuple[Emulator, np.ndarray]:
        """The emulator of both waves and the covariance of a survey around it."""
        kept = self._kept("emulator", self._learned)
        weights = tuple(kept[f"weights{k}"] for k in range(7))
        return Emulator(self.prior, Network(weights, kept["mean"], kept["spread"])), kept["covariance"]

    def _learned(self) -> dict[str, np.ndarray]:
        runs = self.first_wave
        if self.numbers.refined:
            runs = runs.joined(self.second_wave)
            runs = runs.rows(self.stream("shuffle").permutation(len(runs)))
        emulator, covariance = self._fitted(runs, "emulator")
        network = emulator.network
        weights = {f"weights{k}": weight for k, weight in enumerate(network.weights)}
        return {**weights, "mean": network.mean, "spread": network.spread, "covariance": covariance}

    def likelihood(self, targets: Targets) -> Likelihood:
        """The likelihood of some targets."""
        emulator, covariance = self.fitted
        return Likelihood(emulator, covariance, observed_row(targets, self.numbers.growth))

    def posterior(self, targets: Targets, purpose: str, members: int | None = None) -> np.ndarray:
        """Chains of the posterior given some targets, shape (steps, chains, P), as normal scores."""
        return posterior(
            self.likelihood(targets),
            self.prior.size,
            members or self.numbers.members,
            self.numbers.steps,
            self.stream(purpose),
        )[0]

    def without_growth(self) -> Bench:
        """The same bench with no expectation of growth: its spread is so wide that it says nothing."""
        numbers = self.numbers.model_copy(update={"growth": (self.numbers.growth[0], 1000.0)})
        other = replace(self, settings=self.settings.model_copy(update={"calibration": numbers}))
        emulator, covariance = self.fitted
        wide = covariance.copy()
        wide[-3:, -3:] = 1.0e6 * np.eye(3)
        other.__dict__["fitted"] = (emulator, wide)
        return other

    def _kept(self, name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """Arrays that are made once for a procedure and found again."""
        return store.kept(self.folder / f"{name}-{self._procedure}.npz", make)

    @cached_property
    def _procedure(self) -> str:
        numbers = self.numbers.model_dump(mode="json", include=set(SHAPING))
        return identity.digest([numbers, self.targets.vector.tolist().__repr__(), store.own_code()])[:12]

    def computed(self, scores: np.ndarray, wave: str, first: int) -> Runs:
        """Run parameters given as normal scores, or read finished runs back."""
        return compute(self.forward, self.prior, scores, self.folder, wave, first, self.numbers.batch)

    def _fitted(self, runs: Runs, purpose: str) -> tuple[Emulator, np.ndarray]:
        numbers, held = self.numbers, min(self.numbers.held_out, len(runs) // 4)
        seen, unseen = runs.rows(slice(0, len(runs) - held)), runs.rows(slice(len(runs) - held, len(runs)))
        emulator = train(
            self.prior,
            seen.scores,
            expected_row(seen.outturn),
            numbers.width,
            numbers.epochs,
            self.stream(purpose),
        )
        years, spread = self.targets.years, numbers.growth[1]
        return emulator, noise(
            emulator, unseen.scores, unseen.outturn, years, numbers.spend_discrepancy, spread
        )

    def _chains(
        self, emulator: Emulator, covariance: np.ndarray, targets: Targets, number: int, purpose: str
    ) -> np.ndarray:
        """Members of a posterior, a quarter as many chains as members, each read four times."""
        likelihood = Likelihood(emulator, covariance, observed_row(targets, self.numbers.growth))
        steps, chains = self.numbers.steps // 2, -(-number // 4)
        kept = posterior(likelihood, self.prior.size, chains, steps, self.stream(purpose))[0]
        late = kept[np.linspace(len(kept) // 4, len(kept) - 1, 4).astype(int)]
        return late.reshape(-1, self.prior.size)[:number]
