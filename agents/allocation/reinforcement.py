"""Reinforcement: do more of what paid off, by experience-weighted attraction."""

from typing import Any

import numpy as np

from agents.allocation.simplex import to_simplex


def reinforcement(bank: Any) -> np.ndarray:
    """Shares by experience-weighted attraction (Camerer & Ho 1999; L019), softmax of attractions.

    ``A' = [phi N A + (delta + (1 - delta) s) pi]/N'``, ``N' = phi N + 1``; the payoff pi of a dimension is its weighted
    capability gain over the last year. Erev-Roth (L018) is the limit delta = 0, N = 1.

    Parameters
    ----------
    bank : Bank
        Uses ``allocation``, ``payoff()`` and ``experiment``; updates ``attraction`` and ``experience``.

    Returns
    -------
    ndarray, shape (6, R, n)
    """
    traits, shares = bank.traits, bank.allocation
    experience = traits.memory * bank.experience + 1.0
    weight = traits.foregone + (1.0 - traits.foregone) * shares
    bank.attraction = (
        traits.memory * bank.experience * bank.attraction + weight * bank.payoff()
    ) / experience
    bank.experience = experience
    score = traits.sensitivity * bank.attraction + traits.experimentation * bank.experiment
    score -= score.max(0)
    return to_simplex(bank.habitual * np.exp(score), traits.smallest_share)
