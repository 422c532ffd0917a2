"""Parameter recovery: whether posteriors are honest on synthetic data whose parameters are known."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import chi2, chisquare

from experiments.calibration.likelihood import Likelihood, spend_variance, surveyed_row
from experiments.calibration.problem import TRUTH_RUN, CalibrationProblem
from experiments.calibration.sampler import posterior

BINS = 8
FALSE_ALARM = 0.01


def recovery(problem: CalibrationProblem) -> dict[str, Any]:
    """Simulation-based calibration (Talts et al. 2018): the rank of the truth among posterior draws must be uniform.

    Truths come from the prior with its view of growth; each is run through the model itself and surveyed with its
    noise; the same likelihood and sampler as for the real survey then see only the surveyed scores and spending.

    Parameters
    ----------
    problem : CalibrationProblem

    Returns
    -------
    dict
        Ranks, tests and coverage by parameter, as plain data.
    """
    procedure, prior = problem.procedure, problem.prior
    truths = problem.posterior(problem.observations.until(0), "truths", procedure.truths)[-1]
    runs = problem.computed(truths, "truth", TRUTH_RUN)
    observed = surveyed_row(runs.outputs)
    stream = problem.stream("recovery")
    first, last = 18 * len(problem.observations.years), observed.shape[1] - 3
    spread = np.sqrt(
        spend_variance(observed[:, first:last], problem.observations.years, procedure.spend_discrepancy)
    )
    observed[:, first:last] += spread * stream.standard_normal((len(observed), last - first))
    observed[:, last:] = procedure.growth[0]
    observed[:, np.isnan(np.concatenate([problem.observations.vector, np.zeros(3)]))] = np.nan
    likelihood = Likelihood(problem.surrogate.emulator, problem.surrogate.covariance, observed)
    draws = posterior(likelihood, prior.size, procedure.draws, procedure.steps // 2, stream, kept=1)[:, -1]
    ranks = (draws < truths[:, None]).sum(1)
    return _judged(problem, truths, draws, ranks)


def _judged(
    problem: CalibrationProblem, truths: np.ndarray, draws: np.ndarray, ranks: np.ndarray
) -> dict[str, Any]:
    number, places = len(truths), draws.shape[1] + 1
    rows = []
    for k, path in enumerate(problem.prior.paths):
        counts = np.bincount(ranks[:, k] * BINS // places, minlength=BINS)
        share = (ranks[:, k] + 0.5) / places
        rows.append(
            {
                "parameter": path,
                "p_uniform": round(float(chisquare(counts).pvalue), 4),
                "coverage_50": round(float((np.abs(share - 0.5) <= 0.25).mean()), 3),
                "coverage_90": round(float((np.abs(share - 0.5) <= 0.45).mean()), 3),
                "correlation": round(float(np.corrcoef(truths[:, k], draws[..., k].mean(1))[0, 1]), 3),
                "ranks": ranks[:, k].tolist(),
            }
        )
    p = np.array([row["p_uniform"] for row in rows])
    together = float(chi2.sf(-2.0 * np.log(np.maximum(p, 1e-12)).sum(), 2 * len(p)))
    return {
        "truths": number,
        "draws": places - 1,
        "parameters": rows,
        "p_together": round(together, 4),
        "smallest_p": round(float(p.min()), 5),
        "threshold": round(FALSE_ALARM / len(p), 6),
        "uniform": bool(p.min() >= FALSE_ALARM / len(p)),
        "coverage_50": round(float(np.mean([row["coverage_50"] for row in rows])), 3),
        "coverage_90": round(float(np.mean([row["coverage_90"] for row in rows])), 3),
    }
