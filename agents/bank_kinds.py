"""The four kinds of bank: each a class that differs from the others where the evidence says so.

The row of the same name in ``agents.kinds`` says the rest.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from agents.bank import Bank
from agents.column import Array, Number
from agents.honeycomb import APPLICATION, DATA, TECHNOLOGY
from agents.kinds import KINDS
from agents.traits import Traits


@dataclass(frozen=True, kw_only=True)
class LargeTraits(Traits):
    """The numbers of this kind alone: how its return grows with size."""

    scale_return: Number
    scale_assets: Number


class LargeBank(Bank):
    """Earns more from the same capability because it spreads over a larger book, and skims rather than is skimmed."""

    kind = "large"
    numbers = LargeTraits
    traits: LargeTraits

    def digital_return(self) -> Number:
        """Return that rises with size and with the application frontier (Feng & Wu 2018; L028), 1/year."""
        scale = np.log(np.maximum(self.assets / self.traits.scale_assets, 1.0))
        return self.traits.digital_return * (1.0 + self.traits.scale_return * scale)

    def creaming(self) -> Number:
        """Large banks win the better clients: what they gain does not raise their own bad loans."""
        return 0.0

    def partner_wish(self, layer: str) -> Array:
        """Large banks export technology and do not import it; they may use vendors."""
        desire = super().partner_wish(layer)
        return desire if layer == "vendor" else np.zeros_like(desire)


@dataclass(frozen=True, kw_only=True)
class CityTraits(Traits):
    """The numbers of this kind alone: how broad its strategy is."""

    breadth: Number


class CityBank(Bank):
    """Serves several strategies at once, so that its wants are spread; it watches the best of its kind."""

    kind = "city"
    numbers = CityTraits
    traits: CityTraits

    def need(self) -> Array:
        """Need, spread toward even shares: a broad strategy leaves no dimension behind (O014-O022)."""
        breadth = self.traits.breadth
        want = super().need()
        want *= 1.0 - breadth
        want += breadth / len(want)
        return want


@dataclass(frozen=True, kw_only=True)
class RuralTraits(Traits):
    """The numbers of this kind alone: what thin capital and the union do to it."""

    imitation_when_squeezed: Number
    union_reliance: Number


class RuralBank(Bank):
    """Copies more when squeezed, and lets the union decide what the union already provides."""

    kind = "rural"
    numbers = RuralTraits
    traits: RuralTraits

    def imitation(self) -> Number:
        """Weight of peers: higher where capital leaves little room to search alone."""
        traits = self.traits
        return np.minimum(traits.imitation + traits.imitation_when_squeezed * (1.0 - self.room()), 1.0)

    def need(self) -> Array:
        """Need after what the union's platform provides: technology is bought from the hub, not built again."""
        want = 1.0 + self.traits.residual_interest - self.dimensions
        want *= self.weights
        want[TECHNOLOGY] *= 1.0 - self.traits.union_reliance * self.hub_level
        want /= sum(want[1:], start=want[0])
        return want

    def maintained(self) -> Array:
        """Mean capability to keep running: what the union runs for its members costs them its fee instead (L025)."""
        technology, application, data = self.dimensions[TECHNOLOGY : DATA + 1]
        own = 1.0 - self.traits.union_reliance * self.hub_level
        mean: Array = (technology * own + application + data) * (1.0 / 3.0)
        return mean


@dataclass(frozen=True, kw_only=True)
class PrivateTraits(Traits):
    """The numbers of this kind alone: what its niche loses."""

    niche_lag: Number


class PrivateBank(Bank):
    """Has no branches: its return depends on its weakest link between technology and application."""

    kind = "private"
    numbers = PrivateTraits
    traits: PrivateTraits

    def digital_return(self) -> Number:
        """Return of an online niche: it falls with how far application lags technology, 1/year."""
        lag: Array = np.maximum(self.dimensions[TECHNOLOGY] - self.dimensions[APPLICATION], 0.0)
        return self.traits.digital_return * (1.0 - self.traits.niche_lag * lag)


BANKS: Final = MappingProxyType({cls.kind: cls for cls in (LargeBank, CityBank, RuralBank, PrivateBank)})
assert tuple(BANKS) == KINDS, "a class and a row for every kind, in one order"
