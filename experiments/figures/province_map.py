"""The change of the index in each province on a map of tiles, hatched where it may be noise."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, to_hex

from experiments.figures.chart import FAINT, GAIN, LOSS, Axis, Chart, Mark, Panel, Scale
from experiments.figures.reference import tiles
from experiments.figures.registry import Plan, figure
from experiments.figures.source import StudyTables
from experiments.figures.style import safe
from experiments.labels import Labels
from experiments.labels.numbers import chance, signed
from experiments.results.statistics import paired_summary

ALIKE = 0.05  # weight of its own banks below which every province only repeats the mean of all
ENDS = (LOSS, "#f7f7f7", GAIN)
DIVERGING = LinearSegmentedColormap.from_list("loss-gain", ENDS)
WIDE = 0.95  # of a tile


def province_map(
    distribution: pd.DataFrame,
    provinces: pd.DataFrame,
    labels: Labels,
    scenario: str,
    year: int,
    pooled: pd.DataFrame | None = None,
) -> Chart:
    """One tile a province, coloured by the median of its mean change.

    Parameters
    ----------
    distribution
        Columns ``replicate``, ``group`` (province code), ``banks``, ``effect`` (points) of one scenario.
    provinces
        Columns ``code``, ``name_en``, ``name_zh``, ``tile_column``, ``tile_row`` (from the north-west).
    labels
        The language, and the names of scenarios.
    scenario
        Name, for the title.
    year
        Of the change.
    pooled
        Columns ``group``, ``effect``, ``effect_low``, ``effect_high``, ``probability``, ``raw``, ``weight``: provinces
        of few banks drawn toward the mean of all; takes the place of the unpooled changes.

    Returns
    -------
    Chart
        Its table has one row a province: names, banks (0 where the sample has none) and the summary of
        `paired_summary`, with ``raw`` and ``weight`` where the provinces are pooled.
    """
    summary = _summary(distribution, pooled).rename(columns={"group": "code"})
    banks = (
        distribution.groupby("group", sort=False, observed=True)["banks"]
        .mean()
        .rename_axis("code")
        .reset_index()
    )
    table = provinces[["code", "name_en", "name_zh", "tile_column", "tile_row"]]
    table = table.merge(banks, on="code", how="left").merge(summary, on="code", how="left")
    table["banks"] = table["banks"].fillna(0)
    reach = max(float(table["median"].abs().max()), 0.1) if table["median"].notna().any() else 0.1
    notes = [labels("province.hatched"), labels("province.raw" if pooled is None else "province.pooled")]
    notes += [labels("province.absent")] if table["median"].isna().any() else []
    along = Axis(
        bare=True, low=float(table["tile_column"].min()) - 0.05, high=float(table["tile_column"].max()) + 1.0
    )
    down = Axis(
        bare=True, low=float(table["tile_row"].max()) + 1.0, high=float(table["tile_row"].min()) - 0.05
    )
    panel = Panel(_tiles(table, labels, reach), x=along, y=down, aspect=0.72)
    title = _title(table, labels, safe(labels.scenario(scenario)), year)
    scale = Scale(labels("province.points"), ENDS, signed(-reach), signed(reach))
    note = labels.stopped(labels.clauses([*notes, labels("province.without")]))
    return Chart(title, [panel], table, 4.3, scale=scale, note=note)


def _summary(distribution: pd.DataFrame, pooled: pd.DataFrame | None) -> pd.DataFrame:
    """Median, interval and side of zero by province, partially pooled where they are known that way."""
    if pooled is None:
        return paired_summary(distribution, ["group"])
    names = {"effect": "median", "effect_low": "low90", "effect_high": "high90"}
    table = pooled[["group", *names, "probability", "raw", "weight"]].rename(columns=names)
    return table.assign(clear=(table["low90"] > 0).astype(int) - (table["high90"] < 0).astype(int))


def _tiles(table: pd.DataFrame, labels: Labels, reach: float) -> list[Mark]:
    known = table["median"].notna()
    shade = [
        to_hex(DIVERGING(0.5 + value / (2 * reach))) if value == value else FAINT for value in table["median"]
    ]
    light = [np.dot([int(one[k : k + 2], 16) for k in (1, 3, 5)], (0.299, 0.587, 0.114)) for one in shade]
    names = table["name_zh" if labels.chinese else "code"].map(lambda name: safe(name, 8))
    middle = [signed(value) for value in table["median"]]
    lines = table.to_dict("records")
    shown = table.assign(
        colour=shade,
        left=table["tile_column"],
        right=table["tile_column"] + WIDE,
        low=table["tile_row"],
        high=table["tile_row"] + WIDE,
        x=table["tile_column"] + WIDE / 2,
        y=table["tile_row"] + WIDE / 2,
        text=[f"{name}\n{value}" for name, value in zip(names, middle, strict=True)],
        ink=[
            "#000000" if not there or one >= 128 else "#ffffff"
            for there, one in zip(known, light, strict=True)
        ],
        named=table["name_zh" if labels.chinese else "name_en"],
        effect=middle,
        interval=[f"[{signed(line['low90'])}, {signed(line['high90'])}]" for line in lines],
        sure=[chance(line["probability"]) for line in lines],
        number=[f"{line['banks']:,.0f}" for line in lines],
    )
    said: tuple[tuple[str, str], ...] = (
        ("column.province", "named"),
        ("province.points", "effect"),
        ("column.ninety", "interval"),
    )
    said = (*said, ("scoreboard.probability", "sure"), ("column.banks", "number"))
    hover = {labels(key).replace("\n", " "): column for key, column in said}
    unclear = known & (table["clear"] == 0)
    return [
        Mark("cells", shown[~unclear], hover=hover, edge="#8a8a8a"),
        Mark("cells", shown[unclear], hover=hover, edge="#8a8a8a", hatch=True),
        Mark("texts", shown.assign(colour=shown["ink"])),
    ]


def _title(table: pd.DataFrame, labels: Labels, scenario: str, year: int) -> str:
    if "weight" in table and table["weight"].max() < ALIKE:
        effect = signed(float(table["median"].median()))
        return labels("province.alike", scenario=scenario, year=year, effect=effect)
    up, down = int((table["clear"] > 0).sum()), int((table["clear"] < 0).sum())
    if not up + down:
        return labels("province.none", scenario=scenario, year=year)
    lower = labels("province.down", count=down) if down else ""
    words = {"scenario": scenario, "year": year, "up": up, "all": int(table["median"].notna().sum())}
    return labels("province.title", **words, down=lower)


def by_scenario(charts: Sequence[tuple[str, Chart]]) -> Chart:
    """One map with a step of the slider a scenario; paper shows the first."""
    names = [name for name, _ in charts]
    first = charts[0][1]
    marks = [replace(mark, frame=name) for name, chart in charts for mark in chart.panels[0].marks]
    table = pd.concat([chart.data.assign(scenario=name) for name, chart in charts], ignore_index=True)
    panel = replace(first.panels[0], marks=marks)
    return replace(first, panels=[panel], data=table, frames=names, printed=names[:1])


@figure("province_map", place=50, tables=("distribution",))
def plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """The map of the scenario in focus, the others at steps of the slider; pooled where the study has asked for it."""
    focus, table = study.focus, study.distribution
    local, places, pooled = table[table["grouping"] == "province"], tiles(study.data), study.table("winners")
    if focus is None or places.empty or local[local["scenario"] == focus].empty:
        return []
    pooled = pooled[pooled["grouping"] == "province"] if len(pooled) else pooled
    names = [focus, *(name for name in study.policies if name != focus and name in set(local["scenario"]))]

    def drawn() -> Chart:
        charts = []
        for name in names:
            mine = pooled[pooled["scenario"] == name] if len(pooled) else pooled
            rows = local[local["scenario"] == name]
            chart = province_map(rows, places, labels, name, study.year, mine if len(mine) else None)
            charts.append((labels.scenario(name), chart))
        return by_scenario(charts) if len(charts) > 1 else charts[0][1]

    return [Plan("province_map", labels("province.name", scenario=labels.scenario(focus)), drawn)]
