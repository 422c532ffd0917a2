"""A study is what Hydra composes, read once into frozen settings."""

import json
import pickle
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import OmegaConf

from agents.honeycomb import KINDS
from experiments.config.composition import composed
from experiments.config.errors import ConfigError, Sentence
from experiments.config.folders import SHIPPED, OwnFiles, known_to_hydra, own_files
from experiments.config.load import compose_study, study_of
from experiments.config.numbers import content
from experiments.config.study import StudySettings, restored
from experiments.config.tree import Tree
from experiments.location import CONF
from model.policy import LEVERS
from model.shock import SHOCKS

LIBRARY = content("library/default")
LEVER_FILES = sorted(file.stem for file in (CONF / "policies").glob("*.yaml"))


@pytest.fixture(scope="module")
def library() -> StudySettings:
    return compose_study(["experiment=library"])


def test_hydra_alone_composes_the_same_numbers() -> None:
    words = [
        "experiment=national",
        "environments.severe.margin_change.2026=-0.2",
        "policies.alliances.ramp=2",
    ]
    with known_to_hydra(OwnFiles()), initialize_config_dir(str(CONF), version_base="1.3"):
        plain = OmegaConf.to_container(compose("config", words))
    study = compose_study([*words, "scenarios=[baseline,alliances]", "environment=severe"])
    plan = plain["behaviour"].pop("plan")
    assert study.behaviour.plan == pytest.approx(plan, abs=1e-4)  # rounded shares, brought to one
    assert {key: value for key, value in study.behaviour.plain().items() if key != "plan"} == plain[
        "behaviour"
    ]
    assert study.banks.plain() == plain["banks"]
    assert study.population.plain() == plain["population"]
    assert study.scenarios[1].environment.plain() == plain["environments"]["severe"]
    assert study.scenarios[1].environment.margin_change["2026"] == -0.2
    assert study.scenarios[1].policies[0].ramp == 2


def test_the_library_is_validated_within_a_second(library: StudySettings) -> None:
    config = composed(["experiment=library"], OwnFiles())
    started = time.process_time()
    assert study_of(config, config.hydra, OwnFiles()).plain() == library.plain()
    assert time.process_time() - started < 2.0


def test_default_study_has_its_four_scenarios() -> None:
    study = compose_study()
    assert study.labels == ("baseline", "union_reform", "data_sharing", "talent_policy")
    assert {scenario.baseline for scenario in study.scenarios} == {"baseline"}
    assert (study.start_index, study.end_index, len(study.quarters)) == (0, 43, 44)


@pytest.mark.parametrize(
    ("overrides", "labels", "baselines"),
    [
        (["policy=none"], ["baseline"], ["baseline"]),
        (["policy=数据共享"], ["baseline", "data_sharing"], ["baseline"] * 2),
        (["policy=[data_sharing,alliances]"], ["baseline", "data_sharing+alliances"], ["baseline"] * 2),
        (
            ["policy=data_sharing", "environment=severe"],
            ["baseline@severe", "data_sharing@severe"],
            ["baseline@severe"] * 2,
        ),
        (["policy=alliances", "shock=margin"], ["baseline", "alliances+margin"], ["baseline"] * 2),
        (["scenario=severe_margin"], ["baseline", "severe_margin"], ["baseline"] * 2),
        (["baseline=both", "scenarios=[both,data_sharing]"], ["both", "data_sharing"], ["both"] * 2),
        (["scenarios=[both]"], ["baseline", "both"], ["baseline"] * 2),
        (
            ["scenarios=[baseline,severe_margin]", "environment=severe"],
            ["baseline@severe", "severe_margin"],
            ["baseline@severe"] * 2,
        ),
        (  # the baseline that was named is the baseline, and no hidden one is ranked beside the policies
            ["scenarios=[baseline,mine]", "+library.mine={policies: [data_sharing], environment: severe}"],
            ["baseline", "mine"],
            ["baseline"] * 2,
        ),
        (["scenario=data_sharing", "policy=none"], ["baseline"], ["baseline"]),
        (
            ["scenario=mine", "policy=none", "+library.mine={assumptions: {allocation: fixed_plan}}"],
            ["baseline", "mine"],
            ["baseline"] * 2,
        ),
        (
            ["scenarios=[vendor_outage,baseline,export_standards_under_outage]"],
            ["vendor_outage", "baseline", "export_standards_under_outage"],
            ["baseline", "baseline", "vendor_outage"],
        ),
        (  # a shock is no baseline unless it is said to be, and what it does is measured too
            ["scenarios=[margin_shock,数据共享]"],
            ["baseline", "margin_shock", "data_sharing"],
            ["baseline"] * 3,
        ),
        (  # a baseline with other assumptions is one line
            ["scenarios=[mine,both]", "+library.mine={assumptions: {allocation: fixed_plan}}"],
            ["mine", "both"],
            ["mine"] * 2,
        ),
    ],
)
def test_scenarios_meet_their_baseline(overrides: list[str], labels: list[str], baselines: list[str]) -> None:
    study = compose_study(overrides)
    assert list(study.labels) == labels
    assert [scenario.baseline for scenario in study.scenarios] == baselines


