"""Shocks: what happens to the system from outside, between two dates."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

SHOCKS: Final = MappingProxyType(
    {
        "margin": "added to every net interest margin, percentage points",
        "bad_loans": "added to every bad-loan ratio, percentage points",
        "frontier_growth": "added to the speed at which systems age, relative",
        "language_model_cost": "added to the price of language models, relative",
        "descent": "added to the speed of large-bank descent, relative",
        "capital_target": "added to the capital ratio that binds and is aimed at, percentage points",
        "vendor_outage": "number of the largest fintech vendors that fail",
        "claim": "added to the share of change that localisation claims, 0-1",
        "own_margin": "added to the margin of a user's own bank alone, percentage points",
        "own_bad_loans": "added to the bad-loan ratio of a user's own bank alone, percentage points",
        "own_loss": "lost once by a user's own bank, million yuan",
        "own_loss_rate": "lost once by a user's own bank, percent of its assets",
        "own_cost": "added to the costs of a user's own bank, million yuan a year",
        "own_cost_rate": "added to the costs of a user's own bank, percent of its assets a year",
        "own_takeover": "assets of an institution that a user's own bank takes over, over its own",
    }
)
ONCE: Final = ("own_loss", "own_loss_rate", "own_takeover")  # what strikes in a shock's first quarter alone


@dataclass(frozen=True)
class Shock:
    """A disturbance with a start and an end; it acts only between them.

    Parameters
    ----------
    name : str
        Name in the scenario.
    start, end : int
        First and last quarter, as indices from 2020Q1, both included.
    effects : tuple of (str, float)
        Fields of ``SHOCKS`` and their strength.
    """

    name: str
    start: int
    end: int
    effects: tuple[tuple[str, float], ...]

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"shock {self.name} ends before it starts")
        unknown = [field for field, _ in self.effects if field not in SHOCKS]
        if unknown:
            raise ValueError(f"shock {self.name} moves unknown fields: {', '.join(unknown)}")

    def strength(self, field: str, quarter: int) -> float:
        """Return the strength of a field in a quarter, 0 outside the shock's time."""
        return sum(
            value for name, value in self.effects if name == field and self.start <= quarter <= self.end
        )
