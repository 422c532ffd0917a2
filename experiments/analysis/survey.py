"""What the survey does to what is seen: the weights of its sample, and the break of 2023."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from agents.honeycomb import KINDS, SMALL_KINDS
from experiments.analysis.laboratory import Case
from experiments.analysis.outcome import editions
from experiments.analysis.registry import KIND, Row, method
from experiments.config.data import read
from experiments.results.schema import SCENARIO, number, table, text, with_ends
from experiments.results.statistics import interval, mean_of_present
from model import calendar

COUNTS = {"city": "city_banks", "rural": "rural_institutions", "private": "private_banks"}
GROUPS = ("small", *SMALL_KINDS, "gap")
WEIGHTED: Final = table(
    "index of one group of banks, or an effect on it, raw and weighted to the national system",
    SCENARIO,
    text("quantity", "level or effect"),
    text("group", "name of the group"),
    number("banks", "banks in the group", "banks"),
    number("effective", "banks that an unweighted sample as precise would have", "banks"),
    number("covered", "share of the nation's banks in a kind and region that the sample has", "0-1"),
    with_ends("raw", "every bank the same", "points"),
    with_ends("weighted", "weighted by kind and region to the nation's banks", "points"),
    with_ends("difference", "weighted less raw", "points"),
)


@method(survey_weights=WEIGHTED)
def survey_weights(case: Case) -> Iterator[Row]:
    """Weigh the banks of the study as the sample has them and as the national system does, by kind and region.

    Yields
    ------
    dict
        ``survey_weights``: a row for each scenario and group, of the index in the last quarter: its ``level``, or the
        paired ``effect`` of the scenario. ``raw``: every bank the same; ``weighted``: banks of a kind and region
        together as many as the nation has there; ``effective``: banks that an unweighted sample as precise would have;
        ``covered``: share of the nation's banks in a kind and region that the sample has. ``small`` takes all small and
        medium banks, ``gap`` is city less rural.
    """
    merged = case.merged
    assert merged is not None
    kind = np.array(KINDS)[merged.bank_kind]
    nation = read("provinces.csv")
    region = {row["code"]: row["region"] for row in nation}
    place = np.array([region[code] for code in merged.bank_province])
    weight, covered = post_strata(kind, place, nation)
    level = {label: merged.in_every_run("bank_index", s) for s, label in enumerate(merged.scenarios)}
    for label in merged.scenarios:
        base = case.pairs.get(label)
        values = level[label] - level[base] if base else level[label]
        indices = {name: _both(values, weight, _members(kind, name)) for name in GROUPS[:-1]}
        indices["gap"] = tuple(c - r for c, r in zip(indices["city"], indices["rural"], strict=True))
        for group, (raw, weighted) in indices.items():
            chosen = weight[_members(kind, group)]
            size = {"banks": len(chosen), "effective": float(chosen.sum() ** 2 / (chosen**2).sum())}
            of = {"scenario": label, "quantity": "effect" if base else "level", "group": group}
            ends = (
                interval(raw, "raw") | interval(weighted, "weighted") | interval(weighted - raw, "difference")
            )
            yield {**of, **size, "covered": covered[group], **ends}


def post_strata(
    kind: np.ndarray, region: np.ndarray, nation: list[dict[str, str]]
) -> tuple[np.ndarray, dict[str, float]]:
    """Weight of each bank: the nation's banks of its kind and region over those of the sample; zero for large banks.

    Parameters
    ----------
    kind, region : ndarray of str, shape (N,)
    nation : list of dict
        Rows of ``data/provinces.csv``.

    Returns
    -------
    weight : ndarray, shape (N,)
    covered : dict
        By group, the share of the nation's banks in strata that the sample has, 0-1.
    """
    weight, reached, total = np.zeros(len(kind)), dict.fromkeys(COUNTS, 0.0), dict.fromkeys(COUNTS, 0.0)
    for name, column in COUNTS.items():
        for place in sorted({row["region"] for row in nation}):
            number = sum(float(row[column]) for row in nation if row["region"] == place)
            members = (kind == name) & (region == place)
            total[name] += number
            if members.any():
                reached[name] += number
                weight[members] = number / members.sum()
    covered = {name: reached[name] / total[name] for name in COUNTS}
    covered["small"] = sum(reached.values()) / sum(total.values())
    return weight, {**covered, "gap": min(covered["city"], covered["rural"])}


def _members(kind: np.ndarray, group: str) -> np.ndarray:
    """Whether a bank belongs to a group."""
    if group == "small":
        return np.isin(kind, SMALL_KINDS)
    return np.asarray(np.isin(kind, ("city", "rural")) if group == "gap" else kind == group)


def _both(values: np.ndarray, weight: np.ndarray, members: np.ndarray) -> tuple[np.ndarray, ...]:
    """Mean over the members in each run, raw and weighted, each of shape (R,)."""
    chosen = values[:, members]
    return mean_of_present(chosen), mean_of_present(chosen, weight[members])


EDITIONS: Final = table(
    "score of application with and without the items of the edition of 2023, in one year",
    KIND,
    number("year", "calendar year"),
    with_ends("without", "score of application by the items of the first edition", "points"),
    with_ends("with_item", "score of application by the edition of the year", "points"),
    with_ends("shift", "with the items less without them, paired", "points"),
)


@method(measurement_break=EDITIONS)
def measurement_break(case: Case) -> Iterator[Row]:
    """Score what the same banks have by the first edition and by that of the year.

    Yields
    ------
    dict
        ``measurement_break``: a row for each kind and year of the first scenario, true score of application:
        ``without`` the items on language models, ``with_item``, and their paired difference, the ``shift``; all zero
        before the edition that brings them.
    """
    seen = case.laboratory.run(case.laboratory.every[:1], case.replicates, editions)
    ends = [calendar.index(quarter) for quarter in (case.settings.start, case.settings.end)]
    names = [calendar.name(q) for q in range(ends[0], ends[1] + 1) if calendar.last_of_year(q)]
    for k, kind in enumerate(KINDS):
        for y, quarter in enumerate(names):
            scores = {name: values[0, :, y, k] for name, values in seen.items()}
            if np.isfinite(scores["without"]).all():
                row = interval(scores["without"], "without") | interval(scores["with_item"], "with_item")
                row |= interval(scores["with_item"] - scores["without"], "shift")
                yield {"bank_kind": kind, "year": int(quarter[:4]), **row}
