"""Yearly contracts with vendors and exporting banks: banks propose, capacity resolves."""

import numpy as np


def pick(weights: np.ndarray, uniform: np.ndarray) -> np.ndarray:
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
    chosen = np.zeros(uniform.shape, np.int16)
    for supplier in range(weights.shape[-1] - 1):
        chosen += uniform >= edges[:, [supplier]]
    return chosen.astype(float)


def clients(contract: np.ndarray, suppliers: int) -> np.ndarray:
    """Count the clients of each supplier, shape (R, suppliers)."""
    replicates = len(contract)
    code = (
        np.where(contract >= 0, contract, suppliers).astype(np.intp)
        + (suppliers + 1) * np.arange(replicates)[:, None]
    )
    return np.bincount(code.ravel(), minlength=replicates * (suppliers + 1)).reshape(replicates, -1)[
        :, :suppliers
    ]


def resolve(proposal: np.ndarray, priority: np.ndarray, capacity: np.ndarray | int) -> np.ndarray:
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
