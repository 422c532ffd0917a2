"""The stylised facts: how many the model meets, which it does not, and each with its band and source."""

from collections.abc import Iterator

import pandas as pd

from experiments.labels.numbers import plain
from experiments.report.registry import Block, Page, Points, Text, section
from experiments.report.tables import Cell, Table, ends, texts

COLUMNS = ("fact", "model", "band", "printed", "unit", "passed", "fitted", "source")
SHIPPED = "facts_result.csv"


@section("facts", place=108, always=False)
def facts(page: Page) -> Iterator[Block]:
    """Failing facts in sight, all others a fold away; those of the shipped posterior where the study held none."""
    labels, own = page.labels, page.study.has("facts")
    frame = page.study.table("facts") if own else pd.read_csv(page.study.data / SHIPPED)
    held, free = frame["passed"] == "yes", frame["used_in_fit"] == "no"
    counts = {"held": held.sum(), "all": len(frame), "free_held": (held & free).sum(), "free": free.sum()}
    yield Text(labels("facts.own" if own else "facts.shipped"))
    yield Points([labels("facts.held", **counts), labels("facts.how")])
    if not held.all():
        yield _table(frame[~held], page, caption=labels("facts.failing", count=int((~held).sum())))
    yield _table(frame, page, folded=labels("facts.all", count=len(frame)))


def _table(frame: pd.DataFrame, page: Page, caption: str = "", folded: str = "") -> Table:
    labels = page.labels
    statement = "statement_zh" if labels.chinese else "statement_en"
    rows = []
    for line in frame.to_dict("records"):
        number = _digits(line["low"], line["high"])
        value, low, high = (plain(line[key], number) for key in ("value", "value_low", "value_high"))
        judged = line["source"] == "assumption"
        band = ends(plain(line["low"], number), plain(line["high"], number))
        words = labels(f"facts.{line['passed']}"), labels(f"facts.fit_{line['used_in_fit']}")
        source = labels.name("grade", line["source"]) if judged else line["source"]
        cell = Cell(value, strong=line["passed"] == "no", interval=ends(low, high))
        rest = texts(band, plain(line["printed"], number), labels.translated(line["unit"]), *words, source)
        rows.append([*texts(line[statement]), cell, *rest])
    head = [labels("column.unit" if key == "unit" else f"facts.column_{key}") for key in COLUMNS]
    data = None if caption else frame
    return Table(head, rows, caption=caption, data=data, kind="text", wide=True, folded=folded)


def _digits(low: float, high: float) -> int:
    """Decimals that tell where in its band a value lies."""
    return 2 if high - low < 2 else 1 if high - low < 100 else 0
