"""The questions: each has its command, and the command answers it at a small size, in both languages."""

from pathlib import Path

import pytest

from experiments import api
from experiments.evidence import placebo
from experiments.evidence.questions import QUESTIONS as EVIDENCE
from experiments.policy.questions import QUESTIONS
from experiments.report.laboratory import answer
from experiments.report.page import _open

ROOT = Path(__file__).parents[1]
SMALL = (
    "population=survey",
    "end=2025Q4",
    "replicates=4",
    "analysis.runs=100",
    "uncertainty.parameters=central",
    "outputs.report=false",
    "execution.workers=1",
)
# Fewer scenarios where the command plays many.
FEWER = {
    "Q001": "scenarios=[baseline,union_reform,both]",
    "Q007": "scenarios=[baseline,supervisor_package]",
    "Q008": "end=2026Q4",
    "Q009": "scenarios=[baseline,data_sharing,alliances,own_talent]",
    "Q022": "uncertainty.parameters=posterior",
    "Q010": "scenarios=[baseline,data_sharing,alliances]",
}


@pytest.mark.parametrize("question", [*QUESTIONS, *EVIDENCE], ids=lambda question: question.id)
def test_a_question_is_answered_by_its_command(question, tmp_path, monkeypatch):
    monkeypatch.setattr(placebo, "SHUFFLES", 2)
    small = [word for word in SMALL if not word.startswith(FEWER.get(question.id, "-").split("=")[0] + "=")]
    words = [*question.command.split()[2:], *small, *filter(None, [FEWER.get(question.id)])]
    results = api.simulate(*words, f"outputs.folder={tmp_path}")
    assert set(question.tables) <= set(results.tables)
    assert all(len(results.frame(table)) for table in question.tables if table != "reversal")
    for language in ("en", "zh"):
        told = answer(*_open(results.folder, language, None, None))
        assert told is not None
        assert told.question
        assert told.sentences


def test_every_question_has_one_documented_command():
    listed = (ROOT / "docs" / "questions.md").read_text("utf-8")
    assert [question.id for question in QUESTIONS] == [f"Q{number:03d}" for number in range(1, 11)]
    for question in (*QUESTIONS, *EVIDENCE):
        assert question.asks in listed
        assert question.command in listed
        header = (ROOT / "conf" / "experiment" / f"{question.experiment}.yaml").read_text("utf-8")
        assert question.command in header
        assert question.id in header
