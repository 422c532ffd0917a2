"""A user's own bank beside the system: it reads the system, and the system does not read it.

It decides like its kind, but keeps its own plan, or a route, or has a little more money: it stands there in several
variants side by side, which meet the same luck, so that their difference is what a decision is worth to this bank. Its
market share, its contracts and its capability enter nobody else's quarter, so that every other bank is the same to the
last bit with and without it; that is right for one bank among thousands, and what the study is told to assume.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from agents.bank import Bank
from agents.bank_kinds import BANKS
from agents.budget import effort_cost
from agents.column import EVERYONE, Array, Mask, Places, allocate, columns_of, laid_out
from agents.honeycomb import (
    APPLICATION,
    DIMENSION_OF,
    DIMENSIONS,
    FUNDED,
    NEW_TECHNOLOGY,
    ROUTES,
    SLICES,
    WAIT,
    dimension_means,
)
from agents.income import relative
from agents.kinds import SMALL_KINDS
from model import calendar
from model.levers import NEUTRAL, Levers, PolicyBook
from model.market import pull
from model.own_partners import OwnNetwork
from model.population import Population, alone
from model.reduction import over_banks
from model.streams import Draws, Words

if TYPE_CHECKING:
    from model.system import BankingSystem

OPEN_ROUTES: Final = tuple(route for route in ROUTES if ROUTES.index(route) != WAIT)
MORE: Final = tuple(f"more_{dimension}" for dimension in DIMENSIONS)
VARIANTS: Final = ("plan", "like_its_kind", "no_change", *OPEN_ROUTES, *MORE)
# Money from outside that a variant spends on one dimension, over project spending: small enough for a marginal gain.
EXTRA: Final = 0.05
SCALED: Final = ("yuan", "share of the market")  # units of what a bank has in proportion to its assets
# A policy is as strong, and as dear, for the own bank as for all.
SHARED: Final = ("policy effect: ", "policy cost: ")


@dataclass(frozen=True)
class OwnAccount:
    """What a user says of the bank; None leaves it to the bank's kind.

    Parameters
    ----------
    name : str
    kind : str
        One of ``agents.kinds.SMALL_KINDS``.
    province : str
        Two-letter code.
    since : str
        Quarter at whose start all this holds and from which the bank is followed.
    assets : float
        Yuan.
    spend_ratio : float or None
        Technology spending over revenue, 0-1.
    staff : ndarray or None, shape (3,)
        Technologists, data and composite people, share of staff.
    scores : ndarray or None, shape (6,)
        Capability by dimension, 0-1.
    plan : ndarray or None, shape (6,)
        Division of project spending; it sums to one.
    """

    name: str
    kind: str
    province: str
    since: str
    assets: float
    spend_ratio: float | None = None
    staff: Array | None = None
    scores: Array | None = None
    plan: Array | None = None


def _variant(*names: str) -> Mask:
    return np.isin(VARIANTS, names)


CLOSED: Final = np.array([_variant("no_change", *OPEN_ROUTES) & ~_variant(route) for route in OPEN_ROUTES])
TOPPED: Final = EXTRA * np.array([_variant(name) for name in MORE])
STILL: Final = _variant("no_change")


class OwnBank(Bank):
    """The user's bank; its rows are the variants.

    ``plan`` does what the user wrote down; ``like_its_kind`` decides by the rule of its kind instead; ``no_change``
    only keeps its systems running; ``build``, ``buy``, ``union`` and ``alliance`` know one route to language models;
    ``more_<dimension>`` spends ``EXTRA`` of its project money on top, on one dimension.
    """

    has_plan: bool = False

    def plan(self) -> None:
        """Plan like its kind, then go by the written plan where there is one."""
        super().plan()
        if self.has_plan:
            follows = ~_variant("like_its_kind")
            self.allocation = np.where(follows, self.written_plan, self.allocation)

    def partner_wish(self, layer: str) -> Array:
        """Probability of seeking a partner; a bank that changes nothing seeks none."""
        return np.where(STILL, 0.0, super().partner_wish(layer))

    def route_costs(self, asking: Places = EVERYONE) -> Array:
        """Cost of the routes, infinite where the variant does not know the route."""
        costs = super().route_costs(asking)
        costs[np.broadcast_to(self.at(asking, CLOSED[:, None]), costs.shape)] = np.inf
        return costs

    def efforts(self) -> Array:
        """Units of effort a year, with what the variant adds or leaves out."""
        effort = super().efforts()
        effort *= 1.0 + TOPPED[:, None] / np.maximum(self.allocation, 1e-3)
        effort *= ~STILL
        return effort

    def invested(self) -> Array:
        """Spent this quarter on what changes the bank, yuan: projects, partners it chose, the language model."""
        bought = self.vendor_fee + self.export_fee + self.alliance_fee + self.language_model_spending
        return bought + self.projects * ~STILL + self.added()

    def added(self) -> Array:
        """Spent this quarter from outside money on one dimension, yuan; nothing in the first variants."""
        return self.projects * TOPPED.sum(0)


def _own_class(kind: str) -> type[OwnBank]:
    """The user's bank with the rules of its kind."""
    return type(f"Own{BANKS[kind].__name__}", (OwnBank, BANKS[kind]), {"__doc__": f"A user's {kind} bank."})


