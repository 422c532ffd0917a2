"""The scoreboards of a study: on the index, and on the outcome that an analysis is about."""

from collections.abc import Callable

import pandas as pd
from matplotlib.figure import Figure

from experiments.analysis.outcome import better
from experiments.figures.scoreboard import Measure, scoreboard
from experiments.labels import Labels
from experiments.report.laboratory import words
from experiments.report.material import Material

Drawn = tuple[Figure, pd.DataFrame]
Plan = tuple[str, str, Callable[[], Drawn], str]  # name, caption, how it is drawn, note


def index_scoreboard(material: Material, labels: Labels, most: int | None = None) -> Plan:
    """A scoreboard on the index of small and medium banks, each weighing the same."""
    draw = lambda: scoreboard(material.small, material.added_costs, labels, material.year, most)  # noqa: E731
    count = len(material.policies)
    note = labels("note.scoreboard_most", most=most, count=count) if most and most < count else ""
    note = labels.sentences([labels("note.scoreboard"), note])
    return "scoreboard", labels("scoreboard.name"), draw, note


def asked_scoreboard(material: Material, labels: Labels, most: int | None = None) -> list[Plan]:
    """A scoreboard on the outcome that the analysis is about, where that is not the index of small and medium banks."""
    chosen = material.settings.get("analysis") or {}
    name, kind = str(chosen.get("outcome") or "index"), str(chosen.get("bank_kind") or "all")
    mine = material.effects
    mine = mine[(mine["outcome"] == name) & (mine["bank_kind"] == kind)]
    if (name, kind) == ("index", "all") or mine.empty:
        return []
    told = words.outcome(name, kind, labels)
    of = Measure(told, better(name), words.digits(name))
    scaled = mine.assign(effect=words.scale(name) * mine["effect"])
    draw = lambda: scoreboard(scaled, material.added_costs, labels, material.year, most, of)  # noqa: E731
    return [("scoreboard_asked", labels("scoreboard.of_name", outcome=labels.inside(told)), draw, "")]
