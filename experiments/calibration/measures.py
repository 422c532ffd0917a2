"""Runs of the baseline, and what its states say of each stylised fact; with margins, bad loans or budgets changed too.

``data/facts.csv`` says what each fact is, its band and where it comes from; the function of its name here, or the entry
of its name in `MEASURES`, reads its value off a run. What was fitted is marked there as fitted: to meet it is no
success.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from agents import honeycomb as h
from experiments.results.statistics import explained
from model import calendar
from model.policy import Effect, Policy
from model.shock import Shock
from model.system import BankingSystem
from model.world import Recording, Scenario, World

type Values = Any
"""An array over runs, (R,), or one number for all of them."""
FROM: Final = calendar.index("2025Q1")  # when what is changed for a fact begins
LAST: Final = calendar.index("2040Q4")
KEPT: Final = (
    "rung", "spend", "run", "fees", "revenue", "assets", "mean_assets", "profit", "staff", "index", "dims", "active",
    "market", "model_route", "vendor", "exporter", "allies",
)  # fmt: skip


class Run:
    """A scenario in a world, and what it does when margins, bad loans or budgets change; states by year's end.

    Parameters
    ----------
    world : World
        Population, numbers and seed.
    scenario : Scenario
    replicates : sequence of int
    end : str
        Last quarter; what is kept under its year where the year is not over.
    changed : bool
        Whether to run the changes beside the scenario.
    gone : bool
        Whether banks that were merged away still count, with what they had.
    """

    CHANGES: Final = ("baseline", "margin", "bad_loans", "budget")

    def __init__(
        self,
        world: World,
        scenario: Scenario,
        replicates: Sequence[int],
        end: str,
        changed: bool = True,
        gone: bool = False,
    ) -> None:
        kept = Recording(outcomes=False, items=False)
        self.world = replace(world, start="2020Q1", end=end, recording=kept, own_banks=())
        self.replicates, self.rows, self.baseline, self.gone = replicates, len(replicates), scenario, gone
        scenarios = [replace(scenario, **change) for change in (self._changes() if changed else [{}])]
        self.system = BankingSystem(self.world, scenarios, replicates)
        self.years: dict[int, SimpleNamespace] = {}
        last = calendar.index(end)
        for quarter in range(last + 1):
            self.system.step()
            if calendar.last_of_year(quarter) or quarter == last:
                self.keep(calendar.FIRST_YEAR + quarter // 4)

    def _changes(self) -> list[dict[str, Any]]:
        more = Effect("budget", 0.10, 0.10, 0.10)
        budget = Policy("facts: budget", FROM, LAST, 0, 1.0, h.SMALL_KINDS, (), None, 1.0, (more,), ())
        margin = Shock("facts: margin", FROM, LAST, (("margin", -0.10),))
        bad_loans = Shock("facts: bad loans", FROM, LAST, (("bad_loans", 1.0),))
        return [{}, {"shocks": (margin,)}, {"shocks": (bad_loans,)}, {"policies": (budget,)}]

    def keep(self, year: int) -> None:
        """Keep the states of a year's end, without a user's own bank."""
        size = self.system.banks.size
        kept = {name: np.array(getattr(self.system, name)[..., :size, :]) for name in KEPT}
        kept["active"] |= self.gone
        kept["capital"] = self.system.capital_ratio()[:size]
        kept["short"] = kept["capital"] < self.system.p.capital_floor + self.system.outside.floor_rise
        self.years[year] = SimpleNamespace(**kept)

    def at(self, name: str, year: int, change: str = "baseline") -> Values:
        """A state at a year's end under a change, shape (..., M, R); money of a quarter is a year's."""
        value = getattr(self.years[year], name)
        place = self.CHANGES.index(change) * self.rows
        part = value[..., place : place + self.rows]
        return part * 4.0 if name in ("revenue", "profit") else part

    def who(self, *kinds: str) -> Values:
        """Rows of the banks of some kinds; without a name of all small and medium ones."""
        population = self.system.banks
        names = np.array(population.kinds)[population.kind[: population.size]]
        return np.flatnonzero(
            np.isin(names, kinds) if kinds else ~self.system.exports_here[: population.size]
        )

    def mean(self, value: np.ndarray, year: int, *kinds: str, change: str = "baseline") -> Values:
        """Mean over the active banks of some kinds, (R,)."""
        rows = self.who(*kinds)
        there = self.at("active", year, change)[rows]
        return np.asarray((value[..., rows, :] * there).sum(-2) / there.sum(0))

    def level(self, name: str, year: int, *kinds: str, change: str = "baseline") -> Values:
        """Mean of a state over the active banks of some kinds, (R,)."""
        return self.mean(self.at(name, year, change), year, *kinds, change=change)

    def total(self, name: str, year: int, *kinds: str, change: str = "baseline") -> Values:
        """Sum of a state over the banks of some kinds, (R,)."""
        return self.at(name, year, change)[self.who(*kinds)].sum(0)

    def share(self, name: str, value: int | Sequence[int], year: int, *kinds: str) -> Values:
        """Percent of active banks whose state is (one of) the given."""
        return 100.0 * self.mean(np.isin(self.at(name, year), value), year, *kinds)

    def ratio(self, year: int) -> Values:
        """Technology spending over revenue, percent (M, R)."""
        return 100.0 * self.at("spend", year) / self.at("revenue", year)

    def staff(self, year: int) -> Values:
        """Technology people, percent of staff (M, R)."""
        return 100.0 * self.at("staff", year).sum(0)

    def item(self, name: str, rung: int, year: int) -> Values:
        """Whether a bank stands on a rung or above, (M, R)."""
        return self.at("rung", year)[self.system.items.at[name]] >= rung

    def ladder(self, year: int, *names: str) -> Values:
        """Mean level of items on their ladders, 0-100 (R,)."""
        items = self.system.items
        rows = [items.at[name] for name in names]
        level = sum(100.0 * self.at("rung", year)[j] / items.items[j].rungs for j in rows) / len(rows)
        return self.mean(np.asarray(level), year)

    def indicators(self, year: int) -> Values:
        """The eighteen indicators of every bank, 0-100 (18, M, R)."""
        table = self.system.items.indicator_weights(year)
        return np.einsum("ij,jmr->imr", table, self.at("rung", year))

    @cached_property
    def survey(self) -> Values:
        """Scores as the survey reports them, (R, years from 2020, kinds, dimensions)."""
        return self.system.recorder.survey[0]

    def surveyed(self, year: int, *kinds: str) -> Values:
        """Surveyed scores of a year, mean over kinds, (R, 6)."""
        places = [self.system.banks.kinds.index(kind) for kind in kinds]
        return self.survey[:, year - 2020][:, places].mean(1)

    def by_run(self, year: int, *values: np.ndarray) -> list[list[np.ndarray]]:
        """Numbers of the small and medium banks that are active at a year's end, replicate by replicate."""
        rows, there = self.who(), self.at("active", year)
        every = [np.broadcast_to(value, there.shape)[rows] for value in values]
        return [[value[there[rows, r], r] for value in every] for r in range(self.rows)]

    def correlated(self, one: np.ndarray, other: np.ndarray, year: int) -> Values:
        """Correlation over the active small and medium banks in each replicate, (R,)."""
        return np.array([float(np.corrcoef(a, b)[0, 1]) for a, b in self.by_run(year, one, other)])

    @cached_property
    def remembered(self) -> Values:
        """Part of a sudden gain at the end of 2024 that is left three years later, 0-1 (R,)."""
        hit = BankingSystem(replace(self.world, end="2027Q4"), [self.baseline], self.replicates)
        rows, items = self.who(), hit.items
        for quarter in range(calendar.index("2027Q4") + 1):
            hit.step()
            if quarter == FROM - 1:
                part = items.bought.stop
                lucky = hit.draws.bank_words("facts: impulse", len(items))[:part] < 65536 * 0.3
                hit.rung[:part] += (lucky & (hit.rung[:part] < items.top[:part]) & hit.relevant[:part]).view(
                    np.int8
                )
                hit.like = items.scores(hit.rung, 2020)
                hit.index = hit.like.mean(0)
                gained = (hit.index[rows] - self.at("index", 2024)[rows]).mean(0)
        return (hit.index[rows] - self.at("index", 2027)[rows]).mean(0) / gained


