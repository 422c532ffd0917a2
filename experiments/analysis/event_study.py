"""A province's union reform as it happened against the same province without it, beside placebos."""

from dataclasses import replace
from typing import Any, Final

import numpy as np

from agents.honeycomb import RURAL
from experiments.analysis import outcome
from experiments.analysis.case import Case
from experiments.analysis.registry import PROBABILITY, Rows, method
from experiments.config.assembly import shared_population
from experiments.config.data import read
from experiments.config.study import StudySettings
from experiments.failure import StudyFailed
from experiments.results.schema import number, table, text, with_ends
from experiments.results.statistics import estimate
from model import calendar
from model.world import Reform

TABLE: Final = table(
    "what one union reform did to the rural institutions of one province, and what it should not have done",
    text(
        "event",
        "real: the reform as it happened; date: read before it; province: read in a province without one; elsewhere: "
        "the same reform made there instead",
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


def check(settings: StudySettings) -> None:
    """Refuse a province whose union was not reformed, or that has no rural institution here."""
    asked, real = settings.analysis.event.province, [row["province"] for row in read("union_reforms.csv")]
    if asked not in real:
        raise StudyFailed(
            f"analysis.event.province={asked}: no union was reformed there; {', '.join(real)} were"
        )
    banks = shared_population(settings)
    if asked not in {banks.provinces[place].code for place in banks.province[banks.rows("rural")]}:
        raise StudyFailed(
            f"analysis.event.province={asked} has no rural bank here; choose population=national"
        )


@method(check=check, event_study=TABLE)
def event_study(case: Case) -> Rows:
    """Run the system with and without one province's reform; read it there, before it, elsewhere, and made elsewhere.

    Returns
    -------
    dict
        ``event_study``: a row for each event and year read. The index is that of the province's rural institutions that
        are still there, weighted by their assets at the start, since a reform that merges its members changes of whom a
        plain mean is the mean. ``date`` and ``province`` are placebos: both worlds share every draw, so that a reform
        shows nothing before it happens, and elsewhere only what spills over.
    """
    asked = case.settings.analysis.event
    world = case.laboratory.world
    codes = [province.code for province in world.population.provinces]
    real = {codes[reform.province]: reform for reform in world.reforms}
    reform = real[asked.province]
    others = tuple(one for one in world.reforms if one is not reform)
    elsewhere = [codes.index(code) for code in asked.placebo_provinces if code not in real]
    read = [("real", reform, reform.province, years) for years in asked.years_after]
    read += [("date", reform, reform.province, -years) for years in asked.placebo_years]
    read += [("province", reform, place, years) for years in asked.years_after for place in elsewhere]
    read += [
        ("elsewhere", replace(reform, province=place), place, years)
        for years in asked.years_after
        for place in elsewhere
    ]
    rows: list[dict[str, Any]] = []
    for what, one, place, years in read:
        year = calendar.FIRST_YEAR + one.quarter // 4 + years
        members = np.flatnonzero((world.population.kind == RURAL) & (world.population.province == place))
        if not calendar.FIRST_YEAR <= year <= calendar.LAST_YEAR or not len(members):
            continue
        quarter = f"{year}Q4"
        with_it, without = (_index(case, (*others, *extra), quarter, members) for extra in ((one,), ()))
        rows.append(
            {
                "event": what,
                "province": codes[place],
                "mode": one.mode,
                "start": calendar.name(one.quarter),
                "quarter": quarter,
                "banks": float(len(members)),
                **estimate(with_it - without),
            }
        )
    return {"event_study": rows}


def _index(case: Case, reforms: tuple[Reform, ...], quarter: str, members: np.ndarray) -> np.ndarray:
    """Index of some banks in a quarter, weighted by assets over those still there, by replicate."""
    laboratory = case.laboratory.under(case.settings.model_copy(update={"end": quarter}))
    laboratory.world = replace(laboratory.world, reforms=reforms)
    index = laboratory.run(laboratory.every[:1], case.replicates, outcome.banks)["index"][0][:, members]
    weight = np.where(np.isnan(index), 0.0, laboratory.world.population.assets[members])
    total: np.ndarray = (np.nan_to_num(index) * weight).sum(1) / np.maximum(weight.sum(1), 1e-12)
    return total
