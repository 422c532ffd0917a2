"""The own bank's table, a row a year of one run of one choice; what a strategy team asks of it, an answer a table."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from agents.honeycomb import DIMENSIONS
from experiments.config import catalogue
from experiments.config.catalogue import OWN_OUTCOMES
from experiments.results.open import Results as StudyResults
from experiments.results.open import laid_at, places_of
from experiments.results.parquet import of_study
from experiments.results.schema import REPLICATE, SCENARIO, Column, Table
from experiments.results.statistics import (
    CRITICAL,
    first_place_probabilities,
    gained,
    interval,
    quantile,
    reached,
    standard_error,
    tail_mean,
)
from experiments.runs.merged import KEPT, Merged
from model.own_bank import BRIDGE, BUDGET
from model.own_plan import KIND, MORE, OPEN_ROUTES, SHARES_NAMED, STILL

KEYS: Final = (
    SCENARIO,
    REPLICATE,
    Column("bank", "string", "name of the bank"),
    Column(
        "choice",
        "string",
        "a plan by its name; like_its_kind: by the rule of its kind; no_change: keeps running what it has; "
        "route_<route>: the first plan with one route to language models, or waiting; more_<dimension>: 5 % of project "
        "money on top; people_hire, people_train: more people, more composite people; spend_<percent>: that part of "
        "its spending",
    ),
    Column("year", "int32", "calendar year; flows are those of the quarters followed"),
)


# What is kept of each of many banks that are followed side by side.
OF_MEMBERS: Final = (
    *DIMENSIONS, "index", "percentile", "revenue", "net_profit", "technology_spending", "run", "fees",
    "budget_exhausted", "capital", "bad_loans", "inclusive_share", "quarters",
)  # fmt: skip


def table_of(outcomes: tuple[str, ...]) -> Table:
    """Declare the table for what a study follows."""
    described = {
        name: OWN_OUTCOMES.get(name, ("0-100", f"level of the item {name.removeprefix('item:')}"))
        for name in outcomes
    }
    columns = (Column(name, "float64", meaning, unit) for name, (unit, meaning) in described.items())
    return Table("one year of one run of one choice of the user's own bank", (*KEYS, *columns))


def write_own_bank(merged: Merged, folder: Path) -> None:
    """Write own_bank.parquet."""
    if not merged.own_outcomes:
        return
    banks, choices = zip(*merged.own_rows, strict=True)
    outcomes = (
        merged.own_outcomes if KIND in choices else tuple(n for n in merged.own_outcomes if n in OF_MEMBERS)
    )
    names = {"bank": tuple(dict.fromkeys(banks)), "choice": tuple(dict.fromkeys(choices))}
    years = [int(quarter[:4]) for quarter in merged.survey_quarters]
    rows = {"bank": [names["bank"].index(bank) for bank in banks]}
    rows |= {"choice": [names["choice"].index(choice) for choice in choices]}
    with of_study(merged, folder, "own_bank", table_of(outcomes), **names) as table:
        for scenarios in together(merged, outcomes):
            read = [
                {name: chunk.rows(f"own/{name}", scenarios).copy() for name in outcomes}
                for chunk in merged.chunks
            ]
            for place, s in enumerate(range(scenarios.start, scenarios.stop)):
                for chunk, arrays in zip(merged.chunks, read, strict=True):
                    values = {name: array[place] for name, array in arrays.items()}
                    followed = ~np.isnan(values["index"])  # (R, years, rows)
                    axes = {"replicate": merged.replicates_of(chunk), "year": years}
                    table.add(followed.shape, followed, axes, scenario=s, **rows, **values)


def together(merged: Merged, outcomes: tuple[str, ...]) -> Iterator[slice]:
    """Yield scenarios that are read together: whoever reads one of a chunk unpacks most of the others with it."""
    shapes = (chunk.entries[f"own/{outcomes[0]}"]["shape"] for chunk in merged.chunks)
    size = 8 * len(outcomes) * sum(math.prod(shape[1:]) for shape in shapes)
    width = max(1, KEPT // size)
    for first in range(0, len(merged.scenarios), width):
        yield slice(first, min(first + width, len(merged.scenarios)))


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
PEOPLE: Final = ("people_hire", "people_train")
EARLY: Final = (*DIMENSIONS, "index", "heads", "language_model", "new_technology", "benefit", "spend_ratio")


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

    Attributes
    ----------
    outcomes : list of str
        Everything that is followed, and the keys.
    futures, years : list
        Scenarios in order, and the years followed.
    plans, compared : list of str
        The bank's plans, the first of which leads; with them what peers do, and as today.
    floors : dict of str to float
        What must not be fallen below: percent, million yuan a year, parts of the budget and of the market.
    rate : float
        Discount rate, 1/year.
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
        self._columns: dict[str, np.ndarray] = {}
        self.outcomes: list[str] = list(self._file.schema.names)
        self.futures: list[str] = self.axes["scenario"]
        self.years: list[int] = self.axes["year"]
        self.plans: list[str] = self.axes["choice"][: self.axes["choice"].index(KIND)]
        self.compared = [*self.plans, KIND, STILL]
        self.floors = floors_of(settings.get("floors"))
        rate = settings.get("discount_rate")
        self.rate = DISCOUNT if rate is None else float(rate)

    def __getitem__(self, name: str) -> np.ndarray:
        """One outcome, shape (scenarios, replicates, choices, years)."""
        if name not in self._columns:
            with pq.ParquetFile(self.path, metadata=self._file) as file:
                column = file.read(columns=[name])[name].to_numpy()
            self._columns[name] = laid_at(self._places, self.axes, column[self._mine])
        return self._columns[name]

    def of(self, name: str, choice: str) -> np.ndarray:
        """One outcome of one choice, shape (scenarios, replicates, years)."""
        return np.asarray(self[name][:, :, self.axes["choice"].index(choice)])

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
        return self._no_sooner(paid(self.gain(choice)))

    def _no_sooner(self, back: np.ndarray) -> np.ndarray:
        """The same, under stress only where it is so in the first future too; bool (scenarios, replicates, ...)."""
        stressed = self.stressed.reshape(*self.stressed.shape, *[1] * (back.ndim - 2))
        return np.asarray(back & (back[:1] | ~stressed))

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
            after = (1.0 + self.rate) ** -(len(weights) + np.arange(tail) + 0.5)
            value = value + self.going_on(choice) * after.sum()
        return value

    def going_on(self, choice: str) -> np.ndarray:
        """What ``gain`` is a year after the last: without that year's projects, million yuan (scenarios, replicates).

        They are spared after tax. A loss is not taxed, nor set against the profit of other quarters, so that the rate
        is that of the years without one: the least that is paid on a year's profit.
        """
        tax, profit = self.of("tax", choice), self.of("net_profit", choice)
        earned = tax + profit
        rates = np.divide(tax, earned, out=np.ones_like(tax), where=earned > 0.0)
        rate = np.where(tax[..., -1] > 0.0, np.clip(rates.min(-1), 0.0, 1.0), 0.0)
        spared = sum(
            self.of(name, choice)[..., -1] - self.of(name, STILL)[..., -1]
            for name in ("projects", "kept", "compliance", "claim", "policy_cost")
        )
        return np.asarray(self.gain(choice)[..., -1] + (1.0 - rate) * spared)

    def paid_later(self, choice: str, more: int) -> np.ndarray:
        """Whether `paid_back` would hold by so many years after the last, bool (scenarios, replicates)."""
        return self._no_sooner(self.gain(choice).sum(-1) + more * self.going_on(choice) > 0.0)


def floors_of(entered: Mapping[str, float | None] | None) -> dict[str, float]:
    """What must not be fallen below: what a bank sets, its profit in million yuan a year, beside what it leaves."""
    floors = {name: value for name, value in (entered or {}).items() if value is not None}
    return FLOORS | floors | ({"profit": 1e-6 * floors["profit"]} if "profit" in floors else {})


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


# ------------------------------------------------------------ how an answer is laid out


def _table(axes: Mapping[str, Sequence[Any]], columns: Mapping[str, Any]) -> pd.DataFrame:
    """A row for each combination of the axes, a column for each array over them."""
    keys = pd.MultiIndex.from_product([list(axis) for axis in axes.values()], names=list(axes))
    return pd.DataFrame({name: np.ravel(values) for name, values in columns.items()}, keys).reset_index()


def _band(values: np.ndarray) -> dict[str, np.ndarray]:
    """Median and 90 % interval over the last axis, as columns."""
    return dict(zip(("q05", "q50", "q95"), quantile(values), strict=True))


def _interval(name: str, values: np.ndarray) -> dict[str, np.ndarray]:
    """The same of a difference between runs, as `statistics.interval` names it; zero has no sign."""
    low, middle, high = quantile(values) + 0.0
    return {name: middle, f"{name}_low": low, f"{name}_high": high}


# ------------------------------------------------------------ where we are


def place(runs: OwnRuns) -> pd.DataFrame:
    """Share of banks of its kind and size that the first plan leaves behind, first and last year, percent, with n."""
    names, ends = ("index", *DIMENSIONS), [0, len(runs.years) - 1]

    scores, ahead, peers = (
        np.array([runs.of(column, runs.plans[0])[0][:, ends].T for column in columns])
        for columns in (
            names,
            ("percentile", *(f"percentile_{name}" for name in DIMENSIONS)),
            ["peers"] * len(names),
        )
    )  # (dimensions, years, replicates)
    columns = {"score": np.median(scores, axis=-1), "peers": np.median(peers, axis=-1).astype(int)}
    return _table({"dimension": names, "year": [runs.years[y] for y in ends]}, columns | _band(ahead))


def bottleneck(runs: OwnRuns) -> pd.DataFrame:
    """Points of the index for a million yuan more by dimension; those not clearly below the best are ties."""
    spent = np.array([runs.of("added", name)[0].sum(-1) for name in MORE])
    index = np.array([runs.of("index", name)[0, :, -1] for name in MORE])
    gains = (index - runs.of("index", runs.plans[0])[0, :, -1]) / np.maximum(spent, 1e-9)
    means, best = gains.mean(-1), int(np.argmax(gains.mean(-1)))
    # Of a single run no error is known, and nothing is clearly below the best.
    near = [not apart.mean() > CRITICAL * standard_error(apart) for apart in gains[best] - gains]
    columns = {"gain": means, "error": [standard_error(gain) for gain in gains]}
    columns["tied"] = [int(close or k == best) for k, close in enumerate(near)]
    table = _table({"dimension": DIMENSIONS}, columns | {"spent": np.median(spent, axis=-1)})
    table = table.sort_values("gain", ascending=False, ignore_index=True)
    if not float(table["gain"].iloc[0]) > CRITICAL * float(table["error"].iloc[0]):
        table["tied"] = 1  # nothing does anything clearly: all are tied
    return table


def maintenance(runs: OwnRuns) -> pd.DataFrame:
    """Share of each year's budget that keeps systems running, percent, first plan in the first future."""
    share = 100.0 * (runs.of("run", runs.plans[0]) + runs.of("fees", runs.plans[0]))[0]
    share = share / np.maximum(runs.of("technology_spending", runs.plans[0])[0], 1e-12)  # zero is a plan too
    return _table({"year": runs.years}, _band(share.T))


