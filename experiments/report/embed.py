"""Make figures, data and letters part of a page that loads nothing."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache, partial
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import jinja2
import pandas as pd
from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from markupsafe import Markup

from experiments.figures.chart import NIGHT, Chart, Panel
from experiments.figures.source import Plan, StudyTables
from experiments.labels import unbroken
from experiments.runs.workers import become_worker, spread, worker_count

TEMPLATES = Path(__file__).parent / "templates"
LARGEST = 1_000_000  # bytes of an SVG on the page; beyond, its PNG stands there
WEIGHTS = {"Regular": 400, "Bold": 700}
NOTHING = Markup()
LOOK = Markup("<look>")  # where the style comes: a tag, which no text of a page can hold


class Picture(NamedTuple):
    """What a page holds of a chart: its still image, and what a screen draws it from."""

    image: Markup
    json: Markup


@dataclass
class Drawing:
    """A figure as a page shows it: a still image, and the chart that takes its place on a screen that runs scripts.

    One with a chart has no image until it is drawn (`draw`).
    """

    name: str
    caption: str
    finding: str
    image: Markup
    data: pd.DataFrame
    note: str = ""
    chart: Chart | None = None
    json: Markup = NOTHING

    @cached_property
    def csv(self) -> str:
        """Address of the data behind it."""
        return data_link(self.data)

    @property
    def panels(self) -> list[Panel]:
        """The panels that a screen shows."""
        return [panel for panel in self.chart.panels if not panel.printed] if self.chart else []

    @property
    def square(self) -> bool:
        """Whether its panels have a fixed shape, so that they must not grow with the page."""
        return bool(self.panels and self.panels[0].aspect)

    @property
    def first(self) -> int:
        """Step at which its slider stands first: the first step where paper shows that one, else the last."""
        chart = self.chart
        first = bool(chart and len(chart.printed) == 1 and chart.printed[0] == chart.frames[0])
        return 0 if first or not chart else len(chart.frames) - 1


def drawing_of(plan: Plan) -> Drawing:
    """A figure with its chart, of which no picture is taken yet."""
    chart = plan.draw()
    return Drawing(plan.name, plan.caption, chart.title, NOTHING, chart.data, plan.note, chart)


def printed(name: str, caption: str, chart: Chart) -> Drawing:
    """A figure as its still image alone, with the rows that it draws."""
    from experiments.figures.still import still, svg_of

    image = inline(svg_of(still(chart)), name, chart.title)
    return Drawing(name, caption, chart.title, image, chart.data)


def draw(drawings: Iterable[Drawing], study: StudyTables, workers: int | str = 1) -> None:
    """Take the pictures that are missing, save them among the study's and make them part of the page.

    Parameters
    ----------
    drawings : iterable of Drawing
    study : StudyTables
    workers : int or str
        Processes that draw at once, as in `experiments.config.study.ExecutionSettings`.
    """
    waiting = {one.name: one for one in drawings if one.chart and not one.image}
    charts = {name: (name, one.chart) for name, one in waiting.items()}
    here = partial(picture_of, study.figures, study.formats)
    for name, picture in spread(charts, here, partial(in_worker, here), worker_count(workers, len(charts))):
        waiting[name].image, waiting[name].json = picture


def picture_of(folder: Path, formats: Sequence[str], item: tuple[str, Chart]) -> Picture:
    """Draw a chart, save it under its name, and make it part of a page."""
    from experiments.figures.live import live
    from experiments.figures.still import save, still

    name, chart = item
    svg, png = save(still(chart), folder, name, formats)
    large = len(svg.encode()) > LARGEST
    image = picture(png(), chart.title) if large else inline(svg, name, chart.title)
    text = json.dumps(live(chart, name), ensure_ascii=False, separators=(",", ":"))
    return Picture(image, Markup(text.replace("<", "\\u003c").replace("&", "\\u0026")))


def in_worker[Thing, Done](do: Callable[[Thing], Done], thing: Thing) -> Done:
    """Do something in a worker process."""
    become_worker(None)
    return do(thing)


@cache
def scripts() -> tuple[Markup, str]:
    """What a page with live figures runs, as markup, and what its security policy has to allow: these scripts alone."""
    from bokeh.resources import Resources

    own = (TEMPLATES / "live.js").read_text("utf-8").replace("/* colours */ {}", json.dumps(NIGHT))
    parts = [*Resources(mode="inline", components=["bokeh"]).js_raw[:1], own]
    tags = [Markup("<script>{}</script>").format(Markup(part)) for part in parts]
    sums = [base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() for part in parts]
    return Markup("\n").join(tags), " ".join(f"'sha256-{one}'" for one in sums)


def inline(svg: str, name: str, text: str) -> Markup:
    """An SVG as part of the page: its ids made the figure's own, its size the column's, its finding read aloud."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r'\b(id="|xlink:href="#|href="#|url\(#)', rf"\g<1>{name}-", body)
    body = re.sub(r"<style[^>]*>.*?</style>", "", body, flags=re.DOTALL)
    box = re.search(r'viewBox="[^"]*"', body)
    if not box:
        raise ValueError(f"{name}: the SVG has no viewBox")
    head = Markup(
        '<svg {} role="img" aria-label="{}" class="figure" xmlns="http://www.w3.org/2000/svg" '
        'xmlns:xlink="http://www.w3.org/1999/xlink">'
    ).format(Markup(box.group()), text)
    return head + Markup(re.sub(r"\s*\n\s*", "\n", body[body.index(">") + 1 :]))


