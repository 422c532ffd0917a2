"""Forecasts of editions, the model's and its rivals', scored alike: a backtest, and a track record of the coming ones.

The backtest has a rolling origin: it fits to the editions before and forecasts the next. The track record is frozen
with a release and scored when editions appear: a file holds the model and its rivals by edition, kind and dimension, as
a median and twenty quantiles in the middle of even shares. Its first line is the digest of all that follows; lines of
facts say what the projections rest on. It is written once.

The rivals know no economics; two of them know the break of 2023 as the model does, and one a growth of its own.
Losses to them are printed as plainly as wins.
"""

from __future__ import annotations

import csv
import hashlib
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.special import ndtri

from agents.honeycomb import APPLICATION, DIMENSIONS, KINDS
from agents.items import ItemTable
from experiments.calibration.fit import CHECK_RUN, CalibrationProblem, Errors, changed
from experiments.calibration.targets import ASKED, SAMPLING, SHAKE, Forward, Target, Targets
from experiments.config.errors import failure
from experiments.results.statistics import quantile

MODEL, PRIMARY, FAIREST = "calibrated model", "partial pooling", "pooling, break and growth"
NOISY = 2  # city and rural come first; private is the kind of seven banks
LEVELS = (0.5, 0.9)
EVEN: Final = "hazen"  # draws stand in the middle of even shares of the distribution
GROWTH = (1.0, 2.0)  # of a kind's mean score before any score is seen, points a year: mean and SD (L002)
# In 2023 language models, at 16 on average, became a fourth indicator of application (Z014).
# Banks asked by kind; how surely a kind's mean is known (Z002-Z004); points of a score in a probit unit of its items.
WEIGHTS, RELIABILITY, POINTS = (49, 22, 7), (0.9, 0.8, 0.55), 27.0
BREAK_YEAR, BREAK_SHARE, BREAK_LEVEL = 2023, 0.25, 16.0


def backtest(problem: CalibrationProblem) -> dict[str, object]:
    """Score the calibrated model and its rivals on every year that has two years before it.

    Returns
    -------
    dict
        ``origins``: forecasts and scores of each year; ``pooled``: over all of them; as plain data.
    """
    years = problem.targets.years
    table = problem.targets.scores(problem.targets.values)
    editions = (
        (year, year - 1, [_own(problem, year, table[:place]), *forecasts(table[:place], year)], table[place])
        for place, year in enumerate(years[2:], 2)
        if not np.isnan(table[:place]).any()
    )
    return judged(problem, editions)


def judged(
    problem: CalibrationProblem,
    editions: Iterable[tuple[int, int, list[Forecast], np.ndarray]],
    told: slice | np.ndarray = slice(None),
) -> dict[str, Any]:
    """Hold forecasts against what was observed.

    Parameters
    ----------
    problem : CalibrationProblem
    editions : iterable of tuple
        Year, the last year that the forecasts know, the forecasts, the model's first, and what was observed, (3, 6).
    told : slice or ndarray of bool
        Dimensions that count.

    Returns
    -------
    dict
        ``origins``: forecasts and scores of each year; ``pooled``: over all of them; as plain data.
    """
    losses, origins = [], []
    for year, until, made, observed in editions:
        here = {
            one.name: {m: cell[:, told][None] for m, cell in measures(one, observed).items()} for one in made
        }
        losses.append(here)
        facts = {"year": year, "fitted_until": until, **forecast_record(made[0], observed)}
        origins.append({**facts, "scores": compared(problem, here)})
    pooled = {
        name: {m: np.concatenate([cells[name][m] for cells in losses]) for m in loss}
        for name, loss in next(iter(losses), {}).items()
    }
    return {"origins": origins, "pooled": compared(problem, pooled)}


def _own(problem: CalibrationProblem, year: int, past: np.ndarray) -> Forecast:
    """The model fitted to the editions before a year, from starts and items that know no later one."""
    targets = problem.targets.until(year - 1)
    forward = blind(problem.forward, past)
    errors = problem.errors(forward, targets)
    members = problem.posterior(f"backtest {year}", targets, forward, problem.procedure.runs, errors)
    outputs = problem.run(forward, members[: problem.procedure.members], CHECK_RUN)
    draws = forecast(targets, errors, outputs, year, problem.stream(f"forecast {year}"))
    return Forecast(MODEL, np.median(draws, axis=0), draws)


def blind(forward: Forward, past: np.ndarray) -> Forward:
    """The runs as one would have set them up then: levels of kinds from the editions seen, no fitted ease."""
    numbers = forward.world.kind_numbers
    levels = {kind: numbers[kind]["level"] for kind in KINDS}
    levels |= dict(zip(ASKED, start_levels(past.mean(0)), strict=True))
    return changed(
        forward,
        items=ItemTable(forward.world.items.items),
        kind_numbers={kind: {**numbers[kind], "level": levels[kind]} for kind in KINDS},
    )


