"""The documentation builds without a network, says the same in both languages, and its Python runs as it is printed."""

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from docs import assurance
from tests.commands import commands

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "docs/own_rules.md", "docs/other_tools.md", "docs/results.md")
LACKING = {
    "ema_workbench": "ema_workbench",
    "SolaraViz": "solara",
}  # in a block -> a package that no lock brings
CHINESE = {
    path.relative_to(ROOT / "docs" / "zh").as_posix(): path for path in (ROOT / "docs" / "zh").glob("*.md")
}


def blocks(page: Path) -> list[tuple[str, str]]:
    """Language and text of every fenced block."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_python_of_a_page_runs(page: str, tmp_path: Path) -> None:
    found = [text for language, text in blocks(ROOT / page) if language == "python"]
    assert len(found) >= 2
    absent = [word for word, package in LACKING.items() if importlib.util.find_spec(package) is None]
    script = tmp_path / "page.py"
    kept = "\n".join(block for block in found if not any(word in block for word in absent))
    script.write_text(
        kept.replace("replicates=64", "replicates=4"), encoding="utf-8"
    )  # as printed, but sooner
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.slow
def test_the_site_builds_and_no_page_asks_the_network(tmp_path: Path) -> None:
    # Not --quiet: it would keep warnings from --strict, and a broken link is one.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    pages = sorted(tmp_path.rglob("*.html"))
    assert {"index.html", "odd.html", "tutorial_policy.html", "items.html"} <= {page.name for page in pages}
    for page in pages:
        loaded = re.findall(
            r'<(?:script|link|img)[^>]*(?:src|href)="(https?:[^"]+)"', page.read_text("utf-8")
        )
        assert not loaded, page.name


def test_the_pack_for_a_reviewer_names_tests_and_tables_that_are_there() -> None:
    text = assurance.standing_alone(assurance.pack())
    named = set(re.findall(r"`((?:tests|data|docs|conf)/[\w/.]+\.(?:py|csv|json|md))`", text))
    assert len(named) > 50
    assert not [name for name in named if not (ROOT / name).exists()]
    assert all(f"## {number} " in text for number in range(1, 11))
    for place in re.findall(r"\]\((\.\./docs/[^)#]+)\)", text):
        made = ("reference/", "assurance.md")
        assert (
            place.removeprefix("../docs/").startswith(made) or (ROOT / "build" / place).resolve().exists()
        ), place


@pytest.mark.parametrize("name", CHINESE)
def test_a_chinese_page_has_the_code_of_the_english_one(name: str) -> None:
    english = ROOT / "docs" / name
    assert name.startswith("tutorial") or blocks(CHINESE[name]) == blocks(english)
    assert [c.text for c in commands(CHINESE[name])] == [c.text for c in commands(english)]
    assert CHINESE[name].read_text("utf-8").count("\n## ") == english.read_text("utf-8").count("\n## ")


def test_the_readme_is_there_in_chinese_with_every_command() -> None:
    said, told = (
        [c.text for c in commands(ROOT / name) if c.starts_the_lab] for name in ("README.md", "README.zh.md")
    )
    assert set(told) <= set(said)
    assert len(told) >= len(set(said)) - 1
    assert {
        "tutorial_policy.md",
        "tutorial_bank.md",
        "tutorial_academic.md",
        "own_bank.md",
        "own_rules.md",
    } <= set(CHINESE)


def test_version_date_and_changelog_are_of_one_release() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    newest = re.search(r"^## \[(.+?)\] - (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest is not None
    assert (version, str(citation["date-released"])) == newest.groups()
    assert citation["version"] == version


def test_the_container_takes_the_lock_by_hash_and_names_no_index() -> None:
    text = (ROOT / "Containerfile").read_text("utf-8")
    assert "--require-hashes -r requirements.lock" in text
    assert "://" not in text
    copied = re.findall(r"^COPY (\S+)", text, re.MULTILINE)
    assert all((ROOT / name).exists() for name in copied)
