"""Pages of the documentation that are made from the project itself: the home page and the reference.

MkDocs calls these functions (``hooks`` in mkdocs.yml). Nothing is written into the repository.
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]  # MkDocs runs from its own folder

from assurance import pack, rows, table  # noqa: E402

from agents.honeycomb import DIMENSIONS, KINDS  # noqa: E402
from experiments.config.catalogue import OUTCOMES  # noqa: E402
from experiments.labels import Labels  # noqa: E402
from model.policy import LEVERS  # noqa: E402
from model.shock import SHOCKS  # noqa: E402

FONT, STYLE = "assets/NotoSansSC-Regular.otf", "assets/chinese.css"
# Readers without Chinese letters of their own are given ours; no browser fetches them otherwise.
CHINESE = """@font-face {
  font-family: "Chinese of the lab";
  src: local("PingFang SC"), local("Microsoft YaHei"), local("Noto Sans CJK SC"), url("NotoSansSC-Regular.otf");
  unicode-range: U+2E80-9FFF, U+F900-FAFF, U+FF00-FFEF;
}
body {
  --md-text-font-family: -apple-system, BlinkMacSystemFont, Helvetica, Arial, "Chinese of the lab", sans-serif;
  --md-code-font-family: SFMono-Regular, Consolas, Menlo, "Chinese of the lab", monospace;
}
"""
BROKEN_LINE = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\n(?=[\u3000-\u9fff\uff00-\uffef])")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    pages = {
        "index.md": home(),
        "reference/levers.md": levers(),
        "reference/items.md": items(),
        "reference/outcomes.md": outcomes(),
        "reference/numbers.md": numbers(),
        "reference/scenarios.md": scenarios(),
        "reference/glossary.md": glossary(),
        "assurance.md": pack(),
        "zh/index.md": home("README.zh.md", "../"),
    }
    for place, content in pages.items():
        files.append(File.generated(config, place, content=content))
    files.append(File.generated(config, FONT, abs_src_path=str(ROOT / "data" / "fonts" / Path(FONT).name)))
    files.append(File.generated(config, STYLE, content=CHINESE))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links to files of the repository that are no pages become their names; Chinese lines join without a blank."""
    markdown = BROKEN_LINE.sub("", markdown)
    up = "../" * (page.file.src_uri.count("/") + 1)
    return re.sub(rf"\[([^\]]+)\]\({re.escape(up)}([^)]+)\)", r"\1 (`\2`)", markdown)


def home(name: str = "README.md", up: str = "") -> str:
    """A README as the first page of its language."""
    text = (ROOT / name).read_text("utf-8")
    text = text.replace("(README.zh.md)", f"({up}zh/index.md)").replace("(README.md)", f"({up}index.md)")
    text = re.sub(r"\]\(docs/([^)]+)\)", rf"]({up}\1)", text)
    return re.sub(
        r"\[([^\]]+)\]\(((?:LICENSE|CITATION\.cff|CHANGELOG\.md|data/|notebooks/)[^)]*)\)", r"`\2`", text
    )


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


def glossary() -> str:
    """Terms in both languages: the field's, then the model's own names."""
    english, chinese = Labels("en"), Labels("zh")
    terms = (row.values() for row in rows("docs/glossary.csv"))
    text = "# Glossary 词汇表\n\n" + table(("English", "中文", "meaning", "含义"), terms)
    named = (("Kinds of bank 银行类型", "kind", KINDS), ("Dimensions 维度", "dimension", DIMENSIONS))
    groups = {
        title: [(english.name(group, word), chinese.name(group, word), word) for word in words]
        for title, group, words in named
    }
    for title, kind in (("Policies 政策", "policies"), ("Shocks 冲击", "shocks")):
        groups[title] = [
            (said["title"]["en"], said["title"]["zh"], name) for name, said in definitions(kind).items()
        ]
    groups["Outcomes 结果"] = [
        (said[1], chinese.translated(said[1]), name) for name, said in OUTCOMES.items()
    ]
    items = rows("conf/questionnaire/items.csv")
    groups["Items 条目"] = [(row["name_en"], row["name_zh"], row["id"]) for row in items]
    for title, lines in groups.items():
        marked = ((en, zh, f"`{name}`") for en, zh, name in lines)
        text += f"\n## {title}\n\n" + table(("English", "中文", "name"), marked)
    return text
