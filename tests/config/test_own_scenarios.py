"""A scenario of one's own in a few lines: title, levers, dates, reach; what lies beyond the evidence is marked."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from experiments.config import catalogue, composition, names
from experiments.config.errors import ConfigError, Sentence
from experiments.config.folders import SHIPPED, own_files
from experiments.config.load import compose_study, study_of
from experiments.config.reading import mapping
from experiments.config.scenarios import ScenarioSettings
from experiments.config.study import StudySettings, restored
from experiments.location import CONF
from experiments.report.sections.provenance import listed, show
from model.policy import LEVERS, Lever

DOCS = Path(__file__).resolve().parents[2] / "docs"


UNITS = [("2 years", 8), ("8 quarters", 8), ("8季度", 8), ("3", 3)]
RAMP = "title: Mine\nlevers: {{data_sharing: {{ramp: {}}}}}\n"
ENVIRONMENTS = ("严峻", "严峻环境", "severe environment")
CALLED = "title: Mine\nlevers: data_sharing\nenvironment: {}\n"
WAYS = [
    ("data_sharing", "2026Q1", ("2026Q1", "2030Q4")),
    ("[data_sharing]", "[2026Q1, 2027Q4]", ("2026Q1", "2027Q4")),
    ("{data_sharing: {take_up: 0.5}}", "2026Q1 至 2027Q4", ("2026Q1", "2027Q4")),
    ("公共数据共享", "{end: 2027Q4}", ("2025Q1", "2027Q4")),
    ("{data_sharing: {when: {outcome: index, above: 9}}}", "2026Q1", ("2026Q1", "2030Q4")),
]
DATED = "title: Mine\nlevers: {}\ndates: {}\n"
ENOUGH = """
title: {en: West, zh: 西部}
levers: {数据共享: 0.9, talent_policy: 80 %}
dates: 2026Q1 to 2028Q4
reach: [west, 农商行, city]
"""
STRONG = (
    "title: {en: Strong, zh: 强}\nlevers: {data_sharing: {intensity: 150 %, effects: {data_tax: 50 %}}}\n"
)
CHINESE = """
title: 西部
environment: 严峻
assumptions: {allocation: 强化学习, network: 无省联社}
levers:
  包容审慎监管:
    intensity: 2
    coverage: {provinces: 西部, kinds: 农商行}
    costs: {testing: {payer: 中央财政}}
  省联社改革: {coverage: {provinces: [四川, 贵州, 云南]}, costs: {migration: {payer: centre}}}
"""
ENGLISH = """
title: 西部
environment: severe
assumptions: {allocation: reinforcement, network: no_unions}
levers:
  inclusive_supervision:
    intensity: 2
    coverage: {provinces: west, kinds: rural}
    costs: {testing: {payer: central_government}}
  union_reform:
    coverage: {provinces: [SC, GZ, YN]}
    costs: {migration: {payer: central_government}}