OWN_BANKS: Final = {kind: _own_class(kind) for kind in SMALL_KINDS}


class OwnDraws(Draws):
    """The streams of ``Draws`` under names of their own: nobody else's luck depends on the own bank."""

    def words(self, kind: type[np.unsignedinteger], purpose: str, *shape: int) -> Words:
        """Return random words as ``Draws`` does, from the own bank's stream."""
        return super().words(kind, f"{purpose}: own bank", *shape)

    def uniform_once(self, purpose: str, *shape: int) -> Array:
        """Return the first uniforms of a stream: everyone's for a policy's strength and price, else the own bank's."""
        return super().uniform_once(purpose if purpose.startswith(SHARED) else f"{purpose}: own bank", *shape)


class OwnBankSystem:
    """The own bank's rows, one a variant, and what it reads of the system it stands beside: its host.

    To the bank's rules it is the model they stand in.

    Parameters
    ----------
    host : BankingSystem
    account : OwnAccount
    """

    def __init__(self, host: "BankingSystem", account: OwnAccount) -> None:
        self.host, self.account, self.size = host, account, len(VARIANTS)
        self.arrival = calendar.index(account.since)
        self.population: Population = alone(host.population, account.kind, account.province, account.assets)
        self.peers = host.population.reported_rows(account.kind)
        if self.peers.stop == self.peers.start:
            raise ValueError(f"the population has no {account.kind} banks to compare {account.name!r} with")
        self.rows, self.traits, self.common = host.rows, host.traits, host.common
        self.allocation_rule, self.indicator_bias = host.allocation_rule, host.indicator_bias
        self.columns = {
            name: allocate(column.components, host.rows, self.size)
            for name, column in columns_of(OwnBank).items()
        }
        self.draws = OwnDraws(host.draws.seed, host.draws.replicates)
        self.policies = PolicyBook(
            [s.policies for s in host.scenarios], self.population, self.draws, host.world.sample_effects
        )
        self.levers: Levers = NEUTRAL
        self.conditions, self.language_model_cost = host.conditions, host.language_model_cost
        self.bank = OWN_BANKS[account.kind].cohort(self, slice(0, self.size))
        self.bank.has_plan = account.plan is not None
        self.cohorts = [self.bank]
        self.network = OwnNetwork(self, self.draws)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.columns = {name: laid_out(column) for name, column in self.columns.items()}

    @property
    def years(self) -> float:
        """Years since the start of 2020."""
        return self.host.years

    @property
    def followed(self) -> bool:
        """Whether the bank is followed by now."""
        return self.host.quarter >= self.arrival

    def begin(self) -> None:
        """Begin the quarter: the world outside, in its first quarter the bank's books, chance, its market share."""
        self._observe_environment()
        if self.host.quarter == self.arrival:
            initialise(self)
        self._draw()
        self._compete()

    def _observe_environment(self) -> None:
        """Read the environment and the policies that reach the bank."""
        self.levers = self.policies.in_force(self.host.quarter)
        self.conditions, self.language_model_cost = self.host.conditions, self.host.language_model_cost
        conditions, place = self.conditions, self.population.province[0]
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

    def _compete(self) -> None:
        """Take its share of the loan market as it was at the end of last quarter."""
        host, columns = self.host, self.columns
        others, share = host.columns, columns["inclusive_share"]
        descent, sensitivity = host.conditions.descent, host.common.contest_sensitivity
        progress = others["dimensions"][APPLICATION] - others["application_initial"]
        large = ~host.population.small
        market = over_banks(pull(others["inclusive_share"], large, descent, progress, sensitivity))[:, None]
        progress = columns["dimensions"][APPLICATION] - columns["application_initial"]
        after = pull(share, ~self.population.small, descent, progress, sensitivity) / market
        columns["share_lost"][:] = 4.0 * (1.0 - relative(after, share))
        share[:] = after

    def contract(self) -> None:
        """See its peers as they see one another, and agree the year's partnerships."""
        for name in ("peer_performance", "best_practice"):
            self.columns[name][:] = self.host.columns[name][..., [self.peers.start]]
        self.network.contract()


