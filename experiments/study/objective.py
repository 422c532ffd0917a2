"""The number that a job returns, for a sweeper to make as large, or as small, as it can."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.results.open import Results

if TYPE_CHECKING:
    from experiments.config.study import StudySettings

BILLION = 1000.0  # million yuan


def objective(settings: StudySettings, folder: Path) -> float:
    """The statistic that ``objective`` asks for, of the paired effect of the last scenario in the last quarter.

    Parameters
    ----------
    settings : StudySettings
        With an objective.
    folder : Path
        The finished study.

    Returns
    -------
    float
        In the unit of the outcome, less `cost` units for each billion yuan that the policies cost a year.
    """
    asked, label = settings.objective, settings.labels[-1]
    assert asked is not None
    results = Results(folder)
    effects = results.frame("effects")
    chosen = (effects["scenario"] == label) & (effects["outcome"] == asked.outcome)
    chosen &= (effects["bank_kind"] == asked.bank_kind) & (effects["quarter"] == settings.end)
    values = effects.loc[chosen, "effect"].to_numpy(float)
    values = values[np.isfinite(values)]
    if not len(values):  # a baseline is compared with nothing
        return 0.0
    statistics: dict[str, Callable[[np.ndarray], float]] = {
        "median": np.median,
        "mean": np.mean,
        "q05": lambda given: np.quantile(given, 0.05),
        "q95": lambda given: np.quantile(given, 0.95),
        "probability": lambda given: (np.sign(given) / 2 + 0.5).mean(),
    }
    return float(statistics[asked.statistic](values)) - asked.cost * _billions_a_year(results, settings)


def _billions_a_year(results: Results, settings: StudySettings) -> float:
    costs = results.frame("costs")
    own = costs[costs["scenario"] == settings.labels[-1]]
    years = max(1, len(settings.quarters) // 4)
    return float(own["cost"].sum()) / settings.replicates / years / BILLION if len(own) else 0.0
