"""Every fault of a configuration is found, in one pass, before anything runs."""

import pickle
import re
from pathlib import Path

import pytest

from experiments.config.bank import BankSettings
from experiments.config.errors import ConfigError, Fault, Faults
from experiments.config.fields import validated
from experiments.config.folders import groups
from experiments.config.load import compose_study
from experiments.config.reading import for_hydra
from experiments.location import CONF


def faults(*overrides: str, folders: tuple[Path, ...] = ()) -> tuple[Fault, ...]:
    with pytest.raises(ConfigError) as caught:
        compose_study(overrides, folders)
    return caught.value.faults


# Words that are wrong by themselves, before Hydra composes anything.
WORDS = [
    ("policy=data_sharing,alliances", "-m for one study each"),
    ("environment=mild,severe", "did you mean -m environment=mild,severe?"),
    ("population=[national,survey]", "takes one name"),
    ("policy@shock=none", "only files of a group can be put elsewhere"),
    ("seed", "is no key=value"),
    ("seed=[1", "cannot be read"),
    ("=1", "is no key"),
    ("seed=${oc.env:HOME}", "would compute something"),
    ("name=${now:%Y}", "would compute something"),
    ("behaviour._target_=os.system", "nothing named in a configuration is"),
    ("policy={_target_:os.system}", "nothing named in a configuration is"),
    ("hydra.callbacks.x._target_=os.system", "is not for a command line to set"),
    ("hydra.job_logging.handlers.x.class=os.system", "is not for a command line to set"),
    ("hydra.launcher._target_=os.system", "nothing named in a configuration is"),
    ("hydra.searchpath=[pkg://os]", "is no folder"),
    ("hydra.searchpath=[/no/such]", "command line:hydra.searchpath: '/no/such' is no folder"),
    ("hydra.searchpath=/tmp", "did you mean hydra.searchpath=[/tmp]?"),
    ("环境=severe", "环境: is no key"),
    ("bank.branches={四川: 30}", "bank.branches: has names in braces that are not in plain letters"),
    ("library.西部.dates='2026Q1 to 2027Q4'", "is no key"),
    ("hydra.run.dir=${oc.env:HOME}", "would compute something"),
    ("hydra.job.name=../x", "../x names no place in a folder; allowed one name"),
    ("hydra.job.name='${now:%Y/%m}'", "names no place in a folder"),
    ("hydra.output_subdir=..", ".. names no place in a folder"),
    ("hydra.output_subdir=/tmp", "/tmp names no place in a folder"),
]


def test_an_empty_list_is_not_asked_for_a_file() -> None:
    with pytest.raises(ConfigError) as caught:
        compose_study(["analysis.portfolio.starts=[]"])
    assert [str(fault) for fault in caught.value.faults] == [
        "command line:analysis.portfolio.starts: is empty"
    ]


@pytest.mark.parametrize(("override", "said"), WORDS)
def test_a_word_that_is_wrong_in_itself_is_named(override: str, said: str) -> None:
    (fault,) = faults(override)
    assert said in str(fault)


