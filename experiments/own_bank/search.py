"""A better plan under the bank's own constraints: no more money than its first plan, no more breaches."""

from dataclasses import replace
from typing import Any, Final

import numpy as np

from agents.honeycomb import DIMENSIONS
from experiments.analysis.case import Case
from experiments.analysis.registry import Rows, method
from experiments.own_bank.analysis import bank_of, check_bank, failed, floors, run_choices
from experiments.own_bank.answers import DISCOUNT
from experiments.results.schema import number, table, text, with_ends
from experiments.results.statistics import interval, standard_error
from model import calendar
from model.own_plan import OPEN_ROUTES, Choice, OwnAccount, OwnPlan

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
    number("error", "standard error of the mean"),
    text("word", "the route to language models proposed, where it changes"),
)


@method(needs="pymoo", extra="search", check=check_bank, own_search=SEARCH)
def own_search(case: Case) -> Rows:
    """Search for a division of money, a total, a route and a timing that beat the first plan.

    Two aims, the index at the end and the present value; two constraints, that it costs no more and breaches no floor
    more often, over the first future and those in which the first plan fails most. Of what is not beaten on both aims,
    the plan with the best index is proposed that is worth no less than the first; where there is none, the first stays.

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
    known = run_choices(case, [first], *case.laboratory.every, replicates=range(LUCK))
    breach = failed({n: v[..., 0] for n, v in known.items()}, floors(case)).mean(1)
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
    return {"own_search": _told(case, account, best, shares, scenarios)}


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
        spend_ratio=plan.spend_ratio,
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


def _told(
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
    for what, unit, values in (
        ("spending", "million yuan", spent),
        ("index", "points", index),
        ("npv", "million yuan", value),
        ("fails", "share of runs", fails.astype(float)),
    ):
        apart = (values[..., 1] - values[..., 0]).ravel()
        rows.append(
            {"what": what, "unit": unit, "plan": values[..., 0].mean(), "proposed": values[..., 1].mean()}
            | interval(apart)
            | {"mean": apart.mean(), "error": standard_error(apart)}
        )
    return [{"word": "", **row} for row in rows]
