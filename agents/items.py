"""The items of the questionnaire: what each is, what it needs, what it brings, and how rungs become scores."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from agents import honeycomb as h

ORDER = {h.MANDATE: 0, h.TIE: 1, h.CLAIM: 2, h.SYSTEM: 3, h.MODEL: 3, h.PEOPLE: 4, h.SPENDING: 5}
SMALL = 2**16  # numbers
FIRST_EDITION = 2020
BROUGHT = ("revenue", "cost", "risk", "market")
AS_WRITTEN = (
    "id", "name_en", "name_zh", "indicator", "family", "focus", "needs", "basis", "evidence", "grade",
)  # fmt: skip


@dataclass(frozen=True)
class Item:
    """One maturity ladder of the questionnaire.

    Parameters
    ----------
    id, name_en, name_zh : str
    dimension, indicator : int
        Index into ``DIMENSIONS``; name of the indicator.
    family : str
        One of ``FAMILIES``: what moves it.
    rungs : int
        Rungs above "not deployed", 1-3.
    first_edition : int
        First year in which the survey asks.
    scored : bool
        Whether it enters the printed score.
    focus : str
        Strategic focus that an item belongs to; empty: asked of all.
    needs : str
        Item that has to stand first; empty: none.
    strict : bool
        Whether the needed item must stand as high as the rung aimed at (otherwise begun is enough).
    routes : tuple of str
        Ways to have it, of ``DELIVERY``; systems only.
    shared : bool
        Whether a provincial union's platform carries it.
    data_sets : tuple of str
        Public data it feeds on, of ``DATA_SETS``.
    price : float
        Million yuan of the first rung at the reference size (200 bn yuan of assets).
    quarters : int
        Quarters of a project by own build.
    people : float
        Person-years at the reference size over ``crew``.
    brings : tuple of float
        Weight in revenue, cost, risk and market skill, 0-1 (``BROUGHT``).
    shares : tuple of float
        Share of surveyed banks on each rung or above in 2023, 0-1.
    basis : str
        A letter a rung: ``p`` printed in the report, ``j`` judged.
    evidence, grade : str
        Ids of rows in ``data/source`` or ``assumption``; grade as in ``data/README.md``.
    """

    id: str
    name_en: str
    name_zh: str
    dimension: int
    indicator: str
    family: str
    rungs: int
    first_edition: int
    scored: bool
    focus: str
    needs: str
    strict: bool
    routes: tuple[str, ...]
    shared: bool
    data_sets: tuple[str, ...]
    price: float
    quarters: int
    people: float
    brings: tuple[float, ...]
    shares: tuple[float, ...]
    basis: str
    evidence: str
    grade: str

    @classmethod
    def from_row(cls, row: Mapping[str, str]) -> "Item":
        """Read a row of ``conf/questionnaire/items.csv``; faults name the item and the column."""
        if row["dimension"] not in h.DIMENSIONS or row["family"] not in h.FAMILIES:
            raise ValueError(
                f"item {row['id']}: unknown dimension {row['dimension']!r} or family {row['family']!r}"
            )
        if row["indicator"] not in h.INDICATORS_BY_DIMENSION[row["dimension"]]:
            raise ValueError(f"item {row['id']}: {row['indicator']!r} is no indicator of {row['dimension']}")
        rungs = int(row["rungs"])
        shares = tuple(float(row[f"share_{r}"]) for r in range(1, rungs + 1))
        if not all(1 >= a >= b >= 0 for a, b in zip((1.0, *shares), shares, strict=False)):
            raise ValueError(f"item {row['id']}: shares {shares} must fall from rung to rung within 0-1")
        return cls(
            **{name: row[name] for name in AS_WRITTEN},
            dimension=h.DIMENSIONS.index(row["dimension"]),
            rungs=rungs,
            first_edition=int(row["first_edition"]),
            scored=row["scored"] == "1",
            strict=row["needs_level"] == "same",
            routes=tuple(row["routes"].split()),
            shared=row["shared"] == "1",
            data_sets=tuple(row["data_sets"].split()),
            price=float(row["price"]),
            quarters=max(round(float(row["months"]) / 3), 1),
            people=float(row["people"]),
            brings=tuple(float(row[name]) for name in BROUGHT),
            shares=shares,
        )


class ItemTable:
    """All items in the order of the first axis of ``rung``: mandates, ties and claims; then systems; then stocks.

    Systems stand dimension by dimension, so that a dimension's projects are one block.

    Parameters
    ----------
    items : iterable of Item
    ease : mapping of str to float, optional
        Calibrated ease of an item, 1 where none is given: a mandate or tie is climbed, or a system bought, this many
        times as easily as its table values say.
    """

    def __init__(self, items: Iterable[Item], ease: Mapping[str, float] | None = None) -> None:
        self.items = sorted(
            items, key=lambda i: (ORDER[i.family], i.dimension if ORDER[i.family] == 3 else 0)
        )
        self.at = {item.id: j for j, item in enumerate(self.items)}
        missing = [i.id for i in self.items if i.needs and i.needs not in self.at]
        if missing or len(self.at) != len(self.items):
            raise ValueError(f"items named twice, or in need of an unknown one: {missing}")
        count = [ORDER[item.family] for item in self.items]
        self.climbed = slice(0, sum(c < 3 for c in count))
        self.bought = slice(self.climbed.stop, self.climbed.stop + count.count(3))
        self.ease = np.array([(ease or {}).get(item.id, 1.0) for item in self.items])

    def __len__(self) -> int:
        return len(self.items)

    def column(self, name: str, part: slice = slice(None), dtype: Any = float) -> np.ndarray:
        """A property of the items as a column (items, 1, 1)."""
        return np.array([getattr(item, name) for item in self.items[part]], dtype)[:, None, None]

    @cached_property
    def top(self) -> np.ndarray:
        """Highest rung, int8 (items, 1, 1)."""
        return self.column("rungs", dtype=np.int8)

    @cached_property
    def blocks(self) -> dict[int, slice]:
        """Block of bought items of each dimension, counted from the first bought item."""
        places: dict[int, list[int]] = {}
        for k, item in enumerate(self.items[self.bought]):
            places.setdefault(item.dimension, []).append(k)
        return {d: slice(block[0], block[-1] + 1) for d, block in places.items()}

    @cached_property
    def base(self) -> np.ndarray:
        """Row of the item that each bought item needs; its own row where it needs none."""
        rows = range(self.bought.start, self.bought.stop)
        return np.array([self.at[self.items[j].needs] if self.items[j].needs else j for j in rows])

    @cached_property
    def dimension(self) -> np.ndarray:
        """Dimension of each item."""
        return np.array([item.dimension for item in self.items])

    @cached_property
    def brought(self) -> np.ndarray:
        """What each item brings when it is whole, by ``BROUGHT``, (4, items)."""
        return np.array([item.brings for item in self.items]).T.copy()

    @cached_property
    def levels(self) -> tuple[tuple[int, int], ...]:
        """Every (item, rung): the axis of recorded shares."""
        return tuple((j, r) for j, item in enumerate(self.items) for r in range(1, item.rungs + 1))

    @cached_property
    def printed(self) -> dict[int, np.ndarray]:
        """Score points of one rung of each item by edition, from the first to the newest."""
        newest = max(item.first_edition for item in self.items)
        return {year: self.weights(year) for year in range(FIRST_EDITION, newest + 1)}

    def printed_in(self, year: int) -> np.ndarray:
        """Score points of one rung of each item in a year's edition."""
        return self.printed[self.edition(year)]

    def edition(self, year: int) -> int:
        """Year of the edition in force: the first before it and the newest after."""
        return min(max(year, FIRST_EDITION), max(self.printed))

    @cached_property
    def editions(self) -> dict[int, "Sums"]:
        """What makes the rungs the six dimension scores, by edition."""
        own = self.dimension == np.arange(len(h.DIMENSIONS))[:, None]
        return {year: Sums(points * own) for year, points in self.printed.items()}

    @cached_property
    def pains(self) -> "Sums":
        """What makes the rungs the indicators that pain points read: planning, execution, risk management."""
        places = [h.INDICATORS.index(name) for name in ("planning", "execution", "risk_management")]
        return Sums(self.indicator_weights(max(self.printed))[places])

    @cached_property
    def skill_sums(self) -> "Sums":
        """What makes the rungs the four skills, over what the questionnaire knows."""
        return Sums(self.brought / self.top[:, 0, 0])

    def members(self, *families: str) -> list[int]:
        """Rows of the items of some families."""
        return [j for j, item in enumerate(self.items) if item.family in families]

    def weights(self, year: int) -> np.ndarray:
        """Score points of one rung of each item under an edition, (items,).

        The report's arithmetic: rungs are equal steps to 100, items average into indicators, indicators into dimensions
        (N015), and each dimension reads 0-100. An item counts from its first edition on.
        """
        used = [j for j, i in enumerate(self.items) if i.scored and i.first_edition <= year]
        weights = np.zeros(len(self.items))
        for j in used:
            peers = [
                self.items[k].indicator for k in used if self.items[k].dimension == self.items[j].dimension
            ]
            share = len(set(peers)) * peers.count(self.items[j].indicator)
            weights[j] = 100.0 / (share * self.items[j].rungs)
        return weights

    def indicator_weights(self, year: int) -> np.ndarray:
        """Score points of one rung in its own indicator, (18, items)."""
        table = np.zeros((len(h.INDICATORS), len(self.items)))
        for j, item in enumerate(self.items):
            if item.scored and item.first_edition <= year:
                table[h.INDICATORS.index(item.indicator), j] = 1.0
        number = table.sum(1, keepdims=True)
        result: np.ndarray = 100.0 * table / np.maximum(number, 1.0) / self.top[:, 0, 0]
        return result

    def scores(self, rung: np.ndarray, year: int) -> np.ndarray:
        """Dimension scores by the edition of a year, 0-100, shape (6, ...), from rungs (items, ...)."""
        return self.editions[self.edition(year)].of(rung)

    def skills(self, rung: np.ndarray) -> np.ndarray:
        """What the rungs bring in each of ``BROUGHT``, (4, M, R): 0 nothing, 1 all that the questionnaire knows."""
        result: np.ndarray = self.skill_sums.of(rung) / np.maximum(self.brought.sum(1), 1e-12)[:, None, None]
        return result


class Sums:
    """Weighted sums of rungs, each item after item.

    Where they are few, all sums take their next item at once, and one that has no more adds nothing.

    Parameters
    ----------
    weights : ndarray, shape (sums, items)
    """

    def __init__(self, weights: np.ndarray) -> None:
        # a sum's own items first, then some at no weight
        order = np.argsort(weights == 0.0, axis=1, kind="stable")
        number = max(np.count_nonzero(weights, 1).max(), 1)
        self.turns = order[:, :number].T.copy()
        self.points = np.take_along_axis(weights, order[:, :number], 1).T.copy()
        self.terms = [[(item, row[item]) for item in np.flatnonzero(row).tolist()] for row in weights]

    def of(self, rung: np.ndarray) -> np.ndarray:
        """The sums, (sums, ...), of rungs (items, ...)."""
        if rung[0].size * self.turns.size < SMALL:
            points = self.points.reshape(*self.points.shape, *[1] * (rung.ndim - 1))
            every: np.ndarray = np.add.reduce(rung[self.turns] * points, axis=0)
            return every
        total = np.zeros((len(self.terms), *rung.shape[1:]))
        for one, terms in zip(total, self.terms, strict=True):
            for item, points in terms:
                one += rung[item] * points
        return total
