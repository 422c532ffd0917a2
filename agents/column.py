"""A named state of a bank, stored as a column of the whole system."""

from collections.abc import Mapping
from types import EllipsisType
from typing import Final, Protocol, Self, overload

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Number = float | Array
Mask = NDArray[np.bool_]
Indices = NDArray[np.intp]
Places = tuple[Indices, ...] | EllipsisType
EVERYONE: Final = Ellipsis


class _HasColumns(Protocol):
    @property
    def columns(self) -> Mapping[str, Array]: ...


class _HasRows(Protocol):
    rows: slice
    views: dict[str, Array]

    @property
    def model(self) -> _HasColumns: ...


class Column:
    """Descriptor of one state variable; it reads and writes the bank's rows of the system's column.

    The column has shape ``(*components, replicates, banks)``; see ``allocate`` for its layout. A single bank sees a
    width of one, a cohort the width of its kind, so that a rule written once runs for either. A column is allocated
    once and only written into, so that a bank keeps its view of it, in ``views``.

    Parameters
    ----------
    unit : str
        Unit of the values.
    meaning : str
        One line for the data dictionary.
    *components : int
        Leading shape: 6 for a value by dimension, 18 by indicator, none for a scalar.
    """

    def __init__(self, unit: str, meaning: str, *components: int) -> None:
        self.components, self.unit, self.meaning = components, unit, meaning
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, bank: None, owner: type) -> Self: ...
    @overload
    def __get__(self, bank: _HasRows, owner: type) -> Array: ...

    def __get__(self, bank: _HasRows | None, owner: type) -> Self | Array:
        return self if bank is None else self._view(bank)

    def __set__(self, bank: _HasRows, value: Number | Mask) -> None:
        view = self._view(bank)
        if value is not view:  # ``bank.assets *= growth`` has written already
            view[...] = value

    def _view(self, bank: _HasRows) -> Array:
        view = bank.views.get(self.name)
        if view is None:
            view = bank.views[self.name] = bank.model.columns[self.name][..., bank.rows]
        return view


def allocate(components: tuple[int, ...], replicates: int, banks: int) -> Array:
    """Return zeros of shape ``(*components, replicates, banks)`` laid out so that a cohort's rows lie side by side.

    Banks change slowest and replicates fastest in memory: a slice of banks is one block for each component, which makes
    the rules of a small kind as fast as those of a large one.
    """
    return np.zeros((*components, banks, replicates)).swapaxes(-1, -2)


def laid_out(values: Array) -> Array:
    """The same values in the layout of the columns; a pickle, for one, does not keep it, and last digits hang on it."""
    column = allocate(values.shape[:-2], *values.shape[-2:])
    column[...] = values
    return column


def places_where(chosen: Mask) -> tuple[Indices, ...]:
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
