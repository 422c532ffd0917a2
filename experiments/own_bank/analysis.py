"""The methods of analysis on a user's own bank: which number fails its plan, what blow it bears, and a better plan."""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, Final

import numpy as np

from agents.honeycomb import DIMENSIONS, SMALL_KINDS
from experiments.analysis import parameters
from experiments.analysis.discovery import BOX, RARE, STABILITY, WORST, find_box, resamples, stability
from experiments.analysis.laboratory import Case, Laboratory
from experiments.analysis.outcome import own_banks
from experiments.analysis.registry import PARAMETER, Rows, method
from experiments.config.errors import failure
from experiments.config.study import StudySettings
from experiments.own_bank.answers import DISCOUNT, FLOORS, READ, STANDING, breaches, floors_of
from experiments.results.schema import SCENARIO, number, table, text, with_ends
from experiments.results.statistics import interval, quantile, standard_error
from model import calendar
from model.own_plan import OPEN_ROUTES, STILL, Choice, OwnAccount, OwnPlan, OwnShock
from model.world import Recording, Scenario

Runs = dict[str, np.ndarray]


def check_bank(settings: StudySettings) -> None:
    """Refuse a study without a bank of the user's own."""
    if settings.bank is None and not settings.members:
        raise failure("methods on your own bank need one: bank=example, or a file of yours")


def failed(values: Mapping[str, np.ndarray], floors: Mapping[str, float]) -> np.ndarray:
    """Whether any floor is fallen below in any year; the years are the last axis."""
    parts = breaches(values, floors)
    return np.any([part.any(-1) for part in parts.values()], axis=0)


def run_choices(
    case: Case, choices: Sequence[Choice], *scenarios: Scenario, replicates: Sequence[int] | None = None
) -> Runs:
    """Run choices of the own bank beside each other in some futures.

    Returns
    -------
    dict of ndarray, shape (S, R, years, choices)
        What `experiments.analysis.outcome.own_banks` reads, years followed only.
    """
    account = bank_of(case)
    other: Laboratory = copy(case.laboratory)
    alone = replace(account, questions=(), choices=tuple(choices))
    kept = Recording(outcomes=False, items=False)
    other.worlds = {
        key: replace(world, own_banks=(alone,), recording=kept)
        for key, world in case.laboratory.worlds.items()
    }
    outcomes = other.run(list(scenarios), case.replicates if replicates is None else replicates, own_banks)
    first = len(alone.rows) - len(choices)
    return _followed({name: values[..., first:] for name, values in outcomes.items()})


def _followed(outcomes: Runs) -> Runs:
    """The years in which every choice is followed."""
    years = np.isfinite(outcomes["index"]).all(axis=(0, 1, 3))
    return {name: values[:, :, years] for name, values in outcomes.items()}


def floors(case: Case) -> dict[str, float]:
    """The floors of the study's bank; profit in million yuan."""
    bank = case.settings.bank.floors if case.settings.bank else None
    return floors_of(bank.known if bank else None)


def bank_of(case: Case) -> OwnAccount:
    """The study's bank with its plans."""
    return case.laboratory.world.own_banks[0]


# ------------------------------------------------------------ which number decides about failure

BREAKS: Final = table(
    "how one uncertain number decides about the failure of the own bank's first plan in one future",
    SCENARIO,
    text(
        "failure", "floor: any floor is fallen below; behind: ends below its kind; worst_quarter: of all runs"
    ),
    number("failures", "share of all runs that fail", "0-1"),
    PARAMETER,
    number("fails_low", "share of runs that fail among those in the lowest third of the number", "0-1"),
    number("fails_high", "share of runs that fail among those in the highest third of the number", "0-1"),
    number("difference", "highest less lowest third", "0-1"),
    number("error", "standard error of the difference", "0-1"),
    *BOX,
    STABILITY,
)