# Words that Hydra would refuse, each with the lab's sentence in place of Hydra's.
REFUSED = [
    ("replicats=3", "did you mean replicates?"),
    ("polcy=none", "did you mean policy?"),
    ("population=nation", "did you mean national?"),
    ("report=fr", "allowed en, zh"),
    ("+end=2030Q4", "keys cannot be added"),
    ("no/such=group", "is not a known group"),
    ("banks.city.payout.value=0.1", "did you mean banks.city.payout=...?"),
    (
        "behaviour.elasticity.range=[0.1,0.2]",
        "did you mean behaviour.elasticity={value: ..., range: ...}?",
    ),
    ("policy.data_sharing.start=2025Q1", "did you mean policies.data_sharing.start?"),
    ("policies.data_sharing.effects.data_taxx=0.2", "did you mean policies.data_sharing.effects.data_tax?"),
    ("policies.data_sharing={strt:2025Q1}", "did you mean policies.data_sharing.start?"),
    ("banks.city.level={strategie:0.1}", "did you mean banks.city.level.strategy?"),
    ("bank.assets=3e9", "this study has no bank of your own"),
    ("library.both.assumptions={}", "did you mean +library.both.assumptions?"),
    ("hydra/launcher=evil", "allowed basic, joblib, submitit_local, submitit_slurm"),
    ("hydra/sweeper=evil", "allowed basic, design, optuna"),
]
# Values that no sentence of Hydra's covers.
VALUES = [
    ("replicates=0", "allowed a whole number, 1 to 1000000"),
    ("seed=-1", "-1 is out of range"),
    ("report.language=zhh", "did you mean zh?"),
    ("baseline=nobody", "is no scenario of this study"),
    ("outputs.banks=1", "1 is not true or false"),
    ("outputs.network=[2035Q1]", "2035Q1 lies outside the study"),
    ("outputs.figures=svg", "allowed a list: [svg, png]"),
    ("execution.workers=0", "allowed auto, or a whole number, 1 to 1024"),
    ("uncertainty.parameters=Posterior", "did you mean posterior?"),
    ("analysis.scenario=bth", "is not read by task=simulate"),
    ("name=../up", "cannot name a folder"),
    ("objective={outcome: index, bank_kind: 农上行}", "did you mean rural?"),
    ("policies.data_sharing.intensity=1.01", "allowed 0 to 1"),
    ("policies.data_sharing.take_up='fifty'", "'fifty'"),
    ("policies.data_sharing.ramp=-1", "allowed a whole number, 0 to 40 quarters"),
    ("policies.data_sharing.coverage.kinds=[rurall]", "did you mean rural?"),
    ("policies.data_sharing.coverage.provinces=[ZZ]", "'ZZ' is not known"),
    ("policies.data_sharing.costs.platform.payer=banks", "did you mean bank?"),
    ("policies.talent_policy.effects.hiring_boost=0.5", "allowed 0.1 to 0.3 relative"),
    ("policies.union_reform.start=2031Q1", "2031Q1 lies outside the study"),
    ("policies.alliances.start=2025Q1", "no scenario of this study has policy alliances"),
    ("environments.mild.ageing=2", "no scenario of this study has environment mild"),
    ("banks.city.payout=15", "allowed 0 to 0.8 share of profit"),
    ("banks.rural.payout='15 yuan'", "'15 yuan' is not in share of profit"),
    ("banks.private.payout=true", "True is not a number"),
    ("banks.large.payout=[0.1]", "has another shape"),
    ("behaviour.plan.data=0.97", "adds to 1."),
    ("behaviour.spillover={value: 0.03, grade: gues}", "allowed outturn, inferred"),
    ("behaviour.hiring={value: 0.5, unit: yuan}", "behaviour.hiring.unit"),
    ("behaviour.tax_rate=nan", "is not a finite number"),
    ("allocation.rule=greedy", "'greedy' is not known"),
    ("+new.key=1", "is not a known key"),
    ("~calibration.runs", "is missing"),
]  # fmt: skip


@pytest.fixture(scope="module")
def together() -> str:
    """All that Hydra refuses and all that it does not, at once: one pass names everything."""
    return "\n".join(
        map(str, faults(*(word for word, _ in (*REFUSED, *VALUES) if word != "~calibration.runs")))
    )


