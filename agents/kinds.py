"""The kinds of bank: a class each, whose numbers are one row of the table of banks (``conf/banks``)."""

from typing import Any, ClassVar

import mesa
import numpy as np

from agents.allocation import Outlook, Rule
from agents.honeycomb import KINDS
from agents.registry import Registry
from agents.state import STATES


def _check(name: str, kind: type["Bank"]) -> None:
    """Refuse what would never be a bank of a population."""
    if name not in KINDS:
        raise ValueError(f"{name!r} is no kind of bank that a population has; these are {', '.join(KINDS)}")
    if not (isinstance(kind, type) and issubclass(kind, Bank)):
        raise TypeError(f"{kind!r} is no subclass of Bank, which a kind of bank is")


BANK_KINDS: Registry[type["Bank"]] = Registry("kind of bank", _check)


class Bank(mesa.Agent[Any]):
    """A bank as a Mesa agent: its states are a row of the model's columns, its rules are functions of arrays.

    A user's own kind is a subclass, registered with ``BANK_KINDS.register(name)``; what it does otherwise it overrides.

    Parameters
    ----------
    model : BankingSystem
    row : int
        Row of the columns.
    """

    kind: ClassVar[str] = ""
    exports: ClassVar[bool] = False  # sells technology to other banks
    imports: ClassVar[bool] = True  # may work with exporters and alliances
    joins_union: ClassVar[bool] = False  # member of its province's union
    may_exit: ClassVar[bool] = False  # may be merged into another bank
    takes_over: ClassVar[bool] = False  # may take over another bank of its province
    surveyed: ClassVar[bool] = True

    def __init__(self, model: Any, row: int) -> None:
        super().__init__(model)
        self.row = row

    def __getattr__(self, name: str) -> np.ndarray:
        """A state of the model's columns for this bank: a number or (components,), or with R runs (..., R)."""
        if name not in STATES:
            raise AttributeError(name)
        state: np.ndarray = getattr(self.model, name)[..., self.row, :]
        return state if self.model.rows > 1 else state[..., 0][()]

    def __setattr__(self, name: str, value: Any) -> None:
        """Write a state into the model's columns; anything else is the agent's own."""
        if name not in STATES:
            return super().__setattr__(name, value)
        column = getattr(self.model, name).copy()  # who has counted an old one sees that it is another
        column[..., self.row, slice(None) if self.model.rows > 1 else 0] = value
        return setattr(self.model, name, column)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *STATES]

    @property
    def index(self) -> np.ndarray:
        """Mean of the six scores like for like at the last year's end, 0-100, as a state is."""
        index: np.ndarray = self.model.index[self.row]
        return index if self.model.rows > 1 else index[0]

    def remove(self) -> None:
        """Leave the market: no agent any more, and nobody's rival, partner or client."""
        super().remove()
        self.model.withdraw(self.row)

    @classmethod
    def overrides(cls, name: str) -> bool:
        """Whether a kind of its own does something in its own way."""
        own, shipped = getattr(cls, name), getattr(Bank, name)
        return bool(own.__func__ is not shipped.__func__)

    @classmethod
    def divide(cls, rule: Rule, outlook: Outlook) -> np.ndarray:
        """Divide the money for change of all banks of the kind; here by the study's rule."""
        return rule.divide(outlook)

    @classmethod
    def benefit(cls, seen: np.ndarray) -> np.ndarray:
        """Perceived benefit of each system, points, shape (B, M, R); here as the study's rules see it."""
        return seen


@BANK_KINDS.register("large")
class LargeBank(Bank):
    """State-owned and joint-stock banks: they stand ahead, export technology and descend to small clients."""

    kind, exports, imports, surveyed = "large", True, False, False


@BANK_KINDS.register("city")
class CityBank(Bank):
    """City commercial banks: regional, with a broad strategy; they take over rural institutions of their province."""

    kind, takes_over = "city", True


@BANK_KINDS.register("rural")
class RuralBank(Bank):
    """Rural commercial banks and cooperatives, members of a union, and village banks; some of them merged away."""

    kind, joins_union, may_exit, takes_over = "rural", True, True, True


@BANK_KINDS.register("private")
class PrivateBank(Bank):
    """Private banks: online, in niches; much of the questionnaire is not for them."""

    kind = "private"