@method(check=check_bank, own_breaks=BREAKS)
def own_bank(case: Case) -> Rows:
    """Find out under which conditions the first plan fails.

    A run fails where any floor that the bank sets is fallen below in any year. Where that hardly happens, or nearly
    always does, it fails where it ends behind its kind; where that tells nothing either, in the worst quarter of runs.

    Returns
    -------
    dict
        ``own_breaks``: a row for each uncertain number, the most telling first, in the first future and the hardest.
    """
    names, inputs, outcomes = _drawn_runs(case)
    floor = failed({name: values[..., 0] for name, values in outcomes.items()}, floors(case))
    lead = (outcomes["index"] - outcomes["kind_median"])[:, :, -1, 0]
    labels, rows = list(case.laboratory.scenarios), []
    for s in sorted({0, int(np.argmax(floor.mean(1)))}):
        table = conditions(names, inputs, floor[s], lead[s], case.settings.seed)
        rows += [{"scenario": labels[s], **row} for row in table]
    return {"own_breaks": rows}


def conditions(
    names: tuple[str, ...], inputs: np.ndarray, floor: np.ndarray, lead: np.ndarray, seed: int
) -> list[dict[str, object]]:
    """Rank uncertain numbers by how much they decide about failure, and box the failures in; see `own_bank`.

    Parameters
    ----------
    names : tuple of str
    inputs : ndarray, shape (R, names)
        What each run drew.
    floor : ndarray of bool, shape (R,)
        Whether a floor is fallen below.
    lead : ndarray, shape (R,)
        Points of the index over the median of the kind at the end.
    seed : int
    """
    fails, failure = floor, "floor"
    if not RARE <= fails.mean() <= 1 - RARE:
        fails, failure = lead < 0.0, "behind"
    if not RARE <= fails.mean() <= 1 - RARE:
        fails, failure = lead <= float(quantile(lead, (WORST,))[0]), "worst_quarter"
    box = find_box(inputs, fails)
    stable = stability(box, resamples(inputs, fails, seed))
    rows = []
    for column, name in enumerate(names):
        values = inputs[:, column]
        low, high = quantile(values, (1 / 3, 2 / 3))
        thirds = [fails[values <= low], fails[values >= high]]
        below, above = (float(third.mean()) for third in thirds)
        error = sum(
            share * (1 - share) / len(third) for share, third in zip((below, above), thirds, strict=True)
        )
        bounded = column in box.restricted
        rows.append(
            {
                "failure": failure,
                "failures": float(fails.mean()),
                "parameter": name,
                "fails_low": below,
                "fails_high": above,
                "difference": above - below,
                "error": float(error**0.5),
                "low": max(box.low[column], values.min()) if bounded else np.nan,
                "high": min(box.high[column], values.max()) if bounded else np.nan,
                "range_low": values.min(),
                "range_high": values.max(),
                "coverage": box.coverage,
                "density": box.density,
                "mass": box.mass,
                "stability": stable.get(column, np.nan),
            }
        )
    return sorted(rows, key=lambda row: -abs(row["difference"]))


def _drawn_runs(case: Case) -> tuple[tuple[str, ...], np.ndarray, Runs]:
    """What differs between the runs and how the choices fare in each, arrays (S, R, years, rows).

    The study's own runs will do when each draws its own numbers; else the plans are run again over the ranges that
    calibration starts from.
    """
    laboratory, merged = case.laboratory, case.merged
    if laboratory.calibrated and merged is not None:
        names, inputs = case.draws
        asked = (*READ, "index", "kind_median")
        outcomes = {
            name: np.concatenate([chunk[f"own/{name}"] for chunk in merged.chunks], axis=1) for name in asked
        }
    else:
        prior = parameters.prior_ensemble(case.settings, 1024)
        names, inputs = prior.paths, prior.draw(case.settings.seed, case.replicates)
        every = laboratory.every
        outcomes = laboratory.run(every, case.replicates, own_banks, names, inputs)
    mine = bank_of(case).kind
    other = tuple(f"banks.{kind}." for kind in SMALL_KINDS if kind != mine)
    kept = [c for c, name in enumerate(names) if not name.startswith(other) and np.ptp(inputs[:, c]) > 0]
    if not kept:
        raise failure("the method own_bank needs at least one number that differs between the runs")
    return tuple(names[c] for c in kept), inputs[:, kept], _followed(outcomes)


