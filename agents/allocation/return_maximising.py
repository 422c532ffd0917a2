"""The myopic optimum: the division of the budget that adds most to the value built in the coming year."""

from typing import Any

import numpy as np

from agents.allocation.simplex import to_simplex


def return_maximising(bank: Any) -> np.ndarray:
    """Optimum of next year's value, ``[sum_d w_d K_d^rho]^(1/rho)``, to first order in what is built (L011, L021).

    Dimension d adds ``v_d (s_d x)^alpha`` with ``v_d = w_d K_d^(rho-1) (1 - K_d) e_d f_d^alpha``, its productivity
    e and the effort f that a yuan buys, so that the Lagrangian gives ``s_d ~ v_d^(1/(1-alpha))``: no search, no
    imitation, no habit. It looks one year ahead only, and so pays for nothing that makes later years' money worth
    more: over ten years a bank that follows habit and peers may end better.

    Parameters
    ----------
    bank : Bank
        Uses ``weights``, ``dimensions``, ``effectiveness()``, ``priced()``.

    Returns
    -------
    ndarray, shape (6, R, n)
    """
    traits, level = bank.traits, np.maximum(bank.dimensions, 0.01)
    marginal = np.log(np.maximum(bank.weights * (1.0 - bank.dimensions) * bank.effectiveness(), 1e-9))
    marginal += (traits.substitution - 1.0) * np.log(level)
    marginal += traits.returns_exponent * np.log(bank.priced(np.ones_like(level)))
    marginal /= 1.0 - traits.returns_exponent
    marginal -= marginal.max(0)
    return to_simplex(np.exp(marginal), traits.smallest_share)
