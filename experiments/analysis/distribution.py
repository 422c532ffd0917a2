"""The distribution over banks: who wins and who loses, by how unlike banks are, and beta and sigma convergence."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Final

import numpy as np

from agents.honeycomb import KINDS, SMALL_KINDS
from experiments.analysis.laboratory import Case
from experiments.analysis.outcome import banks
from experiments.analysis.registry import Row, estimated, method
from experiments.results.distribution import BANDS, groups_of, members_of, provinces_of, summary
from experiments.results.schema import SCENARIO, number, table, text, with_ends
from experiments.results.statistics import equal_parts, estimate, interval, mean_of_present
from experiments.runs.merged import Merged

WINNERS: Final = table(
    "paired change of the index of one group of banks, pooled among provinces",
    SCENARIO,
    text("grouping", "kind, size_quintile or province"),
    text("group", "name of the group"),
    number("banks", "banks in the group", "banks"),
    estimated(),
    number("raw", "median without pooling", "points"),
    number("weight", "weight of the group's own banks", "0-1"),
    tuple(number(band, "share of banks", "0-1") for band in BANDS),
)


@method(winners=WINNERS)
def winners(case: Case) -> Iterator[Row]:
    """Mean paired change of the index by kind, size quintile and province (small and medium banks).

    Yields
    ------
    dict
        ``winners``: ``effect`` is partially pooled among the provinces of a scenario: a province counts for as much
        as its own banks tell (``weight``, 0-1) and otherwise takes the mean of all; ``raw`` is not pooled. The other
        groups are whole and keep their own mean. The five bands are shares of banks, mean over the runs.
    """
    assert case.merged is not None
    return by_group(case.merged, case.pairs)


def by_group(merged: Merged, pairs: Mapping[str, str]) -> Iterator[Row]:
    """Work out the rows of `winners`.

    Parameters
    ----------
    merged : Merged
    pairs : mapping of str to str
        Scenario and its baseline.
    """
    for label, base in pairs.items():
        s, b = merged.scenarios.index(label), merged.scenarios.index(base)
        change = merged.in_every_run("bank_index", s) - merged.in_every_run("bank_index", b)
        for grouping, group, members in groups_of(merged):
            if grouping != "province":
                mean = mean_of_present(change[:, members])
                of = {"scenario": label, "grouping": grouping, "group": group, "banks": len(members)}
                own = {"weight": 1.0, "raw": float(np.median(mean))}
                yield {**of, **estimate(mean), **own, **band_shares(change[:, members])}
        columns = provinces_of(merged, s, last_only=True)
        for place, (group, members) in enumerate(members_of(merged).items()):
            if np.isfinite(columns["index"][-1, place]):
                of = {"scenario": label, "grouping": "province", "group": group}
                line = {name: column[-1, place].item() for name, column in columns.items()}
                yield {**line, **of, **band_shares(change[:, members])}


def band_shares(change: np.ndarray) -> dict[str, float]:
    """Share of the banks left in each of the five bands of change, mean over the runs that have some left."""
    shares = summary(change, np.ones((1, change.shape[1]), bool))
    return {band: float(mean_of_present(shares[band][:, 0])) for band in BANDS}


FEWEST_FOR_SPREAD = 2  # rural institutions that make a spread
BY_SPREAD: Final = table(
    "difference between two scenarios among rural institutions of provinces with a union, by their spread",
    text("first", "first of a pair"),
    text("second", "second of a pair"),
    text("group", "name of the group"),
    number("provinces", "provinces in the group", "provinces"),
    number(
        "dispersion",
        "mean standard deviation of the index among a province's rural institutions, baseline",
        "points",
    ),
    estimated("difference", "first less second; for the slope, a point of dispersion", "points"),
)
SPREADS = ("alike", "middling", "unlike")


@method(dispersion=BY_SPREAD)
def dispersion(case: Case) -> Iterator[Row]:
    """Difference between two scenarios in the index of rural institutions, by their spread within a province.

    Provinces without a union are left out: no mode of its reform reaches them.

    Yields
    ------
    dict
        ``dispersion``: for each pair of scenarios, first less second. ``group``: ``alike``, ``middling`` and
        ``unlike`` are thirds of the provinces by the standard deviation of the index among their rural institutions
        in the baseline (``dispersion``, points); ``all`` takes all; ``slope`` is the change of the difference for one
        point more of it.
    """
    merged = case.merged
    assert merged is not None
    rural = merged.bank_kind == KINDS.index("rural")
    unions = sorted(place.code for place in case.laboratory.world.population.provinces if place.has_union)
    groups = [np.flatnonzero(rural & (merged.bank_province == code)) for code in unions]
    groups = [members for members in groups if len(members) >= FEWEST_FOR_SPREAD]
    level = {label: merged.in_every_run("bank_index", s) for s, label in enumerate(merged.scenarios)}
    for first, second in combinations(case.bundles, 2):
        base = level[case.pairs[first]]
        apart = level[first] - level[second]
        kept = [members for members in groups if _spreads(base[:, members]) and _spreads(apart[:, members])]
        spread = np.array([np.nanstd(base[:, members], 1, ddof=1).mean() for members in kept])
        means = [mean_of_present(apart[:, members]) for members in kept]
        for row in by_spread(spread, np.array(means).T):
            yield {"first": first, "second": second, **row}


def _spreads(values: np.ndarray) -> bool:
    """Whether enough banks of a province are left in every run, shape (runs, banks), to make a spread."""
    return bool(np.isfinite(values).sum(1).min() >= FEWEST_FOR_SPREAD)


def by_spread(spread: np.ndarray, apart: np.ndarray) -> list[dict[str, object]]:
    """Summarise differences by thirds of the spread, over all, and as a slope.

    Parameters
    ----------
    spread : ndarray, shape (provinces,)
        Points.
    apart : ndarray, shape (runs, provinces)
        Difference between the two scenarios, points.
    """
    if not len(spread):
        return []
    third = equal_parts(spread, len(SPREADS))
    parts = [(name, third == k) for k, name in enumerate(SPREADS)] + [("all", np.ones(len(spread), bool))]
    rows = [_spread_row(name, spread[part], apart[:, part].mean(1)) for name, part in parts if part.any()]
    centred = spread - spread.mean()
    if centred.any():
        rows.append(_spread_row("slope", spread, apart @ centred / (centred @ centred)))
    return rows


def _spread_row(group: str, spread: np.ndarray, values: np.ndarray) -> dict[str, object]:
    of = {"group": group, "provinces": len(spread), "dispersion": float(spread.mean())}
    return {**of, **estimate(values, "difference")}


GROUPS = ("all", "within", *SMALL_KINDS)
FEWEST_FOR_SLOPE = 4  # banks that make a slope
CONVERGENCE: Final = table(
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


@method(convergence=CONVERGENCE)
def convergence(case: Case) -> Iterator[Row]:
    """Regress each bank's change of the index on where it started, run by run, and compare the spreads.

    Yields
    ------
    dict
        ``convergence``: a row for each scenario and group. ``beta``: slope of the change over the whole study on the
        index that holds in its first quarter (of the last year's end), from true scores, so that no error of
        measurement pulls it down; below zero means reversion, above zero that the strong gain more; ``probability``:
        share of runs with a positive slope. ``beta_surveyed``: the slope that two surveys of the same banks would show.
        ``sigma_ratio``: standard deviation among banks at the end over that at the start. Group ``within`` takes banks
        against the mean of their kind.
    """
    merged = case.merged
    assert merged is not None
    kind = merged.stated_kind
    end = case.laboratory.run(case.laboratory.every, case.replicates, banks)["index"]
    first = case.laboratory.under(case.settings.model_copy(update={"end": case.settings.start}))
    start = first.run(first.every, case.replicates, banks)["index"]
    style = float(case.settings.behaviour["style_spread"])
    for s, label in enumerate(case.laboratory.scenarios):
        for group in GROUPS:
            wanted = {"all": kind != "large", "within": np.isin(kind, SMALL_KINDS)}.get(group, kind == group)
            members = np.flatnonzero(wanted)
            if len(members) < FEWEST_FOR_SLOPE:
                continue
            after = end[s][:, members]
            before = np.where(np.isfinite(after), start[s][:, members], np.nan)
            if group == "within":
                before, after = (centred(values, kind[members]) for values in (before, after))
            of = {"scenario": label, "group": group, "banks": len(members)}
            yield {**of, **slopes(before, after, style)}


def slopes(before: np.ndarray, after: np.ndarray, style: float) -> dict[str, float]:
    """Beta, true and as surveyed, and sigma, over runs.

    A survey reads the start with a bank's style, which stays and leaves the change alone. So the surveyed slope is
    ``beta v / (v + s)`` with v the variance of the true start and s that of styles, v as of a sample (n - 1).

    Parameters
    ----------
    before, after : ndarray, shape (R, banks)
        Index, points; NaN after a bank has been merged away, which then counts in neither.
    style : float
        Standard deviation of how generous banks are with themselves, points.
    """
    before = np.where(np.isfinite(after), before, np.nan)
    apart = before - np.nanmean(before, axis=1, keepdims=True)
    beta = np.nanmean(apart * (after - before), axis=1) / np.nanmean(apart**2, axis=1)
    first, last = (np.nanstd(values, axis=1, ddof=1) for values in (before, after))
    return {
        **estimate(beta, "beta"),
        **interval(beta * first**2 / (first**2 + style**2), "beta_surveyed"),
        "sigma_start": float(np.median(first)),
        "sigma_end": float(np.median(last)),
        **interval(last / first, "sigma_ratio"),
    }


def centred(values: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Each bank less the mean of its kind."""
    apart = values.copy()
    for name in np.unique(kind):
        apart[:, kind == name] -= mean_of_present(values[:, kind == name])[:, None]
    return apart