def test_a_scenario_without_what_made_it_is_called_a_baseline() -> None:
    notes: list[Sentence] = []
    config = composed(["scenario=full_package", "policy=none"], SHIPPED)
    (only,) = study_of(config, config.hydra, SHIPPED, notes).scenarios
    assert (only.label, only.title.en, only.expected) == ("baseline", "Baseline", ())
    assert "policy= takes the place of the policies of full_package" in str(notes[0])
    config = composed(["scenario=margin_shock", "shock=bad_loans"], SHIPPED)
    study_of(config, config.hydra, SHIPPED, notes)
    assert str(notes[1]) == "shock= takes the place of the shocks of margin_shock: margin"


def test_open_ends_close_with_the_study() -> None:
    study = compose_study(["policy=data_sharing", "end=2026Q2"])
    assert study.scenarios[1].policies[0].end == "2026Q2"


def test_settings_come_back_from_plain_data(library: StudySettings) -> None:
    text = json.dumps(library.plain(), allow_nan=False)
    again = restored(json.loads(text))
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
    changed = ["policy=data_sharing", "policies.data_sharing.intensity=0.5", "seed=1"]
    assert compose_study(changed).digest != digest


@pytest.mark.parametrize("value", [0.4, 0.55])
def test_a_sampled_number_that_is_given_is_pinned_even_at_the_value_of_the_file(value: float) -> None:
    study = compose_study(["policy=none", f"behaviour.elasticity={value}"])
    assert study.behaviour.elasticity == value
    assert study.pinned == ("behaviour.elasticity",)
    assert not study.is_sampled("behaviour.elasticity")
    assert study.is_sampled("behaviour.spillover")
    sourced = compose_study(["policy=none", f"behaviour.elasticity={{value: {value}, source: my book}}"])
    shipped, row = study.row("behaviour.elasticity"), sourced.row("behaviour.elasticity")
    assert sourced.pinned == study.pinned
    assert row == replace(shipped, source="my book", sampled=None)


def test_one_part_of_a_number_can_be_pinned() -> None:
    study = compose_study(["policy=none"])
    rows = {
        f"banks.{kind}.level": replace(study.row(f"banks.{kind}.level"), sampled=(-1.0, 1.0))
        for kind in KINDS
    }
    study = study.model_copy(update={"rows": rows, "pinned": ("banks.city.level.data",)})
    assert not study.is_sampled("banks.city.level.data")
    assert study.is_sampled("banks.city.level.strategy")
    assert study.is_sampled("banks.large.level.data")
    assert not study.is_sampled("banks.large.payout")


def test_a_number_comes_with_its_unit_range_and_source() -> None:
    words = [
        "behaviour.spillover={value: 5 %, unit: 1/year, range: [0.01, 0.2], source: my book, grade: own data}",
        "bank=example", "bank.assets={value: 180, unit: bn yuan, range: [1, 5000]}", "banks.city.payout='15 %'",
    ]  # fmt: skip
    study = compose_study(["policy=none", *words])
    assert (study.behaviour.spillover, study.banks.city.payout) == (0.05, 0.15)
    row = study.row("behaviour.spillover")
    assert (row.low, row.high, row.source, row.grade) == (0.01, 0.2, "my book", "own data")
    assert study.bank is not None
    assert study.bank.assets == 180e9
    assert restored(json.loads(json.dumps(study.plain()))).plain() == study.plain()


