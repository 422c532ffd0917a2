"""Pages of the documentation that are made from the project itself: the home page and the reference.

MkDocs calls these functions (``hooks`` in mkdocs.yml). Nothing is written into the repository.
"""

import ast
import csv
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # MkDocs runs from its own folder

from model.outcomes import OUTCOMES  # noqa: E402
from model.policy import LEVERS  # noqa: E402
from model.shock import SHOCKS  # noqa: E402


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    pages = {
        "index.md": home(),
        "reference/levers.md": levers(),
        "reference/items.md": items(),
        "reference/outcomes.md": outcomes(),
        "reference/numbers.md": numbers(),
        "reference/scenarios.md": scenarios(),
        "assurance.md": assurance(),
    }
    for place, content in pages.items():
        files.append(File.generated(config, place, content=content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links to files of the repository that are no pages become their names."""
    return re.sub(r"\[([^\]]+)\]\(\.\./([^)]+)\)", r"\1 (`\2`)", markdown)


def home() -> str:
    """The README as the first page."""
    text = (ROOT / "README.md").read_text("utf-8")
    text = re.sub(r"\]\(docs/([^)]+)\)", r"](\1)", text)
    return re.sub(r"\[([^\]]+)\]\(((?:LICENSE|CITATION\.cff|CHANGELOG\.md|data/)[^)]*)\)", r"`\2`", text)


def rows(place: str) -> list[dict[str, str]]:
    """A table of the project."""
    with (ROOT / place).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(head: Iterable[str], lines: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    head = list(head)
    made = [[str(cell).replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *made)) + "\n"


def definitions(group: str) -> dict[str, Mapping[str, Any]]:
    """The policies or shocks of ``conf``, by name."""
    files = sorted((ROOT / "conf" / group).glob("*.yaml"))
    return {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in files}


def levers() -> str:
    """Every shipped policy and shock with its target, ranges and source; every lever there is."""
    catalogue = {row["name"]: row for row in rows("conf/catalogue.csv")}

    def within(name: str, lever: str) -> str:
        row = catalogue.get(f"policies.{name}.effects.{lever}") or catalogue[f"policies.*.effects.{lever}"]
        return f"{row['low']} to {row['high']}"

    text = "# Levers and shocks\n\nEffects are judgements with ranges, drawn anew in every run; no datum tells them.\n"
    for name, said in definitions("policies").items():
        target = said["target"]
        low, high = target["range"]
        text += f"\n## {said['title']['en']} ({said['title']['zh']})\n\n"
        text += f"`{name}`: {said['does']['en']}\n\n{said['does']['zh']}\n\n"
        text += f"Target: {target['outcome']}, {target['bank_kind']}; {low} to {high} points by 2030 are plausible. "
        text += f"Source {said['source']}, {said['grade']}.\n\n"
        effects = [(lever, value, within(name, lever)) for lever, value in said["effects"].items()]
        text += table(("lever", "value", "drawn from"), effects)
        costs = [(c, v["payer"], v["per"], f"{v['amount']:g}") for c, v in said["costs"].items()]
        text += "\n" + table(("cost", "payer", "per", "amount"), costs)
    text += "\n## Shocks\n\n"
    text += table(
        ("shock", "title", "what it does", "effects"),
        (
            (
                name,
                f"{said['title']['en']} ({said['title']['zh']})",
                f"{said['does']['en']} {said['does']['zh']}",
                ", ".join(f"{k} {v}" for k, v in said["effects"].items()),
            )
            for name, said in definitions("shocks").items()
        ),
    )
    text += "\n## Every lever of a policy of your own\n\n"
    text += table(("lever", "what it moves"), ((name, LEVERS.get(name).meaning) for name in LEVERS))
    return text + "\n" + table(("field of a shock", "what it moves"), SHOCKS.items())


def items() -> str:
    """The questionnaire."""
    text = "# Items\n\nA bank stands on a rung of each item; scores follow by the report's arithmetic.\n\n"
    columns = (
        "id",
        "name_en",
        "name_zh",
        "dimension",
        "indicator",
        "family",
        "rungs",
        "needs",
        "evidence",
        "grade",
    )
    return text + table(columns, ([row[c] for c in columns] for row in rows("conf/questionnaire/items.csv")))


def outcomes() -> str:
    """Every outcome beside the six scores."""
    text = (
        "# Outcomes\n\nBeside the six scores and the index; `item:<id>` is the level of an item, 0-100.\n\n"
    )
    return text + table(("outcome", "unit", "meaning"), ((name, *said) for name, said in OUTCOMES.items()))


def numbers() -> str:
    """The catalogue of every number."""
    text = "# Numbers\n\nValues stand in `conf/`; what a row leaves blank it takes from the one with `*`.\n\n"
    columns = ("name", "meaning_en", "meaning_zh", "unit", "low", "high", "source", "grade", "sampled")
    return text + table(columns, ([row[c] for c in columns] for row in rows("conf/catalogue.csv")))


def scenarios() -> str:
    """The library, and the documents clause by clause."""
    library = yaml.safe_load((ROOT / "conf/library/default.yaml").read_text("utf-8"))
    text = "# Scenarios\n\n"
    lines = (
        (name, said["title"]["en"], said["title"]["zh"], said["tests"]["en"])
        for name, said in library.items()
    )
    text += table(("name", "title", "标题", "what it tests"), lines)
    text += "\n## Documents, clause by clause\n\n"
    columns = ("scenario", "clause_en", "clause_zh", "state", "lever", "grade")
    return text + table(columns, ([row[c] for c in columns] for row in rows("conf/library/documents.csv")))


PURPOSE = """# Assurance pack

For a reviewer of model risk or of a model library: purpose and misuse, the data and what they are used for,
verification and validation with results, limitations, known errors and the change log. It is made anew from
the project with every `make docs`; each number stands with the table or the test that carries it.

## Purpose and misuse

The lab compares scenarios of supervision, public data, unions and banks' own plans: what moves, for whom, at
what cost, how surely. It is not a forecast of any bank, not a rating, and not an estimate of the effect of
any policy: effects enter as judgements with ranges. Do not use a median without its interval, a price that is
withheld, or a ranking whose first place changes with an assumption; do not read a survey score of one year as
that of the next, since the questionnaire changes.
"""


def assurance() -> str:
    """What a reviewer asks for, from the files that carry it."""
    readme = (ROOT / "README.md").read_text("utf-8")
    limits = readme.partition("## Limits\n")[2].partition("\n## ")[0]
    limits = re.sub(r"\]\(docs/([^)]+)\)", r"](\1)", limits)
    data = (ROOT / "data" / "README.md").read_text("utf-8").partition("## Grades")[2]
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8").partition("\n## ")[2]
    return "\n".join(
        [
            PURPOSE,
            "## Data use\n\n### Grades" + re.sub(r"^## ", "### ", data, flags=re.MULTILINE),
            "## Verification: is the model built right?\n",
            "Every test module with what it holds; `make test` and `make test-slow` run them.\n",
            table(("tests", "what they hold"), tests()),
            "## Validation: is it the right model?\n",
            "Stylised facts, failing ones first; `experiment=facts` computes them, `data/facts.csv` has their bands.\n",
            facts(),
            "Losses of the backtest and the rivals stand first in [Calibration](calibration.md).\n",
            "## Limitations\n" + limits,
            "## Known errors\n\nEvery fact above that does not hold, and [what the model carries](model.md).\n",
            "## Change log\n\n## " + changes,
        ]
    )


def tests() -> list[tuple[str, str]]:
    """Every test module with the first line of what it says of itself."""
    found = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        found.append((f"`{path.relative_to(ROOT).as_posix()}`", said.partition("\n")[0]))
    return found


def facts() -> str:
    """The stylised facts with value, band, verdict and source, those that fail first."""
    lines = sorted(rows("data/facts_result.csv"), key=lambda row: row["passed"] == "yes")
    columns = ("statement_en", "value", "low", "high", "unit", "passed", "used_in_fit", "source")
    return table(columns, ([row[column] for column in columns] for row in lines))
