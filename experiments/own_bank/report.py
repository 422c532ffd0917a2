"""The section on a bank that the user brings: its place, what binds it, when spending pays back, where it breaks."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from experiments.figures.lettering import safe
from experiments.labels import Labels, percent, plain, signed
from experiments.own_bank import answers, tables
from experiments.own_bank.figures import own_path, own_place, own_share, own_stress
from experiments.report.drawings import FORMATS, Drawing, finished
from experiments.report.material import Material
from experiments.report.reference import tiles
from experiments.report.table import Table
from experiments.results.statistics import ENDS, lookup, quantiles


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
        tables.share(material, labels),
        tables.maintenance(mine, labels),
        tables.staff(material, labels),
        *tables.changes(table, material, labels),
        tables.paid_back(table, material, labels),
        tables.early(mine, labels),
        tables.breaks(material, shown, labels),
    ]
    sentences = _sentences(bank, mine, material, labels)
    drawn = _figures(bank, mine, material, labels) + _figures_of_futures(
        bank["name"], table, material, labels
    )
    return OwnSection(sentences, drawn, [one for one in found if one])


def _sentences(bank: Any, mine: pd.DataFrame, material: Material, labels: Labels) -> list[str]:
    failed = answers.failures(mine).iloc[0]
    gains = answers.bottleneck(mine).set_index("dimension")["median"]
    paid = answers.payback(mine).iloc[0]
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
        *_of_futures(mine, material, labels),
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
    line = answers.against_its_kind(mine).iloc[0]
    key = {1: "own.plan_better", -1: "own.plan_worse", 0: "own.plan_same"}[int(line["clear"])]
    size = plain(abs(line["median"])) if line["clear"] else signed(line["median"])
    return labels(key, effect=size, low=signed(line["low90"]), high=signed(line["high90"]))


def _figures(bank: Any, mine: pd.DataFrame, material: Material, labels: Labels) -> list[Drawing]:
    plan = mine[(mine["variant"] == "plan") & mine["outcome"].isin(("spend_ratio", "free_budget"))]
    split = quantiles(plan.astype({"outcome": str, "quarter": str}), ["outcome", "quarter"], "value", ENDS)
    net = quantiles(answers.cumulated(mine), ["quarter"], "net", ENDS)
    share = mine[(mine["variant"] == "plan") & (mine["outcome"] == "run_share")]
    said = {
        "name": safe(bank["name"], 40),
        "year": str(material.year),
        "back": _back(answers.payback(mine).iloc[0], labels),
    }
    said["run"] = plain(share[share["quarter"] == material.quarter]["value"].median(), 0)
    folder = material.folder / "figures"
    folder.mkdir(exist_ok=True)
    formats = (material.settings.get("outputs") or {}).get("figures") or FORMATS
    plans = [
        ("own_place", lambda: own_place(answers.place(mine), labels, bank["name"])),
        ("own_path", lambda: own_path(split, net, labels, said)),
    ]
    return [finished(folder, formats, name, labels(f"own.{name[4:]}_name"), draw, "") for name, draw in plans]


def _of_futures(mine: pd.DataFrame, material: Material, labels: Labels) -> list[str]:
    """What share keeps the bank up, how much is maintenance, and whether people or training do more."""
    said = [_maintenance(mine, labels)]
    frame, staff = tables.read(material, "own_share"), tables.read(material, "own_staff")
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


def _figures_of_futures(name: str, table: pd.DataFrame, material: Material, labels: Labels) -> list[Drawing]:
    """Draw the chance of keeping up by share, and share and budget under stress."""
    folder = material.folder / "figures"
    formats = (material.settings.get("outputs") or {}).get("figures") or FORMATS
    drawn: list[Any] = []
    frame = tables.read(material, "own_share")
    if len(frame):
        least = tables.enough(frame[frame["scenario"] == frame["scenario"].iloc[0]])
        key, told = ("own.share_title", plain(100 * least)) if least else ("own.share_none", "")
        title = labels(key, name=safe(name, 40), share=told)
        drawn.append(("own_share", lambda: own_share(frame, labels, title)))
    paths = answers.stress(table)
    ends = lookup(paths[paths["quarter"] == paths["quarter"].max()], ["scenario", "outcome"])
    shown = [label for label in material.scenarios if not tables.plays_policy(label, material)]
    worst = min(shown, key=lambda label: ends[label, "inclusive_share"]["q50"])
    facts = {"share": plain(ends[worst, "inclusive_share"]["q50"], 0)}
    facts["money"] = plain(ends[worst, "change_budget"]["q50"], 2)
    heading = labels(
        "own.stress_title", name=safe(name, 40), worst=labels.inside(labels.scenario(worst)), **facts
    )
    drawn.append(("own_stress", lambda: own_stress(paths, labels, heading, shown)))
    return [finished(folder, formats, key, labels(f"own.{key[4:]}_name"), draw, "") for key, draw in drawn]
