"""What strength, start or budget reaches a goal.

The value that passes the search for a goal first was partly lucky in the runs it was searched in. So it has to pass
with a margin of one standard error of the share, and what is told of it is its share in runs not seen before.
"""

from dataclasses import replace
from typing import Any, Final, NamedTuple, cast

import numpy as np
from scipy.stats import binomtest

from experiments.analysis.laboratory import Case
from experiments.analysis.portfolio import COST, Search, check_levers
from experiments.analysis.registry import ASKED, Row, Rows, method
from experiments.config.errors import failure
from experiments.config.study import StudySettings
from experiments.results.schema import OWN_UNIT, better, number, share, table, text, with_ends
from experiments.results.statistics import interval, mean_interval
from model import calendar
from model.policy import Policy

STEPS: Final = 9  # values tried over the whole range, then between the last that fails and the next
VARIED: Final = text("vary", "intensity (of the levers together), start, or budget")
FUTURE: Final = text(
    "future",
    "scenario without policies in which it is read: of several, the one that reaches the goal least often",
)
REACHED, UNREACHABLE, UNDECIDED = "reached", "unreachable", "undecided"
UNIT: Final = "factor, quarters from 2020Q1, or million yuan"
GOAL: Final = table(
    "what it takes to reach the goal",
    VARIED,
    ASKED,
    number("goal", "number to be reached", OWN_UNIT),
    text("by", "quarter by which"),
    share("wanted", "probability asked for"),
    FUTURE,
    text(
        "verdict",
        f"{REACHED}, {UNREACHABLE}, or {UNDECIDED}: search and fresh runs disagree, or come too near",
    ),
    number("value", "the least value found to do (of starts the latest), else the best one tried", UNIT),
    share("searched", "runs of the search in which it reaches the goal: flattered, as it was chosen in them"),
    share("probability", "the same in fresh runs, with other seeds and parameters"),
    share("probability_low", "lower end of its 95 % interval (Wilson)"),
    share("probability_high", "upper end of its 95 % interval"),
    with_ends("reached", "outcome in the quarter in these runs", OWN_UNIT),
    COST,
)
CURVE: Final = table(
    "one value tried",
    VARIED,
    number("value", "the value", UNIT),
    FUTURE,
    share("probability", "runs in which it reaches the goal"),
    with_ends("reached", "outcome in the quarter", OWN_UNIT),
    COST,
)


def check_goal(settings: StudySettings) -> None:
    """Refuse a goal without a number, a future or levers that are not there, and a date before every start."""
    goal, first = settings.analysis.goal, min(settings.analysis.portfolio.starts)
    if goal.value is None:
        raise failure("analysis.goal.value is not given: the number to be reached, as analysis.goal.value=10")
    check_levers(settings, goal.future)
    if goal.vary == "start" and first > goal.by:
        raise failure(
            "analysis.goal.by={} is before the first of analysis.portfolio.starts, {}", goal.by, first
        )


@method(check=check_goal, goal=GOAL, goal_curve=CURVE)
def goal(case: Case) -> Rows:
    """Seek the least strength, latest start or smallest budget that reaches the goal with the asked probability.

    Returns
    -------
    dict
        ``goal``: the answer, which may be that no value tried reaches it or that so few runs do not tell, with the
        probability in runs that the search did not see; ``goal_curve``: everything tried.
    """
    seek = Seek(case)
    trials: dict[float, Trial] = {}
    values = seek.values()
    for _ in range(2):
        trials |= seek.run([value for value in values if value not in trials], seek.search_replicates)
        order = sorted(trials, reverse=seek.vary == "start")
        enough = [value for value in order if seek.often(trials[value].reached) >= seek.enough]
        if not enough or enough[0] == order[0]:
            break
        values = seek.between(order[order.index(enough[0]) - 1], enough[0])
    answer = enough[0] if enough else max(order, key=lambda value: seek.near(trials[value].reached))
    (fresh,) = seek.run([answer], seek.fresh).values()
    ends = binomtest(int(seek.met(fresh.reached).sum()), len(fresh.reached)).proportion_ci(method="wilson")
    reachable = ends.high >= seek.goal.probability
    row = {
        **seek.row(answer, fresh),
        "goal": seek.value,
        "by": seek.goal.by,
        "wanted": seek.goal.probability,
        "verdict": UNDECIDED if reachable != bool(enough) else REACHED if reachable else UNREACHABLE,
        "searched": seek.often(trials[answer].reached),
        "probability_low": float(ends.low),
        "probability_high": float(ends.high),
    }
    return {"goal": [row], "goal_curve": [seek.row(value, trials[value]) for value in sorted(trials)]}


