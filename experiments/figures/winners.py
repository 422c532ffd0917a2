"""Figure 5: who wins and who loses: bands of change by kind of bank, and the change of each size quintile."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from agents.honeycomb import KINDS
from experiments.figures.registry import Plan, figure
from experiments.figures.source import StudyTables
from experiments.figures.style import BLUE, GAIN, GAIN_PALE, LOSS, LOSS_PALE, SAME, new_figure, safe, style
from experiments.labels import Labels
from experiments.labels.numbers import percent
from experiments.results.statistics import ENDS, quantiles

BANDS = {"lose_large": LOSS, "lose": LOSS_PALE, "same": SAME, "gain": GAIN_PALE, "gain_large": GAIN}


def winners(
    distribution: pd.DataFrame, labels: Labels, scenario: str, year: int
) -> tuple[Figure, pd.DataFrame]:
    """Shares of banks in five bands of change, and densities of the mean change by asset quintile.

    Parameters
    ----------
    distribution
        Columns ``replicate``, ``grouping`` (kind | size_quintile), ``group``, ``banks``, ``effect`` (points)
        and the five bands (shares, 0-1), of one scenario.
    labels
        The language, and the names of scenarios.
    scenario
        Name, for the title.
    year
        Of the change.

    Returns
    -------
    tuple
        The figure; one row a group: banks, mean shares, and quantiles of the mean change over replicates.
    """
    table = _summary(distribution)
    kinds = table[table["grouping"] == "kind"].set_index("group")
    kinds = kinds.loc[[kind for kind in KINDS if kind in kinds.index]]
    quintiles = distribution[distribution["grouping"] == "size_quintile"]
    with style():
        figure = new_figure(2.6, _title(kinds, labels, safe(labels.scenario(scenario)), year))
        left, right = figure.subplots(1, 2, width_ratios=(1.35, 1))
        _stack(left, kinds, labels)
        _ridges(right, quintiles, labels)
    return figure, table


def _summary(distribution: pd.DataFrame) -> pd.DataFrame:
    keys = ["grouping", "group"]
    table = distribution.groupby(keys, sort=False, observed=True)[["banks", *BANDS]].mean().reset_index()
    spread = quantiles(distribution, keys, "effect", ENDS)[["q05", "q50", "q95"]]
    return table.assign(**{f"effect_{name}": spread[name] for name in spread})


def _stack(axes: Axes, kinds: pd.DataFrame, labels: Labels) -> None:
    start = np.zeros(len(kinds))
    rows = np.arange(len(kinds))
    for band, colour in BANDS.items():
        width = kinds[band].to_numpy()
        axes.barh(rows, width, left=start, color=colour, height=0.62, label=labels(f"winners.{band}"))
        for row in rows[width >= 0.09]:
            ink = "white" if colour in (GAIN, LOSS) else "black"
            axes.text(
                start[row] + width[row] / 2,
                row,
                percent(width[row]),
                ha="center",
                va="center",
                color=ink,
                fontsize=7,
            )
        start += width
    axes.set_yticks(rows, [labels.name("kind", kind) for kind in kinds.index])
    axes.set_ylim(len(kinds) - 0.5, -0.5)
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(lambda x, _: percent(x))
    axes.tick_params(axis="y", length=0)
    axes.set_title(labels("winners.shares"))
    axes.legend(loc="upper center", bbox_to_anchor=(0.42, -0.12), ncols=5, columnspacing=0.9, handlelength=1)


def _ridges(axes: Axes, quintiles: pd.DataFrame, labels: Labels) -> None:
    groups = sorted(quintiles["group"].unique(), key=str)
    spread = max(float(quintiles["effect"].std()), 0.05) if len(quintiles) > 1 else 0.05
    low, high = (
        float(quintiles["effect"].min()) - 1.3 * spread,
        float(quintiles["effect"].max()) + 1.3 * spread,
    )
    grid = np.linspace(min(low, -spread), max(high, spread), 300)
    for row, group in enumerate(groups):
        density = _density(
            quintiles.loc[quintiles["group"] == group, "effect"].to_numpy(), grid, 0.15 * spread
        )
        base = float(row)
        axes.fill_between(
            grid, base, base - 1.35 * density / density.max(), color=BLUE, alpha=0.85, zorder=2 * row + 2
        )
        axes.plot(
            grid, base - 1.35 * density / density.max(), color="white", linewidth=0.9, zorder=2 * row + 3
        )
    names = [labels("winners.quintile", number=row + 1) for row in range(len(groups))]
    if len(groups) == 5:
        names[0], names[-1] = labels("winners.smallest"), labels("winners.largest")
    axes.axvline(0, color="#222222", linewidth=0.8, zorder=1)
    axes.set_yticks(range(len(groups)), names)
    axes.set_ylim(len(groups) - 0.7, -1.45)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(labels("winners.points"))
    axes.set_title(labels("winners.ridge"))


def _density(sample: np.ndarray, grid: np.ndarray, narrowest: float) -> np.ndarray:
    """Gaussian kernel density with Silverman's bandwidth, never narrower than a given width (points)."""
    width = max(1.06 * float(sample.std()) * len(sample) ** -0.2, narrowest)
    values: np.ndarray = np.exp(-0.5 * ((grid[:, None] - sample) / width) ** 2).sum(axis=1)
    return values


def _title(kinds: pd.DataFrame, labels: Labels, scenario: str, year: int) -> str:
    gain, lose = kinds["gain"] + kinds["gain_large"], kinds["lose"] + kinds["lose_large"]
    weight = kinds["banks"] / kinds["banks"].sum()
    if (gain * weight).sum() + (lose * weight).sum() < 0.005:
        return labels("winners.none", scenario=scenario, year=year)
    gains = (gain * weight).sum() >= (lose * weight).sum()
    kind = labels.name("kind", str((gain if gains else lose).idxmax()))
    words = {"gain": percent((gain * weight).sum()), "lose": percent((lose * weight).sum())}
    return labels(
        "winners.title" if gains else "winners.losers",
        scenario=scenario,
        year=year,
        kind=labels.inside(kind),
        **words,
    )


@figure("winners", place=40, tables=("distribution",))
def plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """Winners and losers of the scenario in focus."""
    focus = study.focus
    mine = study.distribution[study.distribution["scenario"] == focus]
    if focus is None or mine.empty:
        return []
    name = labels("winners.name", scenario=labels.scenario(focus))
    return [Plan("winners", name, lambda: winners(mine, labels, focus, study.year))]
