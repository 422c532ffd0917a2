"""Every number in data/ has a source and a grade, and every documented rule reproduces its column."""

import csv
import math
import re
from collections import Counter
from itertools import product
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[1] / "data"
GRADES = {"outturn", "inferred", "from memory", "assumption"}
SERIES = sorted(path.name for path in (DATA / "series").glob("*.csv"))
LISTS = ["large_banks.csv", "rural_top.csv", "private_top.csv", "survey_regions.csv"]
SERIES_KINDS = ("large", "joint_stock", "city", "rural", "private")
NO_UNION = {"BJ": 1, "SH": 1, "TJ": 1, "CQ": 1, "NX": 1, "XZ": 0}  # rural banks besides village banks


def read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = [row for path in sorted((DATA / "source").glob("*.csv")) for row in read(f"source/{path.name}")]
SOURCE = {row["id"]: row for row in ROWS}
PROVINCES = {row["code"]: row for row in read("provinces.csv")}
SURVEY = {row["province"]: row for row in read("survey_regions.csv")}


def column(name: str) -> dict[str, float]:
    return {code: float(row[name]) for code, row in PROVINCES.items()}


def largest_remainder(total: int, weights: dict[str, float]) -> dict[str, int]:
    exact = {key: total * weight / sum(weights.values()) for key, weight in weights.items()}
    whole = {key: int(value) for key, value in exact.items()}
    by_fraction = sorted(exact, key=lambda key: (whole[key] - exact[key], key))
    for key in by_fraction[: total - sum(whole.values())]:
        whole[key] += 1
    return whole


def test_source_ids_are_unique_and_graded() -> None:
    assert len(SOURCE) == len(ROWS)
    assert {row["grade"] for row in ROWS if "grade" in row} <= GRADES


def test_scores_cover_three_types_six_dimensions_four_years() -> None:
    rows = read("source/scores.csv")
    assert len({(row["bank_type"], row["dimension"], row["year"]) for row in rows}) == len(rows) == 72
    assert all(0 < float(row["score"]) < 100 for row in rows)


@pytest.mark.parametrize("name", [f"series/{name}" for name in SERIES] + LISTS)
def test_every_row_names_its_source_and_grade(name: str) -> None:
    for row in read(name):
        assert row["id"] in SOURCE, row
        assert row["grade"] in GRADES, row


@pytest.mark.parametrize("name", SERIES)
def test_series_carry_their_sources_value_once(name: str) -> None:
    rows = read(f"series/{name}")
    keys = [tuple(row[key] for key in row if key not in {"value", "id", "grade"}) for row in rows]
    assert len(set(keys)) == len(rows)
    for row in rows:
        numbers = re.findall(r"\d+(?:\.\d+)?", SOURCE[row["id"]]["value"])
        assert row["grade"] == "inferred" or float(row["value"]) in map(float, numbers), row
        assert row["grade"] in ("inferred", SOURCE[row["id"]]["grade"]), row


def test_margin_and_asset_quality_cover_every_kind() -> None:
    margin = {(row["kind"], int(row["year"])) for row in read("series/margin.csv")}
    assert margin == set(product(SERIES_KINDS, range(2019, 2026)))
    rows = [row for row in read("series/asset_quality.csv") if row["year"] == "2022"]
    quality = {(row["kind"], row["measure"]) for row in rows}
    assert quality == set(product(SERIES_KINDS, ("bad_loans", "coverage", "capital")))
    for name in ("bad_loans", "capital"):
        kinds = {row["kind"] for row in read(f"series/{name}.csv") if row["year"] in ("2019", "2025")}
        assert kinds == set(SERIES_KINDS)


def test_inclusive_shares_sum_to_the_market() -> None:
    rows = read("series/inclusive_share.csv")
    for quarter in {row["quarter"] for row in rows}:
        assert math.isclose(sum(float(row["value"]) for row in rows if row["quarter"] == quarter), 100.0)


