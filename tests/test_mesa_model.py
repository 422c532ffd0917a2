"""The system as an ordinary Mesa model: keywords, running, collector, agent sets, removal, copies, the batch runner."""

import copy
import pickle

import mesa
import numpy as np
import pytest
from mesa.experimental.scenarios import Scenario

from agents.allocation import Outlook
from agents.honeycomb import KINDS
from agents.kinds import CityBank
from experiments import api
from experiments.config import assembly
from experiments.config.load import compose_study
from experiments.mesa_model import BankingModel
from model.run import simulate

SHORT = {"end": "2021Q4"}
EARLY = "policies.union_reform.start=2020Q1"


def stepped(model: BankingModel, quarters: int) -> BankingModel:
    for _ in range(quarters):
        model.step()
    return model


@pytest.fixture(scope="module")
def done() -> BankingModel:
    model = api.model(7, **SHORT)
    while model.running:
        model.step()
    return model


def test_it_runs_to_its_last_quarter_and_says_so_beyond(done):
    assert done.quarter == 7
    with pytest.raises(ValueError, match="last quarter of this model is 2021Q4"):
        done.step()


def test_the_collector_holds_a_number_for_each_bank_and_step(done):
    banks = done.datacollector.get_agent_vars_dataframe()
    assert set(banks.dtypes.astype(str)) <= {"float64", "int8", "int64"}
    assert len(banks) == 9 * len(done.banks.kind)
    whole = done.datacollector.get_model_vars_dataframe()
    assert list(whole) == [f"index {kind}" for kind in KINDS]
    assert whole["index city"].iloc[-1] == pytest.approx(done.index[done.banks.rows("city")].mean(), rel=0.02)


def test_banks_are_agents_of_their_kind_with_numbers_for_states(done):
    city = done.agents_by_type[CityBank]
    assert {bank.kind for bank in city} == {"city"}
    bank = next(iter(city))
    assert float(bank.assets) == done.assets[bank.row, 0]
    assert bank.staff.shape == (3,)
    assert city.agg("index", np.mean) == pytest.approx(done.index[done.banks.rows("city")].mean())
    with pytest.raises(AttributeError):
        _ = bank.no_such_state


def test_a_seed_gives_the_same_run_again_and_another_gives_another():
    first, again, other = (stepped(BankingModel(rng=seed, **SHORT), 4) for seed in (3, 3, 4))
    assert np.array_equal(first.rung, again.rung)
    assert not np.array_equal(first.rung, other.rung)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])  # noqa: S301
def test_a_copy_goes_on_as_the_model_does_and_apart_from_it(copied):
    model = stepped(BankingModel(rng=5, **SHORT), 3)
    assert len(model.agents) == 98
    twin = copied(model)
    next(iter(twin.agents)).remove()
    assert (len(model.agents), len(twin.agents)) == (98, 97)
    twin = copied(model)
    stepped(twin, 3)
    assert model.quarter == 2
    stepped(model, 3)
    assert np.array_equal(model.rung, twin.rung)
    assert np.array_equal(model.spend, twin.spend)


def test_a_removed_bank_leaves_the_market_and_its_clients():
    model = stepped(BankingModel(rng=5, **SHORT), 2)
    place = model.exporter[: model.banks.size].max()  # an exporting bank that has clients
    large, city = list(model.agents)[place], next(iter(model.agents_by_type[CityBank]))
    for bank in (large, city):
        bank.remove()
    assert large not in model.agents
    assert not model.active[[large.row, city.row]].any()
    assert not (model.exporter == place).any()
    stepped(model, 6)
    there = model.active[: model.banks.size]
    assert (model.market[: model.banks.size] * there).sum() == pytest.approx(1.0)
    assert not (model.exporter == place).any()
    assert len(model.agents) == there.sum()


def test_banks_merged_away_are_agents_no_more():
    model = stepped(BankingModel(rng=1, population="national", **SHORT), 1)
    assert len(model.agents) == model.active[: model.banks.size].sum() < model.banks.size


def test_a_users_own_rule_and_numbers_come_by_keyword():
    def all_on_data(bank: Outlook) -> np.ndarray:
        weights = np.full(bank.shares.shape, 1e-3)
        weights[4] = 1.0
        return weights

    usual, own = (
        stepped(BankingModel(rng=2, **SHORT, **changed), 8)
        for changed in ({}, {"allocation": all_on_data, "behaviour__peer": 0.0})
    )
    small = ~usual.exports_here
    assert own.shares[4, small].mean() > 0.9 > usual.shares[4, small].mean()
    assert float(np.ravel(own.p.peer)[0]) == 0.0


