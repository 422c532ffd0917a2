"""Which bundle to choose: price, place, what would change the order, and who gains."""

from collections.abc import Sequence
from typing import Any

from agents.honeycomb import PAYERS
from experiments.report.embed import data_link
from experiments.report.labels import Labels
from experiments.report.laboratory import words
from experiments.report.material import Material
from experiments.report.reference import tiles
from experiments.report.table import Cell, Table, interval
from experiments.statistics import paired_summary

Part = tuple[list[str], list[Table]]
GROUPS = ("kind", "size_quintile")
SHARED = 0.05  # weight of its own banks below which a province only repeats the mean of all


def frontier(frame: Any, material: Material, labels: Labels) -> Part:
    """Price of a point and of a point of the gap; the frontier, and what is beaten by what."""
    of, kind = str(frame["outcome"].iloc[0]), str(frame["bank_kind"].iloc[0])
    priced = frame.dropna(subset=["gap_price"]).sort_values("gap_price")
    closing = frame.sort_values("gap_effect").iloc[0]
    said = [
        labels(
            "lab.gap_most",
            scenario=labels.scenario(closing["scenario"]),
            effect=words.spread(closing, "gap_effect"),
            cost=words.money(closing["cost"]),
        )
    ]
    if len(priced):
        best = priced.iloc[0]
        facts = {"price": words.money(best["gap_price"]), "effect": words.spread(best, "gap_effect")}
        said.append(labels("lab.gap_cheapest", scenario=labels.scenario(best["scenario"]), **facts))
    else:
        said.append(labels("lab.gap_none"))
    beaten = [
        labels(
            "lab.beaten", scenario=labels.scenario(line["scenario"]), by=labels.scenario(line["dominated_by"])
        )
        for line in frame[frame["dominated_by"] != ""].to_dict("records")
    ]
    if beaten:
        said.append(labels("lab.dominated", listing=labels.listing(beaten)))
    rows = []
    for line in frame.to_dict("records"):
        by = line["dominated_by"]
        rows.append(
            [
                Cell(labels.scenario(line["scenario"])),
                words.cell(line, "effect", of),
                words.cell(line, "gap_effect"),
                Cell(
                    words.money(line["cost"]),
                    interval=f"[{words.money(line['cost_low'])}, {words.money(line['cost_high'])}]",
                ),
                *(Cell(words.money(line[f"cost_{payer}"])) for payer in PAYERS),
                Cell(words.money(line["point_price"])),
                Cell(words.money(line["gap_price"])),
                Cell(words.chance(line["frontier_probability"])),
                Cell(labels.scenario(by) if by else "–"),
            ]
        )
    payers = [labels.name("payer", payer) for payer in PAYERS]
    head = [
        labels("column.scenario"),
        words.outcome(of, kind, labels),
        labels.name("outcome", "rural_city_gap"),
    ]
    head += [labels("lab.cost"), *payers]
    head += [labels(f"lab.{key}") for key in ("point_price", "gap_price", "frontier", "by")]
    note = labels("lab.frontier_note")
    return said, [Table(head, rows, note, labels("lab.frontier_title"), csv=data_link(frame), wide=True)]


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
            *(
                Cell(words.chance(table.loc[name, place]), shade=0.6 * table.loc[name, place])
                for place in shown
            ),
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
    """What would have to be true for the order to change."""
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
        for line in frame.to_dict("records")
    ]
    return said, []


def winners(frame: Any, material: Material, labels: Labels) -> Part:
    """Who gains by kind and size, and the provinces at either end after partial pooling."""
    said, rows = [], []
    for scenario in dict.fromkeys(frame["scenario"]):
        mine = frame[frame["scenario"] == scenario]
        local = mine[mine["grouping"] == "province"].sort_values("effect")
        if len(local) > 1 and local["weight"].max() < SHARED:
            said.append(labels("lab.provinces_alike", scenario=labels.scenario(str(scenario))))
        elif len(local) > 1:
            ends = {"low": local.iloc[0], "high": local.iloc[-1]}
            facts = {end: _province(str(line["group"]), material, labels) for end, line in ends.items()}
            facts |= {f"{end}_effect": words.spread(line, "effect") for end, line in ends.items()}
            said.append(labels("lab.provinces", scenario=labels.scenario(str(scenario)), **facts))
        for line in mine[mine["grouping"].isin(GROUPS)].to_dict("records"):
            group = line["group"]
            name = (
                labels.name("kind", group)
                if line["grouping"] == "kind"
                else labels("lab.quintile", number=group)
            )
            lose, gain = line["lose"] + line["lose_large"], line["gain"] + line["gain_large"]
            shares = [Cell(words.percent(value)) for value in (lose, line["same"], gain)]
            rows.append(
                [Cell(labels.scenario(str(scenario))), Cell(name), words.cell(line, "effect"), *shares]
            )
    head = [
        labels("column.scenario"),
        *(labels(f"lab.{key}") for key in ("group", "change", "lose", "same", "win")),
    ]
    return said[:4], [Table(head, rows, "", labels("lab.winners_title"), csv=data_link(frame))]


def _province(code: str, material: Material, labels: Labels) -> str:
    places = tiles(material.data)
    named = dict(zip(places["code"], places[f"name_{labels.language}"], strict=True))
    return str(named.get(code, code))


def measured(
    asked: Sequence[tuple[str, str]], material: Material, labels: Labels, quarter: str = ""
) -> list[str]:
    """One sentence a scenario on the outcomes that answer a question by themselves, at the end or in a quarter."""
    effects = material.effects
    if quarter:
        columns = ["scenario", "replicate", "bank_kind", "outcome", "effect"]
        effects = material.table("effects", columns, measure="true", quarter=quarter)
    said = []
    for scenario in material.policies:
        parts = []
        for name, kind in asked:
            mine = effects[
                (effects["scenario"] == scenario)
                & (effects["outcome"] == name)
                & (effects["bank_kind"] == kind)
            ]
            if mine.empty:
                continue
            line: Any = paired_summary(mine, ["scenario"]).to_dict("records")[0]
            shown = interval(line, words.digits(name), words.scale(name))
            facts = {
                "effect": shown.text,
                "interval": shown.interval,
                "chance": words.chance(line["probability"]),
            }
            parts.append(labels("lab.measured", outcome=words.outcome(name, kind, labels), **facts))
        if parts:
            listed = "；".join(parts) if labels.language == "zh" else "; ".join(parts)
            facts = {
                "scenario": labels.scenario(scenario),
                "year": quarter[:4] or str(material.year),
                "listing": listed,
            }
            said.append(labels("lab.measured_all", **facts))
    return said
