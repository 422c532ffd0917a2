"""A bank that a user brings: what it is today and what it plans. None is what was not said, and zero is a number."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, Self

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from agents.honeycomb import (
    DIMENSIONS,
    FOCUS,
    MODEL,
    PEOPLE,
    ROUTES,
    SMALL_KINDS,
    SPENDING,
    SYSTEM,
    TALENTS,
    WAIT,
)
from experiments.config import catalogue
from experiments.config.data import read_items
from experiments.config.errors import (
    Faults,
    Refused,
    Sentence,
    enumerated,
    one_of,
    out_of_range,
    refuse,
    sentence,
    typed,
)
from experiments.config.fields import (
    Allowed,
    Catalogued,
    InBoth,
    Listed,
    Name,
    Province,
    Quarter,
    Strict,
    printable,
)
from experiments.config.names import PROVINCE_NAMES, Names, kind, listed, titled, vocabulary
from experiments.config.numbers import EXACT, ROUNDED
from experiments.config.questionnaire import Answers, TrustInAnswers, asked
from experiments.config.reading import mapping
from experiments.config.tables import opening
from experiments.config.tree import pruned
from experiments.config.units import number
from experiments.location import of_user
from model import calendar
from model.own_plan import KIND, OURS, STILL, OwnPlan, OwnProject

AGREES: Final = 0.02  # how far two statements of one thing may differ, relative

FOCUS_NAMES: Final = vocabulary("focus")
YES: Final = ("yes", "true", "y", "1", "是", "有", "已接入")
NO: Final = ("no", "false", "n", "0", "否", "无", "未接入")
NO_PLAN: Final = Sentence("no plan is given", "未给出计划")
YEARS: Final = (calendar.FIRST_YEAR, calendar.LAST_YEAR)
PLANNED: Final = {row["id"]: row["family"] for row in read_items() if row["family"] not in (PEOPLE, SPENDING)}
DELIVERY_NAMES: Final = vocabulary("delivery")
ROUTE_NAMES: Final = vocabulary("route")
Route = Annotated[str, BeforeValidator(ROUTE_NAMES.name)]
Yuan = Annotated[float, Catalogued("bank.plans.*.yuan")]
Pay = Annotated[float, Catalogued("bank.pay.*")]


# --- numbers by dimension and by role


class Part(Strict):
    """A mapping of which a user fills in what is known."""

    @property
    def known(self) -> dict[str, Any]:
        """What is filled in."""
        return {name: value for name, value in self.__dict__.items() if value is not None}

    @property
    def ordered(self) -> tuple[float, ...]:
        """Every value in the order in which the parts are declared, which is the model's; NaN where nothing is."""
        return tuple(self.known.get(name, np.nan) for name in type(self).model_fields)


class ByDimension[T](Part):
    """A number for each dimension."""

    strategy: T
    organization: T
    technology: T
    application: T
    data: T
    ecosystem: T


class ByRole[T](Part):
    """A number for each role of those who work on technology."""

    technologists: T | None = None
    data: T | None = None
    composite: T | None = None


def left_out(value: float | None) -> BeforeValidator:
    """What a dimension gets that is left out."""
    return BeforeValidator(
        lambda fields: (
            {**dict.fromkeys(DIMENSIONS, value), **fields} if isinstance(fields, Mapping) else fields
        )
    )


# Named classes, since what is sent between processes is found again by its name.
class YuanByDimension(ByDimension[Yuan | None]):
    """Money for each dimension."""


class ShareByDimension(ByDimension[Annotated[float, Catalogued("bank.plan.*")]]):
    """A share of project spending for each dimension."""


class Scores(ByDimension[Annotated[float, Catalogued("bank.scores.*")] | None]):
    """Six scores of a self-assessment, points."""


class HeadsByRole(ByRole[Annotated[float, Catalogued("bank.plans.*.headcount")]]):
    """Heads by role; a role that is left out stays as it was."""


class Staff(ByRole[Annotated[float, Catalogued("bank.staff.*")]]):
    """People by role, shares of all staff."""

    @model_validator(mode="after")
    def _part(self) -> Staff:
        total = math.fsum(self.known.values())
        if total > 1.0:
            raise Refused(sentence("the three shares add to {:.12g}, more than all staff", total))
        return self


class PayOfRoles(ByRole[Pay]):
    """What a person of each role costs a year, yuan."""


