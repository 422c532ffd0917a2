"""Provincial unions: hubs that run the core systems of their rural members at a pooled cost."""

import numpy as np

from agents.column import Array, Number
from model.numbers import NetworkNumbers
from model.population import Population


class Unions:
    """The hubs of a batch: level of each platform, what members pay, and how far a member is from the middle.

    Parameters
    ----------
    population : Population
        Rural banks are contiguous and ordered by province.
    numbers : NetworkNumbers
        Numbers of the network group, see ``conf/network``.
    rows : int
        Scenarios times replicates.
    """

    def __init__(self, population: Population, numbers: NetworkNumbers, rows: int) -> None:
        self.numbers, self.rows = numbers, rows
        self.rural = population.union_members
        places = population.province[self.rural]
        self.provinces, self._starts, self._member = np.unique(places, return_index=True, return_inverse=True)
        self._counts = np.diff(np.append(self._starts, len(places)))
        modes = [population.provinces[p] for p in self.provinces]
        self.has_union = np.array(
            [m.union_mode in ("union", "union_bank", "service_union") and m.members > 1 for m in modes], float
        )
        members = np.array([max(m.members, 1) for m in modes], float)
        self.pooling = np.log1p(members) / np.log1p(numbers.union_reference_members)
        self.level = np.repeat(numbers.union_start * self.has_union[None], rows, axis=0)

    def member_mean(self, values: Array) -> Array:
        """Average a rural column by province, shape (R, provinces)."""
        return np.add.reduceat(np.ascontiguousarray(values), self._starts, axis=-1) / self._counts

    def spread(self, values: Array) -> Array:
        """Give every rural bank its province's value, shape (R, rural banks)."""
        return values[:, self._member]

    def invest(self, fee_intensity: Array) -> None:
        """Build the platforms from pooled fees, ``H' = H + [e p x^(1/2) (1-H) - d H]/4``.

        Parameters
        ----------
        fee_intensity : ndarray, shape (R, rural banks)
            Fees over the cost of a unit of effort, a year.
        """
        numbers = self.numbers
        paid = self.member_mean(fee_intensity)
        gain = numbers.union_productivity * self.pooling * np.sqrt(paid)
        change = 0.25 * (gain * (1.0 - self.level) - numbers.union_depreciation * self.level)
        self.level = np.clip(self.level + change, 0.0, 1.0) * self.has_union

    def offer(self, technology: Array, quality: Number, fit_loss: Number) -> tuple[Array, Array]:
        """What the platform is worth to each member: the level less the loss of fit with the middle member (L025).

        Parameters
        ----------
        technology : ndarray, shape (R, rural banks)
            Capability of the members, 0-1.
        quality, fit_loss : ndarray or float, shape (R, rural banks)
            Level that a reform adds for its members, and the loss of fit that its mode adds.

        Returns
        -------
        tuple of ndarray, shape (R, rural banks)
            Level of the hub, and level that fits the member.
        """
        distance = np.abs(technology - self.spread(self.member_mean(technology)))
        level = self.spread(self.level)
        level = np.where(level > 0, np.minimum(level + quality, 1.0), 0.0)
        return level, level * np.maximum(
            1.0 - (self.numbers.union_fit_loss + fit_loss) * (0.25 + 2.0 * distance), 0.0
        )