# ------------------------------------------------------------ plans and futures


def paths(runs: OwnRuns) -> pd.DataFrame:
    """What becomes of every plan in every future, year by year."""
    bands = [[quantile(np.moveaxis(runs.of(n, p), 1, -1)) for p in runs.compared] for n in SHOWN]
    axes = {"outcome": SHOWN, "plan": runs.compared, "scenario": runs.futures, "year": runs.years}
    return _table(axes, dict(zip(("q05", "q50", "q95"), np.moveaxis(np.array(bands), 2, 0), strict=True)))


def items(runs: OwnRuns) -> pd.DataFrame:
    """Level of every item, mean over runs, 0-100, first future: as today at the first year's end, plans at the last."""
    names = [name for name in runs.outcomes if name.startswith("item:")]
    levels = {"first_year": [runs.of(name, STILL)[0, :, 0].mean() for name in names]}
    levels |= {plan: [runs.of(name, plan)[0, :, -1].mean() for name in names] for plan in runs.compared}
    return _table({"item": [name.removeprefix("item:") for name in names]}, levels)


def budget(runs: OwnRuns) -> pd.DataFrame:
    """Technology spending by use, mean over runs, million yuan a year; the parts add up to the whole."""
    uses = (*BUDGET, "technology_spending", "people_cost")
    means = {use: [runs.of(use, plan).mean(1) for plan in runs.compared] for use in uses}
    return _table({"plan": runs.compared, "scenario": runs.futures, "year": runs.years}, means)


