"""The assurance pack: what a reviewer of model risk (SR 11-7, AQuA) or of a model library (CoMSES) asks for.

``make assurance`` writes it to ``build/assurance.md``, ``make docs`` into the site. Every number is read from the table
that carries it, and that table, or the test that holds it, is named beside it.
"""

import ast
import csv
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from experiments.location import version  # noqa: E402

PURPOSE = """## 1 Purpose and misuse

The lab compares scenarios of supervision, public data, unions and banks' own plans: what moves, for whom, at what
cost, how surely. It serves discussion among people who know the field; no decision may rest on it alone. It is not a
forecast of any bank, not a rating, and not an estimate of the effect of any policy: effects enter as judgements with
ranges.

| misuse | why | what stands against it |
|---|---|---|
| a median without its interval | most of the spread is assumption | no table prints one alone; `tests/test_one_number.py` |
| a price that is withheld, worked out by hand | the gain is within noise | the reason stands in its place; `tests/test_policy_methods.py` |
| a ranking whose first place changes with an assumption | order is not identified | `experiment=robust_ranking` tells the condition of reversal |
| a survey score of one year read as that of the next | the questionnaire changes | like-for-like scores; `experiment=measurement_break` |
| a bank's own path of spending read off the model | banks of the model differ too little over time | fact `growth_differs` below fails in sight |
| a confidential study sent on | it holds a bank's books | `CONFIDENTIAL.txt`, `redact=`, `purge=`; `tests/test_own_bank.py` |

Roles: the owner of the model keeps rules, data and releases; who runs a study keeps its folder, which names
everything it rests on; a reviewer needs neither and can `verify=` or `replay=` any folder offline.
"""

CLAIMS = (
    ("The engine follows the rules as they are written", "an object a bank against arrays", "tests/model/test_reference.py"),
    ("Money adds up in every bank and quarter", "accounting identities", "tests/model/test_books.py"),
    ("More of this gives more of that", "a direction for each rule, lever and shock", "tests/model/test_directions.py"),
    ("Any number at either end of its range runs or is refused", "both ends of every row", "tests/model/test_bounds.py"),
    ("An empty policy is the baseline, bit for bit; order and workers do not matter", "invariance", "tests/model/test_invariance.py"),
    ("Numbers of the default study are those of the last release", "stored results", "tests/regression/test_regression.py"),
    ("Every number has unit, range, source and grade", "catalogue against conf and data", "tests/test_numbers.py"),
    ("ODD+D describes the code", "tables and sentences written from it", "tests/test_odd.py"),
    ("A study comes out again digit for digit, and one changed digit is named", "replay and verify", "tests/test_replay.py"),
    ("A killed study loses nothing finished", "kills, full disks, damage", "docs/promises.md"),
    ("A wrong setting is named before anything runs", "faults and mutations", "tests/test_config_mutations.py"),
    ("The fit recovers what is known", "linear problem, synthetic surveys", "tests/test_calibration.py"),
    ("Frozen projections are not rewritten", "digest, refusal", "tests/test_track_record.py"),
)  # fmt: skip

ASKED = (
    ("SR 11-7", "Purpose, intended use, restrictions", "1, 6"),
    ("SR 11-7", "Conceptual soundness, assumptions", "3; [ODD+D](odd.md)"),
    ("SR 11-7", "Data: quality, relevance, documentation", "2"),
    ("SR 11-7", "Developmental evidence, testing", "4"),
    ("SR 11-7", "Outcomes analysis, benchmarks, back-testing", "5; [Calibration](calibration.md)"),
    ("SR 11-7", "Sensitivity and uncertainty", "5; methods `sensitivity`, `variance`, `assumptions`"),
    ("SR 11-7", "Ongoing monitoring, change control", "8, 9"),
    ("AQuA", "Roles, proportionate assurance, single point of truth", "1; `conf/`, `data/`"),
    ("AQuA", "Verification and validation", "4, 5"),
    ("AQuA", "Uncertainty and limitations told to the user", "6, 7; first section of every report"),
    ("AQuA", "Assumptions and data logs", "2, 3; [Numbers](reference/numbers.md)"),
    ("CoMSES", "Documentation by a protocol", "[ODD+D](odd.md)"),
    ("CoMSES", "Clean, documented, licensed code that runs as described", "README; `.ci/run`; MIT"),
    (
        "CoMSES",
        "Dependencies pinned, environment reproducible",
        "`requirements.lock` by hash; `Containerfile`",
    ),
    ("CoMSES", "Published results reproducible", "`reproduce.sh`; `replay=`"),
    ("CoMSES", "Citation, metadata", "`CITATION.cff`; version and digests at the foot of every report"),
)


