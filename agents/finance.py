"""A bank's money: what it earns, loses, spends and keeps, each quarter."""

import numpy as np

from agents import budget, credit, income
from agents.honeycomb import RISK_MANAGEMENT
from agents.member import SystemMember


class Finance(SystemMember):
    """Income, credit losses, budget and capital of a bank or cohort."""

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

    def digital_return(self) -> np.ndarray | float:
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
        for field, value in closed._asdict().items():
            setattr(self, field, value)

    def creaming(self) -> np.ndarray | float:
        """Rise of the bad-loan inflow where large banks skim the best clients, 1/year a whole market."""
        return self.traits.creaming

    def room(self) -> np.ndarray:
        """Capital room above the floor, 0-1."""
        traits = self.traits
        return credit.capital_room(
            self.capital_ratio(),
            traits.capital_floor + self.model.conditions.capital_target,
            traits.capital_buffer,
        )

    def capital_ratio(self) -> np.ndarray:
        """Capital over risk-weighted assets, percent."""
        return self.capital / self.assets * (100.0 / self.traits.risk_weight)

    def growth(self) -> np.ndarray:
        """Growth of assets and loans, 1/year: the kind's path, slowed where capital is thin."""
        slack = self.room()
        slack *= 1.0 - self.traits.growth_floor
        slack += self.traits.growth_floor
        slack *= self.traits.asset_growth
        return slack

    def plan_spending(self) -> None:
        """Plan the year's technology spending over revenue."""
        traits = self.traits
        years = min(self.model.years, traits.spend_drift_years)
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
        for field, value in divided._asdict().items():
            setattr(self, field, value)
        self.compliance = divided.change * (traits.compliance_share * (1.0 - self.lever("compliance_relief")))
        asked = self.lever("bank_cost_fixed") + self.lever("bank_cost_rate") * divided.change
        self.policy_cost = np.minimum(asked, 0.5 * (divided.change - self.compliance))
        self.pay_partners(divided.change - self.compliance - self.policy_cost)

    def pay_partners(self, money: np.ndarray) -> None:
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

    def maintained(self) -> np.ndarray:
        """Mean capability of the dimensions that run on systems (technology, application, data), 0-1."""
        technology, application, data = self.dimensions[2:5]
        return (technology + application + data) * (1.0 / 3.0)

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