@pytest.mark.parametrize(("override", "said"), [pair for pair in (*REFUSED, *VALUES) if pair[0][0] != "~"])
def test_every_fault_of_a_command_line_is_named_in_one_pass(together: str, override: str, said: str) -> None:
    key = override.lstrip("+").partition("=")[0].removesuffix(".data")
    lines = [line for line in together.splitlines() if line.startswith(f"command line:{key}")]
    assert any(said in line for line in lines), lines
    assert len(lines) <= 2 or "{" in override


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["scenarios=[]"], "is empty"),
        (["scenarios=[bth,baselin]"], "did you mean both, baseline?"),
        (["scenarios=[both,both]"], "both stands there twice"),
        (["scenarios=both"], "'both' is not a list"),
        (["scenario=bothh"], "did you mean both?"),
        (["policy=[data_sharng,aliances]"], "did you mean data_sharing, alliances?"),
        (["policy=[none,data_sharing]"], "none stands beside others"),
        (["policy=[]"], "is an empty list"),
        (["scenario=none"], "scenario: 'none' is not known; allowed baseline"),
        (["environment=none"], "environment: 'none' is not known; allowed mild"),
        (["behaviour.loss_system=2"], "did you mean 2 %?"),
        (["bank=example", "bank.assets=35"], "did you mean 35 bn yuan?"),
        (
            ["environment=severe", "environments.severe.margin_change.2026=1 %"],
            "margin_change.2026: '1 %' is not in percentage points",
        ),
        (["policy=alliances", "scenarios=[both]"], "stands beside policy="),
        (["end=2025"], "2025 is not a quarter"),
        (["end=2025"], "did you mean 2025Q4?"),
        (["start=2022"], "did you mean 2022Q1?"),
        (["policy=data_sharing", "policies.data_sharing.start=2026-05"], "did you mean 2026Q2?"),
        (["policy=data_sharing", "policies.data_sharing.start=2026q2"], "did you mean 2026Q2?"),
        (["policy=data_sharing", "policies.data_sharing.start=２０２６第三季度"], "did you mean 2026Q3?"),
        (["end=2041年一季度"], "2041Q1 is out of range"),
        (
            ["policy=data_sharing", "policies.data_sharing.start=2031年一季度"],
            "2031Q1 lies outside the study",
        ),
        (["outputs.network=[2035年第一季度]"], "2035Q1 lies outside the study"),
        (["policy=公共数据共享、抱团取暖"], "did you mean [data_sharing,alliances]?"),
        (["~policy"], "~policy: cannot be taken away: has no value"),
        (["~policies"], "~policies: cannot be taken away: every study has it"),
        (["~seed=7"], "~seed: cannot be taken away: has another value"),
        (["environments.severe.margin_change=[1,2]"], "margin_change: [1, 2] is not a mapping"),
        (["start=2031Q1"], "2030Q4 does not come after the start 2031Q1"),
        (["end=2041Q1"], "allowed a quarter such as 2024Q1, 2020Q1 to 2040Q4"),
        (["task=import_os"], "'import_os' is not known"),
        (["seed=${seed}"], "refers to nothing"),
        (["seed=${nothing}"], "refers to nothing"),
        (["~seed"], "command line:seed: is missing"),
        (["policies.data_sharing.end=2023Q1"], "2023Q1 is before the start 2025Q1"),
        (["policies.data_sharing.coverage.kinds=[]"], "is empty"),
        (["policies.data_sharing.costs.platform.payer=bank"], "a bank cannot pay per province_year"),
        (["policies.data_sharing=3"], "is not a mapping"),
        (["experiment=calibrate", "calibration.scores=/no/such.csv"], "/no/such.csv: does not exist"),
        (["uncertainty.parameters=/no/such"], "'/no/such' is no ensemble"),
        (["report=cn"], "did you mean zh?"),
        (["report.language=cn"], "did you mean zh?"),
        (["bank=exampel"], "DIR/bank/ours.yaml with --config-dir DIR bank=ours"),
        ([f"seed={'9' * 5000}"], "seed"),
        (["policy=none", "objective={outcome: index}"], "baseline is the last scenario"),
        (["objective={outcome: gini, bank_kind: rural}"], "gini is one number for all banks"),
        (
            ["objective={outcome: union_dependence, bank_kind: all}"],
            "union_dependence is not measured of all banks; allowed bank_kind: rural",
        ),
        (["experiment=calibrate", "objective={outcome: index}"], "is not read by task=calibrate"),
    ],
)
def test_a_fault_is_named(overrides: list[str], said: str) -> None:
    assert said in "\n".join(map(str, faults(*overrides)))


