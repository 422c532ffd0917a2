"""The banks of a study: how many of each kind, where, how large, with which strategic focus."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from scipy.special import ndtri

from agents.column import Array, Indices, Mask
from agents.honeycomb import FOCUS
from agents.kinds import BANK_KINDS, GROUPS, KINDS, SMALL_KINDS
from model.policy import Policy
from model.reduction import over_banks
from model.streams import generator

WIDEST: Final = 5.0  # log points: 1 in 40 banks is then 20,000 times the median
KindSums = Callable[[Array], Array]


class InvalidWorld(ValueError):
    """A world that no bank could live in.

    Parameters
    ----------
    number : str
        Dotted name of the number that makes it so.
    why : str
        A sentence.
    """

    def __init__(self, number: str, why: str) -> None:
        self.number, self.why = number, why
        super().__init__(f"{number}: {why}")


@dataclass(frozen=True)
class Province:
    """A province: its labour market, its public data and its union.

    Parameters
    ----------
    code : str
        Two letters.
    first_tier : float
        Share of its banks in a first-tier city, 0-1.
    openness : float
        Openness of public data in 2020, 0-1.
    union_mode : str
        ``union``, ``union_bank`` or ``single_bank``.
    members : int
        Rural institutions that share its union's platform.
    """

    code: str
    first_tier: float
    openness: float
    union_mode: str
    members: int


@dataclass(frozen=True)
class Stratum:
    """Banks of one group before they are placed: sizes, provinces, and whether the survey counts them in their kind.

    Parameters
    ----------
    kind : str
        One of ``KINDS``.
    group : str
        One of ``GROUPS``: whose margin it earns.
    assets : ndarray
        Yuan, one per bank.
    provinces : ndarray
        Index of the province, one per bank.
    reported : bool
        False for surveyed banks of no stated kind.
    surveyed : bool
        Whether the survey asks this stratum.
    known : int
        How many of the first banks stand where they are said to; the sizes of the others are drawn to places.
    """

    kind: str
    group: str
    assets: Array
    provinces: Indices
    reported: bool = True
    surveyed: bool = True
    known: int = 0


@dataclass(frozen=True)
class Population:
    """All banks in the order of the columns: by kind, unreported banks last in their kind, then by province and size.

    Parameters
    ----------
    kind, group, province : ndarray of int, shape (N,)
        Index into ``KINDS``, ``GROUPS`` and ``provinces``.
    assets : ndarray, shape (N,)
        Yuan at the start.
    reported, surveyed : ndarray of bool, shape (N,)
        Counted in its kind's mean; in the survey's frame.
    first_tier : ndarray of bool, shape (N,)
        In a first-tier city.
    focus : ndarray of bool, shape (9, N)
        Strategic focus, by ``FOCUS``.
    provinces : tuple of Province
    """

    kind: Indices
    group: Indices
    province: Indices
    assets: Array
    reported: Mask
    surveyed: Mask
    first_tier: Mask
    focus: Mask
    provinces: tuple[Province, ...]

    @cached_property
    def _cohorts(self) -> list[tuple[slice, slice]]:
        """Rows of each kind, and of its reported banks, which come first."""
        cohorts = []
        for k in range(len(KINDS)):
            rows = np.flatnonzero(self.kind == k)
            start, number = (int(rows[0]), len(rows)) if len(rows) else (0, 0)
            cohorts.append(
                (slice(start, start + number), slice(start, start + int(self.reported[rows].sum())))
            )
        return cohorts

    @property
    def size(self) -> int:
        """Number of banks."""
        return len(self.kind)

    def rows(self, kind: str) -> slice:
        """Rows of a kind's cohort."""
        return self._cohorts[KINDS.index(kind)][0]

    def reported_rows(self, kind: str) -> slice:
        """Rows of the banks that count in their kind's mean; they come first in the cohort."""
        return self._cohorts[KINDS.index(kind)][1]

    @cached_property
    def small(self) -> Mask:
        """Which banks are small or medium, bool of shape (N,)."""
        return np.array([kind.small for kind in BANK_KINDS])[self.kind]

    @property
    def exporters(self) -> slice:
        """Rows of the banks that export technology; their kinds come first."""
        return slice(0, int((~self.small).sum()))

    @property
    def union_members(self) -> slice:
        """Rows of the kind for which provincial unions run a platform."""
        return self.rows(next(kind.name for kind in BANK_KINDS if kind.in_union))

    def covered(self, policy: Policy) -> Mask:
        """Which banks a policy covers, bool of shape (N,)."""
        inside = np.isin(self.kind, [KINDS.index(kind) for kind in policy.kinds])
        if policy.provinces:
            codes = [province.code for province in self.provinces]
            inside &= np.isin(self.province, [codes.index(code) for code in policy.provinces])
        if policy.first_tier is not None:
            inside &= self.first_tier == policy.first_tier
        return inside

    def kind_sums(self, values: Array, reported_only: bool = False) -> Array:
        """Sum banks by kind, one kind after another so that the order of summation never depends on the batch.

        Parameters
        ----------
        values : ndarray, shape (..., N)
        reported_only : bool
            Leave out banks of no stated kind.

        Returns
        -------
        ndarray, shape (..., kinds)
        """
        sums = np.zeros((*values.shape[:-1], len(KINDS)))
        for k in range(len(KINDS)):
            whole, reported = self._cohorts[k]
            rows = reported if reported_only else whole
            sums[..., k] = over_banks(values[..., rows])
        return sums

    def kind_means(self, values: Array) -> Array:
        """Average the reported banks by kind, shape (..., kinds); a kind without banks is NaN."""
        counts = np.array([rows.stop - rows.start for _, rows in self._cohorts], float)
        return self.kind_sums(values, reported_only=True) / np.where(counts, counts, np.nan)

    def kind_and_small_means(self, values: Array) -> Array:
        """Average the reported banks by kind, and last all small and medium banks, each weighing the same.

        Parameters
        ----------
        values : ndarray, shape (..., N)

        Returns
        -------
        ndarray, shape (..., kinds + 1)
            The last counts the banks of no stated kind as well.
        """
        sums = self.kind_sums(values, reported_only=True)
        counts = np.array([reported.stop - reported.start for _, reported in self._cohorts], float)
        total, number = np.zeros(values.shape[:-1]), 0
        for k, (kind, (whole, reported)) in enumerate(zip(KINDS, self._cohorts, strict=True)):
            if kind in SMALL_KINDS:
                total = total + (sums[..., k] + over_banks(values[..., reported.stop : whole.stop]))
                number += whole.stop - whole.start
        small = total / (number or np.nan)
        return np.concatenate([sums / np.where(counts, counts, np.nan), small[..., None]], axis=-1)


