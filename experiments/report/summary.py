"""The one-page summary: which scenario moves what, for whom, how surely and at what cost, in plain words."""

from dataclasses import dataclass

import pandas as pd

from agents.honeycomb import DIMENSIONS
from experiments.labels import Labels, chance, percent, plain, signed, unsigned
from experiments.report.focus import scoreboard_table
from experiments.report.laboratory import words
from experiments.report.material import SMALL, Material
from experiments.results.statistics import first_share, lookup, paired_summary, price_interval

SPOKEN = 6  # scenarios with a paragraph of their own


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the summary: a scenario's name, when it is about one, and what is to be said."""

    scenario: str
    text: str


def summary(
    material: Material, labels: Labels, levels: pd.DataFrame, spoken: int = SPOKEN
) -> list[Paragraph]:
    """The summary's paragraphs: the baseline, then each scenario, then the order between them.

    ``levels`` are the distributions of `experiments.report.levels`; ``spoken`` is how many scenarios get a paragraph.
    """
    paragraphs = [Paragraph("", _baseline(material, labels, levels))]
    if not material.policies:
        return [*paragraphs, Paragraph("", labels("sentence.alone"))]
    table = scoreboard_table(material)
    paragraphs += [
        Paragraph(labels.scenario(line["scenario"]), _scenario(material, labels, line))
        for line in table.head(spoken).to_dict("records")
    ]
    if len(table) > spoken:
        paragraphs.append(Paragraph("", labels("sentence.more", count=len(table) - spoken)))
    if len(table) > 1:
        paragraphs.append(Paragraph("", _order(material, labels)))
    return paragraphs


def _baseline(material: Material, labels: Labels, levels: pd.DataFrame) -> str:
    mine = lookup(levels[levels["scenario"] == material.baseline], ["bank_kind", "outcome", "year"])
    first, last = int(levels["year"].min()), int(levels["year"].max())
    words: dict[str, object] = {"first": first, "year": last}
    for kind in SMALL:
        if (kind, "index", last) not in mine:
            return ""
        start, end = (mine[kind, "index", year] for year in (first, last))
        words |= {f"{kind}_start": plain(start["q50"]), f"{kind}_end": plain(end["q50"])}
        words |= {f"{kind}_low": plain(end["q05"]), f"{kind}_high": plain(end["q95"])}
    text = labels("sentence.baseline", **words)
    if ("all", "rural_city_gap", last) not in mine:
        return text
    start, end = (mine["all", "rural_city_gap", year] for year in (first, last))
    spread = {"start": start["q50"], "end": end["q50"], "low": end["q05"], "high": end["q95"]}
    spread = {place: plain(points) for place, points in spread.items()}
    return labels.sentences([text, labels("sentence.gap", first=first, year=last, **spread)])


def _scenario(material: Material, labels: Labels, line: dict) -> str:
    sign = {1: "up", -1: "down", 0: "still"}[line["clear"]]
    words = {"effect": signed(line["median"]) if sign == "still" else unsigned(line["median"])}
    words |= {"low": signed(line["low90"]), "high": signed(line["high90"])}
    words["probability"] = chance(line["probability"])
    head = labels(f"sentence.{sign}", **words, year=material.year)
    mine = material.effects[material.effects["scenario"] == line["scenario"]]
    parts = [
        head + ("。" if labels.language == "zh" else "."),
        _for_whom(mine, labels),
        _what(mine, labels),
        _gap(mine, labels),
    ]
    return labels.sentences([*parts, _cost(material, labels, line)])


def _for_whom(mine: pd.DataFrame, labels: Labels) -> str:
    index = mine[(mine["outcome"] == "index") & mine["bank_kind"].isin(SMALL)]
    if index.empty:
        return ""
    table = paired_summary(index, ["bank_kind"])
    if not table["clear"].any():
        return labels("sentence.no_kind")
    by_kind = table.set_index("bank_kind")["median"].to_dict()
    order = sorted(by_kind, key=lambda kind: abs(by_kind[kind]))
    most, least = str(order[-1]), str(order[0])
    words = {"most": labels.name("kind", most), "least": labels.inside(labels.name("kind", least))}
    effects = {"most_effect": signed(by_kind[most]), "least_effect": signed(by_kind[least])}
    return labels("sentence.most", **words, **effects)


def _what(mine: pd.DataFrame, labels: Labels) -> str:
    moved = mine[mine["outcome"].isin(DIMENSIONS) & (mine["bank_kind"] == "all")]
    if moved.empty:
        return ""
    table = paired_summary(moved, ["outcome"])
    clear = table[table["clear"] != 0]
    if clear.empty:
        return labels("sentence.no_dimension")
    most = clear.iloc[int(clear["median"].abs().argmax())]
    name = labels.inside(labels.name("dimension", most["outcome"]))
    return labels("sentence.dimension", dimension=name, effect=signed(most["median"]))


def _gap(mine: pd.DataFrame, labels: Labels) -> str:
    gap = mine[mine["outcome"] == "rural_city_gap"]
    if gap.empty:
        return ""
    line = paired_summary(gap, ["outcome"]).iloc[0]
    key = {-1: "sentence.narrows", 1: "sentence.widens", 0: "sentence.gap_still"}[line["clear"]]
    facts = {"low": signed(line["low90"]), "high": signed(line["high90"]), "effect": signed(line["median"])}
    return labels(key, **facts)


def _cost(material: Material, labels: Labels, line: dict) -> str:
    costs = material.costs[material.costs["scenario"] == line["scenario"]]
    if costs.empty or not costs["cost"].sum():
        return labels("sentence.free")
    by_payer = costs.groupby("payer")["cost"].sum()
    payer = str(by_payer.idxmax())
    share = percent(by_payer[payer] / by_payer.sum())
    years = {"first": int(costs["year"].min()), "last": int(costs["year"].max())}
    name = labels.inside(labels.name("payer", payer))
    text = labels("sentence.cost", cost=plain(costs["cost"].sum(), 0), share=share, payer=name, **years)
    if line["price"] != line["price"]:
        return text
    return labels.sentences([text, labels("sentence.price", price=_price(material, line))])


def _price(material: Material, line: dict) -> str:
    """Million yuan a point with the 90 % interval of cost over gain, run by run."""
    mine = material.small[material.small["scenario"] == line["scenario"]].set_index("replicate")["effect"]
    cost = material.run_costs[line["scenario"]].reindex(mine.index)
    ends = price_interval(cost.to_numpy(), mine.to_numpy(), "price")
    shown = [line["price"], ends["price_low"], ends["price_high"]]
    middle, low, high = (words.money(value) for value in shown)
    return f"{middle} [{low}, {high}]"


def _order(material: Material, labels: Labels) -> str:
    shares = first_share(material.small, "scenario")
    best = str(shares.idxmax())
    key = "sentence.rank" if shares[best] >= 0.9 else "sentence.no_winner"
    runs = material.small["replicate"].nunique()
    return labels(key, n=runs, scenario=labels.scenario(best), share=percent(shares[best]))
