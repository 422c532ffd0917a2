"""The section on a bank that the user brings: its place, what binds it, when spending pays back, where it breaks."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from experiments.figures.reference import province
from experiments.figures.registry import Plan
from experiments.figures.source import StudyTables
from experiments.figures.style import safe
from experiments.labels import Labels
from experiments.labels.numbers import percent, plain, signed
from experiments.own_bank import answers, tables
from experiments.own_bank.figures import own_path, own_place, own_share, own_stress
from experiments.report.embed import drawn
from experiments.report.registry import Block, Page, Points, section
from experiments.results.statistics import ENDS, lookup, quantiles


@section("own_bank", place=20, tables=("own_bank",), always=False)
def own_section(page: Page) -> Iterator[Block]:
    """Say, draw and list what the study holds of the user's own bank."""
    study, labels = page.study, page.labels
    bank = study.settings.get("bank")
    if not bank:
        return
    table = pd.read_parquet(study.folder / "own_bank.parquet")
    shown = study.baseline
    mine = table[table["scenario"] == shown]
    found = [
        tables.scenarios(table, study, labels),
        tables.marginal(mine, labels),
        tables.routes(mine, labels),
        tables.share(study, labels),
        tables.maintenance(mine, labels),
        tables.staff(study, labels),
        *tables.changes(table, study, labels),
        tables.paid_back(table, study, labels),
        tables.early(mine, labels),
        tables.breaks(study, shown, labels),
    ]
    yield Points(_sentences(bank, mine, study, labels))
    plans = _figures(bank, mine, study, labels) + _figures_of_futures(bank["name"], table, study, labels)
    yield from (drawn(plan, study) for plan in plans)
    yield from (one for one in found if one)


def _sentences(bank: Any, mine: pd.DataFrame, study: StudyTables, labels: Labels) -> list[str]:
    failed = answers.failures(mine).iloc[0]
    gains = answers.bottleneck(mine).set_index("dimension")["median"]
    paid = answers.payback(mine).iloc[0]
    given = bank["assets"]  # with its unit in a manifest of before
    assets = given["value"] if isinstance(given, Mapping) else given
    told = {
        "name": bank["name"],
        "kind": labels.inside(labels.name("kind", bank["kind"])),
        "province": province(bank["province"], study.data, labels.language),
        "assets": labels.money(assets / 1e6) if labels.chinese else plain(assets / 1e9),
        "since": bank["since"],
        "scenario": labels.inside(labels.scenario(study.baseline)),
        "runs": study.runs,
    }
    most, least = (
        labels.inside(labels.name("dimension", str(name))) for name in (gains.idxmax(), gains.idxmin())
    )
    money = {
        "trough": labels.money(paid["trough"]),
        "net": labels.balance(paid["net"]),
        "back": _back(paid, labels),
    }
    money |= {"low": labels.balance(paid["net_low"]), "high": labels.balance(paid["net_high"])}
    shares = {key: percent(failed[key]) for key in ("either", "behind", "exhausted")}
    gain = {"gain": signed(gains.max(), 2), "last": study.quarter}
    return [
        labels("own.is", **told),
        labels("own.fails", **shares),
        labels("own.bottleneck", dimension=most, least=least, **gain),
        *([_against(mine, labels)] if bank.get("plan") else []),
        *_of_futures(mine, study, labels),
        labels("own.payback", **money),
        labels("own.limits"),
    ]


def _back(paid: pd.Series, labels: Labels) -> str:
    return labels("own.back", quarter=paid["quarter"]) if paid["quarter"] else labels("own.no_back")


def _against(mine: pd.DataFrame, labels: Labels) -> str:
    line = answers.against_its_kind(mine).iloc[0]
    key = {1: "own.plan_better", -1: "own.plan_worse", 0: "own.plan_same"}[int(line["clear"])]
    size = plain(abs(line["median"])) if line["clear"] else signed(line["median"])
    return labels(key, effect=size, low=signed(line["low90"]), high=signed(line["high90"]))


