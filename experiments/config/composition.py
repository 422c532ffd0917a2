"""What Hydra composes from files and words of a command line, and where each value of it comes from."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from experiments.config.errors import typed
from experiments.config.folders import (
    LIBRARY,
    SHIPPED,
    LabFiles,
    OwnFiles,
    is_group,
    known_to_hydra,
    node_of,
    parsed,
    state,
    values_of,
)
from experiments.config.numbers import content
from experiments.config.tree import MISSING, leaves, lookup, overlap, plain_data, upwards
from experiments.location import CONF

CONFIG: Final = "config"
# What a wheel calls this package's room, so that Hydra finds the lab's callback there as well.
ROOM: Final = __name__.removesuffix(".config.composition")


def _offer_nodes() -> None:
    """Tell Hydra of the lab's own help and callback, which are code and therefore stand in no file."""
    store = ConfigStore.instance()
    help_node = {"app_name": "honeycomb", "header": "", "footer": "", "template": "$APP_CONFIG_GROUPS"}
    store.store(group="hydra/help", name="honeycomb", node=help_node)
    callback = {"study": {"_target_": f"{ROOM}.cli.Checks"}}
    store.store(group="hydra/callbacks", name="honeycomb", node=callback)
    sweeper = {"_target_": "hydra_plugins.honeycomb.DesignSweeper", "table": "???"}
    store.store(group="hydra/sweeper", name="design", node=sweeper)


_offer_nodes()


# What Hydra raises when it cannot compose.
REFUSED_BY_HYDRA: Final = (
    HydraException, OmegaConfBaseException, ValueError, TypeError, AssertionError, RecursionError,
)  # fmt: skip


def composed(words: Sequence[str], own: OwnFiles) -> DictConfig:
    """What Hydra composes from words of the command line, with its own node.

    Files are composed once in a process, for as long as none of them changes; values are set as Hydra sets them, and
    an experiment, the last of the files, is laid over the others as Hydra does it.
    """
    overrides = list(parsed(words))
    files = [one for one in overrides if one.is_hydra_override() or is_group(one)]
    values = [one for one in overrides if one not in files]
    if any(one.is_delete() or (_is_added(one) and not isinstance(one.value(), dict)) for one in values):
        return _composed(words, own)
    if any(one.key_or_group == "hydra.searchpath" for one in files):
        return _composed(words, own)
    deltas = {str(one.input_line): content for one in files if (content := _delta(one, own)) is not None}
    chosen = tuple(line for one in files if (line := str(one.input_line)) not in deltas)
    config = _of_files(chosen, own)
    with open_dict(config):
        config.hydra.runtime.cwd = str(Path.cwd())  # it may have changed since
    for line, content in deltas.items():
        with open_dict(config):
            config.merge_with(content)
            config.hydra.runtime.choices.experiment = line.partition("=")[2]
    for one in values:
        OmegaConf.update(config, one.key_or_group, one.value(), merge=True, force_add=_is_added(one))
    config.hydra.overrides.task = [str(one.input_line) for one in overrides if not one.is_hydra_override()]
    return config


def _is_added(word: Override) -> bool:
    return word.is_add() or word.is_force_add()


def _of_files(chosen: tuple[str, ...], own: OwnFiles) -> DictConfig:
    """What Hydra composes from files.

    Where the user's only define policies, shocks and scenarios, they are put in the places that Hydra would give them.
    """
    alone = not own.only_define or any(word.lstrip("+").startswith("experiment") for word in chosen)
    files = own if alone else SHIPPED
    config: DictConfig = pickle.loads(_packed(chosen, files, state(files)))  # noqa: S301 - packed by this process
    if files is not own:
        with open_dict(config):
            own.define(config)
            for source in config.hydra.runtime.config_sources:
                if source.schema == LabFiles.scheme():
                    source.path = LabFiles.path_of(own).removeprefix(f"{source.schema}://")
    return config


def _delta(word: Override, own: OwnFiles) -> DictConfig | None:
    """What a chosen experiment lays over everything else, where it has no defaults list that chooses other files."""
    name = word.value()
    file = f"experiment/{name}"
    path = own.places.get(file, CONF / f"{file}.yaml")
    if not isinstance(name, str) or word.input_line != f"experiment={name}" or not path.is_file():
        return None
    content, _ = node_of(path)
    return None if "defaults" in content else content


def _composed(words: Sequence[str], own: OwnFiles) -> DictConfig:
    if GlobalHydra.instance().is_initialized():  # inside a sweep, by the same files
        return compose(CONFIG, overrides=list(words), return_hydra_config=True)
    with known_to_hydra(own), initialize_config_dir(str(CONF), version_base="1.3"):
        return compose(CONFIG, overrides=list(words), return_hydra_config=True)


