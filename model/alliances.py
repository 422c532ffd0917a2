"""Alliances between small and medium banks: possible ties are fixed, ties in force are agreed each year."""

from dataclasses import dataclass
from functools import lru_cache

import networkx as nx
import numpy as np
from scipy.sparse import coo_array, csr_array

from agents.column import Array, Indices
from model.population import Population


@dataclass(frozen=True)
class Ties:
    """Pairs of banks that could ally, ``first[m] < second[m]``, shape (M,)."""

    first: Indices
    second: Indices


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
    small = np.flatnonzero(population.small)
    order = small[np.lexsort((-population.assets[small], population.province[small]))]
    if len(order) < 3:
        return Ties(np.zeros(0, np.intp), np.zeros(0, np.intp))
    ends = np.sort(order[_small_world(len(order), min(neighbours, len(order) - 1), long_ties, seed)])
    ends = ends[np.lexsort(ends.T[::-1])]
    return Ties(ends[:, 0], ends[:, 1])


@lru_cache(maxsize=4)
def _small_world(number: int, neighbours: int, long_ties: float, seed: int) -> Indices:
    """Edges of a small world, shape (M, 2); the chunks of a study share one, and building it takes a while."""
    graph = nx.watts_strogatz_graph(number, neighbours, long_ties, seed=seed)
    return np.array(graph.edges, dtype=np.intp).reshape(-1, 2)


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
        self.active = np.zeros((len(ties.first), rows), bool).T
        ends = np.concatenate([ties.first, ties.second])
        others = np.concatenate([ties.second, ties.first])
        self._order = np.lexsort((others, ends))
        self._ends, self._others = ends[self._order], others[self._order]
        self._tied, self._starts = np.unique(self._ends, return_index=True)
        self._weights = csr_array((rows * banks,) * 2)

    def agree(self, wish: Array, renewal: float, draws: Array) -> Array:
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
        wish, draws = wish.T, np.moveaxis(draws, 0, -1)
        agreed = (draws[0] < wish[self.ties.first]) & (draws[1] < wish[self.ties.second])
        active = agreed | (self.active.T & (draws[2] < renewal))
        both = np.concatenate([active, active])[self._order]
        degree = np.zeros((self.banks, self.rows))
        if both.size:
            degree[self._tied] = np.add.reduceat(both, self._starts, axis=0, dtype=float)
        self.active, self._weights = active.T, self._shares(both, degree)
        return degree.T

    def _shares(self, both: Array, degree: Array) -> csr_array:
        """What each partner is of a bank's mean; a row and a column for every bank and replicate, as in the columns."""
        tie, row = np.nonzero(both)
        bank, partner = self._ends[tie] * self.rows + row, self._others[tie] * self.rows + row
        share = 1.0 / degree.ravel()[bank]
        places = (bank.astype(np.int32), partner.astype(np.int32))
        return coo_array((share, places), shape=(self.banks * self.rows,) * 2).tocsr()

    def partner_means(self, dimensions: Array) -> Array:
        """Mean capability of each bank's partners, 0 without a partner; shape (6, R, N)."""
        flat = dimensions.swapaxes(-1, -2)
        stacked = np.ascontiguousarray(flat.reshape(len(flat), -1).T)
        return np.ascontiguousarray((self._weights @ stacked).T).reshape(flat.shape).swapaxes(-1, -2)
