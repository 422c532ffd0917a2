"""Why Hydra refused a command line, in the words of the lab: the words at fault one by one, the others kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hydra.core.override_parser.types import Override

from experiments.config.catalogue import is_number
from experiments.config.composition import keys_of
from experiments.config.errors import (
    COMMAND_LINE,
    NOT_KNOWN,
    Fault,
    Faults,
    Sentence,
    nearest,
    sentence,
    typed,
    unknown,
)
from experiments.config.folders import OwnFiles, groups, is_group, parsed
from experiments.config.requirements import installing, lacking
from experiments.config.scenarios import ScenarioDefinition
from experiments.config.tree import MISSING, dotted_keys, leaves, lookup

LAUNCHERS: Final = {
    "basic": ("hydra", ""),
    "joblib": ("hydra_plugins.hydra_joblib_launcher", "joblib"),
    "submitit_local": ("hydra_plugins.hydra_submitit_launcher", "slurm"),
    "submitit_slurm": ("hydra_plugins.hydra_submitit_launcher", "slurm"),
}
SWEEPERS: Final = {
    "basic": ("hydra", ""),
    "design": ("hydra", ""),
    "optuna": ("hydra_plugins.hydra_optuna_sweeper", "optuna"),
}
PLUGINS: Final = {"hydra/launcher": LAUNCHERS, "hydra/sweeper": SWEEPERS}


def sound_words(words: Sequence[str], own: OwnFiles, faults: Faults, error: Exception) -> list[str]:
    """The words with which nothing is wrong; every other one noted as a fault.

    Parameters
    ----------
    words : sequence of str
        In Hydra's grammar.
    own : OwnFiles
        The user's files.
    faults : Faults
        Grows by a fault for each word that Hydra cannot take.
    error : Exception
        What Hydra said, for when no word by itself is the reason.
    """
    choices = [word for word in words if is_group(next(parsed([word])))]
    sound = [word for word in choices if not _group_fault(next(parsed([word])), own, faults)]
    tree = keys_of(tuple(sound), own)
    for word in words:
        override = next(parsed([word]))
        if word in choices:
            continue
        if override.is_hydra_override():
            fault = _plugin_fault(override)
        elif override.is_sweep_override():
            fault = None
        else:
            fault = _key_fault(override, tree)
        if fault is None:
            sound.append(word)
        else:
            faults.extend([fault])
    if not len(faults):
        faults.extend([_said_by_hydra(error)])
    return [word for word in sound if not word.startswith("hydra")]


def _group_fault(override: Override, own: OwnFiles, faults: Faults) -> bool:
    """Note what is wrong with the choice of a file."""
    group, value = override.key_or_group, override.value()
    faults, before = faults.placed(typed), len(faults)
    if override.is_sweep_override() or override.is_delete():
        return False
    options = own.options(group)
    if isinstance(value, list):
        what = sentence("takes one name, not a list")
        faults.at(group, what, ", ".join(options), str(value[0]) if value else "")
    elif value not in options and not (group == "experiment" and value is None):
        faults.unknown(group, value, options)
        if group == "bank":
            what = sentence("brings a bank of your own")
            faults.at("--config-dir", what, "DIR/bank/ours.yaml with --config-dir DIR bank=ours")
    elif override.is_add() and override.package is None:
        faults.at(group, sentence("cannot be added"), suggestion=f"{group}={value}")
    elif override.package is not None and override.package.replace("/", ".") not in _packages(group):
        what = sentence("files cannot be put elsewhere with @")
        faults.at(group, what, ", ".join(f"{group}@{package}" for package in _packages(group)), group)
    return len(faults) > before


def _packages(group: str) -> tuple[str, ...]:
    """Where the lab's own config puts the files of a group."""
    if group == "environments":
        return tuple(f"{group}.{name}" for name in groups()[group])
    if group == "banks/kind":
        return tuple(f"banks.{name}" for name in groups()[group])
    return (group,)


