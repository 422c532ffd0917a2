"""The section of a study's question: what was asked, the answer in plain words, and the tables behind it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from experiments.analysis.questions import QUESTIONS
from experiments.labels import Labels
from experiments.report.evidence import PARTS as EVIDENCE
from experiments.report.laboratory import choice, doubt, gains, knowledge, structure
from experiments.report.laboratory.measured import baseline, measured, paths
from experiments.report.material import Material
from experiments.report.table import Table

Part = tuple[list[str], list[Table]]
PARTS: dict[str, Callable[[Any, Material, Labels], Part]] = {
    "frontier": choice.frontier,
    "ranking": choice.ranking,
    "reversal": choice.reversal,
    "pairs": structure.pairs,
    "surface": structure.surface,
    "thresholds": structure.thresholds,
    "dispersion": structure.dispersion,
    "winners": gains.winners,
    "information": knowledge.information,
    "sensitivity": knowledge.sensitivity,
    "variance": doubt.variance,
    "discovery": doubt.discovery,
    "assumptions": doubt.assumptions,
    **EVIDENCE,
}
# Questions that effects themselves answer, and on what.
MEASURED = {
    "Q003": (("gini", "all"), ("p90_p10", "all"), ("rural_city_gap", "all")),
    "Q005": (("index", "rural"), ("index", "city"), ("language_model", "all"), ("budget_exhausted", "all")),
    "Q008": (("export_hhi", "all"), ("vendor_hhi", "all"), ("outage_exposure", "all"), ("index", "rural")),
}
# Those whose answer is a path over the years.
PATHS = {"Q001": (("rural_city_gap", "all"),), **MEASURED}
# Those that are asked of a moment before the end as well: the year in which the vendor fails.
MOMENTS = {"Q008": "2026Q4"}


@dataclass(frozen=True)
class Answer:
    """A question, the sentences that answer it and the tables they rest on."""

    question: str
    sentences: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def answer(material: Material, labels: Labels) -> Answer | None:
    """Tell what the tables of the policy laboratory say.

    Parameters
    ----------
    material : Material
        The study; its settings may hold ``analysis.question``.
    labels : Labels
        The language.

    Returns
    -------
    Answer or None
        None when the study has no table of the laboratory.
    """
    asked = str((material.settings.get("analysis") or {}).get("question") or "")
    found = Answer(labels(f"question.{asked}") if asked else "")
    found.sentences.extend(baseline(PATHS.get(asked, ()), material, labels))
    if asked in MEASURED:
        found.sentences.extend(measured(MEASURED[asked], material, labels))
    if asked in MOMENTS:
        found.sentences.extend(measured(MEASURED[asked], material, labels, MOMENTS[asked]))
    if asked in PATHS:
        found.tables.extend(paths(PATHS[asked], material, labels))
    first = next((question.tables for question in QUESTIONS if question.id == asked), ())
    order = {name: place for place, name in enumerate(first)}
    for name, tell in sorted(PARTS.items(), key=lambda part: order.get(part[0], len(PARTS))):
        path = material.folder / f"{name}.parquet"
        frame = pd.read_parquet(path) if path.exists() else pd.DataFrame()
        if len(frame):
            sentences, tables = tell(frame, material, labels)
            found.sentences.extend(sentence for sentence in sentences if sentence)
            found.tables.extend(tables)
    return found if found.sentences or found.tables else None
