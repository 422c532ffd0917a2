"""Outcomes at the end of a run, as one array over variables and kinds of banks."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Final

import numpy as np

from agents.honeycomb import DIMENSIONS, KINDS, SMALL_KINDS
from experiments.runs.merged import Merged
from model.outcomes import OUTCOMES
from model.own_bank import VARIANTS
from model.record import Record

VARIABLES: Final = (*DIMENSIONS, "index", *OUTCOMES)
PLACES: Final = (*KINDS, "all")
HEADLINES: Final = (
    ("index", "all"),
    *((dimension, "all") for dimension in DIMENSIONS),
    ("index", "rural"),
    ("rural_city_gap", "all"),
    ("gini", "all"),
    ("p90_p10", "all"),
    ("language_model", "all"),
    ("language_model", "rural"),
    ("free_budget", "all"),
    ("bad_loans", "all"),
    ("vendor_hhi", "all"),
    ("export_hhi", "all"),
    ("outage_exposure", "all"),
    ("budget_exhausted", "all"),
    ("inclusive_share", "rural"),
)


def final(record: Record | SimpleNamespace) -> dict[str, np.ndarray]:
    """Read a record's last quarter and its costs.

    Parameters
    ----------
    record : Record
        S scenarios, R replicates.

    Returns
    -------
    dict
        ``values``, shape (S, R, variables, kinds + 1): every variable of `VARIABLES`, in its own unit, by kind and
        last for all small and medium banks, each bank weighing the same; NaN where it has no meaning. ``costs``,
        shape (S, R, payers): million yuan over all years.
    """
    shape = (len(record.scenarios), len(record.replicates), len(VARIABLES), len(PLACES))
    values = np.full(shape, np.nan)
    scores = np.moveaxis(record.true[:, :, -1], -1, 2)  # S, R, D, K
    values[:, :, : len(DIMENSIONS), :-1] = scores
    values[:, :, : len(DIMENSIONS), -1] = record.small[:, :, -1]
    index = VARIABLES.index("index")
    values[:, :, index, :-1] = scores.mean(2)
    values[:, :, index, -1] = record.bank_index[:, :, np.isin(record.bank_kind, SMALL_KINDS)].mean(-1)
    for name, found in record.outcomes.items():
        values[:, :, VARIABLES.index(name)] = found[:, :, -1]
    return {"values": values, "costs": record.costs.sum(axis=(2, 3, 5))}


def final_of_study(merged: Merged) -> dict[str, np.ndarray]:
    """Read the same from the chunks of a finished study."""
    kinds = np.array(KINDS)[merged.bank_kind]
    parts = [
        final(
            SimpleNamespace(
                scenarios=merged.scenarios,
                replicates=chunk.labels["replicates"],
                true=chunk["true"][..., :-1, :],
                small=chunk["true"][..., -1, :],
                outcomes={name: chunk[f"outcomes/{name}"] for name in merged.outcomes},
                costs=chunk["costs"],
                bank_index=chunk["bank_index"],
                bank_kind=kinds,
            )
        )
        for chunk in merged.chunks
    ]
    return {key: np.concatenate([part[key] for part in parts], axis=1) for key in parts[0]}


def adoption(record: Record) -> dict[str, np.ndarray]:
    """Read how language models reach rural institutions, at the end of each year.

    Returns
    -------
    dict
        ``adopted``: share of rural institutions with a route; ``shut_out``: share that waits and finds no route
        within a year's change budget; both 0-1, shape (S, R, years).
    """
    rural = KINDS.index("rural")
    ends = [position for position, quarter in enumerate(record.quarters) if quarter.endswith("Q4")]
    return {
        "adopted": record.outcomes["language_model"][:, :, ends, rural],
        "shut_out": 0.01 * record.outcomes["pain_5"][:, :, ends, rural],
    }


def own_ends(own: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Read how the plan of a user's own bank ends, shape (S, R).

    Returns
    -------
    dict
        ``lead``: points of the index above the median of its kind; ``exhausted``: whether its budget did not cover its
        running cost in any quarter of the last year.
    """
    plan = VARIANTS.index("plan")
    lead = own["index"][:, :, -1, plan] - own["kind_median"][:, :, -1, plan]
    return {"lead": lead, "exhausted": own["budget_exhausted"][:, :, -4:, plan].max(2)}


def own_bank(record: Record) -> dict[str, np.ndarray]:
    """Read the same from a record."""
    return own_ends(record.own or {})


def own_plan(record: Record) -> dict[str, np.ndarray]:
    """Read how the plan of a user's own bank ends and what has become of its place, shape (S, R).

    Returns
    -------
    dict
        That of `own_ends`; ``index``: points in the last quarter; ``moved``: change, since the bank is followed, in the
        percent of its kind that it leaves behind.
    """
    own, plan = record.own or {}, VARIANTS.index("plan")
    place = own["percentile_kind"][..., plan]
    first = int(np.isfinite(place).any(axis=(0, 1)).argmax())
    moved = place[:, :, -1] - place[:, :, first]
    return {**own_ends(own), "index": own["index"][:, :, -1, plan], "moved": moved}


def banks(record: Record) -> dict[str, np.ndarray]:
    """Read the true index of every bank in the last quarter, points, shape (S, R, N)."""
    return {"index": record.bank_index}


def surveyed(record: Record) -> dict[str, np.ndarray]:
    """Read the scores as surveyed, points, shape (S, R, years, kinds, dimensions)."""
    return {"scores": record.survey}


def whole(record: Record) -> dict[str, np.ndarray]:
    """Read the mean over all quarters of what `final` reads at the end, without the costs.

    What happens in between shows here: a blow that is over by the end, an adoption that only comes sooner.
    """
    values = np.full((len(record.scenarios), len(record.replicates), len(VARIABLES), len(PLACES)), np.nan)
    scores = np.moveaxis(record.true.mean(2), -1, 2)
    values[:, :, : len(DIMENSIONS), :-1] = scores
    values[:, :, VARIABLES.index("index"), :-1] = scores.mean(2)
    for name, found in record.outcomes.items():
        taken = np.isfinite(found).any(axis=(0, 1, 3))
        values[:, :, VARIABLES.index(name)] = found[:, :, taken].mean(2)
    return {"values": values}


READINGS: Final = {
    "final": final,
    "adoption": adoption,
    "own_bank": own_bank,
    "own_plan": own_plan,
    "banks": banks,
    "surveyed": surveyed,
    "whole": whole,
}


def pick(values: np.ndarray, variable: str, kind: str) -> np.ndarray:
    """Return one variable of one kind from an array of `final`, shape (S, R)."""
    return values[..., VARIABLES.index(variable), PLACES.index(kind)]


def known(values: np.ndarray, asked: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return those of the asked (variable, kind) that have a value in every run."""
    return [pair for pair in asked if np.isfinite(pick(values, *pair)).all()]
