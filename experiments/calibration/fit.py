"""The fit to all years: members of the posterior, what each parameter learned, and checks against the model itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.honeycomb import DIMENSIONS
from experiments.calibration.forward import ASKED, RunOutputs
from experiments.calibration.likelihood import expected_row, growth, observed_row
from experiments.calibration.problem import CHECK_RUN, CalibrationProblem
from experiments.calibration.sampler import memory

LITTLE, SOME = 0.1, 0.5
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def fit(problem: CalibrationProblem) -> tuple[np.ndarray, dict[str, Any]]:
    """Sample the posterior given every year.

    Returns
    -------
    values : ndarray, shape (members, P)
        Each member is the end of a chain of its own.
    facts : dict
        Parameters, fit and checks, as plain data.
    """
    chains = problem.posterior(problem.observations, "posterior")
    members = chains[-1]
    values = problem.prior.values(members)
    checked = problem.forward.run(values, range(CHECK_RUN, CHECK_RUN + len(values)))
    return values, {
        "parameters": _parameters(problem, members, chains),
        "fit": _fit(problem, members, checked),
        "targets": {
            "years": list(problem.observations.years),
            "kinds": list(ASKED),
            "dimensions": list(DIMENSIONS),
            "scores": _plain(problem.observations.scores),
        },
        "plausible": _plausible(checked),
        "chains": {
            "memory": round(float(np.abs(memory(chains)).mean()), 3),
            "shift": round(float(_shift(chains).max()), 3),
            "members": len(members),
            "runs": problem.procedure.runs + problem.procedure.refined,
        },
    }


def _shift(chains: np.ndarray) -> np.ndarray:
    """How far the ensemble moved over the second half of the chains, in posterior standard deviations."""
    moved: np.ndarray = np.abs(chains[0].mean(0) - chains[-1].mean(0)) / chains[-1].std(0)
    return moved


def _parameters(problem: CalibrationProblem, members: np.ndarray, chains: np.ndarray) -> list[dict[str, Any]]:
    """Prior against posterior; contraction is one less the ratio of variances, of the place in the range."""
    prior, values = problem.prior, problem.prior.values(members)
    before = problem.posterior(problem.observations.until(0), "prior members")[-1]
    contraction = 1.0 - prior.places(members).var(0) / prior.places(before).var(0)
    together = prior.places(chains[:, :].reshape(-1, prior.size))
    steady = 1.0 - together.var(0) / prior.places(before).var(0)
    rows = []
    for k, path in enumerate(prior.paths):
        learned = float(steady[k])
        rows.append(
            {
                "parameter": path,
                "low": float(prior.low[k]),
                "high": float(prior.high[k]),
                "central": float(prior.central[k]),
                "mean": _short(values[:, k].mean()),
                "quantiles": [_short(q) for q in np.quantile(values[:, k], QUANTILES)],
                "contraction": round(learned, 3),
                "contraction_of_members": round(float(contraction[k]), 3),
                "informed": "well" if learned >= SOME else "weakly" if learned >= LITTLE else "no",
            }
        )
    return rows


def _fit(problem: CalibrationProblem, members: np.ndarray, checked: RunOutputs) -> dict[str, Any]:
    """How the model's own runs at the members meet the survey, and how far the emulator is from those runs."""
    likelihood = problem.likelihood(problem.observations)
    seen = likelihood.seen
    observed = observed_row(problem.observations, problem.procedure.growth)
    runs = expected_row(checked)
    error = (observed - runs.mean(0))[seen]
    noise = likelihood.covariance[np.ix_(seen, seen)]
    scores = problem.observations.scores
    residual = scores - checked.expected.mean(0)
    gap = (likelihood.emulator(members) - runs)[:, : scores.size].reshape(-1, *scores.shape)
    inside = (scores >= np.quantile(checked.survey, 0.05, axis=0)) & (
        scores <= np.quantile(checked.survey, 0.95, axis=0)
    )
    return {
        "observed": len(seen),
        "misfit": round(float(error @ np.linalg.solve(noise, error)), 1),
        "rmse": round(float(np.nanmean(residual**2) ** 0.5), 2),
        "within_90": round(float(inside[~np.isnan(scores)].mean()), 3),
        "expected": _plain(checked.expected.mean(0)),
        "survey_low": _plain(np.quantile(checked.survey, 0.05, axis=0)),
        "survey_high": _plain(np.quantile(checked.survey, 0.95, axis=0)),
        "residual_by_kind": _plain(np.nanmean(residual, axis=(0, 2))),
        "emulator_bias": round(float(np.abs(gap.mean(0)).mean()), 2),
        "emulator_bias_by_kind": _plain(gap.mean((0, 1, 3))),
        "noise_sd": _plain(
            np.sqrt(np.diag(likelihood.covariance)[: scores.size]).reshape(scores.shape).mean((0, 2))
        ),
        "growth": _plain(growth(checked.expected).mean(0)),
    }


def _plausible(checked: RunOutputs) -> dict[str, Any]:
    """What else the members imply for the last year, with the middle 90 percent of runs."""
    shown = {"adopted": checked.adopted, "building": checked.building, "free_budget": checked.free}
    return {name: _plain(np.quantile(values[:, -1], [0.05, 0.5, 0.95])) for name, values in shown.items()}


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def _plain(values: np.ndarray) -> Any:
    rounded = np.round(values, 3)
    filled = rounded.astype(object)
    filled[np.isnan(rounded)] = None
    return filled.tolist()
