"""Every fault of a configuration is found, in one pass, before anything runs."""

import shutil
from pathlib import Path

import pytest

from experiments.composition.compose import compose_study
from experiments.faults import ConfigError, Fault
from experiments.location import CONF

LATE = "policy.data_sharing.start=2031Q1"


def faults(*overrides: str, **where: object) -> tuple[Fault, ...]:
    with pytest.raises(ConfigError) as caught:
        compose_study(overrides, **where)  # type: ignore[arg-type]
    return caught.value.faults


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("replicats=3", "did you mean replicates?"),
        ("replicates=0", "allowed a whole number, 1 to 1000000"),
        ("replicates=2.5", "2.5 is not a whole number"),
        ("replicates=true", "True is not a whole number"),
        ("replicates=1e9", "is not a whole number"),
        ("replicates=null", "None is not a whole number"),
        ("seed=-1", "-1 is out of range"),
        ("seed=9223372036854775808", "allowed a whole number, 0 to 2^63 - 1"),
        (f"seed={'9' * 5000}", "seed"),
        ("start=2019Q4", "2019Q4 is out of range"),
        ("start=2031Q1", "2030Q4 does not come after the start 2031Q1"),
        ("end=2041Q1", "allowed a quarter such as 2024Q1, 2020Q1 to 2040Q4"),
        ("end=2025", "2025 is not text"),
        ("end=2025q4", "is not a quarter"),
        ("name=../up", "cannot name a folder"),
        ("name=a/b", "cannot name a folder"),
        ("name=.hidden", "cannot name a folder"),
        ("name=''", "cannot name a folder"),
        (f"name={'x' * 65}", "is out of range"),
        ("scenarios=[]", "is empty"),
        ("scenarios=[baselin]", "did you mean baseline?"),
        ("scenarios=[both,both]", "both stands there twice"),
        ("scenarios=both", "'both' is not a list"),
        ("scenario=bothh", "did you mean both?"),
        ("policy=data_sharng", "did you mean data_sharing?"),
        ("policy=[data_sharing,data_sharing]", "data_sharing stands there twice"),
        ("policy=[none,data_sharing]", "none stands beside others"),
        ("policy=[]", "is an empty list"),
        ("policy=null", "None is not known"),
        ("policy=data_sharing,alliances", "-m for one study each"),
        ("policy=[data_sharng,aliances]", "did you mean data_sharing, alliances?"),
        ("scenarios=[bth,baselin]", "did you mean both, baseline?"),
        ("environment=mild,severe", "did you mean -m environment=mild,severe?"),
        ("outputs.figures=svg", "allowed a list: [svg, png]"),
        ("bank.assets.value=3e9", "this study has no bank of your own"),
        ("uncertainty.parameters=Posterior", "did you mean posterior?"),
        ("uncertainty.parameters=/no/such", "'/no/such' is no ensemble"),
        ("calibration.scores=/no/such.csv", "'/no/such.csv' cannot be read"),
        ("analysis.scenario=bth", "did you mean both?"),
        ("polcy=none", "did you mean policy?"),
        ("environment=[mild,severe]", "takes one name"),
        ("population=nation", "did you mean national?"),
        ("report=fr", "allowed en, zh"),
        ("report.language=zhh", "did you mean zh?"),
        ("task=import_os", "'import_os' is not known"),
        ("baseline=nobody", "is no scenario of this study"),
        ("outputs.banks=1", "1 is not true or false"),
        ("outputs.network=[2035Q1]", "2035Q1 lies outside the study"),
        ("outputs.figures=[pdf]", "allowed svg, png"),
        ("execution.workers=0", "allowed auto, or a whole number, 1 to 1024"),
        ("+replicates=3", "keys cannot be added"),
        ("+new.key=1", "is not a known key"),
        ("++new.key=1", "is not a known key"),
        ("~seed", "keys cannot be taken away"),
        ("~policy", "keys cannot be taken away"),
        ("policy@shock=none", "files cannot be put elsewhere"),
        ("no/such=group", "is not a known group"),
        ("seed", "is no key=value"),
        ("seed=[1", "cannot be read"),
        ("=1", "is no key"),
        ("seed=${oc.env:HOME}", "would compute something"),
        ("name=${now:%Y}", "would compute something"),
        ("seed=${nothing}", "refers to nothing"),
        ("seed=${seed}", "refers to nothing"),
        ("behaviour._target_=os.system", "nothing named in a configuration is"),
        ("policy={_target_:os.system}", "nothing named in a configuration is"),
        ("hydra.callbacks.x._target_=os.system", "nothing named in a configuration is"),
        ("hydra.mode=MULTIRUN", "did you mean -m?"),
        ("hydra.run.dir=/elsewhere", "is not for a command line to set"),
        ("hydra.searchpath=[file:///elsewhere]", "is not for a command line to set"),
        ("hydra/launcher=evil", "allowed basic, submitit_local, submitit_slurm"),
        ("hydra/sweeper=evil", "is not for a command line to set"),
        ("policy.alliances.start=2025Q1", "no scenario of this study has policy alliances"),
        ("policy.data_sharing.start=2031Q1", "2031Q1 lies outside the study"),
        ("policy.data_sharing.end=2023Q1", "2023Q1 is before the start 2024Q1"),
        ("policy.data_sharing.intensity=1.01", "allowed 0 to 1"),
        ("policy.data_sharing.intensity=nan", "allowed 0 to 1"),
        ("policy.data_sharing.take_up='50%'", "'50%' is not a number"),
        ("policy.data_sharing.coverage.kinds=[rurall]", "did you mean rural?"),
        ("policy.data_sharing.coverage.kinds=[]", "is empty"),
        ("policy.data_sharing.coverage.provinces=[ZZ]", "'ZZ' is not known"),
        ("policy.data_sharing.ramp=-1", "allowed a whole number, 0 to 40 quarters"),
        ("policy.data_sharing.effects.openness.value=0.5", "allowed 0.1 to 0.4 0-1"),
        ("policy.data_sharing.effects.openness.value=inf", "is not a finite number"),
        (
            "policy.data_sharing.effects.openness=0.2",
            "did you mean policy.data_sharing.effects.openness.value=0.2?",
        ),
        ("policy.data_sharing.effects.openness.unit=percent", "'percent' would replace '0-1'"),
        ("policy.data_sharing.effects.openness.range=[0,2]", "reaches beyond the shipped one"),
        (
            "policy.data_sharing.effects.opennes.value=0.2",
            "did you mean policy.data_sharing.effects.openness.value?",
        ),
        ("policy.data_sharing.costs.platform.payer=banks", "did you mean bank?"),
        ("policy.data_sharing.costs.platform.payer=bank", "a bank cannot pay per province_year"),
        ("policy.data_sharing=3", "is a mapping"),
        ("policy.data_sharing={strt:2025Q1}", "did you mean policy.data_sharing.start?"),
        ("banks.city.tax_rate.value='15%'", "'15%' is not a number"),
        ("banks.city.tax_rate.value=15", "allowed 0.0 to 0.3 share of profit"),
        ("banks.city.tax_rate.value=true", "True is not a number"),
        ("banks.city.tax_rate.value=[0.1]", "has another shape"),
        ("banks.city.tax_rate.source=U001", "would replace"),
        ("banks.city.plan.value.data=0.17", "adds to 1.01"),
        ("banks.city.plan.value={strategie:0.1}", "did you mean banks.city.plan.value.strategy?"),
        ("allocation.rule=greedy", "'greedy' would replace the shipped 'satisficing'"),
    ],
)
def test_fault_is_named(override: str, said: str) -> None:
    found = "\n".join(map(str, faults(override)))
    assert said in found
    assert len(found.splitlines()) <= 2, found


