"""A design table: its rows are jobs, read in any form a spreadsheet leaves, and every fault has its row and column."""

from pathlib import Path

import pandas as pd
import pytest

from experiments import cli
from experiments.config import sweep
from experiments.config.errors import ConfigError, Faults
from experiments.config.folders import OwnFiles
from experiments.config.sweep import designed
from experiments.location import ROOT

EXAMPLE = ROOT / "docs" / "design.csv"


def jobs(table: Path | str, *words: str) -> list[list[str]]:
    faults = Faults()
    found = designed(str(table), words, OwnFiles(), faults)
    faults.stop()
    return [job for job, _ in found]


def test_rows_are_jobs_and_an_empty_cell_says_nothing() -> None:
    assert jobs(EXAMPLE, "seed=3")[::3] == [
        ["seed=3", "policy=none", "environment=central"],
        [
            "seed=3", "policy=[data_sharing,alliances]", "environment=severe", "policies.data_sharing.start=2026Q1",
            "behaviour.loss_system=0.05",
        ],
    ]  # fmt: skip


def test_what_the_command_line_sweeps_over_meets_every_row(tmp_path: Path) -> None:
    table = tmp_path / "jobs.csv"
    table.write_text("policy\nnone\ndata_sharing\n")
    assert [job[0] + " " + job[1] for job in jobs(table, "seed=1,2")] == [
        "seed=1 policy=none", "seed=2 policy=none", "seed=1 policy=data_sharing", "seed=2 policy=data_sharing",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("encoding", "separator", "end"),
    [("utf-8-sig", ",", "\r\n"), ("gbk", ",", "\r\n"), ("utf-16", "\t", "\n"), ("utf-8", ";", "\n")],
)
def test_any_spreadsheets_csv_is_read(tmp_path: Path, encoding: str, separator: str, end: str) -> None:
    table = tmp_path / "任务.csv"
    lines = ["policy", "bank.province"], ["数据共享", "四川"], ["none", " "]
    table.write_bytes((end.join(separator.join(line) for line in lines) + end).encode(encoding))
    first, second = jobs(table)
    assert (len(first), second) == (2, ["policy=none"])
    assert [word.partition("=")[0] for word in first] == ["policy", "bank.province"]


def test_every_fault_is_told_with_row_and_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.csv").write_text(
        "policy,environment,seed,policies.data_sharing.strat,replicates\n"
        "none,centrl,,,\n"
        "data_sharing,severe,-3,2025Q2,\n"
        "none,centrl,,,\n"
        '"alliances,data_sharing",central,3,,,x\n'
    )
    assert cli.main(["-m", "design=bad.csv", "replicates=2"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert [line.split("; ")[0] for line in said] == [
        "bad.csv:column replicates: is given on the command line, too",
        "bad.csv:line 4: is the job of line 2 again",
        "bad.csv:line 5: has a cell under no key",
        "bad.csv:line 5, column policy: has several values: alliances,data_sharing",
        "bad.csv:line 2, column environment: 'centrl' is not known",
        "bad.csv:line 3, column policies.data_sharing.strat: is not a known key",
        "bad.csv:line 3, column seed: -3 is out of range",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]


def test_one_study_called_by_two_names_is_no_second_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["-m", "policy=data_sharing,公共数据共享", "seed=1"]) == 2
    said = "command line: policy=data_sharing and policy='公共数据共享' are one study; allowed each job once"
    assert said in capsys.readouterr().err
    Path("jobs.csv").write_text("policy,environment\nnone,central\nnone,\nnone,severe\n")
    assert cli.main(["-m", "design=jobs.csv"]) == 2
    assert "jobs.csv:line 3: jobs.csv:line 2 and jobs.csv:line 3 are one study" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["jobs.csv"]


def test_a_table_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        jobs(tmp_path / "nowhere.csv")
    (tmp_path / "bare.csv").write_text("policy\n")
    with pytest.raises(ConfigError, match="has no row of data"):
        jobs(tmp_path / "bare.csv")


def test_a_table_without_a_sweep_is_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([f"design={EXAMPLE}"]) == 2
    assert "command line:design: says how to sweep, without -m" in capsys.readouterr().err


def test_a_key_is_the_same_with_hydras_plus_before_it(tmp_path: Path) -> None:
    table = tmp_path / "jobs.csv"
    table.write_text("+seed,seed,+environment.name\n1,2,x\n")
    with pytest.raises(ConfigError) as caught:
        jobs(table, "+environment.name=y")
    places = [fault.where for fault in caught.value.faults]
    assert places[:2] == [f"{table}:column seed", f"{table}:column environment.name"]


def test_a_table_has_no_more_jobs_than_a_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "MOST_JOBS", 3)
    table = tmp_path / "jobs.csv"
    table.write_text("policy\nnone\ndata_sharing\n")
    with pytest.raises(ConfigError, match="the sweep has 4 jobs; allowed at most 3"):
        jobs(table, "seed=1,2")
    assert designed(str(table), ["seed=1,2"], OwnFiles(), Faults()) == []  # none is composed first


@pytest.mark.slow
def test_a_design_ends_with_a_comparison_that_names_what_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    small = (
        "replicates=2",
        "end=2026Q4",
        "outputs.report=false",
        "execution.workers=1",
        "outputs.folder=out",
    )
    assert cli.main(["-m", f"design={EXAMPLE}", *small]) == 0
    (found,) = tmp_path.glob("out/sweep-*/*/comparison.csv")
    table = pd.read_csv(found)
    sharing, alliances = "Public data sharing", "Alliances of small banks"
    assert dict(zip(table["Row"], table["job"], strict=True)) == {
        "Baseline": 0,
        sharing: 1,
        "Baseline, severe environment": 2,
        f"{sharing}, severe environment": 2,
        "Baseline, severe environment, behaviour.loss_system 0.05": 3,
        f"{sharing} + {alliances}, severe environment": 3,
    }
