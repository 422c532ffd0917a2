"""The look of every figure, in one place: colours, letters, size, and how a figure is written.

Figures are drawn off screen: nothing global is set, and a missing glyph is an error.
"""

import unicodedata
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from io import BytesIO, StringIO
from pathlib import Path

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager, get_font

from experiments.figures.palette import INK
from experiments.labels.numbers import columns
from experiments.location import DATA

FONTS = DATA / "fonts"
CHINESE = "Noto Sans SC Subset"
WIDTH = 7.2  # inches: the text width of an A4 page
TITLE_COLUMNS = 96  # Latin letters of the bold title that fit in WIDTH; a Chinese one counts for two


LOOK = {
    "font.family": ["DejaVu Sans", CHINESE],
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titley": 1.0,  # a fixed height spares every layout a search for one
    "axes.labelsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "axes.edgecolor": INK,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "hatch.linewidth": 0.6,
    "text.hinting": "none",  # unseen at 200 dpi, and slow
    "text.parse_math": False,  # a $ in a name is a dollar sign
    "svg.hashsalt": "honeycomb",
    "svg.fonttype": "path",  # glyphs are drawn, so they show on a machine without the fonts
}


@contextmanager
def style() -> Iterator[None]:
    """Matplotlib's defaults and this look, with layout and glyph warnings raised as errors; undone on leaving."""
    register_fonts()
    with matplotlib.style.context(LOOK, after_reset=True), warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph .* missing")
        warnings.filterwarnings("error", message="constrained_layout not applied")
        yield


def new_figure(height: float, title: str) -> Figure:
    """An empty figure of the text width (inches) with its finding as a bold left title."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    text = wrapped(title, TITLE_COLUMNS)
    figure.suptitle(text, x=0.008, ha="left", fontsize=9, fontweight="bold")
    return figure


def bare(axes: Axes) -> None:
    """Take away ticks and frame, keep the labels."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def save(
    figure: Figure, folder: Path, name: str, formats: Sequence[str] = ("svg", "png")
) -> tuple[str, Callable[[], bytes]]:
    """Write a figure, the same bytes each time.

    Parameters
    ----------
    figure
        A figure of this package.
    folder
        Where the files go; must exist.
    name
        File name without ending.
    formats
        Files to write: ``svg``, ``png`` (200 dpi).

    Returns
    -------
    tuple
        The SVG, written or not, and a function that gives the PNG.
    """
    svg = svg_of(figure)
    if "svg" in formats:
        (folder / f"{name}.svg").write_text(svg, "utf-8")
    if "png" in formats:
        png = _png(figure)
        (folder / f"{name}.png").write_bytes(png)
        return svg, lambda: png
    return svg, lambda: _png(figure)


def svg_of(figure: Figure) -> str:
    """A figure as SVG; its layout, solved once, stands for what is drawn of it later."""
    with style():
        layout = figure.get_layout_engine()
        if layout is not None:
            layout.execute(figure)
            figure.set_layout_engine("none")  # solving it again for each format would double the time
        drawing = StringIO()
        figure.savefig(drawing, format="svg", dpi=200, metadata={"Date": None, "Creator": None})
    return drawing.getvalue()


def _png(figure: Figure) -> bytes:
    store = BytesIO()
    with style():
        figure.savefig(
            store, format="png", dpi=200, metadata={"Software": None}, pil_kwargs={"compress_level": 3}
        )
    return store.getvalue()


@cache
def register_fonts() -> None:
    """Make the fonts of the repository known to matplotlib, once."""
    for path in sorted(FONTS.glob("*.otf")):
        fontManager.addfont(path)


@cache
def _drawable() -> frozenset[int]:
    faces = [fontManager.findfont("DejaVu Sans"), *map(str, FONTS.glob("*.otf"))]
    return frozenset(code for face in faces for code in get_font(face).get_charmap())


def safe(text: str, width: int = 60) -> str:
    """A name from data made fit to draw: one line, no unknown glyph, cut to a width in Latin letters."""
    line = " ".join(str(text).split())
    register_fonts()
    line = "".join(letter if ord(letter) in _drawable() else "□" for letter in line)
    while columns(line) > width:
        line = line.removesuffix("…")[:-1] + "…"
    return line


def wrapped(text: str, width: int) -> str:
    """A text broken into lines of at most a width in Latin letters; Chinese breaks anywhere but before a stop."""
    words, lines = _breakable(text), [""]
    for word in words:
        if columns(lines[-1] + word.rstrip()) > width and lines[-1]:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += word
    return "\n".join(line.rstrip() for line in lines)


def _breakable(text: str) -> list[str]:
    pieces: list[str] = []
    for letter in text:
        wide = unicodedata.east_asian_width(letter) in "WF"
        starts = not pieces or pieces[-1].endswith(" ") or (wide and letter not in "，。：；、）”？！")
        starts = starts or (
            not wide and pieces[-1] != "" and unicodedata.east_asian_width(pieces[-1][-1]) in "WF"
        )
        if starts:
            pieces.append(letter)
        else:
            pieces[-1] += letter
    return pieces
