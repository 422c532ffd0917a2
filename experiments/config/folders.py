"""A user's own folders of configuration, read and checked before Hydra sees them, and where each value comes from."""

from __future__ import annotations

import os
import pickle
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigLoadError, ConfigResult, ConfigSource
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import DictConfig, OmegaConf

from experiments.config.errors import Fault, Faults, Refused, Sentence, sentence
from experiments.config.numbers import content
from experiments.config.reading import dangers, for_hydra, mapping
from experiments.config.tree import leaves, plain_data
from experiments.location import CONF

# What a word of the command line chooses from, by that word.
GROUP_OF: Final = {
    "policy": "policies", "shock": "shocks", "environment": "environments", "scenario": "library",
}  # fmt: skip
DEFINED: Final = tuple(GROUP_OF.values())
# What Hydra composes as one node each: the policies, shocks and scenarios by name, which are many small files, and
# those files of a user's folders that have a defaults list of their own.
DEFINITIONS: Final = "definitions"
OWN: Final = "own_files"
# A name that Hydra's grammar takes in a key, as in ``policies.ours.start=2026Q1``.
NAME_OF_ONE: Final = r"(?!none$)[a-z][a-z0-9_]{0,63}"  # policy=none means no policy
# What editors make of ``.yaml``, which Hydra passes over.
NEARLY_YAML: Final = re.compile(r"(?<=.)\.(?!(?-i:yaml)$)(ya?ml)(\.txt)?$", re.IGNORECASE)
# What a user's file would set beside the numbers and words of a study.
HYDRAS: Final = sentence("would set how Hydra works, which no file of a study may")


@cache
def groups() -> Mapping[str, tuple[str, ...]]:
    """The lab's own groups of files with their options."""
    names: dict[str, set[str]] = {}
    for folder, _, files in os.walk(CONF):
        group = os.path.relpath(folder, CONF).replace(os.sep, "/")
        options = {name.removesuffix(".yaml") for name in files if name.endswith(".yaml")}
        if group != "." and options and not group.startswith("hydra"):
            names[group] = options
    return {group: tuple(sorted(options)) for group, options in sorted(names.items())}


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

    def __hash__(self) -> int:
        return hash(self.folders)

    @property
    def notes(self) -> tuple[Sentence, ...]:
        """What is worth saying: which shipped files these stand in for."""
        shipped = [file for file in self.places if (CONF / f"{file}.yaml").is_file()]
        return tuple(sentence("{} stands in for conf/{}.yaml", self.places[file], file) for file in shipped)

    @property
    def listed(self) -> DictConfig:
        """What Hydra merges for `OWN`: a defaults list of those files that it has to compose by themselves."""
        nodes = [
            {group if file == LIBRARY else f"{group}@{group}.{name}": name}
            for file, (group, _, name) in ((file, file.partition("/")) for file in self.content)
            if self._is_composed_by_itself(file)
        ]
        return OmegaConf.create({"defaults": nodes} if nodes else {})

    def _is_composed_by_itself(self, file: str) -> bool:
        """Whether Hydra has to read a user's file: it has a defaults list, or is an environment of a new name."""
        group, _, name = file.partition("/")
        if "/" in name or group not in DEFINED:
            return False
        return "defaults" in self.content[file] if group in AT_ONCE else name not in groups()[group]

    @cached_property
    def packed(self) -> bytes:
        """What Hydra merges for `DEFINITIONS`: where a user has files, the lab's own with theirs in their places."""
        if not self.content:
            return pickle.dumps(OmegaConf.create(dict(self.definitions)))
        node: DictConfig = pickle.loads(SHIPPED.packed)  # noqa: S301 - packed here
        self.define(node)
        return pickle.dumps(node)

    def define(self, node: DictConfig) -> None:
        """Put the user's policies, shocks and scenarios where a node has the lab's."""
        for group, definitions in self.definitions.items():
            shipped = SHIPPED.definitions[group]
            for name in shipped.keys() - definitions.keys():
                del node[group][name]
            for name, definition in definitions.items():
                if definition is not shipped.get(name):
                    node[group][name] = definition

    @property
    def only_define(self) -> bool:
        """Whether all that these files change of any composition is `definitions`, experiments apart."""
        defined = self.definition_files
        return all(file in defined or file.startswith("experiment/") for file in self.content)

    @cached_property
    def definitions(self) -> Mapping[str, Mapping[str, Any]]:
        """Policies, shocks and scenarios by group and name: a user's file takes the place of a shipped one."""
        definitions: dict[str, dict[str, Any]] = {group: {} for group in AT_ONCE}
        for file in self.definition_files:
            group, _, name = file.partition("/")
            held = self.content.get(file) or content(file)
            for one, definition in held.items() if file == LIBRARY else [(name, held)]:
                if file != LIBRARY or f"{group}/{one}" not in self.content:
                    definitions[group][one] = definition
        return definitions

    @cached_property
    def definition_files(self) -> tuple[str, ...]:
        """The files that `definitions` come from, the lab's before those of new names."""
        shipped = (f"{group}/{name}" for group in AT_ONCE for name in groups()[group])
        own = (file for file in self.content if file.partition("/")[0] in AT_ONCE and file.count("/") == 1)
        return tuple(
            file
            for file in dict.fromkeys((*shipped, *own))
            if file not in self.content or not self._is_composed_by_itself(file)
        )

    def options(self, group: str) -> tuple[str, ...]:
        """Names of the files of a group, the lab's own and the user's."""
        own = (file.rpartition("/")[2] for file in self.content if file.rpartition("/")[0] == group)
        return tuple(sorted({*groups().get(group, ()), *own}))


