"""The partnership network: who works with whom, agreed once a year, and what it brings each quarter."""

from typing import TYPE_CHECKING

import numpy as np

from agents.column import Array, Indices, Mask, Number
from agents.honeycomb import APPLICATION, DATA, ECOSYSTEM, TECHNOLOGY
from agents.kinds import KINDS
from agents.partnership import keep_or_seek
from model import contracts
from model.alliances import Alliances, possible_ties, rewire
from model.numbers import NetworkNumbers
from model.reduction import over_banks
from model.streams import Draws
from model.union import Unions

if TYPE_CHECKING:
    from model.own_bank import OwnBankSystem
    from model.own_partners import OwnNetwork, OwnUnion
    from model.system import BankingSystem

SERVED = slice(TECHNOLOGY, DATA + 1)


class Partnerships:
    """What partners bring each quarter, whoever the banks and the partners are."""

    system: "BankingSystem | OwnBankSystem"
    numbers: NetworkNumbers
    draws: Draws
    alliances: "Alliances | OwnNetwork"
    unions: "Unions | OwnUnion"
    exporters: slice
    vendor_quality: Array
    failed: Mask

    def offer(self) -> None:
        """Work out what partners add to each bank this quarter, from last quarter's capabilities (L022, L025)."""
        columns, numbers, system = self.system.columns, self.numbers, self.system
        dimensions, offered = columns["dimensions"], columns["offered"]
        if not numbers.active:
            offered[:] = 0.0
            return
        spillover = 0.25 * system.common.spillover
        gap = self.alliances.partner_means(dimensions)
        gap -= dimensions
        gap.clip(0.0, 1.0, out=gap)
        gap *= spillover * columns["links"] / (1.0 + columns["links"])
        offered[:] = gap
        self._offer_export(dimensions, offered, spillover)
        self._offer_vendor(dimensions, offered, spillover)
        self._offer_hub(dimensions, offered)
        self._offer_platform(dimensions, offered)
        self._crowd(dimensions)

    def _offer_export(self, dimensions: Array, offered: Array, spillover: Number) -> None:
        provider = self.system.columns["provider"]
        rows = self.system.rows
        clients = np.flatnonzero(provider.T >= 0)
        suppliers = self.exporters.start + provider.T.ravel()[clients].astype(np.intp)
        suppliers = suppliers * rows + clients % rows
        strength = self.numbers.export_strength * spillover
        if isinstance(strength, np.ndarray):
            strength = strength[clients % rows, 0]
        for d in range(SERVED.start, SERVED.stop):
            level, added = (
                dimensions[d].T.reshape(-1),
                offered[d].T.reshape(-1),
            )  # views: replicates side by side
            added[clients] += strength * (level[suppliers] - level[clients]).clip(0.0, 1.0)

    def _offer_vendor(self, dimensions: Array, offered: Array, spillover: Number) -> None:
        vendor, outage = self.system.columns["vendor"], self.system.columns["outage"]
        held, quality = vendor >= 0, contracts.of_supplier(self.vendor_quality, vendor)
        outage[:] = 0.0
        if self.failed.any():
            down = held & contracts.of_supplier(self.failed, vendor)
            outage[:] = down * (0.25 * self.numbers.outage_loss)
            held = held & ~down
        strength = (spillover * self.numbers.vendor_strength) * held
        for d in (TECHNOLOGY, APPLICATION):
            offered[d] += strength * (quality - dimensions[d]).clip(0.0, 1.0)

    def _offer_hub(self, dimensions: Array, offered: Array) -> None:
        rural, levers = self.unions.rural, self.system.levers
        if rural.stop == rural.start:
            return
        quality, loss = (
            value[:, rural] if isinstance(value, np.ndarray) else value
            for value in (levers["hub_quality"], levers["hub_fit_loss"])
        )
        level, fitting = self.unions.offer(dimensions[TECHNOLOGY][:, rural], quality, loss)
        self.system.columns["hub_level"][:, rural] = level
        gap = (fitting - dimensions[SERVED][..., rural]).clip(0.0, 1.0)
        offered[SERVED][..., rural] += (0.25 * self.numbers.union_strength) * gap

    def _offer_platform(self, dimensions: Array, offered: Array) -> None:
        """Open public data of the province, as far as the bank can use them, feed its data and its ecosystem (H008)."""
        columns = self.system.columns
        for cohort in self.system.cohorts:
            rows = cohort.rows
            reach = (
                (0.25 * self.numbers.platform_strength) * columns["openness"][:, rows] * cohort.usable_share()
            )
            for d in (DATA, ECOSYSTEM):
                offered[d][:, rows] += reach * (1.0 - dimensions[d][:, rows])

    def _crowd(self, dimensions: Array) -> None:
        """Where many of a kind build alike ecosystems each gains less, ``1/(1 + c E)`` (H009)."""
        columns, levers = self.system.columns, self.system.levers
        relief = levers["congestion_relief"]
        for kind in KINDS:
            rows = self.system.population.rows(kind)
            crowd = over_banks(dimensions[ECOSYSTEM][:, rows])[:, None] / max(rows.stop - rows.start, 1)
            ease = relief[:, rows] if isinstance(relief, np.ndarray) else relief
            columns["congestion"][:, rows] = 1.0 / (
                1.0 + self.system.common.congestion * (1.0 - ease) * crowd
            )


