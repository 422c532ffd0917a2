"""Policies: frozen levers with a start and an end, a reach, a price and a payer."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from agents.column import Array

LEVERS: Final = MappingProxyType(
    {
        "strategy_gain": "productivity of spending on strategy and organization, relative",
        "compliance_relief": "compliance cost, relative cut",
        "uncertainty_relief": "cost that regulatory uncertainty adds to new technology, cut in units of that cost",
        "failure_tail": "probability that a pilot fails, 1/year",
        "integration_relief": "cost of integrating a vendor's or large bank's technology, relative cut",
        "supplier_trust": "trust in suppliers, units of need",
        "lock_in": "ceiling of bought technology, relative cut",
        "attrition_cut": "attrition of technology staff, cut, 1/year",
        "hiring_boost": "speed of hiring, relative",
        "openness": "openness of public data, added on 0-1",
        "technology_cost_relief": "unit cost of computing and lines, relative cut",
        "absorption_gain": "absorptive capacity, relative",
        "alliance_links": "alliance links a bank seeks, added",
        "cost_sharing": "cost shared within alliances, relative",
        "hub_quality": "level of the provincial union's platform, added on 0-1",
        "hub_cost_relief": "cost of the union's platform to its members, relative cut",
        "hub_fit_loss": "loss of fit between the union's platform and a member, added",
        "coordination_gain": "coordination of business and technology, relief of the chain's weakest link",
        "productivity_gain": "productivity of spending on technology and application, relative",
        "run_cost_relief": "cost of running what stands, relative cut",
        "conversion_gain": "share of external data that a bank can use, added on 0-1",
        "entry_cost_relief": "cost of entering ecosystems, relative cut",
        "congestion_relief": "loss from alike ecosystems, relative cut",
    }
)
OWN_COST: Final = ("bank_cost_fixed", "bank_cost_rate")
COST_BASES: Final = ("bank_year", "change_budget", "system_year", "province_year")


def drawn(low: float, value: float, high: float, uniform: Array) -> Array:
    """Draw from a range of which the stated value is the median: half of the draws lie on each side, evenly spread.

    Parameters
    ----------
    low, value, high : float
        Range, and the value inside it.
    uniform : ndarray
        Draws on 0-1.

    Returns
    -------
    ndarray
        Shape of `uniform`.
    """
    below, above = 2.0 * uniform, 2.0 * uniform - 1.0
    return np.where(uniform < 0.5, low + below * (value - low), value + above * (high - value))


@dataclass(frozen=True)
class Effect:
    """What a policy does to one lever: a central value, and the range that stands for our ignorance."""

    field: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Cost:
    """Who pays for a policy.

    Parameters
    ----------
    payer : str
        One of ``agents.honeycomb.PAYERS``.
    per : str
        ``bank_year``: yuan for each bank that takes up, a year; ``change_budget``: share of the change budget of those
        banks; ``system_year``: yuan a year for the whole system; ``province_year``: yuan a year for each province
        where a covered bank stands.
    value, low, high : float
        Central amount and range.
    """

    payer: str
    per: str
    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if self.per not in COST_BASES:
            raise ValueError(f"a cost is per one of {', '.join(COST_BASES)}, not {self.per!r}")
        if self.payer == "bank" and self.per not in COST_BASES[:2]:
            raise ValueError(f"a bank pays per bank_year or change_budget, not per {self.per}")


@dataclass(frozen=True)
class Policy:
    """A lever pulled between two dates, for some banks, at a price.

    Parameters
    ----------
    name : str
        Name in the scenario and in the keys of its random streams.
    start, end : int
        First and last quarter, as indices from 2020Q1, both included.
    ramp : int
        Quarters from nothing to full strength, 0 or more.
    intensity : float
        Factor on every effect and cost, 0-1.
    kinds, provinces : tuple of str
        Bank kinds and province codes covered; no province means all.
    first_tier : bool or None
        Only banks in first-tier cities (True), only others (False), or both (None).
    take_up : float
        Share of covered banks that take it up, 0-1.
    effects, costs : tuple
        What it moves and who pays.
    """

    name: str
    start: int
    end: int
    ramp: int
    intensity: float
    kinds: tuple[str, ...]
    provinces: tuple[str, ...]
    first_tier: bool | None
    take_up: float
    effects: tuple[Effect, ...]
    costs: tuple[Cost, ...]

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"policy {self.name} ends before it starts")
        unknown = [effect.field for effect in self.effects if effect.field not in LEVERS]
        if unknown:
            raise ValueError(f"policy {self.name} moves unknown levers: {', '.join(unknown)}")

    def phase(self, quarter: int) -> float:
        """Return the strength in a quarter, 0-1: nothing outside its time, a linear ramp after its start."""
        if not self.start <= quarter <= self.end:
            return 0.0
        return min(1.0, (quarter - self.start + 1) / (self.ramp + 1)) * self.intensity