"""
PRINTED = {
    page: [block.partition("```")[0] for block in (DOCS / page).read_text("utf-8").split("```yaml\n")[1:]]
    for page in ("configuration.md", "zh/configuration.md")
}
# What a lever leaves out of its own reach comes from that of the scenario.
IN_PARTS = "title: Mine\nlevers: {data_sharing: {coverage: {provinces: west}}, alliances: 0.5}\nreach: [rural, 山东]\n"
ASSUMED = {
    "{behaviour.peer: {value: 35, unit: '%'}}": {"behaviour.peer": 0.35},
    "{behaviour: {peer: {value: 2.5, range: [0, 3], source: ours}}}": {"behaviour.peer": 2.5},
    # a value above the file of its group, in any order
    "{network.partners: true, network: no_partners}": {},
    "{network: no_partners, network.partners: true}": {},
}
ASSUMING = "title: Mine\nassumptions: {}\n"
RIGHT = dict.fromkeys(
    (
        *(RAMP.format(ramp) for ramp, _ in UNITS),
        *(CALLED.format(word) for word in ENVIRONMENTS),
        *(DATED.format(levers, dates) for levers, dates, _ in WAYS),
        *(text for texts in PRINTED.values() for text in texts),
        *(ASSUMING.format(assumptions) for assumptions in ASSUMED),
        *(STRONG, CHINESE, ENGLISH, IN_PARTS),
    )
)
WRONG = [
    (
        "levers: {data_sharing: {when: {outcome: gini, bank_kind: rural, above: 0.2}}}\n",
        "gini is one number for all banks; allowed bank_kind: all",
    ),
    ("reach: [west]\n", "has dates or reach but no levers"),
    ("levers: {}\npolicies: data_sharing\ndates: 2026Q1\n", "has dates or reach but no levers"),
    (
        "levers: {data_sharing: 0.5}\npolicies: {data_sharing: {intensity: 0.9}}\n",
        "data_sharing stands there twice",
    ),
    ("assumptions: {behaviour: {peer: 0.5}, behaviour.peer: 0.7}\n", "behaviour.peer stands there twice"),
    ("assumptions: {behaviour.peer: {value: 1, unit: yuan}}\n", "behaviour.peer.unit: '1' is not in 1"),
    (
        "assumptions: {behaviour.peer: {value: 1, range: [3, 0]}}\n",
        "behaviour.peer.range: runs from 3 down to 0",
    ),
    (
        "levers: {data_sharing: {coverage: {kinds: city}}}\nreach: wset\n",
        "mine.yaml:library.mine.reach: 'wset' is",
    ),
    (
        "levers: {data_sharing: {coverage: {provinces: wset}}}\nreach: rural\n",
        "mine.yaml:library.mine.levers.data_sharing.coverage.provinces: 'wset' is",
    ),
    ("levers: {data_sharin: 1}\n", "did you mean data_sharing?"),
    ("levers: data_sharing\nreach: [Sichaun]\n", "did you mean SC?"),
    ("levers: data_sharing\nreach: [wset]\n", "mine.yaml:library.mine.reach: 'wset' is not known"),
    ("levers: data_sharing\nreach: [wset]\n", "did you mean west?"),
    ("levers: data_sharing\nreach: [rurl]\n", "did you mean rural?"),
    (
        "levers: data_sharing\nreach: [rurl]\n",
        "reach: 'rurl' is not known; allowed large, city, rural, private, all, small",
    ),
    ("levers: {data_sharing: -1}\n", "mine.yaml:library.mine.levers.data_sharing: -1 is out of range"),
    ("levers: [data_sharing, [alliances]]\n", "['alliances'] is not text"),
    ("levers: data_sharing\ndates: 2026年 至 2028Q4\n", "did you mean 2026Q1?"),
    ("levers: data_sharing\ndates: 2026年一季度 至 2028年\n", "did you mean 2028Q4?"),
    ("environment: 严竣\n", "allowed mild, central, severe"),
    ("lever: x\nenvironment: sever\n", "did you mean severe?"),
    ("environment: sever\n", "'sever' is not known; allowed mild, central, severe"),
    ("levers: data_sharing\ndates: 2026Q5\n", "2026Q5"),
    ("levers: data_sharing\ndates: 2026Q1 to 2031Q4\n", "2031Q4 lies outside the study"),
    ("levers: {data_sharing: {strt: 2026Q1}}\n", "is not a known key"),
    ("levers: data_sharing\nlever: x\n", "did you mean library.mine.levers?"),
    ("policies: [data_sharing, 数据共享]\n", "data_sharing stands there twice"),
    ("levers: {data_sharing: {name: x}}\n", "data_sharing.name: is not a known key"),
    (
        "levers: {data_sharing: {take_up: 3}}\n",
        "mine.yaml:library.mine.levers.data_sharing.take_up: 3 is",
    ),
    ("levers: {data_sharing: {ramp: 0.3 years}}\n", "1.2 is not a whole number"),
    ("levers: {data_sharing: 7}\n", "out of range"),
    ("levers: {data_sharing: {costs: {platform: {amount: -5e12}}}}\n", "out of range"),
]
HIDDEN = [  # behind another fault: seen only where nothing else is wrong
    ("levers: data_sharing\nreach: [XZ]\n", "mine.yaml:library.mine.reach: reaches 0 banks"),
    ("defaults: [override /network: none]\nlevers: data_sharing\n", "in a scenario, assumptions: {"),
]


def composed(folder: Path, scenarios: Mapping[str, str]) -> StudySettings:
    """The study of these scenarios of one's own, by name."""
    (folder / "library").mkdir(exist_ok=True)
    for name, text in scenarios.items():
        (folder / "library" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return compose_study([f"scenarios=[baseline,{','.join(scenarios)}]"], [folder])


def faults(folder: Path, scenarios: Mapping[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        composed(folder, scenarios)
    return [str(fault) for fault in caught.value.faults]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudySettings:
    """Every text that is right: all stand in one folder and are composed once."""
    texts = {f"mine_{place}": text for place, text in enumerate(RIGHT)}
    return composed(tmp_path_factory.mktemp("right"), {"西部": ENOUGH, **texts})


@pytest.fixture(scope="module")
def right(study: StudySettings) -> dict[str, ScenarioSettings]:
    """What becomes of every text that is right."""
    return dict(zip(RIGHT, study.scenarios[2:], strict=True))


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What is said of every text that is wrong, each in a file of its place: one pass names everything."""
    texts = {f"mine_{place}": text for place, (text, _) in enumerate(WRONG)}
    return faults(tmp_path_factory.mktemp("wrong"), texts)


@pytest.mark.parametrize(("ramp", "quarters"), UNITS)
def test_a_whole_number_may_have_its_unit(
    right: dict[str, ScenarioSettings], ramp: str, quarters: int
) -> None:
    assert right[RAMP.format(ramp)].policies[0].ramp == quarters


def test_an_environment_is_called_as_the_report_calls_it(right: dict[str, ScenarioSettings]) -> None:
    for word in ENVIRONMENTS:
        assert right[CALLED.format(word)].environment_name == "severe"


def test_title_levers_dates_and_reach_are_enough(study: StudySettings) -> None:
    scenario, shipped = (
        study.scenario("西部"),
        compose_study(["policy=[data_sharing,talent_policy]"]).scenarios[-1],
    )
    assert scenario.title.zh == "西部"
    assert [policy.name for policy in scenario.policies] == ["data_sharing", "talent_policy"]
    assert [policy.intensity for policy in scenario.policies] == [0.9, 0.8]
    for policy, like in zip(scenario.policies, shipped.policies, strict=True):
        assert (policy.start, policy.end) == ("2026Q1", "2028Q4")
        assert policy.coverage.kinds == ("rural", "city")
        assert policy.coverage.provinces == names.REGIONS["west"]
        assert (policy.effects, policy.costs, policy.take_up) == (like.effects, like.costs, like.take_up)
    assert scenario.beyond == ()
    assert study.labels[:2] == ("baseline", "西部")


@pytest.mark.parametrize(("levers", "dates", "span"), WAYS)
def test_ways_to_write_it(
    right: dict[str, ScenarioSettings], levers: str, dates: str, span: tuple[str, str]
) -> None:
    (policy,) = right[DATED.format(levers, dates)].policies
    assert policy.name == "data_sharing"
    assert (policy.start, policy.end) == span


def test_a_lever_leaves_to_the_scenario_what_it_does_not_say_of_its_reach(
    right: dict[str, ScenarioSettings],
) -> None:
    western, other = (policy.coverage for policy in right[IN_PARTS].policies)
    assert (western.kinds, western.provinces) == (("rural",), names.REGIONS["west"])
    assert (other.kinds, other.provinces) == (("rural",), ("SD",))


def test_an_assumption_is_read_as_any_other_number(right: dict[str, ScenarioSettings]) -> None:
    assert {text: right[ASSUMING.format(text)].assumptions for text in ASSUMED} == ASSUMED


APART = """
title: Mine
levers: {data_sharing: 0.9, alliances: {take_up: 0.5}}
dates: 2026Q1 to 2028Q4
reach: [west, rural]
assumptions: {allocation: reinforcement, behaviour.peer: 0.7}
"""


@pytest.mark.parametrize(
    "word",
    [
        *("policies.data_sharing.start=2027Q1", "policies.data_sharing.intensity=0.2"),
        *("policies.data_sharing.coverage={kinds: [city]}", "policies.alliances.take_up=0.7"),
        *("behaviour.peer=0.5", "allocation=fixed_plan"),
    ],
)
def test_a_word_that_every_scenario_says_otherwise_is_refused(tmp_path: Path, word: str) -> None:
    composed(tmp_path, {"mine": APART})
    with pytest.raises(
        ConfigError, match=r"counts in no scenario, for each that has it says its own: .*mine"
    ):
        compose_study(["baseline=mine", "scenarios=[mine]", word], [tmp_path])


def test_a_word_that_one_scenario_says_otherwise_is_said(tmp_path: Path) -> None:
    composed(tmp_path, {"mine": APART})
    notes: list[Sentence] = []
    words, own = (
        ["scenarios=[mine,data_sharing]", "policies.data_sharing.intensity=0.2"],
        own_files([tmp_path]),
    )
    config = composition.composed(words, own)
    study = study_of(config, config.hydra, own, notes)
    assert [study.scenario(one).policies[0].intensity for one in ("mine", "data_sharing")] == [0.9, 0.2]
    assert "policies.data_sharing.intensity does not count in mine" in "\n".join(str(note) for note in notes)
    compose_study(
        ["scenarios=[baseline,mine]", "policies.alliances.ramp=2", "behaviour.peer=0.5"], [tmp_path]
    )


def test_what_lies_beyond_the_evidence_runs_and_is_marked(
    study: StudySettings, right: dict[str, ScenarioSettings]
) -> None:
    scenario = right[STRONG]
    assert scenario.beyond == (
        "policies.data_sharing.intensity 1.5",
        "policies.data_sharing.effects.data_tax 0.5",
    )
    assert scenario.title.en == "Strong (beyond the evidence)"
    assert scenario.title.zh == "强（超出证据范围）"
    assert study.scenarios[0].beyond == ()
    assert scenario.policies[0].effects[0].value == 0.5
    again = restored(json.loads(json.dumps(study.plain())))
    assert again.digest == study.digest
    assert again.scenario(scenario.label).beyond == scenario.beyond


# A number, a value beyond its shipped range, the study that has it, and what of the value is marked.
WIDER = [
    ("policies.data_sharing.effects.data_tax", 0.6, "policy=data_sharing", "0.6"),
    ("policies.data_sharing.effects.data_tax", 0.3, "policy=data_sharing", "0.3 [-9e+09, 9e+09]"),
    ("policies.data_sharing.costs.platform.amount", 9e8, "policy=data_sharing", "9e+08"),
    ("shocks.margin.effects.margin", -2.0, "shock=margin", "-2"),
    ("environments.severe.ageing", 4.0, "environment=severe", "4"),
    ("behaviour.peer", 2.5, "policy=data_sharing", "2.5"),
]


@pytest.mark.parametrize(("name", "value", "study", "marked"), WIDER)
def test_a_wider_range_of_ones_own_is_no_evidence(name: str, value: float, study: str, marked: str) -> None:
    notes: list[Sentence] = []
    given = f"++{name}={{value: {value}, range: [-9e9, 9e9], source: ours, grade: own data}}"
    config = composition.composed([study, given], SHIPPED)
    settings = study_of(config, config.hydra, SHIPPED, notes)
    scenario, is_shared = settings.scenarios[-1], name.startswith("behaviour.")
    assert scenario.beyond == (() if is_shared else (f"{name} {marked}",))
    assert scenario.title.en.endswith(" (beyond the evidence)") != is_shared
    said = [note.en for note in notes if "beyond the evidence" in note.en]
    assert said
    assert all(f"{name} {marked}" in note for note in said)
    shipped = catalogue.row(name)
    (shown,) = [row.beyond for row in listed(settings.plain()) if row.place == name]
    drawn = " [−9e+09 – 9e+09]" if "[" in marked else ""
    assert shown == f"{show(float(value))}{drawn} ({show(shipped.low)} – {show(shipped.high)})"


def test_no_shipped_scenario_lies_beyond_the_evidence() -> None:
    shipped = [name for name in mapping(CONF / "library" / "default.yaml") if name != "defaults"]
    study = compose_study([f"scenarios=[{','.join(shipped)}]"])
    assert len(study.scenarios) >= len(shipped)
    assert {one.label: one.beyond for one in study.scenarios if one.beyond} == {}


def test_an_assumption_beyond_the_evidence_is_marked(tmp_path: Path) -> None:
    composed(tmp_path, {"mine": "assumptions: {behaviour.peer: {value: 2.5, range: [0, 3], source: ours}}\n"})
    assert compose_study(["scenarios=[mine]"], [tmp_path]).scenarios[-1].beyond == ("behaviour.peer 2.5",)


def test_a_shock_of_ones_own_is_a_scenario_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "shocks").mkdir()
    shock = "title: 客户违约\ndoes: A loss.\nstart: 2026Q1\nend: null\n"
    shock += "effects: {own_loss: 200 million yuan}\nexpected: [index all 0]\ngrade: own data\nsource: ours\n"
    (tmp_path / "shocks" / "client.yaml").write_text(shock, encoding="utf-8")
    study = compose_study(["scenarios=[baseline,severe_margin,client]"], [tmp_path])
    assert study.labels == ("baseline", "severe_margin", "client")
    assert study.scenarios[-1].title.zh == "客户违约"
    assert [shock.name for shock in study.scenarios[-1].shocks] == ["client"]
    again = restored(json.loads(json.dumps(study.plain())))
    assert again.digest == study.digest
    (tmp_path / "experiment").mkdir()
    emptied = "# @package _global_\npolicies: null\nscenarios: [baseline, client]\n"
    (tmp_path / "experiment" / "emptied.yaml").write_text(emptied, encoding="utf-8")
    assert compose_study(["experiment=emptied"], [tmp_path]).labels == ("baseline", "client")


def test_beyond_is_for_scenarios_of_ones_own() -> None:
    with pytest.raises(ConfigError, match=r"1\.5 is out of range"):
        compose_study(["policy=data_sharing", "policies.data_sharing.intensity=1.5"])
    with pytest.raises(ConfigError, match=r"0\.5 is out of range"):
        compose_study(["policy=data_sharing", "policies.data_sharing.effects.data_tax=0.5"])


@pytest.mark.parametrize("place", range(len(WRONG)), ids=[" ".join(case) for case in WRONG])
def test_what_is_wrong_in_it_is_said(wrong: list[str], place: int) -> None:
    name, fault = f"mine_{place}", WRONG[place][1]
    said = [line for line in wrong if f"/{name}.yaml:" in line]
    assert any(re.sub(r"\bmine\b", name, fault) in line for line in said), said


@pytest.mark.parametrize(("text", "fault"), HIDDEN)
def test_what_is_wrong_behind_other_faults_is_said(tmp_path: Path, text: str, fault: str) -> None:
    assert fault in "\n".join(faults(tmp_path, {"mine": text}))


def test_a_lever_of_ones_own_is_read_from_a_policy_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LEVERS, "_things", dict(LEVERS._things))  # forgotten after the test
    LEVERS.register("mentoring", Lever("technologists gained a quarter, relative"))
    shipped = (CONF / "policies" / "talent_policy.yaml").read_text("utf-8")
    (tmp_path / "policies").mkdir()
    ends = {"lent_people": (1.0, 1.0), "lent_more": (0.5, 1.5)}
    for name, effect in zip(ends, ("1.0", "{value: 1.0, range: [0.5, 1.5]}"), strict=True):
        text = shipped.replace("  hiring_boost: 0.2", f"  mentoring: {effect}")
        (tmp_path / "policies" / f"{name}.yaml").write_text(text, "utf-8")
    scenario = compose_study([f"policy=[{','.join(ends)}]"], [tmp_path]).scenarios[-1]
    assert [policy.name for policy in scenario.policies] == list(ends)
    for policy in scenario.policies:
        found = {effect.field: effect for effect in policy.effects}
        assert (found["mentoring"].value, tuple(found["mentoring"].range)) == (1.0, ends[policy.name])
        assert tuple(found["attrition_cut"].range) != (0.1, 0.1)


def test_a_scenario_may_be_written_in_chinese_throughout(right: dict[str, ScenarioSettings]) -> None:
    scenario, english = right[CHINESE], right[ENGLISH]
    assert scenario.model_copy(update={"name": english.name, "label": english.label}) == english
    assert [cost.payer for policy in scenario.policies for cost in policy.costs] == [
        "central_government", "central_government", "local_government", "central_government",
    ]  # fmt: skip


@pytest.mark.parametrize("word", ["严峻环境", "严峻", "severe path", "Severe"])
def test_an_environment_is_called_as_pages_call_it(word: str) -> None:
    assert compose_study([f"environment={word}"]).scenarios[0].environment_name == "severe"


@pytest.mark.parametrize("group", ["environments", "allocation", "network"])
def test_every_world_that_a_scenario_may_choose_has_a_name_in_both_languages(group: str) -> None:
    words = names.vocabulary(group.removesuffix("s"))
    assert set(words.names) == {file.stem for file in (CONF / group).glob("*.yaml")}
    assert set(words.shown) == set(words.names)


def test_a_baseline_in_another_world_is_said_also_where_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "learning.yaml").write_text("assumptions: {allocation: reinforcement}\n")
    notes: list[Sentence] = []
    own = own_files([tmp_path])
    config = composition.composed(["scenarios=[learning,data_sharing]", "baseline=learning"], own)
    study = study_of(config, config.hydra, own, notes)
    assert [one.baseline for one in study.scenarios] == ["learning"] * 2
    assert [note.en for note in notes if "all of them together" in note.en] == [
        "data_sharing is compared with learning, which has another environment or other assumptions: the effect is "
        "that of all of them together"
    ]


@pytest.mark.parametrize(
    "words", [["scenarios=[baseline,learning]"], ["scenario=learning", "policy=none"]], ids=["beside", "none"]
)
def test_another_world_without_a_policy_is_said(tmp_path: Path, words: list[str]) -> None:
    composed(tmp_path, {"learning": "assumptions: {allocation: reinforcement}\n"})
    notes: list[Sentence] = []
    own = own_files([tmp_path])
    config = composition.composed(words, own)
    study = study_of(config, config.hydra, own, notes)
    assert [(one.label, one.baseline) for one in study.scenarios][-1] == ("learning", "baseline")
    (note,) = [note for note in notes if "another environment or other assumptions" in note.en]
    assert note.en.startswith("learning is compared with baseline")
    assert note.en.endswith("without policy or shock of its own, the effect is theirs")


@pytest.mark.parametrize("page", PRINTED)
def test_scenarios_as_the_documentation_writes_them_are_read(
    right: dict[str, ScenarioSettings], page: str
) -> None:
    assert len(PRINTED[page]) >= 3
    assert all(right[text].policies for text in PRINTED[page])


def test_an_assumption_of_nothing_is_a_fault(tmp_path: Path) -> None:
    text = "policies: [data_sharing]\nassumptions: {behaviour.ease: {}, banks.rural.focus: {}}\n"
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="is missing"):
        compose_study(["scenario=mine"], [tmp_path])
    with pytest.raises(ConfigError, match="'none' is not known"):
        compose_study(["scenarios=[none]"])
