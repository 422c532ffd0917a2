"""The figures of a page: what each needs, what it is called, and when it is drawn.

A file of a figure registers its planner with `figure`; a room that brings figures of its own does the same in a group
of its own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from experiments.labels import Labels

if TYPE_CHECKING:
    from experiments.figures.chart import Chart
    from experiments.figures.source import StudyTables


@dataclass(frozen=True)
class Plan:
    """A figure about to be drawn.

    Attributes
    ----------
    name
        Of its files, and of its place on the page.
    caption
        What it is.
    draw
        Gives the chart, with the table behind it.
    note
        What is to be said beside the caption.
    """

    name: str
    caption: str
    draw: Callable[[], "Chart"]
    note: str = ""


type Planner = Callable[[StudyTables, Labels, bool], Iterable[Plan]]


@dataclass(frozen=True)
class Entry:
    """A registered figure: its place on the page, the tables it needs, and whether a brief shows it."""

    name: str
    place: int
    tables: tuple[str, ...]
    brief: bool
    group: str
    plans: Planner


FIGURES: dict[str, Entry] = {}


def figure(
    name: str, *, place: int, tables: tuple[str, ...] = (), brief: bool = False, group: str = "figures"
) -> Callable[[Planner], Planner]:
    """Register a planner: a function of a study, labels and whether a brief asks, that gives the plans that apply.

    Parameters
    ----------
    name
        Of the figure, once.
    place
        On the page, small first.
    tables
        Without which it is not drawn.
    brief
        Whether a brief shows it.
    group
        The section that shows it.
    """

    def register(plans: Planner) -> Planner:
        if name in FIGURES and FIGURES[name].plans.__module__ != plans.__module__:
            raise ValueError(f"two figures are called {name}")
        FIGURES[name] = Entry(name, place, tables, brief, group, plans)
        return plans

    return register


def planned(study: "StudyTables", labels: Labels, brief: bool = False, group: str = "figures") -> list[Plan]:
    """Plans of every figure of a group that the study has tables for, in the order of the page."""
    package = import_module(str(__package__))
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    entries = sorted(FIGURES.values(), key=lambda entry: entry.place)
    return [
        plan
        for entry in entries
        if entry.group == group and (entry.brief or not brief) and study.has(*entry.tables)
        for plan in entry.plans(study, labels, brief)
    ]
