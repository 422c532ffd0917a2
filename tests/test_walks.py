"""The three walks that CONTRIBUTING tells lead through files and functions that are there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Three walks\n")[2].partition("\n## ")[0]
HOPS = re.findall(r"^- `([^`]+)`((?: `[^`]+`,?)*):", TEXT, re.MULTILINE)


def defined(path: Path) -> set[str]:
    """Functions and classes of a file, methods with their class."""
    tree = ast.parse(path.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.ClassDef)
    found = {node.name for node in tree.body if isinstance(node, kinds)}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{part.name}" for part in node.body if isinstance(part, kinds)}
    return found


@pytest.mark.parametrize(("place", "functions"), HOPS)
def test_a_hop_is_there(place: str, functions: str) -> None:
    path = ROOT / place
    assert path.is_file()
    if path.suffix == ".py":
        assert set(re.findall(r"`([^`]+)`", functions)) - defined(path) == set()
        assert functions


def test_every_line_is_a_hop_and_the_hops_are_counted() -> None:
    walks = re.split(r"^\*\*", TEXT, flags=re.MULTILINE)[1:]
    assert len(walks) == 3
    for walk in walks:
        hops = re.findall(r"^- ", walk, re.MULTILINE)
        told = re.search(r"\((\d+) files; (\d+)\)", walk)
        assert told is not None
        assert len(hops) == int(told[1]) < int(told[2])
    assert len(HOPS) == len(re.findall(r"^- ", TEXT, re.MULTILINE))
