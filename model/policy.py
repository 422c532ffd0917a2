"""Policies: frozen levers with a start and an end, a reach, a target, a price and a payer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from agents.honeycomb import SMALL_KINDS
from agents.registry import Registry

if TYPE_CHECKING:
    from model.system import BankingSystem


@dataclass(frozen=True)
class Lever:
    """What a policy can move: one hook with one resource behind it.

    Parameters
    ----------
    meaning : str
        What it does, and its unit.
    act : callable or None
        For a user's own lever: ``act(system, strength)`` is called every quarter in which it is in force, with the
        strength by bank and row, and may write the system's states.
    kinds : tuple of str
        Kinds of bank that it can move; none means all.
    in_unions : bool
        Whether it moves only banks of provinces that have a union.
    """

    meaning: str
    act: Callable[["BankingSystem", np.ndarray], None] | None = None
    kinds: tuple[str, ...] = ()
    in_unions: bool = False


OF_ALLIANCES: Final = ("alliance_links", "cost_sharing")
LEVERS: Registry[Lever] = Registry("lever")
for _name, _meaning in {
    "guidance": "hazard of mandates of strategy and organization, relative",
    "compliance_relief": "compliance cost, relative cut",
    "places": "places a year under inclusive supervision, in the whole system",
    "approval": "chance that an application for a place is approved, 0-1",
    "pilot_relief": "part of a language-model project that a participant need not pay, 0-1",
    "failure_tail": "added chance that a participant's pilot fails, 0-1",
    "integration_relief": "price of a vendor's or large bank's system, relative cut",
    "supplier_trust": "chance of finding a vendor or exporting bank, relative",
    "lock_in": "ceiling of bought systems, relative cut",
    "attrition_cut": "attrition of technology staff, cut, 1/year",
    "hiring_boost": "speed of hiring, relative",
    "data_tax": "openness of tax data, added on 0-1",
    "data_social": "openness of social-security data, added on 0-1",
    "data_utilities": "openness of utility data, added on 0-1",
    "technology_cost_relief": "price and running cost of core technologies, relative cut",
    "training": "people trained and certified, relative",
    "alliance_links": "chance a year that a possible alliance is agreed, added",
    "cost_sharing": "price of systems had through an alliance, relative cut",
    "hub_quality": "level of the provincial union's platform, added on 0-1",
    "hub_cost_relief": "price of the union's systems to its members, relative cut",
    "hub_fit_loss": "loss of fit between the union's platform and a member, added",
    "hub_merges": "the union's members become one provincial bank (1) or not (0)",
    "coordination_gain": "hazard of mandates of coordination and incentives, relative",
    "productivity_gain": "price of projects of technology and application, and failures of projects, relative cut",
    "run_cost_relief": "cost of running own systems, relative cut",
    "governance_gain": "hazard of data posts, quality and data centre, relative",
    "entry_cost_relief": "effort of entering scenes and platforms, relative cut",
    "congestion_relief": "loss from alike ecosystems, relative cut",
    "budget": "technology spending aimed at, relative",
}.items():
    _kinds = ("rural",) if _name.startswith("hub_") else SMALL_KINDS if _name in OF_ALLIANCES else ()
    LEVERS.register(_name, Lever(_meaning, kinds=_kinds, in_unions=_name.startswith("hub_")))
BANK_BASES: Final = ("bank_year", "change_budget")  # what each bank that takes part costs
COST_BASES: Final = (*BANK_BASES, "system_year", "province_year")
# Who uses a policy, and so bears what banks pay for it.
USERS: Final = ("takers", "participants", "data_users", "clients", "allies", "members")


@dataclass(frozen=True)
class Target:
    """What a policy names as its aim, and the effect by 2030 that is held plausible; printed prior in, posterior out.

    Parameters
    ----------
    outcome : str
        A dimension, ``index``, or ``item:<id>``.
    kind : str
        Kind of bank, or ``all`` small and medium ones.
    low, high : float
        Points of the outcome, covered banks.
    """

    outcome: str
    kind: str
    low: float
    high: float


@dataclass(frozen=True)
class Trigger:
    """A signal that starts a policy: it waits from its start for a year's end at which the signal has crossed a limit.

    Parameters
    ----------
    outcome : str
        A dimension, ``index``, or a name of ``model.outcomes.OUTCOMES``; the true value, not the surveyed one.
    kind : str
        Kind of bank, or ``all`` small and medium ones.
    limit : float
        In the unit of the outcome.
    above : bool
        Whether the signal has to stand above the limit (True) or below it.
    """

    outcome: str
    kind: str
    limit: float
    above: bool


def draw(low: float, value: float, high: float, uniform: np.ndarray) -> np.ndarray:
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
        where a bank stands that it can move.
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
        if self.payer == "bank" and self.per not in BANK_BASES:
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
    users : str
        One of ``USERS``: which of the banks that take it up bear its cost to banks.
    target : Target or None
    trigger : Trigger or None
        Starts it in each run apart, from the quarter after the signal; None starts it at its start.
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
    users: str = "takers"
    target: Target | None = None
    trigger: Trigger | None = None

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"policy {self.name} ends before it starts")
        if self.users not in USERS:
            raise ValueError(f"policy {self.name}: users are one of {', '.join(USERS)}, not {self.users!r}")
        unknown = [effect.field for effect in self.effects if effect.field not in LEVERS]
        if unknown:
            raise ValueError(f"policy {self.name} moves unknown levers: {', '.join(unknown)}")

    def phase(self, quarter: int, start: int | None = None) -> float:
        """Return the strength in a quarter, 0-1: nothing outside its time, a linear ramp after its start."""
        start = self.start if start is None else start
        if not start <= quarter <= self.end:
            return 0.0
        return min(1.0, (quarter - start + 1) / (self.ramp + 1)) * self.intensity
