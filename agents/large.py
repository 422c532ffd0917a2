"""Large banks: six state-owned and twelve joint-stock; they stand near the frontier and export technology."""

import numpy as np

from agents.bank import Bank


class LargeBank(Bank):
    """Earns more from the same capability because it spreads over a larger book, and skims rather than is skimmed."""

    kind = "large"

    def digital_return(self) -> np.ndarray | float:
        """Return that rises with size and with the application frontier (Feng & Wu 2018; L028), 1/year."""
        scale = np.log(np.maximum(self.assets / self.traits.scale_assets, 1.0))
        return self.traits.digital_return * (1.0 + self.traits.scale_return * scale)

    def creaming(self) -> np.ndarray | float:
        """Large banks win the better clients: what they gain does not raise their own bad loans."""
        return 0.0

    def partner_wish(self, layer: str) -> np.ndarray:
        """Large banks export technology and do not import it; they may use vendors."""
        desire = super().partner_wish(layer)
        return desire if layer == "vendor" else np.zeros_like(desire)
