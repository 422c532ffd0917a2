"""The catalogue says the same in both languages, in letters that the lab's own fonts can draw."""

import json
import re
import string
from collections.abc import Iterator

import pandas as pd
import pytest
from matplotlib.font_manager import get_font

from agents.honeycomb import DIMENSIONS, KINDS, PAYERS
from experiments.analysis.outcome import ITEMS
from experiments.analysis.registry import find
from experiments.config import catalogue as catalogued
from experiments.config.catalogue import FIRST_DAY, OUTCOMES, OWN_OUTCOMES
from experiments.config.study import METHODS
from experiments.figures.still import FONTS
from experiments.labels import LANGUAGES, Labels, catalogue, columns, plain, reached, signed, translations
from experiments.own_bank.answers import table_of
from experiments.report.console import labels_of, summary
from experiments.results import schema
from experiments.results.paths import FALLS, PATHS
from experiments.results.tables import COVERAGE
from experiments.results.tables import ITEMS as ITEM_TABLE
from experiments.runs.merged import RUNGS
from model import outcomes, own_opening
from model.streams import PURPOSES

ROOT = FONTS.parents[1]


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_entry_has_both_languages_and_nothing_else():
    assert {
        key for key, texts in catalogue().items() if tuple(sorted(texts)) != tuple(sorted(LANGUAGES))
    } == set()
    assert all(text.strip() for texts in catalogue().values() for text in texts.values())


def test_both_languages_fill_the_same_places():
    assert [key for key, texts in catalogue().items() if places(texts["en"]) != places(texts["zh"])] == []


@pytest.mark.parametrize("style", ["Regular", "Bold"])
def test_every_chinese_letter_of_the_catalogue_of_the_provinces_and_of_the_settings_is_in_the_fonts(style):
    letters = "".join(texts["zh"] for texts in catalogue().values())
    letters += "".join(translations().values())
    letters += (FONTS.parent / "provinces.csv").read_text("utf-8")
    letters += "".join(path.read_text("utf-8") for path in (ROOT / "conf").rglob("*.yaml"))
    letters += (ROOT / "conf/words.csv").read_text("utf-8")
    drawable = get_font(FONTS / f"NotoSansSC-{style}.otf").get_charmap()
    assert {letter for letter in letters if ord(letter) >= 0x2E80 and ord(letter) not in drawable} == set()


def test_the_fonts_stay_small_and_keep_their_licence():
    assert all(path.stat().st_size < 1_000_000 for path in FONTS.glob("*.otf"))
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_the_model_have_names(language):
    labels = Labels(language)
    groups = {"kind": KINDS, "dimension": DIMENSIONS, "payer": PAYERS}
    assert all(f"{group}.{word}" in catalogue() for group, words in groups.items() for word in words)
    assert labels.name("kind", "rural") == {"en": "Rural institutions", "zh": "农村金融机构"}[language]


@pytest.mark.parametrize(
    ("language", "name"),
    [("en", "Other items of strategy (unpublished)"), ("zh", "战略其他条目（未公布）")],
)
def test_items_that_the_survey_does_not_print_are_called_so_everywhere(language, name):
    labels, meaning = Labels(language), schema.variable("item:other_strategy")["meaning"]
    assert labels.outcome("item:other_strategy") == name
    assert labels.translated(meaning).endswith(name)
    assert not [item for item in ITEMS if "Unprinted" in labels.outcome(item)]


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="choose from en, zh"):
        Labels("fr")


def test_a_scenario_is_named_by_its_title_its_policies_and_its_environment():
    labels = Labels("en", {"both": "Hand in hand"})
    assert labels.scenario("both") == "Hand in hand"
    assert (
        labels.scenario("union_reform+alliances@severe")
        == "Reform of provincial unions + Alliances of small banks, severe environment"
    )
    assert labels.scenario("my_own_plan") == "My own plan"


def test_the_console_calls_a_scenario_by_its_title_in_every_environment(tmp_path):
    scenario = {"label": "both@severe", "name": "both", "title": {"en": "Hand in hand", "zh": "携手"}}
    scenario["policies"] = [{"name": "ours", "title": {"en": "Our own lever", "zh": "自有杠杆"}}]
    config = {"report": {"language": "en"}, "scenarios": [scenario]}
    (tmp_path / "manifest.json").write_text(json.dumps({"config": config}), "utf-8")
    labels = labels_of(tmp_path)
    assert labels.scenario("both@severe") == "Hand in hand, severe environment"
    assert labels.scenario("ours") == "Our own lever"


def test_numbers_carry_true_signs_and_zero_carries_none():
    assert [signed(value) for value in (2.14, -0.46, 0.04, -0.04, float("nan"))] == [
        "+2.1",
        "−0.46",
        "+0.04",
        "−0.04",
        "–",
    ]
    assert plain(-1234.56) == "−1,234.6"


def test_a_share_of_assets_is_told_to_a_tenth_and_few_are_not_told_as_none():
    assert [reached(share).replace("\N{NO-BREAK SPACE}", " ") for share in (0.0, 0.0003, 0.0064, 0.31)] == [
        *("0.0 %", "< 0.1 %", "0.6 %", "31.0 %"),
    ]


def described() -> Iterator[tuple[str, str]]:
    """Meaning and unit of every column, table and outcome that a data dictionary may describe."""
    tables = [*schema.TABLES.values(), COVERAGE, table_of(tuple(OWN_OUTCOMES)), ITEM_TABLE, PATHS, FALLS]
    tables += [table for name in METHODS for table in find(name).tables.values()]
    for table in tables:
        yield table.meaning, ""
        yield from ((column.meaning, column.unit) for column in table.columns)
    yield from ((meaning, unit) for unit, meaning in {**OUTCOMES, **OWN_OUTCOMES}.values())
    yield from ((meaning, "") for meaning in (*schema.DIMENSION_MEANINGS.values(), *PURPOSES))
    yield from ((schema.variable(name)["meaning"], "") for name in (RUNGS, *ITEMS))


