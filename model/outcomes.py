"""Outcomes besides the six scores, by bank and by kind, with the unit and meaning of each in one table."""

from types import MappingProxyType
from typing import Any, Final

import numpy as np

from agents import honeycomb as h
from agents.items import FIRST_EDITION, in_order
from model import peers
from model.inequality import ascending, gini_of_ordered, herfindahl, ratio_of_ordered
from model.reduction import over_banks, over_blocks

PAIN: Final = MappingProxyType(
    {
        "pain_1": ("0-100", "strategy on paper: planning ahead of execution"),
        "pain_2": ("0-100", "rigid organisation: the weaker of organisation and technology"),
        "pain_3": ("0-100", "composite and data talent short"),
        "pain_4": ("0-100", "return doubted: skill built but not yet realised"),
        "pain_5": ("0-100", "frontier out of reach: waiting banks that cannot pay for a language model"),
        "pain_6": ("0-100", "risk management lags"),
        "pain_7": ("0-100", "front end lags internal systems"),
        "pain_8": ("0-100", "data not yet an asset"),
        "pain_9": ("0-100", "ecosystems alike"),
        "pain_10": ("0-100", "loan losses eat revenue"),
    }
)
BY_BANK: Final = MappingProxyType(
    {
        "spend_ratio": ("percent of revenue", "technology spending"),
        "run_share": ("percent of budget", "technology budget that keeps systems running, fees included"),
        "free_budget": ("percent of revenue", "technology budget free for change"),
        "claim_share": ("percent of change", "change budget claimed by localisation"),
        "bad_loans": ("percent of loans", "non-performing loans"),
        "coverage": ("percent of bad loans", "loan loss provisions"),
        "capital": ("percent of risk-weighted assets", "regulatory capital"),
        "breach": ("share of banks", "banks below the capital ratio required"),
        "margin": ("percent", "net interest margin"),
        "profit": ("percent of assets a year", "profit after tax"),
        "cost_income": ("percent of revenue", "operating cost with technology"),
        "language_model": ("share of banks", "banks with a route to language models"),
        "route_build": ("share of banks", "banks that build their own language model"),
        "route_buy": ("share of banks", "banks that buy access to a language model"),
        "route_union": ("share of banks", "banks with a language model through the provincial union"),
        "route_alliance": ("share of banks", "banks with a language model through an alliance"),
        "talent": ("percent of staff", "technologists, data and composite people"),
        "data_asset": ("0-1", "data that has become an asset"),
        "benefit": ("0-1", "realised digital skill"),
        "budget_exhausted": ("share of banks", "banks whose budget does not cover what must be kept running"),
        "partners": ("partners", "vendors, exporting banks, alliances and unions a bank works with"),
        "like_for_like": ("0-100", "index like for like: items of the first edition"),
        "without_spending": ("0-100", "index like for like, without the item of spending over revenue"),
        "application_like_for_like": ("0-100", "application like for like: items of the first edition"),
        **PAIN,
    }
)
BY_SYSTEM: Final = MappingProxyType(
    {
        "inclusive_share": ("percent of the market", "share of inclusive small-firm loans"),
        "institutions": ("banks", "institutions that have not been merged away"),
        "gini": ("0-1", "Gini coefficient of the mean score among small and medium banks"),
        "p90_p10": ("ratio", "90th over 10th percentile of the mean score among small and medium banks"),
        "rural_city_gap": ("points", "mean score of city banks less that of rural institutions"),
        "vendor_hhi": ("0-1", "concentration of fintech vendors' clients"),
        "export_hhi": ("0-1", "concentration of technology-exporting banks' clients"),
        "union_dependence": (
            "percent of rented systems",
            "systems of rural institutions that are had from their union",
        ),
        "outage_exposure": ("share of banks", "small and medium banks that depend on the largest vendor"),
    }
)
OUTCOMES: Final = MappingProxyType({**BY_BANK, **BY_SYSTEM})
# What a year's plan fixes: measured once a year, and again when banks merge.
PLANNED: Final = (
    "run_share", "claim_share", "language_model", "route_build", "route_buy", "route_union", "route_alliance",
    "budget_exhausted",
)  # fmt: skip
YEARLY: Final = (
    *PAIN,
    "like_for_like",
    "without_spending",
    "application_like_for_like",
    "gini",
    "p90_p10",
    "rural_city_gap",
)


