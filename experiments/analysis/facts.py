"""The stylised facts of ``data/facts.csv`` held against a study's baseline, and its levers against their ranges."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np

from experiments.analysis.case import Case
from experiments.analysis.outcome import path
from experiments.analysis.registry import Row, method
from experiments.calibration.measures import MEASURES, Run
from experiments.config.data import read
from experiments.config.reading import mapping
from experiments.config.study import StudySettings
from experiments.config.tree import freeze, merged
from experiments.labels import LANGUAGES, Labels
from experiments.location import CONF
from experiments.results.schema import number, table, text
from experiments.results.statistics import quantile
from model import calendar
from model.policy import Target
from model.record import Record
from model.run import simulate
from model.world import Recording, World

END: Final = "2030Q4"  # a fact is told of the same years whatever the study's horizon
MIDDLE: Final = "2025Q2"  # the last count of institutions that was published
RUNS, NATIONAL_RUNS = 32, 4
TABLE: Final = table(
    "one stylised fact, or one lever with the effect that is held plausible, and what the model makes of it",
    text("fact", "id in data/facts.csv; lever:<policy> for a lever"),
    text("group", "what it is about"),
    text("statement_en", "the fact in English"),
    text("statement_zh", "the fact in Chinese"),
    number("value", "the model's: median over runs; of a lever the mean"),
    number("value_low", "5 % quantile over runs"),
    number("value_high", "95 % quantile over runs"),
    text("unit", "unit of the value"),
    number("printed", "value of the source, where it has one"),
    number("low", "lower end of the band in which the value passes"),
    number("high", "upper end of the band"),
    text("passed", "yes or no"),
    text("band", "what the band rests on: sampling, published, sign or judgement"),
    text("used_in_fit", "yes, partly, input (a path or number given to the model) or no"),
    text("source", "ids in data/source, or assumption"),
    text("grade", "grade of the source"),
)


@method(facts=TABLE)
def facts(case: Case) -> Iterator[Row]:
    """Read every fact off the baseline of the study's numbers, and every single lever of the study off its target.

    Yields
    ------
    dict
        ``facts``: a row for each fact of ``data/facts.csv``, then one for each scenario that is one policy alone.
    """
    yield from _facts(case)
    yield from _levers(case)


def _facts(case: Case) -> Iterator[dict[str, Any]]:
    first = replace(case.laboratory.every[0], policies=(), shocks=())
    surveyed, nation = (_world(case.settings, place) for place in ("survey", "national"))
    runs = {"survey": Run(surveyed, first, range(min(RUNS, case.settings.replicates)), END)}
    runs |= {"national": Run(nation, first, range(NATIONAL_RUNS), MIDDLE, changed=False)}
    for row in read("facts.csv"):
        values = np.atleast_1d(MEASURES[row["id"]](runs[row["population"]]))
        known = {key: row[key] for key in ("group", "statement_en", "statement_zh", "unit", "band")}
        known |= {key: row[key] for key in ("used_in_fit", "source", "grade")}
        printed = float(row["printed"]) if row["printed"] else np.nan
        yield _row(row["id"], values, float(row["low"]), float(row["high"]), printed=printed, **known)


def _row(name: str, values: np.ndarray, low: float, high: float, **known: object) -> dict[str, Any]:
    below, middle, above = quantile(values)
    if known["group"] == "levers":  # whole rungs make a single run's effect lumpy
        middle = values.mean()
    passed = "yes" if low <= middle <= high else "no"
    columns = {"value": middle, "value_low": below, "value_high": above, "low": low, "high": high}
    return {"fact": name, "passed": passed, **columns, **known}


def _world(settings: StudySettings, population: str) -> World:
    """The study's world on one of the shipped populations."""
    from experiments.config import assembly

    if settings.choices["population"] != population:
        own = mapping(CONF / "population" / f"{population}.yaml")
        own.pop("defaults")  # what the shipped populations share
        whole = freeze(merged(settings.population, own))
        settings = settings.model_copy(update={"population": whole})
    return assembly.world(settings)


def _levers(case: Case) -> Iterator[dict[str, Any]]:
    """What each policy that stands alone does to its target by 2030, where all that it covers take part."""
    both = zip(case.settings.scenarios, case.laboratory.every, strict=True)
    alone = [
        (scenario, settings.policies[0], policy, policy.target)
        for settings, scenario in both
        if len(scenario.policies) == 1 and not scenario.shocks and not settings.assumptions
        for policy in scenario.policies
        if policy.target is not None and policy.start < calendar.index(END)
    ]
    if not alone:
        return
    world = replace(
        _world(case.settings, "survey"), start="2020Q1", end=END, recording=Recording(), own_banks=()
    )
    base = replace(alone[0][0], name="facts: baseline", policies=())
    taken = [replace(s, policies=(replace(policy, take_up=1.0),)) for s, _, policy, _ in alone]
    record = simulate(world, [base, *taken], range(min(RUNS, case.settings.replicates)))
    for place, (_, settings, _, target) in enumerate(alone, start=1):
        end = _reached(record, target)
        aims = [Labels(language).outcome(target.outcome, target.kind) for language in LANGUAGES]
        said = {
            "statement_en": f"{settings.title.en}: effect by 2030 on: {aims[0]}",
            "statement_zh": f"{settings.title.zh}：至 2030 年的作用，对象：{aims[1]}",
        }
        known = {"group": "levers", "unit": "points", "printed": np.nan, "band": "judgement"}
        known |= {"used_in_fit": "no", "source": settings.source, "grade": settings.grade}
        yield _row(f"lever:{settings.name}", end[place] - end[0], target.low, target.high, **said, **known)


def _reached(record: Record, target: Target) -> np.ndarray:
    """Level of a target at the end, (S, R)."""
    name = "like_for_like" if target.outcome == "index" else target.outcome
    return path(record, name, target.kind)["path"][..., -1]
