"""On what the numbers rest: the facts the model is held to, seed, code, packages and hashes, and what columns mean."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.files import file_digest
from experiments.labels import Labels
from experiments.labels.numbers import plain
from experiments.location import version
from experiments.report.registry import Block, Page, Points, Text, section
from experiments.report.tables import Cell, Table, ends, texts
from experiments.runs.identity import code_digest, package_versions
from experiments.runs.manifest import code_version, data_digests, machine

COLUMNS = ("fact", "model", "band", "printed", "unit", "passed", "fitted", "source")
SHIPPED = "facts_result.csv"


@section("facts", place=108, always=False)
def facts(page: Page) -> Iterator[Block]:
    """Failing facts in sight, all others a fold away; those of the shipped posterior where the study held none."""
    labels, own = page.labels, page.study.has("facts")
    frame = page.study.table("facts") if own else pd.read_csv(page.study.data / SHIPPED)
    held, free = frame["passed"] == "yes", frame["used_in_fit"] == "no"
    counts = {"held": held.sum(), "all": len(frame), "free_held": (held & free).sum(), "free": free.sum()}
    yield Text(labels("facts.own" if own else "facts.shipped"))
    yield Points([labels("facts.held", **counts), labels("facts.how")])
    if not held.all():
        yield _table(frame[~held], page, caption=labels("facts.failing", count=int((~held).sum())))
    yield _table(frame, page, folded=labels("facts.all", count=len(frame)))


def _table(frame: pd.DataFrame, page: Page, caption: str = "", folded: str = "") -> Table:
    labels = page.labels
    statement = "statement_zh" if labels.chinese else "statement_en"
    rows = []
    for line in frame.to_dict("records"):
        number = _digits(line["low"], line["high"])
        value, low, high = (plain(line[key], number) for key in ("value", "value_low", "value_high"))
        judged = line["source"] == "assumption"
        band = ends(plain(line["low"], number), plain(line["high"], number))
        words = labels(f"facts.{line['passed']}"), labels(f"facts.fit_{line['used_in_fit']}")
        source = labels.name("grade", line["source"]) if judged else line["source"]
        cell = Cell(value, strong=line["passed"] == "no", interval=ends(low, high))
        rest = texts(band, plain(line["printed"], number), labels.translated(line["unit"]), *words, source)
        rows.append([*texts(line[statement]), cell, *rest])
    head = [labels("column.unit" if key == "unit" else f"facts.column_{key}") for key in COLUMNS]
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
    rows = [texts(labels(f"manifest.{key}"), fact) for key, fact in facts.items() if fact not in (None, "")]
    yield Table([labels("column.item"), labels("column.value")], rows, kind="text hash")
    digests = [*(manifest.get("data") or {}).items(), *(manifest.get("files") or {}).items()]
    hashes = [texts(*pair) for pair in digests if not str(pair[0]).startswith("figures/")]
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
        rows = [texts(*_described(column, labels)) for column in columns]
        yield Table(head, rows, kind="text", wide=True, folded=title)


def _described(column: Mapping[str, Any], labels: Labels) -> tuple[str, str, str, str, str]:
    name, low, high = str(column["name"]), column.get("low"), column.get("high")
    span = "" if low is None and high is None else f"{_end(low, '−∞')} – {_end(high, '∞')}"
    unit, meaning = str(column.get("unit", "")), str(column.get("meaning", ""))
    kind = str(column.get("dtype", "float64"))
    return name, kind, labels.translated(unit), span, labels.translated(meaning)


def _end(value: float | None, none: str) -> str:
    return none if value is None else f"{value:g}".replace("-", "−")
