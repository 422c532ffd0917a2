"""The section on a bank that the user brings: its place, what binds it, when spending pays back, where it breaks."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from experiments import own_bank
from experiments.figures.lettering import safe
from experiments.figures.own_bank import own_path, own_place
from experiments.labels import Labels, percent, plain, signed
from experiments.report import own_choices as choices
from experiments.report import own_futures as futures
from experiments.report import own_tables as tables
from experiments.report.drawings import FORMATS, Drawing, finished
from experiments.report.material import Material
from experiments.report.reference import tiles
from experiments.report.table import Table
from experiments.results.statistics import quantiles


@dataclass(frozen=True)
class OwnSection:
    """What the page shows of the own bank."""

    sentences: list[str]
    figures: list[Drawing]
    tables: list[Table]


def own_section(material: Material, labels: Labels) -> OwnSection | None:
    """Write the section; None when the study has no bank of the user's own."""
    bank = material.settings.get("bank")
    if not bank or not (material.folder / "own_bank.parquet").exists():
        return None
    table = pd.read_parquet(material.folder / "own_bank.parquet")
    shown = material.baseline
    mine = table[table["scenario"] == shown]
    found = [
        tables.scenarios(table, material, labels),
        tables.marginal(mine, labels),
        tables.routes(mine, labels),
        choices.share(material, labels),
        choices.maintenance(mine, labels),
        choices.staff(material, labels),
        *choices.changes(table, material, labels),
        choices.paid_back(table, material, labels),
        tables.early(mine, labels),
        tables.breaks(material, shown, labels),
    ]
    sentences = _sentences(bank, mine, material, labels)
    drawn = _figures(bank, mine, material, labels) + futures.figures(bank["name"], table, material, labels)
    return OwnSection(sentences, drawn, [one for one in found if one])


def _sentences(bank: Any, mine: pd.DataFrame, material: Material, labels: Labels) -> list[str]:
    failed = own_bank.failures(mine).iloc[0]
    gains = own_bank.bottleneck(mine).set_index("dimension")["median"]
    paid = own_bank.payback(mine).iloc[0]
    told = {
        "name": bank["name"],
        "kind": labels.inside(labels.name("kind", bank["kind"])),
        "province": _province(bank["province"], material, labels),
        "assets": plain(bank["assets"]["value"] / 1e9),
        "since": bank["since"],
        "scenario": labels.inside(labels.scenario(material.baseline)),
        "runs": material.runs,
    }
    most, least = (
        labels.inside(labels.name("dimension", str(name))) for name in (gains.idxmax(), gains.idxmin())
    )
    money = {"trough": plain(paid["trough"]), "net": signed(paid["net"]), "back": _back(paid, labels)}
    money |= {"low": signed(paid["net_low"]), "high": signed(paid["net_high"])}
    shares = {key: percent(failed[key]) for key in ("either", "behind", "exhausted")}
    gain = {"gain": signed(gains.max(), 2), "last": material.quarter}
    return [
        labels("own.is", **told),
        labels("own.fails", **shares),
        labels("own.bottleneck", dimension=most, least=least, **gain),
        *([_against(mine, labels)] if bank.get("plan") else []),
        *futures.sentences(mine, material, labels),
        labels("own.payback", **money),
        labels("own.limits"),
    ]


def _province(code: str, material: Material, labels: Labels) -> str:
    """Name of a province; its code where the folder of data does not name it."""
    names = tiles(material.data).set_index("code")[f"name_{labels.language}"]
    return str(names.get(code, code))


def _back(paid: pd.Series, labels: Labels) -> str:
    return labels("own.back", quarter=paid["quarter"]) if paid["quarter"] else labels("own.no_back")


def _against(mine: pd.DataFrame, labels: Labels) -> str:
    line = own_bank.against_its_kind(mine).iloc[0]
    key = {1: "own.plan_better", -1: "own.plan_worse", 0: "own.plan_same"}[int(line["clear"])]
    size = plain(abs(line["median"])) if line["clear"] else signed(line["median"])
    return labels(key, effect=size, low=signed(line["low90"]), high=signed(line["high90"]))


def _figures(bank: Any, mine: pd.DataFrame, material: Material, labels: Labels) -> list[Drawing]:
    plan = mine[(mine["variant"] == "plan") & mine["outcome"].isin(("spend_ratio", "free_budget"))]
    split = quantiles(
        plan.astype({"outcome": str, "quarter": str}), ["outcome", "quarter"], "value", own_bank.LEVELS
    )
    net = quantiles(own_bank.cumulated(mine), ["quarter"], "net", own_bank.LEVELS)
    share = mine[(mine["variant"] == "plan") & (mine["outcome"] == "run_share")]
    said = {
        "name": safe(bank["name"], 40),
        "year": str(material.year),
        "back": _back(own_bank.payback(mine).iloc[0], labels),
    }
    said["run"] = plain(share[share["quarter"] == material.quarter]["value"].median(), 0)
    folder = material.folder / "figures"
    folder.mkdir(exist_ok=True)
    formats = (material.settings.get("outputs") or {}).get("figures") or FORMATS
    plans = [
        ("own_place", lambda: own_place(own_bank.place(mine), labels, bank["name"])),
        ("own_path", lambda: own_path(split, net, labels, said)),
    ]
    return [finished(folder, formats, name, labels(f"own.{name[4:]}_name"), draw, "") for name, draw in plans]