SHIPPED: Final = OwnFiles()  # the lab's own alone
AT_ONCE: Final = ("policies", "shocks", "library")
LIBRARY: Final = "library/default"


def state(own: OwnFiles) -> tuple[tuple[str, int, int], ...]:
    """Path, time and size of every file that Hydra may read: another state, another composition."""
    shipped = (Path(folder, name) for folder, _, files in os.walk(CONF) for name in files)
    stats = ((str(path), path.stat()) for path in (*shipped, *own.places.values()))
    return tuple((path, stat.st_mtime_ns, stat.st_size) for path, stat in stats)


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
    paths = tuple(dict.fromkeys(Path(os.path.abspath(folder)) for folder in folders))
    for folder in paths:
        if not folder.is_dir():
            faults.add("command line:--config-dir", sentence("'{}' is no folder", folder))
            continue
        names = (*groups(), *GROUP_OF, "hydra")
        if not any(below.is_dir() and below.name in names for below in folder.iterdir()):
            suggestion = str(folder.parent) if folder.name in groups() else ""
            what = sentence("holds no folder of a group, so that nothing in it would be read")
            faults.add(str(folder), what, "", suggestion)
        for path in _files(folder, faults):
            name = path.relative_to(folder).with_suffix("").as_posix()
            if name in content:
                continue
            try:
                data = for_hydra(path)
            except Refused as error:
                faults.refused(str(path), error)
                data = {}
            content[name], places[name] = plain_data(data), path
            _check(path, name, data, faults)
    return OwnFiles(paths, content, places, tuple(faults)) if paths else SHIPPED


def _files(folder: Path, faults: Faults) -> Iterator[Path]:
    """The YAML files in the groups of a folder; what Hydra would take for something else is a fault."""
    for below in sorted(folder.iterdir()):
        if below.name in ("config.yaml", "hydra"):
            faults.add(str(below), HYDRAS, sentence("folders of groups alone"))
        elif below.name in GROUP_OF and below.is_dir():
            group = GROUP_OF[below.name]
            what = sentence("the folder of this group is called {}", group)
            faults.add(str(below), what, "", str(folder / group))
        elif below.is_dir() and below.name in groups():
            yield from _files_of_group(below, faults)
        elif below.is_dir() and not below.name.startswith(".") and any(below.glob("*.yaml")):
            names = [group for group in groups() if "/" not in group]
            faults.unknown(str(below), below.name, names, sentence("is no group of the configuration"))


