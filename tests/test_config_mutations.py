"""Mutated configurations never end in a traceback, never pass in silence, and get the right suggestion."""

import os
import random
import string

import pytest

from experiments.composition.compose import compose_study
from experiments.composition.composer import Composer
from experiments.composition.shelf import shelf
from experiments.composition.suggestions import Nearest, distance
from experiments.composition.trees import dotted_keys, leaves, lookup
from experiments.faults import ConfigError
from experiments.location import CONF

MUTANTS = int(os.environ.get("CONFIG_MUTANTS", "40"))
LETTERS = string.ascii_lowercase + "_."


@pytest.fixture(scope="module")
def tree() -> dict:
    files = shelf(str(CONF))
    return Composer(files).compose({"scenario": "scenario=full_package"}).tree


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


def test_mistyped_keys_get_the_right_suggestion_first(tree: dict) -> None:
    chance = random.Random(20)
    keys = sorted(set(dotted_keys(tree)))
    known = Nearest(keys)
    typed = [(key, slip(key, chance)) for key in chance.sample(keys, 1200)]
    typed = [(key, word) for key, word in typed if word not in known.words]
    right = sum(known.best(word) == key for key, word in typed)
    assert len(typed) > 1000
    assert right / len(typed) >= 0.95


@pytest.mark.parametrize(
    ("first", "second", "slips"),
    [
        ("", "", 0),
        ("seed", "sede", 1),
        ("seed", "see", 1),
        ("seed", "speed", 1),
        ("seed", "end", 2),
        ("ab", "", 2),
    ],
)
def test_distance_counts_slips(first: str, second: str, slips: int) -> None:
    assert distance(first, second) == distance(second, first) == slips


VALUES = [
    "null", "true", "nan", "inf", "-inf", "1e999", "-1", "0", "'3%'", "''", "' '", "[]", "{}", "[[1]]", "{a:1}",
    "9" * 400, "'../../x'", "'C:\\x'", "中文", "'中文'", "'\u202e'", "'\ud800'", "${seed}", "${a.b}", "${oc.env:X}",
    "'${now:x}'", "!!python/object:x", "a,b", "range(1,3)", "glob(*)", "interval(0,1)", "'x' * 2", "0x10", "1_000",
    "'" + "x" * 3000 + "'", "{_target_:os.system}", "'\\0'", "\\", "(", "'", "=", "@", "~", "[1", "{1:2}", "2024Q5",
]  # fmt: skip


def mutants(tree: dict, number: int) -> list[list[str]]:
    chance = random.Random(21)
    keys = sorted(set(dotted_keys(tree)) | set(shelf(str(CONF)).groups()))
    made = []
    for _ in range(number):
        key, value = chance.choice(keys), chance.choice(VALUES)
        key = slip(key, chance) if chance.random() < 0.4 else key
        made.append(
            [
                "scenarios=[baseline,full_package]",
                chance.choice(["", "", "", "+", "++", "~"]) + f"{key}={value}",
            ]
        )
    return made


def test_mutants_end_in_faults_or_in_what_was_asked(tree: dict) -> None:
    for overrides in mutants(tree, MUTANTS):
        assert outcome(overrides), overrides


def outcome(overrides: list[str]) -> str:
    """The faults as printed, or the study as plain data; anything else is an exception and fails the test."""
    try:
        return repr(compose_study(overrides).plain())
    except ConfigError as error:
        return str(error).encode(errors="backslashreplace").decode()


def test_no_number_leaves_its_range_in_silence(tree: dict) -> None:
    chance = random.Random(22)
    numbers = [
        (key.removesuffix(".unit"), node)
        for key, _ in leaves(tree)
        if key.endswith(".unit") and isinstance(node := lookup(tree, key.removesuffix(".unit")), dict)
    ]
    chosen = chance.sample(numbers, 40)
    wrong = []
    for key, node in chosen:
        value, above = node["value"], node["range"][1] + 1
        name = f"{key}.value"
        if isinstance(value, dict):
            first = next(iter(value))
            name, text = f"{name}.{first}", above
            text = f"{above}" if not isinstance(value[first], list | dict) else "nan"
        elif isinstance(value, list):
            text = "[" + ",".join([str(above)] * len(value)) + "]"
        else:
            text = f"{above}"
        wrong.append(f"{name}={text}")
    with pytest.raises(ConfigError) as caught:
        compose_study(["scenarios=[baseline,full_package]", *wrong])
    found = {fault.where for fault in caught.value.faults}
    missed = [
        text
        for text in wrong
        if not any(where.startswith(f"command line:{text.partition('=')[0]}") for where in found)
    ]
    assert not missed
