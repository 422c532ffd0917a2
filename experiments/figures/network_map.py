"""Figure 7: the partnership network at up to three dates on one fixed core-periphery layout."""

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from experiments.figures.reference import network
from experiments.figures.registry import Plan, figure
from experiments.figures.source import StudyTables
from experiments.figures.style import GREY, INK, SEQUENTIAL, bare, new_figure, safe, style
from experiments.labels import Labels

BANKS = ("large", "city", "rural", "private")
HUB = "union"
GOLDEN = np.pi * (3 - np.sqrt(5))
CROWD = 3000  # lines and marks of a panel beyond which an SVG holds them as an image
AREA = 3600.0  # square points that the marks of a panel's banks share by their assets, within the next two
SMALLEST, LARGEST = 2.5, 160.0


def network_map(
    nodes: pd.DataFrame, edges: pd.DataFrame, labels: Labels, scenario: str
) -> tuple[Figure, pd.DataFrame]:
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
    tuple
        The figure; the nodes with their place ``x``, ``y`` (the same at every date) and number of ``links``.
    """
    place = positions(nodes, edges)
    table = nodes.merge(place, on="node").merge(_links(edges), on=["quarter", "node"], how="left")
    table["links"] = table["links"].fillna(0).astype(int)
    quarters = list(dict.fromkeys(table["quarter"]))
    colours = ScalarMappable(Normalize(0, 100), colormaps[SEQUENTIAL].with_extremes(bad="white"))
    with style():
        figure = new_figure(3.0 if len(quarters) > 2 else 3.6, _title(quarters, edges, labels, scenario))
        panels = figure.subplots(1, len(quarters), squeeze=False)[0]
        for axes, quarter in zip(panels, quarters, strict=True):
            here = table[table["quarter"] == quarter].set_index("node")
            lines = edges[edges["quarter"] == quarter]
            _panel(axes, here, lines, colours)
            axes.set_title(labels("network.panel", quarter=quarter, links=f"{len(lines):,}"), loc="center")
        figure.colorbar(colours, ax=panels, shrink=0.75, aspect=22, label=labels("network.index"))
        _legend(figure, table, labels)
    return figure, table


def _panel(axes: Axes, here: pd.DataFrame, lines: pd.DataFrame, colours: ScalarMappable) -> None:
    spots = here[["x", "y"]]
    segments = np.stack(
        [spots.loc[lines["source"]].to_numpy(), spots.loc[lines["target"]].to_numpy()], axis=1
    )
    many = len(lines) + len(here) > CROWD
    faint = float(np.clip(60 / max(len(lines), 1), 0.02, 0.35))
    axes.add_collection(
        LineCollection(list(segments), colors=INK, linewidths=0.4, alpha=faint, zorder=1, rasterized=many)
    )
    banks = here[here["kind"].isin(BANKS)]
    assets = banks["assets"].fillna(banks["assets"].median()).fillna(1.0)
    area = np.clip(AREA * assets / assets.sum(), SMALLEST if len(banks) < 500 else 0.4, LARGEST)
    fill = colours.to_rgba(np.ma.masked_invalid(banks["index"].to_numpy(float)))
    axes.scatter(
        banks["x"],
        banks["y"],
        s=area,
        c=fill,
        edgecolors="white",
        linewidths=0 if many else 0.3,
        zorder=3,
        rasterized=many,
    )
    others = here[~here["kind"].isin((*BANKS, HUB))]
    axes.scatter(
        others["x"], others["y"], s=14, marker="^", c=GREY, edgecolors="white", linewidths=0.3, zorder=4
    )
    hubs = here[here["kind"] == HUB]
    axes.scatter(hubs["x"], hubs["y"], s=20, marker="D", c="white", edgecolors=INK, linewidths=0.9, zorder=5)
    axes.set_xlim(-1.09, 1.09)
    axes.set_ylim(-1.09, 1.09)
    axes.set_aspect("equal")
    bare(axes)


def _links(edges: pd.DataFrame) -> pd.DataFrame:
    ends = pd.concat([edges[["quarter", "source"]].set_axis(["quarter", "node"], axis=1),
                      edges[["quarter", "target"]].set_axis(["quarter", "node"], axis=1)])  # fmt: skip
    return ends.groupby(["quarter", "node"], sort=False).size().rename("links").reset_index()


def _legend(figure: Figure, table: pd.DataFrame, labels: Labels) -> None:
    handles = [Line2D([], [], linestyle="", marker="o", color=GREY, label=labels("network.area"))]
    if (table["kind"] == HUB).any():
        hub = Line2D([], [], linestyle="", marker="D", markersize=5, label=labels("network.union"))
        hub.set(markerfacecolor="white", markeredgecolor=INK)
        handles.append(hub)
    if (~table["kind"].isin((*BANKS, HUB))).any():
        handles.append(Line2D([], [], linestyle="", marker="^", color=GREY, label=labels("network.other")))
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))


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