type Measure = Callable[[Run], Values]
MEASURES: dict[str, Measure] = {}


def fact[M: Callable[..., Values]](measure: M) -> M:
    """Register how the fact of the function's name is read off a run."""
    MEASURES[measure.__name__] = measure
    return measure


# ---------------------------------------------------------------- scores


def _above_others(run: Run, dimension: int) -> Values:
    """A dimension above the mean of the others, city and rural banks as surveyed in 2023."""
    scores = run.surveyed(2023, "city", "rural")
    return scores[:, dimension] - np.delete(scores, dimension, axis=1).mean(1)


@fact
def score_spread(run: Run) -> Values:
    """Standard deviation over city banks of an answered dimension score, mean over dimensions, 2023."""
    rows = run.who("city")
    style = np.broadcast_to(run.system.questionnaire.style, run.system.index.shape)[rows, : run.rows]
    return (run.at("dims", 2023)[:, rows] + style).std(1, ddof=1).mean(0)


@fact
def items_hang_together(run: Run) -> Values:
    """Mean correlation over banks between items of one dimension, 2023."""
    rung, rows = run.at("rung", 2023)[:, run.who()].astype(float), run.system.items
    weight = run.system.printed[2023]
    means = []
    for r in range(run.rows):
        for d in range(6):
            mine = [
                j for j in np.flatnonzero(weight) if rows.items[j].dimension == d and rung[j, :, r].std() > 0
            ]
            table = np.corrcoef(rung[mine, :, r])
            means.append(table[np.triu_indices(len(mine), 1)].mean())
    return np.reshape(means, (run.rows, 6)).mean(1)


