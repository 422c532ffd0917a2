"""The one-page summary: which scenario moves what, for whom, how surely and at what cost, in plain words."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from agents.honeycomb import DIMENSIONS, SMALL_KINDS
from experiments.labels import Labels
from experiments.labels.numbers import chance, percent, plain, signed, unsigned
from experiments.report.registry import Block, Page, Text, section
from experiments.report.tables import Line, ends
from experiments.results.statistics import first_share, lookup, paired_summary, price_interval

SPOKEN, BRIEF = 6, 4  # scenarios with a paragraph of their own, in the report and in a brief


@section("summary", place=30, brief=20)
def summary(page: Page) -> Iterator[Block]:
    """The summary's paragraphs: the baseline, then each scenario, then the order between them."""
    study, labels = page.study, page.labels
    if text := _baseline(page):
        yield Text(text)
    if not study.policies:
        yield Text(labels("sentence.alone"))
        return
    spoken, table = BRIEF if page.brief else SPOKEN, study.scoreboard
    colon = "：" if labels.chinese else ":"
    for line in table.head(spoken).to_dict("records"):
        yield Text(_scenario(page, line), lead=labels.scenario(line["scenario"]) + colon)
    if not study.carries_prices and (table.head(spoken)["cost"] > 0).any():
        yield Text(labels("sentence.no_price"))
    if len(table) > spoken:
        yield Text(labels("sentence.more", count=len(table) - spoken))
    if len(table) > 1:
        yield Text(_order(page))


def _baseline(page: Page) -> str:
    levels, labels = page.study.levels, page.labels
    mine = lookup(levels[levels["scenario"] == page.study.baseline], ["bank_kind", "outcome", "year"])
    first, last = int(levels["year"].min()), int(levels["year"].max())
    facts: dict[str, object] = {"first": first, "year": last}
    for kind in SMALL_KINDS:
        if (kind, "index", last) not in mine:
            return ""
        start, end = (mine[kind, "index", year] for year in (first, last))
        facts |= {f"{kind}_start": plain(start["q50"]), f"{kind}_end": plain(end["q50"])}
        facts |= {f"{kind}_low": plain(end["q05"]), f"{kind}_high": plain(end["q95"])}
    text = labels("sentence.baseline", **facts)
    if ("all", "rural_city_gap", last) not in mine:
        return text
    start, end = (mine["all", "rural_city_gap", year] for year in (first, last))
    points = {"start": start["q50"], "end": end["q50"], "low": end["q05"], "high": end["q95"]}
    texts = {name: plain(value) for name, value in points.items()}
    return labels.sentences([text, labels("sentence.gap", first=first, year=last, **texts)])


def _scenario(page: Page, line: dict[Any, Any]) -> str:
    labels = page.labels
    way = {1: "up", -1: "down", 0: "still"}[line["clear"]]
    facts = _facts(line) | {"probability": chance(line["probability"])}
    if way != "still":
        facts["effect"] = unsigned(line["median"])
    head = labels.stopped(labels(f"sentence.{way}", **facts, year=page.study.year))
    mine = page.study.effects[page.study.effects["scenario"] == line["scenario"]]
    parts = [head, _for_whom(mine, labels), _what(mine, labels), _gap(mine, labels)]
    return labels.sentences([*parts, _cost(page, line)])


def _facts(line: Line) -> dict[str, str]:
    keys = {"effect": "median", "low": "low90", "high": "high90"}
    return {name: signed(line[key]) for name, key in keys.items()}


def _for_whom(mine: pd.DataFrame, labels: Labels) -> str:
    index = mine[(mine["outcome"] == "index") & mine["bank_kind"].isin(SMALL_KINDS)]
    if index.empty:
        return ""
    table = paired_summary(index, ["bank_kind"])
    if not table["clear"].any():
        return labels("sentence.no_kind")
    by_kind = table.set_index("bank_kind")["median"].to_dict()
    order = sorted(by_kind, key=lambda kind: abs(by_kind[kind]))
    most, least = str(order[-1]), str(order[0])
    names = {"most": labels.name("kind", most), "least": labels.inside(labels.name("kind", least))}
    effects = {"most_effect": signed(by_kind[most]), "least_effect": signed(by_kind[least])}
    return labels("sentence.most", **names, **effects)


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
    change = mine[(mine["outcome"] == "rural_city_gap") & (mine["bank_kind"] == "all")]
    if change.empty:
        return ""
    line = paired_summary(change, ["outcome"]).to_dict("records")[0]
    key = {-1: "sentence.narrows", 1: "sentence.widens", 0: "sentence.gap_still"}[line["clear"]]
    return labels(key, **_facts(line))


def _cost(page: Page, line: Line) -> str:
    """What a scenario costs or saves against its baseline, who pays, and the price of a point where it has one."""
    study, labels = page.study, page.labels
    costs = study.costs[study.costs["scenario"] == line["scenario"]]
    total = float(line["cost"])
    if costs.empty or not total:
        return labels("sentence.free")
    years = {"first": int(costs["year"].min()), "last": int(costs["year"].max())}
    if total < 0:
        return labels("sentence.saving", cost=labels.money(-total), **years)
    by_payer = costs.groupby("payer")["cost"].sum()
    payer, saver = (str(name) for name in (by_payer.idxmax(), by_payer.idxmin()))
    names = {who: labels.inside(labels.name("payer", who)) for who in (payer, saver)}
    facts = {"cost": labels.money(total), "payer": names[payer], **years}
    if by_payer[saver] < 0:  # a share of a sum that others lower is no share
        amounts = {"paid": labels.money(by_payer[payer]), "saved": labels.money(-by_payer[saver])}
        text = labels("sentence.cost_and_saving", saver=names[saver], **amounts, **facts)
    else:
        text = labels("sentence.cost", share=percent(by_payer[payer] / total), **facts)
    return labels.sentences([text, _price(page, str(line["scenario"]))])


def _price(page: Page, scenario: str) -> str:
    """What a point costs the nation, where the gain is clear; nothing where the study plays on a sample of it."""
    study, labels = page.study, page.labels
    if not study.carries_prices:
        return ""
    gain = study.index[study.index["scenario"] == scenario].set_index("replicate")["effect"]
    paid = study.run_costs[scenario].reindex(gain.index)
    prices = price_interval(paid.to_numpy(), gain.to_numpy(), "price")
    middle, low, high = (labels.money(prices[f"price{end}"]) for end in ("", "_low", "_high"))
    return "" if middle == "–" else labels("sentence.price", price=f"{middle} {ends(low, high)}")


def _order(page: Page) -> str:
    index = page.study.index
    shares = first_share(index)
    best = str(shares.idxmax())
    key = "sentence.rank" if shares[best] >= 0.9 else "sentence.no_winner"
    runs = index["replicate"].nunique()
    return page.labels(key, n=runs, scenario=page.labels.scenario(best), share=percent(shares[best]))