def test_all_faults_come_in_one_pass() -> None:
    wrong = [
        "replicats=3",
        "seed=-1",
        "population=survy",
        "banks.city.tax_rate.value=9",
        "report.language=fr",
        LATE,
        "environment.frontier_speed.value=9",
        "x",
    ]
    keys = {fault.where.partition(":")[2] for fault in faults(*wrong)}
    assert keys == {
        "replicats", "seed", "population", "banks.city.tax_rate.value", "report.language",
        "policy.data_sharing.start", "environment.frontier_speed.value", "x",
    }  # fmt: skip


def test_scenarios_and_a_policy_cannot_both_be_asked_for() -> None:
    assert "stands beside policy=" in str(faults("policy=alliances", "scenarios=[both]")[0])


def test_a_group_given_twice_is_a_fault() -> None:
    assert "is given twice" in str(faults("policy=alliances", "policy=none")[0])


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CONF, tmp_path / "conf"))


LAUGHS = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
HEAD = "# @package _global_\n"
POLICY = "defaults:\n  - override /policy: data_sharing\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: [1\n", "conf/scenario/both.yaml: is not sound YAML: line"),
        ("a: 1\na: 2\n", "conf/scenario/both.yaml: is not sound YAML"),
        ("? [a, b]\n: 1\n", "conf/scenario/both.yaml: is not sound YAML"),
        ("a: &a\n  b: *a\n", "refers to itself"),
        (LAUGHS, "holds more than 100000 values"),
        ("- a\n", "conf/scenario/both.yaml: is not a mapping"),
        ("a: !!python/object/apply:os.system [ls]\n", "conf/scenario/both.yaml: is not sound YAML"),
        ("seed: 3\n", "conf/scenario/both.yaml:seed: is not for a scenario to set"),
        (
            "environment: {no_such: {value: 1}}\n",
            "conf/scenario/both.yaml:environment.no_such.value: is not a known key",
        ),
        ("environment: {_target_: os.system}\n", "nothing named in a configuration is"),
        ('environment: {x: "${oc.env:HOME}"}\n', "would compute something"),
        (
            "hydra: {run: {dir: /elsewhere}}\n",
            "conf/scenario/both.yaml:hydra.run.dir: is not for a scenario to set",
        ),
        ("defaults:\n  - override /policy: data_sharin\n", "did you mean data_sharing?"),
        ("defaults:\n  - override /hydra/sweeper: basic\n", "is not for a file to choose"),
        ("defaults: 3\n", "conf/scenario/both.yaml:defaults: is not a list"),
        (
            f"{POLICY}policy: {{data_sharing: {{intensity: 2}}}}\n",
            "conf/scenario/both.yaml:policy.data_sharing.intensity",
        ),
        (f"{POLICY}policy: {{data_sharing: {{strt: 2}}}}\n", "did you mean policy.data_sharing.start?"),
    ],
)
def test_fault_in_a_file_names_file_and_key(conf: Path, content: str, said: str) -> None:
    (conf / "scenario" / "both.yaml").write_text(HEAD + content, encoding="utf-8")
    assert said in "\n".join(map(str, faults("seed=1", conf=conf)))


