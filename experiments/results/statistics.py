"""Every statistic of a study, defined once: console, tables, report, brief and figures take theirs from here.

Quantile
    Linear between the two runs next to it (`quantile`). Dates and other labels have no in-between: there the first that
    so many runs have reached (`reached`).
Interval
    The 5 and 95 % quantiles around the median. An effect is *clear* when its interval leaves zero out (`side`).
Probability of a gain
    The share of runs above zero, an exact zero counting half (`probability`): what cannot act is a coin toss.
Probability of a place
    The share of runs in which an option takes it, options that tie sharing their places evenly (`place_probabilities`).
Error of a mean
    Its standard error (`standard_error`), of which `CRITICAL` either side hold 90 %. Of a single run there is none.
Effect
    Scenario less baseline in the same run, summarised after taking the difference; never a difference of summaries. So
    the rural-city gap is the median of the runs' gaps, not the gap of two medians, which no run need have.
Small and medium banks
    Every bank weighs the same; a mean of the kinds' means would give seven private banks the weight of fifty city ones.
Price of a point
    Mean cost over median gain (`price`), where the gain is clear and something is paid.
Path
    An effect over time: its end, the area under it in unit-years, its peak, and the time that it gains (`time_gained`).
"""

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

ENDS: Final = (0.05, 0.5, 0.95)
"""Lower end of the 90 % interval, median, upper end."""
BAND: Final = {"q05": 0.05, "q25": 0.25, "q50": 0.50, "q75": 0.75, "q95": 0.95}
CRITICAL: Final = 1.645
"""Standard errors either side of a mean that hold 90 % of a normal distribution."""
ROUNDING: Final = 1e-8
"""Points or rungs, of all banks together, that are nothing: what is left where a sum comes out as it was."""
REASONS: Final = MappingProxyType(
    {
        "noise": "the gain is not told from zero",
        "worse": "the change is for the worse",
        "free": "nobody pays, or the baseline pays more",
        "merger": "banks are merged away, so that the mean is of other banks",
    }
)
"""Why something has no price."""
SUMMARY: Final = ("replicates", "median", "low50", "high50", "low90", "high90", "probability", "clear")


def quantile(values: np.ndarray, shares: Sequence[float] = ENDS, leave_out: bool = False) -> np.ndarray:
    """Quantiles along the last axis, linear between neighbours.

    Parameters
    ----------
    values : ndarray, shape (..., runs)
        May be infinite, and a quantile that reaches an infinite run is infinite.
    shares : sequence of float
        Probabilities in [0, 1].
    leave_out : bool
        Take those of the runs that are defined (not NaN).

    Returns
    -------
    ndarray, shape (shares, ...)
        NaN where any run is, or every one where they are left out: that it is not defined in all of them must not look
        like a number.
    """
    ordered = np.sort(values, axis=-1)  # NaN is sorted last
    every = np.reshape(shares, (-1, *[1] * (ordered.ndim - 1)))
    if leave_out:
        count = np.maximum(np.count_nonzero(~np.isnan(ordered), axis=-1), 1)
        return between(lambda places: at(ordered, places), count, every)
    value = between(lambda places: at(ordered, places), np.asarray(ordered.shape[-1]), every)
    return np.where(np.isnan(ordered[..., -1]), np.nan, value)


def between(
    pick: Callable[[np.ndarray], np.ndarray], count: np.ndarray, share: np.ndarray | float
) -> np.ndarray:
    """Interpolate quantiles between ordered values: the one formula behind every quantile.

    Parameters
    ----------
    pick : callable
        Gives the value at a place, 0 the smallest, for each group.
    count : ndarray
        Values of each group, at least one.
    share : float or ndarray
        0-1.
    """
    place = share * (count - 1)
    low = np.floor(place).astype(np.int64)
    lower, upper = pick(low), pick(np.minimum(low + 1, count - 1))
    with np.errstate(invalid="ignore"):
        value = lower + (upper - lower) * (place - low)
    return np.where(np.isfinite(upper), value, np.where((place == low) | (lower == upper), lower, upper))


