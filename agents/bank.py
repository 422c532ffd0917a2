"""A bank: what it is, in one table of states, and what it does, in the order of a quarter."""

from types import EllipsisType
from typing import Any, ClassVar, Final, Self

import mesa
import numpy as np

from agents import budget, capability, credit, income, language_model, talent
from agents.allocation import RULES
from agents.aspiration import adapted
from agents.column import EVERYONE, Array, Column, Number, Places, places_where
from agents.honeycomb import (
    APPLICATION,
    BUY,
    DATA,
    ECOSYSTEM,
    FUNDED,
    GOVERNANCE,
    NEW_TECHNOLOGY,
    ORGANIZATION,
    RISK_MANAGEMENT,
    SIZES,
    SLICES,
    STRATEGY,
    TECHNOLOGY,
    WAIT,
    dimension_means,
)
from agents.host import Host
from agents.partnership import wish
from agents.traits import Traits

# Of technology, application and, of the ecosystem's indicators, technical collaboration alone.
LEANS_ON_VENDOR: Final = np.zeros((len(SIZES), 1, 1))
LEANS_ON_VENDOR[[TECHNOLOGY, APPLICATION, ECOSYSTEM], 0, 0] = 1.0, 1.0, 1.0 / SIZES[ECOSYSTEM]


