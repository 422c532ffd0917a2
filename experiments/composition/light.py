"""A light view of the configuration for Hydra while it launches a sweep.

Hydra composes every job of a sweep three times over, and most of that time goes into numbers that only the job itself
reads. During a sweep Hydra therefore sees the files of numbers without their numbers; each job composes itself whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from hydra._internal.core_plugins import file_config_source
from hydra._internal.sources_registry import SourcesRegistry
from hydra.plugins.config_source import ConfigResult, ConfigSource
from omegaconf import OmegaConf

from experiments.composition.files import read

NUMBERS: Final = ("population", "banks", "behaviour", "allocation", "environment", "network")


class FileConfigSource(file_config_source.FileConfigSource):
    """Hydra's source of files, with the groups of numbers empty but for their defaults lists.

    It has the name of Hydra's own class, by which a batch system's worker knows it again and puts the own one back.
    """

    def load_config(self, config_path: str) -> ConfigResult:
        """One file as Hydra wants it."""
        path = f"{self.path}/{self._normalize_file_name(config_path)}"
        file = read(path, config_path)
        content = {} if config_path.partition("/")[0] in NUMBERS else file.content
        whole = {**content, "defaults": file.defaults} if file.defaults else content
        header = ConfigSource._get_header_dict(file.header)
        return ConfigResult(self.provider, self.full_path(), OmegaConf.create(whole), header)


@contextmanager
def light_files() -> Iterator[None]:
    """Let Hydra read files without their numbers for a while."""
    types = SourcesRegistry.instance().types
    usual = types["file"]
    types["file"] = FileConfigSource
    try:
        yield
    finally:
        types["file"] = usual


def forced(texts: Sequence[str]) -> list[str]:
    """Overrides of numbers with ``++``, so that Hydra takes them although it does not see their keys."""
    return [
        f"++{text}" if text.startswith(tuple(f"{group}." for group in NUMBERS)) else text for text in texts
    ]
