"""Bad loans and what they cost, a quarter."""

from typing import NamedTuple

import numpy as np

Numbers = np.ndarray | float


class LoanBook(NamedTuple):
    """Million yuan: bad loans and provisions after a quarter, and the quarter's flows between them.

    ``bad_loans' = bad_loans + defaulted - disposed``; ``provisions' = provisions + charge - written_off``.
    """

    bad_loans: np.ndarray
    provisions: np.ndarray
    defaulted: np.ndarray
    disposed: np.ndarray
    written_off: np.ndarray
    charge: np.ndarray


def bad_loan_ratio(
    path: np.ndarray, own: np.ndarray, effect: Numbers, skill: np.ndarray, creaming: Numbers, lost: np.ndarray
) -> np.ndarray:
    """Bad loans over loans that a bank moves along, ratio.

    Parameters
    ----------
    path : ndarray
        Ratio of the bank's group, percent (outturn, then assumption, with shocks).
    own : ndarray
        Lasting factor of the bank.
    effect : float or ndarray
        Relative fall for a whole unit of risk skill above the group's mean; the prior straddles zero (W114 lowers, W115
        raises).
    skill : ndarray
        Realised risk skill less the mean of the kind, -1 to 1.
    creaming : float or ndarray
        Percentage points for a whole market lost beyond the outturn's path (W124).
    lost : ndarray
        Share of its market lost beyond that path, 0-1.
    """
    result: np.ndarray = 0.01 * np.maximum(path * own * np.exp(-effect * skill) + creaming * lost, 0.05)
    return result


def settle(
    loans: np.ndarray,
    ratio: np.ndarray,
    bad_loans: np.ndarray,
    provisions: np.ndarray,
    disposal: Numbers,
    recovery: Numbers,
    coverage: Numbers,
    speed: Numbers,
) -> LoanBook:
    """Let loans go bad along the ratio, work some out, provide for the rest.

    A bank that starts with more bad loans writes more off every quarter, and provisions beyond the target are never
    released into profit: bad loans cost at every level.

    Parameters
    ----------
    loans, ratio : ndarray
        Loans at the end of the quarter; bad-loan ratio then.
    bad_loans, provisions : ndarray
        At the start of the quarter.
    disposal, recovery : float or ndarray
        Bad loans disposed of, 1/year; share of them got back, 0-1.
    coverage, speed : float or ndarray
        Provisions over bad loans aimed at; share of the gap closed a quarter.
    """
    disposed = bad_loans * (0.25 * disposal)
    after = np.maximum(loans * ratio, bad_loans - disposed)
    written_off = disposed * (1.0 - recovery)
    charge = written_off + speed * np.maximum(coverage * after - provisions, 0.0)
    return LoanBook(
        after, provisions + charge - written_off, after - bad_loans + disposed, disposed, written_off, charge
    )
