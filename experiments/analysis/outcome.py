"""What is read of a run: its end, its mean, or some of its path, as arrays over variables and kinds of banks."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Final

import numpy as np

from agents.honeycomb import APPLICATION, DIMENSIONS, KINDS
from experiments.config.fields import ITEMS
from experiments.runs.merged import RUNGS, Merged, index_of
from experiments.runs.records import ITEM
from model.outcomes import OUTCOMES
from model.record import Record

Reading = Callable[[Record], dict[str, np.ndarray]]
"""What is kept of a run: one of the functions below, of scenarios and replicates first."""
VARIABLES: Final = (*DIMENSIONS, "index", *OUTCOMES, RUNGS, *ITEMS)
PLACES: Final = (*KINDS, "all")
OWN_READ: Final = (
    "index", "kind_median", "capital", "net_profit", "quarters", "run", "fees", "technology_spending",
    "budget_exhausted",
    "inclusive_share", "tax", "projects",
)  # fmt: skip
HEADLINES: Final = (
    (RUNGS, "all"),
    ("rural_city_gap", "all"),
    *((dimension, "all") for dimension in DIMENSIONS),
    ("like_for_like", "all"), ("without_spending", "all"), ("index", "all"), ("index", "rural"),
    ("gini", "all"), ("p90_p10", "all"), ("language_model", "all"), ("language_model", "rural"),
    ("free_budget", "all"), ("cost_income", "all"), ("bad_loans", "all"), ("breach", "all"),
    ("budget_exhausted", "all"), ("vendor_hhi", "all"), ("export_hhi", "all"), ("outage_exposure", "all"),
    ("inclusive_share", "rural"), ("institutions", "rural"),
)  # fmt: skip


def final(record: Record | SimpleNamespace) -> dict[str, np.ndarray]:
    """Read a record's last quarter (of what is taken once a year, the last year's end) and its costs.

    Parameters
    ----------
    record : Record
        S scenarios, R replicates.

    Returns
    -------
    dict
        ``values``, shape (S, R, variables, kinds + 1): every variable of `VARIABLES`, in its own unit, by kind and
        last for all small and medium banks, each bank weighing the same; NaN where it has no meaning. ``costs``,
        shape (S, R, years, payers): million yuan.
    """
    values = _values(record, lambda path: path[:, :, -1])
    return {"values": values, "costs": record.costs.sum(axis=(3, 5))}


def whole(record: Record) -> dict[str, np.ndarray]:
    """Read the mean over all quarters (or year ends) of what `final` reads at the end, without the costs.

    What happens in between shows here: a blow that is over by the end, an adoption that only comes sooner.
    """
    return {"values": _values(record, lambda path: path.mean(2))}


def _values(record: Record | SimpleNamespace, read: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """One number of the path of every variable, of shape (S, R, times[, more]), by kind and for all of them."""
    shape = (len(record.scenarios), len(record.replicates), len(VARIABLES), len(PLACES))
    values = np.full(shape, np.nan)
    scores = np.concatenate([record.true, record.small[..., None, :]], axis=3)
    values[:, :, : len(DIMENSIONS)] = np.moveaxis(read(scores), -1, 2)
    values[:, :, VARIABLES.index("index")] = index_of(read(scores))
    for name, path in record.outcomes.items():
        taken = np.isfinite(path).any(axis=(0, 1, 3))
        if name in VARIABLES and taken.any():
            values[:, :, VARIABLES.index(name)] = read(path[:, :, taken])
    if record.items is not None:
        shares = read(record.items)
        values[:, :, VARIABLES.index(RUNGS)] = 0.01 * np.add.accumulate(shares, axis=-1)[..., -1]
        for name in ITEMS:
            places = [k for k, (item, _) in enumerate(record.levels) if ITEM + item == name]
            values[:, :, VARIABLES.index(name)] = np.add.accumulate(shares[..., places], -1)[..., -1] / len(
                places
            )
    return values


def final_of_study(merged: Merged) -> dict[str, np.ndarray]:
    """Read what `final` reads from the chunks of a finished study."""
    parts = [
        final(
            SimpleNamespace(
                scenarios=merged.scenarios,
                replicates=chunk.labels["replicates"],
                true=chunk["true"][..., :-1, :],
                small=chunk["true"][..., -1, :],
                outcomes={name: chunk[f"outcomes/{name}"] for name in merged.outcomes},
                items=chunk["items"].astype(float) if merged.levels else None,
                levels=merged.levels,
                costs=chunk["costs"],
            )
        )
        for chunk in merged.chunks
    ]
    return side_by_side(parts)


def side_by_side(parts: Sequence[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """What was read of several batches, their replicates one after the other."""
    return {key: np.concatenate([part[key] for part in parts], axis=1) for key in parts[0]}


def path(record: Record, variable: str, kind: str) -> dict[str, np.ndarray]:
    """Read one variable of one kind in every quarter, shape (S, R, Q); NaN where it is not taken."""
    place = PLACES.index(kind)
    if variable in record.outcomes:
        return {"path": record.outcomes[variable][..., place]}
    scores = np.concatenate([record.true, record.small[..., None, :]], axis=3)[..., place, :]
    if variable == "index":
        return {"path": index_of(scores)}
    if variable in DIMENSIONS:
        return {"path": scores[..., DIMENSIONS.index(variable)]}
    assert record.items is not None, "the study did not record items"
    index = np.full(scores.shape[:-1], np.nan)
    rungs = [k for k, (item, _) in enumerate(record.levels) if variable in (RUNGS, ITEM + item)]
    level = record.items[:, :, :, place][..., rungs].sum(-1)
    ends = [record.quarters.index(quarter) for quarter in record.survey_quarters]
    index[..., ends] = 0.01 * level if variable == RUNGS else level / len(rungs)
    return {"path": index}


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


def own_banks(record: Record) -> dict[str, np.ndarray]:
    """Read what users' own banks become that a choice between plans rests on, shape (S, R, years, rows)."""
    return {name: values for name, values in (record.own or {}).items() if name in OWN_READ}


def banks(record: Record) -> dict[str, np.ndarray]:
    """Read the true index of every bank in the last quarter, points, shape (S, R, N)."""
    return {"index": record.bank_index}


def editions(record: Record) -> dict[str, np.ndarray]:
    """Read the true score of application at years' ends by the first edition and by that of the year, in points.

    Returns
    -------
    dict
        ``without`` and ``with_item``, shape (S, R, years, kinds).
    """
    ends = [position for position, quarter in enumerate(record.quarters) if quarter.endswith("Q4")]
    without = record.outcomes["application_like_for_like"][:, :, ends, : len(KINDS)]
    return {"without": without, "with_item": record.true[..., APPLICATION][:, :, ends]}


def pick(values: np.ndarray, variable: str, kind: str) -> np.ndarray:
    """Return one variable of one kind from an array of `final`, shape (S, R)."""
    return values[..., VARIABLES.index(variable), PLACES.index(kind)]


def complete_measures(values: np.ndarray, measures: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return those measures (variable, kind) that have a value in every run."""
    return [measure for measure in measures if np.isfinite(pick(values, *measure)).all()]
