"""Who gains and who loses: bands of change by kind, size and province, how unlike banks are, whether they converge."""

from collections.abc import Iterator
from functools import partial

import pandas as pd

from experiments.figures.source import province
from experiments.labels import Labels, chance, percent, plain
from experiments.report.registry import Page, finding
from experiments.report.tables import DASH, Cell, Line, Table, banded, clear, effect
from experiments.results.distribution import BANDS

GROUPS = ("kind", "size_quintile")
SAME = 0.1  # points between the provinces at either end that are not worth telling
SHARED = 0.05  # weight of its own banks below which a province only repeats the mean of all


@finding("winners", place=30)
def winners(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """Who gains and who loses under the scenario in focus, in five bands, and how many do under each of the others."""
    labels, focus = page.labels, page.study.shown_first(frame["scenario"])
    mine = frame[frame["scenario"] == focus]
    rows = [
        [_group(line, labels), effect(line), *(percent(line[band]) for band in BANDS)]
        for line in mine[mine["grouping"].isin(GROUPS)].to_dict("records")
    ]
    yield from _by_province(mine, page)
    head = ("group", "change", *(f"winners.{band}" for band in BANDS))
    facts = {"scenario": labels.scenario(focus)}
    yield page.table("analysis.winners", head, rows, frame, facts=facts)
    if frame["scenario"].nunique() > 1:
        yield _gains_and_losses(frame, page)


def _gains_and_losses(frame: pd.DataFrame, page: Page) -> Table:
    """Share of banks that gain, and that lose, by scenario and kind."""
    labels = page.labels
    kinds = frame[frame["grouping"] == "kind"]
    names = list(dict.fromkeys(kinds["group"]))
    rows = []
    for scenario, mine in kinds.groupby("scenario", sort=False):
        lines = mine.set_index("group")
        gain, lose = lines["gain"] + lines["gain_large"], lines["lose"] + lines["lose_large"]
        sides = [f"{percent(gain[name])} / {percent(lose[name])}" for name in names]
        rows.append([labels.scenario(str(scenario)), *sides])
    head = ("column.scenario", *(f"={labels.banks(name)}" for name in names))
    return page.table("analysis.gain_lose", head, rows)


def _group(line: Line, labels: Labels) -> str:
    if line["grouping"] == "kind":
        return labels.banks(line["group"])
    return labels("analysis.quintile", number=line["group"])


def _by_province(mine: pd.DataFrame, page: Page) -> Iterator[str]:
    """The provinces at either end after partial pooling, where they differ by more than chance."""
    labels = page.labels
    local = mine[mine["grouping"] == "province"].sort_values("effect")
    if len(local) < 2:
        return
    scenario = labels.scenario(str(local["scenario"].iloc[0]))
    ends = {"low": local.iloc[0].to_dict(), "high": local.iloc[-1].to_dict()}
    apart = ends["high"]["effect_low"] > ends["low"]["effect_high"]
    if local["weight"].max() < SHARED or ends["high"]["effect"] - ends["low"]["effect"] < SAME:
        yield labels("analysis.provinces_alike", scenario=scenario)
        return
    place = partial(province, data=page.study.data, language=labels.language)
    names = {end: place(str(line["group"])) for end, line in ends.items()}
    facts = {f"{end}_effect": effect(line) for end, line in ends.items()}
    key = "analysis.provinces" if apart else "analysis.provinces_overlap"
    yield labels(key, scenario=scenario, **names, **facts)


@finding("dispersion", place=23)
def dispersion(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """Two modes compared, by how unlike a province's institutions are."""
    labels, rows = page.labels, []
    for (first, second), mine in frame.groupby(["first", "second"], sort=False):
        lines = mine.set_index("group").to_dict("index")
        names = {"first": labels.scenario(str(first)), "second": labels.scenario(str(second))}
        yield from _modes(lines, names, labels)
        for group, line in lines.items():
            level = DASH if group == "slope" else f"{line['dispersion']:.1f}"
            cells = [f"{line['provinces']:.0f}", level, effect(line, "difference")]
            titles = [labels("analysis.versus", **names), labels(f"analysis.group_{group}")]
            rows.append([*titles, *cells, chance(line["probability"])])
    yield labels("analysis.modes_caution")
    head = ("modes", "provinces_by", "number", "dispersion", "difference", "ahead")
    yield page.table("analysis.dispersion", head, rows, frame)


def _modes(lines: dict[object, dict[object, float]], names: dict[str, str], labels: Labels) -> Iterator[str]:
    for group in ("all", "unlike"):
        if group in lines:
            line = lines[group]
            way = {1: "better", -1: "worse", 0: "open"}[clear(line, "difference")]
            where, difference = labels(f"analysis.where_{group}"), effect(line, "difference")
            yield labels(f"analysis.mode_{way}", where=where, difference=difference, **names)
    if "slope" in lines:
        line = lines["slope"]
        key = "analysis.slope" if clear(line, "difference") else "analysis.slope_open"
        yield labels(key, slope=effect(line, "difference"), **names)


@finding("convergence", place=51)
def convergence(frame: pd.DataFrame, page: Page) -> Iterator[str | Table]:
    """Whether the strong gain more or all come back to the mean, and what that does to their spread."""
    labels, rows = page.labels, []
    for line in frame.to_dict("records"):
        group = labels(f"evidence.group_{line['group']}")
        beta, surveyed = effect(line, "beta"), effect(line, "beta_surveyed")
        sizes = {"start": plain(line["sigma_start"]), "end": plain(line["sigma_end"])}
        if line["scenario"] == page.study.baseline and line["group"] in ("all", "within"):
            way = {1: "up", -1: "down", 0: "open"}[clear(line, "beta")]
            facts = {"group": group, "beta": beta, "surveyed": surveyed, **sizes}
            apart = labels(f"evidence.sigma_{_apart(line)}")
            yield labels(f"evidence.beta_{way}", spread=apart, **facts)
        cells = [plain(line["banks"], 0), beta, f"{line['probability']:.2f}", surveyed]
        cells += [*map(Cell, sizes.values()), _ratio(line)]
        rows.append([labels.scenario(str(line["scenario"])), group, *cells])
    keys = ("group", "banks", "beta", "probability", "surveyed", "start", "end", "ratio")
    yield page.table("evidence.convergence", ("column.scenario", *keys), rows, frame, wide=True)


def _apart(line: Line) -> str:
    """Whether the banks grow apart, draw together, or neither beyond noise."""
    return "up" if line["sigma_ratio_low"] > 1 else "down" if line["sigma_ratio_high"] < 1 else "open"


def _ratio(line: Line) -> Cell:
    values = (line[f"sigma_ratio{end}"] for end in ("", "_low", "_high"))
    return banded(values, "{:.2f}".format, _apart(line) != "open")
