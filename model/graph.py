"""The partnership network as a NetworkX graph, and what its structure says."""

from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from agents.column import Array
from agents.kinds import KINDS

if TYPE_CHECKING:
    from model.system import BankingSystem


def partnership_graph(system: "BankingSystem", row: int) -> nx.Graph:
    """Return the network of one scenario and replicate.

    Parameters
    ----------
    system : BankingSystem
        Read only.
    row : int
        Row on the replicate axis.

    Returns
    -------
    networkx.Graph
        Nodes are banks (``bank:0``), vendors, unions and data platforms with ``role``, and for banks ``kind``,
        ``province``, ``assets`` (yuan) and ``index`` (0-100); edges carry ``layer``.
    """
    population, columns = system.population, system.columns
    graph = nx.Graph()
    index = 100.0 * columns["dimensions"][:, row].mean(0)
    for bank in range(population.size):
        graph.add_node(
            f"bank:{bank}",
            role="bank",
            kind=KINDS[population.kind[bank]],
            province=population.provinces[population.province[bank]].code,
            assets=float(columns["assets"][row, bank]),
            index=float(index[bank]),
        )
    _tie_contracts(graph, columns["vendor"][row], "vendor", "vendor:{}")
    _tie_contracts(graph, columns["provider"][row], "export", "bank:{}")
    ties = system.network.alliances.ties
    for tie in np.flatnonzero(system.network.alliances.active[row]):
        graph.add_edge(f"bank:{ties.first[tie]}", f"bank:{ties.second[tie]}", layer="alliance")
    _tie_hubs(graph, system, row)
    return graph


def _tie_contracts(graph: nx.Graph, contract: Array, layer: str, name: str) -> None:
    for bank in np.flatnonzero(contract >= 0):
        supplier = name.format(int(contract[bank]))
        if supplier not in graph:
            graph.add_node(supplier, role=layer, kind=layer, province="", assets=0.0, index=0.0)
        graph.add_edge(f"bank:{bank}", supplier, layer=layer)


def _tie_hubs(graph: nx.Graph, system: "BankingSystem", row: int) -> None:
    """Tie rural members to their union, and banks to the data platform of a province that has opened its data."""
    population, columns = system.population, system.columns
    for bank in range(population.size):
        code = population.provinces[population.province[bank]].code
        hub, openness = columns["hub_level"][row, bank], columns["openness"][row, bank]
        for layer, level, tied in (
            ("union", hub, hub > 0),
            ("platform", openness, openness >= system.network.numbers.platform_threshold),
        ):
            if tied:
                graph.add_node(
                    f"{layer}:{code}",
                    role=layer,
                    kind=layer,
                    province=code,
                    assets=0.0,
                    index=100.0 * float(level),
                )
                graph.add_edge(f"bank:{bank}", f"{layer}:{code}", layer=layer)


def structure(graph: nx.Graph) -> dict[str, float]:
    """Measure a partnership network.

    Parameters
    ----------
    graph : networkx.Graph

    Returns
    -------
    dict of str to float
        ``density``; ``clustering``; ``core`` (share of nodes in the innermost k-core) and ``coreness`` (its k);
        ``core_periphery`` (see the function of that name); ``largest_hub`` (share of nodes tied to the
        best-connected one).
    """
    coreness = nx.core_number(graph)
    deepest = max(coreness.values(), default=0)
    number = graph.number_of_nodes()
    degrees = [degree for _, degree in graph.degree]
    return {
        "density": nx.density(graph),
        "clustering": nx.average_clustering(graph),
        "core": sum(1 for k in coreness.values() if k == deepest) / max(number, 1),
        "coreness": float(deepest),
        "core_periphery": core_periphery(graph),
        "largest_hub": max(degrees, default=0) / max(number, 1),
    }


def core_periphery(graph: nx.Graph) -> float:
    """Correlate the ties with the ideal pattern in which a core touches all (Borgatti & Everett 2000).

    The core is the set of best-connected nodes, of whatever size fits best (Lip 2011).

    Parameters
    ----------
    graph : networkx.Graph

    Returns
    -------
    float
        1 for a perfect core, 0 where there is no pattern.
    """
    number, edges = graph.number_of_nodes(), graph.number_of_edges()
    ranked = sorted(graph.degree, key=lambda node: -node[1])
    rank = {node: place for place, (node, _) in enumerate(ranked)}
    first = np.array([min(rank[a], rank[b]) for a, b in graph.edges], dtype=int)
    size = np.arange(1, number + 1)
    touching = np.cumsum(np.bincount(first, minlength=number))[: len(size)]
    pairs = number * (number - 1) / 2
    ideal = size * (size - 1) / 2 + size * (number - size)
    spread = np.sqrt(edges * (pairs - edges) * ideal * (pairs - ideal))
    fit = np.divide(pairs * touching - edges * ideal, spread, out=np.zeros(number), where=spread > 0)
    return float(fit.max(initial=0.0))
