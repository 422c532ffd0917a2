"""What a bank earns: interest, fees and the delayed return on its digital capabilities."""

import numpy as np

from agents.column import Array, Number

QUARTERS = 4.0


def interest_income(assets: Array, margin: Array, earning_share: Number) -> Array:
    """Net interest income of a quarter, ``A * NIM * e / 4``.

    Parameters
    ----------
    assets : ndarray
        Total assets, yuan.
    margin : ndarray
        Net interest margin, percent a year of interest-earning assets.
    earning_share : float
        Share of assets that earn interest, 0-1.

    Returns
    -------
    ndarray
        Yuan a quarter.
    """
    return assets * margin * (earning_share / (100.0 * QUARTERS))


def inclusive_volume(share: Array, initial_share: Array, weight: Number, pass_through: Number) -> Array:
    """Factor on interest income from the bank's place in inclusive lending (mechanism H011, volume channel).

    Parameters
    ----------
    share, initial_share : ndarray
        Share of the inclusive-loan market now and at the start, 0-1.
    weight : float
        Share of interest income that comes from inclusive loans, 0-1.
    pass_through : float
        How much of a lost share is lost income, 0-1; the rest is lent elsewhere at the same margin.

    Returns
    -------
    ndarray
        Dimensionless factor, 1 where the share is unchanged, as that of a bank outside the market is.
    """
    return 1.0 + weight * pass_through * (relative(share, initial_share) - 1.0)


def relative(share: Array, before: Array) -> Array:
    """Market share over an earlier one; 1 for a bank that had none."""
    return np.divide(share, before, out=np.ones_like(share), where=before > 0.0)


def digital_value(dimensions: Array, weights: Array, substitution: Number) -> Array:
    """CES aggregate of the six dimensions, ``[sum_d w_d K_d^rho]^(1/rho)`` (literature L011).

    Parameters
    ----------
    dimensions : ndarray, shape (6, R, n)
        Capability by dimension, 0-1.
    weights : ndarray, shape (6, R, n) or broadcastable
        What the bank's strategic focus makes of each dimension; sums to one over the dimensions.
    substitution : float or ndarray, shape (R, 1)
        rho, below 1 and not 0; the lower, the more the weakest dimension binds.

    Returns
    -------
    ndarray, shape (R, n)
        Value 0-1.
    """
    powered = np.maximum(dimensions, 0.01)
    np.log(powered, out=powered)
    powered *= substitution
    np.exp(powered, out=powered)
    powered *= weights
    value: Array = np.log(sum(powered[1:], start=powered[0]))
    value /= substitution
    np.exp(value, out=value)
    return value


def delayed(benefit: Array, value: Array, speed: Number) -> Array:
    """Benefit after a quarter: it follows the value built with a lag, which makes the J-curve (literature L012).

    Parameters
    ----------
    benefit, value : ndarray
        Benefit realised so far and value now in place, both 0-1.
    speed : float or ndarray
        Adjustment, 1/year (its inverse is the mean delay in years).

    Returns
    -------
    ndarray
        Benefit, 0-1.
    """
    return benefit + (value - benefit) * (speed / QUARTERS)
