"""Figure 1: the paired effect of each scenario, what a point costs, and how sure its sign is."""

from dataclasses import dataclass, replace

import pandas as pd

from experiments.figures.chart import Axis, Chart, Mark, Panel, extent, rows, rule, spans
from experiments.figures.palette import GAIN, GREY, INK, LOSS
from experiments.figures.source import Plan, StudyTables, figure, ranking
from experiments.figures.still import safe
from experiments.labels import Labels
from experiments.labels.numbers import chance, digits, scale, signed
from experiments.results.schema import better

ROWS = 10  # scenarios that a brief has room for


@dataclass(frozen=True)
class Measure:
    """What a scoreboard is of, where it is not the index.

    Parameters
    ----------
    name : str
        As the reader calls it.
    better : float
        +1 where more of it is better, -1 where less is.
    digits : int
        Decimals that an effect is told with.
    """

    name: str
    better: float = 1.0
    digits: int = 2


def scoreboard(
    effects: pd.DataFrame,
    costs: pd.DataFrame,
    labels: Labels,
    year: int,
    most: int | None = None,
    of: Measure | None = None,
) -> Chart:
    """Scenarios sorted by their effect on one outcome.

    Parameters
    ----------
    effects
        Columns ``scenario``, ``replicate``, ``effect`` (points): paired differences to the baseline in the last
        quarter.
    costs
        Columns ``scenario``, ``cost`` (million yuan): beyond the baseline, all payers and years, one row a scenario.
    labels
        The language, and the names of scenarios.
    year
        Of the effect.
    most
        Scenarios drawn at most, the best first; the title counts all of them.
    of
        The outcome, where it is not the index of small and medium banks.

    Returns
    -------
    Chart
        Its table has one row a scenario with the summary of `paired_summary`, ``cost`` (million yuan) and
        ``price`` (million yuan per point of the median effect; missing unless the gain is beyond noise).
    """
    better = of.better if of else 1.0
    table = ranking(effects, costs, better)
    title = _title(table, labels, of)
    table = table.head(most) if most else table
    words = {"year": year, "n": int(table["replicates"].max())}
    named = labels("scoreboard.of_axis", outcome=labels.inside(of.name), **words) if of else ""
    shown = _told(table, labels, better, of.digits if of else None)
    axis = rows(safe(labels.scenario(name), 64) for name in table["scenario"])
    low, high = extent([0.0, *shown["low90"], *shown["high90"]])
    along = Axis(named or labels("scoreboard.axis", **words), low=low, high=high)
    left = Panel(_bars(shown, labels), x=along, y=axis, tall=90 + 34 * len(table))
    unit, bare = Axis(bare=True, low=0, high=1), replace(axis, bare=True)
    right = Panel(_numbers(shown, labels), x=unit, y=bare, wide=0.37, printed=True)
    return Chart(title, [left, right], table, 1.15 + 0.24 * len(table), columns=2)


def _title(table: pd.DataFrame, labels: Labels, of: Measure | None) -> str:
    side = table["clear"] * (of.better if of else 1)
    up, down = int((side > 0).sum()), int((side < 0).sum())
    key, words = ("scoreboard.of", {"outcome": labels.inside(of.name)}) if of else ("scoreboard.", {})
    key = f"{key}_" if of else key
    if not up + down:
        return labels(f"{key}none", **words)
    lower = labels(f"{key}down", count=down) if down else ""
    return labels(f"{key}some", up=up, all=len(table), down=lower, **words)


def _told(table: pd.DataFrame, labels: Labels, better: float, digits: int | None) -> pd.DataFrame:
    """The table with what is said of each row, its height and its colour."""
    lines = table.to_dict("records")
    still = (table["low90"] == table["high90"]) & (table["low90"] == 0)
    return table.assign(
        y=range(len(table)),
        colour=[{1: GAIN, 0: GREY, -1: LOSS}[int(better * side)] for side in table["clear"]],
        named=[labels.scenario(name) for name in table["scenario"]],
        effect=[signed(line["median"], digits) for line in lines],
        interval=[f"[{signed(line['low90'], digits)}, {signed(line['high90'], digits)}]" for line in lines],
        paid=[labels.money(price) for price in table["price"]],
        sure=["–" if rest else chance(part) for rest, part in zip(still, table["probability"], strict=True)],
    )


def _bars(shown: pd.DataFrame, labels: Labels) -> list[Mark]:
    said = {"column.scenario": "named", "scoreboard.effect": "effect", "column.ninety": "interval"}
    said |= {"scoreboard.probability": "sure", "scoreboard.price": "paid"}
    hover = {labels(key).replace("\n", " "): column for key, column in said.items()}
    return [
        rule(0.0),
        Mark("segments", spans(shown, "low90", "high90"), width=1.2),
        Mark("segments", spans(shown, "low50", "high50"), width=4.5, hover=hover),
        Mark("points", shown.assign(x=shown["median"]), size=5, fill="#ffffff", width=1.2, hover=hover),
    ]


def _numbers(shown: pd.DataFrame, labels: Labels) -> list[Mark]:
    """The columns of numbers that paper shows beside the bars."""
    marks = []
    for key, column, x in (("effect", "effect", 0.15), ("price", "paid", 0.6), ("probability", "sure", 0.99)):
        head = pd.DataFrame({"x": [x], "y": [-0.95], "text": [labels(f"scoreboard.{key}")]})
        marks.append(Mark("texts", head, align="right"))
        texts = shown.assign(x=x, text=shown[column])[["x", "y", "text"]]
        marks.append(Mark("texts", texts, INK, align="right", letters=8))
    return marks


@figure("scoreboard", place=10, tables=("effects",), brief=True)
def plans(study: StudyTables, labels: Labels, brief: bool) -> list[Plan]:
    """The scoreboard on the index, and on the outcome that the analysis is about; a brief shows the latter alone."""
    if not study.policies:
        return []
    most = ROWS if brief and len(study.policies) > ROWS else None
    asked = _asked(study, labels, most)
    made = asked or [_index(study, labels, most)] if brief else [_index(study, labels), *asked]
    return [replace(plan, name="scoreboard_brief") if most else plan for plan in made]


def _index(study: StudyTables, labels: Labels, most: int | None = None) -> Plan:
    draw = lambda: scoreboard(study.index, study.total_costs, labels, study.year, most)  # noqa: E731
    notes = [labels("note.scoreboard")]
    notes += [labels("note.scoreboard_most", most=most, count=len(study.policies))] if most else []
    return Plan("scoreboard", labels("scoreboard.name"), draw, labels.sentences(notes))


def _asked(study: StudyTables, labels: Labels, most: int | None) -> list[Plan]:
    """A scoreboard on the outcome that the analysis is about, where that is not the index of small and medium banks."""
    name, kind = str(study.asked.get("outcome") or "index"), str(study.asked.get("bank_kind") or "all")
    mine = study.effects
    mine = mine[(mine["outcome"] == name) & (mine["bank_kind"] == kind)]
    if (name, kind) == ("index", "all") or mine.empty:
        return []
    of = Measure(labels.outcome(name, kind), better(name), digits(name))
    scaled = mine.assign(effect=scale(name) * mine["effect"])
    draw = lambda: scoreboard(scaled, study.total_costs, labels, study.year, most, of)  # noqa: E731
    caption = labels("scoreboard.of_name", outcome=labels.inside(of.name))
    return [Plan("scoreboard_asked", caption, draw)]
