"""Names in Chinese and common English mean what the files call them; unknown ones get the nearest."""

import csv
import random
import string
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from pydantic import TypeAdapter

from agents.honeycomb import KINDS
from experiments.config.errors import ConfigError, Refused, distance, nearest
from experiments.config.fields import NAMED_OUTCOMES, Outcome
from experiments.config.load import compose_study
from experiments.config.names import (
    KIND_NAMES,
    PROVINCE_NAMES,
    PROVINCES,
    REGION_NAMES,
    REGION_OF,
    REGIONS,
    kind,
    kinds,
    kinds_and_places,
    listed,
    override,
    provinces,
    titled,
    vocabulary,
)
from experiments.labels import Labels

ROOT = Path(__file__).resolve().parents[2]
TITLES = titled(
    {
        "data_sharing": {"en": "Public data sharing", "zh": "公共数据共享"},
        "inclusive_supervision": {"en": "Inclusive supervision", "zh": "包容审慎监管"},
        "data_governance": {"en": "Data governance", "zh": "自身数据治理"},
        "none": None,
    }
)


def test_provinces_are_those_of_the_data() -> None:
    with (ROOT / "data" / "provinces.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(row["code"] for row in rows) == PROVINCES
    for row in rows:
        assert PROVINCE_NAMES.display(row["code"], "en") == row["name_en"]
        assert PROVINCE_NAMES.display(row["code"], "zh") == row["name_zh"]
        assert REGION_OF[row["code"]] == row["region"]
        for word in (row["code"], row["name_en"], row["name_zh"], row["code"].lower()):
            assert PROVINCE_NAMES.name(word) == row["code"]
    assert {region: len(codes) for region, codes in REGIONS.items()} == {
        "east": 10, "central": 6, "west": 12, "northeast": 3,
    }  # fmt: skip


@pytest.mark.parametrize("of", ["province", "region", "kind", "focus", "route", "payer", "environment"])
def test_a_name_is_understood_as_a_list_of_names_shows_it(of: str) -> None:
    known = vocabulary(of)
    for name in known.names:
        assert known.find(f"{name} {known.display(name, 'zh')}") == name
        assert known.find(f"{name}　{known.display(name, 'en')}") == name


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("四川", "SC"), ("四川省", "SC"), ("Sichuan", "SC"), ("sichuan", "SC"), ("SC", "SC"), ("ＳＣ", "SC"),
        ("川", "SC"),
        ("Sichuan Province", "SC"), ("CN-SC", "SC"), ("Inner Mongolia", "NM"), ("inner-mongolia", "NM"),
        ("Neimenggu", "NM"), ("西藏自治区", "XZ"), ("Xizang", "XZ"), ("Shanxi", "SX"), ("Shaanxi", "SN"),
        ("陕西", "SN"),
        ("山西", "SX"),
        ("新疆维吾尔自治区", "XJ"), ("广西壮族自治区", "GX"), (" 北京市 ", "BJ"),
    ],
)  # fmt: skip
def test_province(word: str, code: str) -> None:
    assert PROVINCE_NAMES.name(word) == code


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("城商行", "city"), ("城市商业银行", "city"), ("city bank", "city"), ("City Banks", "city"),
        ("农商行", "rural"),
        ("农信社", "rural"), ("村镇银行", "rural"), ("rural commercial bank", "rural"), ("民营银行", "private"),
        ("大型银行", "large"), ("国有大行", "large"), ("股份制银行", "large"), ("city", "city"),
    ],
)  # fmt: skip
def test_kind(word: str, name: str) -> None:
    assert kind(word) == name


def test_kinds_and_groups() -> None:
    assert kinds("中小银行") == kinds("small") == ("city", "rural", "private")
    assert kinds("all") == KINDS
    assert kinds("城商行、农商行") == kinds(["city bank", "农信社"]) == ("city", "rural")
    with pytest.raises(Refused) as caught:
        kind("中小银行")
    assert "are several kinds of banks" in caught.value.at("").spoken("en")
    with pytest.raises(Refused) as caught:
        kinds(["rurall"])
    assert caught.value.suggestion == "rural"


def test_provinces_and_regions() -> None:
    assert provinces("all") == provinces("全国") == PROVINCES
    assert provinces("west") == provinces("西部") == provinces(["西部地区"]) == REGIONS["west"]
    assert provinces(["northeast", "山东"]) == ("LN", "JL", "HL", "SD")
    assert (
        provinces("［四川，云南］") == provinces("四川、云南") == provinces(["SC", "yunnan"]) == ("SC", "YN")
    )
    assert provinces(["SC", "west"])[0] == "SC"
    assert len(provinces(["SC", "west"])) == 12
    with pytest.raises(Refused) as caught:
        provinces(["Sichaun"])
    assert caught.value.suggestion == "SC"
    assert "四川" in caught.value.at("").spoken("zh")


def test_titles() -> None:
    for word in ("数据共享", "公共数据共享", "public data sharing", "data_sharing", "Data-Sharing"):
        assert TITLES.name(word) == "data_sharing"
    with pytest.raises(Refused) as caught:
        TITLES.name("数据")
    assert caught.value.at("").spoken("en").startswith("'数据' may be any of data_sharing, data_governance")
    with pytest.raises(Refused) as caught:
        TITLES.name("data_sharin")
    assert caught.value.suggestion == "data_sharing"
    assert TITLES.display("data_sharing", "zh") == "公共数据共享"
    assert TITLES.display("none", "zh") == "none"
    assert KIND_NAMES.display("rural", "zh") == "农村金融机构"


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("policy=数据共享", "数据共享"),
        ("policy＝数据共享", "数据共享"),
        ("x=350亿元", "350亿元"),
        ("x=0.5％", "0.5%"),
        ("x＝３", 3),
        ("x=1,200 million yuan", "1,200 million yuan"),
        ("x=［四川，云南］", ["四川", "云南"]),
        ("x=[SC,云南]", ["SC", "云南"]),
        ("x={a：四川, b：１}", {"a": "四川", "b": 1}),
        ("x=“四川”", "四川"),
        ("x='a，b'", "a，b"),
        ("x=试点：一（二）", "试点:一(二)"),
        ("x=35 bn yuan", "35 bn yuan"),
    ],
)
def test_chinese_keyboards_on_the_command_line(typed: str, value: object) -> None:
    assert OverridesParser.create().parse_override(override(typed)).value() == value


