"""The choice of policies: what each bundle costs, its place, what its levers do together, and how to spend a budget."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from experiments.labels import Labels, begun, chance, digits, percent, plain, scale, signed
from experiments.report.registry import Page, finding
from experiments.report.tables import DASH, Cell, Line, Table, clear, effect, level, money, odds
from experiments.results.schema import better

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
        title = labels.scenario(line["scenario"])
        row = [title, effect(line, of=of), chance(probability if better(of) > 0 else 1 - probability)]
        row += [money(line, "cost", labels), chance(line["frontier_probability"])]
        rows.append([*row, labels.scenario(by) if by else DASH])
        target = labels.outcome(line["target"], line["target_kind"])
        first = [title, target, effect(line, "target_effect", line["target"])]
        prices.append([*first, *(_priced(line, name, labels) for name in ("target", "item", "gap"))])
    yield from _closing(frame, labels)
    yield from _beaten(frame, labels)
    facts = {"banks": f"{frame['banks'].max():,.0f}", "runs": f"{frame['runs'].max():.0f}"}
    head = ("column.scenario", f"={labels.outcome(of, kind)}", "better", "cost", "frontier", "by")
    yield page.table("analysis.frontier", head, rows, frame, facts=facts, wide=True)
    head = ("column.scenario", "target", "target_effect", "target_price", "item_price", "gap_price")
    yield page.table("analysis.price", head, prices, kind="pairs", wide=True)


def _priced(line: Any, name: str, labels: Labels) -> Cell | str:
    """A price, or in a word why there is none."""
    why = line[f"{name}_reason"]
    return labels(f"reason.{why}") if why else money(line, f"{name}_price", labels)


def _closing(frame: pd.DataFrame, labels: Labels) -> Iterator[str]:
    """Which bundle closes the rural-city gap most, and which does so at the lowest price."""
    most = frame.sort_values("gap_effect").iloc[0].to_dict()
    way = "analysis.saving" if most["cost"] < 0 else "analysis.paying"
    paid = labels(way, cost=labels.money(abs(most["cost"])))
    facts = {"scenario": labels.scenario(most["scenario"]), "effect": effect(most, "gap_effect")}
    facts |= {"chance": chance(most["gap_probability"]), "paid": paid}
    yield labels("analysis.gap_most" if most["gap_effect"] < 0 else "analysis.gap_never", **facts)
    priced = frame.dropna(subset=["gap_price"]).sort_values("gap_price")
    if priced.empty:
        yield labels("analysis.gap_none")
        return
    best = priced.iloc[0].to_dict()
    facts = {"price": money(best, "gap_price", labels), "effect": effect(best, "gap_effect")}
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
    places_shown = sorted({1, 2, 3, number} & set(range(1, number + 1)))
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
        places = (odds(table[place][line["scenario"]], 0.6) for place in places_shown)
        rows.append([labels.scenario(line["scenario"]), effect(line, "gain", of), *places])
    outcome = labels.outcome(of, str(frame["bank_kind"].iloc[0]))
    columns = [f"={labels('analysis.place', place=place)}" for place in places_shown if place <= 3]
    last = ["last"] if number > 3 else []
    head = ("column.scenario", f"={labels('analysis.gain', outcome=outcome)}", *columns, *last)
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
    names = {name: labels.policy(str(line[name])) for name in ("first", "second", "third")}
    yield labels("analysis.grid_told", **names)


FACTORIAL = ["scenario", "levers", "outcome", "bank_kind", "effect", "effect_low", "effect_high"]
PAIRS, LISTED = 20, 5  # pairs in the table, and in a sentence


@finding("pairs", place=20)
def pairs(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """Complements and substitutes, named, and what a lever does alone and in company."""
    labels, of = page.labels, str(frame["outcome"].iloc[0])
    frame = frame.assign(size=frame["interaction"].abs())
    yield from _alone_and_together(page)
    unique = frame.drop_duplicates(["first", "second"])
    for verdict in ("complements", "substitutes"):
        mine = unique[unique["verdict"] == verdict]
        items = [
            f"{labels.policy(line['first'])} + {labels.policy(line['second'])} "
            f"({signed(scale(of) * line['interaction'], digits(of))})"
            for line in mine.nlargest(LISTED, "size").to_dict("records")
        ]
        key = f"analysis.{verdict}" if items else f"analysis.no_{verdict}"
        yield labels(key, count=len(mine), all=len(unique), listing=labels.listing(items))
    rows = []
    for line in frame.sort_values("size", ascending=False).head(PAIRS).to_dict("records"):
        names = labels.scenario(line["scenario"]), labels.policy(line["first"]), labels.policy(line["second"])
        judged = labels(f"analysis.verdict_{line['verdict']}")
        rows.append([*names, effect(line, "interaction", of, digits(of) + 1), judged])
    head = ("column.scenario", "one", "other", "beyond", "verdict")
    yield page.table("analysis.pairs", head, rows, frame.drop(columns="size"), kind="text")


def _alone_and_together(page: Page) -> Iterator[str]:
    labels = page.labels
    table = page.study.table("factorial", FACTORIAL)
    for _, mine in table.groupby("scenario", sort=False):
        single = mine[~mine["levers"].str.contains("+", regex=False)]
        if len(single) != 2:
            continue
        of, kind = str(mine["outcome"].iloc[0]), str(mine["bank_kind"].iloc[0])
        alone = []
        for line in single.to_dict("records"):
            way = labels(f"analysis.{'beyond' if clear(line) else 'within'}_noise")
            cell = effect(line, of=of)
            alone.append(labels("analysis.alone", policy=labels.policy(line["levers"]), effect=cell, way=way))
        together = effect(mine.iloc[-1].to_dict(), of=of)
        facts = {"outcome": labels.outcome(of, kind), "listing": labels.listing(alone)}
        yield labels("analysis.together", together=together, **facts)


@finding("surface", place=21)
def surface(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """The effect at every pair of strengths."""
    labels = page.labels
    of, kind = str(frame["outcome"].iloc[0]), str(frame["bank_kind"].iloc[0])
    first, second = (labels.policy(str(frame[key].iloc[0])) for key in ("first", "second"))
    steps = sorted(frame["second_strength"].unique())
    rows = []
    for strength, mine in frame.groupby("first_strength"):
        lines = mine.set_index("second_strength").to_dict("index")
        rows.append([percent(float(str(strength))), *(effect(lines[step], of=of) for step in steps)])
    names = {"outcome": labels.outcome(of, kind), "first": first, "second": second}
    head = (labels("analysis.surface_head", **names), *map(percent, steps))
    yield page.table("analysis.surface", [f"={one}" for one in head], rows, frame, facts=names)


@finding("portfolio", place=30)
def portfolio(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """The best mix of every budget, and how much could be regretted."""
    labels, of, kind = page.labels, str(frame["outcome"].iloc[0]), str(frame["bank_kind"].iloc[0])
    outcome = labels.outcome(of, kind)
    rows = []
    for line in frame.to_dict("records"):
        budget, moved = labels.money(line["budget"]), effect(line, of=of)
        shares = chance(line["probability"]), money(line, "cost", labels), percent(line["within"])
        rows.append(
            [budget, moved, *shares, plain(line["regret"], 2), plain(line["tail"], 2), chance(line["best"])]
        )
        if line["mix"] == frame["mix"].iloc[-2]:
            yield labels("portfolio.said", budget=budget, outcome=labels.inside(outcome), effect=moved)
    part = float((page.study.analysis.get("portfolio") or {}).get("tail", 1.0))
    facts = {
        "searched": labels("portfolio.worst_runs" if part < 1 else "portfolio.every_run", part=percent(part))
    }
    head = ("budget", f"={outcome}", "better", "cost", "within", "regret", "tail", "best")
    yield page.table("portfolio.mixes", head, rows, frame, facts=facts, wide=True)


@finding("portfolio_levers", place=31)
def levers(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """What every mix is made of: a row a lever, a column a budget."""
    labels = page.labels
    mixes = list(dict.fromkeys(frame["mix"]))
    rows = []
    for policy, mine in frame.groupby("policy", sort=False):
        by = {}
        for line in mine.to_dict("records"):
            when, where = labels.quarter(line["start"]), _place(line["region"], page)
            by[line["mix"]] = f"{percent(line['intensity'])} {when} {where}"
        rows.append([labels.policy(str(policy)), *(by.get(mix, "–") for mix in mixes)])
    budgets = page.study.table("portfolio").set_index("mix")["budget"]
    head = ("column.policy", *(f"={labels.money(float(budgets[mix]))}" for mix in mixes))
    yield page.table("portfolio.levers", head, rows, frame, kind="text", wide=True)


def _place(region: str, page: Page) -> str:
    return page.labels(f"portfolio.region.{region}")


@finding("portfolio_variants", place=32)
def variants(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """The mix of the asked budget done otherwise."""
    labels, of, kind = page.labels, str(frame["outcome"].iloc[0]), str(frame["bank_kind"].iloc[0])
    rows = []
    for line in frame.to_dict("records"):
        moved = effect(line, of=of), effect(line, "difference", of), chance(line["probability"])
        rows.append([_variant(line, page), *moved, money(line, "cost", labels)])
    head = ("variant", f"={labels.outcome(of, kind)}", "difference", "more", "cost")
    yield page.table("portfolio.variants", head, rows, frame)


def _variant(line: dict[object, object], page: Page) -> str:
    labels, what, mix = page.labels, str(line["what"]), str(line["mix"])
    if what == "order":
        first, _, rest = mix.partition(" + ")
        if rest:
            second = rest.removesuffix(" together")
            return labels("portfolio.together", first=labels.policy(first), second=labels.policy(second))
        return labels("portfolio.first", policy=labels.policy(mix.removesuffix(" first")))
    if mix == "0 quarters":
        return labels("portfolio.at_once")
    if what == "ramp":
        return labels("portfolio.ramp", quarters=mix.removesuffix(" quarters"))
    if what == "region":
        return labels("portfolio.only", region=_place(mix, page))
    if what == "signal":
        outcome, kind, *limit = mix.split()
        return labels("portfolio.signal", signal=f"{labels.outcome(outcome, kind)} {' '.join(limit)}")
    return labels("portfolio.as_found")


@finding("goal", place=33)
def goal(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """What it takes to reach the number, or that nothing tried does."""
    labels, line = page.labels, frame.iloc[0].to_dict()
    outcome = labels.inside(labels.outcome(line["outcome"], line["bank_kind"]))
    facts = {
        "outcome": outcome,
        "goal": plain(line["goal"]),
        "by": labels.quarter(line["by"]),
        "runs": page.study.runs,
    }
    shares = {"wanted": "wanted", "searched": "searched", "probability": "probability"}
    shares |= {end: f"probability_{end}" for end in ("low", "high")}
    facts |= {name: percent(line[column]) for name, column in shares.items()}
    facts["value"] = labels(f"goal.{line['vary']}", value=_value(line["vary"], line["value"], page))
    facts["cost"] = money(line, "cost", labels)
    yield begun(labels(f"goal.{line['verdict']}", **facts))
    levers = [labels.scenario(str(node["label"])) for node in page.study.nodes if node.get("policies")]
    yield labels("goal.levers", levers=labels.listing(levers))
    futures = [str(node["label"]) for node in page.study.nodes if not node.get("policies")]
    if len(futures) > 1:
        key = "goal.in_worst" if _worst(page) else "goal.in_future"
        yield labels(key, count=len(futures), future=labels.scenario(line["future"]))


def _worst(page: Page) -> bool:
    return bool((page.study.analysis.get("goal") or {}).get("future") == "worst")


@finding("goal_curve", place=34)
def goal_curve(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """Everything tried."""
    labels, goal = page.labels, page.study.table("goal").iloc[0].to_dict()
    rows = []
    for line in frame.to_dict("records"):
        cells = odds(line["probability"], 0.6), level(line, "reached"), money(line, "cost", labels)
        future = [labels.scenario(line["future"])] if _worst(page) else []
        rows.append([_value(line["vary"], line["value"], page), *future, *cells])
    of = labels.outcome(goal["outcome"], goal["bank_kind"])
    column = ("goal.column.future",) if _worst(page) else ()
    head = (f"goal.column.{goal['vary']}", *column, "reaches", f"={of}", "portfolio.cost")
    yield page.table("goal.curve", head, rows, frame)


def _value(vary: str, value: float, page: Page) -> str:
    if vary == "budget":
        return page.labels.money(value)
    if vary == "start":
        return page.labels.quarter(f"{2020 + int(value) // 4}Q{int(value) % 4 + 1}")
    return percent(value)
