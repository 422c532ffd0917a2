"""How to spend a budget over levers, regions and years.

The search for a mix is by successive linear programmes. Every option of every lever (strength, start, region) is run
alone; an integer programme picks at most one option a lever within each budget, which they must keep together too;
around the best mix of the asked budget every single change is run, and the programme is solved again on what those
changes bring, until it proposes nothing better. Search and judgement draw different replicates, so that a mix is not
praised for the luck it was picked by.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from experiments.analysis.laboratory import Case
from experiments.analysis.outcome import pick
from experiments.analysis.registry import ASKED, PROBABILITY, Rows, estimated, method
from experiments.config.errors import failure
from experiments.config.names import PROVINCES, provinces
from experiments.config.study import StudySettings
from experiments.results.schema import OWN_UNIT, better, number, share, table, text, with_ends
from experiments.results.statistics import (
    estimate,
    first_place_probabilities,
    interval,
    mean_interval,
    probability,
    quantile,
    tail_mean,
)
from model import calendar
from model.policy import Policy

LADDER: Final = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5)  # budgets of the frontier over the one asked for
ROUNDS: Final = 3
TRIES: Final = 10  # mixes looked at before a budget is left unspent: all cost more together than alone
FIRST, WORST = "first", "worst"  # which of the futures a goal is sought in, unless one is named
TAIL: Final = 0.1  # share of runs that the conditional value at risk of a judged mix looks at
MIX: Final = text(
    "mix", "budget of the mix, billion yuan, or what is done otherwise in the mix of the asked budget"
)
COST: Final = with_ends(
    "cost", "cost beyond doing nothing up to the last quarter run, all payers, mean over runs", "million yuan"
)
MIXES: Final = table(
    "what one mix of levers does and costs, over parameters, seeds and futures, and how much could be regretted",
    MIX,
    number("budget", "what may be spent over the study's years, all payers", "million yuan"),
    ASKED,
    estimated(),
    COST,
    share("within", "runs in which the cost stays within the budget"),
    number("alone", "sum of the effects of its levers alone, in the runs of the search", OWN_UNIT),
    number("tail", "mean effect in the worst tenth of runs (conditional value at risk)", OWN_UNIT),
    number("regret", "mean gain forgone against the best mix of at most this budget", OWN_UNIT),
    number("regret_high", "95 % quantile of that regret", OWN_UNIT),
    share("best", "runs in which no mix of at most this budget gains more; mixes that tie share the run"),
)
LEVERS: Final = table(
    "one lever of one mix",
    MIX,
    text("policy", "name of the policy"),
    number("intensity", "its strength over that of its file", "factor"),
    text("start", "its first quarter"),
    text("region", "where: all, or a region"),
    number("gain_alone", "what it brings alone, turned so that more is better", OWN_UNIT),
    number("cost_alone", "what it costs alone", "million yuan"),
)
VARIANTS: Final = table(
    "the mix of the asked budget done otherwise: other order, other phase-in, other region, or on a signal",
    text("what", "order, ramp, region or signal"),
    MIX,
    ASKED,
    with_ends("effect", "paired effect", OWN_UNIT),
    with_ends("difference", "gain less that of the mix as found; more is better", OWN_UNIT),
    PROBABILITY,
    COST,
)


@dataclass(frozen=True, eq=False)
class Option:
    """A way to pull a lever, known by itself.

    Parameters
    ----------
    policy : Policy
        Ready to run.
    region : str
        ``all`` or a region.
    """

    policy: Policy
    region: str


Mix = tuple[Option | None, ...]


class Search:
    """Mixes of the levers of a study and what they bring.

    Parameters
    ----------
    case : Case
        Its scenarios without policies are the futures; its policies are the levers.
    future : str, optional
        ``worst`` searches in all futures, ``first`` in the first, a label in that one.
    """

    def __init__(self, case: Case, future: str = WORST) -> None:
        self.case, self.design = case, case.settings.analysis.portfolio
        futures = {label: s for label, s in case.laboratory.scenarios.items() if not s.policies}
        branches = list(futures.values())
        self.futures = {FIRST: branches[:1], WORST: branches}.get(future) or [futures[future]]
        levers = {p.name: p for s in case.laboratory.scenarios.values() for p in s.policies}
        self.levers = tuple(levers.values())
        self.options = [self._options(lever) for lever in self.levers]
        runs = min(self.design.search_runs, case.settings.replicates)
        self.search_replicates = range(-(-runs // len(self.futures)))
        self.fresh = range(runs, runs + case.settings.replicates)
        self.results: dict[Mix, tuple[np.ndarray, float]] = {}

    def _options(self, lever: Policy) -> list[Option]:
        options = []
        for strength, start, region in product(
            self.design.intensities, self.design.starts, self.design.regions
        ):
            inside = self.within(lever, region)
            first = calendar.index(start)
            if inside is not None and first <= lever.end:
                policy = replace(lever, intensity=strength * lever.intensity, start=first, provinces=inside)
                options.append(Option(policy, region))
        return options

    def within(self, lever: Policy, region: str) -> tuple[str, ...] | None:
        """Provinces of a lever inside a region; None where it reaches no bank there."""
        own = lever.provinces or PROVINCES
        inside = tuple(code for code in own if region == "all" or code in provinces(region))
        moved = self.case.laboratory.world.population.moved(replace(lever, provinces=inside))
        return inside if inside and moved.any() else None

    def play(
        self, mixes: Sequence[Sequence[Policy]], replicates: range
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Outcome of doing nothing and then of every mix, and cost beyond doing nothing (million yuan), by future."""
        scenarios = [
            [future, *(replace(future, policies=tuple(mix)) for mix in mixes)] for future in self.futures
        ]
        for run in self.case.laboratory.runs(scenarios, replicates):
            costs = run["costs"].sum((-2, -1))
            yield pick(run["values"], self.case.outcome, self.case.kind), costs - costs[0]

    def run(self, mixes: Sequence[Sequence[Policy]], replicates: range) -> tuple[np.ndarray, np.ndarray]:
        """Gain (more is better) and cost beyond doing nothing (million yuan), shape (mixes, futures * replicates)."""
        values, costs = (
            np.concatenate(parts, axis=1) for parts in zip(*self.play(mixes, replicates), strict=True)
        )
        values = better(self.case.outcome) * values
        return values[1:] - values[0], costs[1:]

    def policies(self, mix: Mix) -> list[Policy]:
        """The policies of a mix."""
        return [option.policy for option in mix if option is not None]

    def evaluate(self, mixes: Sequence[Mix]) -> tuple[np.ndarray, np.ndarray]:
        """Gain of mixes in every run of the search, (mixes, runs), and their mean cost; each is run once."""
        new = [mix for mix in dict.fromkeys(mixes) if mix not in self.results]
        if new:
            gain, cost = self.run([self.policies(mix) for mix in new], self.search_replicates)
            self.results |= zip(new, zip(gain, cost.mean(1), strict=True), strict=True)
        gains, costs = zip(*(self.results[mix] for mix in mixes), strict=True)
        return np.array(gains), np.array(costs)

    def worth(self, gain: np.ndarray) -> float:
        """What the search makes as large as it can: the mean gain over the worst `tail` of runs."""
        return tail_mean(gain, self.design.tail)

    def alone(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Gain, run by run, and mean cost of every option alone, by lever."""
        return self._by_lever(
            self.evaluate([self._with((None,) * len(self.levers), k, o) for k, o in self._all()])
        )

    def around(self, mix: Mix) -> list[tuple[np.ndarray, np.ndarray]]:
        """The same for a mix in which one lever is pulled that way instead, less the mix without that lever."""
        without = [self._with(mix, k, None) for k in range(len(self.levers))]
        gain, cost = self.evaluate([*without, *(self._with(mix, k, o) for k, o in self._all())])
        base = len(without)
        lever = np.array([k for k, _ in self._all()])
        return self._by_lever((gain[base:] - gain[lever], cost[base:] - cost[lever]))

    def _all(self) -> list[tuple[int, Option]]:
        return [(k, option) for k, options in enumerate(self.options) for option in options]

    def _with(self, mix: Mix, place: int, option: Option | None) -> Mix:
        return (*mix[:place], option, *mix[place + 1 :])

    def _by_lever(self, arrays: tuple[np.ndarray, np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
        ends = np.cumsum([len(options) for options in self.options])[:-1]
        return list(zip(*(np.split(values, ends) for values in arrays), strict=True))

    def best(self, worth: list[tuple[np.ndarray, np.ndarray]], budget: float) -> Mix:
        """At most one option a lever, whose summed gain is worth most, within a budget (million yuan).

        Gains of options add up run by run. Over all runs the sum of their means is made largest. The mean of the worst
        part ``a`` of R runs is the largest ``t`` less the mean shortfall below it over ``a`` (Rockafellar and Uryasev
        2000), so that t and the shortfalls stand beside the choices, and the programme stays linear. What is found is
        within a thousandth of the most.
        """
        gain, cost = (np.concatenate(parts) for parts in zip(*worth, strict=True))
        lever = np.repeat(np.arange(len(worth)), [len(g) for g, _ in worth])
        options, runs = gain.shape
        more = 0 if self.design.tail == 1.0 else 1 + runs
        one_each = np.zeros((len(worth), options + more))
        one_each[lever, np.arange(options)] = 1.0
        limits = [
            LinearConstraint(one_each, ub=1.0),
            LinearConstraint(np.r_[cost, np.zeros(more)][None], ub=budget),
        ]
        value, low, high = -gain.mean(1), np.zeros(options), np.ones(options)
        if more:
            most = np.abs(gain).sum() + 1.0
            value = np.r_[np.zeros(options), -1.0, np.full(runs, 1.0 / (self.design.tail * runs))]
            low, high = np.r_[low, -most, np.zeros(runs)], np.r_[high, most, np.full(runs, 2 * most)]
            # In every run: gain - t + shortfall >= 0.
            limits.append(LinearConstraint(np.hstack([gain.T, -np.ones((runs, 1)), np.eye(runs)]), lb=0.0))
        solution = milp(
            value,
            integrality=np.r_[np.ones(options), np.zeros(more)],
            bounds=Bounds(low, high),
            constraints=limits,
            options={"mip_rel_gap": 1e-3},
        )
        mix: list[Option | None] = [None] * len(self.levers)
        every = [option for options in self.options for option in options]
        for place in np.flatnonzero(solution.x[:options] > 0.5) if solution.x is not None else ():
            if gain[place].any():
                mix[lever[place]] = every[place]
        return tuple(mix)

    def affordable(self, worth: list[tuple[np.ndarray, np.ndarray]], budget: float) -> Mix:
        """The best mix that keeps within a budget (million yuan) when its levers are pulled together.

        Costs of options add up in the programme, and levers may cost more together. A mix that does is left out by a
        limit below the sum of its costs, by as much as it exceeds the budget; after `TRIES` nothing is done.
        """
        every = [option for _, option in self._all()]
        costs = dict(zip(every, np.concatenate([cost for _, cost in worth]), strict=True))
        limit = budget
        for _ in range(TRIES):
            mix = self.best(worth, limit)
            _, (cost,) = self.evaluate([mix])
            if cost <= budget:
                return mix
            limit = sum(costs[option] for option in mix if option is not None) * budget / cost
        return (None,) * len(self.levers)

    def improve(self, mix: Mix, budget: float) -> Mix:
        """The mix after the programme is solved on what single changes bring around it, while that helps."""
        (gain,), _ = self.evaluate([mix])
        for _ in range(ROUNDS):
            new = self.affordable(self.around(mix), budget)
            (other,), _ = self.evaluate([new])
            if new == mix or self.worth(other) <= self.worth(gain):
                break
            mix, gain = new, other
        return mix


def check(settings: StudySettings) -> None:
    """Refuse what `check_levers` refuses, and an order of levers that the study does not have."""
    check_levers(settings)
    order, levers = settings.analysis.portfolio.order, levers_of(settings)
    strange = [name for name in order if name not in levers]
    if strange or len(order) not in (0, 2):
        raise failure(
            "analysis.portfolio.order=[{}] needs two levers of the study, {}, or []",
            ",".join(order),
            ", ".join(levers),
        )


def levers_of(settings: StudySettings) -> list[str]:
    """Names of the levers of a study, each once."""
    return list(dict.fromkeys(policy.name for one in settings.scenarios for policy in one.policies))


def check_levers(settings: StudySettings, future: str = WORST) -> None:
    """Refuse a study without levers, without a future to pull them in, or without the one that is named."""
    futures = [scenario.label for scenario in settings.scenarios if not scenario.policies]
    if not futures or len(futures) == len(settings.scenarios):
        raise failure("a portfolio needs a scenario without policies, and levers: scenarios with policies")
    if future not in {FIRST, WORST, *futures}:
        raise failure(
            "analysis.goal.future={} is no scenario without policies; allowed: {}",
            future,
            ", ".join([FIRST, WORST, *futures]),
        )


@method(check=check, portfolio=MIXES, portfolio_levers=LEVERS, portfolio_variants=VARIANTS)
def portfolio(case: Case) -> Rows:
    """Find the best mix for each budget, and judge the mixes in every future.

    Returns
    -------
    dict
        ``portfolio``: a row a budget, judged on fresh replicates and all futures together; ``portfolio_levers``: what
        each mix is made of; ``portfolio_variants``: the mix of the asked budget in other order, with other phase-in, in
        one region only, and started on a signal.
    """
    search = Search(case)
    money = search.design.budget / 1e6
    budgets = [part * money for part in LADDER]
    alone = search.alone()
    mixes = [search.affordable(alone, budget) for budget in budgets]
    place = LADDER.index(1.0)
    mixes[place] = search.improve(mixes[place], money)
    names = [f"{budget / 1e3:.4g} bn" for budget in budgets]
    gain, cost = search.run([search.policies(mix) for mix in mixes], search.fresh)
    worth = {
        option: (float(g.mean()), float(c))
        for options, parts in zip(search.options, alone, strict=True)
        for option, g, c in zip(options, *parts, strict=True)
    }
    rows, levers = [], []
    for k, (name, budget, mix) in enumerate(zip(names, budgets, mixes, strict=True)):
        regret = gain[: k + 1].max(0) - gain[k]
        chosen = [option for option in mix if option is not None]
        rows.append(
            {
                "mix": name,
                "budget": budget,
                **interval(better(case.outcome) * gain[k]),
                "probability": probability(gain[k]),
                **mean_interval(cost[k], "cost"),
                "within": float((cost[k] <= budget).mean()),
                "alone": better(case.outcome) * sum(worth[option][0] for option in chosen),
                "tail": better(case.outcome) * tail_mean(gain[k], TAIL),
                "regret": float(regret.mean()),
                "regret_high": float(quantile(regret)[-1]),
                "best": float(first_place_probabilities(gain[: k + 1])[k]),
            }
        )
        levers += [
            {
                "mix": name,
                "policy": option.policy.name,
                "intensity": option.policy.intensity,
                "start": calendar.name(option.policy.start),
                "region": option.region,
                "gain_alone": worth[option][0],
                "cost_alone": worth[option][1],
            }
            for option in chosen
        ]
    return {
        "portfolio": rows,
        "portfolio_levers": levers,
        "portfolio_variants": _variants(search, mixes[place]),
    }


def _variants(search: Search, mix: Mix) -> list[dict[str, Any]]:
    """The mix as found and done otherwise, paired on fresh replicates in all futures."""
    ways = [("as found", "as found", search.policies(mix)), *_otherwise(search, search.policies(mix))]
    gain, cost = search.run([policies for _, _, policies in ways], search.fresh)
    return [
        {
            "what": what,
            "mix": name,
            **interval(better(search.case.outcome) * gain[k]),
            **estimate(gain[k] - gain[0], "difference"),
            **mean_interval(cost[k], "cost"),
        }
        for k, (what, name, _) in enumerate(ways)
    ]


def _otherwise(search: Search, policies: list[Policy]) -> list[tuple[str, str, list[Policy]]]:
    """Other orders of the two levers named, other ramps, single regions, and a start on the signal asked for."""
    design, others = search.design, []
    order = design.order
    if order:
        early, late = (calendar.index(quarter) for quarter in (min(design.starts), max(design.starts)))
        rest = [policy for policy in policies if policy.name not in order]
        pair = {lever.name: lever for lever in search.levers if lever.name in order}
        pair |= {policy.name: policy for policy in policies if policy.name in order}
        first, second = (pair[name] for name in order)
        together = [replace(first, start=early), replace(second, start=early)]
        others += [
            ("order", f"{order[0]} + {order[1]} together", [*rest, *together]),
            ("order", f"{order[0]} first", [*rest, together[0], replace(second, start=late)]),
            ("order", f"{order[1]} first", [*rest, replace(first, start=late), together[1]]),
        ]
    for ramp in design.ramps:
        others.append(("ramp", f"{ramp} quarters", [replace(policy, ramp=ramp) for policy in policies]))
    for region in design.regions:
        if region != "all":
            inside = [(policy, search.within(policy, region)) for policy in policies]
            part = [replace(policy, provinces=codes) for policy, codes in inside if codes is not None]
            others.append(("region", region, part))
    if (trigger := design.signal) is not None:
        others.append(("signal", trigger.text, [replace(p, trigger=trigger.assembled) for p in policies]))
    return others
