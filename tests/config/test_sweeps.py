"""Sweeps: every job is checked before the first runs, any launcher runs them, any sweeper reads what they return."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser

from experiments.config.errors import ConfigError, Faults
from experiments.config.folders import SHIPPED
from experiments.config.sweep import corners, jobs
from experiments.config.words import hydra_words

pytestmark = pytest.mark.slow  # each starts the lab as a process of its own

ROOT = Path(__file__).resolve().parents[2]
SMALL = ("replicates=2", "end=2025Q4", "outputs.report=false", "outputs.figures=[]", "execution.workers=1")


def command(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, str(ROOT / "simulate.py"), *words, *SMALL, f"outputs.folder={folder}"]
    return subprocess.run(
        line,
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=600,
        check=False,
        env=os.environ | environment,
    )


def comparison(folder: Path) -> pd.DataFrame:
    (found,) = folder.glob("sweep-*/*/comparison.csv")
    return pd.read_csv(found)


def test_a_sweep_ends_with_a_comparison_that_names_what_differs(tmp_path: Path) -> None:
    done = command(tmp_path, "-m", "policy=none,数据共享", "environment=central,severe")
    assert done.returncode == 0, done.stderr
    rows = list(comparison(tmp_path)["Row"])
    assert rows == [
        "Baseline", "Baseline, severe environment", "Public data sharing", "Public data sharing, severe environment",
    ]  # fmt: skip
    assert all(row in done.stdout for row in rows)
    (sweep,) = tmp_path.glob("sweep-*")
    pages = {path.name for path in sweep.glob("*/*.html")}
    assert pages == {"comparison.html", "comparison-zh.html"}
    assert {path.parent.name for path in sweep.glob("*/.hydra")} == {"0", "1", "2", "3"}
    logs = [path.read_text("utf-8") for path in sweep.glob("*/study.log")]
    assert len(logs) == 4
    assert all("tables and report written" in log for log in logs)


def test_every_job_is_checked_before_the_first_runs(tmp_path: Path) -> None:
    done = command(
        tmp_path, "-m", "replicates=1,0", "policies.data_sharing.start=2024Q1,2031Q1", "policy=data_sharing"
    )
    assert done.returncode == 2
    assert "command line:replicates" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_sweep_over_the_own_bank_has_rows_for_it(tmp_path: Path) -> None:
    bank = (ROOT / "conf" / "bank" / "example.yaml").read_text("utf-8").partition("plans:")[0]
    (tmp_path / "mine" / "bank").mkdir(parents=True)
    for name, share in (("plan_a", 0.03), ("plan_b", 0.06)):
        text = bank.replace("spend_ratio: 0.03", f"spend_ratio: {share}")
        assert text != bank or name == "plan_a"
        (tmp_path / "mine" / "bank" / f"{name}.yaml").write_text(text, encoding="utf-8")
    folder = tmp_path / "out"
    folder.mkdir()
    words = ("-m", "bank=plan_a,plan_b", "scenarios=[baseline]", "--config-dir", str(tmp_path / "mine"))
    done = command(folder, *words)
    assert done.returncode == 0, done.stderr
    (table,) = folder.glob("sweep-*/*/own_bank.csv")
    assert list(pd.read_csv(table)["Row"]) == ["bank plan_a", "bank plan_b"]
    assert "bank plan_b" in done.stdout


def test_globs_ranges_and_choices() -> None:
    assert jobs(["seed=range(1,4)"]) == [["seed=1"], ["seed=2"], ["seed=3"]]
    assert jobs(["seed=choice(1,2)", "x=3"]) == [["seed=1", "x=3"], ["seed=2", "x=3"]]
    with pytest.raises(ConfigError, match=r"cannot be swept over: seed=range\(5,5\)"):
        jobs(["seed=range(5,5)"])


@pytest.mark.parametrize("typed", ["choice({})", "sort({})", "shuffle({})", "{}"])
def test_what_a_function_chooses_from_may_be_in_chinese(typed: str) -> None:
    faults = Faults()
    (word,) = hydra_words([f"policy={typed.format('数据共享,数据治理')}"], SHIPPED, faults, sweeping=True)
    assert not len(faults)
    parser = OverridesParser.create()
    swept = [parser.parse_override(one).value() for (one,) in jobs([word])]
    assert sorted(map(str, swept)) == ["数据共享", "数据治理"]
    for plain in ("seed=choice(1,2)", "policy=sort(data_sharing,alliances)"):
        assert hydra_words([plain], SHIPPED, Faults(), sweeping=True) == [plain]


@pytest.mark.parametrize("of_words", [jobs, corners])
def test_what_cannot_be_swept_over_is_said_in_the_language_of_the_report(
    of_words: Callable[..., object],
) -> None:
    with pytest.raises(ConfigError, match="扫描"):
        of_words(["seed=range(5,5)"], "zh")


def test_a_sweep_follows_the_language_of_its_report(tmp_path: Path) -> None:
    done = command(
        tmp_path, "-m", "policy=data_sharing", "policies.data_sharing.intensity=interval(0,1)", "report=zh"
    )
    assert done.returncode == 2
    assert "sweeps over" not in done.stderr
    assert "命令行:policies.data_sharing.intensity" in done.stderr


def test_what_a_sweeper_may_choose_is_tried_at_its_ends() -> None:
    words = ["a=interval(0.2,1.5)", "b=choice(x,y)", "c=3"]
    assert corners(words) == [
        ["a=0.2", "b=x", "c=3"],
        ["a=1.5", "b=x", "c=3"],
        ["a=0.2", "b=y", "c=3"],
    ]


@pytest.mark.parametrize("launcher", ["joblib", "submitit_local"])
def test_launchers_run_the_jobs_of_a_sweep(tmp_path: Path, launcher: str) -> None:
    pytest.importorskip(f"hydra_plugins.hydra_{launcher.partition('_')[0]}_launcher")
    done = command(tmp_path, "-m", "policy=none,data_sharing", f"hydra/launcher={launcher}")
    assert done.returncode == 0, done.stderr
    table = comparison(tmp_path)
    assert list(table["Row"]) == ["Baseline", "Public data sharing"]
    assert table["gap"].notna().all()
    again = command(tmp_path, "-m", "policy=none,data_sharing", f"hydra/launcher={launcher}")
    assert again.returncode == 0, again.stderr  # the comparison of before is no job


def test_slurm_without_srun_is_one_sentence(tmp_path: Path) -> None:
    pytest.importorskip("hydra_plugins.hydra_submitit_launcher")
    elsewhere = {"PATH": str(Path(sys.executable).parent)}  # also on a machine of a Slurm cluster
    done = command(tmp_path, "-m", "policy=none,data_sharing", "hydra/launcher=submitit_slurm", **elsewhere)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("command line:hydra/launcher: submitit_slurm needs srun")
    asked = ("-m", "policy=none,data_sharing", "hydra/launcher=submitit_slurm", "report=zh")
    assert "submitit_slurm 需要 srun" in command(tmp_path, *asked, **elsewhere).stderr
    assert list(tmp_path.iterdir()) == []


def test_what_slurm_says_is_told_once(tmp_path: Path) -> None:
    pytest.importorskip("hydra_plugins.hydra_submitit_launcher")
    for name in ("srun", "sbatch"):
        (tmp_path / name).write_text("#!/bin/sh\necho no controller >&2\nexit 1\n", "utf-8")
        (tmp_path / name).chmod(0o755)
    there = {"PATH": f"{tmp_path}:{Path(sys.executable).parent}"}
    asked = ("-m", "policy=none,data_sharing", "hydra/launcher=submitit_slurm", "report=zh")
    done = command(tmp_path, *asked, **there)
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["no controller", "作业未能提交；已完成的块保留，同一命令会继续"]


def test_optuna_reads_the_number_that_a_job_returns(tmp_path: Path) -> None:
    pytest.importorskip("hydra_plugins.hydra_optuna_sweeper")
    words = (
        "-m", "policy=data_sharing", "hydra/sweeper=optuna", "hydra.sweeper.n_trials=3", "hydra.sweeper.n_jobs=1",
        "hydra.sweeper.direction=maximize", "hydra.sweeper.sampler.seed=1",
        "policies.data_sharing.intensity=interval(0.2,1.0)", "objective={outcome: like_for_like, bank_kind: rural}",
    )  # fmt: skip
    done = command(tmp_path, *words)
    assert done.returncode == 0, done.stderr
    (found,) = tmp_path.glob("sweep-*/optimization_results.yaml")
    best = yaml.safe_load(found.read_text("utf-8"))
    assert best["best_value"] > 0.0
    tried = []
    for job in sorted(found.parent.glob("[0-9]")):
        effects = pd.read_parquet(job / "effects.parquet")
        chosen = (effects["outcome"] == "like_for_like") & (effects["bank_kind"] == "rural")
        last = effects[chosen & (effects["quarter"] == "2025Q4")]
        tried.append(float(last["effect"].median()))
    assert len(tried) == 3
    assert best["best_value"] == pytest.approx(max(tried))


def test_optuna_is_checked_at_the_ends_and_needs_an_objective(tmp_path: Path) -> None:
    pytest.importorskip("hydra_plugins.hydra_optuna_sweeper")
    words = (
        "-m",
        "policy=data_sharing",
        "hydra/sweeper=optuna",
        "policies.data_sharing.take_up=interval(0.2,1.5)",
    )
    done = command(tmp_path, *words)
    assert done.returncode == 2
    assert "1.5 is out of range" in done.stderr
    assert "optuna has nothing to make larger or smaller" in done.stderr
    assert list(tmp_path.iterdir()) == []
