"""How much of an effect's spread is ignorance of parameters, and how much is luck."""

from typing import Any, Final

import numpy as np

from experiments.analysis import parameters
from experiments.analysis.case import Case
from experiments.analysis.outcome import known, pick
from experiments.analysis.registry import KIND, OUTCOME, Rows, method
from experiments.results.schema import OWN_UNIT, SCENARIO, number, table
from experiments.results.statistics import CRITICAL

SEEDS = 3  # few: many parameter vectors tell the share of assumptions, each needs only some luck of its own
FEWEST = 5  # runs: with fewer the normal interval that is asked for means nothing
TABLE: Final = table(
    "how the variance of one paired effect divides between parameters and seeds",
    SCENARIO,
    OUTCOME,
    KIND,
    number("mean", "mean over the study's runs", OWN_UNIT),
    number("sd", "standard deviation over the study's runs", OWN_UNIT),
    number("share_parameters", "share of variance by parameters alone", "0-1"),
    number("share_seeds", "share of variance by seeds alone", "0-1"),
    number("share_both", "share of variance by both together", "0-1"),
    number("replicates_sign", "runs for a 90 % interval of the mean that leaves zero out", "runs"),
    number("replicates_tenth", "runs for a half-width of a tenth of the mean", "runs"),
)


@method(variance=TABLE)
def variance(case: Case) -> Rows:
    """Cross parameter vectors with seeds and split the variance of every effect.

    Returns
    -------
    dict
        ``variance``: a row a scenario and outcome. The shares add to one: parameters alone (behaviour and strength of
        the policy), seeds alone, and both together (luck that matters under some parameters). ``replicates_sign`` is
        how many runs, each with its own parameters and seed, the 90 % interval of the mean needs to leave zero out;
        ``replicates_tenth`` how many until its half-width is a tenth of the mean: both from the mean and the spread
        of the study's own runs, which are independent, where those of the crossed design share their few seeds.
    """
    draws = vectors(case.settings.replicates)
    names, rows = parameter_rows(case, draws)
    crossed = case.laboratory.run(
        case.laboratory.every,
        [seed for _ in range(draws) for seed in range(SEEDS)],
        names=names,
        rows=np.repeat(rows, SEEDS, axis=0),
    )["values"]
    table = []
    for label in case.pairs:
        for outcome, kind in known(crossed, case.asked(label)):
            effect = case.paired(pick(crossed, outcome, kind), label).reshape(draws, SEEDS)
            own = case.effect(label, outcome, kind)
            row = {"scenario": label, "outcome": outcome, "bank_kind": kind, **split(effect), **needed(own)}
            table.append(row)
    return {"variance": table}


def vectors(replicates: int) -> int:
    """How many parameter vectors a study of so many replicates crosses with `SEEDS` seeds."""
    return max(8, replicates // 2)


def parameter_rows(case: Case, number: int) -> tuple[tuple[str, ...], np.ndarray]:
    """Return names and values of parameter vectors: behaviour as the ensemble has it, strengths over their ranges."""
    ensemble = case.laboratory.world.ensemble
    assert ensemble is not None
    own = ensemble.drawn(case.settings.seed, range(number))
    powers = parameters.strengths(case.laboratory.every)
    if not powers:
        return ensemble.paths, own
    rows = parameters.sample(powers, number, case.settings.seed)
    return (*ensemble.paths, *(p.name for p in powers)), np.concatenate([own, rows], axis=1)


def split(effect: np.ndarray) -> dict[str, Any]:
    """Split the variance of a crossed design by the method of moments.

    Parameters
    ----------
    effect : ndarray, shape (parameter vectors, seeds)

    Returns
    -------
    dict
        The three shares, NaN where nothing varies.
    """
    draws, seeds = effect.shape
    mean = float(effect.mean())
    rows, columns = effect.mean(1), effect.mean(0)
    rest = effect - rows[:, None] - columns + mean
    noise = float((rest**2).sum() / ((draws - 1) * (seeds - 1)))
    by_parameters = max(float(rows.var(ddof=1)) - noise / seeds, 0.0)
    by_seeds = max(float(columns.var(ddof=1)) - noise / draws, 0.0)
    total = by_parameters + by_seeds + noise
    shares = [part / total if total > 0 else np.nan for part in (by_parameters, by_seeds, noise)]
    return dict(zip(("share_parameters", "share_seeds", "share_both"), shares, strict=True))


def needed(effect: np.ndarray) -> dict[str, float]:
    """How many independent runs a precision of the mean asks for, never fewer than `FEWEST`.

    Parameters
    ----------
    effect : ndarray, shape (runs,)
        Paired effects, each with parameters and a seed of its own.

    Returns
    -------
    dict
        ``mean``, ``sd``, ``replicates_sign``, ``replicates_tenth``; the last two NaN where nothing varies.
    """
    effect = effect[np.isfinite(effect)]
    mean, sd = (float(effect.mean()), float(effect.std(ddof=1))) if len(effect) > 1 else (np.nan, np.nan)
    ratio = CRITICAL * sd / abs(mean) if mean and sd else np.nan
    return {
        "mean": mean,
        "sd": sd,
        "replicates_sign": float(max(np.ceil(ratio**2), FEWEST)) if ratio == ratio else np.nan,
        "replicates_tenth": float(max(np.ceil((10 * ratio) ** 2), FEWEST)) if ratio == ratio else np.nan,
    }
