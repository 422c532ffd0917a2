"""Rural institutions that are merged away, and unions whose members become one bank."""

from typing import TYPE_CHECKING

import numpy as np

from model.streams import uniform

if TYPE_CHECKING:
    from model.system import BankingSystem

# What an acquirer takes over besides the market share: stocks that add, and scales that grow with its assets.
ADDED = ("bad_loans", "provisions", "capital", "market", "market_start")
SCALED = ("assets_start", "revenue_start", "spend_start", "spend", "steady", "revenue", "revenue_before")


class Mergers:
    """Who may be merged away, and into whom: the largest city or rural bank of the province.

    A single provincial bank grows from the largest rural bank of the province.

    Parameters
    ----------
    system : BankingSystem
    """

    def __init__(self, system: "BankingSystem") -> None:
        self.system = system
        population = system.banks
        rows = np.arange(len(population.kind))
        counted, self.village = rows < population.size, population.village
        open_to = np.array([system.kinds[k].takes_over for k in population.kind], bool)
        member = system.joins_union & counted
        self.acquirer, self.head = self._largest(open_to & counted), self._largest(member)
        self.exposed = system.may_exit & counted & (self.acquirer >= 0) & (self.acquirer != rows)
        self.member = member & (self.head >= 0) & (self.head != rows)

    def _largest(self, some: np.ndarray) -> np.ndarray:
        """Row of the largest of some banks in each bank's province, (M,); -1 for none."""
        population = self.system.banks
        largest = np.full(len(population.kind), -1)
        for place in np.unique(population.province):
            here = np.flatnonzero((population.province == place) & some)
            if len(here):
                largest[population.province == place] = here[np.argmax(population.assets[here])]
        return largest

    def advance(self, quarter: int) -> None:
        """Once a year: exits by hazard, village banks first (W091, W094-W095); members join a single provincial bank.

        One draw decides both: its bottom exits, its top joins where the union has become a single bank (W098: 36 of the
        80 in Liaoning, 25 of the 126 in Henan in the first step, so that members join over years).
        """
        system, p = self.system, self.system.p
        if quarter % 4:
            return
        drawn = uniform(system.partner_word[-1])
        hazard = system.outside.exits * np.where(self.village[:, None], 1.0, p.exit_other)
        size = np.clip((system.assets_start / p.exit_size) ** -p.exit_slope, 0.05, 2.0)
        leaves = (drawn < 1.0 - np.exp(-hazard * size)) & self.exposed[:, None] & system.active
        joins = (drawn > 1.0 - p.join_rate) & self._single(quarter) & self.member[:, None]
        joins &= system.active & ~leaves
        self._absorb(leaves, self.acquirer)
        self._absorb(joins, self.head)

    def _single(self, quarter: int) -> np.ndarray:
        """Whether the union of a bank's province has become, or becomes by policy, a single bank; (M, 1) or (M, R)."""
        system = self.system
        reformed = np.zeros(len(system.banks.provinces), bool)
        for reform in system.world.reforms:
            reformed[reform.province] |= reform.quarter <= quarter and reform.mode == "single_bank"
        single: np.ndarray = reformed[system.banks.province][:, None]
        merging = system.lever("hub_merges")
        return single | (merging >= 0.5) if isinstance(merging, np.ndarray) else single

    def _absorb(self, leaves: np.ndarray, into: np.ndarray) -> None:
        """Move what the leaving banks own to their acquirers; whoever joins one merged away joins the largest there."""
        system = self.system
        banks, rows = np.nonzero(leaves)
        if not len(banks):
            return
        heads = np.where(system.active[into[banks], rows], into[banks], self.acquirer[banks])
        gone = ~system.active[heads, rows]  # taken out of the market by hand: nobody joins it
        if gone.any():
            leaves = leaves.copy()
            leaves[banks[gone], rows[gone]] = False
            banks, rows, heads = banks[~gone], rows[~gone], heads[~gone]
        own = system.assets.copy()
        taken = np.zeros_like(own)
        np.add.at(taken, (heads, rows), own[banks, rows])
        for name in ADDED:
            stock = getattr(system, name)
            np.add.at(stock, (heads, rows), stock[banks, rows])
        factor = 1.0 + taken / own
        for name in SCALED:
            setattr(system, name, getattr(system, name) * factor)
        system.assets = own + taken
        system.active = system.active & ~leaves
        system.absorbed += leaves
