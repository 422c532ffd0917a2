"""The ten pain points as numbers, 0 (no pain) to 100, from the state of a bank."""

from typing import TYPE_CHECKING

import numpy as np

from agents.column import Array, places_where
from agents.honeycomb import (
    AUTOMATION,
    CREDIT,
    DATA,
    ECOSYSTEM,
    EXECUTION,
    ORGANIZATION,
    PLANNING,
    RISK_MANAGEMENT,
    TECHNOLOGY,
    WAIT,
)
from agents.talent import adequacy

if TYPE_CHECKING:
    from agents.bank import Bank


def pain_points(bank: "Bank") -> dict[str, Array]:
    """Measure the ten pain points of chapter 4 for a bank or cohort.

    Parameters
    ----------
    bank : Bank
        Read only.

    Returns
    -------
    dict of str to ndarray, shape (R, n)
        ``pain_1`` strategy on paper (planning ahead of execution), ``pain_2`` rigid organisation, ``pain_3`` composite
        and data talent short, ``pain_4`` return doubted (value built but not yet realised), ``pain_5`` frontier out of
        reach, ``pain_6`` risk management lags, ``pain_7`` internal automation ahead of digital credit, ``pain_8`` data
        not yet an asset, ``pain_9`` ecosystems alike, ``pain_10`` losses eat revenue.

    Notes
    -----
    The survey sees the reverse of ``pain_7`` (3.4.1, 3.4.2, 4.7; H007): credit leads, and marketing lags inside
    automation.
    """
    indicators, dimensions = bank.indicators, bank.dimensions
    people = adequacy(bank.staff, bank.traits.talent_half)
    out_of_reach = np.zeros_like(bank.route)
    waiting = places_where(bank.route == WAIT)
    out_of_reach[waiting] = bank.route_costs(waiting).min(0) > 4.0 * bank.change[waiting]
    values = {
        "pain_1": np.maximum(indicators[PLANNING] - indicators[EXECUTION], 0.0),
        "pain_2": 1.0 - np.minimum(dimensions[ORGANIZATION], dimensions[TECHNOLOGY]),
        "pain_3": 1.0 - 0.5 * (people[1] + people[2]),
        "pain_4": np.maximum(bank.performance - bank.benefit, 0.0),
        "pain_5": out_of_reach,
        "pain_6": 1.0 - indicators[RISK_MANAGEMENT],
        "pain_7": np.maximum(indicators[AUTOMATION] - indicators[CREDIT], 0.0),
        "pain_8": 1.0 - bank.data_asset,
        "pain_9": (1.0 - bank.congestion) * dimensions[ECOSYSTEM],
        "pain_10": np.minimum(bank.loss_charge / bank.revenue, 1.0),
    }
    assert values["pain_8"].shape == dimensions[DATA].shape
    return {name: 100.0 * value for name, value in values.items()}
