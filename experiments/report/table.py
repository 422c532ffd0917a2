"""A table of a report: plain cells that the page escapes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from experiments.labels import plain, signed


class Cell(NamedTuple):
    """A cell: its text, whether it is beyond noise, how dark its ground is (0-1), and its interval on a second line."""

    text: str
    strong: bool = False
    shade: float | None = None
    interval: str = ""

    @property
    def ground(self) -> str:
        """Style of the ground: white to a dark orange, with ink that can be read on it."""
        if self.shade is None:
            return ""
        mix = min(max(self.shade, 0.0), 1.0)
        red, green, blue = (round(255 + mix * (end - 255)) for end in (176, 74, 0))
        return f"background:rgb({red},{green},{blue});color:{'#fff' if mix > 0.88 else '#111'}"


@dataclass(frozen=True)
class Table:
    """A table with a header row and a header column; ``csv`` is the address of its data, when it has one."""

    head: list[str]
    rows: list[list[Cell]]
    note: str = ""
    caption: str = ""
    csv: str = ""
    wide: bool = False
    groups: list[tuple[str, int]] = field(default_factory=list)


def texts(*words: object) -> list[Cell]:
    """Cells of plain text."""
    return [Cell(str(word)) for word in words]


def interval(line: Mapping[str, Any] | None, digits: int | None = None, scale: float = 1.0) -> Cell:
    """Median and 90 % interval of a paired effect; a dash where there is none."""
    if line is None:
        return Cell("–")
    middle, low, high = (signed(scale * line[name], digits) for name in ("median", "low90", "high90"))
    shown = float(middle.replace("−", "-").replace(",", "")) if middle != "–" else 0.0
    return Cell(middle, strong=bool(line["clear"] and shown), interval=f"[{low}, {high}]")


def band(line: Mapping[str, Any]) -> Cell:
    """Median and 90 % band of levels over runs."""
    return Cell(plain(line["q50"]), interval=f"[{plain(line['q05'])}, {plain(line['q95'])}]")
