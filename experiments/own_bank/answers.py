"""What a strategy team asks of its own bank, each answer one table, all from ``own_bank`` of a study."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from agents.honeycomb import DIMENSIONS
from experiments.config import catalogue
from experiments.results.open import Results as StudyResults
from experiments.results.open import laid_at, places_of
from experiments.results.statistics import (
    CRITICAL,
    interval,
    probability,
    quantile,
    standard_error,
    tail_mean,
)
from model.own_bank import BRIDGE, BUDGET
from model.own_plan import KIND, MORE, OPEN_ROUTES, SHARES_NAMED, STILL

DISCOUNT: Final = catalogue.value("bank.discount_rate")  # a year, where the bank says nothing
TAIL: Final = int(
    catalogue.value("bank.judged.tail")
)  # years for which the last year's return goes on in the longer of the two balances
WORST: Final = 0.1  # of all futures and runs, for the mean of the worst
FLOORS: Final = {n: catalogue.value(f"bank.floors.{n}") for n in ("capital", "profit", "run_cost", "market")}
"""Where the bank sets none: the ratio required, no loss, running within the budget, no floor of the market."""
STANDING: Final = "standing"  # any floor that half of the runs keep without a blow
READ: Final = (
    "capital", "net_profit", "quarters", "run", "fees", "technology_spending", "budget_exhausted", "inclusive_share",
)  # fmt: skip
SHOWN: Final = (
    *DIMENSIONS, "index", "percentile", "revenue", "net_profit", "technology_spending", "capital", "bad_loans",
    "cost_income", "inclusive_share", "heads",
)  # fmt: skip
EARLY: Final = (*DIMENSIONS, "index", "heads", "language_model", "new_technology", "benefit", "spend_ratio")
Key = tuple[str, ...]


class OwnRuns:
    """All runs of one bank as arrays (scenarios, replicates, choices, years), read column by column.

    Parameters
    ----------
    path : Path
        ``own_bank.parquet``.
    settings : mapping
        The bank of the study's manifest: its floors, its discount rate, its plans.
    bank : str or None
        Name; None for the first.
    """

    def __init__(self, path: Path, settings: Mapping[str, Any], bank: str | None = None) -> None:
        keys = pd.read_parquet(path, columns=["scenario", "replicate", "bank", "choice", "year"])
        self.path, self.bank, self.settings = path, bank or str(keys["bank"].cat.categories[0]), settings
        self._mine = (keys["bank"] == self.bank).to_numpy()
        keys = keys[self._mine]
        self.axes: dict[str, list[Any]] = {
            "scenario": list(keys["scenario"].cat.categories),
            "replicate": sorted(keys["replicate"].unique().tolist()),
            "choice": [c for c in keys["choice"].cat.categories if (keys["choice"] == c).any()],
            "year": sorted(keys["year"].unique().tolist()),
        }
        self._places = places_of(keys, self.axes)
        self._file = pq.read_metadata(path)
        self._kept: dict[str, np.ndarray] = {}

    @property
    def outcomes(self) -> list[str]:
        """Everything that is followed, and the keys."""
        return list(self._file.schema.names)

    @property
    def futures(self) -> list[str]:
        """Scenarios, in order."""
        return self.axes["scenario"]

    @property
    def years(self) -> list[int]:
        """Years followed."""
        return self.axes["year"]

    @property
    def plans(self) -> list[str]:
        """The bank's plans, the first of which leads."""
        return self.axes["choice"][: self.axes["choice"].index(KIND)]

    @property
    def compared(self) -> list[str]:
        """The plans, what peers do, and as today."""
        return [*self.plans, KIND, STILL]

    def __getitem__(self, name: str) -> np.ndarray:
        """One outcome, shape (scenarios, replicates, choices, years)."""
        if name not in self._kept:
            with pq.ParquetFile(self.path, metadata=self._file) as file:
                column = file.read(columns=[name])[name].to_numpy()
            self._kept[name] = laid_at(self._places, self.axes, column[self._mine])
        return self._kept[name]

    def of(self, name: str, choice: str) -> np.ndarray:
        """One outcome of one choice, shape (scenarios, replicates, years)."""
        return np.asarray(self[name][:, :, self.axes["choice"].index(choice)])

    @property
    def floors(self) -> dict[str, float]:
        """What must not be fallen below: percent, million yuan a year, parts of the budget and of the market."""
        return floors_of(self.settings.get("floors"))

    @property
    def rate(self) -> float:
        """Discount rate, 1/year."""
        given = self.settings.get("discount_rate")
        return DISCOUNT if given is None else float(given)

    def breached(self, choice: str) -> dict[str, np.ndarray]:
        """Whether each floor is fallen below in a year, bool (scenarios, replicates, years)."""
        values = {name: self.of(name, choice) for name in READ}
        budget = self.of("technology_spending", self.plans[0]) if choice == STILL else 0.0
        return breaches(values, self.floors, budget)

    def fails(self, choice: str) -> np.ndarray:
        """Whether any floor is fallen below in any year, bool (scenarios, replicates)."""
        return np.any([part.any(-1) for part in self.breached(choice).values()], axis=0)

    def gain(self, choice: str) -> np.ndarray:
        """Profit beyond that of the same bank, with the same luck, that keeps running what it has; million yuan."""
        apart: np.ndarray = self.of("net_profit", choice) - self.of("net_profit", STILL)
        return apart

    @property
    def stressed(self) -> np.ndarray:
        """Where the bank as it is earns less than in the first future, bool (scenarios, replicates)."""
        earned = self.of("net_profit", STILL).sum(-1)
        worse: np.ndarray = earned < earned[:1]
        return worse

    def paid_back(self, choice: str) -> np.ndarray:
        """Whether it is paid back from a year on, bool (scenarios, replicates, years); stress never makes that sooner.

        Under stress a plan may spend less (a share of less revenue), or spare more (losses that skill avoids). Neither
        is a return of the plan: it counts as paid back when it is so in the first future too.
        """
        stays = paid(self.gain(choice))
        return np.where(self.stressed[..., None], stays & stays[:1], stays)

    def npv(self, choice: str, tail: int = 0) -> np.ndarray:
        """Present value of ``gain``, million yuan (scenarios, replicates).

        Parameters
        ----------
        choice : str
        tail : int
            Years after the last for which its return, without the projects of the last year, goes on.
        """
        gain = self.gain(choice)
        weights = (1.0 + self.rate) ** -(np.arange(gain.shape[-1]) + 0.5)
        value: np.ndarray = (gain * weights).sum(-1)
        if tail:
            tax = 1.0 - self.of("tax", choice)[..., -1] / np.maximum(
                self.of("tax", choice)[..., -1] + self.of("net_profit", choice)[..., -1], 1e-9
            )
            spared = sum(
                self.of(name, choice)[..., -1] - self.of(name, STILL)[..., -1]
                for name in ("projects", "kept", "compliance", "claim", "policy_cost")
            )
            last = gain[..., -1] + np.clip(tax, 0.0, 1.0) * spared
            after = (1.0 + self.rate) ** -(len(weights) + np.arange(tail) + 0.5)
            value = value + last * after.sum()
        return value


