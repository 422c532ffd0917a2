"""A bank of the plain Mesa model: one Python object, its numbers in plain floats and lists, its rules in a step."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import mesa

from agents.honeycomb import (
    DATA,
    DIMENSION_OF,
    ECOSYSTEM,
    FUNDED,
    GOVERNANCE,
    NEW_TECHNOLOGY,
    RISK_MANAGEMENT,
    SLICES,
)

if TYPE_CHECKING:
    from benchmarks.plain_mesa import PlainMesa

SIX = range(6)
DIMENSION = DIMENSION_OF.tolist()
FUNDED_BESIDE = FUNDED[DIMENSION_OF].tolist()
SERVED = (2, 3, 4)


class PlainBank(mesa.Agent["PlainMesa"]):
    """The rules of ``agents.bank.Bank`` at neutral policy levers and under satisficing, for one bank, without NumPy.

    Parameters
    ----------
    model : PlainMesa
    row : int
        Place among the banks.
    kind : str
    state : dict of str to float or list
        First day, as the columns of ``agents.bank.Bank`` name it.
    """

    assets: float
    loans: float
    bad_loans: float
    provisions: float
    capital: float
    revenue: float
    loss_charge: float
    effort_cost: float
    budget: float
    run: float
    run_unpaid: float
    change: float
    projects: float
    profit: float
    inclusive_share: float
    inclusive_initial: float
    application_initial: float
    share_lost: float
    fee_income: float
    vendor_fee: float
    export_fee: float
    alliance_fee: float
    union_fee: float
    commitment: float
    route_price: float
    spend_ratio: float
    habit_ratio: float
    reference_rate: float
    reference_loss: float
    aspiration: float
    performance: float
    peer_performance: float
    data_asset: float
    benefit: float
    regional_pull: float
    hub_level: float
    congestion: float
    indicators: list[float]
    dimensions: list[float]
    emphasis: list[float]
    allocation: list[float]
    weights: list[float]
    wanted_staff: list[float]
    staff: list[float]
    best_practice: list[float]
    offered: list[float]
    route: int
    vendor: int | None
    union: int | None
    provider: PlainBank | None

    def __init__(self, model: PlainMesa, row: int, kind: str, state: dict[str, Any]) -> None:
        super().__init__(model)
        self.row, self.kind, self.numbers = row, kind, model.numbers[kind]
        self.__dict__.update(state)
        self.partners: list[PlainBank] = []

    def earn(self) -> None:
        """Book the quarter's revenue."""
        n = self.numbers
        volume = (
            n.inclusive_weight * n.volume_pass_through * (self.inclusive_share / self.inclusive_initial - 1.0)
        )
        interest = self.assets * self.model.margin(self) * n.earning_share / 400.0 * (1.0 + volume)
        self.revenue = interest + self.assets * 0.25 * (n.fee_rate + self.digital_return() * self.benefit)
        self.effort_cost *= 1.0 + 0.25 * n.effort_inflation

    def digital_return(self) -> float:
        """Revenue over assets that a full digital benefit brings, 1/year."""
        n, factor = self.numbers, 1.0
        if self.kind == "large":
            factor += n.scale_return * math.log(max(self.assets / n.scale_assets, 1.0))
        if self.kind == "private":
            factor -= n.niche_lag * max(self.dimensions[2] - self.dimensions[3], 0.0)
        return float(n.digital_return * factor)

    def provide(self) -> None:
        """Let loans go bad, work them out, provide for them."""
        n, skill = self.numbers, self.indicators[RISK_MANAGEMENT]
        creaming = 0.0 if self.kind == "large" else n.creaming
        inflow = max(
            n.bad_loan_inflow * (1.0 - n.risk_effect * (skill - 0.5)) + creaming * self.share_lost, 0.0
        )
        defaulted = self.loans * inflow / 4.0
        disposed = self.bad_loans * n.disposal * (1.0 + n.workout_effect * (skill - 0.5)) / 4.0
        lent = self.loans * self.growth() / 4.0 + disposed
        self.bad_loans += defaulted - disposed
        written_off = disposed * (1.0 - n.recovery)
        short = n.coverage_target * self.bad_loans - self.provisions
        self.loss_charge = max(written_off + n.provisioning_speed * short, 0.0)
        self.provisions += self.loss_charge - written_off
        self.loans += lent - disposed

    def room(self) -> float:
        """Capital room above the floor, 0-1."""
        n = self.numbers
        ratio = self.capital / self.assets * 100.0 / n.risk_weight
        return float(min(max((ratio - n.capital_floor) / n.capital_buffer, 0.0), 1.0))

    def growth(self) -> float:
        """Growth of assets and loans, 1/year."""
        n = self.numbers
        return float(n.asset_growth * (n.growth_floor + (1.0 - n.growth_floor) * self.room()))

    def spend(self) -> None:
        """Run first, then compliance and partners, the route to language models, projects."""
        n, own = self.numbers, 1.0
        if self.kind == "rural":
            own -= n.union_reliance * self.hub_level
        maintained = (self.dimensions[2] * own + self.dimensions[3] + self.dimensions[4]) / 3.0
        self.budget = self.spend_ratio * self.revenue
        needed = n.run_rate * maintained * self.effort_cost * 0.25
        self.run = min(needed, n.run_cap * self.budget)
        self.run_unpaid, self.change = needed - self.run, self.budget - self.run
        money = self.change * (1.0 - n.compliance_share)
        quarter = 0.25 * self.effort_cost
        asked = [
            (self.vendor is not None) * n.vendor_price,
            (self.provider is not None) * n.export_price,
            len(self.partners) * n.alliance_price,
            (self.hub_level > 0.0) * n.union_price,
        ]
        paid = min(1.0, n.fee_cap * money / max(quarter * sum(asked), 1.0)) * quarter
        self.vendor_fee, self.export_fee, self.alliance_fee, self.union_fee = (
            paid * price for price in asked
        )
        if self.provider is not None:
            self.provider.fee_income += self.export_fee
        money -= self.vendor_fee + self.export_fee + self.alliance_fee + self.union_fee
        instalment = min(self.commitment, self.route_price * n.instalment_speed, money * n.instalment_limit)
        self.commitment -= instalment
        self.projects = money - instalment

    def close(self) -> None:
        """Close the quarter's books."""
        n = self.numbers
        before_tax = self.revenue * (1.0 - n.cost_ratio) + self.fee_income - self.loss_charge - self.budget
        self.profit = before_tax - n.tax_rate * max(before_tax, 0.0)
        kept = self.capital + self.profit - n.payout * max(self.profit, 0.0)
        required = self.assets * n.risk_weight * 0.01 * n.capital_floor
        self.capital = kept + max(required - kept, 0.0)
        self.assets *= 1.0 + 0.25 * self.growth()
        self.fee_income = 0.0

    def plan(self) -> None:
        """Adapt the aspiration, plan the year's spending and divide it."""
        n = self.numbers
        own, peers = self.performance - self.aspiration, self.peer_performance - self.aspiration
        self.aspiration += n.aspiration_own * own + n.aspiration_peers * peers
        years = min(self.model.quarter / 4.0, n.spend_drift_years)
        ambition = (1.0 + n.spend_drift) ** years * math.exp(
            n.catch_up * max(self.aspiration - self.performance, 0.0)
        )
        rate = 4.0 * self.revenue / self.assets / self.reference_rate
        burden = min(max(self.loss_charge / self.revenue - self.reference_loss, 0.0), 1.0)
        squeeze = rate ** (n.revenue_elasticity - 1.0) * (1.0 - n.loss_pass_through * burden)
        squeeze *= 1.0 - n.capital_weight * (1.0 - self.room())
        before, self.spend_ratio = self.spend_ratio, min(self.habit_ratio * squeeze * ambition, 0.5)
        more = (self.spend_ratio / before) ** n.staff_elasticity
        self.wanted_staff = [min(people * more, 0.6) for people in self.wanted_staff]
        self.allocate()
        self.emphasise()

    def allocate(self) -> None:
        """Satisficing with imitation: below its aspiration a bank copies the best and mends the weakest."""
        n = self.numbers
        want = [self.weights[d] * (1.0 + n.residual_interest - self.dimensions[d]) for d in SIX]
        copied = n.imitation
        if self.kind == "rural":
            want[2] *= 1.0 - n.union_reliance * self.hub_level
            copied = min(copied + n.imitation_when_squeezed * (1.0 - self.room()), 1.0)
        wanted, search = sum(want), n.search if self.performance < self.aspiration else 0.0
        chance = self.random.gauss
        shares = []
        for d in SIX:
            target = copied * self.best_practice[d] + (1.0 - copied) * want[d] / wanted
            habit = self.allocation[d] + search * (target - self.allocation[d])
            shares.append(habit * math.exp(n.experimentation * chance(0.0, 1.0)))
        scale = (1.0 - 6.0 * n.smallest_share) / sum(shares)
        self.allocation = [n.smallest_share + share * scale for share in shares]

    def emphasise(self) -> None:
        """Divide each dimension's money over its indicators."""
        n, bias = self.numbers, self.model.indicator_bias
        for part in SLICES:
            rows = range(part.start, part.stop)
            want = {i: (1.0 + n.residual_interest - self.indicators[i]) * bias[i] for i in rows}
            total = sum(want.values())
            for i, share in want.items():
                self.emphasis[i] = max(share / total * FUNDED_BESIDE[i], 1e-9) ** n.returns_exponent
        self.emphasis[NEW_TECHNOLOGY] = 0.0

    def wishes(self, layer: str) -> bool:
        """Whether the bank seeks a partner in a layer this year."""
        n = self.numbers
        if layer == "alliance":
            gain = 1.0 - self.dimensions[5] + n.alliance_trust - n.alliance_cost
        else:
            gain = 1.0 - self.dimensions[2] + getattr(n, f"{layer}_trust") - n.integration_cost
        return self.random.random() < 1.0 / (1.0 + math.exp(-n.wish_slope * gain))

    def step(self) -> None:
        """One quarter, on what the model and the neighbours were at its start."""
        self.earn()
        self.provide()
        if self.model.quarter % 4 == 0:
            self.plan()
        self.spend()
        if self.model.language_model_available:
            self.review_route()
        self.employ()
        self.build()
        self.realise()
        self.close()

    def meet(self) -> None:
        """See what partners, the hub and the platform offer, from what all were at the end of last quarter."""
        model, own = self.model, self.dimensions
        network, spillover = model.network.numbers, 0.25 * self.numbers.spillover
        offered = [0.0] * 6
        if self.partners:
            strength = spillover * len(self.partners) / (1.0 + len(self.partners))
            for d in SIX:
                mean = sum(partner.dimensions[d] for partner in self.partners) / len(self.partners)
                offered[d] += strength * max(mean - own[d], 0.0)
        if self.provider is not None:
            for d in SERVED:
                ahead = max(self.provider.dimensions[d] - own[d], 0.0)
                offered[d] += spillover * network.export_strength * ahead
        if self.vendor is not None:
            for d in (2, 3):
                ahead = max(model.network.vendor_quality[self.vendor] - own[d], 0.0)
                offered[d] += spillover * network.vendor_strength * ahead
        level, fitting = model.network.hub(self)
        for d in SERVED:
            offered[d] += 0.25 * network.union_strength * max(fitting - own[d], 0.0)
        reach = (
            0.25 * network.platform_strength * model.openness(self) * min(self.indicators[GOVERNANCE], 1.0)
        )
        for d in (DATA, ECOSYSTEM):
            offered[d] += reach * (1.0 - own[d])
        self.hub_level, self.offered = level, offered
        self.congestion = 1.0 / (1.0 + self.numbers.congestion * model.crowd[self.kind])

    def review_route(self) -> None:
        """Take, or keep waiting for, a route to language models."""
        if self.route:
            return
        n, own = self.numbers, self.model.language_model_cost
        dearer, scale = 1.0 + n.regulatory_wedge, math.sqrt(self.assets / n.reference_assets)
        costs = [
            own,
            own * n.buy_cost * scale,
            own * n.union_cost * scale if self.hub_level > n.hub_threshold else math.inf,
            own / (1.0 + n.alliance_sharing * len(self.partners)) if self.partners else math.inf,
        ]
        afford = max(4.0 * self.change, 1.0)
        logs = [math.log(cost * dearer / afford) / n.threshold_dispersion for cost in costs]
        reach = [1.0 / (1.0 + math.exp(min(log, 50.0))) for log in logs]
        adoption = n.route_review * (1.0 - n.regulatory_wedge) * max(reach)
        if self.random.random() < adoption:
            weights = [prefers * r for prefers, r in zip(n.route_preference, reach, strict=True)]
            self.route = self.random.choices((1, 2, 3, 4), weights)[0]
            self.commitment = self.route_price = costs[self.route - 1] * dearer

    def employ(self) -> None:
        """Hire, train and lose people."""
        n = self.numbers
        leaving = max(n.attrition * self.regional_pull, 0.02)
        for role in range(3):
            hired = max(self.wanted_staff[role] - self.staff[role], 0.0) * n.hiring
            self.staff[role] += (hired - self.staff[role] * leaving) / 4.0
        moved = self.staff[0] * n.training / 4.0
        self.staff[0] -= moved
        self.staff[2] += moved

    def effectiveness(self, absorbed: float) -> list[float]:
        """Productivity of money by dimension."""
        n = self.numbers
        filled = [stock / (stock + half) for stock, half in zip(self.staff, n.talent_half, strict=True)]
        people = [1.0 - n.talent_cap * (1.0 - share) for share in filled]
        openness = n.data_openness_effect * self.model.openness(self) * min(self.indicators[GOVERNANCE], 1.0)
        fit = (1.0, 1.0, people[0], 0.5 * (people[0] + people[2]), people[1] * (1.0 + openness), people[2])
        ahead = [1.0, *(1.0 - n.complementarity * (1.0 - level) for level in self.dimensions[:-1])]
        factor = [ahead[d] * n.dimension_productivity[d] * n.productivity * absorbed * fit[d] for d in SIX]
        factor[5] *= self.congestion
        return factor

    def build(self) -> None:
        """Turn money, partners' know-how and chance into capabilities."""
        n, gauss = self.numbers, self.random.gauss
        absorbed = min(self.dimensions[1] / (self.dimensions[1] + n.absorption_half), 1.0)
        shared = 1.0 + n.alliance_saving * len(self.partners) / (1.0 + len(self.partners))
        bought = 4.0 * self.projects / self.effort_cost
        more = (1.0, 1.0, shared, shared / (1.0 + n.regulatory_wedge), 1.0, shared)
        factor = self.effectiveness(absorbed)
        worn = n.depreciation + n.neglect * self.run_unpaid * 4.0 / self.effort_cost
        worn += n.knowledge_lost * max(n.attrition * self.regional_pull, 0.02)
        gain, loss, drift = [], [], []
        for d in SIX:
            effort = max(self.allocation[d] * bought * more[d], 1e-9)
            gain.append(factor[d] * effort**n.returns_exponent / 4.0)
            loss.append((worn + n.frontier_growth[d] * self.model.frontier_speed) / 4.0)
            drift.append(self.offered[d] * absorbed + 0.5 * n.capability_shock * gauss(0.0, 1.0))
        new = self.indicators[NEW_TECHNOLOGY] * (1.0 - loss[3])
        for i in range(len(DIMENSION)):
            d, level = DIMENSION[i], self.indicators[i]
            pull = self.emphasis[i] * gain[d]
            self.indicators[i] = min(max(level * (1.0 - pull - loss[d]) + pull + drift[d], 0.0), 1.0)
        placed = 1.0 - (1.0 - n.pilot_share) * self.commitment / max(self.route_price, 1.0)
        ceiling, speed = placed * n.route_ceiling[self.route], min(n.maturing_speed * absorbed * 0.25, 1.0)
        self.indicators[NEW_TECHNOLOGY] = new + max(ceiling - new, 0.0) * speed
        for d, part in enumerate(SLICES):
            rows = self.indicators[part]
            self.dimensions[d] = sum(rows) / len(rows)

    def realise(self) -> None:
        """Turn data into an asset, capabilities into value, and value into benefit."""
        n = self.numbers
        usable = min(self.indicators[GOVERNANCE], 1.0)
        usable *= n.own_data + (1.0 - n.own_data) * self.model.openness(self)
        self.data_asset += 0.25 * n.conversion * (usable - self.data_asset)
        rho = n.substitution
        powers = sum(w * max(k, 0.01) ** rho for w, k in zip(self.weights, self.dimensions, strict=True))
        self.performance = powers ** (1.0 / rho)
        value = self.performance * (1.0 - n.data_value * (1.0 - self.data_asset))
        self.benefit += (value - self.benefit) * n.benefit_speed / 4.0
