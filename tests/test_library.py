"""Every scenario of the library at a small size: its golden result, and the directions that it declares."""

from pathlib import Path

import pytest

from experiments.config.numbers import content
from experiments.location import CONF
from experiments.report.sections.policies import documents
from tests.regression import golden

SCENARIOS = set(content("library/default"))
LEVERS = {path.stem for path in (Path(CONF) / "policies").glob("*.yaml")}
SMALL = 0.5  # points: an effect that is declared to be none may be no larger


@pytest.fixture(scope="module")
def found():
    return golden.results()


def test_the_library_holds_every_scenario_and_at_least_twenty(found):
    assert {row["scenario"] for row in found} == SCENARIOS - {"baseline"} - set(documents()["scenario"])
    assert len(SCENARIOS) >= 20


def test_every_scenario_gives_its_golden_result(found):
    kept = {(row["scenario"], row["outcome"], row["bank_kind"]): row for row in golden.read()}
    moved = [
        f"{row['scenario']} {row['outcome']} {row['bank_kind']}: {row['mean']}, was {before['mean']}"
        for row in found
        if abs(row["mean"] - (before := kept[row["scenario"], row["outcome"], row["bank_kind"]])["mean"])
        > before["tolerance"]
    ]
    assert len(kept) == len(found)
    assert not moved, "a change of the model; if it is meant, run python -m tests.regression.golden"


def test_every_lever_alone_moves_its_first_declared_outcome_that_way(found):
    targets = {}
    for row in found:
        if row["scenario"] in LEVERS and row["declared"] in ("+", "-"):
            targets.setdefault(row["scenario"], row)
    assert set(targets) == LEVERS
    wrong = [row for row in targets.values() if row["mean"] * (1 if row["declared"] == "+" else -1) <= 0]
    assert not wrong


def test_no_declared_direction_is_contradicted_by_every_run(found):
    against = {"+": 0.0, "-": 1.0}
    assert not [row for row in found if row["probability"] == against.get(row["declared"])]


def test_what_is_declared_to_be_unmoved_hardly_moves(found):
    assert not [row for row in found if row["declared"] == "0" and abs(row["mean"]) > SMALL]
