"""A bank of the plain Mesa model: one Python object, its numbers in plain floats and lists, its rules in a step."""

import math

from agents.honeycomb import DATA, DIMENSION_OF, ECOSYSTEM, GOVERNANCE, NEW_TECHNOLOGY, SLICES
from benchmarks.plain_plan import SIX, PlainPlan

DIMENSION = DIMENSION_OF.tolist()
SERVED = (2, 3, 4)


class PlainBank(PlainPlan):
    """The rules of ``agents.bank.Bank`` at neutral policy levers, for one bank, without NumPy."""

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