def floors_of(given: Mapping[str, float | None] | None) -> dict[str, float]:
    """What must not be fallen below: what a bank sets, its profit in million yuan a year, beside what it leaves."""
    known = {name: value for name, value in (given or {}).items() if value is not None}
    return FLOORS | known | ({"profit": 1e-6 * known["profit"]} if "profit" in known else {})


def breaches(
    values: Mapping[str, np.ndarray], floors: Mapping[str, float], budget: np.ndarray | float = 0.0
) -> dict[str, np.ndarray]:
    """Whether each floor is fallen below, by year, bool; NaN years never are.

    Parameters
    ----------
    values : mapping of str to ndarray
        Outcomes of a choice, as in ``own_bank``: at least those of `READ`.
    floors : mapping of str to float
        As `OwnRuns.floors`.
    budget : float or ndarray
        Least that running is held against, million yuan: what a bank saves on change does not make its running dear.
    """
    spent = np.maximum(values["technology_spending"], budget)
    running = (values["run"] + values["fees"]) / np.maximum(spent, 1e-12)
    annual = 4.0 * values["net_profit"] / np.maximum(values["quarters"], 1.0)
    return {
        "capital": values["capital"] < floors["capital"],
        "profit": annual < floors["profit"],
        "run_cost": (running > floors["run_cost"] + 1e-9) | (values["budget_exhausted"] > 0),
        "market": values["inclusive_share"] < 100.0 * floors["market"],
    }