@fact
def changes_turn_back(run: Run) -> Values:
    """Correlation of a score's change with its next one, 18 surveyed scores, 2020-2023."""
    change = np.diff(run.survey[:, :4, 1:4], axis=1)
    return np.array([np.corrcoef(one[:-1].ravel(), one[1:].ravel())[0, 1] for one in change])


@fact
def kinds_move_together(run: Run) -> Values:
    """Correlation of surveyed changes of city banks with those of rural ones, 2020-2023."""
    change = np.diff(run.survey[:, :4, 1:3], axis=1)
    return np.array([np.corrcoef(one[:, 0].ravel(), one[:, 1].ravel())[0, 1] for one in change])


@fact
def city_leads_organization(run: Run) -> Values:
    """Best city bank in organisation less the mean large bank, 2020."""
    dims = run.at("dims", 2020)[h.ORGANIZATION]
    return dims[run.who("city")].max(0) - dims[run.who("large")].mean(0)


@fact
def no_fall(run: Run) -> Values:
    """Percent of runs in which the like-for-like index of some small kind falls from 2024 to 2030."""
    falls = [run.level("index", 2030, kind) < run.level("index", 2024, kind) for kind in h.SMALL_KINDS]
    return 100.0 * float(np.any(falls, axis=0).mean())


# ---------------------------------------------------------------- how things hang together


@fact
def partners_ecosystem(run: Run, year: int = 2030) -> Values:
    """Correlation of partners with ecosystem over small and medium banks."""
    suppliers = (run.at("vendor", year) >= 0).sum(0) + (run.at("exporter", year) >= 0)
    partners = suppliers + np.minimum(run.at("allies", year), 3.0)
    return run.correlated(partners, run.at("dims", year)[h.ECOSYSTEM], year)


@fact
def people_organization(run: Run, year: int = 2030) -> Values:
    """Correlation of technology people (logarithm) with organisation over small and medium banks."""
    return run.correlated(np.log(run.staff(year)), run.at("dims", year)[h.ORGANIZATION], year)


@fact
def indicators_distinct(run: Run) -> Values:
    """Largest correlation between two of the eighteen indicators over banks, 2030."""
    indicators = run.by_run(2030, *run.indicators(2030))
    return np.array([np.max(np.corrcoef(np.stack(one)) - 2.0 * np.eye(18)) for one in indicators])


