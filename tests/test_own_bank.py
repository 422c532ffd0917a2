"""A user's own bank: it changes nobody else, does what it says, and answers what its strategy team asks."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from agents.honeycomb import DIMENSIONS
from experiments import api
from experiments.config.assembly import own_bank as account_of
from experiments.config.errors import ConfigError
from experiments.config.load import compose_study
from experiments.own_bank import answers
from experiments.own_bank.analysis import conditions, mixed
from experiments.own_bank.report import own_section
from experiments.own_bank.tables import enough
from experiments.report.embed import Drawing
from experiments.report.page import opened
from experiments.report.registry import Block, Points
from model import calendar
from model.own_bank import CLOSED, EXTRA, MORE, OPEN_ROUTES, VARIANTS
from model.record import Record
from model.run import simulate
from model.system import BankingSystem
from model.world import Recording, Scenario, World
from tests.worlds import lever, ran, until, with_policies

PLAN, LIKE, STILL = (VARIANTS.index(name) for name in ("plan", "like_its_kind", "no_change"))
FIRST = calendar.index("2024Q1")


@pytest.fixture(scope="module")
def without(lab: World) -> World:
    return until(lab, "2025Q2", recording=Recording(banks=True))


@pytest.fixture(scope="module")
def home(without: World) -> World:
    """The same world with the shipped, invented bank."""
    return replace(without, own_bank=account_of(compose_study(["bank=example", "scenarios=[baseline]"]).bank))


@pytest.fixture(scope="module")
def pair(baseline: Scenario) -> list[Scenario]:
    return [baseline, with_policies(baseline, "more", lever("productivity_gain", 0.3, "2024Q2"))]


@pytest.fixture(scope="module")
def record(home: World, pair: list[Scenario]) -> Record:
    return simulate(home, pair, range(3))


@pytest.fixture(scope="module")
def system(home: World, baseline: Scenario) -> BankingSystem:
    return ran(home, [baseline], range(2))


def bits(record: Record) -> dict[str, np.ndarray]:
    parts = {
        name: getattr(record, name)
        for name in ("true", "small", "survey", "costs", "bank_index", "bank_assets")
    }
    return {**parts, **record.outcomes, **(record.banks or {})}


def test_nobody_else_changes_by_a_bit(without: World, pair: list[Scenario], record: Record) -> None:
    alone, beside = bits(simulate(without, pair, range(3))), bits(record)
    assert alone.keys() == beside.keys()
    assert [n for n in alone if not np.array_equal(alone[n], beside[n], equal_nan=True)] == []


def test_its_own_luck_does_not_depend_on_the_batch(home: World, pair: list[Scenario], record: Record) -> None:
    single = simulate(home, pair[:1], [2])
    assert record.own is not None
    assert single.own is not None
    assert all(np.array_equal(single.own[n][0, 0], v[0, 2], equal_nan=True) for n, v in record.own.items())


def test_it_is_followed_from_its_first_quarter_at_what_it_said(record: Record, home: World) -> None:
    assert record.own is not None
    assert home.own_bank is not None
    first = record.quarters.index("2024Q1")
    for values in record.own.values():
        assert np.isnan(values[:, :, :first]).all()
    scores = home.own_bank.scores
    assert scores is not None
    for d in (0, 1, 2, 4, 5):  # application lacks the language model that the score leaves aside
        assert np.abs(record.own[DIMENSIONS[d]][:, :, first, PLAN] - 100 * scores[d]).max() < 5.0
    assert record.own["spend_ratio"][:, :, first] == pytest.approx(3.0, abs=0.4)


def test_a_policy_moves_it_as_it_moves_others_and_not_before(record: Record) -> None:
    assert record.own is not None
    index, start = record.own["index"][..., PLAN], record.quarters.index("2024Q2")
    assert np.array_equal(index[0, :, :start], index[1, :, :start], equal_nan=True)
    assert (index[1, :, -1] > index[0, :, -1]).all()


def test_it_divides_its_money_as_written_and_its_like_by_the_rule(system: BankingSystem) -> None:
    assert system.own_bank is not None
    assert system.own_bank.account.plan is not None
    shares = system.own_bank.columns["allocation"]
    assert np.allclose(shares[:, :, PLAN], system.own_bank.account.plan[:, None])
    assert not np.allclose(shares[:, :, LIKE], shares[:, :, PLAN])


def test_a_variant_knows_its_route_only_and_one_that_changes_nothing_none(system: BankingSystem) -> None:
    assert system.own_bank is not None
    route = system.own_bank.columns["route"]
    for k, name in enumerate(OPEN_ROUTES, start=1):
        assert set(np.unique(route[:, VARIANTS.index(name)])) <= {0.0, float(k)}
    assert (route[:, STILL] == 0).all()
    assert CLOSED[:, STILL].all()
    assert (system.own_bank.bank.invested()[:, STILL] == 0).all()
    assert (system.own_bank.columns["vendor"][:, STILL] == -1).all()


def test_books_balance_in_every_variant(system: BankingSystem) -> None:
    assert system.own_bank is not None
    now = system.own_bank.columns
    fees = now["vendor_fee"] + now["export_fee"] + now["alliance_fee"] + now["union_fee"]
    spent = now["compliance"] + now["policy_cost"] + fees + now["language_model_spending"] + now["projects"]
    assert np.allclose(now["budget"], now["run"] + now["change"], rtol=1e-12)
    assert np.allclose(now["change"], spent, rtol=1e-12)


def test_a_bank_that_says_nothing_starts_as_the_mean_of_its_kind(home: World, baseline: Scenario) -> None:
    assert home.own_bank is not None
    quiet = replace(home.own_bank, spend_ratio=None, staff=None, scores=None, plan=None, since="2020Q1")
    system = BankingSystem(replace(home, own_bank=quiet), [baseline], range(2))
    own, rows = system.own_bank, system.population.reported_rows("rural")
    assert own is not None
    start = {
        name: system.columns[name][..., rows].mean(-1) for name in ("staff", "dimensions", "habit_ratio")
    }
    system.quarter = 0
    own.begin()
    for name, mean in start.items():
        assert np.allclose(own.columns[name][..., PLAN], mean), name


def test_its_union_fees_and_its_market_share_stay_outside(system: BankingSystem) -> None:
    assert system.own_bank is not None
    assert np.allclose(system.columns["inclusive_share"].sum(-1), 1.0)
    assert (system.own_bank.columns["hub_level"] > 0).all()  # Shandong has a union


@pytest.mark.parametrize(("kind", "province"), [("city", "GD"), ("private", "ZJ"), ("rural", "BJ")])
def test_every_kind_can_come_from_any_province(
    home: World, baseline: Scenario, kind: str, province: str
) -> None:
    assert home.own_bank is not None
    account = replace(home.own_bank, kind=kind, province=province, since="2024Q3")
    record = simulate(replace(home, own_bank=account), [baseline], [0])
    assert record.own is not None
    assert all(np.isfinite(values[..., -1, :]).all() for values in record.own.values())
    assert (record.own["route_union"][..., -1, :] == 0).all()  # without a union there is no such route


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("bank.plan.data=0.3", "add to 1.2, not to 1"),
        ("bank.assets=3", "3 is out of range; allowed 100000000 to 5e+12 yuan"),
        ("bank.assets=nan", "nan is not a finite number"),
        ("bank.kind=large", "allowed city, rural, private"),
        ("bank.province=ZZ", "'ZZ' is not known"),
        ("bank.since=2041Q1", "allowed a quarter such as 2024Q1"),
        ("end=2023Q4", "2024Q1 lies outside the study"),
        ("bank.scores.dat=3", "did you mean bank.scores.data?"),
        ("bank.scores.data=130", "allowed 0 to 100 points"),
        ("bank.spend_ratio=3 yuan", "'3 yuan' is not in share of revenue"),
        ("bank.staff.data=0.9", "allowed 0 to 0.6 share of all staff"),
        ("bank.kind=null", "None is not known"),
        ("bank=exampel", "did you mean example?"),
        ("bank=ours.yaml", "DIR/bank/ours.yaml with --config-dir DIR bank=ours"),
    ],
)
def test_a_fault_of_the_own_bank_is_named(override: str, said: str) -> None:
    chosen = [] if override.startswith("bank=") else ["bank=example"]
    with pytest.raises(ConfigError) as caught:
        compose_study([*chosen, "scenarios=[baseline]", override])
    assert said in "\n".join(map(str, caught.value.faults))


def test_null_leaves_a_number_to_its_kind_and_a_bank_of_ones_own_lives_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "bank").mkdir()
    text = (
        Path("conf/bank/example.yaml")
        .read_text("utf-8")
        .replace("assets: 30.0e+9", "assets: {value: 300, unit: 亿元, source: our books, grade: own data}")
    )
    (tmp_path / "bank" / "ours.yaml").write_text(text.replace("Invented", "Our"), "utf-8")
    asked = ["experiment=own_bank", "bank=ours", "bank.scores=null", "bank.plan=null"]
    study = compose_study(asked, [tmp_path])
    bank = study.bank
    assert bank is not None
    assert bank.scores is None
    assert bank.plan is None
    assert bank.name.startswith("Our")
    assert bank.assets == 30e9
    assert study.row("bank.assets").grade == "own data"


def test_conditions_name_the_parameter_that_decides() -> None:
    rng = np.random.default_rng(1)
    inputs = rng.random((300, 4))
    end = {"lead": inputs[:, 2] - 0.4, "exhausted": np.zeros(300)}
    rows = conditions(("a", "b", "c", "d"), inputs, end, 3)
    assert rows[0]["parameter"] == "c"
    assert rows[0]["fails_low"] == 1.0
    assert rows[0]["fails_high"] == 0.0
    assert rows[0]["high"] == pytest.approx(0.4, abs=0.05)
    assert rows[0]["stability"] > 0.9
    assert rows[0]["behind"] == pytest.approx(np.mean(inputs[:, 2] < 0.4))


def invented_table() -> pd.DataFrame:
    """Two runs of three quarters in which change costs 2 a quarter and earns 0, 3, 6."""
    rows = []
    for replicate in (0, 1):
        for q, quarter in enumerate(("2024Q1", "2024Q2", "2024Q3")):
            for variant, spent, income in (("plan", 2.0, 3.0 * q), ("no_change", 0.0, 0.0)):
                rows.append(("base", replicate, variant, quarter, "invested", spent))
                rows.append(("base", replicate, variant, quarter, "digital_income", income))
            for k, variant in enumerate(("plan", *MORE)):
                rows.append(("base", replicate, variant, quarter, "index", 40.0 + k))
                rows.append(("base", replicate, variant, quarter, "added", 0.5 * bool(k)))
            for outcome, value in (("kind_median", 39.0 + 2 * replicate), ("budget_exhausted", 0.0)):
                rows.append(("base", replicate, "plan", quarter, outcome, value))
    return pd.DataFrame(rows, columns=["scenario", "replicate", "variant", "quarter", "outcome", "value"])


def test_payback_bottleneck_and_failure_are_worked_out_from_the_table() -> None:
    table = invented_table()
    paid = answers.payback(table).iloc[0]
    assert (paid["paid_back"], paid["quarter"], paid["trough"], paid["net"]) == (1.0, "2024Q3", -2.0, 3.0)
    gains = answers.bottleneck(table).set_index("dimension")["median"]
    assert gains.idxmax() == "ecosystem"
    assert gains["ecosystem"] == pytest.approx(6.0 / 1.5)
    failed = answers.failures(table).iloc[0]
    assert (failed["behind"], failed["exhausted"], failed["either"]) == (0.5, 0.0, 0.5)


def drawn(blocks: Iterable[Block]) -> list[str]:
    """Names of the figures among the blocks of a section."""
    return [block.name for block in blocks if isinstance(block, Drawing)]


def test_a_study_with_a_bank_writes_its_table_its_section_and_its_dictionary(tmp_path: Path) -> None:
    asked = ["bank=example", "scenarios=[baseline]", "replicates=2", "start=2023Q1", "end=2025Q4"]
    quick = [
        "execution.workers=1",
        f"outputs.folder={tmp_path}",
        "outputs.report=false",
        "outputs.network=[]",
    ]
    results = api.simulate(*asked, *quick)
    table = results.frame("own_bank")
    assert set(table["variant"]) == set(VARIANTS)
    assert table["quarter"].astype(str).min() == "2024Q1"
    assert results.own_bank()["bottleneck"]["spent"].gt(0).all()
    assert 0 < EXTRA < 0.2
    points, *rest = own_section(opened(results.folder, "zh"))
    assert isinstance(points, Points)
    assert points.items[0].startswith("Invented County Rural Commercial Bank")
    assert drawn(rest) == ["own_place", "own_path", "own_stress"]
    assert '"own_bank"' in (results.folder / "schema.json").read_text("utf-8")


def test_changes_stress_and_maintenance_are_worked_out_from_the_table() -> None:
    table = invented_table()
    more = [("budget", 4.0), ("run", 1.0), ("inclusive_share", 80.0)]
    rows = [
        (scenario, replicate, "plan", quarter, outcome, value * (0.5 if scenario == "hit" else 1.0))
        for scenario in ("base", "hit")
        for replicate in (0, 1)
        for quarter in ("2024Q1", "2024Q2", "2024Q4")
        for outcome, value in more
    ]
    every = pd.concat([table, pd.DataFrame(rows, columns=table.columns)], ignore_index=True)
    change = answers.changes(every, "base").set_index(["scenario", "outcome"])["median"]
    assert change["hit", "inclusive_share"] == -40.0
    assert set(change.index.get_level_values("scenario")) == {"hit"}
    path = answers.stress(every).set_index(["scenario", "outcome", "quarter"])["q50"]
    assert path["hit", "change_budget", "2024Q2"] == 1.5
    assert answers.maintenance(every)["q50"].tolist() == [25.0, 25.0]
    shares = answers.paid_back_by(
        table.assign(quarter=table["quarter"].replace({"2024Q3": "2025Q4", "2024Q2": "2024Q4"}))
    )
    assert shares["share"].tolist() == [0.0, 1.0]


def test_more_money_keeps_up_more_often_and_people_are_moved_between_roles(tmp_path: Path) -> None:
    asked = ["bank=example", "task=policy", "analysis.methods=[own_share,own_staff]", "end=2025Q4"]
    asked += ["scenarios=[baseline,large_bank_opens]", "replicates=4", "uncertainty.parameters=central"]
    quick = ["execution.workers=1", f"outputs.folder={tmp_path}", "outputs.report=false"]
    results = api.simulate(*asked, *quick)
    share = results.frame("own_share")
    assert set(share["scenario"]) == {"baseline", "large_bank_opens"}
    assert share.loc[share["own"] == 1, "spend_ratio"].tolist() == [0.03, 0.03]
    for _, mine in share.groupby("scenario"):
        assert mine.sort_values("spend_ratio")["index"].is_monotonic_increasing
    staff = results.frame("own_staff").set_index(["hired", "trained"])
    assert staff.loc[(0.0, 0.0), "effect"] == 0.0
    assert staff.loc[(1.0, 0.3), "effect"] > 0.0
    assert staff.loc[(1.0, 0.0), "people"] == pytest.approx(2 * 2.9)
    for language in ("en", "zh"):
        assert drawn(own_section(opened(results.folder, language)))[2:] == ["own_share", "own_stress"]


def test_trained_people_are_no_more_people_and_a_role_keeps_to_its_range() -> None:
    bank = compose_study(["bank=example", "scenarios=[baseline]"]).bank
    assert bank is not None
    assert bank.staff is not None
    mix = mixed(bank.staff, 0.0, 0.5)
    assert mix is not None
    assert mix.technologists + mix.composite == pytest.approx(bank.staff.technologists + bank.staff.composite)
    crowded = bank.staff.model_copy(update={"technologists": 0.55})
    assert mixed(crowded, 0.5, 0.0) is None


def test_the_least_share_that_keeps_up_lies_between_those_tried() -> None:
    tried = pd.DataFrame({"spend_ratio": [0.02, 0.03, 0.04], "keeps_up": [0.2, 0.6, 1.0]})
    assert enough(tried) == pytest.approx(0.035)
    assert enough(tried.assign(keeps_up=0.5)) is None
    assert enough(tried.assign(keeps_up=0.9)) == 0.02


def test_a_bank_that_leaves_its_staff_to_its_kind_has_no_row_of_staff_and_still_a_report(
    tmp_path: Path,
) -> None:
    asked = ["bank=example", "bank.staff=null", "bank.spend_ratio=null", "task=policy", "end=2024Q4"]
    asked += ["analysis.methods=[own_share,own_staff]", "scenarios=[baseline]", "replicates=2"]
    results = api.simulate(
        *asked, "execution.workers=1", f"outputs.folder={tmp_path}", "outputs.report=false"
    )
    assert results.frame("own_staff").empty
    assert results.frame("own_share")["own"].sum() == 1
    assert len(list(own_section(opened(results.folder, "en")))) > 5


def test_a_short_file_of_ones_own_will_do_and_its_name_is_data(tmp_path: Path) -> None:
    (tmp_path / "bank").mkdir()
    lines = ["name: '<b>我行</b> 🏦 $x$'", "kind: city", "province: ZJ", "since: 2024Q1", "assets:"]
    lines += ["  value: 2.0e+11", "  unit: yuan", "  range: [1.0e+8, 5.0e+12]", "  source: own data"]
    (tmp_path / "bank" / "ours.yaml").write_text("\n".join([*lines, "  grade: own data"]), "utf-8")
    asked = ["bank=ours", "scenarios=[baseline]", "replicates=2", "end=2024Q4", "execution.workers=1"]
    results = api.simulate(*asked, f"outputs.folder={tmp_path}", configs=[tmp_path])
    assert results.manifest["config"]["bank"]["plan"] is None
    page = (results.folder / "report.html").read_text("utf-8")
    assert "&lt;b&gt;我行&lt;/b&gt;" in page
    assert "Zhejiang" in page
    assert "<b>我行" not in page
