"""What a bank expects of itself, dimension by dimension."""

import numpy as np

Numbers = np.ndarray | float


def adapt(
    aspiration: np.ndarray, score: np.ndarray, rivals: np.ndarray, own: Numbers, peers: Numbers, lead: Numbers
) -> np.ndarray:
    """Aspiration after a year: own past, own result, and rivals with a lead on them (L016).

    ``A' = a A + (1 - a - b) y + b (rivals + lead)``. Scores are like for like: a bank does not mistake a new item
    of the survey for a loss.

    Parameters
    ----------
    aspiration, score, rivals : ndarray, shape (6, M, R)
        0-100.
    own, peers : float or ndarray
        Weights a and b, 0.3-0.6 and 0.1-0.3.
    lead : float or ndarray
        Points by which a bank wants to be ahead of the mean of its kind.
    """
    return own * aspiration + (1.0 - own - peers) * score + peers * (rivals + lead)


def attention(
    aspiration: np.ndarray,
    score: np.ndarray,
    drive: np.ndarray,
    organised: np.ndarray,
    least: Numbers,
    slope: Numbers,
) -> np.ndarray:
    """Attention of the board to each dimension, about 1: it grows with the gap between aspiration and score.

    Parameters
    ----------
    aspiration, score : ndarray, shape (6, M, R)
    drive, organised : ndarray, shape (M, R)
        How much the board wants it; what coordination and evaluation make of that (H001-H002).
    least, slope : float or ndarray
        Attention without a gap; rise a point of the gap, up to 20 points.
    """
    result: np.ndarray = (least + slope * np.minimum(np.maximum(aspiration - score, 0.0), 20.0)) * (
        drive * organised
    )
    return result
