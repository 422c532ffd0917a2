"""Profit, dividends, issues of capital and growth, a quarter."""

from typing import NamedTuple

import numpy as np

Numbers = np.ndarray | float


class Closed(NamedTuple):
    """Million yuan: ``capital' = capital + profit - dividend + issued``."""

    profit: np.ndarray
    dividend: np.ndarray
    issued: np.ndarray
    capital: np.ndarray


def ratio(capital: np.ndarray, assets: np.ndarray, risk_weight: Numbers) -> np.ndarray:
    """Capital over risk-weighted assets, percent."""
    result: np.ndarray = capital / assets * (100.0 / risk_weight)
    return result


def close(
    before_tax: np.ndarray,
    capital: np.ndarray,
    assets: np.ndarray,
    risk_weight: Numbers,
    tax: Numbers,
    payout: Numbers,
    target: Numbers,
    speed: Numbers,
    most: Numbers,
) -> Closed:
    """Close a quarter: tax, dividend, and an issue of capital where the ratio stands below what is aimed at.

    An issue closes part of the gap and is limited, so that a bank that loses much falls below the floor in plain sight.
    What stands above the aim is paid out at the same speed, as far as profit goes.

    Parameters
    ----------
    before_tax : ndarray
        Profit before tax, million yuan.
    capital, assets : ndarray
        At the opening, and at the close: the ratio aimed at is of what the quarter closes with, million yuan.
    risk_weight, tax, payout : float or ndarray
        Risk-weighted over total assets; tax on profits; dividend out of profits; 0-1.
    target : float or ndarray
        Capital ratio aimed at, percent (published path of the kind, M021-M040, W064, W069, and the bank's own place).
    speed, most : float or ndarray
        Share of the gap issued or paid out, 1/year; largest issue, share of capital a year.
    """
    profit = before_tax - tax * np.maximum(before_tax, 0.0)
    earned = np.maximum(profit, 0.0)
    gap = 0.01 * target * risk_weight * assets - (capital + profit - payout * earned)
    dividend = np.minimum(payout * earned + 0.25 * speed * np.maximum(-gap, 0.0), earned)
    kept = capital + profit - dividend
    issued = np.minimum(0.25 * speed * np.maximum(gap, 0.0), 0.25 * most * np.maximum(kept, 0.0))
    return Closed(profit, dividend, issued, kept + issued)


def growth(pace: Numbers, capital: np.ndarray, floor: Numbers, buffer: Numbers, least: Numbers) -> np.ndarray:
    """Growth of assets, 1/year: the kind's pace, slower where capital is thin.

    Parameters
    ----------
    pace : float or ndarray
        Growth of a bank with enough capital, 1/year.
    capital : ndarray
        Capital ratio, percent.
    floor, buffer : float or ndarray
        Required ratio, percent; points above it from which nothing slows.
    least : float or ndarray
        Share of the pace kept at the floor, 0-1.
    """
    return pace * np.minimum(np.maximum((capital - floor) / buffer, least), 1.0)
