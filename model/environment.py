"""The environment of a scenario, quarter by quarter: margins, bad loans, descent, technology, public data, duties."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Final

import numpy as np

from model.shock import ONCE, SHOCKS, Shock

GROUPS: Final = ("state", "joint_stock", "city", "rural", "private")


@dataclass(frozen=True)
class Environment:
    """Paths from 2020Q1, one value a quarter; G groups of banks (``GROUPS``).

    Parameters
    ----------
    name : str
        Name of the path (mild, central, severe).
    margin, bad_loans, capital : ndarray, shape (T, G)
        Net interest margin, bad-loan ratio, capital ratio aimed at, percent.
    growth : ndarray, shape (T, G)
        Growth of assets of a bank with enough capital, 1/year.
    large_share, reference_share : ndarray, shape (T,)
        Large banks' share of inclusive loans, 0-1, and the path of the outturn, which stays where it ends.
    openness : ndarray, shape (T,)
        Rise of public-data openness since 2020Q1, on 0-1.
    model_price, open_weights : ndarray, shape (T,)
        Factors on the price of language models: of all, and of building since open weights are published.
    claim : ndarray, shape (T,)
        Share of money for change that localisation claims, 0-1 (W147).
    exits : ndarray, shape (T,)
        Hazard that a village bank is merged away, 1/year (W088-W094); that of others goes by it.
    ageing : ndarray, shape (T,)
        Factor on the loss of upper rungs: a faster frontier ages systems sooner.
    """

    name: str
    margin: np.ndarray
    bad_loans: np.ndarray
    capital: np.ndarray
    growth: np.ndarray
    large_share: np.ndarray
    reference_share: np.ndarray
    openness: np.ndarray
    model_price: np.ndarray
    open_weights: np.ndarray
    claim: np.ndarray
    exits: np.ndarray
    ageing: np.ndarray


def between_year_ends(values: Mapping[int, float], quarters: int, first_year: int = 2020) -> np.ndarray:
    """Straight lines between year-end values, one value a quarter; the last value goes on.

    Parameters
    ----------
    values : mapping of int to float
        Value at the end of each year; must hold the year before the first.
    quarters : int
        Quarters from the first of ``first_year``.
    """
    years = sorted(values)
    ends = [4.0 * (year - first_year) + 3.0 for year in years]
    return np.interp(np.arange(quarters), ends, [values[year] for year in years])


def by_year(values: Mapping[int, float], quarters: int, first_year: int = 2020) -> np.ndarray:
    """A value a calendar year, held over its quarters; the last goes on, before the first it is that of the first."""
    years = sorted(values)
    calendar_years = np.clip(first_year + np.arange(quarters) // 4, years[0], years[-1])
    return np.array([values[max(y for y in years if y <= year)] for year in calendar_years], float)


class Outside:
    """The environments and shocks of all scenarios side by side, laid out once and read every quarter.

    Parameters
    ----------
    paths : sequence of Environment
    shocks : sequence of tuple of Shock
        Of each scenario.
    replicates : int
    """

    def __init__(
        self, paths: Sequence[Environment], shocks: Sequence[tuple[Shock, ...]], replicates: int
    ) -> None:
        quarters = len(paths[0].margin)

        def path(field: str) -> np.ndarray:
            return np.stack([getattr(one, field) for one in paths], axis=-1)

        def hit(field: str, once: bool = False) -> np.ndarray:
            strength = np.zeros((quarters, len(paths)))
            for column, struck in enumerate(shocks):
                for shock in struck:
                    last = shock.start if once else shock.end
                    strength[shock.start : last + 1, column] += shock.strength(field, shock.start)
            return strength

        shock = {field: hit(field, field in ONCE) for field in SHOCKS}
        odds, reference = path("large_share"), path("reference_share")
        odds = np.log(odds / (1.0 - odds))
        tables = {
            "margin": path("margin") + shock["margin"][:, None],
            "bad_loans": path("bad_loans") + shock["bad_loans"][:, None],
            "capital": path("capital") + shock["capital_target"][:, None],
            "floor_rise": shock["capital_target"],
            "growth": path("growth"),
            "descent": np.diff(odds, axis=0, prepend=odds[:1]) * (1.0 + shock["descent"]),
            "small_kept": (1.0 - reference) / (1.0 - reference[0]),
            "large_kept": reference / reference[0],
            "openness": path("openness"),
            "model_price": path("model_price") * (1.0 + shock["language_model_cost"]),
            "open_weights": path("open_weights"),
            "claim": np.clip(path("claim") + shock["claim"], 0.0, 0.9),
            "exits": path("exits"),
            "ageing": path("ageing") * (1.0 + shock["frontier_growth"]),
            "vendor_outage": shock["vendor_outage"],
            "vendors_struck": hit("vendor_outage", once=True),
            "margin_shock": shock["margin"],
            "bad_loans_shock": shock["bad_loans"],
            **{name: values for name, values in shock.items() if name.startswith("own_")},
        }
        self._tables = {name: np.repeat(values, replicates, axis=-1) for name, values in tables.items()}

    def at(self, quarter: int) -> SimpleNamespace:
        """What every scenario meets in a quarter; shapes (R,), by group (G, R)."""
        return SimpleNamespace(**{name: values[quarter] for name, values in self._tables.items()})
