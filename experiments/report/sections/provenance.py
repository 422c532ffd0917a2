"""Provenance: on which assumptions, facts, code and data the numbers rest, and what their columns mean."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from agents.honeycomb import DIMENSIONS
from experiments.config import catalogue
from experiments.config.names import vocabulary
from experiments.config.numbers import outside
from experiments.files import file_digest
from experiments.labels import Labels, items, plain
from experiments.labels import catalogue as words
from experiments.location import version
from experiments.report.registry import Block, Page, Points, Text, section
from experiments.report.tables import Cell, Table, banded, ends
from experiments.results.statistics import CRITICAL, error_of_a_half
from experiments.runs.identity import code_digest, package_versions
from experiments.runs.manifest import code_version, data_digests, machine, own_ensemble

# The parts of settings that hold numbers of the model.
GROUPS = ("population", "banks", "behaviour", "network", "bank", "scenarios")
FOCUS = vocabulary("focus")
NUMBER_COLUMNS = ("meaning", "value", "unit", "range", "grade", "source", "number")


@dataclass(frozen=True)
class Assumption:
    """One number (or list, or mapping of numbers) in use, each part ready to print."""

    place: str
    group: str
    meaning_en: str
    meaning_zh: str
    value: str
    unit: str
    range: str
    grade: str
    source: str
    changed: bool
    beyond: str  # what lies beyond the evidence, with the range of that; empty where nothing does


@section("assumptions", place=110)
def assumptions(page: Page) -> Iterator[Block]:
    """How many numbers of which grade, and a folded table a group of them."""
    labels, rows = page.labels, listed(page.study.settings, page.labels)
    grades = Counter(row.grade for row in rows)
    listing = labels.listing(f"{labels.name('grade', grade)} {count}" for grade, count in grades.items())
    if rows:
        yield Text(labels("note.assumptions", count=len(rows), grades=listing))
    if beyond := [f"{row.place} = {row.beyond}" for row in rows if row.beyond]:
        yield Points([labels("note.beyond", listing=labels.clauses(beyond))])
    head = [labels(f"column.{key}") for key in NUMBER_COLUMNS]
    for group in dict.fromkeys(row.group for row in rows):
        mine = [row for row in rows if row.group == group]
        cells = [
            [
                (row.meaning_zh if labels.chinese else row.meaning_en) or row.place,
                Cell(
                    f"{row.value}{' *' * row.changed}{' †' * bool(row.beyond)}",
                    strong=row.changed or bool(row.beyond),
                ),
                labels.translated(row.unit),
                row.range,
                labels.name("grade", row.grade),
                row.source,
                row.place,
            ]
            for row in mine
        ]
        title = f"{labels.name('group', group)} ({len(mine)})"
        yield Table(head, cells, kind="text named", wide=True, folded=title)


def listed(settings: Mapping[str, Any], labels: Labels | None = None) -> list[Assumption]:
    """Every graded number of the settings, in their order; what several scenarios share stands once."""
    own, pinned = settings.get("rows", {}), settings.get("pinned", ())
    rows: dict[tuple[str, ...], Assumption] = {}
    for place, value, node in numbers(settings, ()):
        dots = ".".join(place)
        catalogued = own[dots] if dots in own else _row(dots)
        facts = {**catalogued, **node}
        text, is_year = show(value, labels), facts.get("unit") == "year"
        span = node.get("range") or _ends(catalogued)
        # A folder of an earlier version tells the range of its evidence itself, beside the source.
        evidence = span if "source" in node else _ends(_row(dots))
        passed = next((ends for ends in (evidence, span) if outside(value, ends)), None)
        beyond = ""
        if passed:
            beyond = f"{text} ({_between(passed, is_year)})"
        elif place[0] == "policies" and outside(span, evidence):  # each run draws its own from there
            beyond = f"{text} [{_between(span, is_year)}] ({_between(evidence, is_year)})"
        row = Assumption(
            place=dots,
            group=place[0],
            meaning_en=str(facts.get("meaning_en", "")),
            meaning_zh=str(facts.get("meaning_zh", "")),
            value=text,
            unit=str(facts.get("unit", "")),
            range=_between(span, is_year),
            grade=str(facts["grade"]),
            source=str(facts["source"]),
            changed=bool(facts.get("changed", dots in own or any(key.startswith(dots) for key in pinned))),
            beyond=beyond,
        )
        rows.setdefault((dots, row.value, row.range), row)
    return list(rows.values())


def _row(name: str) -> dict[str, Any]:
    """What the catalogue says of a number; nothing of one that it does not have."""
    return vars(catalogue.row(name)) if catalogue.known(name) else {}


def _ends(row: Mapping[str, Any]) -> Sequence[float]:
    """The range of a row; nothing where there is none."""
    return (row["low"], row["high"]) if row else ()


def _between(ends: Sequence[float], is_year: bool) -> str:
    return " – ".join(show(int(end) if is_year else end) for end in ends)


Place = tuple[str, ...]


def numbers(node: Any, place: Place) -> Iterator[tuple[Place, Any, Mapping[str, Any]]]:
    """Every number below, with the keys that lead to it and what stands beside its value.

    Folders of earlier versions hold unit, range, source and grade with each value; later ones leave these to the
    catalogue.
    """
    if isinstance(node, Mapping) and {"value", "source", "grade"} <= set(node):
        yield place, node["value"], node
    elif place and catalogue.known(".".join(place)):
        yield from _catalogued(place, node)
    elif isinstance(node, Mapping):
        for key, below in node.items():
            if not place and key == "scenarios":
                for scenario in below if isinstance(below, list | tuple) else ():
                    yield from _of_scenario(scenario)
            elif place or key in GROUPS:
                yield from numbers(below, (*place, str(key)))
    elif isinstance(node, list | tuple):
        for step, below in enumerate(node):
            yield from numbers(below, (*place, _called(below, step)))


def _catalogued(place: Place, node: object) -> Iterator[tuple[Place, object, Mapping[str, object]]]:
    """A number of the catalogue; an effect of a policy or shock comes with its own range."""
    if isinstance(node, Mapping) and "value" in node:
        yield place, node["value"], {"range": node["range"]} if "range" in node else {}
    elif node is not None:
        yield place, node, {}


def _of_scenario(scenario: Mapping[str, Any]) -> Iterator[tuple[Place, object, Mapping[str, object]]]:
    """A policy or an environment is the same in every scenario that names it, so the scenario's name is left out."""
    environment = str(scenario.get("environment_name", "central"))
    yield from numbers(scenario.get("environment", {}), ("environments", environment))
    for group in ("policies", "shocks"):
        yield from numbers(scenario.get(group, ()), (group,))
    for name, value in scenario.get("assumptions", {}).items():
        if catalogue.known(name):
            yield tuple(name.split(".")), value, {"changed": True}


