"""The banking system: a Mesa model whose quarter is a table of contents."""

from collections.abc import Mapping, Sequence
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from agents import aspiration, capital, credit, income, mandates, people
from agents import honeycomb as h
from agents.allocation import Outlook, rule_of, shared, sound
from agents.items import BROUGHT, FIRST_EDITION
from agents.kinds import BANK_KINDS, Bank
from agents.state import BankStates, allocate
from model import calendar, peers, supervision
from model.environment import Outside
from model.levers import PolicyBook
from model.market import contest, lead_of_side
from model.mergers import Mergers
from model.network import WORDS, Network
from model.outcomes import Outcomes, signal
from model.own_bank import OwnBanks
from model.planning import plan
from model.policy import LEVERS
from model.questionnaire import Questionnaire
from model.record import Recorder
from model.start import initialise
from model.streams import Draws
from model.union import Unions
from model.world import Scenario, World

if TYPE_CHECKING:
    from mesa import AgentSet

SKILLS = tuple(f"{name}_skill" for name in BROUGHT)
OF_CHANCES = ("fail", "h_ripe", "mature_factor", "model_ripening", "peer", "run_rate", "spillover")
WAY_OF_ROUTE = (h.OWN, h.OWN, h.VENDOR, h.HUB, h.POOL)  # how a language model stands, by its route


