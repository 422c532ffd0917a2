"""Recovery: surveys with known parameters go through the same fit, whose intervals must hold the truth as they say."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import kstest

from experiments.calibration.fit import CHECK_RUN, CalibrationProblem, Errors

FALSE_ALARM = 0.01
LEVELS = (0.5, 0.9)


def recovery(problem: CalibrationProblem) -> dict[str, Any]:
    """Fit synthetic surveys and count how often the intervals hold the truth.

    Truths come from the prior; each is run through the model and printed with the survey's errors.

    Returns
    -------
    dict
        Ranks, tests and coverage by parameter, as plain data.
    """
    procedure, targets, forward = problem.procedure, problem.targets, problem.forward
    stream, errors = problem.stream("recovery"), Errors(targets.covariance, problem.chance(forward))
    truths = problem.prior.draw(stream, procedure.truths)
    printed = problem.run(forward, truths, CHECK_RUN)
    printed = printed + stream.standard_normal(printed.shape) @ np.linalg.cholesky(targets.covariance).T
    places = []
    for number, (truth, observed) in enumerate(zip(truths, printed, strict=True)):
        members = problem.posterior(
            f"truth {number}", targets, forward, procedure.truth_runs, errors, observed
        )
        places.append((members < truth).mean(0))
    return judged(problem.prior.paths, np.array(places), procedure.truth_runs)


def judged(paths: tuple[str, ...], places: np.ndarray, members: int) -> dict[str, Any]:
    """Coverage and uniformity of the places of truths among posterior members, shape (truths, P), 0-1."""
    apart = np.abs(places - 0.5)
    rows = [
        {
            "parameter": path,
            "p_uniform": round(float(kstest(places[:, k], "uniform").pvalue), 4),
            **{
                f"coverage_{100 * level:.0f}": round(float((apart[:, k] <= 0.5 * level).mean()), 3)
                for level in LEVELS
            },
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
    for level in LEVELS:
        held = (apart <= 0.5 * level).mean(
            1
        )  # parameters of a survey share its errors: surveys are what is counted
        error = 1.645 * held.std(ddof=1) / len(held) ** 0.5
        facts[f"coverage_{100 * level:.0f}"] = round(float(held.mean()), 3)
        facts[f"coverage_{100 * level:.0f}_interval"] = np.round(
            [held.mean() - error, held.mean() + error], 3
        ).tolist()
    return facts
