"""Who works with whom: vendors, exporting banks and alliances, renewed once a year."""

from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from agents import partners
from agents.honeycomb import TECHNOLOGY
from model.reduction import slabs
from model.streams import generator, uniform

if TYPE_CHECKING:
    from model.population import Population
    from model.system import BankingSystem

SLOTS = 3  # vendors a bank may have
WORDS = 2 * SLOTS + 3  # a year and bank: slots, what they are offered, exporter twice, exit


class Network:
    """Contracts and alliances of a batch.

    The graph of possible alliances is built once with NetworkX and kept as pairs sorted by bank; the work is
    on whole numbers along that list.

    Parameters
    ----------
    system : BankingSystem
    """

    def __init__(self, system: "BankingSystem") -> None:
        self.system, p = system, system.p
        self.on = bool(system.world.switches.partners)
        self.exporters = np.flatnonzero(system.exports_here[: system.banks.size])
        self.number = int(np.max(p.vendors))
        self.quality = uniform(system.draws.words("vendors", self.number))
        self.pairs = possible_pairs(
            around(system.banks, system.imports_here),
            int(np.max(p.neighbours)),
            float(np.max(p.long_ties)),
            system.world.seed,
            bool(system.world.switches.rewired),
        )
        self.agreed = np.zeros((len(self.pairs), system.rows), bool)
        # places in (banks x rows) of both sides of every alliance in force
        self.allied = np.zeros((2, 0), int)
        self.failed = np.zeros((self.number, system.rows), bool)
        self.guest_pairs = self._guest_pairs()
        self.count_clients()
        if self.on:
            self._begin()

    def _guest_pairs(self) -> list[tuple[str, slice, np.ndarray]]:
        """Banks that each user's own bank could ally with, by its rows: those around it by province and size."""
        population = self.system.banks
        number = int(np.max(self.system.p.neighbours))
        small = np.flatnonzero(self.system.imports_here[: population.size])
        pairs = []
        for name in dict.fromkeys(population.guests):
            own = population.size + population.guests.index(name)
            rows = slice(own, own + population.guests.count(name))
            here = population.branches[own - population.size] > 0
            far = ~here[population.province[small]] * 1e3
            far = far + np.abs(np.log(population.assets[small] / population.assets[own]))
            pairs.append((name, rows, small[np.argsort(far, kind="stable")[:number]]))
        return pairs

    def _begin(self) -> None:
        """Partners on the first day: banks with many ties have many (their luck is that of the ecosystem's rungs)."""
        system, p = self.system, self.system.p
        luck, takes = system.partner_luck, system.imports_here[:, None]
        words = system.draws.bank_words("partners/start", SLOTS + 1)
        appeal = np.exp(p.quality_weight * self.quality)
        offered = self._pick(words[:SLOTS], appeal)
        for slot, bar in enumerate((-0.7, 0.4, 1.3)):
            system.vendor[slot] = np.where(luck[0] > bar, offered[slot], -1)
        self._distinct(system.vendor, system.vendor >= 0, words, appeal)
        if len(self.exporters):
            drawn = uniform(words[SLOTS])
            which = np.minimum((drawn * len(self.exporters)).astype(np.int8), len(self.exporters) - 1)
            system.exporter = np.where((luck[1] > p.export_bar) & takes, which, np.int8(-1)).astype(np.int8)
        wish = luck[2]
        self.agreed = (wish[self.pairs[:, 0]] + wish[self.pairs[:, 1]]) > 2.0 * p.alliance_bar
        self._count(None)

    def _pick(self, words: np.ndarray, appeal: np.ndarray) -> np.ndarray:
        """Vendor by the inverse distribution of appeal (V, R); index, int8 of the shape of ``words`` (..., M, R)."""
        edges = np.add.accumulate(appeal, axis=0)
        edges = edges / edges[-1]
        # the first word whose uniform reaches an edge
        least = np.ceil(65536.0 * edges - 0.5).astype(np.int32)
        words, chosen = words.astype(np.int32), np.zeros(words.shape, np.int8)
        everywhere = np.zeros((*[1] * (words.ndim - 1), *words.shape[-2:]), np.int32)
        least = least.reshape(len(least), *[1] * (words.ndim - 1), -1)
        for some in slabs(len(least) - 1, words.size):
            reached = words >= least[:-1][some] + everywhere
            chosen += np.add.reduce(reached.view(np.int8), 0, dtype=np.int8)
        return chosen

    def _distinct(self, vendors: np.ndarray, new: np.ndarray, words: np.ndarray, appeal: np.ndarray) -> None:
        """Let new contracts be with vendors that a bank has not yet, in place; -1 where it has all that stand.

        Where in the vendor's part of the distribution the word fell is a fresh uniform: it chooses among the others
        by appeal, and no other choice moves.

        Parameters
        ----------
        vendors : ndarray of int8, shape (SLOTS, M, R)
        new : ndarray of bool, shape (SLOTS, M, R)
            Contracts that ``words`` chose by ``appeal`` (V, R); the others stay.
        """
        twice = [(one == other) & (one >= 0) for one, other in combinations(vendors, 2)]
        bank, row = np.nonzero(np.logical_or.reduce(twice))
        has, new, words = (of[:SLOTS, bank, row] for of in (vendors, new, words))
        appeal, failed = appeal[:, row], self.failed[:, row]
        edges = np.add.accumulate(np.vstack([np.zeros(len(row)), appeal]), axis=0)
        drawn, edges = uniform(words), edges / edges[-1]
        for slot in range(SLOTS):
            # what was kept, and what was chosen before
            others = np.where(new & (np.arange(SLOTS)[:, None] >= slot), -1, has)
            some = np.flatnonzero(new[slot] & (others == has[slot]).any(0))
            held = (others[:, None, some] == np.arange(self.number)[:, None]).any(0)
            low, high = (edges[has[slot, some] + side, some] for side in (0, 1))
            left = np.add.accumulate(np.where(held | failed[:, some], 0.0, appeal[:, some]), axis=0)
            place = (drawn[slot, some] - low) / (high - low) * left[-1]
            has[slot, some] = np.where(left[-1] > 0.0, (place >= left[:-1]).sum(0), -1)
        vendors[:, bank, row] = has

    def clients(self, contract: np.ndarray, number: int) -> np.ndarray:
        """Active small and medium banks with each supplier, whole numbers (number, R)."""
        counted = slice(0, self.system.banks.size)
        served = self.system.active[counted] & ~self.system.exports_here[counted, None]
        supplier = np.where(served, contract[..., counted, :] + 1, 0).reshape(-1, self.system.rows)
        places = supplier * np.intp(self.system.rows) + np.arange(self.system.rows)
        return self._counted(places, number + 1)[1:]

    def _counted(self, places: np.ndarray, number: int, weights: np.ndarray | None = None) -> np.ndarray:
        """Add up whole numbers by place in (number x rows), (number, R); no order of summation can matter."""
        rows = self.system.rows
        flat = None if weights is None else weights.ravel()
        return np.bincount(places.ravel(), flat, number * rows).reshape(number, rows)

    def count_clients(self) -> None:
        """Clients of each vendor and of each exporting bank; whole numbers."""
        s = self.system
        self.standing = {
            "vendor": self.clients(s.vendor, self.number),
            "exporter": self.clients(s.exporter, max(len(self.exporters), 1)),
        }

    def renew(self) -> None:
        """Agree the year's partnerships: all seek from last quarter's state, then all are resolved at once."""
        if not self.on:
            return
        system, p = self.system, self.system.p
        word = system.partner_word
        draw = uniform(word)
        coordination = system.rung[system.items.at["coordination"]]
        trust = system.lever("supplier_trust")
        seeks = partners.able(p.partner_hazard, system.drive, coordination, trust) * ~self.failed.all(0)
        standing = self.standing["vendor"]
        appeal = (1.0 + standing) ** p.popularity * np.exp(
            p.quality_weight * self.quality
        ) * ~self.failed + 1e-12
        offered = self._pick(word[SLOTS : 2 * SLOTS], appeal)
        free = system.vendor < 0
        system.vendor = partners.renew(system.vendor, offered, draw[:SLOTS], seeks, p.partner_loss)
        self._distinct(system.vendor, free & (system.vendor >= 0), word[SLOTS : 2 * SLOTS], appeal)
        if len(self.exporters):
            self._renew_exporter(draw[2 * SLOTS], word[2 * SLOTS + 1], trust)
        drawn = uniform(system.alliance_word)
        joins = self._alliance_chance()
        near, far = self.pairs[:, 0], self.pairs[:, 1]
        wish = np.minimum(joins[near] * joins[far], 0.9)
        present = system.active[near] & system.active[far]
        self.agreed = present & ((drawn > 1.0 - wish) | (self.agreed & (drawn >= p.partner_loss)))
        self._count(joins)

    def _renew_exporter(self, draw: np.ndarray, which: np.ndarray, trust: np.ndarray | float) -> None:
        system, p = self.system, self.system.p
        strength = system.like[TECHNOLOGY][self.exporters]
        there = system.active[self.exporters]
        offered = self._pick(which, np.exp(0.02 * p.quality_weight * strength) * there + 1e-300)
        seeks = np.minimum(p.export_hazard * (1.0 + trust), 0.9) * system.imports_here[:, None] * there.any(0)
        system.exporter = partners.renew(system.exporter, offered, draw, seeks, p.partner_loss)

    def _alliance_chance(self) -> np.ndarray:
        """Each side's part in the chance that a possible alliance is agreed in a year; the product of both decides."""
        system, p = self.system, self.system.p
        chance = partners.able(
            p.alliance_hazard, system.drive, system.rung[system.items.at["coordination"]], 0.0
        )
        result: np.ndarray = (
            np.sqrt(np.minimum(chance + system.lever("alliance_links"), 0.9)) * system.imports_here[:, None]
        )
        return result

    def _count(self, joins: np.ndarray | None) -> None:
        system = self.system
        self.count_clients()
        pair, row = np.nonzero(self.agreed)
        self.allied = self.pairs[pair].T * system.rows + row
        size = system.banks.size
        system.allies[:size] = np.minimum(self._counted(self.allied, size), 100)
        if joins is None:
            return
        for name, rows, near in self.guest_pairs:
            purpose = f"alliances/{system.quarter}: own bank {name}"
            drawn = uniform(system.draws.words(purpose, len(near)))
            ties = drawn[:, None] > 1.0 - joins[near][:, None] * joins[rows][None]
            system.allies[rows] = np.maximum(ties.sum(0), system.allies[rows] - 1)

    def withdraw(self, row: int) -> None:
        """End every partnership of a bank that is taken out of the market."""
        system = self.system
        self.agreed[(self.pairs == row).any(1)] = False
        if row in self.exporters:
            system.exporter[system.exporter == np.flatnonzero(self.exporters == row)[0]] = -1
        self._count(None)

    @property
    def partners(self) -> np.ndarray:
        """Vendors, exporting banks and alliances of each bank; whole numbers (M, R)."""
        s = self.system
        vendors = np.add.reduce((s.vendor >= 0).view(np.int8), 0, dtype=np.int8)
        result: np.ndarray = vendors + (s.exporter >= 0) + s.allies
        return result

    def lead(self, steps: np.ndarray) -> np.ndarray:
        """How far a bank's allies stand ahead of it, mean rungs by dimension, 0 without one; shape (6, M, R).

        Parameters
        ----------
        steps : ndarray of int16, shape (6, M, R)
            Rungs climbed by dimension.
        """
        near, far = self.allied
        gap = np.subtract(*(steps.reshape(len(steps), -1)[:, side] for side in (far, near)))
        first = steps[0].size * np.arange(len(steps))[:, None]  # of each dimension
        number = steps[..., 0].size
        total = self._counted(first + near, number, np.maximum(gap, 0))
        total += self._counted(first + far, number, np.maximum(-gap, 0))
        allies = np.maximum(self.system.allies, 1).astype(self.system.real)
        lead: np.ndarray = (total.reshape(steps.shape) / allies).astype(self.system.real)
        return lead

    def strike(self, outages: np.ndarray, fresh: np.ndarray) -> np.ndarray | None:
        """Vendors that fail this quarter: those with the most clients, as many as shocks begin with; bool (V, R)."""
        if not outages.any() and not self.failed.any():
            return None
        self.failed &= outages > 0
        if not fresh.any():
            return None
        standing = self.standing["vendor"]
        rank = np.argsort(np.argsort(-standing, axis=0, kind="stable"), axis=0, kind="stable")
        struck: np.ndarray = rank < fresh
        self.failed |= struck
        return struck