# ------------------------------------------------------------ how large a blow is borne

# What strikes the bank alone: unit, and the largest blow that is tried.
DRIVERS: Final[dict[str, tuple[str, float]]] = {
    "margin": ("basis points lower", 150.0),
    "bad_loans": ("basis points of loans higher", 800.0),
    "loss": ("million yuan, once, by assets", 0.04),
    "cost": ("million yuan a year, by assets", 0.01),
}
STEPS: Final = (8, 4, 4, 4)
"""Parts, round by round, into which what lies between a blow that is borne and one that is not is divided."""
HALF, TENTH = 0.5, 0.1  # share of runs that fail where a plan breaks, and where it begins to
REVERSE: Final = table(
    "the blow at which one plan falls below a floor of the bank, in the first future",
    text("plan", "one of the plans, like_its_kind or no_change"),
    text("driver", "margin, bad_loans, loss or cost"),
    text(
        "floor",
        "capital, profit, run_cost or market; standing: any that half of the runs keep without a blow",
    ),
    text("unit", "of the blow"),
    number(
        "breaks_at",
        "smallest blow at which half of the runs fail; 0 where they do without one, missing where the largest is borne",
    ),
    number("first", "smallest blow at which one run in ten fails; likewise"),
    number("largest", "largest blow tried"),
    number("unstruck", "share of runs that fail without a blow", "0-1"),
)
type Tried = dict[float, np.ndarray]
"""Size of a blow, as a part of the largest -> whether each floor is broken, bool (floors, runs)."""


@method(check=check_bank, own_reverse=REVERSE)
def own_reverse(case: Case) -> Rows:
    """Find the blow at which each plan breaks each floor: a lower margin, bad loans, a loss, a cost of this bank alone.

    What lies between a blow that is borne and one that is not is divided again and again; all meet the same luck.

    Returns
    -------
    dict
        ``own_reverse``: a row for each plan, driver and floor.
    """
    account = bank_of(case)
    plans = {plan.name: plan for plan in account.rows[: len(account.plans or (account.lead,)) + 2]}
    tried: dict[tuple[str, str], Tried] = {(plan, driver): {} for plan in plans for driver in DRIVERS}
    for steps in STEPS:
        sizes = [(key, size) for key, results in tried.items() for size in next_sizes(results, steps)]
        struck = [_struck(plans[plan], driver, size, account) for (plan, driver), size in sizes]
        for (key, size), broken in zip(sizes, _broken(case, struck), strict=True):
            tried[key][size] = broken
    rows = []
    for (plan, driver), results in tried.items():
        of = {"plan": plan, "driver": driver, "unit": DRIVERS[driver][0].partition(", by")[0]}
        most = _largest(driver, account)
        for row in breaks(results):
            scaled = {key: most * row[key] for key in ("breaks_at", "first")}
            rows.append(of | row | scaled | {"largest": most})
    return {"own_reverse": rows}


def _largest(driver: str, account: OwnAccount) -> float:
    """The largest blow tried, in its unit."""
    most = DRIVERS[driver][1]
    return 1e-6 * account.assets * most if driver in ("loss", "cost") else most


def _struck(plan: Choice, driver: str, size: float, account: OwnAccount) -> Choice:
    """A plan with a blow, as a part of the largest."""
    sign = {"margin": -0.01, "bad_loans": 0.01}.get(driver, 1.0)  # basis points as percent
    shock = OwnShock(**{driver: sign * size * _largest(driver, account)})
    return replace(plan, name=f"{plan.name}/{driver}/{size:.9f}", shock=shock)


