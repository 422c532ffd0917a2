"""A user's own bank beside the system: it sees the system, and the system does not see it.

Its market share, its contracts and its capability enter nobody else's quarter, so that every other bank is the same to
the last bit with and without it; that is right for one bank among thousands, and what the study is told to assume.
"""

from typing import Any, Final

import numpy as np

from agents.column import allocate, columns_of
from agents.honeycomb import APPLICATION, DIMENSIONS, KINDS
from agents.own_bank import OWN, VARIANTS, OwnBank
from model import calendar
from model.levers import NEUTRAL, Levers, PolicyBook
from model.market import pull
from model.own_account import OwnAccount
from model.own_arrival import settle_in
from model.own_draws import OwnDraws
from model.own_network import OwnNetwork
from model.population import GROUPS, Population
from model.reduction import over_banks

PEER_TRAITS: Final = ("peer_performance", "best_practice")


class Guest:
    """The own bank's rows, one a variant, and what it reads of the system it stands beside.

    To the bank's rules it is the model: what it does not hold itself (traits, environment, calendar) is the system's.

    Parameters
    ----------
    host : BankingSystem
    account : OwnAccount
    """

    def __init__(self, host: Any, account: OwnAccount) -> None:
        self.host, self.account, self.size = host, account, len(VARIANTS)
        self.arrival = calendar.index(account.since)
        self.population = _alone(host.population, account)
        self.peers = host.population.reported_rows(account.kind)
        if self.peers.stop == self.peers.start:
            raise ValueError(f"the population has no {account.kind} banks to compare {account.name!r} with")
        self.columns = {
            name: allocate(column.components, host.rows, self.size)
            for name, column in columns_of(OwnBank).items()
        }
        self.draws = OwnDraws(host.draws.seed, host.draws.replicates)
        self.policies = PolicyBook(
            [s.policies for s in host.scenarios], self.population, self.draws, host.world.sample_effects
        )
        self.levers: Levers = NEUTRAL
        self.network = OwnNetwork(self, self.draws)
        self.member = OWN[account.kind].cohort(self, slice(0, self.size))
        self.member.has_plan = account.plan is not None
        self.cohorts = [self.member]

    def __getattr__(self, name: str) -> Any:
        if name == "host":
            raise AttributeError(name)
        return getattr(self.host, name)

    @property
    def here(self) -> bool:
        """Whether the bank is followed by now."""
        return bool(self.host.quarter >= self.arrival)

    def open(self) -> None:
        """Begin the quarter: the world outside, in its first quarter the bank's books, chance, its market share."""
        self._look_outside()
        if self.host.quarter == self.arrival:
            settle_in(self)
        self._draw()
        self._trade()

    def _look_outside(self) -> None:
        """Read the environment and the policies that reach the bank."""
        self.levers = self.policies.in_force(self.host.quarter)
        conditions, place = self.host.conditions, self.population.province[0]
        self.columns["margin"][:] = conditions.margin[:, self.population.group]
        openness = self.population.provinces[place].openness + conditions.openness + self.levers["openness"]
        self.columns["openness"][:] = np.clip(openness, 0.0, 0.95)

    def _draw(self) -> None:
        """Draw the quarter's chance, the same for every variant."""
        for name, purpose in (("shock", "chance in building"), ("experiment", "chance in allocation")):
            drawn = self.host.tile(self.draws.normal(purpose, len(DIMENSIONS), 1))
            self.columns[name][:] = np.moveaxis(drawn, 0, -2)
        for name, purpose in (("route_draw", "language model review"), ("failure_draw", "failed pilots")):
            self.columns[name][:] = self.host.tile(self.draws.uniform(purpose, 1))

    def _trade(self) -> None:
        """Take its share of the loan market as it was at the end of last quarter."""
        host, columns = self.host, self.columns
        others, share = host.columns, columns["inclusive_share"]
        large = host.population.kind == KINDS.index("large")
        descent, sensitivity = host.conditions.descent, host.common.contest_sensitivity
        progress = others["dimensions"][APPLICATION] - others["application_initial"]
        market = over_banks(pull(others["inclusive_share"], large, descent, progress, sensitivity))[:, None]
        progress = columns["dimensions"][APPLICATION] - columns["application_initial"]
        after = pull(share, np.zeros(self.size, bool), descent, progress, sensitivity) / market
        columns["share_lost"][:] = 4.0 * (1.0 - after / share)
        share[:] = after

    def meet(self) -> None:
        """Hear what its partners offer, from last quarter's capabilities."""
        self.network.offer()

    def contract(self) -> None:
        """See its peers as they see one another, and agree the year's partnerships."""
        for name in PEER_TRAITS:
            self.columns[name][:] = self.host.columns[name][..., [self.peers.start]]
        self.network.contract()


def _alone(population: Population, account: OwnAccount) -> Population:
    """A population of the own bank; its strategic focus is its kind's, see ``settle_in``."""
    place = [province.code for province in population.provinces].index(account.province)
    yes, no = np.ones(1, bool), np.zeros(1, bool)
    return Population(
        kind=np.array([KINDS.index(account.kind)]),
        group=np.array([GROUPS.index(account.kind)]),
        province=np.array([place]),
        assets=np.array([account.assets]),
        reported=no,
        surveyed=no,
        first_tier=yes if population.provinces[place].first_tier > 0.5 else no,
        focus=np.zeros((len(population.focus), 1), bool),
        provinces=population.provinces,
    )