# ------------------------------------------------------------ where we are


def place(runs: OwnRuns) -> pd.DataFrame:
    """Share of banks of its kind and size that the first plan leaves behind, first and last year, percent, with n."""
    rows = []
    for name in ("index", *DIMENSIONS):
        column = "percentile" if name == "index" else f"percentile_{name}"
        for y in (0, len(runs.years) - 1):
            band = quantile(runs.of(column, runs.plans[0])[0, :, y])
            score = float(np.median(runs.of(name, runs.plans[0])[0, :, y]))
            number = int(np.median(runs.of("peers", runs.plans[0])[0, :, y]))
            rows.append(
                {"dimension": name, "year": runs.years[y], "score": score, "peers": number, **_ends(band)}
            )
    return pd.DataFrame(rows)


def bottleneck(runs: OwnRuns) -> pd.DataFrame:
    """Points of the index for a million yuan more by dimension; those not clearly below the best are ties."""
    index, spent = runs.of("index", runs.plans[0])[0, :, -1], {}
    gains = {}
    for name, dimension in zip(MORE, DIMENSIONS, strict=True):
        spent[dimension] = runs.of("added", name)[0].sum(-1)
        gains[dimension] = (runs.of("index", name)[0, :, -1] - index) / np.maximum(spent[dimension], 1e-9)
    best = max(gains, key=lambda d: float(gains[d].mean()))
    rows = []
    for dimension, gain in gains.items():
        apart = gains[best] - gain
        tied = dimension == best or float(apart.mean()) < CRITICAL * standard_error(apart)
        mean, error = float(gain.mean()), standard_error(gain)
        rows.append(
            {"dimension": dimension, "gain": mean, "error": error, "tied": int(tied)}
            | {"spent": float(np.median(spent[dimension]))}
        )
    table = pd.DataFrame(rows).sort_values("gain", ascending=False, ignore_index=True)
    if float(table["gain"].iloc[0]) < CRITICAL * float(table["error"].iloc[0]):
        table["tied"] = 1  # nothing does anything clearly: all are tied
    return table


def maintenance(runs: OwnRuns) -> pd.DataFrame:
    """Share of each year's budget that keeps systems running, percent, first plan in the first future."""
    share = 100.0 * (runs.of("run", runs.plans[0]) + runs.of("fees", runs.plans[0]))[0]
    share = share / np.maximum(runs.of("technology_spending", runs.plans[0])[0], 1e-12)  # zero is a plan too
    return pd.DataFrame([{"year": y, **_ends(quantile(share[:, k]))} for k, y in enumerate(runs.years)])


# ------------------------------------------------------------ plans and futures


def paths(runs: OwnRuns) -> pd.DataFrame:
    """What becomes of every plan in every future, year by year."""
    rows = []
    for name in SHOWN:
        for choice in runs.compared:
            values = runs.of(name, choice)
            for s, future in enumerate(runs.futures):
                bands = quantile(values[s].T)
                rows += [
                    {"outcome": name, "plan": choice, "scenario": future, "year": year}
                    | _ends(tuple(np.atleast_1d(band)[k] for band in bands))
                    for k, year in enumerate(runs.years)
                ]
    return pd.DataFrame(rows)


