"""The day on which a user's bank arrives: its size, people, partners, rungs and books are what the user says."""

from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import ndtri

from agents.honeycomb import COMPOSITE, DIMENSIONS, ROUTES, TECHNOLOGISTS
from agents.items import FIRST_EDITION
from model import calendar
from model.own_opening import opening
from model.own_plan import Choice, OwnAccount
from model.policy import draw
from model.population import InvalidWorld
from model.streams import uniform

if TYPE_CHECKING:
    from model.system import BankingSystem

MOST_WITH_ITEMS: Final = 60  # choices up to which every item is kept
LEAST_EARNING: Final = 0.05  # share of assets that earns interest, where entered numbers leave less

SCALED: Final = (
    "assets", "bad_loans", "provisions", "capital", "revenue", "revenue_start", "spend", "steady", "spend_start",
    "market", "market_start", "assets_start", "run", "fees", "change", "claim", "compliance", "policy_cost",
)  # fmt: skip


SPENT: Final = (
    "spend", "steady", "spend_start", "habit", "run", "fees", "change", "claim", "compliance", "policy_cost",
)  # fmt: skip
TAKEN_OVER: Final = (
    "assets", "assets_start", "revenue_start", "spend_start", "steady", "provisions", "market", "market_start",
)  # fmt: skip


