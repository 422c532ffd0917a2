"""What every bank has as a member of the system: its rows, its kind's traits and the policies that reach it."""

from types import EllipsisType, SimpleNamespace
from typing import Any, ClassVar

import mesa
import numpy as np

from agents.column import Places
from agents.state import BankState


class SystemMember(BankState, mesa.Agent):
    """A bank (rows of width one) or a whole kind (a cohort); every rule runs for either.

    Parameters
    ----------
    model : BankingSystem
        The system that holds the columns.
    rows : slice
        Rows of the columns: one bank or a kind.
    """

    kind: ClassVar[str]

    def __init__(self, model: Any, rows: slice) -> None:
        super().__init__(model)
        self.rows = rows
        self.views: dict[str, np.ndarray] = {}

    @classmethod
    def cohort(cls, model: Any, rows: slice) -> "SystemMember":
        """Return the whole kind as one member that Mesa does not register."""
        member = object.__new__(cls)
        member.model, member.rows, member.views = model, rows, {}
        return member

    @property
    def traits(self) -> SimpleNamespace:
        """Numbers of the bank's kind; each a float, or an array (R, 1) or (6, R, 1) of parameter samples."""
        return self.model.traits[self.kind]

    def lever(self, name: str) -> np.ndarray | float:
        """Strength of a policy lever for these rows; 0.0 where no policy is in force."""
        value = self.model.levers[name]
        return value[..., self.rows] if isinstance(value, np.ndarray) else value

    def at(self, places: Places, value: Any) -> Any:
        """A trait or a lever for some of these banks; a number stays what it is."""
        if isinstance(places, EllipsisType) or np.ndim(value) == 0:
            return value
        spread = np.broadcast_to(value, (*value.shape[:-2], *self.route.shape))
        return spread[(slice(None),) * (value.ndim - 2) + places]