class Trial(NamedTuple):
    """What one value reaches in the quarter and costs beyond doing nothing, million yuan, by run; in which future."""

    reached: np.ndarray
    cost: np.ndarray
    future: str


class Seek:
    """A goal, and runs up to its quarter under other values of what is varied.

    Parameters
    ----------
    case : Case
        Its scenarios without policies are the futures, of which the first, a named one or the worst is looked at; its
        policies are pulled together, or chosen among by budget.
    """

    def __init__(self, case: Case) -> None:
        self.goal, self.vary = case.settings.analysis.goal, case.settings.analysis.goal.vary
        self.value = cast("float", self.goal.value)  # `check` refuses a goal without one
        settings = case.settings.model_copy(update={"end": self.goal.by})
        self.case = replace(case, settings=settings, laboratory=case.laboratory.under(settings))
        self.search = Search(self.case, self.goal.future)
        runs, wanted = len(case.replicates), self.goal.probability
        self.search_replicates, self.fresh = case.replicates, range(runs, 2 * runs)
        # Share of runs that passes the search: what is wanted and one standard error.
        self.enough = min(1.0, wanted + (wanted * (1 - wanted) / runs) ** 0.5)
        self.worth = self.search.alone() if self.vary == "budget" else []

    def values(self) -> list[float]:
        """The values tried first, over the whole range."""
        if self.vary == "start":
            first = calendar.index(min(self.search.design.starts))
            return self.between(first, calendar.index(self.goal.by))
        return self.between(
            0.0, self.search.design.budget / 1e6 if self.vary == "budget" else self.goal.strongest
        )

    def between(self, first: float, last: float) -> list[float]:
        """The values tried from one to another, as printed: quarters, million yuan from ten on, or hundredths."""
        whole = self.vary == "start" or (self.vary == "budget" and last >= 10.0)
        steps = np.linspace(first, last, STEPS).round(0 if whole else 2)
        return sorted({float(value) for value in steps})

    def policies(self, value: float) -> list[Policy]:
        """The levers at one value."""
        if self.vary == "budget":
            return self.search.policies(self.search.affordable(self.worth, value))
        if self.vary == "start":
            return [replace(lever, start=int(value)) for lever in self.search.levers if lever.end >= value]
        return [replace(lever, intensity=value * lever.intensity) for lever in self.search.levers]

    def run(self, values: list[float], replicates: range) -> dict[float, Trial]:
        """What every value does, in the future in which it reaches the goal least often."""
        if not values:
            return {}
        outcomes = self.search.play([self.policies(value) for value in values], replicates)
        trials: dict[float, list[Trial]] = {value: [] for value in values}
        for future, (reached, costs) in zip(self.search.futures, outcomes, strict=True):
            for k, value in enumerate(values, start=1):
                trials[value].append(Trial(reached[k], costs[k], future.name))
        return {value: min(one, key=lambda trial: self.often(trial.reached)) for value, one in trials.items()}

    def met(self, reached: np.ndarray) -> Any:
        """In which runs the goal is reached: at or above the number, or at or below where less is better."""
        sign = better(self.case.outcome)
        return sign * reached >= sign * self.value

    def often(self, reached: np.ndarray) -> float:
        """Share of runs that reach the goal."""
        return float(self.met(reached).mean())

    def near(self, reached: np.ndarray) -> tuple[float, float]:
        """How near a value comes: the share of runs that reach the goal, and then the median."""
        return self.often(reached), better(self.case.outcome) * float(np.median(reached))

    def row(self, value: float, trial: Trial) -> Row:
        """What the tables tell of a value."""
        of = {
            "vary": self.vary,
            "value": value,
            "future": trial.future,
            "probability": self.often(trial.reached),
        }
        return {**of, **interval(trial.reached, "reached"), **mean_interval(trial.cost, "cost")}
