"""A bank that a user brings: it decides like its kind, but keeps its own plan, or a route, or has a little more money.

It stands there in several variants side by side, which meet the same luck, so that their difference is what a decision
is worth to this bank.
"""

from typing import Any, Final

import numpy as np

from agents.bank import Bank
from agents.city import CityBank
from agents.column import EVERYONE, Places
from agents.honeycomb import DIMENSIONS, ROUTES, WAIT
from agents.private import PrivateBank
from agents.rural import RuralBank

OPEN_ROUTES: Final = tuple(route for route in ROUTES if ROUTES.index(route) != WAIT)
MORE: Final = tuple(f"more_{dimension}" for dimension in DIMENSIONS)
VARIANTS: Final = ("plan", "like_its_kind", "no_change", *OPEN_ROUTES, *MORE)
# Money from outside that a variant spends on one dimension, over project spending: small enough for a marginal gain.
EXTRA: Final = 0.05


def _variant(*names: str) -> np.ndarray:
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

    def partner_wish(self, layer: str) -> np.ndarray:
        """Probability of seeking a partner; a bank that changes nothing seeks none."""
        return np.where(STILL, 0.0, super().partner_wish(layer))

    def route_costs(self, asking: Places = EVERYONE) -> np.ndarray:
        """Cost of the routes, infinite where the variant does not know the route."""
        costs = super().route_costs(asking)
        costs[np.broadcast_to(self.at(asking, CLOSED[:, None]), costs.shape)] = np.inf
        return costs

    def efforts(self) -> np.ndarray:
        """Units of effort a year, with what the variant adds or leaves out."""
        effort = super().efforts()
        effort *= 1.0 + TOPPED[:, None] / np.maximum(self.allocation, 1e-3)
        effort *= ~STILL
        return effort

    def invested(self) -> np.ndarray:
        """Spent this quarter on what changes the bank, yuan: projects, partners it chose, the language model."""
        bought = self.vendor_fee + self.export_fee + self.alliance_fee + self.language_model_spending
        return bought + self.projects * ~STILL + self.added()

    def added(self) -> np.ndarray:
        """Spent this quarter from outside money on one dimension, yuan; nothing in the first variants."""
        return self.projects * TOPPED.sum(0)


class OwnCityBank(OwnBank, CityBank):
    """The user's bank, a city commercial bank."""


class OwnRuralBank(OwnBank, RuralBank):
    """The user's bank, a rural institution."""


class OwnPrivateBank(OwnBank, PrivateBank):
    """The user's bank, a private bank."""


OWN: Final[dict[str, Any]] = {cls.kind: cls for cls in (OwnCityBank, OwnRuralBank, OwnPrivateBank)}
