"""Reverse stress: how large a blow of its own a plan of the user's bank bears, floor by floor."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np

from experiments.analysis.case import Case
from experiments.analysis.registry import Rows, method
from experiments.own_bank.analysis import bank_of, check_bank, floors, run_choices
from experiments.own_bank.answers import FLOORS, STANDING, breaches
from experiments.results.schema import number, table, text
from model.own_plan import STILL, Choice, OwnAccount, OwnShock

# What strikes the bank alone: unit, and the largest blow that is tried.
DRIVERS: Final[dict[str, tuple[str, float]]] = {
    "margin": ("basis points lower", 150.0),
    "bad_loans": ("basis points of loans higher", 800.0),
    "loss": ("million yuan, once, by assets", 0.04),
    "cost": ("million yuan a year, by assets", 0.01),
}
STEPS: Final = (8, 4, 4, 4)
"""Parts, round by round, into which what lies between a blow that is borne and one that is not is divided."""
HALF, TENTH = 0.5, 0.1  # share of runs that fail where a plan breaks, and where it begins to
REVERSE: Final = table(
    "the blow at which one plan falls below a floor of the bank, in the first future",
    text("plan", "one of the plans, like_its_kind or no_change"),
    text("driver", "margin, bad_loans, loss or cost"),
    text(
        "floor",
        "capital, profit, run_cost or market; standing: any that half of the runs keep without a blow",
    ),
    text("unit", "of the blow"),
    number(
        "breaks_at",
        "smallest blow at which half of the runs fail; 0 where they do without one, missing where the largest is borne",
    ),
    number("first", "smallest blow at which one run in ten fails; likewise"),
    number("largest", "largest blow tried"),
    number("today", "share of runs that fail without a blow", "0-1"),
)
type Tried = dict[float, np.ndarray]
"""Size of a blow, as a part of the largest -> whether each floor is broken, bool (floors, runs)."""


@method(check=check_bank, own_reverse=REVERSE)
def own_reverse(case: Case) -> Rows:
    """Find the blow at which each plan breaks each floor: a lower margin, bad loans, a loss, a cost of this bank alone.

    What lies between a blow that is borne and one that is not is divided again and again; all meet the same luck.

    Returns
    -------
    dict
        ``own_reverse``: a row for each plan, driver and floor.
    """
    account = bank_of(case)
    plans = {plan.name: plan for plan in account.rows[: len(account.plans or (account.lead,)) + 2]}
    tried: dict[tuple[str, str], Tried] = {(plan, driver): {} for plan in plans for driver in DRIVERS}
    for steps in STEPS:
        sizes = [(key, size) for key, known in tried.items() for size in next_sizes(known, steps)]
        struck = [_struck(plans[plan], driver, size, account) for (plan, driver), size in sizes]
        for (key, size), broken in zip(sizes, _broken(case, struck), strict=True):
            tried[key][size] = broken
    rows = []
    for (plan, driver), known in tried.items():
        of = {"plan": plan, "driver": driver, "unit": DRIVERS[driver][0].partition(", by")[0]}
        most = _largest(driver, account)
        for row in breaks(known):
            scaled = {key: most * row[key] for key in ("breaks_at", "first")}
            rows.append(of | row | scaled | {"largest": most})
    return {"own_reverse": rows}


def _largest(driver: str, account: OwnAccount) -> float:
    """The largest blow tried, in its unit."""
    most = DRIVERS[driver][1]
    return 1e-6 * account.assets * most if driver in ("loss", "cost") else most


def _struck(plan: Choice, driver: str, size: float, account: OwnAccount) -> Choice:
    """A plan with a blow, as a part of the largest."""
    sign = {"margin": -0.01, "bad_loans": 0.01}.get(driver, 1.0)  # basis points as percent
    shock = OwnShock(**{driver: sign * size * _largest(driver, account)})
    return replace(plan, name=f"{plan.name}/{driver}/{size:.9f}", shock=shock)


def next_sizes(tried: Tried, steps: int) -> list[float]:
    """Blows to be tried next: all between none and the largest at first, then closer to where each floor breaks.

    Parameters
    ----------
    tried : dict
    steps : int
        Parts into which a blow that is borne and one that is not are held apart.
    """
    if not tried:
        return [k / steps for k in range(steps + 1)]
    sizes, asked = sorted(tried), set()
    for shares in _shares(tried).values():
        for least in (HALF, TENTH):
            high = _smallest(sizes, shares, least)
            if high > 0:  # it breaks between two blows: neither without one, nor never
                low = sizes[sizes.index(high) - 1]
                asked |= {low + (high - low) * k / steps for k in range(1, steps)}
    return sorted(asked - set(tried))


def breaks(tried: Tried) -> Iterator[dict[str, Any]]:
    """For each floor, and for any that stands without a blow, where it breaks, as a part of the largest blow."""
    sizes = sorted(tried)
    for floor, shares in _shares(tried).items():
        half, tenth = (_smallest(sizes, shares, least) for least in (HALF, TENTH))
        yield {"floor": floor, "breaks_at": half, "first": tenth, "today": float(shares[0])}


def _shares(tried: Tried) -> dict[str, np.ndarray]:
    """Share of runs that fail at each size, the smallest first, by floor; no floor stands where all are broken."""
    broken = np.array([tried[size] for size in sorted(tried)])
    by_floor = dict(zip(FLOORS, broken.mean(2).T, strict=True))
    stands = [shares[0] < HALF for shares in by_floor.values()]
    return by_floor | {STANDING: broken[:, stands].any(1).mean(1) if any(stands) else np.ones(len(broken))}


def _smallest(sizes: list[float], shares: np.ndarray, least: float) -> float:
    """The smallest size at which that share fails; NaN where none does."""
    return next((size for size, share in zip(sizes, shares, strict=True) if share >= least), np.nan)


def _broken(case: Case, struck: list[Choice]) -> Iterator[np.ndarray]:
    """Whether each struck plan breaks each floor in any year of the first future, bool (floors, runs)."""
    if not struck:
        return
    lead, limits = replace(bank_of(case).rows[0], name="unstruck"), floors(case)
    outcomes = run_choices(case, [lead, *struck], case.laboratory.every[0])
    for row, choice in enumerate(struck, 1):
        values = {name: part[0, :, :, row] for name, part in outcomes.items()}
        still = choice.name.startswith(f"{STILL}/")
        parts = breaches(values, limits, outcomes["technology_spending"][0, :, :, 0] if still else 0.0)
        yield np.array([parts[floor].any(-1) for floor in FLOORS])