def test_rounded_shares_are_brought_to_one_and_years_after_the_end_passed_over_and_that_is_said() -> None:
    shares = ", ".join(
        f"{name}: 0.1667"
        for name in ("strategy", "organization", "technology", "application", "data", "ecosystem")
    )
    config = composed(["policy=none", "bank=example", f"bank.plan={{{shares}}}", "end=2026Q4"], OwnFiles())
    notes = []
    study = study_of(config, config.hydra, OwnFiles(), notes)
    assert study.bank is not None
    assert study.bank.plan is not None
    assert sum(study.bank.plan.model_dump().values()) == pytest.approx(1.0, abs=1e-12)
    assert any("1.0002" in note.en and "1.0002" in note.zh for note in notes)
    assert any(note.en.startswith("bank.plans.data_first: 2027 lie") for note in notes)


def test_assumptions_are_values_of_one_scenario() -> None:
    words = ["scenarios=[baseline,mine]", "+library.mine={policies: [both_levers], assumptions: {}}"]
    with pytest.raises(ConfigError, match="both_levers"):
        compose_study(words)
    given = "{allocation: reinforcement, network: no_unions, behaviour.elasticity: 0.6, banks: {city: {payout: 0.1}}}"
    study = compose_study(["scenarios=[baseline,mine]", f"+library.mine={{assumptions: {given}}}"])
    mine = study.scenario("mine").assumptions
    assert mine == {
        "allocation.rule": "reinforcement",
        "network.unions": False,
        "behaviour.elasticity": 0.6,
        "banks.city.payout": 0.1,
    }
    under = study.under(mine)
    assert under.allocation.rule == "reinforcement"
    assert under.banks.city.payout == 0.1
    assert under.banks.rural == study.banks.rural
    assert not under.is_sampled("behaviour.elasticity")
    assert study.under({}) is study


@pytest.mark.parametrize(
    ("assumption", "said"),
    [
        ("population: national", "ask for two studies"),
        ("banks: {city: {focus: {retail: 0.1}}}", "ask for two studies"),
        ("behaviour: {elasticity: 9}", "allowed 0.3 to 0.8"),
        ("allocation: reinforcment", "did you mean reinforcement?"),
        ("behaviour.elastcity: 0.2", "did you mean behaviour.elasticity?"),
        ("network.unions: 3", "is not known"),
    ],
)
def test_an_assumption_that_cannot_be_made_is_a_fault(assumption: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        compose_study(["scenarios=[baseline,mine]", f"+library.mine={{assumptions: {{{assumption}}}}}"])
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "words",
    [
        ["seed=3", "policies.data_sharing.start=2026Q1", "behaviour.plan={data: 0.2}", "outputs.figures=[]"],
        ["experiment=national", "environments.severe.margin_change.2026=-0.2", "name=${seed}"],
        ["experiment=portfolio", "analysis.portfolio.budget=5e9", "population=national"],
        ["network=no_unions", "+library.mine={policies: [alliances]}", "~calibration.runs"],
    ],
)
def test_files_composed_once_give_what_hydra_composes(words: list[str]) -> None:
    composed([word for word in words if word.startswith(("experiment=", "network="))], OwnFiles())
    assert_composed_as_by_hydra(words, OwnFiles())


def assert_composed_as_by_hydra(words: list[str], own: OwnFiles) -> None:
    with known_to_hydra(own), initialize_config_dir(str(CONF), version_base="1.3"):
        plain = OmegaConf.to_container(compose("config", words, return_hydra_config=True))
    shared = OmegaConf.to_container(composed(words, own))
    plain["hydra"]["job"].pop("override_dirname")
    shared["hydra"]["job"].pop("override_dirname")
    assert repr(shared) == repr(plain)  # in the same order as well


