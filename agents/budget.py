"""How much a bank spends on technology in a year, and what is left to change anything with."""

from typing import NamedTuple

import numpy as np

Numbers = np.ndarray | float


class Divided(NamedTuple):
    """Million yuan a year: ``spend = run + fees + change``; ``unpaid`` is the part of the need not paid, 0-1."""

    run: np.ndarray
    fees: np.ndarray
    change: np.ndarray
    unpaid: np.ndarray


def strain(
    burden: np.ndarray,
    usual: np.ndarray,
    weight: Numbers,
    capital: np.ndarray,
    floor: Numbers,
    buffer: Numbers,
    thin: Numbers,
) -> np.ndarray:
    """Factor on spending from losses beyond the usual and from thin capital, 0.4-1.3 (H010).

    Parameters
    ----------
    burden, usual : ndarray
        Loss charge over revenue now; the kind's at the start.
    weight : float or ndarray
        Relative cut for a whole unit of extra burden, 0.2-0.6.
    capital : ndarray
        Capital ratio, percent.
    floor, buffer, thin : float or ndarray
        Ratio required, points above it that feel safe, and relative cut where none is left.
    """
    losses = 1.0 - weight * (burden - usual)
    result: np.ndarray = np.clip(
        losses * (1.0 - thin * np.clip(1.0 - (capital - floor) / buffer, 0.0, 1.0)), 0.4, 1.3
    )
    return result


def target(
    habit: np.ndarray,
    start: np.ndarray,
    revenue: np.ndarray,
    elasticity: Numbers,
    trend: Numbers,
    strained: np.ndarray,
) -> np.ndarray:
    """Technology spending aimed at, ``h Y0 e^trend (Y/Y0)^eps x strain``, million yuan a year.

    Spending is not a fixed share of revenue: it rose while margins fell (T014-T020, P076, P079, W014-W044), so revenue
    enters with an elasticity below one (H012).

    Parameters
    ----------
    habit : ndarray
        Spending over revenue at the start, 0-1.
    start, revenue : ndarray
        Revenue at the start and now, million yuan a year.
    elasticity : float or ndarray
        0.3-0.8.
    trend : float or ndarray
        Log growth of ambition since the start; it fades (P076).
    strained : ndarray
        See ``strain``.
    """
    result: np.ndarray = habit * start * np.exp(trend + elasticity * np.log(revenue / start)) * strained
    return result


def trend(ambition: Numbers, ending: Numbers, years: float) -> Numbers:
    """Log growth of spending ambition after some years, ``a/e (1 - exp(-e t))``: ``a`` at first, then it fades."""
    return ambition / ending * (1.0 - np.exp(-ending * years))


def falls_due(steady: np.ndarray, drawn: np.ndarray, spread: Numbers) -> np.ndarray:
    """Technology spending of the year with what falls due in it, million yuan; on average the steady spending.

    Core systems and data centres are replaced in lumps, which is most of why banks' spending grows so unevenly (W040;
    T014-T020). The survey does not ask for them, and they leave the money for change where it was.

    Parameters
    ----------
    steady : ndarray
        Spending if every year were alike, million yuan.
    drawn : ndarray
        Standard normals of the year.
    spread : float or ndarray
        Log points, 0-0.3.
    """
    return steady * np.exp(spread * drawn - 0.5 * spread**2)


def adjust(spend: np.ndarray, aimed: np.ndarray, speed: Numbers) -> np.ndarray:
    """Spending of the year, part of the way (in logs) from last year's to what is aimed at."""
    result: np.ndarray = spend * np.exp(speed * np.log(aimed / spend))
    return result


def divide(spend: np.ndarray, need: np.ndarray, fees: np.ndarray, most: Numbers) -> Divided:
    """Pay for running first, then fees of shared systems; what is left is free for change.

    Parameters
    ----------
    spend : ndarray
        Technology spending, million yuan a year.
    need, fees : ndarray
        What a bank's own systems cost to run; what vendors, exporters, unions and alliances ask, million yuan a year.
    most : float or ndarray
        Largest part of spending that running and fees may take, 0-1; the rest of the need stays unpaid.
    """
    due = need + fees
    paid = np.minimum(1.0, most * spend / np.maximum(due, 1e-9))
    run, fee = need * paid, fees * paid
    return Divided(run, fee, spend - run - fee, 1.0 - paid)


def running_need(
    value: np.ndarray,
    rate: Numbers,
    cheaper: Numbers,
    years: float,
    core: Numbers,
    spend: np.ndarray,
    steady: np.ndarray,
) -> np.ndarray:
    """Cost of keeping a bank's own systems running, million yuan a year.

    Parameters
    ----------
    value : ndarray
        What its own systems cost to build at today's prices, million yuan.
    rate, cheaper : float or ndarray
        Share of that value a year; fall of it with technology, 1/year.
    years : float
        Since the start of 2020.
    core : float or ndarray
        Core systems that the survey does not ask for, share of steady spending (P084: in all 0.6-0.87).
    spend, steady : ndarray
        Spending with what falls due, and without; million yuan.
    """
    result: np.ndarray = value * (rate * np.exp(-cheaper * years)) + core * steady + (spend - steady)
    return result
