"""The benchmark: the division of the budget that maximises the value built in the coming year."""

from typing import Any

import numpy as np

from agents.allocation.simplex import to_simplex


def return_maximising(bank: Any) -> np.ndarray:
    """Exact optimum of ``sum_d w_d (1 - K_d) e_d (s_d x)^alpha`` over shares that sum to one (benchmark of L021).

    The Lagrangian gives ``s_d ~ [w_d (1 - K_d) e_d]^(1/(1-alpha))``: no search, no imitation, no habit.

    Parameters
    ----------
    bank : Bank
        Uses ``weights``, ``dimensions``, ``effectiveness()``.

    Returns
    -------
    ndarray, shape (6, R, n)
    """
    marginal = bank.weights * (1.0 - bank.dimensions) * bank.effectiveness()
    exponent = 1.0 / (1.0 - bank.traits.returns_exponent)
    return to_simplex(np.exp(exponent * np.log(np.maximum(marginal, 1e-9))), bank.traits.smallest_share)
