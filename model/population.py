"""The banks of a study: how many of each kind, where, how large, with which strategic focus."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from scipy.special import ndtri

from agents.honeycomb import FOCUS, KINDS, SMALL_KINDS
from model.environment import GROUPS
from model.policy import LEVERS, Policy
from model.streams import generator

WIDEST: Final = 5.0  # log points: 1 in 40 banks is then 20,000 times the median


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
        Rural banks and cooperatives of its union, village banks left out; with one there is no union.
    """

    code: str
    first_tier: float
    openness: float
    union_mode: str
    members: int

    @property
    def has_union(self) -> bool:
        """Whether its rural institutions share a platform, as they do not in one that has a single bank."""
        return self.union_mode != "single_bank" and self.members > 1


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
    number_located : int
        How many of the first banks stand where they are said to; the sizes of the others are drawn to places.
    village : bool
        Village banks: no members of a union, first to be merged away.
    """

    kind: str
    group: str
    assets: np.ndarray
    provinces: np.ndarray
    reported: bool = True
    surveyed: bool = True
    number_located: int = 0
    village: bool = False


@dataclass(frozen=True)
class Population:
    """All banks in the order of the columns: by kind, village and unreported ones last in it, by province and size.

    Parameters
    ----------
    kind, group, province : ndarray of int, shape (N,)
        Index into ``KINDS``, ``GROUPS`` and ``provinces``.
    assets : ndarray, shape (N,)
        Yuan at the start.
    reported, surveyed, village : ndarray of bool, shape (N,)
        Counted in its kind's mean; in the survey's frame; a village bank.
    first_tier : ndarray of bool, shape (N,)
        In a first-tier city.
    focus : ndarray of bool, shape (foci, N)
        Strategic focus, by ``FOCUS``.
    provinces : tuple of Province
    kinds : tuple of str
        Names of the kinds; the four of ``KINDS``, and a user's own.
    guests : tuple of str
        Names of the users' own banks whose rows stand at the end and count nowhere, one a row.
    branches : ndarray, shape (guests, provinces)
        Share of each such bank's branches in every province; each row adds to one.
    """

    kind: np.ndarray
    group: np.ndarray
    province: np.ndarray
    assets: np.ndarray
    reported: np.ndarray
    surveyed: np.ndarray
    village: np.ndarray
    first_tier: np.ndarray
    focus: np.ndarray
    provinces: tuple[Province, ...]
    kinds: tuple[str, ...] = KINDS
    guests: tuple[str, ...] = ()
    branches: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))

    @cached_property
    def _cohorts(self) -> list[tuple[slice, slice]]:
        """Rows of each kind, and of its reported banks, which come first."""
        cohorts = []
        for k in range(len(self.kinds)):
            rows = np.flatnonzero(self.kind[: self.size] == k)
            start, number = (int(rows[0]), len(rows)) if len(rows) else (0, 0)
            cohorts.append(
                (slice(start, start + number), slice(start, start + int(self.reported[rows].sum())))
            )
        return cohorts

    @property
    def size(self) -> int:
        """Number of banks that count."""
        return len(self.kind) - len(self.guests)

    def rows(self, kind: str) -> slice:
        """Rows of a kind's cohort."""
        return self._cohorts[self.kinds.index(kind)][0]

    def reported_rows(self, kind: str) -> slice:
        """Rows of the banks that count in their kind's mean; they come first in the cohort."""
        return self._cohorts[self.kinds.index(kind)][1]

    def covered(self, policy: Policy) -> np.ndarray:
        """Which banks a policy covers, bool of shape (N,)."""
        inside = np.isin(self.kind, [self.kinds.index(kind) for kind in policy.kinds if kind in self.kinds])
        if policy.provinces:
            codes = [province.code for province in self.provinces]
            inside &= np.isin(self.province, [codes.index(code) for code in policy.provinces])
        if policy.first_tier is not None:
            inside &= self.first_tier == policy.first_tier
        return inside

    def moved(self, policy: Policy) -> np.ndarray:
        """Which of the banks that a policy covers any of its levers can move, bool of shape (N,)."""
        can = np.zeros(len(self.kind), bool)
        unions = np.array([province.has_union for province in self.provinces])[self.province] & ~self.village
        for effect in policy.effects:
            lever = LEVERS.get(effect.field)
            of_kind = np.isin(self.kind, [self.kinds.index(kind) for kind in lever.kinds or self.kinds])
            can |= of_kind & (unions | (not lever.in_unions))
        result: np.ndarray = can & self.covered(policy)
        return result

    def over_branches(self, of_province: Sequence[float] | np.ndarray) -> np.ndarray:
        """A number of provinces by bank, shape (N,): that of its own, or the mean over a user's bank's branches."""
        values: np.ndarray = np.asarray(of_province, float)
        means: np.ndarray = values[self.province]
        if self.guests:
            means[self.size :] = self.branches @ values
        return means

    @cached_property
    def in_first_tier(self) -> np.ndarray:
        """Share of each bank in a first-tier city, shape (N,)."""
        share = self.first_tier.astype(float)
        share[self.size :] = self.over_branches([p.first_tier >= 0.5 for p in self.provinces])[self.size :]
        return share

    def reached(self, policy: Policy) -> np.ndarray:
        """How far a policy covers each bank, shape (N,): a user's by the share of its branches in the provinces.

        A city tier is asked of the head office, where a bank is licensed; people are had where branches stand, so that
        attrition reads ``in_first_tier``.
        """
        whole = self.covered(replace(policy, provinces=())).astype(float)
        if policy.provinces:
            whole *= self.over_branches([province.code in policy.provinces for province in self.provinces])
        return whole

    def joined_by(
        self, guests: Sequence[tuple[str, str, int, float, tuple[str, ...] | None, Mapping[str, int] | None]]
    ) -> "Population":
        """The same population with users' own banks at its end, which belong to no kind's rows.

        Parameters
        ----------
        guests : sequence of tuple
            Name, kind, index of the province, assets in yuan, strategic foci (None: those of most of its kind), and
            number of branches by code of the province (None: all at home).
        """
        names, kinds, places, assets, foci, branches = zip(*guests, strict=True)
        number, columns = len(guests), []
        for kind, focus in zip(kinds, foci, strict=True):
            rows = self.rows(kind)
            usual = self.focus[:, rows].mean(1) >= 0.5 if rows.stop else np.zeros(len(FOCUS), bool)
            columns.append(usual if focus is None else np.array([name in focus for name in FOCUS]))
        added = {
            "kind": [self.kinds.index(kind) for kind in kinds],
            "group": [GROUPS.index(kind) for kind in kinds],
            "province": places,
            "assets": assets,
            "reported": [False] * number,
            "surveyed": [False] * number,
            "village": [False] * number,
            "first_tier": [self.provinces[place].first_tier >= 0.5 for place in places],
        }
        longer: dict[str, Any] = {name: np.append(getattr(self, name), v) for name, v in added.items()}
        focus = np.concatenate([self.focus, np.stack(columns, axis=1)], axis=1)
        counts = [[(one or {}).get(province.code, 0) for province in self.provinces] for one in branches]
        shares = np.array(counts, float)
        shares[range(number), places] += shares.sum(1) == 0.0  # all at home where nothing is said
        shares /= shares.sum(1, keepdims=True)
        return replace(self, **longer, focus=focus, guests=tuple(names), branches=shares)


