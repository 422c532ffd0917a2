"""Tables, effects, distribution and bands against the arrays they come from."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from agents.honeycomb import DIMENSIONS, KINDS
from experiments.results.distribution import BANDS, summary
from experiments.results.parquet import TableWriter
from experiments.results.schema import TABLES, variable
from experiments.results.statistics import describe, equal_parts
from experiments.runs import merged as chunks_merged
from experiments.runs.merged import Merged, index_of
from experiments.runs.records import Packed, pack
from experiments.study import run
from experiments.study.run import write_tables
from model.outcomes import OUTCOMES
from tests.invented_study import BANKS, invented, simulate

SPLITS = ([range(8)], [range(4), range(4, 8)], [range(6, 8), range(1), range(1, 6)])


def merged(root: Path, split: list[range]) -> Merged:
    chunks = []
    for replicates in split:
        path = root / f"{replicates.start}-{replicates.stop}.chunk"
        record = simulate(invented(root), replicates)
        path.write_bytes(b"".join(pack(path.stem, record, with_graphs=replicates.start == 0)))
        chunks.append(Packed(path))
    return Merged(chunks, {"baseline": "baseline", "a+b": "baseline", "c@severe": "baseline"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tables")
    write_tables(merged(root, SPLITS[0]), root, "full")
    return root


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory):
    return simulate(invented("somewhere"), range(8))


def one(table: pd.DataFrame, **keys) -> pd.DataFrame:
    for key, value in keys.items():
        table = table[table[key] == value]
    return table


def test_the_same_bytes_however_the_replicates_were_split(folder: Path, tmp_path: Path) -> None:
    names = sorted(path.name for path in folder.glob("*.parquet"))
    assert len(names) == 10
    for n, split in enumerate(SPLITS[1:]):
        other = tmp_path / str(n)
        other.mkdir()
        write_tables(merged(other, split), other, "full")
        for name in [*names, "schema.json", "network/baseline-2021Q4.graphml"]:
            assert (other / name).read_bytes() == (folder / name).read_bytes(), name


@pytest.mark.parametrize("detail", ["full", "reduced"])
def test_the_same_bytes_whether_arrays_are_kept_or_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, detail: str
) -> None:
    for name in ("kept", "again"):
        (tmp_path / name).mkdir()
        write_tables(merged(tmp_path, SPLITS[2]), tmp_path / name, detail)
        monkeypatch.setattr(chunks_merged, "KEPT", 0)
        monkeypatch.setattr(chunks_merged, "PART", 1)
    for path in (tmp_path / "kept").glob("*.parquet"):
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


def test_scores_are_the_records(folder: Path, record) -> None:
    scores = pd.read_parquet(folder / "scores.parquet")
    assert list(scores.columns) == [column.name for column in TABLES["scores"].columns]
    assert len(scores) == record.true.size + record.small.size + record.survey.size
    assert scores["replicate"].dtype == np.int32
    row = one(scores, scenario="a+b", replicate=5, quarter="2021Q4", bank_kind="rural", dimension="data")
    assert one(row, measure="true")["score"].item() == record.true[1, 5, 7, 2, 4]
    assert one(row, measure="survey")["score"].item() == record.survey[1, 5, 1, 2, 4]
    row = one(scores, scenario="a+b", replicate=5, quarter="2021Q4", bank_kind="all", dimension="data")
    assert row["measure"].tolist() == ["true"]  # nobody surveys all of them together
    assert row["score"].item() == record.small[1, 5, 7, 4]


def test_outcomes_that_are_not_defined_have_no_row(folder: Path, record) -> None:
    outcomes = pd.read_parquet(folder / "outcomes.parquet")
    assert set(one(outcomes, outcome="gini")["bank_kind"]) == {"all"}
    assert not outcomes["value"].isna().any()
    row = one(
        outcomes, scenario="c@severe", replicate=0, quarter="2020Q2", bank_kind="all", outcome="bad_loans"
    )
    assert row["value"].item() == record.outcomes["bad_loans"][2, 0, 1, -1]


def test_effects_are_paired(folder: Path, record) -> None:
    effects = pd.read_parquet(folder / "effects.parquet")
    assert set(effects["scenario"]) == {"a+b", "c@severe"}
    assert set(effects["baseline"]) == {"baseline"}
    row = one(effects, scenario="a+b", replicate=3, quarter="2021Q4", bank_kind="city", measure="true")
    score = one(row, outcome="strategy")["effect"].item()
    assert score == record.true[1, 3, 7, 1, 0] - record.true[0, 3, 7, 1, 0]
    index = one(row, outcome="index")["effect"].item()
    assert index == pytest.approx(np.mean(record.true[1, 3, 7, 1] - record.true[0, 3, 7, 1]))
    assert set(one(effects, measure="survey")["outcome"]) == {*DIMENSIONS, "index"}


def test_costs_keep_the_years_and_runs_in_which_nothing_was_paid(folder: Path, record) -> None:
    costs = pd.read_parquet(folder / "costs.parquet")
    assert set(zip(costs["scenario"], costs["policy"], strict=True)) == {("a+b", "b"), ("c@severe", "c")}
    assert set(costs["payer"]) == {"central_government"}
    assert len(costs) == 2 * 8 * 2 * len(KINDS)
    assert costs["cost"].sum() == pytest.approx(record.costs.sum())


def test_distribution_adds_up(folder: Path, record) -> None:
    table = pd.read_parquet(folder / "distribution.parquet")
    assert np.allclose(table[list(BANDS)].sum(axis=1), 1.0)
    parts = table[table["group"] != "all"]
    banks = one(parts, scenario="a+b", replicate=0).groupby("grouping", observed=True)["banks"].sum()
    assert set(banks) == {BANKS}
    change = (record.bank_index[1, 2] - record.bank_index[0, 2])[2:5]
    row = one(table, scenario="a+b", replicate=2, grouping="kind", group="city")
    assert row["effect"].item() == pytest.approx(change.mean())
    assert row["gain_large"].item() == pytest.approx((change > 5).mean())


def test_a_province_is_told_by_year_and_drawn_toward_the_mean_of_all(folder: Path, record) -> None:
    table = pd.read_parquet(folder / "provinces.parquet")
    assert set(one(table, scenario="baseline")["quarter"]) == set(record.survey_quarters)
    row = one(table, scenario="a+b", quarter="2021Q4", province="GD").iloc[0]
    change = record.province_index[1, :, 1, 0] - record.province_index[0, :, 1, 0]
    whole = (record.small[1, :, 7] - record.small[0, :, 7]).mean(-1)
    assert row["raw"] == pytest.approx(np.median(change))
    assert row["effect"] == pytest.approx(np.median(row["weight"] * change + (1 - row["weight"]) * whole))
    assert np.isnan(one(table, scenario="baseline")["effect"]).all()


def test_bands_of_change_have_the_stated_edges() -> None:
    change = np.array([[-5.1, -5.0, -1.1, -1.0, 0.0, 1.0, 1.1, 5.0, 5.1, 9.0]])
    found = summary(change, np.ones((1, 10), bool))
    assert [found[band].item() for band in BANDS] == [0.1, 0.2, 0.3, 0.2, 0.2]
    assert equal_parts(np.array([5.0, 1.0, 4.0, 2.0, 3.0]), 5).tolist() == [4, 0, 3, 1, 2]


def test_quantiles_agree_with_numpy_and_leave_out_what_is_missing() -> None:
    values = np.random.default_rng(3).normal(size=(4, 33))
    found = describe(values.copy())
    for share in (5, 25, 50, 75, 95):
        np.testing.assert_allclose(found[f"q{share:02d}"], np.quantile(values, share / 100, axis=1))
    np.testing.assert_allclose(found["sd"], values.std(axis=1, ddof=1))
    holed = np.insert(values, 7, np.nan, axis=1)
    for name, numbers in describe(holed).items():
        np.testing.assert_allclose(numbers, found[name])
    assert describe(np.full((1, 3), np.nan))["runs"] == 0
    assert describe(np.array([[2.0]]))["q05"] == 2.0


def test_bands_summarise_levels_and_effects(folder: Path, record) -> None:
    bands = pd.read_parquet(folder / "bands.parquet")
    row = one(bands, scenario="a+b", outcome="index", quarter="2021Q4", bank_kind="private", measure="true")
    ours, base = (index_of(record.true[s, :, -1, 3]) for s in (1, 0))
    assert one(row, quantity="level")["q50"].item() == pytest.approx(np.median(ours))
    assert one(row, quantity="effect")["q95"].item() == pytest.approx(np.quantile(ours - base, 0.95))
    assert one(row, quantity="effect")["above_zero"].item() == 1.0
    assert one(bands, scenario="baseline", quantity="effect").empty


def test_reduced_tables_hold_the_last_quarter_and_all_bands(folder: Path, tmp_path: Path) -> None:
    write_tables(merged(tmp_path, SPLITS[1]), tmp_path, "reduced")
    assert (tmp_path / "bands.parquet").read_bytes() == (folder / "bands.parquet").read_bytes()
    for name in ("scores", "outcomes", "effects"):
        full = pd.read_parquet(folder / f"{name}.parquet")
        reduced = pd.read_parquet(tmp_path / f"{name}.parquet")
        assert set(reduced["quarter"]) == {"2021Q4"}
        pd.testing.assert_frame_equal(reduced, full[full["quarter"] == "2021Q4"].reset_index(drop=True))


def test_every_column_is_in_the_dictionary_and_in_range(folder: Path) -> None:
    schema = json.loads((folder / "schema.json").read_text())
    for name, described in schema["tables"].items():
        table = pd.read_parquet(folder / f"{name}.parquet")
        assert [column["name"] for column in described["columns"]] == list(table.columns)
        types = pq.read_schema(folder / f"{name}.parquet")
        for column in described["columns"]:
            assert column["meaning"] or name == "banks", column
            assert column["dtype"] in str(types.field(column["name"]).type).replace("double", "float64")
            for bound, wrong in (("low", np.less), ("high", np.greater)):
                if column[bound] is not None:
                    assert not wrong(table[column["name"]], column[bound]).any(), column
    assert {entry["name"] for entry in schema["outcomes"]} == {"bad_loans", "gini", "rungs"}


def test_every_outcome_of_the_model_has_meaning_and_unit() -> None:
    for name in (*DIMENSIONS, "index", *OUTCOMES):
        assert variable(name)["meaning"], name
        assert variable(name)["unit"], name


def test_row_groups_do_not_depend_on_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("experiments.results.parquet.ROWS", 100)
    levels = {"scenario": ["s"], "policy": ["p"], "payer": ["q"], "bank_kind": ["k"]}
    contents = []
    for n, blocks in enumerate(([1000], [1, 99, 100, 37, 763], [250] * 4)):
        with TableWriter(tmp_path / f"{n}.parquet", TABLES["costs"], levels) as table:
            start = 0
            for rows in blocks:
                numbers = np.arange(start, start + rows)
                table.add(
                    (rows,),
                    scenario=0,
                    replicate=numbers,
                    year=2020,
                    policy=0,
                    payer=0,
                    bank_kind=0,
                    cost=numbers,
                )
                start += rows
        contents.append((tmp_path / f"{n}.parquet").read_bytes())
    assert contents[0] == contents[1] == contents[2]
    assert pq.ParquetFile(tmp_path / "0.parquet").num_row_groups == 10


def test_a_study_with_very_many_rows_keeps_the_last_quarter_of_every_run(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = merged(tmp_path, SPLITS[0])
    for most, quarters in ((10_000_000, 8), (1000, 1)):
        monkeypatch.setattr(run, "MOST_ROWS", most)
        run.write_tables(parts, tmp_path, "auto")
        assert pd.read_parquet(tmp_path / "effects.parquet")["quarter"].nunique() == quarters
