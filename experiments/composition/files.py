"""Configuration files, read as data and nothing else: parsed once, checked for anything that could act."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from omegaconf import ListConfig, OmegaConf
from omegaconf._utils import get_yaml_loader

from experiments.faults import Fault

DEEPEST: Final = 30
MOST_VALUES: Final = 100_000
INTERPOLATION: Final = re.compile(r"\$\{([^{}]*)\}?")
REFERENCE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*", re.ASCII)


@dataclass(frozen=True)
class ConfFile:
    """One file, as read.

    `path` is how messages name it and `place` where it is; `content` is what it holds beside its defaults list;
    `refers` says whether it refers to keys elsewhere.
    """

    path: str
    place: str
    content: dict[Any, Any]
    defaults: Any
    header: str
    faults: tuple[Fault, ...]
    refers: bool = False


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML as OmegaConf reads it (its floats, no dates, no key twice), at the speed of C, without its tags."""

    yaml_implicit_resolvers = get_yaml_loader().yaml_implicit_resolvers

    def construct_mapping(self, node: yaml.Node, deep: bool = False) -> Any:
        """A mapping in which no key stands twice."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    "while reading a mapping", node.start_mark, "a key is no plain text", key.start_mark
                )
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    "while reading a mapping",
                    node.start_mark,
                    f"key {key.value!r} stands twice",
                    key.start_mark,
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep=deep)


def read(path: str, shown_as: str) -> ConfFile:
    """Read one file; what is wrong with it comes back as faults, never as an exception.

    Parameters
    ----------
    path : str
        The file.
    shown_as : str
        How messages name it.

    Returns
    -------
    ConfFile
        Empty when the file could not be read.
    """
    try:
        state = os.stat(path)
    except OSError as error:
        return _broken(shown_as, path, f"cannot be read: {error.strerror}")
    return _read(path, shown_as, state.st_mtime_ns, state.st_size)


@cache
def _read(path: str, shown_as: str, changed: int, size: int) -> ConfFile:
    try:
        text = Path(path).read_text(encoding="utf-8")
        content = yaml.load(text, Loader=Loader)  # noqa: S506 - a SafeLoader underneath
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        return _broken(shown_as, path, f"is not sound YAML: {line}{error.problem}")
    except OSError as error:
        return _broken(shown_as, path, f"cannot be read: {error.strerror}")
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, OverflowError) as error:
        return _broken(shown_as, path, f"is not sound YAML: {str(error).splitlines()[0].split(';')[0]}")
    except RecursionError:
        return _broken(shown_as, path, "is nested too deeply")
    if content is None:
        content = {}
    if not isinstance(content, dict):
        return _broken(shown_as, path, "is not a mapping of keys to values")
    if not is_small(content):
        return _broken(shown_as, path, f"holds more than {MOST_VALUES} values, or refers to itself")
    defaults = content.pop("defaults", [])
    faults = tuple(Fault(f"{shown_as}:{key}", what, can) for key, what, can in dangers(content))
    return ConfFile(shown_as, path, content, defaults, text[:512], faults, "${" in text)


def _broken(shown_as: str, path: str, what: str) -> ConfFile:
    return ConfFile(shown_as, path, {}, [], "", (Fault(shown_as, what),))


def is_small(tree: Any) -> bool:
    """Tell whether a tree has no more than `MOST_VALUES` values, counted as often as they are referred to."""
    waiting, found = [tree], 0
    while waiting and found <= MOST_VALUES:
        branch = waiting.pop()
        below = branch.values() if isinstance(branch, dict) else branch if isinstance(branch, list) else ()
        found += 1
        waiting.extend(below)
    return not waiting


def as_list(defaults: Any) -> ListConfig:
    """A defaults list in the form Hydra wants."""
    made = OmegaConf.create(defaults if isinstance(defaults, list) else [])
    assert isinstance(made, ListConfig)
    return made


def dangers(tree: Any, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, str, str]]:
    """Whatever in plain data could make something run, or is no plain data at all.

    Parameters
    ----------
    tree : any
        Data from a file or an override.
    prefix : str
        Dotted key of `tree`.
    depth : int
        Levels above it.

    Yields
    ------
    key, what, allowed : str
        Where, what is wrong, and what would do.
    """
    if depth > DEEPEST:
        yield prefix, "is nested too deeply", f"at most {DEEPEST} levels"
    elif isinstance(tree, dict):
        for key, value in tree.items():
            name = f"{prefix}.{key}" if prefix else str(key)
            yield from _key_dangers(key, name)
            yield from dangers(value, name, depth + 1)
    elif isinstance(tree, list):
        for item in tree:
            yield from dangers(item, prefix, depth + 1)
    elif isinstance(tree, str):
        yield from _text_dangers(tree, prefix)
    elif not isinstance(tree, int | float | None):
        allowed = "numbers, text, true, false, null, lists, mappings"
        yield prefix, f"a {type(tree).__name__} is no plain value", allowed


def _key_dangers(key: Any, name: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(key, bool) or not isinstance(key, str | int):
        yield name, f"{key!r} cannot be a key", "text and years"
    elif isinstance(key, str) and key.startswith("_") and key.endswith("_"):
        yield name, "asks for something to be built, and nothing named in a configuration is", "plain values"
    elif isinstance(key, str) and "${" in key:
        yield name, "a key cannot refer to another", "plain keys"


def _text_dangers(text: str, key: str) -> Iterator[tuple[str, str, str]]:
    if not text.replace("\n", " ").isprintable():
        yield key, "holds characters that cannot be printed", "printable text"
    if "${" in text:
        references = INTERPOLATION.findall(text)
        if text.count("${") != len(references) or not all(REFERENCE.fullmatch(name) for name in references):
            yield key, f"{text!r} would compute something", "references to other keys, as ${seed}"
