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

from experiments.figures.core_periphery import BANKS, HUB, positions
from experiments.figures.lettering import safe
from experiments.figures.style import GREY, INK, SEQUENTIAL, bare, new_figure, style
from experiments.labels import Labels, plain

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
        figure = new_figure(3.0 if len(quarters) > 2 else 3.6, _title(table, edges, labels, scenario))
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


def _title(table: pd.DataFrame, edges: pd.DataFrame, labels: Labels, scenario: str) -> str:
    quarters = list(dict.fromkeys(table["quarter"]))
    first, last = quarters[0], quarters[-1]
    counts = edges["quarter"].value_counts()
    words = {
        "scenario": safe(labels.scenario(scenario)),
        "first": first[:4],
        "year": last[:4],
        "first_links": f"{int(counts.get(first, 0)):,}",
        "last_links": f"{int(counts.get(last, 0)):,}",
    }
    banks = table[table["kind"].isin(BANKS)]
    core = banks["kind"] == "large"
    mean = banks.groupby([core, "quarter"])["index"].mean()
    if not {True, False} <= set(mean.index.get_level_values(0)) or mean.isna().any():
        return labels("network.plain", **words)
    start, end = (float(mean[True, quarter] - mean[False, quarter]) for quarter in (first, last))
    return labels("network.title", **words, start=plain(start), end=plain(end))
