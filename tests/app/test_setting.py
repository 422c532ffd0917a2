import pytest
import yaml

from experiments.app.setting import Question, Setting, Use
from experiments.config.errors import Refused
from experiments.location import CONF

OFFERED = {
    "policies": ("data_sharing", "alliances"),
    "shocks": ("margin", "frontier"),
    "environments": ("central", "severe"),
    "allocation": ("satisficing", "reinforcement"),
    "network": ("partnerships", "none"),
}
SETTING = Setting(
    uses=(Use("data_sharing", 0.75, "2026Q1", ("city", "rural"), ("west",)), Use("alliances")),
    environment="severe",
    shocks=("margin",),
    allocation="reinforcement",
    network="none",
)


def test_a_setting_is_read_from_its_address():
    address = {"data_sharing": "0.75~2026Q1~city.rural~west", "alliances": "1"}
    address |= {"env": "severe", "shocks": "margin", "alloc": "reinforcement", "net": "none"}
    assert Setting.read(address, OFFERED) == SETTING
    assert Setting.read({}, OFFERED) == Setting()
    assert Setting.read({"out": "data", "utm_source": "x"}, OFFERED) == Setting()


@pytest.mark.parametrize("quarter", ["2026Q1", "2026年一季度", "2026年第1季度"])
def test_a_lever_starts_in_a_quarter_as_the_command_line_takes_it(quarter):
    assert Use.read("alliances", f"1~{quarter}") == Use("alliances", start="2026Q1")


@pytest.mark.parametrize(
    "query",
    [
        {"env": "nowhere"},
        {"shocks": "margin.flood"},
        {"alloc": "<script>"},
        {"data_sharing": "strong"},
        {"data_sharing": "nan"},
        {"data_sharing": "7"},
        {"data_sharing": "1~2026"},
        {"data_sharing": "1~2041Q1"},
        {"data_sharing": "1~2026Q1~martian"},
        {"data_sharing": "1~~~atlantis"},
    ],
)
def test_an_address_with_what_is_not_known_is_refused(query):
    with pytest.raises(Refused):
        Setting.read(query, OFFERED)


def test_a_setting_is_compared_with_itself_without_levers_the_plain_baseline_or_one_kept():
    kept = Setting(environment="severe")
    assert Question.about(SETTING).baseline == SETTING.bare
    assert Question.about(SETTING, "plain").baseline == Setting()
    assert Question.about(SETTING, "kept", kept).baseline == kept
    assert Question.about(SETTING, "kept").baseline == SETTING.bare


def test_every_lever_and_shock_says_what_it_does_in_both_languages():
    for group in ("policies", "shocks"):
        for path in sorted((CONF / group).glob("*.yaml")):
            does = yaml.safe_load(path.read_text("utf-8"))["does"]
            assert does["en"].isascii(), path.name
            assert does["zh"].endswith("。"), path.name
