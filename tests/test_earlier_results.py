"""Folders written by earlier versions stay readable: one is kept for every version of the schema."""

import math
from pathlib import Path

import pytest

from experiments import api
from experiments.report import console as text
from experiments.runs.identity import SCHEMA
from experiments.runs.manifest import contents

KEPT = Path(__file__).parent / "data"
FOLDERS = [KEPT / f"study_schema_{version}" for version in range(1, SCHEMA + 1)]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_folder_of_an_earlier_version_opens(folder: Path) -> None:
    results = api.open(folder)
    assert results.manifest.intact
    files = contents(folder)
    assert {name: files[name] for name in results.manifest["files"]} == results.manifest["files"]
    scores = results.frame("scores")
    assert len(scores) == 1440
    assert math.isclose(scores["score"].sum(), 72191.33853335703, rel_tol=1e-12)
    cell = {"scenario": "a+b", "replicate": 1, "quarter": "2021Q4", "bank_kind": "city"}
    data = results.dataset()
    assert data["score"].sel(**cell, dimension="data").item() == pytest.approx(59.179718439887345, rel=1e-12)
    with results.views() as views:
        mean, rows = views.execute(
            "select avg(effect), count(*) from effects where outcome = 'index'"
        ).fetchone()
    assert rows == 160
    assert math.isfinite(mean)
    assert "Effect on the index in 2021Q4" in text.summary(folder)


def test_every_version_of_the_schema_has_a_folder() -> None:
    assert all(folder.is_dir() for folder in FOLDERS)
