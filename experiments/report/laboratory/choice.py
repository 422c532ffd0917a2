"""Which bundle to choose: price, place, and what would change the order."""

from typing import Any

from experiments.analysis.outcome import better
from experiments.labels import Labels, chance
from experiments.report.embed import data_link
from experiments.report.laboratory import words
from experiments.report.material import Material
from experiments.report.table import Cell, Table

Part = tuple[list[str], list[Table]]
GAP = "rural_city_gap"
NAMED = 4  # of those that one bundle beats
RARE = 0.05  # share of runs in which a challenger leads below which it is not told by itself


def frontier(frame: Any, material: Material, labels: Labels) -> Part:
    """Price of a point and of a point of the gap; the frontier, and what is beaten by what."""
    of, kind = str(frame["outcome"].iloc[0]), str(frame["bank_kind"].iloc[0])
    price = "gap_price" if of == GAP else "point_price"
    lines = frame.to_dict("records")
    rows = []
    for line in lines:
        by = line["dominated_by"]
        row = [Cell(labels.scenario(line["scenario"])), words.cell(line, "effect", of), _better(line, of)]
        row += [_cost(line), words.price(line, price), Cell(chance(line["frontier_probability"]))]
        rows.append([*row, Cell(labels.scenario(by) if by else "–")])
    keys = ("better", "cost", price, "frontier", "by")
    head = [
        labels("column.scenario"),
        words.outcome(of, kind, labels),
        *(labels(f"lab.{key}") for key in keys),
    ]
    note = labels("lab.frontier_note")
    table = Table(head, rows, note, labels("lab.frontier_title"), csv=data_link(frame), wide=True)
    more = [] if of == GAP else [_gap_table(lines, labels)]
    return _closing(frame, labels) + _beaten(frame, labels), [table, *more]


def _gap_table(lines: list[Any], labels: Labels) -> Table:
    """What every bundle does to the rural-city gap, and the price of a point of it."""
    rows = [
        [
            Cell(labels.scenario(line["scenario"])),
            words.cell(line, "gap_effect"),
            Cell(chance(line["gap_probability"])),
            _cost(line),
            words.price(line, "gap_price"),
        ]
        for line in lines
    ]
    head = [labels("column.scenario"), labels.name("outcome", GAP)]
    head += [labels(f"lab.{key}") for key in ("closes", "cost", "gap_price")]
    return Table(head, rows, caption=labels("lab.gap_title"))


def _better(line: Any, of: str) -> Cell:
    return Cell(chance(line["probability"] if better(of) > 0 else 1 - line["probability"]))


def _cost(line: Any) -> Cell:
    ends = f"[{words.money(line['cost_low'])}, {words.money(line['cost_high'])}]"
    return Cell(words.money(line["cost"]), interval=ends)


def _closing(frame: Any, labels: Labels) -> list[str]:
    """Which bundle closes the rural-city gap most, and which does so at the lowest price."""
    most = frame.sort_values("gap_effect").iloc[0]
    facts = {"effect": words.spread(most, "gap_effect"), "chance": chance(most["gap_probability"])}
    facts |= {"scenario": labels.scenario(most["scenario"]), "cost": words.money(most["cost"])}
    said = [labels("lab.gap_most" if most["gap_effect"] < 0 else "lab.gap_never", **facts)]
    priced = frame.dropna(subset=["gap_price"]).sort_values("gap_price")
    if priced.empty:
        return [*said, labels("lab.gap_none")]
    best = priced.iloc[0]
    shown = words.price(best, "gap_price")
    facts = {"price": f"{shown.text} {shown.interval}", "effect": words.spread(best, "gap_effect")}
    return [*said, labels("lab.gap_cheapest", scenario=labels.scenario(best["scenario"]), **facts)]


def _beaten(frame: Any, labels: Labels) -> list[str]:
    """Bundles that another beats at both cost and effect in the middle of the runs, by the one that does."""
    beaten = frame[frame["dominated_by"] != ""]
    if beaten.empty:
        return []
    listed = [
        labels(
            "lab.beaten",
            by=labels.scenario(str(by)),
            scenarios=_few([*map(labels.scenario, names)], labels),
        )
        for by, names in beaten.groupby("dominated_by", sort=False)["scenario"]
    ]
    of = words.outcome(str(frame["outcome"].iloc[0]), str(frame["bank_kind"].iloc[0]), labels)
    joint = "；" if labels.language == "zh" else "; "
    return [labels("lab.dominated", outcome=labels.inside(of), listing=joint.join(listed))]


def _few(names: list[str], labels: Labels) -> str:
    """The first names of a list, and how many more there are."""
    more = [labels("lab.more", count=len(names) - NAMED)] if len(names) > NAMED else []
    return labels.listing([*names[:NAMED], *more])


def ranking(frame: Any, material: Material, labels: Labels) -> Part:
    """The chance of each place."""
    number = int(frame["place"].max())
    shown = sorted({1, 2, 3, number} & set(range(1, number + 1)))
    table = frame.pivot_table(index="scenario", columns="place", values="probability", sort=False)
    gains = frame.drop_duplicates("scenario").set_index("scenario").sort_values("gain", ascending=False)
    leader = str(gains.index[0])
    first = table[1].sort_values(ascending=False)
    facts = {"leader": labels.scenario(leader), "share": words.percent(table.loc[leader, 1])}
    said = [labels("lab.leader", **facts)]
    if first.index[0] != leader:
        facts = {"scenario": labels.scenario(str(first.index[0])), "share": words.percent(first.iloc[0])}
        said.append(labels("lab.most_often", **facts))
    of = str(frame["outcome"].iloc[0])
    rows = [
        [
            Cell(labels.scenario(str(name))),
            words.cell(line, "gain", of),
            *(Cell(chance(table.loc[name, place]), shade=0.6 * table.loc[name, place]) for place in shown),
        ]
        for name, line in gains.iterrows()
    ]
    told = words.outcome(of, str(frame["bank_kind"].iloc[0]), labels)
    head = [labels("column.scenario"), labels("lab.gain", outcome=told)]
    head += [labels("lab.place", place=place) for place in shown if place <= 3]
    head += [labels("lab.last")] if number > 3 else []
    note, title = labels("lab.ranking_note"), labels("lab.ranking_title")
    return said, [Table(head, rows, note, title, csv=data_link(frame))]


def reversal(frame: Any, material: Material, labels: Labels) -> Part:
    """What would have to be true for the order to change; challengers that hardly ever lead share a sentence."""
    said = [
        labels(
            "lab.reversal" if line["clear"] else "lab.reversal_open",
            challenger=labels.scenario(line["challenger"]),
            leader=labels.scenario(line["leader"]),
            probability=words.percent(line["probability"]),
            given=words.percent(line["probability_given"]),
            parameter=labels.inside(words.parameter(line["parameter"], labels)),
            side=labels(f"lab.side_{line['side']}"),
        )
        for line in frame[frame["probability"] >= RARE].to_dict("records")
    ]
    if not said and len(frame):
        leader = labels.scenario(str(frame["leader"].iloc[0]))
        said.append(labels("lab.reversal_never", leader=leader, share=words.percent(RARE)))
    return said, []
