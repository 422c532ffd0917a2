"""The track record: what is said of the coming editions of the survey, frozen with a release, scored when they appear.

A file of projections holds the calibrated model and its rivals by edition, kind and dimension, as a median and twenty
quantiles in the middle of even shares. Its first line is the digest of all that follows; lines of facts say what the
projections rest on. It is written once.
"""

from __future__ import annotations

import csv
import hashlib
import itertools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from agents.honeycomb import DIMENSIONS
from experiments.calibration import backtest
from experiments.calibration.backtest import EVEN, MODEL, NOISY, Forecast, judged
from experiments.calibration.fit import CHECK_RUN, CalibrationProblem
from experiments.calibration.targets import ASKED, SAMPLING, Target, Targets
from experiments.failure import StudyFailed

AHEAD: Final = 3  # editions after the last that is known
PLACES: Final = (np.arange(20) + 0.5) / 20.0
CELL: Final = ("forecaster", "bank_kind", "dimension", "edition", "point")
HEAD: Final = (*CELL, *(f"q{100 * place:g}" for place in PLACES))
DIGEST: Final = "# digest: "


@dataclass(frozen=True)
class Record:
    """Projections of one release.

    Parameters
    ----------
    facts : dict of str
        Version, date, and what the projections rest on.
    editions : dict
        Forecasts by year.
    digest : str
        SHA-256 of the file below its first line.
    """

    facts: dict[str, str]
    editions: dict[int, list[Forecast]]
    digest: str = ""


def project(problem: CalibrationProblem, members: np.ndarray) -> dict[int, list[Forecast]]:
    """What the model and its rivals say of the next editions, given everything that is known.

    Parameters
    ----------
    problem : CalibrationProblem
    members : ndarray, shape (M, P)
        The shipped ensemble.

    Returns
    -------
    dict
        The model first, by year.
    """
    known = problem.targets
    past, last = known.scores(known.values), known.years[-1]
    if np.isnan(past).any():
        raise StudyFailed(f"a rival needs every score of every edition up to {last}, and some are missing")
    cells = itertools.product(range(last + 1, last + 1 + AHEAD), ASKED, DIMENSIONS)
    wanted = (
        Target(f"score.{kind}.{d}.{year}", "scores", year, np.nan, SAMPLING[kind]) for year, kind, d in cells
    )
    targets = Targets((*known.rows, *wanted))
    forward = replace(problem.forward, targets=targets)
    errors = problem.errors(forward, targets)
    outputs = problem.play(forward, members, CHECK_RUN)
    made = {}
    for ahead in range(1, AHEAD + 1):
        year = last + ahead
        draws = backtest.forecast(targets, errors, outputs, year, problem.stream(f"forecast {year}"))
        made[year] = [
            Forecast(MODEL, np.median(draws, axis=0), draws),
            *backtest.rivals(past, ahead),
        ]
    return made


def frozen(record: Record) -> str:
    """The file of a release."""
    lines = [*(f"# {name}: {said}" for name, said in record.facts.items()), ",".join(HEAD)]
    for year, forecasts in record.editions.items():
        for made in forecasts:
            kept = np.quantile(made.draws, PLACES, axis=0, method=EVEN)
            for k, kind in enumerate(ASKED):
                for d, dimension in enumerate(DIMENSIONS):
                    numbers = ",".join(f"{value:.2f}" for value in (made.point[k, d], *kept[:, k, d]))
                    lines.append(f'"{made.name}",{kind},{dimension},{year},{numbers}')
    text = "\n".join(lines) + "\n"
    return f"{DIGEST}{hashlib.sha256(text.encode()).hexdigest()}\n{text}"


def thawed(path: Path) -> Record:
    """Read the file of a release; one that is no longer what was frozen is refused."""
    first, _, text = path.read_text("utf-8").partition("\n")
    digest = first.removeprefix(DIGEST)
    if hashlib.sha256(text.encode()).hexdigest() != digest:
        raise StudyFailed(f"{path} is not what was frozen: its digest differs")
    lines = text.splitlines()
    facts = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    values: dict[tuple[int, str], list[list[float]]] = {}
    for row in csv.DictReader(line for line in lines if not line.startswith("# ")):
        numbers = [float(row[name]) for name in HEAD[len(CELL) - 1 :]]
        values.setdefault((int(row["edition"]), row["forecaster"]), []).append(numbers)
    editions: dict[int, list[Forecast]] = {}
    for (year, name), cells in values.items():
        table = np.array(cells).T.reshape(-1, len(ASKED), len(DIMENSIONS))
        editions.setdefault(year, []).append(Forecast(name, table[0], table[1:]))
    return Record(facts, editions, digest)


def scored(problem: CalibrationProblem, record: Record) -> dict[str, object] | None:
    """Hold the projections of a release against the scores of a survey, and the model against its rivals.

    Returns
    -------
    dict or None
        As `backtest.backtest` gives, with the facts of the release; None where the survey has no edition of them.
    """
    targets = problem.targets
    observed = dict(zip(targets.years, targets.scores(targets.values), strict=True))
    appeared = [year for year in record.editions if year in observed]
    if not appeared:
        return None
    years = [year for year in appeared if np.isfinite(observed[year][:NOISY]).any()]
    if not years:
        raise StudyFailed("a survey is scored with city or rural banks in it, and this one has neither")
    cells = np.isfinite([observed[year][:NOISY] for year in years]).any((0, 1))
    until = int(record.facts["survey until"])
    editions = [(year, until, record.editions[year], observed[year]) for year in years]
    return {"release": record.facts, "digest": record.digest, **judged(problem, editions, cells)}
