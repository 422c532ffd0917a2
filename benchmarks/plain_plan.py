"""The yearly decisions of a bank of the plain Mesa model: how much, on what, with whom."""

import math

from agents.honeycomb import DIMENSION_OF, FUNDED, NEW_TECHNOLOGY, SLICES
from benchmarks.plain_finance import PlainFinance

SIX = range(6)
FUNDED_BESIDE = FUNDED[DIMENSION_OF].tolist()


class PlainPlan(PlainFinance):
    """The yearly plan of ``agents.bank.Bank`` under satisficing, for one bank."""

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
