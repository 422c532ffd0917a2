"""Recovery: surveys with known parameters go through the same fit, whose intervals must hold the truth as they say."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import kstest

from experiments.calibration.fit import CHECK_RUN, CalibrationProblem
from experiments.results.statistics import CRITICAL, standard_error

FALSE_ALARM = 0.01
LEVELS = {"coverage_50": 0.5, "coverage_90": 0.9}


def recovery(problem: CalibrationProblem) -> dict[str, object]:
    """Fit synthetic surveys and count how often the intervals hold the truth.

    Truths come from the prior; each is run through the model and printed with the survey's errors.

    Returns
    -------
    dict
        Ranks, tests and coverage by parameter, as plain data.
    """
    procedure, targets, forward = problem.procedure, problem.targets, problem.forward
    stream, errors = problem.stream("recovery"), problem.errors(forward, targets)
    truths = problem.prior.draw(stream, procedure.truths)
    printed = problem.run(forward, truths, CHECK_RUN)
    printed = printed + stream.standard_normal(printed.shape) @ np.linalg.cholesky(targets.covariance).T
    places = []
    for number, (truth, observed) in enumerate(zip(truths, printed, strict=True)):
        name, runs = f"truth {number}", procedure.truth_runs
        members = problem.posterior(name, targets, forward, runs, errors, observed)
        places.append((members < truth).mean(0))
    return judged(problem.prior.paths, np.array(places), procedure.truth_runs)


def judged(paths: tuple[str, ...], places: np.ndarray, members: int) -> dict[str, Any]:
    """Coverage and uniformity of the places of truths among posterior members, shape (truths, P), 0-1."""
    apart = np.abs(places - 0.5)
    rows = [
        {
            "parameter": path,
            "p_uniform": round(float(kstest(places[:, k], "uniform").pvalue), 4),
            **{key: round(float((apart[:, k] <= 0.5 * level).mean()), 3) for key, level in LEVELS.items()},
            "places": np.round(places[:, k], 3).tolist(),
        }
        for k, path in enumerate(paths)
    ]
    smallest = min(row["p_uniform"] for row in rows)
    facts: dict[str, Any] = {
        "truths": len(places),
        "members": members,
        "parameters": rows,
        "smallest_p": smallest,
        "threshold": round(FALSE_ALARM / len(rows), 5),
        "uniform": bool(smallest >= FALSE_ALARM / len(rows)),
    }
    for key, level in LEVELS.items():  # parameters of a survey share its errors: surveys are what is counted
        held = (apart <= 0.5 * level).mean(1)
        error = CRITICAL * standard_error(held)
        facts[key] = round(float(held.mean()), 3)
        facts[f"{key}_interval"] = np.round([held.mean() - error, held.mean() + error], 3).tolist()
    return facts
