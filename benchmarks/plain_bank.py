"""A bank in plain Python: numbers and lists, one rule after another, as they would be explained at a blackboard.

The columns of the engine are held to these rules; they are the place to read what a bank does.
"""

import math
from typing import Any

from agents import honeycomb as h
from agents.items import BROUGHT
from benchmarks.plain_division import PlainOutlook, divide_money
from benchmarks.plain_state import PlainState
from model.planning import COORDINATED, GOVERNED, GUIDED, TRAINED

SIX = range(6)
SKILLS = ("cost", "risk", "market", "revenue")


def word_of(probability: float) -> int:
    """Threshold of a 16-bit word that falls below it with this probability."""
    return int(min(probability, 1.0) * 65535.0)


class PlainBank(PlainState):
    """One bank of one replicate; states carry the names of ``agents.state.STATES``.

    Parameters
    ----------
    system : PlainMesa
    row : int
    state : dict
        Its states on the first day, as numbers and lists.
    numbers : SimpleNamespace
        Common numbers and those of its kind, as floats.
    """

    def __init__(self, system: Any, row: int, state: dict[str, Any], numbers: Any) -> None:
        self.__dict__.update(state)
        self.system, self.row, self.n = system, row, numbers
        population = system.population
        self.kind, self.group = int(population.kind[row]), int(population.group[row])
        self.province, self.first_tier = int(population.province[row]), bool(population.first_tier[row])
        trait = system.kinds[self.kind]
        self.exports, self.imports = trait.exports, trait.imports
        self.joins_union = trait.joins_union and not population.village[row]
        self.items = system.items
        self.rate_start = math.log(self.revenue / self.assets)
        self.started = [False] * len(self.left)
        self.load = self.claim = self.change = 0.0

    # ------------------------------------------------------------ small readings

    def on(self, item: str) -> int:
        """Rung of an item."""
        return int(self.rung[self.items.at[item]])

    def lever(self, name: str) -> float:
        """Strength of a policy lever for this bank."""
        return float(self.system.lever(name, self.row))

    def capital_ratio(self) -> float:
        """Capital over risk-weighted assets, percent."""
        return float(self.capital / self.assets * (100.0 / self.n.risk_weight))

    def floor(self) -> float:
        """Capital ratio required, percent."""
        return float(self.n.capital_floor + self.system.outside.floor_rise)

    def leaving(self) -> float:
        """Attrition, 1/year."""
        pull = self.n.pull_first_tier if self.first_tier else 1.0
        return float(max(self.n.attrition * pull - self.lever("attrition_cut"), 0.02))

    def team(self) -> float:
        """Person-years a year for change."""
        people = self.staff[0] + self.staff[1] + 2.0 * self.staff[2]
        return float(people * (self.assets_start * (self.n.on_projects / self.n.assets_a_head)))

    def vendors(self) -> int:
        """Number of vendors."""
        return sum(v >= 0 for v in self.vendor)

    # ------------------------------------------------------------ the books

    def open_books(self) -> None:
        """Revenue, bad loans and provisions of the quarter."""
        n, out = self.n, self.system.outside
        margin = max(out.margin[self.group] + self.margin_own, 0.1)
        kept = out.large_kept if self.exports else out.small_kept
        place = self.market / (self.market_start * kept) if self.market_start else 1.0
        factor = max(1.0 + n.inclusive_weight * (place - 1.0), 0.2)
        lead = {
            s: getattr(self, f"{s}_skill") - self.system.kind_skill[s][self.kind] for s in ("risk", "revenue")
        }
        rate = n.earning_share * margin + n.fee_rate_income
        self.revenue = self.assets * rate * (0.0025 * factor * (1.0 + n.revenue_effect * lead["revenue"]))
        lost = 0.0 if self.exports else max(1.0 - place, 0.0)
        path = out.bad_loans[self.group] * self.bad_own * math.exp(-n.risk_effect * lead["risk"])
        ratio = 0.01 * max(path + n.creaming * lost, 0.05)
        self.disposed = self.bad_loans * (0.25 * n.disposal)
        slack = min(max((self.capital_ratio() - self.floor()) / n.capital_buffer, n.growth_least), 1.0)
        self.closing = self.assets * (1.0 + 0.25 * out.growth[self.group] * slack)
        after = max(self.closing * n.loan_share * ratio, self.bad_loans - self.disposed)
        self.written_off = self.disposed * (1.0 - n.recovery)
        self.charge = self.written_off + n.provisioning * max(n.coverage * after - self.provisions, 0.0)
        self.provisions += self.charge - self.written_off
        self.defaulted = after - self.bad_loans + self.disposed
        self.bad_loans = after
        self.costs = self.revenue * (
            n.cost_ratio * (1.0 - n.cost_effect * (self.cost_skill - self.cost_skill_start))
        )

    def close_books(self) -> None:
        """Profit, dividend, issue of capital; growth."""
        n, out = self.n, self.system.outside
        before_tax = self.revenue + self.fee_income - self.costs - self.charge - 0.25 * self.spend
        self.profit = before_tax - n.tax_rate * max(before_tax, 0.0)
        self.dividend = n.payout * max(self.profit, 0.0)
        aimed = 0.01 * (out.capital[self.group] + self.capital_own) * n.risk_weight * self.closing
        gap = aimed - (self.capital + self.profit - self.dividend)
        if gap < 0.0:
            self.dividend = min(self.dividend - 0.25 * n.issue_speed * gap, max(self.profit, 0.0))
        kept = self.capital + self.profit - self.dividend
        self.issued = min(0.25 * n.issue_speed * max(gap, 0.0), 0.25 * n.issue_most * max(kept, 0.0))
        self.capital = kept + self.issued
        self.assets = self.closing

    # ------------------------------------------------------------ the year's plan

    def plan(self) -> None:
        """Budget, prices, running, division, projects, chances."""
        self.set_spending()
        self.set_prices()
        free = self.divide_spending()
        rates = self.climb_rates()
        self.perceive()
        self.divide_change(free, rates)
        self.start_projects()
        self.set_chances(rates)

    def set_spending(self) -> None:
        """What is spent in the year: habit, ambition, revenue, losses and capital."""
        n, years = self.n, self.system.years
        annual = 4.0 * self.revenue
        losses = 1.0 - n.burden * (self.charge / self.revenue - self.loss_usual)
        room = min(max(1.0 - (self.capital_ratio() - self.floor()) / n.capital_buffer, 0.0), 1.0)
        strain = min(max(losses * (1.0 - n.thin_capital * room), 0.4), 1.3)
        trend = n.ambition * n.keenness / n.ambition_end * (1.0 - math.exp(-n.ambition_end * years))
        aimed = (
            self.habit
            * self.revenue_start
            * math.exp(trend + n.elasticity * math.log(annual / self.revenue_start))
        )
        aimed *= strain * (1.0 + self.lever("budget"))
        self.steady *= math.exp(n.adjustment * math.log(aimed / self.steady))
        self.spend = self.steady * math.exp(n.lump_spread * self.due - 0.5 * n.lump_spread**2)
        real = n.staff_elasticity * (math.log(self.steady / self.spend_start) - n.wage_growth * years)
        self.staff_wanted = [w * math.exp(real) for w in self.wanted]

    def set_prices(self) -> None:
        """Price of own build, of packages by the cheapest way, of language models by the cheapest route."""
        n, s, years = self.n, self.system, self.system.years
        scale = self.assets_start / 2.0e5
        self.size = math.exp(n.price_scale * math.log(scale))
        self.own = self.size * n.price * math.exp(-n.price_fall * years)
        eased = 1.0 - self.lever("integration_relief")
        offers = [(1.0, h.OWN)]
        if self.vendors():
            offers.append(((n.vendor_price - n.vendor_step * self.vendors()) * eased, h.VENDOR))
        if self.exporter >= 0:
            offers.append((n.export_price * eased, h.EXPORT))
        if self.hub > 0.0:
            offers.append(((1.0 - n.union_saving * self.hub) * (1.0 - self.lever("hub_cost_relief")), h.HUB))
        if self.allies > 0:
            offers.append((n.alliance_price * (1.0 - self.lever("cost_sharing")), h.POOL))
        factor, self.package_way = min(offers, key=lambda offer: offer[0])
        self.packaged = self.own * factor
        share = s.participants_share()
        unclear = (
            0.25 * n.uncertainty if self.participant else n.uncertainty * (1.0 - n.watching * min(share, 1.0))
        )
        burden = 0.25 * n.rule_cost if self.participant else n.rule_cost
        relief = self.lever("pilot_relief") if self.participant else 0.0
        launched = max(years - (n.model_launch - 2020), 0.0)
        price = n.price * (1.0 + burden) * s.outside.model_price
        price *= n.model_price * max(math.exp(-math.log(2.0) / n.model_halving * launched), n.model_floor)
        build = n.build_cost * s.outside.open_weights * math.exp(n.build_scale * math.log(scale))
        routes = [
            (build * self.build_taste, build, h.BUILD),
            (n.buy_cost * self.size, n.buy_cost * self.size, h.BUY),
        ]
        if self.hub > n.hub_threshold:
            union = n.union_cost * s.outside.open_weights * self.size
            routes.append((union, union, h.UNION))
        if self.allies > 0:
            pooled = build / (1.0 + n.alliance_sharing * self.allies)
            routes.append((pooled, pooled, h.ALLIANCE))
        _, paid, self.offered_route = min(routes, key=lambda route: route[0])
        self.model_built, self.model_rented = price * build, price * paid
        self.model_factor = price * paid * (1.0 - relief)
        self.model_worth = 1.0 - unclear
        limit = {
            h.OWN: 1.0,
            h.VENDOR: n.vendor_ceiling * (1.0 - self.lever("lock_in")),
            h.EXPORT: n.export_ceiling * (1.0 - self.lever("lock_in")),
            h.HUB: n.union_ceiling * (1.0 - self.lever("hub_fit_loss")),
            h.POOL: n.alliance_ceiling,
        }
        self.ceiling = limit[self.package_way]

    def divide_spending(self) -> float:
        """Run, fees, change; what localisation, compliance and policies take of it. Returns what is left."""
        n = self.n
        own = rented = 0.0
        for k, item in enumerate(self.systems()):
            rung = self.rung[self.items.bought.start + k]
            value = (1.0 + n.mature_value if rung > 1 else float(rung)) * self.system.list_price[k]
            model = item.family == h.MODEL
            if self.way[k] == h.OWN:
                value *= self.model_built if model else self.own
                own += (
                    value * (1.0 - self.lever("technology_cost_relief"))
                    if item.dimension == h.TECHNOLOGY
                    else value
                )
            else:
                rented += value * (self.model_rented if model else self.packaged)
        own *= 1.0 - self.lever("run_cost_relief")
        need = (
            own * (n.run_rate * math.exp(-n.run_cheaper * self.system.years))
            + n.core_run * self.steady
            + (self.spend - self.steady)
        )
        fees = rented * n.fee_rate
        paid = min(1.0, n.run_most * self.spend / max(need + fees, 1e-9))
        self.run, self.fees, self.unpaid = need * paid, fees * paid, 1.0 - paid
        self.change = self.spend - self.run - self.fees
        self.claim = self.system.outside.claim * self.change
        self.compliance = n.compliance_share * (1.0 - self.lever("compliance_relief")) * self.change
        self.policy_cost = min(self.system.asked(self), 0.5 * self.change)
        return max(self.change - self.claim - self.compliance - self.policy_cost, 0.0)

    def systems(self) -> list[Any]:
        """The items that are bought."""
        return list(self.items.items[self.items.bought])

    def special(self, name: str) -> float:
        """What an item's hazard hangs on besides attention, money and rivals."""
        openness = sum(self.openness) / 3.0
        governed = 0.5 + 0.25 * (self.on("posts") + self.on("quality"))
        partners = self.vendors() + (self.exporter >= 0) + min(self.allies, 3)
        company, entry = 0.35 + 0.35 * partners, 1.0 / (1.0 - self.lever("entry_cost_relief"))
        factor: float = {
            "government": lambda: openness / 0.55 * governed,
            "market": lambda: (0.3 + 0.7 * openness / 0.55) * governed,
            "livelihood": lambda: (0.5 + 0.5 * openness / 0.55) * entry * self.crowding(name),
            "industry": lambda: company,
            "third_party": lambda: company * entry * self.crowding(name),
            "scenes": lambda: (0.6 + 0.2 * partners) * entry * self.crowding(name),
            "fintech": lambda: 0.2 + 0.55 * self.vendors(),
            "other_ecosystem": lambda: 0.4 + 0.3 * partners,
            "union": lambda: 2.0 * self.hub,
            "elder_access": lambda: entry,
        }.get(name, lambda: 1.0)()
        factor *= 1.0 + self.lever("guidance") * (name in GUIDED)
        factor *= 1.0 + self.lever("coordination_gain") * (name in COORDINATED)
        factor *= 1.0 + self.lever("governance_gain") * (name in GOVERNED)
        return factor * (1.0 + 3.0 * self.lever("training") * (name in TRAINED))

    def crowding(self, name: str) -> float:
        """Loss where many of the kind have entered alike scenes."""
        if not self.system.switches.crowding:
            return 1.0
        share = self.system.share_above(self.kind, self.items.at[name], 0)
        return float(1.0 / (1.0 + self.n.congestion * (1.0 - self.lever("congestion_relief")) * share))

    def above(self, j: int) -> float:
        """Share of its kind on a higher rung of an item."""
        return float(self.system.share_above(self.kind, j, self.rung[j]))

    def climb_rates(self) -> list[float]:
        """Rungs a year of mandates, ties and localisation at normal money."""
        n = self.n
        organised = 0.55 + 0.3 * self.on("coordination") + 0.15 * self.on("evaluation")
        rates = []
        for j, item in enumerate(self.items.items[self.items.climbed]):
            if item.family == h.CLAIM:
                paid = self.claim / max(self.change, 1e-9)
                upper = 1.0 if self.rung[j] == 0 else n.mature_factor
                rates.append(n.h_claim * self.items.ease[j] * paid * upper)
                continue
            d = item.dimension
            gap = min(max(self.aspiration[d] - self.like[d], 0.0), 20.0)
            rate = (n.attention_least + n.attention_slope * gap) * self.drive * organised
            rate *= 1.0 + n.spillover * self.system.ahead[self.row][d]
            rate *= (n.h_mandate if item.family == h.MANDATE else n.h_tie) * self.items.ease[j]
            rate *= 1.0 + n.peer * self.above(j)
            rate *= 1.0 if self.rung[j] == 0 else n.mature_factor
            rates.append(rate * self.special(item.id))
        return rates

    def perceive(self) -> None:
        """Cost, perceived points for a million and people of each system."""
        n, s = self.n, self.system
        start, foresees = self.items.bought.start, s.rule.foresees
        gain, self.cost, self.work, can = [], [], [], []
        for k, item in enumerate(self.systems()):
            model = item.family == h.MODEL
            price = self.own if item.routes == ("own",) else self.packaged
            cost = (self.model_factor if model else price) * s.list_price[k]
            self.cost.append(cost * self.cheaper(item.dimension))
            self.work.append(item.people * n.crew * self.size)
            seen = self.worth[k] * (n.model_taste * self.model_worth if model else 1.0)
            if item.data_sets:
                seen *= 0.5 + 0.8 * self.outside_data(item)
            gain.append(seen if foresees else seen * (1.0 + n.peer * self.above(start + k)))
            begun = not item.needs or self.on(item.needs) > 0
            on_sale = not model or self.decided()
            free = self.rung[start + k] == 0 and self.left[k] == 0 and self.relevant[start + k]
            can.append(free and begun and on_sale)
        if foresees:
            unlocked = list(gain)
            for k, item in enumerate(self.systems()):
                base = self.items.at[item.needs] - start if item.needs else k
                if base >= 0 and base != k and self.rung[start + k] == 0 and self.rung[start + base] == 0:
                    unlocked[base] += 0.7 * gain[k]
            gain = [g / ((1.0 + 5.0 * n.run_rate) / (1.0 - n.fail)) for g in unlocked]
        self.ratio = [g / c if ok else 0.0 for g, c, ok in zip(gain, self.cost, can, strict=True)]
        self.people = self.team() * (1.0 + 0.3 * self.lever("training"))
        self.load = sum(w for w, left in zip(self.work, self.left, strict=True) if left)
        self.free_people = max(1.2 * self.people - self.load, 0.0)

    def decided(self) -> bool:
        """Whether it has decided for language models."""
        n = self.n
        years = max(self.system.years - (n.model_launch - 2020) + 1.0, 0.0)
        willing = self.resolve < 1.0 - (1.0 - n.model_decision) ** (years + n.model_head_start)
        return years > 0 and (willing or self.participant or self.model_route != h.WAIT)

    def outside_data(self, item: Any) -> float:
        """Openness of the public data that a system feeds on."""
        return sum(self.openness[h.DATA_SETS.index(name)] for name in item.data_sets) / len(item.data_sets)

    def cheaper(self, d: int) -> float:
        """Factor of policies on prices and roll-out of a dimension."""
        relief = self.lever("technology_cost_relief") if d == h.TECHNOLOGY else 0.0
        keen = self.lever("productivity_gain") if d in (h.TECHNOLOGY, h.APPLICATION) else 0.0
        return (1.0 - relief) * (1.0 - keen)

    def divide_change(self, free: float, rates: list[float]) -> None:
        """Divide the money by the rule, keep back what is committed, fund mandates and ties."""
        n, s = self.n, self.system
        need = [s.climbing_items[d] * (n.need_money * self.size) for d in SIX]
        climbing, yielding = [0.0] * 6, [0.0] * 6
        for j, rate in enumerate(rates):
            item = self.items.items[j]
            climbing[item.dimension] += rate * (self.rung[j] < item.rungs) * s.points[j]
        for d, block in self.items.blocks.items():
            yielding[d] = sum(self.ratio[block]) / max(sum(r > 0 for r in self.ratio[block]), 1)
        outlook = PlainOutlook(self, free, need, climbing, yielding)
        self.shares = divide_money(s.world.allocation, outlook)
        kept = [n.carry * x if x > 0.0 else x for x in self.purse]
        self.lapsed = [a - b for a, b in zip(self.purse, kept, strict=True)]
        self.money = [self.shares[d] * free + kept[d] for d in SIX]
        self.need = need
        self.spent = []
        for d, most, first in zip(SIX, (2, 2, 0, 1, 1, 2), (1, 1, 0, 0.25, 0.25, 1), strict=True):
            there = max(self.money[d], 0.0)
            self.spent.append(min(there, need[d] * most, there * first))
        self.purse = [m - x for m, x in zip(self.money, self.spent, strict=True)]

    def start_projects(self) -> None:
        """Start the best projects that money and people allow; roll out with what is left."""
        s = self.system
        blocks, picks = dict(self.items.blocks), 4
        if s.rule.one_purse:
            self.purse[2] += self.purse[3] + self.purse[4]
            self.purse[3] = self.purse[4] = 0.0
            blocks, picks = {2: slice(0, len(self.left))}, 12
            hours = max(self.purse[2], 0.0) / max(self.free_people, 1e-3)
            self.ratio = [
                r * (c / (c + w * hours)) for r, c, w in zip(self.ratio, self.cost, self.work, strict=True)
            ]
        self.started = [False] * len(self.left)
        for d, block in blocks.items():
            self.pick(d, range(block.start, block.stop), picks)
        for k, item in enumerate(self.systems()):
            if not self.started[k]:
                continue
            model = item.family == h.MODEL
            own_only = item.routes == ("own",)
            way = s.way_of_route[self.offered_route] if model else self.package_way
            self.way[k] = h.OWN if own_only else way
            quick = (self.participant and model) + (self.way[k] != h.OWN)
            self.left[k] = max(item.quarters - quick, 1)
            if model and self.model_route == h.WAIT:
                self.model_route = self.offered_route
        if s.rule.one_purse:
            spare = max(self.purse[2], 0.0) / sum(self.need)
            extra = [
                min(spare * n, max(2.0 * n - x, 0.0)) for n, x in zip(self.need, self.spent, strict=True)
            ]
            self.spent = [x + e for x, e in zip(self.spent, extra, strict=True)]
            self.purse[2] -= sum(extra)
        self.fund = [
            2.0 * x / (x + n) if n > 0.0 else 1.0 for x, n in zip(self.spent, self.need, strict=True)
        ]
        self.roll_out(blocks)
        for d in SIX:
            left = min(max(self.purse[d], 0.0) / max(self.money[d], 1e-9), 1.0)
            block = self.items.blocks.get(d, slice(0, 0))
            want = any(self.ratio[k] > 0 and not self.started[k] for k in range(block.start, block.stop))
            self.idle[d], self.blocked[d] = (0.0, left) if want else (left, 0.0)
        self.paid = [m - x for m, x in zip(self.money, self.purse, strict=True)]
        self.load = sum(w for w, left in zip(self.work, self.left, strict=True) if left)

    def pick(self, d: int, places: range, picks: int) -> None:
        """Start the system with the most benefit for its price, again and again."""
        for _ in range(picks):
            stretch = self.purse[d] * self.n.stretch
            fits = [
                k
                for k in places
                if not self.started[k]
                and self.ratio[k] > 0
                and self.cost[k] <= stretch
                and self.work[k] <= self.free_people
            ]
            if not fits:
                return
            best = max(fits, key=lambda k: self.ratio[k])
            self.started[best] = True
            self.purse[d] -= self.cost[best]
            self.free_people -= self.work[best]

    def roll_out(self, blocks: dict[int, slice]) -> None:
        """Spend what is left on systems in use; the speed at which they ripen."""
        start = self.items.bought.start
        self.open_to, self.rolled = [], [0.0] * len(self.left)
        for k, item in enumerate(self.systems()):
            rung = self.rung[start + k]
            base = self.on(item.needs) if item.needs else 9
            ready = not item.needs or (base > rung if item.strict else base > 0)
            self.open_to.append(0 < rung < item.rungs and self.relevant[start + k] and ready)
        for d, block in blocks.items():
            places = range(block.start, block.stop)
            systems = [self.systems()[k] for k in places if self.open_to[k]]
            value = sum(item.price * self.cheaper(item.dimension) for item in systems)
            need = self.n.roll_out * self.size * value
            paid = min(max(self.purse[d], 0.0), 2.0 * need)
            for k in places:
                self.rolled[k] = 2.0 * paid / max(paid + need, 1e-6)
            self.purse[d] -= paid

    def set_chances(self, rates: list[float]) -> None:
        """Thresholds of the year's words."""
        n, s, items = self.n, self.system, self.items
        organised = 0.55 + 0.3 * self.on("coordination")
        self.up, self.down = [], []
        for rate, item in zip(rates, items.items[items.climbed], strict=True):
            fund = 1.0 if item.dimension == h.TECHNOLOGY else self.fund[item.dimension]
            self.up.append(65535 - word_of(min(rate * fund, 0.9)))
            self.down.append(word_of(n.loss_tie if item.family == h.TIE else n.loss_mandate))
        self.down_bought = word_of(n.loss_system * s.outside.ageing + n.loss_unpaid * self.unpaid)
        fail = n.fail * (1.3 - 0.2 * self.on("coordination")) * (1.0 - self.lever("productivity_gain"))
        tail = self.lever("failure_tail") if self.participant else 0.0
        team = math.sqrt(min(self.people / (n.crew * self.size * 10.0), 2.0))
        self.works, self.ripe = [], []
        for k, item in enumerate(self.systems()):
            model = item.family == h.MODEL
            word = self.word[items.bought.start + k]
            self.works.append(word >= word_of(fail + tail if model else fail))
            hazard = n.h_ripe * (n.model_ripening if model else 1.0) * items.ease[items.bought.start + k]
            hazard *= 1.0 if self.way[k] == h.OWN else self.ceiling
            hazard *= self.model_worth if model else 1.0
            hazard *= 0.55 + 0.9 * self.outside_data(item) if item.data_sets else 1.0
            rate = (
                self.rolled[k]
                * team
                * organised
                * hazard
                * (1.0 + n.peer * self.above(items.bought.start + k))
            )
            if item.shared:
                rate += n.hub_ripening * self.hub_gain * (1.0 - self.lever("hub_fit_loss"))
            self.ripe.append(65535 - word_of(min(rate, 0.9)) if self.open_to[k] else 65535)
        self.hub_threshold = 65535 - word_of(min(n.hub_delivery * self.hub, 0.9))

    # ------------------------------------------------------------ building

    def build(self, season: int) -> None:
        """Projects advance, items take their chance, people come and go, skills are realised."""
        self.advance_projects()
        self.take_turns(season)
        n = self.n
        hiring = n.hiring * (1.0 + self.lever("hiring_boost")) * (0.5 + 0.5 * self.fund[h.ORGANIZATION])
        trained = (n.train_base + n.train_step * self.on("training")) * (1.0 + self.lever("training"))
        leaving = self.leaving()
        self.staff = [
            x + 0.25 * (hiring * max(w - x, 0.0) - leaving * x)
            for x, w in zip(self.staff, self.staff_wanted, strict=True)
        ]
        moved = self.staff[0] * (0.25 * trained)
        self.staff[0] -= moved
        self.staff[2] += moved
        for name in SKILLS:
            before = getattr(self, f"{name}_skill")
            setattr(self, f"{name}_skill", before + 0.25 * n.benefit_speed * (self.built[name] - before))

    def advance_projects(self) -> None:
        """A quarter of work on projects; finished ones work or fail."""
        self.clock += min(self.team() / max(self.load, 1e-6), 1.0)
        if self.clock < 0.999:
            return
        self.clock -= 1
        for k in range(len(self.left)):
            if self.left[k]:
                self.left[k] -= 1
                if not self.left[k] and self.works[k]:
                    self.rung[self.items.bought.start + k] += 1

    def take_turns(self, season: int) -> None:
        """A quarter of the items climb, ripen or lose."""
        start, system = self.items.bought.start, self.systems()
        for k in range(season, len(system), 4):
            rung, word = self.rung[start + k], self.word[start + k]
            climbs = word > self.ripe[k] and 0 < rung < system[k].rungs
            falls = (word < self.down_bought and rung > 1) or (word < self.down_bought >> 3 and rung > 0)
            rung += climbs - falls
            if (
                self.system.any_member
                and word > self.hub_threshold
                and rung == 0
                and system[k].shared
                and not self.left[k]
            ):
                rung += 1
                self.way[k] = h.HUB
            self.rung[start + k] = rung
        for j in range(season, start, 4):
            rung, word, top = self.rung[j], self.word[j], self.items.items[j].rungs
            climbs = word > self.up[j] and rung < top and self.relevant[j]
            falls = (word < self.down[j] and rung > 1) or (word < self.down[j] >> 3 and rung > 0)
            self.rung[j] = rung + climbs - falls

    # ------------------------------------------------------------ measurement

    def measure(self) -> None:
        """Read stocks off, score, and work out skills."""
        n, at, s = self.n, self.items.at, self.system
        ratio = self.spend / ((4.0 * self.revenue + sum(self.revenue_before)) / 3.0)
        self.revenue_before = [4.0 * self.revenue, self.revenue_before[0]]
        self.rung[at["spend"]] = (ratio >= 0.02) + (ratio >= 0.05)
        need = 0.02 * n.need_people * (0.6 + 0.4 * self.index / 60.0)
        self.rung[at["composite"]] = int(self.staff[2] >= need)
        self.rung[at["data_people"]] = int(self.staff[1] >= need)
        if not self.joins_union:
            self.rung[at["union"]] = self.rung[at["fintech"]]
        self.dims = self.score(s.printed[min(s.year, max(s.printed))])
        like = self.score(s.printed[2020])
        self.gained = [a - b for a, b in zip(like, self.like, strict=True)]
        self.like, self.index = like, sum(like) / 6.0
        self.built = {name: self.skill(name) for name in SKILLS}

    def score(self, weights: Any) -> list[float]:
        """The report's arithmetic."""
        scores = [0.0] * 6
        for j, item in enumerate(self.items.items):
            scores[item.dimension] += self.rung[j] * float(weights[j])
        return scores

    def skill(self, name: str) -> float:
        """What the rungs bring."""
        place = BROUGHT.index(name)
        total = sum(self.rung[j] * item.brings[place] / item.rungs for j, item in enumerate(self.items.items))
        return float(total / sum(item.brings[place] for item in self.items.items))

    def aspire(self, rivals: list[float]) -> None:
        """Adapt what it expects of itself."""
        n = self.n
        self.aspiration = [
            n.aspiration_own * a
            + (1.0 - n.aspiration_own - n.aspiration_peers) * y
            + n.aspiration_peers * (r + n.lead)
            for a, y, r in zip(self.aspiration, self.like, rivals, strict=True)
        ]
