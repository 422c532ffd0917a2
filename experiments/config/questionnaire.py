"""The items of the questionnaire as a bank answers them: what each is called, and the rungs of its ladder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from agents.items import Item
from experiments.config.data import items
from experiments.config.errors import Refused, Sentence, enumerated, sentence
from experiments.config.names import Names
from experiments.config.units import plain_letters

# What rungs are called, from the ground up, by how many a ladder has above it.
RUNGS: Final[Mapping[int, tuple[Sentence, ...]]] = {
    1: (sentence("not in place"), sentence("in place")),
    2: (sentence("not deployed"), sentence("begun"), sentence("mature")),
    3: (sentence("not deployed"), sentence("begun"), sentence("advanced"), sentence("mature")),
}
NONE: Final = ("none", "no", "无", "没有", "否", "未", "未开始")


@cache
def asked() -> Mapping[str, Item]:
    """Every item by its id, in the order of the questionnaire."""
    return {item.id: item for item in items()}


def title(item: Item) -> Sentence:
    """What an item is called."""
    return Sentence(item.name_en, item.name_zh)


@cache
def item_names() -> Names:
    """Items by what they are called."""
    return Names(dict.fromkeys(asked(), ()), {name: title(item) for name, item in asked().items()})


def rung(item: Item, answer: Any) -> int:
    """The rung that an answer means: ``2``, ``2 mature``, ``mature``, ``成熟``.

    Raises
    ------
    Refused
        With the rungs of the item.
    """
    line = plain_letters(str(answer))
    number = re.fullmatch(r"(\d+)(?:\.0+)?(?:\D.*)?", line)
    if not isinstance(answer, bool) and number and int(number[1]) <= item.rungs:
        return int(number[1])
    if number is None:
        if line in NONE:
            return 0
        for place, words in enumerate(RUNGS[item.rungs]):
            if line in (words.en, words.zh, words.zh.removeprefix("已")):
                return place
        if line in ("yes", "是", "有") and item.rungs == 1:
            return 1
    raise Refused(sentence("{!r} is no rung of {}", answer, title(item)), choices(item))


def choices(item: Item) -> Sentence:
    """The rungs of an item as a message or a drop-down lists them: ``0 not deployed, 1 begun, 2 mature``."""
    return enumerated(
        Sentence(f"{n} {words.en}", f"{n} {words.zh}") for n, words in enumerate(RUNGS[item.rungs])
    )
