"""The money of a bank of the plain Mesa model: what it earns, loses, spends and keeps, in plain floats."""

import math
from typing import Any

import mesa

from agents.honeycomb import RISK_MANAGEMENT


class PlainFinance(mesa.Agent):
    """The rules of ``agents.finance.Finance`` at neutral policy levers, for one bank.

    Parameters
    ----------
    model : PlainMesa
    row : int
        Place among the banks.
    kind : str
    state : dict of str to float or list
        First day, as ``agents.state`` names it.
    """

    fee_income: float
    capital: float
    spend_ratio: float
    wanted_staff: list[float]
    allocation: list[float]
    route: int

    def __init__(self, model: Any, row: int, kind: str, state: dict[str, Any]) -> None:
        super().__init__(model)
        self.row, self.kind, self.numbers = row, kind, model.numbers[kind]
        self.__dict__.update(state)
        self.partners: list[PlainFinance] = []

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
        n = self.numbers
        if self.kind == "large":
            return n.digital_return * (
                1.0 + n.scale_return * math.log(max(self.assets / n.scale_assets, 1.0))
            )
        if self.kind == "private":
            return n.digital_return * (1.0 - n.niche_lag * max(self.dimensions[2] - self.dimensions[3], 0.0))
        return n.digital_return

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
        return min(max((ratio - n.capital_floor) / n.capital_buffer, 0.0), 1.0)

    def growth(self) -> float:
        """Growth of assets and loans, 1/year."""
        n = self.numbers
        return n.asset_growth * (n.growth_floor + (1.0 - n.growth_floor) * self.room())

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
