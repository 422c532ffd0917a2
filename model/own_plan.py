"""What a user says of the bank: what it is today, what it plans, and the choices that are followed side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from agents.honeycomb import DIMENSIONS, ROUTES, WAIT

OPEN_ROUTES: Final = tuple(route for route in ROUTES if ROUTES.index(route) != WAIT)
MORE: Final = tuple(f"more_{dimension}" for dimension in DIMENSIONS)
EXTRA: Final = 0.05  # money from outside on one dimension, over what is free for projects
WAITS: Final = 8  # quarters that the choice to wait with language models waits
HIRED: Final = 0.25  # more people in every role of the choice to hire
TRAINED: Final = 0.25  # technologists who become composite people in the choice to train
SHARES: Final = (0.5, 0.75, 1.25, 1.5, 2.0)  # times its spending, for the share that keeps a bank up
KIND: Final = "like_its_kind"
STILL: Final = "no_change"
OURS: Final = ("more_", "route_", "people_", "spend_")  # how names of choices beside the plans begin
QUESTIONS: Final = ("routes", "more", "people", "shares")
SHARES_NAMED: Final = {f"spend_{round(100 * times)}": times for times in SHARES}


@dataclass(frozen=True)
class OwnProject:
    """One system, mandate or tie that a plan begins, or matures where it has begun already.

    Parameters
    ----------
    item : str
        Item of the questionnaire.
    start : str
        Quarter; work begins with the year's plan, or in the year after where what it needs does not stand yet.
    route : str or None
        One of ``DELIVERY``; None takes the cheapest that is open to the bank.
    cost : float or None
        Yuan; None takes the model's price.
    """

    item: str
    start: str
    route: str | None = None
    cost: float | None = None


@dataclass(frozen=True)
class OwnPlan:
    """What a bank means to do, year by year; a year goes on as the last one given.

    Parameters
    ----------
    name : str
    spending : mapping of int to float
        Technology spending in all, yuan a year.
    dimensions : mapping of int to tuple of float
        Money for change by dimension, yuan a year; NaN for a dimension that is left out. Without ``spending`` the bank
        spends what this takes on top of running, fees, compliance and localisation; with it, what is left out shares
        the rest, and where nothing is left out the proportions divide the money for change.
    projects : tuple of OwnProject
        Paid first, out of their dimension's money; on top of it where the year gives that dimension none.
    staff : mapping of int to tuple of float
        Heads by role (``TALENTS``) aimed at; NaN for as many as today.
    pay : mapping of int to float
        Yuan a year of a technology employee.
    spend_ratio : float or None
        Technology spending over revenue in years without money given; None takes today's.
    shares : tuple of float or None
        Division of money over dimensions where the year gives none; None decides by the rule of the study.
    language_model : str or None
        The one route to language models that it takes, or ``wait``; None decides like its kind.
    """

    name: str
    spending: Mapping[int, float] = field(default_factory=dict)
    dimensions: Mapping[int, tuple[float, ...]] = field(default_factory=dict)
    projects: tuple[OwnProject, ...] = ()
    staff: Mapping[int, tuple[float, ...]] = field(default_factory=dict)
    pay: Mapping[int, float] = field(default_factory=dict)
    spend_ratio: float | None = None
    shares: tuple[float, ...] | None = None
    language_model: str | None = None


@dataclass(frozen=True)
class OwnShock:
    """What strikes this bank alone from its first day on, beside what a scenario brings.

    Parameters
    ----------
    margin, bad_loans : float
        Percentage points on its margin and its bad-loan ratio.
    loss, cost : float
        Million yuan: once, in its first quarter; and every year.
    """

    margin: float = 0.0
    bad_loans: float = 0.0
    loss: float = 0.0
    cost: float = 0.0


@dataclass(frozen=True)
class Choice:
    """One row that follows the bank: a plan, and how it departs from it.

    Parameters
    ----------
    name : str
    plan : OwnPlan or None
        None: decides by the rule of its kind, or keeps running what it has.
    route : str or None
        The only route to language models that it knows.
    wait : int
        Quarters before it looks at language models at all.
    still : bool
        Without a plan: keeps running what it has, and nothing else.
    more : int or None
        Dimension that gets ``EXTRA`` on top from outside.
    hired, trained, times : float
        More people, technologists who become composite people, and spending over the plan's.
    shock : OwnShock
    """

    name: str
    plan: OwnPlan | None
    route: str | None = None
    wait: int = 0
    still: bool = False
    more: int | None = None
    hired: float = 0.0
    trained: float = 0.0
    times: float = 1.0
    shock: OwnShock = OwnShock()


@dataclass(frozen=True)
class OwnAccount:
    """What a user says of the bank; None leaves it to chance, as it falls among the banks of its kind.

    Parameters
    ----------
    name, kind, province : str
        ``kind`` is a surveyed kind, ``province`` a two-letter code.
    since : str
        Quarter at whose start all this holds and from which the bank is followed.
    assets, loans, revenue, fees, operating_costs, technology_spending : float or None
        Yuan, the flows a year; costs hold technology.
    margin, bad_loans, capital : float or None
        Net interest margin, bad loans over loans, capital over risk-weighted assets; percent.
    coverage, spend_ratio : float or None
        Provisions over bad loans; technology spending over revenue, 0-1.
    employees : float or None
    staff, pay : sequence of float or None, length 3
        Technologists, data and composite people: share of all staff; yuan a year. NaN where nothing is said.
    branches : mapping of str to int or None
        Branches by code of the province; None for all at home. Public data, the labour market, policies of some
        provinces and possible allies are those of all of them, by share; the union is its home's.
    focus : tuple of str or None
        Strategic foci.
    partners : mapping or None
        ``vendors`` (0-3), ``exporting_bank`` (yes or no), ``alliances``.
    union : bool or None
        Whether it works on its provincial union's platform.
    language_model : str or None
        Its route today, ``wait`` for none.
    items : mapping of str to int or sequence of float, or None
        Rung of every item it answered, or the chance of each rung from the ground up.
    scores : sequence of float or None, length 6
        0-1, met as nearly as its answers allow; NaN where nothing is said.
    plan : sequence of float or None, length 6
        Division of money for change in years for which no plan says more.
    plans : tuple of OwnPlan
        At least one; none means that it goes on at today's ratio.
    questions : tuple of str
        Questions that choices beside the plans answer (``QUESTIONS``), all on the first plan.
    choices : tuple of Choice
        Further rows of the caller's own.
    alone : bool
        Whether only its plans are followed: one bank of many that are compared with each other.
    """

    name: str
    kind: str
    province: str
    since: str
    assets: float
    loans: float | None = None
    revenue: float | None = None
    margin: float | None = None
    fees: float | None = None
    operating_costs: float | None = None
    bad_loans: float | None = None
    coverage: float | None = None
    capital: float | None = None
    technology_spending: float | None = None
    spend_ratio: float | None = None
    employees: float | None = None
    staff: Sequence[float] | None = None
    pay: Sequence[float] | None = None
    branches: Mapping[str, int] | None = None
    focus: tuple[str, ...] | None = None
    partners: Mapping[str, int] | None = None
    union: bool | None = None
    language_model: str | None = None
    items: Mapping[str, int | Sequence[float]] | None = None
    scores: Sequence[float] | None = None
    plan: Sequence[float] | None = None
    plans: tuple[OwnPlan, ...] = ()
    questions: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    alone: bool = False

    @property
    def ratio(self) -> float | None:
        """Technology spending over revenue, as far as what was said tells."""
        if self.technology_spending is not None and self.revenue:
            return self.technology_spending / self.revenue
        return self.spend_ratio

    @property
    def lead(self) -> OwnPlan:
        """The first plan."""
        return self.plans[0] if self.plans else OwnPlan("plan")

    def shares(self, plan: OwnPlan) -> Sequence[float] | None:
        """Division of money in a year for which the plan gives none."""
        return plan.shares if plan.shares is not None else self.plan

    @property
    def rows(self) -> tuple[Choice, ...]:
        """Every choice that is followed: the plans, the two that always stand beside them, and what is asked."""
        first = Choice(self.lead.name, self.lead)
        plans = (first, *(Choice(plan.name, plan) for plan in self.plans[1:]))
        by_question = {
            "routes": (
                *(replace(first, name=f"route_{route}", route=route) for route in OPEN_ROUTES),
                replace(first, name="route_wait", wait=WAITS),
            ),
            "more": tuple(replace(first, name=name, more=d) for d, name in enumerate(MORE)),
            "people": (
                replace(first, name="people_hire", hired=HIRED),
                replace(first, name="people_train", trained=TRAINED),
            ),
            "shares": tuple(replace(first, name=name, times=t) for name, t in SHARES_NAMED.items()),
        }
        if self.alone:
            return plans
        variants = (choice for question in self.questions for choice in by_question[question])
        return (*plans, Choice(KIND, None), Choice(STILL, None, still=True), *variants, *self.choices)
