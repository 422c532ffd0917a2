"""What a bank earns and what it costs to run, a quarter."""

import numpy as np

Numbers = np.ndarray | float


def market_place(share: np.ndarray, start: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """A bank's share of the market over what its group as a whole kept of its own; 1 for a bank outside the market.

    Parameters
    ----------
    share, start : ndarray
        Share of the market now and at the start.
    expected : ndarray
        What the group as a whole kept of its share on the path of the outturn, ratio.

    Returns
    -------
    ndarray
        About 1.
    """
    result: np.ndarray = np.divide(share, start * expected, out=np.ones_like(share), where=start > 0)
    return result


def market_factor(place: np.ndarray, weight: Numbers) -> np.ndarray:
    """Factor on income from a bank's place in inclusive lending (H011).

    Margins and volumes to 2025 are outturns and hold the descent of large banks already; only what a bank gains or
    loses against the path its group followed counts.

    Parameters
    ----------
    place : ndarray
        As `market_place` gives it.
    weight : float or ndarray
        Income that moves with the share, 0-1.

    Returns
    -------
    ndarray
        About 1.
    """
    return 1.0 + weight * (place - 1.0)


def revenue(
    assets: np.ndarray,
    margin: np.ndarray,
    earning_share: Numbers,
    fee_rate: Numbers,
    factor: np.ndarray,
    returned: Numbers,
) -> np.ndarray:
    """Operating revenue, million yuan a quarter: ``A (e NIM + f) / 4 x factor x (1 + returned)``.

    Parameters
    ----------
    assets : ndarray
        Million yuan.
    margin : ndarray
        Net interest margin, percent a year of interest-earning assets.
    earning_share, fee_rate : float or ndarray
        Share of assets that earn interest; fees, percent of assets a year.
    factor : ndarray
        Place in the market, see ``market_factor``.
    returned : float or ndarray
        Relative gain in revenue from realised digital skill.
    """
    rate = earning_share * margin + fee_rate
    return assets * rate * (0.0025 * factor * (1.0 + returned))


def operating_cost(
    revenue: np.ndarray, cost_ratio: Numbers, effect: Numbers, saved: np.ndarray
) -> np.ndarray:
    """Operating cost without technology, million yuan a quarter.

    Parameters
    ----------
    revenue : ndarray
    cost_ratio : float or ndarray
        Cost over revenue without technology, 0-1.
    effect : float or ndarray
        Share of that cost that full, realised operating skill saves, 0-0.2 (L026-L027: efficiency gains are real, cost
        savings doubtful, so the range starts at 0).
    saved : ndarray
        Realised operating skill less that at the start, -1 to 1.
    """
    return revenue * (cost_ratio * (1.0 - effect * saved))


def realised(before: np.ndarray, skill: np.ndarray, speed: Numbers) -> np.ndarray:
    """Skill that pays after a quarter: it follows what is built with delay, the J-curve (L012, H004).

    Parameters
    ----------
    before, skill : ndarray
        Realised and built skill, 0-1.
    speed : float or ndarray
        1/year; 0.35 means that half is realised after two years.
    """
    result: np.ndarray = before + 0.25 * speed * (skill - before)
    return result