def _whole(plan: ShareByDimension) -> ShareByDimension:
    """Shares that were rounded are brought to 1."""
    total = math.fsum(plan.__dict__.values())
    if abs(total - 1.0) > ROUNDED:
        raise Refused(sentence("the six shares add to {:.12g}, not to 1", total))
    if abs(total - 1.0) > EXACT:
        return plan.model_construct(**{name: value / total for name, value in plan.__dict__.items()})
    return plan


Moneys = Annotated[YuanByDimension, left_out(None)]
Division = Annotated[ShareByDimension, left_out(0.0)]
Plan = Annotated[ShareByDimension, AfterValidator(_whole)]
"""Six shares of project spending."""


# --- what it plans


def _years(given: object) -> object:
    """Keys of a mapping as years, whatever a file made of them."""
    if not isinstance(given, Mapping):
        return given
    years = {}
    for key, value in given.items():
        year = int(key) if str(key).isascii() and str(key).isdigit() else 0
        if not YEARS[0] <= year <= YEARS[1]:
            raise Refused(sentence("{!r} is no year of the study", key), f"{YEARS[0]}-{YEARS[1]}")
        if value is not None:
            years[year] = value
    return years


def _item(name: str) -> object:
    return one_of(name, PLANNED, sentence("{!r} is no item that a plan can begin", name))


class ProjectSettings(Strict):
    """One item that a plan begins, or matures where it has begun."""

    item: Annotated[str, AfterValidator(_item)]
    start: Quarter
    route: str | None = None
    cost: Yuan | None = None

    @field_validator("route", mode="before")
    @classmethod
    def _way(cls, value: object, info: ValidationInfo) -> object:
        """How a system or a language model is had: what is built is ``own`` for one and ``build`` for the other."""
        item = info.data.get("item")
        if value is None or item is None:
            return None
        names = {SYSTEM: DELIVERY_NAMES, MODEL: ROUTE_NAMES}.get(PLANNED[item])
        if names is None:
            raise Refused(sentence("{} is neither a system nor a language model, and has no route", item))
        way = names.name(value)
        if way == ROUTES[WAIT]:
            raise Refused(sentence("{} cannot begin by waiting", item))
        return way


def _last[Value](path: Mapping[int, Value], year: int) -> Value | None:
    """What a path by year says of a year: the last given goes on."""
    return path[max(before)] if (before := [one for one in path if one <= year]) else None


class PlanSettings(Strict):
    """A plan; what is left out goes on as today, a year as the last one given. See ``docs/own_bank_plans.md``."""

    title: InBoth | None = None
    spending: Annotated[dict[int, Yuan], BeforeValidator(_years)] = Field(default_factory=dict)
    dimensions: Annotated[dict[int, Moneys], BeforeValidator(_years)] = Field(default_factory=dict)
    projects: Listed[ProjectSettings] = ()
    headcount: Annotated[dict[int, HeadsByRole], BeforeValidator(_years)] = Field(default_factory=dict)
    pay: Annotated[dict[int, Pay], BeforeValidator(_years)] = Field(default_factory=dict)
    spend_ratio: Annotated[float, Catalogued("bank.spend_ratio")] | None = None
    division: Division | None = None
    language_model: Route | None = None

    @model_validator(mode="after")
    def _one_route(self) -> Self:
        """All language models of a bank come the same way."""
        if len(self.model_routes) > 1:
            raise Refused(
                sentence("a bank takes one route to language models, not {}", enumerated(self.model_routes))
            )
        begun = [p.item for p in self.projects if PLANNED[p.item] == MODEL]
        if self.language_model == ROUTES[WAIT] and begun:
            raise Refused(sentence("the plan waits with language models, and begins {}", enumerated(begun)))
        return self

    @model_validator(mode="after")
    def _within_spending(self) -> Self:
        """What is named of a year's spending is no more than it; six named dimensions are proportions."""
        for year in sorted({*self.spending, *self.dimensions}):
            total, money = _last(self.spending, year), _last(self.dimensions, year)
            parts = [part for _, part in money or () if part is not None]
            if total is not None and len(parts) < len(DIMENSIONS) and sum(parts) > total:
                raise Refused(
                    sentence(
                        "dimensions of {} are {:,.0f} yuan, more than its spending, {:,.0f}",
                        *(year, sum(parts), total),
                    )
                )
        return self

    @property
    def model_routes(self) -> tuple[str, ...]:
        """Every route to language models that it names."""
        routes = (p.route for p in self.projects if PLANNED[p.item] == MODEL)
        return tuple(dict.fromkeys(route for route in (self.language_model, *routes) if route))

    @property
    def years(self) -> set[int]:
        """Every year that it says something of."""
        begun = {int(project.start[:4]) for project in self.projects}
        return begun.union(self.spending, self.dimensions, self.headcount, self.pay)