@fact
def habit_and_size(run: Run, year: int = 2030) -> Values:
    """Part of the variance of the index over small and medium banks that habit and size explain, percent."""
    banks = slice(0, run.system.banks.size)
    by = [np.log(one[banks, : run.rows]) for one in (run.system.assets_start, run.system.habit)]
    banks_of_runs = run.by_run(year, run.at("index", year), *by)
    return 100.0 * np.array([explained(index, others) for index, *others in banks_of_runs])


@fact
def open_data_used(run: Run) -> Values:
    """Level of government data in the half of banks whose province is more open less that in the other half, 2023."""
    places = run.system.banks.provinces
    rows, level = run.who(), 50.0 * run.at("rung", 2023)[run.system.items.at["government"]]
    openness = np.array([place.openness for place in places])[run.system.banks.province[rows]]
    more = openness > np.median(openness)
    return level[rows][more].mean(0) - level[rows][~more].mean(0)


@fact
def rank_persists(run: Run) -> Values:
    """Rank correlation of a small bank's index in 2023 with that in 2030."""
    pairs = run.by_run(2030, run.at("index", 2023), run.at("index", 2030))
    ranks = [[np.argsort(np.argsort(values)) for values in pair] for pair in pairs]
    return np.array([np.corrcoef(np.stack(pair).astype(float))[0, 1] for pair in ranks])


# ---------------------------------------------------------------- spending and people


def _bins(value: np.ndarray, edges: Sequence[float], printed: Sequence[float]) -> Values:
    """Mean gap of the shares of banks in bins, over all runs, to the printed ones, percentage points."""
    cuts = (-np.inf, *edges, np.inf)
    shares = [100.0 * ((value >= a) & (value < b)).mean() for a, b in pairwise(cuts)]
    return float(np.abs(np.array(shares) - printed).mean())


def _over_two(run: Run, year: int) -> Values:
    """Part of the small and medium banks that spend over 2 % of revenue, 0-1."""
    return run.mean(run.ratio(year) >= 2.0, year)


def _spent_over(run: Run, year: int, before: int, *kinds: str) -> Values:
    """Technology spending of some kinds in a year over that of one before."""
    return run.total("spend", year, *kinds) / run.total("spend", before, *kinds)


@fact
def growth_differs(run: Run) -> Values:
    """Standard deviation over city banks of a year's growth of technology spending, 2022, percentage points."""
    rows = run.who("city")
    return 100.0 * (run.at("spend", 2022)[rows] / run.at("spend", 2021)[rows]).std(0, ddof=1)


@fact
def running(run: Run) -> Values:
    """Part of technology spending that keeps systems running, small and medium banks, 2023, percent."""
    return 100.0 * run.mean((run.at("run", 2023) + run.at("fees", 2023)) / run.at("spend", 2023), 2023)


@fact
def elasticity(run: Run) -> Values:
    """Elasticity of spending to revenue, five years into a margin lower by 10 basis points."""
    spend, revenue = (
        [run.total(name, 2030, change=change) for change in ("margin", "baseline")]
        for name in ("spend", "revenue")
    )
    return np.log(spend[0] / spend[1]) / np.log(revenue[0] / revenue[1])


# ---------------------------------------------------------------- items


@fact
def items_printed(run: Run) -> Values:
    """Mean gap of the printed item levels to the mean of runs, 2023, percentage points."""
    gaps = []
    for item in run.system.items.items:
        for rung, (share, basis) in enumerate(zip(item.shares, item.basis, strict=True), start=1):
            if basis == "p":
                gaps.append(100.0 * (float(run.mean(run.item(item.id, rung, 2023), 2023).mean()) - share))
    return float(np.abs(gaps).mean())


CHANGED: Final = (
    ("goals", 1), ("department", 1), ("cocreation", 1), ("data_mart", 1), ("marketing", 1), ("compliance", 2),
    ("use_business", 1), ("use_control", 1), ("grading", 1), ("government", 1), ("fintech", 2),
)  # fmt: skip


@fact
def items_rise(run: Run) -> Values:
    """Mean rise of eleven item levels from 2022 to 2023, percentage points."""
    rises = [run.mean(run.item(i, r, 2023), 2023) - run.mean(run.item(i, r, 2022), 2022) for i, r in CHANGED]
    return 100.0 * np.mean(rises, axis=0)


