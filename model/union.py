"""Provincial unions: a platform for rural members, reformed by province, date and mode."""

from typing import TYPE_CHECKING

import numpy as np

from model.streams import uniform

if TYPE_CHECKING:
    from model.system import BankingSystem


class Unions:
    """Platforms of the provinces: level, reform and membership.

    A reform lifts the level that a platform moves to; members get what it carries (items marked ``shared``) without a
    project of their own.

    Parameters
    ----------
    system : BankingSystem
        Gives provinces, numbers and reforms.
    """

    def __init__(self, system: "BankingSystem") -> None:
        self.system = system
        population, p = system.banks, system.p
        places = population.provinces
        self.has = np.array([place.has_union for place in places])
        self.member = system.joins_union & self.has[population.province] & system.world.switches.unions
        drawn = uniform(system.draws.words("union", len(places)))
        self.base = (p.hub_start + p.hub_spread * (2.0 * drawn - 1.0)) * self.has[:, None]
        self.level, self.aimed = self.base.copy(), np.minimum(self.base, 1.0)
        self.reformed = np.zeros(self.base.shape, bool)
        self.inside = self.member[:, None]

    def advance(self, quarter: int) -> None:
        """A quarter: reforms of this date open; platforms move toward their level; members see what reaches them."""
        system, p = self.system, self.system.p
        for reform in system.world.reforms:
            if reform.quarter == quarter:
                self.reformed[reform.province] = True
                lifted = self.base + p.hub_reform * self.reformed * self.has[:, None]
                self.aimed = np.minimum(lifted, 1.0)
        self.level += 0.25 * p.hub_speed * (self.aimed - self.level)
        home = system.banks.province
        reached = self.level[home] + system.lever("hub_quality")
        system.hub = np.minimum(reached, 1.0) * self.inside
        system.hub_gain = np.maximum(system.hub - self.base[home], 0.0) * self.inside
