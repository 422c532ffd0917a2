"""What a user says of a bank of their own."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class OwnAccount:
    """What a user says of the bank; None leaves it to the bank's kind.

    Parameters
    ----------
    name : str
    kind : str
        ``city``, ``rural`` or ``private``.
    province : str
        Two-letter code.
    since : str
        Quarter at whose start all this holds and from which the bank is followed.
    assets : float
        Yuan.
    spend_ratio : float or None
        Technology spending over revenue, 0-1.
    staff : ndarray or None, shape (3,)
        Technologists, data and composite people, share of staff.
    scores : ndarray or None, shape (6,)
        Capability by dimension, 0-1.
    plan : ndarray or None, shape (6,)
        Division of project spending; it sums to one.
    """

    name: str
    kind: str
    province: str
    since: str
    assets: float
    spend_ratio: float | None = None
    staff: np.ndarray | None = None
    scores: np.ndarray | None = None
    plan: np.ndarray | None = None
