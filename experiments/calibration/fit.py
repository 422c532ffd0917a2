"""The fit: an ensemble of parameters moved from the prior to the posterior by runs of the model itself.

The ease of items is fitted beside it: one number each for every barrier that the table of items does not name.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr, ndtri

from agents.honeycomb import DIMENSIONS
from agents.items import Item, ItemTable
from experiments.calibration.targets import ASKED, BLOCKS, PRINTED, SCORES, Forward, Targets, read_targets
from experiments.config import assembly
from experiments.config.study import CENTRAL, UncertaintySettings
from experiments.location import CONF
from experiments.results.statistics import CRITICAL, quantile
from experiments.runs.workers import bar
from model.streams import generator

if TYPE_CHECKING:
    from experiments.config.study import CalibrationSettings, StudySettings


# No run shares its chance with one that judges it.
CHANCE_RUN, CHECK_RUN, FIT_RUN, EASE_RUN = 1_000_000, 2_000_000, 3_000_000, 4_000_000
LITTLE, SOME = 0.1, 0.5
NOISE = 2.5  # a correlation below so many of its standard errors is taken for chance, and moves nothing
Runs = Callable[[np.ndarray, int], np.ndarray]


@dataclass(frozen=True)
class CalibrationProblem:
    """What the calibration tasks of one study share; its first scenario is the one calibrated."""

    settings: StudySettings

    @property
    def procedure(self) -> CalibrationSettings:
        """The numbers of the procedure."""
        return self.settings.calibration

    @property
    def scores_file(self) -> Path:
        """The table of observed scores, when it is a file."""
        return Path(self.procedure.scores) if self.procedure.scores else SCORES

    @cached_property
    def targets(self) -> Targets:
        """What is fitted."""
        own = self.settings.series.scores
        return read_targets(own if own is not None and not self.procedure.scores else self.scores_file)

    @cached_property
    def prior(self) -> Prior:
        """The numbers that are sampled."""
        return Prior.of(self.settings)

    @cached_property
    def forward(self) -> Forward:
        """The model up to the last edition."""
        central = self.settings.model_copy(update={"uncertainty": UncertaintySettings(parameters=CENTRAL)})
        scenario = assembly.scenario(self.settings.scenarios[0])
        return Forward(assembly.world(central), scenario, self.prior.paths, self.targets)

    def stream(self, purpose: str) -> np.random.Generator:
        """Chance of one step of the procedure."""
        return generator(self.settings.seed, f"calibration: {purpose}", 0)

    def run(self, forward: Forward, scores: np.ndarray, first: int) -> np.ndarray:
        """Run the model for parameters given as normal scores, shape (R, targets)."""
        return self.play(forward, self.prior.values(scores), first)

    def play(self, forward: Forward, values: np.ndarray, first: int) -> np.ndarray:
        """The same for parameters given as they are."""
        batch = self.procedure.batch
        parts = [values[a : a + batch] for a in range(0, len(values), batch)]
        return np.concatenate(
            [forward(p, range(first + k * batch, first + k * batch + len(p))) for k, p in enumerate(parts)]
        )

    def errors(self, forward: Forward, targets: Targets) -> Errors:
        """What separates the printed values from what the model expects.

        The model's own chance is which banks there are, and what befalls them.
        """
        outputs = self.run(forward, np.zeros((self.procedure.chance_runs, self.prior.size)), CHANCE_RUN)
        covariance = np.cov(outputs.T)
        share = 0.25  # toward the diagonal: fewer runs than it has places
        chance = (1.0 - share) * covariance + share * np.diag(np.diag(covariance))
        return Errors(targets.covariance, chance)

    def levels(self, forward: Forward, members: np.ndarray) -> Levels:
        """Levels of items in 2023, mean over runs of one batch of members, as a function of their table."""
        values = self.prior.values(members[: self.procedure.batch])
        runs = range(EASE_RUN, EASE_RUN + len(values))

        def of(table: ItemTable) -> dict[str, float]:
            means = changed(forward, items=table).observables(values, runs)
            shares = [name.split(".") for name in means if name.startswith("item.") and name.endswith(".all")]
            return {f"{i}.{rung}": float(means[f"item.{i}.{rung}.all"].mean()) for _, i, rung, _ in shares}

        return of

    def posterior(
        self,
        purpose: str,
        targets: Targets,
        forward: Forward,
        members: int,
        errors: Errors,
        observed: Any = None,
    ) -> np.ndarray:
        """Members of the posterior given what is known of the targets, as normal scores, shape (members, P)."""
        stream, seen, steps = self.stream(purpose), targets.observed_places, self.procedure.steps
        with bar(members * steps, 0, f"calibration: {purpose}") as advance:

            def run(scores: np.ndarray, step: int) -> np.ndarray:
                outputs = self.run(forward, scores, FIT_RUN + step * members)[:, seen]
                advance(len(scores))
                return outputs

            start = self.prior.draw(stream, members)
            values = targets.values if observed is None else observed
            return smooth(run, start, values[seen], errors.of(seen), steps, stream)


@dataclass(frozen=True)
class Errors:
    """What separates a printed value from what the model expects.

    Parameters
    ----------
    printed, chance : ndarray, shape (targets, targets)
        Covariance of the survey's errors, and of the model's own chance.
    """

    printed: np.ndarray
    chance: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """Both together."""
        both: np.ndarray = self.printed + self.chance
        return both

    def of(self, places: np.ndarray) -> Errors:
        """Those of some targets."""
        block = np.ix_(places, places)
        return Errors(self.printed[block], self.chance[block])


def smooth(
    run: Runs,
    members: np.ndarray,
    observed: np.ndarray,
    errors: Errors,
    steps: int,
    stream: np.random.Generator,
) -> np.ndarray:
    """Update an ensemble to observations in several tempered steps (ES-MDA, Emerick & Reynolds 2013).

    What a parameter and an output seem to share by the chance of so many members would narrow the posterior in vain.

    Parameters
    ----------
    run : callable
        Runs of members at a step, shape (M, P) to (M, outputs); each carries the model's chance once.
    members : ndarray, shape (M, P)
        Draws from a normal prior.
    observed : ndarray, shape (outputs,)
    errors : Errors
        Each step inflates their covariance by the number of steps, so that together they use it once.
    steps : int
    stream : numpy.random.Generator

    Returns
    -------
    ndarray, shape (M, P)
        Members of a Gaussian approximation to the posterior.
    """
    inflated = steps * errors.printed + (steps - 1) * errors.chance
    root = np.linalg.cholesky(inflated)
    for step in range(steps):
        predicted = run(members, step)
        moved, answered = members - members.mean(0), predicted - predicted.mean(0)
        within = answered.T @ answered / (len(members) - 1)
        across = moved.T @ answered / (len(members) - 1)
        spread = np.outer(moved.std(0), answered.std(0))
        across *= np.abs(across) > NOISE * spread / len(members) ** 0.5
        noise = stream.standard_normal(predicted.shape) @ root.T
        gap = np.linalg.solve(within + inflated, (observed + noise - predicted).T)
        members = members + (across @ gap).T
    return members


def fit(problem: CalibrationProblem, ease: bool = True) -> tuple[np.ndarray, dict[str, Any], ItemTable]:
    """Sample the posterior given every target.

    Parameters
    ----------
    problem : CalibrationProblem
    ease : bool
        Whether to fit the items' ease to their own levels, at the posterior's mean, and the rest again with it.

    Returns
    -------
    values : ndarray, shape (members, P)
        The ensemble that studies draw from.
    facts : dict
        Parameters and fit, as plain data.
    items : ItemTable
        With their ease.
    """
    procedure, targets, forward = problem.procedure, problem.targets, problem.forward
    errors = problem.errors(forward, targets)
    every = problem.posterior("posterior", targets, forward, procedure.runs, errors)
    if ease:
        forward = changed(forward, items=fit_ease(forward.world.items, problem.levels(forward, every)))
        every = problem.posterior("posterior", targets, forward, procedure.runs, errors)
    members = every[: procedure.members]
    before = problem.run(forward, problem.prior.draw(problem.stream("prior"), procedure.members), CHECK_RUN)
    after = problem.run(forward, members, CHECK_RUN)
    facts = {
        "runs": procedure.runs * procedure.steps,
        "members": len(members),
        "parameters": _parameters(problem.prior, every),
        "blocks": [_block(targets, errors, name, before, after) for name in BLOCKS],
        "misfit": misfit(targets, errors, targets.observed_places, after),
        "observed": len(targets.observed_places),
        "scores": _scores(targets, errors, after),
        "shares": _shares(targets, after),
    }
    return problem.prior.values(members), facts, forward.world.items


def _parameters(prior: Prior, members: np.ndarray) -> list[dict[str, Any]]:
    """Prior against posterior; contraction is one less the ratio of variances, of the place in the range."""
    values = prior.values(members)
    contraction = 1.0 - 12.0 * ndtr(members).var(0)  # a uniform place has variance 1/12
    return [
        {
            "parameter": path,
            "low": _short(prior.low[k]),
            "high": _short(prior.high[k]),
            "central": _short(prior.central[k]),
            "quantiles": [_short(q) for q in quantile(values[:, k])],
            "contraction": round(float(contraction[k]), 3),
            "informed": "well" if contraction[k] >= SOME else "weakly" if contraction[k] >= LITTLE else "no",
        }
        for k, path in enumerate(prior.paths)
    ]


def misfit(targets: Targets, errors: Errors, places: np.ndarray, outputs: np.ndarray) -> float:
    """How far the mean of runs lies from what is printed at these places, in terms of its errors (chi squared)."""
    gap = (targets.values - outputs.mean(0))[places]
    return round(float(gap @ np.linalg.solve(errors.of(places).total, gap)), 1)


def _block(
    targets: Targets, errors: Errors, name: str, before: np.ndarray, after: np.ndarray
) -> dict[str, Any]:
    places = np.intersect1d(targets.of(name), targets.observed_places)
    gap = np.abs(targets.values - after.mean(0))[places]
    return {
        "block": name,
        "number": len(places),
        "misfit_prior": misfit(targets, errors, places, before),
        "misfit": misfit(targets, errors, places, after),
        "mean_error": round(float(gap.mean()), 2) if name != "scores" else None,
    }


def _scores(targets: Targets, errors: Errors, outputs: np.ndarray) -> dict[str, Any]:
    """Printed scores beside the model's, with the offset of a dimension alone and with the editions' shakes too."""
    places = np.intersect1d(targets.of("scores"), targets.observed_places)
    block = np.ix_(places, places)
    printed, own, total = targets.values[places], targets.covariance[block], errors.of(places).total
    error, mean = np.diag([targets.rows[k].error ** 2 for k in places]), outputs[:, places].mean(0)
    weight = np.linalg.solve(total, printed - mean)
    offset = mean + targets.offsets[block] @ weight
    both = mean + (own - error) @ weight
    # The runs have the model's chance in them.
    spread = np.sqrt(np.diag(own - targets.offsets[block]) + outputs[:, places].var(0))
    inside = np.abs(printed - offset) <= CRITICAL * spread
    names = [targets.rows[k].name.split(".") for k in places]
    keys = ("bank_kind", "dimension", "year", "printed", "true", "expected", "with_edition", "spread")
    numbers = np.round([printed, mean, offset, both, spread], 2).T.tolist()
    columns = zip(names, numbers, strict=True)
    rows = [dict(zip(keys, (*name[1:], *row), strict=True)) for name, row in columns]
    kinds = np.array([name[1] for name in names])
    miss = {
        kind: [round(float(np.abs(printed - x)[kinds == kind].mean()), 2) for x in (both, offset)]
        for kind in ASKED
    }
    of_dimension = {d: offset[k] - mean[k] for k, name in enumerate(names) for d in (name[2],)}
    offsets = {d: round(float(of_dimension[d]), 1) for d in DIMENSIONS if d in of_dimension}
    return {"rows": rows, "error": miss, "offset": offsets, "within_90": round(float(inside.mean()), 3)}


def _shares(targets: Targets, outputs: np.ndarray) -> list[dict[str, Any]]:
    """Everything else that is printed, beside the model's middle and its 90 % of runs."""
    rows = []
    for k, target in enumerate(targets.rows):
        if target.block != "scores" and not np.isnan(target.value):
            low, middle, high = quantile(outputs[:, k])
            printed = target.value / PRINTED if target.block == "changes" else target.value
            numbers = {"printed": printed, "low90": low, "model": middle, "high90": high}
            rounded = {name: round(float(value), 1) for name, value in numbers.items()}
            rows.append({"name": target.name, "block": target.block, **rounded})
    return rows