def items(runs: OwnRuns) -> pd.DataFrame:
    """Level of every item, first and last year, mean over runs, 0-100, in the first future."""
    rows = []
    for name in (n for n in runs.outcomes if n.startswith("item:")):
        row: dict[str, Any] = {
            "item": name.removeprefix("item:"),
            "today": float(runs.of(name, STILL)[0, :, 0].mean()),
        }
        row |= {plan: float(runs.of(name, plan)[0, :, -1].mean()) for plan in runs.compared}
        rows.append(row)
    return pd.DataFrame(rows)


def budget(runs: OwnRuns) -> pd.DataFrame:
    """Technology spending by use, mean over runs, million yuan a year; the parts add up to the whole."""
    rows = []
    for choice in runs.compared:
        uses = (*BUDGET, "technology_spending", "people_cost")
        parts = {name: runs.of(name, choice).mean(1) for name in uses}
        for s, future in enumerate(runs.futures):
            for k, year in enumerate(runs.years):
                rows.append(
                    {"plan": choice, "scenario": future, "year": year}
                    | {name: float(part[s, k]) for name, part in parts.items()}
                )
    return pd.DataFrame(rows)


def bridge(runs: OwnRuns) -> pd.DataFrame:
    """From the revenue of its first quarter to that of the last year, mean over runs; the parts add up."""
    rows = []
    for choice in runs.compared:
        profit = ("fee_income", "costs", "charge", "technology_spending", "tax", "net_profit")
        lines = ("bridge_before", *BRIDGE, "revenue", *profit)
        parts = {name: runs.of(name, choice)[..., -1].mean(1) for name in lines}
        for s, future in enumerate(runs.futures):
            means = {name: float(part[s]) for name, part in parts.items()}
            rows.append({"plan": choice, "scenario": future} | means)
    return pd.DataFrame(rows)


def floors(runs: OwnRuns) -> pd.DataFrame:
    """Share of runs in which a plan falls below each floor in any year, by future, and below any."""
    rows = []
    for choice in runs.compared:
        by_floor = {name: part.any(-1) for name, part in runs.breached(choice).items()}
        failed = runs.fails(choice)
        for s, future in enumerate(runs.futures):
            rows.append(
                {"plan": choice, "scenario": future}
                | {name: float(part[s].mean()) for name, part in by_floor.items()}
                | {"any": float(failed[s].mean()), **{f"floor_{n}": v for n, v in runs.floors.items()}}
            )
    return pd.DataFrame(rows)


def choice(runs: OwnRuns) -> pd.DataFrame:
    """The plans against each other over all futures: satisficing score, regret, the mean of the worst, P(best).

    ``keeps_up`` is the share of futures and runs without a breach that end at or above the median of its kind; regret
    is the most by which a plan's mean lies below the best plan's in any future.
    """
    value = {plan: runs.npv(plan) for plan in runs.compared}
    index = {plan: runs.of("index", plan)[..., -1] for plan in runs.compared}
    best_value = np.max([value[p].mean(1) for p in runs.compared], axis=0)
    best_index = np.max([index[p].mean(1) for p in runs.compared], axis=0)
    top = np.max([index[p] for p in runs.compared], axis=0)
    rows = []
    for plan in runs.compared:
        ahead = index[plan] >= runs.of("kind_median", plan)[..., -1]
        rows.append(
            {
                "plan": plan,
                "keeps_up": float((ahead & ~runs.fails(plan)).mean()),
                "fails": float(runs.fails(plan).mean()),
                "index": float(np.median(index[plan][0])),
                "regret_index": float((best_index - index[plan].mean(1)).max()),
                "best": float((index[plan] >= top).mean()),
                "npv": float(value[plan][0].mean()),
                "npv_tail": float(runs.npv(plan, TAIL)[0].mean()),
                "regret_npv": float((best_value - value[plan].mean(1)).max()),
                "cvar_npv": tail_mean(value[plan].ravel(), WORST),
                "spent": float(runs.of("technology_spending", plan)[0].sum(-1).mean()),
            }
        )
    return pd.DataFrame(rows)