def _files_of_group(folder: Path, faults: Faults) -> Iterator[Path]:
    """The files of one group that are read; one that Hydra would pass over, by its name or place, is a fault."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name[:1] != "."):
        if NEARLY_YAML.search(path.name):
            likely = path.with_name(NEARLY_YAML.sub(".yaml", path.name))
            faults.add(str(path), sentence("is not read: its name does not end in .yaml"), "", str(likely))
        elif path.suffix != ".yaml":
            continue
        elif path.parent.relative_to(folder.parent).as_posix() in groups():
            yield path
        else:
            what = sentence("is not read: {} is no group of the configuration", path.parent.name)
            faults.add(str(path), what, "", str(folder / path.name))


def _check(path: Path, name: str, data: Mapping[object, object], faults: Faults) -> None:
    for key, refused in dangers({key: value for key, value in data.items() if key != "defaults"}):
        faults.refused(f"{path}:{key}", refused)
    if "hydra" in data or any(str(key).startswith("hydra.") for key in data):
        faults.add(f"{path}:hydra", HYDRAS)
    group = name.partition("/")[0]
    _check_defaults(path, group, data.get("defaults", []), faults)
    package = _package(path)
    if group in DEFINED and group != "library" and not re.fullmatch(NAME_OF_ONE, path.stem):
        faults.add(str(path), sentence("{!r} cannot be the name of one of {}", path.stem, group))
    if group == "experiment" and package != "_global_":
        faults.add(f"{path}:line 1", sentence("its package is {}", package or group))
    elif group not in ("experiment", *DEFINED) and package and package.split(".")[0] != group:
        faults.add(f"{path}:line 1", f"package {package}", sentence("# @package {}, or none", group))


def _check_defaults(path: Path, kind: str, defaults: Any, faults: Faults) -> None:
    where = f"{path}:defaults"
    if not isinstance(defaults, list):
        faults.add(where, sentence("is not a list"))
        return
    for key, refused in dangers(defaults, "defaults"):
        faults.refused(f"{path}:{key}", refused)
    for item in defaults:
        words = [str(word) for word in item] if isinstance(item, dict) else [str(item)]
        if kind in DEFINED and any(word.startswith("override ") for word in words):
            what = sentence("one of {} cannot choose the file of another group for the study", kind)
            faults.add(where, what)
            continue
        chosen = [word.removeprefix("override ").strip().lstrip("/") for word in words]
        if any(word.startswith("hydra") for word in chosen):
            faults.add(where, HYDRAS)
        for former, group in GROUP_OF.items():
            if any(word.partition("@")[0] == former for word in chosen):
                what = sentence("{} is a key, not a group of files", former)
                allowed = sentence("{}: NAME below, or a scenario of library/", former)
                faults.add(where, what, allowed, group if former == "scenario" else f"{former}: ...")


def _package(path: Path) -> str:
    """The package that the first lines of a file name, if they do."""
    try:
        head = path.read_text(encoding="utf-8")[:512]
    except (OSError, UnicodeDecodeError):
        return ""
    match = re.search(r"^\s*#\s*@package\s+(\S+)", head, re.MULTILINE)
    return match[1] if match else ""


# --- how Hydra reads them


class LabFiles(ConfigSource):
    """The files of a user's folders and of the lab, in this order, so that a user's file of a shipped name is read.

    A file is parsed once, however often a process composes. `DEFINITIONS` and `OWN` are made from many files each.
    """

    own: OwnFiles = SHIPPED

    def __init__(self, provider: str, path: str) -> None:
        super().__init__(provider, path)
        self.folders = tuple(map(Path, self.path.split(os.pathsep)))

    @staticmethod
    def scheme() -> str:
        """How the search path names this source."""
        return "lab"

    @classmethod
    def path_of(cls, own: OwnFiles) -> str:
        """The element of Hydra's search path for a user's folders and the lab's."""
        return f"{cls.scheme()}://{os.pathsep.join(map(str, (*own.folders, CONF)))}"

    def load_config(self, config_path: str) -> ConfigResult:
        """What Hydra merges for a file."""
        package = None
        if config_path in (DEFINITIONS, OWN):
            own = self.own if self.own.folders == self.folders[:-1] else own_files(self.folders[:-1])
            node = own.listed if config_path == OWN else pickle.loads(own.packed)  # noqa: S301 - packed here
        elif path := self._found(config_path):
            node, package = node_of(path)
        else:
            raise ConfigLoadError(f"Config not found: {config_path}")
        return ConfigResult(
            config=node, path=self.full_path(), provider=self.provider, header={"package": package}
        )

    def _found(self, config_path: str) -> Path | None:
        name = self._normalize_file_name(config_path)
        return next((folder / name for folder in self.folders if (folder / name).is_file()), None)

    def available(self) -> bool:
        """Whether the folders are there."""
        return self.folders[-1].is_dir()

    def is_group(self, config_path: str) -> bool:
        """Whether one of the folders has such a folder."""
        return any((folder / config_path).is_dir() for folder in self.folders)

    def is_config(self, config_path: str) -> bool:
        """Whether one of the folders has such a file."""
        return config_path in (DEFINITIONS, OWN) or self._found(config_path) is not None

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        """Names of the files and folders in a folder."""
        listed: list[str] = []
        names = {
            path.name
            for folder in self.folders
            if (folder / config_path).is_dir()
            for path in (folder / config_path).iterdir()
        }
        for name in sorted(names):
            self._list_add_result(listed, os.path.join(config_path, name), name, results_filter)
        return sorted(set(listed))