def at(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Pick values along the last axis, which becomes the first; their places may differ from group to group."""
    if places[0].size == 1:
        return np.moveaxis(values[..., places.ravel()], -1, 0)
    return np.moveaxis(np.take_along_axis(values, np.moveaxis(places, 0, -1), -1), -1, 0)


def mean_of_present(values: np.ndarray, weight: np.ndarray | float = 1.0) -> np.ndarray:
    """Mean along the last axis over those that are there; banks that were merged away are NaN.

    Parameters
    ----------
    values : ndarray, shape (..., banks)
    weight : ndarray, shape (banks,)
        Of each bank; all the same by default.

    Returns
    -------
    ndarray, shape (...)
        NaN where nobody is left.
    """
    there = np.isfinite(values) * weight
    total = np.ascontiguousarray(np.where(there > 0, values, 0.0) * there).sum(-1)
    number = there.sum(-1)
    return np.asarray(np.divide(total, number, out=np.full(np.shape(total), np.nan), where=number > 0))


def equal_parts(values: np.ndarray, number: int) -> np.ndarray:
    """Say which of so many equally large parts, by order along the first axis, each value belongs to, 0 the lowest."""
    order = np.argsort(values, axis=0, kind="stable")
    return np.asarray(np.argsort(order, axis=0, kind="stable") * number // len(values))


def reached(values: np.ndarray, share: float) -> Any:
    """Return the smallest value that at least such a share of runs has reached: for dates, which have no in-between.

    Parameters
    ----------
    values : ndarray, shape (runs,)
        Years, positions of quarters; infinite where a run never gets there.
    share : float
        Above 0, at most 1.
    """
    ordered = np.sort(values)
    return ordered[max(int(np.ceil(share * len(ordered))) - 1, 0)]


def describe(values: np.ndarray) -> dict[str, np.ndarray]:
    """Describe the distribution along the last axis, leaving out what is not defined (NaN).

    Parameters
    ----------
    values : ndarray, shape (..., replicates)
        One number a replicate; sorted in place.

    Returns
    -------
    dict of ndarray, shape (...)
        `runs`, `mean`, `sd` (0 for one run), the quantiles of `BAND`, and `above_zero`, a share.
    """
    values.sort(axis=-1)
    missing = np.isnan(values) if np.isnan(values[..., -1]).any() else None  # NaN is sorted last
    length = values.shape[-1]
    runs = np.asarray(length if missing is None else length - np.count_nonzero(missing, axis=-1))
    count = np.maximum(runs, 1)
    numbers: dict[str, Any] = {"runs": runs, "above_zero": np.count_nonzero(values > 0.0, axis=-1) / count}
    every = np.reshape([*BAND.values()], (-1, *[1] * (values.ndim - 1)))
    numbers |= zip(BAND, between(lambda places: at(values, places), count, every), strict=True)
    numbers["mean"] = _total(values, missing) / count
    values -= numbers["mean"][..., None]
    values *= values
    numbers["sd"] = np.sqrt(_total(values, missing) / np.maximum(runs - 1, 1))
    return numbers


def _total(values: np.ndarray, missing: np.ndarray | None) -> np.ndarray:
    return np.asarray((values if missing is None else np.where(missing, 0.0, values)).sum(axis=-1))


def intervals(values: np.ndarray, name: str = "effect", leave_out: bool = False) -> dict[str, np.ndarray]:
    """Median and 90 % interval along the last axis as three columns: ``name``, ``name_low``, ``name_high``.

    Parameters
    ----------
    values : ndarray, shape (..., runs)
    name : str
        Of the columns.
    leave_out : bool
        Take those of the runs that are defined (not NaN), as `quantile` does.
    """
    low, middle, high = quantile(values, leave_out=leave_out) + 0.0  # zero has no sign: a table shows no -0.0
    return {name: middle, f"{name}_low": low, f"{name}_high": high}


def interval(values: np.ndarray, name: str = "effect") -> dict[str, float]:
    """The columns of `intervals` for one number of each run."""
    return {column: float(end) for column, end in intervals(values, name).items()}


def mean_interval(values: np.ndarray, name: str) -> dict[str, float]:
    """Mean and 90 % interval, where parts have to add up to the whole: costs, and shares of an effect."""
    return {**interval(values, name), name: float(values.mean())}


def tail_mean(values: np.ndarray, part: float) -> float:
    """Mean over the worst part of the runs (conditional value at risk), more being better; over all the mean."""
    return float(np.sort(values)[: max(1, round(part * len(values)))].mean())


def standard_error(values: np.ndarray) -> float:
    """Standard error of the mean over the runs; NaN of a single run, of which no error can be known."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")


def error_of_a_half(runs: int) -> float:
    """Standard error of a probability of one half; NaN of a single run, as `standard_error` has it."""
    return float((0.25 / runs) ** 0.5) if runs > 1 else float("nan")


def gained(values: Any) -> Any:
    """Return for each run, an array or a column, 1 where its value is above zero, a half where it is zero, else 0."""
    return np.sign(values) / 2 + 0.5


def probability(values: np.ndarray) -> float:
    """Share of runs with a positive value; an exact zero counts half."""
    return float(gained(values).mean())


