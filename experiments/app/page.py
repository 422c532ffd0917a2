"""What every room shares: the frame of the page, its language and colours, and words made safe for markup."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Final

import panel as pn

from experiments.app.figures import Look
from experiments.app.jobs import Line
from experiments.labels import LANGUAGES, Labels, catalogue

HERE: Final = Path(__file__).parent
ROOMS: Final = ("policy", "bank", "model")
THEMES: Final = ("light", "dark")
LONGEST: Final = 4000  # characters of one value of the address


@dataclass(frozen=True)
class Lines:
    """The lines that requests wait in.

    Parameters
    ----------
    quick, patient : Line
        For first answers, and for what may take its time.
    place : Path
        Folder of the page.
    """

    quick: Line
    patient: Line
    place: Path


@dataclass
class Visit:
    """One session of the page.

    Parameters
    ----------
    name : str
        Of the session.
    asked : mapping of str to str
        The address that it was opened with.
    lines : Lines
    """

    name: str
    asked: Mapping[str, str]
    lines: Lines
    note: str = ""
    document: Any = None
    look: Look = field(init=False)

    def __post_init__(self) -> None:
        language = self.asked.get("lang", "")
        theme = self.asked.get("theme", "")
        labels = Labels(language if language in LANGUAGES else "en")
        self.look = Look(labels, theme if theme in THEMES else "light")

    @property
    def labels(self) -> Labels:
        """The words of the page."""
        return self.look.labels

    @property
    def room(self) -> str:
        """The room asked for."""
        room = self.asked.get("room", "")
        return room if room in ROOMS else ROOMS[0]

    def later(self, then: Callable[[], None]) -> None:
        """Do something in the session's own turn; callable from any thread, also when the session has gone."""
        self.document.add_next_tick_callback(then)


@dataclass(frozen=True)
class Plate:
    """One framed part of a room: a heading, and what stands below it."""

    name: str
    title: str
    parts: Sequence[Any]
    whole: bool = False
    heading: Any = None


def texts(labels: Labels) -> dict[str, str]:
    """Every text of the page in its language, by the last part of its key."""
    return {key.removeprefix("app."): labels(key) for key in catalogue() if key.startswith("app.")}


@cache
def css() -> str:
    """The looks of the page, the same inside and outside of components."""
    return (HERE / "page.css").read_text("utf-8")


def markup(content: str = "") -> Any:
    """A pane of markup in the page's looks; whoever fills it escapes what it is given."""
    return pn.pane.HTML(content, stylesheets=[css()], sizing_mode="stretch_width", margin=0)


def drawn(plot: Any, text: str) -> Any:
    """A pane with a figure, and in words what it shows for those who cannot see it."""
    pane = pn.pane.Bokeh(plot, sizing_mode="stretch_width", margin=0)
    hidden = f'<p style="position:absolute;left:-9999px">{escape(text)}</p>'
    return pn.Column(pane, pn.pane.HTML(hidden, margin=0, height=0), sizing_mode="stretch_width", margin=0)


def laid_out(visit: Visit, aside: Any, plates: Sequence[Plate]) -> Any:
    """The page of a room."""
    labels, other = visit.labels, next(one for one in LANGUAGES if one != visit.labels.language)
    template = pn.Template((HERE / "page.html").read_text("utf-8"))
    shown = []
    for plate in plates:
        roots = [f"{plate.name}_{number}" for number in range(len(plate.parts))]
        for root, part in zip(roots, plate.parts, strict=True):
            template.add_panel(root, part)
        if plate.heading is not None:
            template.add_panel(f"{plate.name}_title", plate.heading)
        title_root = f"{plate.name}_title" if plate.heading is not None else ""
        shown.append(
            {
                "name": plate.name,
                "title": plate.title,
                "roots": roots,
                "whole": plate.whole,
                "title_root": title_root,
            }
        )
    if aside is not None:
        template.add_panel("aside", aside)
    given = {
        "css": css(), "texts": texts(labels), "room": visit.room, "rooms": ROOMS, "language": labels.language,
        "theme": visit.look.theme, "other": other, "shade": next(t for t in THEMES if t != visit.look.theme),
        "note": visit.note, "plates": shown, "aside": "aside" if aside is not None else "",
    }  # fmt: skip
    for key, value in given.items():
        template.add_variable(key, value)
    return template


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table from cells that are markup already."""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    return f"<table><caption>{caption}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
