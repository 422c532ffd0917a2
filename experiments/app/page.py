"""What every room shares: the frame of the page, its language and colours, and words made safe for markup."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import panel as pn
import param
from markupsafe import Markup, escape
from panel.custom import JSComponent

from experiments.app.figures import Changes, Look
from experiments.app.work import Line
from experiments.labels import LANGUAGES, Labels, catalogue
from experiments.report.registry import Block, Points, Text
from experiments.report.tables import Table

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
    query : mapping of str to str
        The address that it was opened with.
    lines : Lines
    """

    name: str
    query: Mapping[str, str]
    lines: Lines
    note: str = ""
    document: Any = None
    gone: bool = False
    look: Look = field(init=False)
    waiting: list[tuple[Callable[[], None], int]] | None = field(default_factory=list)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        language = self.query.get("lang", "")
        theme = self.query.get("theme", "")
        labels = Labels(language if language in LANGUAGES else "en")
        self.look = Look(labels, theme if theme in THEMES else "light")

    @property
    def labels(self) -> Labels:
        """The words of the page."""
        return self.look.labels

    @property
    def room(self) -> str:
        """The room asked for."""
        room = self.query.get("room", "")
        return room if room in ROOMS else ROOMS[0]

    def later(self, then: Callable[[], None], after: int = 0) -> None:
        """Do something in the session's own turn, so many milliseconds on; callable from any thread.

        Nothing is done once the reader has left, whose document is gone; before the session is there, which a
        quick answer may precede, it waits.
        """
        with self.turn:
            if self.waiting is not None:
                self.waiting.append((then, after))
                return
        if self.gone:
            return
        if after:
            self.document.add_next_tick_callback(lambda: self.document.add_timeout_callback(then, after))
        else:
            self.document.add_next_tick_callback(then)

    def begin(self) -> None:
        """The session is there: do what has waited for it."""
        with self.turn:
            waiting, self.waiting = self.waiting or [], None
        for then, after in waiting:
            self.later(then, after)


def texts(labels: Labels) -> dict[str, str]:
    """Every text of the page in its language, by the last part of its key."""
    return {key.removeprefix("app."): labels(key) for key in catalogue() if key.startswith("app.")}


@cache
def css() -> str:
    """The looks of the page, the same inside and outside of components."""
    return (HERE / "page.css").read_text("utf-8")


def script(name: str) -> str:
    """A component's script, with the elements that all are made of."""
    return "".join((HERE / file).read_text("utf-8") for file in ("elements.js", name))


@dataclass(frozen=True)
class Plate:
    """One framed part of a room.

    Parameters
    ----------
    name, title : str
    plot : figure, optional
    text : str
        Markup below the heading, and below the figure, to begin with: an answer replaces it.
    whole : bool
        As wide as the page.
    above : component, optional
        Stands before the figure.
    """

    name: str
    title: str
    plot: Any = None
    text: str = ""
    whole: bool = False
    above: Any = None


class Component(JSComponent):  # type: ignore[misc]
    """A part of the page in the browser's own elements, through which answers come; see ``elements.js``.

    Parameters
    ----------
    offer : dict or list
        What it has to offer, in one language.
    shown : str
        The last answer: texts by place, and what changes in figures, by `answer_of`.
    later : str
        The same of what comes more seldom.
    """

    offer = param.Parameter(default={})
    shown = param.String(default="{}")
    later = param.String(default="{}")

    _stylesheets = [css()]  # noqa: RUF012 - as Panel asks for it

    def __init__(self, heard: Callable[[dict[str, object]], None] = lambda _: None, **params: object) -> None:
        super().__init__(**params, sizing_mode="stretch_width", margin=0)
        self._heard = heard

    def _handle_msg(self, message: object) -> None:
        if isinstance(message, dict):
            self._heard(message)


Choice = tuple[str, Sequence[tuple[str, ...]], str]
"""Label; value, text and, where there are several, group of each option; the usual value."""