@lru_cache(maxsize=512)
def _read(path: Path, changed: int, size: int) -> tuple[bytes, str | None]:
    return pickle.dumps(OmegaConf.create(mapping(path))), _package(path) or None


def node_of(path: Path) -> tuple[DictConfig, str | None]:
    """What Hydra merges for a file, read once while it does not change, and the package that its head names."""
    state = path.stat()
    packed, package = _read(path, state.st_mtime_ns, state.st_size)
    return pickle.loads(packed), package  # noqa: S301 - packed by this process


class LabFolders(SearchPathPlugin):
    """Has Hydra read the lab's own folder, and the user's before it, by `LabFiles`."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Hydra calls this whenever it makes up its search path."""
        for element in search_path.get_path():
            if element.provider == "main" and str(element.path).removeprefix("file://") == str(CONF):
                element.path = LabFiles.path_of(LabFiles.own)


@contextmanager
def known_to_hydra(own: OwnFiles) -> Iterator[None]:
    """Let Hydra compose with a user's files for a while."""
    plugins = Plugins.instance()
    if LabFolders not in plugins.discover(SearchPathPlugin):
        plugins.register(LabFiles)
        plugins.register(LabFolders)
    before = LabFiles.own
    LabFiles.own = own
    try:
        yield
    finally:
        LabFiles.own = before


def own_of(hydra: Any) -> OwnFiles:
    """The user's files with which a configuration was composed, from Hydra's node of it."""
    (path,) = (source.path for source in hydra.runtime.config_sources if source.schema == LabFiles.scheme())
    return own_files(path.split(os.pathsep)[:-1])


def parsed(texts: Sequence[str]) -> Iterator[Override]:
    """Sound overrides in Hydra's grammar."""
    yield from OverridesParser.create().parse_overrides(list(texts))


def is_group(override: Override) -> bool:
    """Whether an override chooses a file of a group instead of setting a value."""
    return override.key_or_group in groups() and not isinstance(override.value(), dict)


def values_of(override: Override) -> dict[str, Any]:
    """What an override gives, by dotted key, a mapping leaf by leaf; nothing where it takes away or chooses a file."""
    if override.is_delete() or is_group(override):
        return {}
    return dict(leaves(override.value(), override.key_or_group))


def definitions(group: str, own: OwnFiles) -> tuple[str, ...]:
    """Names that the configuration defines in ``policies``, ``shocks``, ``environments`` or ``library``."""
    if group == "library":
        added = [file.partition("/")[2] for file in own.content if file.startswith("library/")]
        return tuple(dict.fromkeys((*content("library/default"), *added)))
    return tuple(name for name in own.options(group) if "/" not in name)
