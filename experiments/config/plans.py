"""What a bank means to do: plans in yuan by year, by dimension or by project, with routes, heads and pay."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Self

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from agents.honeycomb import DIMENSIONS, MODEL, PEOPLE, ROUTES, SPENDING, SYSTEM, TALENTS, WAIT
from experiments.config.data import read_items
from experiments.config.errors import Faults, Refused, Sentence, enumerated, sentence, typed, unknown
from experiments.config.fields import (
    Allowed,
    Catalogued,
    InBoth,
    Listed,
    Name,
    Quarter,
    Strict,
)
from experiments.config.names import vocabulary
from experiments.config.reading import mapping
from experiments.location import of_user
from model import calendar
from model.own_plan import KIND, OURS, STILL, OwnPlan, OwnProject

NO_PLAN: Final = Sentence("no plan is given", "未给出计划")
YEARS: Final = (calendar.FIRST_YEAR, calendar.LAST_YEAR)
PLANNED: Final = {row["id"]: row["family"] for row in read_items() if row["family"] not in (PEOPLE, SPENDING)}
DELIVERY_NAMES: Final = vocabulary("delivery")
ROUTE_NAMES: Final = vocabulary("route")
Route = Annotated[str, Allowed(options=ROUTES), BeforeValidator(ROUTE_NAMES.name)]


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


def _item(name: str) -> str:
    if name not in PLANNED:
        raise unknown(name, PLANNED, sentence("{!r} is no item that a plan can begin", name))
    return name


Yuan = Annotated[float, Catalogued("bank.plans.*.yuan")]
Heads = Annotated[float, Catalogued("bank.plans.*.headcount")]
Pay = Annotated[float, Catalogued("bank.pay.*")]
Share = Annotated[float, Catalogued("bank.plan.*")]


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
        lambda given: {**dict.fromkeys(DIMENSIONS, value), **given} if isinstance(given, Mapping) else given
    )


# Named classes, since what is sent between processes is found again by its name.
class YuanByDimension(ByDimension[Yuan | None]):
    """Money for each dimension."""


class ShareByDimension(ByDimension[Share]):
    """A share of project spending for each dimension."""


Moneys = Annotated[YuanByDimension, left_out(None)]
Division = Annotated[ShareByDimension, left_out(0.0)]


class HeadsByRole(ByRole[Heads]):
    """Heads by role; a role that is left out stays as it was."""


class ProjectSettings(Strict):
    """One item that a plan begins, or matures where it has begun."""

    item: Annotated[str, AfterValidator(_item)]
    start: Quarter
    route: str | None = None
    cost: Yuan | None = None

    @field_validator("route", mode="before")
    @classmethod
    def _way(cls, given: object, info: ValidationInfo) -> object:
        """How a system or a language model is had: what is built is ``own`` for one and ``build`` for the other."""
        item = info.data.get("item")
        if given is None or item is None:
            return None
        names = {SYSTEM: DELIVERY_NAMES, MODEL: ROUTE_NAMES}.get(PLANNED[item])
        if names is None:
            raise Refused(sentence("{} is neither a system nor a language model, and has no route", item))
        way = names.name(given)
        if way == ROUTES[WAIT]:
            raise Refused(sentence("{} cannot begin by waiting", item))
        return way


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
        return self

    @property
    def model_routes(self) -> tuple[str, ...]:
        """Every route to language models that it names."""
        asked = (p.route for p in self.projects if PLANNED[p.item] == MODEL)
        return tuple(dict.fromkeys(route for route in (self.language_model, *asked) if route))

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


def read_plans(chosen: object, known: object, faults: Faults) -> Any:
    """Plans by name: those chosen of the bank's own, and those of files (``plans=[a,mine/b.yaml]``); None chooses all.

    Parameters
    ----------
    chosen : list of str or None
    known : mapping or None
        The plans of the bank's file.
    faults : Faults
        Grows by what is wrong.
    """
    if chosen is None or not isinstance(chosen, list | tuple):
        return known
    plans: dict[str, Any] = {}
    for word in map(str, chosen):
        if word.endswith((".yaml", ".yml")):
            try:
                plans[Path(word).stem] = mapping(of_user(word))
            except Refused as error:
                faults.add(typed("plans"), sentence("{!r} cannot be read as a plan", word), error.what)
        elif isinstance(known, Mapping) and word in known:
            plans[word] = known[word]
        else:
            given = enumerated(known) if isinstance(known, Mapping) and known else NO_PLAN
            faults.add(typed("plans"), sentence("{!r} is no plan of the bank", word, given))
    return plans


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
    said, counts = dict.fromkeys(TALENTS, np.nan), {}
    for year, heads in sorted(headcount.items()):
        said |= heads.known
        counts[year] = tuple(said.values())
    return counts