def start_levels(scores: np.ndarray) -> np.ndarray:
    """Levels of kinds at the start from mean scores, probit units, shape (3, 6).

    A kind's deviation from all banks, a part of it common to its dimensions, each shrunk by how surely it is known.
    """
    apart = scores - np.array(WEIGHTS) / sum(WEIGHTS) @ scores
    shrunk = 0.6 * apart + 0.4 * apart.mean(1, keepdims=True)
    levels: np.ndarray = np.array(RELIABILITY)[:, None] * shrunk / POINTS
    return levels


def forecast(
    targets: Targets, errors: Errors, outputs: np.ndarray, year: int, stream: np.random.Generator
) -> np.ndarray:
    """Draw the scores of an edition given all that is seen, five draws a member, shape (draws, 3, 6).

    What separated the printed scores of a dimension from the model's is expected to last as far as it was lasting. The
    outputs have the model's chance in them, and so has what is taken from them: the survey's errors alone are drawn.
    """
    mean, seen = np.repeat(outputs, 5, axis=0), targets.observed_places
    wanted = np.array([k for k in targets.of("scores") if targets.rows[k].year == year])
    cross, within = errors.total[np.ix_(wanted, seen)], errors.total[np.ix_(seen, seen)]
    gain = np.linalg.solve(within, cross.T).T
    shift = (targets.values[seen] - mean[:, seen]) @ gain.T
    left = np.eye(len(targets.rows))[wanted]
    left[:, seen] = -gain
    spread = left @ errors.printed @ left.T
    noise = stream.standard_normal((len(mean), len(wanted))) @ np.linalg.cholesky(spread).T
    values: np.ndarray = (mean[:, wanted] + shift + noise).reshape(-1, len(ASKED), 6)
    return values


def forecast_record(made: Forecast, observed: np.ndarray) -> dict[str, Any]:
    """A forecast beside what was observed, as plain data; None where nothing was."""
    low, high = np.quantile(made.draws, [0.05, 0.95], axis=0, method=EVEN)
    parts = {"observed": observed, "forecast": made.point, "low90": low, "high90": high}
    return {
        name: [[None if np.isnan(cell) else round(float(cell), 2) for cell in row] for row in part]
        for name, part in parts.items()
    }


def compared(problem: CalibrationProblem, cells: dict[str, dict[str, np.ndarray]]) -> dict[str, Any]:
    """Each measure of each forecaster over all cells and over city and rural ones, with bootstrap intervals."""
    table: dict[str, Any] = {}
    runs = problem.procedure.rival_runs
    for group, kinds in (("18 cells", slice(None)), ("12 city and rural cells", slice(0, NOISY))):
        rows = []
        for name, losses in cells.items():
            row: dict[str, Any] = {"forecaster": name}
            for measure, cell in losses.items():
                mine, stream = cell[:, kinds], problem.stream(f"bootstrap {group}")
                row[measure] = round(total(measure, mine), 3)
                row[f"{measure}_interval"] = interval(measure, mine, runs, stream)
            for word, rival in (("primary", PRIMARY), ("fairest", FAIREST)):
                other, stream = cells[rival]["crps"][:, kinds], problem.stream(f"bootstrap {group}")
                mine = losses["crps"][:, kinds]
                apart = total("crps", mine) - total("crps", other)
                row[f"crps_less_{word}"] = round(apart, 3)
                ends = interval("crps", mine, runs, stream, other)
                row[f"crps_less_{word}_interval"] = ends
            rows.append(row)
        table[group] = rows
    return table


@dataclass(frozen=True)
class Forecast:
    """A predictive distribution of each cell as draws.

    Parameters
    ----------
    name : str
    point : ndarray, shape (3, 6)
        What the forecaster would say if asked for one number.
    draws : ndarray, shape (draws, 3, 6)
    """

    name: str
    point: np.ndarray
    draws: np.ndarray

    @classmethod
    def normal(cls, name: str, mean: np.ndarray, spread: np.ndarray, number: int = 999) -> Forecast:
        """A normal forecast, its draws at even quantiles so that no chance enters."""
        steps = ndtri((np.arange(number) + 0.5) / number)
        return cls(name, mean, mean + spread * steps[:, None, None])

    def broken(self, year: int) -> Forecast:
        """The same with the change of the questionnaire that its year brings."""
        if year != BREAK_YEAR:
            return self
        point, draws = self.point.copy(), self.draws.copy()
        for values in (point, draws):
            before = values[..., APPLICATION]
            values[..., APPLICATION] = (1.0 - BREAK_SHARE) * before + BREAK_SHARE * BREAK_LEVEL
        return Forecast(self.name, point, draws)