def planned(s: Any) -> dict[str, np.ndarray]:
    """Measure the outcomes of ``PLANNED`` for every bank, shape (M, R)."""
    return {
        "run_share": 100.0 * (s.run + s.fees) / s.spend,
        "claim_share": 100.0 * s.claim / np.maximum(s.change, 1e-9),
        "language_model": s.model_route != h.WAIT,
        **{f"route_{name}": s.model_route == k for k, name in enumerate(h.ROUTES) if k != h.WAIT},
        "budget_exhausted": s.unpaid > 0,
    }


def moving(s: Any, year_end: bool) -> dict[str, np.ndarray]:
    """Measure the other outcomes of ``BY_BANK``, shape (M, R).

    Parameters
    ----------
    s : BankingSystem
        Read only.
    year_end : bool
        Those of ``YEARLY`` are taken in the last quarter of a year.
    """
    quarter, percent = 0.25 * s.spend, 100.0 / s.revenue
    ratio = s.capital_ratio()
    values = {
        "spend_ratio": percent * quarter,
        "free_budget": percent * 0.25 * s.change,
        "bad_loans": 100.0 * s.bad_loans / (s.assets * s.p.loan_share),
        "coverage": 100.0 * s.provisions / s.bad_loans,
        "capital": ratio,
        "breach": ratio < s.p.capital_floor + s.outside.floor_rise,
        "margin": s.margin,
        "profit": 400.0 * s.profit / s.assets,
        "cost_income": percent * (s.costs + quarter),
        "talent": 100.0 * (s.staff[0] + s.staff[1] + s.staff[2]),
        "data_asset": 0.5 * s.rung[s.items.at["assets"]],
        "benefit": 0.25 * (s.cost_skill + s.risk_skill + s.market_skill + s.revenue_skill),
        "partners": s.network.partners + (s.hub > 0),
    }
    if year_end:
        spend = s.items.at["spend"]
        values["like_for_like"] = s.index
        values["without_spending"] = s.index - s.rung[spend] * (s.printed[FIRST_EDITION][spend] / 6.0)
        values["application_like_for_like"] = s.like[h.APPLICATION]
        values |= pain_points(s)
    return values


def measure(s: Any, year_end: bool) -> dict[str, np.ndarray]:
    """Measure all outcomes of ``BY_BANK`` for every bank, shape (M, R); see ``moving``."""
    return planned(s) | moving(s, year_end)


def pain_points(s: Any) -> dict[str, np.ndarray]:
    """Measure the ten pain points of chapter 4 for every bank, 0 (no pain) to 100."""
    at, rung, items = s.items.at, s.rung, s.items
    asked = [h.INDICATORS.index(name) for name in ("planning", "execution", "risk_management")]
    planning, execution, risk_management = in_order(rung, items.indicator_points[asked])

    def share(*names: str) -> np.ndarray:
        tops = sum(items.items[at[n]].rungs for n in names)
        result: np.ndarray = 100.0 * sum((rung[at[n]] for n in names), start=np.zeros(s.assets.shape)) / tops
        return result

    built = 0.25 * (
        s.built["cost_skill"] + s.built["risk_skill"] + s.built["market_skill"] + s.built["revenue_skill"]
    )
    realised = 0.25 * (s.cost_skill + s.risk_skill + s.market_skill + s.revenue_skill)
    crowd = s._entered("scenes")
    return {
        "pain_1": np.maximum(planning - execution, 0.0),
        "pain_2": 100.0 - np.minimum(s.dims[h.ORGANIZATION], s.dims[h.TECHNOLOGY]),
        "pain_3": 100.0 - share("composite", "data_people"),
        "pain_4": 100.0 * np.maximum(built - realised, 0.0),
        "pain_5": 100.0 * ((s.model_route == h.WAIT) & (s.model_price > 0.25 * s.change)),
        "pain_6": 100.0 - risk_management,
        "pain_7": np.maximum(share("network_ops", "operations") - share("marketing", "social"), 0.0),
        "pain_8": 100.0 - share("assets"),
        "pain_9": s.dims[h.ECOSYSTEM] * (1.0 - 1.0 / (1.0 + s.p.congestion * crowd)),
        "pain_10": 100.0 * np.minimum(s.charge / s.revenue, 1.0),
    }


