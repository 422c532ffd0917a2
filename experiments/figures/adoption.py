"""Adoption: what share of banks of each kind has an item of the questionnaire, year by year."""

import pandas as pd

from experiments.figures.chart import Axis, Chart, Key, Mark, Panel, years
from experiments.figures.palette import KIND_COLOURS
from experiments.figures.registry import Plan, figure
from experiments.figures.source import StudyTables
from experiments.figures.style import safe
from experiments.labels import Labels
from experiments.labels.numbers import plain, signed

SHOWN = 6  # items; the table of items has all of them
COLUMNS = [
    "scenario", "quarter", "bank_kind", "item", "rung", "share", "share_low", "share_high", "effect",
    "effect_low", "effect_high",
]  # fmt: skip


def adoption(items: pd.DataFrame, labels: Labels, baseline: str, scenario: str | None) -> Chart:
    """A panel an item: share of banks on its first rung or above, by kind, under a scenario and the baseline.

    Parameters
    ----------
    items
        Rows of ``items`` of the first rung: `COLUMNS`; of the items to show, in their order.
    labels
        The language, and the names of scenarios.
    baseline, scenario
        Names; without a scenario the baseline is drawn alone.
    """
    shown = scenario or baseline
    kinds = [kind for kind in KIND_COLOURS if kind in set(items["bank_kind"]) and kind != "all"]
    table = items[items["scenario"].isin([shown, baseline]) & items["bank_kind"].isin(kinds)]
    table = table.assign(x=table["quarter"].str[:4].astype(float), y=table["share"])
    low, high = float(table["x"].min()), float(table["x"].max())
    x = Axis(ticks=years(low, high, 4), low=low - 0.2, high=high + 0.2)
    y = Axis(labels("adoption.axis"), low=0, high=100)
    names = list(dict.fromkeys(items["item"]))
    panels = []
    for item in names:
        lines = _lines(table[table["item"] == item], kinds, labels, shown, baseline)
        panels.append(Panel(lines, safe(labels.outcome(f"item:{item}"), 40), x, y, tall=200))
    keys = [Key(labels.name("kind", kind), KIND_COLOURS[kind], "line", kind) for kind in kinds]
    title = _title(items, labels, shown, scenario)
    height = 0.9 + 1.45 * -(-len(panels) // 3)
    return Chart(title, panels, items, height, min(3, len(panels)), share=True, keys=keys)


def _lines(rows: pd.DataFrame, kinds: list[str], labels: Labels, shown: str, baseline: str) -> list[Mark]:
    marks = []
    for kind in kinds:
        for name in dict.fromkeys((baseline, shown)):
            mine = rows[(rows["bank_kind"] == kind) & (rows["scenario"] == name)]
            ends = mine[["share", "share_low", "share_high"]].to_numpy()
            said = [f"{plain(m, 0)} [{plain(a, 0)}, {plain(b, 0)}]" for m, a, b in ends]
            data = mine.assign(said=said, kind=labels.name("kind", kind), named=labels.scenario(name))
            keys = ("column.kind", "column.scenario", "column.year", "adoption.axis")
            hover = dict(zip(map(labels, keys), ("kind", "named", "quarter", "said"), strict=True))
            dash = name == baseline != shown
            width = 0.9 if dash else 1.5
            marks.append(Mark("line", data, KIND_COLOURS[kind], kind, hover, width=width, dash=dash))
    return marks


def _title(items: pd.DataFrame, labels: Labels, shown: str, scenario: str | None) -> str:
    last = items["quarter"].max()
    ends = items[(items["scenario"] == shown) & (items["quarter"] == last) & (items["bank_kind"] == "all")]
    if scenario and len(ends) and ends["effect"].abs().max() > 0:
        most = ends.iloc[int(ends["effect"].abs().argmax())]
        name = labels.inside(labels.outcome(f"item:{most['item']}"))
        facts = {"scenario": safe(labels.scenario(scenario)), "effect": signed(float(most["effect"]))}
        return labels("adoption.title", year=last[:4], item=name, **facts)
    return labels("adoption.plain", scenario=labels.scenario(shown))


@figure("adoption", place=14, tables=("items",), group="moves")
def plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """The items that the scenario in focus moves most, its targets first; those that grow most in the baseline."""
    rows = study.table("items", COLUMNS, rung=1)
    chosen = _chosen(rows, study)
    order = {item: place for place, item in enumerate(chosen)}
    mine = rows[rows["item"].isin(chosen)]
    mine = mine.sort_values("item", key=lambda names: names.map(order), kind="stable")
    name = labels("adoption.name", scenario=labels.scenario(study.focus or study.baseline))
    draw = lambda: adoption(mine, labels, study.baseline, study.focus)  # noqa: E731
    return [Plan("adoption", name, draw, labels("adoption.note"))]


def _chosen(rows: pd.DataFrame, study: StudyTables) -> list[str]:
    targets = study.table("paths", ["scenario", "role", "outcome"], role="target")
    aimed = [name.removeprefix("item:") for name in targets["outcome"] if name.startswith("item:")]
    small = rows[rows["bank_kind"] == "all"]
    moved = small[(small["scenario"] == study.focus) & (small["quarter"] == study.quarter)]
    most = moved.assign(size=moved["effect"].abs()).sort_values("size", ascending=False, kind="stable")
    base = small[small["scenario"] == study.baseline]
    base = base.pivot_table(index="item", columns="quarter", values="share", observed=True)
    grown = (base.iloc[:, -1] - base.iloc[:, 0]).sort_values(ascending=False, kind="stable")
    return list(dict.fromkeys([*aimed, *most.loc[most["size"] > 0, "item"], *map(str, grown.index)]))[:SHOWN]
