"""The identities that every bank's books keep every quarter."""

from typing import Any

import numpy as np

STOCKS = ("bad_loans", "provisions", "capital", "purse")


def before(system: Any) -> dict[str, np.ndarray]:
    """Copies of the stocks, to be taken before a quarter."""
    return {name: getattr(system, name).copy() for name in STOCKS} | {"absorbed": system.absorbed.copy()}


def imbalances(stocks: dict[str, np.ndarray], system: Any) -> dict[str, float]:
    """Return the largest relative error of each identity over all banks and rows after a quarter.

    Stocks of a bank that took another one over in the quarter are left out: the merger's own identity is that what all
    active banks own together stays the same.

    Parameters
    ----------
    stocks : dict of str to ndarray
        What ``before`` gave.
    system : BankingSystem
        The system after the quarter.

    Returns
    -------
    dict of str to float
        Identity to error, relative to the size of its largest term; 0 is exact.
    """
    s, counted = system, slice(0, system.banks.size)
    fresh = s.absorbed & ~stocks["absorbed"]
    same = np.ones(s.assets.shape, bool)
    if fresh.any():
        for row in np.flatnonzero(fresh.any(0)):
            places = s.banks.province[np.flatnonzero(fresh[:, row])]
            same[np.isin(s.banks.province, places), row] = False
    total = (s.paid.sum(0), s.purse.sum(0), s.lapsed.sum(0))
    free = np.maximum(s.change - s.claim - s.compliance - s.policy_cost, 0.0)
    sides = {
        "spend = run + fees + change": (s.spend, s.run + s.fees + s.change),
        "shares sum to one": (np.ones(s.spend.shape), s.shares.sum(0)),
        "bad loans": (s.bad_loans * same, (stocks["bad_loans"] + s.defaulted - s.disposed) * same),
        "provisions": (s.provisions * same, (stocks["provisions"] + s.charge - s.written_off) * same),
        "capital": (s.capital * same, (stocks["capital"] + s.profit - s.dividend + s.issued) * same),
        "market shares sum to one": (
            np.ones(s.rows),
            np.add.reduce(s.market[counted] * s.active[counted], 0),
        ),
    }
    if s.quarter % 4 == 0:
        sides["change = claim + compliance + policies + paid + kept"] = (
            stocks["purse"].sum(0) + free,
            total[0] + total[1] + total[2],
        )
    return {
        name: float(np.max(np.abs(left - right)) / max(float(np.max(np.abs(left))), 1e-300))
        for name, (left, right) in sides.items()
    }
