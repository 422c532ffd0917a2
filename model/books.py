"""The identities that every bank's books keep every quarter; tests and checks call these."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from agents.column import Array

if TYPE_CHECKING:
    from model.system import BankingSystem


def imbalances(before: Mapping[str, Array], system: "BankingSystem") -> dict[str, float]:
    """Return the largest relative error of each identity over all banks and replicates after a quarter.

    Parameters
    ----------
    before : dict of str to ndarray
        Copies of the columns ``loans``, ``bad_loans``, ``provisions``, ``capital`` before the quarter.
    system : BankingSystem
        The system after it.

    Returns
    -------
    dict of str to float
        Identity to error, relative to the size of its largest term; 0 is exact.
    """
    now = system.columns
    fees = now["vendor_fee"] + now["export_fee"] + now["alliance_fee"] + now["union_fee"]
    received = np.add.reduce(now["fee_income"], axis=-1)
    paid = np.add.reduce(now["export_fee"], axis=-1)
    sides = {
        "budget = run + change": (now["budget"], now["run"] + now["change"]),
        "change = compliance + policies + partners + language model + projects": (
            now["change"],
            now["compliance"] + now["policy_cost"] + fees + now["language_model_spending"] + now["projects"],
        ),
        "allocation sums to one": (np.ones_like(now["budget"]), np.add.reduce(now["allocation"], axis=0)),
        "loans": (now["loans"], before["loans"] + now["lent"] - now["disposed"]),
        "bad loans": (now["bad_loans"], before["bad_loans"] + now["defaulted"] - now["disposed"]),
        "provisions": (now["provisions"], before["provisions"] + now["loss_charge"] - now["written_off"]),
        "capital": (
            now["capital"],
            before["capital"] + now["profit"] - now["dividend"] + now["recapitalised"],
        ),
        "export fees paid = received": (paid, received),
        "market shares sum to one": (np.ones(len(paid)), np.add.reduce(now["inclusive_share"], axis=-1)),
    }
    return {
        name: float(np.max(np.abs(left - right)) / max(float(np.max(np.abs(left))), 1e-300))
        for name, (left, right) in sides.items()
    }


def where_fees_go(system: "BankingSystem") -> dict[str, Array]:
    """Yuan of partner fees this quarter by destination, shape (R,): what banks pay is received or leaves the system.

    Parameters
    ----------
    system : BankingSystem

    Returns
    -------
    dict of str to ndarray
        ``paid`` by all banks; ``large_banks`` receive export fees; ``unions`` spend members' fees on the platform;
        ``vendors`` and ``alliances`` (suppliers of shared projects) are outside the system.
    """
    columns = system.columns

    def total(name: str) -> Array:
        summed: Array = np.add.reduce(columns[name], axis=-1)
        return summed

    return {
        "paid": sum(
            (total(f"{layer}_fee") for layer in ("vendor", "export", "alliance", "union")),
            start=np.zeros(system.rows),
        ),
        "large_banks": total("fee_income"),
        "unions": total("union_fee"),
        "vendors": total("vendor_fee"),
        "alliances": total("alliance_fee"),
    }
