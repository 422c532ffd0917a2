"""Measures of inequality, concentration and network structure against values known in closed form."""

import io

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.honeycomb import DIMENSIONS, LAYERS
from model.graph import partnership_graph, structure
from model.inequality import gini, herfindahl, percentile_ratio
from model.run import simulate
from model.system import BankingSystem
from model.world import Recording, Scenario, World
from tests.worlds import ran, until

POSITIVE = st.lists(st.floats(0.01, 100.0), min_size=2, max_size=40).map(np.array)


def test_known_ginis() -> None:
    assert gini(np.full(7, 3.0)) == pytest.approx(0.0)
    assert gini(np.array([0.0, 0.0, 0.0, 5.0])) == pytest.approx(0.75)
    assert gini(np.array([1.0, 3.0])) == pytest.approx(0.25)
    assert gini(np.arange(1, 101)) == pytest.approx(99 / 300, abs=1e-12)
    np.testing.assert_allclose(gini(np.array([[1.0, 3.0], [2.0, 2.0]])), [0.25, 0.0])


@given(POSITIVE, st.floats(0.1, 9.0))
def test_a_gini_knows_no_scale_and_no_order(values: np.ndarray, scale: float) -> None:
    assert gini(scale * values[::-1]) == pytest.approx(float(gini(values)), abs=1e-9)
    assert -1e-12 <= gini(values) < 1.0
    by_pairs = np.abs(values[:, None] - values).mean() / (2 * values.mean())
    assert gini(values) == pytest.approx(by_pairs, abs=1e-9)


@given(POSITIVE)
def test_a_gini_falls_when_the_richest_gives_to_the_poorest(values: np.ndarray) -> None:
    after = np.sort(values)
    gift = 0.25 * (after[-1] - after[0])
    after[0], after[-1] = after[0] + gift, after[-1] - gift
    assert gini(after) <= gini(values) + 1e-12


def test_known_percentile_ratios() -> None:
    assert percentile_ratio(np.arange(11.0) + 1) == pytest.approx(10 / 2)
    assert percentile_ratio(np.full(5, 2.0)) == pytest.approx(1.0)


def test_known_concentrations() -> None:
    assert herfindahl(np.array([5, 0, 0])) == pytest.approx(1.0)
    assert herfindahl(np.array([2, 2, 2, 2])) == pytest.approx(0.25)
    assert herfindahl(np.zeros(4)) == 0.0


def test_structure_of_known_graphs() -> None:
    complete, star, path = (
        structure(nx.complete_graph(6)),
        structure(nx.star_graph(9)),
        structure(nx.path_graph(4)),
    )
    assert complete["density"] == complete["clustering"] == complete["core"] == 1.0
    assert complete["coreness"] == 5.0
    assert star["largest_hub"] == pytest.approx(0.9)
    assert star["clustering"] == 0.0
    assert path["density"] == pytest.approx(0.5)
    empty = structure(nx.empty_graph(3))
    assert empty["density"] == empty["core_periphery"] == 0.0


def test_a_core_that_touches_all_is_a_perfect_core() -> None:
    """Three banks tied to each other and to everyone, seven tied to the three alone."""
    graph = nx.complete_graph(3)
    graph.add_edges_from((core, outer) for core in range(3) for outer in range(3, 10))
    assert structure(graph)["core_periphery"] == pytest.approx(1.0)
    assert structure(nx.star_graph(9))["core_periphery"] == pytest.approx(1.0)
    assert structure(nx.cycle_graph(12))["core_periphery"] < 0.5
    blurred = graph.copy()
    blurred.add_edge(5, 6)
    assert 0.5 < structure(blurred)["core_periphery"] < 1.0


@pytest.fixture(scope="module")
def networked(lab: World, baseline: Scenario) -> BankingSystem:
    return ran(until(lab, "2022Q1"), [baseline], (0, 1))


def test_the_graph_says_what_the_columns_say(networked: BankingSystem) -> None:
    graph = partnership_graph(networked, 1)
    columns = networked.columns
    by_layer = dict.fromkeys(LAYERS, 0)
    for _, _, layer in graph.edges(data="layer"):
        by_layer[layer] += 1
    assert by_layer["vendor"] == (columns["vendor"][1] >= 0).sum()
    assert by_layer["export"] == (columns["provider"][1] >= 0).sum()
    assert by_layer["union"] == (columns["hub_level"][1] > 0).sum()
    assert 2 * by_layer["alliance"] == columns["links"][1].sum()
    assert by_layer["platform"] > 0
    assert sum(role == "bank" for _, role in graph.nodes(data="role")) == networked.population.size


def test_a_graph_survives_graphml(networked: BankingSystem) -> None:
    graph = partnership_graph(networked, 0)
    written = io.BytesIO()
    nx.write_graphml(graph, written)
    written.seek(0)
    read = nx.read_graphml(written)
    assert dict(read.nodes(data=True)) == dict(graph.nodes(data=True))
    assert {frozenset(edge[:2]): edge[2] for edge in read.edges(data="layer")} == {
        frozenset(edge[:2]): edge[2] for edge in graph.edges(data="layer")
    }
    assert structure(read) == structure(graph)


def test_graphs_are_kept_when_they_are_asked_for(lab: World, baseline: Scenario) -> None:
    world = until(lab, "2020Q4", recording=Recording(outcomes=False, graphs=(0, 3)))
    graphs = simulate(world, [baseline], (0,)).graphs
    assert list(graphs) == [("baseline", "2020Q1"), ("baseline", "2020Q4")]


def test_the_score_of_a_bank_is_the_mean_of_its_six(networked: BankingSystem) -> None:
    graph = partnership_graph(networked, 0)
    scores = networked.columns["dimensions"][:, 0, 30]
    assert len(scores) == len(DIMENSIONS)
    assert graph.nodes["bank:30"]["index"] == pytest.approx(100 * scores.mean())
