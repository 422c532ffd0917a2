"""The partnership network of the plain Mesa model: objects that know their partners, and a level for each union."""

import math
from collections.abc import Sequence
from random import Random

import numpy as np

from benchmarks.plain_bank import PlainBank
from model.network import Network


class PlainNetwork:
    """Who works with whom, agreed once a year, and the platforms of the provincial unions.

    Parameters
    ----------
    engine : Network
        Possible ties, vendors and unions of the replicate, on its first day.
    banks : sequence of PlainBank
        In the order of the engine's columns.
    random : Random
    """

    def __init__(self, engine: Network, banks: Sequence[PlainBank], random: Random) -> None:
        self.numbers, self.banks, self.random = engine.numbers, banks, random
        ties = engine.alliances.ties
        self.ties = list(zip(ties.first.tolist(), ties.second.tolist(), strict=True))
        self.vendor_quality = engine.vendor_quality[0].tolist()
        self.exporters = [bank for bank in banks if bank.kind == "large"]
        unions = engine.unions
        rural = banks[unions.rural]
        self.members: list[list[PlainBank]] = [[] for _ in unions.provinces]
        for bank, union in zip(
            rural,
            unions.spread(np.arange(float(len(self.members)))[None])[0].astype(int).tolist(),
            strict=True,
        ):
            bank.union = union
            self.members[union].append(bank)
        self.level, self.pooling = unions.level[0].tolist(), unions.pooling.tolist()
        self.has_union = unions.has_union.tolist()
        self.middle = [0.0] * len(self.members)

    def contract(self) -> None:
        """Agree the year's partnerships: a supplier by appeal, an ally where both sides wish."""
        weight = self.numbers.quality_weight
        appeal = [math.exp(weight * quality) for quality in self.vendor_quality]
        clients = [1.0] * len(appeal)
        for bank in self.banks:
            if bank.vendor is not None:
                clients[bank.vendor] += 1.0
        appeal = [a * number**self.numbers.popularity for a, number in zip(appeal, clients, strict=True)]
        frontier = [math.exp(weight * bank.dimensions[2]) for bank in self.exporters]
        for bank in self.banks:
            if bank.vendor is None or not self.renewed():
                wanted = bank.wishes("vendor")
                bank.vendor = self.random.choices(range(len(appeal)), appeal)[0] if wanted else None
            if bank.provider is None or not self.renewed():
                wanted = bank.kind != "large" and bank.wishes("export")
                bank.provider = self.random.choices(self.exporters, frontier)[0] if wanted else None
        for first, second in self.ties:
            one, other = self.banks[first], self.banks[second]
            allied, agreed = other in one.partners, one.wishes("alliance") and other.wishes("alliance")
            if agreed and not allied:
                one.partners.append(other)
                other.partners.append(one)
            elif allied and not agreed and not self.renewed():
                one.partners.remove(other)
                other.partners.remove(one)

    def renewed(self) -> bool:
        """Whether a contract in force goes on without a new decision."""
        return self.random.random() < self.numbers.renewal

    def find_middle(self) -> None:
        """The middle member of each union, whom its platform fits."""
        self.middle = [sum(bank.dimensions[2] for bank in group) / len(group) for group in self.members]

    def hub(self, bank: PlainBank) -> tuple[float, float]:
        """Level of the bank's platform, and the level that fits it; nothing outside the unions."""
        if bank.union is None:
            return 0.0, 0.0
        distance = abs(bank.dimensions[2] - self.middle[bank.union])
        level = self.level[bank.union]
        return level, level * max(1.0 - self.numbers.union_fit_loss * (0.25 + 2.0 * distance), 0.0)

    def invest(self) -> None:
        """Build the platforms from their members' fees."""
        n = self.numbers
        for union, group in enumerate(self.members):
            paid = sum(4.0 * bank.union_fee / bank.effort_cost for bank in group) / len(group)
            level = self.level[union]
            gain = n.union_productivity * self.pooling[union] * math.sqrt(paid)
            change = 0.25 * (gain * (1.0 - level) - n.union_depreciation * level)
            self.level[union] = min(max(level + change, 0.0), 1.0) * self.has_union[union]