def crps(draws: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Continuous ranked probability score, in the unit of the forecast; 0 is perfect and lower is better.

    Parameters
    ----------
    draws : ndarray, shape (draws, ...)
    observed : ndarray, shape (...)

    Returns
    -------
    ndarray, shape (...)
        ``E|X - y| - E|X - X'| / 2``.
    """
    number = len(draws)
    ordered = np.sort(draws, axis=0)
    weights = (2.0 * np.arange(1, number + 1) - number - 1.0).reshape(-1, *[1] * observed.ndim)
    apart = 2.0 * (weights * ordered).sum(0) / number**2
    score: np.ndarray = np.abs(draws - observed).mean(0) - 0.5 * apart
    return score


def covered(draws: np.ndarray, observed: np.ndarray, level: float) -> np.ndarray:
    """Whether the central interval of a level holds what was observed, shape of `observed`."""
    low, high = np.quantile(draws, [0.5 - level / 2.0, 0.5 + level / 2.0], axis=0, method=EVEN)
    inside: np.ndarray = (observed >= low) & (observed <= high)
    return inside


def measures(made: Forecast, observed: np.ndarray) -> dict[str, np.ndarray]:
    """Loss of each cell by measure, shape (3, 6); coverage as 0 and 1; NaN where nothing was observed."""
    error = made.point - observed
    losses = {"mae": np.abs(error), "rmse": error**2, "crps": crps(made.draws, observed)}
    for level in LEVELS:
        losses[f"coverage_{100 * level:.0f}"] = covered(made.draws, observed, level).astype(float)
    return {name: np.where(np.isnan(observed), np.nan, cell) for name, cell in losses.items()}


def total(measure: str, cells: np.ndarray) -> float:
    """The cells of a measure as one number."""
    mean = float(np.nanmean(cells))
    return mean**0.5 if measure == "rmse" else mean


def interval(
    measure: str, cells: np.ndarray, runs: int, stream: np.random.Generator, rival: np.ndarray | None = None
) -> list[float]:
    """A 90 percent bootstrap interval of a measure, or of its difference to a rival's on the same cells.

    Dimensions are drawn with all their kinds, because city and rural cells of a dimension share an instrument.

    Parameters
    ----------
    measure : str
    cells : ndarray, shape (origins, kinds, dimensions)
    runs : int
    stream : numpy.random.Generator
    rival : ndarray, optional
        Same shape.
    """
    picked = stream.integers(cells.shape[-1], size=(runs, cells.shape[-1]))

    def totals(losses: np.ndarray) -> np.ndarray:
        mean = np.nanmean(losses[..., picked], axis=(0, 1, 3))
        return np.sqrt(mean) if measure == "rmse" else np.asarray(mean)

    samples = totals(cells) - (totals(rival) if rival is not None else 0.0)
    return [round(float(end), 3) for end in quantile(samples, (0.05, 0.95))]


def forecasts(past: np.ndarray, year: int) -> list[Forecast]:
    """What the rivals say of a year.

    Parameters
    ----------
    past : ndarray, shape (years, 3, 6)
        At least two years, city, rural and private, six dimensions.
    year : int
    """
    *plain, pooled, growing = rivals(past)
    break_known = Forecast("partial pooling, break known", pooled.point, pooled.draws)
    return [*plain, pooled, break_known.broken(year), growing.broken(year)]


def rivals(past: np.ndarray, ahead: int = 1) -> list[Forecast]:
    """What the rivals say of the edition so many years ahead, none of them knowing a break."""
    return [
        persistence(past, ahead),
        cell_mean(past),
        trend(past, ahead),
        partial_pooling(past),
        with_growth(past, ahead),
    ]


def type_noise(past: np.ndarray) -> np.ndarray:
    """Variance of a score about its cell's mean, by kind, shape (3, 1)."""
    return past.var(axis=0, ddof=1).mean(-1, keepdims=True)


def additive(past: np.ndarray) -> np.ndarray:
    """Kind plus dimension, shape (3, 6)."""
    mean = past.mean(0)
    return mean.mean(1, keepdims=True) + mean.mean(0, keepdims=True) - mean.mean()


def persistence(past: np.ndarray, ahead: int = 1) -> Forecast:
    """The last score again, so many years ahead."""
    change = ahead * (np.diff(past, axis=0) ** 2).mean((0, 2))[:, None]
    return Forecast.normal("persistence", past[-1], np.sqrt(change))


def cell_mean(past: np.ndarray) -> Forecast:
    """The mean of the cell's own past."""
    return Forecast.normal("cell mean", past.mean(0), np.sqrt(type_noise(past) * (1.0 + 1.0 / len(past))))


def trend(past: np.ndarray, ahead: int = 1) -> Forecast:
    """A straight line through the cell's own past, so many years ahead."""
    years = np.arange(len(past)) - (len(past) - 1) / 2.0
    distance, square = (len(past) - 1) / 2.0 + ahead, (years**2).sum()
    slope = (years[:, None, None] * past).sum(0) / square
    factor = 1.0 + 1.0 / len(past) + distance**2 / square
    return Forecast.normal("trend", past.mean(0) + distance * slope, np.sqrt(type_noise(past) * factor))


def partial_pooling(past: np.ndarray) -> Forecast:
    """The cell's mean shrunk to kind plus dimension, the more the noisier its kind."""
    level, mean = additive(past), past.mean(0)
    noise = type_noise(past)
    freedom = (mean.shape[0] - 1) * (mean.shape[1] - 1)
    between = max(((mean - level) ** 2).sum() / freedom - (noise / len(past)).mean(), 0.0)
    weight = between / (between + noise / len(past))
    spread = np.sqrt(noise + (1.0 - weight) * between)
    return Forecast.normal(PRIMARY, level + weight * (mean - level), spread)


def with_growth(past: np.ndarray, ahead: int = 1) -> Forecast:
    """Partial pooling about one growth that all cells share: what their changes tell, drawn toward 1 point (L002)."""
    precision = np.array([1.0 / SAMPLING[kind] ** 2 for kind in ASKED])[:, None]
    years = np.arange(len(past)) - (len(past) - 1.0)
    middle = years - years.mean()
    slopes = (middle[:, None, None] * past).sum(0) / (middle**2).sum()
    fitted = (precision * slopes).sum() / (precision.sum() * slopes.shape[1])
    evidence = (middle**2).sum() * slopes.shape[1] / SHAKE["city"] ** 2  # editions shake the dimensions apart
    weight = evidence / (evidence + 1.0 / GROWTH[1] ** 2)
    growth, error = weight * fitted + (1.0 - weight) * GROWTH[0], weight**0.5 * evidence**-0.5
    level = partial_pooling(past - growth * years[:, None, None])
    spread = np.sqrt(level.draws.std(0) ** 2 + (error * (ahead - years.mean())) ** 2)
    return Forecast.normal(FAIREST, level.point + ahead * growth, spread)


# ------------------------------------------------------------ the track record

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
    fitted = problem.targets
    past, last = fitted.scores(fitted.values), fitted.years[-1]
    if np.isnan(past).any():
        raise failure("a rival needs every score of every edition up to {}, and some are missing", last)
    cells = itertools.product(range(last + 1, last + 1 + AHEAD), ASKED, DIMENSIONS)
    wanted = (
        Target(f"score.{kind}.{d}.{year}", "scores", year, np.nan, SAMPLING[kind]) for year, kind, d in cells
    )
    targets = Targets((*fitted.rows, *wanted))
    forward = replace(problem.forward, targets=targets)
    errors = problem.errors(forward, targets)
    outputs = problem.play(forward, members, CHECK_RUN)
    made = {}
    for ahead in range(1, AHEAD + 1):
        year = last + ahead
        draws = forecast(targets, errors, outputs, year, problem.stream(f"forecast {year}"))
        made[year] = [Forecast(MODEL, np.median(draws, axis=0), draws), *rivals(past, ahead)]
    return made


def frozen(record: Record) -> str:
    """The file of a release."""
    lines = [*(f"# {name}: {fact}" for name, fact in record.facts.items()), ",".join(HEAD)]
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
        raise failure("{} is not what was frozen: its digest differs", path)
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
        As `backtest` gives, with the facts of the release; None where the survey has no edition of them.
    """
    targets = problem.targets
    observed = dict(zip(targets.years, targets.scores(targets.values), strict=True))
    appeared = [year for year in record.editions if year in observed]
    if not appeared:
        return None
    years = [year for year in appeared if np.isfinite(observed[year][:NOISY]).any()]
    if not years:
        raise failure("a survey is scored with city or rural banks in it, and this one has neither")
    cells = np.isfinite([observed[year][:NOISY] for year in years]).any((0, 1))
    until = int(record.facts["survey until"])
    editions = [(year, until, record.editions[year], observed[year]) for year in years]
    return {"release": record.facts, "digest": record.digest, **judged(problem, editions, cells)}
