"""Overrides from a command line, each read by itself so that every fault in them is found at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException

from experiments.composition.files import dangers
from experiments.composition.shelf import Shelf
from experiments.composition.suggestions import nearest, unknown
from experiments.faults import COMMAND_LINE, Faults

LONGEST: Final = 10_000
HYDRA_GROUPS: Final = {"hydra/launcher": ("basic", "submitit_local", "submitit_slurm")}
HYDRA_KEYS: Final = ("hydra.sweep.dir", "hydra.verbose")
LISTS: Final = ("policy", "shock")
KEY: Final = re.compile(r"[A-Za-z0-9_]+([./][A-Za-z0-9_]+)*", re.ASCII)


@dataclass
class Asked:
    """What a command line asks for, sorted: files of groups, values of keys (those with a + again), words to Hydra."""

    texts: tuple[str, ...] = ()
    groups: dict[str, Override] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    hydra: list[Override] = field(default_factory=list)

    def names(self, group: str) -> list[str]:
        """The files asked for in a group."""
        value = self.groups[group].value()
        return list(value) if isinstance(value, list) else [str(value)]


def parse(text: str, faults: Faults, shelf: Shelf) -> Override | None:
    """One override in Hydra's grammar, or None with a fault noted."""
    key = text.partition("=")[0]
    where = f"{COMMAND_LINE}:{key}"
    if "=" not in text and not text.startswith("~"):
        faults.add(where, "is no key=value", "key=value, group=option", f"{text}=...")
    elif len(text) > LONGEST:
        faults.add(where, f"is {len(text)} letters long", f"at most {LONGEST}")
    elif not text.isprintable():
        faults.add(where, "holds characters that cannot be printed", "printable text")
    else:
        try:
            return OverridesParser.create(shelf.loader).parse_override(text)
        except (HydraException, ValueError, RecursionError, OverflowError):
            value = text.partition("=")[2]
            faults.add(
                where, f"cannot be read: {text}", "key=value in Hydra's grammar", f"{key}='\"{value}\"'"
            )
    return None


def read_overrides(texts: Sequence[str], shelf: Shelf, faults: Faults) -> Asked:
    """Read the overrides of one job, noting every fault in keys, groups and options that shows without composing.

    Parameters
    ----------
    texts : sequence of str
        As on the command line, without sweeps.
    shelf : Shelf
        The files to choose from.
    faults : Faults
        Grows by what is wrong.

    Returns
    -------
    Asked
        The sound ones.
    """
    asked = Asked(tuple(texts))
    groups = shelf.groups()
    for text in texts:
        override = parse(text, faults, shelf)
        if override is not None and _sound(override, groups, faults):
            _sort(override, asked, groups, faults)
    return asked


def _sound(override: Override, groups: dict[str, list[str]], faults: Faults) -> bool:
    key, text = override.key_or_group, override.input_line or ""
    where = f"{COMMAND_LINE}:{key}"
    before = len(faults)
    if override.is_delete():
        faults.add(
            where, "keys cannot be taken away", "key=value; policy=none for no policy", _nothing(key, groups)
        )
    elif override.package is not None:
        faults.add(where, "files cannot be put elsewhere with @", "group=option", key)
    elif not KEY.fullmatch(key):
        faults.add(where, "is no key", "letters, digits, _ and . between them")
    elif override.is_sweep_override():
        listed = text.partition("=")[2]
        meant = f"-m {key}={listed}" if key in groups and key not in LISTS else f"{key}=[{listed}]"
        faults.add(where, f"has several values: {listed}", "one value; -m for one study each", meant)
    else:
        tree: Any = override.value()
        for name in reversed(re.split(r"[./]", key)):
            tree = {name: tree}
        for found, what, allowed in dangers(tree):
            faults.add(f"{COMMAND_LINE}:{found}", what, allowed)
    return len(faults) == before


def _nothing(group: str, groups: dict[str, list[str]]) -> str:
    """The override that chooses nothing in a group, if it has one."""
    return f"{group}=none" if "none" in groups.get(group, ()) else ""


def _sort(override: Override, asked: Asked, groups: dict[str, list[str]], faults: Faults) -> None:
    key, value = override.key_or_group, override.value()
    where = f"{COMMAND_LINE}:{key}"
    if override.is_add() and not override.is_force_add() and (key in groups or override.is_hydra_override()):
        faults.add(where, "cannot be added", "without +", str(override.input_line).lstrip("+"))
    elif override.is_hydra_override():
        _hydra(override, asked, faults)
    elif key in groups and not isinstance(value, dict):
        if key in asked.groups:
            faults.add(where, "is given twice", f"once; a list as {key}=[a,b]" if key in LISTS else "once")
        elif _options(key, value, groups, faults):
            asked.groups[key] = override
    elif "/" in key:
        guess = nearest(key, groups)
        faults.add(where, "is not a known group", ", ".join(groups), guess)
    else:
        asked.values[key] = value
        if override.is_add() and not override.is_force_add():
            asked.added.append(key)


def _hydra(override: Override, asked: Asked, faults: Faults) -> None:
    key, value = override.key_or_group, override.value()
    where = f"{COMMAND_LINE}:{key}"
    known = (*HYDRA_GROUPS, *HYDRA_KEYS, "hydra.launcher.<key>")
    if key in HYDRA_GROUPS:
        if value not in HYDRA_GROUPS[key]:
            options = HYDRA_GROUPS[key]
            faults.add(where, f"{value!r} is not known", ", ".join(options), nearest(value, options))
        else:
            asked.hydra.append(override)
    elif key == "hydra.sweep.dir" and (not isinstance(value, str) or not value.strip() or "${" in value):
        faults.add(where, f"{value!r} is no folder", "a path")
    elif key in HYDRA_KEYS or key.startswith("hydra.launcher."):
        asked.hydra.append(override)
    else:
        what = "is not for a command line to set"
        suggestion = "-m" if key == "hydra.mode" else nearest(key, known[:-1])
        faults.add(where, what, ", ".join(known), suggestion)


def _options(group: str, value: Any, groups: dict[str, list[str]], faults: Faults) -> bool:
    where, options = f"{COMMAND_LINE}:{group}", groups[group]
    names: Iterable[Any] = value if isinstance(value, list) else [value]
    before = len(faults)
    if group == "experiment" and value is None:
        return False
    if isinstance(value, list) and group not in LISTS:
        faults.add(where, "takes one name, not a list", ", ".join(options))
        return False
    names = list(names)
    if not names:
        faults.add(where, "is an empty list", ", ".join(options), f"{group}=none")
    if strange := unknown(names, options):
        faults.add(where, *strange)
    for name in names:
        if names.count(name) > 1:
            faults.add(where, f"{name} stands there twice", "each name once")
    if len(names) > 1 and "none" in names:
        faults.add(where, "none stands beside others", "none by itself, or names without it")
    if group == "bank" and len(faults) > before:
        place = f"{COMMAND_LINE}:--config-dir"
        faults.add(place, "brings a bank of your own", "DIR/bank/ours.yaml with --config-dir DIR bank=ours")
    return len(faults) == before
