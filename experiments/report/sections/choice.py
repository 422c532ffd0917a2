"""Which bundle to choose: price, place, and what would change the order."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from experiments.labels import Labels
from experiments.labels.numbers import percent
from experiments.report.registry import Page, finding
from experiments.report.tables import DASH, Cell, Line, Table, effect, money, odds, spread
from experiments.results.schema import better

GAP = "rural_city_gap"
NAMED = 4  # of those that one bundle beats
RARE = 0.05  # share of runs in which a challenger leads below which it is not told by itself


@finding("frontier", place=10)
def frontier(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """What a point of the target, an item and a point of the gap cost; the frontier, and what is beaten by what."""
    labels = page.labels
    of, kind = str(frame["outcome"].iloc[0]), str(frame["bank_kind"].iloc[0])
    rows, prices = [], []
    for line in frame.to_dict("records"):
        by, probability = line["dominated_by"], line["probability"]
        named = Cell(labels.scenario(line["scenario"]))
        row = [named, effect(line, of=of), odds(probability if better(of) > 0 else 1 - probability)]
        row += [money(line, "cost", labels), odds(line["frontier_probability"])]
        rows.append([*row, Cell(labels.scenario(by)) if by else DASH])
        target = labels.outcome(line["target"], line["target_kind"])
        first = [named, Cell(target), effect(line, "target_effect", line["target"])]
        prices.append([*first, *(_priced(line, name, labels) for name in ("target", "item", "gap"))])
    yield from _closing(frame, labels)
    yield from _beaten(frame, labels)
    facts = {"banks": f"{frame['banks'].max():,.0f}", "runs": f"{frame['runs'].max():.0f}"}
    head = ("column.scenario", f"={labels.outcome(of, kind)}", "better", "cost", "frontier", "by")
    yield page.table("analysis.frontier", head, rows, frame, facts=facts, wide=True)
    head = ("column.scenario", "target", "target_effect", "target_price", "item_price", "gap_price")
    yield page.table("analysis.price", head, prices, kind="pairs", wide=True)


def _priced(line: Any, name: str, labels: Labels) -> Cell:
    """A price, or in a word why there is none."""
    why = line[f"{name}_reason"]
    return Cell(labels(f"reason.{why}")) if why else money(line, f"{name}_price", labels)


def _closing(frame: pd.DataFrame, labels: Labels) -> Iterator[str]:
    """Which bundle closes the rural-city gap most, and which does so at the lowest price."""
    most = frame.sort_values("gap_effect").iloc[0].to_dict()
    way = "analysis.saving" if most["cost"] < 0 else "analysis.paying"
    paid = labels(way, cost=labels.money(abs(most["cost"])))
    facts = {"scenario": labels.scenario(most["scenario"]), "effect": spread(effect(most, "gap_effect"))}
    facts |= {"chance": odds(most["gap_probability"]).text, "paid": paid}
    yield labels("analysis.gap_most" if most["gap_effect"] < 0 else "analysis.gap_never", **facts)
    priced = frame.dropna(subset=["gap_price"]).sort_values("gap_price")
    if priced.empty:
        yield labels("analysis.gap_none")
        return
    best = priced.iloc[0].to_dict()
    facts = {"price": spread(money(best, "gap_price", labels)), "effect": spread(effect(best, "gap_effect"))}
    yield labels("analysis.gap_cheapest", scenario=labels.scenario(best["scenario"]), **facts)


def _beaten(frame: pd.DataFrame, labels: Labels) -> Iterator[str]:
    """Bundles that another beats at both cost and effect in the middle of the runs, by the one that does."""
    beaten = frame[frame["dominated_by"] != ""]
    if beaten.empty:
        return
    listed = []
    for by, names in beaten.groupby("dominated_by", sort=False)["scenario"]:
        few = _few([*map(labels.scenario, names)], labels)
        listed.append(labels("analysis.beaten", by=labels.scenario(str(by)), scenarios=few))
    of = labels.outcome(str(frame["outcome"].iloc[0]), str(frame["bank_kind"].iloc[0]))
    yield labels("analysis.dominated", outcome=labels.inside(of), listing=labels.clauses(listed))


def _few(names: list[str], labels: Labels) -> str:
    """The first names of a list, and how many more there are."""
    more = [labels("analysis.more", count=len(names) - NAMED)] if len(names) > NAMED else []
    return labels.listing([*names[:NAMED], *more])


@finding("ranking", place=11)
def ranking(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """The chance of each place."""
    labels, number = page.labels, int(frame["place"].max())
    shown = sorted({1, 2, 3, number} & set(range(1, number + 1)))
    table = frame.pivot_table(index="scenario", columns="place", values="probability", sort=False)
    gains = frame.drop_duplicates("scenario").sort_values("gain", ascending=False).to_dict("records")
    leader, first = str(gains[0]["scenario"]), table[1].sort_values(ascending=False)
    yield labels("analysis.leader", leader=labels.scenario(leader), share=percent(float(first[leader])))
    if first.index[0] != leader:
        facts = {"scenario": labels.scenario(str(first.index[0])), "share": percent(first.iloc[0])}
        yield labels("analysis.most_often", **facts)
    of = str(frame["outcome"].iloc[0])
    rows = []
    for line in gains:
        places = (odds(table[place][line["scenario"]], 0.6) for place in shown)
        rows.append([Cell(labels.scenario(line["scenario"])), effect(line, "gain", of), *places])
    outcome = labels.outcome(of, str(frame["bank_kind"].iloc[0]))
    named = [f"={labels('analysis.place', place=place)}" for place in shown if place <= 3]
    last = ["last"] if number > 3 else []
    head = ("column.scenario", f"={labels('analysis.gain', outcome=outcome)}", *named, *last)
    yield page.table("analysis.ranking", head, rows, frame)


@finding("reversal", place=12)
def reversal(frame: pd.DataFrame, page: Page) -> Iterator[str]:
    """What would have to be true for the order to change; challengers that hardly ever lead share a sentence."""
    labels = page.labels
    lines = frame[frame["probability"] >= RARE].to_dict("records")
    yield from (_challenged(line, labels) for line in lines)
    if not lines:
        leader = labels.scenario(str(frame["leader"].iloc[0]))
        yield labels("analysis.reversal_never", leader=leader, share=percent(RARE))


def _challenged(line: Line, labels: Labels) -> str:
    facts = {who: labels.scenario(line[who]) for who in ("challenger", "leader")}
    facts |= {"probability": percent(line["probability"]), "given": percent(line["probability_given"])}
    facts |= {"parameter": labels.inside(labels.parameter(line["parameter"]))}
    key = "analysis.reversal" if line["clear"] else "analysis.reversal_open"
    return labels(key, side=labels(f"analysis.side_{line['side']}"), **facts)


@finding("grid", place=14)
def grid(frame: pd.DataFrame, page: Page) -> Iterator[str]:
    """Where the answers at every strength stand."""
    labels, line = page.labels, frame.iloc[0]
    named = {name: labels.policy(str(line[name])) for name in ("first", "second", "third")}
    yield labels("analysis.grid_told", **named)
