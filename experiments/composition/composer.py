"""One composition: the files Hydra's defaults lists choose, laid over each other, with where each key came from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from hydra._internal.defaults_list import Overrides, _create_defaults_list
from hydra.core.default_element import ResultDefault
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import ConfigCompositionException, MissingConfigException

from experiments.composition.files import INTERPOLATION, ConfFile
from experiments.composition.shelf import Shelf
from experiments.composition.suggestions import Nearest, nearest
from experiments.composition.trees import MISSING, assigned, dotted_keys, leaves, lookup, merged, nested
from experiments.faults import COMMAND_LINE, Fault

DELTAS: Final = ("scenario", "experiment")
SCENARIO_ROOTS: Final = ("scenario", "policy", "shock", "environment")
ROOT: Final = "config"
FURTHEST: Final = 20


@dataclass(frozen=True)
class Composition:
    """What one set of chosen files gives.

    `shipped` holds the groups as their files have them and is the schema; `tree` also holds what the scenario, the
    experiment and the command line change; `choices` names the file chosen in each group; `layers` are the files in
    the order they were laid, each with its package.
    """

    shipped: dict[str, Any]
    tree: dict[str, Any]
    choices: dict[str, str]
    layers: tuple[tuple[str, ConfFile], ...]
    changed: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = field(default=(), compare=False)

    def where(self, key: str) -> str:
        """``file:key`` of the last file, or the command line, that has a say in a dotted key."""
        for asked in self.changed:
            if f"{key}.".startswith(f"{asked}.") or f"{asked}.".startswith(f"{key}."):
                return f"{COMMAND_LINE}:{key}"
        above = key
        while above:
            for package, file in reversed(self.layers):
                if lookup(nested(package, file.content), above) is not MISSING:
                    return f"{file.path}:{key}"
            above = above.rpartition(".")[0]
        return f"{self.layers[0][1].path if self.layers else ROOT}:{key}"

    def with_values(self, values: Mapping[str, Any]) -> Composition:
        """The same with values of a command line laid over those keys that this tree has."""
        here = {key: value for key, value in values.items() if lookup(self.tree, key) is not MISSING}
        tree = self.tree
        for key, value in here.items():
            tree = assigned(tree, key, value)
        return Composition(self.shipped, tree, self.choices, self.layers, tuple(here), self.faults)

    def resolved(self) -> Composition:
        """The same with references such as ``${seed}`` replaced by what they refer to."""
        given = [value for key in self.changed for _, value in leaves(lookup(self.tree, key))]
        if not any(map(_refers, given)) and not any(file.refers for _, file in self.layers):
            return self
        tree, faults = self.tree, list(self.faults)
        for key in [key for key, value in leaves(self.tree) if _refers(value)]:
            try:
                tree = assigned(tree, key, _followed(lookup(self.tree, key), self.tree))
            except (KeyError, RecursionError) as error:
                faults.append(
                    Fault(self.where(key), f"{error.args[0]!r} refers to nothing", "keys, as ${seed}")
                )
        return Composition(self.shipped, tree, self.choices, self.layers, self.changed, tuple(faults))


def _refers(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_refers, value))
    return isinstance(value, str) and "${" in value


def _followed(value: Any, tree: dict[str, Any], steps: int = 0) -> Any:
    """A value with its references replaced; a text that is one reference takes on what it refers to."""
    if isinstance(value, list):
        return [_followed(item, tree, steps) for item in value]
    if not _refers(value):
        return value

    def target(reference: re.Match[str]) -> Any:
        found = lookup(tree, reference[1])
        if found is MISSING or isinstance(found, dict) or steps > FURTHEST:
            raise KeyError(reference[0])
        return _followed(found, tree, steps + 1)

    whole = INTERPOLATION.fullmatch(value)
    return target(whole) if whole else INTERPOLATION.sub(lambda reference: str(target(reference)), value)


class Composer:
    """Composes sets of chosen files, each set once as long as its files do not change.

    Parameters
    ----------
    shelf : Shelf
        The files to choose from.
    """

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._fresh: set[tuple[tuple[str, str], ...]] = set()

    def compose(self, groups: Mapping[str, str]) -> Composition:
        """The files chosen by group overrides (``{"policy": "policy=[a,b]"}``), laid over each other.

        Parameters
        ----------
        groups : mapping
            Sound overrides in Hydra's grammar, by group.

        Returns
        -------
        Composition
            With what is wrong in the files among its faults.
        """
        mark = tuple(sorted(groups.items()))
        known = self.shelf.compositions
        if mark in known and (mark in self._fresh or self._stands(*known[mark])):
            composition: Composition = known[mark][0]
        else:
            self.shelf.begin()
            composition = self._compose(list(groups.values()))
            composition = replace(composition, faults=(*composition.faults, *self.shelf.faults))
            known[mark] = (composition, self.shelf.used)
        self._fresh.add(mark)
        return composition

    def _stands(self, composition: Composition, used: dict[str, ConfFile]) -> bool:
        return not composition.faults and self.shelf.unchanged(used)

    def _compose(self, overrides: list[str]) -> Composition:
        parsed = OverridesParser.create().parse_overrides(overrides)
        try:
            listed, choices, faults = self._listed(parsed)
        except (ConfigCompositionException, ValueError, AssertionError, RecursionError) as error:
            return Composition({}, {}, {}, (), faults=(self._refusal(error),))
        layers = tuple(self._layers(listed))
        faults += self._misplaced(layers)
        shipped: dict[str, Any] = {}
        for package, file in layers:
            if not _is_delta(self.shelf, file):
                shipped = merged(shipped, nested(package, file.content))
        tree = shipped
        for package, file in layers:
            if _is_delta(self.shelf, file):
                tree = merged(tree, nested(package, file.content))
        faults += self._added(layers, shipped)
        tree = {key: value for key, value in tree.items() if key != "hydra"}
        return Composition(shipped, tree, choices, layers, faults=tuple(faults))

    def _listed(self, parsed: list[Override]) -> tuple[list[ResultDefault], dict[str, str], list[Fault]]:
        """Hydra's own walk through the defaults lists, without the files by which Hydra configures itself."""
        overrides = Overrides(self.shelf, parsed)
        listed, _ = _create_defaults_list(
            self.shelf, ROOT, overrides, prepend_hydra=False, skip_missing=False
        )
        faults = []
        for group, choice in overrides.override_metadata.items():
            if group.startswith("hydra/"):
                choice.used = True
                if choice.containing_config_path != ROOT:
                    file = self.shelf.used[str(choice.containing_config_path)]
                    faults.append(Fault(f"{file.path}:defaults", f"{group} is not for a file to choose"))
        overrides.ensure_overrides_used()
        known = overrides.known_choices.items()
        return listed, {group: name for group, name in known if isinstance(name, str)}, faults

    def _layers(self, listed: list[ResultDefault]) -> Iterator[tuple[str, ConfFile]]:
        for chosen in listed:
            path = (chosen.config_path or "").removesuffix(".yaml")
            if not path.startswith("hydra/") and path in self.shelf.used:
                yield chosen.package or "", self.shelf.used[path]

    def _misplaced(self, layers: tuple[tuple[str, ConfFile], ...]) -> Iterator[Fault]:
        """Files of a group that would set keys elsewhere."""
        for package, file in layers:
            group = self.shelf.group_of(file)
            if group and group not in DELTAS and package.split(".")[0] != group:
                yield Fault(
                    f"{file.path}:line 1", f"package {package or '_global_'}", f"# @package {group}, or below"
                )

    def _added(self, layers: tuple[tuple[str, ConfFile], ...], shipped: dict[str, Any]) -> Iterator[Fault]:
        """Keys of scenarios and experiments that the files of the groups do not have, or that they may not set."""
        for package, file in layers:
            group = self.shelf.group_of(file)
            keys = [key for key, _ in leaves(nested(package, file.content)) if key] if group in DELTAS else []
            for key in keys:
                root = key.split(".")[0]
                if root == "hydra" or (group == "scenario" and root not in SCENARIO_ROOTS):
                    allowed = ", ".join(SCENARIO_ROOTS) if group == "scenario" else "keys of the study"
                    yield Fault(f"{file.path}:{key}", f"is not for a {group} to set", allowed)
                elif root != "scenario" and lookup(shipped, key) is MISSING:
                    best = Nearest(dotted_keys(shipped)).best(key)
                    yield Fault(f"{file.path}:{key}", "is not a known key", "a key of the chosen files", best)

    def _refusal(self, error: BaseException) -> Fault:
        text = str(error)
        inside = re.search(r"In '([^']+)'", text)
        missing = re.search(r"(?:Could not find|Could not load|find) '([^']+)'", text)
        source = inside[1] if inside else ROOT
        file = self.shelf.used.get(source)
        where = f"{file.path if file else source}:defaults"
        if isinstance(error, MissingConfigException) and missing:
            group, _, name = missing[1].rpartition("/")
            options = self.shelf.groups().get(group, [])
            return Fault(where, f"{missing[1]!r} is not there", ", ".join(options), nearest(name, options))
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return Fault(where, "; ".join(lines[:3]) or type(error).__name__)


def _is_delta(shelf: Shelf, file: ConfFile) -> bool:
    return shelf.group_of(file) in DELTAS
