"""What stands beside the tables of a study: observed scores, places on a map, partnership networks."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd

ERRORS = {"city": "Z002", "rural": "Z003", "private": "Z004"}  # rows of noise_and_limits.csv
TILES = ["code", "name_en", "name_zh", "tile_column", "tile_row"]
GRAPH = re.compile(r"(?P<scenario>.+?)[._/-](?P<quarter>\d{4}Q[1-4])$")


def observed_scores(data: Path, settings: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """Scores of the survey with their standard error (points); empty without the file.

    Parameters
    ----------
    data
        Folder of the shipped tables.
    settings
        Of a study, whose own ``series.scores`` come before the shipped ones.
    """
    columns = ["bank_kind", "year", "dimension", "score", "error"]
    path = data / "source" / "scores.csv"
    if not path.exists():
        return pd.DataFrame(columns=columns)
    own = ((settings or {}).get("series") or {}).get("scores")
    frame = _own(own) if own else pd.read_csv(path).rename(columns={"bank_type": "bank_kind"})
    limits = pd.read_csv(data / "source" / "noise_and_limits.csv").set_index("id")["value"].astype(str)
    error = {kind: float(limits[row].split()[0]) for kind, row in ERRORS.items()}
    return frame.assign(error=frame["bank_kind"].map(error))[columns]


def _own(scores: Mapping[str, Any]) -> pd.DataFrame:
    """Scores by kind, dimension and year as rows."""
    cells = [
        {"bank_kind": kind, "dimension": dimension, "year": int(year), "score": float(score)}
        for kind, dimensions in scores.items()
        for dimension, years in dimensions.items()
        for year, score in years.items()
    ]
    return pd.DataFrame(cells)


def tiles(data: Path) -> pd.DataFrame:
    """Provinces with their names and their places on the map of tiles; empty without the file."""
    path = data / "provinces.csv"
    return pd.read_csv(path, keep_default_na=False)[TILES] if path.exists() else pd.DataFrame(columns=TILES)


def province(code: str, data: Path, language: str) -> str:
    """Name of a province; its code where the folder of data does not name it."""
    names = tiles(data).set_index("code")[f"name_{language}"]
    return str(names.get(code, code))


def network(folder: Path, scenario: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nodes and edges of a scenario's partnerships at every date written.

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
    dates = sorted(
        (match["quarter"], path)
        for path in sorted(folder.rglob("*.graphml"))
        if (match := GRAPH.match(path.relative_to(folder).with_suffix("").as_posix()))
        and match["scenario"] == scenario.replace("/", "_")
    )
    nodes: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []
    for quarter, path in dates:
        graph = nx.read_graphml(path)
        for node, facts in graph.nodes(data=True):
            kind = facts.get("kind", facts.get("bank_kind", "other"))
            row = {"quarter": quarter, "node": node, "kind": kind}
            nodes.append({**row, "assets": facts.get("assets"), "index": facts.get("index")})
        edges += [{"quarter": quarter, "source": a, "target": b} for a, b in graph.edges()]
    frame = pd.DataFrame(nodes, columns=["quarter", "node", "kind", "assets", "index"])
    lines = pd.DataFrame(edges, columns=["quarter", "source", "target"])
    return frame.astype({"assets": float, "index": float}), lines
