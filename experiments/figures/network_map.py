"""The partnership network on one fixed core-periphery layout: a step of the slider a date, three of them on paper."""

import numpy as np
import pandas as pd

from experiments.figures.chart import Axis, Chart, Key, Mark, Panel, Scale
from experiments.figures.honeycomb import SEQUENTIAL, shaded
from experiments.figures.palette import GREY, INK
from experiments.figures.registry import Plan, figure
from experiments.figures.source import StudyTables, network
from experiments.figures.style import safe
from experiments.labels import Labels
from experiments.labels.numbers import plain

BANKS = ("large", "city", "rural", "private")
HUB = "union"
GOLDEN = np.pi * (3 - np.sqrt(5))
AREA = 3600.0  # square points that the marks of a panel's banks share by their assets, within the next two
SMALLEST, LARGEST = 2.5, 160.0
CROWD = 12_000  # links of all steps together beyond which only some are drawn


def network_map(nodes: pd.DataFrame, edges: pd.DataFrame, labels: Labels, scenario: str) -> Chart:
    """Banks as discs (area assets, colour index), provincial unions as diamonds, links as grey lines.

    Parameters
    ----------
    nodes
        Columns ``quarter``, ``node``, ``kind`` (of bank, ``union``, or another partner), ``assets`` (any unit;
        may be missing), ``index`` (0-100; may be missing).
    edges
        Columns ``quarter``, ``source``, ``target``.
    labels
        The language, and the names of scenarios.
    scenario
        Name, for the title.

    Returns
    -------
    Chart
        Its table has the nodes with their place ``x``, ``y`` (the same at every date) and number of ``links``.
    """
    table = placed(nodes, edges)
    quarters = list(dict.fromkeys(table["quarter"]))
    counts = edges["quarter"].value_counts()
    steps = {quarter: labels("network.panel", quarter=labels.quarter(quarter), links=f"{counts.get(quarter, 0):,}")
             for quarter in quarters}  # fmt: skip
    every = -(-len(edges) // CROWD)
    marks: list[Mark] = []
    for quarter in quarters:
        here, lines = table[table["quarter"] == quarter], edges[edges["quarter"] == quarter].iloc[::every]
        marks += _marks(here, lines, labels, steps[quarter])
    disc = Axis(low=-1.09, high=1.09, bare=True)
    printed = [steps[quarters[step]] for step in sorted({0, len(quarters) // 2, len(quarters) - 1})]
    return Chart(
        _title(quarters, edges, labels, scenario),
        [Panel(marks, x=disc, y=disc, aspect=1.0)],
        table,
        3.0 if len(quarters) > 2 else 3.6,
        keys=_keys(table, labels),
        scale=Scale(labels("network.index"), SEQUENTIAL, "0", "100"),
        note=labels("network.some", every=every) if every > 1 else "",
        frames=list(steps.values()),
        printed=printed,
    )


def placed(nodes: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """The nodes with their places and links."""
    table = nodes.merge(positions(nodes, edges), on="node")
    table = table.merge(_links(edges), on=["quarter", "node"], how="left")
    return table.assign(links=table["links"].fillna(0).astype(int))


def _marks(here: pd.DataFrame, lines: pd.DataFrame, labels: Labels, frame: str) -> list[Mark]:
    spots = here.set_index("node")[["x", "y"]].round(3)
    ends = np.hstack([spots.loc[lines["source"]].to_numpy(), spots.loc[lines["target"]].to_numpy()])
    faint = float(np.clip(60 / max(len(lines), 1), 0.03, 0.35))
    segments = pd.DataFrame(ends, columns=["x0", "y0", "x1", "y1"])
    banks = here[here["kind"].isin(BANKS)]
    assets = banks["assets"].fillna(banks["assets"].median()).fillna(1.0)
    area = np.clip(AREA * assets / assets.sum(), SMALLEST if len(banks) < 500 else 0.6, LARGEST).round(2)
    fill = ["#ffffff" if value != value else shaded(value)[0] for value in banks["index"]]
    kinds = [labels.name("kind", kind) for kind in banks["kind"]]
    columns = {"named": [f"{kind} {node}" for kind, node in zip(kinds, banks["node"], strict=True)]}
    columns |= {"worth": [labels.money(value / 1e6) for value in banks["assets"]]}
    columns |= {"score": [plain(value) for value in banks["index"]]}
    hover = {labels("network.bank"): "named", labels("network.assets"): "worth",
             labels("network.index"): "score", labels("network.links"): "links"}  # fmt: skip
    shown = banks.assign(x=banks["x"].round(3), y=banks["y"].round(3), area=area, colour=fill, **columns)
    others, hubs = here[~here["kind"].isin((*BANKS, HUB))], here[here["kind"] == HUB]
    about = {labels("network.partner"): "node", labels("network.links"): "links"}
    return [
        Mark("segments", segments, INK, frame=frame, width=0.4, alpha=faint),
        Mark("points", shown, hover=hover, frame=frame, edge="#ffffff"),
        Mark("points", others, GREY, hover=about, frame=frame, size=3.7, marker="^", edge="#ffffff"),
        Mark("points", hubs, INK, hover=about, frame=frame, size=4.5, marker="D", fill="#ffffff", width=0.9),
    ]


def _links(edges: pd.DataFrame) -> pd.DataFrame:
    ends = pd.concat([edges[["quarter", "source"]].set_axis(["quarter", "node"], axis=1),
                      edges[["quarter", "target"]].set_axis(["quarter", "node"], axis=1)])  # fmt: skip
    return ends.groupby(["quarter", "node"], sort=False).size().rename("links").reset_index()


def _keys(table: pd.DataFrame, labels: Labels) -> list[Key]:
    keys = [Key(labels("network.area"), GREY, "dot")]
    if (table["kind"] == HUB).any():
        keys.append(Key(labels("network.union"), INK, "diamond"))
    if (~table["kind"].isin((*BANKS, HUB))).any():
        keys.append(Key(labels("network.other"), GREY, "triangle"))
    return keys


def _title(quarters: list[str], edges: pd.DataFrame, labels: Labels, scenario: str) -> str:
    """Links alone: the network is that of one run, and what a gap is stands in the tables over all of them."""
    counts = edges["quarter"].value_counts()
    first, last = quarters[0], quarters[-1]
    words = {"scenario": safe(labels.scenario(scenario)), "first": first[:4], "year": last[:4]}
    links = {"first_links": f"{int(counts.get(first, 0)):,}", "last_links": f"{int(counts.get(last, 0)):,}"}
    return labels("network.plain", **words, **links)


@figure("network_map", place=60)
def plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """The network of the scenario in focus, else that of the baseline, where the study has written one."""
    for shown in dict.fromkeys((study.focus or study.baseline, study.baseline)):
        nodes, edges = network(study.folder / "network", shown)
        if len(nodes):
            name = labels("network.name", scenario=labels.scenario(shown))
            return [Plan("network_map", name, lambda: network_map(nodes, edges, labels, shown))]  # noqa: B023
    return []


def positions(nodes: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """A fixed place for every node in the unit disc: large banks in the core, hubs around them, the rest outside.

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


def _hub_of(kinds: pd.Series, edges: pd.DataFrame) -> dict[str, str]:
    """The hub that a node is linked to, by name; a hub is its own."""
    hubs = set(kinds.index[kinds == HUB])
    hub_of = {hub: str(hub) for hub in hubs}
    for source, target in zip(edges["source"], edges["target"], strict=True):
        if source in hubs and target not in hubs:
            hub_of.setdefault(target, str(source))
        elif target in hubs and source not in hubs:
            hub_of.setdefault(source, str(target))
    return hub_of
