"""Build the wheel: the rooms of the repository as one package, ``honeycomb``.

In the repository ``agents``, ``model`` and ``experiments`` lie at the top, where readers find them. Installed like that
they would stand beside everybody's modules, and a ``model.py`` in the working folder would be taken for ours. The wheel
therefore holds ``honeycomb/agents``, ``honeycomb/model``, ``honeycomb/experiments``, ``honeycomb/conf`` and
``honeycomb/data``; the lines that import a room by its name in the repository are rewritten to its name there. Beside
it lies what Hydra looks for in its own namespace, ``hydra_plugins/honeycomb.py``.
"""

import ast
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "honeycomb"
PLUGINS = "hydra_plugins"
CODE = ("agents", "model", "experiments")
FILES = ("conf", "data")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.py[cod]", ".*")
INIT = '''"""Honeycomb Lab: how banks' digital scores evolve, and which policy narrows the gaps.

The command ``honeycomb`` runs studies; ``from honeycomb.experiments import api`` does the same from Python.
"""

__version__ = "{version}"
'''


class WheelHook(BuildHookInterface[Any]):
    """Stage the package in a folder of its own and have the wheel take it from there."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Stage the package; hatchling then includes it."""
        if version == "editable":
            raise RuntimeError(
                "the lab is edited in its repository: `make dev-env`, then .venv/bin/python simulate.py"
            )
        self.folder = tempfile.TemporaryDirectory(prefix="honeycomb-wheel-")
        staged = Path(self.folder.name) / PACKAGE
        stage(Path(self.root), staged, self.metadata.version)
        build_data["force_include"][str(staged)] = PACKAGE
        build_data["force_include"][str(staged.with_name(PLUGINS))] = PLUGINS

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the staged package."""
        self.folder.cleanup()


def stage(root: Path, package: Path, version: str) -> None:
    """Write the package.

    Parameters
    ----------
    root : Path
        Of the repository.
    package : Path
        The folder to write; the plugins are written beside it.
    version : str
        Of the project.
    """
    for room in (*CODE, *FILES):
        shutil.copytree(root / room, package / room, ignore=LEFT_OUT)
    shutil.copyfile(root / "simulate.py", package / "__main__.py")
    plugins = shutil.copytree(root / PLUGINS, package.with_name(PLUGINS), ignore=LEFT_OUT)
    for source in (*package.rglob("*.py"), *plugins.rglob("*.py")):
        source.write_text(rewritten(source.read_text("utf-8"), source.name), "utf-8", newline="\n")
    (package / "__init__.py").write_text(INIT.format(version=version), "utf-8", newline="\n")
    (package / "py.typed").touch()


def rewritten(source: str, name: str) -> str:
    """Source code with the rooms imported from the package.

    Only import statements change, found by parsing: a comment, a text or a name that reads like a room's stays.

    Raises
    ------
    ValueError
        If a statement binds a room's own name (``import model.run``), which has no equal inside a package.
    """
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and _room(node.module):
            before = f"from {node.module} import"
            after = f"from {PACKAGE}.{node.module} import"
        elif isinstance(node, ast.Import) and any(_room(alias.name) for alias in node.names):
            if len(node.names) > 1 or node.names[0].asname is None:
                raise ValueError(f"{name}:{node.lineno} binds a room's name: write `from ... import ...`")
            before = f"import {node.names[0].name} as"
            after = f"import {PACKAGE}.{node.names[0].name} as"
        else:
            continue
        line = lines[node.lineno - 1]
        if line.count(before) != 1:
            raise ValueError(f"{name}:{node.lineno} is no plain import: {line.strip()}")
        lines[node.lineno - 1] = line.replace(before, after)
    return "".join(lines)


def _room(module: str | None) -> bool:
    return (module or "").partition(".")[0] in CODE