def paired(runs: OwnRuns) -> pd.DataFrame:
    """Every plan less every other, run by run with the same luck, by future: index at the end and present value."""
    rows = []
    for k, plan in enumerate(runs.compared):
        for other in runs.compared[k + 1 :]:
            index = runs.of("index", plan)[..., -1] - runs.of("index", other)[..., -1]
            value = runs.npv(plan) - runs.npv(other)
            for s, future in enumerate(runs.futures):
                rows.append(
                    {"plan": plan, "against": other, "scenario": future}
                    | interval(index[s], "index")
                    | {"ahead": probability(index[s])}
                    | interval(value[s], "npv")
                    | {"worth_more": probability(value[s])}
                )
    return pd.DataFrame(rows)


def payback(runs: OwnRuns) -> pd.DataFrame:
    """Present value and payback of every plan in every future, against keeping running what it has.

    ``paid_back``: share of runs whose balance, not discounted, stays above zero from some year on, under stress no
    sooner than in the first future (`OwnRuns.paid_back`); ``year``: the median of that year, missing where most runs do
    not get there; ``spared``: share whose balance alone would say so sooner, for what stress spares; ``tail``: share
    that would be paid back within ``TAIL`` years more, likewise.
    """
    rows = []
    for plan in (*runs.plans, KIND):
        stays, value, longer = runs.paid_back(plan), runs.npv(plan), runs.npv(plan, TAIL)
        spared = (paid(runs.gain(plan)) & ~stays).any(-1)
        later = (longer > 0) & ((longer[:1] > 0) | ~runs.stressed)
        for s, future in enumerate(runs.futures):
            done = stays[s].any(-1)
            first = np.where(done, stays[s].argmax(-1), len(runs.years))
            middle = int(np.median(first))
            rows.append(
                {"plan": plan, "scenario": future, "paid_back": float(done.mean())}
                | {"year": float(runs.years[middle]) if middle < len(runs.years) else float("nan")}
                | interval(value[s], "npv")
                | interval(longer[s], "npv_tail")
                | {"tail": float(later[s].mean()), "spared": float(spared[s].mean())}
            )
    return pd.DataFrame(rows)


def paid(gain: np.ndarray) -> np.ndarray:
    """Whether the balance of yearly gains is above zero from a year on until the end, bool, same shape."""
    above = np.cumsum(gain, axis=-1) >= 0.0
    stays: np.ndarray = np.logical_and.accumulate(above[..., ::-1], axis=-1)[..., ::-1]
    return stays


# ------------------------------------------------------------ what to do


def routes(runs: OwnRuns) -> pd.DataFrame:
    """Build now, buy, through the union, an alliance, or wait: the first plan had it only that way, first future."""
    index, value, rows = runs.of("index", runs.plans[0])[0, :, -1], runs.npv(runs.plans[0])[0], []
    for name in (*OPEN_ROUTES, "wait"):
        route = f"route_{name}"
        has = runs.of("language_model", route)[0] > 0
        taken = has.any(-1)
        year = np.where(taken, has.argmax(-1), 0)
        rows.append(
            {
                "route": name,
                "adopted": float(taken.mean()),
                "year": float(np.median(np.array(runs.years)[year[taken]])) if taken.any() else float("nan"),
                "paid": float(runs.of("language_model_spending", route)[0].sum(-1).mean()),
                "maturity": float(runs.of("new_technology", route)[0, :, -1].mean()),
                **interval(runs.of("index", route)[0, :, -1] - index, "index"),
                **interval(runs.npv(route)[0] - value, "npv"),
            }
        )
    return pd.DataFrame(rows)


