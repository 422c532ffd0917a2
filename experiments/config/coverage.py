"""Whom a policy reaches: banks, provinces and the share of assets, from the population of a study."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from agents.honeycomb import KINDS
from experiments.config.errors import Faults, Sentence, sentence
from experiments.failure import StudyFailed
from model.population import Population
from model.world import Scenario

if TYPE_CHECKING:
    from experiments.config.scenarios import PolicySettings
    from experiments.config.study import StudySettings

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


# --- before a study starts


def note_reach(settings: StudySettings, where: Callable[[str], str], faults: Faults) -> None:
    """Note every policy that reaches no bank.

    Parameters
    ----------
    settings : StudySettings
    where : callable
        From a dotted key to ``file:key``.
    faults : Faults
        Grows by what is wrong.
    """
    from experiments.config.assembly import policy as assembled

    policies = [policy for scenario in settings.scenarios for policy in scenario.policies]
    if not policies:
        return
    banks = _population(settings)
    for policy in policies:
        if not banks.covered(assembled(policy)).any():
            what = sentence("reaches 0 banks")
            faults.add(where(f"policies.{policy.name}.coverage"), what, _present(banks, policy))


def _present(banks: Population, policy: PolicySettings) -> Sentence:
    """Which provinces have banks of the kinds that a policy asks for."""
    inside = np.isin(banks.kind, [KINDS.index(kind) for kind in policy.coverage.kinds])
    codes = ", ".join(banks.provinces[int(place)].code for place in np.unique(banks.province[inside]))
    kinds = ", ".join(policy.coverage.kinds)
    return sentence("provinces with {} banks: {}", kinds, codes)


def _population(settings: StudySettings) -> Population:
    """The population of a study; studies of a sweep that share one have it built once."""
    from experiments.config.population import population

    focus = {kind: tree["focus"] for kind, tree in settings.banks.plain().items()}
    key = repr((settings.population.plain(), focus, settings.seed))
    if key not in _BUILT:
        if len(_BUILT) == MOST_KEPT:
            _BUILT.pop(next(iter(_BUILT)))
        _BUILT[key] = population(settings)
    return _BUILT[key]


MOST_KEPT: Final = 4
_BUILT: Final[dict[str, Population]] = {}
