"""A study is what Hydra composes, read once into frozen settings."""

import json
import pickle
import time

import pytest
import yaml
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from experiments.composition.compose import compose_study
from experiments.composition.composer import Composer
from experiments.composition.shelf import shelf
from experiments.location import CONF
from experiments.settings import StudySettings
from experiments.settings.scenario import ScenarioSettings
from model.policy import LEVERS
from model.shock import SHOCKS

LEVER_FILES = sorted(file.stem for file in (CONF / "policy").glob("*.yaml") if file.stem != "none")


@pytest.fixture(scope="module")
def library() -> StudySettings:
    return compose_study(["experiment=library"])


@pytest.mark.parametrize(
    ("groups", "values"),
    [
        (["scenario=severe_margin", "experiment=national"], {}),
        (
            ["scenario=union_bank", "network=none"],
            {
                "seed": 3,
                "policy.union_reform.intensity": 0.5,
                "policy.union_reform.coverage": {"provinces": ["ZJ"]},
            },
        ),
    ],
)
def test_composition_is_what_hydra_composes(groups: list[str], values: dict[str, object]) -> None:
    written = [f"{key}={str(value).replace(chr(39), '')}" for key, value in values.items()]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        hydra = OmegaConf.to_container(compose("config", [*groups, *written]))
    own = Composer(shelf(str(CONF))).compose({text.partition("=")[0]: text for text in groups})
    assert not own.faults
    assert own.with_values(values).tree == hydra


def test_library_composes_within_five_seconds() -> None:
    started = time.process_time()
    assert len(compose_study(["experiment=library"]).scenarios) >= 24
    assert time.process_time() - started < 5.0


def test_default_study_has_its_four_scenarios() -> None:
    study = compose_study()
    assert study.labels == ("baseline", "inclusive_supervision", "data_sharing", "both")
    assert {scenario.baseline for scenario in study.scenarios} == {"baseline"}
    assert (study.start_index, study.end_index, len(study.quarters)) == (0, 43, 44)


@pytest.mark.parametrize(
    ("overrides", "labels", "baselines"),
    [
        (["policy=none"], ["baseline"], ["baseline"]),
        (["policy=data_sharing"], ["baseline", "data_sharing"], ["baseline"] * 2),
        (["policy=[data_sharing,alliances]"], ["baseline", "data_sharing+alliances"], ["baseline"] * 2),
        (
            ["policy=data_sharing", "environment=severe"],
            ["baseline@severe", "data_sharing@severe"],
            ["baseline@severe"] * 2,
        ),
        (["policy=alliances", "shock=margin"], ["baseline", "alliances+margin"], ["baseline"] * 2),
        (["scenario=severe_margin"], ["baseline", "severe_margin"], ["baseline"] * 2),
        (["scenario=both"], ["baseline", "both"], ["baseline"] * 2),
        (["baseline=both", "scenarios=[both,data_sharing]"], ["both", "data_sharing"], ["both"] * 2),
        (["scenarios=[both]"], ["baseline", "both"], ["baseline"] * 2),
    ],
)
def test_scenarios_meet_their_baseline(overrides: list[str], labels: list[str], baselines: list[str]) -> None:
    study = compose_study(overrides)
    assert list(study.labels) == labels
    assert [scenario.baseline for scenario in study.scenarios] == baselines


def test_baseline_of_given_policies_shares_their_environment() -> None:
    study = compose_study(["policy=data_sharing", "environment=severe"])
    first, second = study.scenarios
    assert first.environment_name == second.environment_name == "severe"
    assert first.environment == second.environment
    assert not first.policies


def test_open_ends_close_with_the_study() -> None:
    study = compose_study(["policy=data_sharing", "end=2026Q2"])
    assert study.scenarios[1].policies[0].end == "2026Q2"


def test_settings_come_back_from_plain_data(library: StudySettings) -> None:
    text = json.dumps(library.plain(), allow_nan=False)
    again = StudySettings.model_validate(json.loads(text))
    assert json.dumps(again.plain()) == text
    assert pickle.loads(pickle.dumps(library)).plain() == library.plain()  # noqa: S301 - our own settings


