"""Who gains and who loses: by kind of bank, size and province, in five bands of change."""

from collections.abc import Iterator
from functools import partial

import pandas as pd

from experiments.figures.source import province
from experiments.labels import Labels
from experiments.labels.numbers import percent
from experiments.report.registry import Page, finding
from experiments.report.tables import Cell, Line, Table, effect, share, spread

BANDS = ("lose_large", "lose", "same", "gain", "gain_large")
GROUPS = ("kind", "size_quintile")
SAME = 0.1  # points between the provinces at either end that are not worth telling
SHARED = 0.05  # weight of its own banks below which a province only repeats the mean of all


@finding("winners", place=30)
def winners(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """Who gains and who loses under the scenario in focus, in five bands, and how many do under each of the others."""
    labels, focus = page.labels, page.study.shown_first(frame["scenario"])
    mine = frame[frame["scenario"] == focus]
    rows = [
        [Cell(_group(line, labels)), effect(line), *(share(line[band]) for band in BANDS)]
        for line in mine[mine["grouping"].isin(GROUPS)].to_dict("records")
    ]
    yield from _by_province(mine, page)
    head = ("group", "change", *(f"winners.{band}" for band in BANDS))
    facts = {"scenario": labels.scenario(focus)}
    yield page.table("analysis.winners", head, rows, frame, facts=facts)
    if frame["scenario"].nunique() > 1:
        yield _gains_and_losses(frame, page)


def _gains_and_losses(frame: pd.DataFrame, page: Page) -> Table:
    """Share of banks that gain, and that lose, by scenario and kind."""
    labels = page.labels
    kinds = frame[frame["grouping"] == "kind"]
    names = list(dict.fromkeys(kinds["group"]))
    rows = []
    for scenario, mine in kinds.groupby("scenario", sort=False):
        lines = mine.set_index("group")
        gain, lose = lines["gain"] + lines["gain_large"], lines["lose"] + lines["lose_large"]
        sides = [Cell(f"{percent(gain[name])} / {percent(lose[name])}") for name in names]
        rows.append([Cell(labels.scenario(str(scenario))), *sides])
    head = ("column.scenario", *(f"={labels.banks(name)}" for name in names))
    return page.table("analysis.gain_lose", head, rows)


def _group(line: Line, labels: Labels) -> str:
    if line["grouping"] == "kind":
        return labels.banks(line["group"])
    return labels("analysis.quintile", number=line["group"])


def _by_province(mine: pd.DataFrame, page: Page) -> Iterator[str]:
    """The provinces at either end after partial pooling, where they differ by more than chance."""
    labels = page.labels
    local = mine[mine["grouping"] == "province"].sort_values("effect")
    if len(local) < 2:
        return
    scenario = labels.scenario(str(local["scenario"].iloc[0]))
    ends = {"low": local.iloc[0].to_dict(), "high": local.iloc[-1].to_dict()}
    apart = ends["high"]["effect_low"] > ends["low"]["effect_high"]
    if local["weight"].max() < SHARED or ends["high"]["effect"] - ends["low"]["effect"] < SAME:
        yield labels("analysis.provinces_alike", scenario=scenario)
        return
    place = partial(province, data=page.study.data, language=labels.language)
    names = {end: place(str(line["group"])) for end, line in ends.items()}
    facts = {f"{end}_effect": spread(effect(line)) for end, line in ends.items()}
    key = "analysis.provinces" if apart else "analysis.provinces_overlap"
    yield labels(key, scenario=scenario, **names, **facts)
