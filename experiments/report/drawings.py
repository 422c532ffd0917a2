"""Draw the figures of a study and make them part of a page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from agents.honeycomb import KINDS
from experiments.figures.fans import fans
from experiments.figures.honeycomb import honeycomb
from experiments.figures.network_map import network_map
from experiments.figures.province_map import province_map
from experiments.figures.style import finding, save
from experiments.figures.tornado import tornado
from experiments.figures.waterfall import waterfall
from experiments.figures.winners import winners
from experiments.labels import Labels
from experiments.report.embed import data_link, inline, picture
from experiments.report.graphs import network
from experiments.report.laboratory import words
from experiments.report.material import Material
from experiments.report.reference import observed_scores, tiles
from experiments.report.scoreboards import Drawn, Plan, asked_scoreboard, index_scoreboard
from experiments.results.statistics import paired_summary

FORMATS = ("svg", "png")
BRIEF = ("city", "rural")
LARGEST = 1_000_000  # bytes of an SVG on the page; beyond, its PNG stands there


@dataclass(frozen=True)
class Drawing:
    """A figure as the page shows it."""

    name: str
    caption: str
    finding: str
    image: Markup
    csv: str
    note: str = ""


def drawings(
    material: Material, labels: Labels, focus: str | None, surveyed: pd.DataFrame, levels: pd.DataFrame | None
) -> list[Drawing]:
    """Draw every figure that the study has tables for, and save it under ``figures/``.

    Parameters
    ----------
    material
        The study.
    labels
        The language.
    focus
        The scenario that figures of one scenario show; the baseline when there is none.
    surveyed, levels
        Distributions over the runs: see `experiments.report.levels`. Without levels only the scoreboard and the
        fans of city banks and rural institutions are drawn: what a brief shows.
    """
    folder = material.folder / "figures"
    folder.mkdir(exist_ok=True)
    plans = [index_scoreboard(material, labels)] if material.policies else []
    plans += asked_scoreboard(material, labels)
    kinds = [
        kind for kind in KINDS if kind in set(surveyed["bank_kind"]) and (levels is not None or kind in BRIEF)
    ]
    plans += [_fan(material, labels, surveyed, kind, focus) for kind in kinds]
    if levels is not None:
        plans += _all(material, labels, focus, levels)
    formats = (material.settings.get("outputs") or {}).get("figures") or FORMATS
    return [finished(folder, formats, name, caption, draw, note) for name, caption, draw, note in plans]


def _all(material: Material, labels: Labels, focus: str | None, levels: pd.DataFrame) -> list[Plan]:
    base = levels[levels["scenario"] == material.baseline]
    name = labels("honeycomb.name", scenario=labels.scenario(material.baseline))
    plans: list[Plan] = [("honeycomb", name, lambda: honeycomb(base, labels, material.baseline), "")]
    if focus:
        plans += _spread(material, labels, focus)
    for shown in (focus, material.baseline):
        nodes, edges = network(material.folder / "network", shown or material.baseline)
        if len(nodes):
            plans.append(_network(nodes, edges, labels, shown or material.baseline))
            break
    return plans + _deeper(material, labels, focus)


def _network(nodes: pd.DataFrame, edges: pd.DataFrame, labels: Labels, shown: str) -> Plan:
    name = labels("network.name", scenario=labels.scenario(shown))
    return "network_map", name, lambda: network_map(nodes, edges, labels, shown), ""


def brief_scoreboard(material: Material, labels: Labels, most: int) -> Drawing:
    """The scoreboard of the best scenarios alone, for a page that has no room for all."""
    asked = asked_scoreboard(material, labels, most)
    _, caption, draw, note = asked[0] if asked else index_scoreboard(material, labels, most)
    formats = (material.settings.get("outputs") or {}).get("figures") or FORMATS
    (material.folder / "figures").mkdir(exist_ok=True)
    return finished(material.folder / "figures", formats, "scoreboard_brief", caption, draw, note)


def _fan(material: Material, labels: Labels, surveyed: pd.DataFrame, kind: str, focus: str | None) -> Plan:
    scores = surveyed[surveyed["bank_kind"] == kind]
    seen = observed_scores(material.data)
    seen = seen[seen["bank_kind"] == kind]
    base = material.pairs.get(focus or "", material.baseline)
    words = {"kind": labels.name("kind", kind), "scenario": labels.scenario(focus or base)}
    caption = labels("fans.scenario_name" if focus else "fans.name", **words)
    note = (
        labels("note.large") if kind == "large" else _held(scores[scores["scenario"] == base], seen, labels)
    )
    effects = material.effects
    mine = effects[(effects["scenario"] == focus) & (effects["bank_kind"] == kind)]
    change = paired_summary(mine, ["outcome"]) if focus else None
    return f"fans_{kind}", caption, lambda: fans(scores, seen, labels, kind, base, focus, change), note


def _held(scores: pd.DataFrame, seen: pd.DataFrame, labels: Labels) -> str:
    """How many observed scores the baseline's bands hold, and the break in the questionnaire."""
    both = scores.merge(seen, on=["dimension", "year"])
    inside = int(both["score"].between(both["q05"], both["q95"]).sum())
    held = labels("fans.held", inside=inside, all=len(both)) if len(both) else ""
    return labels.sentences([held, labels("fans.note")])


