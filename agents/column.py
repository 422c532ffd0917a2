"""A named state of a bank, stored as a column of the whole system."""

from types import EllipsisType
from typing import Any, Final, overload

import numpy as np

Places = tuple[np.ndarray, ...] | EllipsisType
EVERYONE: Final = Ellipsis


class Column:
    """Descriptor of one state variable; it reads and writes the bank's rows of the system's column.

    The column has shape ``(*components, replicates, banks)``; see ``allocate`` for its layout. A single bank sees a
    width of one, a cohort the width of its kind, so that a rule written once runs for either. A column is allocated
    once and only written into, so that a bank keeps its view of it, in ``views``.

    Parameters
    ----------
    *components : int
        Leading shape: 6 for a value by dimension, 18 by indicator, none for a scalar.
    unit : str
        Unit of the values.
    meaning : str
        One line for the data dictionary.
    """

    def __init__(self, *components: int, unit: str, meaning: str) -> None:
        self.components, self.unit, self.meaning = components, unit, meaning
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, bank: None, owner: type) -> "Column": ...
    @overload
    def __get__(self, bank: Any, owner: type) -> np.ndarray: ...

    def __get__(self, bank: Any, owner: type) -> Any:
        if bank is None:
            return self
        seen = bank.views.get(self.name)
        if seen is None:
            seen = bank.views[self.name] = bank.model.columns[self.name][..., bank.rows]
        return seen

    def __set__(self, bank: Any, value: Any) -> None:
        seen = self.__get__(bank, type(bank))
        if value is not seen:  # ``bank.assets *= growth`` has written already
            seen[...] = value


def allocate(components: tuple[int, ...], replicates: int, banks: int) -> np.ndarray:
    """Return zeros of shape ``(*components, replicates, banks)`` laid out so that a cohort's rows lie side by side.

    Banks change slowest and replicates fastest in memory: a slice of banks is one block for each component, which makes
    the rules of a small kind as fast as those of a large one.
    """
    return np.zeros((*components, banks, replicates)).swapaxes(-1, -2)


def places_where(chosen: np.ndarray) -> tuple[np.ndarray, ...]:
    """Where a choice of shape (R, n) is true, as an index of columns, found in the order in which they are stored."""
    return np.nonzero(chosen.T)[::-1]


def columns_of(owner: type) -> dict[str, Column]:
    """Return every column declared by a class and its ancestors, by name."""
    return {
        name: column
        for cls in reversed(owner.__mro__)
        for name, column in vars(cls).items()
        if isinstance(column, Column)
    }
