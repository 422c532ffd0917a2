"""Figure 6: the change of the index in each province on a map of tiles, hatched where it may be noise."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from experiments.figures.reference import tiles
from experiments.figures.registry import Plan, figure
from experiments.figures.source import StudyTables
from experiments.figures.style import FAINT, GAIN, LOSS, bare, new_figure, safe, style, wrapped
from experiments.labels import Labels
from experiments.labels.numbers import signed
from experiments.results.statistics import paired_summary

ALIKE = 0.05  # weight of its own banks below which every province only repeats the mean of all
DIVERGING = LinearSegmentedColormap.from_list("loss-gain", [LOSS, "#f7f7f7", GAIN])


def province_map(
    distribution: pd.DataFrame,
    provinces: pd.DataFrame,
    labels: Labels,
    scenario: str,
    year: int,
    pooled: pd.DataFrame | None = None,
) -> tuple[Figure, pd.DataFrame]:
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
    tuple
        The figure; one row a province: names, banks (0 where the sample has none) and the summary of `paired_summary`,
        with ``raw`` and ``weight`` where the provinces are pooled.
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
    scale = ScalarMappable(TwoSlopeNorm(0, -reach, reach), DIVERGING)
    with style():
        figure = new_figure(4.3, _title(table, labels, safe(labels.scenario(scenario)), year))
        axes = figure.subplots()
        for tile in table.to_dict("records"):
            _tile(axes, tile, scale, labels.language)
        axes.set_xlim(table["tile_column"].min() - 0.05, table["tile_column"].max() + 1.0)
        axes.set_ylim(table["tile_row"].max() + 1.0, table["tile_row"].min() - 0.05)
        axes.set_aspect(0.72)
        bare(axes)
        notes = [labels("province.hatched")]
        notes.append(labels("province.raw" if pooled is None else "province.pooled"))
        notes += [labels("province.absent")] if table["median"].isna().any() else []
        note = "; ".join(notes) if labels.language == "en" else "；".join(notes)
        axes.set_xlabel(wrapped(note, 84), loc="left")
        figure.colorbar(scale, ax=axes, shrink=0.6, aspect=18, label=labels("province.points"))
    return figure, table


def _summary(distribution: pd.DataFrame, pooled: pd.DataFrame | None) -> pd.DataFrame:
    """Median, interval and side of zero by province, partially pooled where they are known that way."""
    if pooled is None:
        return paired_summary(distribution, ["group"])
    names = {"effect": "median", "effect_low": "low90", "effect_high": "high90"}
    table = pooled[["group", *names, "probability", "raw", "weight"]].rename(columns=names)
    return table.assign(clear=(table["low90"] > 0).astype(int) - (table["high90"] < 0).astype(int))


def _tile(axes: Axes, tile: Mapping[Any, Any], scale: ScalarMappable, language: str) -> None:
    x, y, value = tile["tile_column"], tile["tile_row"], tile["median"]
    absent = pd.isna(value)
    fill = FAINT if absent else scale.to_rgba(value)
    unclear = not absent and tile["clear"] == 0
    patch = Rectangle((x, y), 0.95, 0.95, facecolor=fill, edgecolor="#8a8a8a", linewidth=0.4)
    axes.add_patch(patch)
    if unclear:
        patch.set(hatch="////", hatchcolor="#c4c4c4")
    dark = not absent and sum(w * c for w, c in zip((0.299, 0.587, 0.114), fill[:3], strict=True)) < 0.5
    ink = "#8a8a8a" if absent else "white" if dark else "black"
    name = tile["name_zh"] if language == "zh" else tile["code"]
    box = {"facecolor": fill, "edgecolor": "none", "pad": 0.6} if unclear else None
    lines = f"{safe(name, 8)}\n{'–' if absent else signed(value)}"
    axes.text(
        x + 0.475,
        y + 0.475,
        lines,
        ha="center",
        va="center",
        color=ink,
        fontsize=7.5,
        linespacing=1.25,
        bbox=box,
    )


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


@figure("province_map", place=50, tables=("distribution",))
def plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """The map of the scenario in focus, with the provinces pooled where the study has asked for it."""
    focus, table = study.focus, study.distribution
    local = table[(table["scenario"] == focus) & (table["grouping"] == "province")]
    places, pooled = tiles(study.data), study.table("winners")
    if focus is None or local.empty or places.empty:
        return []
    pooled = pooled[pooled["scenario"] == focus] if len(pooled) else pooled
    mine = pooled[pooled["grouping"] == "province"] if len(pooled) else None
    name = labels("province.name", scenario=labels.scenario(focus))
    draw = lambda: province_map(local, places, labels, focus, study.year, mine)  # noqa: E731
    return [Plan("province_map", name, draw)]
