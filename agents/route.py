"""A bank before large language models: when it looks at the routes, what each would cost it, how it pays."""

import numpy as np

from agents import language_model
from agents.column import EVERYONE, Places, places_where
from agents.finance import Finance
from agents.honeycomb import WAIT


class RouteChooser(Finance):
    """Waits for a route to large language models, takes one for good, and pays for it by instalments."""

    def regulatory_wedge(self) -> np.ndarray | float:
        """Relative cost that uncertain rules add to new technology."""
        return np.maximum(self.traits.regulatory_wedge - self.lever("uncertainty_relief"), 0.0)

    def review_route(self) -> None:
        """Take, or keep waiting for, a route to language models; a new route is a commitment to pay.

        Only a bank that waits and holds its review now can take one, so only those are worked out.
        """
        rate = self.review_rate()
        asking = places_where((self.route == WAIT) & (self.route_draw < rate))
        if not asking[0].size:
            return
        costs = self.route_costs(asking)
        dispersion, preference = self.traits.threshold_dispersion, self.traits.route_preference
        reach = language_model.affordability(4.0 * self.change[asking], costs, self.at(asking, dispersion))
        waiting, draw = self.route[asking], self.route_draw[asking]
        route = language_model.choose(
            waiting, reach, self.at(asking, preference), self.at(asking, rate), draw
        )
        self.route[asking] = route
        (entered,) = np.nonzero(route != WAIT)
        new = tuple(places[entered] for places in asking)
        self.commitment[new] = self.route_price[new] = costs[route[entered].astype(np.intp) - 1, entered]

    def review_rate(self) -> np.ndarray | float:
        """Probability of a review in a quarter: uncertain rules make banks wait (H014)."""
        return self.traits.route_review * (1.0 - self.regulatory_wedge())

    def route_costs(self, asking: Places = EVERYONE) -> np.ndarray:
        """Cost of build, buy, union and alliance now, yuan; infinite where a route is closed to the bank.

        Parameters
        ----------
        asking : Places
            The banks that ask; all of these rows by default.

        Returns
        -------
        ndarray, shape (4, R, n), or (4, number of those that ask)
        """
        traits = self.traits
        own, cut, relief, share, dearer, capacity = (
            self.at(asking, value)
            for value in (
                self.model.language_model_cost,
                1.0 - self.lever("technology_cost_relief"),
                1.0 - self.lever("integration_relief"),
                traits.alliance_sharing * (1.0 + self.lever("cost_sharing")),
                1.0 + self.regulatory_wedge(),
                1.0 - self.lever("hub_cost_relief"),
            )
        )
        size = np.sqrt(self.assets[asking] / self.at(asking, traits.reference_assets)) * own
        links = self.links[asking]
        costs = np.empty((4, *size.T.shape)).transpose(0, *range(size.ndim, 0, -1))
        costs[0] = own * cut
        costs[1] = size * (self.at(asking, traits.buy_cost) * relief)
        hub = size * (self.at(asking, traits.union_cost) * capacity)
        costs[2] = np.where(self.hub_level[asking] > self.at(asking, traits.hub_threshold), hub, np.inf)
        costs[3] = np.where(links > 0, own / (1.0 + share * links), np.inf)
        costs *= dearer
        return costs

    def pay_language_model(self, money: np.ndarray) -> None:
        """Pay the quarter's instalment on the route; what is left of the money goes to projects."""
        self.language_model_spending = language_model.instalment(
            self.commitment,
            self.route_price,
            money,
            self.traits.instalment_speed,
            self.traits.instalment_limit,
        )
        self.commitment = self.commitment - self.language_model_spending
        self.projects = money - self.language_model_spending