def test_settings_cannot_be_changed(library: StudySettings) -> None:
    with pytest.raises(ValueError, match="frozen"):
        library.seed = 1
    with pytest.raises(AttributeError):
        library.behaviour.anything = 1


def test_digest_follows_the_numbers_and_nothing_else() -> None:
    digest = compose_study(["policy=data_sharing"]).digest
    assert compose_study(["policy=data_sharing", "name=other", "report=zh"]).digest == digest
    assert compose_study(["policy=data_sharing", "policy.data_sharing.intensity=0.5"]).digest != digest
    assert compose_study(["policy=data_sharing", "seed=1"]).digest != digest


def test_a_changed_number_says_so() -> None:
    study = compose_study(["policy=none"])
    key, number = next((k, q) for k, q in study.behaviour.quantities() if isinstance(q.value, float))
    assert not number.changed
    given = compose_study(["policy=none", f"behaviour.{key}.value={number.high}"])
    again = dict(given.behaviour.quantities())[key]
    assert again.value == number.high
    assert again.changed == (number.high != number.value)


def test_years_are_found_under_their_number() -> None:
    files = sorted((CONF / "environment").glob("*.yaml"))
    content = yaml.safe_load(files[0].read_text(encoding="utf-8"))
    key, node = next((k, v) for k, v in content.items() if isinstance(v, dict) and 2030 in v.get("value", {}))
    low = node["range"][0]
    study = compose_study(
        ["policy=none", f"environment={files[0].stem}", f"environment.{key}.value.2030={low}"]
    )
    assert study.scenarios[-1].environment[key].value["2030"] == low


def test_every_lever_stands_alone_in_the_library(library: StudySettings) -> None:
    alone = {scenario.policies[0].name for scenario in library.scenarios if len(scenario.policies) == 1}
    assert alone == set(LEVER_FILES)
    assert len(LEVER_FILES) == 13


def test_every_scenario_file_is_in_the_library(library: StudySettings) -> None:
    assert set(library.labels) == {file.stem for file in (CONF / "scenario").glob("*.yaml")}


def test_scenarios_say_what_they_test_and_expect(library: StudySettings) -> None:
    for scenario in library.scenarios:
        assert scenario.title.en != scenario.title.zh
        assert scenario.tests.en != scenario.tests.zh
        assert scenario.expected or scenario.label == "baseline"


def test_one_sentence_serves_for_both_languages(library: StudySettings) -> None:
    said = {**library.scenarios[1].model_dump(), "tests": "Whether it helps."}
    tests = ScenarioSettings.model_validate(said).tests
    assert (tests.en, tests.zh) == ("Whether it helps.", "Whether it helps.")


def test_effects_sit_in_the_middle_of_their_range(library: StudySettings) -> None:
    for scenario in library.scenarios[1:14]:
        for effect in scenario.policies[0].effects:
            assert effect.field in LEVERS
            assert effect.value == pytest.approx(sum(effect.range) / 2), f"{scenario.label} {effect.field}"


def test_every_lever_has_a_price(library: StudySettings) -> None:
    full = library.scenario("full_package")
    assert all(policy.costs for policy in full.policies)
    assert {cost.payer for policy in full.policies for cost in policy.costs} == {
        "central_government",
        "local_government",
        "association",
        "bank",
    }


def test_shocks_move_known_fields(library: StudySettings) -> None:
    shocks = [shock for scenario in library.scenarios for shock in scenario.shocks]
    assert {effect.field for shock in shocks for effect in shock.effects} <= set(SHOCKS)
    assert shocks


@pytest.mark.parametrize("file", sorted((CONF / "experiment").glob("*.yaml")), ids=lambda file: file.stem)
def test_every_experiment_composes_with_its_command_on_top(file) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[1] == f"# python simulate.py experiment={file.stem}"
    assert compose_study([f"experiment={file.stem}"]).experiment == file.stem


@pytest.mark.parametrize("file", sorted((CONF / "scenario").glob("*.yaml")), ids=lambda file: file.stem)
def test_every_scenario_has_its_command_on_top(file) -> None:
    assert file.read_text(encoding="utf-8").splitlines()[1] == f"# python simulate.py scenario={file.stem}"
