"""Information on parameters: which combinations the data identify, and what knowing one would be worth."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from experiments.analysis.laboratory import Case
from experiments.analysis.registry import ASKED, PARAMETER, Row, method
from experiments.calibration.fit import Prior
from experiments.config.assembly import ensemble
from experiments.config.errors import failure
from experiments.config.study import StudySettings
from experiments.results.schema import OWN_UNIT, number, table, text
from experiments.results.statistics import quantile

NAMED = 3  # parameters told of each combination
TRIALS = 60  # draws of the prior, for what chance does to a spectrum
IDENTIFICATION: Final = table(
    "one parameter of one independent combination that the posterior tells, or does not",
    number("direction", "number of the combination, the stiffest first"),
    number("variance", "posterior over prior variance of the combination"),
    number("chance_low", "below which chance brings the smallest of the combinations left in 5 % of cases"),
    number("informed", "1 where the variance is below chance"),
    number("rank", "place of the parameter in the combination, by weight"),
    PARAMETER,
    number("loading", "weight of the parameter in the combination, in prior standard deviations"),
)


def check_ensemble(settings: StudySettings) -> None:
    """Refuse a study without an ensemble."""
    if ensemble(settings) is None:
        raise failure("the method identification needs an ensemble, uncertainty.parameters=posterior")


@method(check=check_ensemble, identification=IDENTIFICATION)
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
    assert world.ensemble is not None  # `check_ensemble` refuses a study without one
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
    variances, weights = np.linalg.eigh(np.atleast_2d(np.cov(scores.T)))
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


DEGREE = 3
SHUFFLES = 50
NOISE: Final = "the most that any parameter shows when runs are shuffled, 95 % quantile"
INFORMATION: Final = table(
    "what knowing one parameter would be worth",
    PARAMETER,
    text("data", "kind of data that would tell the parameter"),
    number("value", "expected gain from choosing with the parameter known", OWN_UNIT),
    number("value_noise", NOISE, OWN_UNIT),
    number("variance_share", "share of the variance of the leader's effect", "0-1"),
    number("variance_noise", NOISE, "0-1"),
    number("clear", "1 where beyond noise"),
    number("value_of_everything", "expected gain from choosing with parameters and luck known", OWN_UNIT),
    ASKED,
)
# What kind of data would tell a parameter, by the start of its name.
TOLD_BY = {
    "prices": "model_ build_ buy_ union_cost price",
    "partners": "peer spillover hub_ union_saving watching",
    "accounts": "run_ core_run spend_ elasticity burden ambition risk_ cost_ revenue_ thin_ carry fee_",
    "staff": "staff_ need_people wage_ crew search",
}
DATA = (
    ("policy.", "pilot"),
    ("banks.", "survey"),
    *((f"behaviour.{start}", data) for data, starts in TOLD_BY.items() for start in starts.split()),
    ("behaviour.", "panel"),
)


@method(information=INFORMATION)
def information(case: Case) -> list[Row]:
    """Value of knowing each parameter before choosing among the bundles.

    Returns
    -------
    list of dict
        ``information``: a row a parameter, most valuable first. ``value``: expected gain in the outcome from choosing
        the best bundle with the parameter known instead of the best on average (expected value of partial perfect
        information, by cubic regression on the parameter); ``variance_share``: share of the variance of the leader's
        effect that the parameter explains by itself. The two ``noise`` columns are what the best of all parameters
        reaches in 95 % of shuffled studies: one among many always looks informative; ``clear`` is 1 where either
        exceeds its noise. ``value_of_everything``: with parameters and seeds
        known.
    """
    labels = list(case.bundles)
    if not labels:
        return []
    gains = np.stack([case.gain(label) for label in labels])
    names, rows = case.draws
    leader = gains[int(np.median(gains, axis=1).argmax())]
    everything = float(gains.max(0).mean() - gains.mean(1).max())
    noise = shuffled(gains, leader, rows, case.settings.seed)
    table: list[dict[str, Any]] = []
    for name, column in zip(names, rows.T, strict=True):
        value, share = worth(gains, leader, column)
        table.append(
            {
                "parameter": name,
                "data": next(data for start, data in DATA if name.startswith(start)),
                "value": value,
                "value_noise": float(noise[0]),
                "variance_share": share,
                "variance_noise": float(noise[1]),
                "clear": float(value > noise[0] or share > noise[1]),
                "value_of_everything": everything,
            }
        )
    table.sort(key=lambda row: (-row["clear"], -row["variance_share"]))
    return table


def shuffled(gains: np.ndarray, leader: np.ndarray, rows: np.ndarray, seed: int) -> np.ndarray:
    """Value and share that the best parameter shows by luck: the 95 % quantile over studies with shuffled runs.

    Parameters
    ----------
    gains, leader : ndarray
        As `worth` takes them.
    rows : ndarray, shape (runs, parameters)
    seed : int
        Of the shuffles.

    Returns
    -------
    ndarray, shape (2,)
        Of the largest value and the largest share over all parameters.
    """
    rng = np.random.default_rng(seed)
    largest = np.zeros((SHUFFLES, 2))
    for one in largest:
        order = rng.permutation(len(rows))
        one[:] = np.max([worth(gains, leader, column) for column in rows[order].T], axis=0)
    return np.asarray(quantile(largest.T, (0.95,))[0])


def worth(gains: np.ndarray, leader: np.ndarray, column: np.ndarray) -> tuple[float, float]:
    """Value of knowing one parameter, and the share of the leader's variance it explains.

    Parameters
    ----------
    gains : ndarray, shape (options, runs)
    leader : ndarray, shape (runs,)
    column : ndarray, shape (runs,)
        The parameter, run by run.

    Returns
    -------
    tuple of float
        In the unit of the gains, 0 or more; 0-1, adjusted for the terms of the regression. NaN of runs too few for it.
    """
    runs = len(column)
    spread = np.ptp(column)
    if runs <= DEGREE + 2:
        return np.nan, np.nan
    if spread == 0:
        return 0.0, 0.0
    basis = np.polynomial.legendre.legvander(2 * (column - column.min()) / spread - 1, DEGREE)
    frame_, _ = np.linalg.qr(basis)
    fitted = (np.vstack([gains, leader]) @ frame_) @ frame_.T
    by_observation, explained = fitted[:-1], fitted[-1]
    value = float(by_observation.max(0).mean() - by_observation.mean(1).max())
    total = float(leader.var())
    if total == 0:
        return max(value, 0.0), 0.0
    share = 1 - (1 - float(explained.var()) / total) * (runs - 1) / (runs - DEGREE - 1)
    return max(value, 0.0), max(share, 0.0)
