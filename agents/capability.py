"""How capabilities grow: diminishing returns, saturation, complementarity, absorption and obsolescence."""

import numpy as np

from agents.column import Array, Number
from agents.honeycomb import SLICES

QUARTERS = 4.0


def complementarity(dimensions: Array, strength: Number, coordination: Number) -> Array:
    """How far each dimension lets the next one pay off: ``1 - c (1 - K_{d-1})`` along the causal chain.

    Strategy, organization, technology, application, data, ecosystem: each a condition for the next (H001, H002, L011).

    Parameters
    ----------
    dimensions : ndarray, shape (6, R, n)
        Capability, 0-1.
    strength : float or ndarray, shape (R, 1)
        c, 0-1; none at 0, a strict precondition at 1.
    coordination : float or ndarray, shape (R, n)
        Relative relief of c from coordination between business and technology, 0-1.

    Returns
    -------
    ndarray, shape (6, R, n)
        Factor 0-1; one for strategy, which heads the chain.
    """
    weakest = strength * (1.0 - coordination)
    factor = np.empty_like(dimensions)
    factor[0] = 1.0
    np.multiply(dimensions[:-1], weakest, out=factor[1:])
    factor[1:] += 1.0 - weakest
    return factor


def absorptive_capacity(organization: Array, half: Number) -> Array:
    """``gamma = K / (K + kappa)``: what a bank can make of money and of what others know (Cohen & Levinthal; L009).

    Parameters
    ----------
    organization : ndarray, shape (R, n)
        Capability of the organization dimension, 0-1.
    half : float or ndarray, shape (R, 1)
        kappa, the capability at which half is absorbed.

    Returns
    -------
    ndarray, shape (R, n)
        0-1.
    """
    return organization / (organization + half)


def indicator_split(indicators: Array, bias: Array, residual: Number, out: Array | None = None) -> Array:
    """Shares of a dimension's money over its indicators: the weaker an indicator, the more, times a habit.

    Parameters
    ----------
    indicators : ndarray, shape (18, R, n)
        Capability, 0-1.
    bias : ndarray, shape (18, 1, 1)
        Habitual weight of each indicator (H007: money goes to internal systems before the front end).
    residual : float
        Interest that is left in an indicator at the frontier, so that it is never dropped.
    out : ndarray, shape (18, R, n), optional
        Where to write.

    Returns
    -------
    ndarray, shape (18, R, n)
        Shares that sum to one within each dimension.
    """
    shares = np.subtract(1.0 + residual, indicators, out=out)
    for part in SLICES:
        block = shares[part]
        block *= bias[part]
        block /= sum(block[1:], start=block[0])
    return shares


def returns(effort: Array, exponent: Number, effectiveness: Array) -> Array:
    """Yearly gain by dimension for a capability of zero, ``e_d x_d^alpha`` (literature L008).

    Parameters
    ----------
    effort : ndarray, shape (6, R, n)
        Project spending of the dimension over the cost of a unit of effort, units a year.
    exponent : float or ndarray, shape (R, 1)
        alpha, 0-1.
    effectiveness : ndarray, shape (6, R, n)
        Productivity after complementarity, absorption and talent.

    Returns
    -------
    ndarray, shape (6, R, n)
        1/year.
    """
    gain = np.maximum(effort, 1e-9)
    np.log(gain, out=gain)
    gain *= exponent
    np.exp(gain, out=gain)
    gain *= effectiveness
    return gain


def advance(
    indicators: Array, gain: Array, emphasis: Array, loss: Array, drift: Array, out: Array | None = None
) -> Array:
    """Capability after a quarter: ``K + [e_i g_d (1-K) - l_d K]/4 + drift_d``, kept within 0-1.

    With ``s = 1 - l_d/4`` that is ``(K - 1) (s - e_i g_d/4) + s + drift_d``, which takes fewer passes over the columns.

    Parameters
    ----------
    indicators : ndarray, shape (18, R, n)
        Capability at the start, 0-1.
    gain, loss, drift : ndarray, shape (6, R, n)
        Gain and loss, 1/year; what comes from others and from chance, a quarter.
    emphasis : ndarray, shape (18, R, n)
        Relative pull of each indicator in its dimension, about 1.
    out : ndarray, shape (18, R, n), optional
        Where to write; may be ``indicators`` itself.

    Returns
    -------
    ndarray, shape (18, R, n)
    """
    after = np.empty_like(indicators) if out is None else out
    for d, part in enumerate(SLICES):
        stays = 1.0 - loss[d] * (1.0 / QUARTERS)
        closing = emphasis[part] * (gain[d] * (1.0 / QUARTERS))
        np.subtract(stays, closing, out=closing)
        block = after[part]
        np.subtract(indicators[part], 1.0, out=block)
        block *= closing
        stays += drift[d]
        block += stays
        block.clip(0.0, 1.0, out=block)
    return after
