"""The command line: help, exit codes, and no folder left behind by a study that cannot run."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

import simulate
from experiments import cli
from experiments.config import sweep
from experiments.config.errors import ConfigError, Faults, sentence
from experiments.config.reading import mapping
from experiments.config.study import StudySettings
from experiments.config.words import key_lines, sort
from experiments.failure import StudyFailed, StudyStopped
from experiments.location import CONF
from experiments.runs.manifest import PARTS
from experiments.study import compare as comparison
from experiments.study.replay import Difference, Replay

ROOT = Path(simulate.__file__).resolve().parent


def shell(*words: str, where: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "simulate.py"), *words],
        cwd=where,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **variables},
    )


@pytest.fixture(autouse=True)
def argv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["simulate.py"])


def test_help_has_every_key_of_the_outputs_and_all_that_is_said_of_it() -> None:
    told = " ".join(" ".join(key_lines()).split())
    assert [key for key in mapping(CONF / "outputs/default.yaml") if f"outputs.{key}=" not in told] == []
    assert "with the last quarter of every run, the others as bands over the runs; auto: full up to" in told


def test_help_is_useful_and_quick(tmp_path: Path) -> None:
    started = sum(os.times()[2:4])
    done = shell("--help", where=tmp_path)
    assert sum(os.times()[2:4]) - started < 6
    assert done.returncode == 0
    for word in (
        "data_sharing",
        "full_package",
        "library",
        "replicates=32",
        "seed=2020",
        "report.html",
        "verify=",
        "auto: full up to 10 million rows",
    ):
        assert word in done.stdout
    assert done.stdout.count("  python simulate.py") >= 8
    assert not list(tmp_path.iterdir())


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
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("honeycomb-lab ")


def test_faults_end_with_two_and_leave_nothing(tmp_path: Path) -> None:
    done = shell("replicats=3", "environment=hell", where=tmp_path)
    assert done.returncode == 2
    assert "did you mean replicates?" in done.stderr
    assert "command line:environment" in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--multrun"], "did you mean --multirun?"),
        (["-m", "policy=none,nope,data_sharin"], "did you mean data_sharing?"),
        (["-m", "seed=interval(0,1)"], "sweeps over an interval"),
        (["-m", "seed=range(1,1000000)"], "at most 10000"),
        (["-m", "seed=1,2", "seed=3"], "is given twice"),
        (["-m", "seed=1,1"], "1 stands there twice"),
        (["-m", "policy=glob(z*)"], "fits no name"),
        (["-m", "hydra.run.dir=x"], "did you mean hydra.sweep.dir=...?"),
        (["hydra.run.dir="], "hydra.run.dir: has no value"),
        (["-m", "seed=1,2", "hydra.sweep.subdir=x"], "is the same folder for several jobs"),
        (["-m", "seed=1,2", "policy=none,alliances", "hydra.sweep.subdir='${seed}'"], "for several jobs"),
        (["seed=1,2"], "did you mean -m seed=1,2?"),
        (["scenarios=baseline,both"], "did you mean scenarios=[baseline,both]?"),
        (["-m", "--cfg", "job"], "one of them"),
        (["--resolve"], "nothing to resolve"),
        (["--package", "policies"], "has nothing to show a part of"),
        (["hydra.sweep.dir=x"], "says how to sweep, without -m"),
        (["hydra/launcher=submitit_local"], "says how to sweep, without -m"),
        (["-m", "hydra/launcher=evil"], "allowed basic, joblib"),
        (["--cfg"], "has no value"),
        (["--cfg", "jb"], "did you mean job?"),
        (["--config-dir", "/no/such"], "is no folder"),
        (["-cd", "a", "-cd", "b"], "once; further folders as hydra.searchpath=[b]"),
        (["--info", "default"], "did you mean defaults?"),
        (["--cfg", "job", "-p", "policies.data_shring"], "did you mean policies.data_sharing?"),
        (["--config-path", "x"], "is not a known flag"),
        (["--experimental-rerun", "x.pickle"], "is not a known flag"),
        (["replay=/no/such"], "is not there"),
        (["compare=[/no/such,/nor/that]"], "'/no/such' is no finished study"),
        (["verify="], "is not there"),
        (["verify=.", "seed=1"], "stands beside other words"),
        (["replay=a", "verify=b"], "stands beside other words"),
        (
            ["-m", "seed=1,2", "hydra/launcher=joblib", "hydra.launcher.n_jobs=two"],
            "n_jobs: 'two' is not a whole",
        ),
        (["hydra.run.dir=${nope}"], "command line:hydra.run.dir: Interpolation key 'nope' not found"),
        (["purge="], "purge: has no value; allowed the folder of a finished study"),
        (["redact"], "redact: has no value; allowed the folder of a finished study"),
        (["--cfg", "job", "-p", "nope"], "command line:--package: is not a known key"),
    ],
)
def test_fault_ends_with_two(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert not printed.out


FULL = "无法写入 chunk：磁盘已满。已完成的块保留；同一命令会继续。"
BARRED = "无法写入 chunk：没有权限。已完成的块保留；同一命令会继续。"


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (KeyboardInterrupt(), 130, "已中断；同一命令会从已完成处继续"),
        (StudyStopped("stopped"), 130, "stopped"),
        (StudyFailed(sentence("{} is no folder", "x")), 1, "x 不是文件夹"),
        (OSError(errno.ENOSPC, "full", "chunk"), 1, FULL),
        (PermissionError(errno.EACCES, "no", "chunk"), 1, BARRED),
        (OSError(errno.EIO, "broken"), 1, "被系统终止：[Errno 5] broken"),
    ],
)
def test_endings_are_one_line_in_the_language_of_the_report(
    error: BaseException,
    status: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(cli, "task_function", Mock(side_effect=error))
    monkeypatch.setattr(cli, "_forget_console", lambda: None)  # which would close that of the tests
    monkeypatch.chdir(tmp_path)
    assert cli.main(["policy=none", "report=zh"]) == status
    *before, last = capsys.readouterr().err.splitlines()
    assert last == said
    assert not before or isinstance(error, OSError)  # of which Hydra says something itself


def test_a_verb_speaks_the_language_of_the_report_or_the_one_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    parts = {name: kind() for name, kind in PARTS.items()} | {"name": "x", "study": "1a", "schema": 1}
    config = {"outputs": {}, "report": {"language": "zh"}}
    Path("study").mkdir()
    Path("study/manifest.json").write_text(json.dumps(parts | {"config": config}), "utf-8")
    missing = Replay(Path("study"), (Difference("bands.parquet", sentence("is missing"), 3),), ())
    monkeypatch.setattr("experiments.study.replay.verify", lambda folder: missing)
    for words, status, said in (
        (["verify=study"], 1, "bands.parquet，第 3 行：缺失"),
        (["clean=list", "report=zh"], 0, "存储为空"),
        (["clean=list"], 0, "the store is empty"),
        (["clean=lst", "report=zh"], 1, "存储中没有这样的研究；可用：list、all"),
        (["purge=nowhere", "report=zh"], 1, "nowhere 不是文件夹"),
        (["verify=nowhere", "report=zh"], 2, "命令行:verify: 'nowhere' "),
        (["replay=study", "report=zh"], 2, "replay=<"),  # its report is the one that the manifest asks for
        (["template=zh:bank.txt"], 2, "命令行:template"),
    ):
        assert cli.main(words) == status
        assert said in "".join(capsys.readouterr())


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[Path, StudySettings]:
    """What would have run: a task that only makes its folder."""
    studies: dict[Path, StudySettings] = {}

    def task(name: str) -> object:
        def run(study: StudySettings, folder: Path) -> Path:
            assert name == study.task
            studies[folder] = study
            assert (folder / ".hydra" / "overrides.yaml").is_file()
            (folder / "manifest.json").write_text("{}", "utf-8")
            (folder / "bands.parquet").touch()
            return folder

        return run

    monkeypatch.setattr(cli, "task_function", task)
    monkeypatch.setattr(cli, "_summarise", lambda folder: None)
    monkeypatch.chdir(tmp_path)
    return studies


def test_a_study_goes_where_its_numbers_say_with_hydras_folder_and_log(
    ran: dict[Path, StudySettings],
) -> None:
    assert cli.main(["policy=none", "replicates=3"]) == 0
    ((folder, study),) = ran.items()
    assert study.replicates == 3
    assert folder.parent == Path.cwd() / "outputs"
    assert folder.name.startswith("study-")
    assert (folder / ".hydra" / "config.yaml").is_file()
    assert (folder / "study.log").is_file()


def test_hydra_run_dir_is_where_a_study_goes(ran: dict[Path, StudySettings]) -> None:
    assert cli.main(["policy=none", "hydra.run.dir=here/${now:%Y}"]) == 0
    (folder,) = ran
    assert folder.parent == Path.cwd() / "here"


NO_YEARS_END = "2020Q1 至 2020Q3 没有年末"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("policy=none end=2020Q3", NO_YEARS_END),
        ("-m policy=none end=2020Q4,2020Q3", NO_YEARS_END),
        ("-m task=policy analysis.methods=[goal] analysis.goal.value=50,null", "未给出 analysis.goal.value"),
        ("-m experiment=event_study analysis.event.province=ZJ,XZ", "该省联社未曾改革"),
    ],
)
def test_what_no_run_could_answer_is_said_before_the_first_job(
    words: str, said: str, ran: dict[Path, StudySettings], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*words.split(), "report=zh"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert not ran
    assert not list(Path.cwd().iterdir())


def test_a_folder_of_other_things_is_left_as_it_is(
    ran: dict[Path, StudySettings], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("letters").mkdir()
    Path("letters/to_mother.txt").write_text("dear", "utf-8")
    assert cli.main(["policy=none", "report=zh", "hydra.run.dir=letters"]) == 1
    assert "letters 已存在且不是研究的文件夹" in capsys.readouterr().err
    assert [path.name for path in Path("letters").iterdir()] == ["to_mother.txt"]
    assert not ran


def test_a_sweep_goes_among_studies_and_leaves_a_folder_of_other_things_as_it_is(
    ran: dict[Path, StudySettings], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(comparison, "compare", lambda folders: Path("there"))
    monkeypatch.setattr(comparison, "summary", lambda folder: "summary")
    words = ["-m", "policy=none", "seed=1", "report=zh", "hydra.sweep.subdir=a/b"]
    Path("letters/1").mkdir(parents=True)
    Path("letters/1/to_mother.txt").write_text("dear", "utf-8")
    assert cli.main([*words, "hydra.sweep.dir=letters"]) == 1
    assert "letters 已存在，且不只含研究：保持原样" in capsys.readouterr().err
    assert [path.name for path in Path("letters").rglob("*")] == ["1", "to_mother.txt"]
    assert not ran
    Path("swept/.submitit").mkdir(parents=True)
    Path("swept/optimization_results.yaml").touch()
    assert [cli.main([*words, "hydra.sweep.dir=swept"]) for _ in range(2)] == [0, 0]


def test_own_folders_come_by_config_dir_and_searchpath(
    ran: dict[Path, StudySettings], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine" / "policies").mkdir(parents=True)
    text = (ROOT / "conf" / "policies" / "data_sharing.yaml").read_text("utf-8").replace("0.25", "0.3")
    (tmp_path / "mine" / "policies" / "data_sharing.yaml").write_text(text, "utf-8")
    assert cli.main(["--config-dir", "mine", "policy=data_sharing"]) == 0
    assert "stands in for conf/policies/data_sharing.yaml" in capsys.readouterr().err
    assert cli.main(["hydra.searchpath=[file://mine]", "policy=data_sharing", "seed=1"]) == 0
    assert [study.scenarios[1].policies[0].effects[0].value for study in ran.values()] == [0.3, 0.3]


def test_jobs_of_a_sweep_have_folders_by_what_their_files_say(
    ran: dict[Path, StudySettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison, "compare", lambda folders: Path("there"))
    monkeypatch.setattr(comparison, "summary", lambda folder: "summary")
    words = [
        "-m",
        "policy=none",
        "report=en,zh",
        "hydra.sweep.dir=jobs",
        "hydra.sweep.subdir='${report.language}'",
    ]
    assert cli.main(words) == 0
    assert [folder.name for folder in ran] == ["en", "zh"]


def test_a_part_of_hydras_own_configuration_is_shown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["--cfg", "hydra", "--package", "hydra.sweep"]) == 0
    assert "subdir:" in capsys.readouterr().out


@pytest.mark.slow
def test_a_sweep_goes_through_hydra_and_is_compared(
    ran: dict[Path, StudySettings], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    compared: list[list[Path]] = []
    monkeypatch.setattr(
        comparison, "compare", lambda folders: compared.append(list(folders)) or Path("there")
    )
    monkeypatch.setattr(comparison, "summary", lambda folder: "summary")
    words = [
        "-m", "policy=none,data_sharing", "population=glob(s*)", "environments.central.margin_change.2029=-0.1",
        "seed=range(7,8)", "outputs.folder='it\\'s'",
    ]  # fmt: skip
    assert cli.main(words) == 0
    (folders,) = compared
    assert [folder.name for folder in folders] == ["0", "1"]
    assert [study.labels for study in ran.values()] == [("baseline",), ("baseline", "data_sharing")]
    assert {study.seed for study in ran.values()} == {7}
    changed = {study.scenarios[0].environment.margin_change["2029"] for study in ran.values()}
    assert changed == {-0.1}
    assert capsys.readouterr().out.splitlines()[-2:] == ["summary", "there"]
    assert [path.name for path in Path.cwd().iterdir()] == ["it's"]


@pytest.mark.slow
def test_names_of_the_configuration_can_be_globbed(ran: dict[Path, StudySettings], monkeypatch) -> None:
    monkeypatch.setattr(comparison, "compare", lambda folders: Path("there"))
    monkeypatch.setattr(comparison, "summary", lambda folder: "")
    assert (
        cli.main(["-m", "policy=glob(data_*)", "hydra.sweep.dir=swept", "environment=choice(central)"]) == 0
    )
    assert {study.labels[-1] for study in ran.values()} == {"data_sharing", "data_governance"}
    assert {folder.parent for folder in ran} == {Path.cwd() / "swept"}


@pytest.mark.slow
def test_every_job_of_a_sweep_is_checked_before_the_first_runs(
    ran: dict[Path, StudySettings], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["-m", "seed=1,-1", "replicates=4,0"]) == 2
    said = capsys.readouterr().err
    assert "seed: -1 is out of range" in said
    assert "replicates: 0 is out of range" in said
    assert not ran
    assert not list(Path.cwd().iterdir())


def test_a_job_that_a_cluster_lost_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = pytest.importorskip("submitit.core.utils").UncompletedJobError

    def launched() -> None:
        raise lost(
            "Job 16_0 (task: 0) with path x\nhas not produced any output (state: CANCELLED)\nError stream:\n..."
        )

    monkeypatch.setattr(cli, "job", launched)
    assert cli.main(["-m", "seed=1,2"]) == 1
    said = capsys.readouterr().err
    assert said.startswith(
        "Job 16_0 (task: 0) with path x has not produced any output (state: CANCELLED); finished"
    )
    assert len(said.splitlines()) == 1


def test_jobs_are_those_of_hydras_sweeper() -> None:
    jobs = sweep.jobs(["policy=none,data_sharing", "seed=range(1,3)", "environment=severe"])
    assert jobs == [
        ["policy=none", "seed=1", "environment=severe"],
        ["policy=none", "seed=2", "environment=severe"],
        ["policy=data_sharing", "seed=1", "environment=severe"],
        ["policy=data_sharing", "seed=2", "environment=severe"],
    ]
    with pytest.raises(ConfigError, match="interval"):
        sweep.jobs(["seed=interval(0,1)"])


def test_words_are_sorted_in_any_order() -> None:
    faults = Faults()
    arguments = sort(["seed=1", "-m", "policy=none,alliances", "-cd", "mine"], faults)
    assert not len(faults)
    assert arguments.flags == {"--multirun": "", "--config-dir": "mine"}
    assert arguments.overrides == ("seed=1", "policy=none,alliances")


def test_composed_configuration_can_be_printed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["--cfg", "job", "-p", "policies.data_sharing", "policies.data_sharing.ramp=7"]
    assert cli.main(words) == 0
    printed = capsys.readouterr().out
    assert "intensity: 1.0" in printed
    assert "ramp: 7" in printed
    assert not list(tmp_path.iterdir())


def test_a_part_of_a_file_that_cannot_be_read_is_no_second_fault(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "mine.yaml").write_text("title: 我的", "gbk")
    words = ["--config-dir", str(tmp_path), "--cfg", "job", "-p", "policies.mine.start"]
    assert cli.main(words) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert "is stored as GB18030" in said


def test_hydra_says_how_it_composed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["--info", "defaults", "environment=severe"]) == 0
    printed = capsys.readouterr().out
    assert "definitions" in printed
    assert "environments/severe" in printed
    assert not list(tmp_path.iterdir())


def test_the_shell_completes_names(tmp_path: Path) -> None:
    line = "python simulate.py report=zh policy=data_"
    done = shell("-sc", "query=bash", where=tmp_path, COMP_LINE=line, COMP_POINT=str(len(line)))
    assert done.stdout.split() == ["policy=data_governance", "policy=data_sharing"]


def test_the_shell_completes_keys_and_options(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = "python simulate.py policies.data_sharing.ra"
    monkeypatch.setenv("COMP_LINE", line)
    monkeypatch.setenv("COMP_POINT", str(len(line)))
    assert cli.main(["-sc", "query=bash"]) == 0
    assert "policies.data_sharing.ramp=" in capsys.readouterr().out
