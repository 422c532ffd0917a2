"""A fixed layout: large banks in the core, hubs and other partners around them, the rest outside by group."""

import numpy as np
import pandas as pd

BANKS = ("large", "city", "rural", "private")
HUB = "union"
GOLDEN = np.pi * (3 - np.sqrt(5))


def positions(nodes: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """A place for every node in the unit disc, from all dates together.

    Discs of equal density: ranks fill a sunflower spiral from the centre, so that no two nodes fall together;
    within the outer ring the members of a union stand in one sector, next to it.

    Parameters
    ----------
    nodes
        Columns ``quarter``, ``node``, ``kind``.
    edges
        Columns ``quarter``, ``source``, ``target``.

    Returns
    -------
    pandas.DataFrame
        Columns ``node``, ``x``, ``y``; one row a node.
    """
    kinds = nodes.drop_duplicates("node").set_index("node")["kind"]
    ends = pd.concat([edges["source"], edges["target"]]).value_counts()
    degree = ends.reindex(kinds.index).fillna(0)
    rank = pd.Series(
        np.select([kinds == "large", kinds == HUB, ~kinds.isin(BANKS)], [0, 2, 1], 3), kinds.index
    )
    hub = _hub_of(kinds, edges)
    order = pd.DataFrame({"rank": rank, "degree": -degree, "name": kinds.index.astype(str)}, kinds.index)
    order = order.sort_values(["rank", "degree", "name"])
    step = np.arange(len(order))
    radius = np.sqrt((step + 0.5) / len(order))
    angle = np.mod(step * GOLDEN, 2 * np.pi)
    seated = np.empty(len(order), dtype=object)
    for ring in order["rank"].unique():
        slots = np.flatnonzero(order["rank"] == ring)
        members = order.index[slots]
        if ring < 2:  # the best connected stand nearest the centre
            seated[slots] = members
            continue
        by_group = sorted(members, key=lambda node: (hub.get(node, ""), str(node)))
        seated[slots[np.argsort(angle[slots], kind="stable")]] = np.array(by_group, dtype=object)
    return pd.DataFrame({"node": seated, "x": radius * np.cos(angle), "y": radius * np.sin(angle)})


def _hub_of(kinds: pd.Series, edges: pd.DataFrame) -> dict:
    """The hub that a node is linked to, by name; a hub is its own."""
    hubs = set(kinds.index[kinds == HUB])
    found = {hub: str(hub) for hub in hubs}
    for source, target in zip(edges["source"], edges["target"], strict=True):
        if source in hubs and target not in hubs:
            found.setdefault(target, str(source))
        elif target in hubs and source not in hubs:
            found.setdefault(source, str(target))
    return found
