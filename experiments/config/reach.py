"""Faults of policies that reach no bank of the study's population."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from agents.honeycomb import KINDS
from experiments.config.errors import Faults
from experiments.config.sentences import Sentence

if TYPE_CHECKING:
    from experiments.config.policies import PolicySettings
    from experiments.config.study import StudySettings
    from model.population import Population


def check_reach(settings: StudySettings, where: Callable[[str], str], faults: Faults) -> None:
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

    for scenario in settings.scenarios:
        for policy in scenario.policies:
            banks = _population(_Key(settings))
            if not banks.covered(assembled(policy)).any():
                what = Sentence("reaches 0 banks", "覆盖 0 家银行")
                faults.add(where(f"policies.{policy.name}.coverage"), what, _present(banks, policy))


def _present(banks: Population, policy: PolicySettings) -> Sentence:
    """Which provinces have banks of the kinds that a policy asks for."""
    inside = np.isin(banks.kind, [KINDS.index(kind) for kind in policy.coverage.kinds])
    codes = ", ".join(banks.provinces[int(place)].code for place in np.unique(banks.province[inside]))
    kinds = ", ".join(policy.coverage.kinds)
    return Sentence(f"provinces with {kinds} banks: {codes}", f"有 {kinds} 银行的省份：{codes}")


class _Key:
    """A study, known by what its population is made of."""

    def __init__(self, settings: StudySettings) -> None:
        self.settings = settings
        focus = {kind: tree["focus"] for kind, tree in settings.banks.plain().items()}
        self.text = repr((settings.population.plain(), focus, settings.seed))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


@lru_cache(maxsize=4)
def _population(key: _Key) -> Population:
    from experiments.config.population import population

    return population(key.settings)
