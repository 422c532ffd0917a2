"""Commands that went wrong somewhere: a key, a type, a unit, a range, a letter, a path, a whole word."""

import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser

from experiments.config import catalogue
from experiments.config.composition import plain_tree
from experiments.config.folders import groups
from experiments.config.load import compose_study
from experiments.config.tree import MISSING, dotted_keys, lookup

BASE = "scenarios=[baseline]"
FULL = "scenarios=[baseline,full_package]"
LETTERS = string.ascii_lowercase + "_."
TYPES = (
    "null", "true", "nan", "inf", "-inf", "''", "' '", "[]", "{}", "[[1]]", "{a:1}", "a,b", "range(1,3)", "glob(*)",
    "interval(0,1)", "'x' * 2", "0x10", "1_000", "{1:2}", "2024Q5", "[1", "(", "'", "=", "@", "~", "\\", "${seed}",
    "${a.b}", "${oc.env:HOME}", "'${now:x}'", "!!python/object:x", "{_target_:os.system}",
)  # fmt: skip
HUGE = (
    "9" * 400,
    "-" + "9" * 400,
    "1e999",
    "-1e999",
    "1e308",
    "1e-320",
    "18446744073709551616",
    "-1",
    "1e30",
)
RATES = ("1", "0-1", "share", "probability", "relative", "over own build", "percent of")
# Values with a unit, and how the units of the catalogue begin that they could be meant in; wrong for any other.
UNITS = {
    "'3%'": RATES, "3 %": RATES, "'20 bp'": (*RATES, "percentage points"), "'0.1 1/year'": ("1/year", "share a year"),
    "'1/year'": ("1/year", "share a year"), "'5 yuan'": ("yuan",), "'12 banks'": ("banks",),
}  # fmt: skip
LETTERS_OF_OTHERS = (
    "中文", "'中文'", "'\u202e'", "'\ud800'", "'\\0'", "'a\u0301'", "'\ufeff1'", "'１２'", "'0‚5'", "'½'", "'∞'",
    "'" + "x" * 3000 + "'", "'👩‍🏫'", "'\u200b'",
)  # fmt: skip
PATHS = (
    "../policy/none", "../../etc/passwd", "/etc/passwd", "central/../mild", "./central", "C:\\x",
    "central.yaml", "~",
)  # fmt: skip
WORDS = (
    "=", "==", "@", "~", "~seed", "++", "+", "+=3", "a=b=c", "seed", "seed=", "=3", "-x", "--seed=3", "--sede",
    "replay=", "verify=", "verify=/nowhere", "replay=../../x", "--config-dir", "hydra.run.dir=x y", "seed@x=3",
    "policy@x=none", "+policies.x.y=1", "~scenarios", "scenarios=[baseline,", "scenarios=[]", "scenarios=[nothing]",
    "policy=[a,b]", "policy=[]",
    "shock=[none,none]", "+experiment=main,levers", "experiment=nothing", "population=null",
    "\x00", "\ud800=1",
)  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One command.

    `key` is what a mistyped key should have been; `wrong` says that the command may not be accepted, `sound` that it
    must be, with an effect: a laboratory that refuses everything is of no use.
    """

    kind: str
    words: tuple[str, ...]
    key: str | None = None
    wrong: bool = False
    sound: bool = False


class Reference:
    """What the files of conf say when nothing is mutated: every key, and two studies."""

    def __init__(self) -> None:
        self.tree = plain_tree()
        self.groups = sorted(groups())
        self.keys = sorted(set(dotted_keys(self.tree)))
        self.known = {*self.keys, *self.groups}
        self.short = [key for key in self.keys if key.count(".") < 2 and lookup(self.tree, key) is not None]
        self.studies = [stripped(compose_study([words]).plain()) for words in (BASE, FULL)]

    @cached_property
    def numbers(self) -> list[tuple[str, dict[str, Any]]]:
        """Keys and contents of the numbers with a unit."""
        found = []
        for key in self.keys:
            if catalogue.known(key) and lookup(self.tree, key) is not None:
                row = catalogue.row(key)
                node = {"value": lookup(self.tree, key), "unit": row.unit, "range": [row.low, row.high]}
                found.append((key, node))
        return found

    def differs(self, study: dict[str, object]) -> bool:
        """Tell whether a study is another than those without mutation."""
        return stripped(study) not in self.studies

    def asks_for_what_is(self, word: str) -> bool:
        """Tell whether an override sets a key to the value it has anyway."""
        try:
            override = OverridesParser.create().parse_override(word)
            value, there = override.value(), lookup(self.tree, override.key_or_group)
        except Exception:
            return False
        same = override.key_or_group in self.groups or override.key_or_group.startswith("hydra")
        return same or (there is not MISSING and (there == value or str(there) == str(value) or not value))


Mutate = Callable[[Reference, random.Random], Mutant]


def stripped(study: dict[str, object]) -> dict[str, Any]:
    """Leave out of a study the command it came from."""
    return {key: value for key, value in study.items() if key != "overrides"}


def mutants(reference: Reference, number: int, chance: random.Random) -> Iterator[Mutant]:
    """Yield mutants: a quarter mistyped keys, one in twelve sound, the rest wrong values and words of every kind."""
    kinds: list[Mutate] = [
        typo,
        typo,
        value_of(TYPES, "type"),
        unit,
        out_of_range,
        value_of(HUGE, "huge number"),
    ]
    kinds += [letters, path, value_of(LETTERS_OF_OTHERS, "unicode"), word, typo, sound]
    for n in range(number):
        yield kinds[n % len(kinds)](reference, chance)


def start(key: str) -> str:
    """Return the scenarios to start from: with policies only where a policy is meant, because they take longer."""
    return FULL if key.startswith(("policies", "shocks")) else BASE


def slip(text: str, chance: random.Random) -> str:
    """Leave one letter out, add one, change one, or swap two."""
    at, letter = chance.randrange(len(text)), chance.choice(LETTERS)
    swapped = text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]
    added, changed = text[:at] + letter + text[at:], text[:at] + letter + text[at + 1 :]
    return chance.choice([text[:at] + text[at + 1 :], added, changed, swapped])


def typo(reference: Reference, chance: random.Random) -> Mutant:
    """Mistype the key of a sound override."""
    while True:
        key = chance.choice(reference.keys)
        typed = slip(key, chance)
        if typed not in reference.known and typed.strip(".") and not typed.startswith("hydra"):
            return Mutant("key", (start(key), f"{typed}=1"), key, True)


def value_of(values: tuple[str, ...], kind: str) -> Mutate:
    """Return what gives a key one of these values."""

    def mutate(reference: Reference, chance: random.Random) -> Mutant:
        key = chance.choice(
            chance.choice([reference.keys, reference.keys, reference.short, reference.groups])
        )
        sign = chance.choice(["", "", "", "", "", "+", "++", "~"])
        return Mutant(kind, (start(key), f"{sign}{key}={chance.choice(values)}"))

    return mutate


def unit(reference: Reference, chance: random.Random) -> Mutant:
    """Give a number another unit, or write a unit behind its value."""
    key, node = chance.choice(reference.numbers)
    if chance.random() < 0.5:
        return Mutant(
            "unit",
            (start(key), f"{key}={{value: 1, unit: {chance.choice(['bananas', 'percent', 'yuan', '1'])}}}"),
        )
    value = chance.choice(list(UNITS))
    return Mutant("unit", (start(key), f"{key}={value}"), wrong=not node["unit"].startswith(UNITS[value]))


def out_of_range(reference: Reference, chance: random.Random) -> Mutant:
    """Put a number just or far outside its range."""
    key, node = chance.choice(reference.numbers)
    low, high = node["range"]
    far = chance.choice([1e-6, 1.0, 1e6])
    number = repr(float(chance.choice([low - far - 1e-9 * abs(low), high + far + 1e-9 * abs(high)])))
    value = node["value"]
    if isinstance(value, list):
        number = f"[{','.join([number] * len(value))}]"
    elif isinstance(value, dict):
        first = next(iter(value))
        inner = value[first]
        key, number = f"{key}.{first}", f"[{number}]" if isinstance(inner, list) else number
        return Mutant("range", (start(key), f"{key}={number}"), wrong=True)
    return Mutant("range", (start(key), f"{key}={number}"), wrong=True)


def letters(reference: Reference, chance: random.Random) -> Mutant:
    """Put a letter that only looks right into a key."""
    key = chance.choice([key for key in reference.keys if set("aeop") & set(key)])
    at = chance.choice([n for n, letter in enumerate(key) if letter in "aeop"])
    other = {"a": "а", "e": "е", "o": "ο", "p": "р"}[key[at]]
    return Mutant("unicode", (start(key), f"{key[:at]}{other}{key[at + 1 :]}=1"), wrong=True)


def path(reference: Reference, chance: random.Random) -> Mutant:
    """Choose a file of a group by a path, or put one where a name belongs."""
    if chance.random() < 0.2:
        return Mutant("path", (BASE, f"name='{chance.choice(PATHS[:4])}'"), wrong=True)
    return Mutant("path", (BASE, f"{chance.choice(reference.groups)}={chance.choice(PATHS)}"), wrong=True)


def word(reference: Reference, chance: random.Random) -> Mutant:
    """Give a word that is no override, or a wrong one."""
    return Mutant("word", (BASE, chance.choice(WORDS)))


def sound(reference: Reference, chance: random.Random) -> Mutant:
    """Move a number within its range."""
    while True:
        key, node = chance.choice(reference.numbers)
        low, high = node["range"]
        value = node["value"]
        if isinstance(value, float) and key.startswith("behaviour."):
            break
    other = value + (0.3 if value < (low + high) / 2 else -0.3) * (high - low)
    return Mutant("sound", (BASE, f"{key}={other!r}"), sound=True)
