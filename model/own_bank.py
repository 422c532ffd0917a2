"""Banks that a user brings: each stands beside the system in several choices, which all meet the same luck.

Their rows lie behind the population's: they count in no mean, no market and no supplier's clients, and draw from
streams of their own, keyed by the bank's name, so that every other bank is the same to the last bit with and without
them, and a bank the same alone and among many.
"""

from dataclasses import dataclass
from types import MappingProxyType, SimpleNamespace
from typing import Any, Final

import numpy as np
from scipy.special import ndtri

from agents import mandates
from agents.honeycomb import BUILD, DELIVERY, DIMENSIONS, MANDATE, OWN, ROUTES, WAIT
from agents.items import Item
from model import calendar
from model.outcomes import BY_BANK, PAIN, measure
from model.own_opening import OPENING, opening
from model.own_plan import EXTRA, PAY, Choice, OwnAccount, OwnPlan
from model.population import InvalidWorld
from model.streams import uniform

SHARE_OF_KIND: Final = 1 / 3  # its size: the third of its kind that is nearest in assets
FEWEST_PEERS: Final = 5
MOST_WITH_ITEMS: Final = 60  # choices up to which every item is kept
DECIDED: Final = 0.9  # chance that a mandate that a plan decides stands within its year
TIED: Final = 6.0  # times the usual chance of a tie that a plan seeks
LEAST_EARNING: Final = 0.05  # share of assets that earns interest, where entered numbers leave less
A_YEAR: Final = "million yuan a year"
FLOWS: Final = MappingProxyType(
    {
        "revenue": (A_YEAR, "operating revenue"),
        "fee_income": (A_YEAR, "received for exported technology"),
        "costs": (A_YEAR, "operating cost without technology, own shocks included"),
        "charge": (A_YEAR, "charge for loan losses"),
        "technology_spending": (A_YEAR, "technology spending"),
        "tax": (A_YEAR, "tax on profits"),
        "net_profit": (A_YEAR, "revenue + fee income - costs - charge - technology - tax"),
        "dividend": (A_YEAR, "profit paid out"),
        "issued": (A_YEAR, "capital raised from outside"),
        "own_shock": (A_YEAR, "loss and cost that strike this bank alone, part of costs"),
        "digital_income": (A_YEAR, "revenue and savings from realised digital skill, against its first day"),
        "bridge_before": (A_YEAR, "revenue of its first quarter, over the same number of quarters"),
        "bridge_assets": (A_YEAR, "part of the change in revenue by assets"),
        "bridge_margin": (A_YEAR, "part of the change in revenue by margin and fees"),
        "bridge_market": (A_YEAR, "part of the change in revenue by its place in the loan market"),
        "bridge_digital": (A_YEAR, "part of the change in revenue by realised digital skill"),
        "run": (A_YEAR, "technology spending that keeps own systems running and renewed, with added people"),
        "fees": (A_YEAR, "technology spending on systems had from others"),
        "compliance": (A_YEAR, "technology spending on compliance"),
        "claim": (A_YEAR, "technology spending claimed by localisation"),
        "policy_cost": (A_YEAR, "technology spending on policies it uses"),
        "projects": (A_YEAR, "technology spending on projects, roll-out, mandates and ties"),
        "kept": (A_YEAR, "technology spending kept for the year after, below 0 where projects took more"),
        "added": (A_YEAR, "money from outside that the choice spends on top; part of projects"),
        "people_cost": (A_YEAR, "part of running that pays more people or more pay than on its first day"),
        "language_model_spending": (A_YEAR, "part of projects that goes to language models"),
    }
)
BRIDGE: Final = ("bridge_assets", "bridge_margin", "bridge_market", "bridge_digital")
BUDGET: Final = ("run", "fees", "compliance", "claim", "policy_cost", "projects", "kept")
STOCKS: Final = MappingProxyType(
    {
        "assets": ("million yuan", "total assets"),
        "capital_held": ("million yuan", "regulatory capital"),
        "bad_loans_held": ("million yuan", "non-performing loans"),
        "heads": ("people", "technology people"),
        "quarters": ("quarters", "quarters of the year in which it was followed"),
    }
)
PLACE: Final = MappingProxyType(
    {
        "index": ("points", "mean of the six scores"),
        "kind_median": ("points", "median index of its kind"),
        "percentile": ("percent", "banks of its kind and size with a lower index"),
        **{
            f"percentile_{n}": ("percent", f"banks of its kind and size with a lower score in {n}")
            for n in DIMENSIONS
        },
        "percentile_kind": ("percent", "banks of its kind with a lower index"),
        "peers": ("banks", "banks of its kind and size"),
        "new_technology": ("0-100", "score in new technology, which language models bring"),
        "inclusive_share": ("percent of its first quarter", "share of the inclusive-loan market"),
    }
)
OF_BANKS: Final = tuple(name for name in BY_BANK if name not in PAIN)
OWN_OUTCOMES: Final = MappingProxyType(
    {
        **{n: ("points", f"score in {n}") for n in DIMENSIONS},
        **PLACE,
        **FLOWS,
        **STOCKS,
        **{n: BY_BANK[n] for n in OF_BANKS},
        **OPENING,
    }
)
"""Once a year, at its end; ``item:<id>`` is the level of an item, 0-100."""