def _own_names(plans: dict[str, PlanSettings]) -> dict[str, PlanSettings]:
    """Refuse names that mean something else beside the plans."""
    taken = [name for name in plans if name in (KIND, STILL) or name.startswith(OURS)]
    if taken:
        raise Refused(sentence("{} is what a choice beside the plans is called", enumerated(taken)))
    return plans


Plans = Annotated[dict[Name, PlanSettings], Field(max_length=12), AfterValidator(_own_names)]


def read_plans(chosen: object, bank: object, faults: Faults) -> Any:
    """Plans by name: those chosen of the bank's own, by name or title, and those of files; None chooses all.

    Parameters
    ----------
    chosen : list of str or None
    known : mapping or None
        The plans of the bank's file.
    faults : Faults
        Grows by what is wrong.
    """
    if chosen is None or not isinstance(chosen, list | tuple):
        return bank
    own = bank if isinstance(bank, Mapping) else {}
    names = titled(
        {name: plan.get("title") if isinstance(plan, Mapping) else None for name, plan in own.items()}
    )
    plans: dict[str, Any] = {}
    for word in map(str, chosen):
        try:
            name, plan = _plan(word, own, names)
        except Refused as error:
            faults.add(typed("plans"), error.what, error.allowed, error.suggestion)
            continue
        if name in plans:
            faults.add(typed("plans"), sentence("{} stands there twice", name), sentence("each name once"))
        plans[name] = plan
    return plans


def _plan(word: str, own: Mapping[str, Any], names: Names) -> tuple[str, Any]:
    """A plan and its name: of a file, or of the bank's own by name or title."""
    if word.endswith((".yaml", ".yml")):
        try:
            return Path(word).stem, mapping(of_user(word))
        except Refused as error:
            raise Refused(sentence("{!r} cannot be read as a plan", word), error.what) from error
    if not names.candidates(word):
        plans = enumerated(own) if own else NO_PLAN
        raise Refused(sentence("{!r} is no plan of the bank", word, plans), suggestion=names.nearest(word))
    name = names.name(word)
    return name, own[name]


def own_plan(name: str, settings: PlanSettings) -> OwnPlan:
    """Build the model's plan.

    Parameters
    ----------
    name : str
    settings : PlanSettings
    """
    division = settings.division and settings.division.ordered
    return OwnPlan(
        name=name,
        spending=dict(settings.spending),
        dimensions={y: money.ordered for y, money in settings.dimensions.items()},
        projects=tuple(OwnProject(p.item, p.start, p.route, p.cost) for p in settings.projects),
        staff=_staff(settings.headcount),
        pay=dict(settings.pay),
        spend_ratio=settings.spend_ratio,
        shares=division if division and sum(division) > 0 else None,
        language_model=next(iter(settings.model_routes), None),
    )


def _staff(headcount: Mapping[int, HeadsByRole]) -> dict[int, tuple[float, ...]]:
    """Heads by year and role, each role as it was last given; NaN before."""
    heads_now, counts = dict.fromkeys(TALENTS, np.nan), {}
    for year, heads in sorted(headcount.items()):
        heads_now |= heads.known
        counts[year] = tuple(heads_now.values())
    return counts


# --- what it is


