"""Replay and verify: the same numbers again, and every altered digit found."""

import json
import shutil
from copy import deepcopy
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments import api
from experiments.config.errors import ConfigError
from experiments.config.load import compose_study
from experiments.config.sweep import jobs
from experiments.failure import StudyFailed
from experiments.files import file_digest
from experiments.report.console import summary
from experiments.runs.engine import LAB
from experiments.runs.identity import identify
from experiments.runs.manifest import Manifest, contents, machine, read_manifest, sealed, vector_class
from experiments.study.replay import Replay, load_settings, replay, verify
from experiments.study.replay import settings_of as settings_from
from experiments.study.run import run_study
from tests.invented_study import Engine, invented, settings_of, settle_code, simulate


def draw(folder: Path, language: str, settings, workers) -> None:
    """Stand in for the report."""
    (folder / "figures").mkdir(exist_ok=True)
    (folder / "figures" / "fans.svg").write_text(f"<svg>{settings['seed']}.25</svg>\n")
    (folder / "report.html").write_text(f"<p lang='{language}'>12.5</p>\n")


def made(root: Path, **changes) -> Path:
    settings = invented(root, 4, report={"language": "en"}, **changes)
    settings.outputs.report = True
    return run_study(settings, engine=Engine(), write_report=draw)


