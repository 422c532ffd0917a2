"""The questionnaire item by item: shares of banks on each rung, and what scenarios change in them."""

from pathlib import Path
from typing import Final

import numpy as np

from experiments.results.parquet import TableWriter, along
from experiments.results.schema import KIND_OR_ALL, QUARTER, SCENARIO, Column, table, text, with_ends
from experiments.results.statistics import quantile
from experiments.runs.merged import KINDS_AND_ALL, Merged

ITEMS: Final = table(
    "how many banks of one kind stand on one rung of one item or above at a year's end, over the runs",
    SCENARIO,
    QUARTER,
    KIND_OR_ALL,
    text("item", "item of the questionnaire, conf/questionnaire/items.csv"),
    Column("rung", "int32", "rung, 1 the first; 0: mean level on the whole ladder", "", 0),
    with_ends(
        "share", "banks on the rung or above; level: 0 nobody has begun, 100 all are on the top", "percent"
    ),
    with_ends("effect", "paired difference to the baseline; missing for a baseline", "percentage points"),
)


def write_items(merged: Merged, folder: Path) -> None:
    """Write items.parquet, unless the study did not record its items."""
    if not merged.levels:
        return
    names = tuple(dict.fromkeys(item for item, _ in merged.levels))
    levels = {
        "scenario": merged.scenarios,
        "quarter": merged.quarters,
        "bank_kind": KINDS_AND_ALL,
        "item": names,
    }
    rungs = [(names.index(item), rung) for item, rung in merged.levels] + [(k, 0) for k in range(len(names))]
    when = np.array(merged.places("survey"))
    with TableWriter(folder / "items.parquet", ITEMS, levels) as written:
        for s, base in enumerate(merged.base):
            for part, gathered in merged.blocks.by_quarter("items"):
                shares = with_means(gathered[:, s], merged, names)
                effects = shares - with_means(gathered[:, base], merged, names)
                there = np.isfinite(shares).all(-1)
                found = [quantile(np.where(there[..., None], values, 0.0)) for values in (shares, effects)]
                ends = dict(zip(("share_low", "share", "share_high"), found[0], strict=True))
                changed = found[1] if s != base else np.full_like(found[1], np.nan)
                written.add(
                    there.shape,
                    keep=there,
                    scenario=s,
                    quarter=along(when[part], 0, 3),
                    bank_kind=along(range(len(KINDS_AND_ALL)), 1, 3),
                    item=along([item for item, _ in rungs], 2, 3),
                    rung=along([rung for _, rung in rungs], 2, 3),
                    **ends,
                    **dict(zip(("effect_low", "effect", "effect_high"), changed, strict=True)),
                )


def with_means(shares: np.ndarray, merged: Merged, names: tuple[str, ...]) -> np.ndarray:
    """Shares of banks by rung, and after them the mean level of each item; shape (quarters, kinds, rows, runs)."""
    means = np.stack([merged.pick(shares, f"item:{name}") for name in names], axis=2)
    return np.concatenate([shares, means], axis=2)
