"""The first day, 2020Q1: what a bank is before it does anything."""

from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from agents import focus as strategic
from agents import honeycomb as h
from agents.items import Item
from model.population import InvalidWorld
from model.reduction import over_banks
from model.streams import QUANTILES

if TYPE_CHECKING:
    from model.system import BankingSystem

REFERENCE_ASSETS = 2.0e5  # million yuan at which the table's prices hold


def initialise(system: "BankingSystem") -> None:
    """Give every bank its size, habits, people, place, strategy and rungs."""
    traits = system.draws.normals("bank", 7)
    _size_and_character(system, traits)
    _strategy(system)
    _rungs(system, traits[5])
    _books(system, traits)


def _size_and_character(system: "BankingSystem", traits: np.ndarray) -> None:
    p, population = system.p, system.banks
    z_habit, z_staff, z_margin, z_loans, z_drive, _, z_build = traits
    shape = (len(population.kind), system.rows)
    system.assets = np.broadcast_to(1e-6 * population.assets[:, None], shape).copy()
    system.assets_start = system.assets.copy()
    system.margin_own = p.margin_spread * z_margin
    system.bad_own = np.exp(p.bad_loan_spread * z_loans - 0.5 * p.bad_loan_spread**2)
    system.habit = p.spend_ratio * p.spend_level * np.exp(p.spend_spread * z_habit)
    system.drive = np.exp(p.drive_spread * z_drive - 0.5 * p.drive_spread**2)
    system.build_taste = np.exp(p.build_taste_spread * z_build)
    system.resolve = system.draws.uniforms("language models")
    joint = p.staff_spread * (0.85 * z_staff + 0.53 * z_habit)  # who spends much employs many
    system.staff = p.staff * p.staff_level * np.exp(joint)
    system.wanted = system.staff * (1.0 + system.leaving(0.0) / p.hiring)
    system.active[:] = True
    system.experience[:] = 1.0
    system.vendor[:] = -1
    system.exporter[:] = -1


def _strategy(system: "BankingSystem") -> None:
    p, items, population = system.p, system.items, system.banks
    own = np.exp(p.focus_spread * system.draws.normals("focus", len(h.DIMENSIONS)))
    system.focus = strategic.emphasis(np.asarray(p.base_focus), population.focus, own)
    words = system.draws.bank_words("taste", len(system.worth))
    taste = np.exp(np.asarray(p.taste_spread, np.float32) * QUANTILES.astype(np.float32)[words])
    point = system.points[items.bought]
    unscored = np.mean([w for w in point if w > 0])  # what is not asked is wanted like the average of what is
    point = np.where(point > 0, point, unscored)[:, None, None]
    for d, block in items.blocks.items():
        system.worth[block] = taste[block] * point[block] * system.focus[d]
    system.relevant[:] = True
    words, some = system.draws.bank_words("relevant", len(items)), np.flatnonzero((p.relevant < 1.0).any(-1))
    system.relevant[:, some] = words[:, some] < np.rint(65536 * p.relevant[some]).astype(np.int32)
    for j, item in enumerate(items.items):
        if item.focus:
            has = (
                population.focus[h.FOCUS.index(item.focus)]
                if item.focus in h.FOCUS
                else np.zeros(len(population.kind))
            )
            system.relevant[j] = has.astype(bool)[:, None]


def _back(p: SimpleNamespace, item: Item) -> np.ndarray | float:
    backs = {h.MANDATE: p.back_mandate, h.SYSTEM: p.back_system, h.TIE: p.back_tie, h.CLAIM: p.back_claim}
    back: np.ndarray | float = backs[item.family]
    return back


