"""A user's own folders of configuration: read and checked as data before Hydra sees them, and put first."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from hydra.core.config_search_path import ConfigSearchPath, SearchPathQuery
from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin

from experiments.config.errors import Fault, Faults
from experiments.config.names import nearest
from experiments.config.sentences import Refused, Sentence
from experiments.config.tree import text_keys
from experiments.config.yaml_data import dangers, for_hydra, mapping
from experiments.location import CONF

DEFINED: Final = ("policies", "shocks", "environments", "library")
FORMER: Final = {
    "policy": "policies",
    "shock": "shocks",
    "environment": "environments",
    "scenario": "library",
}
OWN: Final = "own_files"
# What a user's file would set beside the numbers and words of a study.
HYDRAS: Final = Sentence(
    "would set how Hydra works, which no file of a study may", "会改变 Hydra 的运行方式，研究文件不得如此"
)


@cache
def groups() -> Mapping[str, tuple[str, ...]]:
    """The lab's own groups of files with their options."""
    found: dict[str, set[str]] = {}
    for folder, _, files in os.walk(CONF):
        group = os.path.relpath(folder, CONF).replace(os.sep, "/")
        options = {name.removesuffix(".yaml") for name in files if name.endswith(".yaml")}
        if group != "." and options and not group.startswith("hydra"):
            found[group] = options
    return {group: tuple(sorted(options)) for group, options in sorted(found.items())}


@dataclass(frozen=True)
class OwnFiles:
    """The files of a user's folders.

    Parameters
    ----------
    folders : tuple of Path
        In the order in which they are searched.
    content : mapping of str to mapping
        What each file holds, by group and name (``policies/mine``), its defaults list included.
    places : mapping of str to Path
        Where each lies.
    faults : tuple of Fault
        What is wrong with them.
    """

    folders: tuple[Path, ...] = ()
    content: Mapping[str, Mapping[Any, Any]] = field(default_factory=dict)
    places: Mapping[str, Path] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    @property
    def notes(self) -> tuple[Sentence, ...]:
        """What is worth saying: which shipped files these stand in for."""
        shipped = [file for file in self.places if (CONF / f"{file}.yaml").is_file()]
        return tuple(
            Sentence(
                f"{self.places[file]} stands in for conf/{file}.yaml",
                f"{self.places[file]} 取代 conf/{file}.yaml",
            )
            for file in shipped
        )

    @property
    def defaults(self) -> list[dict[str, str]]:
        """The entries of a defaults list that bring policies, shocks, environments and scenarios of new names."""
        return [
            {f"{group}@{group}.{name}": name}
            for group, _, name in (file.partition("/") for file in self.content)
            if group in DEFINED and "/" not in name and name not in _loaded(group)
        ]

    def options(self, group: str) -> tuple[str, ...]:
        """Names of the files of a group, the lab's own and the user's."""
        own = (file.rpartition("/")[2] for file in self.content if file.rpartition("/")[0] == group)
        return tuple(sorted({*groups().get(group, ()), *own}))


def _loaded(group: str) -> tuple[str, ...]:
    """Names that the lab's own config loads by itself."""
    return groups()[group]


def own_files(folders: Sequence[str | Path]) -> OwnFiles:
    """Read and check a user's folders.

    Parameters
    ----------
    folders : sequence of path
        A file in an earlier one comes before one of the same name in a later one, and before the lab's own.

    Returns
    -------
    OwnFiles
        With every fault found; nothing is executed.
    """
    faults = Faults()
    content: dict[str, Mapping[Any, Any]] = {}
    places: dict[str, Path] = {}
    found = tuple(dict.fromkeys(Path(os.path.abspath(folder)) for folder in folders))
    for folder in found:
        if not folder.is_dir():
            what = Sentence(f"'{folder}' is no folder", f"“{folder}”不是文件夹")
            faults.add(
                "command line:--config-dir", what, Sentence("a folder of groups", "含各组文件的文件夹")
            )
            continue
        for path in _files(folder, faults):
            name = path.relative_to(folder).with_suffix("").as_posix()
            if name in content:
                continue
            try:
                for_hydra(path)
                data = mapping(path)
            except Refused as error:
                faults.refused(str(path), error)
                data = {}
            content[name], places[name] = text_keys(data), path
            _check(path, name, data, faults)
    return OwnFiles(found, content, places, tuple(faults))