def _plugin_fault(override: Override) -> Fault | None:
    """A launcher or sweeper that is not known, or not installed."""
    options = PLUGINS.get(override.key_or_group)
    if options is None:
        return None
    where, value = typed(override.key_or_group), str(override.value())
    if value not in options:
        return unknown(value, options).at(where)
    module, extra = options[value]
    return (
        None
        if is_there(module)
        else Fault(where, lacking(value, module.rpartition(".")[2]), installing(extra))
    )


def is_there(module: str) -> bool:
    """Whether a module is installed."""
    from importlib.util import find_spec

    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _key_fault(override: Override, tree: Mapping[str, Any]) -> Fault | None:
    """A key that is not there, or is there and should be added, or a value where a mapping stands."""
    key, value = override.key_or_group, override.value()
    where, found = typed(key), lookup(tree, key)
    if override.is_add() and not override.is_force_add() and found is not MISSING:
        what = sentence("keys cannot be added that are there")
        return Fault(where, what, suggestion=f"{key}={value}")
    if (
        found is not MISSING
        and isinstance(found, Mapping)
        and isinstance(value, dict)
        and not is_number(value)
    ):
        return _unknown_part(where, key, value, found)
    if override.is_add() or found is not MISSING:
        return None
    if override.is_delete() or "/" not in key:
        return _unknown_key(where, key, tree)
    return unknown(key, groups(), sentence("is not a known group")).at(where)


def _unknown_part(where: str, key: str, value: Mapping[str, Any], found: Mapping[str, Any]) -> Fault | None:
    """A key of a mapping that is not there."""
    for below, _ in leaves(value):
        if below and lookup(found, below) is MISSING:
            best = nearest(below, dotted_keys(found))
            return Fault(
                f"{where}.{below}", NOT_KNOWN, ", ".join(map(str, found)), f"{key}.{best}" if best else ""
            )
    return None


def _unknown_key(where: str, key: str, tree: Mapping[str, Any]) -> Fault:
    listed = sentence("a key of the configuration (--cfg job lists them)")
    if key.startswith("bank.") and not tree.get("bank"):
        return Fault(where, sentence("this study has no bank of your own"))
    parts = key.split(".")
    scenario, branch = (lookup(tree, ".".join(parts[:depth])) for depth in (2, 3))
    is_new = scenario is not MISSING and branch is MISSING
    if parts[0] == "library" and is_new and parts[2:] and parts[2] in ScenarioDefinition.model_fields:
        return Fault(where, sentence("is not among what this scenario says yet"), suggestion=f"+{key}")
    whole, _, last = key.rpartition(".")
    if last in ("value", "range", "unit", "source", "grade") and lookup(tree, whole) is not MISSING:
        what = sentence("a number is given by its own name")
        meant = f"{whole}=..." if last == "value" else f"{whole}={{value: ..., {last}: ...}}"
        return Fault(where, what, f"{whole}=NUMBER", meant)
    for former, now in (("policy.", "policies."), ("shock.", "shocks."), ("environment.", "environments.")):
        if key.startswith(former):
            renamed = now + key.removeprefix(former).removesuffix(".value")
            best = renamed if lookup(tree, renamed) is not MISSING else nearest(renamed, dotted_keys(tree))
            return Fault(where, NOT_KNOWN, listed, best)
    keys = {*dotted_keys(tree), *(group for group in groups() if "/" not in group)}
    best = nearest(key, keys)
    if not best:
        best = min((other for other in keys if other.rpartition(".")[2] == last), default="")
    return Fault(where, NOT_KNOWN, listed, best)


def _said_by_hydra(error: Exception) -> Fault:
    """What Hydra itself says, when no single word is at fault: in one line."""
    lines = [line.strip() for line in f"{error}\n{error.__cause__ or ''}".splitlines() if line.strip()]
    text = "; ".join(dict.fromkeys(lines[:3])) or type(error).__name__
    return Fault(COMMAND_LINE, Sentence(text, text))
