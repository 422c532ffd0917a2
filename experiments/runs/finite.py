"""Whether a record is sound: every number that is defined is finite, and the first that is not is named."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from agents.honeycomb import DIMENSIONS, KINDS
from experiments.failure import StudyFailed
from experiments.runs.merged import KINDS_AND_ALL
from model.outcomes import BY_BANK, YEARLY

if TYPE_CHECKING:
    from model.record import Record

ALWAYS: Final = ("true", "costs")
SHOWN: Final = {"true": "score", "survey": "surveyed score", "bank_index": "index", "costs": "cost"}


def check_finite(record: "Record") -> None:
    """Fail when a number is infinite, or missing where it is defined.

    Parameters
    ----------
    record : Record
        Scores, surveys and costs are defined wherever there are banks, the index of a bank until it is merged away, an
        outcome of the banks in every quarter in which it is measured, and an outcome of the system in all runs of a
        chunk or in none.

    Raises
    ------
    StudyFailed
        With scenario, replicate, kind or bank, quarter and quantity of the first.
    """
    for name, array, axes in quantities(record):
        wrong = undefined(name, array, record)
        if wrong.any():
            place = np.argwhere(wrong)[0]
            scenario, replicate = record.scenarios[place[0]], record.replicates[place[1]]
            where = [f"scenario {scenario}", f"replicate {replicate}"]
            where += [str(names[p]) for names, p in zip(axes, place[2:], strict=True)]
            value = array[tuple(place)]
            quantity = SHOWN.get(name, name.partition("/")[2] or name)
            raise StudyFailed(
                f"the study leaves the numbers: {quantity} is {value} in {', '.join(where)} "
                f"({int(wrong.sum())} such numbers there); a value at the edge of its range, or several together, "
                "may be more than the model can carry. Nothing of this chunk is kept"
            )


def quantities(record: "Record") -> Iterator[tuple[str, np.ndarray, tuple[Any, ...]]]:
    """Yield what a record holds with the names along its axes after scenarios and replicates."""
    yield "true", record.true, (record.quarters, KINDS, DIMENSIONS)
    yield "survey", record.survey, (record.survey_quarters, KINDS, DIMENSIONS)
    yield "bank_index", record.bank_index, ([f"bank {n}" for n in range(record.bank_index.shape[2])],)
    for name, array in record.outcomes.items():
        yield f"outcomes/{name}", array, (record.quarters, KINDS_AND_ALL)
    for name, array in (getattr(record, "own", None) or {}).items():
        yield f"own/{name}", array, (record.survey_quarters, [" ".join(row) for row in record.own_rows])
    payers = range(record.costs.shape[4])
    yield "costs", record.costs, (record.years, record.policies, payers, KINDS)


def undefined(name: str, array: np.ndarray, record: "Record") -> np.ndarray:
    """Mark the numbers that are not finite and should be; same shape as the array."""
    wrong = ~np.isfinite(array)
    if not wrong.any():
        return wrong
    missing = np.isnan(array)
    if name == "bank_index":  # a bank that was merged away has none
        return wrong & ~missing
    outcome = name.removeprefix("outcomes/") if name.startswith("outcomes/") else ""
    if name in ALWAYS or outcome in BY_BANK:
        expected = np.ones(array.shape, bool)
        if name == "true":
            expected &= peopled(record)[: len(KINDS), None]
        elif outcome:
            expected &= peopled(record)
            if outcome in YEARLY:
                expected &= np.array([quarter.endswith("Q4") for quarter in record.quarters])[:, None]
    else:
        expected = np.broadcast_to(~missing.all(axis=(0, 1)), array.shape)
    return wrong & (expected | ~missing)


def peopled(record: "Record") -> np.ndarray:
    """Which kinds have banks, and all of them together."""
    kinds = {KINDS[k] if isinstance(k, int | np.integer) else str(k) for k in record.bank_kind}
    return np.array([*(kind in kinds for kind in KINDS), True])