def changed(forward: Forward, **fields: Any) -> Forward:
    """The same runs in another world."""
    return dataclasses.replace(forward, world=dataclasses.replace(forward.world, **fields))


def _short(value: float) -> float:
    return float(f"{value:.4g}")


EDGE = 1e-9
FAR = 4.0  # ends so many times apart are taken in logs


@dataclass(frozen=True)
class Prior:
    """Independent priors: uniform between two ends, in logs where both are positive and far apart.

    Parameters
    ----------
    paths : tuple of str
        Names of the P parameters, such as ``behaviour.spillover`` or ``banks.private.relevant``.
    low, high, central : ndarray, shape (P,)
        Ends and shipped value, each in its own unit.
    """

    paths: tuple[str, ...]
    low: np.ndarray
    high: np.ndarray
    central: np.ndarray

    @classmethod
    def of(cls, settings: StudySettings) -> Prior:
        """Collect the numbers of a study that calibration samples."""
        means = [
            (path, *ends, float(number))
            for path, number in settings.numbers.items()
            if (ends := settings.row(path).sampled) and settings.is_sampled(path)
        ]
        paths, low, high, central = zip(*means, strict=True)
        return cls(tuple(paths), np.array(low), np.array(high), np.array(central))

    @property
    def size(self) -> int:
        """Number of parameters."""
        return len(self.paths)

    def values(self, scores: np.ndarray) -> np.ndarray:
        """Parameters from their normal scores, shape (..., P): always between the ends."""
        low, high = self._scaled(self.low), self._scaled(self.high)
        scaled = low + (high - low) * ndtr(scores)
        values: np.ndarray = np.where(self._logs, np.exp(np.where(self._logs, scaled, 0.0)), scaled)
        return np.asarray(np.clip(values, self.low, self.high))

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Normal scores of parameters, shape (..., P)."""
        low, high = self._scaled(self.low), self._scaled(self.high)
        share = (self._scaled(values) - low) / (high - low)
        scores: np.ndarray = ndtri(np.clip(share, EDGE, 1.0 - EDGE))
        return scores

    def draw(self, stream: np.random.Generator, number: int) -> np.ndarray:
        """Normal scores of draws from the prior, shape (number, P)."""
        return stream.standard_normal((number, self.size))

    @property
    def _logs(self) -> np.ndarray:
        logs: np.ndarray = (self.low > 0.0) & (self.high >= FAR * self.low)
        return logs

    def _scaled(self, values: np.ndarray) -> np.ndarray:
        safe = np.where(self._logs, np.maximum(values, EDGE), 1.0)
        return np.where(self._logs, np.log(safe), values)


# --- the ease of items

Levels = Callable[[ItemTable], dict[str, float]]
FILE = CONF / "behaviour" / "default.yaml"
ROUNDS, RATE, POINTS = 6, 0.5, 10.0  # ten points of banks too many make an item e^0.5 times harder in a round
JUDGED = 0.4  # weight of a share that was judged beside one that is printed
LEAST, MOST = 0.2, 5.0


def fit_ease(table: ItemTable, levels: Levels, rounds: int = ROUNDS) -> ItemTable:
    """The same items, each as easy as its own shares of 2023 ask: a damped fixed point.

    Parameters
    ----------
    table : ItemTable
        Where to start.
    levels : callable
        Percent of banks on each rung or above in 2023, by ``<item>.<rung>``, mean over the ensemble's runs on a table.
    rounds : int

    Returns
    -------
    ItemTable
        The items of a family are on average as easy as before, since its hazard or price is fitted beside them. Items
        that are read off stocks, and those of a strategic focus, keep their ease.
    """
    fitted = [item for item in table.items[: table.bought.stop] if not item.focus and item.id != "union"]
    family = [np.array([item.family == name for item in fitted]) for name in {i.family for i in fitted}]
    start = np.log([table.ease[table.at[item.id]] for item in fitted])
    ease = start.copy()

    def made(ease: np.ndarray) -> ItemTable:
        new = {item.id: float(x) for item, x in zip(fitted, np.exp(ease), strict=True)}
        return ItemTable(table.items, dict(zip(table.at, table.ease.tolist(), strict=True)) | new)

    for _ in range(rounds):
        shares = levels(made(ease))
        ease += RATE / POINTS * np.array([_gap(item, shares) for item in fitted])
        for rows in family:
            ease[rows] += start[rows].mean() - ease[rows].mean()
        ease = np.clip(ease, np.log(LEAST), np.log(MOST))
    return made(ease)


def _gap(item: Item, shares: Mapping[str, float]) -> float:
    """Points by which an item stands too low, mean over its rungs that some bank has reached."""
    gaps = [
        (100.0 * share - shares[f"{item.id}.{rung}"]) * (1.0 if basis == "p" else JUDGED)
        for rung, (share, basis) in enumerate(zip(item.shares, item.basis, strict=True), 1)
        if share > 0
    ]
    return sum(gaps) / max(len(gaps), 1)


def write_ease(table: ItemTable, file: Path = FILE) -> None:
    """Put every item's ease in its line of the file of behaviour."""
    text = file.read_text("utf-8")
    for name, value in zip(table.at, table.ease, strict=True):
        text, count = re.subn(rf"(?m)^  {name}: .*$", f"  {name}: {value:.4g}", text)
        if count != 1:
            raise ValueError(f"{file.name} has {count} lines for the ease of {name}")
    file.write_text(text, "utf-8")
