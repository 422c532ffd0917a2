"""The command line: help, exit codes, and no folder left behind by a study that cannot run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import simulate
from experiments import tasks
from experiments.entry import command, sweep
from experiments.entry.arguments import sort
from experiments.failure import StudyFailed, StudyStopped
from experiments.faults import ConfigError, Faults
from experiments.settings import StudySettings
from experiments.study import compare as comparison

ROOT = Path(simulate.__file__).resolve().parent


def shell(*words: str, where: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "simulate.py"), *words],
        cwd=where,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_is_useful_and_quick(tmp_path: Path) -> None:
    started = sum(os.times()[2:4])
    done = shell("--help", where=tmp_path)
    assert sum(os.times()[2:4]) - started < 3
    assert done.returncode == 0
    for word in (
        "data_sharing",
        "full_package",
        "library",
        "replicates=32",
        "seed=2020",
        "report.html",
        "verify=",
    ):
        assert word in done.stdout
    assert done.stdout.count("  python simulate.py") >= 8


def test_a_reader_that_goes_is_no_traceback(tmp_path: Path) -> None:
    command_line = f"'{sys.executable}' '{ROOT / 'simulate.py'}' --help"
    done = subprocess.run(
        ["bash", "-c", f"{command_line} | true; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 141)
    assert not done.stderr


def test_version_is_that_of_the_project(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run(["--version"], simulate.job) == 0
    assert capsys.readouterr().out.startswith("honeycomb-lab ")


def test_faults_end_with_two_and_leave_nothing(tmp_path: Path) -> None:
    done = shell("replicats=3", "--multrun", "environment=hell", where=tmp_path)
    assert done.returncode == 2
    assert "did you mean replicates?" in done.stderr
    assert "did you mean --multirun?" in done.stderr
    assert "command line:environment" in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-m", "policy=none,data_sharin"], "did you mean data_sharing?"),
        (["-m", "seed=interval(0,1)"], "sweeps over an interval"),
        (["-m", "seed=range(1,1000000)"], "at most 10000"),
        (["-m", "seed=1,2", "seed=3"], "is given twice"),
        (["-m", "hydra.sweep.dir=a,b"], "cannot be swept over"),
        (["-m", "--cfg", "job"], "one of them"),
        (["--resolve"], "nothing to resolve"),
        (["--package", "policy"], "has nothing to show a part of"),
        (["seed=1", "seed=2"], "is given twice"),
        (["-m", "seed=1,1"], "1 stands there twice"),
        (["-m", "policy=none,nope,data_sharin"], "'nope' is not known"),
        (["-m", "policy=none,nope,data_sharin"], "did you mean data_sharing?"),
        (["hydra.sweep.dir=x"], "says how to sweep, without -m"),
        (["hydra/launcher=submitit_local"], "says how to sweep, without -m"),
        (["--cfg"], "has no value"),
        (["--cfg", "jb"], "did you mean job?"),
        (["--config-dir", "/no/such"], "is no folder"),
        (["--config-path", "x"], "is not a known flag"),
        (["--experimental-rerun", "x.pickle"], "is not a known flag"),
        (["replay=/no/such"], "is not there"),
        (["verify="], "is not there"),
        (["verify=.", "seed=1"], "stands beside other words"),
        (["replay=a", "verify=b"], "stands beside other words"),
    ],
)
def test_fault_ends_with_two(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run(words, simulate.job) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert not printed.out


@pytest.mark.parametrize(
    ("error", "status"),
    [(KeyboardInterrupt(), 130), (StudyStopped("stopped"), 130), (StudyFailed("the disk is full"), 1)],
)
def test_endings_are_one_line(
    error: BaseException, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ending(task: str) -> object:
        raise error

    monkeypatch.setattr(tasks, "task_function", ending)
    assert command.run(["policy=none"], simulate.job) == status
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_sweep_goes_through_hydra_and_is_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: dict[Path, StudySettings] = {}

    def task(name: str) -> object:
        def run(study: StudySettings, folder: Path) -> Path:
            assert name == study.task == "simulate"
            ran[folder] = study
            folder.mkdir(parents=True)
            return folder

        return run

    compared: list[list[Path]] = []
    monkeypatch.setattr(tasks, "task_function", task)
    monkeypatch.setattr(comparison, "compare", lambda folders: compared.append(list(folders)) or tmp_path)
    monkeypatch.setattr(comparison, "summary", lambda folder: "summary")
    monkeypatch.setattr(sys, "argv", ["simulate.py"])
    monkeypatch.chdir(tmp_path)
    words = [
        "-m",
        "policy=none,data_sharing",
        "environment.margin_change.value.2029=-0.1",
        "seed=7",
        "outputs.folder='it\\'s'",
    ]
    assert command.run(words, simulate.job) == 0
    (folders,) = compared
    assert list(ran) == folders
    assert [folder.name for folder in folders] == ["000-baseline", "001-data_sharing"]
    assert [study.labels for study in ran.values()] == [("baseline",), ("baseline", "data_sharing")]
    assert {study.seed for study in ran.values()} == {7}
    assert {study.scenarios[0].environment.margin_change.value["2029"] for study in ran.values()} == {-0.1}
    assert capsys.readouterr().out.splitlines() == ["summary", str(tmp_path)]
    assert {path.name for path in tmp_path.iterdir()} == {"it's"}


def test_jobs_are_those_of_hydras_sweeper() -> None:
    jobs = sweep.jobs(["policy=none,data_sharing", "seed=range(1,3)", "environment=severe"])
    assert jobs == [
        ["policy=none", "seed=1", "environment=severe"],
        ["policy=none", "seed=2", "environment=severe"],
        ["policy=data_sharing", "seed=1", "environment=severe"],
        ["policy=data_sharing", "seed=2", "environment=severe"],
    ]


def test_years_reach_hydra_as_mappings() -> None:
    texts = ["seed=1", "a.value.2029=-0.1", "a.value.2030=1,2", "b.x=3"]
    assert sweep.years_as_mappings(texts) == [
        "seed=1",
        "a.value={2029:-0.1,2030:1},{2029:-0.1,2030:2}",
        "b.x=3",
    ]


def test_faults_of_all_jobs_come_together() -> None:
    with pytest.raises(ConfigError) as caught:
        sweep.compose_jobs([["seed=-1"], ["replicates=0"], ["seed=1"]])
    assert len(caught.value.faults) == 2


def test_words_are_sorted_in_any_order() -> None:
    faults = Faults()
    arguments = sort(["seed=1", "-m", "policy=none,alliances", "-cd", "mine"], faults)
    assert not len(faults)
    assert arguments.flags == {"--multirun": "", "--config-dir": "mine"}
    assert arguments.overrides == ("seed=1", "policy=none,alliances")


def test_composed_configuration_can_be_printed(tmp_path: Path) -> None:
    done = shell("--cfg", "job", "-p", "policy.data_sharing", "policy=data_sharing", where=tmp_path)
    assert done.returncode == 0
    assert "intensity: 1.0" in done.stdout
    assert not list(tmp_path.iterdir())