def test_every_word_of_a_data_dictionary_has_its_chinese():
    labels = Labels("zh")
    told = {text for pair in described() for text in pair if text and not text.isnumeric()}
    latin = re.compile(r"[A-Za-z]{3}")
    assert {text for text in told if latin.search(text) and labels.translated(text) == text} == set()
    assert Labels("en").translated("banks") == "banks"


def test_every_unit_of_the_catalogue_has_its_chinese():
    labels = Labels("zh")
    units = {row.unit for row in catalogued.rows().values()}
    latin = re.compile(r"[A-Za-z]{2}")
    assert {unit for unit in units if latin.search(unit) and labels.translated(unit) == unit} == set()
    assert catalogued.row("behaviour.fail").within.zh == "0.05 至 0.5（占项目）"
    assert catalogued.row("behaviour.peer").within.en == "0 to 2"  # a share, or any other bare number


def test_amounts_are_counted_as_the_language_counts_them():
    assert [
        Labels("en").money(value) for value in (3275.0, -3275.0, 0.5, 0.0, float("inf"), float("nan"))
    ] == [
        "3,275",
        "−3,275",
        "0.50",
        "0",
        "∞",
        "–",
    ]
    spoken = [
        Labels("zh").money(value).replace("\N{NO-BREAK SPACE}", "")
        for value in (3275.0, 321.0, 45.0, 0.05, 0.0)
    ]
    assert spoken == ["32.8亿", "3.21亿", "4,500万", "5.00万", "0"]
    assert Labels("zh").balance(-3275.0).replace("\N{NO-BREAK SPACE}", "") == "−32.8亿"


def test_amounts_that_add_up_are_told_in_one_unit_and_what_rounds_to_nothing_has_no_sign() -> None:
    parts = (62.0, 21.47, -12.98, -1.96, -0.31, 68.22)
    english, chinese = Labels("en"), Labels("zh")
    assert [english.money(value, 68.22) for value in parts] == [
        "62.0",
        "21.5",
        "−13.0",
        "−2.0",
        "−0.3",
        "68.2",
    ]
    assert [chinese.money(value, 4990.0) for value in (4990.0, 4.52)] == [
        "49.90\N{NO-BREAK SPACE}亿",
        "0.05\N{NO-BREAK SPACE}亿",
    ]
    assert chinese.money(4.52, 170.0) == "452\N{NO-BREAK SPACE}万"
    assert (english.money(-0.004), plain(-0.04), plain(-0.06)) == ("0.00", "0.0", "−0.1")


def test_no_chinese_word_counts_in_million_yuan_or_says_scenario_twice():
    texts = [text["zh"] for text in catalogue().values()]
    assert [text for text in texts if "百万" in text] == []
    assert [key for key, text in catalogue().items() if "}情景" in text["zh"]] == []
    labels = Labels("zh", {"baseline": "基线情景"})
    assert labels.under("baseline") == "基线情景"
    assert labels.under("both") == "包容监管与数据共享情景"


def test_a_quarter_is_written_as_the_language_writes_it():
    assert (Labels("zh").quarter("2030Q4"), Labels("en").quarter("2030Q4")) == ("2030 年四季度", "2030Q4")


def test_the_table_of_outcomes_holds_what_the_model_measures():
    assert (tuple(OUTCOMES), tuple(FIRST_DAY)) == (outcomes.OUTCOMES, own_opening.VALUES)


def test_what_pain_point_seven_measures_is_said_as_it_is_computed():
    """Internal systems ahead of what clients see: marketing platforms and social media (pain point 4.7)."""
    assert "lags internal systems" in Labels("en").outcome("pain_7")
    assert OUTCOMES["pain_7"][1] == "front end lags internal systems"


def test_the_console_speaks_the_language_of_the_report_in_columns_that_stand_under_one_another(tmp_path):
    keys = ["scenario", "quantity", "measure", "outcome", "quarter", "bank_kind"]
    rows = [
        ("baseline", "level", "true", "index", "2030Q4", "rural"),
        ("both", "effect", "true", "index", "2030Q4", "rural"),
    ]
    bands = pd.DataFrame(rows, columns=keys).assign(runs=8, q05=-0.004, q50=1.0, q95=2.0)
    bands.to_parquet(tmp_path / "bands.parquet")
    assert "Effect on the index in 2030Q4, points" in summary(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps({"config": {"report": {"language": "zh"}}}), "utf-8")
    told = summary(tmp_path)
    assert "2030Q4 对指数的效应（分）" in told
    assert "+1.00 [0.00, +2.00]" in told.replace("+0.00", "0.00")
    assert re.search(r"[a-z]{5,}", told.replace("baseline", "")) is None
    head, rule, *lines = told.split("\n\n")[0].splitlines()[1:]
    assert {columns(line) for line in (head, rule, *lines)} == {columns(head)}


def test_a_number_stands_beside_the_word_that_goes_with_it():
    asked = {"name": "x", "start": "2020Q1", "end": "2030Q4", "seed": 1}
    one = Labels("en")("page.study", scenarios=1, replicates=8, **asked)
    assert "1 scenario × 8 runs" in one
    assert "2 scenarios × 1 run," in Labels("en")("page.study", scenarios=2, replicates=1, **asked)
    assert "1 个情景 × 8 次运行" in Labels("zh")("page.study", scenarios=1, replicates=8, **asked)