@fact
def incentives_weakest(run: Run) -> Values:
    """Incentive schemes less the mean of the other mandates of organisation, 2023, percentage points."""
    others = ("department", "coordination", "cocreation", "training", "background")
    return run.ladder(2023, "incentives") - run.ladder(2023, *others)


@fact
def security_ahead(run: Run) -> Values:
    """Data security less data use on their ladders, 2023, points."""
    levels = [run.mean(run.indicators(2023)[h.INDICATORS.index(name)], 2023) for name in ("security", "use")]
    return levels[0] - levels[1]


@fact
def credit_ahead(run: Run) -> Values:
    """Credit less audit and marketing on their ladders, 2023, points."""
    credit = run.ladder(2023, "antifraud", "scoring", "warning", "data_mart")
    return credit - run.ladder(2023, "audit", "marketing", "social")


@fact
def with_fintech(run: Run) -> Values:
    """Small and medium banks with a vendor or an exporting bank, 2022, percent."""
    return 100.0 * run.mean((run.at("vendor", 2022) >= 0).any(0) | (run.at("exporter", 2022) >= 0), 2022)


@fact
def vendors_scattered(run: Run) -> Values:
    """Share of the largest vendor in the contracts of small and medium banks, 2023, percent."""
    vendor = run.at("vendor", 2023)[:, run.who()]
    counts = np.stack([(vendor == v).sum((0, 1)) for v in range(int(vendor.max()) + 1)])
    return 100.0 * counts.max(0) / counts.sum(0)


# ---------------------------------------------------------------- language models, money, mergers


@fact
def large_build_first(run: Run) -> Values:
    """Builders among the largest third of small banks less those among the smallest, 2023, percentage points."""
    rows = run.who()
    order = rows[np.argsort(run.system.assets_start[rows, 0], kind="stable")]
    third, building = len(rows) // 3, run.at("model_route", 2023) == h.BUILD
    return 100.0 * (building[order[-third:]].mean(0) - building[order[:third]].mean(0))


@fact
def pays_later(run: Run) -> Values:
    """Profit lost for each yuan spent more, 2030 relative to 2025, percent; budgets are larger by 10 % from 2025."""
    rows, lost = run.who(), {}
    for year in (2025, 2030):
        more = (run.at("spend", year, "budget") - run.at("spend", year))[rows].sum(0)
        lost[year] = (run.at("profit", year) - run.at("profit", year, "budget"))[rows].sum(0) / more
    return 100.0 * lost[2030] / lost[2025]


@fact
def village_exits(run: Run) -> Values:
    """Village banks among the rural institutions merged away in 2024, percent."""
    left = run.at("active", 2023) & ~run.at("active", 2024)
    village = run.system.banks.village[: run.system.banks.size]
    return 100.0 * left[village].sum(0) / left[run.who("rural")].sum(0)


# ---------------------------------------------------------------- read straight off the states


def _grown(run: Run, kind: str) -> Values:
    """Points that the like-for-like index of a kind gains a year, 2020-2023."""
    return (run.level("index", 2023, kind) - run.level("index", 2020, kind)) / 3.0


def _over(run: Run, part: str, year: int, kind: str, whole: str = "assets") -> Values:
    """Money of a year over the assets, or other money, of a kind, percent."""
    return 100.0 * run.total(part, year, kind) / run.total(whole, year, kind)


def _staff(run: Run, kind: str) -> Values:
    """Technology people, percent of staff, median, 2023."""
    return np.median(run.staff(2023)[run.who(kind)], axis=0)


def _offered(run: Run, item: str) -> Values:
    """Active banks with a language model for a purpose, 2023."""
    return run.mean(run.item(item, 1, 2023), 2023)


def _moved(run: Run, change: str) -> Values:
    """Index of small and medium banks in 2030 under a change less that without it, points."""
    return run.level("index", 2030, change=change) - run.level("index", 2030)


def _institutions(run: Run, year: int) -> Values:
    """Rural institutions at the end of a year."""
    return np.asarray(run.total("active", year, "rural"), float)


def _market(run: Run, year: int, kind: str) -> Values:
    """Share of a kind in inclusive small-firm loans, percent."""
    return 100.0 * (run.at("market", year) * run.at("active", year))[run.who(kind)].sum(0)