@pytest.mark.parametrize(
    "words",
    [
        ("seed=1", "seed=2"),
        ("policies.data_sharing={intensity: 0.5}", "policies.data_sharing.intensity=0.7"),
        ("policies.data_sharing.intensity=0.7", "policies.data_sharing={ramp: 2, intensity: 0.5}"),
        ("objective={outcome: index}", "objective.outcome=gini"),
    ],
)
def test_a_key_given_twice_is_a_fault(words: tuple[str, str]) -> None:
    assert "is given twice" in str(faults(*words)[0])


# What is given and not read by the task, or by the methods that are asked for.
UNREAD = {
    "experiment=calibrate": (
        *(
            "replicates=8",
            "uncertainty.parameters=central",
            "policy=data_sharing",
            "scenarios=[baseline,both]",
        ),
        *("bank=example", "baseline=baseline"),
    ),
    "experiment=ablations": ("replicates=8", "bank=example"),
    "task=policy": (
        *("analysis.portfolio.budget=1e9", "analysis.goal.value=6", "analysis.event.province=LN"),
        "analysis.changed=['allocation=reinforcement']",
    ),
    "experiment=portfolio analysis.methods=[ranking]": ("analysis.portfolio.budget=1e9",),
}


@pytest.mark.parametrize(("words", "unread"), [(words, one) for words in UNREAD for one in UNREAD[words]])
def test_what_is_not_read_is_refused(words: str, unread: str) -> None:
    key = unread.partition("=")[0]
    assert [str(fault) for fault in faults(*words.split(), unread) if f"{key}: is " in str(fault)]
    compose_study(words.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("bank={}", "bank: is an empty mapping, which asks for nothing; did you mean bank=example?"),
        ("objective={}", "did you mean objective={outcome: index, bank_kind: rural}?"),
        ("scenarios={}", "scenarios: {} is not a list"),
        ("experiment={}", "experiment: {} is not known; allowed "),
        ("bank=null", "bank: None is not known; allowed example, file, none; did you mean none?"),
        ("task=policy analysis.methods=none", "'none' is not a list; allowed cost_effectiveness, variance, "),
        ("task=policy analysis.methods=varience", "did you mean [variance]?"),
        (
            "objective=index",
            "'index' is not a mapping; allowed a mapping: {outcome: index, bank_kind: rural}",
        ),
        ("policy=", "policy: has no value; allowed alliances, "),
        ("environment=[severe]", "takes one name, not a list; did you mean severe?"),
        ("report=中文", "did you mean zh?"),
        ("~policies.data_sharng", "did you mean policies.data_sharing?"),
        (
            "~policies.nope",
            "policies.nope: is not a known key; allowed a key of the configuration (--cfg job lists them)",
        ),
        ("verfy=outputs", "did you mean verify?"),
        ("help", "did you mean --help?"),
        ("replicates：4", "did you mean replicates=4?"),
        ("policies.data_sharing={start:2024Q1,start:2026Q1}", "policies.data_sharing.start: is given twice"),
        ("bank=example plans=data_first", "'data_first' is not a list; allowed a list: [a, b, mine/c.yaml]"),
        ("execution.address=tcp://a:1", "is read by execution=dask alone; did you mean execution=dask?"),
        ("experiment=portfolio analysis.portfolio.budget=-5", "budget: -5 is out of range"),
        ("experiment=portfolio analysis.portfolio.starts=[2035Q1]", "starts: 2035Q1 lies outside the study"),
        (
            "task=policy analysis.changed=[allocation=uniform,network=none]",
            """did you mean "analysis.changed=['allocation=uniform','network=none']"?""",
        ),
        ("4", "4: is no key=value; allowed key=value without spaces, group=option"),
        ("series.margin=/", "is a folder; allowed one file"),
        ("banks_file=/ task=banks", "/: is a folder; allowed one file"),
        ("task=policy analysis.methods=[none]", "'none' is not known; allowed cost_effectiveness, "),
    ],
)
def test_a_word_of_the_wrong_kind_is_one_fault_that_says_what_would_do(words: str, said: str) -> None:
    (fault,) = faults(*words.split())
    assert said in str(fault)