def _called(node: object, step: int) -> str:
    if isinstance(node, Mapping):
        for key in ("name", "field", "label"):
            if key in node:
                return str(node[key])
    return str(step + 1)


def show(value: object, labels: Labels | None = None) -> str:
    """A number, a list or a mapping of numbers as one line; the parts of a mapping by their names in Chinese."""
    if isinstance(value, Mapping):
        names = _parts(value, labels) if labels and labels.chinese else map(str, value)
        return "; ".join(
            f"{name} {show(item, labels)}" for name, item in zip(names, value.values(), strict=True)
        )
    if isinstance(value, list | tuple):
        return ", ".join(show(item) for item in value)
    if isinstance(value, float):
        return f"{value:,.6g}".replace("-", "−")
    return str(value)


def _parts(keys: Iterable[str], labels: Labels) -> list[str]:
    """What a mapping is divided by, as a reader calls it, where one vocabulary has every part: ``rural`` is in two."""
    keys = list(keys)
    parts = {key.removeprefix("part."): labels(key) for key in words() if key.startswith("part.")}
    dimensions = {key: labels.name("dimension", key) for key in DIMENSIONS}
    focus = {key: kind_names.spoken(labels.language) for key, kind_names in FOCUS.shown.items()}
    item_names = {key: names[labels.language] for key, names in items().items()}
    vocabularies = (dimensions, parts, focus, item_names)
    names = next((one for one in vocabularies if set(keys) <= set(one)), {})
    return [names.get(key, key) for key in keys]


FEW = 30  # runs below which digits say nothing


