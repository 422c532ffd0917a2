"""Whom to work with: what a bank proposes; the network resolves the proposals."""

import numpy as np

from agents.column import Array, Number


def wish(need: Array, trust: Number, cost: Number, slope: Number) -> Array:
    """Probability that a bank seeks a partner in a layer, ``1/(1 + exp(-s (need + trust - cost)))``.

    Parameters
    ----------
    need : ndarray
        How much the partner could add, 0-1.
    trust, cost : float or ndarray
        Trust in the layer's partners and perceived cost of integration and uncertainty, in units of need.
    slope : float
        Sharpness of the decision, 1/unit of need.

    Returns
    -------
    ndarray
        0-1.
    """
    return 1.0 / (1.0 + np.exp(-slope * (need + trust - cost)))


def keep_or_seek(
    current: Array, sought: Array, renewal: Number, wish_probability: Array, decision: Array
) -> Array:
    """Partner a bank proposes for the coming year: the current one, another one, or none.

    Parameters
    ----------
    current, sought : ndarray, shape (R, n)
        Index of the present partner (-1: none) and of the one the bank would turn to.
    renewal : float
        Probability that a contract is renewed without a new decision, 0-1.
    wish_probability, decision : ndarray, shape (R, n)
        Probability of wanting a partner, and one uniform draw.

    Returns
    -------
    ndarray, shape (R, n)
        Index proposed, -1 for none.
    """
    renewed = (current >= 0) & (decision < renewal)
    fresh = np.where(current >= 0, (decision - renewal) / (1.0 - renewal), decision)
    return np.where(renewed, current, np.where(fresh < wish_probability, sought, -1.0))
