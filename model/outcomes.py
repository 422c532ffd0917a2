"""Outcomes besides the six scores, by bank and by kind, with the unit and meaning of each in one table."""

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from agents.column import Array
from agents.honeycomb import ROUTES, WAIT
from agents.kinds import BANK_KINDS, KINDS
from model.diagnostics import pain_points
from model.inequality import gini_of_ordered, herfindahl, in_order, ratio_of_ordered
from model.reduction import over_banks

if TYPE_CHECKING:
    from agents.bank import Bank
    from model.system import BankingSystem

BY_BANK: Final = MappingProxyType(
    {
        "spend_ratio": ("percent of revenue", "technology spending"),
        "run_share": ("percent of budget", "technology budget that keeps systems running"),
        "free_budget": ("percent of revenue", "technology budget free for change"),
        "bad_loans": ("percent of loans", "non-performing loans"),
        "coverage": ("percent of bad loans", "loan loss provisions"),
        "capital": ("percent of risk-weighted assets", "regulatory capital"),
        "margin": ("percent", "net interest margin"),
        "profit": ("percent of assets a year", "profit after tax"),
        "language_model": ("share of banks", "banks with a route to language models"),
        "route_build": ("share of banks", "banks that build their own language model"),
        "route_buy": ("share of banks", "banks that buy access to a language model"),
        "route_union": ("share of banks", "banks with a language model through the provincial union"),
        "route_alliance": ("share of banks", "banks with a language model through an alliance"),
        "talent": ("percent of staff", "technologists, data and composite people"),
        "data_asset": ("0-1", "data that has become an asset"),
        "benefit": ("0-1", "digital value realised"),
        "budget_exhausted": ("share of banks", "banks whose budget does not cover what must be kept running"),
        "partners": ("partners", "vendors, exporting banks, alliances and unions a bank works with"),
        "pain_1": ("0-100", "strategy on paper: planning ahead of execution"),
        "pain_2": ("0-100", "rigid organisation: the weaker of organisation and technology"),
        "pain_3": ("0-100", "composite and data talent short"),
        "pain_4": ("0-100", "return doubted: value built but not yet realised"),
        "pain_5": ("0-100", "frontier out of reach: waiting banks that no route is affordable to"),
        "pain_6": ("0-100", "risk management lags"),
        "pain_7": ("0-100", "internal automation ahead of digital credit"),
        "pain_8": ("0-100", "data not yet an asset"),
        "pain_9": ("0-100", "ecosystems alike"),
        "pain_10": ("0-100", "loan losses eat revenue"),
    }
)
BY_SYSTEM: Final = MappingProxyType(
    {
        "inclusive_share": ("percent of the market", "share of inclusive small-firm loans"),
        "gini": ("0-1", "Gini coefficient of the mean score among small and medium banks"),
        "p90_p10": ("ratio", "90th over 10th percentile of the mean score among small and medium banks"),
        "rural_city_gap": ("points", "mean score of city banks less that of rural institutions"),
        "vendor_hhi": ("0-1", "concentration of fintech vendors' clients"),
        "export_hhi": ("0-1", "concentration of technology-exporting banks' clients"),
        "union_dependence": ("percent of partner fees", "fees of rural institutions that go to their union"),
        "outage_exposure": ("share of banks", "small and medium banks that depend on the largest vendor"),
    }
)
OUTCOMES: Final = MappingProxyType({**BY_BANK, **BY_SYSTEM})


YEARLY: Final = tuple(name for name in BY_BANK if name.startswith("pain_"))


def measure(bank: "Bank", year_end: bool) -> dict[str, Array]:
    """Measure the outcomes of ``BY_BANK`` for a bank or cohort.

    Parameters
    ----------
    bank : Bank
        Read only.
    year_end : bool
        The ten pain points are taken once a year, in the last quarter.

    Returns
    -------
    dict of str to ndarray, shape (R, n)
    """
    per_revenue = 100.0 / bank.revenue
    return {
        "spend_ratio": per_revenue * bank.budget,
        "run_share": 100.0 * bank.run / bank.budget,
        "free_budget": per_revenue * bank.change,
        "bad_loans": 100.0 * bank.bad_loans / bank.loans,
        "coverage": 100.0 * bank.provisions / bank.bad_loans,
        "capital": bank.capital_ratio(),
        "margin": bank.margin,
        "profit": 400.0 * bank.profit / bank.assets,
        "language_model": bank.route != WAIT,
        **{f"route_{name}": bank.route == k for k, name in enumerate(ROUTES) if k != WAIT},
        "talent": 100.0 * (bank.staff[0] + bank.staff[1] + bank.staff[2]),
        "data_asset": bank.data_asset,
        "benefit": bank.benefit,
        "budget_exhausted": bank.run_unpaid > 0,
        "partners": bank.links + (bank.vendor >= 0) + (bank.provider >= 0) + (bank.hub_level > 0),
        **(pain_points(bank) if year_end else {}),
    }