@section("uncertainty", place=40, brief=70)
def uncertainty(page: Page) -> Iterator[Block]:
    """The note on what the bands hold and what they cannot."""
    labels, runs = page.labels, max(page.study.runs, 1)
    counted = [counted_runs(runs, labels), labels("uncertainty.few") if runs < FEW else ""]
    points = [labels(f"uncertainty.{name}") for name in ("priors", "large", "both")]
    points.append(labels.sentences(counted))
    yield Points([*points, *(labels(f"uncertainty.{name}") for name in ("survey", "model", "calibration"))])


def counted_runs(runs: int, labels: Labels) -> str:
    """How many runs there are and how well they tell a probability; of a single one, that its error is unknown."""
    if runs == 1:
        return labels("uncertainty.one")
    error = f"{CRITICAL * error_of_a_half(runs):.2f}"
    return labels("uncertainty.runs", n=runs, error=error, tail=max(round(runs / 20), 1))


FACT_COLUMNS = ("fact", "model", "band", "printed", "unit", "passed", "fitted", "source")
SHIPPED = "facts_result.csv"


@section("facts", place=108, always=False)
def facts(page: Page) -> Iterator[Block]:
    """Failing facts in sight, all others a fold away; those of the shipped posterior where the study held none."""
    labels, own = page.labels, page.study.has("facts")
    frame = page.study.table("facts") if own else pd.read_csv(page.study.data / SHIPPED)
    passed, free = frame["passed"] == "yes", frame["used_in_fit"] == "no"
    counts = {"held": passed.sum(), "all": len(frame), "free_held": (passed & free).sum(), "free": free.sum()}
    yield Text(labels("facts.own" if own else "facts.shipped"))
    yield Points([labels("facts.held", **counts), labels("facts.how")])
    if not passed.all():
        yield _table(frame[~passed], page, caption=labels("facts.failing", count=int((~passed).sum())))
    yield _table(frame, page, folded=labels("facts.all", count=len(frame)))


def _table(frame: pd.DataFrame, page: Page, caption: str = "", folded: str = "") -> Table:
    labels = page.labels
    statement = "statement_zh" if labels.chinese else "statement_en"
    rows = []
    for line in frame.to_dict("records"):
        number = _digits(line["low"], line["high"])
        judged = line["source"] == "assumption"
        band = ends(plain(line["low"], number), plain(line["high"], number))
        words = labels(f"facts.{line['passed']}"), labels(f"facts.fit_{line['used_in_fit']}")
        source = labels.name("grade", line["source"]) if judged else line["source"]
        values = (line[key] for key in ("value", "value_low", "value_high"))
        cell = banded(values, partial(plain, digits=number), line["passed"] == "no")
        rest = [band, plain(line["printed"], number), labels.translated(line["unit"]), *words, source]
        rows.append([line[statement], cell, *rest])
    head = [labels("column.unit" if key == "unit" else f"facts.column_{key}") for key in FACT_COLUMNS]
    data = None if caption else frame
    return Table(head, rows, caption=caption, data=data, kind="text", wide=True, folded=folded)


def _digits(low: float, high: float) -> int:
    """Decimals that tell where in its band a value lies."""
    return 2 if high - low < 2 else 1 if high - low < 100 else 0


SHORT = 10  # hexadecimal digits of a hash that a reader is shown


def cited(page: Page) -> list[str]:
    """How a page of a study is cited, and which model, data and posterior it rests on."""
    study = page.study
    return citation(result_of(study.folder), study.json("manifest.json"), study.settings, page.labels)


def result_of(folder: Path) -> str:
    """The number of a result, a hash of its tables: equal numbers have equal numbers, wherever they were computed."""
    total = hashlib.sha256()
    for path in sorted(folder.glob("*.parquet")):
        total.update(f"{path.name} {file_digest(path)}\n".encode())
    return total.hexdigest()[:SHORT]