class Bank(mesa.Agent[Host]):
    """One bank (rows of width one) or a whole kind (a cohort): every rule runs for either.

    Parameters
    ----------
    model : Host
        Holds the columns.
    rows : slice
        Rows of the columns: one bank or a kind.
    """

    kind: ClassVar[str]
    numbers: ClassVar[type[Traits]] = Traits

    # what it owns and owes
    assets = Column("yuan", "total assets")
    loans = Column("yuan", "loans, bad loans included")
    bad_loans = Column("yuan", "non-performing loans")
    provisions = Column("yuan", "loan loss provisions")
    capital = Column("yuan", "regulatory capital")
    inclusive_share = Column("share of the market", "share of inclusive small-firm loans")
    application_initial = Column("0-1", "application capability at the start")
    inclusive_initial = Column("share of the market", "share of inclusive small-firm loans at the start")
    share_lost = Column("1/year", "relative loss of inclusive market share over the last quarter, a year")

    # flows of the quarter
    effort_cost = Column("yuan/year", "cost of one unit of technology effort at the bank's first size")
    revenue = Column("yuan/quarter", "operating revenue")
    lent = Column("yuan/quarter", "new loans, net of repayments")
    defaulted = Column("yuan/quarter", "loans that turned bad")
    disposed = Column("yuan/quarter", "bad loans worked out or written off")
    written_off = Column("yuan/quarter", "bad loans written off against provisions")
    loss_charge = Column("yuan/quarter", "charge for loan losses")
    profit = Column("yuan/quarter", "profit after tax")
    dividend = Column("yuan/quarter", "profit paid out")
    recapitalised = Column("yuan/quarter", "capital injected from outside at the floor")
    budget = Column("yuan/quarter", "technology spending")
    run = Column("yuan/quarter", "part of the budget that keeps systems running")
    run_unpaid = Column("yuan/quarter", "running need that the budget did not cover")
    change = Column("yuan/quarter", "part of the budget that is free for change")
    compliance = Column("yuan/quarter", "part of the change budget spent on compliance")
    policy_cost = Column("yuan/quarter", "part of the change budget the bank pays for policies it takes up")
    vendor_fee = Column("yuan/quarter", "paid to the fintech vendor")
    export_fee = Column("yuan/quarter", "paid to the large bank that exports technology")
    alliance_fee = Column("yuan/quarter", "paid into alliances")
    union_fee = Column("yuan/quarter", "paid to the provincial union")
    fee_income = Column("yuan/quarter", "received for exported technology")
    language_model_spending = Column("yuan/quarter", "paid on the route to language models")
    projects = Column("yuan/quarter", "spent on building the six dimensions")

    # decisions
    spend_ratio = Column("share of revenue", "technology spending over revenue planned for the year")
    allocation = Column("share", "division of project spending over the dimensions", 6)
    emphasis = Column("1", "relative pull of each indicator within its dimension", 18)
    route = Column("index", "route to large language models (wait, build, buy, union, alliance)")
    commitment = Column("yuan", "still to be paid on the route to language models")
    route_price = Column("yuan", "price of the route to language models when it was taken")
    vendor = Column("index", "fintech vendor, -1 for none")
    provider = Column("index", "large bank that exports technology to this bank, -1 for none")

    # capabilities and people
    indicators = Column("0-1", "capability relative to the frontier, by indicator", 18)
    dimensions = Column("0-1", "capability relative to the frontier, mean by dimension", 6)
    last_dimensions = Column("0-1", "capability by dimension at the last planning date", 6)
    staff = Column("share of staff", "technologists, data people, composite people", 3)
    data_asset = Column("0-1", "data that has become an asset")
    benefit = Column("0-1", "digital value realised so far, behind the value built")

    # what moves its decisions
    aspiration = Column("0-1", "performance the bank expects of itself")
    performance = Column("0-1", "capability weighted by the bank's strategic focus")
    attraction = Column("1", "learned attraction of each dimension", 6)
    experience = Column("1", "weight of past experience in learning")

    # what it is given: by birth, by place, by others
    weights = Column("share", "what its strategic focus makes of each dimension", 6)
    habitual = Column("share", "division of spending it started with", 6)
    written_plan = Column("share", "division of spending it has written down", 6)
    habit_ratio = Column("share of revenue", "its own habit of technology spending")
    reference_rate = Column("1/year", "revenue over assets at the start")
    reference_loss = Column("share of revenue", "loss charge over revenue at the start")
    wanted_staff = Column("share of staff", "people it would employ by role", 3)
    regional_pull = Column("1", "factor on attrition from the province's labour market")
    margin = Column("percent", "net interest margin of the bank's group")
    openness = Column("0-1", "openness of public data in the bank's province")
    peer_performance = Column("0-1", "mean performance of its kind")
    best_practice = Column("share", "mean allocation of the best of its kind", 6)
    outage = Column("1/quarter", "capability that a failed vendor takes along")
    offered = Column("1/quarter", "capability offered by partners, the hub and exporters", 6)
    hub_level = Column("0-1", "capability of the provincial union's platform, 0 without a union")
    congestion = Column("1", "factor on ecosystem building where many build alike")
    links = Column("links", "alliances in force")
    shock = Column("standard normal", "chance in building, by dimension", 6)
    experiment = Column("standard normal", "chance in allocation, by dimension", 6)
    route_draw = Column("0-1", "draw of the language-model review")
    failure_draw = Column("0-1", "draw of a failed pilot")

    def __init__(self, model: Host, rows: slice) -> None:
        super().__init__(model)
        self._take(rows)

    @classmethod
    def cohort(cls, model: Host, rows: slice) -> Self:
        """Return the whole kind as one bank that Mesa does not register."""
        bank: Self = object.__new__(cls)
        bank.model = model
        bank._take(rows)
        return bank

    def _take(self, rows: slice) -> None:
        self.rows, self.views = rows, dict[str, Array]()
        self.traits: Traits = self.model.traits[self.kind]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "views": {}}  # a copy sees the columns of its own model

    def lever(self, name: str) -> Number:
        """Strength of a policy lever for these rows; 0.0 where no policy is in force."""
        value = self.model.levers[name]
        return value[..., self.rows] if isinstance(value, np.ndarray) else value

    def at(self, places: Places, value: Number) -> Number:
        """A trait or a lever for some of these banks; a number stays what it is."""
        if isinstance(places, EllipsisType) or not isinstance(value, np.ndarray):
            return value
        spread = np.broadcast_to(value, (*value.shape[:-2], *self.route.shape))
        return spread[(slice(None),) * (value.ndim - 2) + places]

    # ---- every quarter: what it earns and loses
    def earn(self) -> None:
        """Book the quarter's revenue: interest, fees and the realised digital return."""
        traits = self.traits
        volume = income.inclusive_volume(
            self.inclusive_share, self.inclusive_initial, traits.inclusive_weight, traits.volume_pass_through
        )
        interest = income.interest_income(self.assets, self.margin, traits.earning_share) * volume
        other = self.assets * ((traits.fee_rate + self.digital_return() * self.benefit) * 0.25)
        self.revenue = interest + other
        self.effort_cost = self.effort_cost * (1.0 + 0.25 * traits.effort_inflation)

    def digital_return(self) -> Number:
        """Revenue over assets that a full digital benefit brings, 1/year."""
        return self.traits.digital_return

    def provide(self) -> None:
        """Let loans go bad, work them out, provide for them."""
        traits, conditions = self.traits, self.model.conditions
        skill = self.indicators[RISK_MANAGEMENT]
        inflow = credit.default_rate(
            traits.bad_loan_inflow + conditions.bad_loan_inflow,
            skill,
            traits.risk_effect,
            self.share_lost,
            self.creaming(),
        )
        disposal = traits.workout_effect * skill
        disposal += 1.0 - 0.5 * traits.workout_effect
        disposal *= traits.disposal
        closed = credit.settle(
            self.loans,
            self.bad_loans,
            self.provisions,
            self.growth(),
            inflow,
            disposal,
            traits.recovery,
            traits.coverage_target,
            traits.provisioning_speed,
        )
        self.loans, self.bad_loans, self.provisions, self.lent = closed[:4]
        self.defaulted, self.disposed, self.written_off, self.loss_charge = closed[4:]

    def creaming(self) -> Number:
        """Rise of the bad-loan inflow where large banks skim the best clients, 1/year a whole market."""
        return self.traits.creaming

    def room(self) -> Array:
        """Capital room above the floor, 0-1."""
        traits = self.traits
        return credit.capital_room(
            self.capital_ratio(),
            traits.capital_floor + self.model.conditions.capital_target,
            traits.capital_buffer,
        )

    def capital_ratio(self) -> Array:
        """Capital over risk-weighted assets, percent."""
        return self.capital / self.assets * (100.0 / self.traits.risk_weight)

    def growth(self) -> Array:
        """Growth of assets and loans, 1/year: the kind's path, slowed where capital is thin."""
        slack = self.room()
        slack *= 1.0 - self.traits.growth_floor
        slack += self.traits.growth_floor
        slack *= self.traits.asset_growth
        return slack

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

    def plan_spending(self) -> None:
        """Plan the year's technology spending over revenue."""
        traits = self.traits
        years = np.minimum(self.model.years, traits.spend_drift_years)
        ambition = (1.0 + traits.spend_drift) ** years * np.exp(
            traits.catch_up * np.maximum(self.aspiration - self.performance, 0.0)
        )
        self.spend_ratio = budget.planned_ratio(
            self.habit_ratio,
            4.0 * self.revenue / self.assets,
            self.reference_rate,
            traits.revenue_elasticity,
            self.loss_charge / self.revenue,
            self.reference_loss,
            traits.loss_pass_through,
            self.room(),
            traits.capital_weight,
            ambition,
        )

    def want_people(self, before: Array) -> None:
        """Want more people as spending grows over revenue, but not in proportion: part of it buys systems (H003)."""
        self.wanted_staff = talent.wanted(
            self.wanted_staff, self.spend_ratio / before, self.traits.staff_elasticity
        )

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

    def imitation(self) -> Number:
        """Weight of the best peers against its own need when a bank searches, 0-1."""
        return self.traits.imitation

    def need(self) -> Array:
        """Shares in proportion to what a dimension is worth to the bank and how far it is from the frontier."""
        want = 1.0 + self.traits.residual_interest - self.dimensions
        want *= self.weights
        want /= sum(want[1:], start=want[0])
        return want

    def payoff(self) -> Array:
        """Weighted capability gain of each dimension over the last year, relative to its mean size."""
        gain = self.weights * (self.dimensions - self.last_dimensions)
        return gain / (np.abs(gain).sum(0) + 1e-6)

    # ---- once a year: whom to work with
    def partner_wish(self, layer: str) -> Array:
        """Probability of seeking a partner in the vendor, export or alliance layer this year."""
        traits = self.traits
        gap = 1.0 - self.dimensions[ECOSYSTEM if layer == "alliance" else TECHNOLOGY]
        if layer == "alliance":
            trust = traits.alliance_trust + traits.trust_per_link * self.lever("alliance_links")
            return wish(gap, trust, traits.alliance_cost, traits.wish_slope)
        trust = (traits.vendor_trust if layer == "vendor" else traits.export_trust) + self.lever(
            "supplier_trust"
        )
        cost = traits.integration_cost * (1.0 - self.lever("integration_relief"))
        return wish(gap, trust, cost, traits.wish_slope)

    # ---- every quarter: what it pays for
    def spend(self) -> None:
        """Divide the quarter's budget: run first, then compliance and partners, what is left is free to build with."""
        traits = self.traits
        divided = budget.divide(
            self.spend_ratio,
            self.revenue,
            self.maintained(),
            self.effort_cost,
            traits.run_rate * (1.0 - self.lever("run_cost_relief")),
            traits.run_cap,
        )
        self.budget, self.run, self.run_unpaid, self.change = divided
        self.compliance = divided.change * (traits.compliance_share * (1.0 - self.lever("compliance_relief")))
        asked = self.lever("bank_cost_fixed") + self.lever("bank_cost_rate") * divided.change
        self.policy_cost = np.minimum(asked, 0.5 * (divided.change - self.compliance))
        self.pay_partners(divided.change - self.compliance - self.policy_cost)

    def maintained(self) -> Array:
        """Mean capability of the dimensions that run on systems (technology, application, data), 0-1."""
        technology, application, data = self.dimensions[2:5]
        mean: Array = (technology + application + data) * (1.0 / 3.0)
        return mean

    def pay_partners(self, money: Array) -> None:
        """Pay the year's partners within a limit, then the route to language models; the rest goes to projects."""
        traits, quarter = self.traits, self.effort_cost * 0.25
        integration = 1.0 - self.lever("integration_relief")
        vendor = (self.vendor >= 0) * quarter * (traits.vendor_price * integration)
        export = (self.provider >= 0) * quarter * (traits.export_price * integration)
        alliance = self.links * quarter * (traits.alliance_price * (1.0 - self.lever("cost_sharing")))
        union = (self.hub_level > 0) * quarter * (traits.union_price * (1.0 - self.lever("hub_cost_relief")))
        asked = vendor + export
        asked += alliance
        asked += union
        paid = traits.fee_cap * money
        paid /= np.maximum(asked, 1.0)
        np.minimum(paid, 1.0, out=paid)
        self.vendor_fee, self.export_fee = vendor * paid, export * paid
        self.alliance_fee, self.union_fee = alliance * paid, union * paid
        self.pay_language_model(money - asked * paid)

    def pay_language_model(self, money: Array) -> None:
        """Pay the quarter's instalment on the route; what is left of the money goes to projects."""
        self.language_model_spending = language_model.instalment(
            self.commitment,
            self.route_price,
            money,
            self.traits.instalment_speed,
            self.traits.instalment_limit,
        )
        self.commitment = self.commitment - self.language_model_spending
        self.projects = money - self.language_model_spending

    # ---- a route to large language models
    def review_route(self) -> None:
        """Take, or keep waiting for, a route to language models; a new route is a commitment to pay.

        Only a bank that waits and holds its review now can take one, so only those are worked out.
        """
        rate = self.review_rate()
        asking = places_where((self.route == WAIT) & (self.route_draw < rate))
        if not asking[0].size:
            return
        costs = self.route_costs(asking)
        dispersion, preference = self.traits.threshold_dispersion, self.traits.route_preference
        reach = language_model.affordability(4.0 * self.change[asking], costs, self.at(asking, dispersion))
        waiting, draw = self.route[asking], self.route_draw[asking]
        route = language_model.choose(
            waiting, reach, self.at(asking, preference), self.at(asking, rate), draw
        )
        (entered,) = np.nonzero(route != WAIT)
        price = costs[route[entered].astype(np.intp) - 1, entered]
        entered, price = entered[price < np.inf], price[price < np.inf]  # a closed route cannot be entered
        new = tuple(places[entered] for places in asking)
        self.route[new] = route[entered]
        self.commitment[new] = self.route_price[new] = price

    def review_rate(self) -> Number:
        """Probability of a review in a quarter: uncertain rules make banks wait (H014)."""
        return self.traits.route_review * (1.0 - self.regulatory_wedge())

    def regulatory_wedge(self) -> Number:
        """Relative cost that uncertain rules add to new technology."""
        return np.maximum(self.traits.regulatory_wedge - self.lever("uncertainty_relief"), 0.0)

    def route_costs(self, asking: Places = EVERYONE) -> Array:
        """Cost of build, buy, union and alliance now, yuan; infinite where a route is closed to the bank.

        Parameters
        ----------
        asking : Places
            The banks that ask; all of these rows by default.

        Returns
        -------
        ndarray, shape (4, R, n), or (4, number of those that ask)
        """
        traits = self.traits
        own, cut, relief, share, dearer, capacity = (
            self.at(asking, value)
            for value in (
                self.model.language_model_cost,
                1.0 - self.lever("technology_cost_relief"),
                1.0 - self.lever("integration_relief"),
                traits.alliance_sharing * (1.0 + self.lever("cost_sharing")),
                1.0 + self.regulatory_wedge(),
                1.0 - self.lever("hub_cost_relief"),
            )
        )
        size = np.sqrt(self.assets[asking] / self.at(asking, traits.reference_assets)) * own
        links = self.links[asking]
        costs = np.empty((4, *size.T.shape)).transpose(0, *range(size.ndim, 0, -1))
        costs[0] = own * cut
        costs[1] = size * (self.at(asking, traits.buy_cost) * relief)
        hub = size * (self.at(asking, traits.union_cost) * capacity)
        costs[2] = np.where(self.hub_level[asking] > self.at(asking, traits.hub_threshold), hub, np.inf)
        costs[3] = np.where(links > 0, own / (1.0 + share * links), np.inf)
        costs *= dearer
        return costs

    # ---- every quarter: people, capabilities, data, value
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

    def effectiveness(self, absorbed: Array | None = None) -> Array:
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

    def absorption(self) -> Array:
        """Absorptive capacity of the organisation, 0-1."""
        capacity = capability.absorptive_capacity(self.dimensions[ORGANIZATION], self.traits.absorption_half)
        return np.minimum(capacity * (1.0 + self.lever("absorption_gain")), 1.0)

    def usable_share(self) -> Array:
        """Share of external data the bank can use: without governance, openness brings nothing (H008, H024)."""
        share: Array = np.minimum(self.indicators[GOVERNANCE] + self.lever("conversion_gain"), 1.0)
        return share

    def efforts(self) -> Array:
        """Units of effort a year that the project money buys in each dimension."""
        return self.priced(self.allocation * (4.0 * self.projects / self.effort_cost))

    def priced(self, effort: Array) -> Array:
        """Effort, in place, after what allies share, policies make cheaper and uncertain rules make dearer."""
        traits = self.traits
        shared = traits.alliance_saving * (1.0 + self.lever("cost_sharing")) * self.links / (1.0 + self.links)
        effort[TECHNOLOGY] *= (1.0 + shared) / (1.0 - self.lever("technology_cost_relief"))
        effort[APPLICATION] *= (1.0 + shared) / (1.0 + self.regulatory_wedge())
        # Technical collaboration, one ecosystem indicator among its like, is the work of integrating suppliers.
        integration = 1.0 - self.lever("integration_relief") / SIZES[ECOSYSTEM]
        effort[ECOSYSTEM] *= (1.0 + shared) / (1.0 - self.lever("entry_cost_relief")) / integration
        return effort

    def losses(self) -> Array:
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

    def adopt(self, kept: Array, speed: Array) -> None:
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

    def value(self) -> Array:
        """Value of the six dimensions together, as the bank's focus weighs them, 0-1."""
        return income.digital_value(self.dimensions, self.weights, self.traits.substitution)

    # ---- every quarter: the books close
    def close(self) -> None:
        """Close the quarter's books: profit, dividend, capital and growth."""
        traits = self.traits
        before_tax = (
            self.revenue * (1.0 - traits.cost_ratio) + self.fee_income - self.loss_charge - self.budget
        )
        self.profit = before_tax - traits.tax_rate * np.maximum(before_tax, 0.0)
        self.dividend = traits.payout * np.maximum(self.profit, 0.0)
        kept = self.capital + self.profit - self.dividend
        required = self.assets * (traits.risk_weight * 0.01 * traits.capital_floor)
        self.recapitalised = np.maximum(required - kept, 0.0)
        self.capital = kept + self.recapitalised
        grown = self.growth()
        grown *= 0.25
        grown += 1.0
        self.assets *= grown
