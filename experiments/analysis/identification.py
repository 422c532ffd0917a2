"""Which combinations of parameters are identified: the sloppiness spectrum of the calibrated ensemble."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from experiments.analysis.case import Case
from experiments.analysis.registry import PARAMETER, Row, method
from experiments.calibration.fit import Prior
from experiments.config.assembly import ensemble
from experiments.config.study import StudySettings
from experiments.failure import StudyFailed
from experiments.results.schema import number, table
from experiments.results.statistics import quantile

NAMED = 3  # parameters told of each combination
TRIALS = 60  # draws of the prior, for what chance does to a spectrum
TABLE: Final = table(
    "one parameter of one independent combination that the posterior tells, or does not",
    number("direction", "number of the combination, the stiffest first"),
    number("variance", "posterior over prior variance of the combination"),
    number("chance_low", "below which chance brings the smallest of the combinations left in 5 % of cases"),
    number("informed", "1 where the variance is below chance"),
    number("rank", "place of the parameter in the combination, by weight"),
    PARAMETER,
    number("loading", "weight of the parameter in the combination, in prior standard deviations"),
)


def check(settings: StudySettings) -> None:
    """Refuse a study without an ensemble."""
    if ensemble(settings) is None:
        raise StudyFailed("the method identification needs an ensemble, uncertainty.parameters=posterior")


@method(check=check, identification=TABLE)
def identification(case: Case) -> Iterator[Row]:
    """Decompose the posterior, in units of the prior, into independent combinations of parameters.

    Yields
    ------
    dict
        ``identification``: a row for each combination and each of the parameters that weigh most in it, the stiffest
        first. ``variance``: posterior over prior variance of the combination; near one the data say nothing of it;
        ``chance_low``: below which chance alone brings the smallest of those left in 5 % of cases; ``informed``: 1
        where the variance is below that, and so are all before it.
    """
    world = case.laboratory.world
    assert world.ensemble is not None  # `check` refuses a study without one
    prior = Prior.of(case.settings)
    order = [prior.paths.index(path) for path in world.ensemble.paths]
    low, high, central = (values[order] for values in (prior.low, prior.high, prior.central))
    scores = Prior(world.ensemble.paths, low, high, central).scores(world.ensemble.members)
    variances, weights = spectrum(scores)
    floor = chance_floor(len(scores), len(variances), case.settings.seed)
    informed = np.logical_and.accumulate(variances < floor)
    for place, variance in enumerate(variances):
        column = weights[:, place]
        column = column * np.sign(column[np.argmax(np.abs(column))])
        columns = {"direction": place + 1, "variance": float(variance), "chance_low": float(floor[place])}
        columns["informed"] = float(informed[place])
        for rank, parameter in enumerate(np.argsort(-np.abs(column), kind="stable")[:NAMED]):
            name = {"rank": rank + 1, "parameter": world.ensemble.paths[parameter]}
            yield {**columns, **name, "loading": float(column[parameter])}


def spectrum(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Variances along independent combinations, smallest first, and the combinations as columns.

    Parameters
    ----------
    scores : ndarray, shape (members, P)
        Normal scores: under the prior independent with variance one.
    """
    variances, weights = np.linalg.eigh(np.cov(scores.T))
    return variances, weights


def chance_floor(members: int, parameters: int, seed: int) -> np.ndarray:
    """What chance does to a spectrum: the smallest variance of uninformed combinations, shape (P,).

    At each place the combinations before it are taken as told, so that those left are fewer; of as many, drawn from the
    prior, this is the 5 % quantile of the smallest variance.
    """
    rng = np.random.default_rng(seed)
    smallest = np.empty((parameters, TRIALS))
    for trial in range(TRIALS):
        drawn = np.atleast_2d(np.cov(rng.standard_normal((parameters, members))))
        for place in range(parameters):  # as many as are left are the first of those drawn
            size = parameters - place
            smallest[place, trial] = np.linalg.eigvalsh(drawn[:size, :size])[0]
    return np.asarray(quantile(smallest, (0.05,))[0])
