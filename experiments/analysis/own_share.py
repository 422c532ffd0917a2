"""What share of revenue keeps the own bank from falling behind: its plan run again at several shares."""

from typing import Any

import numpy as np
import pandas as pd

from agents.own_bank import VARIANTS
from experiments.analysis.case import Case, bands, frame
from experiments.analysis.laboratory import Laboratory
from experiments.failure import StudyFailed

TIMES = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)  # times the bank's own share
SMALLEST, LARGEST = 0.001, 0.5  # what the bank's file may say
COLUMNS = (
    "scenario", "spend_ratio", "own", "keeps_up", "holds_place", "exhausted", "index", "index_low", "index_high",
)  # fmt: skip


def own_share(case: Case) -> dict[str, pd.DataFrame]:
    """Run the plan at several shares of revenue, in every future without a policy.

    Returns
    -------
    dict
        ``own_share``: a row for each scenario and share. ``spend_ratio``: technology spending over revenue at the
        start; ``own``: 1 at the bank's own share; ``keeps_up``: share of runs in which the index ends at or above the
        median of the kind; ``holds_place``: in which the bank leaves no fewer of its kind behind than at the start;
        ``exhausted``: in which the budget of the last year does not cover what must be kept running.
    """
    if case.settings.bank is None:
        raise StudyFailed("the method own_share needs a bank of your own, for instance bank=example")
    every = case.laboratory.scenarios
    futures = [label for label, scenario in every.items() if not scenario.policies] or list(every)[:1]
    today = case.settings.bank.spend_ratio or _today(case)
    rows: list[dict[str, Any]] = []
    for share in dict.fromkeys(float(np.clip(today * times, SMALLEST, LARGEST)) for times in TIMES):
        other = with_bank(case, {"spend_ratio": share})
        found = other.run([other.scenarios[label] for label in futures], case.replicates, "own_plan")
        for s, label in enumerate(futures):
            end = {key: value[s] for key, value in found.items()}
            told = {
                "keeps_up": end["lead"] >= 0,
                "holds_place": end["moved"] >= 0,
                "exhausted": end["exhausted"] > 0,
            }
            rows.append(
                {"scenario": label, "spend_ratio": share, "own": float(share == today)}
                | {key: float(value.mean()) for key, value in told.items()}
                | bands(end["index"], "index")
            )
    rows.sort(key=lambda row: futures.index(row["scenario"]))
    return {"own_share": frame(rows, COLUMNS)}


def with_bank(case: Case, changed: dict[str, Any]) -> Laboratory:
    """The laboratory of the same study with other numbers of the own bank; they hold for all its variants."""
    bank = case.settings.bank.model_copy(update=changed)
    return Laboratory(case.settings.model_copy(update={"bank": bank}), case.laboratory.store)


def _today(case: Case) -> float:
    """Share of revenue that a bank without one of its own starts with: the median over the runs of the study."""
    assert case.merged is not None
    plan = VARIANTS.index("plan")
    seen = np.concatenate([chunk["own/spend_ratio"][0, :, :, plan] for chunk in case.merged.chunks])
    first = np.isfinite(seen).any(0).argmax()
    return float(np.median(seen[:, first])) / 100.0