def test_policies_and_scenarios_of_ones_own_lie_where_hydra_lays_them(mine: Path) -> None:
    text = (CONF / "policies" / "data_sharing.yaml").read_text("utf-8")
    (mine / "policies" / "data_sharing.yaml").write_text(text.replace("0.25", "0.3"), "utf-8")
    (mine / "policies" / "ours.yaml").write_text(text, "utf-8")
    (mine / "library" / "both.yaml").write_text("policies: [data_sharing, ours]\n", "utf-8")
    (mine / "library" / "mine.yaml").write_text("policies: [ours]\n", "utf-8")
    words = ["policies.ours.start=2026Q1", "+library.more={policies: [ours], environment: severe}"]
    assert_composed_as_by_hydra(words, own_files([mine]))


def test_a_second_experiment_is_not_passed_over(mine: Path) -> None:
    with pytest.raises(HydraException, match="experiment@x"):
        composed(["experiment=levers", "experiment@x=stress"], OwnFiles())
    (mine / "experiment" / "2030.yaml").write_text("# @package _global_\nend: 2030Q4\n", "utf-8")
    with pytest.raises(ConfigError, match="2030"):
        compose_study(["experiment=2030"], [mine])


# --- a user's own files


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    for group in ("policies", "library", "behaviour", "experiment", "environments"):
        (tmp_path / group).mkdir()
    return tmp_path


def copied(mine: Path, name: str, *change: str, to: str = "policies") -> None:
    text = (CONF / to / "data_sharing.yaml").read_text("utf-8")
    (mine / to / f"{name}.yaml").write_text(text.replace(*change), "utf-8")


def test_a_file_of_a_shipped_name_stands_in_for_it_and_that_is_said(mine: Path) -> None:
    copied(mine, "data_sharing", "data_tax: 0.25", "data_tax: 0.35")
    study = compose_study(["policy=data_sharing"], [mine])
    assert study.scenarios[1].policies[0].effects[0].value == 0.35
    copied(mine, "data_sharing", "data_tax: 0.25", "data_tax: 0.3125")
    assert compose_study(["policy=data_sharing"], [mine]).scenarios[1].policies[0].effects[0].value == 0.3125
    (note,) = own_files([mine]).notes
    assert "data_sharing.yaml stands in for conf/policies/data_sharing.yaml" in note.en


def test_a_copied_policy_is_a_lever_of_its_own(mine: Path) -> None:
    text = (CONF / "policies" / "data_sharing.yaml").read_text("utf-8")
    header = "# @package policy.data_sharing\n"
    (mine / "policies" / "ours.yaml").write_text(header + text.replace("ramp: 4", "ramp: 9"), "utf-8")
    study = compose_study(["policy=[data_sharing,ours]", "policies.ours.start=2026Q1"], [mine])
    first, second = study.scenarios[1].policies
    assert (first.name, first.ramp, first.start) == ("data_sharing", 4, "2025Q1")
    assert (second.name, second.ramp, second.start) == ("ours", 9, "2026Q1")
    assert second.effects == first.effects
    assert [cost.amount for cost in second.costs] == [cost.amount for cost in first.costs]


def test_a_policy_of_ones_own_is_a_scenario_by_name_or_title_and_no_shock_has_its_name(mine: Path) -> None:
    copied(mine, "ours", "公共数据共享", "西部税务数据")
    assert compose_study(["scenarios=[西部税务]"], [mine]).labels == ("baseline", "ours")
    (mine / "shocks").mkdir()
    (mine / "shocks" / "ours.yaml").write_text(
        (CONF / "shocks" / "frontier.yaml").read_text("utf-8"), "utf-8"
    )
    with pytest.raises(ConfigError, match="ours is a policy and a shock; allowed policy=ours, shock=ours"):
        compose_study(["scenarios=[西部税务]"], [mine])
    assert compose_study(["policy=ours"], [mine]).labels == ("baseline", "ours")