def test_sweeps_stay_sweeps() -> None:
    parser = OverridesParser.create()
    for typed, values in (
        ("policy=none，data_sharing", ["none", "data_sharing"]),
        ("policy=数据共享,包容审慎监管", ["数据共享", "包容审慎监管"]),
        ("seed=1,200", ["1", "200"]),
        ("x=choice(四川,云南)", ["四川", "云南"]),
    ):
        swept = parser.parse_override(override(typed)).sweep_string_iterator()
        assert [value.strip("'") for value in swept] == values
    for plain in ("a.b=[1,2]", "~x", "+x={a:1}", "x='it\\'s'", "x=${seed}", "x=glob(*)", "x=", "--help"):
        assert override(plain) == plain


def test_lists_as_one_text() -> None:
    assert listed("［四川，云南］") == ["四川", "云南"]
    assert listed(["a", "b"]) == ["a", "b"]
    assert listed("a") == ["a"]
    assert listed(3) == [3]


def slip(word: str, chance: random.Random) -> str:
    """One letter left out, added, changed, or swapped with its neighbour."""
    at, letter = chance.randrange(len(word)), chance.choice(string.ascii_lowercase + "_.")
    swapped = word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]
    added, changed = word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :]
    return chance.choice([word[:at] + word[at + 1 :], added, changed, swapped])


def test_the_nearest_name_is_the_one_meant() -> None:
    chance = random.Random(20)
    words = sorted({path.stem for path in ROOT.glob("conf/**/*.yaml")} | set(PROVINCE_NAMES.names))
    words = [word for word in words if len(word) > 3]
    typed = [(word, slip(word, chance)) for _ in range(10) for word in words]
    typed = [(word, wrong) for word, wrong in typed if wrong not in words]
    right = sum(nearest(wrong, words) == word for word, wrong in typed)
    assert right / len(typed) >= 0.95
    assert nearest("zzzzzz", words) == ""
    assert nearest("cn", ["en", "zh"]) == "zh"
    assert nearest("gap", ["gini", "index", "rural_city_gap"]) == "rural_city_gap"


@pytest.mark.parametrize(
    ("first", "second", "slips"),
    [
        ("", "", 0),
        ("seed", "sede", 1),
        ("seed", "see", 1),
        ("seed", "speed", 1),
        ("seed", "end", 2),
        ("ab", "", 2),
    ],
)
def test_distance_counts_slips(first: str, second: str, slips: int) -> None:
    assert distance(first, second) == distance(second, first) == slips


def test_an_objective_knows_kinds_by_their_names() -> None:
    study = compose_study(["objective={outcome: index, bank_kind: 农商行, statistic: median}"])
    assert study.objective is not None
    assert study.objective.bank_kind == "rural"


@pytest.mark.parametrize("written", ["2026年一季度", "2026年第一季度", "２０２６年第１季度", "2026年1季"])
def test_a_quarter_is_read_as_the_reports_write_it(written: str) -> None:
    study = compose_study(["policy=data_sharing", f"policies.data_sharing.start={written}", f"end={written}"])
    assert study.end == "2026Q1"
    assert study.scenarios[-1].policies[0].start == "2026Q1"


REACH = {
    "rurl": "rural",
    "wset": "west",
    "Sichaun": "SC",
    "农商银行行": "rural",
    "城上行": "city",
    "privat": "private",
}


@pytest.mark.parametrize("word", REACH)
def test_a_reach_offers_kinds_and_places_alike(word: str) -> None:
    with pytest.raises(Refused) as refused:
        kinds_and_places(["SC", word])
    assert refused.value.suggestion == REACH[word]
    allowed = str(refused.value.allowed).split(", ")
    for offered in (KIND_NAMES, PROVINCE_NAMES, REGION_NAMES):
        assert set(offered.names) <= set(allowed)
    assert allowed[: len(KINDS)] == list(KINDS)  # where a long list is cut, the kinds stay


def test_a_reach_is_told_apart_by_its_words() -> None:
    words = ["west", "农商行", "山东", "small", "all"]
    assert kinds_and_places(words) == (["农商行", "small"], ["west", "山东", "all"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_outcome_is_called_as_pages_call_it(language: str) -> None:
    """One name of an outcome stands in the labels and in the words that are read: they are the same."""
    labels, read = Labels(language), TypeAdapter(Outcome)
    several = {"item:assets"}  # called as the outcome that is read off it, which has the title
    for name in NAMED_OUTCOMES:
        assert read.validate_python(name) == name
        assert read.validate_python(labels.outcome(name)) == ("data_asset" if name in several else name), name


@pytest.mark.parametrize(
    ("word", "name"), [("净息差", "margin"), ("NPL ratio", "bad_loans"), ("数据", "data")]
)
def test_an_analysis_is_asked_on_an_outcome_by_its_title(word: str, name: str) -> None:
    study = compose_study(["task=policy", override(f"analysis.outcome={word}")])
    assert study.analysis.outcome == name


def test_an_outcome_that_nothing_is_called_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean margin"):
        compose_study(["task=policy", "analysis.outcome=marign"])
