"""City commercial banks: regional, with a broad strategy and an eye on their peers."""

import numpy as np

from agents.bank import Bank


class CityBank(Bank):
    """Serves several strategies at once, so that its wants are spread; it watches the best of its kind."""

    kind = "city"

    def need(self) -> np.ndarray:
        """Need, spread toward even shares: a broad strategy leaves no dimension behind (O014-O022)."""
        breadth = self.traits.breadth
        want = super().need()
        want *= 1.0 - breadth
        want += breadth / len(want)
        return want
