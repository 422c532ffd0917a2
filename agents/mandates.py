"""Items moved by the board, by partners and by duty: hazards a year."""

import numpy as np

Numbers = np.ndarray | float


def organised(coordination: np.ndarray, evaluation: np.ndarray) -> np.ndarray:
    """What coordination (0-3) and an evaluation system (0-2) make of a decision, 0.55-1.75 (H001-H002)."""
    return 0.55 + 0.3 * coordination + 0.15 * evaluation


def funded(money: np.ndarray, need: np.ndarray) -> np.ndarray:
    """Speed bought by money, ``2 m / (m + n)``: 1 where the need is met, never more than 2.

    Parameters
    ----------
    money, need : ndarray
        Million yuan a year; where nothing is needed the speed is 1.
    """
    return np.where(need > 0.0, 2.0 * money / np.maximum(money + need, 1e-12), 1.0)


def climb_rates(
    attention: np.ndarray,
    hazard: np.ndarray,
    pull: np.ndarray,
    rung: np.ndarray,
    mature: Numbers,
) -> np.ndarray:
    """Rungs a year that mandates and ties climb at normal money.

    Parameters
    ----------
    attention : ndarray, shape (I, M, R)
        Attention of the board to each item's dimension.
    hazard : ndarray, shape (I, 1, 1) or (I, M, R)
        Rungs a year of the item's family, times the item's ease.
    pull : ndarray, shape (I, M, R)
        Factor for the part of the bank's own kind that stands on a higher rung, 1 or more (L017).
    rung : ndarray of int8
        Where the bank stands.
    mature : float or ndarray
        Hazard of an upper rung over that of the first.
    """
    rates = attention * hazard
    rates *= pull
    rates *= 1 + (rung > 0) * (np.asarray(mature, rates.dtype) - 1)
    result: np.ndarray = rates
    return result


def as_word(probability: np.ndarray) -> np.ndarray:
    """Threshold below which a 16-bit word falls with this probability, 0-1."""
    result: np.ndarray = (
        np.minimum(probability, probability.dtype.type(1)) * probability.dtype.type(65535)
    ).astype(np.uint16)
    return result


def moved(
    word: np.ndarray, up: np.ndarray, down: np.ndarray, rung: np.ndarray, top: np.ndarray, open_to: np.ndarray
) -> np.ndarray:
    """Rungs up (1) or down (-1) of items whose turn it is, int8.

    One word decides both: the top of its range climbs, the bottom loses, so that a better chance never loses a rung
    that a worse one would have kept. A first rung is lost an eighth as often as an upper one.

    Parameters
    ----------
    word : ndarray of uint16
    up, down : ndarray of uint16
        The word must lie above ``up`` to climb, below ``down`` to lose.
    rung, top : ndarray of int8
    open_to : ndarray of bool
        Whether the item can be climbed at all.
    """
    climbs = (word > up) & (rung < top) & open_to
    loses = ((word < down) & (rung > 1)) | ((word < down >> 3) & (rung > 0))
    result: np.ndarray = climbs.view(np.int8) - loses.view(np.int8)
    return result
