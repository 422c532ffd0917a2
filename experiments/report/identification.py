"""What the sloppiness spectrum says: which combinations of parameters the data tell."""

from typing import Any

from experiments.labels import Labels
from experiments.report.embed import data_link
from experiments.report.laboratory import words
from experiments.report.material import Material
from experiments.report.table import Cell, Table

ENDS = 2  # combinations told of at either end
HALF = 0.5


def identification(frame: Any, material: Material, labels: Labels) -> tuple[list[str], list[Table]]:
    """Say how many combinations are informed, and name the stiffest and the sloppiest."""
    firsts = frame[frame["rank"] == 1]
    counts = {"count": len(firsts), "informed": int(firsts["informed"].sum())}
    said = [labels("evidence.informed", half=int((firsts["variance"] < HALF).sum()), **counts)]
    made = {place: _made_of(mine, labels) for place, mine in frame.groupby("direction", sort=True)}
    order = list(made)
    for key, places in (("stiffest", order[:ENDS]), ("sloppiest", order[-ENDS:])):
        said.append(labels(f"evidence.{key}", listing=" / ".join(made[place] for place in places)))
    rows = [
        [
            Cell(f"{line['direction']:.0f}"),
            Cell(f"{line['variance']:.3f}", strong=bool(line["informed"])),
            Cell(f"{line['chance_low']:.3f}"),
            Cell(made[line["direction"]]),
        ]
        for line in firsts.to_dict("records")
    ]
    head = [labels(f"evidence.{key}") for key in ("direction", "variance", "chance_low", "made_of")]
    note, title = labels("evidence.spectrum_note"), labels("evidence.spectrum_title")
    return said, [Table(head, rows, note, title, csv=data_link(frame), wide=True)]


def _made_of(mine: Any, labels: Labels) -> str:
    """Parameters of a combination with their weights."""
    parts = [
        f"{words.parameter(str(line['parameter']), labels)} {line['loading']:+.2f}".replace("-", "−")
        for line in mine.to_dict("records")
    ]
    return labels.listing(parts)
