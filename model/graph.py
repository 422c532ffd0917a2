"""The partnership network as a NetworkX graph."""

from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

if TYPE_CHECKING:
    from model.system import BankingSystem

PLATFORM_FROM = 0.5  # openness from which a province's data platform is drawn as a partner


def partnership_graph(system: "BankingSystem", row: int) -> nx.Graph:
    """Return the network of one scenario and replicate.

    Parameters
    ----------
    system : BankingSystem
        Read only.
    row : int
        Row on the last axis.

    Returns
    -------
    networkx.Graph
        Nodes are active banks (``bank:0``), vendors, unions and data platforms with ``role``, and for banks ``kind``,
        ``province``, ``assets`` (yuan) and ``index`` (0-100); edges carry ``layer``.
    """
    population, graph = system.banks, nx.Graph()
    there = [b for b in range(population.size) if system.active[b, row]]
    for bank in there:
        code = population.provinces[population.province[bank]].code
        graph.add_node(
            f"bank:{bank}",
            role="bank",
            kind=population.kinds[population.kind[bank]],
            province=code,
            assets=1e6 * float(system.assets[bank, row]),
            index=float(system.dims[:, bank, row].mean()),
        )
        for vendor in system.vendor[:, bank, row]:
            if vendor >= 0:
                _tie(graph, bank, "vendor", f"vendor:{vendor}", "", 0.0)
        if system.hub[bank, row] > 0:
            _tie(graph, bank, "union", f"union:{code}", code, 100.0 * float(system.hub[bank, row]))
        openness = float(system.openness[:, bank, row].mean())
        if openness >= PLATFORM_FROM:
            _tie(graph, bank, "platform", f"platform:{code}", code, 100.0 * openness)
    for bank in there:
        exporter = int(system.exporter[bank, row])
        if exporter >= 0:
            graph.add_edge(f"bank:{bank}", f"bank:{system.network.exporters[exporter]}", layer="export")
    for tie in np.flatnonzero(system.network.agreed[:, row]):
        first, second = system.network.pairs[tie]
        graph.add_edge(f"bank:{first}", f"bank:{second}", layer="alliance")
    return graph


def _tie(graph: nx.Graph, bank: int, layer: str, node: str, province: str, level: float) -> None:
    if node not in graph:
        graph.add_node(node, role=layer, kind=layer, province=province, assets=0.0, index=level)
    graph.add_edge(f"bank:{bank}", node, layer=layer)
