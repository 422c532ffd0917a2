"""Effects as paths, items by rung, falls, and what a study says of itself in a notebook."""

import shutil
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from experiments import api
from experiments.failure import StudyFailed
from experiments.labels import Labels
from experiments.report.console import in_other_worlds, moves, reach, summary
from experiments.results.open import Results
from experiments.results.paths import PATHS, Aim, _of_runs, aims_of, items_asked, write_falls
from experiments.results.statistics import REASONS, price_or_reason, time_gained
from experiments.runs.merged import Merged
from experiments.runs.records import Packed, pack
from experiments.study.run import run_study, write_tables
from tests.invented_study import LEVELS, QUARTERS, Engine, invented, simulate

AIMS = {
    "a+b": (Aim("item:goals", "all", 2.0, 10.0), Aim("strategy", "rural")),
    "c@severe": (Aim("bad_loans", "all"),),
}
ASKED = ("item:goals",)


@pytest.fixture(scope="module")
def record():
    return simulate(invented("somewhere"), range(8))


@pytest.fixture(scope="module")
def merged(record, tmp_path_factory):
    path = tmp_path_factory.mktemp("chunks") / "all.chunk"
    path.write_bytes(b"".join(pack(path.stem, record)))
    return Merged([Packed(path)], dict.fromkeys(record.scenarios, "baseline"), ASKED)


@pytest.fixture(scope="module")
def folder(merged, tmp_path_factory):
    root = tmp_path_factory.mktemp("tables")
    write_tables(merged, root, "full", aims=AIMS)
    return root


def test_time_is_gained_from_where_the_path_passes_the_end_of_the_other():
    base = np.array([[0.0, 1.0, 2.0, 3.0, 4.0]])
    assert time_gained(base + np.array([0, 0, 1, 1, 1]), base).tolist() == [
        1.0
    ]  # at 4 already at 3, not at 4
    assert time_gained(base - np.array([0, 0, 1, 1, 1]), base).tolist() == [-1.0]
    assert time_gained(base, base).tolist() == [0.0]
    assert time_gained(1.5 * base, base)[0] == pytest.approx(4 - 8 / 3)
    assert np.isnan(time_gained(base, base[:, ::-1])).all()  # nothing to be reached sooner


def test_a_target_comes_first_and_the_index_last(folder):
    paths = pd.read_parquet(folder / "paths.parquet")
    assert list(paths.columns) == PATHS.names
    mine = paths[paths["scenario"] == "a+b"]
    assert mine["role"].iloc[:2].tolist() == ["target", "target"]
    assert list(dict.fromkeys(mine["role"])) == ["target", "item", "rungs", "dimension", "index"]
    assert set(mine[mine["role"] == "index"]["bank_kind"]) == {"large", "city", "rural", "private", "all"}
    assert not mine.duplicated(["outcome", "bank_kind"]).any()
    other = paths[paths["scenario"] == "c@severe"]
    assert other[other["role"] == "target"]["outcome"].tolist() == ["bad_loans"]
    assert other[other["role"] == "item"]["bank_kind"].tolist() == [
        "large",
        "city",
        "rural",
        "private",
        "all",
    ]


def test_a_path_is_its_end_its_area_its_peak_and_its_prior(folder, record):
    paths = pd.read_parquet(folder / "paths.parquet").set_index(["scenario", "outcome", "bank_kind"])
    row = paths.loc["a+b", "strategy", "rural"]
    effect = record.true[1, :, :, 2, 0] - record.true[0, :, :, 2, 0]
    assert row["end"] == pytest.approx(np.median(effect[:, -1]))
    assert row["end_low"] == pytest.approx(np.quantile(effect[:, -1], 0.05))
    assert row["area"] == pytest.approx(np.median(effect.sum(1) / 4))
    peak = np.abs(np.median(effect, axis=0)).argmax()
    assert row["peak_quarter"] == QUARTERS[peak]
    assert row["peak"] == pytest.approx(np.median(effect[:, peak]))
    assert np.isnan(row["prior_low"])
    goals = paths.loc["a+b", "item:goals", "all"]  # measured at two years' ends, eight points each
    assert goals["end"] == pytest.approx(8.0, abs=1e-4)
    assert goals["area"] == pytest.approx(16.0, abs=1e-4)
    assert [goals["prior_low"], goals["prior_high"], goals["plausible"]] == [2.0, 10.0, 1.0]
    assert paths.loc["a+b", "rungs", "all"]["end"] == pytest.approx(3 * 0.08, abs=1e-6)


