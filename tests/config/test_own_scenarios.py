"""A scenario of one's own in a few lines: title, levers, dates, reach; what lies beyond the evidence is marked."""

import json
from pathlib import Path

import pytest

from experiments.config import composition, names
from experiments.config.errors import ConfigError, Sentence
from experiments.config.folders import own_files
from experiments.config.load import compose_study, study_of
from experiments.config.study import StudySettings, restored
from experiments.location import CONF
from model.policy import LEVERS, Lever

DOCS = Path(__file__).resolve().parents[2] / "docs"


def composed(tmp_path: Path, text: str, *words: str, name: str = "mine") -> StudySettings:
    (tmp_path / "library").mkdir(exist_ok=True)
    (tmp_path / "library" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return compose_study([f"scenario={name}", *words], [tmp_path])


def said(tmp_path: Path, text: str, *words: str) -> str:
    with pytest.raises(ConfigError) as caught:
        composed(tmp_path, text, *words)
    return str(caught.value)


@pytest.mark.parametrize(("ramp", "quarters"), [("2 years", 8), ("8 quarters", 8), ("8季度", 8), (3, 3)])
def test_a_whole_number_may_have_its_unit(tmp_path: Path, ramp: object, quarters: int) -> None:
    study = composed(tmp_path, f"title: Mine\nlevers: {{data_sharing: {{ramp: {ramp}}}}}\n")
    assert study.scenarios[-1].policies[0].ramp == quarters
    assert "1.2 is not a whole number" in said(tmp_path, "levers: {data_sharing: {ramp: 0.3 years}}\n")


def test_an_environment_is_called_as_the_report_calls_it(tmp_path: Path) -> None:
    for word in ("严峻", "严峻环境", "severe environment"):
        study = composed(tmp_path, f"title: Mine\nlevers: data_sharing\nenvironment: {word}\n")
        assert study.scenarios[-1].environment_name == "severe"


def test_title_levers_dates_and_reach_are_enough(tmp_path: Path) -> None:
    text = "title: {en: West, zh: 西部}\nlevers: {数据共享: 0.9, talent_policy: 80 %}\n"
    study = composed(tmp_path, text + "dates: 2026Q1 to 2028Q4\nreach: [west, 农商行, city]\n", name="西部")
    scenario, shipped = (
        study.scenarios[-1],
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
    assert study.labels == ("baseline", "西部")


@pytest.mark.parametrize(
    ("levers", "dates", "span"),
    [
        ("data_sharing", "2026Q1", ("2026Q1", "2030Q4")),
        ("[data_sharing]", "[2026Q1, 2027Q4]", ("2026Q1", "2027Q4")),
        ("{data_sharing: {take_up: 0.5}}", "2026Q1 至 2027Q4", ("2026Q1", "2027Q4")),
        ("公共数据共享", "{end: 2027Q4}", ("2025Q1", "2027Q4")),
        ("{data_sharing: {when: {outcome: index, above: 9}}}", "2026Q1", ("2026Q1", "2030Q4")),
    ],
)
def test_ways_to_write_it(tmp_path: Path, levers: str, dates: str, span: tuple[str, str]) -> None:
    (policy,) = composed(tmp_path, f"title: Mine\nlevers: {levers}\ndates: {dates}\n").scenarios[-1].policies
    assert policy.name == "data_sharing"
    assert (policy.start, policy.end) == span


def test_what_lies_beyond_the_evidence_runs_and_is_marked(tmp_path: Path) -> None:
    text = (
        "title: {en: Strong, zh: 强}\nlevers: {data_sharing: {intensity: 150 %, effects: {data_tax: 50 %}}}\n"
    )
    study = composed(tmp_path, text)
    scenario = study.scenarios[-1]
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
    assert again.scenarios[-1].beyond == scenario.beyond


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


def test_beyond_is_for_scenarios_of_ones_own(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"1\.5 is out of range"):
        compose_study(["policy=data_sharing", "policies.data_sharing.intensity=1.5"])
    with pytest.raises(ConfigError, match=r"0\.5 is out of range"):
        compose_study(["policy=data_sharing", "policies.data_sharing.effects.data_tax=0.5"])
    assert "out of range" in said(tmp_path, "levers: {data_sharing: 7}\n")
    assert "out of range" in said(tmp_path, "levers: {data_sharing: {costs: {platform: {amount: -5e12}}}}\n")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("reach: [west]\n", "has dates or reach but no levers"),
        ("levers: {data_sharin: 1}\n", "did you mean data_sharing?"),
        ("levers: data_sharing\nreach: [Sichaun]\n", "did you mean SC?"),
        ("levers: data_sharing\nreach: [wset]\n", "mine.yaml:library.mine.reach: 'wset' is not known"),
        ("levers: data_sharing\nreach: [wset]\n", "did you mean west?"),
        ("levers: data_sharing\nreach: [XZ]\n", "mine.yaml:library.mine.reach: reaches 0 banks"),
        ("levers: {data_sharing: -1}\n", "mine.yaml:library.mine.levers.data_sharing: -1 is out of range"),
        ("levers: [data_sharing, [alliances]]\n", "['alliances'] is not text"),
        ("levers: data_sharing\ndates: 2026年 至 2028Q4\n", "did you mean 2026Q1?"),
        ("levers: data_sharing\ndates: 2026年一季度 至 2028年\n", "did you mean 2028Q4?"),
        ("environment: 严竣\n", "allowed mild, central, severe"),
        ("lever: x\nenvironment: sever\n", "did you mean severe?"),
        ("defaults: [override /network: none]\nlevers: data_sharing\n", "in a scenario, assumptions: {"),
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
    ],
)
def test_what_is_wrong_in_it_is_said(tmp_path: Path, text: str, fault: str) -> None:
    assert fault in said(tmp_path, text)


