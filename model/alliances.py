"""Alliances between small and medium banks: possible ties are fixed, ties in force are agreed each year."""

from dataclasses import dataclass

import networkx as nx
import numpy as np
from scipy.sparse import csr_array

from agents.honeycomb import KINDS
from model.population import Population


@dataclass(frozen=True)
class Ties:
    """Pairs of banks that could ally, ``first[m] < second[m]``, shape (M,)."""

    first: np.ndarray
    second: np.ndarray


def possible_ties(population: Population, neighbours: int, long_ties: float, seed: int) -> Ties:
    """Lay out who could ally with whom: a small world of all small and medium banks, near in province and size.

    Parameters
    ----------
    population : Population
        Banks in column order, which is by province and size within a kind.
    neighbours : int
        Possible ties of a bank.
    long_ties : float
        Share of ties to anywhere in the country, 0-1.
    seed : int

    Returns
    -------
    Ties
    """
    small = np.flatnonzero(population.kind != KINDS.index("large"))
    order = small[np.lexsort((-population.assets[small], population.province[small]))]
    if len(order) < 3:
        return Ties(np.zeros(0, np.intp), np.zeros(0, np.intp))
    graph = nx.watts_strogatz_graph(len(order), min(neighbours, len(order) - 1), long_ties, seed=seed)
    pairs = [(min(order[a], order[b]), max(order[a], order[b])) for a, b in graph.edges]
    pairs.sort()
    ends = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return Ties(ends[:, 0], ends[:, 1])


def rewire(ties: Ties, seed: int) -> Ties:
    """Keep every bank's number of possible ties and shuffle who they are with: the placebo of the network.

    Parameters
    ----------
    ties : Ties
    seed : int

    Returns
    -------
    Ties
        Ties to oneself are dropped.
    """
    shuffled = np.random.default_rng([seed, len(ties.first)]).permutation(ties.second)
    ends = np.sort(np.stack([ties.first, shuffled]), axis=0)
    ends = np.unique(ends[:, ends[0] != ends[1]], axis=1)
    return Ties(ends[0], ends[1])


class Alliances:
    """Ties in force for a batch, and what partners' capabilities are on average.

    Parameters
    ----------
    ties : Ties
    rows : int
        Scenarios times replicates.
    banks : int
    """

    def __init__(self, ties: Ties, rows: int, banks: int) -> None:
        self.ties, self.rows, self.banks = ties, rows, banks
        self.active = np.zeros((rows, len(ties.first)), bool)
        ends = np.concatenate([ties.first, ties.second])
        others = np.concatenate([ties.second, ties.first])
        self._order = np.lexsort((others, ends))
        self._ends = ends[self._order]
        starts = np.searchsorted(self._ends, np.arange(banks + 1))
        block = np.arange(rows)[:, None]
        indices = (others[self._order] + banks * block).ravel()
        pointers = np.concatenate([(starts[:-1] + len(ends) * block).ravel(), [rows * len(ends)]])
        self._weights = csr_array((np.zeros(rows * len(ends)), indices, pointers), shape=(rows * banks,) * 2)

    def agree(self, wish: np.ndarray, renewal: float, draws: np.ndarray) -> np.ndarray:
        """Resolve a year's proposals: a tie needs both sides; one in force is renewed with probability ``renewal``.

        Parameters
        ----------
        wish : ndarray, shape (R, N)
            Probability that a bank proposes a possible tie.
        renewal : float
            0-1.
        draws : ndarray, shape (R, 3, M)
            Uniforms: the first side, the second side, renewal.

        Returns
        -------
        ndarray, shape (R, N)
            Ties in force of each bank.
        """
        first, second = self.ties.first, self.ties.second
        agreed = (draws[:, 0] < wish[:, first]) & (draws[:, 1] < wish[:, second])
        self.active = agreed | (self.active & (draws[:, 2] < renewal))
        degree = np.zeros((self.rows, self.banks))
        both = np.concatenate([self.active, self.active], axis=1)[:, self._order].astype(float)
        if both.size:
            held = np.searchsorted(self._ends, np.arange(self.banks))
            present = np.flatnonzero(np.diff(np.append(held, len(self._ends))))
            degree[:, present] = np.add.reduceat(both, held[present], axis=1)
        share = both / np.maximum(degree, 1.0)[:, self._ends]
        self._weights.data[:] = share.ravel()
        return degree

    def partner_means(self, dimensions: np.ndarray) -> np.ndarray:
        """Mean capability of each bank's partners, 0 without a partner; shape (6, R, N)."""
        stacked = np.ascontiguousarray(dimensions.reshape(len(dimensions), -1).T)
        return np.ascontiguousarray((self._weights @ stacked).T).reshape(dimensions.shape)