def people(runs: OwnRuns) -> pd.DataFrame:
    """Hire or train: what each adds to the first plan and what it costs, first future."""
    index, value, rows = runs.of("index", runs.plans[0])[0, :, -1], runs.npv(runs.plans[0])[0], []
    structure = runs.of("organization", runs.plans[0])[0, :, -1]
    for choice_ in ("hire", "train"):
        name = f"people_{choice_}"
        row: dict[str, Any] = {
            "choice": choice_,
            "cost": float(runs.of("people_cost", name)[0].sum(-1).mean()),
        }
        row |= interval(runs.of("index", name)[0, :, -1] - index, "index")
        row |= interval(runs.of("organization", name)[0, :, -1] - structure, "organization")
        rows.append(row | interval(runs.npv(name)[0] - value, "npv"))
    return pd.DataFrame(rows)


def shares(runs: OwnRuns) -> pd.DataFrame:
    """What share of its spending keeps the bank up, in every future."""
    rows = []
    every = sorted({**SHARES_NAMED, runs.plans[0]: 1.0}.items(), key=lambda pair: pair[1])
    for s, future in enumerate(runs.futures):
        for name, times in every:
            ahead = runs.of("index", name)[s, :, -1] >= runs.of("kind_median", name)[s, :, -1]
            ratio = float(np.median(runs.of("spend_ratio", name)[s, :, 0]))
            failed = runs.fails(name)[s]
            rows.append(
                {"scenario": future, "times": times, "spend_ratio": ratio}
                | {"keeps_up": float(ahead.mean()), "fails": float(failed.mean())}
                | interval(runs.of("index", name)[s, :, -1], "index")
            )
    return pd.DataFrame(rows)


def early(runs: OwnRuns) -> pd.DataFrame:
    """What should move within a year if the plan works: the plan's first year against keeping running what it has."""
    rows = []
    later = min(1, len(runs.years) - 1)
    for plan in runs.plans:
        for name in EARLY:
            ours, still = runs.of(name, plan)[0], runs.of(name, STILL)[0]
            rows.append(
                {
                    "plan": plan,
                    "outcome": name,
                    "today": float(np.median(still[:, 0])),
                    "year": runs.years[later],
                }
                | _ends(quantile(ours[:, later]))
                | interval(ours[:, later] - still[:, later], "effect")
            )
    return pd.DataFrame(rows)


def _ends(band: Iterable[Any]) -> dict[str, float]:
    return dict(zip(("q05", "q50", "q95"), map(float, band), strict=True))


ASKED: Final = (
    choice, floors, payback, paired, paths, budget, bridge, items, place, bottleneck, maintenance, routes, people,
    shares, early,
)  # fmt: skip


def every(runs: OwnRuns) -> dict[str, pd.DataFrame]:
    """Every answer by its name."""
    return {ask.__name__: ask(runs) for ask in ASKED}


class Results(StudyResults):
    """The folder of a study, opened: what every study has, and `own_bank` for one with ``bank=``."""

    def own_bank(self, bank: str | None = None) -> dict[str, pd.DataFrame]:
        """Answer a strategy team's questions about its own bank; for studies with ``bank=``.

        Parameters
        ----------
        bank : str, optional
            Name, where the study follows several; the first by default.

        Returns
        -------
        dict of DataFrame
            The ``choice`` between the plans, the ``floors`` they fall below in each future, their ``payback`` and
            ``paired`` differences, the ``paths`` of what they bring, the ``budget`` and the ``bridge`` of revenue, the
            ``items``, the ``place`` among peers, the ``bottleneck``, ``maintenance``, ``routes`` to language models,
            ``people``, ``shares`` of spending and what should move ``early`` (`experiments.own_bank.answers`).
        """
        runs = OwnRuns(self.path("own_bank"), self.manifest["config"]["bank"] or {}, bank)
        return every(runs)
