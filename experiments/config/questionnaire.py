"""The items of the questionnaire as a bank answers them: what each is called, and the rungs of its ladder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from experiments.config.data import read_items
from experiments.config.errors import Refused, Sentence, enumerated, sentence
from experiments.config.names import Names
from experiments.config.units import plain_letters

# What a rung is called, by how many rungs a ladder has above the ground.
RUNGS: Final[Mapping[int, tuple[Sentence, ...]]] = {
    1: (sentence("not in place"), sentence("in place")),
    2: (sentence("not deployed"), sentence("begun"), sentence("mature")),
    3: (sentence("not deployed"), sentence("begun"), sentence("advanced"), sentence("mature")),
}
NONE: Final = ("none", "no", "无", "没有", "否", "未", "未开始")


@dataclass(frozen=True)
class Asked:
    """An item as it is asked.

    Parameters
    ----------
    id : str
    title : Sentence
    dimension : str
    family : str
        What moves it; people and spending are read off a bank's staff and books.
    rungs : int
        Rungs above the ground.
    shares : tuple of float
        Share of surveyed banks on each rung or above, 0-1.
    """

    id: str
    title: Sentence
    dimension: str
    family: str
    rungs: int
    shares: tuple[float, ...]

    @property
    def words(self) -> tuple[Sentence, ...]:
        """What its rungs are called, from the ground up."""
        return RUNGS[self.rungs]


@cache
def asked() -> Mapping[str, Asked]:
    """Every item by its id, in the order of the questionnaire."""
    found = {}
    for row in read_items():
        rungs = int(row["rungs"])
        found[row["id"]] = Asked(
            row["id"],
            Sentence(row["name_en"], row["name_zh"]),
            row["dimension"],
            row["family"],
            rungs,
            tuple(float(row[f"share_{rung}"]) for rung in range(1, rungs + 1)),
        )
    return found


@cache
def item_names() -> Names:
    """Items by what they are called."""
    return Names(dict.fromkeys(asked(), ()), {name: item.title for name, item in asked().items()})


def rung(item: Asked, answer: Any) -> int:
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
        for place, words in enumerate(item.words):
            if line in (words.en, words.zh, words.zh.removeprefix("已")):
                return place
        if line in ("yes", "是", "有") and item.rungs == 1:
            return 1
    raise Refused(sentence("{!r} is no rung of {}", answer, item.title), choices(item))


def choices(item: Asked) -> Sentence:
    """The rungs of an item as a message or a drop-down lists them: ``0 not deployed, 1 begun, 2 mature``."""
    return enumerated(Sentence(f"{n} {words.en}", f"{n} {words.zh}") for n, words in enumerate(item.words))
