"""How levers work together, when a threshold is passed, and where one mode beats another."""

from collections.abc import Iterator

import pandas as pd

from experiments.labels import Labels
from experiments.labels.numbers import digits, percent, scale, signed
from experiments.report.registry import Page, finding
from experiments.report.tables import DASH, Cell, Table, clear, effect, odds, share, spread, texts

FACTORIAL = ["scenario", "levers", "outcome", "bank_kind", "effect", "effect_low", "effect_high"]
SHOWN, NAMED = 20, 5  # pairs in the table, and in a sentence


@finding("pairs", place=20)
def pairs(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """Complements and substitutes, named, and what a lever does alone and in company."""
    labels, of = page.labels, str(frame["outcome"].iloc[0])
    frame = frame.assign(size=frame["interaction"].abs())
    yield from _alone_and_together(page)
    named = frame.drop_duplicates(["first", "second"])
    for verdict in ("complements", "substitutes"):
        mine = named[named["verdict"] == verdict]
        items = [
            f"{labels.policy(line['first'])} + {labels.policy(line['second'])} "
            f"({signed(scale(of) * line['interaction'], digits(of))})"
            for line in mine.nlargest(NAMED, "size").to_dict("records")
        ]
        key = f"analysis.{verdict}" if items else f"analysis.no_{verdict}"
        yield labels(key, count=len(mine), all=len(named), listing=labels.listing(items))
    rows = []
    for line in frame.sort_values("size", ascending=False).head(SHOWN).to_dict("records"):
        names = labels.scenario(line["scenario"]), labels.policy(line["first"]), labels.policy(line["second"])
        judged = Cell(labels(f"analysis.verdict_{line['verdict']}"))
        rows.append([*texts(*names), effect(line, "interaction", of, digits(of) + 1), judged])
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
            told = spread(effect(line, of=of))
            alone.append(labels("analysis.alone", policy=labels.policy(line["levers"]), effect=told, way=way))
        together = spread(effect(mine.iloc[-1].to_dict(), of=of))
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
        rows.append([share(float(str(strength))), *(effect(lines[step], of=of) for step in steps)])
    names = {"outcome": labels.outcome(of, kind), "first": first, "second": second}
    head = (labels("analysis.surface_head", **names), *map(percent, steps))
    yield page.table("analysis.surface", [f"={one}" for one in head], rows, frame, facts=names)


@finding("thresholds", place=22)
def thresholds(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """The distribution of the threshold years."""
    labels, rows = page.labels, []
    years = sorted(int(year) for year in frame["year"].unique())
    for (scenario, threshold), mine in frame.groupby(["scenario", "threshold"], sort=False):
        line, name = mine.iloc[0], labels.scenario(str(scenario))
        facts = {key: _year(line[key], page) for key in ("median", "low", "high")}
        facts |= {"scenario": name, "reached": percent(1 - line["never"]), "end": str(page.study.year)}
        yield labels(f"analysis.year_{threshold}", **facts)
        by = mine.set_index("year")["by_then"]
        title = Cell(f"{name}: {labels(f'analysis.threshold_{threshold}')}")
        rows.append([title, *(share(by[year], 0.6) for year in years)])
    head = ("by_year", *(f"={year}" for year in years))
    yield page.table("analysis.thresholds", head, rows, frame, wide=True)


def _year(value: float, page: Page) -> str:
    return f"{value:.0f}" if value == value else page.labels("analysis.after", year=page.study.year)


@finding("dispersion", place=23)
def dispersion(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """Two modes compared, by how unlike the members of a province are."""
    labels, rows = page.labels, []
    for (first, second), mine in frame.groupby(["first", "second"], sort=False):
        lines = mine.set_index("group").to_dict("index")
        names = {"first": labels.scenario(str(first)), "second": labels.scenario(str(second))}
        yield from _modes(lines, names, labels)
        for group, line in lines.items():
            shown = DASH if group == "slope" else Cell(f"{line['dispersion']:.1f}")
            cells = [Cell(f"{line['provinces']:.0f}"), shown, effect(line, "difference")]
            titles = [Cell(labels("analysis.versus", **names)), Cell(labels(f"analysis.group_{group}"))]
            rows.append([*titles, *cells, odds(line["probability"])])
    yield labels("analysis.modes_caution")
    head = ("modes", "provinces_by", "number", "dispersion", "difference", "ahead")
    yield page.table("analysis.dispersion", head, rows, frame)


def _modes(lines: dict[object, dict[object, float]], names: dict[str, str], labels: Labels) -> Iterator[str]:
    for group in ("all", "unlike"):
        if group in lines:
            line = lines[group]
            way = {1: "better", -1: "worse", 0: "open"}[clear(line, "difference")]
            where, told = labels(f"analysis.where_{group}"), spread(effect(line, "difference"))
            yield labels(f"analysis.mode_{way}", where=where, difference=told, **names)
    if "slope" in lines:
        line = lines["slope"]
        key = "analysis.slope" if clear(line, "difference") else "analysis.slope_open"
        yield labels(key, slope=spread(effect(line, "difference")), **names)
