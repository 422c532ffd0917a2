"""The year's plan of a user's bank: what a plan pays, begins and decides, beside what keeps running."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np

from agents import mandates
from agents.honeycomb import BUILD, DELIVERY, DIMENSIONS, MANDATE, MODEL, OWN, ROUTES, WAIT
from agents.items import Item
from agents.language_model import CLOSED
from model import calendar
from model.own_entry import OwnEntry
from model.own_plan import EXTRA, OwnAccount, OwnPlan

if TYPE_CHECKING:
    from model.system import BankingSystem


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


class OwnYear(OwnEntry):
    """Rows that do in a year what their plan says.

    A plan does what the user wrote down; ``like_its_kind`` decides by the rule of its kind; ``no_change`` only keeps
    its systems running. In all but ``like_its_kind`` what is paid for stays: running includes renewing what ages.
    """

    def __init__(self, system: "BankingSystem", accounts: tuple[OwnAccount, ...]) -> None:
        super().__init__(system, accounts)
        shape = (len(self.choices), system.rows)
        self.change_first = np.full(shape, np.nan)
        self.people_cost, self.pay = np.zeros(shape), np.ones(shape)
        self.paid_models = np.zeros(shape)
        self.due: list[list[_Due]] = [[] for _ in self.choices]
        self.done = [
            np.zeros((len(c.plan.projects) if c.plan else 0, system.rows), bool) for _, c in self.choices
        ]

    def leaving(self, rate: np.ndarray) -> np.ndarray:
        """Attrition where a plan pays more: it falls as pay rises."""
        if (self.pay == 1.0).all():
            return rate
        rate = self._spread(rate)
        rate[self.rows] = np.maximum(rate[self.rows] / self.pay ** self.judged["pay_response"], 0.02)
        return rate

    def budget(self, need: np.ndarray, fees: np.ndarray, menu: SimpleNamespace) -> np.ndarray | float:
        """Set the year's spending, run cost and fees of the bank; returns the largest part that running may take.

        Core systems cost what they cost today, and grow with the bank; running includes the renewal of what ages.
        """
        s, p, rows = self.system, self.system.p, self.rows
        if not self.here.any():
            return np.asarray(p.run_most)
        own = self.here[:, None] & ~self.kind_rows[:, None]
        grown = self.spend_first * s.assets[rows] / np.maximum(self.assets_first, 1e-9)
        renewed = self._renewals(menu)
        self._set_people(own)
        besides = self.of(p.core_run, rows) * (grown - s.steady[rows]) + renewed[0] + self.people_cost
        need[rows] += np.where(own, besides, 0.0)
        fees[rows] = np.where(own, fees[rows] + renewed[1], fees[rows])
        duty = self.of(s.outside.claim + p.compliance_share * (1.0 - s.lever("compliance_relief")), rows)
        fresh = np.isnan(self.change_first) & own
        today = np.maximum(self.spend_first - need[rows] - fees[rows], 0.0)
        self.change_first = np.where(fresh, today, self.change_first)
        for row, (account, choice) in enumerate(self.choices):
            if not self.here[row] or self.kind_rows[row]:
                continue
            place = self.first + row
            running = need[place] + fees[place]
            if choice.plan is None:
                s.spend[place] = running + np.minimum(duty[row], 1.0) * self.change_first[row]
                continue
            self.due[row] = self._due(row, choice.plan, menu)
            s.spend[place] = choice.times * self._spending(row, account, choice.plan, running, duty[row])
        most = self._spread(p.run_most)
        most[rows] = np.where(self.still_rows[:, None], 1.0, most[rows])
        return most

    def _spending(
        self, row: int, account: OwnAccount, plan: OwnPlan, running: np.ndarray, duty: np.ndarray
    ) -> np.ndarray:
        s, year = self.system, self.system.year
        total = _of_year(plan.spending, year)
        if total is not None:
            return np.full(s.rows, 1e-6 * total)
        if _of_year(plan.dimensions, year) is not None:
            change = self._money(row, plan).sum(0)
            return np.asarray(running + change / np.maximum(1.0 - duty, 0.05))
        today = self.spend_first[row] / (4.0 * self.base["revenue"][row])
        ratio = plan.spend_ratio if plan.spend_ratio is not None else today
        usual: np.ndarray = ratio * 4.0 * s.revenue[self.first + row]
        return usual

    def _money(self, row: int, plan: OwnPlan) -> np.ndarray:
        """Money for change by dimension this year, million yuan (6, R): its projects' where the plan gives none."""
        yuan = _of_year(plan.dimensions, self.system.year)
        money = np.zeros((len(DIMENSIONS), self.system.rows))
        if yuan is not None:
            money += 1e-6 * np.nan_to_num(yuan)[:, None]
        empty = money.sum(1) == 0
        for due in self.due[row]:
            if empty[due.item.dimension]:
                money[due.item.dimension] += due.cost * due.open
        return money

    def _renewals(self, menu: SimpleNamespace) -> tuple[np.ndarray, np.ndarray]:
        """What renewing the upper rungs that age costs a year: of own systems, and of those had from others."""
        s, p, rows, bought = self.system, self.system.p, self.rows, self.system.items.bought
        upper = (s.rung[bought, rows] > 1) * (s.list_price * p.mature_value)
        owned, model = s.way[:, rows] == OWN, s.is_model[:, 0, 0].view(np.int8)
        ages = np.asarray(p.loss_system) * s.outside.ageing
        mine, theirs = (today[:, rows][model] for today in menu.today)
        return ages * (upper * owned * mine).sum(0), ages * (upper * ~owned * theirs).sum(0)

    def _set_people(self, own: np.ndarray) -> None:
        """Staff that the plan wants, what it pays, and what that costs beyond its first day."""
        s, p, rows = self.system, self.system.p, self.rows
        aimed, rate = self.staff_first.copy(), np.zeros(self.staff_first.shape)
        for row, (account, choice) in enumerate(self.choices):
            salaries = np.full(3, np.nan) if account.pay is None else np.asarray(account.pay, float)
            rate[:, row] = np.where(np.isnan(salaries)[:, None], self.judged["pay"], salaries[:, None])
            aimed[:, row] *= 1.0 + choice.hired
            if choice.plan is None or not self.here[row]:
                continue
            heads = _of_year(choice.plan.staff, s.year)
            if heads is not None:
                ratio = np.array(heads)[:, None] / self._heads()[row]
                aimed[:, row] = np.where(np.isnan(ratio), aimed[:, row], ratio)
            paid = _of_year(choice.plan.pay, s.year)
            today = self.judged["pay"] if np.isnan(salaries).all() else np.nanmean(salaries)
            self.pay[row] = paid / today if paid else 1.0
        leaving = self.of(s.leaving(s.lever("attrition_cut")), rows)
        wanted = aimed * (1.0 + leaving / self.of(p.hiring, rows))
        s.staff_wanted[:, rows] = np.where(own, wanted, s.staff_wanted[:, rows])
        more = (s.staff[:, rows] * self.pay - self.staff_first) * rate
        self.people_cost = np.where(own, np.maximum(more.sum(0), 0.0) * self._heads() * 1e-6, 0.0)

    def _heads(self) -> np.ndarray:
        """All employees, (choices, R)."""
        s = self.system
        a_head = self.of(s.p.assets_a_head, self.rows)
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
        """Planned projects whose time has come and whose needs stand, one a year of an item."""
        s, p, items, place = self.system, self.system.p, self.system.items, self.first + row
        account, choice = self.choices[row]
        waits = choice.wait > s.quarter - calendar.index(account.since)
        projects: list[_Due] = []
        for number, project in enumerate(plan.projects):
            if calendar.index(project.start) // 4 > s.quarter // 4:
                continue
            j = items.at[project.item]
            item, rung, k = items.items[j], s.rung[j, place], j - items.bought.start
            can = ~self.done[row][number] & (rung < item.rungs)
            for other in projects:
                can &= ~other.open | (other.row != j)
            first = rung == 0
            price = self.of(p.need_money * menu.size, place)
            if item.routes or item.family in ("system", "model"):
                if item.needs:
                    base = s.rung[items.at[item.needs], place]
                    can &= base > (rung if item.strict else 0)
                can &= s.left[k, place] == 0
                if s.is_model[k, 0, 0]:
                    can &= menu.offered[place] & (not waits)  # by the route that the bank is held to
                stage = np.where(first, 1.0, p.mature_value)
                price = s.list_price[k, 0, 0] * stage * self._price(k, item, project.route, place, menu)
            else:
                k = -1
            cost = np.full(s.rows, 1e-6 * project.cost) if project.cost is not None else price
            projects.append(_Due(number, item, j, k, can, first, cost, project.route))
        return projects

    def _price(self, k: int, item: Item, route: str | None, place: int, menu: SimpleNamespace) -> np.ndarray:
        """Factor on the price of a system, by the route asked for where it is open, else by the cheapest."""
        s, price = self.system, menu.packaged[place]
        if s.is_model[k, 0, 0]:
            price = menu.model[place]
        elif s.own_only[k, 0, 0]:
            price = menu.own[place]
        elif route is not None:
            offer = menu.offers[DELIVERY.index(route)][place]
            price = np.where(offer < CLOSED, menu.own[place] * offer, price)
        return np.asarray(price * self.of(menu.cheaper[item.dimension], place))

    def divided(self, shares: np.ndarray) -> np.ndarray:
        """Shares with what a plan gives each dimension, in yuan or in parts."""
        s = self.system
        free = np.maximum(s.change - s.claim - s.compliance - s.policy_cost, 1e-9)
        for row, (account, choice) in enumerate(self.choices):
            if choice.plan is None or not self.here[row]:
                continue
            place, plan = self.first + row, choice.plan
            parts = account.shares(plan)
            if parts is not None:
                shares[:, place] = (np.array(parts) / np.sum(parts))[:, None]
            money, rest = self._money(row, plan), _unnamed(plan, s.year)
            total = money.sum(0)
            share = money / np.maximum(total, 1e-12)
            if rest.any():
                # What is named, and projects, first; what they leave as it would have been divided.
                part = np.minimum(total / free[place], 1.0)
                left = shares[:, place]
                if not rest.all():
                    left = rest[:, None] * np.maximum(left, 1e-12)
                    left = left / left.sum(0)
                share = part * share + (1.0 - part) * left
            if not rest.all():
                share = np.maximum(share, 1e-12)  # rules divide by last year's shares
            shares[:, place] = np.where((total > 0) | rest.any(), share, shares[:, place])
        return shares

    def closed(self) -> np.ndarray | None:
        """Routes to language models that a choice does not know, bool (routes, M, 1)."""
        if not self.here.any():
            return None
        mask = np.zeros((len(ROUTES), len(self.population.kind), 1), bool)
        for row, (_, choice) in enumerate(self.choices):
            route = choice.route or (choice.plan.language_model if choice.plan else None)
            if route is not None and route != ROUTES[WAIT] and self.here[row]:
                mask[BUILD:, self.first + row] = True
                mask[ROUTES.index(route), self.first + row] = False
        return mask

    def extra(self) -> np.ndarray:
        """Money from outside over free money, (6, M, 1)."""
        added = np.zeros((len(DIMENSIONS), len(self.population.kind), 1))
        for row, (_, choice) in enumerate(self.choices):
            if choice.more is not None and self.here[row]:
                added[choice.more, self.first + row] = EXTRA
        return added

    def _planned(self) -> Iterator[tuple[int, _Due]]:
        """Every planned project of the year, and the row of the bank whose it is."""
        for place, some in enumerate(self.due, self.first):
            yield from ((place, due) for due in some)

    def set_aside(self, money: np.ndarray) -> np.ndarray:
        """Money set aside for planned projects before mandates and ties, (6, M, R); what cannot be paid waits."""
        left, aside = money.copy(), np.zeros(money.shape)
        for place, due in self._planned():
            at = due.item.dimension, place
            due.open &= (due.cost <= self.system.p.stretch * np.maximum(left[at], 0.0)) & (left[at] > 0)
            left[at] -= due.cost * due.open
            aside[at] += np.minimum(due.cost, np.maximum(left[at] + due.cost, 0.0)) * due.open
        return aside

    def begin(self, menu: SimpleNamespace) -> np.ndarray:
        """Pay and begin planned projects; returns the systems begun, bool (B, M, R), closed to its own choice."""
        s, started = self.system, np.zeros(self.system.started.shape, bool)
        self.paid_models[:] = 0.0
        for place, due in self._planned():
            s.purse[due.item.dimension, place] -= due.cost * due.open
            self.paid_models[place - self.first] += due.cost * due.open * (due.item.family == MODEL)
            self.done[place - self.first][due.number] |= due.open
            if due.system < 0:
                continue
            begins = due.open & due.first
            started[due.system, place] |= begins
            menu.ratio[due.system, place] *= ~due.open
            menu.free[place] -= s.crew_here[due.system, place] * menu.size[place] * begins
        return started

    def sign(self, menu: SimpleNamespace, started: np.ndarray) -> None:
        """Planned systems are had by the route that the plan names, where it is open."""
        s = self.system
        for place, due in self._planned():
            if due.system >= 0 and due.route in DELIVERY and not s.is_model[due.system, 0, 0]:
                way = DELIVERY.index(due.route)
                starts = started[due.system, place] & (menu.offers[way][place] < CLOSED)
                s.way[due.system, place][starts] = way

    def set_chances(self) -> None:
        """What is paid for stays; what a plan decides is done."""
        s, p, rows = self.system, self.system.p, self.rows
        own, still = (self.here & ~self.kind_rows)[:, None], (self.still_rows & self.here)[:, None]
        s.fund[:, rows] = np.where(still, 1.0, s.fund[:, rows])  # it goes on filling the posts it has
        unpaid = mandates.as_word(np.asarray(p.loss_unpaid * s.unpaid))[rows]
        s.down_bought[rows] = np.where(own, unpaid, s.down_bought[rows])
        for place, due in self._planned():
            if due.system >= 0:
                bar = ~mandates.as_word(1.0 - self.of(p.fail, place))
                matures = due.open & ~due.first
                s.ripe[due.system, place] = np.where(matures, bar, s.ripe[due.system, place])
                continue
            usual = (65535 - s.up[due.row, place].astype(float)) / 65535
            decided, tied = self.judged["decided"], self.judged["ties"] * usual
            chance = decided if due.item.family == MANDATE else np.minimum(tied, decided)
            bar = ~mandates.as_word(np.broadcast_to(np.asarray(chance, float), usual.shape))
            up = s.up[due.row, place]
            s.up[due.row, place] = np.where(due.open, np.minimum(bar, up), up)
            s.relevant[due.row, place] |= due.open


def _of_year[Value](path: Mapping[int, Value], year: int) -> Value | None:
    """What a path by year says of a year: the last given goes on; None before the first, or where none is given."""
    years = [y for y in path if y <= year]
    return path[max(years)] if years else None


def _unnamed(plan: OwnPlan, year: int) -> np.ndarray:
    """Dimensions over which what is left is divided, bool (6,): all where none is named, those left out of a total."""
    money = _of_year(plan.dimensions, year)
    if money is None:
        return np.ones(len(DIMENSIONS), bool)
    unnamed: np.ndarray = np.isnan(money) & (_of_year(plan.spending, year) is not None)
    return unnamed