class BankingSystem(BankStates, mesa.Model):
    """All scenarios and replicates of a batch, side by side on the last axis of every array.

    Arrays are (components, banks, rows), rows = scenarios x replicates; the states of ``agents.state.STATES`` are
    attributes. Money is million yuan.

    Parameters
    ----------
    world : World
        Population, questionnaire, numbers, horizon and seed.
    scenarios : sequence of Scenario
    replicates : sequence of int
        Numbers of the replicates; each scenario runs all of them on the same draws.
    """

    # besides its states: what the year's plan and the last measurement leave for the quarters
    index: np.ndarray
    margin: np.ndarray
    loss_usual: np.ndarray
    cost_skill_start: np.ndarray
    partner_luck: np.ndarray
    hub_gain: np.ndarray
    above: np.ndarray
    pull: np.ndarray
    counts: np.ndarray
    counted: np.ndarray
    word: np.ndarray
    load: np.ndarray
    works: np.ndarray
    up: np.ndarray
    down: np.ndarray
    down_bought: np.ndarray
    ripe: np.ndarray
    hub_threshold: np.ndarray
    staff_wanted: np.ndarray
    model_price: np.ndarray
    closing: np.ndarray
    mean_assets: np.ndarray
    built: dict[str, np.ndarray]
    kind_skill: dict[str, np.ndarray]
    rented: dict[int, np.ndarray]

    def __init__(self, world: World, scenarios: Sequence[Scenario], replicates: Sequence[int]) -> None:
        super().__init__(rng=world.seed)
        self.world, self.items = world, world.items
        self.scenarios, self.replicates = tuple(scenarios), tuple(replicates)
        self.rows = len(self.scenarios) * len(self.replicates)
        self.own = OwnBanks(self, world.own_banks) if world.own_banks else None
        self.banks = self.own.population if self.own else world.population
        self.draws = Draws(world.seed, replicates, len(scenarios), self.banks.size, self.banks.guests)
        self.p = world.numbers(replicates, len(scenarios), self.banks)
        self.rule = rule_of(world.allocation)
        # chances need seven digits; only where a division of money rests on them are they kept in full
        self.real = np.float64 if self.rule.foresees else np.float32
        self.f = SimpleNamespace(
            **{name: np.asarray(getattr(self.p, name), self.real)[()] for name in OF_CHANCES}
        )
        self._enrol()
        self._read_items()
        self.policies = PolicyBook(
            [s.policies for s in scenarios], self.banks, self.draws, world.sample_effects
        )
        self.paths = Outside(
            [s.environment for s in scenarios], [s.shocks for s in scenarios], len(self.replicates)
        )
        self.quarter = 0
        self._look_outside()
        self.quarter = -1  # always from 2020Q1; a later `world.start` only begins the record later
        self.last = calendar.index(world.end)
        initialise(self)
        self.rate_start = np.log(self.revenue / self.assets)
        self.unions, self.mergers = Unions(self), Mergers(self)
        self.unions.advance(-1)
        self.network = Network(self)
        if self.own:
            self.own.meet()
        self.measure(first=True)
        self.questionnaire = Questionnaire(self)
        self.recorder = Recorder(self)

    def step(self) -> None:
        """Run one quarter.

        1. **Outside**: the environment, policies and shocks in force.
        2. **Between banks**: mergers, unions, the loan market, failing vendors, all from last quarter's state; once a
           year places under supervision and partners, so that the order of banks cannot matter.
        3. **The books open**: revenue, bad loans and provisions.
        4. **The plan**, in the first quarter of a year: spending, division, projects, the chances of the year.
        5. **Building**: projects advance, items climb, ripen or are lost; people come and go; what is built pays later.
        6. **The books close**: profit, dividend, issue of capital, growth.
        7. **Measurement**: at the year's end true scores, aspirations and the survey; every quarter the record.
        """
        if self.quarter >= self.last:
            raise ValueError(
                f"the last quarter of this model is {self.world.end}: build it with a later end to go on"
            )
        self.quarter += 1
        self.running = self.quarter < self.last
        self._look_outside()
        self.meet()
        self.open_books()
        if calendar.first_of_year(self.quarter):
            plan(self)
        self.build()
        self.close_books()
        if calendar.last_of_year(self.quarter):
            self.measure()
            self.policies.look(self.quarter, partial(signal, self))
        self.recorder.record()

    # ------------------------------------------------------------ what stands throughout

    def _enrol(self) -> None:
        """Lay out the states of every bank, by the class of its kind."""
        population, number = self.banks, len(self.banks.kind)
        self.kinds = [BANK_KINDS.get(name) for name in population.kinds]
        self.kind_rows = tuple(population.rows(name) for name in population.kinds)
        self.reported_rows = [population.reported_rows(name) for name in population.kinds]
        self.small_kinds = [k for k, kind in enumerate(self.kinds) if not kind.exports]
        pairs = zip(self.kind_rows, self.reported_rows, strict=True)
        self.cohorts = tuple(part for whole, own in pairs for part in (own, slice(own.stop, whole.stop)))
        self.exports_here, self.imports_here, self.joins_union, self.may_exit = (
            np.array([getattr(self.kinds[k], trait) for k in population.kind], bool)
            for trait in ("exports", "imports", "joins_union", "may_exit")
        )
        self.joins_union &= ~population.village
        for name, column in allocate(self.items, number, self.rows).items():
            setattr(self, name, column)
        self.fixed_outcomes: tuple[np.ndarray, Outcomes] | None = None  # until the next plan
        self._census: peers.Census | None = None
        self.absorbed = np.zeros((number, self.rows), bool)
        self.enrolled, self.listed = False, self.active
        self.descended_on = ~self.exports_here[:, None]  # banks that large ones take clients from
        self.started = np.zeros(self.left.shape, bool)
        inside = population.in_first_tier[:, None]
        self.attrition = self.p.attrition * (inside * self.p.pull_first_tier + (1.0 - inside))
        self.openness_start = population.over_branches([p.openness for p in population.provinces])[:, None]
        self.undrawn = np.broadcast_to(0.5, self.shares.shape)
        self.plan_shares = shared(np.asarray(self.p.plan))[:, None, None] + np.zeros((6, number, self.rows))

    def _read_items(self) -> None:
        """Columns of the items that the rules read."""
        items, bought = self.items, self.items.bought
        systems = items.items[bought]
        self.price_list = items.column("price", bought)
        self.list_price = self.price_list / items.ease[bought][:, None, None]
        self.duration = items.column("quarters", bought, np.int8)
        self.crew = items.column("people", bought) * self.p.crew
        self.bought_top = items.top[bought]
        self.bought_ease = items.ease[bought][:, None, None].astype(np.float32)
        self.needs_nothing = np.array([not i.needs for i in systems])[:, None, None]
        self.strict = items.column("strict", bought, bool)
        self.is_model = np.array([i.family == h.MODEL for i in systems])[:, None, None]
        self.model_rows = np.flatnonzero(self.is_model)
        self.own_only = np.array([i.routes == ("own",) for i in systems])[:, None, None]
        self.price_class = np.where(self.is_model, 2, np.where(self.own_only, 0, 1))[:, 0, 0]
        self.crew_here = np.broadcast_to(self.crew, self.left.shape)
        self.is_shared = items.column("shared", bought, bool)
        self.way_of_route = np.array(WAY_OF_ROUTE, np.int8)
        self.fed = {
            k: tuple(h.DATA_SETS.index(name) for name in item.data_sets)
            for k, item in enumerate(systems)
            if item.data_sets
        }
        climbed = items.items[items.climbed]
        self.ties = np.array([int(item.family == h.TIE) for item in climbed])
        hazard = {h.MANDATE: self.p.h_mandate, h.TIE: self.p.h_tie, h.CLAIM: self.p.h_tie}
        hazards = np.broadcast_arrays(
            *(
                np.asarray(hazard[item.family], self.real) * self.real(ease)
                for item, ease in zip(climbed, items.ease, strict=False)
            )
        )
        wide = 1 if hazards[0].ndim == 0 else self.rows
        self.hazards = np.stack(hazards).reshape(len(hazards), -1, wide)
        counted = [i.dimension for i in climbed if i.family != h.CLAIM and not i.focus]
        self.climbing_items = np.bincount(counted, minlength=6).astype(float)
        self.scored_rows = [
            [j for j, item in enumerate(items.items) if item.scored and item.dimension == d] for d in range(6)
        ]
        self.tall = np.flatnonzero(items.top[:, 0, 0] > 2).tolist()
        self.turns = [slice(q, None, 4) for q in range(4)]
        self.printed = items.printed
        self.points = self.printed[max(self.printed)]

    @property
    def agents(self) -> "AgentSet[mesa.Agent[Any]]":
        """Every bank as a Mesa agent of its kind's class; they are made when they are first asked for.

        A bank that has been merged away in every row is an agent no more.
        """
        if not self.enrolled:
            self.enrolled = True
            for row, kind in enumerate(self.banks.kind[: self.banks.size]):
                self.kinds[kind](self, row)
        agents = super().agents
        if self.listed is not self.active:
            self.listed = self.active
            there = self.active.any(1)
            for bank in [bank for bank in agents if isinstance(bank, Bank) and not there[bank.row]]:
                self.deregister_agent(bank)
        return agents

    def withdraw(self, row: int) -> None:
        """Take a bank out of the market in every run: nobody takes over what it owned, its partners lose it.

        Parameters
        ----------
        row : int
            Row of the columns; a bank's own ``remove`` calls this.
        """
        active = self.active.copy()
        active[row] = False
        self.active, self.fixed_outcomes = active, None
        self.network.withdraw(row)

    @property
    def agents_by_type(self) -> "Mapping[type[mesa.Agent[Any]], AgentSet[mesa.Agent[Any]]]":
        """The banks by kind."""
        assert self.agents is not None
        return super().agents_by_type

    @property
    def years(self) -> float:
        """Years since the start of 2020."""
        return self.quarter // 4

    @property
    def year(self) -> int:
        """Calendar year."""
        return calendar.FIRST_YEAR + self.quarter // 4

    def lever(self, name: str) -> np.ndarray | float:
        """Strength of a policy lever by bank and row; 0.0 where no policy is in force."""
        return self.levers[name]

    @property
    def census(self) -> peers.Census:
        """How many banks there are; counted anew when some have been merged away."""
        if self._census is None or self._census.active is not self.active:
            self._census = peers.Census(self.active, self.cohorts, self.small_kinds)
        return self._census

    def capital_ratio(self) -> np.ndarray:
        """Capital over risk-weighted assets, percent."""
        return capital.ratio(self.capital, self.assets, self.p.risk_weight)

    @property
    def floor(self) -> np.ndarray:
        """Capital ratio required, percent."""
        floor: np.ndarray = self.p.capital_floor + self.outside.floor_rise
        return floor

    def leaving(self, cut: np.ndarray | float) -> np.ndarray:
        """Attrition of technology people, 1/year: the kind's, stronger outside first-tier cities, less policy."""
        rate: np.ndarray = np.maximum(self.attrition - cut, 0.02)
        return self.own.leaving(rate) if self.own else rate

    def climbed(self) -> np.ndarray:
        """Rungs climbed by dimension, int16 (6, M, R)."""
        total = np.empty((6, *self.assets.shape), np.int16)
        for d, rows in enumerate(self.scored_rows):
            np.add.reduce(self.rung[rows], 0, out=total[d])
        return total

    def crowding(self, item: str) -> np.ndarray:
        """Factor on entering scenes that many of a kind have entered already, ``1 / (1 + c share)`` (H009)."""
        if not self.world.switches.crowding:
            return np.ones(self.assets.shape)
        loss = self.p.congestion * (1.0 - self.lever("congestion_relief"))
        result: np.ndarray = 1.0 / (1.0 + loss * self.entered(item))
        return result

    def entered(self, item: str) -> np.ndarray:
        """Part of each bank's kind that has an item, 0-1."""
        j = self.items.at[item]
        share = self.counts[:, j, 0] / np.maximum(self.counted, 1)
        result: np.ndarray = share[self.banks.kind]
        return result

    def share_draws(self) -> np.ndarray:
        """Uniform draws of the year for rules that divide by chance; asked for only where a rule reads them."""
        if self.world.allocation != "random" and "drawn" not in self.rule.divide.__code__.co_names:
            return self.undrawn
        return self.draws.uniforms(f"shares/{self.year}", 6)

    def divided(self, outlook: Outlook) -> np.ndarray:
        """Shares by the study's rule, or by a kind's own."""
        shape, rule = outlook.shares.shape, self.world.allocation
        weights = sound(self.rule.divide(outlook), shape, f"the allocation rule {rule}")
        for kind, rows in zip(self.kinds, self.kind_rows, strict=True):
            if kind.overrides("divide"):
                part = {k: v[..., rows, :] if np.ndim(v) >= 2 else v for k, v in vars(outlook).items()}
                weights = np.array(weights)
                own = kind.divide(self.rule, Outlook(**part))
                weights[:, rows] = sound(own, part["shares"].shape, kind.__name__)
        shares = shared(weights)
        return self.own.divided(shares) if self.own else shares

    def users(self) -> dict[str, np.ndarray]:
        """Which banks use what policies offer, bool (M, R), by ``model.policy.USERS``."""
        at = self.items.at
        return {
            "takers": self.active,
            "participants": self.participant & self.active,
            "data_users": (self.rung[at["government"]] > 0) & self.active,
            "clients": ((self.exporter >= 0) | (self.vendor >= 0).any(0)) & self.active,
            "allies": (self.allies > 0) & self.active,
            "members": (self.hub > 0) & self.active,
        }

    # ------------------------------------------------------------ the phases of a quarter

    def _look_outside(self) -> None:
        """Read the environment, the shocks and the policies in force."""
        quarter = max(self.quarter, 0)
        self.outside = self.paths.at(quarter)
        self.levers = self.policies.in_force(quarter)
        level = self.openness_start + self.outside.openness
        on = 1.0 if self.world.switches.platforms else 0.0
        self.openness[:] = on * np.minimum(np.maximum(level, 0.0), 0.95)
        for k, name in enumerate(("data_tax", "data_social", "data_utilities")):
            if isinstance(more := self.lever(name), np.ndarray):
                self.openness[k] = on * np.minimum(np.maximum(level + more, 0.0), 0.95)
        for name in self.policies.acts:
            strength, act = self.levers[name], LEVERS.get(name).act
            if isinstance(strength, np.ndarray) and act is not None:
                act(self, strength)

    def meet(self) -> None:
        """Settle what happens between banks."""
        if self.own:
            self.own.meet()
        if calendar.first_of_year(self.quarter):
            self.word = self.draws.bank_words(f"items/{self.year}", len(self.items))
            self.partner_word, self.alliance_word = self.draws.partner_words(
                self.year, WORDS, len(self.network.pairs)
            )
        self.mergers.advance(self.quarter)
        self.unions.advance(self.quarter)
        self._lose_vendors()
        if calendar.first_of_year(self.quarter):
            supervision.admit(self)
            self.network.renew()
            self.above = peers.standing_above(self.counts, self.counted, self.real)
            moved = slice(0, self.items.bought.stop)
            self.pull = peers.by_rung(1 + self.f.peer * self.above[moved], self.rung[moved], self.banks.kind)
        large, there = self.exports_here, self.active[: self.banks.size]
        lead = lead_of_side(self.market_skill, self.market, large, there)
        self.market = contest(self.market, large, self.outside.descent, lead, self.p.contest, there)

    def _lose_vendors(self) -> None:
        """A failed vendor takes its contracts along, and a rung of what those had whose first vendor it was."""
        struck = self.network.strike(self.outside.vendor_outage, self.outside.vendors_struck)
        if struck is None:
            return
        hit = np.zeros(self.vendor.shape, bool)
        for v in range(len(struck)):
            hit |= (self.vendor == v) & struck[v]
        first = np.take_along_axis(hit, (self.vendor >= 0).argmax(0)[None], 0)[0]
        bought = self.items.bought
        lost = first & (self.way == h.VENDOR) & (self.rung[bought] > 0)
        lost &= self.word[bought] < mandates.as_word(np.asarray(self.p.outage_loss))
        self.rung[bought] -= lost.view(np.int8)
        self.vendor = np.where(hit, np.int8(-1), self.vendor)
        self.network.count_clients()
        self.fixed_outcomes = None

    def open_books(self) -> None:
        """Revenue, growth of the book, bad loans of the book that the quarter closes with, and provisions."""
        if self.own:
            self.own.before_books()
        p, outside, group = self.p, self.outside, self.banks.group
        margin = np.maximum(outside.margin[group] + self.margin_own, 0.1)
        kept = np.where(self.exports_here[:, None], outside.large_kept, outside.small_kept)
        place = income.market_place(self.market, self.market_start, kept)
        factor = np.maximum(income.market_factor(place, p.inclusive_weight), 0.2)
        returned = p.revenue_effect * self.above_kind("revenue_skill")
        self.margin = margin
        self.revenue = income.revenue(
            self.assets, margin, p.earning_share, p.fee_rate_income, factor, returned
        )
        lost = np.maximum(1.0 - place, 0.0) * self.descended_on
        path, skill = outside.bad_loans[group], self.above_kind("risk_skill")
        ratio = credit.bad_loan_ratio(path, self.bad_own, p.risk_effect, skill, p.creaming, lost)
        pace = capital.growth(
            outside.growth[group], self.capital_ratio(), self.floor, p.capital_buffer, p.growth_least
        )
        self.closing = self.assets * (1.0 + 0.25 * pace)
        self.mean_assets = 0.5 * (self.assets + self.closing)
        loans = self.closing * p.loan_share
        book = credit.settle(
            loans, ratio, self.bad_loans, self.provisions, p.disposal, p.recovery, p.coverage, p.provisioning
        )
        self.bad_loans, self.provisions, self.defaulted, self.disposed, self.written_off, self.charge = book
        self.costs = income.operating_cost(
            self.revenue, p.cost_ratio, p.cost_effect, self.cost_skill - self.cost_skill_start
        )
        if self.own:
            self.own.after_books()

    def above_kind(self, name: str) -> np.ndarray:
        """A realised skill less the mean of the kind at the last year's end: outturns hold the mean already."""
        result: np.ndarray = getattr(self, name) - self.kind_skill[name]
        return result

    def build(self) -> None:
        """Projects advance, items climb or are lost, people come and go, skills are realised."""
        self._advance_projects()
        self._take_turns(self.turns[self.quarter % 4])
        p = self.p
        hiring = p.hiring * (1.0 + self.lever("hiring_boost")) * (0.5 + 0.5 * self.fund[h.ORGANIZATION])
        trained = (p.train_base + p.train_step * self.rung[self.items.at["training"]]) * (
            1.0 + self.lever("training")
        )
        self.staff = people.turn_over(
            self.staff, self.staff_wanted, hiring, self.leaving(self.lever("attrition_cut")), trained
        )
        for name in SKILLS:
            setattr(self, name, income.realised(getattr(self, name), self.built[name], p.benefit_speed))

    def _advance_projects(self) -> None:
        """A quarter of work; a bank short of people ticks more slowly; a finished project works or fails."""
        team = people.teams(self.staff, self.assets_start, self.p.assets_a_head, self.p.on_projects)
        self.clock = self.clock + np.minimum(team / np.maximum(self.load, 1e-6), 1.0)
        tick = (self.clock >= 0.999).view(np.int8)
        self.clock = self.clock - tick
        done = (self.left > 0) & (self.left <= tick) & self.works
        self.left -= np.minimum(self.left, tick)
        self.rung[self.items.bought] += done.view(np.int8)

    def _take_turns(self, some: slice) -> None:
        """The quarter's part of the items take their chance of the year."""
        items, bought = self.items, self.items.bought
        rung = self.rung[bought][some]  # a view: the state itself is written
        word = self.word[bought][some]
        ripe = self.ripe[some]
        lost = self.down_bought
        climbs = (word > ripe) & (rung > 0) & (rung < self.bought_top[some])
        falls = ((word < lost) & (rung > 1)) | ((word < lost >> 3) & (rung > 0))
        rung += climbs.view(np.int8) - falls.view(np.int8)
        if self.unions.member.any():
            open_to = self.is_shared[some] & (rung == 0) & (self.left[some] == 0)
            delivered = (word > self.hub_threshold) & open_to
            rung += delivered.view(np.int8)
            np.copyto(self.way[some], np.int8(h.HUB), where=delivered)
        part = items.climbed
        rung, word = self.rung[part][some], self.word[part][some]
        rung += mandates.moved(
            word, self.up[some], self.down[some], rung, items.top[part][some], self.relevant[part][some]
        )

    def close_books(self) -> None:
        """Profit, dividend, issue of capital; the book has grown."""
        p, group = self.p, self.banks.group
        before_tax = self.revenue + self.fee_income - self.costs - self.charge - 0.25 * self.spend
        closed = capital.close(
            before_tax,
            self.capital,
            self.closing,
            p.risk_weight,
            p.tax_rate,
            p.payout,
            self.outside.capital[group] + self.capital_own,
            p.issue_speed,
            p.issue_most,
        )
        self.profit, self.dividend, self.issued, self.capital = closed
        self.assets = self.closing

    def share_fees(self) -> None:
        """What exporting banks receive of the year's fees, million yuan a quarter; once a year."""
        self.rented = self.rented_by(h.EXPORT, h.HUB)
        self.fee_income = np.zeros_like(self.assets)
        counted, exporters = slice(0, self.banks.size), self.network.exporters
        clients = np.flatnonzero((self.exporter[counted] >= 0) & self.active[counted])
        if not self.network.on or not len(exporters) or not len(clients):
            return
        places = self.exporter[counted].ravel()[clients].astype(np.intp) * self.rows + clients % self.rows
        paid = (0.25 * self.fees * self.rented[h.EXPORT])[counted].ravel()[clients]
        total = np.bincount(places, weights=paid, minlength=len(exporters) * self.rows)  # bank after bank
        self.fee_income[exporters] = total.reshape(len(exporters), self.rows)

    def rented_by(self, *ways: int) -> dict[int, np.ndarray]:
        """Part of the systems had from others that is had in each of some ways, by number, 0-1 (M, R)."""
        stands = self.rung[self.items.bought] > 0

        def number(had: np.ndarray) -> np.ndarray:
            counted: np.ndarray = np.add.reduce((stands & had).view(np.int8), 0, dtype=np.int8)
            return counted

        rented = np.maximum(number(self.way != h.OWN), 1)
        return {way: number(self.way == way) / rented for way in ways}

    def measure(self, first: bool = False) -> None:
        """Read stocks off, score every bank, and let it adapt what it expects of itself; once a year."""
        p, items = self.p, self.items
        self.read_off()
        if not first:
            self.revenue_before = np.stack([4.0 * self.revenue, self.revenue_before[0]])
        self.dims = items.scores(self.rung, self.year)
        like = items.scores(self.rung, FIRST_EDITION) if self.year > FIRST_EDITION else self.dims.copy()
        self.gained = np.zeros_like(like) if first else like - self.like
        self.like = like
        self.index = (like[0] + like[1] + like[2] + like[3] + like[4] + like[5]) / 6.0
        self.counted = self.census.kinds
        self.counts = peers.standings(self.rung, self.census, self.kind_rows, self.tall)
        rivals = peers.means(self, like)
        self.aspiration = (
            like + p.lead_start
            if first
            else aspiration.adapt(self.aspiration, like, rivals, p.aspiration_own, p.aspiration_peers, p.lead)
        )
        self.built = dict(zip(SKILLS, items.skills(self.rung), strict=True))
        if first:
            for name, skill in self.built.items():
                setattr(self, name, skill.copy())
            self.cost_skill_start = self.cost_skill.copy()
        self.kind_skill = {
            name: peers.means(self, getattr(self, name)) for name in ("risk_skill", "revenue_skill")
        }

    def read_off(self, banks: slice = slice(None)) -> None:
        """Items that are read off stocks: spending over three years' revenue, people, the union's support."""
        p, rung, at = self.p, self.rung[:, banks], self.items.at
        before = self.revenue_before[:, banks]
        ratio = self.spend[banks] / ((4.0 * self.revenue[banks] + before[0] + before[1]) / 3.0)
        rung[at["spend"]] = (ratio >= 0.02).view(np.int8) + (ratio >= 0.05).view(np.int8)  # T001-T004
        index = getattr(self, "index", np.full(self.assets.shape, 50.0))[banks]
        rung[at["composite"]] = people.supplied(self.staff[h.COMPOSITE, banks], index, p.need_people)
        rung[at["data_people"]] = people.supplied(self.staff[h.DATA_PEOPLE, banks], index, p.need_people)
        member = self.joins_union[banks, None]
        rung[at["union"]] = np.where(member, rung[at["union"]], rung[at["fintech"]])