@pytest.mark.parametrize("word", ["replicates =4", "replicates = 4", "replicates=4,"])
def test_a_word_with_spaces_or_a_comma_too_many_is_suggested_without(word: str) -> None:
    (fault,) = faults(word)
    assert fault.suggestion == "replicates=4"


def test_an_empty_mapping_in_place_of_a_full_one_is_a_fault() -> None:
    (fault,) = faults("policy=data_sharing", "policies.data_sharing.costs={}")
    assert str(fault).endswith(
        "costs: is an empty mapping, which changes nothing; allowed "
        "~policies.data_sharing.costs.platform, ~policies.data_sharing.costs.interfaces"
    )
    assert "changes nothing" in str(faults("bank=example", "start=2024Q1", "policy=none", "bank.plans={}")[0])
    compose_study(["bank=example", "start=2024Q1", "policy=none", "bank.items={}"])  # empty as it was


def test_dimensions_of_a_plan_stay_within_its_spending() -> None:
    words = ("bank=example", "start=2024Q1", "policy=none", "plans=[own_model]")
    named = "+bank.plans.own_model.dimensions={2025: {data: %s}}"
    (fault,) = faults(*words, named % "26000001")
    assert "dimensions of 2025 are 26,000,001 yuan, more than its spending, 26,000,000" in str(fault)
    compose_study([*words, named % "26e6"])


def test_plans_without_a_bank_are_a_fault() -> None:
    assert "plans: this study has no bank of your own" in str(faults("plans=[data_first]")[0])


def test_messages_follow_the_language_of_the_report() -> None:
    told = compose_fault("report=zh", "seed=-1", "policy=data_sharng")
    assert "命令行:seed: -1 超出范围；可用：整数" in told
    assert "是否指 data_sharing？" in told


def compose_fault(*overrides: str) -> str:
    with pytest.raises(ConfigError) as caught:
        compose_study(overrides)
    return str(caught.value)


# --- files of the user's


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    for group in groups():
        (tmp_path / group).mkdir(parents=True, exist_ok=True)
    return tmp_path


LAUGHS = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
HEAD = "# @package _global_\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: [1\n", "is not sound YAML"),
        ("a: 1\na: 2\n", "is not sound YAML"),
        ("? [a, b]\n: 1\n", "is not sound YAML"),
        ("a: &a\n  b: *a\n", "refers to itself"),
        (LAUGHS, "holds more than 100000 values"),
        ("- a\n", "is not a mapping"),
        ("a: !!python/object/apply:os.system [ls]\n", "is not sound YAML"),
        (f"{HEAD}environments: {{_target_: os.system}}\n", "nothing named in a configuration is"),
        (f'{HEAD}name: "${{oc.env:HOME}}"\n', "would compute something"),
        (f"{HEAD}hydra: {{run: {{dir: /elsewhere}}}}\n", "would set how Hydra works"),
        (f"{HEAD}defaults:\n  - override /hydra/sweeper: basic\n", "would set how Hydra works"),
        (f"{HEAD}defaults:\n  - override /policy: data_sharing\n", "policy is a key, not a group of files"),
        (f"{HEAD}defaults: 3\n", "defaults: is not a list"),
        ("seed: 3\n", "its package is experiment"),
        (f"{HEAD}sead: 3\n", "did you mean seed?"),
        (f"{HEAD}policy: data_sharing\npolicies: {{data_sharing: {{intensity: 2}}}}\n", "intensity: 2 is out of range"),
        (f"{HEAD}behaviour: {{elastcity: 0.6}}\n", "did you mean behaviour.elasticity?"),
    ],
)  # fmt: skip
def test_a_fault_in_a_file_names_file_and_key(mine: Path, content: str, said: str) -> None:
    (mine / "experiment" / "ours.yaml").write_text(content, encoding="utf-8")
    found = "\n".join(map(str, faults("experiment=ours", folders=(mine,))))
    assert said in found
    assert f"{mine}/experiment/ours.yaml" in found


