"""A bank that a user brings: it stands beside the system in several variants, which all meet the same luck.

Its rows lie behind the population's: they count in no mean, no market and no supplier's clients, and draw from streams
of their own, so that every other bank is the same to the last bit with and without it.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from scipy.special import ndtri

from agents.honeycomb import BUILD, DIMENSIONS, ROUTES, WAIT
from model import calendar
from model.outcomes import BY_BANK, PAIN, measure
from model.population import InvalidWorld

OPEN_ROUTES: Final = tuple(route for route in ROUTES if ROUTES.index(route) != WAIT)
MORE: Final = tuple(f"more_{dimension}" for dimension in DIMENSIONS)
VARIANTS: Final = ("plan", "like_its_kind", "no_change", *OPEN_ROUTES, *MORE)
EXTRA: Final = 0.05  # money from outside that a variant spends on one dimension, over project spending
SHARE_OF_KIND: Final = 1 / 3  # its size: the third of its kind that is nearest in assets
FEWEST_PEERS: Final = 5
MONEY: Final = MappingProxyType(
    {
        "budget": ("million yuan a quarter", "technology spending"),
        "run": ("million yuan a quarter", "technology spending that keeps systems running, fees included"),
        "invested": ("million yuan a quarter", "spent on change: projects, mandates, ties, roll-out"),
        "added": ("million yuan a quarter", "money from outside that the variant spends on top"),
        "language_model_spending": (
            "million yuan a quarter",
            "part of what is invested that goes to language models",
        ),
        "digital_income": ("million yuan a quarter", "revenue and savings from realised digital skill"),
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
        "new_technology": ("0-100", "score in new technology, which language models bring"),
        "inclusive_share": ("percent of its first quarter", "share of the inclusive-loan market"),
    }
)
OF_BANKS: Final = tuple(name for name in BY_BANK if name not in PAIN and name != "margin")
OWN_OUTCOMES: Final = MappingProxyType(
    {
        **{n: ("points", f"score in {n}") for n in DIMENSIONS},
        **PLACE,
        **MONEY,
        **{n: BY_BANK[n] for n in OF_BANKS},
    }
)


@dataclass(frozen=True)
class OwnAccount:
    """What a user says of the bank; None leaves it to the bank's kind.

    Parameters
    ----------
    name : str
    kind : str
        A surveyed kind.
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
        Score by dimension, 0-1.
    plan : ndarray or None, shape (6,)
        Division of project spending; it sums to one.
    """

    name: str
    kind: str
    province: str
    since: str
    assets: float
    spend_ratio: float | None = None
    staff: np.ndarray | None = None
    scores: np.ndarray | None = None
    plan: np.ndarray | None = None


class OwnBank:
    """The rows of a user's bank, one a variant.

    ``plan`` does what the user wrote down; ``like_its_kind`` decides by the rule of its kind; ``no_change`` only keeps
    its systems running; ``build``, ``buy``, ``union`` and ``alliance`` know one route to language models;
    ``more_<dimension>`` spends ``EXTRA`` of its project money on top, on one dimension.

    Parameters
    ----------
    system : BankingSystem
    account : OwnAccount
    """

    def __init__(self, system: Any, account: OwnAccount) -> None:
        self.system, self.account = system, account
        population = system.world.population
        peers = population.reported_rows(account.kind)
        if peers.stop == peers.start:
            raise InvalidWorld(
                "bank.kind", f"the population has no {account.kind} banks to compare {account.name!r} with"
            )
        codes = [province.code for province in population.provinces]
        self.arrival = calendar.index(account.since)
        self.population = population.joined_by(
            account.kind, codes.index(account.province), account.assets, len(VARIANTS)
        )
        self.rows = slice(population.size, population.size + len(VARIANTS))
        self.peers = np.arange(peers.start, peers.stop)
        self.arrived = False
        self.values: dict[str, np.ndarray] = {}
        self.first_market: np.ndarray | None = None

    @property
    def here(self) -> bool:
        """Whether the bank is followed already."""
        return bool(self.system.quarter >= self.arrival)

    def arrive(self) -> None:
        """At the start of its first quarter: assets, spending, people and rungs are what the user says."""
        s, account, rows = self.system, self.account, self.rows
        if self.arrived or max(s.quarter, 0) != self.arrival:
            return
        self.arrived = True
        factor = 1e-6 * account.assets / s.assets[rows]
        for name in (
            "assets",
            "bad_loans",
            "provisions",
            "capital",
            "revenue",
            "revenue_start",
            "spend",
            "spend_start",
            "market",
            "market_start",
            "assets_start",
        ):
            getattr(s, name)[rows] *= factor
        s.revenue_before[:, rows] *= factor
        if account.spend_ratio is not None:
            now = account.spend_ratio * 4.0 * s.revenue[rows]
            lift = now / s.spend[rows]
            for name in ("spend", "spend_start", "habit"):
                getattr(s, name)[rows] *= lift
        if account.staff is not None:
            s.wanted[:, rows] *= account.staff[:, None, None] / s.staff[:, rows]
            s.staff[:, rows] = account.staff[:, None, None]
        if account.scores is not None:
            self._set_rungs(100.0 * account.scores)
        size = np.abs(np.log(s.world.population.assets[self.peers] / account.assets))
        number = min(max(FEWEST_PEERS, round(SHARE_OF_KIND * len(size))), len(size))
        self.near = self.peers[np.argsort(size, kind="stable")[:number]]
        s.relevant[:, self.rows.start + VARIANTS.index("no_change")] = False

    def _set_rungs(self, aimed: np.ndarray) -> None:
        """Rungs whose scores come nearest to the user's: each dimension's thresholds move together."""
        s, items = self.system, self.system.items
        level = np.linspace(-4.0, 4.0, 161)
        noise = 0.8 * s.draws.normals("level", 6 + len(items))[6:, self.rows.start]
        weights = s.printed[min(max(s.year, 2020), max(s.printed))]
        for d in range(len(DIMENSIONS)):
            own = [
                j
                for j, i in enumerate(items.items)
                if i.dimension == d and i.family not in ("people", "spending")
            ]
            rung = np.zeros((len(own), len(level), s.rows), np.int8)
            score = np.zeros((len(level), s.rows))
            for k, j in enumerate(own):
                for share in items.items[j].shares:
                    rung[k] += (level[:, None] + noise[j] > -ndtri(np.clip(share, 1e-4, 1 - 1e-4))).view(
                        np.int8
                    )
                score += rung[k] * weights[j]
            fixed = sum(
                (
                    s.rung[j, self.rows.start] * weights[j]
                    for j in range(len(items))
                    if items.items[j].dimension == d and j not in own
                ),
                start=np.zeros(s.rows),
            )
            best = np.argmin(np.abs(score + fixed - aimed[d]), axis=0)
            for k, j in enumerate(own):
                s.rung[j, self.rows] = np.take_along_axis(rung[k], best[None], 0)[0]

    def divided(self, shares: np.ndarray) -> np.ndarray:
        """Shares with the written plan in every variant but the one that follows its kind."""
        if not self.here or self.account.plan is None:
            return shares
        follows = [self.rows.start + k for k, name in enumerate(VARIANTS) if name != "like_its_kind"]
        shares[:, follows] = self.account.plan[:, None, None]
        return shares

    def closed(self) -> np.ndarray | None:
        """Routes to language models that a variant does not know, bool (routes, M, 1)."""
        if not self.here:
            return None
        mask = np.zeros((len(ROUTES), len(self.population.kind), 1), bool)
        for k, name in enumerate(OPEN_ROUTES):
            row = self.rows.start + VARIANTS.index(name)
            mask[BUILD:, row] = True
            mask[BUILD + k, row] = False
        return mask

    def extra(self) -> np.ndarray:
        """Money from outside over free money, (6, M, 1)."""
        added = np.zeros((len(DIMENSIONS), len(self.population.kind), 1))
        if self.here:
            for d, name in enumerate(MORE):
                added[d, self.rows.start + VARIANTS.index(name)] = EXTRA
        return added

    def keep(self, position: int, quarters: int, year_end: bool) -> None:
        """Keep the quarter just run."""
        if not self.here:
            return
        s, rows = self.system, self.rows
        measured = measure(s, year_end)
        if self.first_market is None:
            self.first_market = s.market[rows].copy()
        index = s.dims.mean(0)
        free = 0.25 * np.maximum(s.change - s.claim - s.compliance - s.policy_cost, 0.0)
        added = free * self.extra().sum(0)
        models = (s.started[s.model_rows] * s.list_price[s.model_rows]).sum(0) * s.model_price
        table = s.items.weights(max(s.printed))
        new = [j for j, i in enumerate(s.items.items) if i.indicator == "new_technology"]
        found = dict(zip(DIMENSIONS, s.dims, strict=True)) | {
            name: measured[name] for name in OF_BANKS if name in measured
        }
        found |= {
            "budget": 0.25 * s.spend,
            "run": 0.25 * (s.run + s.fees),
            "invested": 0.25 * s.paid.sum(0) + added,
            "added": added,
            "language_model_spending": 0.25 * models,
            "digital_income": s.revenue * s.p.revenue_effect * s._above_kind("revenue_skill")
            + s.revenue * s.p.cost_ratio * s.p.cost_effect * (s.cost_skill - s.cost_skill_start),
            "index": index,
            "new_technology": 100.0
            * sum(s.rung[j] * table[j] for j in new)
            / max(sum(table[j] * s.items.items[j].rungs for j in new), 1e-9),
        }
        own = {name: np.broadcast_to(value, s.assets.shape)[rows] for name, value in found.items()}
        own["inclusive_share"] = 100.0 * s.market[rows] / self.first_market
        own["kind_median"] = np.median(index[self.peers], axis=0) + np.zeros_like(own["index"])
        own["percentile"] = _percentile(own["index"], index[self.near])
        own["percentile_kind"] = _percentile(own["index"], index[self.peers])
        for d, name in enumerate(DIMENSIONS):
            own[f"percentile_{name}"] = _percentile(s.dims[d][rows], s.dims[d][self.near])
        shape = (len(s.scenarios), len(s.replicates))
        for name, value in own.items():
            kept = self.values.setdefault(name, np.full((*shape, quarters, len(VARIANTS)), np.nan))
            kept[:, :, position] = value.T.reshape(*shape, -1)


def _percentile(own: np.ndarray, peers: np.ndarray) -> np.ndarray:
    """Share of peers with less, percent; an equal one counts half. ``own`` (variants, R), ``peers`` (n, R)."""
    less = (peers[None] < own[:, None]).sum(1) + 0.5 * (peers[None] == own[:, None]).sum(1)
    result: np.ndarray = 100.0 * less / len(peers)
    return result
