"""How levers work together, when a threshold is passed, and where one mode beats another."""

from typing import Any

import pandas as pd

from experiments.labels import Labels, chance, signed
from experiments.report.embed import data_link
from experiments.report.laboratory import words
from experiments.report.material import Material
from experiments.report.table import Cell, Table

Part = tuple[list[str], list[Table]]
SHOWN = 20


def pairs(frame: Any, material: Material, labels: Labels) -> Part:
    """Complements and substitutes, named, and what a lever does alone and in company."""
    of = str(frame["outcome"].iloc[0])
    said = _alone_and_together(material, labels)
    named = frame.drop_duplicates(["first", "second"])
    for verdict in ("complements", "substitutes"):
        mine = named[named["verdict"] == verdict].copy()
        mine["size"] = mine["interaction"].abs()
        items = [
            f"{labels.policy(line['first'])} + {labels.policy(line['second'])} "
            f"({signed(words.scale(of) * line['interaction'], words.digits(of))})"
            for line in mine.nlargest(5, "size").to_dict("records")
        ]
        key = f"lab.{verdict}" if items else f"lab.no_{verdict}"
        said.append(labels(key, count=len(mine), all=len(named), listing=labels.listing(items)))
    ordered = frame.assign(size=frame["interaction"].abs()).sort_values("size", ascending=False).head(SHOWN)
    rows = [
        [
            Cell(labels.scenario(line["scenario"])),
            Cell(labels.policy(line["first"])),
            Cell(labels.policy(line["second"])),
            words.cell(line, "interaction", of, words.digits(of) + 1),
            Cell(labels(f"lab.verdict_{line['verdict']}")),
        ]
        for line in ordered.to_dict("records")
    ]
    head = [
        labels("column.scenario"),
        *(labels(f"lab.{key}") for key in ("one", "other", "beyond", "verdict")),
    ]
    note, title = labels("lab.pairs_note"), labels("lab.pairs_title")
    return said, [Table(head, rows, note, title, csv=data_link(frame))]


def _alone_and_together(material: Material, labels: Labels) -> list[str]:
    path = material.folder / "factorial.parquet"
    table = pd.read_parquet(path) if path.exists() else pd.DataFrame()
    said = []
    for scenario in dict.fromkeys(table["scenario"]) if len(table) else ():
        mine = table[table["scenario"] == scenario]
        single = mine[~mine["levers"].str.contains("+", regex=False)]
        if len(single) != 2:
            continue
        of, kind = str(mine["outcome"].iloc[0]), str(mine["bank_kind"].iloc[0])
        alone = [
            labels(
                "lab.alone",
                policy=labels.policy(line["levers"]),
                effect=words.spread(line, "effect", of),
                way=labels(f"lab.{'beyond' if words.cell(line, 'effect', of).strong else 'within'}_noise"),
            )
            for line in single.to_dict("records")
        ]
        together = words.spread(mine.iloc[-1], "effect", of)
        facts = {"outcome": words.outcome(of, kind, labels), "listing": labels.listing(alone)}
        said.append(labels("lab.together", together=together, **facts))
    return said


def surface(frame: Any, material: Material, labels: Labels) -> Part:
    """The effect at every pair of strengths."""
    of, kind = str(frame["outcome"].iloc[0]), str(frame["bank_kind"].iloc[0])
    first, second = (labels.policy(str(frame[key].iloc[0])) for key in ("first", "second"))
    steps = sorted(frame["second_strength"].unique())
    rows = []
    for strength, mine in frame.groupby("first_strength"):
        lines = mine.set_index("second_strength")
        rows.append(
            [
                Cell(words.percent(float(str(strength)))),
                *(words.cell(lines.loc[s], "effect", of) for s in steps),
            ]
        )
    head = [labels("lab.surface_head", first=first, second=second), *(words.percent(step) for step in steps)]
    caption = labels("lab.surface_title", outcome=words.outcome(of, kind, labels), first=first, second=second)
    return [], [Table(head, rows, "", caption, csv=data_link(frame))]


def thresholds(frame: Any, material: Material, labels: Labels) -> Part:
    """The distribution of the threshold years."""
    said, rows = [], []
    years = sorted(int(year) for year in frame["year"].unique())
    for (scenario, threshold), mine in frame.groupby(["scenario", "threshold"], sort=False):
        line = mine.iloc[0]
        facts = {key: _year(line[key], material, labels) for key in ("median", "low", "high")}
        name = labels.scenario(str(scenario))
        facts |= {"scenario": name, "reached": words.percent(1 - line["never"]), "end": str(material.year)}
        said.append(labels(f"lab.year_{threshold}", **facts))
        by = mine.set_index("year")["by_then"]
        shares = [Cell(words.percent(by[year]), shade=0.6 * by[year]) for year in years]
        rows.append([Cell(f"{name}: {labels(f'lab.threshold_{threshold}')}"), *shares])
    head = [labels("lab.by_year"), *map(str, years)]
    note, title = labels("lab.thresholds_note"), labels("lab.thresholds_title")
    return said, [Table(head, rows, note, title, csv=data_link(frame), wide=True)]


def _year(value: float, material: Material, labels: Labels) -> str:
    return f"{value:.0f}" if value == value else labels("lab.after", year=material.year)


def dispersion(frame: Any, material: Material, labels: Labels) -> Part:
    """Two modes compared, by how unlike the members of a province are."""
    said, rows = [], []
    for (first, second), mine in frame.groupby(["first", "second"], sort=False):
        lines = mine.set_index("group")
        names = {"first": labels.scenario(str(first)), "second": labels.scenario(str(second))}
        for group in ("all", "unlike"):
            if group not in lines.index:
                continue
            line = lines.loc[group]
            key = (
                "better" if line["difference_low"] > 0 else "worse" if line["difference_high"] < 0 else "open"
            )
            place = labels(f"lab.where_{group}")
            said.append(
                labels(f"lab.mode_{key}", **names, where=place, difference=words.spread(line, "difference"))
            )
        if "slope" in lines.index:
            line = lines.loc["slope"]
            clear = line["difference_low"] > 0 or line["difference_high"] < 0
            told = words.spread(line, "difference")
            said.append(labels("lab.slope" if clear else "lab.slope_open", slope=told, **names))
        for group, line in lines.iterrows():
            shown = Cell("–") if group == "slope" else Cell(f"{line['dispersion']:.1f}")
            cells = [Cell(f"{line['provinces']:.0f}"), shown, words.cell(line, "difference")]
            what = Cell(labels("lab.versus", **names))
            rows.append([what, Cell(labels(f"lab.group_{group}")), *cells, Cell(chance(line["probability"]))])
    said.append(labels("lab.modes_caution"))
    keys = ("modes", "provinces_by", "number", "dispersion", "difference", "ahead")
    head = [labels(f"lab.{key}") for key in keys]
    note, title = labels("lab.dispersion_note"), labels("lab.dispersion_title")
    return said, [Table(head, rows, note, title, csv=data_link(frame))]
