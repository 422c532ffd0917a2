"""Who gains and who loses: by kind of bank, size and province, in five bands of change."""

from typing import Any

from experiments.figures.winners import BANDS
from experiments.labels import Labels
from experiments.report.embed import data_link
from experiments.report.laboratory import words
from experiments.report.laboratory.doubt import shown_first
from experiments.report.material import Material
from experiments.report.reference import tiles
from experiments.report.table import Cell, Table

Part = tuple[list[str], list[Table]]
GROUPS = ("kind", "size_quintile")
SAME = 0.1  # points between the provinces at either end that are not worth telling
SHARED = 0.05  # weight of its own banks below which a province only repeats the mean of all


def winners(frame: Any, material: Material, labels: Labels) -> Part:
    """Who gains and who loses under the scenario in focus, in five bands, and how many do under each of the others."""
    focus = shown_first(frame["scenario"], material)
    mine = frame[frame["scenario"] == focus]
    rows = []
    for line in mine[mine["grouping"].isin(GROUPS)].to_dict("records"):
        shares = [Cell(words.percent(line[band])) for band in BANDS]
        rows.append([Cell(_group(line, labels)), words.cell(line, "effect"), *shares])
    head = [labels("lab.group"), labels("lab.change"), *(labels(f"winners.{band}") for band in BANDS)]
    title = labels("lab.winners_title", scenario=labels.scenario(focus))
    tables = [Table(head, rows, labels("lab.winners_note"), title, csv=data_link(frame))]
    if frame["scenario"].nunique() > 1:
        tables.append(_gains_and_losses(frame, labels))
    return _by_province(mine, material, labels), tables


def _gains_and_losses(frame: Any, labels: Labels) -> Table:
    """Share of banks that gain, and that lose, by scenario and kind."""
    kinds = frame[frame["grouping"] == "kind"]
    names = list(dict.fromkeys(kinds["group"]))
    cells = {(line["scenario"], line["group"]): line for line in kinds.to_dict("records")}
    rows = []
    for scenario in dict.fromkeys(kinds["scenario"]):
        row = [Cell(labels.scenario(str(scenario)))]
        for name in names:
            line = cells[scenario, name]
            lose, gain = line["lose"] + line["lose_large"], line["gain"] + line["gain_large"]
            row.append(Cell(f"{words.percent(gain)} / {words.percent(lose)}"))
        rows.append(row)
    head = [labels("column.scenario"), *(labels.name("kind", name) for name in names)]
    return Table(head, rows, caption=labels("lab.gain_lose_title"))


def _group(line: Any, labels: Labels) -> str:
    if line["grouping"] == "kind":
        return labels.name("kind", line["group"])
    return labels("lab.quintile", number=line["group"])


def _by_province(mine: Any, material: Material, labels: Labels) -> list[str]:
    """The provinces at either end after partial pooling, where they differ by more than chance."""
    local = mine[mine["grouping"] == "province"].sort_values("effect")
    if len(local) < 2:
        return []
    scenario = labels.scenario(str(local["scenario"].iloc[0]))
    ends = {"low": local.iloc[0], "high": local.iloc[-1]}
    apart = ends["high"]["effect_low"] > ends["low"]["effect_high"]
    if local["weight"].max() < SHARED or ends["high"]["effect"] - ends["low"]["effect"] < SAME:
        return [labels("lab.provinces_alike", scenario=scenario)]
    facts = {end: _province(str(line["group"]), material, labels) for end, line in ends.items()}
    facts |= {f"{end}_effect": words.spread(line, "effect") for end, line in ends.items()}
    return [labels("lab.provinces" if apart else "lab.provinces_overlap", scenario=scenario, **facts)]


def _province(code: str, material: Material, labels: Labels) -> str:
    places = tiles(material.data)
    named = dict(zip(places["code"], places[f"name_{labels.language}"], strict=True))
    return str(named.get(code, code))