def rows(place: str) -> list[dict[str, str]]:
    """A table of the project."""
    with (ROOT / place).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(head: Iterable[str], lines: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    head = list(head)
    made = [[str(cell).replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *made)) + "\n"


def part(name: str) -> dict[str, Any]:
    """The result of a task of calibration."""
    found: dict[str, Any] = json.loads((ROOT / "docs" / "calibration" / f"{name}.json").read_text("utf-8"))
    return found


def pack() -> str:
    """The pack as Markdown; its links are those of a page of the site."""
    return "\n".join(
        [
            "# Assurance pack\n",
            identity(),
            PURPOSE,
            data_use(),
            concept(),
            verification(),
            validation(),
            limitations(),
            known_errors(),
            MONITORING,
            changes(),
            "## 10 Where a reviewer finds what is asked\n",
            table(("guide", "asks for", "section"), ASKED),
        ]
    )


def identity() -> str:
    """Versions and how to cite."""
    ensemble = json.loads((ROOT / "data" / "posterior" / "manifest.json").read_text("utf-8"))
    frozen = sorted(path.stem for path in (ROOT / "data" / "track_record").glob("*.csv"))
    return (
        f"Honeycomb Lab {version()}; posterior version {ensemble['version']} of {ensemble['members']} members in "
        f"{ensemble['parameters']} numbers (`{ensemble['members_sha256'][:16]}`, `data/posterior/manifest.json`); survey of "
        f"{ensemble['years'][0]} to {ensemble['years'][-1]} (`{ensemble['scores_sha256'][:16]}`). Cite these, with the result's "
        "number, as the foot of every report prints them; software: `CITATION.cff`. Frozen projections: "
        f"{', '.join(frozen) or 'none yet'} (`data/track_record`).\n\nMade from the project by `make assurance`; nothing here is "
        "typed twice.\n"
    )


def data_use() -> str:
    """Grades, tables, faults of the sources."""
    data = (ROOT / "data" / "README.md").read_text("utf-8").partition("## Grades")[2]
    data = data.partition("## Banks and provinces")[0].replace("](../docs/", "](")
    graded = Counter(row.get("grade") or "none" for path in sorted((ROOT / "data" / "source").glob("*.csv"))
                     for row in rows(f"data/source/{path.name}"))  # fmt: skip
    told = ", ".join(f"{number} {grade}" for grade, number in graded.most_common())
    return (
        f"## 2 Data use\n\nRows of `data/source` by grade: {told} (`tests/test_data.py` holds ids, grades and totals).\n\n"
        "### Grades" + re.sub(r"^## ", "### ", data, flags=re.MULTILINE)
    )


def concept() -> str:
    """What the model assumes, counted."""
    catalogue = rows("conf/catalogue.csv")
    grades = Counter(row["grade"] or "as the row with *" for row in catalogue)
    said = ", ".join(f"{number} {grade}" for grade, number in grades.most_common())
    sampled = sum(bool(row["sampled"]) for row in catalogue)
    informed = Counter(row["informed"] for row in part("calibrate")["parameters"])
    return (
        "## 3 Concept and assumptions\n\nThe mechanism on [one page](overview.md), every rule in [ODD+D](odd.md), every number in "
        f"[the catalogue](reference/numbers.md): {len(catalogue)} rows (`conf/catalogue.csv`), by grade {said}. {sampled} rows are "
        f"sampled in every study; of their {sum(informed.values())} numbers the data inform {informed['well']} well, "
        f"{informed['weakly']} weakly and {informed['no']} not at all (`docs/calibration/calibrate.json`). What is not informed is an "
        "assumption, and is carried as a range.\n"
    )


def verification() -> str:
    """Claims with their tests, and every test module with what it holds."""
    claims = [(claim, how, f"`{where}`") for claim, how, where in CLAIMS]
    modules = [
        (f"`{path.relative_to(ROOT).as_posix()}`", (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").split("\n")[0])
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
    ]  # fmt: skip
    return (
        "## 4 Verification: is the model built right?\n\n`make test` and `make test-slow` run all of it; `.ci/run` does so on a clean "
        "machine.\n\n" + table(("claim", "how it is held", "where"), claims) + f"\nAll {len(modules)} modules of tests:\n\n"
        + table(("tests", "what they hold"), modules)
    )  # fmt: skip


def validation() -> str:
    """Backtest, recovery, patterns, ablations and facts, with the tables that carry them."""
    recovery, patterns = part("recovery"), part("patterns")
    low, high = recovery["coverage_90_interval"]
    variants = {row["variant"]: row["misfit"] for row in part("ablations")["variants"]}
    apart = sorted(
        ((value - variants["whole"], name) for name, value in variants.items() if name != "whole"),
        reverse=True,
    )
    facts = sorted(rows("data/facts_result.csv"), key=lambda row: row["passed"] == "yes")
    free = [row for row in facts if row["used_in_fit"] == "no"]
    columns = ("statement_en", "value", "low", "high", "unit", "passed", "used_in_fit", "source")
    return "\n".join(
        [
            "## 5 Validation: is it the right model?\n",
            "### Out of sample, against rivals that know no economics\n",
            "`docs/calibration/backtest.json`; CRPS in points, lower is better; the difference is the model's less the rival's.\n",
            table(("cells", "forecaster", "CRPS", "90 % interval", "model less it", "90 % interval"), backtest()),
            "### Recovery, patterns, ablations\n",
            f"- Over {recovery['truths']} synthetic surveys the 90 % intervals hold {100 * recovery['coverage_90']:.0f} % of the truths "
            f"({100 * low:.0f} to {100 * high:.0f}), the 50 % intervals {100 * recovery['coverage_50']:.0f} % (`recovery.json`).",
            "- Patterns fixed before the fit: "
            + ", ".join(f"{row['pattern']} {'holds' if row['passed'] else '**fails**'}" for row in patterns["patterns"])
            + f"; {sum(row['passed'] for row in patterns['cases'])} of {len(patterns['cases'])} banks that the report tells of stand "
            "where the model's stand (`patterns.json`).",
            "- Misfit without one mechanism, beyond the whole model's: "
            + ", ".join(f"{name.replace('_', ' ')} {gap:+.1f}" for gap, name in apart)
            + ". Below 4 the data cannot tell (`ablations.json`).\n",
            "### Stylised facts\n",
            f"{sum(row['passed'] == 'yes' for row in facts)} of {len(facts)} hold; of the {len(free)} that nothing was fitted to, "
            f"{sum(row['passed'] == 'yes' for row in free)} (`data/facts_result.csv`, `experiment=facts`, `tests/test_facts.py`). Those "
            "that fail first:\n",
            table(columns, ([number(row[column]) for column in columns] for row in facts)),
        ]
    )  # fmt: skip


def backtest() -> list[tuple[str, ...]]:
    """Every forecaster over all years, with its distance to the model's loss."""
    lines = []
    for cells, forecasters in part("backtest")["pooled"].items():
        mine = next(row for row in forecasters if row["forecaster"] == "calibrated model")
        for row in sorted(forecasters, key=lambda row: row["crps"]):
            rival = {"partial pooling": "primary", "pooling, break and growth": "fairest"}.get(
                row["forecaster"]
            )
            gap = f"{mine[f'crps_less_{rival}']:+.2f}" if rival else ""
            ends = "{:+.2f} to {:+.2f}".format(*mine[f"crps_less_{rival}_interval"]) if rival else ""
            own = "{:.2f} to {:.2f}".format(*row["crps_interval"])
            lines.append((cells, row["forecaster"], f"{row['crps']:.2f}", own, gap, ends))
    return lines


def number(text: str) -> str:
    """A number of a table with three digits; anything else as it is."""
    try:
        return f"{float(text):.3g}" if abs(float(text)) < 1000 else f"{float(text):,.0f}"
    except ValueError:
        return text


def limitations() -> str:
    """Those of the README."""
    readme = (ROOT / "README.md").read_text("utf-8")
    limits = re.sub(r"\]\(docs/([^)]+)\)", r"](\1)", readme.partition("## Limits\n")[2].partition("\n## ")[0])
    return "## 6 Limitations\n" + limits


def known_errors() -> str:
    """What is known to be wrong, counted from the tables above, and faults of the sources."""
    failing = [row["fact"] for row in rows("data/facts_result.csv") if row["passed"] != "yes"]
    faults = rows("data/source/report_inconsistencies.csv")
    return (
        f"## 7 Known errors\n\n- {len(failing)} facts fail: {', '.join(f'`{name}`' for name in failing)}. Why, and what follows: [What the "
        "model carries](model.md).\n- Where a rival wins, and what is not identified, stands first in [Calibration](calibration.md).\n"
        f"- The report contradicts itself in {len(faults)} places (`data/source/report_inconsistencies.csv`); what is done about those that touch a number "
        "stands in section 2.\n"
    )


MONITORING = """## 8 Monitoring and change control

- **Track record.** With each release projections of the next editions are frozen under a digest, rivals beside them
  (`data/track_record`); `experiment=track_record calibration.scores=my_scores.csv` scores them when an edition appears.
- **Refit** after every change of a rule or of data: the ensemble belongs to the rules it was fitted with, and a test holds
  it to the catalogue.
- **A moved number** is an entry under *Results move* with size and reason; `compare=` attributes a difference between two
  studies to data, numbers, code and packages.
- **A release** follows the checklist of `CONTRIBUTING.md`.
"""


def changes() -> str:
    """The change log."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8").partition("\n## ")[2]
    return "## 9 Change log\n\n### " + re.sub(r"^(#+)", r"#\1", text, flags=re.MULTILINE)


def standing_alone(text: str) -> str:
    """The pack with links that hold from a folder beside ``docs``."""
    return re.sub(r"\]\(([\w/]+)\.(md|html)", r"](../docs/\1.\2", text)


def main() -> None:
    """Write the pack by itself."""
    place = ROOT / "build" / "assurance.md"
    place.parent.mkdir(exist_ok=True)
    place.write_text(standing_alone(pack()), "utf-8")
    print(place)


if __name__ == "__main__":
    main()
