"""Banks that a user brings: each stands beside the system in several choices, which all meet the same luck.

Their rows lie behind the population's: they count in no mean, no market and no supplier's clients, and draw from
streams of their own, keyed by the bank's name, so that every other bank is the same to the last bit with and without
them, and a bank the same alone and among many.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from agents.honeycomb import DIMENSIONS
from model.outcomes import BY_BANK, PAIN, measure
from model.own_entry import MOST_WITH_ITEMS
from model.own_opening import percent_behind
from model.own_plan import OwnAccount
from model.own_year import OwnYear

if TYPE_CHECKING:
    from model.system import BankingSystem

BRIDGE: Final = ("bridge_assets", "bridge_margin", "bridge_market", "bridge_digital")
BUDGET: Final = ("run", "fees", "compliance", "claim", "policy_cost", "projects", "kept")
OF_BANKS: Final = tuple(name for name in BY_BANK if name not in PAIN)


class OwnBanks(OwnYear):
    """The rows of users' banks, one a bank and choice, and what is kept of them year by year.

    The unit and meaning of what is kept stand in conf/outcomes.csv; ``item:<id>`` is the level of an item, 0-100.

    Parameters
    ----------
    system : BankingSystem
    accounts : tuple of OwnAccount
    """

    def __init__(self, system: "BankingSystem", accounts: tuple[OwnAccount, ...]) -> None:
        super().__init__(system, accounts)
        self.values: dict[str, np.ndarray] = {}
        self.flows: dict[str, np.ndarray] = {}
        self.quarters = np.zeros(len(self.choices))

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
            "language_model_spending": 0.25 * self.paid_models,
            **self._bridge(saved),
        }

    def _bridge(self, saved: np.ndarray) -> dict[str, np.ndarray]:
        """The change in revenue against the first quarter, divided exactly by logarithmic means."""
        s, p, rows = self.system, self.system.p, self.rows
        now, first = s.revenue[rows], np.maximum(self.base["revenue"], 1e-12)
        here = np.where(self.here[:, None], first, now)
        apart = np.log(now / here)
        weight = np.where(np.abs(apart) > 1e-12, (now - here) / np.where(apart == 0, 1.0, apart), now)
        returned = self.returned(rows)
        start = np.where(s.market_start[rows] > 0, s.market_start[rows] * self.share_kept(rows), 1.0)
        share = np.where(s.market_start[rows] > 0, s.market[rows] / start, 1.0)
        place = np.log(np.maximum(1.0 + self.of(p.inclusive_weight, rows) * (share - 1.0), 0.2))
        digital = np.log(returned / np.where(self.here[:, None], self.base["returned"], returned))
        grown = np.log(self.earning / np.where(self.here[:, None], self.assets_first, self.earning))
        parts = {"bridge_assets": grown, "bridge_market": place, "bridge_digital": digital}
        parts["bridge_margin"] = apart - grown - place - digital
        bridge = {name: weight * part for name, part in parts.items()}
        return bridge | {"bridge_before": here, "digital_income": bridge["bridge_digital"] + saved[rows]}

    def _keep_year(self, year: int, years: int) -> None:
        s, rows = self.system, self.rows
        measured = measure(s, True)
        own = dict(zip(DIMENSIONS, s.dims[:, rows], strict=True))
        own |= {name: self.of(measured[name], rows) for name in OF_BANKS}
        own |= self.flows
        index = s.dims.mean(0)
        table = s.points
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
        by_dimension = tuple(f"percentile_{name}" for name in DIMENSIONS)
        names = ("kind_median", "percentile_kind", "percentile", *by_dimension, "peers")
        places = {name: np.full((len(self.choices), s.rows), np.nan) for name in names}
        for account, rows in zip(self.accounts, self.blocks, strict=True):
            mine = slice(rows.start - self.first, rows.stop - self.first)
            if not self.here[mine.start]:
                continue
            every, near = self._peers(account), self.near[account.name]
            alive = np.where(s.active[every], index[every], np.nan)
            places["kind_median"][mine] = np.nanmedian(alive, axis=0)
            places["percentile_kind"][mine] = percent_behind(index[rows], index[every], s.active[every])
            places["percentile"][mine] = percent_behind(index[rows], index[near], s.active[near])
            places["peers"][mine] = s.active[near].sum(0)
            for name, score in zip(by_dimension, s.dims, strict=True):
                places[name][mine] = percent_behind(score[rows], score[near], s.active[near])
        return places