class Network(Partnerships):
    """Layers of vendors, technology export, alliances and unions for a batch of replicates.

    Parameters
    ----------
    system : BankingSystem
        Holds the columns; the network writes only what partners offer and who is under contract.
    numbers : NetworkNumbers
        Numbers of the network group, see ``conf/network``.
    draws : Draws
    """

    system: "BankingSystem"
    alliances: Alliances
    unions: Unions

    def __init__(self, system: "BankingSystem", numbers: NetworkNumbers, draws: Draws) -> None:
        self.system, self.numbers, self.draws = system, numbers, draws
        population, rows = system.population, system.rows
        ties = possible_ties(population, int(numbers.neighbours), numbers.long_ties, draws.seed)
        if numbers.rewired:
            ties = rewire(ties, draws.seed)
        self.alliances = Alliances(ties, rows, population.size)
        self.unions = Unions(population, numbers, rows)
        self.exporters = population.exporters
        quality = draws.uniform("vendors", int(numbers.vendors))
        low, high = numbers.vendor_quality
        self.vendor_quality = system.tile(low + (high - low) * quality)
        self.failed = np.zeros(self.vendor_quality.shape, bool)
        self.known_failed = self.failed.copy()
        self.capacity = {
            "vendor": int(np.ceil(numbers.vendor_capacity * population.size)),
            "export": int(np.ceil(numbers.export_capacity * population.size)),
        }
        self.clients = self._count_clients()

    def contract(self) -> None:
        """Agree the year's partnerships: all propose from last quarter's state, then all are resolved at once."""
        if not self.numbers.active:
            return
        columns, draws = self.system.columns, self.draws
        standing = contracts.clients(columns["vendor"], self.vendor_quality.shape[1])
        appeal: Array = (1.0 + standing.astype(float)) ** self.numbers.popularity * np.exp(
            self.numbers.quality_weight * self.vendor_quality
        )
        columns["vendor"][:] = self._renew("vendor", columns["vendor"], appeal * ~self.known_failed, draws)
        frontier = columns["dimensions"][TECHNOLOGY][:, self.exporters]
        columns["provider"][:] = self._renew(
            "export", columns["provider"], np.exp(self.numbers.quality_weight * frontier), draws
        )
        uniforms = self.system.tile(draws.uniform("alliances", 3, len(self.alliances.ties.first)))
        columns["links"][:] = self.alliances.agree(self._wish("alliance"), self.numbers.renewal, uniforms)
        self.clients = self._count_clients()

    def _count_clients(self) -> dict[str, Indices]:
        """Clients of each vendor among small and medium banks, and of each exporting bank; they change once a year."""
        columns, large = self.system.columns, self.exporters.stop
        return {
            "vendor": contracts.clients(columns["vendor"][:, large:], self.vendor_quality.shape[1]),
            "export": contracts.clients(columns["provider"], max(large, 1)),
        }

    def _wish(self, layer: str) -> Array:
        wish = np.zeros_like(self.system.columns["route"])
        for cohort in self.system.cohorts:
            wish[:, cohort.rows] = cohort.partner_wish(layer)
        return wish

    def _renew(self, layer: str, current: Array, weights: Array, draws: Draws) -> Array:
        population = self.system.population
        uniforms = self.system.tile(draws.uniform(f"{layer} contracts", 2, population.size))
        sought = contracts.pick(np.maximum(weights, 1e-12), uniforms[:, 1])
        current, sought = (
            np.where(contracts.of_supplier(weights, s) > 0, s, -1.0) for s in (current, sought)
        )
        proposal = keep_or_seek(current, sought, self.numbers.renewal, self._wish(layer), uniforms[:, 0])
        return contracts.resolve(proposal, population.assets, self.capacity[layer])

    def settle(self) -> None:
        """Pass on what was paid: exporters receive their clients' fees, unions build from their members'."""
        columns = self.system.columns
        provider, fee = np.maximum(columns["provider"], 0.0), columns["export_fee"]
        received = columns["fee_income"][:, self.exporters]
        total = np.bincount(
            contracts.places(provider).ravel(), weights=fee.T.ravel(), minlength=received.size
        )
        received[:] = total.reshape(received.T.shape).T
        rural = self.unions.rural
        if rural.stop > rural.start:
            relief = self.system.levers["hub_cost_relief"]
            saved = relief[:, rural] if isinstance(relief, np.ndarray) else relief
            # A cheaper platform is the same platform for less: what members save was saved in running it.
            worth = columns["union_fee"][:, rural] / (1.0 - saved)
            self.unions.invest(4.0 * worth / columns["effort_cost"][:, rural])

    def fail_vendors(self, outages: Array) -> None:
        """Fail the vendors with the most clients, as many as the shock says, for as long as it lasts.

        Parameters
        ----------
        outages : ndarray, shape (R, 1)
            Number of vendors down.
        """
        self.known_failed[:] = self.failed  # whoever signs this quarter knows what last quarter's news were
        if not outages.any():
            self.failed[:] = False
            return
        fresh = ~self.failed.any(-1)
        clients = contracts.clients(self.system.columns["vendor"], self.vendor_quality.shape[1])
        rank = np.argsort(np.argsort(-clients, axis=-1, kind="stable"), axis=-1, kind="stable")
        self.failed[:] = np.where(fresh[:, None], rank < outages, self.failed & (outages > 0))
