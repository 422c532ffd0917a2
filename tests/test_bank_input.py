"""What a bank enters is what the model uses; many banks are each as alone; and what is confidential stays so."""

import pickle
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from agents.honeycomb import DIMENSIONS, TALENTS
from experiments import api
from experiments.config.assembly import own_bank
from experiments.config.bank import BankSettings, HeadsByRole, ShareByDimension, Staff, YuanByDimension
from experiments.failure import StudyFailed
from experiments.own_bank.answers import OwnRuns
from experiments.own_bank.echo import flat, opening, own_opening
from experiments.own_bank.members import Members, policy, ranking, stress
from experiments.report.page import opened
from experiments.report.registry import Points
from experiments.report.tables import Table
from experiments.runs.manifest import CONFIDENTIAL, read_manifest
from model.record import Record
from model.run import simulate
from model.world import Scenario, World
from tests.worlds import until

# Numbers that nothing else in a study has, so that each can be searched for.
SECRET = {
    "name": "Quietwater Commercial Bank",
    "kind": "rural",
    "province": "SC",
    "since": "2024Q1",
    "assets": 187_654_321_987.0,
    "loans": 98_765_432_123.0,
    "revenue": 3_456_789_123.0,
    "margin": 1.73917,
    "fees": 234_567_891.0,
    "operating_costs": 1_234_567_893.0,
    "bad_loans": 1.84373,
    "coverage": 2.07317,
    "capital": 12.73193,
    "technology_spending": 98_712_345.0,
    "employees": 2417,
    "staff": {"technologists": 0.03127, "data": 0.00719, "composite": 0.00631},
    "pay": {"technologists": 287_654.0},
    "scores": {"data": 47.913, "ecosystem": 38.271},
    "items": {"goals": {"answers": [1, 3], "evidence": "documented"}},
    "floors": {"profit": 345_678_912.0},
    "discount_rate": 0.04731,
}


@pytest.fixture(scope="module")
def near(lab: World) -> World:
    return until(lab, "2024Q4")


def followed(
    near: World, baseline: Scenario, *banks: dict[str, Any], alone: bool = True, runs: int = 3
) -> Record:
    accounts = tuple(
        replace(own_bank(BankSettings.model_validate(bank)), questions=(), alone=alone) for bank in banks
    )
    return simulate(replace(near, own_banks=accounts), [baseline], range(runs))


@pytest.fixture(scope="module")
def record(near: World, baseline: Scenario) -> Record:
    return followed(near, baseline, SECRET)


def test_what_was_entered_is_used_on_the_first_day(record: Record) -> None:
    assert record.own is not None
    given = flat(BankSettings.model_validate(SECRET))
    told = {
        name.partition(".")[2]: v[0, :, -1, 0]
        for name, v in record.own.items()
        if name.startswith("opening.")
    }
    for name in sorted(set(told) & set(given)):
        if not name.startswith("scores."):
            assert np.allclose(told[name], given[name], rtol=1e-9), name
    for name in ("data", "ecosystem"):
        assert np.abs(told[f"scores.{name}"] - SECRET["scores"][name]).max() < 5, "whole rungs come near"


@pytest.mark.parametrize(
    "said", [{"bad_loans": 0}, {"coverage": 0}, {"fees": 0}, {"staff": {"composite": 0}}]
)
def test_zero_is_a_number(near: World, baseline: Scenario, said: dict[str, Any]) -> None:
    own = followed(near, baseline, {**SECRET, **said}, runs=1).own
    assert own is not None
    key = next(iter(said))
    field = f"{key}.composite" if key == "staff" else key
    assert own[f"opening.{field}"][0, 0, -1, 0] == pytest.approx(0.0, abs=1e-12)
    assert np.isfinite(own["index"][0, 0, -1]).all()


@pytest.mark.parametrize("assets", [1e9, 2.9e12])
def test_very_small_and_very_large_banks_give_sensible_answers(
    near: World, baseline: Scenario, assets: float
) -> None:
    least = {key: SECRET[key] for key in ("name", "kind", "province", "since")}
    own = followed(near, baseline, {**least, "assets": assets}, runs=2).own
    assert own is not None
    assert (own["index"][0, :, -1, 0] > 0).all()
    assert (own["index"][0, :, -1, 0] < 100).all()
    ratio = own["opening.revenue"][0, :, -1, 0] / assets
    assert ((ratio > 0.005) & (ratio < 0.06)).all()


