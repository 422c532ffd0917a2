"""How large the break of 2023 is: the surveyed score of application with and without the language-model item."""

import dataclasses
from typing import Any, Final

import numpy as np

from agents.honeycomb import APPLICATION, KINDS
from experiments.analysis.case import Case
from experiments.analysis.laboratory import Laboratory
from experiments.analysis.registry import KIND, Frames, frame, method
from experiments.results.schema import number, table, with_ends
from experiments.results.statistics import interval
from model import calendar

NEVER = 2041  # a year after every study: the item is never asked
TABLE: Final = table(
    "surveyed score of application with and without the language-model item, in one year",
    KIND,
    number("year", "calendar year"),
    with_ends("without", "surveyed score of application without the item on language models", "points"),
    with_ends("with_item", "surveyed score of application with the item on language models", "points"),
    with_ends("shift", "with the item less without it, paired", "points"),
)


@method(measurement_break=TABLE)
def measurement_break(case: Case) -> Frames:
    """Ask the same banks, with the same luck, by the questionnaire with and without its item on language models.

    Returns
    -------
    dict
        ``measurement_break``: a row for each kind and year of the first scenario, surveyed score of application:
        ``without`` the item, ``with_item``, and their paired difference, the ``shift``; all zero before the edition
        that brings the item.
    """
    first = next(iter(case.laboratory.scenarios.values()))
    other = Laboratory(case.settings, case.laboratory.store)
    asked = dataclasses.replace(other.world.questionnaire, language_model_item_from=NEVER)
    other.world = dataclasses.replace(other.world, questionnaire=asked)
    with_item, without = (
        laboratory.run([first], case.replicates, "surveyed")["scores"][0, ..., APPLICATION]
        for laboratory in (case.laboratory, other)
    )
    ends = [calendar.index(quarter) for quarter in (case.settings.start, case.settings.end)]
    names = [calendar.name(q) for q in range(ends[0], ends[1] + 1) if calendar.last_of_year(q)]
    rows: list[dict[str, Any]] = []
    for k, kind in enumerate(KINDS):
        for y, quarter in enumerate(names):
            seen = {"without": without[:, y, k], "with_item": with_item[:, y, k]}
            if not np.isfinite(seen["without"]).all():
                continue
            seen["shift"] = seen["with_item"] - seen["without"]
            told = {
                key: value for name, values in seen.items() for key, value in interval(values, name).items()
            }
            rows.append({"bank_kind": kind, "year": int(quarter[:4]), **told})
    return {"measurement_break": frame(rows, TABLE)}