def test_a_lever_of_ones_own_is_read_from_a_policy_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LEVERS, "_known", dict(LEVERS._known))  # forgotten after the test
    LEVERS.register("mentoring", Lever("technologists gained a quarter, relative"))
    shipped = (CONF / "policies" / "talent_policy.yaml").read_text("utf-8")
    (tmp_path / "policies").mkdir()
    for effect, ends in (("1.0", (1.0, 1.0)), ("{value: 1.0, range: [0.5, 1.5]}", (0.5, 1.5))):
        text = shipped.replace("  hiring_boost: 0.2", f"  mentoring: {effect}")
        (tmp_path / "policies" / "lent_people.yaml").write_text(text, "utf-8")
        (policy,) = compose_study(["policy=lent_people"], [tmp_path]).scenarios[-1].policies
        found = {effect.field: effect for effect in policy.effects}
        assert (found["mentoring"].value, tuple(found["mentoring"].range)) == (1.0, ends)
        assert tuple(found["attrition_cut"].range) != (0.1, 0.1)


def test_a_scenario_may_be_written_in_chinese_throughout(tmp_path: Path) -> None:
    study = composed(
        tmp_path,
        "title: 西部\nenvironment: 严峻\nassumptions: {allocation: 强化学习, network: 无省联社}\nlevers:\n"
        "  包容审慎监管:\n    intensity: 2\n    coverage: {provinces: 西部, kinds: 农商行}\n"
        "    costs: {testing: {payer: 中央财政}}\n"
        "  省联社改革: {coverage: {provinces: [四川, 贵州, 云南]}, costs: {migration: {payer: centre}}}\n",
    )
    scenario = study.scenarios[-1]
    english = composed(
        tmp_path,
        "title: 西部\nenvironment: severe\nassumptions: {allocation: reinforcement, network: no_unions}\nlevers:\n"
        "  inclusive_supervision:\n    intensity: 2\n    coverage: {provinces: west, kinds: rural}\n"
        "    costs: {testing: {payer: central_government}}\n"
        "  union_reform:\n    coverage: {provinces: [SC, GZ, YN]}\n"
        "    costs: {migration: {payer: central_government}}\n",
    )
    assert scenario == english.scenarios[-1]
    assert [cost.payer for policy in scenario.policies for cost in policy.costs] == [
        "central_government", "central_government", "local_government", "central_government",
    ]  # fmt: skip


@pytest.mark.parametrize("word", ["严峻环境", "严峻", "severe path", "Severe"])
def test_an_environment_is_called_as_pages_call_it(word: str) -> None:
    assert compose_study([f"environment={word}"]).scenarios[0].environment_name == "severe"


def test_a_strange_environment_of_a_scenario_is_told_with_those_there_are(tmp_path: Path) -> None:
    assert "'sever' is not known; allowed mild, central, severe" in said(tmp_path, "environment: sever\n")


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


@pytest.mark.parametrize("page", ["configuration.md", "zh/configuration.md"])
def test_scenarios_as_the_documentation_writes_them_are_read(tmp_path: Path, page: str) -> None:
    blocks = (DOCS / page).read_text("utf-8").split("```yaml\n")[1:]
    texts = [block.partition("```")[0] for block in blocks]
    assert len(texts) >= 3
    for text in texts:
        assert composed(tmp_path, text).scenarios[-1].policies
