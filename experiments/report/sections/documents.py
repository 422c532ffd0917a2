"""Real documents as scenarios: clause by clause what is modelled, approximated or not."""

from collections.abc import Iterator

import pandas as pd

from experiments.labels.numbers import percent
from experiments.location import CONF
from experiments.report.registry import Block, Page, Points, section
from experiments.report.tables import Table, texts

STATES = ("modelled", "approximated", "not_modelled")


def documents() -> pd.DataFrame:
    """The clauses of every document that a scenario of the library stands for; issuer and date on each."""
    frame = pd.read_csv(CONF / "library" / "documents.csv", dtype=str)
    whole = ["issuer_en", "issuer_zh", "date"]
    frame[whole] = frame.groupby("scenario", sort=False)[whole].ffill()
    return frame.fillna("")


@section("documents", place=15, brief=15, always=False)
def clauses(page: Page) -> Iterator[Block]:
    """Which share of each document's clauses is not modelled, then the clauses."""
    labels, frame = page.labels, documents()
    mine = frame[frame["scenario"].isin(page.study.scenarios)]
    if mine.empty:
        return
    said = []
    for scenario, part in mine.groupby("scenario", sort=False):
        issuer = part["issuer_zh" if labels.chinese else "issuer_en"].iloc[0]
        left = float((part["state"] == "not_modelled").mean())
        facts = {"scenario": labels.scenario(str(scenario)), "issuer": issuer, "date": part["date"].iloc[0]}
        said.append(labels("documents.said", share=percent(left), clauses=len(part), **facts))
    yield Points(said)
    if page.brief:
        return
    rows = [
        texts(
            labels.scenario(line["scenario"]),
            line["clause_zh" if labels.chinese else "clause_en"],
            labels(f"documents.{line['state']}"),
            labels.policy(line["lever"]) if line["lever"] else "–",
        )
        for line in mine.to_dict("records")
    ]
    head = [labels("column.scenario"), *(labels(f"documents.{key}") for key in ("clause", "state", "lever"))]
    yield Table(head, rows, labels("documents.note"), kind="text")