def checked(folder: Path, function=simulate) -> Replay:
    return verify(folder, load=settings_of, engine=Engine(function))


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    settle_code(monkeypatch.setattr)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that no test changes."""
    with pytest.MonkeyPatch.context() as patch:
        settle_code(patch.setattr)
        return made(tmp_path_factory.mktemp("finished"))


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    """The finished study with its store, for a test to change."""
    shutil.copytree(finished.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / finished.name


def test_a_study_verifies_and_nothing_is_written(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    found = checked(folder)
    assert found.same, found.differences
    assert found.notes == ()
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_replay_writes_the_same_study_beside_the_first(folder: Path) -> None:
    found = replay(folder / "manifest.json", load=settings_of, engine=Engine(), write_report=draw)
    assert found.same, found.differences
    assert found.folder == folder.with_name(f"{folder.name}-replay")
    one, other = contents(found.folder), contents(folder)
    assert one | {"manifest.json": ""} == other | {"manifest.json": ""}


def test_one_changed_digit_is_found_in_every_file(folder: Path) -> None:
    names = [name for name in contents(folder) if not name.endswith(".parquet")] + ["run.json"]
    assert len(names) == 6
    for name in names:
        text = (folder / name).read_text()
        place = max(n for n, character in enumerate(text) if character.isdigit() and character != "0")
        (folder / name).write_text(text[:place] + "0" + text[place + 1 :])
        found = checked(folder).differences
        assert [difference.file for difference in found] == [name]
        (folder / name).write_text(text)
    assert checked(folder).same


@pytest.mark.parametrize(
    ("name", "column", "row"),
    [("scores", "score", 700), ("effects", "effect", 3), ("costs", "cost", 20), ("banks", "assets", 11)],
)
def test_one_changed_number_is_named_by_row_and_column(
    folder: Path, name: str, column: str, row: int
) -> None:
    path = folder / f"{name}.parquet"
    table = pq.read_table(path)
    values = table[column].to_numpy().copy()
    values[row] = np.nextafter(values[row], np.inf)
    changed = table.set_column(
        table.schema.get_field_index(column), table.schema.field(column), pa.array(values)
    )
    pq.write_table(changed, path)
    (difference,) = checked(folder).differences
    assert (difference.file, difference.row, difference.column) == (f"{name}.parquet", row, column)
    assert f"row {row}, column {column}: is {values[row].item()!r}" in str(difference)


def test_torn_missing_and_added_files_are_named(folder: Path) -> None:
    (folder / "scores.parquet").write_bytes((folder / "scores.parquet").read_bytes()[:-50])
    (folder / "report.html").unlink()
    (folder / "added.csv").write_text("1\n")
    rows = pd.read_parquet(folder / "costs.parquet")
    pq.write_table(pq.read_table(folder / "costs.parquet").slice(0, len(rows) - 1), folder / "costs.parquet")
    replayed = checked(folder)
    found = {difference.file: str(difference) for difference in replayed.differences}
    assert not replayed.same
    assert sorted(found) == ["added.csv", "costs.parquet", "report.html", "scores.parquet"]
    assert "cannot be read" in found["scores.parquet"]
    assert f"has {len(rows) - 1} rows, expected {len(rows)}" in found["costs.parquet"]


def test_a_manifest_resealed_around_an_altered_table_is_found_out(folder: Path) -> None:
    from experiments.runs.manifest import write_json

    table = pq.read_table(folder / "scores.parquet")
    values = table["score"].to_numpy().copy()
    values[5] += 1e-12
    pq.write_table(
        table.set_column(6, table.schema.field("score"), pa.array(values)), folder / "scores.parquet"
    )
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["scores.parquet"] = file_digest(folder / "scores.parquet")
    write_json(folder / "manifest.json", manifest)
    (difference,) = checked(folder).differences
    assert (difference.file, difference.row, difference.column) == ("scores.parquet", 5, "score")


def test_other_code_is_named_beside_the_difference_it_makes(folder: Path, monkeypatch) -> None:
    def other(settings, replicates):
        record = simulate(settings, replicates)
        record.outcomes["bad_loans"][1, -1, 2, 3] += 0.5
        return record

    sources = read_manifest(folder)["code"]["all"]
    monkeypatch.setattr("experiments.study.replay.sources_digest", lambda: sources)
    again = replay(folder, load=settings_of, engine=Engine(other, "other"), write_report=draw)
    assert "the code that makes numbers has changed since" in map(str, again.notes)
    assert any(note.en.startswith("its sources have not: register rules") for note in again.notes)
    assert [d.file for d in again.differences] == ["bands.parquet", "effects.parquet", "outcomes.parquet"]
    assert again.differences[2].column == "value"
    assert {d.file for d in checked(folder, other).differences} == {d.file for d in again.differences}


def marked(folder: Path, language: str, settings, workers) -> None:
    """A report that says what made it."""
    mark = json.loads((folder / "manifest.json").read_text())["code"]["numbers"]
    page = f'<p class="cite">Model {mark}</p>\n<p>12.5</p>\n<table class="text made">\n<td>{mark}</td>\n</table>\n'
    (folder / "report.html").write_text(page)


def test_another_python_changes_the_mark_of_the_code_alone(tmp_path: Path, monkeypatch) -> None:
    settings = invented(tmp_path, 4, report={"language": "en"})
    settings.outputs.report = True
    folder = run_study(settings, engine=Engine(), write_report=marked)
    monkeypatch.setattr("experiments.study.replay.sources_digest", lambda: "0" * 64)
    before = machine()
    monkeypatch.setattr("experiments.study.replay.machine", lambda: before | {"python": "3.99.0"})
    compiled = Engine(source="compiled otherwise")
    again = replay(folder, load=settings_of, engine=compiled, write_report=marked)
    assert (folder / "report.html").read_bytes() != (again.folder / "report.html").read_bytes()
    assert again.same, again.differences
    assert [*map(str, again.notes)] == [f"python is 3.99.0, was {before['python']}"]
    monkeypatch.setattr("experiments.study.replay.sources_digest", lambda: "1" * 64)
    found = verify(folder, load=settings_of, engine=compiled)
    assert "the code has changed since" in map(str, found.notes)

    def wrong(*known) -> None:
        marked(*known)
        page = known[0] / "report.html"
        page.write_text(page.read_text().replace("12.5", "12.6"))

    (found,) = replay(folder, load=settings_of, engine=compiled, write_report=wrong).differences
    assert (found.file, found.row) == ("report.html", 2)


def test_what_is_no_manifest_is_refused_in_a_sentence(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(StudyFailed, match="there is no manifest"):
        read_manifest(tmp_path / "nowhere")
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(StudyFailed, match="cannot be read as a manifest"):
        read_manifest(tmp_path / "x.json")
    manifest = json.loads((folder / "manifest.json").read_text())
    (tmp_path / "x.json").write_text(json.dumps({**manifest, "schema": 99}))
    with pytest.raises(StudyFailed, match="later version"):
        read_manifest(tmp_path / "x.json")
    (tmp_path / "x.json").write_text(json.dumps({**manifest, "seed": 8}))
    with pytest.raises(StudyFailed, match="was altered"):
        replay(tmp_path / "x.json", load=settings_of)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "../../elsewhere"),
        ("name", None),
        ("study", 5),
        ("study", "../../../x"),
        ("config", "x"),
        ("config", {}),
        ("data", []),
        ("packages", None),
        ("code", None),
        ("overrides", "abc"),
        ("files", [1]),
        ("files", {"../../x": "0"}),
        ("schema", True),
        ("seed", float("nan")),
    ],
)
def test_a_foreign_manifest_is_refused_before_anything_runs(
    folder: Path, tmp_path: Path, key: str, value: object
) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    changed = {**manifest, key: value}
    content = changed if value != value else sealed(changed)
    (tmp_path / "x.json").write_text(json.dumps(content))
    before = sorted(tmp_path.iterdir())
    with pytest.raises(StudyFailed, match="manifest"):
        replay(tmp_path / "x.json", load=settings_of, engine=Engine())
    assert sorted(tmp_path.iterdir()) == before


def test_a_manifest_that_is_nested_without_end_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[" * 100_000)
    with pytest.raises(StudyFailed, match="cannot be read as a manifest"):
        read_manifest(tmp_path / "x.json")


def test_a_study_sums_up_on_the_console(folder: Path) -> None:
    text = summary(folder)
    assert "Scores of baseline, 2020Q1 > 2021Q4: median of 4 runs" in text
    assert all(f"\n{name}" in text for name in ("strategy", "ecosystem", "index", "a+b", "c@severe"))
    record = simulate(invented("x"), range(4))
    effect = np.median((record.true[1] - record.true[0])[:, -1, 0].mean(axis=1))
    assert f"{effect:+.2f} [" in text


def test_a_sweep_is_every_combination_of_its_values() -> None:
    assert jobs(["policy=none,data_sharing", "replicates=8", "environment=central,severe"]) == [
        ["policy=none", "replicates=8", "environment=central"],
        ["policy=none", "replicates=8", "environment=severe"],
        ["policy=data_sharing", "replicates=8", "environment=central"],
        ["policy=data_sharing", "replicates=8", "environment=severe"],
    ]
    assert jobs(["policy=[a,b]", "seed=1"]) == [["policy=[a,b]", "seed=1"]]


def test_a_sweep_from_python_finds_the_faults_of_all_its_jobs_and_one_study_under_two_names() -> None:
    with pytest.raises(ConfigError) as found:
        api.sweep("policies.alliances.start=2019Q1,2099Q1", "policy=alliances")
    assert len(found.value.faults) == 2
    with pytest.raises(ConfigError, match="are one study"):
        api.sweep("policy=data_sharing,公共数据共享")


@pytest.mark.parametrize("words", [(), ("policy=data_sharing", "shock=margin"), ("experiment=national",)])
def test_the_settings_in_a_manifest_read_back_as_they_were(words: tuple[str, ...]) -> None:
    settings = compose_study([*words])
    text = json.dumps(identify(settings).config)
    manifest = {"config": json.loads(text), "overrides": list(settings.overrides)}
    back = load_settings(settings_from(Manifest(manifest), Path("outputs")))
    assert json.dumps(identify(back).config) == text
    assert identify(back) == identify(settings)


def test_settings_of_another_version_are_refused_in_a_sentence() -> None:
    config = {**compose_study(["scenarios=[baseline]"]).plain(), "unheard_of": 1}
    with pytest.raises(StudyFailed, match="does not know the settings of the manifest: unheard_of"):
        load_settings(config)


def test_what_a_program_registered_is_asked_for_where_it_is_not_known() -> None:
    config = compose_study(["policy=data_sharing"]).plain()
    rule, lever = deepcopy(config), deepcopy(config)
    rule["allocation"]["rule"] = "of_a_notebook"
    lever["scenarios"][1]["policies"][0]["effects"][0]["field"] = "of_a_notebook"
    for known in (rule, lever):
        with pytest.raises(StudyFailed, match="of_a_notebook is not known here: register rules"):
            load_settings(known)


def test_a_study_verifies_and_replays_wherever_it_lies(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "deep" / "down" / "renamed"
    shutil.copytree(folder, elsewhere)
    assert checked(elsewhere).same
    again = replay(elsewhere, load=settings_of, engine=Engine(), write_report=draw)
    assert again.same, again.differences


def test_another_class_of_processor_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_manifest(folder)["vectors"] == vector_class()
    monkeypatch.setattr("experiments.runs.manifest.vector_class", lambda: "another")
    assert any("last digits may differ" in note.en for note in checked(folder).notes)


def test_the_manifest_says_how_many_members_were_drawn(folder: Path) -> None:
    assert (read_manifest(folder)["members"], read_manifest(folder)["members_distinct"]) == (5, 4)
    several = compose_study(["scenarios=[baseline]", "replicates=1000"])
    facts = LAB.members(several)
    assert facts["members"] == 400
    assert 300 < facts["members_distinct"] < 400, "more runs than members meet some of them again"
    assert LAB.members(compose_study(["uncertainty.parameters=central"])) == {}