def next_sizes(tried: Tried, steps: int) -> list[float]:
    """Blows to be tried next: all between none and the largest at first, then closer to where each floor breaks.

    Parameters
    ----------
    tried : dict
    steps : int
        Parts into which a blow that is borne and one that is not are held apart.
    """
    if not tried:
        return [k / steps for k in range(steps + 1)]
    sizes, further = sorted(tried), set()
    for shares in _shares(tried).values():
        for least in (HALF, TENTH):
            high = _smallest(sizes, shares, least)
            if high > 0:  # it breaks between two blows: neither without one, nor never
                low = sizes[sizes.index(high) - 1]
                further |= {low + (high - low) * k / steps for k in range(1, steps)}
    return sorted(further - set(tried))


def breaks(tried: Tried) -> Iterator[dict[str, Any]]:
    """For each floor, and for any that stands without a blow, where it breaks, as a part of the largest blow."""
    sizes = sorted(tried)
    for floor, shares in _shares(tried).items():
        half, tenth = (_smallest(sizes, shares, least) for least in (HALF, TENTH))
        yield {"floor": floor, "breaks_at": half, "first": tenth, "unstruck": float(shares[0])}


def _shares(tried: Tried) -> dict[str, np.ndarray]:
    """Share of runs that fail at each size, the smallest first, by floor; no floor stands where all are broken."""
    broken = np.array([tried[size] for size in sorted(tried)])
    by_floor = dict(zip(FLOORS, broken.mean(2).T, strict=True))
    stands = [shares[0] < HALF for shares in by_floor.values()]
    return by_floor | {STANDING: broken[:, stands].any(1).mean(1) if any(stands) else np.ones(len(broken))}


def _smallest(sizes: list[float], shares: np.ndarray, least: float) -> float:
    """The smallest size at which that share fails; NaN where none does."""
    return next((size for size, share in zip(sizes, shares, strict=True) if share >= least), np.nan)


def _broken(case: Case, struck: list[Choice]) -> Iterator[np.ndarray]:
    """Whether each struck plan breaks each floor in any year of the first future, bool (floors, runs)."""
    if not struck:
        return
    lead, limits = replace(bank_of(case).rows[0], name="unstruck"), floors(case)
    outcomes = run_choices(case, [lead, *struck], case.laboratory.every[0])
    for row, choice in enumerate(struck, 1):
        values = {name: part[0, :, :, row] for name, part in outcomes.items()}
        still = choice.name.startswith(f"{STILL}/")
        parts = breaches(values, limits, outcomes["technology_spending"][0, :, :, 0] if still else 0.0)
        yield np.array([parts[floor].any(-1) for floor in FLOORS])


# ------------------------------------------------------------ a better plan under the same limits

# Parts of the money by dimension, its total over the first plan's, the route to language models, years of delay.
LOW: Final = np.array([0.02] * 6 + [0.6, 0.0, 0.0])
HIGH: Final = np.array([0.6] * 6 + [1.0, 4.999, 1.999])
FUTURES: Final = 3  # the study's first, and those in which the first plan fails most
TRIED, GENERATIONS, LUCK = 16, 10, 16
FRESH: Final = 10_000  # numbers of the runs on which the proposal is measured, unseen by the search
ROUTES_TRIED: Final = ("", *OPEN_ROUTES)
SEARCH: Final = table(
    "what the proposed plan changes in the first plan, and what it brings on runs that the search has not seen",
    text(
        "what",
        "a dimension, spending, language_model or delay of projects; index, npv, fails for what it brings",
    ),
    text("unit", "of the numbers"),
    number("plan", "first plan"),
    number("proposed", "proposed plan"),
    *with_ends("effect", "proposed less first plan, run by run"),
    number("mean", "mean of the same"),
    number("error", "standard error of the mean; missing of a single run"),
    text("word", "the route to language models proposed, where it changes"),
)