# ---- its first day: the mean of its kind that quarter, except for what the user says of it
def initialise(own: OwnBankSystem) -> None:
    """Open the own bank's books and give it its first-day state.

    Parameters
    ----------
    own : OwnBankSystem
        Its columns are filled from the kind's and the user's numbers; ``own.host`` is at the end of a quarter.
    """
    _like_its_kind(own)
    _unattached(own)
    _capable(own)
    _staffed(own)
    _spending(own)


def _like_its_kind(own: OwnBankSystem) -> None:
    """Copy the mean of the kind; amounts of money and market share in proportion to assets."""
    host, peers = own.host, own.peers
    number = peers.stop - peers.start
    size = own.account.assets / over_banks(host.columns["assets"][:, peers])
    for name, column in columns_of(OwnBank).items():
        if name in ("margin", "openness"):
            continue
        total = over_banks(host.columns[name][..., peers])
        mean = total * size if column.unit.startswith(SCALED) else total / number
        own.columns[name][:] = mean[..., None]
    own.columns["assets"][:] = own.account.assets


def _unattached(own: OwnBankSystem) -> None:
    """No partners, no language model and nothing owed for one: these are choices ahead."""
    bank = own.bank
    bank.vendor = bank.provider = -1.0
    bank.route = WAIT
    bank.links = bank.hub_level = bank.commitment = bank.route_price = 0.0
    bank.fee_income = bank.policy_cost = bank.run_unpaid = 0.0
    bank.regional_pull = own.host.numbers.first_tier_pull if own.population.first_tier[0] else 1.0


def _capable(own: OwnBankSystem) -> None:
    """Move each dimension's indicators, language models aside, to the user's score; the kind's profile stays."""
    bank, scores = own.bank, own.account.scores
    placed, was = bank.indicators.copy(), bank.dimensions[APPLICATION].copy()
    placed[NEW_TECHNOLOGY] = 0.0
    if scores is not None:
        funded = np.stack([placed[part].sum(0) / n for part, n in zip(SLICES, FUNDED, strict=True)])
        placed += (scores[:, None, None] - funded)[DIMENSION_OF]
        placed = np.clip(placed, 0.02, 0.98)
        placed[NEW_TECHNOLOGY] = 0.0
    bank.indicators = placed
    bank.dimensions = bank.last_dimensions = dimension_means(placed)
    # In the loan market it counts what a bank has gained since 2020: as much as its kind has.
    bank.application_initial += bank.dimensions[APPLICATION] - was
    realised = bank.benefit / bank.performance
    bank.performance = bank.aspiration = bank.value()
    bank.benefit = np.minimum(realised * bank.performance, 1.0)
    bank.emphasise()


def _staffed(own: OwnBankSystem) -> None:
    bank, staff = own.bank, own.account.staff
    if staff is not None:
        bank.wanted_staff *= staff[:, None, None] / bank.staff
        bank.staff = staff[:, None, None]


def _spending(own: OwnBankSystem) -> None:
    """Let the user's ratio, or the kind's present one, be the habit under today's revenue and losses."""
    bank, host, account = own.bank, own.host, own.account
    traits, peers = bank.traits, own.peers
    grown = over_banks(host.columns["assets"][:, peers]) / host.population.assets[peers].sum()
    inflation = (1.0 + 0.25 * traits.effort_inflation) ** max(host.quarter, 0)
    cost = effort_cost(
        account.assets / grown[:, None], traits.effort_cost, traits.reference_assets, traits.effort_scale
    )
    bank.reference_loss = bank.loss_charge / bank.revenue
    bank.earn()
    bank.reference_rate = 4.0 * bank.revenue / bank.assets
    bank.effort_cost = cost * inflation
    if account.spend_ratio is not None:
        bank.spend_ratio = account.spend_ratio
    drifted = (1.0 + traits.spend_drift) ** np.minimum(host.years, traits.spend_drift_years)
    bank.habit_ratio = bank.spend_ratio / drifted
    if account.plan is not None:
        bank.written_plan = bank.allocation = account.plan[:, None, None]
