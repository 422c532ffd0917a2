"""The partnership networks of a study: GraphML files read as nodes and edges."""

import re
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd

NAME = re.compile(r"(?P<scenario>.+?)[._/-](?P<quarter>\d{4}Q[1-4])$")


def network(folder: Path, scenario: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nodes and edges of a scenario's partnerships at the first, a middle and the last date written.

    Parameters
    ----------
    folder
        Where ``<scenario>-<quarter>.graphml`` stand.
    scenario
        Label of the scenario.

    Returns
    -------
    tuple of pandas.DataFrame
        Nodes: ``quarter``, ``node``, ``kind``, ``assets``, ``index`` (missing where the file has none). Edges:
        ``quarter``, ``source``, ``target``. Both empty when no file is there.
    """
    found = sorted(
        (quarter, path) for name, quarter, path in _files(folder) if name == scenario.replace("/", "_")
    )
    picked = [found[step] for step in sorted({0, len(found) // 2, len(found) - 1})] if found else []
    nodes: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []
    for quarter, path in picked:
        graph = nx.read_graphml(path)
        for node, facts in graph.nodes(data=True):
            kind = facts.get("kind", facts.get("bank_kind", "other"))
            row = {"quarter": quarter, "node": node, "kind": kind}
            nodes.append({**row, "assets": facts.get("assets"), "index": facts.get("index")})
        edges += [{"quarter": quarter, "source": a, "target": b} for a, b in graph.edges()]
    frame = pd.DataFrame(nodes, columns=["quarter", "node", "kind", "assets", "index"])
    return frame.astype({"assets": float, "index": float}), pd.DataFrame(
        edges, columns=["quarter", "source", "target"]
    )


def _files(folder: Path) -> list[tuple[str, str, Path]]:
    files = []
    for path in sorted(folder.rglob("*.graphml")):
        match = NAME.match(path.relative_to(folder).with_suffix("").as_posix())
        if match:
            files.append((match["scenario"], match["quarter"], path))
    return files