MEASURES |= {
    "strategy_first": lambda run: _above_others(run, h.STRATEGY),
    "ecosystem_last": lambda run: _above_others(run, h.ECOSYSTEM),
    "city_over_rural": lambda run: (run.surveyed(2023, "city") - run.surveyed(2023, "rural")).mean(1),
    "application_break": lambda run: (run.surveyed(2023, "city") - run.surveyed(2022, "city"))[
        :, h.APPLICATION
    ],
    "growth_city": lambda run: _grown(run, "city"),
    "growth_rural": lambda run: _grown(run, "rural"),
    "larger_higher": lambda run: run.correlated(np.log(run.at("assets", 2023)), run.at("index", 2023), 2023),
    "spread_widens": lambda run: run.at("index", 2023).std(0) / run.at("index", 2020).std(0),
    "memory": lambda run: 100.0 * run.remembered,
    "spending_bins": lambda run: _bins(run.ratio(2023)[run.who()], (2, 5, 10), (22.5, 56.25, 15.0, 6.25)),
    "staff_bins": lambda run: _bins(
        run.staff(2023)[run.who()], (1, 5, 10, 30), (8.75, 38.75, 32.5, 11.25, 8.75)
    ),
    "over_two_2021": lambda run: 100.0 * _over_two(run, 2021),
    "over_two_rises": lambda run: 100.0 * (_over_two(run, 2023) - _over_two(run, 2021)),
    "spending_grows": lambda run: 100.0 * (_spent_over(run, 2023, 2022, "city", "rural") - 1.0),
    "large_growth": lambda run: 100.0 * (_spent_over(run, 2024, 2021, "large") ** (1 / 3) - 1.0),
    "large_slows": lambda run: (
        100.0 * (_spent_over(run, 2024, 2023, "large") - _spent_over(run, 2022, 2021, "large"))
    ),
    "large_ratio": lambda run: _over(run, "spend", 2022, "large", "revenue"),
    "private_ratio": lambda run: run.mean(run.ratio(2023), 2023, "private"),
    "lowest_ratio": lambda run: run.ratio(2023)[run.who("rural")].min(0),
    "staff_large": lambda run: run.mean(run.staff(2023), 2023, "large"),
    "staff_city": lambda run: _staff(run, "city"),
    "staff_rural": lambda run: _staff(run, "rural"),
    "staff_private": lambda run: _staff(run, "private"),
    "union_support": lambda run: 100.0 * run.mean(run.item("union", 2, 2023), 2023, "rural"),
    "large_on_models": lambda run: 100.0 - run.share("model_route", h.WAIT, 2023, "large"),
    "large_all_on_models": lambda run: 100.0 - run.share("model_route", h.WAIT, 2024, "large"),
    "models_built": lambda run: run.share("model_route", h.BUILD, 2023),
    "models_accessed": lambda run: run.share("model_route", (h.BUY, h.UNION, h.ALLIANCE), 2023),
    "service_before_wealth": lambda run: 100.0 * (_offered(run, "llm_service") - _offered(run, "llm_wealth")),
    "return_city": lambda run: _over(run, "profit", 2023, "city", "mean_assets"),
    "revenue_city": lambda run: _over(run, "revenue", 2022, "city"),
    "revenue_rural": lambda run: _over(run, "revenue", 2022, "rural"),
    "revenue_private": lambda run: _over(run, "revenue", 2024, "private"),
    "capital_city": lambda run: run.level("capital", 2023, "city"),
    "capital_rural": lambda run: run.level("capital", 2023, "rural"),
    "weak_capital": lambda run: 100.0 * run.level("short", 2023, "rural"),
    "bad_loans_cost": lambda run: _moved(run, "bad_loans"),
    "margins_cost": lambda run: _moved(run, "margin"),
    "margins_cut_spending": lambda run: (
        100.0 * (run.total("spend", 2030, change="margin") / run.total("spend", 2030) - 1.0)
    ),
    "budget_pays": lambda run: _moved(run, "budget"),
    **{f"institutions_{year}": partial(_institutions, year=year) for year in range(2021, 2026)},
    "rural_market": lambda run: _market(run, 2024, "rural"),
    "city_market": lambda run: _market(run, 2025, "city"),
}
