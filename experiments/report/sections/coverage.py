"""Whom the policies reach: banks, provinces, and their share of assets."""

from collections.abc import Iterator

from experiments.labels.numbers import percent, plain
from experiments.report.registry import Block, Page, Points, section
from experiments.report.tables import Cell, Table

FEW_ASSETS, FEW_BANKS = 0.05, 5
ROWS = 10  # in a brief


@section("coverage", place=51, brief=45, tables=("coverage",), always=False)
def coverage(page: Page) -> Iterator[Block]:
    """Banks, provinces and share of assets that each policy of each scenario reaches; who reaches few is named."""
    labels, frame = page.labels, page.study.table("coverage")
    rows, few = [], []
    for line in frame.to_dict("records"):
        whole = line["policy"] == "all"
        names = (
            labels.scenario(line["scenario"]),
            labels("coverage.all") if whole else labels.policy(line["policy"]),
        )
        sizes = plain(line["banks"], 0), plain(line["provinces"], 0), percent(line["asset_share"])
        scarce = line["asset_share"] < FEW_ASSETS or line["banks"] < FEW_BANKS
        rows.append([Cell(names[0]), Cell(names[1]), *(Cell(size, strong=scarce) for size in sizes)])
        if scarce and not whole:
            facts = dict(zip(("banks", "provinces", "assets"), sizes, strict=True))
            few.append(labels("coverage.few", scenario=names[0], policy=names[1], **facts))
    if few:
        yield Points(few)
    head = [labels("column.scenario"), labels("column.policy")]
    head += [labels(f"column.{key}") for key in ("banks", "provinces", "asset_share")]
    most = ROWS if page.brief else len(rows)
    note = labels("note.coverage")
    if len(rows) > most:
        note = labels.sentences([note, labels("note.rows_most", most=most, count=len(rows))])
    if rows:
        yield Table(head, rows[:most], note, data=frame)