def test_weak_and_conflicting_answers_widen_the_start(near: World, baseline: Scenario) -> None:
    def spread(answers: list[int], evidence: str) -> float:
        every = ("goals", "committee", "evaluation", "risk_plan")
        said = {name: {"answers": [min(a, 2) for a in answers], "evidence": evidence} for name in every}
        bank = {key: SECRET[key] for key in ("name", "kind", "province", "since", "assets")} | {"items": said}
        own = followed(near, baseline, bank, runs=24).own
        assert own is not None
        return float(own["opening.scores.strategy"][0, :, -1, 0].std())

    audited, claimed, torn = spread([1], "audited"), spread([1], "claimed"), spread([0, 2], "claimed")
    assert audited < claimed < torn


def test_a_bank_among_many_is_as_it_is_alone(near: World, baseline: Scenario, record: Record) -> None:
    other = {**SECRET, "name": "Another", "kind": "city", "province": "ZJ", "assets": 301e9}
    both = followed(near, baseline, other, SECRET)
    assert both.own is not None
    assert record.own is not None
    assert [name for name, _ in both.own_rows] == ["Another", SECRET["name"]]
    differing = [
        name
        for name, alone in record.own.items()
        if not np.array_equal(alone[..., 0], both.own[name][..., 1], equal_nan=True)
    ]
    assert differing == []


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".parquet":
            yield path.name, path.read_bytes().decode("utf-8", "replace")


def numbers(bank: Any) -> Iterator[float]:
    """Every number that was entered and is its own: whole rungs and the like are everybody's."""
    if isinstance(bank, dict):
        for value in bank.values():
            yield from numbers(value)
    elif (isinstance(bank, float | int) and bank > 3) or isinstance(bank, float):
        yield float(bank)


def written(number: float) -> set[str]:
    """The ways in which a page or a table may write a number."""
    scaled = {number * factor for factor in (1, 100, 1e-4, 1e-6, 1e-8, 1e-9)}
    forms = {f"{value:.{digits}f}" for value in scaled for digits in (0, 1, 2, 3, 4)} | {
        repr(v) for v in scaled
    }
    forms |= {f"{value:,.{digits}f}" for value in scaled for digits in (0, 1, 2)}
    return {form for form in forms if sum(c.isdigit() for c in form.strip("0.")) >= 5}


def leaks(folder: Path) -> list[str]:
    """Where a folder holds the name or a number of the secret bank."""
    found = [name for name, text in texts(folder) if SECRET["name"] in text]
    forms = "|".join(re.escape(form) for number in numbers(SECRET) for form in written(number))
    search = re.compile(rf"(?<![\d.,])(?:{forms})(?!\d)")
    found += [f"{name}: {match[0]}" for name, text in texts(folder) for match in search.finditer(text)]
    for path in folder.rglob("*.parquet"):
        table = pd.read_parquet(path)
        values = table.select_dtypes("number").to_numpy(float).ravel()
        for number in numbers(SECRET):
            for factor in (1, 100, 0.01, 1e-6):
                if np.isclose(values, number * factor, rtol=1e-10, atol=0).any():
                    found.append(f"{path.name}: {number * factor}")
        words = table.select_dtypes(["object", "category"]).astype(str)
        found += [path.name for column in words if (words[column] == SECRET["name"]).any()]
    return found


def confidential_study(tmp_path: Path, report: bool) -> Path:
    file, peers = tmp_path / "secret.yaml", tmp_path / "peers.csv"
    file.write_text(yaml.safe_dump({**SECRET, "branches": {"SC": 31}}), "utf-8")
    peers.write_text(
        "kind,assets (bn yuan),bad loans,得分：数据\nrural,150,1 %,\nrural,90,2 %,60\ncity,180,1 %,\n",
        "utf-8",
    )
    asked = [
        f"bank={file}",
        f"bank.peer_files=[{peers}]",
        "scenarios=[baseline]",
        "start=2024Q1",
        "end=2024Q4",
    ]
    more = [
        f"outputs.folder={tmp_path / 'out'}",
        f"outputs.report={str(report).lower()}",
        "execution.workers=1",
    ]
    return Path(api.simulate(*asked, "replicates=2", *more).folder)


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return confidential_study(tmp_path_factory.mktemp("secret"), report=False)


