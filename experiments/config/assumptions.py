"""What a scenario assumes otherwise: an allocation rule, a network, any number that scenarios usually share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from experiments.config import catalogue
from experiments.config.errors import NOT_KNOWN, Faults, Refused, nearest, sentence, unknown
from experiments.config.folders import groups, parsed
from experiments.config.names import vocabulary
from experiments.config.numbers import WORDS, content, number
from experiments.config.study import StudySettings
from experiments.config.tree import MISSING, dotted_keys, lookup, unfreeze

ROOTS: Final = ("behaviour", "banks", "network", "allocation", "population")
CHOSEN: Final = ("allocation", "network")
SHARED: Final = ("behaviour", "banks", "network", "allocation", "population.questionnaire")
# Numbers that make the banks themselves, which the scenarios of a study share.
OF_THE_POPULATION: Final = ("asset_growth", "focus")


def expanded(
    given: Mapping[str, object], tree: Mapping[str, object], key: str, faults: Faults
) -> dict[str, Any]:
    """The assumptions of a scenario as values by dotted name, those alone that differ from the study's.

    Parameters
    ----------
    given : mapping
        ``{allocation: reinforcement, network: none, behaviour.depreciation: 0.2, banks: {city: {...}}}``.
    tree : mapping
        The composed configuration.
    key : str
        Where the assumptions stand in it.
    faults : Faults
        Grows by what is wrong.
    """
    changes: dict[str, Any] = {}
    for name, value in _flat(given):
        place = faults.where(f"{key}.{name}")
        try:
            if name in CHOSEN and isinstance(value, str):
                changes |= _file(name, value)
            else:
                _check_name(name, tree)
                changes[name] = _sound_value(name, value, lookup(tree, name))
        except Refused as refused:
            faults.refused(f"{key}.{name}", refused)
        except ValidationError as error:
            for one in error.errors(include_url=False):
                below, said = "".join(f".{part}" for part in one["loc"]), one["ctx"]["error"]
                faults.add(f"{place}{below}", said.what, said.allowed)
    return {name: value for name, value in changes.items() if lookup(tree, name) != value}


def _flat(given: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Dotted names with their values: a mapping is a branch unless it is a number of several parts."""
    for key, value in given.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and not catalogue.known(name):
            yield from _flat(value, f"{name}.")
        else:
            yield name, value


def _file(group: str, name: str) -> dict[str, object]:
    """What a file of the group sets, over the layers of the network that is usual."""
    name = vocabulary(group).find(name) or name
    if name not in groups()[group]:
        raise unknown(name, groups()[group])
    usual = content("network/partnerships") if group == "network" else {}
    return {f"{group}.{key}": value for key, value in {**usual, **content(f"{group}/{name}")}.items()}


def _check_name(name: str, tree: Mapping[str, object]) -> None:
    """Refuse what is no number or word that scenarios may have apart."""
    allowed = ", ".join(f"{prefix}.*" for prefix in SHARED)
    if lookup(tree, name) is MISSING:
        raise Refused(NOT_KNOWN, allowed, nearest(name, dotted_keys({k: tree.get(k) for k in ROOTS})))
    in_population = name.startswith("banks.") and name.split(".")[2:3] in [[n] for n in OF_THE_POPULATION]
    if in_population or not name.startswith(tuple(f"{prefix}." for prefix in SHARED)):
        what = sentence("is shared by all scenarios of a study: ask for two studies instead")
        raise Refused(what, allowed, f"-m {name.partition('.')[0]}=...")


def _sound_value(name: str, value: Any, shipped: object) -> object:
    """A value as plain data, when it is sound for its name."""
    whole = catalogue.number_of(name)
    if whole:
        value = value["value"] if catalogue.is_number(value) else value
        return unfreeze(number(value, catalogue.row(whole), shipped))
    options = tuple[Any, ...](WORDS.get(name, (True, False)))
    if isinstance(shipped, bool) != isinstance(value, bool) or value not in options:
        raise unknown(value, options)
    return value


def of_words(words: Sequence[str], settings: StudySettings) -> dict[str, Any]:
    """The assumptions that overrides such as ``allocation=reinforcement`` make, by dotted name.

    Raises
    ------
    ConfigError
        If one is no assumption, or its value is not allowed.
    """
    given = {override.key_or_group: override.value() for override in parsed(words)}
    tree = {group: unfreeze(getattr(settings, group)) for group in ROOTS}
    faults = Faults()
    changes = expanded(given, tree, "analysis.changed", faults)
    faults.stop(settings.report.language)
    return changes
