"""The partnerships of a user's own bank: it chooses among the system's partners, and takes nobody's place."""

from typing import Any

import numpy as np

from agents.honeycomb import ECOSYSTEM, KINDS, TECHNOLOGY
from agents.partnership import keep_or_seek
from model import contracts
from model.network import SERVED, Network
from model.own_union import OwnUnion
from model.reduction import over_banks
from model.streams import Draws


class OwnNetwork(Network):
    """The rules of the network for a bank beside it.

    What is offered follows the rules of ``Network``. A supplier always has room for one more client, and an ally's own
    count of partners is not changed by it: otherwise other banks would not be the same with and without the own bank.

    Parameters
    ----------
    guest : Guest
        Holds the own bank's columns; ``guest.host`` is the system.
    draws : Draws
        The own bank's streams.
    """

    def __init__(self, guest: Any, draws: Draws) -> None:
        host = guest.host
        self.system, self.draws, self.numbers = guest, draws, host.network.numbers
        self.near = neighbours(host.population, guest.population, int(self.numbers.neighbours))
        self.active = np.zeros((len(self.near), host.rows, guest.size), bool)
        self.alliances: Any = self  # `offer` asks it for `partner_means`, which stands below
        self.unions: Any = OwnUnion(guest)
        self.exporters = host.population.rows("large")
        self.vendor_quality = host.network.vendor_quality

    @property
    def failed(self) -> np.ndarray:  # type: ignore[override]
        """Vendors that are down."""
        failed: np.ndarray = self.system.host.network.failed
        return failed

    def contract(self) -> None:
        """Agree the year's partnerships, from the same state as everyone else."""
        if not self.numbers.active:
            return
        host, columns, numbers = self.system.host, self.system.columns, self.numbers
        standing = contracts.clients(host.columns["vendor"], self.vendor_quality.shape[1])
        appeal = (1.0 + standing) ** numbers.popularity * np.exp(numbers.quality_weight * self.vendor_quality)
        columns["vendor"][:] = self._seek("vendor", columns["vendor"], appeal * ~host.network.known_failed)
        frontier = host.columns["dimensions"][TECHNOLOGY][:, self.exporters]
        appeal = np.exp(numbers.quality_weight * frontier)
        columns["provider"][:] = self._seek("export", columns["provider"], appeal)
        columns["links"][:] = self._ally()

    def _seek(self, layer: str, current: np.ndarray, appeal: np.ndarray) -> np.ndarray:
        drawn = self.system.tile(self.draws.uniform(f"{layer} contracts", 2, 1))
        appeal = np.where(appeal.sum(-1, keepdims=True) > 0, appeal, 1e-12)
        sought = contracts.pick(appeal, drawn[:, 1])
        wish = self.system.member.partner_wish(layer)
        return keep_or_seek(current, sought, self.numbers.renewal, wish, drawn[:, 0])

    def _ally(self) -> np.ndarray:
        """Resolve the possible ties: a new one needs both sides; returns the ties in force, shape (R, variants)."""
        host = self.system.host
        drawn = np.moveaxis(self.system.tile(self.draws.uniform("alliances", 3, len(self.near))), 0, -1)
        theirs = np.zeros((host.rows, host.population.size))
        for cohort in host.cohorts:
            theirs[:, cohort.rows] = cohort.partner_wish("alliance")
        ours = self.system.member.partner_wish("alliance")
        agreed = (drawn[0] < theirs[:, self.near].T)[..., None] & (drawn[1][..., None] < ours)
        self.active = agreed | (self.active & (drawn[2] < self.numbers.renewal)[..., None])
        return self.active.sum(0).astype(float)

    def partner_means(self, dimensions: np.ndarray) -> np.ndarray:
        """Mean capability of the allies, 0 without one; shape (6, R, variants)."""
        theirs = self.system.host.columns["dimensions"]
        total = np.zeros_like(dimensions)
        for tied, bank in zip(self.active, self.near, strict=True):
            total += tied * theirs[:, :, [bank]]
        return total / np.maximum(self.active.sum(0), 1)

    def _offer_export(
        self, dimensions: np.ndarray, offered: np.ndarray, spillover: np.ndarray | float
    ) -> None:
        provider = self.system.columns["provider"]
        frontier = self.system.host.columns["dimensions"][SERVED][..., self.exporters]
        gap = contracts.of_supplier(frontier, provider) - dimensions[SERVED]
        gap = np.clip(gap, 0.0, 1.0) * (spillover * self.numbers.export_strength) * (provider >= 0)
        offered[SERVED] += gap

    def _crowd(self, dimensions: np.ndarray) -> None:
        """Congestion among its kind, which the own bank does not add to."""
        host, columns = self.system.host, self.system.columns
        rows = host.population.rows(KINDS[self.system.population.kind[0]])
        crowd = over_banks(host.columns["dimensions"][ECOSYSTEM][:, rows])[:, None] / (rows.stop - rows.start)
        ease = self.system.levers["congestion_relief"]
        columns["congestion"][:] = 1.0 / (1.0 + host.common.congestion * (1.0 - ease) * crowd)


def neighbours(population: Any, own: Any, number: int) -> np.ndarray:
    """Small and medium banks that the own bank could ally with: the nearest by province, then by size.

    Parameters
    ----------
    population, own : Population
        The system's, and the own bank's.
    number : int
        How many, half of them larger and half smaller where there are so many.

    Returns
    -------
    ndarray of int
        Rows of the system's columns.
    """
    small = np.flatnonzero(population.kind != KINDS.index("large"))
    order = small[np.lexsort((-population.assets[small], population.province[small]))]
    before = (population.province[order] < own.province[0]) | (
        (population.province[order] == own.province[0]) & (population.assets[order] > own.assets[0])
    )
    number = min(number, len(order))
    first = min(max(int(before.sum()) - number // 2, 0), len(order) - number)
    return order[first : first + number]