def around(population: "Population", takes: np.ndarray) -> tuple[int, ...]:
    """Banks that ally at all (``takes``, bool (M,)) in a ring by province and size."""
    small = np.flatnonzero(takes[: population.size])
    order = small[np.lexsort((-population.assets[small], population.province[small]))]
    return tuple(order.tolist())


@lru_cache(maxsize=8)
def possible_pairs(
    ring: tuple[int, ...], neighbours: int, long_ties: float, seed: int, rewired: bool
) -> np.ndarray:
    """Banks that could ally as sorted pairs (P, 2); built once for all batches of a study."""
    graph = possible_alliances(ring, neighbours, long_ties, seed)
    if rewired:
        graph = rewire(graph, seed)
    pairs = np.array(sorted(tuple(sorted(edge)) for edge in graph.edges), int).reshape(-1, 2)
    pairs.flags.writeable = False
    return pairs


def possible_alliances(ring: tuple[int, ...], neighbours: int, long_ties: float, seed: int) -> nx.Graph:
    """Banks that could ally: neighbours on the ring, some ties thrown anywhere (a small world).

    Parameters
    ----------
    ring : tuple of int
        Banks, by province and size.
    neighbours : int
        Possible ties of a bank.
    long_ties : float
        Share of ties to anywhere, 0-1.
    seed : int
    """
    graph = nx.Graph()
    graph.add_nodes_from(ring)
    if len(ring) > 2 and neighbours >= 2:
        stream = int(generator(seed, "population", 1).integers(2**31))
        places = nx.watts_strogatz_graph(len(ring), min(neighbours, len(ring) - 1), long_ties, seed=stream)
        graph.add_edges_from((ring[a], ring[b]) for a, b in places.edges)
    return graph


def rewire(graph: nx.Graph, seed: int) -> nx.Graph:
    """The same graph with its edges exchanged at random; every bank keeps its number of possible ties."""
    mixed = graph.copy()
    edges = mixed.number_of_edges()
    if edges > 2:
        stream = int(generator(seed, "population", 2).integers(2**31))
        nx.double_edge_swap(mixed, nswap=5 * edges, max_tries=200 * edges, seed=stream)
    return mixed