def test_provinces_are_31_on_31_tiles() -> None:
    tiles = {(row["tile_column"], row["tile_row"]) for row in PROVINCES.values()}
    assert len(PROVINCES) == len(tiles) == 31
    assert {row["region"] for row in PROVINCES.values()} == {"east", "central", "west", "northeast"}
    for row in PROVINCES.values():
        assert {value for key, value in row.items() if key.endswith("_grade") and value} <= GRADES


def test_provinces_sum_to_the_nation() -> None:
    rural = sum(int(SOURCE[row]["value"]) for row in ("P005", "P006", "P007", "P008"))
    nation = {"city_banks": 125, "private_banks": 19, "rural_institutions": rural, "union_assets": 43.8}
    assert {name: sum(column(name).values()) for name in nation} == pytest.approx(nation)


def test_apportioned_columns_follow_their_rules() -> None:
    counties, gdp = column("counties"), column("gdp")
    weight = {code: math.sqrt(gdp[code] * counties[code]) for code in PROVINCES if code != "XZ"}
    unions = {code: counties[code] for code in PROVINCES if code not in NO_UNION}
    assert column("rural_banks") == largest_remainder(2124, unions) | NO_UNION
    assert column("village_banks") == largest_remainder(1635, weight) | {"XZ": 1}
    assumed = {code for code, row in PROVINCES.items() if row["union_assets_grade"] == "assumption"}
    hundredths = {code: round(100 * column("union_assets")[code]) for code in assumed}
    assert hundredths == largest_remainder(sum(hundredths.values()), {code: weight[code] for code in assumed})


def test_openness_follows_its_flags_within_the_prior() -> None:
    coastal, platform, leader = column("coastal"), column("data_platform"), column("data_leader")
    for code, openness in column("openness_2020").items():
        rule = 0.25 + 0.10 * coastal[code] + 0.10 * platform[code] + 0.25 * leader[code]
        assert openness == pytest.approx(rule)
        assert 0.2 <= openness <= 0.8


def test_modes_are_known_and_reforms_dated() -> None:
    modes = {"union", "service_union", "union_bank", "single_bank"}
    for code, row in PROVINCES.items():
        assert row["union_mode"] == ("single_bank" if code in NO_UNION else "union")
        assert {row["reform_mode"], row["later_mode"]} <= modes | {""}
        assert bool(row["reform_mode"]) == bool(row["reform_year"]) == bool(row["reform_grade"])
    assert {row["mode"] for row in read("union_reforms.csv")} == {"union_bank", "single_bank"}


def test_survey_has_the_reports_composition() -> None:
    total = {"city": 49, "rural": 22, "private": 7, "other": 2}
    assert {kind: sum(int(row[kind]) for row in SURVEY.values()) for kind in total} == total
    assert (len(SURVEY), SURVEY["GD"]["total"], SURVEY["ZJ"]["total"]) == (25, "19", "12")
    for code, row in SURVEY.items():
        assert int(row["total"]) == sum(int(row[kind]) for kind in total)
        for kind in ("city", "rural", "private"):
            assert int(row[kind]) <= int(PROVINCES[code][f"{kind}_banks"])


def test_bank_lists_agree_with_the_published_totals() -> None:
    large = read("large_banks.csv")
    assert Counter(row["tier"] for row in large) == {"state": 6, "joint_stock": 12}
    logs = [math.log(float(row["assets"])) for row in large if row["tier"] == "joint_stock"]
    mean = sum(logs) / 12
    assert math.exp(mean) == pytest.approx(5.0, rel=0.1)  # P025
    assert math.sqrt(sum((log - mean) ** 2 for log in logs) / 11) == pytest.approx(0.65, abs=0.1)
    assert sum(map(math.exp, logs)) == pytest.approx(66, rel=0.05)
    rural = {row["province"]: float(row["assets"]) for row in read("rural_top.csv")}
    assert sum(assets > 1.0 for assets in rural.values()) == 4
    assert rural["CQ"] + rural["SH"] + rural["GD"] == pytest.approx(4.1473)  # P023, the listed three
    private = [float(row["assets"]) for row in read("private_top.csv")]
    assert sum(private[:2]) / 1.9427 == pytest.approx(0.508, abs=0.001)  # P020, P021