@method(needs="pymoo", extra="search", check=check_bank, own_search=SEARCH)
def own_search(case: Case) -> Rows:
    """Search for a division of money, a total, a route and a timing that beat the first plan.

    Two aims, the index at the end and the present value; two constraints, that it is given no more money and breaches
    floors no more often, over the first future and those in which the first plan fails most. Of what is not beaten on
    both aims, the plan with the best index is proposed that is worth no less than the first; where there is none, the
    first stays.

    Returns
    -------
    dict
        ``own_search``: a row for everything that the proposal changes, then what it brings.
    """
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.core.problem import Problem
    from pymoo.optimize import minimize

    account = bank_of(case)
    first = Choice("first", account.lead)
    chance = run_choices(case, [first], *case.laboratory.every, replicates=range(LUCK))
    breach = failed({n: v[..., 0] for n, v in chance.items()}, floors(case)).mean(1)
    every = case.laboratory.every
    hard = [every[k] for k in np.argsort(-breach, kind="stable") if k > 0][: FUTURES - 1]
    scenarios = [every[0], *hard]
    shares = _shares_today(account)

    class Plans(Problem):  # type: ignore[misc]
        """Parts of the money, its total, the route to language models, and the delay of projects."""

        def __init__(self) -> None:
            super().__init__(n_var=len(LOW), n_obj=2, n_ieq_constr=1, xl=LOW, xu=HIGH)

        def _evaluate(self, x: np.ndarray, out: dict[str, object], *_: object, **__: object) -> None:
            plans = [_plan(account, row, f"try{k}") for k, row in enumerate(x)]
            choices = [first, *(Choice(p.name, p) for p in plans)]
            outcomes = run_choices(case, choices, *scenarios, replicates=range(LUCK))
            index, value, fails = _measured(case, outcomes)
            out["F"] = np.column_stack([-index[:, :, 1:].mean((0, 1)), -value[:, :, 1:].mean((0, 1))])
            out["G"] = fails[:, :, 1:].mean((0, 1)) - fails[:, :, 0].mean()

    today = np.array([*np.clip(np.where(np.isnan(shares), 1 / 6, shares), LOW[:6], HIGH[:6]), 1.0, 0.0, 0.0])
    rng = np.random.default_rng(case.settings.seed)
    start = np.clip(today * np.exp(0.5 * rng.standard_normal((TRIED, len(LOW)))), LOW, HIGH)
    start[:, 7] = rng.integers(0, 5, TRIED) + 0.5
    start[:, 8] = rng.integers(0, 2, TRIED) + 0.5
    start[0] = today
    result = minimize(
        Plans(),
        NSGA2(pop_size=TRIED, sampling=start),
        ("n_gen", GENERATIONS),
        seed=case.settings.seed % 2**31,
    )
    base = run_choices(case, [first], *scenarios, replicates=range(LUCK))
    best = _chosen(result, *(part[:, :, 0].mean() for part in _measured(case, base)[:2]))
    return {"own_search": _proposal_rows(case, account, best, shares, scenarios)}


def _chosen(result: Any, index: float, value: float) -> np.ndarray | None:
    """The vector with the best index among those worth no less than the first plan; None where none leads it."""
    if result.X is None:
        return None
    vectors, aims = np.atleast_2d(result.X), np.atleast_2d(result.F)
    good = (-aims[:, 0] > index) & (-aims[:, 1] >= value - 1e-9)
    if not good.any():
        return None
    best: np.ndarray = vectors[np.argmax(np.where(good, -aims[:, 0], -np.inf))]
    return best


