"""What a bank reads of the model it stands in: the banking system, or a user's own bank beside one."""

from dataclasses import dataclass
from typing import Protocol

from agents.column import Array, Number
from agents.traits import Traits


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """The world outside in a quarter, a row (R) for each scenario and replicate.

    What the banks' rules read is a number where all scenarios agree, which they take at a better pace.

    Parameters
    ----------
    margin : ndarray, shape (R, 5)
        Net interest margin by group, percent.
    descent, openness, vendor_outage : ndarray, shape (R, 1)
        Rise of the large banks' log-odds in the inclusive-loan market and of public-data openness; vendors down.
    frontier_speed, bad_loan_inflow, capital_target, language_model_cost : float or ndarray, shape (R, 1)
        Factor on the frontier's growth; added to the inflow of bad loans, 1/year; added to the capital ratio that
        binds, percentage points; factor on the cost of language models.
    """

    margin: Array
    descent: Array
    openness: Array
    vendor_outage: Array
    frontier_speed: Number
    bad_loan_inflow: Number
    capital_target: Number
    language_model_cost: Number


class Host(Protocol):
    """A model that banks stand in."""

    columns: dict[str, Array]  # every state of every bank, (components, R, N)
    traits: dict[str, Traits]  # the numbers of each kind
    levers: dict[str, Number]  # strength of each policy lever: 0.0, or one for each bank, (R, N)
    conditions: Conditions
    allocation_rule: str  # name in ``agents.allocation.RULES``
    indicator_bias: Array  # habitual weight of each indicator in its dimension, (18, 1, 1)
    language_model_cost: Number  # cost of building a language model now, yuan

    @property
    def years(self) -> float:
        """Years since the start of 2020."""
