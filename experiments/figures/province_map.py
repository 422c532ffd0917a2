"""The change of the index in each province on a map of tiles, hatched where it may be noise, year by year."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, to_hex

from experiments.figures.chart import Axis, Chart, Mark, Panel, Scale
from experiments.figures.palette import FAINT, GAIN, INK, LOSS
from experiments.figures.registry import Plan, figure
from experiments.figures.source import StudyTables, tiles
from experiments.figures.style import safe
from experiments.labels import Labels
from experiments.labels.numbers import plain, signed
from experiments.results.statistics import side

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
    cells = _told(own[own["quarter"].isin(quarters)], places, name)
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
        _title(last, labels, safe(labels.scenario(scenario)), int(quarters[-1][:4]), name == "raw"),
        [map_of(places, marks)],
        cells,
        4.3 if len(ends) == 1 else 2.9,
        scale=scale_of(labels, reach),
        note=labels.stopped(labels.clauses([labels(key) for key in (*notes, "province.without")])),
        frames=list(steps.values()),
        printed=ends,
    )


def _told(table: pd.DataFrame, places: pd.DataFrame, name: str) -> pd.DataFrame:
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
    shown = {name: np.asarray(column) for name, column in (cells | place | {"colour": fill}).items()}
    clear, hatched = ({name: column[part] for name, column in shown.items()} for part in (~unclear, unclear))
    return [
        Mark("cells", clear, hover=hover, frame=frame, edge="#8a8a8a"),
        Mark("cells", hatched, hover=hover, frame=frame, edge="#8a8a8a", hatch=True),
        Mark("texts", shown | {"colour": np.where(np.isfinite(change), ink, INK)}, frame=frame),
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
    shown = table.assign(
        text=[f"{name}\n{value}" for name, value in zip(names, middle, strict=True)],
        named=table["name_zh" if labels.chinese else "name_en"],
        effect=middle,
        interval=[f"[{signed(line['low90'])}, {signed(line['high90'])}]" for line in lines],
        level=[plain(line["index"]) for line in lines],
        number=[f"{line['banks']:,.0f}" for line in lines],
    )
    said = {"column.province": "named", "province.points": "effect", "column.ninety": "interval"}
    said |= {"outcome.index": "level", "column.banks": "number"}
    hover = {labels(key).replace("\n", " "): column for key, column in said.items()}
    change, clear = (table[name].to_numpy() for name in ("median", "clear"))
    unclear = np.isfinite(change) & (clear == 0)
    return coloured({str(name): shown[name] for name in shown}, change, reach, unclear, hover, frame)


def _title(table: pd.DataFrame, labels: Labels, scenario: str, year: int, alike: bool) -> str:
    up, down = int((table["clear"] > 0).sum()), int((table["clear"] < 0).sum())
    words = {"scenario": scenario, "year": year, "up": up, "all": int(table["median"].notna().sum())}
    if alike or not up + down:
        return labels("province.alike" if alike else "province.none", **words)
    return labels("province.title", **words, down=labels("province.down", count=down) if down else "")


@figure("province_map", place=50, tables=("provinces",))
def plans(study: StudyTables, labels: Labels, brief: bool) -> Iterator[Plan]:
    """A map a scenario by year, that of the scenario in focus first."""
    table, places = study.table("provinces").dropna(subset=["effect"]), tiles(study.data)
    if study.focus is None or places.empty:
        return
    known = set(table["scenario"])
    names = [name for name in dict.fromkeys((study.focus, *study.policies)) if name in known][:MOST]
    for place, name in enumerate(names):
        caption = labels("province.name", scenario=labels.scenario(name))
        draw = partial(province_map, table, places, labels, name)
        yield Plan(f"province_map_{place}" if place else "province_map", caption, draw)