def estimate(values: np.ndarray, name: str = "effect") -> dict[str, float]:
    """What is said of an effect: the columns of `interval`, and the ``probability`` that it is positive."""
    return {**interval(values, name), "probability": probability(values)}


def explained(value: np.ndarray, by: Sequence[np.ndarray]) -> float:
    """Part of the variance of a value that a linear regression on others explains, 0-1; all of shape (banks,)."""
    design = np.column_stack([np.ones(len(value)), *by])
    left = value - design @ np.linalg.lstsq(design, value, rcond=None)[0]
    return float(1.0 - left.var() / value.var())


def side(low: Any, high: Any) -> Any:
    """Return on which side of zero an interval lies: +1, -1, or 0 where it holds zero; numbers or columns."""
    return np.greater(low, 0).astype(int) - np.less(high, 0).astype(int)


def price(cost: float, gain: float, low: float) -> float:
    """Price of a point: mean cost over median gain, in the unit of the cost.

    Parameters
    ----------
    cost : float
        Mean over the runs.
    gain, low : float
        Median and lower end of the 90 % interval; more is better.

    Returns
    -------
    float
        NaN where the gain is not clear, and where nothing is paid: an effect within noise has no price, and what saves
        money costs nothing a point.
    """
    return cost / gain if low > 0 and gain > 0 and cost > 0 else float("nan")


def price_interval(cost: np.ndarray, gain: np.ndarray, name: str) -> dict[str, float]:
    """Price of a point and the 90 % interval of cost over gain, run by run, as three columns.

    Parameters
    ----------
    cost, gain : ndarray, shape (runs,)
        Million yuan; points, more is better.
    name : str
        Of the columns.

    Returns
    -------
    dict
        All three NaN where `price` is. A run that gains nothing, or what sums over many banks leave by rounding, costs
        infinitely much a point, so that the upper end may be infinite.
    """
    middle = interval(gain, "gain")
    point = price(float(cost.mean()), middle["gain"], middle["gain_low"])
    if np.isnan(point):
        return dict.fromkeys((name, f"{name}_low", f"{name}_high"), point)
    each = np.divide(cost, gain, out=np.full(len(gain), np.inf), where=gain > ROUNDING)
    return {**interval(each, name), name: point}


def price_or_reason(cost: np.ndarray, gain: np.ndarray, name: str, merged: bool = False) -> dict[str, object]:
    """Price with its interval as `price_interval` has it, and why there is none where there is none.

    Parameters
    ----------
    cost, gain, name :
        As of `price_interval`; the columns are ``<name>_price`` and ``<name>_reason``.
    merged : bool
        Whether banks are merged away, so that a mean is of other banks than the baseline's.
    """
    middle, prices = interval(gain, "gain"), price_interval(cost, gain, f"{name}_price")
    reasons = {
        "merger": merged,
        "noise": not side(middle["gain_low"], middle["gain_high"]),
        "worse": middle["gain"] < 0,
        "free": cost.mean() <= 0,
    }
    reason = next((reason for reason, holds in reasons.items() if holds), "")
    return {**(dict.fromkeys(prices, np.nan) if reason else prices), f"{name}_reason": reason}


def time_gained(ours: np.ndarray, base: np.ndarray) -> np.ndarray:
    """How much sooner a path reaches where the one behind ends.

    Parameters
    ----------
    ours, base : ndarray, shape (runs, times, ...)
        Paths of a scenario and of its baseline, turned so that more is better.

    Returns
    -------
    ndarray, shape (runs, ...)
        Steps of time: above zero where ours passes the end of the base for good before the last time, below zero where
        the base passes ours. NaN where the base does not rise: there is nothing to be reached sooner.
    """
    ahead = np.where(ours[:, -1:] >= base[:, -1:], ours, base)
    level = np.minimum(ours[:, -1], base[:, -1])
    below = ahead < level[:, None]
    last = ours.shape[1] - 1
    # The last time below the level; the path passes it on the way to the next.
    place = np.where(below.any(1), last - below[:, ::-1].argmax(1), 0)
    before, after = (np.take_along_axis(ahead, np.minimum(place + k, last)[:, None], 1)[:, 0] for k in (0, 1))
    share = np.divide(level - before, after - before, out=np.zeros(level.shape), where=after > before)
    passed = np.where(below.any(1), place + share, 0.0)
    sooner = (last - passed) * np.sign(ours[:, -1] - base[:, -1])
    return np.where(base[:, -1] > base[:, 0], sooner, np.nan)


