"""What to spend a budget on, what it takes to reach a number, and what a province's reform did."""

from collections.abc import Iterator

import pandas as pd

from experiments.figures.source import province
from experiments.labels import begun
from experiments.labels.numbers import percent, plain
from experiments.location import DATA
from experiments.report.registry import Page, finding
from experiments.report.tables import Cell, Table, effect, level, money, odds, share, spread, texts


@finding("portfolio", place=30)
def portfolio(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """The best mix of every budget, and how much could be regretted."""
    labels, of, kind = page.labels, str(frame["outcome"].iloc[0]), str(frame["bank_kind"].iloc[0])
    named = labels.outcome(of, kind)
    rows = []
    for line in frame.to_dict("records"):
        budget, moved = labels.money(line["budget"]), effect(line, of=of)
        row = [
            Cell(budget),
            moved,
            odds(line["probability"]),
            money(line, "cost", labels),
            share(line["within"]),
        ]
        rows.append([*row, *texts(plain(line["regret"], 2), plain(line["tail"], 2)), odds(line["best"])])
        if line["mix"] == frame["mix"].iloc[-2]:
            yield labels("portfolio.said", budget=budget, outcome=labels.inside(named), effect=spread(moved))
    part = float((page.study.asked.get("portfolio") or {}).get("tail", 1.0))
    facts = {
        "searched": labels("portfolio.worst_runs" if part < 1 else "portfolio.every_run", part=percent(part))
    }
    head = ("budget", f"={named}", "better", "cost", "within", "regret", "tail", "best")
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
        rows.append(texts(labels.policy(str(policy)), *(by.get(mix, "–") for mix in mixes)))
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
        moved = effect(line, of=of), effect(line, "difference", of), odds(line["probability"])
        rows.append([Cell(_variant(line, page)), *moved, money(line, "cost", labels)])
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
    facts["cost"] = spread(money(line, "cost", labels))
    yield begun(labels(f"goal.{line['verdict']}", **facts))
    levers = [labels.scenario(str(node["label"])) for node in page.study.nodes if node.get("policies")]
    yield labels("goal.levers", levers=labels.listing(levers))
    futures = [str(node["label"]) for node in page.study.nodes if not node.get("policies")]
    if len(futures) > 1:
        key = "goal.in_worst" if _worst(page) else "goal.in_future"
        yield labels(key, count=len(futures), future=labels.scenario(line["future"]))


def _worst(page: Page) -> bool:
    return bool((page.study.asked.get("goal") or {}).get("future") == "worst")


@finding("goal_curve", place=34)
def goal_curve(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """Everything tried."""
    labels, goal = page.labels, page.study.table("goal").iloc[0].to_dict()
    rows = []
    for line in frame.to_dict("records"):
        cells = odds(line["probability"], 0.6), level(line, "reached"), money(line, "cost", labels)
        future = texts(labels.scenario(line["future"])) if _worst(page) else ()
        rows.append([Cell(_value(line["vary"], line["value"], page)), *future, *cells])
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


@finding("event_study", place=35)
def event_study(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """What the reform did where it happened, before it and elsewhere."""
    labels = page.labels
    rows = [
        [
            Cell(labels(f"event.{line['event']}")),
            *texts(_province(line["province"], page)),
            effect(line),
            *texts(labels.quarter(line["start"]), labels.quarter(line["quarter"]), f"{line['banks']:.0f}"),
        ]
        for line in frame.to_dict("records")
    ]
    real = frame[frame["event"] == "real"].iloc[-1].to_dict()
    facts = {"province": _province(real["province"], page), "quarter": labels.quarter(real["quarter"])}
    yield labels("event.said", effect=spread(effect(real)), **facts)
    placebos = frame[frame["event"].isin(("date", "province"))]
    if len(placebos):
        most = placebos.iloc[int(placebos["effect"].abs().argmax())].to_dict()
        yield labels("event.placebos", count=len(placebos), effect=spread(effect(most)))
    keys = ("event", "province", "effect", "start", "quarter", "banks")
    yield page.table("event.study", [f"event.column.{key}" for key in keys], rows, frame, kind="pairs")


def _province(code: str, page: Page) -> str:
    """A province as the language names it."""
    return province(code, DATA, page.labels.language)
