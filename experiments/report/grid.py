"""The page to hand on: three levers, five strengths each, every answer worked out beforehand; no Python, no network."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from experiments.analysis.interactions import PLACES
from experiments.labels import Labels
from experiments.labels.numbers import chance, percent
from experiments.report.embed import TEMPLATES, filled
from experiments.report.tables import effect


def cells(frame: pd.DataFrame, labels: Labels) -> dict[str, Any]:
    """What the page says at each triple of strengths, written as the tables write it.

    Parameters
    ----------
    frame : DataFrame
        ``grid`` of a study.
    labels : Labels

    Returns
    -------
    dict
        ``outcomes``: their names; ``cells``: by the places of the strengths (``0,2,4``) the cost and a row of effect,
        interval, probability and whether it is beyond noise for each outcome.
    """
    strengths = sorted(frame["first_strength"].unique())
    keys = [f"{name}_strength" for name in PLACES]
    outcomes = list(dict.fromkeys(zip(frame["outcome"], frame["bank_kind"], strict=True)))
    columns: dict[str, Any] = {}
    for triple, mine in frame.groupby(keys, sort=False):
        rows = []
        for line in mine.to_dict("records"):
            cell = effect(line, of=str(line["outcome"]))
            rows.append([cell.text, cell.interval, chance(line["probability"]), int(cell.strong)])
        place = ",".join(str(strengths.index(one)) for one in triple)
        columns[place] = {"cost": labels.money(float(mine["cost"].iloc[0])), "rows": rows}
    named = [labels.outcome(str(outcome), str(kind)) for outcome, kind in outcomes]
    return {"outcomes": named, "strengths": [percent(one) for one in strengths], "cells": columns}


def write_grid(folder: Path, frame: pd.DataFrame, labels: Labels, study: str, cite: list[str]) -> Path:
    """Write ``grid.html`` from the table of the grid."""
    line, data = frame.iloc[0], cells(frame, labels)
    code = (TEMPLATES / "grid.js").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    last = ",".join([str(len(data["strengths"]) - 1)] * len(PLACES))
    content = {
        "labels": labels,
        "study": study,
        "cite": cite,
        "title": labels("grid.title", scenario=labels.scenario(str(line["scenario"]))),
        "policies": [labels.policy(str(line[name])) for name in PLACES],
        "outcomes": data["outcomes"],
        "strengths": data["strengths"],
        "first": data["cells"][last],
        "data": Markup(text.replace("<", "\\u003c").replace("&", "\\u0026")),
        "code": Markup(code),
        "policy": f"'sha256-{digest}'",
    }
    path = folder / "grid.html"
    path.write_text(filled("grid.html.j2", **content), "utf-8")
    return path
