"""What moved between two studies, and what moved it."""

import json
import shutil

import pandas as pd
import pytest

from experiments import api
from experiments.location import version
from experiments.runs.manifest import write_json
from experiments.study import attribution
from experiments.study.attribution import compare_studies

SMALL = (
    "policy=data_sharing",
    "policies.data_sharing.start=2021Q1",
    "end=2022Q4",
    "uncertainty.parameters=central",
    "outputs.report=false",
    "outputs.network=[]",
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


@pytest.fixture
def earlier(folders, tmp_path):
    """The first study as an earlier version might have written it: a number moved, a table and a column less."""
    folder = shutil.copytree(folders[0], tmp_path / "earlier")
    bands = pd.read_parquet(folder / "bands.parquet")
    moved = (bands["outcome"] == "technology") & (bands["scenario"] == "data_sharing")
    bands.loc[moved, "q50"] += 0.5
    bands.drop(columns="sd").to_parquet(folder / "bands.parquet")
    schema = json.loads((folder / "schema.json").read_text("utf-8"))
    del schema["tables"]["items"]
    columns = schema["tables"]["bands"]["columns"]
    columns[:] = [column for column in columns if column["name"] != "sd"]
    (folder / "schema.json").write_text(json.dumps(schema), "utf-8")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["code"] |= {"version": "0.1.0", "numbers": "0" * 64}
    write_json(folder / "manifest.json", manifest)
    return folder


def test_folders_of_two_versions_are_compared_with_what_the_changelog_says(earlier, folders):
    found = compare_studies(earlier, folders[0])
    assert found.versions == ("0.1.0", version())
    assert found.inputs == ("rules (code)",)
    assert len(found.layout) == 1
    assert found.layout[0].en.startswith("only in the second: bands.sd, items, items.")
    assert set(found.moved["outcome"]) == {"technology"}
    assert found.moved["change"].tolist() == pytest.approx([-0.5] * len(found.moved))
    (places,) = {tuple(places) for places in found.moved["changelog"]}
    assert places
    assert all("technology" in found.entries[n].lower() or "data" in found.entries[n].lower() for n in places)
    said = str(found)
    assert f"changelog [{places[0]}] " in said
    assert f"written by: 0.1.0 and {version()}" in said


def test_a_study_is_compared_with_its_settings_under_this_version(earlier):
    found = compare_studies(earlier)
    assert found.versions == ("0.1.0", version())
    assert set(found.moved["outcome"]) == {"technology"}


def test_entries_are_those_after_the_one_version_up_to_the_other(monkeypatch):
    known = {"0.3": ("c",), "0.2": ("Data sharing pays.", "The rural-city gap."), "0.1": ("a",)}
    monkeypatch.setattr(attribution, "changelog_sections", lambda: known)
    assert (
        attribution.changelog_between("0.1", "0.2")
        == list(known["0.2"])
        == attribution.changelog_between("0.2", "0.1")
    )
    assert attribution.changelog_between("0.1", "0.3") == ["c", *known["0.2"]]
    assert attribution.changelog_between("0.3", "0.3") == ["c"]
    assert attribution.changelog_between(None, "0.1") == ["a"]
    assert attribution.entries_naming(known["0.2"], ["data_sharing"]) == [0]
    assert attribution.entries_naming(known["0.2"], ["rural_city_gap", "gini"]) == [1]
