"""A fixed plan: the shares a bank has written down, whatever happens."""

from typing import Any

import numpy as np


def fixed_plan(bank: Any) -> np.ndarray:
    """Shares of the written plan of the bank's kind, or of its own where it has one.

    Parameters
    ----------
    bank : Bank
        Uses ``written_plan``, shape (6, R, n), which sums to one.

    Returns
    -------
    ndarray, shape (6, R, n)
    """
    return bank.written_plan.copy(order="K")
