"""Documents as scenarios: every clause is told apart, and what is said to be modelled is."""

import pytest
import yaml

from experiments.config.catalogue import GRADES
from experiments.location import CONF
from experiments.report.sections.policies import STATES, documents

LIBRARY = yaml.safe_load((CONF / "library" / "default.yaml").read_text(encoding="utf-8"))
FRAME = documents()


def test_there_are_at_least_ten_documents_and_each_is_a_scenario_of_one_experiment():
    names = list(dict.fromkeys(FRAME["scenario"]))
    assert len(names) >= 10
    assert set(names) <= set(LIBRARY)
    asked = yaml.safe_load((CONF / "experiment" / "documents.yaml").read_text(encoding="utf-8"))
    assert asked["scenarios"] == ["baseline", *names]


@pytest.mark.parametrize("name", sorted(set(FRAME["scenario"])))
def test_every_lever_of_a_document_stands_for_a_clause_and_every_modelled_clause_for_a_lever(name):
    mine = FRAME[FRAME["scenario"] == name]
    assert set(mine["state"]) <= set(STATES)
    assert set(mine["grade"]) <= set(GRADES)
    assert (mine[mine["state"] == "modelled"]["lever"] != "").all()
    assert (mine[mine["state"] == "not_modelled"]["lever"] == "").all()
    assert set(mine["lever"]) - {""} == set(LIBRARY[name]["policies"])
    assert mine[["issuer_en", "issuer_zh", "date", "clause_en", "clause_zh"]].ne("").all(axis=None)