def _plan(account: OwnAccount, vector: np.ndarray, name: str) -> OwnPlan:
    """The first plan with other parts, total, route and timing."""
    plan, parts, level = account.lead, vector[:6] / vector[:6].sum(), float(vector[6])
    money = {year: tuple(level * np.nansum(of_year) * parts) for year, of_year in plan.dimensions.items()}
    late = int(vector[8])
    projects = tuple(replace(p, start=_later(p.start, late)) for p in plan.projects)
    route = ROUTES_TRIED[int(vector[7])]
    return replace(
        plan,
        name=name,
        dimensions=money,
        spending={year: level * of_year for year, of_year in plan.spending.items()},
        projects=projects,
        shares=tuple(parts),
        language_model=route or plan.language_model,
    )


def _later(quarter: str, years: int) -> str:
    return calendar.name(min(calendar.index(quarter) + 4 * years, calendar.index(f"{calendar.LAST_YEAR}Q4")))


def _shares_today(account: OwnAccount) -> np.ndarray:
    """Parts of the money in the first plan: of its first year with yuan, as written; NaN where a rule divides it."""
    plan = account.lead
    written = plan.dimensions[min(plan.dimensions)] if plan.dimensions else account.shares(plan)
    parts = np.full(len(DIMENSIONS), np.nan) if written is None else np.asarray(written, float)
    if plan.dimensions and not plan.spending:
        parts = np.nan_to_num(parts)  # what is left out gets nothing
    total = parts.sum()
    return parts / total if total != 0 else np.full(len(DIMENSIONS), np.nan)


def _measured(case: Case, outcomes: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Index at the end, present value of profit, and failure; (S, R, choices)."""
    rate = case.settings.bank.discount_rate if case.settings.bank else None
    profit = outcomes["net_profit"]
    weights = (1.0 + (DISCOUNT if rate is None else rate)) ** -(np.arange(profit.shape[2]) + 0.5)
    value = (profit * weights[:, None]).sum(2)
    fails = failed({n: np.moveaxis(v, 2, -1) for n, v in outcomes.items()}, floors(case))
    return outcomes["index"][:, :, -1], value, fails


def _proposal_rows(
    case: Case, account: OwnAccount, best: np.ndarray | None, shares: np.ndarray, scenarios: list[Any]
) -> list[dict[str, object]]:
    """What the proposal changes, and what it brings on fresh luck; where nothing leads the first plan, that stays."""
    parts, proposed, route, late = shares, account.lead, "", 0
    if best is not None:
        parts, proposed = best[:6] / best[:6].sum(), _plan(account, best, "proposed")
        route, late = ROUTES_TRIED[int(best[7])], int(best[8])
    choices = [Choice("first", account.lead), Choice("proposed", proposed)]
    fresh = range(FRESH, FRESH + len(case.replicates))
    outcomes = run_choices(case, choices, *scenarios, replicates=fresh)
    index, value, fails = _measured(case, outcomes)
    spent = outcomes["technology_spending"].sum(2)
    rows: list[dict[str, Any]] = [
        {
            "what": name,
            "unit": "percent of project money",
            "plan": 100 * shares[d],
            "proposed": 100 * parts[d],
        }
        for d, name in enumerate(DIMENSIONS)
    ]
    rows.append({"what": "language_model", "unit": "", "word": route})
    rows.append({"what": "delay", "unit": "years", "plan": 0.0, "proposed": float(late)})
    rows += [
        brought("spending", "million yuan", spent),
        brought("index", "points", index),
        brought("npv", "million yuan", value),
        brought("fails", "share of runs", fails.astype(float)),
    ]
    return [{"word": "", **row} for row in rows]


def brought(what: str, unit: str, values: np.ndarray) -> dict[str, Any]:
    """What the proposal brings of an outcome, shape (S, R, first and proposed plan); a single run has no error.

    Futures share their luck, so that only runs are independent.
    """
    apart = values[..., 1] - values[..., 0]
    row = {"what": what, "unit": unit, "plan": values[..., 0].mean(), "proposed": values[..., 1].mean()}
    return row | interval(apart.ravel()) | {"mean": apart.mean(), "error": standard_error(apart.mean(0))}
