"""Outcomes besides the six scores, by bank, by kind and of the system."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from agents import honeycomb as h
from agents.items import FIRST_EDITION
from model import peers
from model.inequality import gini, herfindahl, percentile_ratio
from model.reduction import over_banks, over_blocks

if TYPE_CHECKING:
    from model.system import BankingSystem

# The unit and meaning of each stand in conf/outcomes.csv.
SCENES: Final = ("livelihood", "third_party", "scenes")  # in which banks of a kind crowd
PAIN: Final = tuple(f"pain_{k}" for k in range(1, 11))
BY_BANK: Final = (
    "spend_ratio", "run_share", "free_budget", "claim_share", "bad_loans", "coverage", "capital", "breach", "margin",
    "profit", "cost_income", "language_model", "route_build", "route_buy", "route_union", "route_alliance", "talent",
    "data_asset", "benefit", "budget_exhausted", "partners", "like_for_like", "without_spending",
    "application_like_for_like", *PAIN,
)  # fmt: skip
BY_SYSTEM: Final = (
    "inclusive_share", "institutions", "gini", "p90_p10", "rural_city_gap", "vendor_hhi", "export_hhi",
    "union_dependence", "outage_exposure",
)  # fmt: skip
OUTCOMES: Final = (*BY_BANK, *BY_SYSTEM)
# Those of the system by the kinds of bank that they are measured of; ``all`` are all small and medium ones.
MEASURED_OF: Final = {
    **dict.fromkeys(BY_SYSTEM, ("all",)),
    **dict.fromkeys(("inclusive_share", "institutions"), (*h.KINDS, "all")),
    "union_dependence": ("rural",),
}
YEARLY: Final = (
    *PAIN, "like_for_like", "without_spending", "application_like_for_like", "gini", "p90_p10", "rural_city_gap",
)  # fmt: skip


def planned(s: "BankingSystem") -> dict[str, np.ndarray]:
    """Measure what a year's plan fixes, once a year and when banks merge, for every bank, shape (M, R)."""
    return {
        "run_share": 100.0 * (s.run + s.fees) / s.spend,
        "claim_share": 100.0 * s.claim / np.maximum(s.change, 1e-9),
        "language_model": s.model_route != h.WAIT,
        **{f"route_{name}": s.model_route == k for k, name in enumerate(h.ROUTES) if k != h.WAIT},
        "budget_exhausted": s.unpaid > 0,
    }


def moving(s: "BankingSystem") -> dict[str, np.ndarray]:
    """Measure the outcomes of ``BY_BANK`` that every quarter moves, shape (M, R); the system is read only."""
    quarter, percent = 0.25 * s.spend, 100.0 / s.revenue
    ratio = s.capital_ratio()
    return {
        "spend_ratio": percent * quarter,
        "free_budget": percent * 0.25 * s.change,
        "bad_loans": 100.0 * s.bad_loans / (s.assets * s.p.loan_share),
        "coverage": 100.0 * s.provisions / s.bad_loans,
        "capital": ratio,
        "breach": ratio < s.floor,
        "margin": s.margin,
        "profit": 400.0 * s.profit / s.mean_assets,
        "cost_income": percent * (s.costs + quarter),
        "talent": 100.0 * (s.staff[0] + s.staff[1] + s.staff[2]),
        "data_asset": 0.5 * s.rung[s.items.at["assets"]],
        "benefit": skill(vars(s)),
        "partners": s.network.partners + (s.hub > 0),
    }


def skill(of: Mapping[str, np.ndarray]) -> np.ndarray:
    """Mean of the four skills, 0-1."""
    total: np.ndarray = of["cost_skill"] + of["risk_skill"] + of["market_skill"] + of["revenue_skill"]
    return 0.25 * total


def yearly(s: "BankingSystem") -> dict[str, np.ndarray]:
    """Measure those of ``BY_BANK`` that are taken in the last quarter of a year, shape (M, R)."""
    spend = s.items.at["spend"]
    return {
        "like_for_like": s.index,
        "without_spending": s.index - s.rung[spend] * (s.printed[FIRST_EDITION][spend] / 6.0),
        "application_like_for_like": s.like[h.APPLICATION],
        **pain_points(s),
    }


def measure(s: "BankingSystem", year_end: bool) -> dict[str, np.ndarray]:
    """Measure all outcomes of ``BY_BANK`` for every bank, shape (M, R); yearly ones at the year's end."""
    return planned(s) | moving(s) | (yearly(s) if year_end else {})


def pain_points(s: "BankingSystem") -> dict[str, np.ndarray]:
    """Measure the ten pain points of chapter 4 for every bank, 0 (no pain) to 100."""
    at, rung, items = s.items.at, s.rung, s.items
    planning, execution, risk_management = items.pains.of(rung)

    def share(*names: str) -> np.ndarray:
        tops = sum(items.items[at[n]].rungs for n in names)
        result: np.ndarray = 100.0 * np.add.reduce([rung[at[n]] for n in names]) / tops
        return result

    return {
        "pain_1": np.maximum(planning - execution, 0.0),
        "pain_2": 100.0 - np.minimum(s.dims[h.ORGANIZATION], s.dims[h.TECHNOLOGY]),
        "pain_3": 100.0 - share("composite", "data_people"),
        "pain_4": 100.0 * np.maximum(skill(s.built) - skill(vars(s)), 0.0),
        "pain_5": 100.0 * ((s.model_route == h.WAIT) & (s.model_price > s.change)),
        "pain_6": 100.0 - risk_management,
        "pain_7": np.maximum(share("network_ops", "operations") - share("marketing", "social"), 0.0),
        "pain_8": 100.0 - share("assets"),
        "pain_9": 100.0 - np.mean([100.0 * s.crowding(name) for name in SCENES], 0),
        "pain_10": 100.0 * np.minimum(s.charge / s.revenue, 1.0),
    }


