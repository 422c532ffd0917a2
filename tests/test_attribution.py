"""What moved between two studies, and what moved it."""

import pytest

from experiments import api
from experiments.study.attribution import compare_studies

SMALL = (
    "policy=data_sharing",
    "policies.data_sharing.start=2021Q1",
    "end=2022Q4",
    "uncertainty.parameters=central",
    "outputs.report=false",
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    place = tmp_path_factory.mktemp("studies")
    words = (*SMALL, f"outputs.folder={place}", "execution.workers=1")
    return [
        api.simulate(*words, *more).folder
        for more in (
            ("replicates=2", "name=first"),
            ("replicates=3", "name=other_numbers", "behaviour.peer=0.1", "seed=7"),
            ("replicates=2", "name=same"),
        )
    ]


def test_nothing_moves_between_a_study_and_itself_under_another_name(folders):
    found = compare_studies(folders[0], folders[2])
    assert found.inputs == ()
    assert found.moved.empty
    assert found.compared > 100


def test_what_differs_is_named_and_the_steps_add_up_to_the_whole_change(folders):
    found = compare_studies(folders[0], folders[1])
    assert found.inputs == ("seed", "numbers")
    assert len(found.moved)
    assert list(found.steps["part"]) == ["as first", "seed", "numbers"]
    first, last = found.steps["value"].iloc[[0, -1]]
    assert found.steps["change"].sum() == pytest.approx(last - first)
    index = found.moved.set_index(["scenario", "quantity", "measure", "outcome", "quarter", "bank_kind"])
    assert index.loc[("data_sharing", "level", "true", "index", "2022Q4", "all"), "change"] == pytest.approx(
        last - first
    )