def test_fault_in_a_policy_file_names_it(conf: Path) -> None:
    file = conf / "policy" / "data_sharing.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("openness:", "opennes:").replace("take_up: 0.8", "take_up: 8"), encoding="utf-8"
    )
    found = "\n".join(map(str, faults(conf=conf)))
    assert "conf/policy/data_sharing.yaml:policy.data_sharing.effects.opennes.field" in found
    assert "did you mean openness?" in found
    assert "conf/policy/data_sharing.yaml:policy.data_sharing.take_up: 8 is out of range" in found


def test_a_group_file_cannot_set_keys_elsewhere(conf: Path) -> None:
    (conf / "policy" / "none.yaml").write_text("# @package _global_\nseed: 3\n", encoding="utf-8")
    assert "conf/policy/none.yaml:line 1: package _global_" in str(faults(conf=conf)[0])


def test_a_file_that_is_mended_is_read_again(conf: Path) -> None:
    file = conf / "report" / "en.yaml"
    sound = file.read_text(encoding="utf-8")
    file.write_text("language: klingon\n", encoding="utf-8")
    assert faults(conf=conf)
    file.write_text(sound, encoding="utf-8")
    assert compose_study(conf=conf).report.language == "en"


def test_own_folder_adds_scenarios(tmp_path: Path) -> None:
    (tmp_path / "scenario").mkdir()
    text = (CONF / "scenario" / "both.yaml").read_text(encoding="utf-8").replace("name: both", "name: mine")
    (tmp_path / "scenario" / "mine.yaml").write_text(text, encoding="utf-8")
    study = compose_study(["scenario=mine"], folders=[tmp_path])
    assert study.labels == ("baseline", "mine")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("name: Invented", f"name: {'x' * 90}"), "bank.name: "),
        (("name: Invented", f"name: {'x' * 90}"), "allowed a line of printable text, 1 to 80 letters"),
        (None, "ours holds no bank"),
    ],
)
def test_own_bank_is_named_with_what_is_wrong(
    tmp_path: Path, change: tuple[str, str] | None, said: str
) -> None:
    text = (CONF / "bank" / "example.yaml").read_text(encoding="utf-8")
    (tmp_path / "bank").mkdir()
    content = text.replace(*change) if change else ""
    (tmp_path / "bank" / "ours.yaml").write_text(content, encoding="utf-8")
    (tmp_path / "bank" / "gone.yaml").symlink_to(tmp_path / "nowhere")
    assert said in "\n".join(map(str, faults("bank=ours", folders=[tmp_path])))
    assert "'gone' is not known" in str(faults("bank=gone", folders=[tmp_path])[0])


def test_own_folder_cannot_bring_hydra_plugins(tmp_path: Path) -> None:
    (tmp_path / "hydra" / "callbacks").mkdir(parents=True)
    (tmp_path / "hydra" / "callbacks" / "evil.yaml").write_text(
        "x: {_target_: os.system}\n", encoding="utf-8"
    )
    (tmp_path / "experiment").mkdir()
    body = HEAD + "defaults:\n  - /hydra/callbacks: evil\n"
    (tmp_path / "experiment" / "mine.yaml").write_text(body, encoding="utf-8")
    assert any("Hydra" in str(fault) for fault in faults("experiment=mine", folders=[tmp_path]))


def test_an_error_survives_a_worker_process() -> None:
    import pickle

    error = ConfigError([Fault("a:b", "c", "d", "e")])
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own error
    assert again.faults == error.faults
    assert str(again) == "a:b: c; allowed d; did you mean e?"
