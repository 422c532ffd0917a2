"""The jobs of a sweep side by side: a page in either language, and its tables, with gap, cost and the own bank."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from agents.honeycomb import KINDS, SMALL_KINDS
from experiments.config.errors import failure, sentence, unwritable
from experiments.labels import LANGUAGES, Labels, catalogue, plain
from experiments.results.open import Results
from experiments.results.statistics import side
from experiments.runs.identity import SCHEMA, digest
from experiments.runs.manifest import MANIFEST, contents, whole, write_json

if TYPE_CHECKING:
    from experiments.report.registry import Block
    from experiments.report.tables import Cell

Ends = tuple[float, float, float]  # q05, q50 and q95
# Keys that change no number, so that no row is named after them.
SAID_ELSEWHERE: Final = ("hydra", "report", "outputs", "execution", "name", "objective")
GAP: Final = "rural_city_gap"
TEXTS: Final = ("scenario", "quantity", "measure", "outcome", "quarter", "bank_kind")
SHOWN_KINDS: Final = (*SMALL_KINDS, *(kind for kind in KINDS if kind not in SMALL_KINDS))
OWN_BANDS: Final = ("index", "place", "share")
CLOCK: Final = 2.0  # seconds by which a file may seem older than it is
QUANTILES: Final = ("q05", "q50", "q95")
Write = Callable[[Any], "Cell | str"]


def compare(folders: Sequence[Path | str], target: Path | str | None = None) -> Path:
    """Lay several studies side by side.

    Parameters
    ----------
    folders : sequence of Path or str
        The folders of the jobs, in order.
    target : Path or str, optional
        Where the comparison goes; by default ``<name>-comparison-<hash>`` beside the first job.

    Returns
    -------
    Path
        A folder with ``comparison.html`` in the language of the first job and the same page in the other language,
        ``comparison.csv`` and, with an own bank, ``own_bank.csv``, ``comparison.parquet`` (every outcome in the last
        quarter, or at the last year's end) and a manifest of the jobs.
    """
    if not folders:
        raise failure("there is nothing to compare")
    jobs = [Results(folder) for folder in folders]
    name = f"{jobs[0].manifest['name']}-comparison-{digest([job.manifest['study'] for job in jobs])[:8]}"
    target = Path(target or Path(folders[0]).parent / name)
    rows = list(rows_of(jobs))
    sector, own = distinct(rows, sector_mark), distinct(rows, own_mark)
    listed = [{"folder": job.folder.name, "study": job.manifest["study"]} for job in jobs]
    first = language_of(jobs[0])
    try:
        with whole(target) as folder:
            every_outcome(sector).to_parquet(folder / "comparison.parquet", compression="zstd", index=False)
            for language in (first, *(other for other in LANGUAGES if other != first)):
                place = folder / page_name(language, first)
                citations = cited(folder, jobs, language)
                text = page(name, sector, own, [job["folder"] for job in listed], citations, language, first)
                place.write_text(text, encoding="utf-8")
            for file, table in plain_tables(sector, own, first).items():
                (folder / file).write_bytes(table.to_csv(index=False).encode("utf-8-sig"))
            facts = {"schema": SCHEMA, "name": name, "study": digest(listed), "jobs": listed}
            write_json(folder / MANIFEST, {**facts, "files": contents(folder)})
    except OSError as error:
        raise unwritable(error, target, sentence("The jobs are kept.")) from error
    return target


def jobs_of(sweep: Path, since: float = 0.0) -> list[Path]:
    """Folders of the studies of a sweep in the order of their jobs.

    Parameters
    ----------
    sweep : Path
        The folder of the sweep, in which comparisons and jobs of an earlier sweep may stand as well.
    since : float
        When the sweep began, seconds since 1970; jobs that started before are left out.
    """
    marks = [path for path in sweep.glob("**/.hydra/overrides.yaml") if path.stat().st_mtime >= since - CLOCK]
    folders = [mark.parent.parent for mark in marks]
    jobs = [f for f in folders if (f / MANIFEST).is_file() and (f / "bands.parquet").is_file()]
    return sorted(jobs, key=lambda folder: (len(folder.name), folder.name))


def language_of(job: Results) -> str:
    """Language of a job's report."""
    language = (job.manifest["config"].get("report") or {}).get("language")
    return language if language in LANGUAGES else LANGUAGES[0]


def summary(folder: Path) -> str:
    """The tables of a comparison as lines of text.

    Parameters
    ----------
    folder : Path
        What `compare` wrote.
    """
    from experiments.report.console import laid_out

    files = [folder / name for name in ("comparison.csv", "own_bank.csv")]
    tables = [pd.read_csv(file, dtype=str, keep_default_na=False) for file in files if file.is_file()]
    texts = (laid_out("", [[*table], *table.to_numpy().tolist()]) for table in tables)
    return "\n".join(text.removeprefix("\n") for text in texts)


# --- the rows, each named by what tells it from the others


@dataclass(frozen=True)
class Row:
    """One scenario of one job.

    Parameters
    ----------
    job : int
        Counted from 0.
    scenario, baseline : str
        Labels in the job; equal for a baseline.
    title : dict of str to str
        Language -> what the scenario is called.
    overrides : dict of str to str
        Key -> value that the job's command line gave, where that can change a number.
    bands : DataFrame
        The scenario's bands in the last quarter; of what is taken once a year, at the last year's end.
    cost : float
        Million yuan beyond the baseline, all payers and years, mean of the runs; NaN for a baseline.
    own : dict
        What the own bank becomes (`own_bank`); empty without one.
    bare : bool
        Whether it has no policies, so that it is not named after those of its job.
    names : dict of str to str
        Language -> what tells the row from the others.
    """

    job: int
    scenario: str
    baseline: str
    title: Mapping[str, str]
    overrides: Mapping[str, str]
    bands: pd.DataFrame
    cost: float
    own: Mapping[str, float]
    bare: bool
    names: dict[str, str] = field(default_factory=dict)

    def band(self, quantity: str, outcome: str, kind: str) -> Ends | None:
        """q05, q50 and q95 of a level or an effect; None where the job has none."""
        return self._lines.get((quantity, outcome, kind))

    @cached_property
    def _lines(self) -> dict[tuple[str, str, str], Ends]:
        rows: Any = self.bands[self.bands["measure"] == "true"].itertuples()
        return {(row.quantity, row.outcome, row.bank_kind): (row.q05, row.q50, row.q95) for row in rows}


def rows_of(jobs: Sequence[Results]) -> Iterator[Row]:
    """Every scenario of every job, in order."""
    for number, job in enumerate(jobs):
        bands = job.frame("bands").astype(dict.fromkeys(TEXTS, "str"))
        last = bands.groupby(["quantity", "measure", "outcome"])["quarter"].transform("max")
        bands = bands[bands["quarter"] == last]
        paid, own, overrides = costs(job), own_bank(job), asked_for(job.manifest["overrides"])
        for scenario in job.manifest["config"]["scenarios"]:
            label, baseline = scenario["label"], scenario["baseline"]
            mine = bands[bands["scenario"] == label].reset_index(drop=True)
            cost = paid.get(label, 0.0) - paid.get(baseline, 0.0) if label != baseline else float("nan")
            said = (titles(job, label), overrides, mine, cost, own.get(label, {}))
            yield Row(number, label, baseline, *said, bare=not scenario.get("policies"))


def titles(job: Results, label: str) -> dict[str, str]:
    """What a scenario is called, by language: its own title, or those of its policies."""
    declared: dict[str, Any] = {}
    for scenario in job.manifest["config"]["scenarios"]:
        declared |= {policy["name"]: policy.get("title") for policy in scenario.get("policies", [])}
        declared[scenario["label"].partition("@")[0]] = scenario.get("title")
    by_language = {
        language: {name: title[language] for name, title in declared.items() if isinstance(title, Mapping)}
        for language in LANGUAGES
    }
    return {language: Labels(language, by_language[language]).scenario(label) for language in LANGUAGES}


def asked_for(overrides: Sequence[str]) -> dict[str, str]:
    """Key -> value of the overrides that can change a number."""
    changes = {}
    for text in overrides:
        key, _, value = text.lstrip("+").partition("=")
        if key.split(".")[0].split("/")[0] not in SAID_ELSEWHERE:
            changes[key] = value
    return changes


def costs(job: Results) -> dict[str, float]:
    """Million yuan that each scenario costs, all payers and years, mean of the runs."""
    frame = job.frame("costs", ["scenario", "cost"]).astype({"scenario": "str"})
    runs = int(job.manifest["config"]["replicates"])
    paid = frame.groupby("scenario")["cost"].sum() / runs
    return {str(name): float(cost) for name, cost in zip(paid.index, paid.to_numpy(), strict=True)}


def own_bank(job: Results) -> dict[str, dict[str, float]]:
    """What the own bank becomes in each scenario; empty when the job has none.

    Returns
    -------
    dict
        Scenario -> ``index``, ``place`` and ``share`` (percent that it keeps of its loans at the start), each with
        ``_low`` and ``_high`` (90 % interval); percent of the runs in which it ``fails`` and has ``paid_back``.
    """
    if "own_bank" not in job.tables:
        return {}
    from experiments.own_bank.answers import OwnRuns
    from experiments.results.statistics import interval

    runs = OwnRuns(job.path("own_bank"), job.manifest["config"]["bank"] or {})
    plan, numbers = runs.plans[0], {}
    stays, failed = runs.paid_back(plan)[..., -1], runs.fails(plan)
    for s, future in enumerate(runs.futures):
        row = {"fails": 100.0 * float(failed[s].mean()), "paid_back": 100.0 * float(stays[s].mean())}
        for name, outcome in (("index", "index"), ("place", "percentile"), ("share", "inclusive_share")):
            row |= interval(runs.of(outcome, plan)[s, :, -1], name)
        numbers[future] = row
    return numbers


def sector_mark(row: Row) -> str:
    """The same for rows whose numbers are the same, but for items, which a job has where its policies aim at them."""
    shared = row.bands[~row.bands["outcome"].str.startswith("item:")]
    return digest([row.scenario, shared.astype(str).to_numpy().tolist(), repr(row.cost)])


def own_mark(row: Row) -> str:
    """The same for rows in which the own bank becomes the same; empty without an own bank."""
    return digest([row.scenario, json.dumps(row.own, sort_keys=True)]) if row.own else ""


def distinct(rows: Sequence[Row], mark: Any) -> list[Row]:
    """Rows that a mark tells apart, each once, named by what differs between them."""
    kept: dict[str, Row] = {}
    for row in rows:
        if identity := mark(row):
            kept.setdefault(identity, row)
    names = {language: row_names(list(kept.values()), language) for language in LANGUAGES}
    return [
        replace(row, names={language: names[language][place] for language in LANGUAGES})
        for place, row in enumerate(kept.values())
    ]


def row_names(rows: Sequence[Row], language: str) -> list[str]:
    """Names of rows: the scenario, and what else differs between the rows of one scenario.

    Rows that are still alike, such as the same command run by two versions, are told apart by the number of their job.
    """
    labels, same = Labels(language), [row.title[language] for row in rows]
    joint = "，" if language == "zh" else ", "
    names = []
    for row in rows:
        alike = [other for other in rows if other.title[language] == row.title[language]]
        keys = dict.fromkeys(key for other in alike for key in other.overrides)
        differing = [key for key in keys if len({other.overrides.get(key) for other in alike}) > 1]
        settings = [
            setting(key, row.overrides[key], labels)
            for key in differing
            if key in row.overrides and not (row.bare and key.split(".")[0] in ("policy", "policies"))
        ]
        only = len(set(same)) == 1 and settings
        names.append(joint.join([*([] if only else [row.title[language]]), *settings]))
    return [
        name if names.count(name) == 1 else f"{name}{joint}{labels('compare.job', number=row.job)}"
        for name, row in zip(names, rows, strict=True)
    ]


def setting(key: str, value: str, labels: Labels) -> str:
    """A key and its value as a reader calls them: ``policy Public data sharing``, ``seed 3``."""
    word = f"setting.{key}"
    called = labels(word) if word in catalogue() else key
    if key not in ("policy", "shock", "environment", "scenario"):
        plain = value.strip("'")
        long = re.fullmatch(r"-?\d+\.\d{5,}", plain)  # what a sweeper proposes has sixteen digits
        return f"{called} {float(plain):.4g}" if long else f"{called} {plain}"
    names = [part.strip(" '\"") for part in value.strip("[]").split(",")]
    environments = {
        name: labels.name("environment", name) for name in names if f"environment.{name}" in catalogue()
    }
    names_shown = [labels.shipped(name) or environments.get(name, name) for name in names]
    return f"{called} {' + '.join(names_shown)}"


def every_outcome(rows: Sequence[Row]) -> pd.DataFrame:
    """The bands of every row in the last quarter, or at the last year's end, in one table."""
    parts = []
    for place, row in enumerate(rows):
        facts: dict[str, Any] = {"name": row.names["en"], "job": row.job, "baseline": row.baseline}
        parts.append(row.bands.assign(row=place, **facts, asked=json.dumps(dict(row.overrides))))
    table = pd.concat(parts, ignore_index=True)
    leading = ["row", "name", "job", "scenario", "baseline", "asked"]
    return table[[*leading, *(column for column in table.columns if column not in leading)]]


# --- the page


def page_name(language: str, first: str) -> str:
    """File of the page in a language, when `first` is the language of the jobs."""
    return "comparison.html" if language == first else f"comparison-{language}.html"


def cited(folder: Path, jobs: Sequence[Results], language: str) -> list[str]:
    """How the tables of a comparison are cited, and which models, data and posteriors its jobs rest on."""
    from experiments.report.sections.provenance import citation, result_of

    labels, result = Labels(language), result_of(folder)
    citations = [citation(result, job.manifest.content, job.manifest["config"], labels) for job in jobs]
    return list(dict.fromkeys(line for job in zip(*citations, strict=True) for line in job))


def page(
    name: str,
    sector: Sequence[Row],
    own: Sequence[Row],
    jobs: list[str],
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
    jobs : list of str
        Folders of the jobs.
    cite : sequence of str
        By which versions it was made, and how it is cited.
    language : str
        Of the page.
    first : str
        Language of the jobs.
    """
    from experiments.report.page import rendered  # figures, templates and fonts, which other verbs do without
    from experiments.report.registry import Points

    labels, other = Labels(language), next(word for word in LANGUAGES if word != language)
    sections = [
        ("compared", _sector(sector, labels)),
        *([("compared_own", _own(own, labels))] if own else []),
    ]
    title = labels("compare.title", name=name, count=len(sector), jobs=len(jobs))
    lead, beside = labels("compare.lead", quarter=_quarter(sector)), page_name(other, first)
    return rendered(title, lead, [*sections, ("jobs", [Points(jobs)])], labels, cite=cite, beside=beside)


def _quarter(rows: Sequence[Row]) -> str:
    return str(rows[0].bands["quarter"].max())


def _gap_heading(heading: str, rows: Sequence[Row], labels: Labels) -> str:
    """A heading of the gap, which is taken at a year's end, and when that was where a job ends in another quarter."""
    if all(row.bands["quarter"].max().endswith("Q4") for row in rows):
        return labels(f"compare.{heading}")
    taken = sorted({when for row in rows for when in row.bands.loc[row.bands["outcome"] == GAP, "quarter"]})
    return f"{labels(f'compare.{heading}')} {', '.join(taken)}"


def _level(band: Ends | None, digits: int = 1) -> Cell:
    from experiments.report.tables import DASH, level

    return level(dict(zip(QUANTILES, band, strict=True)), number=digits) if band else DASH


def _change(band: Ends | None) -> Cell:
    from experiments.report.tables import interval

    ends = dict(zip(("low90", "median", "high90"), band, strict=True)) if band else {}
    return interval(ends | {"clear": side(band[0], band[2])} if band else None, 2)


def _index(kind: str, row: Row) -> Cell:
    return _change(row.band("effect", "index", kind))


def _sector(rows: Sequence[Row], labels: Labels) -> list[Block]:
    kinds = [kind for kind in SHOWN_KINDS if any(row.band("effect", "index", kind) for row in rows)]
    gap = _gap_heading("gap", rows, labels)
    write: dict[str, Write] = {
        gap: lambda row: _level(row.band("level", GAP, "all")),
        _gap_heading("gap_change", rows, labels): lambda row: _change(row.band("effect", GAP, "all")),
    }
    for kind in kinds:
        title = labels("compare.index", kind=labels.name("kind", kind))
        write[title] = partial(_index, kind)
    write[labels("compare.cost")] = lambda row: (
        labels.money(row.cost) if labels.chinese else plain(row.cost, 0)
    )
    moved = {
        kind: [row.band("effect", "index", kind) for row in rows] for kind in kinds if kind in SMALL_KINDS
    }
    panels = [(gap, {"": [row.band("level", GAP, "all") for row in rows]}, False)]
    panels += [(labels("compare.index_short"), moved, True)] if moved else []
    return _part(write, "figure", panels, rows, labels)


def _own(rows: Sequence[Row], labels: Labels) -> list[Block]:
    from experiments.report.registry import Text

    def banded(name: str) -> Write:
        return lambda row: _level(_own_ends(row, name), 1 if name == "index" else 0)

    write: dict[str, Write] = {labels(f"compare.own_{name}"): banded(name) for name in OWN_BANDS}
    write[labels("compare.own_fails")] = lambda row: plain(row.own["fails"], 0)
    write[labels("compare.own_paid")] = lambda row: plain(row.own["paid_back"], 0)
    panels = [
        (labels(f"compare.own_{name}"), {"": [_own_ends(row, name) for row in rows]}, False)
        for name in OWN_BANDS[:2]
    ]
    return [Text(labels("compare.own_lead")), *_part(write, "own_figure", panels, rows, labels)]


def _own_ends(row: Row, name: str) -> Ends:
    return row.own[f"{name}_low"], row.own[name], row.own[f"{name}_high"]


def _part(
    write: Mapping[str, Write], figure: str, panels: Sequence[Any], rows: Sequence[Row], labels: Labels
) -> list[Block]:
    """A part of the page: its table, a row each with what every column writes of it, and its figure."""
    from experiments.figures.comparison import Measured, comparison
    from experiments.report.embed import printed
    from experiments.report.tables import Table, by_column

    names = [row.names[labels.language] for row in rows]
    title = labels(f"compare.{figure}", quarter=_quarter(rows))
    chart = comparison(title, names, [Measured(*panel) for panel in panels], labels)
    first: dict[str, Write] = {labels("compare.short_row"): lambda row: row.names[labels.language]}
    table = Table([*first, *write], by_column(rows, first | dict(write)), wide=True)
    return [table, printed(figure, title, chart)]


def plain_tables(sector: Sequence[Row], own: Sequence[Row], language: str) -> dict[str, pd.DataFrame]:
    """The tables of the page with a column for each number, by file; medians over the runs."""
    labels = Labels(language)

    def name_and_job(row: Row) -> dict[str, Any]:
        return {labels("compare.short_row"): row.names[language], labels("compare.short_job"): row.job}

    kinds = {labels("compare.short_index", kind=kind_of(kind, labels)): kind for kind in SHOWN_KINDS}
    lines = [
        {
            **name_and_job(row),
            _gap_heading("short_gap", sector, labels): _median(row.band("level", GAP, "all")),
            _gap_heading("short_gap_change", sector, labels): _median(row.band("effect", GAP, "all")),
            **{word: _median(row.band("effect", "index", kind)) for word, kind in kinds.items()},
            labels("compare.short_cost"): row.cost / (100 if labels.chinese else 1),  # 亿, or million yuan
        }
        for row in sector
    ]
    ends = {**{f"own_{name}": name for name in OWN_BANDS}, "own_fails": "fails", "own_paid": "paid_back"}
    of_bank = [
        {**name_and_job(row), **{labels(f"compare.{word}"): row.own[name] for word, name in ends.items()}}
        for row in own
    ]
    tables = {"comparison.csv": lines, **({"own_bank.csv": of_bank} if own else {})}
    return {name: _rounded(table) for name, table in tables.items()}


def kind_of(kind: str, labels: Labels) -> str:
    """A kind of bank in a narrow column."""
    return labels.name("kind", kind) if labels.language == "zh" else kind


def _rounded(lines: list[dict[str, object]]) -> pd.DataFrame:
    """A table with three decimals and no minus before a zero."""
    table = pd.DataFrame(lines)
    numbers = table.select_dtypes("float")
    return table.assign(**{str(name): numbers[name].round(3) + 0.0 for name in numbers})


def _median(band: Ends | None) -> float:
    return float("nan") if band is None else band[1]