def test_own_scenarios_and_experiments_stand_on_own_policies(mine: Path) -> None:
    (mine / "policies" / "ours.yaml").write_text("defaults: [data_sharing, _self_]\nramp: 9\n", "utf-8")
    scenario = "title: Ours\npolicies:\n  ours: {start: 2026Q1, coverage: {provinces: 四川}}\n"
    (mine / "library" / "ours.yaml").write_text(scenario, "utf-8")
    experiment = "# @package _global_\nscenarios: [baseline, ours]\npolicies: {ours: {take_up: 0.3}}\n"
    (mine / "experiment" / "try.yaml").write_text(experiment, "utf-8")
    study = compose_study(["experiment=try"], [mine])
    (policy,) = study.scenario("ours").policies
    assert (policy.ramp, policy.start, policy.take_up) == (9, "2026Q1", 0.3)
    assert policy.coverage.provinces == ("SC",)
    assert study.scenario("ours").title.zh == "Ours"


def test_a_scenario_of_a_shipped_name_takes_nothing_over_from_it(mine: Path) -> None:
    (mine / "library" / "both.yaml").write_text("title: Mine\nenvironment: severe\n", "utf-8")
    both = compose_study(["scenarios=[baseline,both]"], [mine]).scenario("both")
    assert (both.policies, both.environment_name, both.title.en) == ((), "severe", "Mine")


def test_numbers_of_an_own_file_are_pinned(mine: Path) -> None:
    (mine / "behaviour" / "ours.yaml").write_text("defaults: [default, _self_]\nelasticity: 0.5\n", "utf-8")
    study = compose_study(["policy=none", "behaviour=ours"], [mine])
    assert study.pinned == ("behaviour.elasticity",)


def test_years_may_be_written_as_numbers(mine: Path) -> None:
    text = "defaults: [severe, _self_]\nmargin_change: {2029: -0.1}\n"
    (mine / "environments" / "ours.yaml").write_text(text, "utf-8")
    study = compose_study(["policy=none", "environment=ours"], [mine])
    change = study.scenarios[0].environment.margin_change
    assert (change["2029"], change["2026"], len(change)) == (-0.1, -0.16, 5)


# --- the library


def test_every_scenario_and_every_lever_alone_is_in_the_library(library: StudySettings) -> None:
    dated = {
        name for name in LIBRARY if name[-4:].isdecimal()
    }  # policies as they were, played when asked for
    assert set(library.labels) == set(LIBRARY) - dated
    alone = {scenario.policies[0].name for scenario in library.scenarios if len(scenario.policies) == 1}
    assert alone == set(LEVER_FILES)
    assert len(LEVER_FILES) == 13


def test_scenarios_say_what_they_test_and_expect(library: StudySettings) -> None:
    for scenario in library.scenarios:
        assert scenario.title.en != scenario.title.zh
        assert scenario.tests.en != scenario.tests.zh
        assert scenario.expected or scenario.label == "baseline"


def test_effects_lie_within_their_range(library: StudySettings) -> None:
    for scenario in library.scenarios[1:14]:
        for effect in scenario.policies[0].effects:
            assert effect.field in LEVERS
            low, high = effect.range
            assert low <= effect.value <= high, f"{scenario.label} {effect.field}"


def test_every_lever_has_a_price(library: StudySettings) -> None:
    full = library.scenario("full_package")
    assert all(policy.costs for policy in full.policies)
    payers = {cost.payer for policy in full.policies for cost in policy.costs}
    assert payers == {"central_government", "local_government", "association", "bank"}


def test_a_union_mode_narrows_the_ranges_of_the_reform(library: StudySettings) -> None:
    for label, value, span in (
        ("union_service", 0.12, (0.05, 0.2)),
        ("union_bank", 0.27, (0.2, 0.35)),
        ("union_reform", 0.25, (0.05, 0.4)),
    ):
        quality = library.scenario(label).policies[0].effects[0]
        assert (quality.field, quality.value, quality.range) == ("hub_quality", value, span)


def test_shocks_move_known_fields(library: StudySettings) -> None:
    shocks = [shock for scenario in library.scenarios for shock in scenario.shocks]
    assert {effect.field for shock in shocks for effect in shock.effects} <= set(SHOCKS)
    assert shocks


@pytest.mark.parametrize("file", sorted((CONF / "experiment").glob("*.yaml")), ids=lambda file: file.stem)
def test_every_experiment_composes_with_its_command_on_top(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[1] == f"# python simulate.py experiment={file.stem}"
    study = compose_study([f"experiment={file.stem}"])
    assert study.experiment == file.stem
    assert isinstance(study.choices, Tree)
