"""Mutated configurations never end in a traceback, never pass in silence, and get the right suggestion."""

import os
import random
import string
from typing import Any

import pytest

from experiments.config import catalogue
from experiments.config.composition import plain_tree
from experiments.config.errors import ConfigError, nearest
from experiments.config.folders import groups
from experiments.config.load import compose_study
from experiments.config.numbers import shapes
from experiments.config.tree import dotted_keys

MUTANTS = int(os.environ.get("CONFIG_MUTANTS", "25"))
LETTERS = string.ascii_lowercase + "_."
KEYS = sorted(dotted_keys(plain_tree()))


def slip(word: str, chance: random.Random) -> str:
    """One letter left out, added, changed, or swapped with its neighbour."""
    at, letter = chance.randrange(len(word)), chance.choice(LETTERS)
    return chance.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
            word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
        ]
    )


def test_mistyped_keys_get_the_right_suggestion_first() -> None:
    chance = random.Random(20)
    typed = [(key, slip(key, chance)) for key in chance.sample(KEYS, 500)]
    typed = [(key, word) for key, word in typed if word not in KEYS]
    right = sum(nearest(word, KEYS) == key for key, word in typed)
    assert len(typed) > 400
    assert right / len(typed) >= 0.95


VALUES = [
    "null", "true", "nan", "inf", "-inf", "1e999", "-1", "0", "'3%'", "''", "' '", "[]", "{}", "[[1]]", "{a:1}",
    "9" * 400, "'../../x'", "'C:\\x'", "中文", "'中文'", "'\u202e'", "'\ud800'", "${seed}", "${a.b}", "${oc.env:X}",
    "'${now:x}'", "!!python/object:x", "a,b", "range(1,3)", "glob(*)", "interval(0,1)", "'x' * 2", "0x10", "1_000",
    "'" + "x" * 3000 + "'", "{_target_:os.system}", "'\\0'", "\\", "(", "'", "=", "@", "~", "[1", "{1:2}", "2024Q5",
]  # fmt: skip


def mutants(number: int) -> list[list[str]]:
    chance = random.Random(21)
    keys = sorted({*KEYS, *groups()})
    made = []
    for _ in range(number):
        key, value = chance.choice(keys), chance.choice(VALUES)
        key = slip(key, chance) if chance.random() < 0.4 else key
        sign = chance.choice(["", "", "", "+", "++", "~"])
        made.append(["scenarios=[baseline,full_package]", f"{sign}{key}={value}"])
    return made


@pytest.mark.slow
def test_mutants_end_in_faults_or_in_what_was_asked() -> None:
    for overrides in mutants(MUTANTS):
        assert outcome(overrides), overrides


def outcome(overrides: list[str]) -> str:
    """The faults as printed, or the study as plain data; anything else is an exception and fails the test."""
    try:
        return repr(compose_study(overrides).plain())
    except ConfigError as error:
        return str(error).encode(errors="backslashreplace").decode()


def test_no_number_leaves_its_range_in_silence() -> None:
    """Every number of the groups, put above its range, in one pass."""
    wrong = []
    for group, tree in shapes().items():
        for key in dotted_keys(tree):
            name = f"{group}.{key}"
            if catalogue.known(name):
                wrong.append(
                    (name, f"{name.replace('*', 'central')}={written(above(lookup(tree, key), name))}")
                )
    with pytest.raises(ConfigError) as caught:
        compose_study(["scenarios=[baseline]", *(text for _, text in wrong)])
    found = {fault.where for fault in caught.value.faults}
    places = [f"command line:{name.replace('*', 'central')}" for name, _ in wrong]
    assert len(wrong) > 200
    assert not [place for place in places if not any(where.startswith(place) for where in found)]


def lookup(tree: Any, key: str) -> Any:
    for name in key.split("."):
        tree = tree[name]
    return tree


def above(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {key: above(item, name) for key, item in value.items()}
    if isinstance(value, list):
        return [above(item, name) for item in value]
    return catalogue.row(name).high + 1


def written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {written(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(map(written, value)) + "]" if isinstance(value, list) else repr(float(value))
