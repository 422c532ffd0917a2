"""The sections of a page, and what the tables of an analysis say: each registered beside its code.

A section is one function of a `Page`, registered with `section`. What one table of an analysis says, in sentences and
tables, is one function registered with `finding`; the section that answers the study's question asks them all. The
report and the brief choose from the same sections.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, cast

import pandas as pd

from experiments.figures.source import Plan, StudyTables, planned
from experiments.labels import Labels
from experiments.report.embed import Drawing, draw, drawing_of
from experiments.report.tables import Row, Table, catalogued, heads

# Rooms whose files bring sections: imported by name, so that the page knows nothing of what they are about.
ROOMS = (".sections", "..own_bank")


@dataclass(frozen=True)
class Text:
    """A paragraph; a strong ``lead`` may stand before it."""

    text: str
    lead: str = ""


@dataclass(frozen=True)
class Points:
    """Sentences as a list."""

    items: list[str]


type Block = Text | Points | Table | Drawing


@dataclass(frozen=True)
class Page:
    """What a section writes from: a study, a language, and whether it is the brief that asks.

    What is drawn and made of it once is shared by every page of the study; ``workers`` processes draw.
    """

    study: StudyTables
    labels: Labels
    brief: bool = False
    drawings: dict[str, Drawing] = field(default_factory=dict)
    made: dict[Any, Any] = field(default_factory=dict)
    workers: int | str = 1

    def once[Made](self, make: "Callable[[Page], Made]") -> Made:
        """What several sections or pages tell from, made of the first that asks."""
        if make not in self.made:
            self.made[make] = make(self)
        return cast("Made", self.made[make])

    def drawing(self, plan: Plan) -> Drawing:
        """A figure, drawn once for the report, the brief and the board paper together."""
        if plan.name not in self.drawings:
            self.drawings[plan.name] = drawing_of(plan)
        return self.drawings[plan.name]

    def draw(self) -> None:
        """Take the pictures of every figure that was asked for, together."""
        draw(self.drawings.values(), self.study, self.workers)

    def figures(self, group: str) -> list[Drawing]:
        """The figures of a group."""
        return [self.drawing(plan) for plan in planned(self.study, self.labels, self.brief, group)]

    def heads(self, *names: str) -> list[str]:
        """Titles of columns, as `tables.heads` takes them."""
        return heads(self.labels, names)

    def table(self, name: str, head: Iterable[str], lines: Sequence[Row], *data: Any, **look: Any) -> Table:
        """A table that the catalogue names; see `catalogued`."""
        return catalogued(self.labels, name, head, lines, *data, **look)


type Writer = Callable[[Page], Iterable[Block]]
type Teller = Callable[[pd.DataFrame, Page], Iterable[str | Table]]
type Finding = Callable[[pd.DataFrame, Page], tuple[list[str], list[Table]]]


@dataclass(frozen=True)
class Section:
    """A registered section.

    Attributes
    ----------
    id
        Its place in the page; its title is ``section.<id>`` of the catalogue.
    place, brief
        Order on the report and on the brief, small first; None where it is not part of one.
    tables
        Without which it has nothing to say.
    always
        Whether a report without these tables says so, instead of leaving the section out.
    """

    id: str
    place: int | None
    brief: int | None
    tables: tuple[str, ...]
    always: bool
    write: Writer


SECTIONS: dict[str, Section] = {}
FINDINGS: dict[str, tuple[int, Finding]] = {}


def section(
    id: str,  # noqa: A002
    *,
    place: int | None = None,
    brief: int | None = None,
    tables: tuple[str, ...] = (),
    always: bool = True,
) -> Callable[[Writer], Writer]:
    """Register a section; the arguments are `Section`'s."""

    def register(write: Writer) -> Writer:
        if id in SECTIONS and SECTIONS[id].write.__module__ != write.__module__:
            raise ValueError(f"two sections are called {id}")
        SECTIONS[id] = Section(id, place, brief, tables, always, write)
        return write

    return register


def finding(table: str, *, place: int) -> Callable[[Teller], Finding]:
    """Register what a table of an analysis says, and after which others where no question puts it first.

    What it yields, sentences and tables in any order, is given as the sentences and the tables.
    """

    def register(tell: Teller) -> Finding:
        if table in FINDINGS and FINDINGS[table][1].__module__ != tell.__module__:
            raise ValueError(f"two findings are told of {table}")

        @wraps(tell)
        def split(frame: pd.DataFrame, page: Page) -> tuple[list[str], list[Table]]:
            parts = list(tell(frame, page))
            tables = [part for part in parts if isinstance(part, Table)]
            return [part for part in parts if isinstance(part, str)], tables

        FINDINGS[table] = place, split
        return split

    return register


def load() -> None:
    """Import every file that registers sections or findings."""
    for room in ROOMS:
        package = import_module(room, __package__)
        for module in iter_modules(package.__path__):
            import_module(f"{package.__name__}.{module.name}")


def contents(page: Page) -> list[tuple[str, list[Block]]]:
    """Ids of the sections that apply, in order, with what each says; one that always stands may have nothing to say."""
    load()
    places = {name: one.brief if page.brief else one.place for name, one in SECTIONS.items()}
    chosen = sorted((place, name) for name, place in places.items() if place is not None)
    content = []
    for one in (SECTIONS[name] for _, name in chosen):
        blocks = list(one.write(page)) if page.study.has(*one.tables) else []
        if blocks or (one.always and not page.brief):
            content.append((one.id, blocks))
    page.draw()
    return content
