"""The tables of a study as lines of text: scores by kind, and what each scenario changes."""

from pathlib import Path
from typing import Any

import pandas as pd

from agents.honeycomb import DIMENSIONS, KINDS

HEADS = {**{kind: kind for kind in KINDS}, "all": "small, medium"}
COLUMNS = ["scenario", "quantity", "measure", "outcome", "quarter", "bank_kind", "runs", "q05", "q50", "q95"]


def summary(folder: Path) -> str:
    """Summarise a study in tables of text: scores, effects, and whom the policies reach.

    Parameters
    ----------
    folder : Path
        The folder of a study.
    """
    bands = pd.read_parquet(folder / "bands.parquet", columns=COLUMNS)
    bands = bands[(bands["measure"] == "true") & bands["outcome"].isin([*DIMENSIONS, "index"])]
    levels, effects = bands[bands["quantity"] == "level"], bands[bands["quantity"] == "effect"]
    first, last = levels["quarter"].iloc[0], levels["quarter"].iloc[-1]
    baseline = levels["scenario"].iloc[0]
    title = f"Scores of {baseline}, {first} > {last}: median of {levels['runs'].max()} runs, true population"
    text = grid(
        title,
        "dimension",
        [score_row(levels, baseline, name, first, last) for name in (*DIMENSIONS, "index")],
    )
    rows = [effect_row(effects, name, last) for name in dict.fromkeys(effects["scenario"])]
    text += "\n" + effect_grid(rows, last) if rows else ""
    path = folder / "coverage.parquet"
    return text + ("\n" + reach(pd.read_parquet(path)) if path.exists() else "")


def reach(coverage: pd.DataFrame) -> str:
    """Lay out whom each policy reaches: banks, provinces and their share of all assets."""
    rows = [["scenario", "policy", "banks", "provinces", "assets"]]
    several = coverage["scenario"].value_counts() > 2  # else the only policy is all of them
    for line in coverage.to_dict("records"):
        if line["policy"] != "all" or several[line["scenario"]]:
            numbers = f"{line['banks']:,}", str(line["provinces"]), f"{100 * line['asset_share']:.1f} %"
            rows.append([line["scenario"], line["policy"], *numbers])
    return laid_out("Reach of each policy: banks, their provinces and their share of all assets", rows, 2)


def score_row(levels: pd.DataFrame, scenario: str, outcome: str, first: str, last: str) -> list[str]:
    """Return one line of the table of scores: first and last quarter by kind."""
    rows = levels[(levels["scenario"] == scenario) & (levels["outcome"] == outcome)]
    medians = rows.set_index(["quarter", "bank_kind"])["q50"]
    return [outcome, *(f"{at(medians, first, kind)} > {at(medians, last, kind)}" for kind in HEADS)]


def effect_row(effects: pd.DataFrame, scenario: str, last: str, label: str | None = None) -> list[str]:
    """Return one line of the table of effects: the change of the index by kind with its 90 % band."""
    rows = effects[
        (effects["scenario"] == scenario) & (effects["outcome"] == "index") & (effects["quarter"] == last)
    ].set_index("bank_kind")
    return [label or scenario, *(banded(rows.loc[kind]) if kind in rows.index else "-" for kind in HEADS)]


def effect_grid(rows: list[list[str]], last: str) -> str:
    """Lay the table of effects out."""
    return grid(f"Effect on the index in {last}, points: median [90 % band], paired", "scenario", rows)


def at(medians: Any, quarter: str, kind: str) -> str:
    """Return one median as text, a dash where there is none."""
    return f"{medians[quarter, kind]:.1f}" if (quarter, kind) in medians.index else "-"


def banded(row: Any) -> str:
    """Return a median and its band as text; what rounds to nothing has no sign of its own."""
    q05, q50, q95 = (round(float(row[q]), 2) + 0.0 for q in ("q05", "q50", "q95"))
    return f"{q50:+.2f} [{q05:+.2f}, {q95:+.2f}]"


def grid(title: str, corner: str, rows: list[list[str]]) -> str:
    """Lay rows out under the kinds of banks, and all small and medium ones."""
    return laid_out(title, [[corner, *HEADS.values()], *rows])


def laid_out(title: str, rows: list[list[str]], names: int = 1) -> str:
    """Lay rows out in columns of equal width under a title; the first row is the head, the first columns are names."""
    widths = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if c < names else cell.rjust(width)
            for c, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return "\n".join([title, lines[0], "-" * len(lines[0]), *lines[1:], ""])