def _rungs(system: "BankingSystem", common: np.ndarray) -> None:
    """Start on the level of 2020: thresholds of 2023 moved back, by kind and dimension, size and the bank itself."""
    p, items, draws = system.p, system.items, system.draws
    drawn = draws.normals("level", len(h.DIMENSIONS) + len(items))
    part, single = drawn[: len(h.DIMENSIONS)], drawn[len(h.DIMENSIONS) :]
    size = np.log(system.assets)
    middle = [
        over_banks(size[r]) / max(r.stop - r.start, 1) if r.stop > r.start else 0.0 for r in system.kind_rows
    ]
    for k, rows in enumerate(system.kind_rows):
        size[rows] -= middle[k]
    for row in range(system.banks.size, len(size)):  # a user's own bank is as large as it is among its kind
        size[row] -= middle[system.banks.kind[row]]
    member = system.joins_union
    whole = p.start_size * size + p.start_common * common
    usual = [whole + p.start_dimension * part[d] for d in range(len(h.DIMENSIONS))]
    lift = [p.level[d] + p.lift for d in range(len(h.DIMENSIONS))]
    for j, item in enumerate(items.items):
        if item.family in (h.MODEL, h.PEOPLE, h.SPENDING):
            continue
        d = item.dimension
        level = usual[d] + p.start_item * single[j]
        if item.id != "union":
            level += lift[d]
        for rung, reached in enumerate(item.shares):  # first rungs grew faster than upper ones
            bar = _back(p, item) * (1.0 if rung == 0 else p.back_upper) - ndtri(reached)
            system.rung[j] += (level > bar).view(np.int8)
        if item.focus:
            system.rung[j] *= system.relevant[j]
    system.rung[items.at["union"]] *= member[:, None]
    luck = draws.normals("partners at the start", 4) * 0.8 + 0.6 * part[h.ECOSYSTEM]
    system.partner_luck = luck  # who has partners and who has ties go together


def _books(system: "BankingSystem", traits: np.ndarray) -> None:
    p, outside, population = system.p, system.outside, system.banks
    group = population.group
    assets = system.assets
    system.bad_loans = (
        assets * p.loan_share * 0.01 * np.maximum(outside.bad_loans[group] * system.bad_own, 0.05)
    )
    system.provisions = system.bad_loans * p.coverage
    # who has more bad loans has less capital, and goes on with less
    system.capital_own = np.clip(-p.capital_spread * traits[3], -3.0, 3.0)
    system.capital_own[population.size :] = 0.0
    aimed = np.maximum(outside.capital[group] + system.capital_own, 5.0)
    system.capital = 0.01 * assets * p.risk_weight * aimed
    system.market = _market(system)
    system.market_start = system.market.copy()
    margin = np.maximum(outside.margin[group] + system.margin_own, 0.1)
    system.revenue = assets * (p.earning_share * margin + p.fee_rate_income) * 0.0025
    system.revenue_start = 4.0 * system.revenue
    system.revenue_before[:] = system.revenue_start
    system.loss_usual = _usual_burden(system)
    system.spend = system.habit * system.revenue_start
    system.steady = system.spend.copy()
    system.spend_start = system.spend.copy()
    system.shares[:] = 1.0 / len(h.DIMENSIONS)
    system.fund[:] = 1.0


def _market(system: "BankingSystem") -> np.ndarray:
    """Shares of the market for inclusive loans, by the kind's part of it and by assets; they sum to one."""
    share = np.zeros_like(system.assets)
    for rows in system.kind_rows:
        if rows.stop > rows.start:
            share[rows] = (
                system.p.inclusive_market[rows] * system.assets[rows] / over_banks(system.assets[rows])
            )
    counted = slice(0, system.banks.size)
    total = over_banks(share[counted])
    if not total.all():
        raise InvalidWorld("banks.*.inclusive_market", "no bank serves the market for inclusive loans")
    share[counted] /= total
    for row in range(system.banks.size, len(share)):
        like = system.kind_rows[system.banks.kind[row]]
        share[row] = (
            over_banks(share[like]) * system.assets[row] / np.maximum(over_banks(system.assets[like]), 1e-9)
        )
    result: np.ndarray = share
    return result


def _usual_burden(system: "BankingSystem") -> np.ndarray:
    """Loss charge over revenue that the bank's kind had at the start, 0-1."""
    p, outside, group = system.p, system.outside, system.banks.group
    rate = (p.earning_share * outside.margin[group] + p.fee_rate_income) * 0.01
    result: np.ndarray = (
        p.loan_share * 0.01 * outside.bad_loans[group] * p.disposal * (1.0 - p.recovery) / rate
    )
    return result