def citation(
    result: str, manifest: Mapping[str, Any], settings: Mapping[str, Any], labels: Labels
) -> list[str]:
    """How tables are cited, and which model, data and posterior they rest on.

    Parameters
    ----------
    result : str
        Their number.
    manifest, settings : mapping
        Of the study that they come from; what a manifest that is still to be written lacks is that of this version.
    labels : Labels
    """
    data = manifest.get("data") or data_digests(settings)
    code = manifest.get("code") or code_version(code_digest())
    parameters = str(((settings.get("uncertainty") or {}).get("parameters")) or "")
    digests = (digest for name, digest in data.items() if str(name).endswith("posterior/members.csv"))
    members = next(digests, "")
    posterior = str(members)[:SHORT] if parameters != "central" and members else labels("manifest.central")
    if ensemble := own_ensemble(settings):
        posterior = Path(ensemble).name
    whole = hashlib.sha256("".join(f"{name} {data[name]}\n" for name in sorted(data)).encode()).hexdigest()
    facts = {"model": str(code.get("numbers") or code.get("commit") or "–")[:SHORT], "data": whole[:SHORT]}
    return [
        labels("page.versions", **facts, posterior=posterior),
        labels("page.cite", version=code.get("version") or version(), result=result),
    ]


@section("provenance", place=120)
def provenance(page: Page) -> Iterator[Block]:
    """Seed, code version, packages and streams, by the manifest or, before it is written, by what runs; then hashes."""
    labels, manifest = page.labels, page.study.json("manifest.json")
    code = manifest.get("code") or code_version(code_digest())
    code = code if isinstance(code, Mapping) else {"commit": code}
    dirty = code.get("dirty")
    packages = (manifest.get("packages") or package_versions()).items()
    facts = {
        "seed": manifest.get("seed", page.study.settings.get("seed")),
        "commit": code.get("commit"),
        "dirty": None if dirty is None else labels("manifest.yes" if dirty else "manifest.no"),
        "sources": code.get("numbers"),
        "python": manifest.get("python") or machine()["python"],
        "packages": labels.listing(f"{name} {version}" for name, version in packages if version),
        "vectors": manifest.get("vectors"),
        "members_distinct": manifest.get("members_distinct"),
        "streams": labels.listing(labels.translated(str(name)) for name in manifest.get("streams", ())),
        "overrides": " ".join(map(str, manifest.get("overrides", page.study.settings.get("overrides", ())))),
    }
    rows = [[labels(f"manifest.{key}"), fact] for key, fact in facts.items() if fact not in (None, "")]
    yield Table([labels("column.item"), labels("column.value")], rows, kind="text hash made")
    digests = [*(manifest.get("data") or {}).items(), *(manifest.get("files") or {}).items()]
    hashes = [[*pair] for pair in digests if not str(pair[0]).startswith("figures/")]
    if hashes:
        head, title = [labels("column.item"), "SHA-256"], f"{labels('note.hashes')} ({len(hashes)})"
        yield Table(head, hashes, kind="text hash", wide=True, folded=title)


@section("dictionary", place=130)
def dictionary(page: Page) -> Iterator[Block]:
    """A table of columns for each table of the study, as its data dictionary describes them."""
    labels, schema = page.labels, page.study.json("schema.json")
    head = [labels(f"column.{key}") for key in ("column", "type", "unit", "range", "meaning")]
    tables = [
        (f"{name}{'：' if labels.chinese else ': '}{labels.translated(facts['meaning'])}", facts["columns"])
        for name, facts in (schema.get("tables") or {}).items()
    ]
    outcomes = [*schema.get("dimensions", ()), *schema.get("outcomes", ())]
    tables += [(labels("column.outcome"), outcomes)] if outcomes else []
    if tables:
        yield Text(labels("note.dictionary"))
    for title, columns in tables:
        rows = [[*_described(column, labels)] for column in columns]
        yield Table(head, rows, kind="text", wide=True, folded=title)


def _described(column: Mapping[str, Any], labels: Labels) -> tuple[str, str, str, str, str]:
    name, low, high = str(column["name"]), column.get("low"), column.get("high")
    span = "" if low is None and high is None else f"{_end(low, '−∞')} – {_end(high, '∞')}"
    unit, meaning = str(column.get("unit", "")), str(column.get("meaning", ""))
    kind = str(column.get("dtype", "float64"))
    return name, kind, labels.translated(unit), span, labels.translated(meaning)


def _end(value: float | None, none: str) -> str:
    return none if value is None else f"{value:g}".replace("-", "−")