def bank_outcomes(system: "BankingSystem", year_end: bool) -> dict[str, Array]:
    """Measure every bank, shape (R, N); outcomes taken once a year are NaN in other quarters."""
    values = {name: np.full(system.columns["route"].shape, np.nan) for name in BY_BANK}
    for bank in system.cohorts:
        for name, value in measure(bank, year_end).items():
            values[name][:, bank.rows] = value
    return values


def kind_outcomes(system: "BankingSystem", year_end: bool) -> dict[str, Array]:
    """Average the outcomes by kind and over all small and medium banks, and add those of the system.

    Parameters
    ----------
    system : BankingSystem
        Read only.
    year_end : bool
        As in ``measure``.

    Returns
    -------
    dict of str to ndarray, shape (R, K + 1)
        By kind, and last for all small and medium banks; NaN where an outcome is not defined.
    """
    names = [name for name in BY_BANK if year_end or name not in YEARLY]
    means = np.zeros((len(names), len(KINDS) + 1, system.rows))
    small = system.population.small.sum()
    for bank in system.cohorts:
        place = KINDS.index(bank.kind)
        reported = system.population.reported_rows(bank.kind)
        number = reported.stop - reported.start
        measured = measure(bank, year_end)
        banks = np.empty((len(names), *bank.route.shape[::-1])).swapaxes(-1, -2)
        for row, name in enumerate(names):
            banks[row] = measured[name]
        total = over_banks(banks[..., :number])
        means[:, place] = total / number
        if BANK_KINDS[place].small:
            means[:, -1] += (total + over_banks(banks[..., number:])) / small
    values = {name: mean.T for name, mean in zip(names, means, strict=True)}
    return {**values, **system_outcomes(system)}


def system_outcomes(system: "BankingSystem") -> dict[str, Array]:
    """Measure the outcomes of ``BY_SYSTEM``; shapes as in ``kind_outcomes``."""
    population, columns = system.population, system.columns
    small = slice(population.exporters.stop, population.size)
    index = sum(columns["dimensions"][1:], start=columns["dimensions"][0]) / len(columns["dimensions"])
    means = 100.0 * population.kind_means(index)
    ordered = in_order(index[:, small])
    vendors, exporters = system.network.clients["vendor"], system.network.clients["export"]
    share = 100.0 * population.kind_sums(columns["inclusive_share"])
    values = {
        "inclusive_share": np.column_stack(
            [share, sum(share[:, k] for k, kind in enumerate(BANK_KINDS) if kind.small)]
        ),
        "gini": _of_all(gini_of_ordered(ordered)),
        "p90_p10": _of_all(ratio_of_ordered(ordered)),
        "rural_city_gap": _of_all(means[:, KINDS.index("city")] - means[:, KINDS.index("rural")]),
        "vendor_hhi": _of_all(herfindahl(vendors)),
        "export_hhi": _of_all(herfindahl(exporters)),
        "outage_exposure": _of_all(vendors.max(-1) / (small.stop - small.start)),
        "union_dependence": np.full((system.rows, len(KINDS) + 1), np.nan),
    }
    members = population.union_members
    fees = {
        layer: over_banks(columns[f"{layer}_fee"][:, members])
        for layer in ("union", "vendor", "export", "alliance")
    }
    total = np.maximum(sum(fees.values()), 1e-9)
    place = next(k for k, kind in enumerate(BANK_KINDS) if kind.in_union)
    values["union_dependence"][:, place] = 100.0 * fees["union"] / total
    return values


def _of_all(value: Array) -> Array:
    """Place a value of all small and medium banks, leaving the kinds undefined."""
    placed = np.full((len(value), len(KINDS) + 1), np.nan)
    placed[:, -1] = value
    return placed