def spread_sizes(
    median: float, sigma: float, number: int, largest: Sequence[float] | np.ndarray = ()
) -> np.ndarray:
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
    kinds: tuple[str, ...] = KINDS,
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
    kinds : tuple of str
        Names of the kinds, in the order of the rows.

    Returns
    -------
    Population
    """
    if not any(
        stratum.kind in SMALL_KINDS and stratum.reported and not stratum.village for stratum in strata
    ):
        raise InvalidWorld("population.counts", "there is no small or medium bank of any kind")
    stream = generator(seed, "population", 0)
    parts = []
    for stratum in strata:
        located, others = np.split(stratum.assets, [stratum.number_located])
        shuffled = np.concatenate([located, stream.permutation(others)])
        order = np.lexsort((-shuffled, stratum.provinces))
        number = len(order)
        shares = np.array([focus_shares[stratum.kind][focus] for focus in FOCUS])
        tier = np.array([provinces[p].first_tier for p in stratum.provinces[order]])
        parts.append(
            {
                "kind": np.full(number, kinds.index(stratum.kind)),
                "group": np.full(number, GROUPS.index(stratum.group)),
                "province": stratum.provinces[order],
                "assets": shuffled[order],
                "reported": np.full(number, stratum.reported),
                "surveyed": np.full(number, stratum.surveyed),
                "village": np.full(number, stratum.village),
                "first_tier": stream.random(number) < tier,
                "focus": _quota(stream.random((len(FOCUS), number)), shares),
            }
        )
    parts.sort(key=lambda part: (part["kind"][0], not part["reported"][0]))
    joined: dict[str, Any] = {
        name: np.concatenate([part[name] for part in parts], axis=-1) for name in parts[0]
    }
    return Population(provinces=provinces, kinds=kinds, **joined)


def _quota(drawn: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Choose in each row the banks with the smallest draws, as many as the share says."""
    rank = np.argsort(np.argsort(drawn, axis=-1), axis=-1)
    result: np.ndarray = rank < np.rint(shares * drawn.shape[-1])[:, None]
    return result