SCALED: Final = (
    "assets", "bad_loans", "provisions", "capital", "revenue", "revenue_start", "spend", "spend_start", "market",
    "market_start", "assets_start", "run", "fees", "change", "claim", "compliance", "policy_cost",
)  # fmt: skip


@dataclass
class _Due:
    """A planned project that can begin this year, in the replicates of ``open``."""

    number: int
    item: Item
    row: int  # of the items
    system: int  # of what is bought; negative for mandates and ties
    open: np.ndarray
    first: np.ndarray
    cost: np.ndarray
    route: str | None


class OwnBanks:
    """The rows of users' banks, one a bank and choice.

    A plan does what the user wrote down; ``like_its_kind`` decides by the rule of its kind; ``no_change`` only keeps
    its systems running. In all but ``like_its_kind`` what is paid for stays: running includes renewing what ages.

    Parameters
    ----------
    system : BankingSystem
    accounts : tuple of OwnAccount
    """

    def __init__(self, system: Any, accounts: tuple[OwnAccount, ...]) -> None:
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
        self.done = [
            np.zeros((len(c.plan.projects) if c.plan else 0, system.rows), bool) for _, c in self.choices
        ]
        self.values: dict[str, np.ndarray] = {}
        self.flows: dict[str, np.ndarray] = {}
        self.opening: dict[str, np.ndarray] = {}
        self.quarters = np.zeros(len(self.choices))
        shape = (len(self.choices), system.rows)
        self.spend_first, self.assets_first, self.staff_first = (
            np.zeros(shape),
            np.zeros(shape),
            np.zeros((3, *shape)),
        )
        self.change_first = np.full(shape, np.nan)
        self.struck, self.people_cost, self.pay = np.zeros(shape), np.zeros(shape), np.ones(shape)
        self.base = {n: np.zeros(shape) for n in ("margin", "bad", "revenue", "returned", "market")}
        self.near: dict[str, np.ndarray] = {}
        self.due: list[list[_Due]] = [[] for _ in self.choices]
        self.taken = np.zeros(system.rows)
        self.wished: np.ndarray | None = None

    # ------------------------------------------------------------ the first day

    def meet(self) -> None:
        """At the start of a quarter: banks whose day it is arrive; one that takes over another grows."""
        s = self.system
        for account, rows in zip(self.accounts, self.blocks, strict=True):
            if max(s.quarter, 0) == calendar.index(account.since) and not self.here[rows.start - self.first]:
                self._arrive(account, rows)
        taken = s.outside.own_takeover
        if ((taken > 0) & (self.taken == 0)).any() and s.quarter >= 0:
            self._take_over(np.where(self.taken == 0, taken, 0.0))
        self.taken = taken
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
        number = min(max(FEWEST_PEERS, round(SHARE_OF_KIND * len(size))), len(size))
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
            said = np.array(account.staff, float)[:, None, None]
            said = np.where(np.isnan(said), s.staff[:, rows], said)
            s.wanted[:, rows] *= said / s.staff[:, rows]
            s.staff[:, rows] = said
        self.staff_first[:, mine] = s.staff[:, rows]
        for row, (_, choice) in enumerate(self.choices[mine], rows.start):
            factor = 1.0 + choice.hired
            moved = choice.trained * s.staff[0, row]
            s.staff[:, row] *= factor
            s.wanted[:, row] *= factor
            s.staff[0, row] -= moved
            s.staff[2, row] += moved

    def _ties(self, account: OwnAccount, rows: slice) -> None:
        """Partners and membership; a vendor that the bank has beyond those that fell to it is the most popular one."""
        s = self.system
        has_partners = account.partners or {}
        vendors, exporting, allies = (has_partners.get(n) for n in ("vendors", "exporting_bank", "alliances"))
        if vendors is not None:
            popular = np.argmax(s.network.standing["vendor"], axis=0).astype(np.int8)
            for slot in range(len(s.vendor)):
                has = s.vendor[slot, rows]
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
        for name, said in (account.items or {}).items():
            if np.ndim(said):  # a chance for each rung: how far the answer is trusted
                edges = np.cumsum(said)[:-1, None]
                s.rung[at[name], rows] = (word[at[name]] > edges).sum(0)
            else:
                s.rung[at[name], rows] = said
        if account.scores is not None:
            self._meet_scores(100.0 * np.array(account.scores, float), rows, set(account.items or ()))

    def _meet_scores(self, aimed: np.ndarray, rows: slice, answered: set[str]) -> None:
        """Rungs whose scores come nearest to the user's: thresholds of what was not answered move together."""
        s, items = self.system, self.system.items
        level = np.linspace(-4.0, 4.0, 161)
        drawn = s.draws.normals("level", 6 + len(items))
        noise = 0.8 * drawn[6:, rows.start]
        weights = s.printed[min(max(s.year, min(s.printed)), max(s.printed))]
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
        year = min(max(s.year, min(s.printed)), max(s.printed))
        s.dims[:, rows] = items.scores(s.rung[:, rows], s.printed[year])
        s.like[:, rows] = items.scores(s.rung[:, rows], s.printed[min(s.printed)])
        s.gained[:, rows] = 0.0
        s.index[rows] = s.like[:, rows].sum(0) / len(DIMENSIONS)
        s.aspiration[:, rows] = s.like[:, rows] + p.lead_start
        for name, skill in zip(s.built, items.skills(s.rung[:, rows]), strict=True):
            getattr(s, name)[rows] = skill
            s.built[name][rows] = skill
        s.cost_skill_start[rows] = s.cost_skill[rows]

    def _spread(self, number: Any) -> np.ndarray:
        """A number by bank and row, so that a bank of one's own may have its own."""
        return np.broadcast_to(number, self.system.assets.shape).copy()

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
        returned = (
            1.0 + np.broadcast_to(p.revenue_effect * s.above_kind("revenue_skill"), s.assets.shape)[rows]
        )
        kept = np.where(s.exports_here[rows][:, None], s.outside.large_kept, s.outside.small_kept)
        s.market_start[rows] = s.market[rows] / kept  # its place in the market is in what it earns today
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
            skill = np.exp(-np.broadcast_to(p.risk_effect * s.above_kind("risk_skill"), s.assets.shape)[rows])
            s.bad_own[rows] = account.bad_loans / ((path) * skill)
        if account.coverage is not None:
            p.coverage[rows] = covered = np.full(covered.shape, account.coverage)
        s.provisions[rows] = s.bad_loans[rows] * covered
        if account.capital is not None:
            weight = np.broadcast_to(p.risk_weight, s.assets.shape)[rows]
            s.capital[rows] = 0.01 * account.capital * weight * assets

    def _enter_spending(self, account: OwnAccount, rows: slice, mine: slice, annual: np.ndarray) -> None:
        s = self.system
        now = s.spend[rows].copy()
        if account.technology_spending is not None:
            now = np.full(annual.shape, 1e-6 * account.technology_spending)
        elif account.spend_ratio is not None:
            now = account.spend_ratio * annual
        lift = now / s.spend[rows]
        for name in (
            "spend",
            "spend_start",
            "habit",
            "run",
            "fees",
            "change",
            "claim",
            "compliance",
            "policy_cost",
        ):
            getattr(s, name)[rows] *= lift
        self.spend_first[mine] = now

    def after_books(self) -> None:
        """After revenue and costs: a loss in the first quarter of a shock, a cost in every one."""
        s = self.system
        own = self._shocks()
        begins = np.array([[s.quarter == calendar.index(a.since)] for a, _ in self.choices])
        fresh = np.where(s.outside.own_loss_before == 0, s.outside.own_loss, 0.0)
        wide = np.where(s.outside.own_loss_rate_before == 0, s.outside.own_loss_rate, 0.0)
        yearly = s.outside.own_cost + own["cost"] + 0.01 * s.outside.own_cost_rate * s.assets[self.rows]
        lost = fresh + own["loss"] * begins + 0.01 * wide * s.assets[self.rows]
        self.struck = self.here[:, None] * (lost + 0.25 * yearly)
        s.costs[self.rows] += self.struck

    def _take_over(self, part: np.ndarray) -> None:
        """Take over an institution, its book three times as bad and its capital half as thick."""
        s, rows = self.system, self.rows
        part = part * self.here[:, None]
        s.bad_loans[rows] *= 1.0 + 3.0 * part
        s.provisions[rows] *= 1.0 + part
        s.capital[rows] *= 1.0 + 0.5 * part
        for name in ("assets", "assets_start", "revenue_start", "spend_start", "market", "market_start"):
            getattr(s, name)[rows] *= 1.0 + part
        s.revenue_before[:, rows] *= 1.0 + part
        # what it took over turns bad as often as its book says
        self.base["bad"] *= (1.0 + 3.0 * part) / (1.0 + part)
        self.base["market"] *= 1.0 + part

    # ------------------------------------------------------------ the year's plan

    def leaving(self, rate: np.ndarray) -> np.ndarray:
        """Attrition where a plan pays more: it falls as pay rises, one for one."""
        if (self.pay == 1.0).all():
            return rate
        rate = self._spread(rate)
        rate[self.rows] = np.maximum(rate[self.rows] / self.pay, 0.02)
        return rate

    def budget(self, need: np.ndarray, fees: np.ndarray, menu: SimpleNamespace) -> np.ndarray | float:
        """Set the year's spending, run cost and fees of the bank; returns the largest part that running may take.

        Core systems cost what they cost today, and grow with the bank; running includes the renewal of what ages.
        """
        s, p, rows = self.system, self.system.p, self.rows
        if not self.here.any():
            return np.asarray(p.run_most)
        own = self.here[:, None] & ~self.kind_rows[:, None]
        core = np.broadcast_to(p.core_run * s.spend, s.assets.shape)[rows]
        steady = np.broadcast_to(p.core_run, s.assets.shape)[rows] * self.spend_first
        steady = steady * s.assets[rows] / np.maximum(self.assets_first, 1e-9)
        renewed = self._renewals(menu)
        self._set_people(own)
        keeps = need[rows] - core + steady + renewed[0] + self.people_cost
        need[rows] = np.where(own, keeps, need[rows])
        fees[rows] = np.where(own, fees[rows] + renewed[1], fees[rows])
        duty = np.broadcast_to(
            s.outside.claim + p.compliance_share * (1.0 - s.lever("compliance_relief")), s.assets.shape
        )[rows]
        fresh = np.isnan(self.change_first) & own
        today = np.maximum(self.spend_first - need[rows] - fees[rows], 0.0)
        self.change_first = np.where(fresh, today, self.change_first)
        for row, (account, choice) in enumerate(self.choices):
            if not self.here[row] or self.kind_rows[row]:
                continue
            place = self.first + row
            asked = need[place] + fees[place]
            if choice.plan is None:
                s.spend[place] = asked + np.minimum(duty[row], 1.0) * self.change_first[row]
                continue
            self.due[row] = self._due(row, choice.plan, menu)
            s.spend[place] = choice.times * self._spending(row, account, choice.plan, asked, duty[row])
        most = self._spread(p.run_most)
        most[rows] = np.where(self.still_rows[:, None], 1.0, most[rows])
        return most

    def _spending(
        self, row: int, account: OwnAccount, plan: OwnPlan, asked: np.ndarray, duty: np.ndarray
    ) -> np.ndarray:
        s, year = self.system, self.system.year
        given = _of_year(plan.spending, year)
        if given is not None:
            return np.full(s.rows, 1e-6 * given)
        change = self._money(row, plan).sum(0)
        if _of_year(plan.dimensions, year) is not None or (plan.projects and not plan.spend_ratio):
            free = asked + change / np.maximum(1.0 - duty, 0.05)
            if _of_year(plan.dimensions, year) is not None:
                return free
        today = self.spend_first[row] / (4.0 * self.base["revenue"][row])
        ratio = plan.spend_ratio if plan.spend_ratio is not None else today
        usual: np.ndarray = ratio * 4.0 * s.revenue[self.first + row]
        return usual

    def _money(self, row: int, plan: OwnPlan) -> np.ndarray:
        """Money for change by dimension this year, million yuan (6, R): its projects' where the plan gives none."""
        given = _of_year(plan.dimensions, self.system.year)
        money = np.zeros((len(DIMENSIONS), self.system.rows))
        if given is not None:
            money += 1e-6 * np.array(given)[:, None]
        empty = money.sum(1) == 0
        for due in self.due[row]:
            if empty[due.item.dimension]:
                money[due.item.dimension] += due.cost * due.open
        return money

    def _renewals(self, menu: SimpleNamespace) -> tuple[np.ndarray, np.ndarray]:
        """What renewing the upper rungs that age costs a year: of own systems, and of those had from others."""
        s, p, rows, bought = self.system, self.system.p, self.rows, self.system.items.bought
        upper = (s.rung[bought, rows] > 1) * (s.list_price * p.mature_value)
        owned = s.way[:, rows] == OWN
        ages = np.asarray(p.loss_system) * s.outside.ageing
        mine, every = (upper * owned).sum(0), upper.sum(0)
        return ages * mine * menu.own[rows], ages * (every - mine) * menu.packaged[rows]

    def _set_people(self, own: np.ndarray) -> None:
        """Staff that the plan wants, what it pays, and what that costs beyond its first day."""
        s, p, rows = self.system, self.system.p, self.rows
        aimed, rate = self.staff_first.copy(), np.full((3, len(self.choices), 1), PAY)
        for row, (account, choice) in enumerate(self.choices):
            if account.pay is not None:
                rate[:, row, 0] = np.where(np.isnan(account.pay), PAY, account.pay)
            aimed[:, row] *= 1.0 + choice.hired
            if choice.plan is None or not self.here[row]:
                continue
            heads = _of_year(choice.plan.staff, s.year)
            if heads is not None:
                aimed[:, row] = np.array(heads)[:, None] / self._heads()[row]
            self.pay[row] = _of_year(choice.plan.pay, s.year) or 1.0
        leaving = np.broadcast_to(s.leaving(s.lever("attrition_cut")), s.assets.shape)[rows]
        wanted = aimed * (1.0 + leaving / np.broadcast_to(p.hiring, s.assets.shape)[rows])
        s.staff_wanted[:, rows] = np.where(own, wanted, s.staff_wanted[:, rows])
        more = (s.staff[:, rows] * self.pay - self.staff_first) * rate
        self.people_cost = np.where(own, np.maximum(more.sum(0), 0.0) * self._heads() * 1e-6, 0.0)

    def _heads(self) -> np.ndarray:
        """All employees, (choices, R)."""
        s = self.system
        a_head = np.broadcast_to(s.p.assets_a_head, s.assets.shape)[self.rows]
        every: np.ndarray = np.maximum(s.assets_start[self.rows] / a_head, 1.0)
        return every

    def duties(self) -> None:
        """A bank that changes nothing pays today's compliance and localisation, and uses no policy."""
        s, rows, still = self.system, self.rows, (self.still_rows & self.here)[:, None]
        claim = np.minimum(s.outside.claim * np.nan_to_num(self.change_first), s.change[rows])
        s.claim[rows] = np.where(still, claim, s.claim[rows])
        s.compliance[rows] = np.where(still, s.change[rows] - s.claim[rows], s.compliance[rows])
        s.policy_cost[rows] = np.where(still, 0.0, s.policy_cost[rows])

    def _due(self, row: int, plan: OwnPlan, menu: SimpleNamespace) -> list[_Due]:
        """Planned projects whose time has come and whose needs stand."""
        s, p, items, place = self.system, self.system.p, self.system.items, self.first + row
        found = []
        for number, project in enumerate(plan.projects):
            if calendar.index(project.start) // 4 > s.quarter // 4:
                continue
            j = items.at[project.item]
            item, rung, k = items.items[j], s.rung[j, place], j - items.bought.start
            can = ~self.done[row][number] & (rung < item.rungs)
            first = rung == 0
            price = np.broadcast_to(np.asarray(p.need_money * menu.size), s.assets.shape)[place]
            if item.routes or item.family in ("system", "model"):
                if item.needs:
                    base = s.rung[items.at[item.needs], place]
                    can &= base > (rung if item.strict else 0)
                can &= s.left[k, place] == 0
                stage = np.where(first, 1.0, p.mature_value)
                price = s.list_price[k, 0, 0] * stage * self._price(k, item, project.route, place, menu)
            else:
                k = -1
            cost = np.full(s.rows, 1e-6 * project.cost) if project.cost is not None else price
            found.append(_Due(number, item, j, k, can, first, cost, project.route))
        return found

    def _price(self, k: int, item: Item, route: str | None, place: int, menu: SimpleNamespace) -> np.ndarray:
        """Factor on the price of a system by the route asked for, the cheapest that is open where none is."""
        s, p = self.system, self.system.p
        if s.is_model[k, 0, 0]:
            return np.asarray(menu.model[place])
        if s.own_only[k, 0, 0] or route == "own":
            return np.asarray(menu.own[place])
        if route is None or not self._open(route, place).any():
            return np.asarray(menu.packaged[place])
        vendors = (s.vendor[:, place] >= 0).sum(0)
        factor = {
            "vendor": p.vendor_price - p.vendor_step * vendors,
            "export": p.export_price,
            "union": 1.0 - p.union_saving * s.hub[place],
            "alliance": p.alliance_price,
        }[route]
        price: np.ndarray = np.where(self._open(route, place), menu.own[place] * factor, menu.packaged[place])
        return price

    def _open(self, route: str, place: int) -> np.ndarray:
        """Where a route is open to the bank, bool (R,)."""
        s = self.system
        there = {
            "own": np.ones(s.rows, bool),
            "vendor": (s.vendor[:, place] >= 0).any(0),
            "export": s.exporter[place] >= 0,
            "union": s.hub[place] > 0,
            "alliance": s.allies[place] > 0,
        }
        return np.asarray(there[route])

    def divided(self, shares: np.ndarray) -> np.ndarray:
        """Shares with what a plan gives each dimension, in yuan or in parts."""
        s = self.system
        free = np.maximum(s.change - s.claim - s.compliance - s.policy_cost, 1e-9)
        for row, (account, choice) in enumerate(self.choices):
            if choice.plan is None or not self.here[row]:
                continue
            place, plan = self.first + row, choice.plan
            said = account.shares(plan)
            if said is not None:
                shares[:, place] = (np.array(said) / np.sum(said))[:, None]
            money = self._money(row, plan)
            total = money.sum(0)
            if _of_year(plan.dimensions, s.year) is not None:
                given = np.maximum(
                    money / np.maximum(total, 1e-12), 1e-12
                )  # rules divide by last year's shares
                shares[:, place] = np.where(total > 0, given, shares[:, place])
            elif self.due[row]:  # projects first, the rest as it would have been divided
                part = np.minimum(total / free[place], 1.0)
                projects = money / np.maximum(total, 1e-12)
                shares[:, place] = np.where(
                    total > 0, part * projects + (1.0 - part) * shares[:, place], shares[:, place]
                )
        return shares

    def closed(self) -> np.ndarray | None:
        """Routes to language models that a choice does not know, bool (routes, M, 1)."""
        if not self.here.any():
            return None
        mask = np.zeros((len(ROUTES), len(self.population.kind), 1), bool)
        for row, (_, choice) in enumerate(self.choices):
            known = choice.route or (choice.plan.language_model if choice.plan else None)
            if known is not None and known != ROUTES[WAIT] and self.here[row]:
                mask[BUILD:, self.first + row] = True
                mask[ROUTES.index(known), self.first + row] = False
        return mask

    def extra(self) -> np.ndarray:
        """Money from outside over free money, (6, M, 1)."""
        added = np.zeros((len(DIMENSIONS), len(self.population.kind), 1))
        for row, (_, choice) in enumerate(self.choices):
            if choice.more is not None and self.here[row]:
                added[choice.more, self.first + row] = EXTRA
        return added

    def held(self, money: np.ndarray) -> np.ndarray:
        """Money set aside for planned projects before mandates and ties, (6, M, R); what cannot be paid waits."""
        s, aside = self.system, np.zeros(money.shape)
        for row in range(len(self.choices)):
            left = money[:, self.first + row].copy()
            for due in self.due[row] if self.here[row] else ():
                d = due.item.dimension
                due.open &= (due.cost <= s.p.stretch * np.maximum(left[d], 0.0)) & (left[d] > 0)
                left[d] -= due.cost * due.open
                aside[d, self.first + row] += (
                    np.minimum(due.cost, np.maximum(left[d] + due.cost, 0.0)) * due.open
                )
        return aside

    def begin(self, menu: SimpleNamespace) -> np.ndarray:
        """Pay and begin planned projects; returns the systems begun, bool (B, M, R), closed to its own choice."""
        s, started = self.system, np.zeros(self.system.started.shape, bool)
        for row in range(len(self.choices)):
            place = self.first + row
            for due in self.due[row] if self.here[row] else ():
                s.purse[due.item.dimension, place] -= due.cost * due.open
                self.done[row][due.number] |= due.open
                if due.system < 0:
                    continue
                begins = due.open & due.first
                started[due.system, place] |= begins
                menu.ratio[due.system, place] *= ~due.open
                work = np.broadcast_to(s.crew_here[due.system, place] * menu.size[place], begins.shape)
                menu.free[place] -= work * begins
        return started

    def sign(self, menu: SimpleNamespace, started: np.ndarray) -> None:
        """Planned systems are had by the route that the plan names, where it is open."""
        s = self.system
        for row in range(len(self.choices)):
            for due in self.due[row] if self.here[row] else ():
                if due.system >= 0 and due.route in DELIVERY and not s.is_model[due.system, 0, 0]:
                    place = self.first + row
                    asked = started[due.system, place] & self._open(due.route, place)
                    s.way[due.system, place] = np.where(
                        asked, DELIVERY.index(due.route), s.way[due.system, place]
                    )

    def set_chances(self) -> None:
        """What is paid for stays; what a plan decides is done."""
        s, p, rows = self.system, self.system.p, self.rows
        own, still = (self.here & ~self.kind_rows)[:, None], (self.still_rows & self.here)[:, None]
        s.fund[:, rows] = np.where(still, 1.0, s.fund[:, rows])  # it goes on filling the posts it has
        unpaid = mandates.as_word(np.asarray(p.loss_unpaid * s.unpaid))[rows]
        s.down_bought[rows] = np.where(own, unpaid, s.down_bought[rows])
        for row in range(len(self.choices)):
            place = self.first + row
            for due in self.due[row] if self.here[row] else ():
                if due.system >= 0:
                    done = np.asarray(1.0 - np.broadcast_to(p.fail, s.assets.shape)[place])
                    bar = ~mandates.as_word(done)
                    s.ripe[due.system, place] = np.where(
                        due.open & ~due.first, bar, s.ripe[due.system, place]
                    )
                    continue
                usual = (65535 - s.up[due.row, place].astype(float)) / 65535
                chance = DECIDED if due.item.family == MANDATE else np.minimum(TIED * usual, DECIDED)
                bar = ~mandates.as_word(np.broadcast_to(np.asarray(chance, float), usual.shape))
                s.up[due.row, place] = np.where(
                    due.open, np.minimum(bar, s.up[due.row, place]), s.up[due.row, place]
                )
                s.relevant[due.row, place] |= due.open

    # ------------------------------------------------------------ what is kept

    def keep(self, year: int, years: int, year_end: bool) -> None:
        """Add up the quarter just run; at the year's end keep the year.

        Parameters
        ----------
        year, years : int
            Place of the year among those reported, and their number.
        year_end : bool
        """
        if not self.here.any():
            return
        for name, value in self._quarter().items():
            total = self.flows.setdefault(name, np.zeros(value.shape))
            total += value * self.here[:, None]
        self.quarters += self.here
        if year_end:
            if year >= 0:
                self._keep_year(year, years)
            self.flows, self.quarters = {}, np.zeros(len(self.choices))

    def _quarter(self) -> dict[str, np.ndarray]:
        """The quarter's flows, million yuan, (choices, R)."""
        s, p, rows = self.system, self.system.p, self.rows
        free = 0.25 * np.maximum(s.change - s.claim - s.compliance - s.policy_cost, 0.0)
        added = (free * self.extra().sum(0))[rows]
        models = (s.started[s.model_rows] * s.list_price[s.model_rows]).sum(0) * s.model_price
        costs, before = s.costs[rows], s.revenue[rows] + s.fee_income[rows]
        untaxed = before - costs - s.charge[rows] - 0.25 * s.spend[rows]
        spend = {
            name: 0.25 * getattr(s, name)[rows]
            for name in ("run", "fees", "compliance", "claim", "policy_cost")
        }
        projects = 0.25 * s.paid[:, rows].sum(0)
        saved = s.revenue * p.cost_ratio * p.cost_effect * (s.cost_skill - s.cost_skill_start)
        return {
            "revenue": s.revenue[rows],
            "fee_income": s.fee_income[rows],
            "costs": costs,
            "charge": s.charge[rows],
            "technology_spending": 0.25 * s.spend[rows],
            "tax": untaxed - s.profit[rows],
            "net_profit": s.profit[rows],
            "dividend": s.dividend[rows],
            "issued": s.issued[rows],
            "own_shock": self.struck,
            **spend,
            "projects": projects,
            "kept": 0.25 * s.spend[rows] - sum(spend.values()) - projects + added,
            "added": added,
            "people_cost": 0.25 * self.people_cost,
            "language_model_spending": 0.25 * np.broadcast_to(models, s.assets.shape)[rows],
            **self._bridge(saved),
        }

    def _bridge(self, saved: np.ndarray) -> dict[str, np.ndarray]:
        """The change in revenue against the first quarter, divided exactly by logarithmic means."""
        s, p, rows = self.system, self.system.p, self.rows
        now, first = s.revenue[rows], np.maximum(self.base["revenue"], 1e-12)
        here = np.where(self.here[:, None], first, now)
        apart = np.log(now / here)
        weight = np.where(np.abs(apart) > 1e-12, (now - here) / np.where(apart == 0, 1.0, apart), now)
        returned = (
            1.0 + np.broadcast_to(p.revenue_effect * s.above_kind("revenue_skill"), s.assets.shape)[rows]
        )
        kept = np.where(s.exports_here[rows][:, None], s.outside.large_kept, s.outside.small_kept)
        start = np.where(s.market_start[rows] > 0, s.market_start[rows] * kept, 1.0)
        held = np.where(s.market_start[rows] > 0, s.market[rows] / start, 1.0)
        weight_in = np.broadcast_to(p.inclusive_weight, s.assets.shape)[rows]
        place = np.log(np.maximum(1.0 + weight_in * (held - 1.0), 0.2))
        digital = np.log(returned / np.where(self.here[:, None], self.base["returned"], returned))
        grown = np.log(s.assets[rows] / np.where(self.here[:, None], self.assets_first, s.assets[rows]))
        parts = {"bridge_assets": grown, "bridge_market": place, "bridge_digital": digital}
        parts["bridge_margin"] = apart - grown - place - digital
        found = {name: weight * part for name, part in parts.items()}
        return found | {"bridge_before": here, "digital_income": found["bridge_digital"] + saved[rows]}

    def _keep_year(self, year: int, years: int) -> None:
        s, rows = self.system, self.rows
        measured = measure(s, True)
        own = {name: value[:, rows][d] for d, name in enumerate(DIMENSIONS) for value in (s.dims,)}
        own |= {name: np.broadcast_to(measured[name], s.assets.shape)[rows] for name in OF_BANKS}
        own |= self.flows
        index = s.dims.mean(0)
        table = s.items.weights(max(s.printed))
        new = [j for j, i in enumerate(s.items.items) if i.indicator == "new_technology"]
        most = max(sum(table[j] * s.items.items[j].rungs for j in new), 1e-9)
        own |= {
            "index": index[rows],
            "assets": s.assets[rows],
            "capital_held": s.capital[rows],
            "bad_loans_held": s.bad_loans[rows],
            "heads": s.staff[:, rows].sum(0) * self._heads(),
            "quarters": self.quarters[:, None],
            "new_technology": 100.0 * sum(s.rung[j, rows] * table[j] for j in new) / most,
            "inclusive_share": 100.0
            * s.market[rows]
            / np.where(self.here[:, None], self.base["market"], 1.0),
            **self._place(index),
        }
        if len(self.choices) <= MOST_WITH_ITEMS:
            own |= {f"item:{i.id}": 100.0 * s.rung[j, rows] / i.rungs for j, i in enumerate(s.items.items)}
        own |= self.opening
        self.opening = {}
        shape = (len(s.scenarios), len(s.replicates))
        for name, value in own.items():
            full = np.where(self.here[:, None], np.broadcast_to(value, (len(self.choices), s.rows)), np.nan)
            kept = self.values.setdefault(name, np.full((*shape, years, len(self.choices)), np.nan))
            kept[:, :, year] = full.T.reshape(*shape, -1)

    def _place(self, index: np.ndarray) -> dict[str, np.ndarray]:
        """Where the bank stands among its kind, and among those of its size."""
        s = self.system
        shape = (len(self.choices), s.rows)
        names = (
            "kind_median",
            "percentile_kind",
            "percentile",
            *(f"percentile_{n}" for n in DIMENSIONS),
            "peers",
        )
        found = {name: np.full(shape, np.nan) for name in names}
        for account, rows in zip(self.accounts, self.blocks, strict=True):
            mine = slice(rows.start - self.first, rows.stop - self.first)
            if not self.here[mine.start]:
                continue
            every, near = self._peers(account), self.near[account.name]
            alive = np.where(s.active[every], index[every], np.nan)
            found["kind_median"][mine] = np.nanmedian(alive, axis=0)
            found["percentile_kind"][mine] = _percentile(index[rows], index[every], s.active[every])
            found["percentile"][mine] = _percentile(index[rows], index[near], s.active[near])
            found["peers"][mine] = s.active[near].sum(0)
            for d, name in enumerate(DIMENSIONS):
                found[f"percentile_{name}"][mine] = _percentile(
                    s.dims[d][rows], s.dims[d][near], s.active[near]
                )
        return found


def _of_year(path: Any, year: int) -> Any:
    """What a path by year says of a year: the last given goes on; None before the first, or where none is given."""
    known = [y for y in path if y <= year]
    return path[max(known)] if known else None


def _percentile(own: np.ndarray, peers: np.ndarray, active: np.ndarray) -> np.ndarray:
    """Share of active peers with less, percent; an equal one counts half. ``own`` (choices, R), ``peers`` (n, R)."""
    found, number = np.empty(own.shape), np.maximum(active.sum(0), 1)
    for row, mine in enumerate(own):
        less = ((peers < mine) & active).sum(0) + 0.5 * ((peers == mine) & active).sum(0)
        found[row] = 100.0 * less / number
    return found
