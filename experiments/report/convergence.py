"""What beta and sigma convergence say: whether the strong gain more, and whether banks grow apart."""

from typing import Any

from experiments.labels import Labels, plain
from experiments.report.embed import data_link
from experiments.report.laboratory import words
from experiments.report.material import Material
from experiments.report.table import Cell, Table


def convergence(frame: Any, material: Material, labels: Labels) -> tuple[list[str], list[Table]]:
    """Whether the strong gain more or all come back to the mean, and what that does to their spread."""
    said, rows = [], []
    for line in frame.to_dict("records"):
        group = labels(f"evidence.group_{line['group']}")
        if line["scenario"] == material.baseline and line["group"] in ("all", "within"):
            way = "up" if line["beta_low"] > 0 else "down" if line["beta_high"] < 0 else "open"
            wide = "up" if line["sigma_ratio_low"] > 1 else "down" if line["sigma_ratio_high"] < 1 else "open"
            told = {
                "group": group,
                "beta": words.spread(line, "beta"),
                "surveyed": words.spread(line, "beta_surveyed"),
            }
            told |= {"start": plain(line["sigma_start"]), "end": plain(line["sigma_end"])}
            spread = labels(f"evidence.sigma_{wide}")
            said.append(labels(f"evidence.beta_{way}", spread=spread, **told))
        cells = [
            Cell(plain(line["banks"], 0)),
            words.cell(line, "beta"),
            Cell(f"{line['probability']:.2f}"),
        ]
        cells += [
            words.cell(line, "beta_surveyed"),
            Cell(plain(line["sigma_start"])),
            Cell(plain(line["sigma_end"])),
        ]
        rows.append([Cell(labels.scenario(str(line["scenario"]))), Cell(group), *cells, _ratio(line)])
    keys = ("group", "banks", "beta", "probability", "surveyed", "start", "end", "ratio")
    head = [labels("column.scenario"), *(labels(f"evidence.{key}") for key in keys)]
    note, title = labels("evidence.convergence_note"), labels("evidence.convergence_title")
    return said, [Table(head, rows, note, title, csv=data_link(frame), wide=True)]


def _ratio(line: dict[str, Any]) -> Cell:
    low, high = line["sigma_ratio_low"], line["sigma_ratio_high"]
    text = f"{line['sigma_ratio']:.2f}"
    return Cell(text, strong=low > 1 or high < 1, interval=f"[{low:.2f}, {high:.2f}]")
