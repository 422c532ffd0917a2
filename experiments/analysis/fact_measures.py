"""Stylised facts: what is known of these banks, held against a run of the baseline; a fact that fails stays in sight.

``data/facts.csv`` says what each fact is, its band and where it comes from; a function of the same name here, or an
entry of `MEASURES`, reads its value off a run. What was fitted is marked there as fitted: to meet it is no success.
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Final

import numpy as np

from agents import honeycomb as h
from experiments.analysis.fact_run import Run, Values

type Measure = Callable[[Run], Values]
MEASURES: Final[dict[str, Measure]] = {}


def fact(measure: Measure) -> Measure:
    """Register how the fact of the function's name is read off a run."""
    MEASURES[measure.__name__] = measure
    return measure


# ---------------------------------------------------------------- scores


@fact
def strategy_first(run: Run) -> Values:
    """Strategy above the mean of the other dimensions, city and rural banks as surveyed in 2023."""
    scores = run.surveyed(2023, "city", "rural")
    return scores[:, h.STRATEGY] - np.delete(scores, h.STRATEGY, axis=1).mean(1)


@fact
def ecosystem_last(run: Run) -> Values:
    """Ecosystem below the mean of the other dimensions, city and rural banks as surveyed in 2023."""
    scores = run.surveyed(2023, "city", "rural")
    return scores[:, h.ECOSYSTEM] - np.delete(scores, h.ECOSYSTEM, axis=1).mean(1)


@fact
def city_over_rural(run: Run) -> Values:
    """Surveyed index of city banks less that of rural ones, 2023."""
    return (run.surveyed(2023, "city") - run.surveyed(2023, "rural")).mean(1)


@fact
def application_break(run: Run) -> Values:
    """Change of surveyed application of city banks from 2022 to 2023, when language models were first asked about."""
    return (run.surveyed(2023, "city") - run.surveyed(2022, "city"))[:, h.APPLICATION]


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
def partners_ecosystem(run: Run) -> Values:
    """Correlation of partners with ecosystem over small and medium banks, 2030."""
    suppliers = (run.at("vendor", 2030) >= 0).sum(0) + (run.at("exporter", 2030) >= 0)
    partners = suppliers + np.minimum(run.at("allies", 2030), 3.0)
    return run.correlated(partners, run.at("dims", 2030)[h.ECOSYSTEM], 2030)


@fact
def people_organization(run: Run) -> Values:
    """Correlation of technology people (logarithm) with organisation over small and medium banks, 2030."""
    return run.correlated(np.log(run.staff(2030)), run.at("dims", 2030)[h.ORGANIZATION], 2030)


@fact
def indicators_distinct(run: Run) -> Values:
    """Largest correlation between two of the eighteen indicators over banks, 2030."""
    seen = run.indicators(2030)
    return np.array(
        [np.max(np.corrcoef(np.stack(one)) - 2.0 * np.eye(18)) for one in run._pairs(2030, (), *seen)]
    )


@fact
def habit_and_size(run: Run) -> Values:
    """Part of the variance of the index in 2030 that habit and size explain, percent."""
    banks = slice(0, run.system.banks.size)
    size, habit = (np.log(one[banks, : run.rows]) for one in (run.system.assets_start, run.system.habit))
    return 100.0 * run.explained(run.at("index", 2030), [size, habit], 2030)


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
    pairs = run._pairs(2030, (), run.at("index", 2023), run.at("index", 2030))
    ranks = [[np.argsort(np.argsort(values)) for values in pair] for pair in pairs]
    return np.array([np.corrcoef(np.stack(pair).astype(float))[0, 1] for pair in ranks])


# ---------------------------------------------------------------- spending and people


def _bins(value: np.ndarray, edges: Sequence[float], printed: Sequence[float]) -> Values:
    """Mean gap of the shares of banks in bins, over all runs, to the printed ones, percentage points."""
    cuts = (-np.inf, *edges, np.inf)
    shares = [100.0 * ((value >= a) & (value < b)).mean() for a, b in pairwise(cuts)]
    return float(np.abs(np.array(shares) - printed).mean())


@fact
def spending_bins(run: Run) -> Values:
    """Mean gap of the four bins of spending over revenue to the printed shares, 2023."""
    return _bins(run.ratio(2023)[run.who()], (2, 5, 10), (22.5, 56.25, 15.0, 6.25))


@fact
def staff_bins(run: Run) -> Values:
    """Mean gap of the five bins of technology staff to the printed shares, 2023."""
    return _bins(run.staff(2023)[run.who()], (1, 5, 10, 30), (8.75, 38.75, 32.5, 11.25, 8.75))


@fact
def over_two_rises(run: Run) -> Values:
    """Rise of the share of banks that spend over 2 % of revenue, 2021 to 2023."""
    return 100.0 * (run.mean(run.ratio(2023) >= 2.0, 2023) - run.mean(run.ratio(2021) >= 2.0, 2021))


