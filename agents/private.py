"""Private banks: online, in concentrated niches, with a very technology-heavy staff."""

import numpy as np

from agents.bank import Bank


class PrivateBank(Bank):
    """Has no branches: its return depends on its weakest link between technology and application."""

    kind = "private"

    def digital_return(self) -> np.ndarray | float:
        """Return of an online niche: it falls with how far application lags technology, 1/year."""
        lag = np.maximum(self.dimensions[2] - self.dimensions[3], 0.0)
        return self.traits.digital_return * (1.0 - self.traits.niche_lag * lag)
