"""The partnerships of a user's own bank: it chooses among the system's partners, and takes nobody's place."""

from typing import TYPE_CHECKING

import numpy as np

from agents.column import Array, Indices, Number
from agents.honeycomb import ECOSYSTEM, TECHNOLOGY
from agents.kinds import BANK_KINDS, KINDS
from agents.partnership import keep_or_seek
from model import contracts
from model.network import SERVED, Partnerships
from model.population import Population
from model.reduction import over_banks
from model.streams import Draws

if TYPE_CHECKING:
    from model.own_bank import OwnBankSystem


class OwnNetwork(Partnerships):
    """The rules of the network for a bank beside it.

    What is offered follows the rules of ``Partnerships``. A supplier always has room for one more client, and an
    ally's own count of partners is not changed by it: otherwise other banks would not be the same with and without it.

    Parameters
    ----------
    own : OwnBankSystem
        Holds the own bank's columns; ``own.host`` is the system.
    draws : Draws
        The own bank's streams.
    """

    system: "OwnBankSystem"

    def __init__(self, own: "OwnBankSystem", draws: Draws) -> None:
        host = own.host
        self.system, self.draws, self.numbers = own, draws, host.network.numbers
        self.near = neighbours(host.population, own.population, int(self.numbers.neighbours))
        self.active = np.zeros((len(self.near), host.rows, own.size), bool)
        self.alliances = self  # `offer` asks it for `partner_means`, which stands below
        self.unions = OwnUnion(own)
        self.exporters = host.population.exporters
        self.vendor_quality, self.failed = host.network.vendor_quality, host.network.failed

    def contract(self) -> None:
        """Agree the year's partnerships, from the same state as everyone else."""
        if not self.numbers.active:
            return
        host, columns, numbers = self.system.host, self.system.columns, self.numbers
        standing = contracts.clients(host.columns["vendor"], self.vendor_quality.shape[1])
        appeal: Array = (1.0 + standing.astype(float)) ** numbers.popularity * np.exp(
            numbers.quality_weight * self.vendor_quality
        )
        columns["vendor"][:] = self._seek("vendor", columns["vendor"], appeal * ~host.network.known_failed)
        frontier = host.columns["dimensions"][TECHNOLOGY][:, self.exporters]
        appeal = np.exp(numbers.quality_weight * frontier)
        columns["provider"][:] = self._seek("export", columns["provider"], appeal)
        columns["links"][:] = self._ally()

    def _seek(self, layer: str, current: Array, appeal: Array) -> Array:
        drawn = self.system.host.tile(self.draws.uniform(f"{layer} contracts", 2, 1))
        appeal = np.where(appeal.sum(-1, keepdims=True) > 0, appeal, 1e-12)
        sought = contracts.pick(appeal, drawn[:, 1])
        wish = self.system.bank.partner_wish(layer)
        return keep_or_seek(current, sought, self.numbers.renewal, wish, drawn[:, 0])

    def _ally(self) -> Array:
        """Resolve the possible ties: a new one needs both sides; returns the ties in force, shape (R, variants)."""
        host = self.system.host
        drawn = np.moveaxis(self.system.host.tile(self.draws.uniform("alliances", 3, len(self.near))), 0, -1)
        theirs = np.zeros((host.rows, host.population.size))
        for cohort in host.cohorts:
            theirs[:, cohort.rows] = cohort.partner_wish("alliance")
        ours = self.system.bank.partner_wish("alliance")
        agreed = (drawn[0] < theirs[:, self.near].T)[..., None] & (drawn[1][..., None] < ours)
        self.active = agreed | (self.active & (drawn[2] < self.numbers.renewal)[..., None])
        return self.active.sum(0).astype(float)

    def partner_means(self, dimensions: Array) -> Array:
        """Mean capability of the allies, 0 without one; shape (6, R, variants)."""
        theirs = self.system.host.columns["dimensions"]
        total: Array = np.zeros_like(dimensions)
        for tied, bank in zip(self.active, self.near, strict=True):
            total += tied * theirs[:, :, [bank]]
        mean: Array = total / np.maximum(self.active.sum(0), 1)
        return mean

    def _offer_export(self, dimensions: Array, offered: Array, spillover: Number) -> None:
        provider = self.system.columns["provider"]
        frontier = self.system.host.columns["dimensions"][SERVED][..., self.exporters]
        gap = contracts.of_supplier(frontier, provider) - dimensions[SERVED]
        gap = np.clip(gap, 0.0, 1.0) * (spillover * self.numbers.export_strength) * (provider >= 0)
        offered[SERVED] += gap

    def _crowd(self, dimensions: Array) -> None:
        """Congestion among its kind, which the own bank does not add to."""
        host, columns = self.system.host, self.system.columns
        rows = host.population.rows(KINDS[self.system.population.kind[0]])
        crowd = over_banks(host.columns["dimensions"][ECOSYSTEM][:, rows])[:, None] / (rows.stop - rows.start)
        ease = self.system.levers["congestion_relief"]
        columns["congestion"][:] = 1.0 / (1.0 + host.common.congestion * (1.0 - ease) * crowd)


def neighbours(population: Population, own: Population, number: int) -> Indices:
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
    small = np.flatnonzero(population.small)
    order = small[np.lexsort((-population.assets[small], population.province[small]))]
    before = (population.province[order] < own.province[0]) | (
        (population.province[order] == own.province[0]) & (population.assets[order] > own.assets[0])
    )
    number = min(number, len(order))
    first = min(max(int(before.sum()) - number // 2, 0), len(order) - number)
    return order[first : first + number]


class OwnUnion:
    """What the union of the own bank's province offers it; its fees do not build the platform that others use.

    Parameters
    ----------
    own : OwnBankSystem
    """

    def __init__(self, own: "OwnBankSystem") -> None:
        host, place = own.host, own.population.province[0]
        self.unions, self.host = host.network.unions, host
        home = own.population.provinces[place]
        member = home.union_mode != "single_bank" and home.members > 1
        in_union = BANK_KINDS[own.population.kind[0]].in_union
        self.rural = slice(0, own.size if in_union and member else 0)
        here = np.flatnonzero(self.unions.provinces == place)
        # A province whose union has no member in the population is given the average union.
        self.like = here if len(here) else np.flatnonzero(self.unions.has_union)

    def offer(self, technology: Array, quality: Number, fit_loss: Number) -> tuple[Array, Array]:
        """Level of the hub, and level that fits the own bank; see ``model.union.Unions.offer``."""
        unions, numbers = self.unions, self.unions.numbers
        members = unions.member_mean(self.host.columns["dimensions"][TECHNOLOGY][:, unions.rural])
        level, middle = (
            over_banks(values[:, self.like])[:, None] / max(len(self.like), 1)
            for values in (unions.level, members)
        )
        level = np.where(level > 0, np.minimum(level + quality, 1.0), 0.0) * np.ones_like(technology)
        lost = (numbers.union_fit_loss + fit_loss) * (0.25 + 2.0 * np.abs(technology - middle))
        return level, level * np.maximum(1.0 - lost, 0.0)
