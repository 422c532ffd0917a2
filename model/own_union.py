"""The provincial union as a user's own bank finds it."""

from typing import Any

import numpy as np

from agents.honeycomb import KINDS, TECHNOLOGY
from model.reduction import over_banks


class OwnUnion:
    """What the union of the own bank's province offers it; its fees do not build the platform that others use.

    Parameters
    ----------
    guest : Guest
    """

    def __init__(self, guest: Any) -> None:
        host, place = guest.host, guest.population.province[0]
        self.unions, self.host = host.network.unions, host
        home = guest.population.provinces[place]
        member = home.union_mode != "single_bank" and home.members > 1
        rural = KINDS[guest.population.kind[0]] == "rural"
        self.rural = slice(0, guest.size if rural and member else 0)
        here = np.flatnonzero(self.unions.provinces == place)
        # A province whose union has no member in the population is given the average union.
        self.like = here if len(here) else np.flatnonzero(self.unions.has_union)

    def offer(
        self, technology: np.ndarray, quality: np.ndarray | float, fit_loss: np.ndarray | float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Level of the hub, and level that fits the own bank; see ``model.union.Unions.offer``."""
        unions, numbers = self.unions, self.unions.numbers
        members = unions.member_mean(self.host.columns["dimensions"][TECHNOLOGY][:, unions.rural])
        level, middle = (
            over_banks(values[:, self.like])[:, None] / max(len(self.like), 1)
            for values in (unions.level, members)
        )
        level = np.where(level > 0, np.minimum(level + quality, 1.0), 0.0) * np.ones_like(technology)
        lost = (numbers.union_fit_loss + fit_loss) * (0.25 + 2.0 * np.abs(technology - middle))
        return level, level * np.maximum(1.0 - lost, 0.0)
