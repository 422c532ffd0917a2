"""How robust the order of policies is: the chance of every place, and what would have to be true for it to change."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from experiments.analysis.case import Case
from experiments.analysis.registry import ASKED, PARAMETER, PROBABILITY, Row, Rows, method
from experiments.results.schema import OWN_UNIT, SCENARIO, number, table, text, with_ends
from experiments.results.statistics import equal_parts, gained, interval, place_probabilities, quantile

CHALLENGERS = 4
SHUFFLES = 100
FEW = 12  # runs in a third below which nothing is said
RANKING: Final = table(
    "probability that one scenario takes one place",
    SCENARIO,
    number("place", "place, 1 the best"),
    PROBABILITY,
    with_ends("gain", "effect turned so that more is better", OWN_UNIT),
    ASKED,
)
REVERSAL: Final = table(
    "condition under which a challenger most often beats the leader",
    text("leader", "the scenario with the largest median gain"),
    text("challenger", "one of the next best"),
    PROBABILITY,
    PARAMETER,
    text("side", "low, middle or high third of the parameter's draws"),
    number("low", "lower end of the third", "that of the parameter"),
    number("high", "upper end of the third", "that of the parameter"),
    number("probability_given", "share of runs in which the challenger leads under the condition", "0-1"),
    number("noise", "what shuffled parameters show in 95 % of cases", "0-1"),
    number("clear", "1 where beyond noise"),
)
SIDES = ("low", "middle", "high")


@method(ranking=RANKING, reversal=REVERSAL)
def ranking(case: Case) -> Rows:
    """Rank every bundle in every run, over parameters and seeds.

    Returns
    -------
    dict
        ``ranking``: the probability (0-1) that a scenario takes each place, 1 the best; equal gains share the places.
        ``reversal``: for each of the next best, the third of one parameter's range under which it most often beats the
        leader, and how often; ``clear`` is 1 where that is more than shuffled parameters show in 95 % of cases.
    """
    labels = list(case.bundles)
    gains = np.stack([case.gain(label) for label in labels]) if labels else np.empty((0, 0))
    places = place_probabilities(gains)
    rows = (
        {"scenario": label, "place": place, "probability": float(share), **interval(gains[k], "gain")}
        for k, label in enumerate(labels)
        for place, share in enumerate(places[k], 1)
    )
    return {"ranking": rows, "reversal": _reversals(case, labels, gains)}


def _reversals(case: Case, labels: list[str], gains: np.ndarray) -> Iterator[Row]:
    if len(labels) < 2:
        return
    order = np.argsort(-np.median(gains, axis=1), kind="stable")
    names, rows = case.drawn
    for challenger in order[1 : 1 + CHALLENGERS]:
        ahead = gained(gains[challenger] - gains[order[0]])
        best = strongest_condition(ahead, rows, case.settings.seed)
        if best is None:
            continue
        column, side, given, noise = best
        edges = quantile(rows[:, column], (0, 1 / 3, 2 / 3, 1))
        yield {
            "leader": labels[order[0]],
            "challenger": labels[challenger],
            "probability": float(ahead.mean()),
            "parameter": names[column],
            "side": SIDES[side],
            "low": float(edges[side]),
            "high": float(edges[side + 1]),
            "probability_given": given,
            "noise": noise,
            "clear": float(given > noise),
        }


def strongest_condition(
    ahead: np.ndarray, rows: np.ndarray, seed: int
) -> tuple[int, int, float, float] | None:
    """Find the third of a parameter's draws in which a challenger is most often ahead.

    Parameters
    ----------
    ahead : ndarray, shape (runs,)
        1 where the challenger is ahead, 0 where not.
    rows : ndarray, shape (runs, parameters)
    seed : int
        Of the shuffles.

    Returns
    -------
    tuple or None
        Column, third (0-2), share ahead in it, and the 95 % quantile of the largest share over all parameters and
        thirds when the runs are shuffled; None with too few runs.
    """
    runs = len(ahead)
    if runs < 3 * FEW or not rows.shape[1]:
        return None
    parts = equal_parts(rows, 3)
    member = np.stack([parts == third for third in range(3)]).astype(float)  # thirds, runs, parameters
    share = np.einsum("r,trp->tp", ahead, member) / member.sum(1)
    third, column = np.unravel_index(int(share.argmax()), share.shape)
    rng = np.random.default_rng(seed)
    shuffled = [
        (np.einsum("r,trp->tp", rng.permutation(ahead), member) / member.sum(1)).max()
        for _ in range(SHUFFLES)
    ]
    noise = float(quantile(np.array(shuffled), (0.95,))[0])
    return int(column), int(third), float(share[third, column]), noise