@fact
def spending_grows(run: Run) -> Values:
    """Growth of technology spending of small and medium banks from 2022 to 2023, mean, percent."""
    spend = [run.total("spend", year, "city", "rural") for year in (2022, 2023)]
    return 100.0 * (spend[1] / spend[0] - 1.0)


@fact
def growth_differs(run: Run) -> Values:
    """Standard deviation over city banks of a year's growth of technology spending, 2022, percentage points."""
    rows = run.who("city")
    return 100.0 * (run.at("spend", 2022)[rows] / run.at("spend", 2021)[rows]).std(0, ddof=1)


@fact
def large_growth(run: Run) -> Values:
    """Growth a year of large banks' technology spending, 2021-2024, percent."""
    spend = [run.total("spend", year, "large") for year in (2021, 2024)]
    return 100.0 * ((spend[1] / spend[0]) ** (1 / 3) - 1.0)


@fact
def large_slows(run: Run) -> Values:
    """Growth of large banks' technology spending in 2024 less that in 2022, percentage points."""
    spend = {year: run.total("spend", year, "large") for year in (2021, 2022, 2023, 2024)}
    return 100.0 * (spend[2024] / spend[2023] - spend[2022] / spend[2021])


@fact
def large_ratio(run: Run) -> Values:
    """Technology spending of large banks over their revenue, 2022, percent."""
    return 100.0 * run.total("spend", 2022, "large") / run.total("revenue", 2022, "large")


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
    seen = [run.mean(run.indicators(2023)[h.INDICATORS.index(name)], 2023) for name in ("security", "use")]
    return seen[0] - seen[1]


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


# ---------------------------------------------------------------- language models


@fact
def large_build_first(run: Run) -> Values:
    """Builders among the largest third of small banks less those among the smallest, 2023, percentage points."""
    rows = run.who()
    order = rows[np.argsort(run.system.assets_start[rows, 0], kind="stable")]
    third, building = len(rows) // 3, run.at("model_route", 2023) == h.BUILD
    return 100.0 * (building[order[-third:]].mean(0) - building[order[:third]].mean(0))


# ---------------------------------------------------------------- money


@fact
def pays_later(run: Run) -> Values:
    """Profit lost for each yuan spent more, 2030 relative to 2025, percent; budgets are larger by 10 % from 2025."""
    rows, lost = run.who(), {}
    for year in (2025, 2030):
        more = (run.at("spend", year, "budget") - run.at("spend", year))[rows].sum(0)
        lost[year] = (run.at("profit", year) - run.at("profit", year, "budget"))[rows].sum(0) / more
    return 100.0 * lost[2030] / lost[2025]


# ---------------------------------------------------------------- what changes do


@fact
def margins_cut_spending(run: Run) -> Values:
    """Spending of small and medium banks in 2030 where margins stand 10 basis points lower from 2025, percent."""
    return 100.0 * (run.total("spend", 2030, change="margin") / run.total("spend", 2030) - 1.0)


# ---------------------------------------------------------------- the system


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


def _over(run: Run, part: str, year: int, kind: str) -> Values:
    """Money of a year over the assets of a kind, percent."""
    return 100.0 * run.total(part, year, kind) / run.total("assets", year, kind)


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


MEASURES.update(
    {
        "growth_city": lambda run: _grown(run, "city"),
        "growth_rural": lambda run: _grown(run, "rural"),
        "larger_higher": lambda run: run.correlated(
            np.log(run.at("assets", 2023)), run.at("index", 2023), 2023
        ),
        "spread_widens": lambda run: run.at("index", 2023).std(0) / run.at("index", 2020).std(0),
        "memory": lambda run: 100.0 * run.remembered,
        "over_two_2021": lambda run: 100.0 * run.mean(run.ratio(2021) >= 2.0, 2021),
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
        "service_before_wealth": lambda run: (
            100.0 * (_offered(run, "llm_service") - _offered(run, "llm_wealth"))
        ),
        "return_city": lambda run: _over(run, "profit", 2023, "city"),
        "revenue_city": lambda run: _over(run, "revenue", 2022, "city"),
        "revenue_rural": lambda run: _over(run, "revenue", 2022, "rural"),
        "revenue_private": lambda run: _over(run, "revenue", 2024, "private"),
        "capital_city": lambda run: run.level("capital", 2023, "city"),
        "capital_rural": lambda run: run.level("capital", 2023, "rural"),
        "weak_capital": lambda run: 100.0 * run.level("short", 2023, "rural"),
        "bad_loans_cost": lambda run: _moved(run, "bad_loans"),
        "margins_cost": lambda run: _moved(run, "margin"),
        "budget_pays": lambda run: _moved(run, "budget"),
        **{f"institutions_{year}": partial(_institutions, year=year) for year in range(2021, 2026)},
        "rural_market": lambda run: _market(run, 2024, "rural"),
        "city_market": lambda run: _market(run, 2025, "city"),
    }
)
