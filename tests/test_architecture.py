"""The house has rooms: imports run one way, names say what is inside, files stay small, states are used."""

import ast
import statistics
from pathlib import Path

import pytest

from agents.state import STATES

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("agents", "model", "experiments")
SOURCES = {room: sorted((ROOT / room).rglob("*.py")) for room in ROOMS}
ALL = [path for paths in SOURCES.values() for path in paths] + [ROOT / "simulate.py"]
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "stuff", "base", "core"}
# Economics needs arrays, graphs, agents and nothing of files, settings, tables or figures.
SCIENCE = {"numpy", "scipy", "networkx", "mesa"}
LONGEST, TYPICAL = 600, 260  # a concept stands whole in its file, and small ones stand together


def imports(path: Path) -> set[str]:
    """Top-level packages that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} imports relatively"
            found.add(str(node.module).partition(".")[0])
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_imports_run_one_way(room: str) -> None:
    above = {*ROOMS[ROOMS.index(room) + 1 :], "simulate", "tests", "benchmarks"}
    assert {str(path) for path in SOURCES[room] if imports(path) & above} == set()


def test_economics_imports_science_alone() -> None:
    import sys

    for path in SOURCES["agents"] + SOURCES["model"]:
        assert imports(path) - SCIENCE - set(ROOMS) - set(sys.stdlib_module_names) == set(), path


def test_every_file_is_named_after_what_it_holds() -> None:
    assert [path for path in ALL if path.stem in NAMELESS and path.name != "base.py"] == []
    assert [path for path in ROOT.glob("tests/**/*.py") if path.stem in NAMELESS] == []


def test_files_are_small() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in ALL
        if path.name != "__init__.py"
    }
    too_long = {name: length for name, length in lengths.items() if length > LONGEST}
    assert too_long == {}
    assert statistics.median(lengths.values()) <= TYPICAL


def test_nothing_is_half_done() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X:", "NotImplemented" + "Error")
    assert [path for path in ALL if any(mark in path.read_text(encoding="utf-8") for mark in marks)] == []


@pytest.mark.parametrize("path", SOURCES["agents"] + SOURCES["model"], ids=lambda p: str(p.relative_to(ROOT)))
def test_what_is_public_says_what_it_does(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{path} does not say what it holds"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{path}: {node.name}"


def read_states() -> set[str]:
    """Names that agents, model and its books read: attributes, and texts other than the target of an assignment."""
    found: set[str] = set()
    for path in [*SOURCES["agents"], *SOURCES["model"], ROOT / "tests" / "books.py"]:
        if path.name == "state.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        targets = {
            id(inner)
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for target in node.targets
            for inner in ast.walk(target)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                found.add(node.attr)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in targets:
                found.add(node.value)
    return found


def test_every_state_is_read_by_something() -> None:
    assert set(STATES) - read_states() == set()


def test_every_state_says_its_unit_and_meaning() -> None:
    for name, state in STATES.items():
        assert state.unit, name
        assert state.meaning, name
        assert state.components in (0, 2, 3, 6, "items", "bought"), name
