"""The jobs of a sweep side by side: each row named by what differs, in both languages."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.failure import StudyFailed
from experiments.labels import Labels
from experiments.results.open import Results
from experiments.runs.manifest import read_manifest
from experiments.study.compare import (
    Row,
    asked_for,
    compare,
    distinct,
    plain_tables,
    row_names,
    rows_of,
    sector_mark,
    setting,
    summary,
)
from experiments.study.replay import replay
from experiments.study.run import run_study
from tests.invented_study import Engine, invented, settle_code


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    settle_code(monkeypatch.setattr)


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """No picture, where a test is about what the tables and the pages say."""
    monkeypatch.setattr("experiments.figures.still.still", lambda chart: None)
    monkeypatch.setattr("experiments.figures.still.svg_of", lambda _: '<svg viewBox="0 0 1 1"></svg>')


def made(root: Path, language: str = "en", **changes: object) -> Path:
    settings = invented(root, 4, report={"language": language}, **changes)
    return run_study(settings, engine=Engine())


@pytest.mark.usefixtures("undrawn")
def test_the_jobs_of_a_sweep_make_one_comparison(tmp_path: Path) -> None:
    folders = [made(tmp_path, overrides=(f"strength={n}",), strength=n) for n in (1.0, 1.0, 2.0)]
    target = compare(folders)
    table = pd.read_parquet(target / "comparison.parquet")
    assert list(dict.fromkeys(table["name"])) == [
        "Baseline", "A + B, strength 1.0", "C, severe environment, strength 1.0",
        "A + B, strength 2.0", "C, severe environment, strength 2.0",
    ]  # fmt: skip
    assert set(table["quarter"]) == {"2021Q4"}
    assert set(table["job"]) == {0, 2}
    bands = Results(folders[2]).frame("bands")
    picked = (bands["scenario"] == "a+b") & (bands["outcome"] == "index") & (bands["quarter"] == "2021Q4")
    rows = table[(table["name"] == "A + B, strength 2.0") & (table["outcome"] == "index")]
    np.testing.assert_array_equal(np.sort(rows["q50"]), np.sort(bands[picked]["q50"]))
    assert compare([str(folder) for folder in folders], str(target)) == target
    assert read_manifest(target)["jobs"][0]["folder"] == folders[0].name
    with pytest.raises(StudyFailed, match="is a comparison"):
        replay(target)
    with pytest.raises(StudyFailed, match="nothing to compare"):
        compare([])


def test_a_scenario_without_policies_is_not_named_after_those_of_its_job() -> None:
    asked = [
        {"policy": "alliances"},
        {"policy": "data_sharing", "policies.data_sharing.start": "2026Q1", "seed": "3"},
    ]
    rows = [
        Row(job, label, "baseline", {"en": label}, words, pd.DataFrame(), 0.0, {}, bare=label == "baseline")
        for job, words in enumerate(asked)
        for label in ("baseline", "played")
    ]
    assert row_names(rows, "en") == [
        "baseline",
        "played, policy Alliances of small banks",
        "baseline, seed 3",
        "played, policy Public data sharing, policies.data_sharing.start 2026Q1, seed 3",
    ]


def test_a_number_that_a_sweeper_proposed_is_told_in_four_digits() -> None:
    told = [
        setting("talent.intensity", value, Labels("en")) for value in ("0.5364653384028545", "'0.25'", "12")
    ]
    assert told == ["talent.intensity 0.5365", "talent.intensity 0.25", "talent.intensity 12"]


def test_console_and_page_name_the_rows(tmp_path: Path) -> None:
    target = compare([made(tmp_path, overrides=(f"strength={n}",), strength=n) for n in (1.0, 2.0)])
    lines = summary(target).splitlines()
    assert lines[0].split()[:4] == ["Row", "job", "gap", "gap"]
    assert [line.partition("   ")[0].rstrip() for line in lines[2:] if line][1] == "A + B, strength 1.0"
    page = (target / "comparison.html").read_text("utf-8")
    assert all(
        word in page
        for word in ("C, severe environment, strength 2.0", "<svg", 'lang="en"', "comparison-zh.html")
    )
    assert re.search(r"Model \w+; data \w+; posterior [\w ]+", page)
    assert re.search(r"To be cited as: honeycomb-lab [\d.]+, result \w{10}", page)
    chinese = (target / "comparison-zh.html").read_text("utf-8")
    assert all(
        word in chinese
        for word in ("严峻环境，strength 2.0", 'lang="zh-CN"', "超出基线的成本", "comparison.html")
    )
    table = pd.read_csv(target / "comparison.csv")
    assert len(table) == 5
    assert table["cost m yuan"].isna().sum() == 1
    assert not (target / "own_bank.csv").exists()


@pytest.mark.usefixtures("undrawn")
def test_costs_are_beyond_the_baseline(tmp_path: Path) -> None:
    folder = made(tmp_path)
    table = pd.read_csv(compare([folder]) / "comparison.csv").set_index("Row")["cost m yuan"]
    paid = Results(folder).frame("costs").astype({"scenario": "str"}).groupby("scenario")["cost"].sum() / 4
    assert table["A + B"] == pytest.approx(paid["a+b"] - paid.get("baseline", 0.0), abs=1e-3)


@pytest.mark.usefixtures("undrawn")
def test_the_page_is_in_the_language_of_the_jobs(tmp_path: Path) -> None:
    target = compare([made(tmp_path, "zh")])
    assert 'lang="zh-CN"' in (target / "comparison.html").read_text("utf-8")
    assert 'lang="en"' in (target / "comparison-en.html").read_text("utf-8")
    assert "差距变化" in summary(target).splitlines()[0]


@pytest.mark.usefixtures("undrawn")
def test_texts_of_a_study_are_escaped(tmp_path: Path) -> None:
    target = compare([made(tmp_path, overrides=(f"note=<b>{n}</b>&",), strength=float(n)) for n in (1, 2)])
    page = (target / "comparison.html").read_text("utf-8")
    assert "note &lt;b&gt;1&lt;/b&gt;&amp;" in page
    assert "<b>1</b>&" not in page


@pytest.mark.usefixtures("undrawn")
def test_jobs_that_no_word_tells_apart_have_numbers(tmp_path: Path) -> None:
    target = compare([made(tmp_path, strength=n) for n in (1.0, 2.0)])
    names = list(dict.fromkeys(pd.read_parquet(target / "comparison.parquet")["name"]))
    assert names[1] == "A + B, job 0"
    assert names[3] == "A + B, job 1"


def test_settings_are_called_what_a_reader_calls_them() -> None:
    english, chinese = Labels("en"), Labels("zh")
    assert setting("policy", "data_sharing", english) == "policy Public data sharing"
    assert setting("policy", "[data_sharing,alliances]", chinese) == "政策 公共数据共享 + 中小银行抱团取暖"
    assert setting("environment", "severe", chinese) == "环境 严峻环境"
    assert setting("bank.spend_ratio", "0.04", english) == "technology spending / revenue 0.04"
    assert setting("network.coverage", "0.5", chinese) == "network.coverage 0.5"
    assert asked_for(
        ["+seed=3", "report=zh", "outputs.report=false", "hydra.run.dir=x", "execution.workers=2"]
    ) == {"seed": "3"}


def test_the_gap_is_that_of_the_last_year_end_and_says_so() -> None:
    columns = ["scenario", "quantity", "measure", "outcome", "quarter", "bank_kind", "q05", "q50", "q95"]
    bands = pd.DataFrame(
        [
            ("a", "level", "true", outcome, quarter, "all", value, value, value)
            for outcome, quarter, value in (
                ("rural_city_gap", "2025Q4", 7.0),
                ("rural_city_gap", "2024Q4", 6.0),
                ("index", "2025Q4", 1.0),
                ("index", "2026Q2", 2.0),
            )
        ],
        columns=columns,
    )
    costs = pd.DataFrame({"scenario": ["a"], "cost": [0.0]})
    config = {"scenarios": [{"label": "a", "baseline": "a"}], "replicates": 1}
    job: Any = SimpleNamespace(
        manifest={"config": config, "overrides": ()},
        tables=(),
        frame=lambda name, columns=None: bands if name == "bands" else costs,
    )
    tables = plain_tables(distinct(list(rows_of([job])), sector_mark), [], "en")
    (line,) = tables["comparison.csv"].to_dict("records")
    assert line["gap 2025Q4"] == 7.0
    assert "gap change 2025Q4" in line
    (row,) = rows_of([job])
    assert row.band("level", "index", "all") == (2.0, 2.0, 2.0)


@pytest.mark.usefixtures("undrawn")
def test_an_own_bank_has_rows_of_its_own(tmp_path: Path) -> None:
    from experiments.config.load import compose_study

    folders = []
    for ratio in (0.03, 0.04):
        words = [
            "scenarios=[baseline,data_sharing]",
            "replicates=2",
            "start=2024Q1",
            "end=2025Q4",
            "bank=example",
            "outputs.report=false",
        ]
        words += [
            f"bank.spend_ratio={ratio}",
            "bank.plans=null",
            f"outputs.folder={tmp_path}",
            "execution.workers=1",
            "outputs.figures=[]",
        ]
        folders.append(run_study(compose_study(words)))
    target = compare(folders)
    rows = pd.read_csv(target / "own_bank.csv")
    assert list(rows["Row"]) == [
        f"{title}, technology spending / revenue {ratio}"
        for ratio in (0.03, 0.04)
        for title in ("Baseline", "Public data sharing")
    ]
    assert rows["Index of the bank (points)"].notna().all()
    assert rows["Index of the bank (points)"][0] < rows["Index of the bank (points)"][2]
    assert len(pd.read_csv(target / "comparison.csv")) == 2
    assert "technology spending / revenue 0.04" in summary(target)
    assert "科技投入占营收比 0.04" in (target / "comparison-zh.html").read_text("utf-8")