@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-8-sig", "byte order mark"), ("gb18030", "GB"), ("utf-16", "UTF-16")]
)
def test_a_file_that_hydra_would_misread_says_how_to_save_it(mine: Path, encoding: str, said: str) -> None:
    text = (CONF / "policies" / "data_sharing.yaml").read_text("utf-8")
    (mine / "policies" / "ours.yaml").write_bytes(text.encode(encoding))
    found = "\n".join(map(str, faults(folders=(mine,))))
    assert said in found
    assert "plain UTF-8" in found


def test_a_fault_in_a_policy_file_names_it(mine: Path) -> None:
    text = (CONF / "policies" / "data_sharing.yaml").read_text("utf-8")
    wrong = text.replace("data_tax:", "data_taxx:").replace("take_up: 0.8", "take_up: 8")
    (mine / "policies" / "data_sharing.yaml").write_text(wrong, "utf-8")
    found = "\n".join(map(str, faults(folders=(mine,))))
    assert (
        f"{mine}/policies/data_sharing.yaml:policies.data_sharing.effects.data_taxx: is not a known key"
        in found
    )
    assert "did you mean policies.data_sharing.effects.data_tax?" in found
    assert f"{mine}/policies/data_sharing.yaml:policies.data_sharing.take_up: 8 is out of range" in found


@pytest.mark.parametrize(
    ("file", "word", "content", "remedy"),
    [
        ("behaviour/ours", "behaviour=ours", "spillover: 0.03\n", "defaults: [default, _self_] at its head"),
        ("behaviour/default", "seed=1", "peer: 0.3\n", "all that conf/behaviour/default.yaml says, or another name"),
        ("banks/kind/ours", "banks/kind@banks.rural=ours", "payout: 0.2\n", "defaults: [rural, _self_] at its head"),
        ("environments/ours", "environment=ours", "margin_change: {}\n", "defaults: [central, _self_] at its head"),
        ("network/ours", "network=ours", "unions: true\n", "defaults: [partnerships, _self_] at its head"),
    ],
)  # fmt: skip
def test_a_file_of_a_part_says_once_what_to_build_on(
    mine: Path, file: str, word: str, content: str, remedy: str
) -> None:
    path = mine / f"{file}.yaml"
    path.write_text(content, "utf-8")
    (fault,) = faults(word, folders=(mine,))
    assert str(fault).startswith(f"{path}: leaves out ")
    assert str(fault).endswith(f", ...; allowed {remedy}")


def test_a_file_that_builds_on_another_says_a_part(mine: Path) -> None:
    (mine / "behaviour" / "ours.yaml").write_text("defaults: [default, _self_]\nspillover: 0.03\n", "utf-8")
    assert compose_study(["behaviour=ours"], (mine,)).behaviour.spillover == 0.03


def test_a_group_file_cannot_set_keys_elsewhere(mine: Path) -> None:
    (mine / "behaviour" / "ours.yaml").write_text("# @package _global_\nseed: 3\n", "utf-8")
    assert "package _global_" in str(faults("behaviour=ours", folders=(mine,))[0])


def test_a_folder_that_would_set_how_hydra_works_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hydra" / "callbacks").mkdir(parents=True)
    (tmp_path / "hydra" / "callbacks" / "evil.yaml").write_text("x: {_target_: os.system}\n", "utf-8")
    assert "would set how Hydra works" in str(faults(folders=(tmp_path,))[0])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("data_sharing.yml", "did you mean {}/policies/data_sharing.yaml?"),
        ("data_sharing.YAML", "did you mean {}/policies/data_sharing.yaml?"),
        ("data_sharing.yaml.txt", "did you mean {}/policies/data_sharing.yaml?"),
        ("old/data_sharing.yaml", "old is no group of the configuration"),
        ("数据.yaml", "the title inside may be Chinese"),
    ],
)
def test_a_file_that_nothing_would_read_is_a_fault(mine: Path, name: str, said: str) -> None:
    (mine / "policies" / "old").mkdir()
    text = (CONF / "policies" / "data_sharing.yaml").read_text("utf-8")
    (mine / "policies" / name).write_text(text, "utf-8")
    (mine / "policies" / "notes.md").write_text("what we did", "utf-8")
    (fault,) = faults("policy=data_sharing", folders=(mine,))
    assert fault.where == f"{mine}/policies/{name}"
    assert said.format(mine) in str(fault)