def _spread(material: Material, labels: Labels, focus: str) -> list[Plan]:
    mine = material.distribution[material.distribution["scenario"] == focus]
    if mine.empty:
        return []
    words = {"scenario": labels.scenario(focus)}
    plans: list[Plan] = [
        ("winners", labels("winners.name", **words), lambda: winners(mine, labels, focus, material.year), "")
    ]
    local = mine[mine["grouping"] == "province"]
    places = tiles(material.data)
    if len(local) and len(places):
        pooled = _pooled(material, focus)
        draw = lambda: province_map(local, places, labels, focus, material.year, pooled)  # noqa: E731
        plans.append(("province_map", labels("province.name", **words), draw, ""))
    return plans


def _pooled(material: Material, focus: str) -> pd.DataFrame | None:
    """Provinces as the laboratory pools them; None where a study has not asked for it."""
    frame = _of(material, "winners", focus)
    if frame.empty or focus not in set(frame["scenario"].astype(str)):
        return None
    return frame[frame["grouping"] == "province"]


def _deeper(material: Material, labels: Labels, focus: str | None) -> list[Plan]:
    """The waterfalls and the tornado, when a study of channels or of parameters has left its tables here."""
    plans: list[Plan] = []
    parts = _of(material, "shapley", focus)
    if len(parts):
        what, name = _told(parts, labels), labels("waterfall.name", scenario=_called(parts, focus, labels))
        kind = (
            parts["decomposition"].astype(str)
            if "decomposition" in parts
            else pd.Series("levers", parts.index)
        )
        for number, chosen in enumerate(kind.unique()):
            mine = parts[kind == chosen]
            place = "waterfall" if number == 0 else f"waterfall_{number + 1}"
            plans.append((place, name, partial(waterfall, mine, labels, what), ""))
    frame = _of(material, "sensitivity", focus)
    if len(frame):
        frame = frame.assign(parameter=[words.parameter(str(key), labels) for key in frame["parameter"]])
        indices = [f"{order}{end}" for order in ("first", "total") for end in ("", "_low", "_high")]
        known = set(indices) <= set(frame) and frame[indices].notna().any(axis=None)
        shares = frame[["parameter", *indices]].dropna() if known else pd.DataFrame()
        centre = (
            float(frame["centre"].iloc[0]) if "centre" in frame else float(material.small["effect"].median())
        )
        floor = float(frame["seed_noise"].iloc[0]) if "seed_noise" in frame else float("nan")
        told, swings = _told(frame, labels), frame[["parameter", "low", "high"]]
        draw = lambda: tornado(swings, shares, labels, centre, floor, told)  # noqa: E731
        plans.append(("tornado", labels("tornado.name", scenario=_called(frame, focus, labels)), draw, ""))
    return plans


def _of(material: Material, table: str, focus: str | None) -> pd.DataFrame:
    """The rows of one scenario of a table: the one in focus, else the table's first; empty when there is no table."""
    path = material.folder / f"{table}.parquet"
    frame = pd.read_parquet(path) if path.exists() else pd.DataFrame()
    if "scenario" not in frame or frame.empty:
        return frame
    names = frame["scenario"].astype(str)
    return frame[names == (focus if focus in set(names) else names.iloc[0])].reset_index(drop=True)


def _called(frame: pd.DataFrame, focus: str | None, labels: Labels) -> str:
    return labels.scenario(str(frame["scenario"].iloc[0]) if "scenario" in frame else focus or "baseline")


def _told(frame: pd.DataFrame, labels: Labels) -> str:
    """What a table's effect is on, as the reader calls it."""
    if "outcome" not in frame or "bank_kind" not in frame:
        return ""
    return words.outcome(str(frame["outcome"].iloc[0]), str(frame["bank_kind"].iloc[0]), labels)


def finished(
    folder: Path, formats: Sequence[str], name: str, caption: str, draw: Callable[[], Drawn], note: str
) -> Drawing:
    """Draw a figure, save it in the folder and make it part of the page."""
    figure, frame = draw()
    text = finding(figure)
    svg, png = save(figure, folder, name, formats)
    image = picture(png(), text) if len(svg.encode()) > LARGEST else inline(svg, name, text)
    return Drawing(name, caption, text, image, data_link(frame), note)
