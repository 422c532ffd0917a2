"""How large the break of 2023 is: the score of application with and without the language-model items."""

from typing import Any, Final

import numpy as np

from agents.honeycomb import KINDS
from experiments.analysis.case import Case
from experiments.analysis.registry import KIND, Frames, frame, method
from experiments.results.schema import number, table, with_ends
from experiments.results.statistics import interval
from model import calendar

TABLE: Final = table(
    "score of application with and without the items of the edition of 2023, in one year",
    KIND,
    number("year", "calendar year"),
    with_ends("without", "score of application by the items of the first edition", "points"),
    with_ends("with_item", "score of application by the edition of the year", "points"),
    with_ends("shift", "with the items less without them, paired", "points"),
)


@method(measurement_break=TABLE)
def measurement_break(case: Case) -> Frames:
    """Score what the same banks have by the first edition and by that of the year.

    Returns
    -------
    dict
        ``measurement_break``: a row for each kind and year of the first scenario, true score of application:
        ``without`` the items on language models, ``with_item``, and their paired difference, the ``shift``; all zero
        before the edition that brings them.
    """
    first = next(iter(case.laboratory.scenarios.values()))
    seen = case.laboratory.run([first], case.replicates, "editions")
    ends = [calendar.index(quarter) for quarter in (case.settings.start, case.settings.end)]
    names = [calendar.name(q) for q in range(ends[0], ends[1] + 1) if calendar.last_of_year(q)]
    rows: list[dict[str, Any]] = []
    for k, kind in enumerate(KINDS):
        for y, quarter in enumerate(names):
            scores = {name: values[0, :, y, k] for name, values in seen.items()}
            if np.isfinite(scores["without"]).all():
                told = interval(scores["without"], "without") | interval(scores["with_item"], "with_item")
                told |= interval(scores["with_item"] - scores["without"], "shift")
                rows.append({"bank_kind": kind, "year": int(quarter[:4]), **told})
    return {"measurement_break": frame(rows, TABLE)}