Outcomes = dict[tuple[str, ...], np.ndarray]  # of several names, (names, K + 1, R)


def kind_outcomes(s: "BankingSystem", year_end: bool) -> Outcomes:
    """Average the outcomes by kind and over all small and medium banks, and add those of the system.

    Returns
    -------
    dict of tuple of str to ndarray, shape (names, K + 1, R)
        Tables of what is measured together: by kind, over active reported banks, and last for all active small and
        medium banks; NaN where not defined.
    """
    fixed = s.fixed_outcomes
    if fixed is None or fixed[0] is not s.active:
        fixed = s.fixed_outcomes = (s.active, _by_kind(s, planned(s)) | suppliers(s))
    means = fixed[1] | _by_kind(s, moving(s)) | market_shares(s)
    return means | _by_kind(s, yearly(s)) | _distribution(s) if year_end else means


def signal(s: "BankingSystem", outcome: str, kind: str) -> np.ndarray:
    """One outcome, dimension or the index of one kind of bank at a year's end, by row (R,)."""
    place = -1 if kind == "all" else s.banks.kinds.index(kind)
    dims = {"index": s.dims.mean(0)} | dict(zip(h.DIMENSIONS, s.dims, strict=True))
    measured = (
        kind_outcomes(s, year_end=True) if outcome in OUTCOMES else _by_kind(s, {outcome: dims[outcome]})
    )
    return next(table[names.index(outcome), place] for names, table in measured.items() if outcome in names)


def _by_kind(s: "BankingSystem", measured: dict[str, np.ndarray]) -> Outcomes:
    """Means over the active reported banks of each kind, and over all active small and medium ones."""
    stacked = np.empty((len(measured), *s.assets.shape))
    for row, value in zip(stacked, measured.values(), strict=True):
        row[...] = value
    return {tuple(measured): peers.kind_means(s, stacked)}


def suppliers(s: "BankingSystem") -> Outcomes:
    """Institutions, and how concentrated their suppliers are: measured when contracts or banks change."""
    there = s.census.kinds.astype(float)
    small = there[s.small_kinds].sum(0)
    standing = s.network.standing
    hubs = np.full((len(s.kind_rows) + 1, s.rows), np.nan)
    for k, (kind, rows) in enumerate(zip(s.kinds, s.kind_rows, strict=True)):
        if kind.joins_union and rows.stop > rows.start:
            hub = over_banks((s.rented[h.HUB] * s.active)[rows])
            hubs[k] = 100.0 * hub / np.maximum(s.census.kinds[k], 1)
    of_all = {
        "vendor_hhi": herfindahl(standing["vendor"].T),
        "export_hhi": herfindahl(standing["exporter"].T),
        "outage_exposure": standing["vendor"].max(0) / np.maximum(small, 1),
    }
    return {
        ("institutions",): np.concatenate([there, small[None]])[None],
        **_of_all(s, of_all),
        ("union_dependence",): hubs[None],
    }


def market_shares(s: "BankingSystem") -> Outcomes:
    """Percent of the market for inclusive loans that each kind holds."""
    shares = 100.0 * over_blocks(s.census.only(s.market), s.kind_rows)
    small = shares[s.small_kinds].sum(0, keepdims=True)
    return {("inclusive_share",): np.concatenate([shares, small])[None]}


def _distribution(s: "BankingSystem") -> Outcomes:
    """Inequality of the mean score among active small and medium banks, and the gap between city and rural banks."""
    small = np.flatnonzero(~s.exports_here[: s.banks.size])
    index = s.dims.mean(0)
    values = np.where(s.active[small], index[small], np.nan).T
    ordered = np.sort(np.ascontiguousarray(values), axis=-1)
    ginis, ratios = np.full(s.rows, np.nan), np.full(s.rows, np.nan)
    there = s.active[small].sum(0)
    for number in np.unique(there[there > 0]):
        rows = there == number
        ginis[rows] = gini(ordered[rows, :number])
        ratios[rows] = percentile_ratio(ordered[rows, :number])
    means, names = peers.kind_means(s, index), s.banks.kinds
    gap = means[names.index("city")] - means[names.index("rural")]
    return _of_all(s, {"gini": ginis, "p90_p10": ratios, "rural_city_gap": gap})


def _of_all(s: "BankingSystem", values: dict[str, np.ndarray]) -> Outcomes:
    """Place values of all small and medium banks, (R,), leaving the kinds undefined."""
    placed = np.full((len(values), len(s.kind_rows) + 1, s.rows), np.nan)
    placed[:, -1] = list(values.values())
    return {tuple(values): placed}
