"""The catalogue says the same in both languages, in letters that the lab's own fonts can draw."""

import string

import pytest
from matplotlib.font_manager import get_font

from agents.honeycomb import DIMENSIONS, KINDS, PAYERS
from experiments.figures.style import FONTS
from experiments.labels import LANGUAGES, Labels, catalogue
from experiments.labels.numbers import plain, signed

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
    letters += (FONTS.parent / "provinces.csv").read_text("utf-8")
    letters += "".join(path.read_text("utf-8") for path in (ROOT / "conf").rglob("*.yaml"))
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


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="choose from en, zh"):
        Labels("fr")


def test_a_scenario_is_named_by_its_title_its_policies_and_its_environment():
    labels = Labels("en", {"both": "Hand in hand"})
    assert labels.scenario("both") == "Hand in hand"
    assert (
        labels.scenario("union_reform+alliances@severe")
        == "Provincial union reform + Alliances, severe environment"
    )
    assert labels.scenario("my_own_plan") == "My own plan"


def test_numbers_carry_true_signs_and_zero_carries_none():
    assert [signed(value) for value in (2.14, -0.46, 0.04, -0.04, float("nan"))] == [
        "+2.1",
        "−0.46",
        "+0.04",
        "−0.04",
        "–",
    ]
    assert plain(-1234.56) == "−1,234.6"
