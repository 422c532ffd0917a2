"""Yearly contracts with vendors and exporting banks: banks propose, capacity resolves."""

import numpy as np
from numpy.typing import NDArray

from agents.column import Array, Indices


def pick(weights: Array, uniform: Array) -> Array:
    """Pick a supplier for each bank by the inverse distribution function.

    Parameters
    ----------
    weights : ndarray, shape (R, S)
        Attractiveness of each supplier, 0 or more, with a positive sum.
    uniform : ndarray, shape (R, N)
        Draws on [0, 1).

    Returns
    -------
    ndarray, shape (R, N)
        Index of the supplier.
    """
    edges = np.cumsum(weights, axis=-1)
    edges /= edges[:, -1:]
    chosen = np.zeros_like(uniform, np.int16)
    for supplier in range(weights.shape[-1] - 1):
        chosen += uniform >= edges[:, [supplier]]
    return chosen.astype(float)


def clients(contract: Array, suppliers: int) -> Indices:
    """Count the clients of each supplier, shape (R, suppliers)."""
    known = np.where(contract >= 0, contract, suppliers)
    counts = np.bincount(places(known).ravel(), minlength=(suppliers + 1) * len(contract))
    return np.ascontiguousarray(counts.reshape(suppliers + 1, -1)[:suppliers].T)


def places(supplier: Array) -> Indices:
    """Place of each bank's supplier in a table of suppliers by replicates laid flat.

    Parameters
    ----------
    supplier : ndarray, shape (R, N)
        Index, 0 or more.

    Returns
    -------
    ndarray of int, shape (N, R)
        Replicates side by side, as in the columns.
    """
    replicates = len(supplier)
    return supplier.T.astype(np.intp) * replicates + np.arange(replicates)


def of_supplier[Value: np.generic](values: NDArray[Value], supplier: Array) -> NDArray[Value]:
    """What each bank's supplier has.

    Parameters
    ----------
    values : ndarray, shape (..., R, S)
        By supplier.
    supplier : ndarray, shape (R, N)
        Index; a bank without one, -1, is given the first supplier's value.

    Returns
    -------
    ndarray, shape (..., R, N)
    """
    table = np.ascontiguousarray(values.swapaxes(-1, -2)).reshape(*values.shape[:-2], -1)
    return table.take(places(np.maximum(supplier, 0.0)), axis=-1).swapaxes(-1, -2)


def resolve(proposal: Array, priority: Array, capacity: Array | int) -> Array:
    """Accept proposals up to each supplier's capacity, the bank with the higher priority first.

    Parameters
    ----------
    proposal : ndarray, shape (R, N)
        Supplier each bank proposes to, -1 for none.
    priority : ndarray, shape (N,)
        Order in which a supplier prefers its clients (their size).
    capacity : int
        Clients a supplier takes.

    Returns
    -------
    ndarray, shape (R, N)
        Supplier under contract, -1 for none.
    """
    demand = clients(proposal, int(proposal.max()) + 1)
    if np.all(demand <= capacity):
        return proposal
    preferred = np.argsort(-priority, kind="stable")
    queue = proposal[:, preferred]
    order = np.argsort(queue, axis=-1, kind="stable")
    sorted_queue = np.take_along_axis(queue, order, axis=-1)
    position = np.arange(queue.shape[-1])
    opens = np.ones(queue.shape, bool)
    opens[:, 1:] = sorted_queue[:, 1:] != sorted_queue[:, :-1]
    place = position - np.maximum.accumulate(np.where(opens, position, 0), axis=-1)
    accepted = np.where(place < capacity, sorted_queue, -1.0)
    in_queue = np.empty_like(queue)
    np.put_along_axis(in_queue, order, accepted, axis=-1)
    contract = np.empty_like(proposal)
    contract[:, preferred] = in_queue
    return contract
