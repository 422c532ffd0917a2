"""The contest for inclusive small-firm loans between large banks and the rest."""

import numpy as np

from agents.column import Array, Mask, Number
from model.reduction import over_banks


def contest(share: Array, large: Mask, descent: Array, progress: Array, sensitivity: Number) -> Array:
    """Market shares after a quarter; they sum to one.

    ``s_i' ~ s_i exp(d [i large] + kappa/4 (A_i - A_i0))``: large banks gain along the path of the environment (outturn
    P088-P094 to mid-2025), and whoever improves its application more than others keeps or wins share (H011).

    Parameters
    ----------
    share : ndarray, shape (R, N)
        Shares of the market, summing to one over the banks.
    large : ndarray of bool, shape (N,)
        Which banks are large.
    descent : ndarray, shape (R, 1)
        Rise of the large banks' log-odds this quarter.
    progress : ndarray, shape (R, N)
        Application capability now less at the start.
    sensitivity : float or ndarray, shape (R, 1)
        kappa, relative gain of share a year for a whole unit of capability.

    Returns
    -------
    ndarray, shape (R, N)
    """
    weight = pull(share, large, descent, progress, sensitivity)
    return weight / over_banks(weight)[..., None]


def pull(share: Array, large: Mask, descent: Array, progress: Array, sensitivity: Number) -> Array:
    """What each bank would hold if the market grew with it; see ``contest``."""
    descending = (large[:, None] * descent.T).T  # replicates side by side, as in the columns
    return share * np.exp((0.25 * sensitivity) * progress + descending)
