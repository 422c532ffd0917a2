"""The tables and numbers of docs/model.md, from the shipped facts: ``python -m tests.model_tables`` rewrites them.

A number in a sentence is followed by the id of its fact, as in ``76<!--memory-->``.
"""

import re
from pathlib import Path

import pandas as pd

from experiments.config.catalogue import row as known

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "model.md"
RESULTS = pd.read_csv(ROOT / "data" / "facts_result.csv").set_index("fact", drop=False)
TABLE = re.compile(r"<!-- table: (\w+) -->\n(.*?)<!-- end -->", re.DOTALL)
NUMBER = re.compile(r"[-−]?[\d.,]+<!--([\w:]+)-->")
LEVER = "lever:"


def plain(value: float, low: float, high: float) -> str:
    """A number with as many decimals as tell where in its band it lies."""
    return f"{value:,.{2 if high - low < 2 else 1 if high - low < 100 else 0}f}".replace("-", "−")


def rows(names: list[str]) -> str:
    head = "| what is known | model | band | published | unit | holds | used in the fit | source |"
    lines = [head, "|---|---|---|---|---|---|---|---|"]
    for line in RESULTS.loc[names].to_dict("records"):
        ends = line["low"], line["high"]
        value, low, high = (plain(one, *ends) for one in (line["value"], *ends))
        printed = plain(line["printed"], *ends) if line["printed"] == line["printed"] else ""
        cells = line["statement_en"], value, f"{low} to {high}", printed, line["unit"]
        verdict = "yes" if line["passed"] == "yes" else "**no**"
        lines.append("| " + " | ".join((*cells, verdict, line["used_in_fit"], line["source"])) + " |")
    return "\n".join(lines) + "\n"


def facts() -> str:
    return rows([name for name in RESULTS["fact"] if not name.startswith(LEVER)])


def failing() -> str:
    missed = RESULTS[(RESULTS["passed"] == "no") & ~RESULTS["fact"].str.startswith(LEVER)]
    return rows(list(missed["fact"]))


def effects() -> str:
    lines = ["| lever and target | plausible before | effect [90 % of runs] | inside |", "|---|---|---|---|"]
    for line in RESULTS[RESULTS["fact"].str.startswith(LEVER)].to_dict("records"):
        value, low, high = (
            f"{line[key]:+.1f}".replace("-", "−") for key in ("value", "value_low", "value_high")
        )
        inside = "yes" if line["passed"] == "yes" else "**no**"
        name = line["statement_en"].replace(": effect by 2030 on: ", ": ")
        lines.append(f"| {name} | {line['low']:g} to {line['high']:g} | {value} [{low}, {high}] | {inside} |")
    return "\n".join(lines) + "\n"


def sampled() -> str:
    """Numbers without a source that every member of the posterior holds."""
    members = pd.read_csv(ROOT / "data" / "posterior" / "members.csv", nrows=0).columns
    judged = [name for name in members if known(name).grade == "assumption"]
    lines = ["| number | meaning |", "|---|---|"]
    return "\n".join([*lines, *(f"| `{name}` | {known(name).meaning_en} |" for name in judged)]) + "\n"


TABLES = {f.__name__: f for f in (facts, failing, effects, sampled)}
COUNTS = {
    "held": lambda: (RESULTS["passed"] == "yes").sum(),
    "all": lambda: len(RESULTS),
    "free": lambda: (RESULTS["used_in_fit"] == "no").sum(),
    "free_held": lambda: ((RESULTS["used_in_fit"] == "no") & (RESULTS["passed"] == "yes")).sum(),
}


def told(name: str) -> str:
    """A number as the document writes it."""
    if name in COUNTS:
        return str(COUNTS[name]())
    line = RESULTS.loc[name]
    return plain(line["value"], line["low"], line["high"])


def rewritten(text: str) -> str:
    """The document with its tables and numbers as the shipped facts have them now."""
    text = TABLE.sub(lambda found: f"<!-- table: {found[1]} -->\n{TABLES[found[1]]()}<!-- end -->", text)
    return NUMBER.sub(lambda found: f"{told(found[1])}<!--{found[1]}-->", text)


if __name__ == "__main__":
    DOCUMENT.write_text(rewritten(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