def bridge(runs: OwnRuns) -> pd.DataFrame:
    """From the revenue of its first quarter to that of the last year, mean over runs; the parts add up."""
    profit = ("fee_income", "costs", "charge", "technology_spending", "tax", "net_profit")
    lines = ("bridge_before", *BRIDGE, "revenue", *profit)
    axes = {"plan": runs.compared, "scenario": runs.futures}
    return _table(axes, {n: [runs.of(n, plan)[..., -1].mean(1) for plan in runs.compared] for n in lines})


def floors(runs: OwnRuns) -> pd.DataFrame:
    """Share of runs in which a plan falls below each floor in any year, by future, and below any."""
    axes = {"plan": runs.compared, "scenario": runs.futures}
    broken = [runs.breached(plan) for plan in runs.compared]
    table = _table(axes, {name: [part[name].any(-1).mean(-1) for part in broken] for name in FLOORS})
    table["any"] = np.ravel([runs.fails(plan).mean(-1) for plan in runs.compared])
    return table.assign(**{f"floor_{name}": value for name, value in runs.floors.items()})


def choice(runs: OwnRuns) -> pd.DataFrame:
    """The plans against each other over all futures: satisficing score, regret, the mean of the worst, P(best).

    ``keeps_up`` is the share of futures and runs without a breach that end at or above the median of its kind; regret
    is the most by which a plan's mean lies below the best plan's in any future.
    """
    index, median, spent = (
        np.array([runs.of(name, plan) for plan in runs.compared])
        for name in ("index", "kind_median", "technology_spending")
    )  # (plans, scenarios, replicates, years)
    index, median, value = index[..., -1], median[..., -1], np.array([*map(runs.npv, runs.compared)])
    fails, last = np.array([*map(runs.fails, runs.compared)]), [runs.npv(p, TAIL)[0] for p in runs.compared]
    columns = {
        "keeps_up": ((index >= median) & ~fails).mean((1, 2)),
        "fails": fails.mean((1, 2)),
        "index": np.median(index[:, 0], axis=-1),
        "regret_index": (index.mean(-1).max(0) - index.mean(-1)).max(-1),
        "best": first_place_probabilities(index.reshape(len(index), -1)),
        "npv": value[:, 0].mean(-1),
        "npv_tail": np.mean(last, axis=-1),
        "regret_npv": (value.mean(-1).max(0) - value.mean(-1)).max(-1),
        "cvar_npv": [tail_mean(one.ravel(), WORST) for one in value],
        "spent": spent[:, 0].sum(-1).mean(-1),
    }
    return _table({"plan": runs.compared}, columns)


