"""On what an effect depends, and what would be worth knowing."""

from typing import Any

from experiments.labels import Labels, plain
from experiments.report.embed import data_link
from experiments.report.laboratory import words
from experiments.report.material import Material
from experiments.report.table import Cell, Table

Part = tuple[list[str], list[Table]]
SHOWN = 12  # parameters; the rest are in the data


def information(frame: Any, material: Material, labels: Labels) -> Part:
    """What to find out first."""
    clear = frame[frame["clear"] > 0]
    known = clear.groupby("data", sort=False)["variance_share"].sum().sort_values(ascending=False)
    first = frame.iloc[0]
    of = words.outcome(str(first["outcome"]), str(first["bank_kind"]), labels)
    worth = plain(words.scale(str(first["outcome"])) * first["value_of_everything"], 2)
    said = [labels("lab.everything", value=worth, outcome=labels.inside(of))]
    if len(known):
        items = [
            f"{labels.name('data', str(name))} ({words.percent(share)})" for name, share in known.items()
        ]
        said.append(labels("lab.data", listing=labels.listing(items)))
    else:
        said.append(labels("lab.data_none"))
    rows = [
        [
            Cell(words.parameter(line["parameter"], labels)),
            Cell(labels.name("data", line["data"])),
            Cell(
                words.percent(line["variance_share"]), strong=line["variance_share"] > line["variance_noise"]
            ),
            Cell(words.percent(line["variance_noise"])),
            Cell(plain(line["value"], 3), strong=line["value"] > line["value_noise"]),
            Cell(plain(line["value_noise"], 3)),
        ]
        for line in frame.head(SHOWN).to_dict("records")
    ]
    keys = ("parameter", "told_by", "variance_share", "noise", "value", "noise")
    head = [labels(f"lab.{key}") for key in keys]
    note, title = labels("lab.information_note"), labels("lab.information_title")
    return said, [Table(head, rows, note, title, csv=data_link(frame))]


def sensitivity(frame: Any, material: Material, labels: Labels) -> Part:
    """What the effect in focus depends on."""
    first = frame.iloc[0]
    weighed = frame.dropna(subset=["total"]).sort_values("total", ascending=False)
    facts = {
        "scenario": labels.scenario(first["scenario"]),
        "parameter": words.parameter(first["parameter"], labels),
    }
    said = [labels("lab.screen", **facts, count=len(frame))]
    if len(weighed):
        line = weighed.iloc[0]
        shares = {"total": words.percent(line["total"]), "noise": words.percent(line["seed_noise"])}
        shares |= {"low": words.percent(line["total_low"]), "high": words.percent(line["total_high"])}
        said.append(labels("lab.sobol", parameter=words.parameter(line["parameter"], labels), **shares))
    of = str(first["outcome"])
    rows = [
        [
            Cell(words.parameter(line["parameter"], labels)),
            *(Cell(plain(words.scale(of) * line[key], 3)) for key in ("mu_star", "sigma", "low", "high")),
            *(_index(line, key) for key in ("first", "total")),
        ]
        for line in frame.head(SHOWN).to_dict("records")
    ]
    head = [
        labels(f"lab.{key}")
        for key in ("parameter", "mu_star", "sigma", "at_low", "at_high", "first", "total")
    ]
    note = labels(
        "lab.sensitivity_note", base=int(first["base_samples"]), noise=words.percent(first["seed_noise"])
    )
    return said, [Table(head, rows, note, labels("lab.sensitivity_title"), csv=data_link(frame))]


def _index(line: Any, key: str) -> Cell:
    """A Sobol index with its interval; a dash for what the screen left out."""
    if line[key] != line[key]:
        return Cell("–")
    low, high = line[f"{key}_low"], line[f"{key}_high"]
    return Cell(f"{line[key]:.2f}", low > 0, None, f"[{low:.2f}, {high:.2f}]")
