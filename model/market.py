"""The contest for inclusive small-firm loans between large banks and the rest."""

import numpy as np

from model.reduction import over_banks


def contest(
    share: np.ndarray,
    large: np.ndarray,
    descent: np.ndarray,
    lead: np.ndarray,
    sensitivity: np.ndarray | float,
    there: np.ndarray,
) -> np.ndarray:
    """Market shares after a quarter; those of the banks that are there sum to one.

    ``s_i' ~ s_i exp(d [i large] + kappa/4 lead_i)``: large banks gain along the path of the environment (P088-P094),
    and whoever stands ahead of its own side in realised market skill wins share from those behind. Level counts, not
    change: a bank that is ahead goes on winning (H011, L013).

    Parameters
    ----------
    share : ndarray, shape (M, R)
    large : ndarray of bool, shape (M,)
    descent : ndarray, shape (R,)
        Rise of the large banks' log-odds this quarter.
    lead : ndarray, shape (M, R)
        Realised market skill less the share-weighted mean of its side (large banks, or the rest), -1 to 1.
    sensitivity : float or ndarray
        kappa, relative gain of share a year for a whole unit of skill.
    there : ndarray of bool, shape (N, R)
        Banks that make the market: the population's, not merged away. Rows behind them belong to a user's own bank,
        which takes nobody's place.
    """
    weight = share * np.exp(0.25 * sensitivity * lead + large[:, None] * descent)
    result: np.ndarray = weight / over_banks(weight[: len(there)] * there)
    return result


def lead_of_side(skill: np.ndarray, share: np.ndarray, large: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Skill less the share-weighted mean of the bank's side, shape (M, R)."""
    weight = share[: len(there)] * there
    ours = large[: len(there), None]
    sides = np.empty((2, 2, *weight.shape))
    for side, inside in zip(sides, (~ours, ours), strict=True):
        np.multiply(weight, inside, out=side[1])
        np.multiply(weight * skill[: len(there)], inside, out=side[0])
    weighed, weight = over_banks(sides).swapaxes(0, 1)
    result: np.ndarray = skill - (weighed / np.maximum(weight, 1e-300))[large.view(np.int8)]
    return result
