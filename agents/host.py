"""What a bank reads of the model it stands in: the banking system, or a user's own bank beside one."""

from collections.abc import Mapping
from typing import Protocol

from agents.column import Array, Number
from agents.traits import Traits


class Conditions(Protocol):
    """What the world outside does to every bank this quarter; a number, or (R, 1) where scenarios differ."""

    @property
    def frontier_speed(self) -> Number:
        """Factor on the yearly growth of the frontier."""

    @property
    def bad_loan_inflow(self) -> Number:
        """Added to the inflow of bad loans, 1/year."""

    @property
    def capital_target(self) -> Number:
        """Added to the capital ratio that binds, percentage points."""


class Host(Protocol):
    """A model that banks stand in."""

    @property
    def columns(self) -> Mapping[str, Array]:
        """Every state of every bank, by name."""

    @property
    def traits(self) -> Mapping[str, Traits]:
        """The numbers of each kind."""

    @property
    def levers(self) -> Mapping[str, Number]:
        """Strength of each policy lever: 0.0, or one for each bank, (R, N)."""

    @property
    def conditions(self) -> Conditions:
        """The world outside."""

    @property
    def years(self) -> float:
        """Years since the start of 2020."""

    @property
    def allocation_rule(self) -> str:
        """Name in ``agents.allocation.RULES``."""

    @property
    def indicator_bias(self) -> Array:
        """Habitual weight of each indicator in its dimension, (18, 1, 1)."""

    @property
    def language_model_cost(self) -> Number:
        """Cost of building a language model now, yuan."""
