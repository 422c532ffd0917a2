"""The committed page on calibration: whole, self-contained, small, and plain about losses."""

import json
import re

import pytest
from markupsafe import escape

from experiments.location import existing
from experiments.report.calibration import TASKS, sentences, write_page

PAGES = existing("docs/calibration")


@pytest.fixture(scope="module")
def parts() -> dict[str, dict]:
    return {name: json.loads((PAGES / f"{name}.json").read_text("utf-8")) for name in TASKS}


def test_the_page_needs_nothing_from_outside_and_is_small() -> None:
    text = (PAGES / "report.html").read_text("utf-8")
    assert len(text.encode()) < 1_500_000
    assert not re.search(r"(src|href)=\"(https?:)?//", text)
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_the_page_is_drawn_from_the_committed_parts(tmp_path, parts) -> None:
    for name in TASKS:
        (tmp_path / f"{name}.json").write_text(json.dumps(parts[name]), "utf-8")
    drawn = write_page(tmp_path).read_text("utf-8")
    for said in sentences(parts).values():
        for sentence in said:
            assert str(escape(sentence)) in drawn


def test_losses_are_said_as_plainly_as_wins(parts) -> None:
    said = " ".join(sentences(parts)["backtest"])
    for origin in parts["backtest"]["origins"]:
        rows = {row["forecaster"]: row for row in origin["scores"]["18 cells"]}
        low = rows["calibrated model"]["crps_less_primary_interval"][0]
        assert f"{origin['year']}, fitted to {origin['fitted_until']}, 18 cells" in said
        assert low <= 0 or "loses to partial pooling" in said


def test_the_recovery_test_passed_on_enough_truths(parts) -> None:
    assert parts["recovery"]["truths"] >= 100
    assert parts["recovery"]["uniform"]


def test_the_page_tells_of_the_shipped_ensemble(parts) -> None:
    manifest = json.loads((existing("data/posterior") / "manifest.json").read_text("utf-8"))
    assert parts["calibrate"]["ensemble"]["members_sha256"] == manifest["members_sha256"]
