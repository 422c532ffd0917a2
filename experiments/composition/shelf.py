"""The shelf of configuration files that Hydra's defaults lists choose from, with its own cache and fault list."""

from __future__ import annotations

import os
from functools import cached_property, lru_cache
from typing import Any, Final

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import ConfigRepository
from hydra._internal.utils import create_config_search_path
from hydra.core.config_search_path import SearchPathQuery
from hydra.core.object_type import ObjectType
from hydra.plugins.config_source import ConfigResult, ConfigSource
from omegaconf import OmegaConf

from experiments.composition.files import ConfFile, as_list, read
from experiments.faults import Fault

OWN: Final = ("main", "command-line")


class Shelf(ConfigRepository):
    """Hydra's repository of configs, except that files are read as plain data and faults are kept, not raised.

    Parameters
    ----------
    conf : str
        The folder of ``config.yaml`` and the groups.
    folders : tuple of str
        Further folders of groups; they add files and never replace one.
    """

    def __init__(self, conf: str, folders: tuple[str, ...] = ()) -> None:
        self.conf = conf
        self.search_path = create_config_search_path(conf)
        for folder in folders:
            self.search_path.prepend(
                provider="command-line", path=f"file://{folder}", anchor=SearchPathQuery(provider="schema")
            )
        super().__init__(self.search_path)
        self._structured: dict[str, ConfigResult | None] = {}
        self._results: dict[str, tuple[ConfFile, ConfigResult, list[Fault]]] = {}
        self.compositions: dict[Any, Any] = {}
        self.begin()

    def begin(self) -> None:
        """Forget what the last composition used and found wrong."""
        self.used: dict[str, ConfFile] = {}
        self._group: dict[str, str] = {}
        self.faults: dict[Fault, None] = {}

    def unchanged(self, used: dict[str, ConfFile]) -> bool:
        """Whether files used before still stand as they were read."""
        return all(read(file.place, file.path) is file for file in used.values())

    def group_of(self, file: ConfFile) -> str:
        """The first part of a used file's path below the folder of groups; empty for the file at the top."""
        return self._group[file.path]

    @cached_property
    def loader(self) -> ConfigLoaderImpl:
        """Hydra's loader over the same folders."""
        return ConfigLoaderImpl(self.search_path)

    def load_config(self, config_path: str) -> ConfigResult | None:
        """One config, as Hydra asks for it while it walks the defaults lists."""
        source = self._find_object_source(config_path, ObjectType.CONFIG)
        if source is None or source.provider not in OWN:
            if config_path not in self._structured:
                self._structured[config_path] = super().load_config(config_path)
            return self._structured[config_path]
        return self._own(source, config_path)

    def _own(self, source: ConfigSource, config_path: str) -> ConfigResult:
        file = self.file(source, config_path)
        self.used[config_path.removesuffix(".yaml")] = file
        self._group[file.path] = config_path.rpartition("/")[0].split("/")[0]
        self.faults.update(dict.fromkeys(file.faults))
        if config_path.startswith("hydra/"):
            self.faults[Fault(file.path, "would set how Hydra works, which no file of this study may")] = None
        known = self._results.get(config_path)
        if known is None or known[0] is not file:
            known = self._results[config_path] = (file, *self._result(source, config_path, file))
        _, result, faults = known
        self.faults.update(dict.fromkeys(faults))
        return result

    def _result(
        self, source: ConfigSource, config_path: str, file: ConfFile
    ) -> tuple[ConfigResult, list[Fault]]:
        """The header and defaults list of a file, which is all that Hydra needs of it."""
        header: dict[str, Any] = {"package": None}
        faults, listed = [], []
        try:
            header = dict(ConfigSource._get_header_dict(file.header))
        except ValueError as error:
            faults.append(Fault(f"{file.path}:line 1", str(error), "# @package <key>"))
        if not isinstance(file.defaults, list):
            faults.append(Fault(f"{file.path}:defaults", "is not a list", "- group: option"))
        try:
            listed = self._create_defaults_list(config_path, as_list(file.defaults))
        except (ValueError, AssertionError) as error:
            faults.append(Fault(f"{file.path}:defaults", str(error).removeprefix(f"In {config_path}: ")))
        result = ConfigResult(source.provider, source.full_path(), OmegaConf.create({}), header, listed)
        return result, faults

    def file(self, source: ConfigSource, config_path: str) -> ConfFile:
        """The file behind a config path."""
        path = os.path.join(source.path, config_path.removesuffix(".yaml") + ".yaml")
        inside = os.path.relpath(path, source.path)
        shown = os.path.join(os.path.basename(source.path), inside) if source.provider == "main" else path
        return read(path, shown)

    def groups(self) -> dict[str, list[str]]:
        """Every group of the study's own folders with its options."""
        found: dict[str, set[str]] = {}
        for source in self.sources:
            for folder, _, files in os.walk(source.path) if source.provider in OWN else ():
                group = os.path.relpath(folder, source.path).replace(os.sep, "/")
                if group != "." and not group.startswith("hydra"):
                    options = {
                        file.removesuffix(".yaml")
                        for file in files
                        if file.endswith(".yaml") and os.path.isfile(os.path.join(folder, file))
                    }
                    found.setdefault(group, set()).update(options)
        return {group: sorted(options) for group, options in sorted(found.items()) if options}


@lru_cache(maxsize=8)
def shelf(conf: str, folders: tuple[str, ...] = ()) -> Shelf:
    """One shelf per set of folders and process; its files are read again when they change."""
    return Shelf(conf, folders)
