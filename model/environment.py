"""The environment of a scenario, quarter by quarter: margins, bad loans, descent, technology, public data, duties."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Final

import numpy as np

from model.shock import SHOCKS, Shock

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
        Hazard that a rural institution is merged away, 1/year (W088-W094).
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
    asked = np.clip(first_year + np.arange(quarters) // 4, years[0], years[-1])
    return np.array([values[max(y for y in years if y <= year)] for year in asked], float)


class Outside:
    """The environments and shocks of all scenarios side by side, read once a quarter.

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
        self.paths, self.shocks, self.replicates = paths, shocks, replicates

    def at(self, quarter: int) -> SimpleNamespace:
        """What every scenario meets in a quarter; shapes (R,), by group (G, R)."""

        def path(field: str) -> np.ndarray:
            values = np.stack([getattr(p, field)[quarter] for p in self.paths], axis=-1)
            return np.repeat(values, self.replicates, axis=-1)

        def hit(field: str, before: int = 0) -> np.ndarray:
            strength = [sum(s.strength(field, quarter - before) for s in struck) for struck in self.shocks]
            return np.repeat(np.array(strength, float), self.replicates)

        earlier = [p.large_share[max(quarter - 1, 0)] for p in self.paths]
        steps = [
            _log_odds(p.large_share[quarter]) - _log_odds(e) for p, e in zip(self.paths, earlier, strict=True)
        ]
        reference = (
            path("reference_share"),
            np.repeat([p.reference_share[0] for p in self.paths], self.replicates),
        )
        return SimpleNamespace(
            margin=path("margin") + hit("margin"),
            bad_loans=path("bad_loans") + hit("bad_loans"),
            capital=path("capital") + hit("capital_target"),
            floor_rise=hit("capital_target"),
            growth=path("growth"),
            descent=np.repeat(np.array(steps), self.replicates) * (1.0 + hit("descent")),
            small_kept=(1.0 - reference[0]) / (1.0 - reference[1]),
            large_kept=reference[0] / reference[1],
            openness=path("openness"),
            model_price=path("model_price") * (1.0 + hit("language_model_cost")),
            open_weights=path("open_weights"),
            claim=np.clip(path("claim") + hit("claim"), 0.0, 0.9),
            exits=path("exits"),
            ageing=path("ageing") * (1.0 + hit("frontier_growth")),
            vendor_outage=hit("vendor_outage"),
            vendor_outage_before=hit("vendor_outage", 1),
            margin_shock=hit("margin"),
            bad_loans_shock=hit("bad_loans"),
            own_loss_before=hit("own_loss", 1),
            own_loss_rate_before=hit("own_loss_rate", 1),
            **{name: hit(name) for name in SHOCKS if name.startswith("own_")},
        )


def _log_odds(share: float) -> float:
    return float(np.log(share / (1.0 - share)))