@pytest.mark.parametrize(
    ("outcome", "area"), [("rural_city_gap", 2.0), ("rungs", 2.0), ("item:goals", 2.0), ("margin", 0.5)]
)
def test_a_year_end_stands_for_its_year_even_if_it_is_the_only_one(outcome, area):
    ours, base = np.full((2, 1, 1), 5.0), np.full((2, 1, 1), 3.0)
    assert _of_runs(outcome, ours, base)[1].tolist() == [[area]] * 2


def test_items_are_shares_by_rung_and_a_level_over_the_ladder(folder, record):
    items = pd.read_parquet(folder / "items.parquet")
    keys = ["scenario", "quarter", "bank_kind", "item", "rung"]
    assert len(items) == 3 * 2 * 5 * (len(LEVELS) + 2)
    rows = items.astype(dict.fromkeys(keys[:-1], str)).set_index(keys)
    shares = record.items[1, :, 1, 2].astype(np.float32)
    first = rows.loc["a+b", "2021Q4", "rural", "goals", 1]
    assert first["share"] == pytest.approx(np.median(shares[:, 0]), rel=1e-6)
    assert first["effect"] == pytest.approx(8.0, abs=1e-4)
    level = rows.loc["a+b", "2021Q4", "rural", "goals", 0]
    assert level["share"] == pytest.approx(np.median(shares[:, :2].mean(1)), rel=1e-6)
    assert np.isnan(rows.loc["baseline", "2021Q4", "rural", "goals", 0]["effect"])


def test_a_fall_is_counted_from_when_the_questionnaire_stays_the_same(merged, record, tmp_path):
    write_falls(merged, tmp_path, "2020Q4")
    falls = pd.read_parquet(tmp_path / "falls.parquet").set_index(["scenario", "outcome", "bank_kind"])
    row = falls.loc["a+b", "data", "city"]
    change = record.true[1, :, -1, 1, 4] - record.true[1, :, 3, 1, 4]
    assert row["fall"] == pytest.approx((change < 0).mean())
    assert row["change"] == pytest.approx(np.median(change))
    assert row["since"] == "2020Q4"
    write_falls(merged, tmp_path / "none", "2023Q4")  # the study ends before: there is nothing to tell
    assert not (tmp_path / "none").exists()


def test_a_score_that_stays_does_not_fall(record, tmp_path):
    still = SimpleNamespace(**{**vars(record), "true": record.true.copy()})
    still.true[1, :, -1, 1, 4] = still.true[1, :, 3, 1, 4]
    path = tmp_path / "all.chunk"
    path.write_bytes(b"".join(pack(path.stem, still)))
    write_falls(Merged([Packed(path)]), tmp_path, "2020Q4")
    falls = pd.read_parquet(tmp_path / "falls.parquet").set_index(["scenario", "outcome", "bank_kind"])
    assert falls.loc[("a+b", "data", "city"), ["change", "fall"]].tolist() == [0.0, 0.0]


def test_aims_are_read_from_policies_and_shocks_each_once():
    goal = SimpleNamespace(outcome="item:goals", bank_kind="all", range=(1.0, 2.0))
    down = SimpleNamespace(outcome="profit", bank_kind="all", sign="-")
    lever, blow = SimpleNamespace(target=goal, expected=()), SimpleNamespace(target=down, expected=())
    scenario = SimpleNamespace(label="x", policies=(lever, lever), shocks=(blow,), expected=())
    settings = SimpleNamespace(
        scenarios=(scenario,), analysis=SimpleNamespace(outcome="item:office"), objective=None
    )
    aims = aims_of(settings)
    assert (aims["x"][0].outcome, aims["x"][0].low) == ("item:goals", 1.0)
    assert len(aims["x"]) == 2
    assert np.isnan(aims["x"][1].low)
    assert items_asked(settings, aims) == ("item:goals", "item:office")


