"""Talent as a stock: technologists, data people and composite people who know both business and technology."""

import numpy as np

from agents.column import Array, Number

QUARTERS = 4.0


def attrition_rate(base: Number, region: Array, cut: Number) -> Array:
    """Share of the staff in a role that leaves in a year (H003; turnover of 40-60 percent over two years, M059-M060).

    Parameters
    ----------
    base : float or ndarray
        Rate of the bank's kind in a province with average pull, 1/year.
    region : ndarray
        Factor of the province: below one where first-tier cities keep people.
    cut : float or ndarray
        Reduction by policy, 1/year.

    Returns
    -------
    ndarray
        1/year, at least 0.02.
    """
    return np.maximum(base * region - cut, 0.02)


def wanted(people: Array, spending: Array, elasticity: Number) -> Array:
    """Staff a bank wants for the year, ``W' = W (s'/s)^e`` (H003, P085).

    Parameters
    ----------
    people : ndarray, shape (3, R, n)
        Share of staff wanted so far, by role.
    spending : ndarray, shape (R, n)
        Technology spending over revenue planned for this year, over that of last year.
    elasticity : float or ndarray, shape (R, 1)
        e, 0-1.

    Returns
    -------
    ndarray, shape (3, R, n)
        No role above 0.6.
    """
    return np.minimum(people * np.exp(elasticity * np.log(spending)), 0.6)


def after_a_quarter(stock: Array, wanted: Array, hiring: Number, attrition: Array, training: Number) -> Array:
    """Staff shares after hiring toward what is wanted, attrition, and training of technologists into composite people.

    Parameters
    ----------
    stock, wanted : ndarray, shape (3, R, n)
        Share of staff by role (technologists, data, composite), 0-1.
    hiring : float or ndarray
        Share of the vacancies filled in a year, 1/year.
    attrition : ndarray, shape (R, n)
        1/year.
    training : float or ndarray
        Share of technologists who become composite people in a year, 1/year.

    Returns
    -------
    ndarray, shape (3, R, n)
    """
    after = wanted - stock
    np.maximum(after, 0.0, out=after)
    after *= hiring * (1.0 / QUARTERS)
    after += stock * (1.0 - attrition * (1.0 / QUARTERS))
    moved = after[0] * (training / QUARTERS)
    after[0] -= moved
    after[2] += moved
    return after


def adequacy(stock: Array, half: Number) -> Array:
    """How well roles are filled, ``T / (T + half)`` on 0-1: talent caps what money can build.

    Parameters
    ----------
    stock : ndarray, shape (3, R, n)
        Share of staff by role.
    half : float or ndarray, broadcastable
        Share of staff at which half of the need is met.

    Returns
    -------
    ndarray, shape (3, R, n)
    """
    return stock / (stock + half)


def shortage(stock: Array, half: Number) -> Array:
    """What is missing to a filled role, ``half / (T + half)``: one less ``adequacy``; shapes as there."""
    missing = stock + half
    return np.divide(half, missing, out=missing)
