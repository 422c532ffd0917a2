"""How large the break of 2023 is: the surveyed score of application with and without the language-model item."""

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from agents.honeycomb import APPLICATION, KINDS
from experiments.analysis.case import Case, bands, frame
from experiments.analysis.laboratory import Laboratory
from model import calendar

NEVER = 2041  # a year after every study: the item is never asked
COLUMNS = (
    "bank_kind", "year", "without", "without_low", "without_high", "with_item", "with_item_low", "with_item_high",
    "shift", "shift_low", "shift_high",
)  # fmt: skip


def measurement_break(case: Case) -> dict[str, pd.DataFrame]:
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
    asked = SimpleNamespace(**{**vars(other.world.questionnaire), "language_model_item_from": NEVER})
    other.world, other.key = dataclasses.replace(other.world, questionnaire=asked), f"{other.key} no item"
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
            told = {key: value for name, values in seen.items() for key, value in bands(values, name).items()}
            rows.append({"bank_kind": kind, "year": int(quarter[:4]), **told})
    return {"measurement_break": frame(rows, COLUMNS)}
