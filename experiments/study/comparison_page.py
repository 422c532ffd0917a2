"""The page of a comparison: rows named by what differs, with gap, change, cost and the own bank, in either language."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pandas as pd
from markupsafe import Markup

from experiments.labels import LANGUAGES, Labels
from experiments.labels.numbers import columns, plain, signed
from experiments.report.embed import environment, faces
from experiments.report.sections.provenance import citation, result_of
from experiments.results.open import Results
from experiments.results.statistics import side
from experiments.study.compare import GAP, Ends, Row

SHOWN_KINDS: Final = ("city", "rural", "private", "large")
OWN_BANDS: Final = ("index", "place", "share")


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
    parts = [_sector(sector, labels), *([_own(own, labels)] if own else [])]
    other = next(word for word in LANGUAGES if word != language)
    template = environment().get_template("comparison.html.j2")

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


def _level(band: Ends | None, digits: int = 1) -> dict[str, Any]:
    if band is None:
        return _cell("–")
    low, middle, high = (plain(value, digits) for value in band)
    return _cell(middle, interval=f"[{low}, {high}]")


def _change(band: Ends | None) -> dict[str, Any]:
    if band is None:
        return _cell("–")
    low, middle, high = (signed(value, 2) for value in band)
    clear = bool(side(band[0], band[2])) and bool(middle.strip("+−0."))  # no bold nought
    return _cell(middle, clear, f"[{low}, {high}]")


def _sector(rows: Sequence[Row], labels: Labels) -> dict[str, Any]:
    kinds = [kind for kind in SHOWN_KINDS if any(row.band("effect", "index", kind) for row in rows)]
    head = [labels(f"compare.{name}") for name in ("short_row", "gap", "gap_change")]
    head += [labels("compare.index", kind=labels.name("kind", kind)) for kind in kinds]
    cells = [
        [
            _level(row.band("level", GAP, "all")),
            _change(row.band("effect", GAP, "all")),
            *(_change(row.band("effect", "index", kind)) for kind in kinds),
            _cell(labels.money(row.cost) if labels.chinese else plain(row.cost, 0)),
        ]
        for row in rows
    ]
    moved = {kind: [row.band("effect", "index", kind) for row in rows] for kind in kinds if kind != "large"}
    panels = [
        (labels("compare.gap"), {"": [row.band("level", GAP, "all") for row in rows]}, False),
        *([(labels("compare.index_short"), moved, True)] if moved else []),
    ]
    title = labels("compare.figure", quarter=_quarter(rows))
    head.append(labels("compare.cost"))
    return _part(labels("compare.rows"), "", head, cells, title, panels, rows, labels)


def _own(rows: Sequence[Row], labels: Labels) -> dict[str, Any]:
    names = ("short_row", "own_index", "own_place", "own_share", "own_fails", "own_paid")
    cells = [
        [
            *(_level(_own_ends(row, name), 1 if name == "index" else 0) for name in OWN_BANDS),
            *(_cell(plain(row.own[name], 0)) for name in ("fails", "paid_back")),
        ]
        for row in rows
    ]
    panels = [
        (labels(f"compare.own_{name}"), {"": [_own_ends(row, name) for row in rows]}, False)
        for name in OWN_BANDS[:2]
    ]
    head, title = (
        [labels(f"compare.{name}") for name in names],
        labels("compare.own_figure", quarter=_quarter(rows)),
    )
    return _part(labels("compare.own"), labels("compare.own_lead"), head, cells, title, panels, rows, labels)


def _own_ends(row: Row, name: str) -> Ends:
    return row.own[f"{name}_low"], row.own[name], row.own[f"{name}_high"]


def _part(
    heading: str,
    lead: str,
    head: Sequence[str],
    cells: Sequence[Sequence[dict[str, Any]]],
    title: str,
    panels: Sequence[Any],
    rows: Sequence[Row],
    labels: Labels,
) -> dict[str, Any]:
    """A part of the page: its table, with the name of each row before its cells, and its figure."""
    named = [[_cell(row.names[labels.language]), *line] for row, line in zip(rows, cells, strict=True)]
    figure = _drawn(title, rows, panels, labels)
    return {
        "heading": heading,
        "lead": lead,
        "head": head,
        "rows": named,
        "figure_title": title,
        "figure": figure,
    }


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

    def named(row: Row) -> dict[str, Any]:
        return {labels("compare.short_row"): row.names[language], labels("compare.short_job"): row.job}

    kinds = {labels("compare.short_index", kind=kind_of(kind, labels)): kind for kind in SHOWN_KINDS}
    lines = [
        {
            **named(row),
            labels("compare.short_gap"): _median(row.band("level", GAP, "all")),
            labels("compare.short_gap_change"): _median(row.band("effect", GAP, "all")),
            **{word: _median(row.band("effect", "index", kind)) for word, kind in kinds.items()},
            labels("compare.short_cost"): row.cost / (100 if labels.chinese else 1),  # 亿, or million yuan
        }
        for row in sector
    ]
    ends = {**{f"own_{name}": name for name in OWN_BANDS}, "own_fails": "fails", "own_paid": "paid_back"}
    of_bank = [
        {**named(row), **{labels(f"compare.{word}"): row.own[name] for word, name in ends.items()}}
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


def _median(band: Ends | None) -> float:
    return float("nan") if band is None else band[1]


def text_grid(table: pd.DataFrame) -> str:
    """A table of text in columns of equal width; Chinese letters take two places."""
    lines = [list(table.columns), *table.astype(str).to_numpy().tolist()]
    widths = [max(columns(line[place]) for line in lines) for place in range(len(lines[0]))]
    shown = []
    for line in lines:
        gaps = [" " * (width - columns(cell)) for cell, width in zip(line, widths, strict=True)]
        first, *rest = zip(line, gaps, strict=True)
        shown.append("  ".join(["".join(first), *(gap + cell for cell, gap in rest)]).rstrip())
    return "\n".join([shown[0], "-" * sum(widths, 2 * len(widths) - 2), *shown[1:], ""])