def test_what_means_no_policy_is_no_policys_name(mine: Path) -> None:
    text = (CONF / "policies" / "data_sharing.yaml").read_text("utf-8")
    (mine / "policies" / "none.yaml").write_text(text, "utf-8")
    (fault,) = faults("policy=none", folders=(mine,))
    assert "'none' cannot be the name of one of policies" in str(fault)


def test_a_group_is_no_folder_of_groups(mine: Path) -> None:
    (fault,) = faults("policy=data_sharing", folders=(mine / "policies",))
    assert str(fault).endswith(f"did you mean {mine}?")


def test_a_key_twice_is_said_in_chinese(mine: Path) -> None:
    (mine / "library" / "ours.yaml").write_text("title: a\ntitle: b\n", "utf-8")
    (fault,) = faults(folders=(mine,))
    assert "键 'title' 出现两次" in fault.spoken("zh")


def test_a_folder_of_a_former_name_says_the_present_one(tmp_path: Path) -> None:
    (tmp_path / "policy").mkdir()
    assert str(tmp_path / "policies") in str(faults(folders=(tmp_path,))[0])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("name: Invented", f"name: {'x' * 90}"), "allowed a line of printable text, 1 to 80 letters"),
        (None, "ours holds no bank"),
    ],
)
def test_own_bank_is_named_with_what_is_wrong(mine: Path, change: tuple[str, str] | None, said: str) -> None:
    text = (CONF / "bank" / "example.yaml").read_text(encoding="utf-8")
    (mine / "bank" / "ours.yaml").write_text(text.replace(*change) if change else "{}", "utf-8")
    assert said in "\n".join(map(str, faults("bank=ours", folders=(mine,))))


def test_a_number_of_hundreds_of_digits_is_refused_where_it_stands() -> None:
    given = for_hydra(CONF / "bank" / "example.yaml")
    told = Faults()
    assert validated(BankSettings, {**given, "loans": 10**400}, "bank", told) is None
    assert "bank.loans" in {fault.where for fault in told}


def test_an_error_survives_a_worker_process() -> None:
    error = ConfigError([Fault("a:b", "c", "d", "e")])
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own error
    assert again.faults == error.faults
    assert str(again) == "a:b: c; allowed d; did you mean e?"


@pytest.mark.parametrize("more", [[], ["policy=data_sharing"]], ids=["baseline", "policy"])
def test_a_population_of_nobody_is_a_fault_of_its_place(tmp_path: Path, more: list[str]) -> None:
    (tmp_path / "population").mkdir()
    file = tmp_path / "population" / "nobody.yaml"
    shipped = (CONF / "population" / "survey.yaml").read_text("utf-8")
    file.write_text(
        re.sub(r"(?m)^counts: .*", "counts: {city: 0, rural: 0, private: 0, other: 2}", shipped), "utf-8"
    )
    with pytest.raises(ConfigError) as of_file:
        compose_study(["population=nobody", *more], [tmp_path])
    (fault,) = of_file.value.faults
    assert fault.where == f"{file}:population.counts"
    assert str(fault.what) == "leaves no small or medium bank of any kind"
    with pytest.raises(ConfigError, match=r"population\.counts.*没有留下任何中小银行.*city、rural"):
        compose_study(["population.counts={city: 0, rural: 0, private: 0}", "report=zh", *more])