def test_the_console_leads_with_the_target_and_names_what_was_plausible(folder):
    paths = pd.read_parquet(folder / "paths.parquet")
    for language, words in (
        ("en", ("rises by 8.0 points", "held plausible before")),
        ("zh", ("上升 8.0 分", "事前认为合理")),
    ):
        told = moves(paths, None, "2021Q4", Labels(language)).splitlines()
        assert all(word in told[1] for word in words)
        assert "[" in told[1]
    assert summary(folder).startswith("What moves by 2021Q4")
    assert "no error of any number can be known" not in summary(folder)


def test_the_console_of_a_single_run_knows_no_error(folder, tmp_path):
    shutil.copy(folder / "paths.parquet", tmp_path)
    pd.read_parquet(folder / "bands.parquet").assign(runs=1).to_parquet(tmp_path / "bands.parquet")
    assert summary(tmp_path).endswith("both ends of its intervals are that run itself.\n")


def test_a_chinese_console_names_scenarios_and_policies_by_their_titles(folder, tmp_path):
    shutil.copy(folder / "bands.parquet", tmp_path)
    reached = {"banks": [80, 79], "provinces": [25, 25], "asset_share": [0.08, 0.08]}
    names = {"scenario": ["data_sharing", "data_sharing"], "policy": ["data_sharing", "all"]}
    table = pd.DataFrame(names | reached)
    assert [line.split()[:2] for line in reach(table, Labels("zh")).splitlines()[3:]] == [
        ["公共数据共享", "公共数据共享"],
        ["公共数据共享", "合计"],
    ]
    assert reach(table).splitlines()[3].split()[:2] == ["data_sharing", "data_sharing"]
    (tmp_path / "manifest.json").write_text('{"config": {"report": {"language": "zh"}}}', "utf-8")
    text = summary(tmp_path)
    assert text.startswith("基线情景 的得分")
    assert "\nC，严峻环境 " in text
    assert "c@severe" not in text


def test_an_effect_in_another_world_than_its_baseline_is_said_to_be_that_of_both(folder):
    paths = pd.read_parquet(folder / "paths.parquet")
    base = {
        "label": "baseline",
        "environment_name": "central",
        "assumptions": {"allocation.rule": "reinforcement"},
    }
    mine = {"label": "a+b", "baseline": "baseline", "policies": [{}], "environment_name": "central"}
    for language, words in (("en", "of all of them together"), ("zh", "效应为两者合计")):
        labels = Labels(language)
        assert words in moves(paths, None, "2021Q4", labels, [base, {**mine, "assumptions": {}}])
        assert words not in moves(paths, None, "2021Q4", labels, [base, base | mine])


def test_of_a_scenario_that_merges_banks_it_is_said_that_means_are_of_other_banks(folder):
    paths = pd.read_parquet(folder / "paths.parquet")
    for language, words in (("en", "other banks than without"), ("zh", "并非同一批银行")):
        for value, said in ((1.0, True), (0.0, False)):
            node = {"label": "a+b", "policies": [{"effects": [{"field": "hub_merges", "value": value}]}]}
            assert (words in moves(paths, None, "2021Q4", Labels(language), [node])) == said


