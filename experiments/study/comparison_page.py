"""The page of a comparison: rows named by what differs, with gap, change, cost and the own bank, in either language."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pandas as pd
from jinja2 import Environment
from markupsafe import Markup

from experiments.labels import LANGUAGES, Labels
from experiments.labels.numbers import plain, signed
from experiments.report.embed import faces
from experiments.report.sections.provenance import citation, result_of
from experiments.results.open import Results
from experiments.results.statistics import side
from experiments.study.compared import GAP, Row

SHOWN_KINDS: Final = ("city", "rural", "private", "large")

PAGE: Final = """<!doctype html>
<html lang="{{ language }}"><head><meta charset="utf-8"><title>{{ title }}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{{ faces }}
body{font:15px/1.55 "Report SC",system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#222}
h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}.wide{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
td,th{padding:.35em .8em;border-bottom:1px solid #ddd;text-align:right;vertical-align:top}
th{border-bottom:1px solid #888;font-weight:600}
td:first-child,th:first-child{text-align:left;min-width:14em}
small{display:block;color:#666;white-space:nowrap}svg{max-width:100%;height:auto}code{font-size:.92em}
@media print{h2{break-after:avoid}tr{break-inside:avoid}}
</style></head>
<body><h1>{{ title }}</h1><p>{{ lead }}</p>
{% for part in parts %}<h2>{{ part.heading }}</h2>{% if part.lead %}<p>{{ part.lead }}</p>{% endif %}
<div class="wide"><table><thead><tr>{% for cell in part.head %}<th scope="col">{{ cell }}</th>{% endfor %}</tr></thead>
<tbody>{% for row in part.rows %}<tr>{% for cell in row %}<td>{% if cell.strong %}<b>{{ cell.text }}</b>
{%- else %}{{ cell.text }}{% endif %}{% if cell.interval %}<small>{{ cell.interval }}</small>{% endif %}</td>
{%- endfor %}</tr>{% endfor %}</tbody></table></div>
<figure role="img" aria-label="{{ part.figure_title }}">{{ part.figure }}</figure>{% endfor %}
<p>{{ other }} <a href="{{ link }}">{{ link }}</a></p>
<h2>{{ jobs_heading }}</h2><ul>{% for job in jobs %}<li><code>{{ job }}</code></li>{% endfor %}</ul>
{% for line in cite %}<p><small>{{ line }}</small></p>{% endfor %}</body></html>
"""


def page_name(language: str, first: str) -> str:
    """File of the page in a language, when `first` is the language of the jobs."""
    return "comparison.html" if language == first else f"comparison-{language}.html"


def cited(folder: Path, jobs: Sequence[Results], language: str) -> list[str]:
    """How the tables of a comparison are cited, and which models, data and posteriors its jobs rest on."""
    labels, result = Labels(language), result_of(folder)
    said = [citation(result, job.manifest.content, job.manifest["config"], labels) for job in jobs]
    return list(dict.fromkeys(line for job in zip(*said, strict=True) for line in job))


def page(
    name: str,
    sector: Sequence[Row],
    own: Sequence[Row],
    jobs: Sequence[str],
    cite: Sequence[str],
    language: str,
    first: str,
) -> str:
    """The page in one language.

    Parameters
    ----------
    name : str
        Of the comparison.
    sector, own : sequence of Row
        Rows of the banking system and of the own bank.
    jobs : sequence of str
        Folders of the jobs.
    cite : sequence of str
        By which versions it was made, and how it is cited.
    language : str
        Of the page.
    first : str
        Language of the jobs.
    """
    labels = Labels(language)
    parts = [_sector(sector, labels)]
    if own:
        parts.append(_own(own, labels))
    other = next(word for word in LANGUAGES if word != language)
    template = Environment(autoescape=True).from_string(PAGE)

    def rendered(fonts: str) -> str:
        return template.render(
            faces=Markup(fonts),
            language=language,
            title=labels("compare.title", name=name, count=len(sector), jobs=len(jobs)),
            lead=labels("compare.lead", quarter=_quarter(sector)),
            parts=parts,
            other=labels("compare.other"),
            link=page_name(other, first),
            jobs_heading=labels("compare.jobs"),
            jobs=jobs,
            cite=cite,
        )

    return rendered(faces(rendered("")))


def _quarter(rows: Sequence[Row]) -> str:
    return str(rows[0].bands["quarter"].max())


def _cell(text: str, strong: bool = False, interval: str = "") -> dict[str, Any]:
    return {"text": text, "strong": strong, "interval": interval}


def _level(band: Mapping[str, float] | None) -> dict[str, Any]:
    if band is None:
        return _cell("–")
    low, middle, high = (plain(band[name], 1) for name in ("q05", "q50", "q95"))
    return _cell(middle, interval=f"[{low}, {high}]")


def _change(band: Mapping[str, float] | None) -> dict[str, Any]:
    if band is None:
        return _cell("–")
    low, middle, high = (signed(band[name], 2) for name in ("q05", "q50", "q95"))
    clear = bool(side(band["q05"], band["q95"])) and bool(middle.strip("+−0."))  # no bold nought
    return _cell(middle, clear, f"[{low}, {high}]")


def _between(own: Mapping[str, float], name: str, digits: int) -> dict[str, Any]:
    low, middle, high = (plain(own[key], digits) for key in (f"{name}_low", name, f"{name}_high"))
    return _cell(middle, interval=f"[{low}, {high}]")


def _cost(cost: float, labels: Labels) -> dict[str, Any]:
    return _cell(labels.money(cost) if labels.chinese else plain(cost, 0))


def _sector(rows: Sequence[Row], labels: Labels) -> dict[str, Any]:
    kinds = [kind for kind in SHOWN_KINDS if any(row.band("effect", "index", kind) for row in rows)]
    head = [
        labels("compare.short_row"),
        labels("compare.gap"),
        labels("compare.gap_change"),
        *(labels("compare.index", kind=labels.name("kind", kind)) for kind in kinds),
        labels("compare.cost"),
    ]
    cells = [
        [
            _cell(row.names[labels.language]),
            _level(row.band("level", GAP, "all")),
            _change(row.band("effect", GAP, "all")),
            *(_change(row.band("effect", "index", kind)) for kind in kinds),
            _cost(row.cost, labels),
        ]
        for row in rows
    ]
    title = labels("compare.figure", quarter=_quarter(rows))
    panels = [(labels("compare.gap"), {"": [_ends(row.band("level", GAP, "all")) for row in rows]}, False)]
    moved = {
        kind: [_ends(row.band("effect", "index", kind)) for row in rows] for kind in kinds if kind != "large"
    }
    if moved:
        panels.append((labels("compare.index_short"), moved, True))
    return {
        "heading": labels("compare.rows"),
        "lead": "",
        "head": head,
        "rows": cells,
        "figure_title": title,
        "figure": _drawn(title, rows, panels, labels),
    }


def _own(rows: Sequence[Row], labels: Labels) -> dict[str, Any]:
    names = ("own_index", "own_place", "own_share", "own_fails", "own_paid")
    cells = [
        [
            _cell(row.names[labels.language]),
            _between(row.own, "index", 1),
            _between(row.own, "place", 0),
            _between(row.own, "share", 0),
            _cell(plain(row.own["fails"], 0)),
            _cell(plain(row.own["paid_back"], 0)),
        ]
        for row in rows
    ]
    title = labels("compare.own_figure", quarter=_quarter(rows))
    panels = [
        (
            labels(f"compare.own_{name}"),
            {"": [(row.own[f"{name}_low"], row.own[name], row.own[f"{name}_high"]) for row in rows]},
            False,
        )
        for name in ("index", "place")
    ]
    return {
        "heading": labels("compare.own"),
        "lead": labels("compare.own_lead"),
        "head": [labels("compare.short_row"), *(labels(f"compare.{name}") for name in names)],
        "rows": cells,
        "figure_title": title,
        "figure": _drawn(title, rows, panels, labels),
    }


def _ends(band: Mapping[str, float] | None) -> tuple[float, float, float] | None:
    return None if band is None else (band["q05"], band["q50"], band["q95"])


def _drawn(title: str, rows: Sequence[Row], panels: Sequence[Any], labels: Labels) -> Markup:
    """The figure as SVG that stands in the page."""
    from experiments.figures.comparison import Measured, comparison
    from experiments.figures.still import still
    from experiments.figures.style import save

    names = [row.names[labels.language] for row in rows]
    figure = still(comparison(title, names, [Measured(*panel) for panel in panels], labels))
    with TemporaryDirectory() as folder:
        svg, _ = save(figure, Path(folder), "comparison", ())
    return Markup(svg[svg.index("<svg") :])


def plain_tables(sector: Sequence[Row], own: Sequence[Row], language: str) -> dict[str, pd.DataFrame]:
    """The tables of the page with a column for each number, by file; medians over the runs."""
    labels = Labels(language)
    kinds = {labels("compare.short_index", kind=kind_of(kind, labels)): kind for kind in SHOWN_KINDS}
    lines = [
        {
            labels("compare.short_row"): row.names[language],
            labels("compare.short_job"): row.job,
            labels("compare.short_gap"): _median(row.band("level", GAP, "all")),
            labels("compare.short_gap_change"): _median(row.band("effect", GAP, "all")),
            **{word: _median(row.band("effect", "index", kind)) for word, kind in kinds.items()},
            labels("compare.short_cost"): row.cost / 100
            if labels.chinese
            else row.cost,  # million yuan, or 亿
        }
        for row in sector
    ]
    of_bank = [
        {
            labels("compare.short_row"): row.names[language],
            labels("compare.short_job"): row.job,
            **{labels(f"compare.own_{name}"): row.own[name] for name in ("index", "place", "share")},
            labels("compare.own_fails"): row.own["fails"],
            labels("compare.own_paid"): row.own["paid_back"],
        }
        for row in own
    ]
    tables = {"comparison.csv": lines, **({"own_bank.csv": of_bank} if own else {})}
    return {name: _rounded(table) for name, table in tables.items()}


def kind_of(kind: str, labels: Labels) -> str:
    """A kind of bank in a narrow column."""
    return labels.name("kind", kind) if labels.language == "zh" else kind


def _rounded(lines: list[dict[str, Any]]) -> pd.DataFrame:
    """A table with three decimals and no minus before a zero."""
    table = pd.DataFrame(lines)
    numbers = table.select_dtypes("float")
    return table.assign(**{str(name): numbers[name].round(3) + 0.0 for name in numbers})


def _median(band: Mapping[str, float] | None) -> float:
    return float("nan") if band is None else float(band["q50"])


def text_grid(table: pd.DataFrame) -> str:
    """A table of text in columns of equal width; Chinese letters take two places."""
    lines = [list(table.columns), *table.astype(str).to_numpy().tolist()]
    widths = [max(_width(line[place]) for line in lines) for place in range(len(lines[0]))]
    shown = []
    for line in lines:
        gaps = [" " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)]
        first, *rest = zip(line, gaps, strict=True)
        shown.append("  ".join(["".join(first), *(gap + cell for cell, gap in rest)]).rstrip())
    return "\n".join([shown[0], "-" * sum(widths, 2 * len(widths) - 2), *shown[1:], ""])


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
