"""Where each value comes from: the command line, an experiment, a user's file or the lab's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf

from experiments.config.errors import COMMAND_LINE
from experiments.config.folders import LIBRARY, OwnFiles, groups
from experiments.config.shapes import content
from experiments.config.tree import MISSING, leaves, lookup
from experiments.location import CONF


class Origin:
    """What Hydra says of a composition, and the files behind it.

    Parameters
    ----------
    overrides : sequence of str
        Words of the command line that are no business of Hydra's.
    choices : mapping of str to str
        The file chosen in each group, as Hydra has them (``banks/kind@banks.city: city``).
    own : OwnFiles
        The user's files.
    """

    def __init__(self, overrides: Sequence[str], choices: Mapping[str, str | None], own: OwnFiles) -> None:
        self.overrides, self.choices, self.own = tuple(overrides), choices, own

    @classmethod
    def of(cls, hydra: DictConfig, own: OwnFiles) -> Origin:
        """Read it from Hydra's node of a configuration."""
        overrides: Any = OmegaConf.to_container(hydra.overrides.task, resolve=False)
        choices: Any = OmegaConf.to_container(hydra.runtime.choices, resolve=False)
        return cls(overrides, choices, own)

    @property
    def experiment(self) -> str | None:
        """The chosen experiment."""
        return self.choices.get("experiment")

    @cached_property
    def asked(self) -> dict[str, Any]:
        """Values of the command line by dotted key; those of mappings leaf by leaf."""
        values: dict[str, Any] = {}
        for override in parsed(self.overrides):
            if not override.is_delete() and not is_group(override):
                given = override.value()
                for below, value in leaves(given) if isinstance(given, dict) and given else [("", given)]:
                    values[f"{override.key_or_group}.{below}".rstrip(".")] = value
        return values

    @cached_property
    def given(self) -> dict[str, Any]:
        """Every value that the user gave, by dotted key: in own files, in an experiment, on the command line."""
        values: dict[str, Any] = {}
        for package, path, held in self.layers:
            if path.is_own or package == "":
                for key, value in leaves(held):
                    values[f"{package}.{key}".lstrip(".")] = value
        return values | self.asked

    @cached_property
    def layers(self) -> list[tuple[str, Shown, dict[str, Any]]]:
        """Package, file and content of every chosen file, in the order in which they are laid over each other."""
        found = [self._definition(file) for file in self.own.definition_files]
        for choice, name in self.choices.items():
            group, _, package = choice.partition("@")
            if name is None or group.startswith("hydra/") or group == "experiment":
                continue
            found.append(self._layer(f"{group}/{name}", package or group.replace("/", ".")))
        if self.experiment:
            found.append(self._layer(f"experiment/{self.experiment}", ""))
        return [layer for layer in found if layer is not None]

    def _definition(self, file: str) -> tuple[str, Shown, dict[str, Any]] | None:
        return self._layer(file, "library" if file == LIBRARY else file.replace("/", "."))

    def _layer(self, file: str, package: str) -> tuple[str, Shown, dict[str, Any]] | None:
        if file in self.own.content:
            shown, held = Shown(str(self.own.places[file]), True), self.own.content[file]
        elif (CONF / f"{file}.yaml").is_file():
            shown, held = Shown(f"conf/{file}.yaml", False), content(file)
        else:
            return None
        return package, shown, {str(key): value for key, value in held.items() if key != "defaults"}

    @cached_property
    def taken(self) -> tuple[str, ...]:
        """Keys that the command line took away."""
        return tuple(one.key_or_group for one in parsed(self.overrides) if one.is_delete())

    def where(self, key: str) -> str:
        """``file:key`` of the last file, or the command line, that has a say in a dotted key."""
        for asked in (*self.asked, *self.taken):
            if f"{key}.".startswith(f"{asked}.") or f"{asked}.".startswith(f"{key}."):
                return f"{COMMAND_LINE}:{key}"
        above = key
        while above:
            for package, shown, held in reversed(self.layers):
                if _below(package, held, above):
                    return f"{shown.path}:{key}"
            above = above.rpartition(".")[0]
        return f"conf/config.yaml:{key}"


class Shown:
    """A file as messages name it, and whether it is the user's."""

    def __init__(self, path: str, is_own: bool) -> None:
        self.path, self.is_own = path, is_own


def _below(package: str, content: dict[str, Any], key: str) -> bool:
    if not package:
        return lookup(content, key) is not MISSING
    return key == package or (
        key.startswith(f"{package}.") and lookup(content, key.removeprefix(f"{package}.")) is not MISSING
    )


def parsed(texts: Sequence[str]) -> Iterator[Override]:
    """Sound overrides in Hydra's grammar."""
    yield from OverridesParser.create().parse_overrides(list(texts))


def is_group(override: Override) -> bool:
    """Whether an override chooses a file of a group instead of setting a value."""
    return override.key_or_group in groups() and not isinstance(override.value(), dict)
