"""Bad loans, provisions and capital: the books that decide what is left for technology."""

from typing import NamedTuple

import numpy as np

from agents.column import Array, Number

QUARTER = 0.25  # of a year


class Credit(NamedTuple):
    """One quarter of a bank's loan book; every field in yuan, ``loans`` and ``bad_loans`` at the quarter's end."""

    loans: Array
    bad_loans: Array
    provisions: Array
    lent: Array
    defaulted: Array
    disposed: Array
    written_off: Array
    loss_charge: Array


def default_rate(
    base: Number, risk_management: Array, effect: Number, share_lost: Array, creaming: Number
) -> Array:
    """Share of loans that turns bad in a year.

    Risk-management capability lowers it; losing the best clients to large banks raises it (H010, and the quality
    channel of H011).

    Parameters
    ----------
    base : float or ndarray
        Inflow of bad loans at a risk-management capability of one half, 1/year.
    risk_management : ndarray
        Capability of the risk-management indicator, 0-1.
    effect : float or ndarray
        Relative fall of the inflow when the capability goes from 0 to 1.
    share_lost : ndarray
        Share of the bank's inclusive market lost in the last year (negative: won).
    creaming : float or ndarray
        Rise of the inflow (1/year) for a whole market lost in a year.

    Returns
    -------
    ndarray
        1/year, at least 0.
    """
    return np.maximum(base * (1.0 + 0.5 * effect - effect * risk_management) + creaming * share_lost, 0.0)


def settle(
    loans: Array,
    bad_loans: Array,
    provisions: Array,
    growth: Array,
    inflow: Array,
    disposal: Array,
    recovery: Number,
    coverage: Number,
    provisioning_speed: Number,
) -> Credit:
    """Close a quarter of the loan book.

    ``bad' = bad + defaulted - disposed``, ``loans' = loans + lent - disposed`` and
    ``provisions' = provisions + loss_charge - written_off``.

    Parameters
    ----------
    loans, bad_loans, provisions : ndarray
        Stocks at the start of the quarter, yuan; loans include bad loans.
    growth : ndarray
        Growth of the book, 1/year; new loans also replace what is disposed of.
    inflow, disposal : ndarray
        Share of loans that turns bad, and share of bad loans that is worked out, 1/year.
    recovery : float
        Share of a disposed loan that is paid back, 0-1; the rest is written off.
    coverage : float
        Target of provisions over bad loans (1.5 = 150 percent).
    provisioning_speed : float
        Share of the distance to the target closed in a quarter, 0-1.

    Returns
    -------
    Credit
    """
    defaulted = loans * inflow
    defaulted *= QUARTER
    disposed = bad_loans * disposal
    disposed *= QUARTER
    lent = loans * growth
    lent *= QUARTER
    lent += disposed
    bad = bad_loans + defaulted
    bad -= disposed
    written_off = disposed * (1.0 - recovery)
    charge = coverage * bad
    charge -= provisions
    charge *= provisioning_speed
    charge += written_off
    np.maximum(charge, 0.0, out=charge)
    return Credit(
        loans + lent - disposed,
        bad,
        provisions + charge - written_off,
        lent,
        defaulted,
        disposed,
        written_off,
        charge,
    )


def capital_room(ratio: Array, floor: Number, buffer: Number) -> Array:
    """How freely a bank may grow and spend: 0 at the capital floor, 1 when the buffer above it is full.

    Parameters
    ----------
    ratio, floor : ndarray or float
        Capital over risk-weighted assets, and the required ratio, percent.
    buffer : float
        Percentage points above the floor at which the constraint no longer binds.

    Returns
    -------
    ndarray
        0-1.
    """
    room = ratio - floor
    room *= 1.0 / buffer
    return np.clip(room, 0.0, 1.0, out=room)
