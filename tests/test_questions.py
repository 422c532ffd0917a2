"""The questions: each has its command, and the command answers it at a small size, in both languages."""

import csv
import re
from pathlib import Path

import pytest

from experiments import api
from experiments.analysis import choice, sensitivity, validity
from experiments.analysis.sensitivity import CHOICES
from experiments.config.load import compose_study
from experiments.own_bank.pages import own_section
from experiments.report.embed import Drawing
from experiments.report.page import opened
from experiments.report.registry import load
from experiments.report.sections.answer import answer_parts, questions
from experiments.report.tables import Table

ROOT = Path(__file__).parents[1]
SMALL = (
    "population=survey",
    "start=2024Q1",
    "end=2025Q4",
    "replicates=4",
    "analysis.runs=100",
    "uncertainty.parameters=central",
    "outputs.report=false",
    "outputs.network=[]",
    "execution.workers=1",
)
# Fewer scenarios where the command plays many.
FEWER = {
    "Q001": "scenarios=[baseline,union_reform,data_sharing]",
    "Q007": "scenarios=[baseline,supervisor_package]",
    "Q008": "end=2026Q4",
    "Q009": "scenarios=[baseline,data_sharing,alliances,own_talent]",
    "Q022": "uncertainty.parameters=posterior",
    "Q035": "scenarios=[baseline,data_sharing,alliances,own_talent]",
    "Q034": "end=2026Q4",
    "Q040": "scenarios=[baseline,west,central,east]",  # the sample has no rural bank in the northeast
    "Q010": "scenarios=[baseline,data_sharing,alliances]",
    # These ask of the years of the surveys.
    "Q023": "start=2020Q1",
    "Q025": "start=2020Q1",
}


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(one, marks=pytest.mark.slow) if one.asked_by == "expert" else one
        for one in questions().values()
    ],
    ids=lambda question: question.id,
)
def test_a_question_is_answered_by_its_command(question, tmp_path, monkeypatch):
    monkeypatch.setattr(validity, "SHUFFLES", 2)
    monkeypatch.setattr(choice, "whole_nation", lambda case: True)  # 4,000 banks take their time
    monkeypatch.setattr(
        sensitivity, "CHOICES", {name: CHOICES[name][:2] for name in ("allocation", "environment")}
    )
    small = [word for word in SMALL if not word.startswith(FEWER.get(question.id, "-").split("=")[0] + "=")]
    words = [*question.command.split()[2:], *small, *filter(None, [FEWER.get(question.id)])]
    results = api.simulate(*words, f"outputs.folder={tmp_path}")
    assert set(question.tables) <= set(results.tables)
    load()
    assert all(len(results.frame(table)) for table in question.tables if table != "reversal")
    for language in ("en", "zh"):
        question_, sentences, _ = answer_parts(opened(results.folder, language))
        assert question_
        assert sentences


def test_every_question_has_one_documented_command():
    listed = (ROOT / "docs" / "questions.md").read_text("utf-8")
    numbers = {
        who: [one.id for one in questions().values() if one.asked_by == who] for who in ("policy", "expert")
    }
    assert numbers["policy"] == [f"Q{number:03d}" for number in range(1, 11)]
    assert numbers["expert"] == [f"Q{number:03d}" for number in range(31, 41)]
    for question in questions().values():
        assert question.asks in listed
        assert question.command in listed
        header = (ROOT / "conf" / "experiment" / f"{question.experiment}.yaml").read_text("utf-8")
        assert question.command in header
        assert question.id in header


def rows_of_the_page():
    """Id, question and command of every row of docs/questions.md."""
    listed = (ROOT / "docs" / "questions.md").read_text("utf-8")
    cells = [
        line.split("|")
        for line in listed.splitlines()
        if line.startswith(("| Q00", "| Q01", "| Q02", "| Q030"))
    ]
    return [(row[1].strip(), row[2].strip(), row[3].strip().strip("`")) for row in cells]


@pytest.mark.slow
def test_the_page_lists_all_thirty_questions_with_commands_that_compose():
    with (ROOT / "data" / "source" / "user_questions.csv").open(encoding="utf-8", newline="") as file:
        asked = {row["id"]: row["item"] for row in csv.DictReader(file)}
    rows = rows_of_the_page()
    assert [row[0] for row in rows] == list(asked)
    for id_, question, command in rows:
        if id_ > "Q010":  # those of the policy researcher are spelled out
            assert question == asked[id_]
        assert command.startswith("python simulate.py ")
        words = command.split()[2:]
        if not words[0].startswith(("replay=", "verify=")):
            compose_study(words)


@pytest.mark.slow
def test_one_study_answers_what_a_strategy_team_asks(tmp_path):
    command = next(row[2] for row in rows_of_the_page() if row[0] == "Q011")
    small = [*SMALL, "scenarios=[baseline,large_bank_opens,union_bank]", f"outputs.folder={tmp_path}"]
    results = api.simulate(*command.split()[2:], *small)
    page, answers = (ROOT / "docs" / "questions.md").read_text("utf-8"), results.own_bank()
    team = page[page.index("## A bank's strategy team asks") : page.index("## An academic asks")]
    named = set(re.findall(r"`(\w+)`", team)) - {"banks"}
    assert {"place", "shares", "floors", "early"} < named
    assert {name for name in named if name not in answers and name not in results.tables} == set()
    for language in ("en", "zh"):
        blocks = list(own_section(opened(results.folder, language)))
        captions = [block.caption for block in blocks if isinstance(block, Table | Drawing)]
        assert len(captions) > 5
        if language == "en":
            named_ = re.findall(r"\*([A-Z][^*]+)\*", team[team.index("| Q011") : team.index("What these")])
            assert [name for name in named_ if not any(name in caption for caption in captions)] == []