def alone(population: Population, kind: str, province: str, assets: float) -> Population:
    """Return a population of one bank, a user's own, in the provinces of another.

    Parameters
    ----------
    population : Population
    kind, province : str
        Its strategic focus is its kind's; see ``model.own_bank.initialise``.
    assets : float
        Yuan.

    Returns
    -------
    Population
    """
    place = [known.code for known in population.provinces].index(province)
    row, no = BANK_KINDS[KINDS.index(kind)], np.zeros(1, bool)
    return Population(
        kind=np.array([KINDS.index(kind)]),
        group=np.array([GROUPS.index(row.groups[0])]),
        province=np.array([place]),
        assets=np.array([assets]),
        reported=no,
        surveyed=no,
        first_tier=np.array([population.provinces[place].first_tier > 0.5]),
        focus=np.zeros((len(population.focus), 1), bool),
        provinces=population.provinces,
    )


def spread_sizes(median: float, sigma: float, number: int, largest: Sequence[float] | Array = ()) -> Array:
    """Sizes at the mid-quantiles of a lognormal, whose largest are those known by name.

    Parameters
    ----------
    median, sigma : float
        Median in yuan and standard deviation of the logarithm.
    number : int
        Banks in all, the named ones included.
    largest : sequence of float
        Assets of the named banks, yuan.

    Returns
    -------
    ndarray, shape (number,)
        Descending, yuan.
    """
    if number < 0 or sigma > WIDEST:
        why = f"{number} banks" if number < 0 else f"a spread of {sigma:g} log points, more than {WIDEST:g}"
        raise InvalidWorld("population.sizes", f"there is no population of {why}")
    named = np.sort(np.asarray(largest, float))[::-1][:number]
    quantiles = (np.arange(number, 0, -1) - 0.5) / max(number, 1)
    return np.concatenate([named, median * np.exp(sigma * ndtri(quantiles[len(named) :]))])


def settle(
    strata: list[Stratum],
    provinces: tuple[Province, ...],
    focus_shares: dict[str, dict[str, float]],
    seed: int,
) -> Population:
    """Place the strata's banks, draw sizes to places and strategic focus, and order them for the columns.

    Parameters
    ----------
    strata : list of Stratum
        At most one unreported stratum in a kind.
    provinces : tuple of Province
    focus_shares : dict of dict
        Share of a kind's banks with each focus, 0-1.
    seed : int
        The population is the same in every replicate and scenario of a seed.

    Returns
    -------
    Population
    """
    stream = generator(seed, "population", 0)
    if not any(stratum.kind in SMALL_KINDS and stratum.reported for stratum in strata):
        raise InvalidWorld("population.counts", "there is no small or medium bank of any kind")
    parts = []
    for stratum in strata:
        known, unknown = np.split(stratum.assets, [stratum.known])
        shuffled = np.concatenate([known, stream.permutation(unknown)])
        order = np.lexsort((-shuffled, stratum.provinces))
        number = len(order)
        shares = np.array([focus_shares[stratum.kind][focus] for focus in FOCUS])
        tier = np.array([provinces[p].first_tier for p in stratum.provinces[order]])
        parts.append(
            {
                "kind": np.full(number, KINDS.index(stratum.kind)),
                "group": np.full(number, GROUPS.index(stratum.group)),
                "province": stratum.provinces[order],
                "assets": shuffled[order],
                "reported": np.full(number, stratum.reported),
                "surveyed": np.full(number, stratum.surveyed),
                "first_tier": stream.random(number) < tier,
                "focus": _quota(stream.random((len(FOCUS), number)), shares),
            }
        )
    parts.sort(key=lambda part: (part["kind"][0], not part["reported"][0]))
    joined = {name: np.concatenate([part[name] for part in parts], axis=-1) for name in parts[0]}
    return Population(provinces=provinces, **joined)


def _quota(drawn: Array, shares: Array) -> Mask:
    """Choose in each row the banks with the smallest draws, as many as the share says."""
    rank = np.argsort(np.argsort(drawn, axis=-1), axis=-1)
    chosen: Mask = rank < np.rint(shares * drawn.shape[-1])[:, None]
    return chosen
