"""What happens between banks, in plain Python: mergers, unions, the loan market, partners, places."""

import math
from typing import Any

from agents import honeycomb as h
from model.calendar import FIRST_YEAR
from model.mergers import ADDED, SCALED
from model.network import SLOTS


class PlainBetween:
    """Written on the state of last quarter, so that the order of banks cannot matter.

    Parameters
    ----------
    system : PlainMesa
    engine : BankingSystem
        Gives the first day: possible alliances, vendors' quality, unions' first level, who takes over whom.
    """

    def __init__(self, system: Any, engine: Any) -> None:
        self.s, network = system, engine.network
        self.pairs = [tuple(pair) for pair in network.pairs.tolist()]
        self.agreed = [bool(x) for x in network.agreed[:, 0]]
        self.quality = network.quality[:, 0].tolist()
        self.failed = [False] * len(self.quality)
        self.exporters = network.exporters.tolist()
        self.partners_on = network.on
        self.base, self.level = engine.unions.base[:, 0].tolist(), engine.unions.level[:, 0].tolist()
        self.reformed = [False] * len(self.base)
        self.has, self.member = engine.unions.has.tolist(), engine.unions.member.tolist()
        self.acquirer, self.exposed = engine.mergers.acquirer.tolist(), engine.mergers.exposed.tolist()
        self.head = engine.mergers.head.tolist()
        self.gap: list[list[float]] = []

    # ------------------------------------------------------------ mergers and unions

    def merge(self) -> None:
        """Once a year: exits by hazard; members join a single provincial bank."""
        s = self.s
        if s.quarter % 4:
            return
        drawn = [(w + 0.5) / 65536.0 for w in s.partner_words[-1]]
        single = {r.province for r in s.world.reforms if r.quarter <= s.quarter and r.mode == "single_bank"}
        leaves, joins = [], []
        for b, u in zip(s.banks, drawn, strict=True):
            n, village = b.n, bool(s.population.village[b.row])
            hazard = s.outside.exits * (1.0 if village else n.exit_other)
            size = min(max((b.assets_start / n.exit_size) ** -n.exit_slope, 0.05), 2.0)
            gone = self.exposed[b.row] and b.active and u < 1.0 - math.exp(-hazard * size)
            member = b.joins_union and self.head[b.row] not in (-1, b.row)
            reformed = b.province in single or b.lever("hub_merges") >= 0.5
            leaves.append(gone)
            joins.append(member and reformed and b.active and not gone and u > 1.0 - n.join_rate)
        self.absorb(leaves, self.acquirer)
        self.absorb(joins, self.head)

    def absorb(self, leaves: list[bool], into: list[int]) -> None:
        """What leaving banks own goes to their acquirers; whoever joins one merged away joins the largest there."""
        banks = self.s.banks
        heads = [to if banks[to].active else self.acquirer[row] for row, to in enumerate(into)]
        own = [b.assets for b in banks]
        taken = [0.0] * len(banks)
        stocks = {name: [getattr(b, name) for b in banks] for name in ADDED}
        for row, gone in enumerate(leaves):
            if gone:
                taken[heads[row]] += own[row]
                for name in ADDED:
                    stocks[name][heads[row]] += stocks[name][row]
        for b in banks:
            for name in ADDED:
                setattr(b, name, stocks[name][b.row])
            factor = 1.0 + taken[b.row] / own[b.row]
            for name in SCALED:
                value = getattr(b, name)
                setattr(b, name, [x * factor for x in value] if isinstance(value, list) else value * factor)
            b.assets = own[b.row] + taken[b.row]
            b.active = b.active and not leaves[b.row]

    def run_unions(self) -> None:
        """Platforms move; members see their level."""
        s = self.s
        for reform in s.world.reforms:
            if reform.quarter == s.quarter:
                self.reformed[reform.province] = True
        n = s.banks[0].n
        for p in range(len(self.level)):
            aimed = min(self.base[p] + n.hub_reform * self.reformed[p] * self.has[p], 1.0)
            self.level[p] += 0.25 * n.hub_speed * (aimed - self.level[p])
        for b in s.banks:
            lifted = self.level[b.province] + b.lever("hub_quality")
            b.hub = min(lifted, 1.0) if self.member[b.row] else 0.0
            b.hub_gain = max(b.hub - self.base[b.province], 0.0) if self.member[b.row] else 0.0

    # ------------------------------------------------------------ the loan market

    def contest(self) -> None:
        """Shares of the market for inclusive loans."""
        banks, descent = self.s.banks, self.s.outside.descent
        mean = {}
        for side in (True, False):
            own = [b for b in banks if b.exports is side and b.active]
            total = sum(b.market for b in own)
            mean[side] = sum(b.market * b.market_skill for b in own) / max(total, 1e-300)
        weight = [
            b.market * math.exp(0.25 * b.n.contest * (b.market_skill - mean[b.exports]) + descent * b.exports)
            for b in banks
        ]
        total = sum(w for b, w in zip(banks, weight, strict=True) if b.active)
        for b, w in zip(banks, weight, strict=True):
            b.market = w / total

    # ------------------------------------------------------------ partners

    def clients(self, vendor: int) -> int:
        """Active small banks with a vendor, counted once a contract."""
        return sum(b.vendor.count(vendor) for b in self.s.banks if b.active and not b.exports)

    def strike(self) -> None:
        """Vendors that fail take contracts along, and a rung of what was had from them."""
        out, order = self.s.outside, sorted(range(len(self.quality)), key=lambda v: -self.standing[v])
        struck = [v for place, v in enumerate(order) if place < out.vendors_struck]
        if out.vendor_outage == 0:
            self.failed = [False] * len(self.quality)
        for v in struck:
            self.failed[v] = True
        for b in self.s.banks if struck else []:
            hit = [v in struck for v in b.vendor]
            if next((gone for v, gone in zip(b.vendor, hit, strict=True) if v >= 0), False):
                start, words = self.s.items.bought.start, b.word
                for k, way in enumerate(b.way):
                    if (
                        way == h.VENDOR
                        and b.rung[start + k] > 0
                        and words[start + k] < int(b.n.outage_loss * 65535.0)
                    ):
                        b.rung[start + k] -= 1
            b.vendor = [-1 if gone else v for v, gone in zip(b.vendor, hit, strict=True)]
        if struck:
            self.count()

    def count(self) -> None:
        """Clients of each vendor, on which their appeal rests."""
        self.standing = [self.clients(v) for v in range(len(self.quality))]

    @staticmethod
    def choose(uniform: float, appeal: list[float]) -> int:
        """Supplier by the inverse distribution of appeal."""
        total, run, chosen = sum(appeal), 0.0, 0
        for weight in appeal[:-1]:
            run += weight
            chosen += uniform >= run / total
        return chosen

    def another(self, uniform: float, appeal: list[float], chosen: int, held: list[int]) -> int:
        """Vendor in place of one that the bank has, by where in that one's part the draw fell; -1 for none."""
        low, high = (sum(appeal[:end]) / sum(appeal) for end in (chosen, chosen + 1))
        left = [0.0 if v in held or self.failed[v] else weight for v, weight in enumerate(appeal)]
        return self.choose((uniform - low) / (high - low), left) if any(left) else -1

    def renew(self) -> None:
        """The year's vendors, exporters and alliances."""
        if not self.partners_on:
            return
        s = self.s
        draw = [[(w + 0.5) / 65536.0 for w in row] for row in s.partner_words]
        n = s.banks[0].n
        appeal = [
            (1.0 + c) ** n.popularity * math.exp(n.quality_weight * q) * (not down) + 1e-12
            for c, q, down in zip(self.standing, self.quality, self.failed, strict=True)
        ]
        seeking = [math.exp(0.02 * n.quality_weight * s.banks[e].like[h.TECHNOLOGY]) for e in self.exporters]
        wish = []
        for b in s.banks:
            able = b.drive * (0.7 + 0.3 * b.on("coordination"))
            seeks = min(n.partner_hazard * able * (1.0 + b.lever("supplier_trust")), 0.9)
            seeks *= not all(self.failed)
            words = [draw[SLOTS + slot][b.row] for slot in range(SLOTS)]
            had = list(b.vendor)
            for slot in range(SLOTS):
                b.vendor[slot] = self.one(
                    had[slot], self.choose(words[slot], appeal), draw[slot][b.row], seeks
                )
            for slot, before in enumerate(had):
                others = [v for k, v in enumerate(b.vendor) if v >= 0 and (k < slot or had[k] >= 0)]
                if before < 0 and b.vendor[slot] in others:
                    b.vendor[slot] = self.another(words[slot], appeal, b.vendor[slot], others)
            if self.exporters:
                offered = self.choose(draw[2 * SLOTS + 1][b.row], seeking)
                seeks = min(n.export_hazard * (1.0 + b.lever("supplier_trust")), 0.9) * b.imports
                b.exporter = self.one(b.exporter, offered, draw[2 * SLOTS][b.row], seeks)
            chance = min(min(n.alliance_hazard * able, 0.9) + b.lever("alliance_links"), 0.9)
            wish.append(math.sqrt(chance) * b.imports)
        self.ally(wish)

    def one(self, current: int, offered: int, draw: float, seeks: float) -> int:
        """Partner in a slot after a year."""
        if current < 0:
            return offered if draw > 1.0 - seeks else -1
        return -1 if draw < self.s.banks[0].n.partner_loss else current

    def ally(self, wish: list[float]) -> None:
        """Alliances of the year, and how many each bank has."""
        s, loss = self.s, self.s.banks[0].n.partner_loss
        drawn = s.alliance_words
        for e, (a, b) in enumerate(self.pairs):
            u = (drawn[e] + 0.5) / 65536.0
            there = s.banks[a].active and s.banks[b].active
            kept = self.agreed[e] and u >= loss
            self.agreed[e] = there and (u > 1.0 - min(wish[a] * wish[b], 0.9) or kept)
        self.count_allies()
        self.count()

    def count_allies(self) -> None:
        """Allies of each bank that could have any."""
        touched = {a for pair in self.pairs for a in pair}
        for row in touched:
            self.s.banks[row].allies = sum(
                on and row in pair for on, pair in zip(self.agreed, self.pairs, strict=True)
            )

    def look_ahead(self) -> list[list[float]]:
        """How many rungs a bank's allies stand ahead of it, by dimension."""
        banks = self.s.banks
        ahead = [[0.0] * 6 for _ in banks]
        if not self.partners_on:
            return ahead
        steps = []
        for b in banks:
            total = [0] * 6
            for j, item in enumerate(self.s.items.items):
                total[item.dimension] += b.rung[j] * item.scored
            steps.append(total)
        for on, (a, b) in zip(self.agreed, self.pairs, strict=True):
            for me, other in ((a, b), (b, a)) if on else ():
                for d in range(6):
                    ahead[me][d] += max(steps[other][d] - steps[me][d], 0) / max(banks[me].allies, 1)
        return ahead

    # ------------------------------------------------------------ supervision

    def admit(self) -> None:
        """Places of the year under inclusive supervision."""
        s = self.s
        places = max((b.lever("places") for b in s.banks), default=0.0)
        if places <= 0.0:
            return
        year, n = FIRST_YEAR + s.quarter // 4, s.banks[0].n
        words = s.word_table(f"queue/{year}", 2)
        luck = (float(s.draws.words(f"places/{year}", 1)[0, 0]) + 0.5) / 65536.0
        held = sum(b.assets_start for b in s.banks if b.active and not b.exports)
        here = int(places * min(held / n.national_assets, 1.0) + luck)
        queue = [
            (-math.log((words[0][b.row] + 0.5) / 65536.0) / b.assets_start, b)
            for b in s.banks
            if b.lever("places") > 0
            and not b.participant
            and b.active
            and self.behind(b)
            and b.on("core_bigdata") > 0
        ]
        for _, b in sorted(queue, key=lambda entry: entry[0])[:here]:
            b.participant = (words[1][b.row] + 0.5) / 65536.0 < b.lever("approval")

    @staticmethod
    def behind(bank: Any) -> bool:
        """Whether a language model that the bank needs is not mature yet."""
        models = [j for j, item in enumerate(bank.items.items) if item.family == h.MODEL]
        return any(bank.rung[j] < 2 and bank.relevant[j] for j in models)

    def export_income(self) -> None:
        """Exporting banks receive their clients' fees."""
        for b in self.s.banks:
            b.fee_income = 0.0
        for b in self.s.banks if self.partners_on else []:
            if b.exporter >= 0 and b.active and self.exporters:
                self.s.banks[self.exporters[b.exporter]].fee_income += 0.25 * b.fees * b.exported
