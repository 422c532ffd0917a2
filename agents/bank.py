"""A bank: who decides what, in the order of a quarter. The kinds differ where the evidence says they differ."""

from typing import Final

import numpy as np

from agents import capability, income, language_model, talent
from agents.allocation import RULES
from agents.aspiration import adapted
from agents.honeycomb import (
    APPLICATION,
    BUY,
    DATA,
    ECOSYSTEM,
    FUNDED,
    GOVERNANCE,
    NEW_TECHNOLOGY,
    ORGANIZATION,
    SIZES,
    SLICES,
    STRATEGY,
    TECHNOLOGY,
    dimension_means,
)
from agents.partnership import wish
from agents.route import RouteChooser

# Of technology, application and, of the ecosystem's indicators, technical collaboration alone.
LEANS_ON_VENDOR: Final = np.zeros((len(SIZES), 1, 1))
LEANS_ON_VENDOR[[TECHNOLOGY, APPLICATION, ECOSYSTEM], 0, 0] = 1.0, 1.0, 1.0 / SIZES[ECOSYSTEM]


class Bank(RouteChooser):
    """Plans once a year, spends and builds every quarter."""

    # ---- once a year: what to aim at, how much to spend, on what
    def plan(self) -> None:
        """Adapt the aspiration, plan the year's spending and divide it over dimensions and indicators."""
        traits = self.traits
        self.aspiration = adapted(
            self.aspiration,
            self.performance,
            self.peer_performance,
            traits.aspiration_own,
            traits.aspiration_peers,
        )
        before = self.spend_ratio.copy(order="K")
        self.plan_spending()
        self.want_people(before)
        self.allocation = RULES[self.model.allocation_rule](self)
        self.last_dimensions = self.dimensions
        self.emphasise()

    def emphasise(self) -> None:
        """Divide each dimension's money over its indicators and store the pull on each, ``(n_d v_i)^alpha``.

        New technology has no share: it is paid for through the bank's route to language models.
        """
        traits, emphasis = self.traits, self.emphasis
        capability.indicator_split(
            self.indicators, self.model.indicator_bias, traits.residual_interest, out=emphasis
        )
        for part, count in zip(SLICES, FUNDED, strict=True):
            pull = emphasis[part]
            pull *= float(count)
            np.maximum(pull, 1e-9, out=pull)
            np.log(pull, out=pull)
            pull *= traits.returns_exponent
            np.exp(pull, out=pull)
        emphasis[NEW_TECHNOLOGY] = 0.0

    def imitation(self) -> np.ndarray | float:
        """Weight of the best peers against its own need when a bank searches, 0-1."""
        return self.traits.imitation

    def need(self) -> np.ndarray:
        """Shares in proportion to what a dimension is worth to the bank and how far it is from the frontier."""
        want = 1.0 + self.traits.residual_interest - self.dimensions
        want *= self.weights
        want /= sum(want[1:], start=want[0])
        return want

    def payoff(self) -> np.ndarray:
        """Weighted capability gain of each dimension over the last year, relative to its mean size."""
        gain = self.weights * (self.dimensions - self.last_dimensions)
        return gain / (np.abs(gain).sum(0) + 1e-6)

    # ---- once a year: whom to work with
    def partner_wish(self, layer: str) -> np.ndarray:
        """Probability of seeking a partner in the vendor, export or alliance layer this year."""
        traits = self.traits
        gap = 1.0 - self.dimensions[ECOSYSTEM if layer == "alliance" else TECHNOLOGY]
        if layer == "alliance":
            trust = traits.alliance_trust + traits.trust_per_link * self.lever("alliance_links")
            return wish(gap, trust, traits.alliance_cost, traits.wish_slope)
        trust = getattr(traits, f"{layer}_trust") + self.lever("supplier_trust")
        cost = traits.integration_cost * (1.0 - self.lever("integration_relief"))
        return wish(gap, trust, cost, traits.wish_slope)

    # ---- people, capabilities, data, value
    def want_people(self, before: np.ndarray) -> None:
        """Want more people as spending grows over revenue, but not in proportion: part of it buys systems (H003)."""
        self.wanted_staff = talent.wanted(
            self.wanted_staff, self.spend_ratio / before, self.traits.staff_elasticity
        )

    def employ(self) -> None:
        """Hire, train and lose people."""
        traits = self.traits
        leaving = talent.attrition_rate(traits.attrition, self.regional_pull, self.lever("attrition_cut"))
        self.staff = talent.after_a_quarter(
            self.staff,
            self.wanted_staff,
            traits.hiring * (1.0 + self.lever("hiring_boost")),
            leaving,
            traits.training,
        )

    def effectiveness(self, absorbed: np.ndarray | None = None) -> np.ndarray:
        """Productivity of money by dimension, after complementarity, absorption, people, policy and place."""
        traits, lever = self.traits, self.lever
        factor = capability.complementarity(
            self.dimensions, traits.complementarity, lever("coordination_gain")
        )
        factor *= traits.dimension_productivity * traits.productivity
        factor *= self.absorption() if absorbed is None else absorbed
        people = traits.talent_cap * talent.shortage(self.staff, traits.talent_half)
        technologists, data_people, composite = np.subtract(1.0, people, out=people)
        factor[STRATEGY : ORGANIZATION + 1] *= 1.0 + lever("strategy_gain")
        factor[TECHNOLOGY] *= technologists * (1.0 + lever("productivity_gain"))
        factor[APPLICATION] *= 0.5 * (technologists + composite) * (1.0 + lever("productivity_gain"))
        factor[DATA] *= data_people * (
            1.0 + traits.data_openness_effect * self.openness * self.usable_share()
        )
        factor[ECOSYSTEM] *= composite * self.congestion
        return factor

    def absorption(self) -> np.ndarray:
        """Absorptive capacity of the organisation, 0-1."""
        capacity = capability.absorptive_capacity(self.dimensions[ORGANIZATION], self.traits.absorption_half)
        return np.minimum(capacity * (1.0 + self.lever("absorption_gain")), 1.0)

    def usable_share(self) -> np.ndarray:
        """Share of external data the bank can use: without governance, openness brings nothing (H008, H024)."""
        return np.minimum(self.indicators[GOVERNANCE] + self.lever("conversion_gain"), 1.0)

    def efforts(self) -> np.ndarray:
        """Units of effort a year that the project money buys in each dimension."""
        return self.priced(self.allocation * (4.0 * self.projects / self.effort_cost))

    def priced(self, effort: np.ndarray) -> np.ndarray:
        """Effort, in place, after what allies share, policies make cheaper and uncertain rules make dearer."""
        traits = self.traits
        shared = traits.alliance_saving * (1.0 + self.lever("cost_sharing")) * self.links / (1.0 + self.links)
        effort[TECHNOLOGY] *= (1.0 + shared) / (1.0 - self.lever("technology_cost_relief"))
        effort[APPLICATION] *= (1.0 + shared) / (1.0 + self.regulatory_wedge())
        # Technical collaboration, one ecosystem indicator among its like, is the work of integrating suppliers.
        integration = 1.0 - self.lever("integration_relief") / SIZES[ECOSYSTEM]
        effort[ECOSYSTEM] *= (1.0 + shared) / (1.0 - self.lever("entry_cost_relief")) / integration
        return effort

    def losses(self) -> np.ndarray:
        """What each dimension loses in a year: wear, the moving frontier, neglect, and people who leave (H003)."""
        traits = self.traits
        leaving = talent.attrition_rate(traits.attrition, self.regional_pull, self.lever("attrition_cut"))
        unpaid = self.run_unpaid * 4.0 / self.effort_cost
        frontier = traits.frontier_growth * self.model.conditions.frontier_speed
        return frontier + (traits.depreciation + traits.neglect * unpaid + traits.knowledge_lost * leaving)

    def build(self) -> None:
        """Turn project money, partners' know-how and chance into capabilities."""
        traits = self.traits
        absorbed = self.absorption()
        gain = capability.returns(self.efforts(), traits.returns_exponent, self.effectiveness(absorbed))
        loss = self.losses()
        drift = self.shock * (0.5 * traits.capability_shock)
        drift += self.offered * absorbed
        if self.outage.any():
            drift -= self.outage * LEANS_ON_VENDOR
        indicators = self.indicators
        before = indicators[NEW_TECHNOLOGY].copy(order="K")
        capability.advance(indicators, gain, self.emphasis, loss, drift, out=indicators)
        self.adopt(before * (1.0 - loss[APPLICATION] * 0.25), traits.maturing_speed * absorbed)
        dimension_means(indicators, out=self.dimensions)

    def adopt(self, kept: np.ndarray, speed: np.ndarray) -> None:
        """Let new-technology capability mature on the bank's route; a pilot under a lighter rule may fail."""
        route, lock_in, failing = self.route, self.lever("lock_in"), self.lever("failure_tail")
        ceiling = self.traits.route_ceiling[:, 0, 0][route.astype(np.intp)]
        ceiling *= language_model.in_place(self.commitment, self.route_price, self.traits.pilot_share)
        if np.any(lock_in):
            ceiling *= 1.0 - (route == BUY) * lock_in
        matured = language_model.mature(kept, ceiling, speed)
        if np.any(failing):
            # A pilot is a system that is still being put in place.
            failed = self.failure_draw < 0.25 * failing * (self.commitment > 0.0)
            matured = np.where(failed, 0.5 * matured, matured)
        self.indicators[NEW_TECHNOLOGY] = matured

    def realise(self) -> None:
        """Turn data into an asset, capabilities into value, and value, with delay, into benefit."""
        traits = self.traits
        usable = self.usable_share() * (traits.own_data + (1.0 - traits.own_data) * self.openness)
        self.data_asset = self.data_asset + 0.25 * traits.conversion * (usable - self.data_asset)
        self.performance = self.value()
        value = self.performance * (1.0 - traits.data_value * (1.0 - self.data_asset))
        self.benefit = income.delayed(self.benefit, value, traits.benefit_speed)

    def value(self) -> np.ndarray:
        """Value of the six dimensions together, as the bank's focus weighs them, 0-1."""
        return income.digital_value(self.dimensions, self.weights, self.traits.substitution)
