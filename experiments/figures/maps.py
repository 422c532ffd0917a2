"""Where it happens: six hexes a kind of bank, a tile a province, and the network of partnerships."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import LinearSegmentedColormap, to_hex

from agents.honeycomb import DIMENSIONS, KINDS, SMALL_KINDS
from experiments.figures.chart import (
    BASELINE,
    FAINT,
    GAIN,
    GREY,
    INK,
    LOSS,
    Axis,
    Chart,
    Key,
    Mark,
    Panel,
    Scale,
    extent,
    rows,
)
from experiments.figures.source import Plan, StudyTables, figure, network, tiles
from experiments.figures.still import safe
from experiments.labels import Labels, plain, signed
from experiments.results.statistics import side

GAP = "rural_city_gap"
RADIUS = 0.56  # of a hex whose neighbours stand at distance 1: a thin gap between them
SEQUENTIAL = [to_hex(colormaps["cividis"](step / 10)) for step in range(11)]
CORNERS = np.pi / 3 * np.arange(6)


def honeycomb(scores: pd.DataFrame, labels: Labels, scenario: str) -> Chart:
    """Median scores of every kind at the end, and the mean of the six at the start and the end.

    Parameters
    ----------
    scores
        Columns ``bank_kind``, ``outcome`` (a dimension, ``index`` for their mean, ``rural_city_gap``), ``year`` (two
        of them), ``q50`` (median of the true score, 0-100) of one scenario.
    labels
        The language, and the names of scenarios.
    scenario
        Name, for the title.

    Returns
    -------
    Chart
        Its table has the rows it shows.
    """
    table = scores[scores["bank_kind"].isin(KINDS) & scores["outcome"].isin((*DIMENSIONS, "index"))]
    gap = scores[scores["outcome"] == GAP].set_index("year")["q50"]
    first, last = int(table["year"].min()), int(table["year"].max())
    level = table.set_index(["bank_kind", "year", "outcome"])["q50"].sort_index()
    kinds = [kind for kind in KINDS if kind in set(table["bank_kind"])]
    span, flat = Axis(low=-1.6, high=1.6, bare=True), Axis(low=-1.62, high=1.62, bare=True)
    panels = []
    for kind in kinds:
        heading = labels.name("kind", kind) + ("" if kind in SMALL_KINDS else labels("honeycomb.mark"))
        panels.append(Panel(_hexes(level[kind, last], labels), heading, span, flat, aspect=1.0))
    panels.append(_dumbbell(level, kinds, first, last, labels))
    names = labels.listing([labels.name("dimension", dimension) for dimension in DIMENSIONS])
    notes = [labels("honeycomb.order", dimensions=names, year=last)]
    notes += [labels("honeycomb.assumption")] if set(kinds) - set(SMALL_KINDS) else []
    title = _hexes_title(level, gap, labels, scenario)
    return Chart(title, panels, table, 2.45, note=labels.sentences(notes))


def shaded(score: float) -> tuple[str, str]:
    """Colour of a score from 0 to 100, and of letters that can be read on it."""
    fill = colormaps["cividis"](min(max(score / 100, 0.0), 1.0))
    return to_hex(fill), "#ffffff" if np.dot(fill[:3], (0.299, 0.587, 0.114)) < 0.5 else "#000000"


def _hexes(level: pd.Series, labels: Labels) -> list[Mark]:
    cells = []
    for step, dimension in enumerate(DIMENSIONS):
        angle = np.pi / 2 - step * np.pi / 3
        x, y, score = np.cos(angle), np.sin(angle), float(level[dimension])
        fill, ink = shaded(score)
        xs, ys = x + RADIUS * np.cos(CORNERS), y + RADIUS * np.sin(CORNERS)
        name = labels.name("dimension", dimension)
        cells.append({"x": x, "y": y, "xs": list(xs), "ys": list(ys), "colour": fill, "ink": ink, "name": name,
                      "text": plain(score, 0), "said": plain(score)})  # fmt: skip
    frame = pd.DataFrame(cells)
    middle = pd.DataFrame({"x": [0.0], "y": [0.0], "text": [plain(float(level["index"]), 0)]})
    hover = {labels("column.dimension"): "name", labels("fans.said"): "said"}
    return [
        Mark("patches", frame, hover=hover),
        Mark("texts", frame.assign(colour=frame["ink"]), letters=8),
        Mark("texts", middle, letters=11, bold=True),
    ]


def _dumbbell(level: pd.Series, kinds: list[str], first: int, last: int, labels: Labels) -> Panel:
    ends = pd.DataFrame({
        "y": range(len(kinds)),
        "x0": [float(level[kind, first, "index"]) for kind in kinds],
        "x1": [float(level[kind, last, "index"]) for kind in kinds],
        "kind": [labels.name("kind", kind) for kind in kinds],
    })  # fmt: skip
    texts = [f"{plain(a)} → {plain(b)}" for a, b in ends[["x0", "x1"]].to_numpy(float)]
    hover = {labels("column.kind"): "kind", labels("outcome.index"): "said"}
    marks = [
        Mark("segments", ends.assign(y0=ends["y"], y1=ends["y"]), BASELINE, alpha=0.5, width=2),
        Mark("points", ends.assign(x=ends["x0"], said=texts), BASELINE, hover=hover),
        Mark("points", ends.assign(x=ends["x1"], said=texts), GAIN, hover=hover),
    ]
    low, high = extent([*ends["x0"], *ends["x1"]], 0.15)
    title = labels("honeycomb.dumbbell", first=first, year=last)
    return Panel(marks, title, Axis(low=low, high=high), rows(ends["kind"]), wide=1.35, tall=190)


def _hexes_title(level: pd.Series, gap: pd.Series, labels: Labels, scenario: str) -> str:
    """The gap as the tables have it: the median of the gaps, which is not the gap of the medians."""
    years = level.index.get_level_values("year")
    first, last, name = int(years.min()), int(years.max()), safe(labels.scenario(scenario))
    if not {first, last} <= set(gap.index):
        return labels("honeycomb.plain", scenario=name, year=last)
    weakest = labels.inside(labels.name("dimension", str(level["rural", last].drop("index").idxmin())))
    words = {"scenario": name, "year": last, "first": first, "dimension": weakest}
    start, end = float(gap[first]), float(gap[last])
    if end < 0:
        return labels("honeycomb.lead", **words, end=plain(-end))
    return labels("honeycomb.gap", **words, start=plain(start), end=plain(end))


@figure("honeycomb", place=30, tables=("scores",))
def honeycomb_plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """The honeycomb of the baseline."""
    base = study.baseline
    levels = study.levels[study.levels["scenario"] == base]
    name = labels("honeycomb.name", scenario=labels.scenario(base))
    return [Plan("honeycomb", name, lambda: honeycomb(levels, labels, base))]


ALIKE = 0.05  # weight of its own banks below which every province only repeats the mean of all
MOST = 6  # maps beside one another
ENDS = (LOSS, "#f7f7f7", GAIN)
DIVERGING = LinearSegmentedColormap.from_list("loss-gain", ENDS)
WIDE = 0.95  # of a tile


def province_map(table: pd.DataFrame, places: pd.DataFrame, labels: Labels, scenario: str) -> Chart:
    """One tile a province, coloured by the median of its change; a step of the slider a year's end.

    Provinces of few banks are drawn toward the mean of all, unless that leaves nothing of them but this mean.

    Parameters
    ----------
    table
        Columns ``scenario``, ``quarter``, ``province``, ``banks``, ``index``, ``effect``, ``raw`` (points, each with
        its ``_low`` and ``_high``), ``probability`` and ``weight``, as ``provinces.parquet`` has them.
    places
        Columns ``code``, ``name_en``, ``name_zh``, ``tile_column``, ``tile_row`` (from the north-west).
    labels
        The language, and the names of scenarios.
    scenario
        Whose map it is; the others give the colours their range, so that maps beside one another compare.

    Returns
    -------
    Chart
        Its table has one row a scenario, quarter and province: names, banks (0 where the sample has none), ``median``,
        ``low90``, ``high90`` and ``clear``, the side of zero on which the interval lies.
    """
    own = table[table["scenario"] == scenario]
    moved = own.loc[own[["raw_low", "raw_high"]].abs().max(axis=1) > 0, "quarter"]
    first = moved.min() if len(moved) else own["quarter"].max()
    quarters = [one for one in sorted(own["quarter"].unique()) if one >= first]
    name = "raw" if own["weight"].max() < ALIKE else "effect"
    cells = _province_cells(own[own["quarter"].isin(quarters)], places, name)
    largest = float(table[name].abs().max())
    reach = max(largest, 0.1) if largest == largest else 0.1
    steps = {quarter: labels.quarter(quarter) for quarter in quarters}
    marks: list[Mark] = []
    for quarter, mine in cells.groupby("quarter", sort=False):
        marks += _tiles(mine, labels, reach, steps[str(quarter)])
    last = cells[cells["quarter"] == quarters[-1]]
    notes = ["province.hatched", "province.raw" if name == "raw" else "province.pooled"]
    notes += ["province.absent"] if last["median"].isna().any() else []
    ends = list(dict.fromkeys((steps[quarters[0]], steps[quarters[-1]])))
    return Chart(
        _map_title(last, labels, safe(labels.scenario(scenario)), int(quarters[-1][:4]), name == "raw"),
        [map_of(places, marks)],
        cells,
        4.3 if len(ends) == 1 else 2.9,
        scale=scale_of(labels, reach),
        note=labels.stopped(labels.clauses([labels(key) for key in (*notes, "province.without")])),
        frames=list(steps.values()),
        printed=ends,
    )


def _province_cells(table: pd.DataFrame, places: pd.DataFrame, name: str) -> pd.DataFrame:
    """Every province in every scenario and quarter, with what is told of it."""
    keys = table[["scenario", "quarter"]].drop_duplicates()
    cells = table.rename(
        columns={"province": "code", name: "median", f"{name}_low": "low90", f"{name}_high": "high90"}
    )
    columns = ["scenario", "quarter", "code", "banks", "index", "median", "low90", "high90", "weight"]
    whole = keys.merge(places, how="cross").merge(cells[columns], how="left")
    return whole.assign(banks=whole["banks"].fillna(0), clear=side(whole["low90"], whole["high90"]))


def shades(values: Iterable[float], reach: float) -> tuple[list[str], np.ndarray]:
    """Colour of each change between the reach to either side, faint where it is missing, and ink to read on it."""
    fill = [to_hex(DIVERGING(0.5 + value / (2 * reach))) if value == value else FAINT for value in values]
    parts = [[int(one[k : k + 2], 16) for k in (1, 3, 5)] for one in fill]
    light = np.reshape(parts, (-1, 3)) @ (0.299, 0.587, 0.114)
    return fill, np.where(light >= 128, "#000000", "#ffffff")


def coloured(
    cells: dict[str, object],
    change: np.ndarray,
    reach: float,
    unclear: np.ndarray,
    hover: Mapping[str, str],
    frame: str = "",
) -> list[Mark]:
    """Tiles in the colour of their change with their words on them, hatched where it may be chance."""
    fill, ink = shades(change, reach)
    left, top = np.asarray(cells["tile_column"]), np.asarray(cells["tile_row"])
    place = {
        "left": left,
        "right": left + WIDE,
        "low": top,
        "high": top + WIDE,
        "x": left + WIDE / 2,
        "y": top + WIDE / 2,
    }
    data = {name: np.asarray(column) for name, column in (cells | place | {"colour": fill}).items()}
    clear, hatched = ({name: column[part] for name, column in data.items()} for part in (~unclear, unclear))
    return [
        Mark("cells", clear, hover=hover, frame=frame, edge="#8a8a8a"),
        Mark("cells", hatched, hover=hover, frame=frame, edge="#8a8a8a", hatch=True),
        Mark("texts", data | {"colour": np.where(np.isfinite(change), ink, INK)}, frame=frame),
    ]


def map_of(places: pd.DataFrame, marks: list[Mark]) -> Panel:
    """The map that tiles stand on."""
    column, row = places["tile_column"], places["tile_row"]
    along = Axis(bare=True, low=float(column.min()) - 0.05, high=float(column.max()) + 1.0)
    down = Axis(bare=True, low=float(row.max()) + 1.0, high=float(row.min()) - 0.05)
    return Panel(marks, x=along, y=down, aspect=0.72)


def scale_of(labels: Labels, reach: float) -> Scale:
    """The bar of colours of a change."""
    return Scale(labels("province.points"), ENDS, signed(-reach), signed(reach))


def _tiles(table: pd.DataFrame, labels: Labels, reach: float, frame: str) -> list[Mark]:
    names = table["name_zh" if labels.chinese else "code"].map(lambda name: safe(name, 8))
    middle = [signed(value) for value in table["median"]]
    lines = table.to_dict("records")
    cells = table.assign(
        text=[f"{name}\n{value}" for name, value in zip(names, middle, strict=True)],
        named=table["name_zh" if labels.chinese else "name_en"],
        effect=middle,
        interval=[f"[{signed(line['low90'])}, {signed(line['high90'])}]" for line in lines],
        level=[plain(line["index"]) for line in lines],
        number=[f"{line['banks']:,.0f}" for line in lines],
    )
    columns = {"column.province": "named", "province.points": "effect", "column.ninety": "interval"}
    columns |= {"outcome.index": "level", "column.banks": "number"}
    hover = {labels(key).replace("\n", " "): column for key, column in columns.items()}
    change, clear = (table[name].to_numpy() for name in ("median", "clear"))
    unclear = np.isfinite(change) & (clear == 0)
    return coloured({str(name): cells[name] for name in cells}, change, reach, unclear, hover, frame)


def _map_title(table: pd.DataFrame, labels: Labels, scenario: str, year: int, alike: bool) -> str:
    up, down = int((table["clear"] > 0).sum()), int((table["clear"] < 0).sum())
    words = {"scenario": scenario, "year": year, "up": up, "all": int(table["median"].notna().sum())}
    if alike or not up + down:
        return labels("province.alike" if alike else "province.none", **words)
    return labels("province.title", **words, down=labels("province.down", count=down) if down else "")


@figure("province_map", place=50, tables=("provinces",))
def map_plans(study: StudyTables, labels: Labels, brief: bool) -> Iterator[Plan]:
    """A map a scenario by year, that of the scenario in focus first."""
    table, places = study.table("provinces").dropna(subset=["effect"]), tiles(study.data)
    if study.focus is None or places.empty:
        return
    scenarios = set(table["scenario"])
    names = [name for name in dict.fromkeys((study.focus, *study.policies)) if name in scenarios][:MOST]
    for place, name in enumerate(names):
        caption = labels("province.name", scenario=labels.scenario(name))
        draw = partial(province_map, table, places, labels, name)
        yield Plan(f"province_map_{place}" if place else "province_map", caption, draw)


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
    table = place_nodes(nodes, edges)
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
        _network_title(quarters, edges, labels, scenario),
        [Panel(marks, x=disc, y=disc, aspect=1.0)],
        table,
        3.0 if len(quarters) > 2 else 3.6,
        keys=_keys(table, labels),
        scale=Scale(labels("network.index"), SEQUENTIAL, "0", "100"),
        note=labels("network.some", every=every) if every > 1 else "",
        frames=list(steps.values()),
        printed=printed,
    )


def place_nodes(nodes: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """The nodes with their places and links."""
    table = nodes.merge(positions(nodes, edges), on="node")
    table = table.merge(_links(edges), on=["quarter", "node"], how="left")
    return table.assign(links=table["links"].fillna(0).astype(int))


def _marks(here: pd.DataFrame, lines: pd.DataFrame, labels: Labels, frame: str) -> list[Mark]:
    spots = here.set_index("node")[["x", "y"]].round(3)
    ends = np.hstack([spots.loc[lines["source"]].to_numpy(), spots.loc[lines["target"]].to_numpy()])
    faint = float(np.clip(60 / max(len(lines), 1), 0.03, 0.35))
    segments = pd.DataFrame(ends, columns=["x0", "y0", "x1", "y1"])
    banks = here[here["kind"].isin(KINDS)]
    assets = banks["assets"].fillna(banks["assets"].median()).fillna(1.0)
    area = np.clip(AREA * assets / assets.sum(), SMALLEST if len(banks) < 500 else 0.6, LARGEST).round(2)
    fill = ["#ffffff" if value != value else shaded(value)[0] for value in banks["index"]]
    kinds = [labels.name("kind", kind) for kind in banks["kind"]]
    columns = {"named": [f"{kind} {node}" for kind, node in zip(kinds, banks["node"], strict=True)]}
    columns |= {"worth": [labels.money(value / 1e6) for value in banks["assets"]]}
    columns |= {"score": [plain(value) for value in banks["index"]]}
    hover = {labels("network.bank"): "named", labels("network.assets"): "worth",
             labels("network.index"): "score", labels("network.links"): "links"}  # fmt: skip
    dots = banks.assign(x=banks["x"].round(3), y=banks["y"].round(3), area=area, colour=fill, **columns)
    others, hubs = here[~here["kind"].isin((*KINDS, HUB))], here[here["kind"] == HUB]
    about = {labels("network.partner"): "node", labels("network.links"): "links"}
    return [
        Mark("segments", segments, INK, frame=frame, width=0.4, alpha=faint),
        Mark("points", dots, hover=hover, frame=frame, edge="#ffffff"),
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
    if (~table["kind"].isin((*KINDS, HUB))).any():
        keys.append(Key(labels("network.other"), GREY, "triangle"))
    return keys


def _network_title(quarters: list[str], edges: pd.DataFrame, labels: Labels, scenario: str) -> str:
    """Links alone: the network is that of one run, and what a gap is stands in the tables over all of them."""
    counts = edges["quarter"].value_counts()
    first, last = quarters[0], quarters[-1]
    words = {"scenario": safe(labels.scenario(scenario)), "first": first[:4], "year": last[:4]}
    links = {"first_links": f"{int(counts.get(first, 0)):,}", "last_links": f"{int(counts.get(last, 0)):,}"}
    return labels("network.plain", **words, **links)


@figure("network_map", place=60)
def network_plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """The network of the scenario in focus, else that of the baseline, where the study has written one."""
    for scenario in dict.fromkeys((study.focus or study.baseline, study.baseline)):
        nodes, edges = network(study.folder / "network", scenario)
        if len(nodes):
            name = labels("network.name", scenario=labels.scenario(scenario))
            return [Plan("network_map", name, lambda: network_map(nodes, edges, labels, scenario))]  # noqa: B023
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
        np.select([kinds == "large", kinds == HUB, ~kinds.isin(KINDS)], [0, 2, 1], 3), kinds.index
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
