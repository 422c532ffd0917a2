"""A policy brief: what the report shows, cut to four printed pages."""

from dataclasses import replace
from typing import Any

from experiments.labels import Labels
from experiments.report.drawings import brief_scoreboard
from experiments.report.material import Material
from experiments.report.summary import summary
from experiments.report.table import Table

BRIEF = ("scoreboard", "fans_city", "fans_rural")  # figures of the brief
# Scenarios in its tables, scenarios in its words, sentences of its answer: four pages are all it has.
ROWS, SPOKEN, SAID = 10, 4, 5


def short(
    material: Material, labels: Labels, shared: dict[str, Any], paid: list[Table], told: Any
) -> dict[str, Any]:
    """Cut to the four pages of a brief what the report shows too.

    Parameters
    ----------
    material : Material
    labels : Labels
    shared : dict
        What the report shows: figures, effects, doubts, and ``found``, the distributions behind the summary.
    paid : list of Table
        Tables of costs.
    told : Answer or None
        The answer to the study's question.
    """
    figures = [drawing for drawing in shared["figures"] if drawing.name in BRIEF]
    asked = [drawing for drawing in shared["figures"] if drawing.name == "scoreboard_asked"]
    figures[:1] = asked or figures[:1]
    if len(material.policies) > ROWS:
        figures[0] = brief_scoreboard(material, labels, ROWS)
    return {
        **shared,
        "title": labels("page.brief"),
        "summary": summary(material, labels, shared["found"], SPOKEN),
        "figures": figures,
        "effects": [_shortened(table, labels) for table in shared["effects"][:1]],
        "costs": [_shortened(table, labels) for table in paid[:1]],
        "answer": told,
        "said": SAID,
    }


def _shortened(table: Table, labels: Labels) -> Table:
    if len(table.rows) <= ROWS:
        return table
    most = labels("note.scoreboard_most", most=ROWS, count=len(table.rows))
    return replace(table, rows=table.rows[:ROWS], note=labels.sentences([table.note, most]))