@lru_cache(maxsize=64)
def _packed(words: tuple[str, ...], own: OwnFiles, state: tuple[tuple[str, int, int], ...]) -> bytes:
    return pickle.dumps(_composed(words, own))


@cache
def plain_tree() -> Mapping[str, Any]:
    """The lab's own configuration without any word of a command line."""
    return _plain((), SHIPPED)


def keys_of(words: tuple[str, ...], own: OwnFiles) -> Mapping[str, object]:
    """The composed configuration without any value of the command line: what keys there are."""
    if not words and not own.content:
        return plain_tree()
    try:
        return _plain(words, own)
    except REFUSED_BY_HYDRA:
        return plain_tree()


def _plain(words: tuple[str, ...], own: OwnFiles) -> Mapping[str, Any]:
    config = OmegaConf.to_container(composed(words, own), resolve=False)
    tree: dict[str, Any] = plain_data(config)
    return {key: value for key, value in tree.items() if key != "hydra"}


# --- where each value comes from


class Layer(NamedTuple):
    """A file as it is laid over others: where its content goes, how messages name it, and whether it is the user's."""

    package: str
    path: str
    is_own: bool
    held: Mapping[str, Any]

    def has(self, key: str) -> bool:
        """Whether it has a say in a dotted key."""
        if self.package and key != self.package and not key.startswith(f"{self.package}."):
            return False
        inside = key.removeprefix(self.package).removeprefix(".")
        return not inside or lookup(self.held, inside) is not MISSING


class Origin:
    """What Hydra says of a composition, and the files behind it.

    Parameters
    ----------
    hydra : DictConfig
        Hydra's node of a configuration.
    own : OwnFiles
        The user's files.

    Attributes
    ----------
    overrides : tuple of str
        Words of the command line that are no business of Hydra's.
    choices : dict of str to str
        The file chosen in each group, as Hydra has them (``banks/kind@banks.city: city``).
    """

    def __init__(self, hydra: Any, own: OwnFiles) -> None:
        overrides: Any = OmegaConf.to_container(hydra.overrides.task, resolve=False)
        choices: Any = OmegaConf.to_container(hydra.runtime.choices, resolve=False)
        self.overrides: tuple[str, ...] = tuple(overrides)
        self.choices: dict[str, str | None] = choices
        self.own = own

    @property
    def experiment(self) -> str | None:
        """The chosen experiment."""
        return self.choices.get("experiment")

    @cached_property
    def asked(self) -> dict[str, Any]:
        """Values of the command line by dotted key; those of mappings leaf by leaf."""
        values: dict[str, Any] = {}
        for override in parsed(self.overrides):
            values |= values_of(override)
        return values

    @cached_property
    def given(self) -> dict[str, Any]:
        """Every value that the user gave, by dotted key: in own files, in an experiment, on the command line."""
        values: dict[str, Any] = {}
        for layer in self.layers:
            if layer.is_own or layer.package == "":
                for key, value in leaves(layer.held):
                    values[f"{layer.package}.{key}".lstrip(".")] = value
        return values | self.asked

    @cached_property
    def layers(self) -> list[Layer]:
        """Every chosen file, in the order in which they are laid over each other."""
        layers = [
            self._layer(file, "library" if file == LIBRARY else file.replace("/", "."))
            for file in self.own.definition_files
        ]
        for choice, name in self.choices.items():
            group, _, package = choice.partition("@")
            if name is None or group.startswith("hydra/") or group == "experiment":
                continue
            layers.append(self._layer(f"{group}/{name}", package or group.replace("/", ".")))
        if self.experiment:
            layers.append(self._layer(f"experiment/{self.experiment}", ""))
        return [layer for layer in layers if layer is not None]

    def _layer(self, file: str, package: str) -> Layer | None:
        if file in self.own.content:
            own = {str(key): value for key, value in self.own.content[file].items() if key != "defaults"}
            return Layer(package, str(self.own.places[file]), True, own)
        shipped = (CONF / f"{file}.yaml").is_file()
        return Layer(package, f"conf/{file}.yaml", False, content(file)) if shipped else None

    @cached_property
    def taken(self) -> tuple[str, ...]:
        """Keys that the command line took away."""
        return tuple(one.key_or_group for one in parsed(self.overrides) if one.is_delete())

    def where(self, key: str) -> str:
        """``file:key`` of the last file, or the command line, that has a say in a dotted key."""
        if any(overlap(key, word) for word in (*self.asked, *self.taken)):
            return typed(key)
        for above in upwards(key):
            for layer in reversed(self.layers):
                if layer.has(above):
                    return f"{layer.path}:{key}"
        return f"conf/config.yaml:{key}"