def paired(runs: OwnRuns) -> pd.DataFrame:
    """Every plan less every other, run by run with the same luck, by future: index at the end and present value."""
    tables = []
    for plan, other in combinations(runs.compared, 2):
        index = runs.of("index", plan)[..., -1] - runs.of("index", other)[..., -1]
        value = runs.npv(plan) - runs.npv(other)
        columns = _interval("index", index) | {"ahead": gained(index).mean(-1)}
        columns |= _interval("npv", value) | {"worth_more": gained(value).mean(-1)}
        tables.append(_table({"plan": [plan], "against": [other], "scenario": runs.futures}, columns))
    return pd.concat(tables, ignore_index=True)


def payback(runs: OwnRuns) -> pd.DataFrame:
    """Present value and payback of every plan in every future, against keeping running what it has.

    ``paid_back``: share of runs whose balance, not discounted, stays above zero from some year on, under stress no
    sooner than in the first future (`OwnRuns.paid_back`); ``year``: the first by which half of the runs are, missing
    where most do not get there; ``spared``: share whose balance alone would say so sooner, for what stress spares;
    ``tail``: share that would be paid back within ``TAIL`` years more, likewise.
    """
    tables = []
    for plan in (*runs.plans, KIND):
        stays, value, longer = runs.paid_back(plan), runs.npv(plan), runs.npv(plan, TAIL)
        spared = (paid(runs.gain(plan)) & ~stays).any(-1)
        repaid, first = stays.any(-1), np.array(runs.years)[stays.argmax(-1)]
        year = np.array([reached(one, 0.5) for one in np.where(repaid, first, np.inf)])
        columns = {"paid_back": repaid.mean(-1), "year": np.where(np.isinf(year), np.nan, year)}
        columns |= _interval("npv", value) | _interval("npv_tail", longer)
        columns |= {"tail": runs.paid_later(plan, TAIL).mean(-1), "spared": spared.mean(-1)}
        tables.append(_table({"plan": [plan], "scenario": runs.futures}, columns))
    return pd.concat(tables, ignore_index=True)


