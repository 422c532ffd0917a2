"""The route to large language models: wait, build, buy, through the union, or through an alliance."""

from itertools import pairwise

import numpy as np

from agents.column import Array, Number
from agents.honeycomb import ROUTES, WAIT


def fixed_cost(launch_cost: Number, years_since_launch: float, halving_years: Number) -> Number:
    """Cost of building one's own model, ``F = F0 2^(-t/h)`` (H005, L014).

    Parameters
    ----------
    launch_cost : float or ndarray
        Yuan, at launch.
    years_since_launch : float
        Years, 0 or more.
    halving_years : float or ndarray
        Years in which the cost halves (1-1.5 in L014).

    Returns
    -------
    float or ndarray
        Yuan.
    """
    return launch_cost * 0.5 ** (years_since_launch / halving_years)


def affordability(budget: Array, costs: Array, dispersion: Number) -> Array:
    """Probability that a route is within reach, ``1/(1 + (cost/budget)^(1/tau))`` (threshold model L014).

    Parameters
    ----------
    budget : ndarray, shape (R, n)
        Change budget a year, yuan.
    costs : ndarray, shape (4, R, n)
        Cost of build, buy, union and alliance, yuan; infinite where the route is not open to the bank.
    dispersion : float or ndarray, shape (R, 1)
        tau, in logs: how blurred the threshold is.

    Returns
    -------
    ndarray, shape (4, R, n)
        0-1.
    """
    odds = np.log(costs)
    odds -= np.log(np.maximum(budget, 1.0))
    odds /= dispersion
    np.exp(odds.clip(-np.inf, 50.0, out=odds), out=odds)
    odds += 1.0
    return 1.0 / odds


def choose(route: Array, reach: Array, preference: Number, review: Number, uniform: Array) -> Array:
    """Route after this quarter's review: one uniform per bank through the inverse distribution function.

    A bank that has a route keeps it. One that waits reviews with probability ``review``; it then takes route k with
    probability ``max(reach)`` split in proportion to ``preference_k reach_k``.

    Parameters
    ----------
    route : ndarray, shape (R, n)
        Index into ROUTES.
    reach : ndarray, shape (4, R, n)
        Affordability of build, buy, union, alliance, 0-1.
    preference : ndarray, shape (4, R, n) or broadcastable
        Weight of each route, positive.
    review : float or ndarray
        Probability of a review in a quarter, 0-1.
    uniform : ndarray, shape (R, n)
        Draws on 0-1.

    Returns
    -------
    ndarray, shape (R, n)
        Index into ROUTES.
    """
    weights = preference * reach
    for lower, higher in pairwise(weights):
        higher += lower
    adoption = review * reach.max(0) * (weights[-1] > 0.0)  # who prefers none of the routes waits
    below = weights[:-1] * (adoption / np.maximum(weights[-1], 1e-300))
    taken = 1.0 + (uniform >= below[0]) + (uniform >= below[1]) + (uniform >= below[2])
    chosen = np.where(uniform < adoption, np.minimum(taken, len(ROUTES) - 1.0), WAIT)
    return np.where(route == WAIT, chosen, route)


def instalment(commitment: Array, price: Array, money: Array, speed: Number, limit: Number) -> Array:
    """What a bank pays this quarter on its route: equal parts of the price, within a share of its free money.

    Parameters
    ----------
    commitment, price : ndarray
        Yuan still to pay, and yuan agreed when the route was taken.
    money : ndarray
        Change budget of the quarter after fees, yuan.
    speed, limit : float
        Share of the price due in a quarter; largest share of the money that may go to it.

    Returns
    -------
    ndarray
        Yuan.
    """
    return np.minimum(np.minimum(price * speed, commitment), money * limit)


def in_place(commitment: Array, price: Array, pilot: Number) -> Array:
    """Share of what a route can give that is in place: a pilot at first, the whole when the route is paid for.

    Parameters
    ----------
    commitment, price : ndarray
        Yuan still to pay, and yuan agreed when the route was taken; both 0 while the bank waits.
    pilot : float
        Share that a pilot gives, 0-1 (the ladder's initial build, A044-A047).

    Returns
    -------
    ndarray
        0-1.
    """
    return 1.0 - (1.0 - pilot) * commitment / np.maximum(price, 1.0)


def mature(capability: Array, ceiling: Array, speed: Array) -> Array:
    """New-technology capability after a quarter of use: it rises toward the ceiling that the route allows.

    Parameters
    ----------
    capability, ceiling : ndarray
        Now, and the most the route can give, 0-1.
    speed : ndarray
        1/year, after absorption and talent.

    Returns
    -------
    ndarray
        0-1.
    """
    missing: Array = np.maximum(ceiling - capability, 0.0)
    return capability + missing * np.minimum(speed * 0.25, 1.0)
