"""Is the path of the gap a Matthew effect or mean reversion: beta and sigma convergence of the banks' true index."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from agents.honeycomb import KINDS, SMALL_KINDS
from experiments.analysis.case import Case
from experiments.analysis.outcome import banks
from experiments.analysis.registry import Row, estimated, method
from experiments.results.schema import SCENARIO, number, table, text, with_ends
from experiments.results.statistics import estimate, interval, mean_of_present

GROUPS = ("all", "within", *SMALL_KINDS)
FEWEST = 4  # banks that make a slope
TABLE: Final = table(
    "how the banks' change of the index depends on where they started, and how their spread changes",
    SCENARIO,
    text("group", "name of the group"),
    number("banks", "banks in the group", "banks"),
    estimated("beta", "slope of the change of the true index on its start, over the study", "points a point"),
    with_ends("beta_surveyed", "the slope that two surveys of the same banks would show", "points a point"),
    number("sigma_start", "standard deviation among the banks at the start, median over runs", "points"),
    number("sigma_end", "standard deviation among the banks at the end, median over runs", "points"),
    with_ends("sigma_ratio", "standard deviation at the end over that at the start"),
)


@method(convergence=TABLE)
def convergence(case: Case) -> Iterator[Row]:
    """Regress each bank's change of the index on where it started, run by run, and compare the spreads.

    Yields
    ------
    dict
        ``convergence``: a row for each scenario and group. ``beta``: slope of the change over the whole study on the
        index at its first quarter, from true scores, so that no error of measurement pulls it down; below zero means
        reversion, above zero that the strong gain more; ``probability``: share of runs with a positive slope.
        ``beta_surveyed``: the slope that two surveys of the same banks would show. ``sigma_ratio``: standard deviation
        among banks at the end over that at the start. Group ``within`` takes every bank against the mean of its kind.
    """
    merged = case.merged
    assert merged is not None
    kind = np.array(KINDS)[merged.bank_kind]
    end = case.laboratory.run(case.laboratory.every, case.replicates, banks)["index"]
    first = case.laboratory.under(case.settings.model_copy(update={"end": case.settings.start}))
    start = first.run(first.every, case.replicates, banks)["index"]
    style = float(case.settings.behaviour["style_spread"])
    for s, label in enumerate(case.laboratory.scenarios):
        for group in GROUPS:
            members = np.flatnonzero(
                np.isin(kind, SMALL_KINDS) if group in ("all", "within") else kind == group
            )
            if len(members) < FEWEST:
                continue
            before, after = start[s][:, members], end[s][:, members]
            if group == "within":
                before, after = (centred(values, kind[members]) for values in (before, after))
            of = {"scenario": label, "group": group, "banks": len(members)}
            yield {**of, **slopes(before, after, style)}


def slopes(before: np.ndarray, after: np.ndarray, style: float) -> dict[str, float]:
    """Beta, true and as surveyed, and sigma, over runs.

    A survey reads the start with a bank's style, which stays and leaves the change alone. So the surveyed slope is
    ``beta v / (v + s)`` with v the variance of the true start and s that of styles.

    Parameters
    ----------
    before, after : ndarray, shape (R, banks)
        Index, points; NaN after a bank has been merged away, which then counts in neither.
    style : float
        Standard deviation of how generous banks are with themselves, points.
    """
    before = np.where(np.isfinite(after), before, np.nan)
    apart = before - np.nanmean(before, axis=1, keepdims=True)
    variance = np.nanmean(apart**2, axis=1)
    beta = np.nanmean(apart * (after - before), axis=1) / variance
    spread = [np.nanstd(values, axis=1, ddof=1) for values in (before, after)]
    return {
        **estimate(beta, "beta"),
        **interval(beta * variance / (variance + style**2), "beta_surveyed"),
        "sigma_start": float(np.median(spread[0])),
        "sigma_end": float(np.median(spread[1])),
        **interval(spread[1] / spread[0], "sigma_ratio"),
    }


def centred(values: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Each bank less the mean of its kind."""
    apart = values.copy()
    for name in np.unique(kind):
        apart[:, kind == name] -= mean_of_present(values[:, kind == name])[:, None]
    return apart