def _figures(bank: Any, mine: pd.DataFrame, study: StudyTables, labels: Labels) -> list[Plan]:
    plan = mine[(mine["variant"] == "plan") & mine["outcome"].isin(("spend_ratio", "free_budget"))]
    split = quantiles(plan.astype({"outcome": str, "quarter": str}), ["outcome", "quarter"], "value", ENDS)
    net = quantiles(answers.cumulated(mine), ["quarter"], "net", ENDS)
    share = mine[(mine["variant"] == "plan") & (mine["outcome"] == "run_share")]
    said = {
        "name": safe(bank["name"], 40),
        "year": str(study.year),
        "back": _back(answers.payback(mine).iloc[0], labels),
    }
    said["run"] = plain(share[share["quarter"] == study.quarter]["value"].median(), 0)
    plans = [
        ("own_place", lambda: own_place(answers.place(mine), labels, bank["name"])),
        ("own_path", lambda: own_path(split, net, labels, said)),
    ]
    return [Plan(name, labels(f"own.{name[4:]}_name"), draw) for name, draw in plans]


def _of_futures(mine: pd.DataFrame, study: StudyTables, labels: Labels) -> list[str]:
    """What share keeps the bank up, how much is maintenance, and whether people or training do more."""
    said = [_maintenance(mine, labels)]
    frame, staff = tables.read(study, "own_share"), tables.read(study, "own_staff")
    if len(frame):
        listed = [_takes(str(name), rows, labels) for name, rows in frame.groupby("scenario", sort=False)]
        own = 100 * float(frame.loc[frame["own"] > 0, "spend_ratio"].iloc[0])
        said.insert(
            0, labels("own.share_is", listing=labels.listing(listed), own=f"{own:.1f}\N{NO-BREAK SPACE}%")
        )
    if len(staff):
        cells = lookup(staff, ["hired", "trained"])
        hired, trained = staff["hired"].max(), staff["trained"].max()
        if hired == 1.0 and (hired, 0.0) in cells and (0.0, trained) in cells:
            gains = {"hire": cells[hired, 0.0]["effect"], "train": cells[0.0, trained]["effect"]}
            told = {name: signed(gain) for name, gain in gains.items()}
            said.append(labels("own.staff_is", part=f"{100 * trained:.0f}", **told))
    return said


def _takes(scenario: str, rows: pd.DataFrame, labels: Labels) -> str:
    least, name = tables.enough(rows), labels.inside(labels.scenario(scenario))
    if least is None:
        return labels("own.share_never", share=plain(100 * rows["spend_ratio"].max()), scenario=name)
    return labels("own.share_of", share=plain(100 * least), scenario=name)


def _maintenance(mine: pd.DataFrame, labels: Labels) -> str:
    lines = answers.maintenance(mine).to_dict("records")
    then, last = lines[min(1, len(lines) - 1)], lines[-1]
    told = {"share": plain(then["q50"], 0), "low": plain(then["q05"], 0), "high": plain(then["q95"], 0)}
    return labels(
        "own.maintenance_is",
        next=str(then["year"]),
        last=str(last["year"]),
        end=plain(last["q50"], 0),
        **told,
    )


def _figures_of_futures(name: str, table: pd.DataFrame, study: StudyTables, labels: Labels) -> list[Plan]:
    """Draw the chance of keeping up by share, and share and budget under stress."""
    plans: list[Any] = []
    frame = tables.read(study, "own_share")
    if len(frame):
        least = tables.enough(frame[frame["scenario"] == frame["scenario"].iloc[0]])
        key, told = ("own.share_title", plain(100 * least)) if least else ("own.share_none", "")
        title = labels(key, name=safe(name, 40), share=told)
        plans.append(("own_share", lambda: own_share(frame, labels, title)))
    paths = answers.stress(table)
    ends = lookup(paths[paths["quarter"] == paths["quarter"].max()], ["scenario", "outcome"])
    shown = [label for label in study.scenarios if not tables.plays_policy(label, study)]
    worst = min(shown, key=lambda label: ends[label, "inclusive_share"]["q50"])
    facts = {"share": plain(ends[worst, "inclusive_share"]["q50"], 0)}
    facts["money"] = labels.money(ends[worst, "change_budget"]["q50"])
    heading = labels(
        "own.stress_title", name=safe(name, 40), worst=labels.inside(labels.under(worst)), **facts
    )
    plans.append(("own_stress", lambda: own_stress(paths, labels, heading, shown)))
    return [Plan(key, labels(f"own.{key[4:]}_name"), draw) for key, draw in plans]