def yes(value: object) -> Any:
    """True or false from what people write."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        word = str(value).strip().casefold()
        return True if word in YES else False if word in NO else value
    return value


BankName = Annotated[
    str, Field(max_length=80), AfterValidator(printable), Allowed("a line of printable text, 1 to 80 letters")
]
Flag = Annotated[bool, Allowed("yes or no"), BeforeValidator(yes)]


class Partners(Part):
    """Whom the bank works with today."""

    vendors: Annotated[int, Catalogued("bank.partners.vendors")] | None = None
    exporting_bank: Flag | None = None
    alliances: Annotated[int, Catalogued("bank.partners.alliances")] | None = None


class Floors(Part):
    """What the bank must not fall below; a year below one is a failure."""

    capital: Annotated[float, Catalogued("bank.floors.capital")] | None = None
    profit: Annotated[float, Catalogued("bank.floors.profit")] | None = None
    run_cost: Annotated[float, Catalogued("bank.floors.run_cost")] | None = None
    market: Annotated[float, Catalogued("bank.floors.market")] | None = None


def _branches(value: object) -> object:
    """Branches by province from a mapping or in words: ``SD 30, HE 5``, ``山东30、河北5``, or provinces alone."""
    counts: dict[str, int] = {}
    for word, count in value.items() if isinstance(value, Mapping) else map(_counted, listed(value)):
        code = PROVINCE_NAMES.name(word)
        counts[code] = counts.get(code, 0) + int(number(str(count), "banks"))
    return counts


def _counted(word: object) -> tuple[str, str]:
    """A province and the number of branches behind it, one where none is given."""
    match = re.fullmatch(r"\s*(.*?)[\s:：×x]*([0-9]*)\s*(?:家|个)?\s*", str(word))
    return (match[1], match[2] or "1") if match and match[1] else (str(word), "1")


Branches = Annotated[
    dict[str, int], BeforeValidator(_branches), Allowed("provinces with the number of branches")
]
Focus = Annotated[
    Listed[str],
    BeforeValidator(lambda given: [FOCUS_NAMES.name(word) for word in listed(given)]),
    Allowed(Sentence(f"of {', '.join(FOCUS)}", FOCUS_NAMES.choice().zh)),
]


def _since(value: object) -> object:
    return opening(str(value)) if isinstance(value, str | int) else value


class Facts(Strict):
    """What is known of one bank, named or not: books, people and answers."""

    kind: Annotated[str, BeforeValidator(partial(kind, among=SMALL_KINDS))]
    assets: Annotated[float, Catalogued("bank.assets")]
    loans: Annotated[float, Catalogued("bank.loans")] | None = None
    revenue: Annotated[float, Catalogued("bank.revenue")] | None = None
    margin: Annotated[float, Catalogued("bank.margin")] | None = None
    fees: Annotated[float, Catalogued("bank.fees")] | None = None
    operating_costs: Annotated[float, Catalogued("bank.operating_costs")] | None = None
    bad_loans: Annotated[float, Catalogued("bank.bad_loans")] | None = None
    coverage: Annotated[float, Catalogued("bank.coverage")] | None = None
    capital: Annotated[float, Catalogued("bank.capital")] | None = None
    technology_spending: Annotated[float, Catalogued("bank.technology_spending")] | None = None
    spend_ratio: Annotated[float, Catalogued("bank.spend_ratio")] | None = None
    employees: Annotated[int, Catalogued("bank.employees")] | None = None
    staff: Staff | None = None
    scores: Annotated[Scores, left_out(None)] | None = None
    items: Answers | None = None
    trust: TrustInAnswers = TrustInAnswers()

    @model_validator(mode="before")
    @classmethod
    def _said_otherwise(cls, value: object) -> object:
        """Bad loans in yuan and technology spending in percent, as banks also write them."""
        if not isinstance(value, Mapping):
            return value
        data = dict(value)
        ratio = _read(data.get("technology_spending"), "share of revenue")
        if ratio is not None and data.get("spend_ratio") is None:
            data["spend_ratio"], data["technology_spending"] = data["technology_spending"], None
        bad, loans = _read(data.get("bad_loans"), "yuan"), _read(data.get("loans"), "yuan", plain=True)
        if bad is not None and loans:
            data["bad_loans"] = 100.0 * bad / loans
        persons = data.pop("persons", None)
        if isinstance(persons, Mapping):
            data["staff"] = _shares(persons, data.get("employees"), data.get("staff"))
        return {**dict.fromkeys(data), **pruned(data)}  # what holds nothing was not said

    @model_validator(mode="after")
    def _adds_up(self) -> Facts:
        wrong = _misfits(self)
        refuse("bank", (((field,), Refused(what), getattr(self, field)) for field, what in wrong))
        return self

    @property
    def ratio(self) -> float | None:
        """Technology spending over revenue, as far as what was said tells."""
        if self.spend_ratio is None and self.technology_spending is not None and self.revenue:
            return self.technology_spending / self.revenue
        return self.spend_ratio

    @property
    def chances(self) -> dict[str, tuple[float, ...]]:
        """Chance of each rung by item that was answered."""
        return {
            name: answer.chances(asked()[name].rungs, self.trust)
            for name, answer in (self.items or {}).items()
        }

    @property
    def missing(self) -> tuple[str, ...]:
        """What was not said, and is taken from banks of its kind and size."""
        return tuple(name for name, value in self.__dict__.items() if value is None and name not in OPTIONAL)


OPTIONAL: Final = ("plan", "plans", "floors", "discount_rate", "peers", "items", "spend_ratio")


class BankSettings(Facts):
    """The own bank; what is null or left out is left to banks of its kind and size. See ``conf/bank/example.yaml``."""

    name: BankName
    province: Province
    since: Annotated[Quarter, BeforeValidator(_since)]
    pay: PayOfRoles | None = None
    branches: Branches | None = None
    focus: Focus | None = None
    partners: Partners | None = None
    union: Flag | None = None
    language_model: Route | None = None
    plan: Plan | None = None
    plans: Plans | None = None
    floors: Floors | None = None
    discount_rate: Annotated[float, Catalogued("bank.discount_rate")] | None = None
    peers: Listed[Facts] = ()

    @model_validator(mode="after")
    def _plans_are_read(self) -> BankSettings:
        """A share of revenue holds in years without yuan alone, and yuan go on."""
        for name, plan in (self.plans or {}).items():
            first = min((*plan.spending, *plan.dimensions), default=YEARS[1])
            if plan.spend_ratio is not None and first <= int(self.since[:4]):
                what = sentence("spend_ratio of {} is not read: the plan gives yuan from {} on", name, first)
                refuse("bank", [(("plans", name, "spend_ratio"), Refused(what), plan.spend_ratio)])
        return self

    @model_validator(mode="after")
    def _has_peers(self) -> BankSettings:
        row = catalogue.row(f"bank.sizes.{self.kind}")
        if not row.low <= self.assets <= row.high:
            facts = (f"{self.assets / 1e9:.4g}", self.kind)
            ends = (end / unit for unit in (1e9, 1e8) for end in (row.low, row.high))
            raise Refused(
                sentence(
                    "assets of {} bn yuan: no {} bank is near that size, so there are no peers", *facts, *ends
                )
            )
        return self


def _shares(persons: Mapping[str, object], employees: object, staff: Any) -> dict[str, object]:
    """People by role as shares of all staff."""
    numbers = {f"persons.{role}": count for role, count in persons.items()}
    numbers |= {} if employees is None else {"employees": employees}
    counts: dict[str, float] = {}
    faults = []
    for key, value in numbers.items():
        try:
            counts[key] = float(number(str(value), "persons"))
            if counts[key] < 0:
                raise Refused(out_of_range(value), sentence("0 or more persons"))
        except Refused as refused:
            faults.append(((key,), refused, value))
    every = int(counts.pop("employees", 0))
    if not faults and (every <= 0 or sum(counts.values()) > every):
        count = every or Sentence("no number of", "空")
        what = sentence("{:g} people in three roles, and {} employees in all", sum(counts.values()), count)
        faults.append((("persons" if employees is None else "employees",), Refused(what), employees))
    refuse("staff", faults)
    return {**(staff or {}), **{key.partition(".")[2]: count / every for key, count in counts.items()}}


def _read(value: object, unit: str, plain: bool = False) -> float | None:
    """A text as a number of a unit it names; None for anything else. ``plain``: numbers without a unit count too."""
    if plain and isinstance(value, int | float) and not isinstance(value, bool):
        with suppress(OverflowError):  # the field itself refuses a number of hundreds of digits
            return float(value)
    if not isinstance(value, str):
        return None
    readable = {}
    for one in ("points", unit):
        with suppress(Refused):
            readable[one] = float(number(value, one))
    if "points" in readable:  # a number without a unit says nothing of which is meant
        return readable["points"] if plain else None
    return readable.get(unit)


def _misfits(bank: Facts) -> Iterator[tuple[str, Sentence]]:
    """Totals that do not add up: the field, and what is wrong."""
    revenue, spending = bank.revenue, bank.technology_spending
    if bank.loans is not None and bank.loans > bank.assets:
        yield "loans", sentence("loans are more than all assets", bank.assets)
    if revenue is None:
        return
    if bank.fees is not None and bank.fees > revenue:
        yield "fees", sentence("fees are more than all revenue", revenue)
    if bank.margin:
        earning = (revenue - (bank.fees or 0.0)) / (0.01 * bank.margin) / bank.assets
        if not 0.4 <= earning <= 1.5:
            earning *= 100
            yield (
                "revenue",
                sentence(
                    "revenue less fees over the margin are earning assets of {:.4g} % of all assets", earning
                ),
            )
    if bank.operating_costs is not None and bank.operating_costs > 3.0 * revenue:
        yield "operating_costs", sentence("costs are more than three times revenue")
    if bank.spend_ratio is not None and spending is not None:
        share, ratio = spending / revenue, bank.spend_ratio
        if abs(share - ratio) > AGREES * max(share, ratio):
            both = (100 * ratio, 100 * share)
            yield "spend_ratio", sentence("is {:.4g} %, and technology spending over revenue {:.4g} %", *both)
    elif spending is not None and spending > 0.5 * revenue:
        yield "technology_spending", sentence("is more than half of revenue")