def picture(png: bytes, text: str) -> Markup:
    """A PNG as part of the page."""
    source = base64.b64encode(png).decode()
    return Markup('<img class="figure" alt="{}" src="data:image/png;base64,{}">').format(text, source)


def data_link(frame: pd.DataFrame) -> str:
    """A frame as the address of a CSV file that the page carries itself."""
    text = frame.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    return "data:text/csv;charset=utf-8;base64," + base64.b64encode(text.encode("utf-8-sig")).decode()


def faces(text: str) -> str:
    """CSS of the fonts, in both weights, that hold the Chinese letters of a page; empty when it has none.

    They come first in the page's list of fonts, or a heading in Chinese alone shows boxes where the machine has no
    such font; the range leaves Latin letters, and the height of a line, to the machine's own.
    """
    letters = tuple(sorted(code for code in map(ord, set(text)) if code >= 0x2E80))
    if not letters:
        return ""
    return "\n".join(_face(f"NotoSansSC-{style}.otf", weight, letters) for style, weight in WEIGHTS.items())


@lru_cache(maxsize=4)
def _face(name: str, weight: int, letters: tuple[int, ...]) -> str:
    from experiments.figures.still import FONTS

    options = subset.Options(flavor="woff", recalc_timestamp=False, notdef_outline=True, layout_features=[])
    # The extent of all letters stands as it is: to find that of those left takes as long as all the rest.
    with TTFont(FONTS / name, recalcTimestamp=False, recalcBBoxes=False) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=letters)
        cutter.subset(font)
        font.flavor = "woff"
        store = BytesIO()
        font.save(store)
    source = base64.b64encode(store.getvalue()).decode()
    return (
        f"@font-face{{font-family:'Report SC';font-weight:{weight};unicode-range:U+2E80-FFFF;"
        f"src:url(data:font/woff;base64,{source}) format('woff')}}"
    )


@cache
def environment() -> jinja2.Environment:
    """Templates of every page: what a bank, a config or a table supplies is escaped."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["unbroken"] = unbroken
    return made


def filled(template: str, **content: object) -> str:
    """A page from its template, written once and then given its style and the letters that it turns out to need."""
    text = environment().get_template(template).render(**content, style=LOOK)
    style = (TEMPLATES / "style.css").read_text("utf-8")
    return text.replace(LOOK, faces(text) + style, 1)
