"""The system on its first day: capabilities, people, habits and books of every bank."""

from typing import TYPE_CHECKING

import numpy as np

from agents.allocation import to_simplex
from agents.bank import Bank
from agents.budget import effort_cost
from agents.column import Array, Mask
from agents.honeycomb import (
    APPLICATION,
    DIMENSION_OF,
    DIMENSIONS,
    INDICATORS,
    NEW_TECHNOLOGY,
    dimension_means,
)
from agents.talent import attrition_rate
from model.reduction import over_banks
from model.streams import Draws

if TYPE_CHECKING:
    from model.system import BankingSystem

TALENT_ROLES = 3


def initialise(system: "BankingSystem", draws: Draws) -> None:
    """Give every bank its first-day state; what differs between replicates is drawn, what a kind shares is not.

    Parameters
    ----------
    system : BankingSystem
        Its columns are filled; its cohorts and traits must exist.
    draws : Draws
    """
    population = system.population
    chance = draws.normal("capability at the start", 1 + len(DIMENSIONS) + len(INDICATORS), population.size)
    habits = draws.normal("people and spending at the start", 1 + TALENT_ROLES, population.size)
    chance, habits = (np.moveaxis(system.tile(drawn), 0, -2) for drawn in (chance, habits))
    columns = system.columns
    columns["assets"][:] = population.assets
    columns["vendor"][:] = columns["provider"][:] = -1.0
    columns["congestion"][:] = 1.0
    columns["experience"][:] = 1.0
    pull = np.where(population.first_tier, system.numbers.first_tier_pull, 1.0)
    columns["regional_pull"][:] = pull
    for cohort in system.cohorts:
        rows = cohort.rows
        initialise_capabilities(cohort, chance[..., rows])
        initialise_habits(cohort, population.focus[:, rows], system.focus_emphasis, habits[..., rows])
        initialise_books(cohort)
    share_market(system)


def initialise_capabilities(bank: Bank, chance: Array) -> None:
    """Place indicators around the kind's means; a common factor makes a bank good or bad in everything."""
    traits = bank.traits
    common, own, single = chance[0], chance[1 : 1 + len(DIMENSIONS)], chance[1 + len(DIMENSIONS) :]
    spread = traits.capability_spread
    levels = traits.initial_capability + spread * (traits.common_spread * common + traits.own_spread * own)
    placed = levels[DIMENSION_OF] + spread * traits.indicator_spread * single
    placed = np.clip(placed, 0.02, 0.98)
    placed[NEW_TECHNOLOGY] = 0.0
    bank.indicators = placed
    bank.dimensions = dimension_means(placed)
    bank.last_dimensions = bank.dimensions
    bank.application_initial = bank.dimensions[APPLICATION]
    bank.data_asset = traits.initial_data_asset * np.ones_like(placed[0])


def initialise_habits(bank: Bank, focus: Mask, emphasis: Array, habits: Array) -> None:
    """Set what a bank's focus makes of each dimension, how it used to spend, and whom it employs."""
    traits = bank.traits
    weights = (
        traits.priority + np.moveaxis(np.tensordot(emphasis, focus.astype(float), (0, 0)), 0, 0)[:, None]
    )
    bank.weights = to_simplex(weights * np.ones_like(bank.dimensions), 0.0)
    bank.habitual = to_simplex(traits.habit * np.ones_like(bank.dimensions), traits.smallest_share)
    bank.allocation = bank.habitual
    bank.written_plan = to_simplex(traits.plan * np.ones_like(bank.dimensions), 0.0)
    bank.habit_ratio = traits.spend_ratio * np.exp(traits.spend_spread * habits[0])
    staff = traits.staff * np.exp(traits.staff_spread * (0.8 * habits[1] + 0.6 * habits[1:]))
    bank.staff = np.minimum(staff, 0.6)
    leaving = attrition_rate(traits.attrition, bank.regional_pull, 0.0)
    bank.wanted_staff = bank.staff * (1.0 + leaving / traits.hiring)
    bank.wanted_staff[0] += bank.staff[0] * traits.training / traits.hiring
    bank.wanted_staff[2] -= np.minimum(
        bank.staff[0] * traits.training / traits.hiring, 0.9 * bank.wanted_staff[2]
    )
    bank.emphasise()


def initialise_books(bank: Bank) -> None:
    """Open the books at the kind's ratios, and remember the first day's revenue and losses as the bank's reference."""
    traits = bank.traits
    bank.loans = traits.loan_share * bank.assets
    bank.bad_loans = bank.loans * (0.01 * traits.bad_loans_start)
    bank.provisions = bank.bad_loans * traits.coverage_start
    bank.capital = bank.assets * (traits.risk_weight * 0.01 * traits.capital_start)
    bank.performance = bank.value()
    bank.benefit = bank.performance * (1.0 - traits.data_value * (1.0 - bank.data_asset))
    bank.aspiration = bank.performance
    bank.effort_cost = effort_cost(
        bank.assets, traits.effort_cost, traits.reference_assets, traits.effort_scale
    )
    bank.inclusive_share = bank.inclusive_initial = np.ones_like(bank.assets)
    bank.earn()
    bank.reference_rate = 4.0 * bank.revenue / bank.assets
    bank.provide()
    bank.reference_loss = bank.loss_charge / bank.revenue
    bank.loans = traits.loan_share * bank.assets
    bank.bad_loans = bank.loans * (0.01 * traits.bad_loans_start)
    bank.provisions = bank.bad_loans * traits.coverage_start
    bank.spend_ratio = bank.habit_ratio


def share_market(system: "BankingSystem") -> None:
    """Divide the inclusive-loan market: each kind's share of 2020 over its banks by assets."""
    population, columns = system.population, system.columns
    for cohort in system.cohorts:
        assets = population.assets[cohort.rows]
        columns["inclusive_share"][:, cohort.rows] = cohort.traits.inclusive_market * assets / assets.sum()
    share = columns["inclusive_share"]
    share /= over_banks(share)[:, None]
    columns["inclusive_initial"][:] = share
