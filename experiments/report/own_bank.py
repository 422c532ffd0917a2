"""The section on a bank that the user brings: its place, what binds it, when spending pays back, where it breaks."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from agents.honeycomb import DIMENSIONS
from experiments import own_bank
from experiments.figures.own_bank import own_path, own_place
from experiments.figures.style import percent
from experiments.report.drawings import FORMATS, Drawing, finished
from experiments.report.embed import data_link
from experiments.report.labels import Labels, plain, signed
from experiments.report.laboratory import words
from experiments.report.material import Material
from experiments.report.table import Cell, Table, band, interval
from experiments.statistics import lookup, quantiles

MOST = 8  # conditions shown
AGREED = 0.5  # share of resampled boxes that must have a bound
FINE = ("data_asset", "benefit", "free_budget", "language_model")


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
    tables = [
        _scenarios(table, material, labels),
        _marginal(mine, labels),
        _routes(mine, labels),
        _early(mine, labels),
        _breaks(material, shown, labels),
    ]
    sentences = _sentences(bank, mine, material, labels)
    return OwnSection(sentences, _figures(bank, mine, material, labels), [t for t in tables if t])


def _sentences(bank: Any, mine: pd.DataFrame, material: Material, labels: Labels) -> list[str]:
    failed = own_bank.failures(mine).iloc[0]
    gains = own_bank.bottleneck(mine).set_index("dimension")["median"]
    paid = own_bank.payback(mine).iloc[0]
    told = {
        "name": bank["name"],
        "kind": labels.inside(labels.name("kind", bank["kind"])),
        "province": bank["province"],
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
        labels("own.payback", **money),
        labels("own.limits"),
    ]


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
        "name": bank["name"],
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


def _scenarios(table: pd.DataFrame, material: Material, labels: Labels) -> Table:
    """Index, place and failure by scenario."""
    failed = lookup(own_bank.failures(table), ["scenario"])
    last = table[(table["variant"] == "plan") & (table["quarter"] == material.quarter)]
    bands = quantiles(
        last.astype({"scenario": str, "outcome": str}), ["scenario", "outcome"], "value", own_bank.LEVELS
    )
    cells = lookup(bands, ["scenario", "outcome"])
    rows = []
    for name in material.scenarios:
        shares = [Cell(percent(failed[name,][key])) for key in ("behind", "exhausted", "either")]
        levels = [band(cells[name, outcome]) for outcome in ("index", "percentile", "run_share")]
        rows.append([Cell(labels.scenario(name)), *levels, *shares])
    head = [labels("column.scenario"), labels("outcome.index"), labels("column.own_percentile")]
    head += [
        labels("outcome.run_share"),
        *(labels(f"column.own_{key}") for key in ("behind", "exhausted", "either")),
    ]
    return Table(
        head, rows, labels("own.scenarios_note"), labels("own.scenarios"), data_link(bands), wide=True
    )


def _marginal(mine: pd.DataFrame, labels: Labels) -> Table:
    """Points of the index a million yuan by dimension."""
    gains = own_bank.bottleneck(mine)
    line = lookup(gains, ["dimension"])
    plan = mine[mine["variant"] == "plan"]
    first, last = (plan[plan["quarter"] == edge(plan["quarter"].astype(str))] for edge in (min, max))
    score = [part.groupby("outcome", observed=True)["value"].median() for part in (first, last)]
    rows = [
        [
            Cell(labels.name("dimension", name)),
            *(Cell(plain(part[name])) for part in score),
            interval(line.get((name,)), 2),
        ]
        for name in DIMENSIONS
    ]
    head = [labels(f"column.{key}") for key in ("dimension", "own_start", "own_end", "own_gain")]
    return Table(head, rows, labels("own.marginal_note"), labels("own.marginal"), data_link(gains))


def _routes(mine: pd.DataFrame, labels: Labels) -> Table:
    """The four routes to language models."""
    found = own_bank.routes(mine)
    rows = []
    for line in found.to_dict("records"):
        name = labels.name("outcome", f"route_{line['route']}")
        if not line["adopted"]:
            rows.append([Cell(name), Cell(percent(0.0)), *[Cell("–")] * 3, Cell(signed(line["effect"]))])
            continue
        numbers = (
            f"{line['year']:.0f}",
            plain(line["paid"]),
            plain(line["maturity"], 0),
            signed(line["effect"]),
        )
        rows.append([Cell(name), Cell(percent(line["adopted"])), *map(Cell, numbers)])
    keys = ("own_route", "own_adopted", "own_year", "own_paid", "own_maturity", "effect")
    head = [labels(f"column.{key}") for key in keys]
    return Table(head, rows, labels("own.routes_note"), labels("own.routes"), data_link(found), wide=True)


def _early(mine: pd.DataFrame, labels: Labels) -> Table:
    """Leading indicators."""
    found = own_bank.early(mine)
    rows = []
    for (name,), line in lookup(found, ["outcome"]).items():
        title = labels.name("dimension" if name in DIMENSIONS else "outcome", name)
        rows.append([Cell(title), interval(line, 3 if name in FINE else 1)])
    head = [labels("column.outcome"), labels("column.effect")]
    return Table(head, rows, labels("own.early_note"), labels("own.early"), data_link(found))


def _breaks(material: Material, shown: str, labels: Labels) -> Table | None:
    """Parameters that decide about failure."""
    path = material.folder / "own_bank_breaks.parquet"
    if not path.exists():
        return None
    every = pd.read_parquet(path)
    mine = every[every["scenario"].astype(str) == shown]
    rows = []
    for line in mine.head(MOST).to_dict("records"):
        clear = abs(line["difference"]) > 2 * line["error"]
        bounds = "–"
        if line["stability"] >= AGREED:
            bounds = f"{line['low']:.3g} – {line['high']:.3g}"
        shares = [Cell(percent(line[key]), strong=clear) for key in ("fails_low", "fails_high")]
        rows.append([Cell(words.parameter(line["parameter"], labels)), *shares, Cell(bounds)])
    if not rows:
        return None
    first = mine.iloc[0]
    said = {"scenario": labels.scenario(shown), "failure": labels(f"own.failure_{first['failure']}")}
    note = labels("own.breaks_note", coverage=percent(first["coverage"]), count=len(mine), **said)
    head = [labels(f"column.{key}") for key in ("number", "own_low", "own_high", "own_bounds")]
    return Table(head, rows, note, labels("own.breaks"), data_link(every), wide=True)
