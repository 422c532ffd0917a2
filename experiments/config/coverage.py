"""Whom a policy reaches: banks, provinces and the share of assets, from the population of a study."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from experiments.failure import StudyFailed
from model.population import Population
from model.world import Scenario

ALL: Final = "all"
"""Stands for all policies of a scenario together."""


@dataclass(frozen=True)
class Coverage:
    """Whom one policy of a scenario reaches.

    Parameters
    ----------
    scenario, policy : str
        `ALL` takes every policy of the scenario: a bank counts once, whichever reaches it.
    banks, provinces : int
        Banks covered, and provinces where one of them has its head office.
    asset_share : float
        Their assets over those of all banks at the start, 0-1.
    """

    scenario: str
    policy: str
    banks: int
    provinces: int
    asset_share: float


def coverage(population: Population, scenarios: Iterable[Scenario]) -> tuple[Coverage, ...]:
    """Work out whom the policies of some scenarios reach.

    Parameters
    ----------
    population : Population
    scenarios : iterable of Scenario
        Those without a policy have no row.

    Returns
    -------
    tuple of Coverage
        A row for each policy of each scenario, and one for all of its policies.
    """
    rows: list[Coverage] = []
    for scenario in scenarios:
        covered = [population.covered(policy) for policy in scenario.policies]
        rows += [
            _row(population, scenario.name, policy.name, reached)
            for policy, reached in zip(scenario.policies, covered, strict=True)
        ]
        if covered:
            rows.append(_row(population, scenario.name, ALL, np.any(covered, axis=0)))
    return tuple(rows)


def check_reach(rows: Sequence[Coverage]) -> None:
    """Refuse a policy that reaches nobody: it would read as one without effect."""
    nobody = [f"{row.policy} of {row.scenario}" for row in rows if not row.banks and row.policy != ALL]
    if nobody:
        raise StudyFailed(
            f"{', '.join(nobody)} reaches no bank of this population: widen its provinces or kinds of banks, "
            "or choose population=national"
        )


def _row(population: Population, scenario: str, policy: str, reached: np.ndarray) -> Coverage:
    assets = population.assets
    return Coverage(
        scenario=scenario,
        policy=policy,
        banks=int(reached.sum()),
        provinces=len(np.unique(population.province[reached])),
        asset_share=float(assets[reached].sum() / assets.sum()),
    )
