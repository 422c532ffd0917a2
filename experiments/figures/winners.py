"""Who wins and who loses: bands of change by kind of bank, and the change of each size quintile."""

import numpy as np
import pandas as pd

from agents.honeycomb import KINDS
from experiments.figures.chart import Axis, Chart, Key, Mark, Panel, bars, rows, rule
from experiments.figures.palette import BLUE, GAIN, GAIN_PALE, LOSS, LOSS_PALE, SAME
from experiments.figures.source import Plan, StudyTables, figure
from experiments.figures.still import safe
from experiments.labels import Labels
from experiments.labels.numbers import percent
from experiments.results.statistics import ENDS, quantiles

BANDS = {"lose_large": LOSS, "lose": LOSS_PALE, "same": SAME, "gain": GAIN_PALE, "gain_large": GAIN}


def winners(distribution: pd.DataFrame, labels: Labels, scenario: str, year: int) -> Chart:
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
    Chart
        Its table has one row a group: banks, mean shares, and quantiles of the mean change over replicates.
    """
    table = _summary(distribution)
    kinds = table[table["grouping"] == "kind"].set_index("group")
    kinds = kinds.loc[[kind for kind in KINDS if kind in kinds.index]]
    quintiles = distribution[distribution["grouping"] == "size_quintile"]
    title = _title(kinds, labels, safe(labels.scenario(scenario)), year)
    keys = [Key(labels(f"winners.{band}"), colour, "patch") for band, colour in BANDS.items()]
    return Chart(title, [_stack(kinds, labels), _ridges(quintiles, labels)], table, 2.6, keys=keys)


def _summary(distribution: pd.DataFrame) -> pd.DataFrame:
    keys = ["grouping", "group"]
    table = distribution.groupby(keys, sort=False, observed=True)[["banks", *BANDS]].mean().reset_index()
    spread = quantiles(distribution, keys, "effect", ENDS)[["q05", "q50", "q95"]]
    return table.assign(**{f"effect_{name}": spread[name] for name in spread})


def _stack(kinds: pd.DataFrame, labels: Labels) -> Panel:
    parts, start = [], np.zeros(len(kinds))
    for band, colour in BANDS.items():
        width = kinds[band].to_numpy()
        cells = pd.DataFrame({"y": range(len(kinds)), "start": start, "end": start + width, "width": width})
        said = {"text": [*map(percent, width)], "band": labels(f"winners.{band}")}
        said |= {"kind": [labels.name("kind", str(name)) for name in kinds.index]}
        ink = "#ffffff" if colour in (GAIN, LOSS) else "#000000"
        parts.append(cells.assign(colour=colour, ink=ink, **said))
        start = start + width
    shown = bars(pd.concat(parts), "start", "end")
    wide = shown[shown["width"] >= 0.09]
    numbers = wide.assign(x=(wide["start"] + wide["end"]) / 2, colour=wide["ink"])
    hover = {labels("column.kind"): "kind", labels("winners.change"): "band"}
    hover |= {labels("winners.shares"): "text"}
    ticks = {part: percent(part) for part in (0.0, 0.25, 0.5, 0.75, 1.0)}
    marks = [Mark("cells", shown, hover=hover), Mark("texts", numbers, letters=7)]
    names = rows(labels.name("kind", str(kind)) for kind in kinds.index)
    return Panel(marks, labels("winners.shares"), Axis(ticks=ticks, low=0, high=1), names, wide=1.35)


def _ridges(quintiles: pd.DataFrame, labels: Labels) -> Panel:
    groups = sorted(quintiles["group"].unique(), key=str)
    spread = max(float(quintiles["effect"].std()), 0.05) if len(quintiles) > 1 else 0.05
    low = float(quintiles["effect"].min()) - 1.3 * spread
    high = float(quintiles["effect"].max()) + 1.3 * spread
    grid = np.linspace(min(low, -spread), max(high, spread), 200)
    marks = [rule(0.0)]
    for row, group in enumerate(groups):
        sample = quintiles.loc[quintiles["group"] == group, "effect"].to_numpy()
        density = _density(sample, grid, 0.15 * spread)
        top = row - 1.35 * density / density.max()
        ridge = pd.DataFrame({"x": grid, "low": float(row), "high": top, "y": top})
        marks += [Mark("band", ridge, BLUE, alpha=0.85), Mark("line", ridge, "#ffffff", width=0.9)]
    names = [labels("winners.quintile", number=row + 1) for row in range(len(groups))]
    if len(groups) == 5:
        names[0], names[-1] = labels("winners.smallest"), labels("winners.largest")
    y = Axis(ticks=dict(enumerate(names)), low=len(groups) - 0.7, high=-1.45)
    x = Axis(labels("winners.points"), low=float(grid[0]), high=float(grid[-1]))
    return Panel(marks, labels("winners.ridge"), x, y)


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
    key = "winners.title" if gains else "winners.losers"
    return labels(key, scenario=scenario, year=year, kind=labels.inside(kind), **words)


@figure("winners", place=40, tables=("distribution",))
def plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """Winners and losers of the scenario in focus."""
    focus = study.focus
    mine = study.distribution[study.distribution["scenario"] == focus]
    if focus is None or mine.empty:
        return []
    name = labels("winners.name", scenario=labels.scenario(focus))
    return [Plan("winners", name, lambda: winners(mine, labels, focus, study.year))]
