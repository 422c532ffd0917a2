"""A province's union reform as it happened against the same province without it, with placebo dates and provinces."""

from dataclasses import replace
from typing import Any, Final

import numpy as np

from agents.honeycomb import RURAL
from experiments.analysis.case import Case
from experiments.analysis.laboratory import Laboratory
from experiments.analysis.registry import PROBABILITY, Frames, frame, method
from experiments.failure import StudyFailed
from experiments.results.schema import number, table, text, with_ends
from experiments.results.statistics import interval, probability
from model import calendar
from model.world import World

TABLE: Final = table(
    "effect of one union reform, real or pretended, on the rural institutions of one province",
    text(
        "event", "real: the reform as it happened; date, province: the same reform at another date or place"
    ),
    text("province", "two-letter code of the province whose banks are measured"),
    text("mode", "union_bank or single_bank"),
    text("start", "quarter of the reform"),
    text("quarter", "quarter in which the index is read"),
    number("banks", "rural institutions of the province at the start", "banks"),
    with_ends(
        "effect",
        "index of its rural institutions, weighted by assets, with the reform less without",
        "points",
    ),
    PROBABILITY,
)


@method(event_study=TABLE)
def event_study(case: Case) -> Frames:
    """Run the system with and without one province's reform, and pretend it elsewhere and earlier.

    Returns
    -------
    dict
        ``event_study``: a row for each event and year read. The index is that of the province's rural institutions that
        are still there, weighted by their assets at the start, since a reform that merges its members changes of whom a
        plain mean is the mean. A placebo date is measured before the pretended reform's effect could be the real one's:
        the real one is left out. Both worlds share every draw.
    """
    asked = case.settings.analysis.event
    world = case.laboratory.world
    codes = [province.code for province in world.population.provinces]
    real = {codes[reform.province]: reform for reform in world.reforms}
    if asked.province not in real:
        raise StudyFailed(
            f"analysis.event.province={asked.province}: no union was reformed there; {', '.join(real)} were"
        )
    reform = real[asked.province]
    others = tuple(one for one in world.reforms if one is not reform)
    events = [("real", reform)]
    events += [("date", replace(reform, quarter=reform.quarter - 4 * years)) for years in asked.placebo_years]
    free = [code for code in asked.placebo_provinces if code not in real]
    events += [("province", replace(reform, province=codes.index(code))) for code in free]
    events = [(what, one) for what, one in events if one.quarter >= 0]
    rows: list[dict[str, Any]] = []
    for after in asked.years_after:
        for what, one in events:
            quarter = calendar.name(4 * ((one.quarter + 4 * after) // 4) + 3)
            if quarter > f"{calendar.LAST_YEAR}Q4":
                continue
            place, members = (
                one.province,
                np.flatnonzero(
                    (world.population.kind == RURAL) & (world.population.province == one.province)
                ),
            )
            if not len(members):
                continue
            with_it, without = (
                _index(case, replace(world, reforms=(*others, *extra), end=quarter), quarter, members)
                for extra in ((one,), ())
            )
            rows.append(
                {
                    "event": what,
                    "province": codes[place],
                    "mode": one.mode,
                    "start": calendar.name(one.quarter),
                    "quarter": quarter,
                    "banks": float(len(members)),
                    **interval(with_it - without),
                    "probability": probability(with_it - without),
                }
            )
    return {"event_study": frame(rows, TABLE)}


def _index(case: Case, world: World, quarter: str, members: np.ndarray) -> np.ndarray:
    """Index of some banks in a quarter, weighted by assets over those still there, by replicate."""
    laboratory = Laboratory(case.settings.model_copy(update={"end": quarter}), case.laboratory.store)
    laboratory.world = replace(laboratory.world, reforms=world.reforms)
    scenario = next(iter(laboratory.scenarios.values()))
    index = laboratory.run([scenario], case.replicates, "banks")["index"][0][:, members]
    weight = np.where(np.isnan(index), 0.0, world.population.assets[members])
    total: np.ndarray = (np.nan_to_num(index) * weight).sum(1) / np.maximum(weight.sum(1), 1e-12)
    return total