def quantiles(frame: pd.DataFrame, by: Sequence[str], value: str, levels: Sequence[float]) -> pd.DataFrame:
    """Quantiles of a value over replicates.

    Parameters
    ----------
    frame
        Tidy rows, one a replicate within each group; missing values are left out.
    by
        Columns that name a group.
    value
        Column to summarise, any unit.
    levels
        Probabilities in [0, 1].

    Returns
    -------
    pandas.DataFrame
        One row a group in order of appearance, one column ``q05``, ``q50``, ... a level, in the unit of ``value``.
    """
    names = [f"q{round(100 * level):02d}" for level in levels]
    table, numbers = _grouped(frame.dropna(subset=[value]), by, value, levels)
    return table.assign(**dict(zip(names, numbers, strict=True)))


def paired_summary(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Median, 50 and 90 % intervals and probability of a gain of paired differences.

    Parameters
    ----------
    frame
        Tidy rows, one a replicate within each group, with a paired difference in any unit, ``effect``; missing ones are
        left out.
    by
        Columns that name a group.

    Returns
    -------
    pandas.DataFrame
        One row a group in order of appearance: ``replicates``, ``median``, ``low50``, ``high50``, ``low90``,
        ``high90`` (unit of the effect), ``probability`` (of a positive effect, 0-1; an exact zero counts half)
        and ``clear`` (-1, 0, +1: on which side of zero the 90 % interval lies).
    """
    keys, kept = list(by), frame.dropna(subset=["effect"])
    if kept.empty:
        return pd.DataFrame(columns=[*keys, *SUMMARY])
    table, numbers = _grouped(kept, keys, "effect", tuple(BAND.values()))
    low90, low50, median, high50, high90 = numbers
    sides = kept[keys].assign(side=gained(kept["effect"]))
    tail = sides.groupby(keys, sort=False, observed=True)["side"].agg(["size", "mean"])
    return table.assign(
        replicates=tail["size"].to_numpy(),
        median=median,
        low50=low50,
        high50=high50,
        low90=low90,
        high90=high90,
        probability=tail["mean"].to_numpy(),
        clear=side(low90, high90),
    )


def _grouped(
    frame: pd.DataFrame, by: Sequence[str], value: str, levels: Sequence[float]
) -> tuple[pd.DataFrame, list[np.ndarray]]:
    """Return the groups in order of appearance and each level's quantile of them."""
    groups = frame.groupby(list(by), sort=False, observed=True)
    sizes = groups.size()
    values = frame[value].to_numpy(np.float64)
    code = groups.ngroup().to_numpy()
    ordered = values[np.lexsort((values, code))]
    count = np.bincount(code, minlength=len(sizes))
    first = np.cumsum(count) - count
    numbers = [between(lambda places: ordered[first + places], count, level) for level in levels]
    return sizes.index.to_frame(index=False), numbers


def lookup(frame: pd.DataFrame, by: Sequence[str]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Rows by their key.

    Parameters
    ----------
    frame
        Any table.
    by
        Columns that together name a row.
    """
    return {tuple(line[key] for key in by): line for line in rows_of(frame)}


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of any table, each by its columns."""
    return frame.to_dict("records")  # type: ignore[return-value]


def place_probabilities(gains: np.ndarray) -> np.ndarray:
    """Share of runs in which each option takes each place; options that tie share their places evenly.

    Parameters
    ----------
    gains : ndarray, shape (options, runs)
        More is better; what is not defined (NaN) is behind all others.

    Returns
    -------
    ndarray, shape (options, places)
        The first place first; rows and columns add to one.
    """
    gains = np.where(np.isnan(gains), -np.inf, gains)
    ahead = (gains[None] > gains[:, None]).sum(1)  # options strictly better
    ties = (gains[None] == gains[:, None]).sum(1)  # with itself
    place = np.arange(len(gains))[:, None, None]
    taken = ((place >= ahead) & (place < ahead + ties)) / ties
    return np.moveaxis(taken, 0, 1).mean(-1) if len(gains) else gains


def first_place_probabilities(gains: np.ndarray) -> np.ndarray:
    """The first column of `place_probabilities`, without the work of the other places."""
    gains = np.where(np.isnan(gains), -np.inf, gains)
    first = gains == gains.max(0)
    return np.asarray((first / first.sum(0)).mean(-1))


def first_share(frame: pd.DataFrame) -> pd.Series:
    """Share of replicates in which each scenario has the largest effect; those that tie share the replicate.

    Parameters
    ----------
    frame
        Columns ``replicate``, ``scenario`` and ``effect``, of which more is better.

    Returns
    -------
    pandas.Series
        Share of replicates (0-1) by scenario; sums to one.
    """
    table = frame.pivot_table(
        index="scenario", columns="replicate", values="effect", sort=False, observed=True
    )
    return pd.Series(first_place_probabilities(table.to_numpy()), table.index)
