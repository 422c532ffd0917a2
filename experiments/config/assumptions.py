"""What a scenario assumes otherwise: an allocation rule, a network, any number that scenarios usually share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from experiments.config import catalogue
from experiments.config.errors import Faults, Words, shown
from experiments.config.folders import groups
from experiments.config.names import nearest
from experiments.config.numbers import NOT_KNOWN, WORDS, number, unknown
from experiments.config.sentences import Sentence
from experiments.config.shapes import content
from experiments.config.tree import MISSING, dotted_keys, lookup, unfreeze

if TYPE_CHECKING:
    from experiments.config.study import StudySettings

CHOSEN: Final = ("allocation", "network")
SHARED: Final = ("behaviour", "banks", "network", "allocation", "population.questionnaire")
# Numbers that make the banks themselves, which the scenarios of a study share.
OF_THE_POPULATION: Final = ("asset_growth", "focus")
Where = Callable[[str], str]


def expanded(
    given: Mapping[str, Any], tree: Mapping[str, Any], key: str, faults: Faults, where: Where
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
    where : callable
        From a dotted key to ``file:key``.
    """
    found: dict[str, Any] = {}
    for name, value in _flat(given):
        place = where(f"{key}.{name}")
        if name in CHOSEN and isinstance(value, str):
            found |= _file(name, value, place, faults)
        elif _may_differ(name, tree, place, faults):
            checked = _checked(name, value, tree, place, faults)
            if checked is not MISSING:
                found[name] = checked
    return {name: value for name, value in found.items() if lookup(tree, name) != value}


def _flat(given: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted names with their values: a mapping is a branch unless it is a number of several parts."""
    for key, value in given.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and not catalogue.known(name):
            yield from _flat(value, f"{name}.")
        else:
            yield name, value


def _file(group: str, name: str, place: str, faults: Faults) -> dict[str, Any]:
    """What a file of the group sets, over the layers of the network that is usual."""
    options = groups()[group]
    if name not in options:
        faults.add(place, unknown(name), ", ".join(options), nearest(name, options))
        return {}
    usual = content("network/partnerships") if group == "network" else {}
    return {f"{group}.{key}": value for key, value in {**usual, **content(f"{group}/{name}")}.items()}


def _may_differ(name: str, tree: Mapping[str, Any], place: str, faults: Faults) -> bool:
    allowed: Words = ", ".join(f"{prefix}.*" for prefix in SHARED)
    if lookup(tree, name) is MISSING:
        faults.add(place, NOT_KNOWN, allowed, nearest(name, dotted_keys({k: tree.get(k) for k in _roots()})))
        return False
    in_population = name.startswith("banks.") and name.split(".")[2:3] in [[n] for n in OF_THE_POPULATION]
    if in_population or not name.startswith(tuple(f"{prefix}." for prefix in SHARED)):
        what = Sentence(
            "is shared by all scenarios of a study: ask for two studies instead",
            "为同一研究的各情景所共有：请分作两项研究",
        )
        faults.add(place, what, allowed, f"-m {name.partition('.')[0]}=...")
        return False
    return True


def _roots() -> tuple[str, ...]:
    return ("behaviour", "banks", "network", "allocation", "population")


def _checked(name: str, value: Any, tree: Mapping[str, Any], place: str, faults: Faults) -> Any:
    """A value that is sound for its name, as plain data; `MISSING` with a fault noted otherwise."""
    whole = name
    while whole and not catalogue.known(whole):
        whole = whole.rpartition(".")[0]
    if not whole:
        return _word(name, value, lookup(tree, name), place, faults)
    if catalogue.is_number(value):
        value = value["value"]
    try:
        return unfreeze(number(value, catalogue.row(whole), lookup(tree, name)))
    except ValidationError as error:
        for refusal in error.errors(include_url=False):
            below = "".join(f".{part}" for part in refusal["loc"])
            details = refusal["ctx"]
            faults.add(f"{place}{below}", details["what"], details["allowed"])
        return MISSING


def _word(name: str, value: Any, shipped: Any, place: str, faults: Faults) -> Any:
    options = tuple[Any, ...](WORDS.get(name, (True, False)))
    if isinstance(shipped, bool) != isinstance(value, bool) or value not in options:
        faults.add(
            place, unknown(value), ", ".join(map(str, options)), nearest(shown(value), map(str, options))
        )
        return MISSING
    return value


def of_words(words: Sequence[str], settings: StudySettings) -> dict[str, Any]:
    """The assumptions that overrides such as ``allocation=reinforcement`` make, by dotted name.

    Raises
    ------
    ConfigError
        If one is no assumption, or its value is not allowed.
    """
    from experiments.config.origin import parsed

    given = {override.key_or_group: override.value() for override in parsed(words)}
    tree = {group: unfreeze(getattr(settings, group)) for group in _roots()}
    faults = Faults()
    found = expanded(given, tree, "analysis.changed", faults, lambda key: key)
    faults.stop(settings.report.language)
    return found
