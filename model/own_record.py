"""What is kept of a user's own bank, with the unit and meaning of each outcome in one table."""

from types import MappingProxyType
from typing import Final

import numpy as np

from agents.column import Array
from agents.honeycomb import DIMENSIONS, NEW_TECHNOLOGY
from model import calendar
from model.outcomes import BY_BANK, measure
from model.own_bank import VARIANTS, OwnBankSystem

SHARE_OF_KIND: Final = 1 / 3  # its size: the third of its kind that is nearest in assets
FEWEST_PEERS: Final = 5
MONEY: Final = MappingProxyType(
    {
        "budget": ("million yuan a quarter", "technology spending"),
        "run": ("million yuan a quarter", "technology spending that keeps systems running"),
        "invested": ("million yuan a quarter", "spent on change: projects, chosen partners, language model"),
        "added": ("million yuan a quarter", "money from outside that the variant spends on top"),
        "language_model_spending": ("million yuan a quarter", "paid on the route to language models"),
        "digital_income": ("million yuan a quarter", "revenue from the digital benefit realised"),
    }
)
PLACE: Final = MappingProxyType(
    {
        "index": ("points", "mean of the six scores"),
        "kind_median": ("points", "median index of its kind"),
        "percentile": ("percent", "banks of its kind and size with a lower index"),
        **{
            f"percentile_{name}": ("percent", f"banks of its kind and size with a lower score in {name}")
            for name in DIMENSIONS
        },
        "percentile_kind": ("percent", "banks of its kind with a lower index"),
        "new_technology": ("0-100", "capability in new technology, which language models bring"),
        "inclusive_share": ("percent of its first quarter", "share of the inclusive-loan market"),
    }
)
OF_BANKS: Final = tuple(name for name in BY_BANK if not name.startswith("pain_") and name != "margin")
OWN_OUTCOMES: Final = MappingProxyType(
    {
        **{name: ("points", f"score in {name}") for name in DIMENSIONS},
        **PLACE,
        **MONEY,
        **{name: BY_BANK[name] for name in OF_BANKS},
    }
)


class OwnRecorder:
    """Keeps the own bank's outcomes, shape (S, R, quarters, variants); NaN before the bank is followed.

    Parameters
    ----------
    own : OwnBankSystem
    quarters : int
    """

    def __init__(self, own: OwnBankSystem, quarters: int) -> None:
        host = own.host
        self.own, self.shape = own, (len(host.scenarios), len(host.replicates))
        shape = (*self.shape, quarters, len(VARIANTS))
        self.values = {name: np.full(shape, np.nan) for name in OWN_OUTCOMES}
        population = host.population
        rows = np.arange(own.peers.start, own.peers.stop)
        apart = np.abs(np.log(population.assets[rows] / self._size_in_2020(population.assets[rows])))
        number = min(max(FEWEST_PEERS, round(SHARE_OF_KIND * len(rows))), len(rows))
        self.kind, self.near = rows, rows[np.argsort(apart, kind="stable")[:number]]
        self.share: Array | None = None

    def _size_in_2020(self, assets: Array) -> float:
        """Own assets carried back to 2020 at the pace at which its kind is expected to grow."""
        growth = np.mean(self.own.bank.traits.asset_growth)
        return float(self.own.account.assets / (1.0 + growth) ** (self.own.arrival / 4.0))

    def keep(self, position: int) -> None:
        """Keep the quarter just run."""
        if not self.own.followed:
            return
        bank, host = self.own.bank, self.own.host
        if self.share is None:
            self.share = bank.inclusive_share.copy()
        year_end = calendar.last_of_year(host.quarter)
        measured = measure(bank, year_end)
        others = host.columns["dimensions"]
        mine, peers = _index(bank.dimensions), _index(others)
        values = {name: 100.0 * bank.dimensions[d] for d, name in enumerate(DIMENSIONS)}
        values |= {name: measured[name] for name in OF_BANKS}
        values |= {
            "index": 100.0 * mine,
            "kind_median": 100.0 * np.median(peers[:, self.kind], axis=1)[:, None] * np.ones_like(mine),
            "percentile": _percentile(mine, peers[:, self.near]),
            "percentile_kind": _percentile(mine, peers[:, self.kind]),
            "new_technology": 100.0 * bank.indicators[NEW_TECHNOLOGY],
            "inclusive_share": np.divide(
                100.0 * bank.inclusive_share,
                self.share,
                out=np.full_like(mine, 100.0),
                where=self.share > 0.0,
            ),
        }
        for d, name in enumerate(DIMENSIONS):
            values[f"percentile_{name}"] = _percentile(bank.dimensions[d], others[d][:, self.near])
        income = 0.25 * bank.assets * bank.digital_return() * bank.benefit
        spent = (bank.budget, bank.run, bank.invested(), bank.added(), bank.language_model_spending, income)
        values |= {name: 1e-6 * value for name, value in zip(MONEY, spent, strict=True)}
        for name, value in values.items():
            self.values[name][:, :, position] = value.reshape(*self.shape, -1)


def _index(dimensions: Array) -> Array:
    """Mean of the six, 0-1, added in one order."""
    total: Array = sum(dimensions[1:], start=dimensions[0].copy()) / len(dimensions)
    return total


def _percentile(own: Array, peers: Array) -> Array:
    """Share of peers with less, percent; an equal one counts half. ``own`` (R, variants), ``peers`` (R, n)."""
    less: Array = (peers[:, None] < own[..., None]).sum(-1) + 0.5 * (peers[:, None] == own[..., None]).sum(-1)
    percent: Array = 100.0 * less / peers.shape[-1]
    return percent