def paid(gain: np.ndarray) -> np.ndarray:
    """Whether the balance of yearly gains is above zero from a year on until the end, bool, same shape."""
    above = np.cumsum(gain, axis=-1) > 0.0
    stays: np.ndarray = np.logical_and.accumulate(above[..., ::-1], axis=-1)[..., ::-1]
    return stays


# ------------------------------------------------------------ what to do


def _against_lead(runs: OwnRuns, choice: str, *names: str) -> dict[str, float]:
    """Outcomes at the end, then the present value, of a choice less those of the first plan, first future."""
    ends = {n: runs.of(n, choice)[0, :, -1] - runs.of(n, runs.plans[0])[0, :, -1] for n in names}
    ends["npv"] = (runs.npv(choice) - runs.npv(runs.plans[0]))[0]
    return {key: value for name, apart in ends.items() for key, value in interval(apart, name).items()}


def routes(runs: OwnRuns) -> pd.DataFrame:
    """Build now, buy, through the union, an alliance, or wait: the first plan had it only that way, first future."""
    rows = []
    for name in (*OPEN_ROUTES, "wait"):
        route = f"route_{name}"
        has = runs.of("language_model", route)[0] > 0
        taken = has.any(-1)
        years = np.array(runs.years)[has.argmax(-1)[taken]]
        rows.append(
            {
                "route": name,
                "adopted": float(taken.mean()),
                "year": float(reached(years, 0.5)) if taken.any() else float("nan"),
                "paid": float(runs.of("language_model_spending", route)[0].sum(-1).mean()),
                "maturity": float(runs.of("new_technology", route)[0, :, -1].mean()),
                **_against_lead(runs, route, "index"),
            }
        )
    return pd.DataFrame(rows)


def people(runs: OwnRuns) -> pd.DataFrame:
    """Hire or train: what each adds to the first plan and what its people cost beyond those of that, first future."""
    paid = {choice: runs.of("people_cost", choice)[0].sum(-1).mean() for choice in (runs.plans[0], *PEOPLE)}
    return pd.DataFrame(
        {
            "choice": choice.removeprefix("people_"),
            "cost": float(paid[choice] - paid[runs.plans[0]]),
            **_against_lead(runs, choice, "index", "organization"),
        }
        for choice in PEOPLE
    )


def shares(runs: OwnRuns) -> pd.DataFrame:
    """What share of its spending keeps the bank up, in every future; ``keeps_up`` is told without the floors here."""
    names = dict(sorted({**SHARES_NAMED, runs.plans[0]: 1.0}.items(), key=lambda pair: pair[1]))
    index, median, ratio = (
        np.stack([runs.of(outcome, name) for name in names], axis=1)
        for outcome in ("index", "kind_median", "spend_ratio")
    )  # (scenarios, choices, replicates, years)
    failed = np.stack([runs.fails(name) for name in names], axis=1)
    columns = {"spend_ratio": np.median(ratio[..., 0], axis=-1)}
    columns |= {"keeps_up": (index[..., -1] >= median[..., -1]).mean(-1), "fails": failed.mean(-1)}
    columns |= _interval("index", index[..., -1])
    return _table({"scenario": runs.futures, "times": list(names.values())}, columns)


def early(runs: OwnRuns) -> pd.DataFrame:
    """What should move within a year if the plan works: the second year followed against keeping running what it has.

    ``still`` is the bank that keeps running what it has, at the end of the first year followed, ``still_year``.
    """
    later = min(1, len(runs.years) - 1)
    ours, still = (
        np.array([[runs.of(name, choice)[0] for name in EARLY] for choice in choices])
        for choices in (runs.plans, [STILL] * len(runs.plans))
    )  # (plans, outcomes, replicates, years)
    table = _table({"plan": runs.plans, "outcome": EARLY}, {"still": np.median(still[..., 0], axis=-1)})
    moved = _interval("effect", ours[..., later] - still[..., later])
    columns = {name: np.ravel(values) for name, values in (_band(ours[..., later]) | moved).items()}
    return table.assign(still_year=runs.years[0], year=runs.years[later], **columns)


ANSWERS: Final = {
    ask.__name__: ask
    for ask in (
        choice, floors, payback, paired, paths, budget, bridge, items, place, bottleneck, maintenance, routes, people,
        shares, early,
    )
}  # fmt: skip


def every(runs: OwnRuns) -> dict[str, pd.DataFrame]:
    """Every answer by its name."""
    return {name: ask(runs) for name, ask in ANSWERS.items()}


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
