"""A number with a unit is converted to its row's unit, or refused with the units that would do."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from experiments.config.errors import Refused
from experiments.config.units import accepted, converted, measure, number, parts, slip

ROOT = Path(__file__).resolve().parents[2]
AFTER_OUTTURN = "percentage points a year after the outturn"


def units_of(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        if isinstance(tree.get("unit"), str):
            yield tree["unit"]
        for item in tree.values():
            yield from units_of(item)
    elif isinstance(tree, list):
        for item in tree:
            yield from units_of(item)


@pytest.mark.parametrize(
    ("text", "unit", "meant"),
    [
        ("35 bn yuan", "yuan", 35e9),
        ("350亿元", "yuan", 35e9),
        ("350亿", "yuan", 35e9),
        ("¥35 bn", "yuan", 35e9),
        ("RMB 35 billion", "yuan", 35e9),
        ("1,200 million yuan", "yuan", 1.2e9),
        ("１，２００ million yuan", "yuan", 1.2e9),
        ("180万元", "yuan", 1.8e6),
        ("1.2万亿元", "yuan", 1.2e12),
        ("30e9", "yuan", 30e9),
        ("5 million yuan a year", "yuan a year at the reference size", 5e6),
        ("500万元/年", "yuan a year at the reference size", 5e6),
        ("3.5 %", "share of profit", 0.035),
        ("3.5％", "share of profit", 0.035),
        ("3.5 percent", "share of revenue in 2020", 0.035),
        ("35‰", "0-1", 0.035),
        ("1/6", "share of project spending", 1 / 6),
        ("0.035", "share of profit", 0.035),
        ("30 bp", AFTER_OUTTURN, 0.3),
        ("-30个基点", AFTER_OUTTURN, -0.3),
        ("−0.3个百分点", AFTER_OUTTURN, -0.3),
        ("每年-0.3个百分点", AFTER_OUTTURN, -0.3),
        ("1.8 %", "percent of loans", 1.8),
        ("180 bp", "percent of loans", 1.8),
        ("0.018 share", "percent of loans", 1.8),
        ("8.5 % a year", "1/year", 0.085),
        ("8.5%/年", "1/year", 0.085),
        ("0.2 1/year", "1/year", 0.2),
        ("5 1/year", "1/year", 5.0),
        ("5 % a quarter", "share of the distance a quarter", 0.05),
        ("6 quarters", "years", 1.5),
        ("18个月", "years", None),
        ("215 %", "ratio (a growing book stays below it)", 2.15),
        ("1.2倍", "ratio of the frontier's growth", 1.2),
        ("65分", "points", 65.0),
        ("49家", "banks", 49),
        ("2023年", "year (its first quarter)", 2023),
    ],
)
def test_number_is_converted(text: str, unit: str, meant: float | None) -> None:
    if meant is None:
        with pytest.raises(Refused, match="is not in"):
            number(text, unit)
    else:
        assert number(text, unit) == meant  # exactly: amounts are decimals until the end


@pytest.mark.parametrize(
    ("text", "unit", "said"),
    [
        (
            "3 bananas",
            "yuan",
            "'3 bananas' is not in yuan; allowed yuan, thousand, million (m), billion (bn)",
        ),
        (
            "20 yuan",
            "share of profit",
            "'20 yuan' is not in share of profit; allowed %, ‰, bp or a share from 0 to 1",
        ),
        ("35 usd", "yuan", "is in another currency; amounts are in yuan"),
        ("-0.2 %", "percentage points", "did you mean -0.2 pp?"),
        ("5 pp", "percent of loans", "is not in percent of loans"),
        ("10 %", "log points", "not %, which is no logarithm"),
        ("2 %/quarter", "1/year", "is not in 1/year; allowed 1/year, % a year"),
        ("0.5 yuan", "probit units", "allowed a plain number, in probit units"),
        ("1,5", "share of profit", "can be read in two ways"),
        ("1,2000", "yuan", "can be read in two ways"),
        ("3-5 %", "share of profit", "is not one number"),
        ("3±1 %", "share of profit", "is not one number"),
        ("1/0", "share of profit", "is not a number"),
        ("1e999", "yuan", "is not a finite number"),
        ("9" * 400, "yuan", "is not a number"),
        ("banana", "yuan", "is not a number"),
        ("", "yuan", "is not a number"),
        ("∞", "yuan", "is not a number"),
        ("0x10", "yuan", "is not in yuan"),
        ("1.2.3", "yuan", "is not a number"),
    ],
)
def test_wrong_unit_is_refused_with_those_that_would_do(text: str, unit: str, said: str) -> None:
    with pytest.raises(Refused) as caught:
        number(text, unit)
    assert said in caught.value.at("").spoken("en")
    assert "；" in caught.value.at("").spoken("zh")


def test_every_unit_of_the_configuration_is_known() -> None:
    units = {
        unit
        for path in ROOT.glob("conf/**/*.yaml")
        for unit in units_of(yaml.safe_load(path.read_text("utf-8")))
    }
    assert all(measure(unit) for unit in units)
    assert all(accepted(unit).zh for unit in units)
    with pytest.raises(KeyError):
        measure("bananas")


def test_plain_numbers_come_back_as_they_are() -> None:
    for value in (3, 0.1, True, None, [1, 2.5], {"a": 1}):
        again = converted(value, "share of profit")
        assert again == value
        assert type(again) is type(value)


def test_a_given_unit_converts_value_and_range() -> None:
    assert converted(180, "yuan", "bn yuan") == 180e9
    assert converted([1, 5000], "yuan", "bn yuan") == [1e9, 5e12]
    assert converted({"city": 3}, "share of profit", "%") == {"city": 0.03}
    assert converted("180 million yuan", "yuan", "bn yuan") == 180e6
    assert converted([0.1], "share of profit", "share of profit") == [0.1]


def test_each_place_of_a_list_has_its_own_unit() -> None:
    unit = "yuan (median); log points"
    assert parts(unit) == ("yuan", "log points")
    assert parts("share of staff (technologists; data; composite)") == (
        "share of staff (technologists; data; composite)",
    )
    assert converted(["200 bn yuan", 1.15], unit) == [200e9, 1.15]
    assert converted([200, 1.15], unit, "bn yuan; log points") == [200e9, 1.15]
    with pytest.raises(Refused):
        converted([200, 1.15], unit, "bn yuan")


def test_slip_says_what_a_number_out_of_range_may_have_meant() -> None:
    assert slip(3.5, "share of profit", 0.0, 0.3) == "3.5 %"
    assert slip(180, "yuan", 1e8, 5e12) == "180 bn yuan"
    assert slip(0.018, "percent of loans", 0.5, 8.0) == "0.018 share"
    assert slip(1e9, "share of profit", 0.0, 0.3) == ""


def test_any_text_is_read_or_refused() -> None:
    chance = random.Random(3)
    letters = "0123456789.,% +-/eE 年亿万元bpyuanmillion￥％，．١½²\u202e\x00'\""
    for _ in range(5000):
        text = "".join(chance.choice(letters) for _ in range(chance.randrange(12)))
        unit = chance.choice(["yuan", "1/year", "share of profit", AFTER_OUTTURN, "banks"])
        assert isinstance(read_or_none(text, unit), int | float | None)


def read_or_none(text: str, unit: str) -> int | float | None:
    try:
        return number(text, unit)
    except Refused:
        return None