def test_a_state_that_is_set_is_the_models_own():
    model = stepped(BankingModel(rng=1, **SHORT), 1)
    bank, other = model.agents_by_type[CityBank][0], model.agents_by_type[CityBank][1]
    before, bank.drive, bank.shares, bank.note = float(other.drive), 2.0, np.eye(6)[4], "mine"
    assert (model.drive[bank.row, 0], other.drive, bank.note) == (2.0, before, "mine")
    assert model.shares[:, bank.row, 0].tolist() == [0, 0, 0, 0, 1, 0]
    bank.active = False
    stepped(model, 4)
    assert bank not in model.agents


def test_what_mesas_own_page_hands_over_when_it_starts_anew():
    asked = Scenario(rng=3, behaviour__peer=0.2)
    model = BankingModel(policies="union_reform", scenario=asked, end="2026Q4")
    assert (model._seed, float(np.ravel(model.p.peer)[0])) == (3, 0.2)
    assert model.policies.names == ("union_reform",)
    assert BankingModel(rng=7, scenario=asked, end="2026Q4")._seed == 7  # its slider and its own scenario
    with pytest.raises(TypeError, match="'polices' is neither a keyword nor"):
        BankingModel(polices="union_reform")


def test_mesas_batch_runner_runs_it():
    rows = mesa.batch_run(
        BankingModel,
        {"end": "2020Q2", "network": ["partnerships", "none"]},
        rng=[1, 2],
        display_progress=False,
    )
    assert len(rows) == 4 * 98
    assert {row["network"] for row in rows} == {"partnerships", "none"}
    assert all(np.isscalar(row["assets"]) for row in rows)


def test_a_function_of_numbers_serves_whatever_explores_functions():
    evaluate = api.evaluator("index rural", "spend_ratio all", replicates=2, **SHORT)
    usual, again, higher = evaluate(), evaluate({}), evaluate(behaviour__spend_level=1.5)
    assert usual == again
    assert list(usual) == ["index rural", "spend_ratio all"]
    assert higher["spend_ratio all"] > usual["spend_ratio all"]
    assert higher == evaluate({"behaviour.spend_level": 1.5})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("indx rural", "'indx' is not known"),
        ("index rurl", "'rurl' is not known"),
        ("gini", "'gini' is no outcome and kind of bank"),
        ("rural_city_gap rural", "'rural_city_gap rural' is not measured at the end of the run"),
        (
            "rural_city_gap all",
            "'rural_city_gap all' is not measured at the end of the run",
        ),  # before a year's end
    ],
)
def test_an_outcome_that_is_not_there_is_refused_and_no_missing_number(name: str, said: str):
    with pytest.raises(ValueError, match=said):
        api.evaluator(name, replicates=1, end="2020Q2")()


def test_a_function_of_numbers_gives_what_a_study_s_tables_have():
    names = ("index rural", "index all", "like_for_like city", "rural_city_gap all")
    fixed = {"replicates": 2, "end": "2021Q4"}
    means = api.evaluator(*names, seed=2020, policies="union_reform", **fixed, overrides=[EARLY])()
    study = compose_study(
        ["policy=union_reform", EARLY, "uncertainty.parameters=central", *(f"{k}={fixed[k]}" for k in fixed)]
    )
    (world, scenarios), *_ = assembly.worlds(study)
    record = simulate(world, list(scenarios.values()), range(2))
    assert means["index rural"] == pytest.approx(record.true[1, :, -1, KINDS.index("rural")].mean())
    assert means["index all"] == pytest.approx(record.small[1, :, -1].mean())
    assert (
        means["like_for_like city"] == record.outcomes["like_for_like"][1, :, -1, KINDS.index("city")].mean()
    )
    assert means["rural_city_gap all"] == record.outcomes["rural_city_gap"][1, :, -1, -1].mean()


def test_what_a_function_of_numbers_is_given_counts():
    fixed = {"replicates": 1, "end": "2020Q2"}
    usual = api.evaluator("index all", **fixed)
    higher = api.evaluator("index all", behaviour__spend_level=1.5, **fixed)
    assert higher() == usual(behaviour__spend_level=1.5) != usual()
    assert higher(behaviour__spend_level=1.2) == usual(behaviour__spend_level=1.2)
    assert api.evaluator("index all", allocation="fixed_plan", **fixed)() != usual()
    with pytest.raises(TypeError, match="'polices' is neither a keyword nor"):
        api.evaluator("index all", polices="union_reform")
    with pytest.raises(TypeError, match="'replicats' is neither a keyword nor"):
        api.evaluator("index all", replicats=2)
    with pytest.raises(TypeError, match=r"behaviour\.peer is given twice"):
        usual({"behaviour.peer": 0.5}, behaviour__peer=0.7)
    with pytest.raises(ValueError, match="0 is out of range"):
        api.evaluator("index all", replicates=0)


def test_what_is_no_number_is_named():
    with pytest.raises(TypeError, match=r"behaviour.peer: 'x' is not a number"):
        api.evaluator("index rural", replicates=1)({"behaviour.peer": "x"})
