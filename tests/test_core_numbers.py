"""Every number of the core has a row of the catalogue and lies in its range; items stand on evidence."""

import csv
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from experiments import core

ROOT = Path(__file__).resolve().parents[1]
ROWS = core.table("conf/catalogue_next.csv")
SOURCES = {
    row["id"]
    for path in (ROOT / "data/source").glob("*.csv")
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
}


def numbers() -> list[tuple[str, float]]:
    """Every number of conf that the core reads, with its dotted name."""
    groups = {"behaviour": core.tree("behaviour/default")}
    groups |= {
        f"banks.{kind}": core.tree(f"banks/kind/{kind}") for kind in ("large", "city", "rural", "private")
    }
    groups |= {
        f"environments.{name}": core.tree(f"environment/{name}") for name in ("mild", "central", "severe")
    }
    groups |= {"population": core.tree("population/national")}
    for place, said in (("policy", "policies"), ("shock", "shocks")):
        for path in sorted((ROOT / "conf" / place).glob("*.yaml")):
            groups[f"{said}.{path.stem}"] = core.tree(f"{place}/{path.stem}")
    found: list[tuple[str, float]] = []

    def walk(name: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(f"{name}.{key}", inner)
        elif isinstance(value, list):
            for inner in value:
                walk(name, inner)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            found.append((name, float(value)))

    for name, tree in groups.items():
        walk(name, tree)
    return found


def test_every_number_has_a_row_and_lies_inside_its_range() -> None:
    missing, outside = [], []
    for name, value in numbers():
        rows = [row for row in ROWS if fnmatch(name, row["name"])]
        if not rows:
            missing.append(name)
        elif not any(float(row["low"]) <= value <= float(row["high"]) for row in rows):
            outside.append((name, value))
    assert missing == []
    assert outside == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_a_row_is_complete(row: dict[str, str]) -> None:
    assert all(
        row[field] for field in ("name", "meaning_en", "meaning_zh", "unit", "source", "grade", "sampled")
    )
    assert float(row["low"]) < float(row["high"])
    assert known(row["source"])


def test_items_stand_on_evidence_and_printed_shares_are_not_judged() -> None:
    for row in core.table("conf/questionnaire/items.csv"):
        assert known(row["evidence"]), row["id"]
        assert row["name_en"]
        assert row["name_zh"]
        assert len(row["basis"]) == int(row["rungs"])
        assert "p" not in row["basis"] or row["evidence"] != "assumption"


def known(source: str) -> bool:
    """Whether every id, or both ends of every range of ids, is a row of ``data/source``."""
    if source == "assumption":
        return True
    return all(end in SOURCES for part in re.split(r"[;-]", source) if (end := part.strip()))