class Choices(Component):
    """A few labelled choices; see ``choices.js``."""

    state = param.Dict(default={})
    told = param.String(default="")

    _esm = script("choices.js")

    @classmethod
    def of(cls, offered: Mapping[str, Choice], selected: Mapping[str, str]) -> Any:
        """Offer choices, with what the address asks for where that is one of them."""
        offer, state = [], {}
        for key, (label, options, usual) in offered.items():
            offer.append({"key": key, "label": label, "options": list(options), "usual": usual})
            value = selected.get(key, "")
            state[key] = value if value in {option[0] for option in options} else usual
        return cls(offer=offer, state=state)


def answer_of(texts: Mapping[str, str], figures: Mapping[str, Changes], **more: Any) -> str:
    """An answer as one message: markup by its place, and what changes in the figures of each plate.

    It is JSON already, in which a number that is missing or has no end is null: content that is nested would be
    compared with the one before and encoded value by value, which takes longer than all else that the server does.
    """
    return json.dumps(_plain({"texts": texts, "figures": figures, **more}), ensure_ascii=False)


def _plain(content: object) -> Any:
    if isinstance(content, float):
        return content if math.isfinite(content) else None
    if isinstance(content, dict):
        return {key: _plain(one) for key, one in content.items()}
    if isinstance(content, np.ndarray | np.generic | pd.Series):
        return _plain(content.tolist())
    return [_plain(one) for one in content] if isinstance(content, list) else content


def laid_out(visit: Visit, aside: Component, plates: Sequence[Plate]) -> Any:
    """The page of a room."""
    labels, other = visit.labels, next(one for one in LANGUAGES if one != visit.labels.language)
    template = pn.Template((HERE / "page.html").read_text("utf-8"))
    template.add_panel("aside", aside)
    for plate in plates:
        for part in ("above", "plot"):
            if getattr(plate, part) is not None:
                template.add_panel(f"{plate.name}_{part}", getattr(plate, part))
    properties = {
        "css": css(), "texts": texts(labels), "room": visit.room, "rooms": ROOMS, "language": labels.language,
        "theme": visit.look.theme, "other": other, "shade": next(t for t in THEMES if t != visit.look.theme),
        "note": visit.note, "plates": plates,
    }  # fmt: skip
    for key, value in properties.items():
        template.add_variable(key, value)
    return template


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table from words, and markup where a cell is more; a row of one cell is a heading of those below it.

    Each cell carries the heading of its column, which stands before it where the page is narrow.
    """
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(_row(head, *map(escape, row)) for row in rows)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def markup_of(blocks: Iterable[Block]) -> str:
    """What a section of the report says, as markup: paragraphs and tables."""
    parts = []
    for block in blocks:
        if isinstance(block, Table):
            parts.append(tabled(block))
        elif isinstance(block, Text | Points):
            lines = block.items if isinstance(block, Points) else [block.text]
            parts += [f"<p>{escape(line)}</p>" for line in lines]
    return "".join(parts)


def tabled(one: Table, opened: bool = False) -> str:
    """A table of a report as markup: strong what is beyond noise, on the ground that it has there, folded as there."""
    span = Markup('<span class="{}" style="{}">{}</span>')
    rows = [
        [span.format("clear" if cell.strong else "", cell.ground, str(cell)) for cell in row]
        for row in one.rows
    ]
    text = (f"<p>{escape(one.note)}</p>" if one.note else "") + table(
        one.caption or one.folded, one.head, rows
    )
    if not one.folded:
        return text
    return f"<details{' open' if opened else ''}><summary>{escape(one.folded)}</summary>{text}</details>"


def marked(kind: str, text: str, title: str = "") -> Markup:
    """A cell of a kind of its own, with what pointing at it shows."""
    tip = Markup(' title="{}"').format(title) if title else ""
    return Markup('<span class="{}"{}>{}</span>').format(kind, tip, text)


def _row(head: Sequence[str], first: str, *rest: str) -> str:
    if not rest:
        return f'<tr><th scope="rowgroup" colspan="{len(head)}">{first}</th></tr>'
    cells = (f'<td data-of="{escape(name)}">{cell}</td>' for name, cell in zip(head[1:], rest, strict=True))
    return f'<tr><th scope="row">{first}</th>{"".join(cells)}</tr>'