class OwnEntry:
    """The rows of users' banks, one a bank and choice, until their first books are closed.

    Parameters
    ----------
    system : BankingSystem
    accounts : tuple of OwnAccount
    """

    def __init__(self, system: "BankingSystem", accounts: tuple[OwnAccount, ...]) -> None:
        self.system, self.accounts = system, accounts
        population = system.world.population
        if len({account.name for account in accounts}) < len(accounts):
            raise InvalidWorld("bank.name", "two banks of your own have the same name")
        codes = [province.code for province in population.provinces]
        for account in accounts:
            rows = population.reported_rows(account.kind)
            if rows.stop == rows.start:
                raise InvalidWorld(
                    "bank.kind",
                    f"the population has no {account.kind} banks to compare {account.name!r} with",
                )
        self.choices: list[tuple[OwnAccount, Choice]] = [(a, c) for a in accounts for c in a.rows]
        self.population = population.joined_by(
            [
                (a.name, a.kind, codes.index(a.province), a.assets, a.focus, a.branches)
                for a, _ in self.choices
            ]
        )
        self.first = population.size
        self.rows = slice(self.first, self.first + len(self.choices))
        stops = np.cumsum([len(account.rows) for account in accounts]) + self.first
        self.blocks = [slice(int(e) - len(a.rows), int(e)) for a, e in zip(accounts, stops, strict=True)]
        self.kind_rows = np.array([c.plan is None and not c.still for _, c in self.choices])
        self.still_rows = np.array([c.plan is None and c.still for _, c in self.choices])
        self.here = np.zeros(len(self.choices), bool)
        self.opening: dict[str, np.ndarray] = {}
        shape = (len(self.choices), system.rows)
        self.spend_first, self.assets_first = np.zeros(shape), np.zeros(shape)
        self.staff_first = np.zeros((3, *shape))
        self.struck = np.zeros(shape)
        self.base = {n: np.zeros(shape) for n in ("margin", "bad", "revenue", "returned", "market")}
        self.near: dict[str, np.ndarray] = {}
        self.wished: np.ndarray | None = None

    @cached_property
    def judged(self) -> dict[str, np.ndarray]:
        """What is judged of users' banks, the same for all of them and in every scenario of a run, (R,)."""
        ranges, sampled = self.system.world.own_judged, self.system.world.ensemble is not None
        luck = uniform(self.system.draws.words("own banks: what is judged", len(ranges)))
        return {
            name: draw(low, usual, high, row) if sampled and low < high else np.full(row.shape, usual)
            for (name, (low, usual, high)), row in zip(ranges.items(), luck, strict=True)
        }

    # ------------------------------------------------------------ the first day

    def meet(self) -> None:
        """At the start of a quarter: banks whose day it is arrive; one that takes over another grows."""
        s = self.system
        for account, rows in zip(self.accounts, self.blocks, strict=True):
            if max(s.quarter, 0) == calendar.index(account.since) and not self.here[rows.start - self.first]:
                self._arrive(account, rows)
        if s.outside.own_takeover.any() and s.quarter >= 0:
            self._take_over(s.outside.own_takeover)
        ended = [(r, a, c) for r, (a, c) in enumerate(self.choices, self.first) if c.wait]
        for row, account, choice in ended:
            if s.quarter == calendar.index(account.since) + choice.wait and self.wished is not None:
                s.relevant[s.model_rows + s.items.bought.start, row] = self.wished[:, row - self.first]

    def _arrive(self, account: OwnAccount, rows: slice) -> None:
        """Size, people, partners and rungs are what the user says; what is not said stays as it fell."""
        s = self.system
        mine = slice(rows.start - self.first, rows.stop - self.first)
        self.here[mine] = True
        factor = 1e-6 * account.assets / s.assets[rows]
        for name in SCALED:
            getattr(s, name)[rows] *= factor
        s.revenue_before[:, rows] *= factor
        s.paid[:, rows] *= factor
        s.purse[:, rows] = 0.0
        s.left[:, rows] = 0
        self._people(account, rows, mine)
        self._ties(account, rows)
        self._rungs(account, rows)
        models = s.model_rows + s.items.bought.start
        if self.wished is None:
            self.wished = np.zeros((len(models), len(self.choices), s.rows), bool)
        self.wished[:, mine] = s.relevant[models, rows]
        for row, (_, choice) in enumerate(self.choices[mine], rows.start):
            if self.still_rows[row - self.first]:
                s.relevant[:, row] = False
            if choice.wait or (choice.plan and choice.plan.language_model == "wait" and not choice.route):
                s.relevant[models, row] = False
        if s.quarter >= 0:
            self._measure(account, rows)
        size = np.abs(np.log(s.world.population.assets[self._peers(account)] / account.assets))
        part, least = (float(np.max(self.judged[name])) for name in ("peers", "peers_least"))
        number = min(max(int(least), round(part * len(size))), len(size))
        near = self._peers(account)[np.argsort(size, kind="stable")[:number]]
        self.near[account.name] = near

    def _peers(self, account: OwnAccount) -> np.ndarray:
        rows = self.system.world.population.reported_rows(account.kind)
        return np.arange(rows.start, rows.stop)

    def _people(self, account: OwnAccount, rows: slice, mine: slice) -> None:
        s = self.system
        if account.employees is not None:
            s.p.assets_a_head = self._spread(s.p.assets_a_head)
            s.p.assets_a_head[rows] = s.assets_start[rows] / account.employees
        if account.staff is not None:
            staff = np.array(account.staff, float)[:, None, None]
            staff = np.where(np.isnan(staff), s.staff[:, rows], staff)
            s.wanted[:, rows] *= staff / s.staff[:, rows]
            s.staff[:, rows] = staff
        self.staff_first[:, mine] = s.staff[:, rows]
        for row, (_, choice) in enumerate(self.choices[mine], rows.start):
            factor = 1.0 + choice.hired
            moved = choice.trained * s.staff[TECHNOLOGISTS, row]
            s.staff[:, row] *= factor
            s.wanted[:, row] *= factor
            s.staff[TECHNOLOGISTS, row] -= moved
            s.staff[COMPOSITE, row] += moved

    def _ties(self, account: OwnAccount, rows: slice) -> None:
        """Partners and membership; vendors beyond those that fell to the bank are the most popular ones left."""
        s = self.system
        has_partners = account.partners or {}
        vendors, exporting, allies = (has_partners.get(n) for n in ("vendors", "exporting_bank", "alliances"))
        if vendors is not None:
            number, standing = np.arange(s.network.number)[:, None, None], s.network.standing["vendor"]
            for slot in range(len(s.vendor)):
                has, had = s.vendor[slot, rows], (s.vendor[:, None, rows] == number).any(0)
                left = np.where(had | s.network.failed[:, None], -1, standing[:, None])
                popular = np.where(left.max(0) < 0, -1, left.argmax(0))
                s.vendor[slot, rows] = np.where(has < 0, popular, has) if slot < vendors else np.int8(-1)
        if exporting is not None:
            has = s.exporter[rows]
            s.exporter[rows] = np.maximum(has, 0) if exporting and len(s.network.exporters) else np.int8(-1)
        if allies is not None:
            s.allies[rows] = allies
        if account.union is not None:
            there = account.union and s.unions.has[s.banks.province[rows]] & s.world.switches.unions
            s.joins_union[rows] = account.union
            s.unions.member[rows] = there
            s.rung[s.items.at["union"], rows] = np.where(account.union, s.rung[s.items.at["union"], rows], 0)
        if account.language_model is not None:
            s.model_route[rows] = ROUTES.index(account.language_model)

    def _rungs(self, account: OwnAccount, rows: slice) -> None:
        s, at = self.system, self.system.items.at
        self._read_off(account, rows)
        word = uniform(s.draws.words(f"answers: own bank {account.name}", len(s.items)))
        for name, answer in (account.items or {}).items():
            if np.ndim(answer):  # a chance for each rung: how far the answer is trusted
                edges = np.cumsum(answer)[:-1, None]
                s.rung[at[name], rows] = (word[at[name]] > edges).sum(0)
            else:
                s.rung[at[name], rows] = answer
        if account.scores is not None:
            self._meet_scores(100.0 * np.array(account.scores, float), rows, set(account.items or ()))

    def _meet_scores(self, aimed: np.ndarray, rows: slice, answered: set[str]) -> None:
        """Rungs whose scores come nearest to the user's: thresholds of what was not answered move together."""
        s, items = self.system, self.system.items
        level = np.linspace(-4.0, 4.0, 161)
        drawn = s.draws.normals("level", 6 + len(items))
        noise = 0.8 * drawn[6:, rows.start]
        weights = items.printed_in(s.year)
        for d in np.flatnonzero(np.isfinite(aimed)):
            here = [j for j, i in enumerate(items.items) if i.dimension == d]
            free = [
                j
                for j in here
                if items.items[j].family not in ("people", "spending") and items.items[j].id not in answered
            ]
            rung, score = np.zeros((len(free), len(level), s.rows), np.int8), np.zeros((len(level), s.rows))
            for k, j in enumerate(free):
                for share in items.items[j].shares:
                    bar = -ndtri(np.clip(share, 1e-4, 1 - 1e-4))
                    rung[k] += (level[:, None] + noise[j] > bar).view(np.int8)
                score += rung[k] * weights[j]
            rest = (s.rung[j, rows.start] * weights[j] for j in here if j not in free)
            best = np.argmin(np.abs(score + sum(rest, start=np.zeros(s.rows)) - aimed[d]), axis=0)
            for k, j in enumerate(free):
                s.rung[j, rows] = np.take_along_axis(rung[k], best[None], 0)[0]

    def _read_off(self, account: OwnAccount, rows: slice) -> None:
        """Items that are read off stocks, of which spending enters the books only with the first quarter."""
        s, ratio = self.system, account.ratio
        if s.quarter >= 0:
            s.read_off(rows)
            if ratio is not None:
                s.rung[s.items.at["spend"], rows] = int(ratio >= 0.02) + int(ratio >= 0.05)  # T001-T004

    def _measure(self, account: OwnAccount, rows: slice) -> None:
        """Scores, aspirations and skills of what the bank entered; on 2020's first day the system measures itself."""
        s, p, items = self.system, self.system.p, self.system.items
        self._read_off(account, rows)
        s.dims[:, rows] = items.scores(s.rung[:, rows], s.year)
        s.like[:, rows] = items.scores(s.rung[:, rows], FIRST_EDITION)
        s.gained[:, rows] = 0.0
        s.index[rows] = s.like[:, rows].sum(0) / len(DIMENSIONS)
        s.aspiration[:, rows] = s.like[:, rows] + p.lead_start
        for name, skill in zip(s.built, items.skills(s.rung[:, rows]), strict=True):
            getattr(s, name)[rows] = skill
            s.built[name][rows] = skill
        s.cost_skill_start[rows] = s.cost_skill[rows]

    def _spread(self, number: np.ndarray | float) -> np.ndarray:
        """A number by bank and row, so that a bank of one's own may have its own."""
        return np.broadcast_to(number, self.system.assets.shape).copy()

    def of(self, number: np.ndarray | float, rows: slice | int | np.ndarray) -> np.ndarray:
        """What a number of all banks is for some rows."""
        return np.broadcast_to(number, self.system.assets.shape)[rows]

    def returned(self, rows: slice) -> np.ndarray:
        """Factor on revenue from realised digital skill."""
        return 1.0 + self.of(self.system.p.revenue_effect * self.system.above_kind("revenue_skill"), rows)

    def share_kept(self, rows: slice) -> np.ndarray:
        """What its side of the market kept of its share."""
        large, outside = self.system.exports_here[rows, None], self.system.outside
        kept: np.ndarray = np.where(large, outside.large_kept, outside.small_kept)
        return kept

    # ------------------------------------------------------------ the books

    def before_books(self) -> None:
        """Before the quarter's revenue: what was entered is what is used on the first day; then what strikes it."""
        s = self.system
        for account, rows in zip(self.accounts, self.blocks, strict=True):
            if s.quarter == calendar.index(account.since):
                self._enter(account, rows)
                if len(self.choices) <= MOST_WITH_ITEMS:
                    self._open_books(rows, self.near[account.name])
        if not self.here.any():
            return
        path, group = s.outside.bad_loans[s.banks.group[self.rows]], self._shocks()
        margin = s.outside.own_margin + group["margin"]
        loans = s.outside.own_bad_loans + group["bad_loans"]
        here = self.here[:, None]
        s.margin_own[self.rows] = np.where(here, self.base["margin"] + margin, s.margin_own[self.rows])
        worse = self.base["bad"] + loans / np.maximum(path, 1e-6)
        s.bad_own[self.rows] = np.where(here, np.maximum(worse, 0.0), s.bad_own[self.rows])

    def _open_books(self, rows: slice, near: np.ndarray) -> None:
        """Keep what the model uses on the bank's first day until the year's end."""
        for name, value in opening(self, rows, near).items():
            kept = self.opening.setdefault(name, np.full((len(self.choices), self.system.rows), np.nan))
            kept[rows.start - self.first : rows.stop - self.first] = value

    def _shocks(self) -> dict[str, np.ndarray]:
        fields = ("margin", "bad_loans", "loss", "cost")
        return {
            f: np.array([[getattr(c.shock, f)] for _, c in self.choices]) * self.here[:, None] for f in fields
        }

    def _enter(self, account: OwnAccount, rows: slice) -> None:
        """Margin, fees, revenue, costs, bad loans and capital as entered, found back in the first quarter's books.

        Shocks are left out: what was entered is what is there without them.
        """
        s, p = self.system, self.system.p
        mine = slice(rows.start - self.first, rows.stop - self.first)
        for name in ("earning_share", "fee_rate_income", "cost_ratio", "loan_share", "coverage"):
            setattr(p, name, self._spread(getattr(p, name)))
        assets, group = s.assets[rows], s.banks.group[rows]
        path = s.outside.margin[group] - s.outside.margin_shock
        returned = self.returned(rows)
        s.market_start[rows] = s.market[rows] / self.share_kept(
            rows
        )  # its place in the market is in what it earns today
        if account.margin is not None:
            s.margin_own[rows] = account.margin - path
        if account.fees is not None:
            p.fee_rate_income[rows] = 1e-4 * account.fees / (assets * returned)
        margin = np.maximum(path + s.margin_own[rows], 0.1)
        if account.revenue is not None:
            rate = 1e-4 * account.revenue / (assets * returned) - p.fee_rate_income[rows]
            if account.margin is not None:
                p.earning_share[rows] = np.maximum(rate / margin, LEAST_EARNING)
            else:
                s.margin_own[rows] = np.maximum(rate / p.earning_share[rows], 0.1) - path
                margin = path + s.margin_own[rows]
        annual = 0.01 * assets * (p.earning_share[rows] * margin + p.fee_rate_income[rows]) * returned
        self._enter_loans(account, rows)
        self._enter_spending(account, rows, mine, annual)
        if account.operating_costs is not None:
            besides = np.maximum(1e-6 * account.operating_costs - self.spend_first[mine], 0.0)
            p.cost_ratio[rows] = besides / annual
        s.rate_start[rows] = np.log(0.25 * annual / assets)
        s.revenue_before[:, rows] = annual
        first = (s.margin_own[rows], s.bad_own[rows], 0.25 * annual, returned, s.market[rows])
        for name, value in zip(("margin", "bad", "revenue", "returned", "market"), first, strict=True):
            self.base[name][mine] = value
        self.assets_first[mine] = assets

    def _enter_loans(self, account: OwnAccount, rows: slice) -> None:
        s, p, assets = self.system, self.system.p, self.system.assets[rows]
        covered = s.provisions[rows] / np.maximum(s.bad_loans[rows], 1e-9)
        if account.loans is not None:
            p.loan_share[rows] = account.loans / account.assets
        if account.bad_loans is not None:
            path = s.outside.bad_loans[s.banks.group[rows]] - s.outside.bad_loans_shock
            s.bad_loans[rows] = 0.01 * account.bad_loans * assets * p.loan_share[rows]
            skill = np.exp(-self.of(p.risk_effect * s.above_kind("risk_skill"), rows))
            s.bad_own[rows] = account.bad_loans / (path * skill)
        if account.coverage is not None:
            p.coverage[rows] = covered = np.full(covered.shape, account.coverage)
        s.provisions[rows] = s.bad_loans[rows] * covered
        if account.capital is not None:
            s.capital[rows] = 0.01 * account.capital * self.of(p.risk_weight, rows) * assets
            aimed = s.outside.capital[s.banks.group[rows]] - s.outside.floor_rise
            s.capital_own[rows] = account.capital - aimed

    def _enter_spending(self, account: OwnAccount, rows: slice, mine: slice, annual: np.ndarray) -> None:
        s = self.system
        now = s.spend[rows].copy()
        if account.technology_spending is not None:
            now = np.full(annual.shape, 1e-6 * account.technology_spending)
        elif account.spend_ratio is not None:
            now = account.spend_ratio * annual
        lift = now / s.spend[rows]
        for name in SPENT:
            getattr(s, name)[rows] *= lift
        s.paid[:, rows] *= lift
        self.spend_first[mine] = now

    def after_books(self) -> None:
        """After revenue and costs: a loss in the first quarter of a shock, a cost in every one."""
        s = self.system
        self.earning = s.assets[self.rows]  # the book as the quarter opens: when it is kept, it has grown
        own = self._shocks()
        begins = np.array([[s.quarter == calendar.index(a.since)] for a, _ in self.choices])
        yearly = s.outside.own_cost + own["cost"] + 0.01 * s.outside.own_cost_rate * s.assets[self.rows]
        lost = s.outside.own_loss + own["loss"] * begins
        lost = lost + 0.01 * s.outside.own_loss_rate * s.assets[self.rows]
        self.struck = self.here[:, None] * (lost + 0.25 * yearly)
        s.costs[self.rows] += self.struck

    def _take_over(self, part: np.ndarray) -> None:
        """Take over an institution, whose book is worse and whose capital is thinner."""
        s, rows = self.system, self.rows
        part = part * self.here[:, None]
        bad, capital = self.judged["takeover_bad"], self.judged["takeover_capital"]
        s.bad_loans[rows] *= 1.0 + bad * part
        s.capital[rows] *= 1.0 + capital * part
        for name in TAKEN_OVER:
            getattr(s, name)[rows] *= 1.0 + part
        s.revenue_before[:, rows] *= 1.0 + part
        # what it took over turns bad as often as its book says
        self.base["bad"] *= (1.0 + bad * part) / (1.0 + part)
        self.base["market"] *= 1.0 + part
