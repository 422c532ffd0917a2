"""Partnerships: contracts respect capacity and priority, ties need two, hubs pool, failures hit clients alone."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from agents.bank import LEANS_ON_VENDOR
from agents.honeycomb import APPLICATION, DIMENSIONS, ECOSYSTEM, KINDS, TECHNOLOGY
from model import contracts
from model.alliances import Alliances, Ties, possible_ties, rewire
from model.peers import best_practice
from model.reduction import over_banks
from model.shock import Shock
from model.system import BankingSystem
from model.world import Scenario, World
from tests.worlds import by_scenario, lever, quarters, ran, until, with_network, with_policies

PROPOSALS = arrays(float, st.tuples(st.integers(1, 3), st.integers(1, 25)), elements=st.integers(-1, 4))


# ---- contracts
@given(PROPOSALS, st.integers(0, 6), st.integers(0, 1000))
def test_contracts_respect_capacity_and_priority(proposal: np.ndarray, capacity: int, seed: int) -> None:
    priority = np.random.default_rng(seed).permutation(proposal.shape[1]).astype(float)
    contract = contracts.resolve(proposal, priority, capacity)
    assert ((contract == proposal) | (contract == -1)).all()
    for row, asked in zip(contract, proposal, strict=True):
        for supplier in range(5):
            taken, wanted = priority[row == supplier], priority[asked == supplier]
            assert len(taken) == min(capacity, len(wanted))
            refused = np.setdiff1d(wanted, taken)
            assert not len(refused) or not len(taken) or taken.min() > refused.max()


def test_clients_are_counted() -> None:
    contract = np.array([[0, 2, 2, -1], [-1, -1, -1, 1]], float)
    assert contracts.clients(contract, 3).tolist() == [[1, 0, 2], [0, 1, 0]]


def test_suppliers_are_picked_as_often_as_they_appeal() -> None:
    weights = np.array([[1.0, 0.0, 3.0, 6.0]])
    picked = contracts.pick(weights, (np.arange(10_000) + 0.5)[None] / 10_000)
    shares = np.bincount(picked[0].astype(int), minlength=4) / 10_000
    np.testing.assert_allclose(shares, [0.1, 0.0, 0.3, 0.6], atol=1e-3)


# ---- alliances
def test_a_tie_needs_both_sides_and_counts_for_both() -> None:
    ties = Ties(np.array([0, 1]), np.array([1, 2]))
    alliances = Alliances(ties, 1, 4)
    wish = np.array([[1.0, 1.0, 0.0, 1.0]])
    draws = np.full((1, 3, 2), 0.5)
    assert alliances.agree(wish, 0.0, draws).tolist() == [[1.0, 1.0, 0.0, 0.0]]
    capability = np.arange(4.0)[None, None] * np.ones((len(DIMENSIONS), 1, 1)) / 10
    np.testing.assert_allclose(alliances.partner_means(capability)[0, 0], [0.1, 0.0, 0.0, 0.0])
    assert alliances.agree(np.zeros((1, 4)), 0.7, draws).tolist() == [[1.0, 1.0, 0.0, 0.0]]
    assert alliances.agree(np.zeros((1, 4)), 0.3, draws).sum() == 0


def test_partner_means_are_means_over_partners(lab: World, baseline: Scenario) -> None:
    system = ran(until(lab, "2022Q1"), [baseline], (0, 1))
    alliances, values = system.network.alliances, system.columns["dimensions"]
    means = alliances.partner_means(values)
    bank = int(np.argmax(system.columns["links"][1]))
    first, second = alliances.ties.first, alliances.ties.second
    partners = np.concatenate(
        [second[alliances.active[1] & (first == bank)], first[alliances.active[1] & (second == bank)]]
    )
    assert len(partners) == system.columns["links"][1, bank] > 1
    np.testing.assert_allclose(means[:, 1, bank], values[:, 1, partners].mean(-1))


def test_possible_ties_are_a_small_world_of_small_and_medium_banks(lab: World) -> None:
    ties = possible_ties(lab.population, 8, 0.15, 3)
    assert (ties.first < ties.second).all()
    assert len(np.unique(np.stack([ties.first, ties.second]), axis=1).T) == len(ties.first)
    assert (lab.population.kind[ties.first] != KINDS.index("large")).all()


def test_a_rewired_network_keeps_the_number_of_ties_but_not_with_whom(lab: World) -> None:
    ties = possible_ties(lab.population, 8, 0.15, 3)
    shuffled = rewire(ties, 3)
    assert 0.9 * len(ties.first) <= len(shuffled.first) <= len(ties.first)
    before = set(zip(ties.first.tolist(), ties.second.tolist(), strict=True))
    after = set(zip(shuffled.first.tolist(), shuffled.second.tolist(), strict=True))
    assert len(before & after) < 0.3 * len(before)
    assert (shuffled.first < shuffled.second).all()


def test_without_a_network_nobody_has_a_partner(lab: World, baseline: Scenario) -> None:
    columns = ran(with_network(until(lab, "2021Q4"), active=False), [baseline]).columns
    for fee in ("vendor_fee", "export_fee", "alliance_fee", "union_fee", "fee_income"):
        assert columns[fee].sum() == 0, fee
    assert columns["offered"].max() == columns["links"].max() == columns["hub_level"].max() == 0
    assert columns["vendor"].max() == columns["provider"].max() == -1


# ---- exporters and unions
def test_exporters_are_large_banks_paid_by_their_own_clients(lab: World, baseline: Scenario) -> None:
    columns = ran(until(lab, "2021Q4"), [baseline]).columns
    large = lab.population.rows("large")
    assert columns["fee_income"][0, large.stop :].sum() == 0
    for exporter in range(large.stop):
        paid = columns["export_fee"][0, columns["provider"][0] == exporter].sum()
        assert columns["fee_income"][0, exporter] == pytest.approx(paid)
    assert (columns["provider"][0, large] == -1).all()


def test_only_members_have_a_hub(lab: World, nation: World, baseline: Scenario) -> None:
    for world in (until(lab, "2020Q4"), until(nation, "2020Q4")):
        hub = ran(world, [baseline]).columns["hub_level"][0]
        population = world.population
        mode = np.array([place.union_mode for place in population.provinces])[population.province]
        rural = population.kind == KINDS.index("rural")
        assert (hub[~rural] == 0).all()
        assert (hub[mode == "single_bank"] == 0).all()
        assert (hub[rural & (mode != "single_bank")] > 0).all()


# ---- failures
@pytest.fixture(scope="module")
def outage(lab: World, baseline: Scenario) -> BankingSystem:
    """The largest vendor fails in the last quarter of 2021; the system stands at the end of that quarter."""
    hit = replace(baseline, name="hit", shocks=(Shock("outage", 7, 7, (("vendor_outage", 1.0),)),))
    system = BankingSystem(until(lab, "2022Q4"), [baseline, hit], (0, 1, 2))
    system.run_for(8)
    return system


def test_an_outage_hits_clients_of_the_largest_vendor_alone(outage: BankingSystem) -> None:
    vendor, offered = by_scenario(outage, "vendor"), by_scenario(outage, "offered")
    lost = offered[:, 0] - offered[:, 1] + by_scenario(outage, "outage")[1] * LEANS_ON_VENDOR
    for replicate in range(3):
        clients = np.bincount(vendor[0, replicate][vendor[0, replicate] >= 0].astype(int))
        hit = vendor[1, replicate] == clients.argmax()
        assert hit.sum() == clients.max()
        assert (lost[[TECHNOLOGY, APPLICATION, ECOSYSTEM], replicate][:, hit] > 0).all()
        assert (lost[:, replicate][:, ~hit] == 0).all()


def test_others_go_on_as_before_in_the_quarter_of_an_outage(outage: BankingSystem) -> None:
    vendor, capability = by_scenario(outage, "vendor"), by_scenario(outage, "dimensions")
    failed = outage.network.failed[3:].argmax(-1)
    spared = vendor[1] != failed[:, None]
    assert np.array_equal(capability[:, 0][:, spared], capability[:, 1][:, spared])
    assert (capability[TECHNOLOGY, 1] - capability[TECHNOLOGY, 0])[~spared].mean() < -0.01


def test_an_outage_lasts_for_its_clients_whatever_quarter_it_begins(lab: World, baseline: Scenario) -> None:
    """Who signs in the quarter of the failure does not know of it yet: nobody is free of it before the next year."""
    for first in (8, 9):
        hit = replace(baseline, shocks=(Shock("outage", first, 11, (("vendor_outage", 1.0),)),))
        system = BankingSystem(until(lab, "2022Q4"), [hit], (0,))
        clients = []
        for _ in quarters(system, 12):
            failed = int(system.network.failed[0].argmax())
            clients.append(int((system.columns["vendor"][0] == failed).sum()))
        assert clients[first] == clients[11] > 0


def test_what_an_outage_takes_does_not_depend_on_what_a_bank_absorbs(lab: World, baseline: Scenario) -> None:
    hit = Shock("outage", 1, 2, (("vendor_outage", 3.0),))
    quick = with_policies(baseline, "quick", lever("absorption_gain", 0.3, "2020Q2"))
    four = [baseline, replace(baseline, shocks=(hit,)), quick, replace(quick, shocks=(hit,))]
    system = BankingSystem(until(lab, "2020Q2"), four, (0, 1))
    system.run_for(2)
    plain, struck, able, able_struck = by_scenario(system, "outage")
    assert struck.max() > 0 == plain.max() == able.max()
    assert np.array_equal(struck, able_struck)


def test_a_platform_for_less_is_the_same_platform(lab: World, baseline: Scenario) -> None:
    cheaper = with_policies(baseline, "cheaper", lever("hub_cost_relief", 0.3, "2020Q1"))
    system = ran(until(lab, "2022Q4"), [baseline, cheaper])
    level, fee = by_scenario(system, "hub_level"), by_scenario(system, "union_fee")
    members = level[0] > 0
    assert (level[1] >= level[0] - 0.005)[members].all()
    assert fee[1][members].sum() < fee[0][members].sum()


def test_a_vendor_comes_back_after_the_outage(lab: World, baseline: Scenario) -> None:
    hit = replace(baseline, shocks=(Shock("outage", 1, 2, (("vendor_outage", 2.0),)),))
    system = BankingSystem(until(lab, "2020Q4"), [hit], (0,))
    down = [int(system.network.failed.sum()) for _ in quarters(system, 4)]
    assert down == [0, 2, 2, 0]


# ---- sums and peers
@given(arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 300)), elements=st.floats(-1e6, 1e6)))
def test_sums_over_banks_do_not_depend_on_layout_or_batch(values: np.ndarray) -> None:
    whole = over_banks(values)
    assert np.array_equal(whole, over_banks(np.asfortranarray(values)))
    assert np.array_equal(whole, np.concatenate([over_banks(values[[k]]) for k in range(len(values))]))
    np.testing.assert_allclose(whole, values.sum(-1), rtol=1e-9, atol=1e-3)


def test_the_best_are_copied() -> None:
    performance = np.array([[0.1, 0.9, 0.5, 0.8]])
    allocation = np.zeros((6, 1, 4))
    allocation[0, 0] = [1.0, 0.2, 0.0, 0.4]
    allocation[1, 0] = 1.0 - allocation[0, 0]
    best = best_practice(performance, allocation, 0.5)
    np.testing.assert_allclose(best[:2, 0, 0], [0.3, 0.7])
    np.testing.assert_allclose(best_practice(performance, allocation, 0.01)[0, 0, 0], 0.2)
