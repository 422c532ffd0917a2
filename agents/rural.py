"""Rural institutions: a narrow focus, thin capital, and a provincial union that runs the core systems."""

import numpy as np

from agents.bank import Bank
from agents.honeycomb import DATA, TECHNOLOGY


class RuralBank(Bank):
    """Copies more when squeezed, and lets the union decide what the union already provides."""

    kind = "rural"

    def imitation(self) -> np.ndarray | float:
        """Weight of peers: higher where capital leaves little room to search alone."""
        traits = self.traits
        return np.minimum(traits.imitation + traits.imitation_when_squeezed * (1.0 - self.room()), 1.0)

    def need(self) -> np.ndarray:
        """Need after what the union's platform provides: technology is bought from the hub, not built again."""
        want = 1.0 + self.traits.residual_interest - self.dimensions
        want *= self.weights
        want[TECHNOLOGY] *= 1.0 - self.traits.union_reliance * self.hub_level
        want /= sum(want[1:], start=want[0])
        return want

    def maintained(self) -> np.ndarray:
        """Mean capability to keep running: what the union runs for its members costs them its fee instead (L025)."""
        technology, application, data = self.dimensions[TECHNOLOGY : DATA + 1]
        own = 1.0 - self.traits.union_reliance * self.hub_level
        return (technology * own + application + data) * (1.0 / 3.0)
