"""Satisficing with imitation: search only when performance falls short, then copy the best and mend the weakest."""

from typing import Any

import numpy as np

from agents.allocation.simplex import to_simplex


def satisficing(bank: Any) -> np.ndarray:
    """Shares of a bank that changes its habits only below its aspiration (Cyert & March; Nelson & Winter; L016, L017).

    ``s' = (1 - m) s + m [w best + (1 - w) need]`` with m = 0 for a satisfied bank; every bank experiments a little.

    Parameters
    ----------
    bank : Bank
        Uses ``allocation``, ``aspiration``, ``performance``, ``best_practice``, ``need``, ``experiment``.

    Returns
    -------
    ndarray, shape (6, R, n)
    """
    habit, traits = bank.allocation, bank.traits
    search = traits.search * (bank.performance < bank.aspiration)
    copied = bank.imitation()
    step = (1.0 - copied) * bank.need()
    step += copied * bank.best_practice
    step -= habit
    step *= search
    step += habit
    tried = traits.experimentation * bank.experiment
    step *= np.exp(tried, out=tried)
    return to_simplex(step, traits.smallest_share)
