"""Where the numbers come from: seed, code, packages and hashes, and what each column of the tables means."""

from collections.abc import Iterator, Mapping
from typing import Any

from experiments.labels import Labels
from experiments.report.material import Material
from experiments.report.table import Table, texts
from experiments.runs import provenance


def origin(material: Material, labels: Labels) -> Table:
    """Seed, code version, packages and streams: from the manifest where it is written, else from the code that runs."""
    manifest = material.json("manifest.json")
    code = manifest.get("code") or provenance.code_version()
    code = code if isinstance(code, Mapping) else {"commit": code}
    packages = manifest.get("packages") or provenance.package_versions()
    dirty = code.get("dirty")
    facts = {
        "seed": manifest.get("seed", material.settings.get("seed")),
        "commit": code.get("commit"),
        "dirty": None if dirty is None else labels("manifest.yes" if dirty else "manifest.no"),
        "sources": code.get("numbers"),
        "python": manifest.get("python") or provenance.machine()["python"],
        "packages": ", ".join(f"{name} {version}" for name, version in packages.items() if version),
        "streams": ", ".join(map(str, manifest.get("streams", ()))),
        "overrides": " ".join(map(str, manifest.get("overrides", material.settings.get("overrides", ())))),
    }
    rows = [texts(labels(f"manifest.{key}"), fact) for key, fact in facts.items() if fact not in (None, "")]
    return Table([labels("column.item"), labels("column.value")], rows)


def hashes(material: Material, labels: Labels) -> Table | None:
    """SHA-256 of the data files and tables that the manifest lists; None when it lists none."""
    manifest = material.json("manifest.json")
    listed = [
        (str(name), str(digest))
        for key in ("data", "files")
        for name, digest in (manifest.get(key) or {}).items()
        if not str(name).startswith("figures/")
    ]
    return Table([labels("column.item"), "SHA-256"], [texts(*pair) for pair in listed]) if listed else None


def dictionary(material: Material, labels: Labels) -> list[Table]:
    """A table of columns for each table of the study, as its data dictionary describes them."""
    schema = material.json("schema.json")
    head = [labels(f"column.{key}") for key in ("column", "type", "unit", "range", "meaning")]
    tables = []
    for name, described in (schema.get("tables") or {}).items():
        columns = described.get("columns", ()) if isinstance(described, Mapping) else ()
        rows = [texts(*row) for row in _rows(columns)]
        tables.append(Table(head, rows, caption=f"{name}: {described.get('meaning', '')}"))
    outcomes = [texts(*row) for row in _rows((*schema.get("dimensions", ()), *schema.get("outcomes", ())))]
    if outcomes:
        tables.append(Table(head, outcomes, caption=labels("column.outcome")))
    return tables


def _rows(columns: Any) -> Iterator[tuple[str, str, str, str, str]]:
    for column in columns:
        ends = column.get("low"), column.get("high")
        span = "" if ends == (None, None) else f"{_end(ends[0], '−∞')} – {_end(ends[1], '∞')}"
        kind = str(column.get("dtype", "float64"))
        yield str(column["name"]), kind, str(column.get("unit", "")), span, str(column.get("meaning", ""))


def _end(value: Any, none: str) -> str:
    return none if value is None else f"{value:g}".replace("-", "−")
