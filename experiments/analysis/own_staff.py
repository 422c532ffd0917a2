"""Hire or train: the own bank's plan run again with more people, and with more of them who know business as well."""

from typing import Any

import pandas as pd

from experiments.analysis.case import Case, bands, chance, frame
from experiments.analysis.own_share import with_bank
from experiments.failure import StudyFailed
from experiments.settings.bank import Staff

HIRED = (0.0, 0.25, 0.5, 1.0)  # more people in every role, over the bank's own number
TRAINED = (0.0, 0.15, 0.3)  # technologists who become composite people, over all technologists
LARGEST = 0.6  # of all staff in one role, as the bank's file allows
COLUMNS = (
    "people", "hired", "trained", "effect", "effect_low", "effect_high", "probability", "keeps_up",
)  # fmt: skip


def own_staff(case: Case) -> dict[str, pd.DataFrame]:
    """Run the plan with other staffs: more people, more of them composite, and both.

    The new staff is there on the first day and the bank goes on wanting it, so that vacancies are filled and leavers
    replaced as the model has it. Pay is not in the model: set the gain against what the people cost you.

    Returns
    -------
    dict
        ``own_staff``: a row for each staff in the first scenario; no row where the bank's file leaves its staff to its
        kind. ``people``: technologists, data and composite people, percent of all staff; ``effect``: index in the last
        quarter less the same run's with the bank's own staff.
    """
    if case.settings.bank is None:
        raise StudyFailed("the method own_staff needs a bank of your own, for instance bank=example")
    staff, first = case.settings.bank.staff, next(iter(case.laboratory.scenarios.values()))
    if staff is None:
        return {"own_staff": frame([], COLUMNS)}
    rows: list[dict[str, Any]] = []
    own = None
    for hired in HIRED:
        for trained in TRAINED:
            mix = mixed(staff, hired, trained)
            if mix is None:
                continue
            found = with_bank(case, {"staff": mix}).run([first], case.replicates, "own_plan")
            own = found["index"][0] if own is None else own
            effect = found["index"][0] - own
            people = 100.0 * (mix.technologists + mix.data + mix.composite)
            rows.append(
                {"people": people, "hired": hired, "trained": trained, "probability": chance(effect)}
                | {"keeps_up": float((found["lead"][0] >= 0).mean()), **bands(effect)}
            )
    return {"own_staff": frame(rows, COLUMNS)}


def mixed(staff: Staff, hired: float, trained: float) -> Staff | None:
    """A staff with more people in every role, and a part of the technologists turned into composite people.

    Parameters
    ----------
    staff : Staff
    hired : float
        More people, over the present number.
    trained : float
        Technologists who become composite people, over all technologists, 0-1.

    Returns
    -------
    Staff or None
        None where a role would hold more of the staff than a bank's file may say.
    """
    more = 1.0 + hired
    roles = {
        "technologists": more * staff.technologists * (1.0 - trained),
        "data": more * staff.data,
        "composite": more * (staff.composite + trained * staff.technologists),
    }
    fits = max(roles.values()) <= LARGEST and sum(roles.values()) <= 1.0
    return Staff(**roles) if fits else None