def _files(folder: Path, faults: Faults) -> Iterator[Path]:
    """The YAML files in the groups of a folder; what Hydra would take for something else is a fault."""
    for below in sorted(folder.iterdir()):
        if below.name in ("config.yaml", "hydra"):
            faults.add(str(below), HYDRAS, Sentence("folders of groups alone", "仅限各组的文件夹"))
        elif below.name in FORMER and below.is_dir():
            group = FORMER[below.name]
            what = Sentence(f"the folder of this group is called {group}", f"该组的文件夹名为 {group}")
            faults.add(str(below), what, "", str(folder / group))
        elif below.is_dir() and below.name in groups():
            yield from sorted(path for path in below.rglob("*.yaml") if path.is_file())
        elif below.is_dir() and not below.name.startswith(".") and any(below.glob("*.yaml")):
            known = [group for group in groups() if "/" not in group]
            what = Sentence("is no group of the configuration", "不是配置的组")
            faults.add(str(below), what, ", ".join(known), nearest(below.name, known))


def _check(path: Path, name: str, data: Mapping[Any, Any], faults: Faults) -> None:
    for key, refused in dangers({key: value for key, value in data.items() if key != "defaults"}):
        faults.refused(f"{path}:{key}", refused)
    if "hydra" in data or any(str(key).startswith("hydra.") for key in data):
        faults.add(f"{path}:hydra", HYDRAS)
    group = name.partition("/")[0]
    _check_defaults(path, data.get("defaults", []), faults)
    package = _package(path)
    if group == "experiment" and package != "_global_":
        what = Sentence(f"its package is {package or group}", f"其 package 为 {package or group}")
        faults.add(f"{path}:line 1", what, "# @package _global_")
    elif group not in ("experiment", *DEFINED) and package and package.split(".")[0] != group:
        faults.add(
            f"{path}:line 1",
            f"package {package}",
            Sentence(f"# @package {group}, or none", f"# @package {group} 或不写"),
        )


def _check_defaults(path: Path, defaults: Any, faults: Faults) -> None:
    where = f"{path}:defaults"
    if not isinstance(defaults, list):
        faults.add(where, Sentence("is not a list", "不是列表"), "- group: option")
        return
    for key, refused in dangers(defaults, "defaults"):
        faults.refused(f"{path}:{key}", refused)
    for item in defaults:
        words = [str(word) for word in item] if isinstance(item, dict) else [str(item)]
        if any(word.removeprefix("override ").strip().lstrip("/").startswith("hydra") for word in words):
            faults.add(where, HYDRAS)
        for former, group in FORMER.items():
            if any(
                word.removeprefix("override ").strip().lstrip("/").partition("@")[0] == former
                for word in words
            ):
                what = Sentence(f"{former} is a key, not a group of files", f"{former} 是键，不是文件组")
                allowed = Sentence(
                    f"{former}: NAME below, or a scenario of library/",
                    f"下方写 {former}: 名称，或 library/ 的情景",
                )
                faults.add(where, what, allowed, group if former == "scenario" else f"{former}: ...")


def _package(path: Path) -> str:
    """The package that the first lines of a file name, if they do."""
    try:
        head = path.read_text(encoding="utf-8")[:512]
    except (OSError, UnicodeDecodeError):
        return ""
    found = re.search(r"^\s*#\s*@package\s+(\S+)", head, re.MULTILINE)
    return found[1] if found else ""


# --- how Hydra comes to know of them


class OwnFolders(SearchPathPlugin):
    """Puts the user's folders before the lab's own, so that a user's file of a shipped name is the one that is read."""

    folders: tuple[Path, ...] = ()

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Hydra calls this whenever it makes up its search path."""
        for folder in reversed(self.folders):
            search_path.prepend("user", f"file://{folder}", SearchPathQuery(provider="main"))


@contextmanager
def known_to_hydra(own: OwnFiles) -> Iterator[None]:
    """Let Hydra compose with a user's files for a while."""
    if OwnFolders not in Plugins.instance().discover(SearchPathPlugin):
        Plugins.instance().register(OwnFolders)
    before = OwnFolders.folders
    OwnFolders.folders = own.folders
    ConfigStore.instance().store(name=OWN, node={"defaults": own.defaults} if own.defaults else {})
    try:
        yield
    finally:
        OwnFolders.folders = before
        ConfigStore.instance().store(name=OWN, node={})