def kind_outcomes(s: Any, year_end: bool) -> dict[str, np.ndarray]:
    """Average the outcomes by kind and over all small and medium banks, and add those of the system.

    Returns
    -------
    dict of str to ndarray, shape (R, K + 1)
        By kind, over active reported banks, and last for all active small and medium banks; NaN where not defined.
    """
    fresh = s.quarter % 4 == 0 or s.fixed_outcomes is None or s.fixed_outcomes[0] is not s.active
    if fresh:
        s.fixed_outcomes = (s.active, _by_kind(s, planned(s)) | suppliers(s))
    means = s.fixed_outcomes[1] | _by_kind(s, moving(s, year_end))
    return {**means, **system_outcomes(s, year_end)}


def signal(s: Any, outcome: str, kind: str) -> np.ndarray:
    """One outcome, dimension or the index of one kind of bank at a year's end, by row (R,)."""
    place = -1 if kind == "all" else s.banks.kinds.index(kind)
    if outcome in OUTCOMES:
        found: np.ndarray = kind_outcomes(s, year_end=True)[outcome][:, place]
        return found
    dims = {"index": s.dims.mean(0)} | dict(zip(h.DIMENSIONS, s.dims, strict=True))
    return _by_kind(s, {outcome: dims[outcome]})[outcome][:, place]


def _by_kind(s: Any, measured: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Means over the active reported banks of each kind, and over all active small and medium ones; (R, K + 1)."""
    stacked = np.empty((len(measured), *s.assets.shape))
    for row, value in zip(stacked, measured.values(), strict=True):
        row[...] = value
    return {name: mean.T for name, mean in zip(measured, peers.kind_means(s, stacked), strict=True)}


def suppliers(s: Any) -> dict[str, np.ndarray]:
    """Institutions, and how concentrated their suppliers are: measured when contracts or banks change; (R, K + 1)."""
    there = s.census.kinds.T.astype(float)
    small = there[:, s.small_kinds].sum(1)
    standing = s.network.standing
    values = {
        "institutions": np.column_stack([there, small]),
        "vendor_hhi": _of_all(s, herfindahl(standing["vendor"].T)),
        "export_hhi": _of_all(s, herfindahl(standing["exporter"].T)),
        "outage_exposure": _of_all(s, standing["first"].max(0) / np.maximum(small, 1)),
        "union_dependence": np.full((s.rows, len(s.kind_rows) + 1), np.nan),
    }
    for k, (kind, rows) in enumerate(zip(s.kinds, s.kind_rows, strict=True)):
        if kind.joins_union and rows.stop > rows.start:
            hub = over_banks((s.rented[h.HUB] * s.active)[rows])
            values["union_dependence"][:, k] = 100.0 * hub / np.maximum(s.census.kinds[k], 1)
    return values


def system_outcomes(s: Any, year_end: bool) -> dict[str, np.ndarray]:
    """Measure the other outcomes of ``BY_SYSTEM``; shapes as in ``kind_outcomes``."""
    shares = 100.0 * over_blocks(s.census.only(s.market), s.kind_rows).T
    values = {"inclusive_share": np.column_stack([shares, shares[:, s.small_kinds].sum(1)])}
    return values | (_distribution(s) if year_end else {})


def _distribution(s: Any) -> dict[str, np.ndarray]:
    """Inequality of the mean score among active small and medium banks, and the gap between city and rural banks."""
    small = np.flatnonzero(~s.exports_here[: s.banks.size])
    index = s.dims.mean(0)
    values = np.where(s.active[small], index[small], np.nan).T
    ordered = ascending(values)
    ginis, ratios = np.full(s.rows, np.nan), np.full(s.rows, np.nan)
    there = s.active[small].sum(0)
    for number in np.unique(there[there > 0]):
        rows = there == number
        ginis[rows] = gini_of_ordered(ordered[rows, :number])
        ratios[rows] = ratio_of_ordered(ordered[rows, :number])
    means, names = peers.kind_means(s, index), s.banks.kinds
    gap = means[names.index("city")] - means[names.index("rural")]
    return {"gini": _of_all(s, ginis), "p90_p10": _of_all(s, ratios), "rural_city_gap": _of_all(s, gap)}


def _of_all(s: Any, value: np.ndarray) -> np.ndarray:
    """Place a value of all small and medium banks, leaving the kinds undefined."""
    placed = np.full((s.rows, len(s.kind_rows) + 1), np.nan)
    placed[:, -1] = value
    return placed
