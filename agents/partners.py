"""Whether a bank seeks a partner or leaves one: trust and capacity, not need."""

import numpy as np

Numbers = np.ndarray | float


def able(base: Numbers, drive: np.ndarray, coordination: np.ndarray, lift: Numbers) -> np.ndarray:
    """Chance a year of finding one more partner, 0-0.9.

    Parameters
    ----------
    base : float or ndarray
        1/year for an average bank.
    drive : ndarray
        How much the board wants it, about 1.
    coordination : ndarray of int8
        Rung of business-technology coordination, 0-3.
    lift : float or ndarray
        Relative gain by policy or trust.
    """
    return np.minimum(base * drive * (0.7 + 0.3 * coordination) * (1.0 + lift), 0.9)


def renew(
    current: np.ndarray, offered: np.ndarray, draw: np.ndarray, seeks: np.ndarray, leaves: Numbers
) -> np.ndarray:
    """Partner in a slot after a year: a free slot takes the one on offer, a taken one may end; -1 for none.

    One draw decides: its top seeks, its bottom leaves.

    Parameters
    ----------
    current, offered : ndarray of int8
        Partner now, and the one that a free slot would take; -1 for none.
    draw : ndarray
        Uniform on 0-1.
    seeks, leaves : ndarray or float
        Chance that a free slot is filled, that a taken one ends; 1/year.
    """
    taken = np.where((current < 0) & (draw > 1.0 - seeks), offered, current)
    return np.where((current >= 0) & (draw < leaves), np.int8(-1), taken).astype(np.int8)