def test_a_scenario_that_is_another_world_alone_is_said_to_be_that(folder):
    """With nothing but assumptions, or an environment, what is shown as its effect is the work of these."""
    paths = pd.read_parquet(folder / "paths.parquet")
    base = {"label": "baseline", "environment_name": "central", "assumptions": {}}
    mine = {**base, "label": "a+b", "baseline": "baseline"}
    assumed = {**mine, "assumptions": {"allocation.rule": "reinforcement"}}
    severe = {**mine, "environment_name": "severe"}
    for language, theirs, both in (
        ("en", "the effect is theirs", "of all of them together"),
        ("zh", "效应即由此而来", "效应为两者合计"),
    ):
        labels = Labels(language)
        for node, words in ((assumed, theirs), (severe, theirs), (assumed | {"shocks": [{}]}, both)):
            assert words in moves(paths, None, "2021Q4", labels, [base, node])
            assert words in in_other_worlds([base, node], labels)["a+b"]
        assert theirs not in moves(paths, None, "2021Q4", labels, [base, mine])


def test_what_is_the_same_in_every_run_has_no_spread_to_divide(folder):
    paths = pd.read_parquet(folder / "paths.parquet").assign(assumption=0.0)
    assert "of its spread is assumption" in moves(paths, None, "2021Q4", Labels("en"))
    same = paths.assign(end_low=paths["end"], end_high=paths["end"])
    assert "of its spread is assumption" not in moves(same, None, "2021Q4", Labels("en"))


def test_there_is_a_price_or_a_reason_never_a_negative_one():
    paid, gain = np.full(40, 50.0), np.full(40, 2.0)
    assert price_or_reason(paid, gain, "x")["x_price"] == 25.0
    unsure = np.where(np.arange(40) < 20, 1.0, -1.0)
    cases = [(paid, unsure, False), (paid, -gain, False), (-paid, gain, False), (paid, gain, True)]
    found = [price_or_reason(cost, more, "x", merged) for cost, more, merged in cases]
    assert [row["x_reason"] for row in found] == ["noise", "worse", "free", "merger"] == list(REASONS)
    assert all(np.isnan(row["x_price"]) for row in found)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    settings = invented(tmp_path_factory.mktemp("study"))
    return Results(run_study(settings, engine=Engine()))


def test_a_study_sums_itself_up_and_shows_itself(results):
    told = results.summary()
    assert told["scenario"].unique().tolist() == ["a+b", "c@severe"]
    assert set(told["bank_kind"]) == {"all"}
    shown = results._repr_html_()
    assert "<table" in shown
    assert "invented: 8 runs" in shown


def test_a_study_opens_by_its_manifest_too(results):
    again = Results(results.folder / "manifest.json")
    assert again.tables == results.tables
    assert "effects" in again.tables


def test_a_dataset_has_periods_and_units(results):
    data = results.dataset()
    assert data.indexes["quarter"].freqstr.startswith("Q")
    assert data["bad_loans"].attrs == {"units": "percent of loans", "long_name": "non-performing loans"}
    assert data["score"].attrs["units"] == "points"
    level = data["score"].sel(scenario="a+b", quarter="2021Q4", bank_kind="city", dimension="data")
    assert np.isfinite(level).all()
    frame = results.frame("scores", periods=True)
    assert str(frame["quarter"].dtype).startswith("period[Q")


def test_a_fan_and_the_effects_are_drawn_in_two_calls(results):
    mpl.use("agg")
    axes = results.plot.fan("strategy", kind="rural")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a+b", "c@severe"]
    assert axes.get_ylabel() == "strategy, rural (points)"
    assert results.plot.fan("strategy", kind="农商行").get_ylabel() == axes.get_ylabel()
    assert len(results.plot.effects("index").get_yticks()) == 2
    with pytest.raises(StudyFailed, match="'nothing' is no outcome of this study; allowed: "):
        results.plot.fan("nothing")


def test_settings_are_words_of_the_command_line():
    given = {
        "policies": ["alliances", "data_sharing"],
        "replicates": 64,
        "name": "a b",
        "analysis": {"runs": 100},
    }
    assert api.words(given) == [
        "policy=[alliances,data_sharing]",
        "replicates=64",
        "name='a b'",
        "analysis.runs=100",
    ]
    assert api.words({"policies": {"alliances": {"start": "2026Q1"}}, "baseline": None, "banks": True}) == [
        "policies.alliances.start=2026Q1",
        "baseline=null",
        "banks=true",
    ]