def test_the_echo_says_what_is_used_and_why_and_places_the_bank_among_peers(studied: Path) -> None:
    page = opened(studied, "en")
    given = page.study.settings["bank"]
    bank = BankSettings.model_validate(given)
    table = opening(OwnRuns(studied / "own_bank.parquet", given), bank).set_index("field")
    assert set(table.loc[["assets", "margin", "coverage", "staff.composite", "kind"], "reason"]) == {
        "entered"
    }
    assert table.loc["scores.data", "reason"] == "rungs"
    assert table.loc["scores.strategy", "reason"] == "answers"
    assert table.loc["partners.vendors", "reason"] == "peers"
    assert table.loc["branches", "reason"] == "entered"
    assert table.loc["bad_loans", "peers"] >= 5
    assert 0 <= table.loc["bad_loans", "ahead"] <= 100
    assert (table.loc["bad_loans", "others"], table.loc["bad_loans", "others_ahead"]) == (2, 50)
    assert table.loc["scores.data", "others"] == 1
    for language in ("en", "zh"):
        blocks = list(own_opening(opened(studied, language)))
        assert [type(block) for block in blocks] == [Points, Table, Table]


def keeps_its_secret(folder: Path) -> None:
    assert read_manifest(folder)["confidential"] == CONFIDENTIAL
    assert CONFIDENTIAL in (folder / "CONFIDENTIAL.txt").read_text("utf-8")
    assert any("confidential" in line.en for line in api.clean(f"{folder.parent}/list").lines)
    assert leaks(folder), "the search finds what is there"
    assert "secret.yaml" not in (folder / "manifest.json").read_text("utf-8"), (
        "nor where the bank's file lies"
    )
    shared = api.redact(folder)
    assert leaks(shared) == []
    assert "confidential" not in read_manifest(shared).content
    assert not (shared / "CONFIDENTIAL.txt").exists()
    before, after = (pd.read_parquet(one / "scores.parquet") for one in (folder, shared))
    pd.testing.assert_frame_equal(before, after)
    with pytest.raises(StudyFailed, match="holds no bank"):
        api.redact(shared)
    purged = api.purge(folder.parent)
    assert purged.folders == (folder,)
    assert purged.removed > 0
    assert not folder.exists()
    assert shared.is_dir()
    assert leaks(folder.parent) == [], "the store holds nothing of it any more"


def test_a_study_with_a_bank_says_so_and_can_be_shared_without_it_and_removed(studied: Path) -> None:
    keeps_its_secret(studied)


@pytest.mark.slow
def test_no_number_of_the_bank_stands_in_a_report_to_be_shared(tmp_path: Path) -> None:
    keeps_its_secret(confidential_study(tmp_path, report=True))


def test_many_banks_are_ranked_stressed_and_compared(tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    file.write_text(
        "name,kind,province,since,assets (bn yuan),bad loans,capital ratio\n"
        "Sound,rural,SD,2024Q1,60,1 %,15 %\nFragile,rural,SC,2024Q1,45,7 %,10.6 %\n"
        "City,city,ZJ,2024Q1,210,1.2 %,13 %\n",
        "utf-8",
    )
    asked = [
        "task=banks",
        f"banks_file={file}",
        "scenarios=[baseline,severe_margin]",
        "start=2024Q1",
        "end=2025Q4",
    ]
    more = [
        "replicates=4",
        f"outputs.folder={tmp_path / 'out'}",
        "outputs.report=false",
        "execution.workers=1",
    ]
    study = api.simulate(*asked, *more)
    settings = read_manifest(Path(study.folder))["config"]
    banks = [BankSettings.model_validate(bank) for bank in settings["members"]]
    members = Members(Path(study.folder) / "own_bank.parquet", banks)
    ranked = ranking(members)
    assert sorted(ranked.loc[ranked["scenario"] == "baseline", "rank"]) == [1, 2, 3]
    first = stress(members).iloc[0]
    assert first["bank"] == "Fragile"
    assert first["breaks"] > 0
    effects = policy(members, "baseline")
    assert set(effects["scenario"]) == {"severe_margin"}
    assert (effects["profit"] < 0).all(), "a lower margin costs every bank"
    assert set(DIMENSIONS) <= set(pd.read_parquet(Path(study.folder) / "own_bank.parquet").columns)


def test_numbers_by_dimension_go_from_one_process_to_another():
    six = dict.fromkeys(DIMENSIONS, 0.1)
    for kind in (YuanByDimension, ShareByDimension):
        assert pickle.loads(pickle.dumps(kind(**six))) == kind(**six)  # noqa: S301 - its own


def test_parts_are_declared_in_the_order_of_the_model():
    assert tuple(YuanByDimension.model_fields) == DIMENSIONS
    assert tuple(Staff.model_fields) == tuple(HeadsByRole.model_fields) == TALENTS
    assert Staff(data=0.25).ordered == pytest.approx((np.nan, 0.25, np.nan), nan_ok=True)
